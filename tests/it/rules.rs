//! Every code has its explanation, and the examples there are what they say.

use jurat::job::Job;
use jurat::lf::{LINTS, SpecErrors};
use jurat::rules::{Rule, rule, rules};
use std::collections::BTreeSet;
use std::path::Path;

/// The codes that sources give to problems and findings, as far as they stand there word for word.
fn codes(folder: &str, makers: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("readable").flatten().map(|e| e.path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        for maker in makers {
            for call in text.split(maker).skip(1) {
                // A call within a `format!` or a test has no code as its first argument.
                let Some(code) = call.trim_start().strip_prefix('"') else { continue };
                found.extend(code.split('"').next().map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn every_code_is_explained() {
    let of_kind = |kind: &str| -> BTreeSet<String> {
        rules().iter().filter(|rule| rule.kind == kind).map(|rule| rule.code.to_owned()).collect()
    };
    let errors = codes("src", &["Problem::new("]);
    assert!(errors.len() > 30, "{errors:?}");
    let (explained, lints) = (of_kind("error"), of_kind("lint"));
    assert_eq!(lints, LINTS.map(str::to_owned).into(), "lints");
    let missing: Vec<_> = errors.difference(&explained).filter(|c| !lints.contains(*c)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let found = codes("src/report", &["Finding::new("]);
    assert!(found.len() > 10, "{found:?}");
    let explained_findings = of_kind("finding");
    let missing: Vec<_> = found.difference(&explained_findings).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Every error is one that a spec of the corpus provokes, or one of the few that none can.
    let golden: String = std::fs::read_dir("tests/data/errors")
        .expect("readable")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "txt"))
        .map(|entry| std::fs::read_to_string(entry.path()).expect("UTF-8"))
        .collect();
    let unprovoked: Vec<_> =
        explained.iter().filter(|code| !golden.contains(&format!("error[{code}]"))).collect();
    assert_eq!(unprovoked, ["io"], "what the system says differs between systems");
    let all: BTreeSet<&str> = rules().iter().map(|rule| rule.code).collect();
    assert_eq!(all.len(), rules().len(), "a code stands there twice");
}

/// The two snippets of a rule: what is wrong, and what is right.
fn snippets(rule: &Rule) -> Option<[String; 2]> {
    let mut found = rule.text.split("```yaml\n").skip(1);
    let mut next = || Some(found.next()?.split("```").next()?.to_owned());
    Some([next()?, next()?])
}

/// The snippet as a spec: with what it leaves out.
fn whole(snippet: &str) -> String {
    let has = |key: &str| snippet.lines().any(|line| line.starts_with(&format!("{key}:")));
    let mut text = String::new();
    if !has("spec") && !has("part") {
        text += "spec: 1\n";
    }
    if !has("labels") && !has("part") {
        text += "labels: [spam, ham]\n";
    }
    text += snippet;
    if !has("lfs") && !has("part") {
        text += "lfs: [{name: any-spam, label: spam, when: {keyword: [spam]}}, {name: other, label: {not: spam}, when: {keyword: [ham]}}]\n";
    }
    text
}

fn check(
    text: &str,
    code: &str,
    right: bool,
    folder: &Path,
) -> Result<Vec<&'static str>, SpecErrors> {
    let path = folder.join("spec.yaml");
    if code == "encoding" && !right {
        let latin: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
        std::fs::write(&path, latin).expect("written");
    } else if code == "part" && text.lines().nth(1).is_some_and(|line| line.starts_with("part:")) {
        std::fs::write(folder.join("lfs/part.yaml"), text).expect("written");
        std::fs::write(&path, whole("include: lfs/part.yaml\n")).expect("written");
    } else {
        std::fs::write(&path, text).expect("written");
    }
    let (spec, job) = Job::load(&path)?;
    job.lfs.run_examples(&spec)?;
    Ok(spec.lints().iter().map(|lint| lint.problem.code).collect())
}

#[test]
fn examples_of_rules_are_what_they_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for name in ["tables", "lfs"] {
        std::fs::create_dir(folder.join(name)).expect("made");
    }
    let part = "part: 1\nlfs: [{name: included, label: ham, when: {keyword: [regards]}}]\n";
    for (name, text) in [
        ("tables/shorteners.csv", "domain\nbit.ly\n"),
        ("tables/domains.csv", "domain,label\na.example,spam\na.example,spam\n"),
        ("lfs/part.yaml", part),
    ] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let mut tried = 0;
    for rule in rules() {
        let Some([wrong, right]) = snippets(rule) else {
            assert_eq!(rule.kind, "finding", "{} has no examples", rule.code);
            continue;
        };
        tried += 1;
        std::fs::write(folder.join("lfs/part.yaml"), part).expect("written");
        match (rule.kind, check(&whole(&right), rule.code, true, folder)) {
            (_, Err(errors)) => panic!("{}: what is right is wrong: {errors}", rule.code),
            ("lint", Ok(lints)) => assert!(!lints.contains(&rule.code), "{}: {right}", rule.code),
            _ => {}
        }
        match (rule.kind, check(&whole(&wrong), rule.code, false, folder)) {
            ("error", Err(errors)) => {
                let found = errors.problems().iter().any(|problem| problem.code == rule.code);
                assert!(found, "{}: {errors}", rule.code);
            }
            ("lint", Ok(lints)) => assert!(lints.contains(&rule.code), "{}: {lints:?}", rule.code),
            (_, outcome) => panic!("{}: {outcome:?}\n{wrong}", rule.code),
        }
    }
    assert!(tried > 40, "{tried}");
    assert_eq!(rule("no-such-rule"), None);
}
