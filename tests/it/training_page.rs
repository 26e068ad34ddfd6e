//! docs/training.md, followed to the letter: its commands run in order, and what it quotes comes out. The e-mails
//! come from npm; without them this test is skipped, unless `JURAT_PAGE=required`.

use super::cli::Folder;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How the page starts the example, which is run as it was built beside the program.
const EXAMPLE: &str = "cargo run --release --example spam_assassin --";

/// Where the page lets npm put the e-mails.
const PACKAGE: &str = "target/spam-assassin/node_modules";

/// Where they are kept for the next time.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("spam-assassin-package")
}

/// A part of the page.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// What there is to read, a paragraph or line of a table.
    Words(String),
    /// Commands to run.
    Commands(String),
    /// What they print.
    Output(String),
}

/// The page in parts, in order; blocks in other languages are left out.
fn parts(page: &str) -> Vec<Part> {
    let (mut parts, mut words) = (Vec::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            words += line;
            words.push('\n');
            continue;
        };
        parts.push(Part::Words(std::mem::take(&mut words)));
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let block = block.join("\n");
        match language {
            "sh" => parts.push(Part::Commands(block)),
            "text" => parts.push(Part::Output(block)),
            _ => {}
        }
    }
    parts.push(Part::Words(words));
    parts
}

/// Numbers of two digits or more, such as `2,450` and `95.7`, without those in code.
fn numbers(words: &str) -> BTreeSet<String> {
    let prose = words.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let number = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    let found = prose.split(|c: char| !number(c)).map(|n| n.trim_matches([',', '.']));
    found.filter(|n| n.len() >= 2).map(|n| n.replace(',', "")).collect()
}

#[test]
fn pages_come_apart() {
    let page = "Of 2,450 rows, 12.\n```sh\na\nb\n```\n\n```text\nc\n```\nsee `x 999`";
    let commands = Part::Commands("a\nb".to_owned());
    let words = [Part::Words("Of 2,450 rows, 12.\n".into()), Part::Words("\n".into())];
    let [first, second] = words;
    let rest = [Part::Output("c".into()), Part::Words("see `x 999`\n".into())];
    let expected: Vec<Part> = [first, commands, second].into_iter().chain(rest).collect();
    assert_eq!(parts(page), expected);
    assert_eq!(
        numbers("2,450 rows, 12 or 95.7 %; `x 999`"),
        ["12", "2450", "95.7"].map(Into::into).into()
    );
}

/// The folder that the page works in, with the package as it was fetched before; and the example.
struct Stage {
    folder: Folder,
    example: PathBuf,
    path: OsString,
    said: String,
}

impl Stage {
    fn new() -> Result<Self, String> {
        let jurat = Path::new(env!("CARGO_BIN_EXE_jurat"));
        let programs = jurat.parent().ok_or("the program is nowhere")?;
        let example = programs.join("examples/spam_assassin");
        if !example.is_file() {
            return Err("the example was not built; run `cargo test` as a whole".to_owned());
        }
        let npm = Command::new("npm").arg("--version").stdout(Stdio::null()).status();
        npm.map_err(|error| format!("npm does not start: {error}"))?;
        let folder = Folder::new();
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("lf_specs");
        std::os::unix::fs::symlink(specs, folder.path("lf_specs")).map_err(|e| e.to_string())?;
        let earlier = std::env::var_os("PATH").unwrap_or_default();
        let all = [programs.to_owned()].into_iter().chain(std::env::split_paths(&earlier));
        let path = std::env::join_paths(all).map_err(|error| error.to_string())?;
        folder.write("where", &folder.path("").display().to_string());
        if kept().is_dir() {
            let package = folder.path(PACKAGE);
            let made = package.parent().map_or(Ok(()), std::fs::create_dir_all);
            made.and_then(|()| std::os::unix::fs::symlink(kept(), package))
                .map_err(|error| error.to_string())?;
        }
        Ok(Self { folder, example, path, said: String::new() })
    }

