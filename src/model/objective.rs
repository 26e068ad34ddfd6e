//! The penalized log-likelihood of the anchored model, with its gradient.

use super::columns::Columns;
use super::numeric::{add_to, fold_chunks, log_sum_exp, softmax};
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

/// The expectations of one pass over the patterns.
pub(super) struct Expected {
    /// Σ_u w_u log Σ_y …: the first term of J.
    pub(super) log_likelihood: f64,
    /// N_c(y) = Σ_{u∋c} w_u q_u(y), n_columns × n_classes.
    pub(super) counts: Vec<f64>,
    /// Σ_u w_u q_u(y), one a class.
    pub(super) shares: Vec<f64>,
}

impl Expected {
    fn zero(n_columns: usize, n_classes: usize) -> Self {
        Self {
            log_likelihood: 0.0,
            counts: vec![0.0; n_columns * n_classes],
            shares: vec![0.0; n_classes],
        }
    }

    /// The mean with others, which have this share.
    pub(super) fn toward(mut self, other: &Self, share: f64) -> Self {
        let mean = |left: f64, right: f64| left + share * (right - left);
        let pairs = self.counts.iter_mut().zip(&other.counts);
        pairs
            .chain(self.shares.iter_mut().zip(&other.shares))
            .for_each(|(left, right)| *left = mean(*left, *right));
        self.log_likelihood = mean(self.log_likelihood, other.log_likelihood);
        self
    }

    fn add(mut self, other: &Self) -> Self {
        self.log_likelihood += other.log_likelihood;
        add_to(&mut self.counts, &other.counts);
        add_to(&mut self.shares, &other.shares);
        self
    }
}

/// One pass over the covered patterns: `posterior` fills q_u and returns the pattern's log term.
pub(super) fn expect(
    columns: &Columns,
    posterior: impl Fn(usize, &mut [f64]) -> f64 + Sync,
) -> Expected {
    let k = columns.n_classes;
    fold_chunks(
        columns.n_patterns(),
        |range| {
            let mut part = Expected::zero(columns.len(), k);
            let mut q = vec![0.0; k];
            for u in range {
                let rows = columns.rows[u];
                part.log_likelihood += rows * posterior(u, &mut q);
                q.iter_mut().for_each(|p| *p *= rows);
                add_to(&mut part.shares, &q);
                for c in columns.fired(u) {
                    add_to(&mut part.counts[c * k..(c + 1) * k], &q);
                }
            }
            part
        },
        |left, right| left.add(&right),
    )
    .unwrap_or_else(|| Expected::zero(columns.len(), k))
}

/// The expectations when the posteriors are the vote shares: where fits begin.
pub(super) fn expect_vote_shares(columns: &Columns) -> Expected {
    expect(columns, |u, q| {
        let fired = columns.fired(u);
        let share = 1.0 / fired.len() as f64;
        q.fill(0.0);
        for c in fired {
            columns.target(c).for_each(|(y, part)| q[y] += share * part);
        }
        0.0
    })
}

impl Objective<'_> {
    /// κ_c (log R_c − log π): what a fired column adds to the score of each class.
    pub(super) fn evidence(&self, log_r: &[f64]) -> Vec<f64> {
        let k = self.columns.n_classes;
        let log_shares: Vec<f64> = self.shares.iter().map(|share| share.ln()).collect();
        log_r
            .iter()
            .enumerate()
            .map(|(i, log_r)| self.weights[i / k] * (log_r - log_shares[i % k]))
            .collect()
    }

    /// The expectations under R, given by its logarithms.
    pub(super) fn expect(&self, log_r: &[f64]) -> Expected {
        let k = self.columns.n_classes;
        let evidence = self.evidence(log_r);
        let log_shares: Vec<f64> = self.shares.iter().map(|share| share.ln()).collect();
        expect(self.columns, |u, q| {
            q.copy_from_slice(&log_shares);
            for c in self.columns.fired(u) {
                add_to(q, &evidence[c * k..(c + 1) * k]);
            }
            softmax(q)
        })
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
