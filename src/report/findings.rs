//! What the numbers mean: the headline, and what to look at next.

use super::dependent;
use super::health::{Checked, REMARKS};
use super::stats::{LfReport, Pairs};
use super::{Action, Metrics, Privacy, Report, periods, repeats, slices};
use serde::{Deserialize, Serialize};

/// How things stand, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing stands out.
    Good,
    /// Something deserves a look.
    Attention,
    /// The labels should not be used as they are.
    Poor,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// A stable name such as `never-votes`.
    pub code: String,
    /// The labeling function it is about, if it is about one.
    pub lf: Option<String>,
    /// What is the matter, and what to try.
    pub message: String,
    /// Rows concerned.
    pub rows: u64,
}

impl Finding {
    pub(super) fn new(code: &str, lf: Option<&LfReport>, rows: u64, message: String) -> Self {
        let lf = lf.map(|lf| lf.name.clone());
        Self { code: code.to_owned(), lf, message, rows }
    }
}

/// Fewer rows than this are no ground for a remark about shares.
pub(super) const ENOUGH: u64 = 20;

/// `voted` says for each class whether some vote says that it is possible.
pub(super) fn findings(
    report: &Report,
    pairs: &Pairs,
    voted: &[bool],
    checked: Checked,
) -> Vec<Finding> {
    let mut first = Vec::new();
    let mut found = Vec::new();
    for (class, &voted) in report.classes.iter().zip(voted) {
        if !voted && report.rows.rows > 0 {
            let (code, what) = if class.hard == 0 {
                ("label-without-votes", "no row got this label")
            } else {
                ("label-by-balance", "rows get it only through the class balance or `uncovered`")
            };
            let message =
                format!("no labeling function voted `{}`: {what}; write one for it", class.name);
            first.push(Finding::new(code, None, report.rows.rows, message));
        }
    }
    let doubt = doubtful(&report.lfs);
    for lf in &report.lfs {
        let n = lf.coverage.count;
        if lf.failures > 0 {
            let message = failed(lf, Privacy::Full);
            first.push(Finding::new("failures", Some(lf), lf.failures, message));
        }
        if n == 0 {
            let message = if lf.missing * 2 > report.rows.rows {
                format!("never votes: its cell is missing on {} rows", rows(lf.missing))
            } else {
                "never votes: check its spelling and its column, or retire it".to_owned()
            };
            found.push(Finding::new("never-votes", Some(lf), report.rows.rows, message));
            continue;
        }
        if let Some(precision) = lf.precision.filter(|precision| precision.high < 0.5) {
            let message = format!(
                "is wrong more often than right: {} of {} votes are correct on gold; narrow it or retire it",
                rows(precision.correct),
                rows(precision.n)
            );
            found.push(Finding::new("wrong-on-gold", Some(lf), n, message));
        } else if let Some(learned) = lf
            .learned_accuracy
            .filter(|learned| !vindicated(lf) && lf.conflict.count > 0 && *learned < doubt)
        {
            let message = format!(
                "is doubted: its votes have a mean probability of {} under the model; look at some of \
                 its rows, then narrow it or retire it",
                percent(learned)
            );
            found.push(Finding::new("doubted", Some(lf), n, message));
        } else if !vindicated(lf)
            && lf.conflict.share.is_some_and(|share| share >= 0.5)
            && lf.conflict.count >= ENOUGH
        {
            let with = lf.conflicts_most_with.as_ref().map_or_else(String::new, |(name, count)| {
                format!(", most often with `{name}` ({} rows)", rows(*count))
            });
            let share = lf.conflict.share.unwrap_or_default();
            let message = format!("disagrees with others on {} of its rows{with}", percent(share));
            found.push(Finding::new("conflicts", Some(lf), lf.conflict.count, message));
        }
        if let (true, [votes]) =
            (n >= ENOUGH && n * 20 >= report.rows.rows * 19, lf.votes.as_slice())
        {
            let message = format!(
                "votes `{}` on {} of {} rows: that says how common the label is, nothing about a row; \
                 say so with `model.class_balance`, and narrow it",
                votes.label,
                rows(n),
                rows(report.rows.rows)
            );
            found.push(Finding::new("always-votes", Some(lf), n, message));
        }
        let asked = lf.missing + n;
        if lf.missing * 2 > report.rows.rows && asked >= ENOUGH {
            let message =
                format!("cannot vote on {} rows because a cell is missing", rows(lf.missing));
            found.push(Finding::new("missing-cells", Some(lf), lf.missing, message));
        }
    }
    let (repeated, near_duplicates) = repeats::findings(report, pairs);
    found.extend(repeated);
    found.extend(dependent::findings(report, &near_duplicates));
    found.extend(slices::findings(report));
    found.extend(periods::findings(report));
    // That it looks inverted says more than that it is doubted.
    found.retain(|finding| {
        let weaker = ["doubted", "conflicts"].contains(&finding.code.as_str());
        let said = |other: &Finding| other.code == "inverted" && other.lf == finding.lf;
        !(weaker && checked.findings.iter().any(said))
    });
    found.extend(checked.findings);
    let uncovered = report.rows.rows - report.rows.coverage.count;
    if report.rows.rows > 0 && uncovered * 4 > report.rows.rows {
        let share = uncovered as f64 / report.rows.rows as f64;
        let message = format!(
            "{} of the rows have no vote at all: look at some of them and write labeling functions for them",
            percent(share)
        );
        first.push(Finding::new("uncovered", None, uncovered, message));
    }
    if !report.model.converged {
        let message = "the label model had not settled after its last round; \
                       where the model takes `rounds`, as `anchored` does, raise it";
        found.push(Finding::new("not-converged", None, report.rows.rows, message.to_owned()));
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.rows));
    first.extend(found);
    first.extend(checked.remarks);
    first
}

