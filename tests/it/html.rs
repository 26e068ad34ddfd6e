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
    for (place, slice) in report["slices"].as_array_mut().expect("slices").iter_mut().enumerate() {
        slice["name"] = json!(format!("{evil}{place}"));
        slice["numbers"]["classes"][0]["name"] = json!(evil);
    }
    for gate in report["gates"].as_array_mut().expect("gates") {
        gate["reason"] = json!(evil);
        gate["gate"]["subject"] = json!({"slice": evil});
    }
    report["periods"]["column"] = json!(evil);
    for period in report["periods"]["periods"].as_array_mut().expect("periods") {
        period["name"] = json!(evil);
        period["numbers"]["classes"][0]["name"] = json!(evil);
    }
    for change in report["periods"]["changes"].as_array_mut().expect("changes") {
        change["period"] = json!(evil);
        change["difference"]["lf"] = json!(evil);
    }
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

/// The values of the table behind `summary`, or the first one after it: `data-v` of its cells, or their
/// texts.
fn table(page: &str, summary: &str) -> Vec<Vec<String>> {
    let start = page
        .find(&format!("<summary>{summary}</summary>"))
        .or_else(|| page.find(&format!("<section id={summary}>")))
        .unwrap_or_else(|| panic!("no table {summary}"));
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
fn tables_of_slices_and_periods_have_the_numbers_of_the_json() {
    let report = read(&report(50));
    let page = html(&report);
    let json: Value = serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON");
    let numbers = |group: &Value| -> Vec<String> {
        let mut numbers = vec![number(&group["rows"]["count"])];
        for share in ["coverage", "conflict", "labeled"] {
            numbers.extend(["count", "share"].map(|field| number(&group[share][field])));
        }
        let fields = ["correct", "n", "value", "low", "high"];
        numbers.extend(fields.map(|field| number(&group["precision"][field])));
        let classes = group["classes"].as_array().expect("classes");
        numbers.extend(classes.iter().map(|class| number(&class["hard"]["share"])));
        numbers
    };
    let slices = table(&page, "Table: slices");
    let known = json["slices"].as_array().expect("slices");
    assert_eq!(slices.len(), known.len() + 1);
    assert_eq!(slices[0][0], "all rows");
    let whole = serde_json::to_value(report.whole()).expect("JSON");
    assert_eq!(slices[0][1..], numbers(&whole));
    for (row, slice) in slices[1..].iter().zip(known) {
        assert_eq!(row[0], slice["name"].as_str().expect("a name"));
        assert_eq!(row[1..], numbers(&slice["numbers"]));
    }
    let worse = table(&page, "Table: what is worse in slices");
    let known: Vec<&Value> =
        known.iter().flat_map(|s| s["worse"].as_array().expect("a list")).collect();
    assert_eq!(worse.len(), known.len());
    for (row, worse) in worse.iter().zip(known) {
        let who = worse["lf"].as_str().unwrap_or("all labeling functions together");
        assert_eq!(row[1..3], [who, worse["measure"].as_str().expect("a number")]);
        assert_eq!(row[3..5], ["inside", "elsewhere"].map(|side| number(&worse[side]["share"])));
    }
    let time = &json["periods"];
    let periods = table(&page, "Table: periods");
    let known = time["periods"].as_array().expect("periods");
    assert_eq!(periods.len(), known.len());
    for (row, period) in periods.iter().zip(known) {
        assert_eq!(row[0], period["name"].as_str().expect("a name"));
        assert_eq!(row[1..], numbers(&period["numbers"]));
    }
    let drifts = table(&page, "Table: what drifts");
    let known = time["changes"].as_array().expect("changes");
    assert_eq!(drifts.len(), known.len());
    for (row, change) in drifts.iter().zip(known) {
        assert_eq!(row[2], change["period"].as_str().expect("a period"));
        let share = |side: &str| {
            ["count", "of", "share"].map(|field| number(&change["difference"][side][field]))
        };
        assert_eq!(row[3..], [share("inside"), share("elsewhere")].concat());
    }
    let by_period = table(&page, "Table: drifting labeling functions by period");
    assert_eq!(by_period.len(), 4, "two drift, and each has its votes and its conflicts");
    for row in &by_period {
        let lfs = time["lfs"].as_array().expect("LFs");
        let lf = lfs.iter().find(|lf| lf["name"] == row[0].as_str()).expect("its LF");
        let counts = if row[1] == "votes on" { &lf["votes"] } else { &lf["conflicts"] };
        let counts: Vec<String> = counts.as_array().expect("counts").iter().map(number).collect();
        assert_eq!(row[2..], counts);
    }
    // Those that do not hold come first.
    let gates = table(&page, "gates");
    let known = json["gates"].as_array().expect("gates");
    let known: Vec<&Value> = [2, 3, 1, 0].map(|place| &known[place]).into();
    assert_eq!(gates.len(), known.len());
    for (row, result) in gates.iter().zip(known) {
        assert_eq!(row[0].replace(' ', "_"), result["status"].as_str().expect("a status"));
        assert_eq!(row[3..5], [number(&result["gate"]["limit"]), number(&result["value"])]);
        assert_eq!(row[5], result["reason"].as_str().expect("a reason"));
    }
    assert!(page.contains("<a href=\"#gates\">what was asked and does not hold</a>: 2 of 4."));
}

/// Cells of numbers without a tooltip in a column without one, and other numbers without.
fn numbers_without_whole(page: &str) -> Vec<String> {
    let (mut heads, mut column, mut missing) = (Vec::new(), 0, Vec::new());
    let mut in_head = false;
    for tag in tags(body(page)) {
        let has_title = attribute(&tag, "title").is_some_and(|title| !title.is_empty());
        let cell = ["td", "th"].contains(&tag.name);
        match tag.name {
            "table" => heads.clear(),
            "thead" => in_head = true,
            "tbody" => in_head = false,
            "tr" => column = 0,
            "th" if in_head => heads.push(has_title),
            "td" => {
                let class = attribute(&tag, "class").unwrap_or_default();
                let is_number = class.split(' ').any(|class| class == "n");
                // A dash is no number.
                let is_dash = class.split(' ').any(|class| class == "none");
                let told = has_title || heads.get(column) == Some(&true);
                if is_number && !is_dash && !told {
                    missing.push(format!("{tag:?}"));
                }
            }
            "data" if !has_title => missing.push(format!("{tag:?}")),
            _ => {}
        }
        if cell {
            column += attribute(&tag, "colspan").and_then(|n| n.parse().ok()).unwrap_or(1);
        }
    }
    missing
}

#[test]
fn every_number_says_of_what_it_is_a_part() {
    for n_lfs in [22, 300] {
        let page = html(&read(&report(n_lfs)));
        let missing = numbers_without_whole(&page);
        assert!(
            missing.is_empty(),
            "{} numbers, such as {:#?}",
            missing.len(),
            missing.iter().take(9).collect::<Vec<_>>()
        );
        // So does every bar and point.
        let bars = tags(&page)
            .iter()
            .filter(|tag| tag.attributes.starts_with("class=bar "))
            .map(|tag| attribute(tag, "title").is_some())
            .collect::<Vec<_>>();
        assert!(!bars.is_empty() && bars.iter().all(|titled| *titled));
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
    for key in ["gold", "made", "profile", "periods"] {
        report[key] = Value::Null;
    }
    report["slices"] = json!([]);
    report["gates"] = json!([]);
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
    for section in ["profile", "verdicts", "slices", "gates", "time"] {
        let (id, link) = (format!("id={section}>"), format!("#{section}\""));
        assert!(!page.contains(&id) && !page.contains(&link), "{section}");
    }
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
    for id in [
        "findings",
        "verdicts",
        "gates",
        "lfs",
        "matrix",
        "slices",
        "time",
        "examples",
        "glossary",
        "lf-chest-pain",
        "row-37",
    ] {
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

#[cfg(feature = "cli")]
#[test]
#[expect(clippy::print_stdout, reason = "sizes are to be seen with --nocapture")]
fn the_page_of_a_run_of_a_thousand_is_small_and_has_rows_of_each_kind() {
    let folder = super::pages::run_of(1000, 3000);
    let page = std::fs::read_to_string(folder.path("out/report.html")).expect("written");
    println!("a run of 1000 LFs: {} bytes", page.len());
    assert!(page.len() <= 2_000_000, "{} bytes", page.len());
    let rows: Vec<&str> = tags(&page)
        .iter()
        .filter(|tag| tag.name == "article")
        .filter_map(|tag| attribute(tag, "class"))
        .collect();
    for stratum in ["wrong", "conflicting", "uncertain", "random", "proof"] {
        let n = rows.iter().filter(|row| row.split(' ').any(|kind| kind == stratum)).count();
        assert!(n >= 3, "{n} rows that are {stratum}");
    }
    assert!(numbers_without_whole(&page).is_empty());
    // A card whose reason is some words shows rows with them.
    let card =
        page.split("<article class=card>").skip(1).find(|card| card.contains("It is about:"));
    let card = card.expect("a card about words");
    let card = &card[..card.find("</article>").expect("its end")];
    let about = card.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    let found = card.split("<mark").skip(1).filter_map(|rest| rest.split(['>', '<']).nth(1));
    let found: Vec<&str> = found.collect();
    assert!(about.into_iter().any(|word| found.contains(&word)), "{card}");
}
