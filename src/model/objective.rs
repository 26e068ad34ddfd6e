//! The penalized log-likelihood of the anchored model, with its gradient.

use super::columns::Columns;
use super::expectation::{Expected, expect_counts, expect_scores};
use super::numeric::log_sum_exp;
use super::optimize::Smooth;

/// What the anchored objective holds fixed while R moves.
///
/// With R_c(y) = P(Y = y | column c fired), π the class shares, κ_c the redundancy weights, P_c the
/// prior of R_c and s_c its strength in rows, the objective to maximize is
///
/// J(R) = Σ_u w_u log Σ_y π(y) Π_{c∈u} (R_c(y) / π(y))^κ_c + Σ_c κ_c s_c Σ_y P_c(y) log R_c(y)
///
/// over the covered patterns u with w_u rows each. Tables are n_columns × n_classes, row-major.
pub(super) struct Objective<'a> {
    pub(super) columns: &'a Columns,
    pub(super) weights: &'a [f64],
    pub(super) shares: &'a [f64],
    pub(super) prior: &'a [f64],
    pub(super) strength: &'a [f64],
}

impl Objective<'_> {
    /// κ_c (log R_c − log π): what a fired column adds to the score of each class.
    pub(super) fn evidence(&self, log_r: &[f64]) -> Vec<f64> {
        let k = self.columns.n_classes;
        let log_shares = self.log_shares();
        log_r
            .iter()
            .enumerate()
            .map(|(i, log_r)| self.weights[i / k] * (log_r - log_shares[i % k]))
            .collect()
    }

    /// The expectations under R, given by its logarithms.
    pub(super) fn expect(&self, log_r: &[f64]) -> Expected {
        expect_scores(self.columns, &self.log_shares(), &self.evidence(log_r))
    }

    /// The same without the log-likelihood.
    pub(super) fn expect_counts(&self, log_r: &[f64]) -> Expected {
        expect_counts(self.columns, &self.log_shares(), &self.evidence(log_r))
    }

    fn log_shares(&self) -> Vec<f64> {
        self.shares.iter().map(|share| share.ln()).collect()
    }

    /// J(R), given the expectations under R.
    pub(super) fn value(&self, log_r: &[f64], expected: &Expected) -> f64 {
        let k = self.columns.n_classes;
        let penalty: f64 = (0..log_r.len())
            .map(|i| self.weights[i / k] * self.strength[i / k] * self.prior[i] * log_r[i])
            .sum();
        expected.log_likelihood + penalty
    }

    /// The exact maximum of the expected complete-data objective, the M-step of EM:
    /// R_c = (N_c + s_c P_c) / (count_c + s_c).
    pub(super) fn maximize_step(&self, expected: &Expected) -> Vec<f64> {
        let k = self.columns.n_classes;
        (0..expected.counts.len())
            .map(|i| {
                let strength = self.strength[i / k];
                let total = self.columns.counts[i / k] + strength;
                ((expected.counts[i] + strength * self.prior[i]) / total).ln()
            })
            .collect()
    }
}

/// What one round of gradient optimization minimizes, over scaled softmax logits of R.
///
/// A round maximizes J(R) − ρ Σ_u w_u KL(q_u ‖ q_u(R)), with q the posteriors before the round: it
/// may not run far ahead of π and the priors, which follow between rounds. Up to a constant that is
/// (1 − ρ) J(R) + ρ Q(R) with Q(R) = Σ_c κ_c Σ_y (N_c(y) + s_c P_c(y)) log R_c(y), the expected
/// complete-data objective of EM; ρ = 1 would be an EM step, ρ = 0 the full maximum. The fixed points
/// are the same for every ρ. The cost is the negative divided by the number of rows.
///
/// Logit θ_cy is stored as θ_cy · √(κ_c (count_c + s_c) / n): a column that fires often has a
/// steeper objective, and this evens out the curvature.
pub(super) struct Round<'a> {
    objective: &'a Objective<'a>,
    before: &'a Expected,
    nearness: f64,
    scale: Vec<f64>,
    n: f64,
}

impl<'a> Round<'a> {
    /// `nearness` is ρ, from 0 to 1; `before` are the expectations before the round.
    pub(super) fn new(objective: &'a Objective<'a>, before: &'a Expected, nearness: f64) -> Self {
        let n = objective.columns.n_rows();
        let scale = (0..objective.columns.len())
            .map(|c| {
                let rows = objective.columns.counts[c] + objective.strength[c];
                (objective.weights[c] * rows / n).sqrt()
            })
            .collect();
        Self { objective, before, nearness, scale, n }
    }

    /// The point that stands for R, given by its logarithms.
    pub(super) fn point(&self, log_r: &[f64]) -> Vec<f64> {
        let k = self.objective.columns.n_classes;
        log_r.iter().enumerate().map(|(i, log_r)| log_r * self.scale[i / k]).collect()
    }

    /// The logarithms of R at a point.
    pub(super) fn log_r(&self, point: &[f64]) -> Vec<f64> {
        let k = self.objective.columns.n_classes;
        let mut log_r: Vec<f64> =
            point.iter().enumerate().map(|(i, value)| value / self.scale[i / k]).collect();
        for row in log_r.chunks_mut(k) {
            let total = log_sum_exp(row);
            row.iter_mut().for_each(|value| *value -= total);
        }
        log_r
    }
}

impl Smooth for Round<'_> {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let objective = self.objective;
        let k = objective.columns.n_classes;
        let log_r = self.log_r(at);
        let expected = objective.expect(&log_r);
        let near = self.nearness;
        let mut q_value = 0.0;
        // ∂/∂θ_cy of (1 − ρ) J + ρ Q is κ_c (N_c(y) + s_c P_c(y) − (count_c + s_c) R_c(y)), with N_c
        // the same mixture of now and before.
        for (i, slope) in gradient.iter_mut().enumerate() {
            let c = i / k;
            let prior = objective.strength[c] * objective.prior[i];
            let before = self.before.counts[i];
            let target = (1.0 - near) * expected.counts[i] + near * before + prior;
            let fitted = (objective.columns.counts[c] + objective.strength[c]) * log_r[i].exp();
            *slope = -objective.weights[c] * (target - fitted) / (self.n * self.scale[c]);
            q_value += objective.weights[c] * (before + prior) * log_r[i];
        }
        -((1.0 - near) * objective.value(&log_r, &expected) + near * q_value) / self.n
    }
}
