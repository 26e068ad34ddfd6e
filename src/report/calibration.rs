//! Confidence: how many rows have it, and whether it is deserved.

use super::gold::GoldCounts;
use crate::model::{ProbLabels, TIE};
use crate::{ClassId, Patterns};
use serde::{Deserialize, Serialize};

/// Covered rows by the probability of their most probable class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfidenceBin {
    /// From this probability on.
    pub low: f64,
    /// Up to this one, without it but for 1.
    pub high: f64,
    /// Covered rows in it.
    pub rows: u64,
    /// Covered rows with a gold label in it.
    #[serde(default)]
    pub gold: u64,
    /// Of these, those whose most probable class is the gold one, ties split evenly.
    #[serde(default)]
    pub correct: f64,
    /// The sum of the confidence of the rows with a gold label.
    #[serde(default)]
    pub confidence: f64,
}

/// Gold labels against hard labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Confusion {
    /// `counts[gold][given]`, rows; the last column is for rows without a label.
    pub counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// The correlation of gold and given labels: that of Matthews (1975,
    /// doi:10.1016/0005-2795(75)90109-9) for any number of classes (Gorodkin 2004,
    /// doi:10.1016/j.compbiolchem.2004.09.006), with no label as a label that is never right.
    ///
    /// With n rows, c of them right, and tₖ gold and pₖ given rows of class k it is
    /// (c n − Σ tₖ pₖ) / √((n² − Σ pₖ²) (n² − Σ tₖ²)): 1 where all are right, about 0 by chance, whatever
    /// the shares of the classes; none where all rows have one gold label, or are given one label.
    ///
    /// Counts are those of [`counts`](Self::counts), rows as long as each other; without any there is none.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let width = self.counts.first().map_or(0, Vec::len);
        let gold: Vec<f64> =
            self.counts.iter().map(|row| row.iter().map(|&n| n as f64).sum()).collect();
        let given = |y: usize| -> f64 {
            self.counts.iter().map(|row| row.get(y).map_or(0.0, |&n| n as f64)).sum()
        };
        let given: Vec<f64> = (0..width).map(given).collect();
        let right: f64 = self
            .counts
            .iter()
            .enumerate()
            .map(|(y, row)| row.get(y).map_or(0.0, |&n| n as f64))
            .sum();
        let n: f64 = gold.iter().sum();
        // As shares, so that squares of large counts stay exact enough.
        let spread = |counts: &[f64]| 1.0 - counts.iter().map(|c| (c / n) * (c / n)).sum::<f64>();
        let together: f64 = gold.iter().zip(&given).map(|(t, p)| (t / n) * (p / n)).sum();
        let varied = |counts: &[f64]| counts.iter().filter(|&&c| c > 0.0).count() > 1;
        (varied(&gold) && varied(&given))
            .then(|| (right / n - together) / (spread(&gold) * spread(&given)).sqrt())
    }
}

/// Bins of equal width.
const BINS: usize = 10;

/// The covered rows of each bin; with gold labels, how often they are right.
pub(super) fn bins(
    votes: &Patterns,
    labels: &ProbLabels,
    gold: Option<&GoldCounts>,
) -> Vec<ConfidenceBin> {
    let edge = |bin: usize| bin as f64 / BINS as f64;
    let mut bins: Vec<ConfidenceBin> = (0..BINS)
        .map(|bin| ConfidenceBin {
            low: edge(bin),
            high: edge(bin + 1),
            rows: 0,
            gold: 0,
            correct: 0.0,
            confidence: 0.0,
        })
        .collect();
    for (u, ((votes, count), row)) in votes.iter().zip(labels.table().rows()).enumerate() {
        if votes.is_empty() {
            continue;
        }
        let most = row.iter().copied().fold(0.0, f64::max);
        // Sums of probabilities are a little off: .8999… belongs to the bin from .9 on.
        let bin = &mut bins[((most * BINS as f64 + 1e-9) as usize).min(BINS - 1)];
        bin.rows += count;
        let Some(gold) = gold else { continue };
        let (least, top) = tied(row.iter().copied(), most);
        for (class, &p) in ClassId::first(row.len()).zip(row) {
            let rows = gold.of_class(u, class);
            bin.gold += rows;
            bin.confidence += rows as f64 * most;
            bin.correct += if p >= least { rows as f64 / top } else { 0.0 };
        }
    }
    bins
}

/// From what probability on a class ties with the most probable one, and how many do, itself included.
pub(super) fn tied(row: impl Iterator<Item = f64>, most: f64) -> (f64, f64) {
    let least = most - TIE;
    (least, row.filter(|&p| p >= least).count() as f64)
}
