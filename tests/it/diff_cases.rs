//! `jurat diff` as a user drives it: one edit at a time, what cannot be compared, limits and messages.
#![cfg(feature = "cli")]

use crate::cli::Folder;
use serde_json::Value;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
lookups: {domains: {file: domains.csv, key: domain}}
utils: {polite: {keyword: [thanks, cheers]}}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {matches: polite}}
  - {name: link, label: spam, when: {lookup: {table: domains, match: occurs}}}
model: {use: anchored}
";

/// Twelve texts, three times.
fn data() -> String {
    let texts = [
        "subscribe to my giveaway",
        "many thanks",
        "thanks for bad.example",
        "nothing here",
        "winner of a giveaway",
        "cheers to all",
        "see bad.example",
        "see good.example",
        "subscribe, thanks",
        "winner at good.example",
        "thanks",
        "",
    ];
    let rows = (0..36).map(|i| format!("m{i},\"{}\",{}\n", texts[i % 12], i % 5));
    format!("id,body,stars\n{}", rows.collect::<String>())
}

/// Two folders with the same spec, table and data.
struct Two(Folder);

impl Two {
    fn new() -> Self {
        let two = Self(Folder::new());
        for side in ["a", "b"] {
            std::fs::create_dir(two.0.path(side)).expect("made");
            two.0.write(&format!("{side}/spec.yaml"), SPEC);
            two.0.write(&format!("{side}/domains.csv"), "domain\nbad.example\n");
            two.0.write(&format!("{side}/rows.csv"), &data());
        }
        two
    }

    /// Edits a file of the second folder.
    fn edit(self, file: &str, from: &str, to: &str) -> Self {
        let path = format!("b/{file}");
        let text = std::fs::read_to_string(self.0.path(&path)).expect("there");
        assert!(text.contains(from), "{from} in {text}");
        self.0.write(&path, &text.replace(from, to));
        self
    }

    fn run(self) -> Self {
        for side in ["a", "b"] {
            let (spec, rows, run) =
                (format!("{side}/spec.yaml"), format!("{side}/rows.csv"), format!("{side}/run"));
            let arguments = ["run", &spec, &rows, "-o", &run, "--format", "csv", "--quiet"];
            self.0.run(&arguments).code(0);
        }
        self
    }

    fn diff(&self) -> Value {
        let ran = self.0.run(&["diff", "a/run", "b/run", "--format", "json"]).code(0);
        serde_json::from_str(&ran.out).expect("JSON")
    }

    /// The causes with their rows, as on the command line.
    fn causes(&self) -> Vec<(String, u64)> {
        let name = |cause: &Value| match cause {
            Value::Object(of) => of
                .iter()
                .map(|(kind, name)| format!("{kind}:{}", name.as_str().unwrap_or("?")))
                .collect(),
            other => other.as_str().unwrap_or("?").to_owned(),
        };
        let diff = self.diff();
        let causes = diff["causes"].as_array().expect("causes").iter();
        causes.map(|of| (name(&of["cause"]), of["rows"]["count"].as_u64().unwrap_or(0))).collect()
    }

    fn notes(&self) -> String {
        self.diff()["notes"].to_string()
    }
}

#[test]
fn one_edit_is_the_cause_of_what_it_changes() {
    for (file, from, to, wanted) in [
        ("spec.yaml", "spec: 1", "# a remark\nspec: 1", vec![]),
        ("spec.yaml", "name: promo", "name: offers", vec![]),
        ("spec.yaml", "[subscribe, giveaway]", "[subscribe, giveaway, winner]", vec!["lf:promo"]),
        ("spec.yaml", "[thanks, cheers]", "[thanks]", vec!["lf:thanks"]),
        (
            "spec.yaml",
            "  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}\n",
            "",
            vec!["lf:promo"],
        ),
        (
            "spec.yaml",
            "model:",
            "  - {name: late, label: spam, when: {keyword: [winner, nothing]}}\nmodel:",
            vec!["lf:late"],
        ),
        ("spec.yaml", "use: anchored", "use: majority", vec!["refit"]),
        (
            "spec.yaml",
            "use: anchored",
            "use: anchored, class_balance: {spam: 0.05, ham: 0.95}",
            vec!["refit"],
        ),
        ("spec.yaml", "model:", "output: {uncovered: ham}\nmodel:", vec!["decision"]),
        ("domains.csv", "bad", "good", vec!["table:domains"]),
        ("rows.csv", "m3,\"nothing", "m3,\"thanks nothing", vec!["data"]),
        ("rows.csv", "m3,\"nothing", "m3,\"something", vec![]),
    ] {
        let two = Two::new().edit(file, from, to).run();
        let causes = two.causes();
        let found: Vec<&str> = causes.iter().map(|(cause, _)| cause.as_str()).collect();
        // What an edit teaches the model may change other labels as well.
        let found: Vec<&str> = if wanted == ["refit"] {
            found
        } else {
            found.into_iter().filter(|cause| *cause != "refit").collect()
        };
        assert_eq!(found, wanted, "{to}: {}", two.diff()["headline"]);
        let ran = two.0.run(&["diff", "a/run", "b/run"]).code(0);
        assert_eq!(
            ran.out.starts_with("None of 36 labels changed"),
            causes.is_empty(),
            "{}",
            ran.out
        );
    }
}

