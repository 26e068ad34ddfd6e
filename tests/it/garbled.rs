//! Run directories that were cut off or tampered with: their files are checked before they are used.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::print_stdout, reason = "what was tried, and how often")]

use crate::cli::{Folder, ready};
use jurat::answers::{Answers, restored};
use jurat::diff::{Diff, markdown, terminal as diff_terminal};
use jurat::job::Run;
use jurat::report::gates::{check, github, junit, suggest};
use jurat::report::{Denominator, Privacy, Style, html, markdown as report_markdown, terminal};
use jurat::review::{Plan, Review, Strategy};
use serde_json::Value;

fn run() -> Folder {
    let folder = ready();
    let spec = std::fs::read_to_string(folder.path("spec.yaml")).expect("a spec");
    folder.write(
        "spec.yaml",
        &(spec + "slices: {long: {keyword: [thanks]}}\ngates: {coverage: \">= 10%\"}\n"),
    );
    let data = ["run", "spec.yaml", "data.csv", "-o", "good", "--format", "csv", "--gold", "gold"];
    folder.run(&data).code(0);
    let bad = folder.path("bad");
    std::fs::create_dir(&bad).expect("made");
    for entry in std::fs::read_dir(folder.path("good")).expect("there").flatten() {
        std::fs::copy(entry.path(), bad.join(entry.file_name())).expect("copied");
    }
    folder
}

/// Everything that is done with a run directory; whether all of it went well.
fn use_it(folder: &Folder) -> bool {
    let mut well = true;
    let mut note = |ok: bool| well &= ok;
    let style = Style { width: 120, color: true, denominator: Denominator::default() };
    let data = [folder.path("data.csv").display().to_string()];
    let Ok(bad) = Run::open(folder.path("bad")) else { return false };
    let good = Run::open(folder.path("good")).expect("a run");
    match bad.report() {
        Ok(mut report) => {
            let drawn = [html(&report), report_markdown(&report), terminal(&report, style)];
            assert!(drawn.iter().all(|drawn| !drawn.is_empty()));
            (0..=report.lfs.len()).for_each(|lf| drop(report.portrait(lf, true)));
            let gates: Vec<_> = report.gates.iter().map(|result| result.gate.clone()).collect();
            let results = check(&report, &gates, good.report().ok().as_ref());
            drop((github(&results, true), junit(&results, true), suggest(&report)));
            report.restrict(Privacy::NoExamples);
            drop(terminal(&report, style));
        }
        Err(_) => note(false),
    }
    note(bad.model().is_ok());
    note(bad.decision().is_ok());
    match bad.explain("1", &data, Privacy::Full) {
        Ok(explanation) => drop(explanation.terminal(true)),
        Err(_) => note(false),
    }
    for (before, after) in [(&bad, &good), (&good, &bad)] {
        match Diff::new(before, after) {
            Ok(diff) => drop((markdown(&diff), diff_terminal(&diff, style))),
            Err(_) => note(false),
        }
    }
    let plan = Plan { n: 3, by: Strategy::usual(false), lfs: Vec::new(), seed: 0 };
    note(Review::new(&bad, &plan, &Answers::default(), &data, None, Privacy::Full).is_ok());
    well
}

const FILES: [&str; 5] = ["manifest.json", "report.json", "model.json", "votes.csv", "labels.csv"];

#[test]
fn files_that_are_cut_off_or_nested_are_errors_and_no_panics() {
    let folder = run();
    assert!(use_it(&folder), "nothing is wrong yet");
    let mut errors = 0;
    for name in FILES {
        let path = folder.path("bad").join(name);
        let good = std::fs::read_to_string(&path).expect("there");
        let mut versions: Vec<String> = (0..8)
            .map(|part| good[..good.floor_char_boundary(good.len() * part / 8)].to_owned())
            .collect();
        versions.extend([
            "[".repeat(1_000_000),
            "{\"a\":".repeat(1_000_000),
            "null".to_owned(),
            good.replace("jurat-", "taruj-"),
            good.replace('0', "9e999"),
        ]);
        for version in versions {
            std::fs::write(&path, version).expect("written");
            errors += usize::from(!use_it(&folder));
        }
        std::fs::write(&path, good).expect("written");
    }
    println!("{errors} errors");
    assert!(errors >= 40, "{errors}");
    let file = std::fs::File::create(folder.path("bad/report.json")).expect("made");
    file.set_len(1 << 40).expect("a file of holes");
    folder.run(&["report", "bad"]).code(2).says(&["bad/report.json", "larger than 256 megabytes"]);
}

