//! Learning from a few gold labels: a small regularized regression on top of the posterior.
//!
//! With p_u the posterior of pattern u from the votes alone and ℓ_u = log p_u, centered, the corrected
//! score of class y is a ℓ_u(y) + b(y) + Σ_{c∈u} d_c(y): a slope that says how sure the model may be
//! (its inverse temperature; Guo et al. 2017, arXiv:1706.04599), a bias for each class, and for each
//! vote (labeling function and choice) what the gold rows say beyond the model. Rows without votes
//! score t b(y) + e(y) above their own distribution: the same bias, moved further, and what is
//! particular to them. Multinomial regression with Gaussian priors around "leave everything as it
//! is" (a = 1, the rest 0): without gold rows, or with rows that the model expects, nothing changes.
//! Stacked generalization (Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1) with the model as its
//! only level-0 learner and its votes as features.

use super::draft::UNCOVERED_PACE;
use super::numeric::{add_to, softmax};
use super::optimize::{Smooth, minimize};
use super::{Evidence, FitError, FittedModel, Gold};
use crate::Vote;
use serde::{Deserialize, Serialize};

/// What gold labels add to a model, in scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// a, by which the log posterior is multiplied: below 1 the model was too sure.
    pub slope: f64,
    /// b, a score a class.
    pub bias: Vec<f64>,
    /// d, what votes add; in ascending order of the votes.
    pub evidence: Vec<Evidence>,
}

/// Precisions (inverse variances) of the priors of a, b, d and e. Chosen over draws of 100 gold
/// rows from 18 real label matrices; half or twice of each changes little.
const SLOPE: f64 = 30.0;
const BIAS: f64 = 3.0;
const EVIDENCE: f64 = 5.0;
const UNCOVERED: f64 = 20.0;

/// Posteriors below this are lifted to it: a model may be sure, and wrong.
const FLOOR: f64 = 1e-4;

/// Learns the correction of `fitted` from gold labels, and what rows without votes get.
pub(super) fn stack(fitted: &mut FittedModel, gold: &Gold) -> Result<(), FitError> {
    let regression = Regression::new(fitted, gold);
    let found =
        minimize(&regression, regression.start(), 1e-8, 500).map_err(FitError::Optimizer)?;
    let k = regression.k;
    let (bias, own) = (&found[1..=k], &found[k + 1..=2 * k]);
    let mut uncovered: Vec<f64> = fitted.uncovered.iter().map(|p| p.max(FLOOR).ln()).collect();
    for y in 0..k {
        uncovered[y] += UNCOVERED_PACE * bias[y] + own[y];
    }
    softmax(&mut uncovered);
    fitted.uncovered = uncovered;
    fitted.correction = Some(Correction {
        slope: found[0],
        bias: bias.to_vec(),
        evidence: Evidence::of_votes(&regression.votes, &found[2 * k + 1..], k),
    });
    Ok(())
}

impl Correction {
    /// Corrects the posterior of a row with these votes.
    pub(super) fn apply(&self, votes: &[Vote], posterior: &mut [f64]) {
        center(posterior);
        for (score, bias) in posterior.iter_mut().zip(&self.bias) {
            *score = self.slope * *score + bias;
        }
        for vote in votes {
            if let Ok(at) = self.evidence.binary_search_by_key(vote, |entry| entry.vote) {
                add_to(posterior, &self.evidence[at].scores);
            }
        }
        softmax(posterior);
    }

    /// Whether its numbers can be used with so many classes.
    pub(super) fn is_sound(&self, n_classes: usize) -> bool {
        let finite = |row: &[f64]| row.len() == n_classes && row.iter().all(|v| v.is_finite());
        self.slope.is_finite()
            && finite(&self.bias)
            && self.evidence.iter().all(|entry| finite(&entry.scores))
            && self.evidence.is_sorted_by(|a, b| a.vote < b.vote)
    }
}

/// Replaces a distribution by its logarithms with mean 0.
fn center(posterior: &mut [f64]) {
    posterior.iter_mut().for_each(|p| *p = p.max(FLOOR).ln());
    let mean = posterior.iter().sum::<f64>() / posterior.len() as f64;
    posterior.iter_mut().for_each(|score| *score -= mean);
}

/// The penalized negative log-likelihood of the gold labels over a, b, e and d, in this order.
struct Regression {
    k: usize,
    /// Votes that occur in gold rows, ascending.
    votes: Vec<Vote>,
    rows: Vec<GoldRow>,
}

/// Gold rows with the same votes.
struct GoldRow {
    /// ℓ_u.
    scores: Vec<f64>,
    /// Its votes as positions in [`Regression::votes`].
    fired: Vec<usize>,
    /// Rows of each label.
    labels: Vec<f64>,
}

impl Regression {
    fn new(fitted: &FittedModel, gold: &Gold) -> Self {
        let k = fitted.names().classes.len();
        let mut votes: Vec<Vote> = gold.iter().flat_map(|(votes, ..)| votes).copied().collect();
        votes.sort_unstable();
        votes.dedup();
        let mut rows: Vec<GoldRow> = Vec::new();
        let mut before: Option<&[Vote]> = None;
        for (row, label, count) in gold.iter() {
            if before != Some(row) {
                let mut scores = vec![0.0; k];
                fitted.posterior(row, &mut scores);
                center(&mut scores);
                let fired = row.iter().filter_map(|vote| votes.binary_search(vote).ok()).collect();
                rows.push(GoldRow { scores, fired, labels: vec![0.0; k] });
                before = Some(row);
            }
            if let Some(last) = rows.last_mut() {
                last.labels[label.index()] += count as f64;
            }
        }
        Self { k, votes, rows }
    }

    fn start(&self) -> Vec<f64> {
        let mut start = vec![0.0; 1 + (2 + self.votes.len()) * self.k];
        start[0] = 1.0;
        start
    }
}

impl Smooth for Regression {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let k = self.k;
        let (slope, bias, own) = (at[0], &at[1..=k], &at[k + 1..=2 * k]);
        let deltas = &at[2 * k + 1..];
        let mut cost = 0.5 * SLOPE * (slope - 1.0).powi(2);
        gradient[0] = SLOPE * (slope - 1.0);
        for (i, value) in at.iter().enumerate().skip(1) {
            let precision = match i {
                i if i <= k => BIAS,
                i if i <= 2 * k => UNCOVERED,
                _ => EVIDENCE,
            };
            cost += 0.5 * precision * value * value;
            gradient[i] = precision * value;
        }
        let mut q = vec![0.0; k];
        for row in &self.rows {
            let covered = !row.fired.is_empty();
            for y in 0..k {
                q[y] = if covered {
                    slope * row.scores[y] + bias[y]
                } else {
                    row.scores[y] + UNCOVERED_PACE * bias[y] + own[y]
                };
            }
            for &c in &row.fired {
                add_to(&mut q, &deltas[c * k..(c + 1) * k]);
            }
            let scores = q.clone();
            let total = softmax(&mut q);
            let n: f64 = row.labels.iter().sum();
            for y in 0..k {
                cost += row.labels[y] * (total - scores[y]);
                let excess = n * q[y] - row.labels[y];
                if covered {
                    gradient[0] += row.scores[y] * excess;
                    gradient[1 + y] += excess;
                } else {
                    gradient[1 + y] += UNCOVERED_PACE * excess;
                    gradient[1 + k + y] += excess;
                }
                for &c in &row.fired {
                    gradient[1 + (2 + c) * k + y] += excess;
                }
            }
        }
        cost
    }
}
