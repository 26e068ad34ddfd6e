//! Labels of several runs and of people as one table, as a user drives it.
#![cfg(feature = "cli")]

use super::cli::{Folder, SPEC};
use super::review_files::{Record, read};
use jurat::merge::{HandLabels, LabelSource, Rule, merge};

/// Two files of labels, the second with its classes in another order, and a gold file.
fn ready() -> Folder {
    let folder = Folder::new();
    folder.write(
        "a.csv",
        "id,label,confidence,prob:ham,prob:spam\np,ham,0.9,0.9,0.1\nq,spam,0.8,0.2,0.8\nr,,0.5,0.5,0.5\ns,ham,0.6,0.6,0.4\n",
    );
    folder.write(
        "b.csv",
        "id,label,confidence,prob:spam,prob:ham\nt,ham,0.99,0.01,0.99\nr,spam,0.9,0.9,0.1\nq,ham,0.7,0.3,0.7\n",
    );
    folder.write(
        "gold.csv",
        "row,id,gold,who,when\n,q,ham,ann,2026-03-01\n,q,ham,bob,2026-03-05\n,u,spam,ann,2026-03-02\n,s,spam,ann,2026-03-01\n,s,ham,bob,2026-03-01\n",
    );
    folder
}

#[test]
fn each_rule_keeps_its_label() {
    let folder = ready();
    let merged = |rule: &str| -> Vec<[String; 6]> {
        let arguments = ["merge", "a.csv", "b.csv", "gold.csv", "-o", "out.csv", "--rule", rule];
        folder.run(&arguments).code(0).says(&[
            "6 rows",
            "different labels to 1 rows",
            "people are tied on 1 rows",
        ]);
        let cells = ["id", "label", "confidence", "source", "n_sources", "conflict"];
        read(&folder, "out.csv").iter().map(|row| cells.map(|cell| row[cell].clone())).collect()
    };
    let row = |cells: &str| -> [String; 6] {
        let cells: Vec<String> = cells.split('|').map(str::to_owned).collect();
        cells.try_into().expect("six cells")
    };
    let others = |q: &str| {
        [
            "p|ham|0.9|a.csv|1|0",
            q,
            "r|spam|0.9|b.csv|1|0",
            "s|ham|0.6|a.csv|1|0",
            "t|ham|0.99|b.csv|1|0",
            "u|spam|1|gold.csv (ann)|1|0",
        ]
        .map(row)
    };
    assert_eq!(merged("hand-first"), others("q|ham|1|gold.csv (ann, bob)|3|1"));
    assert_eq!(merged("latest"), others("q|ham|1|gold.csv (ann, bob)|3|1"));
    assert_eq!(merged("confident"), others("q|ham|1|gold.csv (ann, bob)|3|1"));
    assert_eq!(merged("order"), others("q|spam|0.8|a.csv|3|1"));
    let average = merged("average");
    let confidence: f64 = average[1][2].parse().expect("a number");
    assert!((confidence - (0.2 + 0.7 + 1.0) / 3.0).abs() < 1e-12, "{confidence}");
    assert_eq!(average[1][3], "a.csv + b.csv + gold.csv (ann, bob)");
    assert_eq!((average[1][1].as_str(), average[2][1].as_str()), ("ham", "spam"));
    // What is not averaged is as it was.
    assert_eq!(average[3..], others("p|ham|0.9|a.csv|1|0")[3..]);
    let rows = read(&folder, "out.csv");
    assert_eq!(rows[1]["when"], "2026-03-05");
    let sum = |row: &Record| -> f64 {
        ["prob:ham", "prob:spam"]
            .iter()
            .map(|cell| row[*cell].parse::<f64>().expect("a number"))
            .sum()
    };
    assert!(rows.iter().all(|row| (sum(row) - 1.0).abs() < 1e-9));
}

#[test]
fn conflicts_are_listed() {
    let folder = ready();
    let arguments =
        ["merge", "a.csv", "b.csv", "gold.csv", "-o", "out.jsonl", "--conflicts", "differ.csv"];
    folder.run(&arguments).code(0);
    let rows = read(&folder, "differ.csv");
    let cells = |row: &Record| {
        ["id", "label", "confidence", "source", "when", "kept"].map(|c| row[c].clone())
    };
    assert_eq!(
        rows.iter().map(cells).collect::<Vec<_>>(),
        [
            ["q", "ham", "1", "gold.csv (ann, bob)", "2026-03-05", "1"],
            ["q", "spam", "0.8", "a.csv", "", "0"],
            ["q", "ham", "0.7", "b.csv", "", "1"],
        ]
    );
    let text = std::fs::read_to_string(folder.path("out.jsonl")).expect("written");
    let second: serde_json::Value =
        serde_json::from_str(text.lines().nth(1).expect("a line")).expect("JSON");
    assert_eq!(second["n_sources"], serde_json::json!(3));
    assert_eq!(second["prob:ham"], serde_json::json!(1.0));
    assert!(second["label"] == "ham" && second["conflict"] == 1);
}

