//! The numbers of the page: tables have those of the JSON, and each says of what it is a part.

use super::html::{attribute, body, tags};
use super::pages::{read, report};
use jurat::report::html;
use serde_json::Value;

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
fn the_table_of_scores_has_the_numbers_of_the_json() {
    let report = read(&report(50));
    let json: Value = serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON");
    let rows = table(&html(&report), "Table: each label against gold");
    assert_eq!(rows.len(), 6, "three classes, by the model and by majority vote");
    for (place, row) in rows.iter().enumerate() {
        let scores = &json["gold"][["labels", "majority"][place % 2]];
        let (class, ranking) = (&scores["classes"][place / 2], &scores["rankings"][place / 2]);
        assert_eq!(row[0], class["name"].as_str().expect("a name"));
        let known = [
            &class["recall"]["of"],
            &class["precision"]["share"],
            &class["recall"]["share"],
            &class["f1"],
            &ranking["roc_auc"],
            &ranking["average_precision"],
        ];
        assert_eq!(row[2..], known.map(number));
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
