//! Training: cross-fitted, stopped where it no longer helps, calibrated.
//!
//! The rows are cut into folds, and a classifier is trained without each fold in turn, so that every row has a
//! prediction of one that never saw it. All of them go on by some visits of every row at a time, and with them the
//! classifier of all rows; when the cross-entropy of these predictions no longer falls, training ends (early
//! stopping). The same predictions say how sure the classifier may be (temperature) and how far it must be moved
//! to meet a known class balance.

use super::calibration::temperature;
use super::latent::Latent;
use super::logistic::{Ascent, Problem, softmax};
use super::matrix::Matrix;
use super::vocabulary::Vocabulary;
use super::{Bags, Classifier, ClassifierError, Inputs};
use crate::model::{match_balance, match_prevalence};
use crate::random::mix;
use ndarray::Array2;
use rayon::prelude::*;

/// How a classifier is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Trainer {
    /// How little the weights are held back: the cost of a weight of 1 is that of 1 / (2 · `strength`) rows, as
    /// C of other programs.
    pub strength: f64,
    /// Folds, from 2 to 20.
    pub folds: usize,
    /// Times that every row is visited, at the most.
    pub visits: u64,
    /// Whether rows count such that all classes weigh the same.
    pub balanced: bool,
}

impl Default for Trainer {
    fn default() -> Self {
        Self { strength: 0.7, folds: 3, visits: 40, balanced: false }
    }
}

/// What is known of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a> {
    /// P(class) for each row, n_rows × n_classes.
    pub probabilities: &'a Array2<f64>,
    /// How much each row counts; 0 leaves it out of the fit, and it still is predicted.
    pub weights: &'a [f64],
    /// The share of each class among all rows, if it is known.
    pub balance: Option<&'a [f64]>,
}

/// A trained classifier, and what training found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Trained {
    /// The classifier.
    pub classifier: Classifier,
    /// P(class) for each row by a classifier that was trained without it, n_rows × n_classes.
    pub out_of_fold: Array2<f64>,
    /// How it went.
    pub course: Course,
}

/// How training went.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Course {
    /// Rows that count.
    pub rows: usize,
    /// Features that are kept.
    pub features: usize,
    /// Times that every row was visited.
    pub visits: u64,
    /// Mean cross-entropy between targets and predictions of classifiers that did not see the row, in nats,
    /// after every two visits.
    pub losses: Vec<f64>,
    /// What scores are divided by before they become probabilities.
    pub temperature: f64,
}

/// One in so many rows must be different from others for folds to keep equal ones together.
const LEAST_DISTINCT: usize = 4;

/// Folds that there may be: each takes as long as all rows, and as much memory.
const FOLDS: std::ops::RangeInclusive<usize> = 2..=20;

/// Visits of a round.
const ROUND: u64 = 2;

/// The part of the loss that a round must take away to be worth another.
const GAIN: f64 = 1e-3;

impl Trainer {
    /// Trains a classifier for `classes` on rows that were read with `inputs`.
    ///
    /// # Errors
    /// [`ClassifierError`] when there is nothing to learn from, or numbers do not fit.
    pub fn fit(
        &self,
        bags: &Bags,
        inputs: &Inputs,
        classes: &[String],
        targets: &Targets<'_>,
    ) -> Result<Trained, ClassifierError> {
        self.check(bags, classes, targets)?;
        let k = classes.len();
        let vocabulary = Vocabulary::new(bags);
        let mut rows = vocabulary.weigh(bags);
        let latent = Latent::new(&rows, vocabulary.buckets.len());
        let latent = latent.map(|(latent, wide)| {
            rows = wide;
            latent
        });
        let wanted: Vec<f32> = targets.probabilities.iter().map(|&p| p as f32).collect();
        let weights = self.weights(targets);
        let n_rows = weights.iter().filter(|weight| **weight > 0.0).count();
        let problem = Problem {
            rows: &rows,
            targets: &wanted,
            weights: &weights,
            n_classes: k,
            strength: self.strength as f32,
        };
        let fold_of = self.fold_of(bags);
        // One without each fold, and one of all rows.
        let without = |fold: usize| Ascent::new(problem, |row| fold_of[row] != fold);
        let mut fits: Vec<Ascent<'_>> = (0..=self.folds).map(without).collect();
        let (mut losses, mut visits): (Vec<f64>, u64) = (Vec::new(), 0);
        let mut unseen = Vec::new();
        while visits < self.visits {
            let round = ROUND.min(self.visits - visits);
            fits.par_iter_mut().for_each(|fit| (0..round).for_each(|_| fit.visit()));
            visits += round;
            unseen = unseen_scores(&rows, &fits, &fold_of, k);
            let loss = cross_entropy(&unseen, &wanted, &weights, k);
            let before = losses.last().copied().unwrap_or(f64::INFINITY);
            losses.push(loss);
            if before - loss < GAIN * before {
                break;
            }
        }
        let mut parameters = fits.pop().map(Ascent::into_parameters).unwrap_or_default();
        if let Some(latent) = &latent {
            parameters = latent.fold(parameters, k);
        }
        let temperature = temperature(&unseen, &wanted, &weights, k);
        let mut out_of_fold = probabilities(&unseen, temperature, &vec![0.0; k]);
        let counts = vec![1.0; bags.n_rows()];
        let (mut shift, mut offsets) = (vec![0.0; k], None);
        if let Some(balance) = targets.balance {
            shift = match_balance(&out_of_fold, &counts, &counts, balance);
            out_of_fold = probabilities(&unseen, temperature, &shift);
            offsets = Some(match_prevalence(&out_of_fold, &counts, Some(balance.to_vec())));
        }
        let course = Course {
            rows: n_rows,
            features: vocabulary.n_features(),
            visits,
            losses,
            temperature: f64::from(temperature),
        };
        let classifier = Classifier {
            format: super::file::FORMAT.to_owned(),
            inputs: inputs.clone().fixed(bags),
            classes: classes.to_vec(),
            vocabulary,
            parameters,
            temperature,
            shift,
            offsets,
        };
        Ok(Trained { classifier, out_of_fold, course })
    }

