//! Multinomial logistic regression on soft targets.
//!
//! The cost is the noise-aware cross-entropy: where the label of a row is only known as a distribution, its
//! expected loss under that distribution (Ratner et al. 2016, "Data programming", arXiv:1605.07723),
//!
//! Σᵢ cᵢ Σ_y −qᵢ(y) log pᵢ(y)  +  1/(2C) · ‖W‖²,   p = softmax(x·W),
//!
//! where every x has a feature more that is always 1. At its minimum W = C Σᵢ cᵢ xᵢ (qᵢ − pᵢ)ᵀ, so that W is the
//! sum of what each row pulls. Stochastic dual coordinate ascent (Shalev-Shwartz & Zhang 2013, "Stochastic dual
//! coordinate ascent methods for regularized loss minimization", JMLR 14) keeps the pull aᵢ of every row, and visits
//! one row at a time: aᵢ moves toward qᵢ − pᵢ by the step 1 / (1 + C cᵢ ‖xᵢ‖² / 2), which needs no tuning and never
//! leads uphill (the 2 is that of the log-sum-exp, whose slope is ½-Lipschitz). With rows of length 1 and C below 1
//! it goes most of the way at once, so that ten visits of each row come nearer than fifty steps of L-BFGS, each of
//! which takes as long as two visits and moves vectors as large as W besides.

use super::matrix::Matrix;
use crate::random::Random;

/// What is fitted to.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    /// n_rows × n_features.
    pub(super) rows: &'a Matrix,
    /// n_rows × n_classes.
    pub(super) targets: &'a [f32],
    /// One a row.
    pub(super) weights: &'a [f32],
    pub(super) n_classes: usize,
    /// C: the cost of a weight of 1 is that of 1/(2C) rows.
    pub(super) strength: f32,
}

/// A fit on the way.
pub(super) struct Ascent<'a> {
    problem: Problem<'a>,
    /// The rows that are learned from, in the order of the last visit.
    order: Vec<u32>,
    /// W, (n_features + 1) × n_classes; the last feature is always 1.
    table: Vec<f32>,
    /// What each row pulls, n_rows × n_classes.
    pulls: Vec<f32>,
    rounds: u64,
}

impl<'a> Ascent<'a> {
    /// A start where no feature says anything, on the rows that are `learned` from and have a weight.
    pub(super) fn new(problem: Problem<'a>, learned: impl Fn(usize) -> bool) -> Self {
        let (n, k) = (problem.rows.n_rows(), problem.n_classes);
        let order = (0..n).filter(|&row| problem.weights[row] > 0.0 && learned(row));
        Self {
            problem,
            order: order.map(|row| row as u32).collect(),
            table: vec![0.0; (problem.rows.n_features + 1) * k],
            pulls: vec![0.0; n * k],
            rounds: 0,
        }
    }

    /// Visits every row once, in an order that is random and always the same.
    pub(super) fn visit(&mut self) {
        match self.problem.n_classes {
            2 => self.visit_all::<2>(),
            3 => self.visit_all::<3>(),
            4 => self.visit_all::<4>(),
            _ => self.visit_all::<0>(),
        }
    }

    fn visit_all<const K: usize>(&mut self) {
        let mut random = Random::stream(ORDER, self.rounds);
        for at in (1..self.order.len()).rev() {
            let other = (u128::from(random.bits()) * (at as u128 + 1)) >> 64;
            self.order.swap(at, other as usize);
        }
        self.rounds += 1;
        let k = if K == 0 { self.problem.n_classes } else { K };
        let Problem { rows, targets, weights, strength, .. } = self.problem;
        let last = rows.n_features * k;
        let mut moves = vec![0.0_f32; k];
        for &row in &self.order {
            let row = row as usize;
            let (features, values) = rows.row(row);
            moves.copy_from_slice(&self.table[last..]);
            let mut square = 1.0;
            for (&feature, &value) in features.iter().zip(values) {
                let at = feature as usize * k;
                square += value * value;
                let weights = &self.table[at..at + k];
                moves[..k].iter_mut().zip(weights).for_each(|(score, w)| *score += value * w);
            }
            softmax(&mut moves);
            let pull = &mut self.pulls[row * k..(row + 1) * k];
            let target = &targets[row * k..(row + 1) * k];
            let by = strength * weights[row];
            let step = 1.0 / (1.0 + by * square / 2.0);
            for ((cell, pull), q) in moves.iter_mut().zip(pull).zip(target) {
                let change = step * (q - *cell - *pull);
                *pull += change;
                *cell = by * change;
            }
            for (&feature, &value) in features.iter().zip(values) {
                let at = feature as usize * k;
                let weights = &mut self.table[at..at + k];
                weights.iter_mut().zip(&moves[..k]).for_each(|(w, change)| *w += value * change);
            }
            let bias = &mut self.table[last..];
            bias.iter_mut().zip(&moves).for_each(|(w, change)| *w += change);
        }
    }

