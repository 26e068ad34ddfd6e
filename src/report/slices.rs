//! Slices: how the votes and labels of some rows compare with those of all, and which labeling
//! functions break there.
//!
//! A slice is compared with the rows outside of it, by the test of two proportions, with at least 20
//! rows on either side, and such that chance alone finds anything in less than 5 of 100 reports
//! (see [`beyond_chance`]). What is found must matter too: coverage of an LF is at most a third of that
//! elsewhere, its conflict or precision at least 10 points worse; coverage, conflict or precision of
//! all votes and labels 10 points.

use super::Report;
use super::findings::{ENOUGH, Finding, percent, rows};
use super::groups::{Counter, Difference, GroupReport, LfCounts, apart, beyond_chance, without};
use super::stats::{LfReport, Share};
use crate::lf::Measure;
use crate::votes::Group;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SliceReport {
    /// Its name.
    pub name: String,
    /// Its numbers; those of all rows are [`Report::whole`].
    pub numbers: GroupReport,
    /// What is clearly worse in it than elsewhere: first as a whole, then by labeling function.
    pub worse: Vec<Difference>,
}

/// How much lower a share must be, or higher for conflict, to be worth a word.
const FAR: f64 = 0.1;
/// Part of the coverage elsewhere that an LF must have in a slice: rules are made for some rows and
/// not for others, which is nothing to remark.
const LEAST: f64 = 1.0 / 3.0;

const MEASURES: [Measure; 3] = [Measure::Coverage, Measure::Conflict, Measure::Precision];

/// The slices of a report whose LFs and numbers of all rows are there.
pub(super) fn slices(report: &Report, groups: &[Group], counter: &Counter<'_>) -> Vec<SliceReport> {
    let comparisons = groups.len() * (report.lfs.len() + 1) * MEASURES.len();
    let limit = beyond_chance(comparisons as f64);
    let whole = report.whole();
    groups
        .par_iter()
        .map(|group| {
            let numbers = counter.report(group);
            let mut worse = Vec::new();
            for measure in MEASURES {
                let pair = numbers.share(measure).zip(whole.share(measure));
                let pair = pair.map(|(inside, all)| (inside, without(all, inside)));
                let far = |inside: f64, elsewhere: f64| (inside - elsewhere).abs() >= FAR;
                worse.extend(worsened(None, measure, pair, limit, far));
            }
            for (lf, counts) in report.lfs.iter().zip(counter.lfs(group)) {
                for measure in MEASURES {
                    let pair = lf_shares(lf, counts, numbers.rows.count, measure);
                    let far = |inside: f64, elsewhere: f64| match measure {
                        Measure::Coverage => inside <= LEAST * elsewhere,
                        _ => (inside - elsewhere).abs() >= FAR,
                    };
                    worse.extend(worsened(Some(lf), measure, pair, limit, far));
                }
            }
            SliceReport { name: group.name().to_owned(), numbers, worse }
        })
        .collect()
}

/// A number of an LF in a slice with so many rows, and in the others.
fn lf_shares(
    lf: &LfReport,
    counts: LfCounts,
    rows: u64,
    measure: Measure,
) -> Option<(Share, Share)> {
    let (inside, all) = match measure {
        Measure::Coverage => (Share::new(counts.votes, rows), lf.coverage),
        Measure::Conflict => (Share::new(counts.conflict, counts.votes), lf.conflict),
        _ => {
            let all = lf.precision.map(|p| Share::new(p.correct, p.n))?;
            (Share::new(counts.correct, counts.known), all)
        }
    };
    Some((inside, without(all, inside)))
}

/// The difference, if it is one for the worse, beyond chance, and far enough.
fn worsened(
    lf: Option<&LfReport>,
    measure: Measure,
    pair: Option<(Share, Share)>,
    limit: f64,
    far: impl Fn(f64, f64) -> bool,
) -> Option<Difference> {
    let (inside, elsewhere) = pair?;
    let (here, there) = (inside.share?, elsewhere.share?);
    let for_worse = if measure == Measure::Conflict { here > there } else { here < there };
    let clear = apart(inside, elsewhere)? > limit;
    let lf = lf.map(|lf| lf.name.clone());
    (for_worse && clear && far(here, there)).then_some(Difference {
        lf,
        measure,
        inside,
        elsewhere,
    })
}

/// LFs that are named for one slice and number; all of them are in [`SliceReport::worse`].
const MOST: usize = 3;

/// What is worse in some slice.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let mut found = Vec::new();
    for slice in &report.slices {
        for measure in MEASURES {
            let of = |difference: &&Difference| difference.measure == measure;
            let (mut lfs, whole): (Vec<_>, Vec<_>) =
                slice.worse.iter().filter(of).partition(|difference| difference.lf.is_some());
            found.extend(whole.into_iter().map(|one| finding(report, slice, one)));
            lfs.sort_by(|one, other| weight(other).total_cmp(&weight(one)));
            found.extend(lfs.into_iter().take(MOST).map(|one| finding(report, slice, one)));
        }
        if slice.numbers.rows.count == 0 && report.rows.rows >= ENOUGH {
            let message = format!(
                "no row is in the slice `{}`: check its spelling and its column",
                slice.name
            );
            found.push(Finding::new("slice-empty", None, 0, message));
        }
    }
    found
}

/// The labeling function that a difference is about.
pub(super) fn named<'a>(report: &'a Report, difference: &Difference) -> Option<&'a LfReport> {
    let name = difference.lf.as_ref()?;
    report.lfs.iter().find(|lf| lf.name == *name)
}

/// How far apart the two are.
fn weight(difference: &Difference) -> f64 {
    apart(difference.inside, difference.elsewhere).unwrap_or(0.0)
}

fn finding(report: &Report, slice: &SliceReport, worse: &Difference) -> Finding {
    let name = &slice.name;
    let here = percent(worse.inside.share.unwrap_or(0.0));
    let there = percent(worse.elsewhere.share.unwrap_or(0.0));
    let n = rows(worse.inside.of);
    let lf = named(report, worse);
    let (code, message) = match (worse.measure, lf.is_some()) {
        (Measure::Coverage, true) => (
            "slice-coverage",
            format!(
                "hardly votes in the slice `{name}`: on {here} of its {n} rows, on {there} of the others"
            ),
        ),
        (Measure::Coverage, false) => (
            "slice-coverage",
            format!(
                "in the slice `{name}` only {here} of the {n} rows have a vote, of the others {there}: write \
                 labeling functions for it"
            ),
        ),
        (Measure::Conflict, true) => (
            "slice-conflict",
            format!(
                "breaks in the slice `{name}`: others contradict {here} of its {n} votes there, {there} \
                 elsewhere"
            ),
        ),
        (Measure::Conflict, false) => (
            "slice-conflict",
            format!(
                "in the slice `{name}` votes disagree on {here} of the {n} rows, on {there} of the others"
            ),
        ),
        (_, true) => (
            "slice-precision",
            format!(
                "breaks in the slice `{name}`: {here} of its {n} votes on known labels there are right, \
                 {there} elsewhere"
            ),
        ),
        (_, false) => (
            "slice-precision",
            format!(
                "in the slice `{name}` {here} of {n} labels are right on gold, {there} elsewhere"
            ),
        ),
    };
    Finding::new(code, lf, worse.rows(), message)
}
