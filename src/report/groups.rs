//! What can be said of some of the rows: a slice, a period, or all of them.

use super::stats::{Precision, Share, differing, disagree};
use super::{Evidence, Report};
use crate::ClassId;
use crate::lf::Measure;
use crate::votes::{Group, KnownLabels};
use serde::{Deserialize, Serialize};

/// The numbers of a group of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupReport {
    /// Its rows, of all rows.
    pub rows: Share,
    /// Rows with at least one vote, of its rows.
    pub coverage: Share,
    /// Rows with two votes that cannot both be right, of its rows.
    pub conflict: Share,
    /// Rows with a hard label, of its rows.
    pub labeled: Share,
    /// How common each class is, in order.
    pub classes: Vec<ClassShare>,
    /// Right hard labels, of those given to its rows with a gold label that the model did not learn
    /// from.
    pub precision: Option<Precision>,
}

/// How common a class is in a group of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassShare {
    /// The class.
    pub name: String,
    /// Rows with this hard label, of those with one.
    pub hard: Share,
    /// Its mean probability over the covered rows; none without them.
    pub expected: Option<f64>,
}

/// A number that is not the same in a group of rows as in the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The labeling function it is about; none for the votes or labels as a whole.
    pub lf: Option<String>,
    /// The number.
    pub measure: Measure,
    /// In the group.
    pub inside: Share,
    /// In the rows that it is compared with.
    pub elsewhere: Share,
}

impl GroupReport {
    /// A number that gates may be about, and other groups are compared by. Drift has none.
    #[must_use]
    pub fn share(&self, measure: Measure) -> Option<Share> {
        match measure {
            Measure::Coverage => Some(self.coverage),
            Measure::Conflict => Some(self.conflict),
            Measure::Labeled => Some(self.labeled),
            Measure::Precision => self.precision.map(|p| Share::new(p.correct, p.n)),
            _ => None,
        }
    }
}

impl Difference {
    /// Rows that would be otherwise if the share were that elsewhere.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let apart = self.inside.share.zip(self.elsewhere.share).map_or(0.0, |(a, b)| (a - b).abs());
        (apart * self.inside.of as f64).round() as u64
    }
}

impl Report {
    /// All rows as one group, to compare others with.
    #[must_use]
    pub fn whole(&self) -> GroupReport {
        let (rows, labeled) = (&self.rows, self.rows.labeled.count);
        let covered = rows.coverage.count;
        let classes = self.classes.iter().map(|class| ClassShare {
            name: class.name.clone(),
            hard: Share::new(class.hard, labeled),
            expected: (covered > 0).then(|| class.expected / covered as f64),
        });
        let given = self.gold.as_ref().map(|gold| gold.labels.labeled);
        GroupReport {
            rows: Share::new(rows.rows, rows.rows),
            coverage: rows.coverage,
            conflict: rows.conflict,
            labeled: rows.labeled,
            classes: classes.collect(),
            precision: given.and_then(|given| Precision::new(given.count, given.of)),
        }
    }
}

/// What an LF did on some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LfCounts {
    pub(super) votes: u64,
    /// Where another vote and its own cannot both be right.
    pub(super) conflict: u64,
    /// Votes on rows with a known label.
    pub(super) known: u64,
    pub(super) correct: u64,
}

