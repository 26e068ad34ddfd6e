//! Sheets of rows to label, and gold files, as a user drives them.

use crate::cli::{Folder, Ran};
use std::collections::BTreeMap;

pub(crate) type Record = BTreeMap<String, String>;

/// The lines of a CSV file, by column.
pub(crate) fn read(folder: &Folder, name: &str) -> Vec<Record> {
    parse(&std::fs::read(folder.path(name)).expect("readable"))
}

pub(crate) fn parse(bytes: &[u8]) -> Vec<Record> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header").clone();
    let columns = || header.iter().map(str::to_owned);
    let record =
        |record: csv::StringRecord| columns().zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|line| record(line.expect("a line"))).collect()
}

/// A sheet with the labels that `truth` gives to the first rows; columns stay as they are.
fn fill(folder: &Folder, from: &str, to: &str, most: usize, truth: impl Fn(&Record) -> String) {
    let text = std::fs::read(folder.path(from)).expect("readable");
    let mut reader = csv::Reader::from_reader(&*text);
    let header = reader.headers().expect("a header").clone();
    let gold = header.iter().position(|name| name == "gold").expect("a column");
    let mut writer = csv::Writer::from_path(folder.path(to)).expect("a file");
    writer.write_record(&header).expect("written");
    for (at, (line, record)) in reader.records().zip(parse(&text)).enumerate() {
        let line = line.expect("a line");
        let label = if at < most { truth(&record) } else { String::new() };
        let cells: Vec<&str> =
            line.iter().enumerate().map(|(i, c)| if i == gold { &*label } else { c }).collect();
        writer.write_record(&cells).expect("written");
    }
    writer.flush().expect("written");
}

/// Labeling functions for the notes of the embedded example; nobody else votes where `social` does.
const NOTES: &str = "spec: 1
labels: [immediate, urgent, routine]
input: {text: note, id: id}
lfs:
  - {name: errand, label: routine, when: {keyword: [refill, work note, suture removal, paperwork]}}
  - {name: heart, label: immediate, when: {keyword: [STEMI, overdose, seizure]}, unless: {matches: errand}}
  - {name: belly, label: urgent, when: {keyword: [vomiting, abdominal]}, unless: {matches: errand}}
utils:
  errand: {keyword: [refill, work note, suture removal, paperwork]}
";

fn demo() -> (Folder, BTreeMap<String, String>) {
    let folder = Folder::new();
    jurat::demo::write(&folder.path("demo"), 5000, 42).expect("written");
    folder.write("spec.yaml", NOTES);
    let notes = read(&folder, "demo/notes.csv");
    let truth = notes.into_iter().map(|note| (note["id"].clone(), note["triage"].clone()));
    (folder, truth.collect())
}

fn lf(folder: &Folder, run: &str, name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.path(run).join("report.json")).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let lfs = report["lfs"].as_array().expect("LFs");
    lfs.iter().find(|lf| lf["name"] == name).expect("the LF").clone()
}

fn ok(folder: &Folder, line: &str) -> Ran {
    folder.run(&line.split(' ').collect::<Vec<_>>()).code(0)
}

