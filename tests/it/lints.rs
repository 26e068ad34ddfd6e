//! Lints: each with a spec that provokes it, and some like it that do not.

use jurat::Spec;
use jurat::job::Job;
use jurat::lf::{Fix, LINTS};
use std::collections::BTreeSet;

/// The codes of the lints of a spec, with what stands at their places.
fn lints(text: &str) -> Vec<(String, String)> {
    let spec = Spec::from_yaml(text, "spec.yaml").expect("a spec");
    Job::new(&spec).expect("it compiles");
    let found = spec.lints();
    let at = |lint: &jurat::lf::Lint| {
        let place = lint.problem.place;
        (lint.problem.code.to_owned(), text[place.start..place.end].to_owned())
    };
    found.iter().map(at).collect()
}

/// What is found about labeling functions with these bodies, beside one for each label.
fn about(lfs: &[&str]) -> Vec<String> {
    let mut text = "spec: 1
labels: [a, b]
input: {text: body}
utils:
  polite: {keyword: [please]}
  used: {all: [{matches: polite}]}
slices: {polite: {matches: used}}
lfs:
  - {name: for-a, label: a, when: {regex: 'for a'}}
  - {name: for-b, label: b, when: {regex: 'for b'}}
"
    .to_owned();
    for (at, lf) in lfs.iter().enumerate() {
        text += &format!("  - {{name: x{at}, {lf}}}\n");
    }
    lints(&text).into_iter().map(|(code, at)| format!("{code} {at}")).collect()
}

#[test]
fn each_lint_is_provoked() {
    let keyword = "label: a, when: {keyword: [cash, win]}";
    for (lfs, wanted) in [
        (&[keyword][..], &[][..]),
        // Repeats.
        (&[keyword, keyword], &["duplicate-lf x1"]),
        (&[keyword, "label: a, when: {keyword: {any: [WIN, Cash]}}"], &["duplicate-lf x1"]),
        (&[keyword, "label: a, when: {keyword: {any: [win, cash], case: sensitive}}"], &[]),
        (&[keyword, "label: a, when: {keyword: {any: [win, cash], field: title}}"], &[]),
        (&[keyword, "label: a, when: {keyword: [win]}"], &["subsumed-lf x1"]),
        (&["label: a, when: {keyword: [win]}", keyword], &["subsumed-lf x0"]),
        (&[keyword, "label: a, when: {keyword: [win]}, unless: {regex: x}"], &["subsumed-lf x1"]),
        (
            &[
                "label: a, when: {keyword: [cash, win]}, unless: {regex: x}",
                "label: a, when: {keyword: [win]}",
            ],
            &[],
        ),
        (&[keyword, "label: a, when: {all: [{keyword: [win]}, {regex: x}]}"], &["subsumed-lf x1"]),
        (
            &[
                "label: a, when: {any: [{keyword: [win]}, {regex: x}]}",
                "label: a, when: {regex: x}",
            ],
            &["subsumed-lf x1"],
        ),
        (
            &["label: a, when: {matches: polite}", "label: a, when: {keyword: [please]}"],
            &["duplicate-lf x1"],
        ),
        (&[keyword, "label: a, when: {keyword: {any: [win], min_count: 2}}"], &["subsumed-lf x1"]),
        (
            &[
                "label: a, when: {keyword: {any: [win, cash], min_count: 2}}",
                "label: a, when: {keyword: [win]}",
            ],
            &[],
        ),
        (
            &[
                "label: a, when: {keyword: {all: [win, cash]}}",
                "label: a, when: {keyword: {all: [win, cash, now]}}",
            ],
            &["subsumed-lf x1"],
        ),
        // Contradictions.
        (&[keyword, "label: b, when: {keyword: [win, cash]}"], &["contradictory-lfs x1"]),
        (&[keyword, "label: {not: a}, when: {keyword: [win, cash]}"], &["contradictory-lfs x1"]),
        (&[keyword, "label: b, when: {keyword: [win]}"], &[]),
        // Nothing and everything.
        (&["label: a, when: {regex: 'a^'}"], &["dead-lf x0", "regex-never-matches 'a^'"]),
        (&["label: a, when: {regex: '$.'}"], &["dead-lf x0", "regex-never-matches '$.'"]),
        (&["label: a, when: {regex: '(?m)$\\n^.'}"], &[]),
        (&["label: a, when: {regex: '[a&&b]c'}"], &["dead-lf x0", "regex-never-matches '[a&&b]c'"]),
        (&["label: a, when: {regex: 'x\\by'}"], &["dead-lf x0", "regex-never-matches 'x\\by'"]),
        (&["label: a, when: {regex: '\\bfree\\b'}"], &[]),
        (&["label: a, when: {regex: 'é\\By'}"], &[]),
        (&["label: a, when: {regex: '\\w\\B!'}"], &[]),
        (&["label: a, when: {all: [{regex: x}, {not: {regex: x}}]}"], &["dead-lf x0"]),
        (
            &["label: a, when: {all: [{keyword: [win]}, {not: {keyword: [win, cash]}}]}"],
            &["dead-lf x0"],
        ),
        (&["label: a, when: {all: [{keyword: [win, cash]}, {not: {keyword: [win]}}]}"], &[]),
        (&["label: a, when: {keyword: [win]}, unless: {keyword: [win, cash]}"], &["dead-lf x0"]),
        (&["label: a, when: {keyword: [win]}, unless: {regex: '.*'}"], &["dead-lf x0"]),
        (&["label: a, when: {regex: '.*'}"], &["always-true x0"]),
        (&["label: a, when: {regex: '^.*'}"], &[]),
        (
            &["label: a, when: {regex: {fails_to_match: 'a^'}}"],
            &["always-true x0", "regex-never-matches 'a^'"],
        ),
        (&["label: a, when: {any: [{regex: x}, {not: {regex: x}}]}"], &["always-true x0"]),
        (&["label: a, when: {regex: '.*'}, unless: {regex: x}"], &[]),
        // Votes behind others.
        (
            &["votes: [{label: a, when: {keyword: [u, v]}}, {label: b, when: {keyword: [v]}}]"],
            &["unreachable-vote keyword"],
        ),
        (&["votes: [{label: a, when: {keyword: [v]}}, {label: b, when: {keyword: [u, v]}}]"], &[]),
        (
            &["votes: [{label: a, when: {keyword: [v]}}, {label: b, when: {regex: 'a^'}}]"],
            &["unreachable-vote regex", "regex-never-matches 'a^'"],
        ),
        // Lists of keywords.
        (&["label: a, when: {keyword: [win, cash, WIN]}"], &["repeated-keyword WIN"]),
        (
            &["label: a, when: {keyword: [free, free money, set free]}"],
            &["shadowed-keyword free money", "shadowed-keyword set free"],
        ),
        (&["label: a, when: {keyword: [free, freedom, free-money]}"], &[]),
        (
            &["label: a, when: {keyword: {any: [free, freedom], word: false}}"],
            &["shadowed-keyword freedom"],
        ),
        (&["label: a, when: {keyword: {any: [free, free money], min_count: 2}}"], &[]),
        (&["label: a, when: {keyword: {all: [free, free money]}}"], &[]),
    ] {
        assert_eq!(about(lfs), wanted, "{lfs:#?}");
    }
}

