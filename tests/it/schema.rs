//! The JSON Schema of specs: what is right passes, and of what is wrong it knows what it can know.

use super::spec_files::specs_in;
use serde_json::Value;
use std::path::Path;

/// The form of specs, as an editor sees it.
struct Schema {
    all: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    /// The schema, which must itself be one of draft-07.
    fn of_specs() -> Self {
        Self::of(None)
    }

    fn of(spec: Option<&jurat::Spec>) -> Self {
        let document: Value = serde_json::from_str(&jurat::job::schema(spec)).expect("JSON");
        assert_eq!(document["$schema"], "http://json-schema.org/draft-07/schema#");
        let mut all = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.add_resource("schema.json", document).expect("a resource");
        let index = compiler.compile("schema.json", &mut all).expect("a schema of draft-07");
        Self { all, index }
    }

    /// What is wrong with a spec.
    fn wrong(&self, spec: &Value) -> Option<String> {
        self.all.validate(spec, self.index).err().map(|error| format!("{error:#}"))
    }
}

fn yaml(text: &str) -> Option<Value> {
    serde_saphyr::from_str(text.trim_start_matches('\u{feff}')).ok()
}

#[test]
fn every_spec_in_the_tree_passes() {
    let schema = Schema::of_specs();
    for (path, text) in specs_in(&["lf_specs"]) {
        let spec = yaml(&text).expect("YAML");
        assert_eq!(schema.wrong(&spec), None, "{path}");
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
    let schema = Schema::of_specs();
    let (mut found, mut missed) = (0, Vec::new());
    for (path, text) in specs_in(&["tests/data/errors"]) {
        let message =
            std::fs::read_to_string(Path::new(&path).with_extension("txt")).expect("a golden file");
        let name = Path::new(&path).file_name().expect("a file").to_string_lossy().into_owned();
        let of_form = message.split("\n\n").any(|problem| {
            // A schema sees one file at a time, and cannot know whether a cell of an example fits its
            // column, though that has a code of the form.
            problem.contains(&format!("/{name}:"))
                && !problem.contains("`age` holds numbers")
                && FORM.iter().any(|code| problem.starts_with(&format!("error[{code}]")))
        });
        let Some(spec) = yaml(&text) else { continue };
        match (of_form, schema.wrong(&spec).is_none()) {
            (true, true) => missed.push(path),
            (_, false) => found += 1,
            (false, true) => {}
        }
    }
    assert!(missed.is_empty(), "{found} found, missed: {missed:#?}");
}

#[test]
fn the_schema_of_one_spec_knows_its_names() {
    for (path, text) in specs_in(&["lf_specs"]) {
        let spec = jurat::Spec::sketch(&path).expect("a spec");
        let schema = Schema::of(Some(&spec));
        assert_eq!(schema.wrong(&yaml(&text).expect("YAML")), None, "{path}");
    }
    let path = std::env::temp_dir().join(format!("jurat-names-{}.yaml", std::process::id()));
    let text = |label: &str, util: &str, table: &str| {
        format!(
            "spec: 1\nlabels: [spam, 7]\nlookups: {{sites: {{file: t.csv, key: k}}}}\nutils: {{polite: {{keyword: [please]}}}}\nlfs:\n  - {{name: a, label: {label}, when: {{matches: {util}}}}}\n  - {{name: b, label: {{not: [spam]}}, when: {{lookup: {{table: {table}}}}}}}\n"
        )
    };
    std::fs::write(&path, text("spam", "polite", "sites")).expect("written");
    let spec = jurat::Spec::sketch(&path).expect("its form is right, whatever its names");
    std::fs::remove_file(&path).expect("removed");
    let schema = Schema::of(Some(&spec));
    for (label, util, table, right) in [
        ("spam", "polite", "sites", true),
        ("7", "polite", "sites", true),
        ("'7'", "polite", "sites", true),
        ("\"${which}\"", "polite", "sites", true),
        ("spam", "\"${util}\"", "sites", true),
        ("spma", "polite", "sites", false),
        ("spam", "plite", "sites", false),
        ("spam", "polite", "site", false),
    ] {
        let wrong = schema.wrong(&yaml(&text(label, util, table)).expect("YAML"));
        assert_eq!(wrong.is_none(), right, "{label} {util} {table}: {wrong:?}");
    }
}