/// What is the same for all groups.
pub(super) struct Counter<'a> {
    evidence: &'a Evidence<'a>,
    /// The hard label of each pattern.
    hard: &'a [Option<ClassId>],
    n_rows: u64,
    /// For each pattern whether it has a conflict.
    disagree: Vec<bool>,
    /// For each vote of each pattern whether another one contradicts it, and where they begin.
    differs: Vec<bool>,
    starts: Vec<usize>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(evidence: &'a Evidence<'a>, hard: &'a [Option<ClassId>]) -> Self {
        let votes = evidence.votes;
        let (mut conflicts, mut differs) = (Vec::with_capacity(votes.len()), Vec::new());
        let mut starts = Vec::with_capacity(votes.len());
        for u in 0..votes.len() {
            let (conflict, row) = (disagree(votes, u), votes.votes(u));
            starts.push(differs.len());
            differs.extend((0..row.len()).map(|i| conflict && differing(votes, u, i)));
            conflicts.push(conflict);
        }
        Self { evidence, hard, n_rows: votes.n_rows(), disagree: conflicts, differs, starts }
    }

    /// The numbers of a group.
    pub(super) fn report(&self, group: &Group) -> GroupReport {
        let votes = self.evidence.votes;
        let names = votes.names();
        let count = |holds: &dyn Fn(usize) -> bool| -> u64 {
            group.patterns().filter(|(u, _)| holds(*u)).map(|(_, rows)| rows).sum()
        };
        let n = count(&|_| true);
        let (mut hard, mut expected) = (vec![0; votes.n_classes()], vec![0.0; votes.n_classes()]);
        for (u, rows) in group.patterns() {
            if let Some(class) = self.hard[u] {
                hard[class.index()] += rows;
            }
            if !votes.votes(u).is_empty() {
                let row = self.evidence.labels.table().row(u);
                expected.iter_mut().zip(row).for_each(|(sum, p)| *sum += rows as f64 * p);
            }
        }
        let (covered, labeled) = (count(&|u| !votes.votes(u).is_empty()), hard.iter().sum());
        let classes = ClassId::first(votes.n_classes()).map(|class| ClassShare {
            name: names.class(class).to_owned(),
            hard: Share::new(hard[class.index()], labeled),
            expected: (covered > 0).then(|| expected[class.index()] / covered as f64),
        });
        GroupReport {
            rows: Share::new(n, self.n_rows),
            coverage: Share::new(covered, n),
            conflict: Share::new(count(&|u| self.disagree[u]), n),
            labeled: Share::new(labeled, n),
            classes: classes.collect(),
            precision: self.precision(group.known()),
        }
    }

    fn precision(&self, known: &KnownLabels) -> Option<Precision> {
        let (mut given, mut right) = (0, 0);
        for (u, class, rows) in known.held_out() {
            if let Some(label) = self.hard[u] {
                given += rows;
                right += if label == class { rows } else { 0 };
            }
        }
        Precision::new(right, given)
    }

    /// What each LF did in a group.
    pub(super) fn lfs(&self, group: &Group) -> Vec<LfCounts> {
        let votes = self.evidence.votes;
        let mut counts = vec![LfCounts::default(); votes.n_lfs()];
        for (u, rows) in group.patterns() {
            let differs = &self.differs[self.starts[u]..];
            for (vote, differs) in votes.votes(u).iter().zip(differs) {
                let count = &mut counts[vote.lf.index()];
                count.votes += rows;
                count.conflict += if *differs { rows } else { 0 };
            }
        }
        for (u, class, rows) in group.known().all() {
            for vote in votes.votes(u) {
                let count = &mut counts[vote.lf.index()];
                let right = votes.names().classes_of(vote.choice).contains(&class);
                count.known += rows;
                count.correct += if right { rows } else { 0 };
            }
        }
        counts
    }
}

/// How far two shares are apart for what chance does: the square of the z statistic of the test of
/// two proportions with a common variance. None where either has fewer than 20 rows.
pub(super) fn apart(one: Share, other: Share) -> Option<f64> {
    let least = super::findings::ENOUGH;
    if one.of < least || other.of < least {
        return None;
    }
    let (n, m) = (one.of as f64, other.of as f64);
    let pooled = (one.count + other.count) as f64 / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    let difference = one.share? - other.share?;
    Some(if variance > 0.0 { difference * difference / variance } else { 0.0 })
}

/// The square of the z statistic that one of so many comparisons reaches by chance alone in less
/// than 5 of 100 reports. The chance of one is at the most √(2/π) exp(−z²/2) / z (Gordon 1941,
/// doi:10.1214/aoms/1177731721), and those of all add up.
pub(super) fn beyond_chance(comparisons: f64) -> f64 {
    const ROUNDS: usize = 20;
    let chances = comparisons.max(1.0) / 0.05 * (2.0 / std::f64::consts::PI).sqrt();
    // Each round takes less than a quarter of the error along.
    (0..ROUNDS).fold(4.0_f64, |square, _| 2.0 * (chances / square.sqrt()).ln())
}

/// What is left of a whole without a part.
pub(super) fn without(whole: Share, part: Share) -> Share {
    Share::new(whole.count.saturating_sub(part.count), whole.of.saturating_sub(part.of))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 30 of 100 against 15 of 100: z = 2.54, as tables give it.
    #[test]
    fn two_proportions() {
        let z = apart(Share::new(30, 100), Share::new(15, 100)).expect("enough rows").sqrt();
        assert!((z - 2.540).abs() < 1e-3, "{z}");
        assert_eq!(apart(Share::new(3, 10), Share::new(15, 100)), None);
        assert_eq!(apart(Share::new(0, 50), Share::new(0, 100)), Some(0.0));
        // A little stricter than the points of the normal distribution at 0.05, and 0.05 / 1000.
        for (comparisons, wanted) in [(1.0, 1.960), (1000.0, 4.056)] {
            let z = beyond_chance(comparisons).sqrt();
            assert!(z > wanted && z < wanted + 0.08, "{z}");
        }
    }
}
