//! The specs that come with jurat: each compiles, and all its examples hold.

use jurat::job::Job;
use jurat::lf::ExampleOutcome;
use jurat::{LfSet, Spec};

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
