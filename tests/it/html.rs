//! The report as a page: what is untrusted stays text, numbers are those of the JSON, nothing is loaded,
//! and it stays small.

use super::pages::{name, read, report};
use jurat::report::html;
use serde_json::{Value, json};

/// A tag, its attributes and the text behind it, up to the next tag.
#[derive(Debug)]
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    text: &'a str,
}

/// The tags of a page, without the contents of style and script.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    for raw in page.split('<').skip(1) {
        // Values are quoted wherever they could have a `>`, and escaped there.
        let (head, text) = raw.split_once('>').unwrap_or((raw, ""));
        let (name, attributes) = head.split_once([' ', '\n']).unwrap_or((head, ""));
        found.push(Tag { name, attributes, text });
    }
    found
}

fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    let at = format!("{name}=");
    let start = tag
        .attributes
        .match_indices(&at)
        .map(|(i, _)| i)
        .find(|&i| i == 0 || tag.attributes.as_bytes()[i - 1] == b' ')?;
    let value = &tag.attributes[start + at.len()..];
    match value.strip_prefix('"') {
        Some(value) => value.split('"').next(),
        None => value.split(' ').next(),
    }
}

/// The page without its own style and script.
fn body(page: &str) -> &str {
    &page[page.find("<body>").expect("a body")..]
}

