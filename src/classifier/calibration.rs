//! How sure a classifier may be.
//!
//! One number divides all scores, such that the predictions for rows that it was not trained on are as close
//! to their targets as they can be (temperature scaling, Guo et al. 2017, "On calibration of modern neural
//! networks", arXiv:1706.04599).

use super::logistic::softmax;
use rayon::prelude::*;

/// The temperatures between which the best one is searched, as logarithms.
const BOUNDS: (f64, f64) = (-3.0, 3.0);

/// The temperature at which softmax(scores / temperature) has the lowest cross-entropy with the targets.
pub(super) fn temperature(scores: &[f32], targets: &[f32], weights: &[f32], k: usize) -> f32 {
    let loss = |log: f64| -> f64 {
        let by = (-log).exp() as f32;
        let chunks: Vec<f64> = scores
            .par_chunks(k * 4096)
            .zip(targets.par_chunks(k * 4096))
            .zip(weights.par_chunks(4096))
            .map(|((scores, targets), weights)| {
                let mut scaled = vec![0.0; k];
                let mut sum = 0.0;
                let rows = scores.chunks(k).zip(targets.chunks(k)).zip(weights);
                for ((scores, target), &weight) in rows {
                    scaled.iter_mut().zip(scores).for_each(|(to, score)| *to = score * by);
                    let linear: f32 = target.iter().zip(&scaled).map(|(q, s)| q * s).sum();
                    let all: f32 = target.iter().sum();
                    sum += f64::from(weight * (all * softmax(&mut scaled) - linear));
                }
                sum
            })
            .collect();
        chunks.iter().sum()
    };
    // It is convex in the inverse of the temperature, so that a golden-section search finds it.
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = BOUNDS;
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut of_left, mut of_right) = (loss(left), loss(right));
    while high - low > 1e-3 {
        if of_left < of_right {
            (high, right, of_right) = (right, left, of_left);
            left = high - golden * (high - low);
            of_left = loss(left);
        } else {
            (low, left, of_left) = (left, right, of_right);
            right = low + golden * (high - low);
            of_right = loss(right);
        }
    }
    f64::midpoint(low, high).exp() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of ±1 with targets of 3 to 1: ln 3 = 2 / temperature.
    #[test]
    fn a_planted_temperature_is_found() {
        let (scores, targets) = ([1.0, -1.0, -1.0, 1.0], [0.75, 0.25, 0.25, 0.75]);
        let found = temperature(&scores, &targets, &[1.0, 2.0], 2);
        assert!((found - 2.0 / 3.0_f32.ln()).abs() < 2e-3, "{found}");
    }
}
