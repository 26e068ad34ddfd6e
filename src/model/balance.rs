//! Matching posteriors to a known class balance.
//!
//! Adds one logit a class to all posteriors so that their mean equals the balance: the correction
//! for a changed prior of Saerens, Latinne & Decaestecker (2002), "Adjusting the outputs of a
//! classifier to new a priori probabilities", doi:10.1162/089976602753284446, with the prior
//! chosen such that the mean comes out exactly.

use super::linalg::solve_positive_definite;
use super::numeric::{add_to, fold_chunks};
use ndarray::{Array1, Array2};

/// What a model that takes the class balance as the prior of its posterior does with a known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceUse {
    /// Nothing else: the mean posterior may differ from the balance.
    Prior,
    /// Afterwards it moves all posteriors such that their mean is the balance, as models that know no
    /// prior do.
    Match,
}

/// Posteriors below this are lifted to it: no class is ruled out for good.
const FLOOR: f64 = 1e-9;

/// How exact the cost is, a row.
const ROUNDING: f64 = 1e-14;

/// The logits b with mean over rows of softmax(log p_u + m_u b) equal to `balance`, the last one 0.
///
/// `posteriors` is n_patterns × n_classes, row-major, `counts` the rows of each pattern and `pace` its
/// m_u > 0, how far it moves compared with others; `balance` are positive shares that sum to 1. The
/// logits minimize the convex function
/// F(b) = Σ_u w_u / m_u log Σ_y p_u(y) exp(m_u b_y) − n Σ_y balance_y b_y, found by damped Newton steps.
pub(crate) fn match_balance(
    posteriors: &Array2<f64>,
    counts: &[f64],
    pace: &[f64],
    balance: &[f64],
) -> Vec<f64> {
    let n_classes = balance.len();
    let n: f64 = counts.iter().sum();
    let rows = Rows {
        n,
        posteriors: posteriors.iter().map(|p| p.max(FLOOR)).collect(),
        counts,
        pace,
        balance,
    };
    let mut logits = vec![0.0; n_classes];
    let mut here = rows.evaluate(&logits);
    for _ in 0..100 {
        if here.gradient.iter().all(|g| g.abs() < 1e-12 * n) {
            break;
        }
        let free = n_classes - 1;
        let mut hessian =
            Array2::from_shape_fn((free, free), |(y, z)| here.hessian[y * n_classes + z]);
        let ridge = 1e-12 * n;
        hessian.diag_mut().mapv_inplace(|value| value + ridge);
        let downhill = Array1::from_iter(here.gradient.iter().take(free).map(|g| -g));
        let Some(step) = solve_positive_definite(&hessian, &downhill) else { break };
        // Half of this is what a full step gains. Where the rounding of the cost hides it, the last step
        // is not checked: so near to the end Newton steps at least square the error.
        if step.dot(&downhill) <= ROUNDING * n {
            logits.iter_mut().zip(&step).for_each(|(logit, step)| *logit += step);
            break;
        }
        let longest = step.iter().fold(1.0_f64, |longest, s| longest.max(s.abs() / 3.0));
        let mut scale = 1.0 / longest;
        let next = loop {
            let moved: Vec<f64> = logits
                .iter()
                .enumerate()
                .map(|(y, b)| b + step.get(y).map_or(0.0, |s| scale * s))
                .collect();
            let there = rows.evaluate(&moved);
            if there.cost < here.cost {
                break Some((moved, there));
            }
            scale /= 2.0;
            if scale < 1e-9 {
                break None;
            }
        };
        let Some((moved, there)) = next else { break };
        (logits, here) = (moved, there);
    }
    logits
}

struct Point {
    cost: f64,
    gradient: Vec<f64>,
    /// Row by row.
    hessian: Vec<f64>,
}

/// What is matched to what.
struct Rows<'a> {
    n: f64,
    /// Row by row, none of them 0.
    posteriors: Vec<f64>,
    counts: &'a [f64],
    pace: &'a [f64],
    balance: &'a [f64],
}