/// That a labeling function failed; what it said may quote a row.
pub(super) fn failed(lf: &LfReport, privacy: Privacy) -> String {
    let (row, message) = lf.first_failures.first().cloned().unwrap_or_default();
    let said = if privacy.is_full() { format!(": {message}") } else { String::new() };
    format!("failed on {} rows, first on row {row}{said}", rows(lf.failures))
}

/// The learned accuracy below which an LF stands out: under one half, and clearly under the middle of
/// all, which is low itself where there are many classes.
fn doubtful(lfs: &[LfReport]) -> f64 {
    let mut learned: Vec<f64> = lfs.iter().filter_map(|lf| lf.learned_accuracy).collect();
    learned.sort_unstable_by(f64::total_cmp);
    learned.get(learned.len() / 2).map_or(0.0, |middle| (middle - 0.1).min(0.5))
}

/// Whether an LF is right more often than not as far as we know, so that its conflicts speak against
/// the others: by its precision on gold where that is known, else by what the model learned.
fn vindicated(lf: &LfReport) -> bool {
    match lf.precision {
        Some(precision) => precision.low >= 0.5,
        None => lf.learned_accuracy.is_some_and(|learned| learned >= 0.7),
    }
}

pub(super) fn health(report: &Report) -> Health {
    let poor = ["label-without-votes", "wrong-on-gold"];
    let covered = report.rows.coverage.share.unwrap_or(0.0);
    if covered < 0.2 || report.findings.iter().any(|finding| poor.contains(&finding.code.as_str()))
    {
        Health::Poor
    } else if report.findings.iter().all(|finding| REMARKS.contains(&finding.code.as_str())) {
        Health::Good
    } else {
        Health::Attention
    }
}

pub(super) fn headline(report: &Report) -> Vec<String> {
    let r = &report.rows;
    let share = |share: Option<f64>| percent(share.unwrap_or(0.0));
    let n_lfs = report.lfs.len();
    let mut lines = vec![format!(
        "{} rows, {n_lfs} labeling function{}, {} labels. {} of the rows have a vote, {} have votes that \
         disagree.",
        rows(r.rows),
        if n_lfs == 1 { "" } else { "s" },
        report.classes.len(),
        share(r.coverage.share),
        share(r.conflict.share),
    )];
    let without = r.rows - r.labeled.count;
    let mut line = format!("{} rows have a label", rows(r.labeled.count));
    if without > 0 {
        line += &format!(
            "; {} have none: {} without votes, {} tied or unsure",
            rows(without),
            rows(r.rows - r.labeled.count - r.tied.count),
            rows(r.tied.count)
        );
    }
    lines.push(line + ".");
    lines.extend(to_do(report));
    if report.model.known > 0 {
        let known = rows(report.model.known);
        lines.push(format!("The model learned from {known} known labels besides the votes."));
    }
    if let Some(gold) = &report.gold {
        let (ours, majority) = (&gold.labels, &gold.majority);
        let covered = |metrics: &Metrics| percent(metrics.accuracy_covered.unwrap_or(0.0));
        lines.push(format!(
            "Of the rows with votes and a gold label the most probable label is right on {}, by majority \
             vote on {}.",
            covered(ours),
            covered(majority),
        ));
    }
    lines
}

/// How many labeling functions want what.
fn to_do(report: &Report) -> Option<String> {
    let count = |action: Action| {
        let wants = |lf: &&LfReport| lf.verdict.as_ref().is_some_and(|v| v.action == action);
        report.lfs.iter().filter(wants).count()
    };
    let wanted: Vec<String> = Action::ALL
        .iter()
        .filter(|action| **action != Action::Keep)
        .map(|&action| (count(action), action))
        .filter(|(count, _)| *count > 0)
        .map(|(count, action)| match action {
            Action::NeedsLabels => format!("label rows of {count}"),
            _ => format!("{} {count}", action.name()),
        })
        .collect();
    let fine = count(Action::Keep);
    let keep = if fine > 0 { format!("; keep {fine} as they are") } else { String::new() };
    (!wanted.is_empty()).then(|| format!("Of the labeling functions {}{keep}.", wanted.join(", ")))
}

/// A count with thin separators.
pub(crate) fn rows(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage with one decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_shares_are_readable() {
        assert_eq!([0, 999, 1000, 1_234_567].map(rows), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(percent(0.123_45), "12.3 %");
    }
}
