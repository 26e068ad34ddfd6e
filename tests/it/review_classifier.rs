//! Rows chosen by a trained classifier, as a user drives it: run, train, review.
#![cfg(feature = "cli")]

use crate::cli::{Folder, Ran};
use crate::review_files::{Record, parse};
use std::fmt::Write as _;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
lfs:
  - {name: offer, label: spam, when: {keyword: {any: [shop], field: sender}}}
  - {name: friend, label: ham, when: {keyword: {any: [ann], field: sender}}}
  - {name: polite, label: ham, when: {keyword: [thanks]}}
";

const SPAM: [&str; 6] = ["prize", "winner", "cash", "click", "bonus", "lottery"];
const HAM: [&str; 6] = ["meeting", "agenda", "minutes", "project", "budget", "schedule"];

/// Some words of one sort, others for other numbers.
fn words(of: &[&str; 6], number: usize, n: usize) -> String {
    let word = |at: usize| of[(number * 5 + at * (1 + number / 6 % 5)) % 6];
    (0..n).map(word).collect::<Vec<_>>().join(" ")
}

/// Rows of which the words agree with the votes, or there are none; among them contradictions, `x…`: a shop whose
/// words are those of a friend; and rows without votes with as many words of either sort, `u…`. All of
/// these stand there twice. Of the rows with votes and the words of contradictions these are one in seven: were they
/// one in four, a row without votes and with such words would be as much in doubt as `u…`, and rightly.
fn data() -> String {
    let mut data = "id,sender,body\n".to_owned();
    for at in 0..240 {
        let _ = writeln!(data, "s{at},shop,{} note {at}", words(&SPAM, at, 4));
        let _ = writeln!(data, "h{at},ann,{} note {at}", words(&HAM, at, 4));
        if at % 4 == 0 {
            let _ = writeln!(data, "n{at},bob,{}", words(&SPAM, at, 8));
            let _ = writeln!(data, "m{at},bob,{}", words(&HAM, at, 8));
        }
        if [7, 38, 69, 100].contains(&at) {
            for copy in ["", "-again"] {
                let _ = writeln!(data, "x{at}{copy},shop,{}", words(&HAM, at, 6));
                let (one, other) = (words(&SPAM, at, 2), words(&HAM, at, 2));
                let _ = writeln!(data, "u{at}{copy},bob,{one} {other}");
            }
        }
    }
    data
}

fn ok(folder: &Folder, line: &str) -> Ran {
    folder.run(&line.split(' ').collect::<Vec<_>>()).code(0)
}

fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("data.csv", &data());
    ok(&folder, "run spec.yaml data.csv -o run -q --format csv");
    ok(&folder, "train run -o c.json --text body --uncovered 0 --report none -q");
    folder
}

fn sheet(folder: &Folder, line: &str) -> Vec<Record> {
    parse(ok(folder, line).out.as_bytes())
}

#[test]
fn rows_that_contradict_their_votes_and_rows_nobody_is_sure_of_come_first() {
    let folder = ready();
    let rows = sheet(&folder, "review run --classifier c.json --by disagreement -n 8");
    assert_eq!(rows.len(), 8);
    let first = |sort: char| rows.iter().filter(|row| row["id"].starts_with(sort)).count();
    // Four of each sort were planted, each twice: of rows with the same cells one is chosen.
    assert_eq!((first('x'), first('u')), (4, 4), "{rows:#?}");
    let texts: std::collections::BTreeSet<&str> = rows.iter().map(|row| &*row["body"]).collect();
    assert_eq!(texts.len(), 8, "no text twice");
    for (at, row) in rows.iter().enumerate() {
        let why = &row["why"];
        assert!(why.starts_with("disagreement 0."), "{why}");
        if at % 2 == 0 {
            assert!(row["votes"] == "offer=spam" && why.contains(": votes say spam 0."), "{why}");
            assert!(why.contains(", classifier says ham 0."), "{why}");
        } else {
            assert!(
                row["votes"].is_empty() && why.contains(": no votes, classifier says "),
                "{why}"
            );
        }
    }
    let rows = sheet(&folder, "review run --classifier c.json --by information -n 4");
    assert!(rows.iter().all(|row| row["why"].starts_with("information 0.")), "{rows:#?}");
    // Of the two sorts that votes speak of, by turns, those that contradict their votes teach more.
    let of = |sort: char| rows.iter().filter(move |row| row["id"].starts_with(sort));
    let information = |row: &Record| row["why"][..16].to_owned();
    assert!(rows[0]["id"].starts_with('x') && of('x').count() >= 2, "{rows:#?}");
    assert!(of('x').map(information).min() > of('h').map(information).max(), "{rows:#?}");
}

