//! `check --fix`: what is mended, and that everything else stays byte for byte.
#![cfg(feature = "cli")]

use super::cli::Folder;

/// Mends a spec, twice, and gives what became of it.
fn mended(text: &str) -> String {
    let folder = Folder::new();
    folder.write("t.csv", "key\nx\n");
    folder.write("spec.yaml", text);
    folder.run(&["check", "spec.yaml", "--fix"]).code(0);
    let once = std::fs::read_to_string(folder.path("spec.yaml")).expect("there");
    folder.run(&["check", "spec.yaml", "--fix"]).code(0);
    assert_eq!(std::fs::read_to_string(folder.path("spec.yaml")).expect("there"), once);
    once
}

#[test]
fn keywords_that_add_nothing_are_removed() {
    for (list, wanted) in [
        ("[win, Win]", "[win]"),
        ("[Win, win, cash]", "[Win, cash]"),
        ("[ free money, free ]", "[ free ]"),
        ("[free money, 'set free', free]", "[free]"),
        ("[free, # short\n 'set free']", "[free, # short\n 'set free']"),
        (
            "\n        - free money # long\n        # why it is here\n        - free\n        - FREE",
            "\n        # why it is here\n        - free",
        ),
        (
            "\n      - free\n\n      - set\n          free\n      - cash",
            "\n      - free\n\n      - cash",
        ),
        ("[free, cash]", "[free, cash]"),
    ] {
        let spec = |list: &str| {
            format!(
                "spec: 1 # stays\nlabels: [a, b]\nlfs:\n  - name: one\n    label: a\n    when:\n      keyword: {list}\n  - {{name: two, label: b, when: {{regex: b}}}}\n"
            )
        };
        assert_eq!(mended(&spec(list)), spec(wanted), "{list}");
    }
}

#[test]
fn what_nobody_uses_is_removed() {
    let rest = "lfs:
  - {name: one, label: a, when: {matches: used}}
  - {name: two, label: b, when: {keyword: ['${word}']}}
";
    for (sections, wanted) in [
        ("vars:\n  word: x\n  idle: 1 # gone\n  # stays\n", "vars:\n  word: x\n  # stays\n"),
        ("vars: {idle: 1, word: x}\n", "vars: {word: x}\n"),
        ("vars: {word: x, idle: 1}\n", "vars: {word: x}\n"),
        ("vars: {word: x}\nlookups:\n  t:\n    file: t.csv\n    key: key\n", "vars: {word: x}\n"),
        (
            "vars: {word: x}\nlookups:\n  t: {file: t.csv, key: key}\n\n# next\n",
            "vars: {word: x}\n\n# next\n",
        ),
        // What follows from what was removed is removed as well.
        (
            "vars: {word: x, deep: y}\nslices:\n  all: {regex: '${deep}'}\n",
            "vars: {word: x, deep: y}\nslices:\n  all: {regex: '${deep}'}\n",
        ),
    ] {
        let text = |sections: &str| {
            format!(
                "spec: 1\nlabels: [a, b]\n{sections}utils:\n  used: {{keyword: [u]}}\n  idle:\n    any:\n      - {{matches: idler}}\n  idler: {{regex: 'x'}}\n{rest}"
            )
        };
        let after =
            format!("spec: 1\nlabels: [a, b]\n{wanted}utils:\n  used: {{keyword: [u]}}\n{rest}");
        assert_eq!(mended(&text(sections)), after, "{sections}");
    }
}

#[test]
fn what_cannot_be_mended_is_left() {
    let folder = Folder::new();
    let text = "spec: 1
labels: [a, b]
utils: {idle: {any: [{regex: x}, {regex: y}]}}
lfs:
  - {name: one, label: a, when: {keyword: [x]}}
  - {name: two, label: a, when: {keyword: [x]}}
  - {name: three, label: b, when: {keyword: [y, Y]}, examples: {match: [y]}}
";
    folder.write("spec.yaml", text);
    folder
        .run(&["check", "spec.yaml", "--fix"])
        .code(0)
        .says(&["mended 1 warning in spec.yaml", "duplicate-lf"]);
    let after = std::fs::read_to_string(folder.path("spec.yaml")).expect("there");
    assert_eq!(after, text.replace("[y, Y]", "[y]"));
    // A spec that is wrong is not touched.
    let wrong = text.replace("label: b", "label: c");
    folder.write("spec.yaml", &wrong);
    folder.run(&["check", "spec.yaml", "--fix"]).code(2);
    assert_eq!(std::fs::read_to_string(folder.path("spec.yaml")).expect("there"), wrong);
}

#[test]
fn parts_are_mended_where_they_stand() {
    let folder = Folder::new();
    folder.write("spec.yaml", "spec: 1\nlabels: [a, b]\ninclude: part.yaml\nlfs: [{name: b, label: b, when: {regex: b}}]\n");
    folder.write("part.yaml", "part: 1\nvars: {idle: 1, used: 2}\nlfs:\n  - {name: a, label: a, when: {keyword: [x, X, \"${used}\"]}}\n");
    folder.run(&["check", "spec.yaml", "--fix"]).code(0).says(&["mended 2 warnings in part.yaml"]);
    let part = std::fs::read_to_string(folder.path("part.yaml")).expect("there");
    assert_eq!(
        part,
        "part: 1\nvars: {used: 2}\nlfs:\n  - {name: a, label: a, when: {keyword: [x, \"${used}\"]}}\n"
    );
}