/// Places of values in a document: of lists the first two entries, since the others are alike.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(values) => values
            .iter()
            .take(2)
            .enumerate()
            .for_each(|(i, value)| places(value, &format!("{at}/{i}"), found)),
        Value::Object(entries) => {
            for (key, value) in entries {
                places(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        _ => {}
    }
}

#[test]
fn values_that_cannot_be_are_errors_and_no_panics() {
    let folder = run();
    let every: usize = std::env::var("JURAT_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(23);
    let (mut faults, mut turn, mut panics) = (0, 0, Vec::new());
    for name in &FILES[..3] {
        let path = folder.path("bad").join(name);
        let good = std::fs::read_to_string(&path).expect("there");
        let document: Value = serde_json::from_str(&good).expect("JSON");
        let mut all = Vec::new();
        places(&document, "", &mut all);
        let values = [
            "null",
            "-1",
            "1e308",
            "18446744073709551615",
            "\"x\"",
            "[]",
            "{}",
            "[1,2,3,4,5,6,7,8]",
            "0.5",
        ];
        for (at, value) in all.iter().flat_map(|at| values.iter().map(move |value| (at, value))) {
            turn += 1;
            if turn % every != 0 {
                continue;
            }
            let mut changed = document.clone();
            *changed.pointer_mut(at).expect("there") = serde_json::from_str(value).expect("JSON");
            std::fs::write(&path, changed.to_string()).expect("written");
            let outcome = std::panic::catch_unwind(|| use_it(&folder));
            if outcome.is_err() {
                panics.push(format!("{name}: {at} = {value}"));
            }
            faults += 1;
        }
        std::fs::write(&path, good).expect("written");
    }
    println!("{faults} faults injected");
    assert!(panics.is_empty(), "{}", panics.join("\n"));
    assert!(faults > 100, "{faults}");
}

/// Sheets and gold files are for people, who open them in spreadsheet programs: there a cell that begins like a
/// formula is marked, and unmarked when it is read. Labels and votes are for programs, which join them by
/// identifier: there not a byte may change.
#[test]
fn formulas_are_marked_for_people_and_identifiers_kept_for_programs() {
    let folder = ready();
    let ids = ["=1+1", "+491721", "-5", "@a", "'=x", "=HYPERLINK(\"http://b\",\"c\")"];
    let cell = |id: &str| format!("\"{}\"", id.replace('"', "\"\""));
    let rows: String =
        ids.iter().map(|id| format!("{},{}\n", cell(id), cell(&format!("{id} thanks")))).collect();
    folder.write("data.csv", &format!("id,body\n{rows}"));
    folder
        .run(&[
            "run",
            "spec.yaml",
            "data.csv",
            "-o",
            "out",
            "--format",
            "csv",
            "--with-votes",
            "--sheet",
        ])
        .code(0);
    let first = |text: &[u8]| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(text);
        reader.records().map(|record| record.expect("CSV")[0].to_owned()).collect()
    };
    for name in ["out/labels.csv", "out/votes.csv"] {
        assert_eq!(first(&std::fs::read(folder.path(name)).expect("there")), ids, "{name}");
    }
    // Labels for people are the same rows, with marks that can be taken away again.
    let marked = std::fs::read(folder.path("out/labels.sheet.csv")).expect("there");
    let marked = first(&marked);
    assert!(marked.iter().all(|id| !id.starts_with(['=', '+', '-', '@'])), "{marked:?}");
    assert_eq!(marked.iter().map(|id| restored(id)).collect::<Vec<_>>(), ids);
    folder.run(&["review", "out", "-n", "6", "-o", "sheet.csv"]).code(0);
    let sheet = std::fs::read_to_string(folder.path("sheet.csv")).expect("a sheet");
    let begins = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cells = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|r| r.expect("CSV").iter().map(str::to_owned).collect()).collect()
    };
    assert!(!cells(&sheet).iter().flatten().any(|cell| begins(cell)), "{sheet}");
    let at = cells(&sheet)[0].iter().position(|name| name == "gold").expect("a column");
    let mut filled = csv::Writer::from_writer(Vec::new());
    for (line, mut record) in cells(&sheet).into_iter().enumerate() {
        if line > 0 {
            "ham".clone_into(&mut record[at]);
        }
        filled.write_record(record).expect("memory");
    }
    std::fs::write(folder.path("filled.csv"), filled.into_inner().expect("memory"))
        .expect("written");
    folder.run(&["gold", "gold.csv", "filled.csv", "--run", "out", "--who", "=ann"]).code(0);
    let gold = std::fs::read_to_string(folder.path("gold.csv")).expect("a gold file");
    assert!(!cells(&gold).iter().flatten().any(|cell| begins(cell)), "{gold}");
    let answers = Answers::read(&folder.path("gold.csv")).expect("answers");
    let mut read: Vec<_> = answers.all.iter().filter_map(|answer| answer.id.as_deref()).collect();
    let mut wanted = ids;
    read.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(read, wanted);
}
