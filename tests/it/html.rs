//! The report as a page: what is untrusted stays text, numbers are those of the JSON, nothing is loaded,
//! and it stays small.

use super::pages::{name, read, report};
use jurat::report::html;
use serde_json::{Value, json};

/// A tag, its attributes and the text behind it, up to the next tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    pub(super) text: &'a str,
}

/// The tags of a page, without the contents of style and script.
pub(super) fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    for raw in page.split('<').skip(1) {
        // Values are quoted wherever they could have a `>`, and escaped there.
        let (head, text) = raw.split_once('>').unwrap_or((raw, ""));
        let (name, attributes) = head.split_once([' ', '\n']).unwrap_or((head, ""));
        found.push(Tag { name, attributes, text });
    }
    found
}

pub(super) fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
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
pub(super) fn body(page: &str) -> &str {
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
    for path in [
        "/classes",
        "/gold/labels/classes",
        "/gold/majority/classes",
        "/gold/labels/rankings",
        "/gold/majority/rankings",
    ] {
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
    for section in ["profile", "verdicts", "slices", "gates", "time", "curves"] {
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
