//! The statistics of votes: one function each, computed on patterns.

use super::gold::GoldCounts;
use super::{Evidence, TermsReport, Verdict};
use crate::lf::About;
use crate::model::{Contribution, Interval};
use crate::{ChoiceId, ClassId, LfId, Patterns};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A part of a whole, with both counts; `share` is none of nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The part.
    pub count: u64,
    /// The whole.
    pub of: u64,
    /// The part divided by the whole.
    pub share: Option<f64>,
}

impl Share {
    /// `count` of `of`.
    #[must_use]
    pub fn new(count: u64, of: u64) -> Self {
        Self { count, of, share: (of > 0).then(|| count as f64 / of as f64) }
    }
}

/// Rows: how many are covered, overlap and conflict, all over all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RowReport {
    /// Rows in all.
    pub rows: u64,
    /// Rows with at least one vote.
    pub coverage: Share,
    /// Rows with at least two votes.
    pub overlap: Share,
    /// Rows with two votes that cannot both be right.
    pub conflict: Share,
    /// Rows with a hard label.
    pub labeled: Share,
    /// Rows with votes but without a hard label, because classes tie or none is sure enough.
    pub tied: Share,
}

/// One labeling function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LfReport {
    /// Its name.
    pub name: String,
    /// What people should know about it.
    pub about: About,
    /// What it voted, and on how many rows: its polarity.
    pub votes: Vec<LfVotes>,
    /// Rows it votes on, of all rows.
    pub coverage: Share,
    /// Its rows where no other LF votes, of its rows.
    #[serde(default)]
    pub alone: Share,
    /// Its rows where others vote and none contradicts it, of its rows.
    #[serde(default)]
    pub agreement: Share,
    /// Its rows where another LF votes, of its rows.
    pub overlap: Share,
    /// The same of all rows.
    pub overlap_of_rows: Share,
    /// Its rows where another LF's vote and its own cannot both be right, of its rows.
    pub conflict: Share,
    /// The same of all rows.
    pub conflict_of_rows: Share,
    /// The LF it disagrees with on most rows, and on how many.
    pub conflicts_most_with: Option<(String, u64)>,
    /// The mean probability, over its rows, of the classes it voted.
    pub learned_accuracy: Option<f64>,
    /// The 95 % interval of that, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned_interval: Option<Interval>,
    /// What would be different without it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution: Option<Contribution>,
    /// Its votes for the gold label, or for a set of classes with it.
    pub precision: Option<Precision>,
    /// Rows on which it abstained because a cell was missing.
    pub missing: u64,
    /// Rows on which it abstained because it failed.
    pub failures: u64,
    /// The first failures: row and message.
    pub first_failures: Vec<(u64, String)>,
    /// What it found in a sample of its rows, where that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<TermsReport>,
    /// What to do with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What a labeling function voted: a class, or something richer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LfVotes {
    /// The class, or as people read it: `a or b`, `not a`, `a (0.7-0.9)`.
    pub label: String,
    /// Rows.
    pub rows: u64,
}

/// A proportion with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// Right votes.
    pub correct: u64,
    /// Votes on rows with a gold label.
    pub n: u64,
    /// `correct / n`.
    pub value: f64,
    /// Lower end of the 95 % Wilson interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Precision {
    /// `correct` of `n`; none of nothing.
    #[must_use]
    pub fn new(correct: u64, n: u64) -> Option<Self> {
        if n == 0 {
            return None;
        }
        // The 97.5 % point of the normal distribution.
        let z = 1.959_963_984_540_054_f64;
        let (p, size) = (correct as f64 / n as f64, n as f64);
        let middle = p + z * z / (2.0 * size);
        let half = z * (p * (1.0 - p) / size + z * z / (4.0 * size * size)).sqrt();
        let whole = 1.0 + z * z / size;
        let low = ((middle - half) / whole).max(0.0);
        let high = ((middle + half) / whole).min(1.0);
        Some(Self { correct, n, value: p, low, high })
    }
}

/// Two labeling functions that both voted on some rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairReport {
    /// One of them.
    pub first: String,
    /// The other.
    pub second: String,
    /// Rows where both vote.
    pub both: u64,
    /// Rows where their votes cannot both be right.
    pub conflict: u64,
}

/// For each pair of LFs, by ascending ids, where both vote.
pub(super) type Pairs = BTreeMap<(LfId, LfId), Both>;

/// Rows where two LFs both vote.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Both {
    pub(super) rows: u64,
    /// Where they cannot both be right.
    pub(super) conflict: u64,
    /// Where they do not vote the same.
    pub(super) different: u64,
}

