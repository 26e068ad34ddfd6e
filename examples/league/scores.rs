//! Scores of probabilistic labels against known ones.

use jurat::model::ProbLabels;
use jurat::{ClassId, Patterns};
use std::fmt;

/// Scores on the rows with a known label. Classes that tie for the highest probability share a row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scores {
    /// Share of the rows whose most probable class is the known one.
    pub(crate) accuracy: f64,
    /// The same on rows with a vote.
    pub(crate) accuracy_covered: f64,
    /// Mean F1 of the classes that occur.
    pub(crate) macro_f1: f64,
    /// Mean of −ln P(known class) on rows with a vote, probabilities no lower than 10⁻⁶.
    pub(crate) log_loss: f64,
    /// Mean of Σ_y (P(y) − [y is the known class])² on rows with a vote.
    pub(crate) brier: f64,
    /// Expected calibration error on rows with a vote: |confidence − accuracy| over 15 bins of equal
    /// width (Guo et al. 2017, arXiv:1706.04599).
    pub(crate) calibration: f64,
}

/// Bins of the calibration error.
const BINS: usize = 15;

impl Scores {
    pub(crate) const HEADER: &str = "     acc  covered      mF1     loss    Brier      ECE";

    pub(crate) fn new(votes: &Patterns, labels: &ProbLabels, gold: &[Option<ClassId>]) -> Self {
        let k = votes.n_classes();
        let mut counts = vec![vec![0.0; k]; votes.len()];
        for (&u, gold) in votes.of_row().iter().zip(gold) {
            if let Some(class) = gold {
                counts[u as usize][class.index()] += 1.0;
            }
        }
        let mut scores = Self::default();
        let (mut rows, mut covered) = (0.0, 0.0);
        let (mut right, mut said, mut known) = (vec![0.0; k], vec![0.0; k], vec![0.0; k]);
        let mut bins = [(0.0, 0.0); BINS];
        for (u, counts) in counts.iter().enumerate() {
            let row = labels.table().row(u);
            let most = row.iter().copied().fold(0.0, f64::max);
            let top: Vec<bool> = row.iter().map(|&p| p >= most - 1e-9).collect();
            let share = 1.0 / top.iter().filter(|top| **top).count() as f64;
            let n: f64 = counts.iter().sum();
            let square: f64 = row.iter().map(|p| p * p).sum();
            let (mut hits, mut loss, mut brier) = (0.0, 0.0, 0.0);
            for y in 0..k {
                let hit = if top[y] { share } else { 0.0 };
                hits += hit * counts[y];
                right[y] += hit * counts[y];
                said[y] += hit * n;
                known[y] += counts[y];
                loss -= counts[y] * row[y].clamp(1e-6, 1.0).ln();
                brier += counts[y] * (square - 2.0 * row[y] + 1.0);
            }
            rows += n;
            scores.accuracy += hits;
            if !votes.votes(u).is_empty() {
                covered += n;
                scores.accuracy_covered += hits;
                scores.log_loss += loss;
                scores.brier += brier;
                let bin = ((most * BINS as f64) as usize).min(BINS - 1);
                bins[bin].0 += n * most;
                bins[bin].1 += hits;
            }
        }
        scores.accuracy /= rows;
        scores.accuracy_covered /= covered;
        scores.log_loss /= covered;
        scores.brier /= covered;
        scores.calibration =
            bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / covered;
        let occurs = (0..k).filter(|&y| known[y] > 0.0);
        let f1: Vec<f64> = occurs.map(|y| 2.0 * right[y] / (said[y] + known[y])).collect();
        scores.macro_f1 = f1.iter().sum::<f64>() / f1.len() as f64;
        scores
    }

    pub(crate) fn mean(group: &[Self]) -> Self {
        let mean =
            |part: fn(&Self) -> f64| group.iter().map(part).sum::<f64>() / group.len() as f64;
        Self {
            accuracy: mean(|s| s.accuracy),
            accuracy_covered: mean(|s| s.accuracy_covered),
            macro_f1: mean(|s| s.macro_f1),
            log_loss: mean(|s| s.log_loss),
            brier: mean(|s| s.brier),
            calibration: mean(|s| s.calibration),
        }
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = [
            self.accuracy,
            self.accuracy_covered,
            self.macro_f1,
            self.log_loss,
            self.brier,
            self.calibration,
        ];
        values.iter().try_for_each(|value| write!(f, "  {value:7.4}"))
    }
}