impl Rows<'_> {
    fn evaluate(&self, logits: &[f64]) -> Point {
        let n_classes = self.balance.len();
        let zero = || Point {
            cost: 0.0,
            gradient: vec![0.0; n_classes],
            hessian: vec![0.0; n_classes * n_classes],
        };
        let sum = fold_chunks(
            self.counts.len(),
            |range| {
                let mut part = zero();
                let mut q = vec![0.0; n_classes];
                let mut tilt = Tilt::new(logits);
                // Most rows move at the pace of the one before them.
                let mut pace = 1.0;
                for u in range {
                    if self.pace[u] != pace {
                        pace = self.pace[u];
                        tilt = Tilt::paced(logits, pace);
                    }
                    let count = self.counts[u];
                    q.copy_from_slice(&self.posteriors[u * n_classes..(u + 1) * n_classes]);
                    part.cost += count / pace * tilt.apply(&mut q);
                    let rows = part.hessian.chunks_exact_mut(n_classes);
                    for ((y, row), gradient) in rows.enumerate().zip(&mut part.gradient) {
                        let rows_in_y = count * q[y];
                        *gradient += rows_in_y;
                        let weight = pace * rows_in_y;
                        row[y] += weight;
                        row.iter_mut().zip(&q).for_each(|(cell, q)| *cell -= weight * q);
                    }
                }
                part
            },
            |mut left, right| {
                left.cost += right.cost;
                add_to(&mut left.gradient, &right.gradient);
                add_to(&mut left.hessian, &right.hessian);
                left
            },
        );
        let mut point = sum.unwrap_or_else(zero);
        for (y, share) in self.balance.iter().enumerate() {
            point.cost -= self.n * share * logits[y];
            point.gradient[y] -= self.n * share;
        }
        point
    }
}

/// Logits as factors of probabilities, none above 1.
pub(super) struct Tilt {
    factors: Vec<f64>,
    /// The logarithm of what the factors were divided by.
    scale: f64,
}

impl Tilt {
    pub(super) fn new(logits: &[f64]) -> Self {
        Self::paced(logits, 1.0)
    }

    /// Of the logits times `pace`, which is above 0.
    fn paced(logits: &[f64], pace: f64) -> Self {
        let scale = pace * logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { factors: logits.iter().map(|logit| (pace * logit - scale).exp()).collect(), scale }
    }

    /// Whether a distribution stays what it is.
    fn is_none(&self) -> bool {
        self.factors.iter().all(|&factor| factor == 1.0)
    }

    /// Moves a distribution without zeros; the logarithm of what it summed to in between.
    fn apply(&self, posterior: &mut [f64]) -> f64 {
        posterior.iter_mut().zip(&self.factors).for_each(|(p, factor)| *p *= factor);
        let sum: f64 = posterior.iter().sum();
        posterior.iter_mut().for_each(|p| *p /= sum);
        sum.ln() + self.scale
    }

    /// Moves a distribution.
    pub(super) fn shift(&self, posterior: &mut [f64]) {
        if self.is_none() {
            return;
        }
        for p in posterior.iter_mut() {
            *p = p.max(FLOOR);
        }
        self.apply(posterior);
    }
}

/// Applies the logits to one posterior.
pub(super) fn shift(posterior: &mut [f64], logits: &[f64]) {
    Tilt::new(logits).shift(posterior);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_mean_becomes_the_balance() {
        let posteriors =
            array![[0.9, 0.05, 0.05], [0.2, 0.6, 0.2], [1.0 / 3.0; 3], [0.0, 0.0, 1.0]];
        let counts = [5.0, 3.0, 10.0, 2.0];
        for balance in [[0.1, 0.2, 0.7], [0.98, 0.01, 0.01], [0.3, 0.3, 0.4]] {
            let pace = [1.0, 1.0, 1.5, 1.0];
            let logits = match_balance(&posteriors, &counts, &pace, &balance);
            let mut mean = [0.0; 3];
            for ((row, count), pace) in posteriors.rows().into_iter().zip(counts).zip(pace) {
                let mut p = row.to_vec();
                let logits: Vec<f64> = logits.iter().map(|logit| pace * logit).collect();
                shift(&mut p, &logits);
                assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                for y in 0..3 {
                    mean[y] += count * p[y] / 20.0;
                }
            }
            for y in 0..3 {
                assert!((mean[y] - balance[y]).abs() < 1e-9, "{mean:?} for {balance:?}");
            }
        }
    }

    #[test]
    fn a_balance_that_holds_already_changes_nothing() {
        let logits = match_balance(&array![[0.25, 0.75]], &[4.0], &[1.0], &[0.25, 0.75]);
        assert!(logits.iter().all(|logit| logit.abs() < 1e-9));
    }
}