#[test]
fn runs_of_the_same_are_the_same() {
    let two = Two::new().run();
    let diff = two.diff();
    for part in ["causes", "changes", "settings", "refit", "inputs", "tables", "notes"] {
        assert_eq!(diff[part], serde_json::json!([]), "{part}");
    }
    assert_eq!(diff["headline"], serde_json::json!(["None of 36 labels changed."]));
    assert_eq!(diff["rows"]["changed_cells"], 0);
    let limits = ["diff", "a/run", "b/run", "--fail-on", "changed>0", "--fail-on", "coverage<0%"];
    assert!(two.0.run(&limits).code(0).out.contains("within changed>0: it is 0"));
}

#[test]
fn an_lf_has_its_history() {
    let two = Two::new().edit("spec.yaml", "name: promo", "name: offers").run();
    let diff = two.diff();
    assert_eq!(diff["lfs"][0]["renamed_from"], "promo");
    assert_eq!((&diff["lfs"][0]["change"], &diff["lfs"][0]["lost"]), (&"same".into(), &0.into()));
    two.0.run(&["diff", "a/run", "b/run", "--fail-on", "lf:promo>0"]).code(0);
    let two = Two::new().edit("spec.yaml", "[thanks, cheers]", "[cheers]").run();
    let lf = &two.diff()["lfs"][1];
    assert_eq!(
        (&lf["change"], &lf["lost"], &lf["gained"]),
        (&"edited".into(), &12.into(), &0.into())
    );
    assert_eq!(
        (&lf["before"]["coverage"]["count"], &lf["after"]["coverage"]["count"]),
        (&15.into(), &3.into())
    );
    let two = Two::new().edit(
        "spec.yaml",
        "file: domains.csv, key: domain",
        "file: domains.csv, key: domain, duplicates: first",
    );
    let diff = two.run().diff();
    assert_eq!(diff["tables"][0]["what"][0], "another rule for keys that stand there twice");
    assert_eq!(diff["tables"][0]["lfs"][0], "link");
}

/// Rows by identifier wherever they stand; with the same identifier, or none, in order; else by number.
#[test]
fn rows_find_each_other() {
    let rows = |two: &Two| two.diff()["rows"].clone();
    let reversed = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\n") + "\n"
    };
    let two = Two::new();
    two.0.write("b/rows.csv", &reversed(&data()));
    let two = two.run();
    assert_eq!(two.causes(), []);
    assert_eq!((&rows(&two)["common"], &rows(&two)["changed_cells"]), (&36.into(), &0.into()));

    // Every identifier stands there twice, one row is new, and one is gone.
    let two = Two::new();
    let twice = |from: usize, to: usize| {
        let data = data();
        let rows = data.lines().skip(1 + from).take(to - from).enumerate();
        let rows = rows.map(|(i, line)| {
            format!("m{},{}\n", usize::midpoint(from, i), line.split_once(',').expect("a comma").1)
        });
        format!("id,body,stars\n{}", rows.collect::<String>())
    };
    two.0.write("a/rows.csv", &twice(0, 36));
    two.0.write("b/rows.csv", &(twice(0, 35) + "m99,see bad.example,1\n"));
    let two = two.run();
    let found = rows(&two);
    assert_eq!(found["repeated_ids"], 18);
    assert_eq!((&found["common"], &found["changed_cells"]), (&35.into(), &0.into()));
    assert_eq!((&found["only_before"], &found["only_after"]), (&1.into(), &1.into()));
    assert!(two.notes().contains("matched in order"), "{}", two.notes());

    let two = Two::new().edit("spec.yaml", ", id: id", "");
    two.0.write("a/spec.yaml", &SPEC.replace(", id: id", ""));
    let two = two.edit("rows.csv", "id,body,stars\n", "id,body,stars\nnew,thanks,1\n").run();
    let found = rows(&two);
    assert_eq!((&found["matched_by"], &found["common"]), (&"number".into(), &36.into()));
    assert!(two.notes().contains("inserted or reordered"), "{}", two.notes());

    let two = Two::new().edit("spec.yaml", ", id: id", "").run();
    assert!(two.notes().contains("b/run has no identifiers"), "{}", two.notes());
    assert_eq!(two.causes(), []);
}

