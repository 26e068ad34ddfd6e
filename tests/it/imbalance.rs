//! Labels for training on classes that are not equally common: weights, and rows drawn anew; and why a row has
//! its label.
#![cfg(feature = "cli")]

use super::cli::Folder;
use super::review_files::{Record, read};
use std::collections::BTreeMap;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
lfs:
  - {name: wins, label: spam, when: {keyword: [win]}}
  - {name: polite, label: ham, when: {keyword: [please]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
";

/// 10 rows that are spam, 60 that are ham, 30 without votes.
fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    let body = |row: usize| match row % 10 {
        0 => "you win",
        1..4 => "please call",
        4..7 => "many thanks please",
        _ => "hello",
    };
    let rows: String = (0..100).map(|row| format!("id-{row},{}\n", body(row))).collect();
    folder.write("data.csv", &format!("id,body\n{rows}"));
    folder
}

fn run(folder: &Folder, more: &[&str]) {
    let mut arguments =
        vec!["run", "spec.yaml", "data.csv", "-o", "run", "--format", "csv", "--overwrite"];
    arguments.extend(more);
    folder.run(&arguments).code(0);
}

fn number(row: &Record, cell: &str) -> f64 {
    row[cell].parse().expect("a number")
}

#[test]
fn labels_carry_weights() {
    let folder = ready();
    let weights = |more: &[&str]| -> BTreeMap<String, Vec<f64>> {
        run(&folder, more);
        let mut weights: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in read(&folder, "run/labels.csv") {
            weights.entry(row["label"].clone()).or_default().push(number(&row, "weight"));
        }
        weights
    };
    let near = |found: &[f64], wanted: f64| {
        assert!(found.iter().all(|found| (found - wanted).abs() < 1e-9), "{found:?} not {wanted}");
    };
    // n / (K nₖ): 70 / (2 · 10) and 70 / (2 · 60).
    let balanced = weights(&["--weights", "balanced"]);
    assert_eq!((balanced["spam"].len(), balanced["ham"].len()), (10, 60));
    near(&balanced["spam"], 3.5);
    near(&balanced["ham"], 70.0 / 120.0);
    near(&balanced[""], 0.0);
    // Effective numbers 1.9980… and 2: (1 − ½) / (1 − ½ⁿ), scaled to a mean of 1.
    let effective = weights(&["--weights", "effective=0.5"]);
    let raw = [0.5 / (1.0 - 0.5_f64.powi(10)), 0.5 / (1.0 - 0.5_f64.powi(60))];
    let scale = 70.0 / (10.0 * raw[0] + 60.0 * raw[1]);
    near(&effective["spam"], raw[0] * scale);
    near(&effective["ham"], raw[1] * scale);
    // Expected rows: the sum of the weights over rows with votes is their number.
    let expected = weights(&["--weights", "balanced", "--weights-of", "expected"]);
    let sum: f64 = expected.values().flatten().sum();
    assert!((sum - 70.0).abs() < 1e-6, "{sum}");
    assert!(expected["spam"][0] > expected["ham"][0]);
    near(&expected[""], 0.0);
    // A run with weights comes out the same once more.
    folder.run(&["verify", "run"]).code(0);
    folder
        .run(&[
            "fit",
            "run/votes.csv",
            "--id",
            "id",
            "-o",
            "fit.csv",
            "--weights",
            "balanced",
            "--with-why",
        ])
        .code(0);
    let fit = read(&folder, "fit.csv");
    assert!((number(&fit[0], "weight") - 3.5).abs() < 1e-9 && fit[0]["why"].starts_with("wins:+"));
    for (how, parts) in [
        ("evenly", "no way to weigh"),
        ("effective=1", "up to 1, without it"),
        ("effective=x", "`x` is no number"),
    ] {
        folder
            .run(&["run", "spec.yaml", "data.csv", "-o", "no", "--weights", how])
            .code(2)
            .says(&[parts]);
    }
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "no", "--weights-of", "labels"]).code(2);
}

