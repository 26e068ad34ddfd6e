//! What users read when a spec is wrong: for each `tests/data/errors/NAME.yaml` the text in
//! `NAME.txt`. `UPDATE_GOLDEN=1` writes the texts anew; look at what has changed.

use jurat::Spec;
use jurat::job::Job;
use jurat::lf::{ExampleResult, SpecErrors};

const FOLDER: &str = "tests/data/errors";

fn check(path: &str) -> Result<Vec<ExampleResult>, SpecErrors> {
    let (spec, job) = Job::load(path)?;
    job.lfs.run_examples(&spec)
}

/// The names of all wrong specs, in order.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(FOLDER).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn messages_are_those_on_record() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut failures = Vec::new();
    for name in names() {
        let path = format!("{FOLDER}/{name}.yaml");
        let text = match check(&path) {
            Ok(_) => {
                failures.push(format!("{path}: nothing is found wrong"));
                continue;
            }
            Err(errors) => format!("{errors}\n"),
        };
        let golden = format!("{FOLDER}/{name}.txt");
        if update {
            std::fs::write(&golden, &text).expect("the golden file can be written");
        }
        let wanted = std::fs::read_to_string(&golden).unwrap_or_default();
        if text != wanted {
            failures.push(format!("{golden} differs; now it is\n{text}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Endings depend on the features of the build, and what the system says on the system.
#[test]
fn messages_that_differ_between_builds() {
    let spec = |file: &str| {
        format!(
            "spec: 1
labels: [a, b]
lookups: {{t: {{file: {file}, key: key}}}}
lfs: [{{name: x, label: a, when: {{keyword: [x]}}}}]"
        )
    };
    for (file, wanted) in [
        ("tables/good.txt", "cannot tell the format from the name; use one of"),
        ("tables/nowhere.csv", "tables/nowhere.csv: "),
    ] {
        let spec = Spec::from_yaml(&spec(file), &format!("{FOLDER}/spec.yaml")).expect("valid");
        let text = Job::new(&spec).err().expect("an error").to_string();
        assert!(text.contains(wanted), "{text}");
        assert!(text.contains("spec.yaml:3:21"), "{text}");
    }
    let text = check("tests/data/errors/nowhere.yaml").expect_err("no file").to_string();
    assert!(text.contains("nowhere.yaml"), "{text}");
}
