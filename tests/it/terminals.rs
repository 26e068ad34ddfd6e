//! What people see who sit at a terminal: colors, widths, progress. `script` gives the program one.

use crate::cli::{Folder, ready};
use std::process::Command;

/// What a command shows on a terminal so many columns wide; nothing where there is no `script`.
fn shown(folder: &Folder, line: &str, columns: u16, variables: &[(&str, &str)]) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_jurat");
    let line = format!("stty rows 40 cols {columns}; '{program}' {line}");
    let mut command = Command::new("script");
    folder.complete(command.args(["-qec", &line, "/dev/null"]));
    command.env("TERM", "xterm").env_remove("NO_COLOR").envs(variables.iter().copied());
    let output = command.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"))
}

/// The text without colors.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let after = |part: &str| part.split_once('m').map_or("", |(_, text)| text).to_owned();
    parts.fold(first, |text, part| text + &after(part))
}

fn with_a_run() -> Folder {
    let folder = ready();
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out"]).code(0);
    folder
}

#[test]
fn tables_are_as_wide_as_the_terminal() {
    let folder = with_a_run();
    let Some(narrow) = shown(&folder, "report out", 70, &[]) else { return };
    let Some(wide) = shown(&folder, "report out", 150, &[]) else { return };
    let widest = |text: &str| plain(text).lines().map(|line| line.chars().count()).max();
    assert!(widest(&narrow) <= Some(70), "{narrow}");
    assert!(widest(&wide) > Some(70) && widest(&wide) <= Some(150), "{wide}");
    let piped = folder.run(&["report", "out"]).code(0).out;
    assert!(!piped.contains('\u{1b}') && piped.contains("promo"));
}

#[test]
fn colors_are_for_those_who_want_them() {
    let folder = with_a_run();
    folder.write("wrong.yaml", "spec: 1\nlabls: [a, b]\n");
    for line in ["report out", "run gone.yaml data.csv", "check wrong.yaml"] {
        for (variables, colored) in [
            (&[][..], true),
            (&[("NO_COLOR", "")], true),
            (&[("NO_COLOR", "1")], false),
            (&[("TERM", "dumb")], false),
        ] {
            let Some(text) = shown(&folder, line, 100, variables) else { return };
            assert_eq!(text.contains("\u{1b}["), colored, "{line}, {variables:?}: {text}");
        }
    }
    let Some(text) = shown(&folder, "run spec.yaml gone.csv -o new", 100, &[]) else { return };
    assert!(text.contains("\u{1b}[1;91merror\u{1b}[0m: "), "{text:?}");
    assert!(plain(&text).contains("gone.csv"), "{text}");
}

#[test]
fn progress_is_taken_away_when_it_is_done() {
    let folder = ready();
    let Some(text) = shown(&folder, "run spec.yaml data.csv -o new", 100, &[]) else { return };
    let (bar, _) = text.split_once("\r\u{1b}[2Kvoted on 5 rows in ").expect("the bar is wiped");
    assert!(bar.contains("5 rows  "), "{bar:?}");
    let quiet = shown(&folder, "run -q spec.yaml data.csv -o quiet", 100, &[]);
    assert!(!quiet.expect("a terminal").contains("voted on"));
}