/// What is written is read again, in any format, and merged alone it stays what it is.
#[test]
fn merged_tables_are_tables_of_labels() {
    let folder = ready();
    let mut before = None;
    for ending in [
        "csv",
        "jsonl",
        #[cfg(feature = "parquet")]
        "parquet",
    ] {
        let name = format!("out.{ending}");
        folder.run(&["merge", "a.csv", "b.csv", "gold.csv", "-o", &name]).code(0);
        folder.run(&["merge", &name, "-o", "again.csv"]).code(0);
        let mut rows = read(&folder, "again.csv");
        for row in &mut rows {
            assert_eq!(row.remove("source").as_deref(), Some(&*name));
        }
        let columns = ["id", "label", "confidence", "prob:ham", "prob:spam"];
        let rows: Vec<_> = rows.iter().map(|row| columns.map(|c| row[c].clone())).collect();
        assert_eq!(rows.len(), 6);
        assert_eq!(*before.get_or_insert_with(|| rows.clone()), rows, "{ending}");
    }
}

/// Two runs, one later than the other, and labels of a fit; rows that have numbers instead of identifiers.
#[test]
fn runs_and_fits_are_merged() {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    let words = ["Subscribe to my giveaway", "many thanks", "see https://a.example", "nothing"];
    let rows: String = (0..40).map(|row| format!("k{row},{}\n", words[row % 4])).collect();
    folder.write("data.csv", &format!("id,body\n{rows}"));
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "old", "--format", "csv"]).code(0);
    folder.write(
        "spec-2.yaml",
        &SPEC.replace("label: ham", "label: spam").replacen("label: spam", "label: ham", 1),
    );
    folder.run(&["run", "spec-2.yaml", "data.csv", "-o", "new", "--format", "jsonl"]).code(0);
    // A run is as old as its manifest says.
    for (run, year) in [("old", "2024"), ("new", "2025")] {
        let path = folder.path(run).join("manifest.json");
        let text = std::fs::read_to_string(&path).expect("a manifest");
        let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest["finished"] = serde_json::json!(format!("{year}-01-01T00:00:00Z"));
        std::fs::write(&path, manifest.to_string()).expect("written");
    }
    folder
        .run(&["merge", "old", "new", "-o", "out.csv"])
        .code(0)
        .says(&["40 rows", "different labels to 20 rows"]);
    let merged = read(&folder, "out.csv");
    assert_eq!(merged.len(), 40);
    let of =
        |rows: &[Record], cell: &str| rows.iter().map(|row| row[cell].clone()).collect::<Vec<_>>();
    let labeled: Vec<Record> =
        merged.iter().filter(|row| row["n_sources"] == "2").cloned().collect();
    assert!(labeled.iter().all(|row| row["source"] == "new" && row["when"].starts_with("2025")));
    assert_eq!(of(&merged, "id")[..2], ["k0", "k1"]);
    folder.run(&["merge", "old", "new", "-o", "old-first.csv", "--rule", "order"]).code(0);
    assert_eq!(
        of(&read(&folder, "old-first.csv"), "label"),
        of(&read(&folder, "old/labels.csv"), "label")
    );

    let votes = "old/votes.csv";
    folder.run(&["fit", votes, "--id", "id", "-o", "fit.csv", "--labels", "spam,ham"]).code(0);
    folder.run(&["merge", "old", "fit.csv", "-o", "out.csv", "--rule", "average"]).code(0);
    assert_eq!(read(&folder, "out.csv").len(), 40);
    // Without identifiers, rows are numbers, and stay numbers.
    folder.run(&["fit", votes, "-o", "a.jsonl", "--labels", "spam,ham"]).code(0);
    folder
        .run(&["fit", votes, "-o", "b.csv", "--labels", "spam,ham", "--model", "majority"])
        .code(0);
    folder.write(
        "gold.csv",
        "row,id,gold,who,when\n3,,ham,ann,2026-03-01\n77,,spam,ann,2026-03-01\n",
    );
    folder
        .run(&["merge", "a.jsonl", "b.csv", "gold.csv", "-o", "out.jsonl"])
        .code(0)
        .says(&["41 rows"]);
    let text = std::fs::read_to_string(folder.path("out.jsonl")).expect("written");
    assert!(
        text.lines().nth(3).expect("a line").starts_with("{\"row\":3,\"label\":\"ham\","),
        "{text}"
    );
    assert!(text.lines().last().expect("a line").starts_with("{\"row\":77,"), "{text}");
    folder
        .run(&["merge", "old", "b.csv", "-o", "out.csv"])
        .code(3)
        .says(&["old names rows by identifier and b.csv by number"]);
    folder
        .run(&["merge", "old", "gold.csv", "-o", "out.csv"])
        .code(3)
        .says(&["gold.csv, line 2", "no identifier"]);
}