    fn check(
        &self,
        bags: &Bags,
        classes: &[String],
        targets: &Targets<'_>,
    ) -> Result<(), ClassifierError> {
        let (n_rows, n_classes) = targets.probabilities.dim();
        if n_classes < 2 || n_classes != classes.len() {
            return Err(ClassifierError::Classes { n_classes });
        }
        if n_rows != bags.n_rows() || targets.weights.len() != n_rows {
            return Err(ClassifierError::Rows { rows: bags.n_rows(), targets: n_rows });
        }
        let sound = |number: &f64| number.is_finite() && *number >= 0.0;
        if !targets.probabilities.iter().chain(targets.weights).all(sound) {
            return Err(ClassifierError::Numbers);
        }
        let sound = self.strength > 0.0 && self.strength.is_finite() && self.visits > 0;
        if !sound || !FOLDS.contains(&self.folds) {
            return Err(ClassifierError::Setting);
        }
        let counts = targets.weights.iter().filter(|weight| **weight > 0.0).count();
        if counts < self.folds {
            return Err(ClassifierError::TooFewRows { rows: counts, least: self.folds });
        }
        Ok(())
    }

    /// How much each row counts in the end.
    fn weights(&self, targets: &Targets<'_>) -> Vec<f32> {
        if !self.balanced {
            return targets.weights.iter().map(|&weight| weight as f32).collect();
        }
        let k = targets.probabilities.ncols();
        let mut of_class = vec![0.0; k];
        let rows = || targets.probabilities.rows().into_iter().zip(targets.weights);
        for (row, weight) in rows() {
            of_class.iter_mut().zip(row).for_each(|(sum, p)| *sum += weight * p);
        }
        let total: f64 = of_class.iter().sum();
        let factor: Vec<f64> =
            of_class.iter().map(|sum| total / (k as f64 * sum.max(f64::MIN_POSITIVE))).collect();
        let weight = |(row, weight): (ndarray::ArrayView1<'_, f64>, &f64)| {
            let mean: f64 = row.iter().zip(&factor).map(|(p, factor)| p * factor).sum();
            (weight * mean) as f32
        };
        rows().map(weight).collect()
    }

    /// The fold of each row. Equal rows are in one, so that none is predicted by who saw its copy; but where few
    /// rows differ, what a fold has would never be seen elsewhere, and rows are drawn one by one.
    fn fold_of(&self, bags: &Bags) -> Vec<usize> {
        let hash = |row| {
            let bag = bags.row(row);
            let counts = bag.buckets.iter().zip(bag.counts);
            let entries = counts.map(|(at, n)| (u64::from(*at) << 32) ^ u64::from(n.to_bits()));
            let numbers = bag.numbers.iter().map(|number| u64::from(number.to_bits()));
            entries.chain(numbers).fold(0, |hash, part| mix(hash ^ part))
        };
        let hashes: Vec<u64> = (0..bags.n_rows()).into_par_iter().map(hash).collect();
        let mut distinct = hashes.clone();
        distinct.par_sort_unstable();
        distinct.dedup();
        let few = distinct.len() < hashes.len() / LEAST_DISTINCT;
        let fold = |(row, hash): (usize, u64)| {
            let hash = if few { mix(row as u64) } else { hash };
            (hash % self.folds as u64) as usize
        };
        hashes.into_iter().enumerate().map(fold).collect()
    }
}

/// The scores of each row by the fit without its fold.
fn unseen_scores(rows: &Matrix, fits: &[Ascent<'_>], fold_of: &[usize], k: usize) -> Vec<f32> {
    let mut out = vec![0.0; rows.n_rows() * k];
    rows.times_of(|row| fits[fold_of[row]].parameters(), k, &mut out);
    out
}

/// The weighted mean of −Σ q log p.
fn cross_entropy(scores: &[f32], targets: &[f32], weights: &[f32], k: usize) -> f64 {
    let (mut loss, mut total) = (0.0, 0.0);
    let mut p = vec![0.0; k];
    for ((scores, target), &weight) in scores.chunks(k).zip(targets.chunks(k)).zip(weights) {
        p.copy_from_slice(scores);
        let log_sum = softmax(&mut p);
        let row: f32 = target.iter().zip(scores).map(|(q, score)| q * (log_sum - score)).sum();
        loss += f64::from(weight * row);
        total += f64::from(weight);
    }
    loss / total.max(f64::MIN_POSITIVE)
}

/// softmax(scores / temperature + shift), n_rows × n_classes.
pub(super) fn probabilities(scores: &[f32], temperature: f32, shift: &[f64]) -> Array2<f64> {
    let k = shift.len();
    let mut table = Array2::zeros((scores.len() / k, k));
    for (mut row, scores) in table.rows_mut().into_iter().zip(scores.chunks(k)) {
        let moved = scores.iter().zip(shift).map(|(&s, by)| f64::from(s / temperature) + by);
        let moved: Vec<f64> = moved.collect();
        let highest = moved.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().zip(moved).for_each(|(p, score)| *p = (score - highest).exp());
        let sum = row.sum();
        row.mapv_inplace(|p| p / sum);
    }
    table
}
