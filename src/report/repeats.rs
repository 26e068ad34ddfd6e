//! Labeling functions that say nothing that another one does not say: the same votes on the same rows, on
//! nearly the same ones, or on some of them.

use super::Report;
use super::findings::{ENOUGH, Finding, rows};
use super::stats::{Both, LfReport, Pairs};
use crate::LfId;
use std::collections::{BTreeMap, BTreeSet};

/// How one repeats another, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Same,
    Nearly,
    Part,
}

/// What is found about one labeling function.
#[derive(Clone, Copy)]
struct Repeat {
    kind: Kind,
    /// Rows where both vote.
    both: u64,
    /// The one that it repeats.
    of: usize,
    /// Others that it repeats as well.
    more: usize,
}

/// The findings, one a labeling function, and all pairs of names that repeat each other.
pub(super) fn findings<'a>(
    report: &'a Report,
    pairs: &Pairs,
) -> (Vec<Finding>, BTreeSet<(&'a str, &'a str)>) {
    let lf = |id: LfId| &report.lfs[id.index()];
    let mut repeats: BTreeMap<usize, Repeat> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for (&(one, other), &Both { rows: both, different, .. }) in pairs {
        let either = lf(one).coverage.count + lf(other).coverage.count - both;
        if different > 0 || both < ENOUGH {
            continue;
        }
        // Of equals the later one repeats.
        let (kind, who, of) = if both == either {
            (Kind::Same, other, one)
        } else if both * 5 >= either * 4 {
            (Kind::Nearly, other, one)
        } else if let Some(other_is_part) = subsumed(lf(one), lf(other), both, report.rows.rows) {
            let (part, whole) = if other_is_part { (other, one) } else { (one, other) };
            (Kind::Part, part, whole)
        } else {
            continue;
        };
        named.insert((lf(one).name.as_str(), lf(other).name.as_str()));
        let found = Repeat { kind, both, of: of.index(), more: 0 };
        repeats
            .entry(who.index())
            .and_modify(|best| {
                let more = best.more + 1;
                let closer = (found.kind, std::cmp::Reverse(found.both))
                    < (best.kind, std::cmp::Reverse(best.both));
                if closer {
                    *best = Repeat { more, ..found };
                } else {
                    best.more = more;
                }
            })
            .or_insert(found);
    }
    let findings = repeats.into_iter().map(|(who, repeat)| finding(report, who, &repeat));
    (findings.collect(), named)
}

fn finding(report: &Report, who: usize, repeat: &Repeat) -> Finding {
    let (lf, of) = (&report.lfs[who], &report.lfs[repeat.of]);
    let both = repeat.both;
    let (code, mut message) = match repeat.kind {
        Kind::Same => (
            "duplicate",
            format!(
                "votes on the same {} rows as `{}`, and the same: one of the two says nothing new",
                rows(both),
                of.name
            ),
        ),
        Kind::Nearly => (
            "near-duplicate",
            format!(
                "votes almost as `{}` does ({} of {} rows): one of the two says little more",
                of.name,
                rows(both),
                rows(lf.coverage.count + of.coverage.count - both)
            ),
        ),
        Kind::Part => (
            "subsumed",
            format!(
                "votes only where `{}` votes the same ({} of {} rows of that one): it says nothing new \
                 unless it is right more often",
                of.name,
                rows(both),
                rows(of.coverage.count)
            ),
        ),
    };
    if repeat.more > 0 {
        message += &format!("; so it is with {} more", repeat.more);
    }
    Finding::new(code, Some(lf), both, message)
}

/// Whether of two that vote the same one votes only where the other does, and if so whether it is the
/// second; where the other votes on half of all rows it is no wonder.
fn subsumed(one: &LfReport, other: &LfReport, both: u64, n_rows: u64) -> Option<bool> {
    let second = one.coverage.count > other.coverage.count;
    let (part, whole) = if second { (other, one) } else { (one, other) };
    (part.coverage.count == both && whole.coverage.count * 2 < n_rows).then_some(second)
}