    /// Weights (n_features × n_classes), then a bias a class.
    pub(super) fn parameters(&self) -> &[f32] {
        &self.table
    }

    pub(super) fn into_parameters(self) -> Vec<f32> {
        self.table
    }
}

/// The stream of random numbers that orders come from.
const ORDER: u64 = 0x6F72_6465_7220_6F66;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(problem: Problem<'_>, visits: usize) -> Vec<f32> {
        let mut ascent = Ascent::new(problem, |_| true);
        (0..visits).for_each(|_| ascent.visit());
        ascent.into_parameters()
    }

    /// Recorded by `tests/data/peers/record_logistic.py`.
    #[test]
    fn scikit_learn_finds_the_same() {
        let recorded: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/peers/logistic.json"))
                .expect("JSON");
        let table = |name: &str| -> Vec<Vec<f64>> {
            serde_json::from_value(recorded[name].clone()).expect("a table")
        };
        let rows = table("rows").into_iter().map(|row| {
            let values = row.into_iter().enumerate();
            values.map(|(at, value)| (at as u32, value as f32)).collect()
        });
        let rows = Matrix::new(3, rows);
        let targets: Vec<f32> = table("targets").concat().iter().map(|&p| p as f32).collect();
        let weights: Vec<f32> =
            serde_json::from_value(recorded["weights"].clone()).expect("numbers");
        let strength = recorded["strength"].as_f64().expect("a number") as f32;
        let problem =
            Problem { rows: &rows, targets: &targets, weights: &weights, n_classes: 3, strength };
        let found = fitted(problem, 200);
        for (class, wanted) in table("coefficients").iter().enumerate() {
            for (feature, wanted) in wanted.iter().enumerate() {
                let found = f64::from(found[feature * 3 + class]);
                assert!((found - wanted).abs() < 1e-3, "{feature} {class}: {found} {wanted}");
            }
        }
        let mut scores = scores(&rows, &found, 3);
        for (scores, wanted) in scores.chunks_mut(3).zip(table("probabilities")) {
            softmax(scores);
            for (p, wanted) in scores.iter().zip(wanted) {
                assert!((f64::from(*p) - wanted).abs() < 1e-3, "{p} {wanted}");
            }
        }
    }

    /// At the minimum W = C Σ c x (q − p)ᵀ, whatever the number of classes.
    #[test]
    fn what_is_found_is_the_minimum() {
        for k in [2, 3, 4, 5] {
            let rows = [vec![(0, 1.0)], vec![(0, -0.5), (1, 1.0)], vec![(1, 0.7)], vec![]];
            let matrix = Matrix::new(2, rows.clone());
            let weights = [1.0, 0.5, 3.0, 1.0];
            let mut targets: Vec<f32> = (0..4 * k).map(|i| (i * 7 % 5) as f32 + 0.1).collect();
            targets.chunks_mut(k).for_each(|row| {
                let sum: f32 = row.iter().sum();
                row.iter_mut().for_each(|q| *q /= sum);
            });
            let problem = Problem {
                rows: &matrix,
                targets: &targets,
                weights: &weights,
                n_classes: k,
                strength: 2.0,
            };
            let found = fitted(problem, 300);
            let mut pulled = vec![0.0; 3 * k];
            let mut p = scores(&matrix, &found, k);
            for (row, p) in p.chunks_mut(k).enumerate() {
                softmax(p);
                for (feature, value) in rows[row].iter().chain(&[(2, 1.0)]) {
                    for y in 0..k {
                        let pull = targets[row * k + y] - p[y];
                        pulled[*feature as usize * k + y] += 2.0 * weights[row] * value * pull;
                    }
                }
            }
            for (found, pulled) in found.iter().zip(&pulled) {
                assert!((found - pulled).abs() < 1e-4, "{k}: {found} {pulled}");
            }
        }
    }
}