/// With other columns fingerprints are others, and with the same files that does not matter.
#[test]
fn other_columns_are_no_other_data() {
    let late = "  - {name: stars, label: ham, when: {model: {column: stars, at_least: 4}}}\nmodel:";
    let two = Two::new().edit("spec.yaml", "model:", late).run();
    assert_eq!(two.diff()["rows"]["changed_cells"], 0);
    assert!(two.causes().iter().all(|(cause, _)| cause == "lf:stars" || cause == "refit"));
    let two = Two::new().edit("spec.yaml", "model:", late).edit(
        "rows.csv",
        "m3,\"nothing",
        "m3,\"thanks",
    );
    let two = two.run();
    assert_eq!(two.diff()["rows"]["changed_cells"], Value::Null);
    assert!(two.notes().contains("read other columns"), "{}", two.notes());
    assert!(
        two.causes().contains(&("data".to_owned(), 1)),
        "{}",
        two.0.run(&["diff", "a/run", "b/run"]).out
    );
}

#[test]
fn labels_may_be_others() {
    let two = Two::new().edit("spec.yaml", "[spam, ham]", "[ham, spam]").run();
    assert_eq!(two.causes(), [], "their order says nothing");
    let two = Two::new()
        .edit("spec.yaml", "[spam, ham]", "[spam, ham, win]")
        .edit(
            "spec.yaml",
            "model:",
            "  - {name: win, label: win, when: {keyword: [winner]}}\nmodel:",
        )
        .run();
    assert!(two.notes().contains("new: `win`"), "{}", two.notes());
    assert!(two.causes().iter().any(|(cause, _)| cause == "lf:win"), "{:?}", two.causes());
    assert_eq!(two.diff()["classes"][2]["before"], Value::Null);
}

#[test]
fn older_runs_are_compared_as_far_as_they_go() {
    let two = Two::new()
        .edit("spec.yaml", "[subscribe, giveaway]", "[subscribe, winner]")
        .edit("domains.csv", "bad", "good")
        .edit("rows.csv", "m3,\"nothing", "m3,\"thanks")
        .edit("rows.csv", "m9,\"winner at good.example", "m9,\"winner at rome")
        .run();
    for file in ["rows.csv", "spec.yaml"] {
        std::fs::remove_file(two.0.path(&format!("a/run/{file}"))).expect("removed");
    }
    let path = two.0.path("a/run/manifest.json");
    let text = std::fs::read_to_string(&path).expect("a manifest");
    let mut manifest: Value = serde_json::from_str(&text).expect("JSON");
    let fields = manifest.as_object_mut().expect("an object");
    fields.remove("tables");
    fields.remove("fields");
    for lf in manifest["lfs"].as_array_mut().expect("LFs") {
        let lf = lf.as_object_mut().expect("an object");
        lf.remove("utils");
        lf.remove("tables");
    }
    std::fs::write(&path, manifest.to_string()).expect("written");
    let notes = two.notes();
    for part in
        ["a/run has no fingerprints", "a/run has no spec", "a/run was made by an older version"]
    {
        assert!(notes.contains(part), "{notes}");
    }
    let causes: Vec<String> = two.causes().into_iter().map(|(cause, _)| cause).collect();
    for cause in ["lf:promo", "table:domains", "data"] {
        assert!(
            causes.contains(&cause.to_owned()),
            "{}",
            two.0.run(&["diff", "a/run", "b/run"]).out
        );
    }
}