#[test]
fn labels_by_hand_come_back_as_intervals_and_verdicts() {
    let (folder, truth) = demo();
    ok(&folder, "run spec.yaml demo/notes.csv -o before -q");
    let before = lf(&folder, "before", "errand");
    assert!(before["precision"].is_null());
    assert_eq!(before["verdict"]["action"], "needs-labels", "{before}");
    ok(&folder, "review before --lf errand -n 40 --by precision -o rows.csv");
    let rows = read(&folder, "rows.csv");
    assert_eq!(rows.len(), 40);
    assert!(rows.iter().all(|row| row["votes"].contains("errand=routine")));
    assert!(rows.iter().all(|row| row["why"] == "precision of errand" && row["gold"].is_empty()));
    let mut widths = Vec::new();
    let mut needed = vec![before["verdict"]["labels"].as_u64().expect("a number")];
    for n in [4, 20, 40] {
        let (sheet, gold, run) = (format!("{n}.csv"), format!("gold{n}.csv"), format!("run{n}"));
        fill(&folder, "rows.csv", &sheet, n, |row| truth[&row["id"]].clone());
        ok(&folder, &format!("gold {gold} {sheet} --run before --who ann --when 2026-03-01"))
            .says(&[&format!("{n} new answers"), "by 1 person"]);
        ok(&folder, &format!("run spec.yaml demo/notes.csv -o {run} --gold-file {gold}"));
        let after = lf(&folder, &run, "errand");
        assert_eq!(after["precision"]["n"], n);
        let end = |end: &str| after["precision"][end].as_f64().expect("a number");
        widths.push(end("high") - end("low"));
        needed.push(after["verdict"]["labels"].as_u64().unwrap_or(0));
    }
    assert!(widths[2] < widths[1] && widths[1] < widths[0], "{widths:?}");
    assert!(needed[0] > needed[1] && needed[1] > needed[2], "{needed:?}");
    // Labels of hard rows are another matter than draws.
    ok(&folder, "review before -n 20 --by uncertain,random -o mixed.csv");
    fill(&folder, "mixed.csv", "mixed-filled.csv", 20, |row| truth[&row["id"]].clone());
    ok(&folder, "gold mixed-gold.csv mixed-filled.csv --run before --who ann");
    ok(&folder, "run spec.yaml demo/notes.csv -o mixed --gold-file mixed-gold.csv").says(&[
        "mixed-gold.csv: ",
        " of its 20 labels are of rows that were chosen because they are hard",
    ]);
    let manifest = std::fs::read_to_string(folder.path("run40/manifest.json")).expect("there");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["gold_file"]["labels"], 40);
    assert_eq!(manifest["gold_file"]["hard_rows"], 0);
    assert_eq!(manifest["gold_file"]["who"], serde_json::json!(["ann"]));
    assert_eq!(manifest["gold_file"]["sha256"].as_str().map(str::len), Some(64));
    assert!(manifest["columns"]["gold"].is_null());
    // Labeled rows do not come again, whether the run knows them or a file says so.
    ok(&folder, "review run40 --lf errand -n 40 -o again.csv");
    ok(&folder, "review before --lf errand -n 40 --gold gold40.csv -o file.csv");
    let ids = |name: &str| {
        read(&folder, name).into_iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("again.csv"), ids("file.csv"));
    assert!(!ids("rows.csv").iter().any(|id| ids("again.csv").contains(id)));
    // A run explains itself with the labels it had.
    let explained = ok(&folder, &format!("explain run40 {}", ids("rows.csv")[0]));
    assert!(explained.out.contains("gold "), "{}", explained.out);
    // The data came in another order: identifiers say which rows are meant.
    let notes = std::fs::read_to_string(folder.path("demo/notes.csv")).expect("readable");
    let (header, rest) = notes.split_once('\n').expect("lines");
    let turned: Vec<&str> = rest.lines().rev().collect();
    folder.write("turned.csv", &format!("{header}\n{}\n", turned.join("\n")));
    ok(&folder, "run spec.yaml turned.csv -o turned --gold-file gold40.csv");
    let (one, other) = (lf(&folder, "run40", "errand"), lf(&folder, "turned", "errand"));
    assert_eq!(one["precision"], other["precision"]);
}

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
";

/// Identifiers and texts that are hard on formats.
fn hard() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write(
        "data.csv",
        "id,body\n\"a,1\",subscribe\n\"say \"\"hi\"\"\",\"=HYPERLINK(\"\"http://evil\"\") subscribe\"\n\
         \"two\nlines\",\"subscribe, thanks\"\n=1+1,@SUM(A1) thanks\n'quoted,-2 thanks\n''=x,\"\tthanks\"\n",
    );
    ok(&folder, "run spec.yaml data.csv -o run -q --format csv");
    folder
}

const IDS: [&str; 6] = ["a,1", "say \"hi\"", "two\nlines", "=1+1", "'quoted", "''=x"];

