//! Multinomial logistic regression on soft targets.
//!
//! The cost is the noise-aware cross-entropy: where the label of a row is only known as a distribution, its
//! expected loss under that distribution (Ratner et al. 2016, "Data programming", arXiv:1605.07723),
//!
//! 1/W · Σᵢ wᵢ Σ_y −qᵢ(y) log pᵢ(y)  +  λ/2 · ‖weights‖²,   p = softmax(x·weights + bias),
//!
//! with W = Σ wᵢ. It is convex, and minimized by L-BFGS. The bias is not held back.

use super::matrix::{CHUNK, Matrix};
use crate::model::{Smooth, minimize};
use rayon::prelude::*;

/// What is fitted to.
pub(super) struct Problem<'a> {
    /// n_rows × n_features.
    pub(super) rows: &'a Matrix,
    /// The same by feature.
    pub(super) columns: &'a Matrix,
    /// n_rows × n_classes.
    pub(super) targets: &'a [f32],
    /// One a row; 0 leaves it out.
    pub(super) weights: &'a [f32],
    pub(super) n_classes: usize,
    pub(super) l2: f64,
}

/// Weights (n_features × n_classes), then a bias a class.
pub(super) type Parameters = Vec<f64>;

impl Problem<'_> {
    /// At most so many steps of L-BFGS from `start`.
    pub(super) fn improve(&self, start: Parameters, steps: u64) -> Result<Parameters, String> {
        minimize(self, start, TOLERANCE, steps)
    }

    /// The start: no feature says anything.
    pub(super) fn start(&self) -> Parameters {
        vec![0.0; (self.rows.n_features + 1) * self.n_classes]
    }
}

/// The norm of the gradient at which the minimum is near enough.
const TOLERANCE: f64 = 1e-6;

/// Log odds of rows up to a constant, n_rows × n_classes.
pub(super) fn scores(rows: &Matrix, parameters: &[f32], n_classes: usize) -> Vec<f32> {
    let (weights, bias) = parameters.split_at(rows.n_features * n_classes);
    let mut out = vec![0.0; rows.n_rows() * n_classes];
    rows.times(weights, bias, &mut out);
    out
}

/// Makes probabilities of scores, and gives the log of their sum.
#[inline]
pub(super) fn softmax(scores: &mut [f32]) -> f32 {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - highest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    highest + sum.ln()
}

impl Smooth for Problem<'_> {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let k = self.n_classes;
        let parameters: Vec<f32> = at.par_iter().map(|&value| value as f32).collect();
        // Scores become what each row is off by.
        let mut off = scores(self.rows, &parameters, k);
        let total: f64 = self.weights.iter().map(|&weight| f64::from(weight)).sum();
        let losses: Vec<(f64, Vec<f64>)> = off
            .par_chunks_mut(k * CHUNK)
            .enumerate()
            .map(|(chunk, off)| {
                let mut loss = 0.0;
                let mut bias = vec![0.0; k];
                for (at, off) in off.chunks_mut(k).enumerate() {
                    let row = chunk * CHUNK + at;
                    let weight = self.weights[row];
                    if weight == 0.0 {
                        off.fill(0.0);
                        continue;
                    }
                    let target = &self.targets[row * k..(row + 1) * k];
                    let linear: f32 = target.iter().zip(&*off).map(|(q, score)| q * score).sum();
                    let sum: f32 = target.iter().sum();
                    let log_sum = softmax(off);
                    loss += f64::from(weight * (log_sum * sum - linear));
                    for ((off, q), bias) in off.iter_mut().zip(target).zip(&mut bias) {
                        *off = weight * (*off * sum - q);
                        *bias += f64::from(*off);
                    }
                }
                (loss, bias)
            })
            .collect();
        let (weights, bias) = gradient.split_at_mut(self.rows.n_features * k);
        let mut product = vec![0.0_f32; weights.len()];
        self.columns.times(&off, &vec![0.0; k], &mut product);
        let scale = 1.0 / total.max(f64::MIN_POSITIVE);
        let of_weights = weights.par_iter_mut().zip(&product).zip(at);
        of_weights.for_each(|((cell, &sum), &weight)| {
            *cell = f64::from(sum).mul_add(scale, self.l2 * weight);
        });
        let mut loss = 0.0;
        bias.fill(0.0);
        for (of_chunk, of_bias) in &losses {
            loss += of_chunk;
            bias.iter_mut().zip(of_bias).for_each(|(cell, part)| *cell += part);
        }
        bias.iter_mut().for_each(|cell| *cell *= scale);
        let squares: Vec<f64> = at[..self.rows.n_features * k]
            .par_chunks(1 << 14)
            .map(|chunk| chunk.iter().map(|weight| weight * weight).sum())
            .collect();
        loss * scale + self.l2 / 2.0 * squares.iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem<'a>(rows: &'a Matrix, columns: &'a Matrix, targets: &'a [f32]) -> Problem<'a> {
        Problem { rows, columns, targets, weights: &[1.0, 2.0, 0.5], n_classes: 3, l2: 0.1 }
    }

    #[test]
    fn the_gradient_is_that_of_the_cost() {
        let rows = Matrix::new(2, [vec![(0, 1.0)], vec![(0, -0.5), (1, 2.0)], vec![(1, 1.0)]]);
        let columns = rows.transposed();
        let targets = [0.7, 0.2, 0.1, 0.0, 1.0, 0.0, 0.3, 0.3, 0.4];
        let problem = problem(&rows, &columns, &targets);
        let at: Vec<f64> = (0..9).map(|i| 0.3 * f64::from(i % 4) - 0.4).collect();
        let mut gradient = vec![0.0; 9];
        problem.evaluate(&at, &mut gradient);
        for i in 0..9 {
            let moved = |by: f64| {
                let mut at = at.clone();
                at[i] += by;
                problem.evaluate(&at, &mut [0.0; 9])
            };
            let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((difference - gradient[i]).abs() < 1e-4, "{i}: {difference} {}", gradient[i]);
        }
    }

    /// Without features the best bias gives the mean of the targets.
    #[test]
    fn the_bias_alone_gives_the_weighted_mean_of_the_targets() {
        let rows = Matrix::new(0, [vec![], vec![], vec![]]);
        let columns = rows.transposed();
        let targets = [0.7, 0.2, 0.1, 0.0, 1.0, 0.0, 0.3, 0.3, 0.4];
        let problem = problem(&rows, &columns, &targets);
        let found = problem.improve(problem.start(), 100).expect("a minimum");
        let mut p: Vec<f32> = found.iter().map(|&value| value as f32).collect();
        softmax(&mut p);
        for (p, wanted) in p.iter().zip([0.85 / 3.5, 2.35 / 3.5, 0.3 / 3.5]) {
            assert!((p - wanted).abs() < 1e-4, "{p} {wanted}");
        }
    }
}
