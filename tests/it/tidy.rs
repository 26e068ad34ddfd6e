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

/// The layers, and what each may see of the others. The command line sees everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("input", &[]),
    ("votes", &["input"]),
    ("lf", &["input", "votes"]),
    ("model", &["votes"]),
    ("classifier", &["input", "model"]),
    ("report", &["votes", "lf", "model"]),
    ("output", &["input", "votes", "model"]),
    ("answers", &["input", "votes"]),
    ("job", &["input", "votes", "lf", "model", "classifier", "report", "output", "answers"]),
    ("diff", &["input", "votes", "lf", "model", "report", "output", "answers", "job"]),
    (
        "review",
        &["input", "votes", "lf", "model", "classifier", "report", "output", "answers", "job"],
    ),
    ("merge", &["input", "output", "answers", "job"]),
    ("export", &["input", "votes", "lf", "model", "report", "output", "answers", "job", "review"]),
    ("resample", &[]),
    ("sample", &["input", "lf"]),
    ("edit", &["input", "lf", "output"]),
    ("demo", &[]),
    ("cli", &[]),
];

#[test]
fn layers_see_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for (layer, below) in LAYERS.iter().filter(|(layer, _)| *layer != "cli") {
        let mut files = sources(&format!("src/{layer}"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{layer}.rs"));
        files.extend(std::fs::read_to_string(&root).ok().map(|text| (root, text)));
        let above = || {
            let others = LAYERS.iter().map(|(other, _)| other);
            others.filter(|other| *other != layer && !below.contains(*other))
        };
        for (path, text) in files {
            for (number, line) in text.lines().enumerate() {
                let seen = above().any(|other| {
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