/// Up to so many LFs have a cell for every pair while pairs are counted.
const DENSE: usize = 2_000;

pub(super) fn pairs(votes: &Patterns) -> Pairs {
    let names = votes.names();
    let n = votes.n_lfs();
    let each = |add: &mut dyn FnMut(LfId, LfId, Both)| {
        for (votes, rows) in votes.iter() {
            for (i, one) in votes.iter().enumerate() {
                for other in &votes[i + 1..] {
                    let different = if one.choice == other.choice { 0 } else { rows };
                    let conflict = different > 0 && names.conflict(one.choice, other.choice);
                    let conflict = if conflict { rows } else { 0 };
                    add(one.lf, other.lf, Both { rows, conflict, different });
                }
            }
        }
    };
    if n <= DENSE {
        let mut cells = vec![Both::default(); n * n];
        each(&mut |one, other, both| cells[one.index() * n + other.index()].add(both));
        let place = |one: LfId| (one, one.index() * n);
        let rows = LfId::first(n).map(place);
        return rows
            .flat_map(|(one, start)| {
                LfId::first(n).zip(&cells[start..start + n]).map(move |cell| (one, cell))
            })
            .filter(|(_, (_, both))| both.rows > 0)
            .map(|(one, (other, both))| ((one, other), *both))
            .collect();
    }
    let mut pairs = Pairs::new();
    each(&mut |one, other, both| pairs.entry((one, other)).or_default().add(both));
    pairs
}

impl Both {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.conflict += other.conflict;
        self.different += other.different;
    }
}

/// Pairs that a report lists.
const WORST: usize = 10;

pub(super) fn worst_conflicts(votes: &Patterns, pairs: &Pairs) -> Vec<PairReport> {
    let mut worst: Vec<_> = pairs.iter().filter(|(_, both)| both.conflict > 0).collect();
    worst.sort_by_key(|(pair, both)| (std::cmp::Reverse(both.conflict), **pair));
    let worst = worst.into_iter().take(WORST).map(|(&(first, second), both)| {
        let name = |lf| votes.names().lf(lf).to_owned();
        let (first, second) = (name(first), name(second));
        PairReport { first, second, both: both.rows, conflict: both.conflict }
    });
    worst.collect()
}

pub(super) fn rows(votes: &Patterns, hard: &[Option<ClassId>]) -> RowReport {
    let n = votes.n_rows();
    let count = |holds: &dyn Fn(usize) -> bool| {
        (0..votes.len()).filter(|&u| holds(u)).map(|u| votes.row_count(u)).sum()
    };
    let share = |holds: &dyn Fn(usize) -> bool| Share::new(count(holds), n);
    RowReport {
        rows: n,
        coverage: share(&|u| !votes.votes(u).is_empty()),
        overlap: share(&|u| votes.votes(u).len() > 1),
        conflict: share(&|u| disagree(votes, u)),
        labeled: share(&|u| hard[u].is_some()),
        tied: share(&|u| hard[u].is_none() && !votes.votes(u).is_empty()),
    }
}

/// Whether two votes of a pattern cannot both be right.
pub(crate) fn disagree(votes: &Patterns, u: usize) -> bool {
    let row = votes.votes(u);
    // Votes for single classes conflict as soon as two in a row do.
    let names = votes.names();
    if row.iter().all(|vote| names.single(vote.choice).is_some()) {
        return row.windows(2).any(|pair| names.conflict(pair[0].choice, pair[1].choice));
    }
    let conflict =
        |i: usize| row[i + 1..].iter().any(|other| names.conflict(row[i].choice, other.choice));
    (0..row.len()).any(conflict)
}

/// Whether another vote of a pattern contradicts vote `i` of it.
pub(crate) fn differing(votes: &Patterns, u: usize, i: usize) -> bool {
    let (names, row) = (votes.names(), votes.votes(u));
    row.iter().any(|other| names.conflict(other.choice, row[i].choice))
}

/// The classes that some vote says are possible, one flag a class.
pub(super) fn voted_classes(votes: &Patterns) -> Vec<bool> {
    let names = votes.names();
    let mut choices = vec![false; names.n_choices()];
    for (row, _) in votes.iter() {
        row.iter().for_each(|vote| choices[vote.choice.index()] = true);
    }
    let voted = ChoiceId::first(choices.len()).filter(|choice| choices[choice.index()]);
    let mut classes = vec![false; names.classes.len()];
    for choice in voted {
        names.classes_of(choice).iter().for_each(|class| classes[class.index()] = true);
    }
    classes
}

