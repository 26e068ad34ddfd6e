//! The JSON Schema of specs: what is right passes, and of what is wrong it knows what it can know.

use serde_json::Value;
use std::path::Path;

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&jurat::job::schema()).expect("JSON");
    jsonschema::draft7::meta::validate(&schema).expect("a schema of draft-07");
    jsonschema::draft7::new(&schema).expect("it compiles")
}

fn yaml(text: &str) -> Option<Value> {
    serde_saphyr::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("readable")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .filter_map(|path| Some((path.to_string_lossy().into_owned(), std::fs::read_to_string(&path).ok()?)))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn every_spec_in_the_tree_passes() {
    let validator = validator();
    for (path, text) in files("lf_specs") {
        let spec = yaml(&text).expect("YAML");
        let wrong: Vec<String> = validator.iter_errors(&spec).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:#?}");
    }
}

/// What is wrong with the form of a spec, by the code of the message.
const FORM: [&str; 9] = [
    "unknown-key",
    "unknown-kind",
    "missing-key",
    "type",
    "empty-list",
    "too-few-labels",
    "conflicting-keys",
    "condition",
    "version",
];

#[test]
fn the_schema_finds_what_is_wrong_with_the_form() {
    let validator = validator();
    let (mut found, mut missed) = (0, Vec::new());
    for (path, text) in files("tests/data/errors") {
        let message = std::fs::read_to_string(Path::new(&path).with_extension("txt")).expect("a golden file");
        let of_form = FORM.iter().any(|code| message.contains(&format!("error[{code}]")));
        let Some(spec) = yaml(&text) else { continue };
        match (of_form, validator.is_valid(&spec)) {
            (true, true) => missed.push(path),
            (_, false) => found += 1,
            (false, true) => {}
        }
    }
    assert!(missed.is_empty(), "{found} found, missed: {missed:#?}");
}
