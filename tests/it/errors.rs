//! What users read when a spec is wrong: for each `tests/data/errors/NAME.yaml` the text in
//! `NAME.txt`. `UPDATE_GOLDEN=1` writes the texts anew; look at what has changed.

use jurat::job::Job;
use jurat::lf::{ExampleResult, SpecErrors};
use jurat::{LfSet, Spec};

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

/// The parser has limits on depth and aliases, so that no text can exhaust the machine.
#[test]
fn texts_made_to_harm() {
    let deep = |n: usize| {
        let (open, close) = ("{not: ".repeat(n), "}".repeat(n));
        format!(
            "spec: 1\nlabels: [a, b]\nlfs:\n  - {{name: x, label: a, when: {open}{{regex: x}}{close}}}\n"
        )
    };
    assert!(Spec::from_yaml(&deep(25), "deep.yaml").and_then(|spec| LfSet::compile(&spec)).is_ok());
    for n in [30, 40, 60, 70, 500, 5_000, 100_000] {
        let outcome = Spec::from_yaml(&deep(n), "deep.yaml").and_then(|spec| LfSet::compile(&spec));
        assert!(n < 40 || outcome.is_err());
    }
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert!(Spec::from_yaml(&text, "deep.yaml").is_err());
    }
    let expr = |expression: &str| {
        let expression = serde_json::to_string(expression).expect("a text");
        let text = format!(
            "spec: 1\nlabels: [a, b]\nlfs: [{{name: x, label: a, when: {{expr: {expression}}}}}]\n"
        );
        Spec::from_yaml(&text, "expr.yaml").and_then(|spec| LfSet::compile(&spec))
    };
    let nested =
        |open: &str, n: usize, close: &str| format!("{}a{} == 1", open.repeat(n), close.repeat(n));
    assert!(expr(&nested("(", 30, ")")).is_ok());
    assert!(expr(&format!("{} > 3", vec!["a"; 100].join(" + "))).is_ok());
    assert!(expr(&vec!["a > 1"; 400].join(" && ")).is_ok());
    for n in [33, 200, 1_000, 100_000, 1_000_000] {
        for text in [
            nested("(", n, ")"),
            nested("abs(", n, ")"),
            nested("[", n, "]"),
            nested("{1:", n, "}"),
            "(".repeat(n),
            "]".repeat(n),
            "'".repeat(n),
            "\\".repeat(n),
            "é".repeat(n),
            "a.".repeat(n),
            format!("a{} == 1", "[0]".repeat(n)),
            format!("a{} == 1", ".b()".repeat(n)),
            format!("a{} == 1", " < 1".repeat(n)),
            format!("a in [{}'x']", "1,".repeat(n)),
            format!("{}a == null > 3", "!-".repeat(n)),
        ] {
            let short: String = text.chars().take(20).collect();
            assert!(expr(&text).is_err(), "{short} {n}");
        }
        // These may be in order, and must end.
        for text in ["a + ", "a == a || ", "-", "!", "a ? 1 : "] {
            let _ = expr(&(text.repeat(n) + "1 > a"));
        }
    }
    let utils: String = (0..5_000).map(|i| format!("  u{i}: {{matches: u{}}}\n", i + 1)).collect();
    let chain = format!(
        "spec: 1\nlabels: [a, b]\nutils:\n{utils}  u5000: {{regex: x}}\nlfs: [{{name: x, label: a, when: {{matches: u0}}}}]\n"
    );
    let spec = Spec::from_yaml(&chain, "chain.yaml").expect("a spec");
    assert!(LfSet::compile(&spec).is_err());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let alias = format!("*a{}, ", i - 1).repeat(9);
        bomb += &format!("a{i}: &a{i} [{alias}]\n");
    }
    assert!(Spec::from_yaml(&bomb, "bomb.yaml").is_err());
}