fn gold(folder: &Folder, name: &str) -> BTreeMap<String, String> {
    let text = std::fs::read(folder.path(name)).expect("a gold file");
    let answers = jurat::answers::Answers::parse(&text, name).expect("valid");
    answers.all.into_iter().map(|answer| (answer.id.expect("an id"), answer.gold)).collect()
}

#[test]
fn formulas_are_harmless_and_every_identifier_comes_back() {
    let folder = hard();
    ok(&folder, "review run --by random -n 10 -o rows.csv");
    let rows = read(&folder, "rows.csv");
    assert_eq!(rows.len(), 6);
    for cell in rows.iter().flat_map(BTreeMap::values) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
    let bodies: Vec<&str> = rows.iter().map(|row| row["body"].as_str()).collect();
    assert!(bodies.contains(&"'@SUM(A1) thanks") && bodies.contains(&"'\tthanks"), "{bodies:?}");
    fill(&folder, "rows.csv", "filled.csv", 9, |_| "spam".into());
    ok(&folder, "gold gold.csv filled.csv --run run --who ann");
    let found = gold(&folder, "gold.csv");
    assert_eq!(found.len(), 6);
    assert!(IDS.iter().all(|id| found.contains_key(*id)), "{found:?}");
    ok(&folder, "run spec.yaml data.csv -o after --gold-file gold.csv -q");
    let promo = lf(&folder, "after", "promo");
    assert_eq!((&promo["precision"]["n"], &promo["precision"]["correct"]), (&3.into(), &3.into()));
    // What spreadsheet programs of other countries write, with a mark at the beginning.
    folder.write("excel.csv", "\u{feff}row;id;gold;who\r\n0;a,1;ham;bob\r\n\r\n3;=1+1;spm;bob\r\n");
    folder.run(&["gold", "gold.csv", "excel.csv", "--run", "run"]).code(3).says(&[
        "excel.csv, line 4: `spm` is none of the labels `spam`, `ham` (did you mean `spam`?)",
    ]);
    assert_eq!(gold(&folder, "gold.csv"), found, "all or nothing");
}

#[cfg(feature = "xlsx")]
#[test]
fn spreadsheets_go_out_and_come_back() {
    use rust_xlsxwriter::Workbook;
    let folder = hard();
    ok(&folder, "review run --by random -n 10 -o rows.xlsx");
    let bytes = std::fs::read(folder.path("rows.xlsx")).expect("written");
    ok(&folder, "review run --by random -n 10 -o rows.xlsx --overwrite");
    assert_eq!(bytes, std::fs::read(folder.path("rows.xlsx")).expect("written"), "the same bytes");
    ok(&folder, "gold gold.csv rows.xlsx --run run --who ann").says(&["6 rows without an answer"]);
    // Filled in as people do: the cells of our sheet once more, and labels.
    let mut book = calamine::open_workbook_auto(folder.path("rows.xlsx")).expect("opens");
    let range = calamine::Reader::worksheet_range(&mut book, "rows").expect("the sheet");
    let mut filled = Workbook::new();
    let sheet = filled.add_worksheet();
    for (at, row) in range.rows().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let header = range.get((0, column)).expect("a header").to_string();
            let text = match header.as_str() {
                "gold" if at > 0 => "ham".to_owned(),
                _ => cell.to_string(),
            };
            let number = text.parse::<f64>().ok().filter(|_| header == "row");
            let (line, column) = (at as u32, column as u16);
            match number {
                Some(number) => sheet.write_number(line, column, number).map(drop),
                None => sheet.write_string(line, column, text).map(drop),
            }
            .expect("written");
        }
    }
    filled.save(folder.path("filled.xlsx")).expect("saved");
    ok(&folder, "gold gold.csv filled.xlsx --run run --who ann").says(&["6 new answers"]);
    assert!(IDS.iter().all(|id| gold(&folder, "gold.csv").contains_key(*id)));
    folder.write("broken.xlsx", "PK no");
    folder.run(&["gold", "gold.csv", "broken.xlsx", "--who", "x"]).code(3).says(&["broken.xlsx"]);
}