    /// Runs commands where the last ones ended, and gives all that they print; why they failed otherwise.
    fn run(&mut self, commands: &str) -> Result<String, String> {
        let commands = commands.replace(EXAMPLE, &format!("'{}'", self.example.display()));
        let ends = self.folder.path("where");
        let script = format!("set -eu\n{commands}\npwd > '{}'\n", ends.display());
        let place = std::fs::read_to_string(&ends).map_err(|error| error.to_string())?;
        let mut command = Command::new("sh");
        self.folder.complete(command.args(["-c", &script]));
        let output = command.current_dir(place.trim()).env("PATH", &self.path).output();
        let output = output.map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        self.said += &said;
        if output.status.success() { Ok(said) } else { Err(format!("{commands}\n{said}")) }
    }
}

/// The folder with the e-mails, or none where they cannot be had and nobody insists.
#[expect(clippy::print_stderr, reason = "that a test is skipped must be seen")]
fn stage(first: &str) -> Option<Stage> {
    let started = Stage::new().and_then(|mut stage| stage.run(first).map(|_| stage));
    match started {
        Ok(stage) => Some(stage),
        Err(why) if std::env::var_os("JURAT_PAGE").is_some_and(|wish| wish == "required") => {
            panic!("JURAT_PAGE=required, but {why}")
        }
        Err(why) => {
            eprintln!("skipped: {why}; with npm and a network it runs");
            None
        }
    }
}

/// The share of labels that `jurat merge` found to be the same in all sources, in percent.
fn shares(said: &str) -> BTreeSet<String> {
    let share = |line: &str| -> Option<String> {
        let (rows, line) = line.split_once(" rows, ")?;
        let (_, differ) = line.split_once("different labels to ")?;
        let rows: f64 = rows.parse().ok()?;
        let differ: f64 = differ.strip_suffix(" rows")?.parse().ok()?;
        Some(format!("{:.1}", 100.0 * (1.0 - differ / rows)))
    };
    said.lines().filter_map(share).collect()
}

/// Each quoted line is printed, in this order; one that ends in `…` is the start of a line.
fn quoted(lines: &str, said: &str) {
    let mut printed = said.lines().map(str::trim);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "…") {
        let found = match line.strip_suffix('…') {
            Some(start) => printed.any(|one| one.starts_with(start.trim_end())),
            None => printed.any(|one| one == line),
        };
        assert!(found, "the page quotes `{line}`, but what came was\n{said}");
    }
}

#[test]
fn its_commands_run_and_its_figures_come_out() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/training.md");
    let parts = parts(&std::fs::read_to_string(page).expect("the page"));
    let first = parts.iter().position(|part| matches!(part, Part::Commands(_)));
    let first = first.expect("commands");
    let Part::Commands(commands) = &parts[first] else { unreachable!("these are commands") };
    let Some(mut stage) = stage(commands) else { return };
    // On another disk they cannot be moved, and are fetched again.
    if !kept().is_dir() {
        let _ = std::fs::rename(stage.folder.path(PACKAGE), kept());
    }
    let mut said = stage.said.clone();
    let mut known = &numbers(commands) | &numbers(&said);
    let sayable = |words: &str, known: &BTreeSet<String>| {
        let unknown = &numbers(words) - known;
        assert!(unknown.is_empty(), "where from? {unknown:?} in\n{words}");
    };
    for part in parts[..first].iter().chain(&parts[first + 1..]) {
        match part {
            Part::Words(words) => sayable(words, &known),
            Part::Commands(commands) => {
                said = stage.run(commands).unwrap_or_else(|why| panic!("{why}"));
                known.extend(numbers(commands));
                known.extend(shares(&said));
            }
            Part::Output(lines) => {
                quoted(lines, &said);
                known.extend(numbers(lines));
            }
        }
    }
}
