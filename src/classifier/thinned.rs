//! A committee out of one classifier: copies of it that each lack some of its features.
//!
//! The features are cut into as many groups as there are copies, and each copy does without one of them; the
//! others count a little more in turn, so that the mean of all copies has the scores of the classifier. It is
//! dropout at prediction, which stands for drawing weights from their posterior (Gal and Ghahramani 2016, "Dropout as
//! a Bayesian approximation", arXiv:1506.02142), without the luck of the draw: each feature is missing once.
//! Copies agree where a prediction rests on many features that say the same, and differ where it hangs on
//! one or two. The groups are the same for every row, so that each copy is one model.

use super::Prepared;
use super::logistic::scores;
use super::matrix::Matrix;
use super::train::probabilities;
use super::{Bags, Classifier};
use crate::random::mix;
use ndarray::Array2;

/// The group of a feature, which is also the copy that does without it.
fn group(feature: u32, n: usize) -> usize {
    (mix(u64::from(feature)) % n as u64) as usize
}

impl Prepared<'_> {
    /// P(class), n_rows × n_classes, by the classifier; and by `n` copies that each lack one part in `n` of its
    /// features.
    pub(crate) fn predict_thinned(&self, bags: &Bags, n: usize) -> (Array2<f64>, Vec<Array2<f64>>) {
        let Classifier { vocabulary, parameters, classes, temperature, shift, .. } =
            self.classifier;
        let rows = vocabulary.weigh_with(bags, &self.places);
        let predict = |rows: &Matrix| {
            probabilities(&scores(rows, parameters, classes.len()), *temperature, shift)
        };
        let factor = n as f32 / n.saturating_sub(1).max(1) as f32;
        let copy = |copy| predict(&rows.thinned(factor, |feature| group(feature, n) != copy));
        (predict(&rows), (0..n).map(copy).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups are about as large as each other: five standard deviations of 10,000 draws.
    #[test]
    fn every_copy_lacks_an_eighth_of_the_features() {
        let mut lacking = [0_i32; 8];
        (0..10_000).for_each(|feature| lacking[group(feature, 8)] += 1);
        assert!(lacking.iter().all(|n| (n - 1250).abs() < 170), "{lacking:?}");
    }

    #[test]
    fn what_is_left_of_a_row_counts_more() {
        let rows = Matrix::new(3, [vec![(0, 1.0), (2, 2.0)], vec![(1, 3.0)], vec![]]);
        let thinned = rows.thinned(1.5, |feature| feature != 0);
        assert_eq!(thinned.row(0), (&[2][..], &[3.0][..]));
        assert_eq!(thinned.row(1), (&[1][..], &[4.5][..]));
        assert_eq!((thinned.row(2), thinned.n_rows()), ((&[][..], &[][..]), 3));
    }
}