#[test]
fn limits_end_with_exit_code_1_and_mistakes_with_2() {
    let two = Two::new().edit("spec.yaml", "[subscribe, giveaway]", "[subscribe, winner]").run();
    let diff = |limits: &[&str]| {
        let mut arguments = vec!["diff", "a/run", "b/run"];
        limits.iter().for_each(|limit| arguments.extend(["--fail-on", limit]));
        two.0.run(&arguments)
    };
    diff(&["changed>50%", "lf:promo>=9", "removed>0", "coverage<-20%", "table:domains > 0"])
        .code(0);
    // Every figure has its number: nothing else than the labeling function changed.
    let none = ["data>0", "table>0", "refit<=6", "decision>0", "code>0", "several>0", "added>0"];
    let ran = diff(&none).code(1);
    ran.says(&["beyond the limit `refit<=6`: it is 6"]);
    diff(&["labeled<-50%", "labeled > 3"]).code(0);
    let ran = diff(&["changed>50%", "lf:promo>=1%", "lf>0"]).code(1);
    let ran = ran.says(&["beyond the limit `lf:promo>=1%`: it is ", "beyond the limit `lf>0`"]);
    assert!(ran.out.contains("within changed>50%"), "{}", ran.out);
    for (limit, parts) in [
        ("changed", &["one of < <= > >=", "changed>5%"][..]),
        ("changed>x%", &["a number of rows or a percentage"]),
        ("changed>inf", &["a number of rows or a percentage"]),
        (">5%", &["`>5%` is no limit"]),
        ("model:x>5%", &["no figure `model:x`", "table:NAME"]),
        ("chnaged>5%", &["no figure `chnaged`", "did you mean `changed`?"]),
        ("lf:prono>5%", &["neither run has `prono`", "did you mean `promo`?"]),
        ("table:x>5%", &["neither run has `x`"]),
    ] {
        diff(&[limit]).code(2).says(parts);
    }
    two.0.run(&["diff", "a/run", "b"]).code(2).says(&["b is not a run directory", "jurat run -o"]);
    std::fs::remove_file(two.0.path("b/run/votes.csv")).expect("removed");
    two.0.run(&["diff", "a/run", "b/run"]).code(2).says(&["b/run/votes.csv is damaged"]);
}

/// What a pull request shows. `UPDATE_GOLDEN=1` writes it anew.
#[test]
fn the_comment_for_a_pull_request_is_the_one_on_record() {
    let two = Two::new()
        .edit("spec.yaml", "[subscribe, giveaway]", "[subscribe, giveaway, winner]")
        .edit("spec.yaml", "name: thanks", "name: polite")
        .edit("domains.csv", "bad.example", "good.example")
        .edit("rows.csv", "m3,\"nothing", "m|3,\"thanks, nothing")
        .edit("rows.csv", "m15,\"nothing", "m15,\"thanks, nothing")
        .run();
    let diff = ["diff", "a/run", "b/run", "--format", "markdown", "--fail-on", "changed>10%"];
    let text = two.0.run(&diff).code(1).out;
    let golden = "tests/data/diff.md";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &text).expect("written");
    }
    assert_eq!(text, std::fs::read_to_string(golden).unwrap_or_default());
}

/// Fingerprints are those of the cells, whatever file they are in.
#[test]
fn the_kind_of_file_has_no_influence_on_fingerprints() {
    let two = Two::new();
    let rows = data();
    let rows = rows.lines().skip(1).map(|line| {
        let (id, rest) = line.split_once(',').expect("a comma");
        let body = rest.rsplit_once(',').expect("a comma").0.trim_matches('"');
        let body = if body.is_empty() { Value::Null } else { body.into() };
        serde_json::json!({"body": body, "id": id}).to_string() + "\n"
    });
    two.0.write("rows.jsonl", &rows.collect::<String>());
    two.0.run(&["run", "a/spec.yaml", "a/rows.csv", "-o", "a/run", "--format", "csv"]).code(0);
    two.0.run(&["run", "b/spec.yaml", "rows.jsonl", "-o", "b/run", "--format", "jsonl"]).code(0);
    let diff = two.diff();
    assert_eq!((&diff["rows"]["changed_cells"], &diff["changed"]["count"]), (&0.into(), &0.into()));
    assert_ne!(diff["inputs"], serde_json::json!([]), "the files differ");
}
