//! Tables that are the same in every rendering: slices.

use super::Report;
use super::findings::{percent, rows};
use super::groups::GroupReport;
use super::stats::{Precision, Share};

/// A table as text; numbers stand in all columns but the first.
pub(super) struct TextTable {
    pub(super) title: &'static str,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// What stands below it.
    pub(super) note: String,
}

/// The tables of a report; none that would be empty.
pub(super) fn tables(report: &Report) -> Vec<TextTable> {
    slices(report).into_iter().collect()
}

const NOTE: &str = "coverage, conflict, labeled: of its rows · labels: of those given";

fn slices(report: &Report) -> Option<TextTable> {
    if report.slices.is_empty() {
        return None;
    }
    let whole = report.whole();
    let all = std::iter::once(("all rows", &whole));
    let slices = report.slices.iter().map(|slice| (slice.name.as_str(), &slice.numbers));
    Some(TextTable {
        title: "Slices",
        header: header("slice", &whole),
        rows: all.chain(slices).map(|(name, numbers)| line(name, numbers, &whole)).collect(),
        note: note(&whole),
    })
}

/// More classes than these are not shown one by one.
const MOST_CLASSES: usize = 4;

fn header(first: &str, whole: &GroupReport) -> Vec<String> {
    let mut header = vec![first, "rows", "coverage", "conflict", "labeled"];
    if (1..=MOST_CLASSES).contains(&whole.classes.len()) {
        header.push("labels");
    }
    header.extend(whole.precision.map(|_| "right on gold"));
    header.into_iter().map(str::to_owned).collect()
}

fn line(name: &str, numbers: &GroupReport, whole: &GroupReport) -> Vec<String> {
    let mut cells = vec![name.to_owned(), rows(numbers.rows.count)];
    cells.extend([numbers.coverage, numbers.conflict, numbers.labeled].map(share));
    if (1..=MOST_CLASSES).contains(&whole.classes.len()) {
        let classes = numbers.classes.iter().map(|class| {
            let share =
                class.hard.share.map_or_else(|| "—".to_owned(), |p| format!("{:.0}", 100.0 * p));
            format!("{} {share}", class.name)
        });
        cells.push(classes.collect::<Vec<_>>().join(", ") + " %");
    }
    cells.extend(whole.precision.map(|_| precision(numbers.precision)));
    cells
}

fn note(whole: &GroupReport) -> String {
    match whole.precision {
        Some(_) => format!("{NOTE} · right on gold: of the labels given (n; 95 % interval)"),
        None => NOTE.to_owned(),
    }
}

fn share(share: Share) -> String {
    share.share.map_or_else(|| "—".to_owned(), percent)
}

fn precision(precision: Option<Precision>) -> String {
    precision.map_or_else(
        || "—".to_owned(),
        |p| format!("{} ({}; {:.0}–{:.0})", percent(p.value), p.n, 100.0 * p.low, 100.0 * p.high),
    )
}