#[test]
fn a_classifier_joins_the_usual_mix_and_every_sheet_says_why() {
    let folder = ready();
    let ran = ok(&folder, "review run --classifier c.json -n 30 -o rows.json");
    for strategy in ["information", "disagreement", "precision", "random"] {
        assert!(ran.err.contains(&format!(" {strategy}")), "{}", ran.err);
    }
    let text = std::fs::read_to_string(folder.path("rows.json")).expect("written");
    let tasks: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let tasks = tasks.as_array().expect("a list");
    let why = |task: &serde_json::Value| task["meta"]["why"].as_str().expect("a text").to_owned();
    let says = |why: &str| why.contains("information 0.") && why.contains("classifier says");
    assert!(tasks.len() == 30 && tasks.iter().map(why).any(|why| says(&why)), "{text}");
    #[cfg(feature = "xlsx")]
    {
        ok(&folder, "review run --classifier c.json -n 30 -o rows.xlsx");
        let mut book = calamine::open_workbook_auto(folder.path("rows.xlsx")).expect("opens");
        let range = calamine::Reader::worksheet_range(&mut book, "rows").expect("the sheet");
        let mut cells = range.cells().map(|(_, _, cell)| cell.to_string());
        assert!(cells.any(|cell| says(&cell)));
    }
    // The same rows on any number of threads.
    let line = ["review", "run", "--classifier", "c.json", "-n", "30", "--threads"];
    let on = |threads| folder.run(&[&line[..], &[threads]].concat()).code(0).out;
    assert_eq!(on("1"), on("3"));
    // Answers about them are known to be of hard rows.
    let rows = sheet(&folder, "review run --classifier c.json --by information,disagreement -n 6");
    let mut filled = csv::Writer::from_path(folder.path("filled.csv")).expect("a file");
    filled.write_record(["row", "id", "gold", "why"]).expect("written");
    for row in &rows {
        filled.write_record([&row["row"], &row["id"], "ham", &row["why"]]).expect("written");
    }
    filled.flush().expect("written");
    ok(&folder, "gold gold.csv filled.csv --run run --who ann");
    ok(&folder, "run spec.yaml data.csv -o after --gold-file gold.csv")
        .says(&["6 of its 6 labels are of rows that were chosen because they are hard"]);
    // They do not come again.
    let again = sheet(
        &folder,
        "review run --classifier c.json --by information,disagreement -n 6 --gold gold.csv",
    );
    assert!(again.iter().all(|row| rows.iter().all(|other| other["row"] != row["row"])));
    // With --lf, what is asked for is a precision, and the classifier.
    let ran = ok(&folder, "review run --classifier c.json --lf offer -n 6 -o lf.csv").err;
    assert!(ran.contains("precision") && !ran.contains("random"), "{ran}");
}

#[test]
fn what_is_wrong_with_a_classifier_is_said() {
    let folder = ready();
    let fails = |line: &str, code: i32, parts: &[&str]| {
        folder.run(&line.split(' ').collect::<Vec<_>>()).code(code).says(parts);
    };
    let train = "jurat train run -o";
    fails("review run --by information", 2, &["`information` needs", train, "--classifier"]);
    fails("review run --by random,disagreement", 2, &["`disagreement` needs", train]);
    fails("review run --by infromation", 2, &["did you mean `information`?"]);
    let parts = ["nothing that --by names asks c.json", "say --by information"];
    fails("review run --by random --classifier c.json", 2, &parts);
    fails("review run --classifier nothing.json", 3, &["nothing.json", "jurat train"]);
    folder.write("broken.json", "{}");
    fails("review run --classifier broken.json", 3, &["broken.json", "jurat train"]);
    fails("review run --classifier c.json -o c.json --overwrite", 2, &["c.json"]);
    // The same data with other labels.
    folder.write("other.yaml", &SPEC.replace("ham", "fine"));
    ok(&folder, "run other.yaml data.csv -o other -q --format csv");
    let parts =
        ["c.json", "`spam`, `ham`", "the labels of other are `spam`, `fine`", "train other"];
    fails("review other --classifier c.json", 3, &parts);
    // Labels in another order are the same.
    folder.write("turned.yaml", &SPEC.replace("[spam, ham]", "[ham, spam]"));
    ok(&folder, "run turned.yaml data.csv -o turned -q --format csv");
    let ids = |run: &str| -> Vec<String> {
        let rows =
            sheet(&folder, &format!("review {run} --classifier c.json --by disagreement -n 8"));
        rows.into_iter().map(|row| row["id"].clone()).collect()
    };
    assert_eq!(ids("run"), ids("turned"));
    // A column that only the classifier reads.
    let more: String = data()
        .lines()
        .enumerate()
        .map(|(at, line)| format!("{line},{}\n", if at == 0 { "length" } else { "7" }))
        .collect();
    folder.write("more.csv", &more);
    ok(&folder, "train run -o more.json --text body --number length --data more.csv --report none");
    let parts =
        ["more.json", "there is no column `length`", "data.csv", "jurat train run", "--data"];
    fails("review run --classifier more.json", 3, &parts);
    ok(&folder, "review run --classifier more.json --data more.csv -o more-rows.csv");
    folder.write("short.csv", &data().lines().take(40).collect::<Vec<_>>().join("\n"));
    fails("review run --classifier c.json --data short.csv", 2, &["39 rows, the run has"]);
    assert!(!folder.path("rows.csv").exists());
}

#[test]
fn hidden_rows_stay_hidden() {
    let folder = ready();
    for option in ["--redact", "--no-examples"] {
        let line = format!("review run --classifier c.json -n 20 {option}");
        let ran = ok(&folder, &line);
        assert!(ran.out.contains("classifier says"), "{}", ran.out);
        for secret in SPAM.iter().chain(&HAM).chain(&["shop", "bob", "x7", "u7"]) {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{secret}: {}",
                ran.out
            );
        }
    }
}