#[test]
fn what_nobody_uses_is_found() {
    let text = "spec: 1
labels: [a, b, c]
vars: {used: 1, idle: 2}
lookups: {t: {file: tests/data/errors/tables/good.csv, key: key}}
utils:
  idle: {matches: inner}
  inner: {regex: x}
  busy: {regex: y}
lfs:
  - {name: one, label: a, when: {matches: busy}}
  - {name: two, label: {not: [a, c]}, when: {keyword: {any: [z], min_count: \"${used}\"}}}
";
    let found = lints(text);
    let found: Vec<String> = found.into_iter().map(|(code, at)| format!("{code} {at}")).collect();
    let wanted = [
        "label-without-lf c",
        "unused-variable idle",
        "unused-lookup t",
        "unused-util idle",
        "unused-util inner",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn the_policy_of_a_spec_decides() {
    let spec = |policy: &str| {
        format!(
            "spec: 1
labels: [a, b]
lint: {policy}
lfs:
  - {{name: one, label: a, when: {{keyword: [x, X]}}, why: it is, owner: me, tags: [t], examples: {{match: [x]}}}}
  - {{name: two, label: b, when: {{keyword: [y]}}}}
"
        )
    };
    let codes = |policy: &str| {
        let spec = Spec::from_yaml(&spec(policy), "spec.yaml").expect("a spec");
        let lints = spec.lints();
        lints.iter().map(|lint| (lint.problem.code, lint.denied)).collect::<Vec<_>>()
    };
    assert_eq!(codes("{}"), [("repeated-keyword", false)]);
    assert_eq!(codes("{allow: [repeated-keyword]}"), []);
    assert_eq!(codes("{deny: [repeated-keyword]}"), [("repeated-keyword", true)]);
    let all = codes("{require: [why, owner, tags, examples], allow: [repeated-keyword]}");
    let wanted = ["missing-examples", "missing-owner", "missing-tags", "missing-why"];
    assert_eq!(all, wanted.map(|code| (code, true)));
}

#[test]
fn shipped_specs_have_no_lints() {
    for name in ["triage", "email_spam", "support_tickets"] {
        let (spec, _) = Job::load(format!("lf_specs/{name}.yaml")).expect("a spec");
        assert_eq!(spec.lints(), [], "{name}");
    }
}

#[test]
fn thousands_of_labeling_functions_are_looked_at() {
    let lfs: String = (0..2_000)
        .map(|i| {
            format!("  - {{name: x{i}, label: a, when: {{keyword: [same, w{}]}}}}\n", i % 1_000)
        })
        .collect();
    let text = format!(
        "spec: 1\nlabels: [a, b]\nlfs:\n  - {{name: b, label: b, when: {{regex: b}}}}\n{lfs}"
    );
    let spec = Spec::from_yaml(&text, "spec.yaml").expect("a spec");
    let lints = spec.lints();
    assert!(lints.iter().all(|lint| lint.problem.code == "duplicate-lf"));
    assert_eq!(lints.len(), 1_000);
}

#[test]
fn lints_are_named_once_and_their_fixes_point_at_text() {
    let codes: BTreeSet<&str> = LINTS.into_iter().collect();
    assert_eq!(codes.len(), LINTS.len());
    let text = "spec: 1\nlabels: [a, b]\nvars: {idle: 1}\nlfs:\n  - {name: one, label: a, when: {keyword: [x, X]}}\n  - {name: two, label: b, when: {keyword: [y]}}\n";
    let spec = Spec::from_yaml(text, "spec.yaml").expect("a spec");
    let fixes: Vec<_> = spec.lints().iter().filter_map(|lint| lint.fix).collect();
    let [Fix::RemoveEntry(variable), Fix::RemoveElement(keyword)] = fixes[..] else {
        panic!("{fixes:?}")
    };
    assert_eq!(&text[variable.start..variable.end], "idle");
    assert_eq!(&text[keyword.start..keyword.end], "X");
}

#[cfg(feature = "cli")]
mod commands {
    use crate::cli::Folder;

    const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body}
lfs:
  - {name: one, label: spam, when: {keyword: [win, Win]}}
  - {name: same, label: spam, when: {regex: '(?i)\\bwin\\b'}}
  - {name: never, label: ham, when: {keyword: [zebra]}}
  - name: two
    votes:
      - {label: spam, when: {keyword: [win, cash]}}
      - {label: ham, when: {regex: 'win and lose'}}
";

    fn ready() -> Folder {
        let folder = Folder::new();
        folder.write("spec.yaml", SPEC);
        let rows: String = (0..50).map(|i| format!("{i},you win{}\n", "!".repeat(i % 3))).collect();
        folder.write("data.csv", &format!("id,body\n{rows}51,nothing\n"));
        folder
    }

    #[test]
    fn warnings_fail_only_where_that_is_wanted() {
        let folder = ready();
        let ran = folder.run(&["check", "spec.yaml"]).code(0).says(&[
            "warning[repeated-keyword]: the keyword `Win` is the same as `win`",
            "spec.yaml:5:",
        ]);
        assert!(ran.out.contains("1 warning\n"), "{}", ran.out);
        folder.run(&["check", "spec.yaml", "--strict"]).code(1);
        folder.write("spec.yaml", &format!("{SPEC}lint: {{deny: [repeated-keyword]}}\n"));
        folder.run(&["check", "spec.yaml"]).code(1).says(&["error[repeated-keyword]"]);
        folder.write("spec.yaml", &format!("{SPEC}lint: {{allow: [repeated-keyword]}}\n"));
        folder.run(&["check", "spec.yaml", "--strict"]).code(0);
    }

    #[test]
    fn data_say_what_a_spec_cannot() {
        let folder = ready();
        let ran = folder.run(&["check", "spec.yaml", "--data", "data.csv"]).code(0);
        for wanted in [
            "duplicate: same votes on the same 50 rows as `one`",
            "never-votes: never never votes",
            "unused-vote: two never votes `ham`",
            "label-without-votes: no labeling function voted `ham`",
        ] {
            assert!(ran.out.contains(wanted), "no `{wanted}` in {}", ran.out);
        }
        folder.run(&["check", "spec.yaml", "--data", "data.csv", "--strict"]).code(1);
        folder.run(&["check", "spec.yaml", "spec.yaml", "--data", "data.csv"]).code(2);
        folder.run(&["check", "spec.yaml", "--data", "nowhere.csv"]).code(3);
    }

    #[test]
    fn rules_explain_themselves() {
        let folder = Folder::new();
        let ran = folder.run(&["rule", "shadowed-keyword"]).code(0);
        assert!(ran.out.starts_with("shadowed-keyword\n\nlint · "), "{}", ran.out);
        let all = folder.run(&["rule"]).code(0).out;
        assert!(all.lines().count() > 80 && all.contains("unknown-label  "), "{all}");
        folder.run(&["rule", "shadowed"]).code(2).says(&["did you mean `shadowed-keyword`?"]);
        folder.run(&["rule", "zzzzzz"]).code(2).says(&["`jurat rule` lists all"]);
    }
}