#[test]
fn label_studio_takes_the_tasks_and_gives_them_back() {
    let folder = hard();
    let ran = ok(&folder, "review run --by random -n 10 -o tasks.json --config");
    for part in ["<Text name=\"text_body\" value=\"$text_body\"/>", "<Choice value=\"spam\"/>"] {
        assert!(ran.out.contains(part), "{}", ran.out);
    }
    let text = std::fs::read_to_string(folder.path("tasks.json")).expect("written");
    let mut tasks: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list = tasks.as_array_mut().expect("a list");
    assert_eq!(list.len(), 6);
    for (at, task) in list.iter_mut().enumerate() {
        assert!(task["data"]["text_body"].is_string() && task["meta"]["id"].is_string());
        let result = serde_json::json!([{
            "from_name": "label", "to_name": "text_body", "type": "choices",
            "value": {"choices": ["ham"]}
        }]);
        task["annotations"] = serde_json::json!([
            {"completed_by": {"id": 1, "email": "ann@example.org"}, "result": result,
             "updated_at": "2026-03-01T10:00:00.123456Z", "was_cancelled": at == 0},
        ]);
    }
    folder.write("export.json", &tasks.to_string());
    ok(&folder, "gold gold.csv export.json --run run")
        .says(&["5 new answers", "1 rows without an answer"]);
    let line = std::fs::read_to_string(folder.path("gold.csv")).expect("written");
    assert!(
        line.contains("ham,ann@example.org,2026-03-01T10:00:00.123456Z,export.json (random)"),
        "{line}"
    );
    folder.write("min.json", r#"[{"text_body": "x", "label": "spam"}]"#);
    folder.run(&["gold", "gold.csv", "min.json"]).code(3).says(&["JSON-MIN"]);
}

#[test]
fn a_model_of_other_labeling_functions_is_refused() {
    let (folder, _) = demo();
    ok(&folder, "run spec.yaml demo/notes.csv -o run");
    folder.write("fewer.yaml", &NOTES.replace("  - {name: belly", "  # - {name: belly"));
    ok(&folder, "run fewer.yaml demo/notes.csv -o fewer");
    std::fs::copy(folder.path("fewer/model.json"), folder.path("run/model.json")).expect("copied");
    let ran = folder.run(&["review", "run", "-n", "4", "-o", "sheet.csv"]);
    ran.code(3).says(&["the model was fitted on other labeling functions"]);
}

#[test]
fn people_may_differ_and_change_their_minds() {
    let folder = hard();
    folder.write(
        "ann.csv",
        "row,gold,when\n0,spam,2026-03-01\n1,spam,2026-03-01\n2,spam,2026-03-01\n",
    );
    folder.write("bob.csv", "row,gold,who\n0,ham,bob\n1,ham,bob\n2,spam,bob\n");
    ok(&folder, "gold gold.csv ann.csv --run run --who ann");
    ok(&folder, "gold gold.csv bob.csv --run run --when 2026-03-02")
        .says(&["people differ on 2 rows; 2 of them are tied", "id \"a,1\": ann: spam, bob: ham"]);
    folder.write("mind.csv", "row,gold\n0,ham\n");
    ok(&folder, "gold gold.csv mind.csv --run run --who ann --when 2026-03-03")
        .says(&["0 new answers, 1 changed", "people differ on 1 rows"]);
    assert_eq!(read(&folder, "gold.csv").len(), 7, "what was said before stays");
    ok(&folder, "run spec.yaml data.csv -o after --gold-file gold.csv")
        .says(&["people are tied on 1 rows"]);
    let promo = lf(&folder, "after", "promo");
    assert_eq!((&promo["precision"]["n"], &promo["precision"]["correct"]), (&2.into(), &1.into()));
    // To learn from, rows are not scored.
    ok(&folder, "run spec.yaml data.csv -o learned --learn-file gold.csv");
    assert!(lf(&folder, "learned", "promo")["precision"]["n"].as_u64() == Some(2));
}

#[test]
fn what_is_wrong_in_a_sheet_is_said_with_its_line() {
    let folder = hard();
    for (sheet, options, message) in [
        ("row,gold\n0,spam\n9,ham\n", "--who x", "line 3: there is no row 9; the run has 6"),
        ("row,id,gold\n0,b,ham\n", "--who x", "line 2: row 0 of the run is `a,1`, not `b`"),
        ("row,gold\n0,Spam\n", "--who x", "did you mean `spam`?"),
        ("row,gold\n0,spam\n", "", "nobody is named"),
        ("row,gold,when\n0,spam,yesterday\n", "--who x", "line 2: `yesterday` is no date"),
        ("row,gold\nx,spam\n", "--who x", "line 2: `x` is not the number of a row"),
        (
            "row,label\n0,spam\n",
            "--who x",
            "there is no column `gold`; the columns are `row`, `label`",
        ),
        ("body,gold\n0,spam\n", "--who x", "there is no column `row` or `id`"),
        ("row,gold\n,spam\n", "--who x", "needs the number of its row, or its identifier"),
    ] {
        folder.write("sheet.csv", sheet);
        let line = format!("gold gold.csv sheet.csv --run run {options}");
        folder
            .run(&line.split_whitespace().collect::<Vec<_>>())
            .code(3)
            .says(&["sheet.csv", message]);
        assert!(!folder.path("gold.csv").exists(), "{message}");
    }
    folder.write("sheet.csv", "row,gold,votes\n0,spam,\n");
    folder
        .run(&["gold", "sheet.csv", "sheet.csv", "--who", "x"])
        .code(2)
        .says(&["sheet.csv has a column `votes`, so it is no gold file"]);
    folder.run(&["gold", "nothing.csv"]).code(3).says(&["nothing.csv"]);
    folder.write("gold.csv", "row,gold,who\n0,spm,x\n");
    folder
        .run(&["run", "spec.yaml", "data.csv", "-o", "o", "--gold-file", "gold.csv"])
        .code(3)
        .says(&["gold.csv, line 2: `spm` is none of the labels"]);
    folder.run(&["review", "run", "--lf", "prmo"]).code(2).says(&["did you mean `promo`?"]);
    folder.run(&["review", "run", "--by", "randm"]).code(2).says(&["did you mean `random`?"]);
    folder.run(&["review", "run", "-o", "rows.txt"]).code(2).says(&["csv"]);
    folder.write("rows.csv", "mine");
    folder.run(&["review", "run", "-o", "rows.csv"]).code(2).says(&["exists", "--overwrite"]);
}

#[test]
fn rows_that_changed_are_left_out_and_hidden_ones_stay_hidden() {
    let folder = hard();
    let data = std::fs::read_to_string(folder.path("data.csv")).expect("readable");
    folder.write("data.csv", &data.replace("@SUM(A1) thanks", "many thanks"));
    ok(&folder, "review run --by random -n 10 -o rows.csv")
        .says(&["1 rows are left out, because they are no longer what was voted on"]);
    assert_eq!(read(&folder, "rows.csv").len(), 5);
    for (option, name) in [("--redact", "redacted"), ("--no-examples", "hidden")] {
        ok(&folder, &format!("run spec.yaml data.csv -o {name} -q {option}"));
        for format in ["csv", "json"] {
            ok(&folder, &format!("review {name} --by random -n 10 -o {name}.{format}"))
                .says(&["the rows are not shown"]);
            let text = std::fs::read_to_string(folder.path(&format!("{name}.{format}")));
            let text = text.expect("written");
            for secret in ["thanks for", "HYPERLINK", "quoted", "many", "a,1"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        let rows = read(&folder, &format!("{name}.csv"));
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row["id"].is_empty() && !row.contains_key("body")));
        // Row numbers are enough to come back.
        fill(&folder, &format!("{name}.csv"), "filled.csv", 9, |_| "ham".into());
        ok(&folder, &format!("gold {name}-gold.csv filled.csv --run {name} --who ann"));
        ok(
            &folder,
            &format!("run spec.yaml data.csv -o {name}-2 --gold-file {name}-gold.csv -q {option}"),
        );
        assert_eq!(lf(&folder, &format!("{name}-2"), "promo")["precision"]["n"], 3);
    }
    ok(&folder, "review run --by random -n 10 --redact");
}