/// How many rows have 0, 1, 2 … votes.
pub(super) fn votes_per_row(votes: &Patterns) -> Vec<u64> {
    let mut rows = vec![0];
    for (votes, count) in votes.iter() {
        if rows.len() <= votes.len() {
            rows.resize(votes.len() + 1, 0);
        }
        rows[votes.len()] += count;
    }
    rows
}

pub(super) fn lfs(
    evidence: &Evidence<'_>,
    pairs: &Pairs,
    gold: Option<&GoldCounts>,
) -> Vec<LfReport> {
    let votes = evidence.votes;
    let (n_lfs, n_rows) = (votes.n_lfs(), votes.n_rows());
    let names = votes.names();
    let mut tallies = vec![Tally::default(); n_lfs];
    for (u, (row, count)) in votes.iter().enumerate() {
        let conflict = disagree(votes, u);
        for (i, vote) in row.iter().enumerate() {
            let tally = &mut tallies[vote.lf.index()];
            *tally.votes.entry(vote.choice).or_default() += count;
            tally.overlap += if row.len() > 1 { count } else { 0 };
            let differs = conflict && differing(votes, u, i);
            tally.conflict += if differs { count } else { 0 };
            let classes = names.classes_of(vote.choice);
            let table = evidence.labels.table();
            let probability: f64 = classes.iter().map(|class| table[[u, class.index()]]).sum();
            tally.probability += count as f64 * probability;
            if let Some(gold) = gold {
                tally.gold += gold.total(u);
                tally.correct += classes.iter().map(|&class| gold.of_class(u, class)).sum::<u64>();
            }
        }
    }
    for (&(one, other), &Both { conflict, .. }) in pairs {
        for (lf, with) in [(one, other), (other, one)] {
            let most = &mut tallies[lf.index()].most;
            if conflict > 0 && most.is_none_or(|(_, rows)| conflict > rows) {
                *most = Some((with, conflict));
            }
        }
    }
    let intervals = evidence.uncertainty.and_then(|known| known.intervals.as_ref());
    let contributions = evidence.uncertainty.and_then(|known| known.contributions.as_ref());
    LfId::first(n_lfs)
        .zip(tallies)
        .map(|(lf, tally)| {
            let own: u64 = tally.votes.values().sum();
            let notes = evidence.notes.get(lf.index()).cloned().unwrap_or_default();
            LfReport {
                name: votes.names().lf(lf).to_owned(),
                about: evidence.about.get(lf.index()).cloned().unwrap_or_default(),
                votes: tally
                    .votes
                    .iter()
                    .map(|(&choice, &rows)| LfVotes {
                        label: names.choice_name(choice).into_owned(),
                        rows,
                    })
                    .collect(),
                coverage: Share::new(own, n_rows),
                alone: Share::new(own - tally.overlap, own),
                agreement: Share::new(tally.overlap - tally.conflict, own),
                overlap: Share::new(tally.overlap, own),
                overlap_of_rows: Share::new(tally.overlap, n_rows),
                conflict: Share::new(tally.conflict, own),
                conflict_of_rows: Share::new(tally.conflict, n_rows),
                conflicts_most_with: tally
                    .most
                    .map(|(with, rows)| (votes.names().lf(with).to_owned(), rows)),
                learned_accuracy: (tally.overlap > 0).then(|| tally.probability / own as f64),
                learned_interval: intervals
                    .filter(|_| tally.overlap > 0)
                    .and_then(|known| *known.accuracies.get(lf.index())?),
                contribution: contributions.and_then(|all| all.get(lf.index()).copied()),
                precision: Precision::new(tally.correct, tally.gold),
                missing: notes.missing,
                failures: notes.failures,
                first_failures: notes.first_failures,
                terms: None,
                verdict: None,
            }
        })
        .collect()
}

#[derive(Clone, Default)]
struct Tally {
    votes: BTreeMap<ChoiceId, u64>,
    overlap: u64,
    conflict: u64,
    probability: f64,
    gold: u64,
    correct: u64,
    most: Option<(LfId, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wilson's interval for 8 of 10, as tables give it: 0.490 to 0.943.
    #[test]
    fn wilson_interval() {
        let precision = Precision::new(8, 10).expect("some");
        assert!((precision.low - 0.4902).abs() < 5e-5, "{precision:?}");
        assert!((precision.high - 0.9433).abs() < 5e-5, "{precision:?}");
        assert_eq!(Precision::new(0, 0), None);
        let none = Precision::new(0, 5).expect("some");
        assert!(none.low == 0.0 && none.high > 0.4);
    }
}
