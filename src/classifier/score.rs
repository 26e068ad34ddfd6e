//! How good predictions are on rows with a known label.

use crate::ClassId;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Scores on the rows with a known label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Rows with a known label.
    pub rows: usize,
    /// Share of them whose most probable class is the known one; where n classes tie it counts 1/n.
    pub accuracy: f64,
    /// Mean F1 over the classes that occur, with ties as above.
    pub macro_f1: f64,
    /// Mean of −ln P(known class), probabilities no lower than 10⁻⁶.
    pub log_loss: f64,
}

impl Score {
    /// Scores `table`, n_rows × n_classes, on the rows that `gold` has a class for; none without any.
    ///
    /// With `offsets` those are added to the log probabilities before the highest is taken.
    #[must_use]
    pub fn new(
        table: &Array2<f64>,
        gold: &[Option<ClassId>],
        offsets: Option<&[f64]>,
    ) -> Option<Self> {
        let k = table.ncols();
        let (mut hits, mut loss, mut rows) = (0.0, 0.0, 0_usize);
        let (mut right, mut said, mut known) = (vec![0.0; k], vec![0.0; k], vec![0.0; k]);
        for (row, gold) in table.rows().into_iter().zip(gold) {
            let Some(gold) = gold.map(ClassId::index) else { continue };
            let score = |y: usize| match offsets {
                Some(offsets) => row[y].max(1e-12).ln() + offsets[y],
                None => row[y],
            };
            let most = (0..k).map(score).fold(f64::NEG_INFINITY, f64::max);
            let top: Vec<usize> = (0..k).filter(|&y| score(y) >= most - 1e-9).collect();
            let share = 1.0 / top.len() as f64;
            for y in top {
                said[y] += share;
                if y == gold {
                    right[y] += share;
                    hits += share;
                }
            }
            known[gold] += 1.0;
            loss -= row[gold].clamp(1e-6, 1.0).ln();
            rows += 1;
        }
        let f1 = (0..k).filter(|&y| known[y] > 0.0).map(|y| 2.0 * right[y] / (said[y] + known[y]));
        let f1: Vec<f64> = f1.collect();
        (rows > 0).then(|| Self {
            rows,
            accuracy: hits / rows as f64,
            macro_f1: f1.iter().sum::<f64>() / f1.len() as f64,
            log_loss: loss / rows as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// By hand: right, wrong, a tie that counts half, and a row that nobody knows.
    #[test]
    fn a_small_table() {
        let table = array![[0.9, 0.1], [0.8, 0.2], [0.5, 0.5], [0.3, 0.7]];
        let gold = [Some(0), Some(1), Some(1), None].map(|class| class.and_then(ClassId::new));
        let score = Score::new(&table, &gold, None).expect("rows");
        assert_eq!(score.rows, 3);
        assert!((score.accuracy - 1.5 / 3.0).abs() < 1e-12);
        // Class 0: said 2.5, right 1, known 1. Class 1: said 0.5, right 0.5, known 2.
        assert!((score.macro_f1 - f64::midpoint(2.0 / 3.5, 1.0 / 2.5)).abs() < 1e-12);
        let loss = -(0.9_f64.ln() + 0.2_f64.ln() + 0.5_f64.ln()) / 3.0;
        assert!((score.log_loss - loss).abs() < 1e-12);
        let moved = Score::new(&table, &gold, Some(&[0.0, 2.0])).expect("rows");
        assert!((moved.accuracy - 1.0).abs() < 1e-12, "{moved:?}");
        assert_eq!(Score::new(&table, &[None; 4], None), None);
    }
}
