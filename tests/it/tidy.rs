//! The layers and habits that keep the code easy to change.

use std::path::{Path, PathBuf};

/// The source files below a folder.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources below {folder}");
    found
}

/// What each layer may not see.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "src/votes",
        &[
            "lf", "model", "report", "output", "answers", "job", "diff", "review", "edit",
            "export", "cli",
        ],
    ),
    (
        "src/input",
        &[
            "lf", "model", "votes", "report", "output", "answers", "job", "diff", "review", "edit",
            "export", "cli",
        ],
    ),
    (
        "src/lf",
        &["model", "report", "output", "answers", "job", "diff", "review", "edit", "export", "cli"],
    ),
    (
        "src/model",
        &[
            "lf", "input", "report", "output", "answers", "job", "diff", "review", "edit",
            "export", "cli",
        ],
    ),
    (
        "src/report",
        &["input", "output", "answers", "job", "diff", "review", "edit", "export", "cli"],
    ),
    ("src/output", &["lf", "report", "answers", "job", "diff", "review", "edit", "export", "cli"]),
    (
        "src/answers",
        &["lf", "model", "report", "output", "job", "diff", "review", "edit", "export", "cli"],
    ),
    ("src/job", &["diff", "review", "edit", "export", "cli"]),
    ("src/diff", &["review", "edit", "export", "cli"]),
    ("src/review", &["diff", "edit", "export", "cli"]),
    ("src/export", &["diff", "edit", "cli"]),
    (
        "src/edit",
        &["model", "votes", "report", "answers", "job", "diff", "review", "export", "cli"],
    ),
    (
        "src/demo",
        &[
            "lf", "input", "model", "votes", "report", "output", "answers", "job", "diff",
            "review", "edit", "export", "cli",
        ],
    ),
];

#[test]
fn layers_see_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for (layer, forbidden) in FORBIDDEN {
        for (path, text) in sources(layer) {
            for (number, line) in text.lines().enumerate() {
                let seen = forbidden.iter().any(|other| {
                    line.contains(&format!("crate::{other}::"))
                        || line.trim_start().starts_with(&format!("use crate::{other};"))
                });
                if seen && !line.trim_start().starts_with("//") {
                    wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn few_files_know_each_heavy_library() {
    // `hashbrown` is light, and is used where the maps of the standard library cannot do.
    for (library, home) in [
        ("argmin::", "optimize.rs"),
        ("cel::", "syntax.rs"),
        ("hashbrown::", "counter.rs keys.rs"),
        ("nalgebra::", "linalg.rs"),
        ("regex_automata::", "automaton.rs"),
        ("ndarray_linalg::", "linalg.rs"),
        ("serde_saphyr::", "yaml.rs"),
        ("annotate_snippets::", "error.rs"),
        ("comfy_table::", "terminal.rs"),
        ("::polars::", "polars.rs"),
        ("ctrlc::", "interrupt.rs"),
        ("calamine::", "spreadsheet.rs"),
        ("rust_xlsxwriter::", "workbook.rs"),
    ] {
        for (path, text) in sources("src") {
            let known =
                path.file_name().is_some_and(|name| home.split(' ').any(|home| name == home));
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(
                known || !code.into_iter().any(|line| line.contains(library)),
                "{library} in {}",
                path.display()
            );
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut lengths = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        if !Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).exists() {
            continue;
        }
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{} has {lines} lines", path.display());
            assert!(text.starts_with("//!"), "{} does not say what it is", path.display());
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 200, "the median file has {median} lines");
}

#[test]
fn only_the_command_line_knows_clock_and_environment() {
    for (path, text) in sources("src") {
        if path.components().any(|part| part.as_os_str() == "cli") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["SystemTime", "Instant::now", "env::var", "process::exit", "static mut"] {
            assert!(!code.contains(word), "{word} in {}", path.display());
        }
    }
}

/// The table of promises names tests that are there.
#[test]
fn promises_name_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/promises.md")).expect("the page");
    let mut named = 0;
    for name in page.split('`').skip(1).step_by(2).filter(|name| name.contains("::")) {
        let Some((module, test)) = name.rsplit_once("::") else { continue };
        let file = match module.strip_suffix("::tests") {
            Some(module) => root.join("src").join(module.replace("::", "/")).with_extension("rs"),
            None if module.chars().all(char::is_lowercase) => {
                root.join("tests/it").join(module).with_extension("rs")
            }
            // A name of the library, such as `Reach::Anywhere`.
            None => continue,
        };
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}(")), "{name} is not in {}", file.display());
        named += 1;
    }
    assert!(named > 40, "{named}");
}