#[test]
fn text_of_others_stays_text() {
    let evil = "</style></script><script>alert(1)</script><img src=x onerror='alert(2)'>\" onclick=\"alert(3)\u{202e}\u{1b}[31m";
    let mut report = report(5);
    report["headline"][0] = json!(evil);
    report["decision"] = json!(evil);
    report["model"]["name"] = json!(evil);
    report["model"]["notes"] = json!([evil]);
    report["made"] = json!({"jurat": evil, "privacy": "full",
        "files": [{"what": evil, "path": evil, "sha256": evil}]});
    report["profile"]["stages"][0][0] = json!(evil);
    report["profile"]["lfs"][0][0] = json!(evil);
    report["examples"]["note"] = json!(evil);
    for class in 0..3 {
        let evil = format!("{evil}{class}");
        report["classes"][class]["name"] = json!(evil);
        report["gold"]["labels"]["classes"][class]["name"] = json!(evil);
        report["gold"]["majority"]["classes"][class]["name"] = json!(evil);
    }
    for finding in report["findings"].as_array_mut().expect("findings") {
        *finding =
            json!({"code": evil, "lf": evil, "message": format!("{evil} `{evil}`"), "rows": 1});
    }
    for pair in report["dependencies"].as_array_mut().expect("pairs") {
        pair["first"] = json!(evil);
        pair["second"] = json!(evil);
    }
    for (i, lf) in report["lfs"].as_array_mut().expect("LFs").iter_mut().enumerate() {
        lf["name"] = json!(format!("{evil}{i}"));
        lf["about"] = json!({"why": evil, "owner": evil, "tags": [evil]});
        lf["votes"][0]["label"] = json!(evil);
        lf["conflicts_most_with"][0] = json!(evil);
        lf["failures"] = json!(2);
        lf["first_failures"] = json!([[7, evil]]);
        lf["verdict"]["reason"] = json!(evil);
        lf["verdict"]["terms"] = json!([evil]);
        lf["terms"]["terms"] = json!([{"term": evil, "rows": {"count": 1, "of": 2, "share": 0.5},
            "conflict": {"count": 1, "of": 1, "share": 1.0}, "learned_accuracy": null}]);
    }
    for row in report["examples"]["rows"].as_array_mut().expect("rows") {
        row["id"] = json!(evil);
        row["label"] = json!(evil);
        row["gold"] = json!(evil);
        row["cells"] =
            json!([{"column": evil, "text": evil, "marks": [{"start": 3, "end": 30, "lf": 1}]}]);
        for vote in row["ledger"]["votes"].as_array_mut().expect("votes") {
            vote["name"] = json!(evil);
            vote["vote"] = json!(evil);
            vote["flips_to"] = json!({"label": evil});
        }
    }
    let page = html(&read(&report));
    for hidden in ['\u{202e}', '\u{1b}'] {
        assert!(!page.contains(hidden));
    }
    assert!(page.contains("⟨U+202E⟩␛[31m"));
    for tag in tags(body(&page)) {
        assert!(!["script", "img", "style", "/script"].contains(&tag.name), "{tag:?}");
        // A quote that is not escaped would make an attribute of what follows.
        let outside: String = tag.attributes.split('"').step_by(2).collect();
        for word in ["onclick", "onerror", "style", "alert"] {
            assert!(!outside.contains(word), "{tag:?}");
        }
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script").count(), 1);
}

#[test]
fn nothing_is_loaded_and_nothing_else_runs() {
    let page = html(&read(&report(30)));
    for word in
        ["http:", "https:", "src=", "@import", "url(", " style=", " onclick=", "<link", "eval("]
    {
        assert!(!page.contains(word), "{word}");
    }
    let policy = tags(&page)
        .iter()
        .find(|tag| tag.name == "meta" && tag.attributes.contains("Content-Security-Policy"))
        .and_then(|tag| attribute(tag, "content"))
        .expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let script = page.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>"));
    let (script, _) = script.expect("a script");
    assert!(script.len() <= 30_000, "{} bytes", script.len());
}

#[test]
#[expect(clippy::print_stdout, reason = "sizes are to be seen with --nocapture")]
fn pages_stay_small() {
    for (n, most) in [(22, 900_000), (100, 1_600_000), (1000, 2_000_000)] {
        let page = html(&read(&report(n)));
        println!("{n} LFs: {} bytes", page.len());
        // To look at.
        let path =
            std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-{n}.html"));
        std::fs::write(path, &page).expect("written");
        assert!(page.len() <= most, "{n} LFs: {} bytes", page.len());
    }
}

#[test]
fn many_classes_have_room_too() {
    let mut report = report(100);
    let n = 1000;
    for path in ["/classes", "/gold/labels/classes", "/gold/majority/classes"] {
        let classes = report.pointer_mut(path).and_then(Value::as_array_mut).expect("classes");
        *classes = (0..n)
            .map(|i| {
                let mut class = classes[i % 3].clone();
                class["name"] = json!(format!("class {i}"));
                class
            })
            .collect();
    }
    report["gold"]["labels"]["confusion"]["counts"] = json!(vec![vec![1; n + 1]; n]);
    report["votes_per_row"] = json!(vec![10; 1001]);
    let page = html(&read(&report));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

#[test]
fn rows_without_room_are_left_out_and_it_says_so() {
    let mut report = report(20);
    for row in report["examples"]["rows"].as_array_mut().expect("rows") {
        row["cells"] =
            (0..20).map(|i| json!({"column": format!("c{i}"), "text": "<".repeat(9000)})).collect();
    }
    let page = html(&read(&report));
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("more rows are in report.json"));
    let shown: Vec<&str> = tags(&page)
        .iter()
        .filter(|tag| tag.name == "article")
        .filter_map(|tag| attribute(tag, "id"))
        .collect();
    assert!(!shown.is_empty() && shown.len() < 20, "{shown:?}");
    for tag in tags(&page) {
        if let Some(row) = attribute(&tag, "href").and_then(|href| href.strip_prefix("#row-")) {
            assert!(shown.contains(&format!("row-{row}").as_str()), "a link to row {row}");
        }
    }
}

/// The values of a table behind `summary`: `data-v` of its cells, or their texts.
fn table(page: &str, summary: &str) -> Vec<Vec<String>> {
    let start = page.find(&format!("<summary>{summary}</summary>")).expect("the table");
    let table = &page[start..start + page[start..].find("</table>").expect("its end")];
    let rows = table[table.find("<tbody>").expect("a body")..].split("<tr>").skip(1);
    let cells = |row: &str| -> Vec<String> {
        let cells = tags(row).into_iter().filter(|tag| tag.name == "td");
        cells.map(|tag| attribute(&tag, "data-v").unwrap_or(tag.text).trim().to_owned()).collect()
    };
    rows.map(cells).collect()
}

fn number(value: &Value) -> String {
    match value.as_u64() {
        Some(count) => count.to_string(),
        None => value.as_f64().map_or_else(String::new, |value| value.to_string()),
    }
}

#[test]
fn tables_have_the_numbers_of_the_json() {
    // What JSON says after it was written and read again.
    let report = read(&report(50));
    let page = html(&report);
    let json: Value = serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON");
    let lfs = json["lfs"].as_array().expect("LFs");
    let coverage = table(&page, "Table: where they vote");
    assert_eq!(coverage.len(), lfs.len());
    for row in &coverage {
        let lf = lfs.iter().find(|lf| lf["name"] == row[0].as_str()).expect("its LF");
        let of = |what: &str| number(&lf[what]["count"]);
        let share = number(&lf["coverage"]["share"]);
        assert_eq!(row[1..], [of("coverage"), share, of("alone"), of("agreement"), of("conflict")]);
    }
    let votes = table(&page, "Table: votes per row");
    assert_eq!(
        votes.iter().map(|row| row[1].clone()).collect::<Vec<_>>(),
        json["votes_per_row"].as_array().expect("counts").iter().map(number).collect::<Vec<_>>()
    );
    let pairs = table(&page, "Table: pairs");
    let cells = json["matrix"]["cells"].as_array().expect("cells");
    assert_eq!(pairs.len(), cells.len());
    for row in &pairs {
        let place = |name: &str| lfs.iter().position(|lf| lf["name"] == name).expect("its LF");
        let (first, second) = (place(&row[0]), place(&row[1]));
        let cell = cells.iter().find(|cell| cell["first"] == first && cell["second"] == second);
        let cell = cell.expect("the pair");
        assert_eq!(row[2..5], ["both", "conflict", "either"].map(|what| number(&cell[what])));
        assert_eq!(row[6], number(&cell["kappa"]));
    }
    for (summary, fields) in [
        ("Table: precision and coverage", ["correct", "n", "value", "low", "high"].as_slice()),
        ("Table: learned and known", &["value", "correct", "n"]),
    ] {
        let rows = table(&page, summary);
        assert_eq!(rows.len(), lfs.len());
        for row in &rows {
            let lf = lfs.iter().find(|lf| lf["name"] == row[0].as_str()).expect("its LF");
            let first = row.len() - fields.len();
            let known: Vec<String> =
                fields.iter().map(|field| number(&lf["precision"][field])).collect();
            assert_eq!(row[first..], known);
        }
    }
    for row in table(&page, "Table: what changes without each") {
        let lf = lfs.iter().find(|lf| lf["name"] == row[0].as_str()).expect("its LF");
        let fields = ["flipped", "lost", "gained", "only_it", "accuracy"];
        assert_eq!(row[1..], fields.map(|field| number(&lf["contribution"][field])));
    }
    let classes = table(&page, "Table: classes");
    for (row, class) in classes.iter().zip(json["classes"].as_array().expect("classes")) {
        let interval = &class["expected_interval"];
        let known = [
            &class["hard"],
            &class["expected"],
            &interval["low"],
            &interval["high"],
            &class["gold"],
            &class["balance"],
        ];
        assert_eq!(row[1..], known.map(number));
    }
    let confidence = table(&page, "Table: confidence");
    for (row, bin) in confidence.iter().zip(json["confidence"].as_array().expect("bins")) {
        assert_eq!(row[..3], ["low", "high", "rows"].map(|field| number(&bin[field])));
    }
    let calibration = table(&page, "Table: calibration");
    let bins = ["labels", "majority"]
        .map(|who| json["gold"][who]["calibration"].as_array().expect("bins").clone());
    let bins: Vec<Value> = bins.concat().into_iter().filter(|bin| bin["gold"] != 0).collect();
    assert_eq!(calibration.len(), bins.len());
    for (row, bin) in calibration.iter().zip(&bins) {
        assert_eq!(
            row[1..],
            ["low", "high", "gold", "correct", "confidence"].map(|field| number(&bin[field]))
        );
    }
}

#[test]
fn marks_may_overlap_and_be_out_of_place() {
    let text = "Señora 👩 hurt <b>";
    let mut report = report(4);
    let mark = |start: usize, end: usize, lf: usize| json!({"start": start, "end": end, "lf": lf});
    let row = &mut report["examples"]["rows"][0];
    // The second begins within `ñ`; the last two are beyond the text, and of nobody.
    row["cells"] = json!([{"column": "t", "text": text, "marks": [mark(0, 7, 0), mark(3, 12, 1), mark(9, 10, 2),
        mark(17, 400, 3), mark(900, 901, 1), mark(12, 3, 0), mark(0, 1, 77)]}]);
    row["ledger"]["votes"] =
        json!([{"lf": 1, "name": name(1), "vote": "routine", "scores": [0.1, 0.2, -0.3]}]);
    let page = html(&read(&report));
    let start = page.find("<article id=row-0").expect("the row");
    let cell = &page[start..];
    let cell = &cell[cell.find("<p class=text").expect("a text")..];
    let cell = &cell[..cell.find("</p>").expect("its end")];
    let mut shown = String::new();
    for tag in tags(cell) {
        // Numbers of labeling functions stand between.
        if tag.name != "sup" {
            shown += tag.text;
        }
    }
    assert_eq!(shown, "Señora 👩 hurt &lt;b&gt;");
    assert!(cell.contains("data-lf=\"0 1\""), "{cell}");
    assert!(cell.contains("<sup>1</sup>"), "{cell}");
    let title = format!("title=\"{}, {}\"", name(0), name(1));
    assert!(cell.contains(&title), "{cell}");
}

#[test]
fn parts_that_are_missing_say_why() {
    let mut report = report(6);
    for key in ["gold", "made", "profile"] {
        report[key] = Value::Null;
    }
    report["examples"] = json!({"rows": [], "privacy": "no-examples"});
    report["matrix"] = json!({"lfs": [], "left_out": 0, "cells": []});
    for key in ["dependencies", "findings", "confidence"] {
        report[key] = json!([]);
    }
    for lf in report["lfs"].as_array_mut().expect("LFs") {
        for key in ["terms", "verdict", "precision", "contribution", "learned_interval"] {
            lf[key] = Value::Null;
        }
    }
    let page = html(&read(&report));
    for line in [
        "Nothing stands out.",
        "has a gold label, so nobody knows",
        "No two labeling functions vote on the same row",
        "made to show no rows",
        "No terms were looked at",
        "No two agree more",
        "manifest.json",
        "run with <code>--uncertainty full</code>",
    ] {
        assert!(page.contains(line), "{line}");
    }
    assert!(!page.contains("id=profile") && !page.contains("id=verdicts"));
    for (n_lfs, classes) in [(0, 0), (1, 1)] {
        let mut report = report.clone();
        report["lfs"].as_array_mut().expect("LFs").truncate(n_lfs);
        report["classes"].as_array_mut().expect("classes").truncate(classes);
        assert!(html(&read(&report)).contains("</html>"));
    }
}

#[test]
fn anchors_are_there_once() {
    let page = html(&read(&report(40)));
    let tags = tags(&page);
    let mut ids: Vec<&str> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for id in
        ["findings", "verdicts", "lfs", "matrix", "examples", "glossary", "lf-chest-pain", "row-37"]
    {
        assert!(ids.contains(&id), "{id}");
    }
    for tag in &tags {
        if let Some(id) = attribute(tag, "href").and_then(|href| href.strip_prefix('#')) {
            assert!(ids.contains(&id), "nothing is #{id}");
        }
    }
}

#[cfg(feature = "cli")]
#[test]
fn a_run_has_the_page_and_gives_it_again() {
    let folder = super::cli::ready();
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out", "--gold", "gold"]).code(0);
    let page = std::fs::read_to_string(folder.path("out/report.html")).expect("written");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    let again = folder.run(&["report", "out", "--report", "html"]).code(0);
    assert_eq!(again.out, page);
}
