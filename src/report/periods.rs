//! Periods of time: how votes and labels go from one to the next, and which labeling functions drift.
//!
//! For coverage and conflict of each labeling function, and of all votes together, every period is
//! compared with the others, and all periods from each one on with those before. Of these
//! comparisons the clearest by the test of two proportions is named, when it is beyond what chance
//! finds in 5 of 100 reports (see [`beyond_chance`]) and far enough: coverage of an LF by a factor of
//! 1.5 and half a point, the others by 10 points.

use super::findings::{Finding, percent};
use super::groups::{Counter, Difference, GroupReport, apart, beyond_chance};
use super::stats::Share;
use super::{Report, slices};
use crate::Grain;
use crate::lf::Measure;
use crate::votes::Periods;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows by time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PeriodsReport {
    /// The column with the times.
    pub column: String,
    /// How long a period is.
    pub grain: Grain,
    /// Rows whose cell is missing or no time, of all rows.
    pub without_time: Share,
    /// The periods that have rows, in order.
    pub periods: Vec<PeriodReport>,
    /// The labeling functions, in order.
    pub lfs: Vec<LfPeriods>,
    /// Where coverage or conflict departs clearly, the clearest first.
    pub changes: Vec<Change>,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PeriodReport {
    /// Such as `2024-02`; weeks are those of ISO 8601, such as `2024-W09`.
    pub name: String,
    /// Its numbers; those of all rows are [`Report::whole`].
    pub numbers: GroupReport,
}

/// A labeling function from period to period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LfPeriods {
    /// Its name.
    pub name: String,
    /// Rows that it votes on, for each period: its coverage is that of the rows of the period.
    pub votes: Vec<u64>,
    /// Those of them that others contradict.
    pub conflicts: Vec<u64>,
}

/// A number that departs in one period, or from one on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What is not the same, with its share in that time and in the other periods, or those before.
    pub difference: Difference,
    /// The period, or the first one.
    pub period: String,
    /// Whether it has been so since then, up to the last period.
    pub lasting: bool,
}

/// How far shares must be apart, as a difference; of the coverage of an LF as a difference and a
/// factor.
const FAR: f64 = 0.1;
const LEAST_COVERAGE: f64 = 0.005;
const FACTOR: f64 = 1.5;

/// The periods of a report whose LFs are there.
pub(super) fn periods(report: &Report, periods: &Periods, counter: &Counter<'_>) -> PeriodsReport {
    let groups = periods.groups.par_iter();
    let counted: Vec<_> = groups.map(|group| (counter.report(group), counter.lfs(group))).collect();
    let of_period = |lf: usize| counted.iter().map(move |(_, lfs)| lfs[lf]);
    let lfs = report.lfs.iter().enumerate().map(|(at, lf)| LfPeriods {
        name: lf.name.clone(),
        votes: of_period(at).map(|counts| counts.votes).collect(),
        conflicts: of_period(at).map(|counts| counts.conflict).collect(),
    });
    let lfs = lfs.collect();
    let names = periods.groups.iter().map(|group| group.name().to_owned());
    let named = names.zip(counted).map(|(name, (numbers, _))| PeriodReport { name, numbers });
    let mut found = PeriodsReport {
        column: periods.column.clone(),
        grain: periods.grain,
        without_time: Share::new(periods.without_time, report.rows.rows),
        periods: named.collect(),
        lfs,
        changes: Vec::new(),
    };
    found.changes = changes(&found);
    found
}

fn changes(report: &PeriodsReport) -> Vec<Change> {
    const MEASURES: [Measure; 2] = [Measure::Coverage, Measure::Conflict];
    let n = report.periods.len();
    let limits = Limits::new((report.lfs.len() + 1) * MEASURES.len(), n);
    let mut found = Vec::new();
    for measure in MEASURES {
        let whole = report.periods.iter().filter_map(|period| period.numbers.share(measure));
        found.extend(clearest(None, measure, &whole.collect::<Vec<_>>(), limits));
        for lf in &report.lfs {
            let shares = (0..n).map(|at| match measure {
                Measure::Coverage => {
                    Share::new(lf.votes[at], report.periods[at].numbers.rows.count)
                }
                _ => Share::new(lf.conflicts[at], lf.votes[at]),
            });
            found.extend(clearest(Some(&lf.name), measure, &shares.collect::<Vec<_>>(), limits));
        }
    }
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let change = |(_, found): (f64, Departure)| Change {
        difference: found.difference,
        period: report.periods[found.period].name.clone(),
        lasting: found.lasting,
    };
    found.into_iter().map(change).collect()
}

/// How clear a departure must be.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Of one period.
    periods: f64,
    /// From one on.
    beginnings: f64,
}