#[test]
fn labels_say_why() {
    let folder = ready();
    run(&folder, &["--with-why"]);
    let rows = read(&folder, "run/labels.csv");
    assert!(rows[0]["why"].starts_with("wins:+"), "{:?}", rows[0]);
    assert!(rows[7]["why"].is_empty(), "nobody voted");
    let both = &rows[4]["why"];
    assert!(
        both.contains("polite:+") && both.contains("thanks:+") && both.split(' ').count() == 2,
        "{both}"
    );
    let text = std::fs::read_to_string(folder.path("run/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let id = manifest["run"].as_str().expect("a name");
    assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let spec = &manifest["spec"]["sha256"].as_str().expect("a hash")[..16];
    assert!(rows.iter().all(|row| row["run"] == id && row["spec"] == spec));
    folder.run(&["verify", "run"]).code(0);
    // The same from elsewhere at another time is the same run; other data or another spec is not.
    let id_of = |more: &[&str]| -> String {
        run(&folder, more);
        let text = std::fs::read_to_string(folder.path("run/manifest.json")).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest["run"].as_str().expect("a name").to_owned()
    };
    assert_eq!(id_of(&["--weights", "balanced"]), id);
    std::fs::create_dir(folder.path("elsewhere")).expect("made");
    std::fs::copy(folder.path("data.csv"), folder.path("elsewhere/moved.csv")).expect("copied");
    folder
        .run(&[
            "run",
            "spec.yaml",
            "elsewhere/moved.csv",
            "-o",
            "moved",
            "--with-why",
            "--format",
            "csv",
        ])
        .code(0);
    assert_eq!(read(&folder, "moved/labels.csv")[0]["run"], id);
    assert_ne!(id_of(&["--trust", "wins=0.6"]), id);
    folder.write("spec.yaml", &SPEC.replace("[win]", "[win, prize]"));
    assert_ne!(id_of(&[]), id);
    // A column of identifiers must not have the name of another one.
    folder.write("why.csv", "why,body\n1,you win\n");
    let arguments = ["run", "spec.yaml", "why.csv", "--id", "why", "-o", "no"];
    folder.run(&[&arguments[..], &["--with-why"]].concat()).code(2).says(&["`why`"]);
}

#[test]
fn rows_are_drawn_anew() {
    let folder = ready();
    run(&folder, &[]);
    let all = read(&folder, "run/labels.csv");
    for (more, wanted) in [
        (&["--over"][..], [60, 60]),
        (&["--under"], [10, 10]),
        (&["--to-balance", "spam=0.5,ham=0.5"], [35, 35]),
        (&["--to-balance", "spam=0.25,ham=0.75", "--rows", "400"], [100, 300]),
        (&["--to-balance", "ham=1"], [0, 70]),
    ] {
        for out in ["out.csv", "again.csv"] {
            let mut arguments = vec!["resample", "run", "-o", out];
            arguments.extend(more);
            folder.run(&arguments).code(0).says(&["left out: 30 rows without a label"]);
        }
        assert_eq!(
            std::fs::read(folder.path("out.csv")).expect("written"),
            std::fs::read(folder.path("again.csv")).expect("written")
        );
        let rows = read(&folder, "out.csv");
        let of = |label: &str| rows.iter().filter(|row| row["label"] == label).count();
        assert_eq!([of("spam"), of("ham")], wanted, "{more:?}");
        for row in &rows {
            // Each row is one of the run, with its number and probabilities.
            let from = &all[row["row"].parse::<usize>().expect("a number")];
            for cell in ["id", "label", "confidence", "prob:spam", "prob:ham"] {
                assert_eq!(row[cell], from[cell]);
            }
        }
        // With weights it is what it was.
        for (label, before, after) in [("spam", 10.0, wanted[0]), ("ham", 60.0, wanted[1])] {
            let sum: f64 = rows
                .iter()
                .filter(|row| row["label"] == label)
                .map(|row| number(row, "weight"))
                .sum();
            assert!(after == 0 || (sum - before).abs() < 1e-9, "{label}: {sum}");
        }
    }
    folder.run(&["resample", "run", "-o", "seed.csv", "--under", "--seed", "7"]).code(0);
    folder.run(&["resample", "run", "-o", "out.csv", "--under"]).code(0);
    assert_ne!(
        std::fs::read(folder.path("seed.csv")).expect("written"),
        std::fs::read(folder.path("out.csv")).expect("written")
    );
    // Files of labels, in other formats.
    folder.run(&["fit", "run/votes.csv", "-o", "fit.jsonl"]).code(0);
    folder.run(&["resample", "fit.jsonl", "-o", "fit.csv", "--over"]).code(0);
    assert!(!read(&folder, "fit.csv")[0].contains_key("id"));
    #[cfg(feature = "parquet")]
    folder.run(&["resample", "run", "-o", "out.parquet", "--over"]).code(0);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = ready();
    run(&folder, &[]);
    let parts = |more: &'static [&'static str], code: i32, says: &'static str| (more, code, says);
    for (more, code, says) in [
        parts(&[], 2, "--over"),
        parts(&["--over", "--under"], 2, "cannot be used with"),
        parts(&["--to-balance", "spam"], 2, "not of the form"),
        parts(&["--to-balance", "spm=1"], 2, "did you mean `spam`?"),
        parts(&["--to-balance", "spam=x"], 2, "is no number"),
        parts(&["--to-balance", "spam=0.5,spam=0.5"], 2, "twice"),
        parts(&["--to-balance", "spam=0.5"], 2, "sum to 0.5"),
        parts(&["--to-balance", "spam=1", "--rows", "99999999999"], 2, "the most are"),
    ] {
        let mut arguments = vec!["resample", "run", "-o", "out.csv"];
        arguments.extend(more);
        folder.run(&arguments).code(code).says(&[says]);
    }
    folder
        .run(&["resample", "data.csv", "-o", "out.csv", "--over"])
        .code(3)
        .says(&["no table of labels"]);
    folder
        .run(&["resample", "run", "-o", "run/labels.csv", "--over"])
        .code(2)
        .says(&["read, or written twice"]);
    assert!(!folder.names().contains(&"out.csv".to_owned()));
}
