//! What the user knows and how hard labels are made, on the command line and in specs.
#![cfg(feature = "cli")]

use super::cli::{Folder, SPEC, ready};
use serde_json::Value;

/// Spam, ham, a tie, and nobody votes.
const VOTES: &str = "lf:a,lf:b,gold,known
spam,spam,spam,spam
ham,,ham,
spam,ham,ham,
,,spam,
";

/// The hard labels that `fit` gives, `-` for none.
fn labels(folder: &Folder, more: &[&str]) -> String {
    let mut arguments = vec!["fit", "votes.csv", "--labels", "spam,ham", "-o", "out.csv"];
    arguments.extend(more);
    folder.run(&arguments).code(0);
    let text = std::fs::read_to_string(folder.path("out.csv")).expect("labels");
    let label = |line: &str| line.split(',').nth(1).expect("a label").to_owned();
    let labels = text.lines().skip(1).map(label);
    labels
        .map(|label| if label.is_empty() { "-".to_owned() } else { label })
        .collect::<Vec<_>>()
        .join(" ")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn each_flag_of_fit_decides_otherwise() {
    let folder = Folder::new();
    folder.write("votes.csv", VOTES);
    let cost = r#"{"spam": {"ham": 5}}"#;
    let abstain = r#"{"spam": {"ham": 5, "abstain": 0.4}, "ham": {"abstain": 0.4}}"#;
    for (more, wanted) in [
        (vec![], "spam ham - -"),
        (vec!["--decide", "most-probable"], "spam ham - -"),
        (vec!["--ties", "first"], "spam ham spam -"),
        (vec!["--ties", "first", "--min-confidence", "0.6"], "spam ham - -"),
        (vec!["--ties", "first", "--min-confidence", "spam=0.6"], "spam ham - -"),
        (vec!["--ties", "first", "--min-confidence", "ham=0.6, spam=0.5"], "spam ham spam -"),
        (vec!["--uncovered", "ham"], "spam ham - ham"),
        (vec!["--uncovered", "most-probable", "--ties", "first"], "spam ham spam spam"),
        (vec!["--cost", cost], "spam ham spam -"),
        (vec!["--cost", cost, "--uncovered", "most-probable"], "spam ham spam spam"),
        (vec!["--cost", abstain], "spam ham - -"),
        // With the tie for either class the shares would be as far from one half.
        (vec!["--decide", "prevalence"], "spam ham - -"),
        (vec!["--decide", "f1=spam"], "spam ham spam -"),
        (vec!["--decide", "f1=ham"], "spam ham ham -"),
    ] {
        let mut more = more;
        more.extend(["--model", "majority"]);
        assert_eq!(labels(&folder, &more), wanted, "{more:?}");
    }
    let more = ["--decide", "f1", "--learn", "known", "--model", "majority"];
    assert!(!labels(&folder, &more).starts_with("- "));
}

#[test]
fn shares_of_labels_follow_the_balance() {
    let folder = Folder::new();
    let mut votes = "lf:a,lf:b,lf:c\n".to_owned();
    for i in 0..100 {
        let cell = |j: u32| ["", "spam", "ham", "spam", ""][(i * 7 + i / (j + 2) + j) as usize % 5];
        votes += &format!("{},{},{}\n", cell(0), cell(1), cell(2));
    }
    folder.write("votes.csv", &votes);
    let count = |more: &[&str]| {
        let labels = labels(&folder, more);
        let given = labels.split(' ').filter(|label| *label != "-").count() as f64;
        labels.split(' ').filter(|label| *label == "spam").count() as f64 / given
    };
    let balance = ["--balance", "spam=0.4,ham=0.6"];
    let plain = count(&balance);
    let matched = count(&[balance[0], balance[1], "--decide", "prevalence"]);
    assert!(
        (matched - 0.4).abs() < 0.06 && (matched - 0.4).abs() <= (plain - 0.4).abs(),
        "{plain} {matched}"
    );
}

#[test]
fn what_cannot_be_is_said() {
    let folder = Folder::new();
    folder.write("votes.csv", VOTES);
    for (more, parts) in [
        (vec!["--decide", "prevalance"], vec!["`prevalance`", "prevalence"]),
        (vec!["--decide", "cost"], vec!["--cost"]),
        (vec!["--decide", "f1=spma"], vec!["`spma`", "did you mean `spam`?"]),
        (vec!["--decide", "f1", "--cost", "{}"], vec!["cannot be used with"]),
        (vec!["--cost", "5"], vec!["JSON object"]),
        (vec!["--cost", r#"{"spam": 5}"#], vec!["`spam` is no object"]),
        (vec!["--cost", r#"{"spam": {"hma": 5}}"#], vec!["`hma`", "did you mean `ham`?"]),
        (vec!["--cost", r#"{"spam": {"ham": -5}}"#], vec!["`ham`", "from 0 on"]),
        (vec!["--min-confidence", "80"], vec!["between 0 and 1"]),
        (vec!["--min-confidence", "spma=0.5"], vec!["`spma`", "did you mean `spam`?"]),
        (vec!["--min-confidence", "spam=0.5,spam=0.6"], vec!["twice"]),
        (vec!["--min-confidence", "spam=0.5,0.6"], vec!["label=probability"]),
        (vec!["--min-confidence", "spam=high"], vec!["between 0 and 1", "`high`"]),
        (vec!["--ties", "last"], vec!["abstain, first"]),
        (vec!["--uncovered", "most_probable"], vec!["`most_probable`"]),
        (vec!["--trust", "a"], vec!["name=accuracy"]),
        (vec!["--trust", "aa=0.9"], vec!["`aa`", "did you mean `a`?"]),
        (vec!["--trust", "a=1.5"], vec!["`a`", "between 0 and 1"]),
        (vec!["--trust", "a=0.9", "--model", "majority"], vec!["majority"]),
    ] {
        let mut arguments = vec!["fit", "votes.csv", "-o", "out.csv"];
        arguments.extend(&more);
        folder.run(&arguments).code(2).says(&parts);
    }
    folder.run(&["fit", "votes.csv", "-o", "out.csv", "--learn", "knwon"]).code(3).says(&["known"]);
}

#[test]
fn a_column_without_labels_teaches_nothing() {
    let folder = Folder::new();
    folder.write("votes.csv", &VOTES.replace("spam,spam\n", "spam,\n"));
    let plain = ["fit", "votes.csv", "-o", "out.csv"];
    folder.run(&plain).code(0);
    let wanted = std::fs::read(folder.path("out.csv")).expect("labels");
    let ran = folder.run(&[&plain[..], &["--learn", "known"]].concat()).code(0);
    ran.says(&["has none on these rows"]);
    assert_eq!(std::fs::read(folder.path("out.csv")).expect("labels"), wanted);
}

#[test]
fn trust_settles_who_is_right() {
    let folder = Folder::new();
    let rows = ["spam,spam", "ham,ham", "spam,ham", "ham,spam", "spam,ham"].join("\n");
    folder.write("votes.csv", &format!("lf:a,lf:b\n{rows}\n"));
    let by = |a: &str, b: &str| labels(&folder, &["--trust", a, "--trust", b]);
    assert_eq!(by("a=0.99", "b=0.6"), "spam ham spam ham spam");
    assert_eq!(by("a=0.6", "b=0.99"), "spam ham ham spam ham");
}

#[test]
fn rows_learned_from_are_not_scored() {
    let folder = Folder::new();
    folder.write("votes.csv", VOTES);
    let fit = |more: &[&str]| {
        let mut arguments = vec!["fit", "votes.csv", "-o", "out.csv", "--gold", "gold"];
        arguments.extend(more);
        folder.run(&arguments).code(0).out
    };
    let report = json(&fit(&["--report", "json"]));
    assert_eq!((&report["gold"]["rows"], &report["gold_left_out"]), (&4.into(), &0.into()));
    let report = json(&fit(&["--learn", "known", "--report", "json"]));
    assert_eq!((&report["gold"]["rows"], &report["gold_left_out"]), (&3.into(), &1.into()));
    assert_eq!(report["lfs"][0]["precision"]["n"], 3, "LFs do not learn: all rows count for them");
    let out = fit(&["--learn", "known"]);
    assert!(out.contains("1 gold rows more are left out"), "{out}");
    assert!(out.contains("learned from 1 known labels"), "{out}");
    for (format, wanted) in [("json", "\"gold_left_out\": 4"), ("table", "none is left to score")] {
        let out = fit(&["--learn", "gold", "--report", format]);
        assert!(out.contains(wanted) && !out.contains("NaN"), "{out}");
    }
    assert!(fit(&["--learn", "gold", "--report", "markdown"]).contains("none is left to score"));
    // The same in a format with types, where one column is read twice.
    let more = ["--with-votes", "--ties", "first"];
    let mut arguments = vec!["fit", "votes.csv", "-o", "typed.jsonl"];
    arguments.extend(more);
    folder.run(&arguments).code(0);
    let typed = ["fit", "typed.jsonl", "-o", "out.csv", "--gold", "label", "--learn", "label"];
    assert!(folder.run(&typed).code(0).out.contains("none is left to score"));
    #[cfg(feature = "parquet")]
    {
        arguments[3] = "typed.parquet";
        folder.run(&arguments).code(0);
        let typed =
            ["fit", "typed.parquet", "-o", "out.csv", "--gold", "label", "--learn", "label"];
        assert!(folder.run(&typed).code(0).out.contains("none is left to score"));
    }
}

/// The model learns that `a` is mostly wrong from rows that say so.
#[test]
fn known_labels_change_the_labels_of_others() {
    let folder = Folder::new();
    let mut votes = "lf:a,lf:b,known\n".to_owned();
    for i in 0..60 {
        votes += if i < 30 { "spam,,ham\n" } else { "spam,,\n" };
        votes += if i % 2 == 0 { ",ham,\n" } else { "ham,ham,\n" };
    }
    folder.write("votes.csv", &votes);
    assert_eq!(labels(&folder, &[]).split(' ').next_back(), Some("ham"));
    let row = |more: &[&str]| labels(&folder, more).split(' ').nth(100).map(str::to_owned);
    assert_eq!(row(&[]).as_deref(), Some("spam"));
    assert_eq!(row(&["--learn", "known"]).as_deref(), Some("ham"));
}

#[test]
fn annotators_and_known_labels_in_a_file() {
    let folder = Folder::new();
    folder.write("answers.csv", "task,worker,label\n1,ann,cat\n1,bob,cat\n2,ann,dog\n3,bob,cat\n");
    folder.write("truth.csv", "task,truth,known\n1,cat,cat\n2,dog,\n3,dog,\n4,cat,cat\n");
    let long =
        ["fit", "answers.csv", "--long", "row=task,annotator=worker,label=label", "-o", "out.csv"];
    let fit = |more: &[&str]| {
        let arguments: Vec<&str> =
            long.iter().chain(["--report", "json"].iter()).chain(more).copied().collect();
        json(&folder.run(&arguments).code(0).out)
    };
    let file = ["--gold-file", "truth.csv"];
    let report = fit(&[file[0], file[1], "--gold", "truth", "--learn", "known"]);
    assert_eq!((&report["gold"]["rows"], &report["gold_left_out"]), (&2.into(), &1.into()));
    let report = fit(&[file[0], file[1], "--learn", "known"]);
    assert_eq!((&report["gold"], &report["gold_left_out"]), (&Value::Null, &0.into()));
    folder.write("answers.csv", "task,worker,label,known\n1,ann,cat,cat\n1,bob,cat,\n2,ann,dog,\n");
    let report = fit(&["--learn", "known", "--gold", "known"]);
    assert_eq!((&report["gold"], &report["gold_left_out"]), (&Value::Null, &1.into()));
}

#[test]
fn a_spec_says_it_all() {
    let folder = ready();
    let more = "model: {trust: {promo: 0.95}}
output:
  decide: {cost: {spam: {ham: 3}, ham: {spam: 1, abstain: 0.9}}}
  min_confidence: 0.55
  uncovered: most-probable
";
    let spec = SPEC.replace("id: id}", "id: id, gold: gold, learn: gold}");
    folder.write("spec.yaml", &format!("{spec}{more}"));
    let run = ["run", "spec.yaml", "data.csv", "-o", "out", "--format", "csv", "--overwrite"];
    let ran = folder.run(&run).code(0);
    assert!(ran.out.contains("all 5 gold rows"), "{}", ran.out);
    let manifest = || {
        let text = std::fs::read_to_string(folder.path("out/manifest.json"));
        json(&text.expect("a manifest"))
    };
    let first = manifest();
    let words = first["decision"].as_str().expect("words");
    for part in
        ["least expected cost", "3 for `spam` labeled `ham`", "0.55", "the same without votes"]
    {
        assert!(words.contains(part), "{words}");
    }
    let each = more.replace("min_confidence: 0.55", "min_confidence: {spam: 0.99, ham: 0.51}");
    folder.write("spec.yaml", &format!("{spec}{each}"));
    folder.run(&run).code(0);
    let words = manifest()["decision"].as_str().expect("words").to_owned();
    assert!(words.contains("`spam` not below 0.99, `ham` not below 0.51"), "{words}");
    folder.run(&["verify", "out"]).code(0);
    folder.write("spec.yaml", &format!("{spec}{more}"));
    assert_eq!((&first["learned_from"], &first["trust"]["promo"]), (&5.into(), &0.95.into()));
    // The command line goes before the spec.
    let with = |more: &[&str]| {
        folder.run(&[&run[..], more].concat()).code(0);
        manifest()
    };
    assert_eq!(with(&["--no-gold"])["learned_from"], 0);
    assert_eq!(with(&["--trust", "promo=0.7"])["trust"]["promo"], 0.7);
    folder.write("spec.yaml", &format!("{SPEC}output: {{decide: prevalence}}\n"));
    let learned = with(&["--learn", "gold"]);
    assert_eq!(
        (&learned["learned_from"], learned["offsets"].as_array().map(Vec::len)),
        (&5.into(), Some(2))
    );
    folder.run(&[&run[..], &["--trust", "prmo=0.7"]].concat()).code(2).says(&["`promo`"]);
    let apply = ["apply", "spec.yaml", "data.csv", "-o", "votes.csv", "--learn", "gold"];
    folder.run(&apply).code(2).says(&["--learn"]);
}
