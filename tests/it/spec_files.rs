//! The specs that come with jurat: each compiles, and all its examples hold.

use jurat::job::Job;
use jurat::lf::ExampleOutcome;
use jurat::{LfSet, Spec};

/// The specs in some folders by name, with their texts, in order; wrong ones too, as long as they are text.
pub(crate) fn specs_in(folders: &[&str]) -> Vec<(String, String)> {
    let entries = folders.iter().flat_map(|name| std::fs::read_dir(name).expect("a folder"));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some((path.to_string_lossy().into_owned(), text))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn every_spec_compiles_and_passes_its_examples() {
    let mut count = 0;
    for entry in std::fs::read_dir("lf_specs").expect("the folder is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        count += 1;
        let spec = Spec::from_path(&path).unwrap_or_else(|errors| panic!("{errors}"));
        let job = Job::new(&spec).unwrap_or_else(|errors| panic!("{errors}"));
        let results = job.lfs.run_examples(&spec).unwrap_or_else(|errors| panic!("{errors}"));
        let path = path.display();
        assert!(!results.is_empty(), "{path} has no examples");
        for result in results {
            let todo = result.outcome == ExampleOutcome::StillOpen;
            assert!(todo || result.outcome == ExampleOutcome::Passed, "{path}: {result:?}");
        }
    }
    assert!(count > 0, "there are no specs");
}

/// Examples of votes that are more than a label.
#[test]
fn examples_of_richer_votes() {
    let text = "spec: 1
labels: [spam, ham, eggs]
lfs:
  - name: partial
    label: [spam, eggs]
    when: {keyword: [win]}
    examples: {match: [win, lose], no_match: [hi], todo_match: [won]}
  - name: several
    votes:
      - {label: {not: spam}, when: {keyword: [hi]}}
      - {label: spam, when: {keyword: [win]}}
    examples:
      match: {\"!spam\": [hi], ham|eggs: [hi], eggs|ham: [win], spam: [win]}
  - name: score
    when: {model: {scores: {spam: p, ham: q}, buckets: [0.5, 0.9]}}
    examples:
      match:
        spam: [{p: 0.6, q: 0.1}, {p: 0.1, q: 0.6}]
        ham@0.5-0.9: [{p: 0.1, q: 0.6}, {p: 0.1, q: 0.95}]
";
    let spec = Spec::from_yaml(text, "inline.yaml").expect("a spec");
    let results = LfSet::compile(&spec).expect("a set").run_examples(&spec).expect("results");
    let outcomes: Vec<_> = results.iter().map(|result| result.outcome).collect();
    use ExampleOutcome::{Failed, Passed, StillOpen};
    let wanted =
        [Passed, Failed, Passed, StillOpen, Passed, Passed, Failed, Passed, Passed, Failed, Passed];
    assert_eq!(outcomes[..11], wanted);
    assert_eq!(outcomes[11..], [Failed]);
    assert_eq!(results[0].voted.as_deref(), Some("not ham"));
    assert_eq!(results[11].voted.as_deref(), Some("ham (0.9-1)"));
}

/// Outcomes of all four sorts, so that passing means something.
#[test]
fn examples_can_fail() {
    let text = "spec: 1
labels: [spam, ham]
lfs:
  - name: one
    label: spam
    when: {keyword: [win]}
    examples:
      match: [win, lose]
      no_match: [winner, win]
      todo_match: [won, win]
  - name: several
    votes:
      - {label: spam, when: {keyword: [win]}}
      - {label: ham, when: {keyword: [hi]}}
    examples:
      match: {spam: [win, hi], ham: [hi]}
      no_match: [~]
";
    let spec = Spec::from_yaml(text, "inline.yaml").expect("a spec");
    let results = LfSet::compile(&spec).expect("a set").run_examples(&spec).expect("results");
    let outcomes: Vec<_> = results.iter().map(|result| (result.line, result.outcome)).collect();
    use ExampleOutcome::{Closed, Failed, Passed, StillOpen};
    let wanted = [
        (8, Passed),
        (8, Failed),
        (9, Passed),
        (9, Failed),
        (10, StillOpen),
        (10, Closed),
        (16, Passed),
        (16, Failed),
        (16, Passed),
        (17, Passed),
    ];
    assert_eq!(outcomes, wanted);
}
