//! Tables that are the same in every rendering: gates, classes against gold, slices and periods.

use super::findings::{percent, rows};
use super::groups::GroupReport;
use super::stats::{Precision, Share};
use super::{ClassMetrics, GateResult, GateStatus, Report};

/// A table as text; numbers stand in all columns but the first.
pub(super) struct TextTable {
    pub(super) title: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether the last rows matter most, where there is no room for all.
    pub(super) last: bool,
    /// What stands below it.
    pub(super) note: String,
}

/// The tables of a report; none that would be empty.
pub(super) fn tables(report: &Report) -> Vec<TextTable> {
    [gates(report), scores(report), slices(report), periods(report)].into_iter().flatten().collect()
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
        title: "Slices".to_owned(),
        header: header("slice", &whole),
        rows: all.chain(slices).map(|(name, numbers)| line(name, numbers, &whole)).collect(),
        last: false,
        note: note(&whole),
    })
}

/// Each class against gold labels.
fn scores(report: &Report) -> Option<TextTable> {
    let of_labels = &report.gold.as_ref()?.labels;
    let mut header = vec!["class", "gold rows", "precision", "recall", "F1"];
    let ranked = !of_labels.rankings.is_empty();
    if ranked {
        header.extend(["ROC AUC", "average precision"]);
    }
    let number = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |v| format!("{v:.3}"));
    let line = |(place, class): (usize, &ClassMetrics)| {
        let mut cells = vec![class.name.clone(), rows(class.recall.of)];
        cells.extend([class.precision.share, class.recall.share, class.f1].map(number));
        if let Some(ranking) = of_labels.rankings.get(place) {
            cells.extend([ranking.roc_auc, ranking.average_precision].map(number));
        }
        cells
    };
    let areas = "; ROC AUC, average precision: of its probability, on all gold rows (majority vote and curves \
                 are in the page)";
    Some(TextTable {
        title: "Each class against gold".to_owned(),
        header: header.into_iter().map(str::to_owned).collect(),
        rows: of_labels.classes.iter().enumerate().map(line).collect(),
        last: false,
        note: format!(
            "precision, recall, F1: of the labels given{}",
            if ranked { areas } else { "" }
        ),
    })
}

/// What became of the gates.
pub(super) fn gates(report: &Report) -> Option<TextTable> {
    if report.gates.is_empty() {
        return None;
    }
    let line = |result: &GateResult| {
        let value = result.value.map_or_else(|| "—".to_owned(), percent);
        vec![result.subject(), result.condition(), value, result.reason.clone(), status(result)]
    };
    let header = ["gate of", "gate", "value", "", "result"];
    Some(TextTable {
        title: "Gates".to_owned(),
        header: header.map(str::to_owned).into(),
        rows: report.gates.iter().map(line).collect(),
        last: false,
        note: "precision: the lower end of its 95 % interval · drift: against an earlier run"
            .to_owned(),
    })
}

fn status(result: &GateResult) -> String {
    let word = match result.status {
        GateStatus::Passed => "passed",
        GateStatus::Failed => "FAILED",
        GateStatus::NotChecked => "not checked",
    };
    word.to_owned()
}

fn periods(report: &Report) -> Option<TextTable> {
    let periods = report.periods.as_ref()?;
    let whole = report.whole();
    let named = periods.periods.iter().map(|period| (period.name.as_str(), &period.numbers));
    let without = match periods.without_time.count {
        0 => String::new(),
        n => format!(" · {} rows without time", rows(n)),
    };
    Some(TextTable {
        title: format!("By {}", periods.grain.name()),
        header: header(&periods.column, &whole),
        rows: named.map(|(name, numbers)| line(name, numbers, &whole)).collect(),
        last: true,
        note: note(&whole) + &without,
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
    cells.extend(whole.precision.map(|_| precision(numbers.precision, true)));
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

/// What is right on gold, of how many; with its 95 % interval if there is room.
pub(super) fn precision(precision: Option<Precision>, wide: bool) -> String {
    let Some(Precision { value, n, low, high, .. }) = precision else { return "—".to_owned() };
    let ends =
        if wide { format!("; {:.0}–{:.0}", 100.0 * low, 100.0 * high) } else { String::new() };
    format!("{} ({}{ends})", percent(value), rows(n))
}
