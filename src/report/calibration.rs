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