impl Limits {
    /// For so many series of so many periods; either kind has half of what chance may do.
    ///
    /// Neighboring beginnings compare mostly the same rows. At 5 % the highest z² of all of them is about
    /// 9 (Andrews 1993, doi:10.2307/2951764), which 1 + 2 ln n comparisons more than allow for.
    fn new(n_series: usize, n_periods: usize) -> Self {
        let (series, n) = (2.0 * n_series as f64, n_periods.max(1) as f64);
        Self {
            periods: beyond_chance(series * n),
            beginnings: beyond_chance(series * (1.0 + 2.0 * n.ln())),
        }
    }
}

struct Departure {
    difference: Difference,
    period: usize,
    lasting: bool,
}

/// The clearest departure among the shares of the periods, with how clear it is: above 1.
fn clearest(
    lf: Option<&String>,
    measure: Measure,
    shares: &[Share],
    limits: Limits,
) -> Option<(f64, Departure)> {
    let sum = |part: &[Share]| -> (u64, u64) {
        (part.iter().map(|share| share.count).sum(), part.iter().map(|share| share.of).sum())
    };
    let (count, of) = sum(shares);
    let mut best: Option<(f64, Departure)> = None;
    // Beginnings come first: of equally clear ones, that which explains more.
    let beginnings = (1..shares.len()).map(|at| (at, shares.len(), true));
    let single = (0..shares.len().saturating_sub(1)).map(|at| (at, at + 1, false));
    for (start, end, lasting) in beginnings.chain(single) {
        let part = sum(&shares[start..end]);
        let inside = Share::new(part.0, part.1);
        let elsewhere = Share::new(count - part.0, of - part.1);
        let Some(clear) = apart(inside, elsewhere) else { continue };
        let far = matches!((inside.share, elsewhere.share), (Some(here), Some(there))
            if is_far(lf.is_some() && measure == Measure::Coverage, here, there));
        let clear = clear / if lasting { limits.beginnings } else { limits.periods };
        if far && clear > 1.0 && best.as_ref().is_none_or(|(most, _)| clear > *most) {
            let difference = Difference { lf: lf.cloned(), measure, inside, elsewhere };
            best = Some((clear, Departure { difference, period: start, lasting }));
        }
    }
    best
}

fn is_far(coverage_of_lf: bool, here: f64, there: f64) -> bool {
    let (low, high) = (here.min(there), here.max(there));
    if coverage_of_lf {
        high - low >= LEAST_COVERAGE && high >= FACTOR * low
    } else {
        high - low >= FAR
    }
}

/// Changes that are findings; all of them are in [`PeriodsReport::changes`].
const MOST: usize = 8;

/// What drifts.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let Some(periods) = &report.periods else { return Vec::new() };
    let mut found: Vec<Finding> = Vec::new();
    if periods.without_time.count * 2 > periods.without_time.of {
        let message = format!(
            "the column `{}` has no time on {} of the rows: times are written as 2024-02-29 or \
             2024-02-29T23:15:00",
            periods.column,
            percent(periods.without_time.share.unwrap_or(0.0))
        );
        found.push(Finding::new("no-time", None, periods.without_time.count, message));
    }
    found.extend(periods.changes.iter().take(MOST).map(|change| finding(report, change)));
    found
}

fn finding(report: &Report, change: &Change) -> Finding {
    let difference = &change.difference;
    let here = percent(difference.inside.share.unwrap_or(0.0));
    let there = percent(difference.elsewhere.share.unwrap_or(0.0));
    let (when, other) = match change.lasting {
        true => (format!("since {}", change.period), "before"),
        false => (format!("in {}", change.period), "otherwise"),
    };
    let lf = slices::named(report, difference);
    let message = match (difference.measure, lf.is_some()) {
        (Measure::Coverage, true) => {
            format!("drifts: {when} it votes on {here} of the rows, {other} on {there}")
        }
        (Measure::Coverage, false) => {
            format!(
                "{when} {here} of the rows have a vote, {other} {there}: what has changed then?"
            )
        }
        (_, true) => {
            format!("drifts: {when} others contradict {here} of its votes, {other} {there}")
        }
        (_, false) => {
            format!("{when} votes disagree on {here} of the rows, {other} on {there}")
        }
    };
    Finding::new("drifting", lf, difference.rows(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_of_a_change_is_found() {
        let shares = |counts: &[u64]| -> Vec<Share> {
            counts.iter().map(|&count| Share::new(count, 1000)).collect()
        };
        let lf = "a".to_owned();
        let limits = Limits::new(2, 5);
        for (counts, wanted) in [
            (&[100, 105, 95, 20, 18][..], Some((3, true))),
            (&[100, 105, 20, 98, 99], Some((2, false))),
            (&[100, 105, 98, 99, 20], Some((4, true))),
            (&[20, 100, 105, 98, 99], Some((1, true))),
            (&[100, 105, 95, 102, 98], None),
            (&[100, 20], Some((1, true))),
            (&[100], None),
            (&[], None),
            // Clear but little: a factor of 1.3.
            (&[100, 100, 130, 130], None),
        ] {
            let found = clearest(Some(&lf), Measure::Coverage, &shares(counts), limits);
            assert_eq!(found.map(|(_, found)| (found.period, found.lasting)), wanted, "{counts:?}");
        }
    }
}