#[test]
fn hand_labels_alone_are_labels() {
    let folder = ready();
    folder.write("more.csv", "row,id,gold,who,when\n,q,spam,cy,2026-04-01\n,v,ham,cy,2026-04-01\n");
    folder.run(&["merge", "gold.csv", "more.csv", "-o", "out.csv"]).code(0);
    let rows = read(&folder, "out.csv");
    let cells = |row: &Record| ["id", "label", "prob:ham", "source"].map(|cell| row[cell].clone());
    assert_eq!(
        rows.iter().map(cells).collect::<Vec<_>>(),
        [
            ["q", "spam", "0", "more.csv (cy)"],
            ["u", "spam", "0", "gold.csv (ann)"],
            ["v", "ham", "1", "more.csv (cy)"]
        ]
    );
}

#[test]
fn what_cannot_be_merged_is_said_and_nothing_is_written() {
    let folder = ready();
    let columns = "id,label,confidence,prob:ham,prob:spam";
    for (name, text) in [
        ("other.csv", "id,label,confidence,prob:ham,prob:eggs\np,ham,0.9,0.9,0.1\n".to_owned()),
        (
            "twice.csv",
            format!("{columns}\np,ham,0.9,0.9,0.1\nq,ham,0.9,0.9,0.1\np,ham,0.9,0.9,0.1\n"),
        ),
        ("no-id.csv", format!("{columns}\n,ham,0.9,0.9,0.1\n")),
        ("label.csv", format!("{columns}\np,hm,0.9,0.9,0.1\n")),
        ("p.csv", format!("{columns}\np,ham,0.9,1.9,0.1\n")),
        ("empty-p.csv", format!("{columns}\np,ham,0.9,,0.1\n")),
        ("sum.csv", format!("{columns}\np,ham,0.9,0.9,0.9\n")),
        ("data.csv", "id,body\np,hello\n".to_owned()),
        ("wrong-gold.csv", "row,id,gold,who,when\n,p,spm,ann,2026-03-01\n".to_owned()),
    ] {
        folder.write(name, &text);
    }
    for (sources, code, parts) in [
        (&["a.csv", "other.csv"][..], 3, &["`spam` only in a.csv", "`eggs` only in other.csv"][..]),
        (&["twice.csv"], 3, &["rows 0 and 2", "`p`"]),
        (&["no-id.csv"], 3, &["no-id.csv, row 0", "no identifier"]),
        (&["label.csv"], 3, &["`hm` is none of its labels", "did you mean `ham`?"]),
        (&["p.csv"], 3, &["row 0", "`prob:ham` is no probability"]),
        (&["empty-p.csv"], 3, &["row 0", "`prob:ham` is no probability"]),
        (&["sum.csv"], 3, &["do not sum to 1"]),
        (&["data.csv"], 3, &["no table of labels", "`id`, `body`"]),
        (&["a.csv", "wrong-gold.csv"], 3, &["line 2", "did you mean `spam`?"]),
        (&["a.csv", "a.csv"], 3, &["named twice"]),
        (&["missing.csv"], 3, &["missing.csv"]),
        (&["a.csv", "."], 2, &["is not a run directory"]),
    ] {
        let mut arguments = vec!["merge", "-o", "out.csv"];
        arguments.extend(sources);
        folder.run(&arguments).code(code).says(parts);
        assert!(!folder.names().contains(&"out.csv".to_owned()), "{sources:?}");
    }
    folder.run(&["merge", "a.csv", "-o", "a.csv"]).code(2).says(&["read, or written twice"]);
    folder.run(&["merge", "a.csv", "-o", "out.xyz"]).code(2).says(&["cannot tell the format"]);
    folder.run(&["merge", "-o", "out.csv"]).code(2);
    assert!(merge(Vec::new(), Rule::default()).is_err());
}

/// The library does what the program does.
#[test]
fn sources_are_values() {
    let folder = ready();
    let open = |name: &str| {
        let path = folder.path(name);
        LabelSource::open(&path.to_string_lossy(), None).expect("a source")
    };
    let LabelSource::Hand(HandLabels { answers, .. }) = open("gold.csv") else { panic!("people") };
    assert_eq!(answers.all.len(), 5);
    let merged = merge(vec![open("a.csv"), open("b.csv")], Rule::Confident).expect("one task");
    assert_eq!((merged.keys.len(), merged.n_conflicts, merged.tied), (5, 1, 0));
    assert_eq!(merged.classes, ["ham", "spam"]);
    assert_eq!(merged.labels, [Some(0), Some(1), Some(1), Some(0), Some(0)]);
}
