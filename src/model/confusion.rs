//! Class-conditional vote tables: what the Dawid–Skene family learns.
//!
//! For each labeling function j, P(j votes l | Y = y, j votes) and, where an abstention counts,
//! P(j abstains | Y = y). Both are counts with a prior; the prior of a cell is what a labeling
//! function of one accuracy would do, and the prior of that accuracy is the pool of all.

use super::Supervision;
use super::columns::Columns;
use super::entry::{SettingError, Values};
use super::expectation::{Expected, expect_scores, expect_vote_shares};
use super::numeric::{add_to, softmax};
use super::{Evidence, Member, Trace};
use std::ops::Range;

/// What an abstention says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Abstain {
    /// Nothing: a labeling function abstains whatever the class.
    Missing,
    /// As much as a vote: to abstain is one more answer.
    Symbol,
    /// Something between: a weight from 0 (missing) to 1 (symbol).
    Tempered(f64),
}

impl Abstain {
    /// Its weight, from 0 to 1.
    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Missing => 0.0,
            Self::Symbol => 1.0,
            Self::Tempered(weight) => weight,
        }
    }

    /// Reads the settings `abstain` and `abstain_weight`.
    pub(super) fn from_settings(values: &Values<'_>, default: Self) -> Result<Self, SettingError> {
        let weight = values
            .number("abstain_weight", 0.25, "a number from 0 to 1", |w| (0.0..=1.0).contains(&w))?;
        values.word(
            "abstain",
            default,
            "missing, symbol or tempered",
            &[
                ("missing", Self::Missing),
                ("symbol", Self::Symbol),
                ("tempered", Self::Tempered(weight)),
            ],
        )
    }
}

/// How the tables are estimated from expected counts.
pub(super) struct Estimator<'a> {
    pub(super) columns: &'a Columns,
    /// Rows that the prior of a cell's row is worth; infinite for one accuracy in all cells.
    pub(super) cell_strength: f64,
    /// Rows that the pool is worth as the prior of an accuracy.
    pub(super) pool_strength: f64,
    /// Rows that the prior of the class shares is worth, for each class.
    pub(super) class_strength: f64,
    /// The weight of an abstention.
    pub(super) abstain: f64,
    /// Accuracies that the user expects of single labeling functions.
    pub(super) trust: Vec<Option<f64>>,
    /// The labeling function of each column, as a position among those that vote.
    voter: Vec<usize>,
    n_voters: usize,
}

/// How much more than the pool an expectation of the user is worth.
const TRUST_STRENGTH: f64 = 10.0;

/// The tables, as logarithms.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    /// log π, one a class.
    pub(super) log_shares: Vec<f64>,
    /// log P(votes l | y, votes) of each column, n_columns × n_classes.
    pub(super) log_votes: Vec<f64>,
    /// log P(abstains | y) and log P(votes | y), n_voters × n_classes; not used without abstain.
    pub(super) log_abstains: Vec<f64>,
    pub(super) log_fires: Vec<f64>,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(
        columns: &'a Columns,
        cell_strength: f64,
        pool_strength: f64,
        abstain: f64,
        known: &Supervision,
    ) -> Self {
        let mut lfs: Vec<_> = columns.votes.iter().map(|vote| vote.lf).collect();
        lfs.dedup();
        let mut voter = Vec::with_capacity(columns.len());
        for vote in &columns.votes {
            voter.extend(lfs.binary_search(&vote.lf));
        }
        let trust = lfs.iter().map(|&lf| known.trust_in(lf)).collect();
        let n_voters = lfs.len();
        Self {
            columns,
            cell_strength,
            pool_strength,
            class_strength: 1.0,
            abstain,
            trust,
            voter,
            n_voters,
        }
    }

    /// The expectations when the posteriors are the vote shares.
    pub(super) fn start(&self) -> Expected {
        let columns = self.columns;
        let mut start = expect_vote_shares(columns);
        if self.abstain > 0.0 {
            let k = columns.n_classes as f64;
            start.shares.iter_mut().for_each(|sum| *sum += columns.uncovered / k);
        }
        start
    }

    /// P(vote | y) of a column under the prior, up to a factor that is the same for every class, given
    /// the accuracy a of its labeling function: a for the class that it votes, (1 − a) / (K − 1)
    /// for every other; a partial vote shares what its classes have together evenly.
    pub(super) fn prior_cell(&self, c: usize, y: usize, accuracy: f64) -> f64 {
        let classes = self.columns.classes(c);
        let (n, k) = (classes.len() as f64, self.columns.n_classes as f64);
        let wrong = (1.0 - accuracy) / (k - 1.0);
        let possible = classes.iter().any(|class| class.index() == y);
        if possible { 1.0 - (k - n) * wrong } else { n * wrong }
    }

    /// The accuracy of the labeling function of each column, given for each that votes the expected
    /// number of right votes and of all: shrunk toward the pool, or toward what the user expects.
    pub(super) fn accuracies(&self, right: &[f64], total: &[f64]) -> Vec<f64> {
        let k = self.columns.n_classes as f64;
        let pool = (right.iter().sum::<f64>() + 1.0) / (total.iter().sum::<f64>() + k);
        let of_voter = |j: usize| {
            let (mean, strength) = match self.trust[j] {
                Some(trust) => (trust, TRUST_STRENGTH * self.pool_strength),
                None => (pool, self.pool_strength),
            };
            // Without any prior an LF that is never right, or always, still is no oracle.
            ((right[j] + strength * mean) / (total[j] + strength)).clamp(TINY, 1.0 - TINY)
        };
        self.voter.iter().map(|&j| of_voter(j)).collect()
    }

    /// The labeling function of a column, as a position among those that vote.
    pub(super) fn voter(&self, c: usize) -> usize {
        self.voter[c]
    }

    /// The columns of each labeling function that votes.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut ranges = vec![0..0; self.n_voters];
        for (c, &j) in self.voter.iter().enumerate() {
            if ranges[j].is_empty() {
                ranges[j] = c..c;
            }
            ranges[j].end = c + 1;
        }
        ranges
    }

    /// For each labeling function that votes, the sum of `of_column` over its columns.
    pub(super) fn by_voter(&self, of_column: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.n_voters];
        for (c, &j) in self.voter.iter().enumerate() {
            sums[j] += of_column(c);
        }
        sums
    }

    /// The prior of each cell, n_columns × n_classes: one accuracy a labeling function.
    pub(super) fn prior(&self, expected: &Expected) -> Vec<f64> {
        let (columns, k) = (self.columns, self.columns.n_classes);
        let row = |c: usize| &expected.counts[c * k..(c + 1) * k];
        let right =
            self.by_voter(|c| columns.classes(c).iter().map(|class| row(c)[class.index()]).sum());
        let total = self.by_voter(|c| row(c).iter().sum());
        let accuracies = self.accuracies(&right, &total);
        (0..columns.len() * k).map(|i| self.prior_cell(i / k, i % k, accuracies[i / k])).collect()
    }

    /// The tables that maximize the expected complete-data likelihood with the prior.
    pub(super) fn maximize(&self, expected: &Expected, prior: &[f64]) -> Tables {
        let (columns, k) = (self.columns, self.columns.n_classes);
        let sum: f64 = expected.shares.iter().sum();
        let all = sum + k as f64 * self.class_strength;
        let share = |rows: &f64| ((rows + self.class_strength) / all).max(TINY).ln();
        let log_shares: Vec<f64> = expected.shares.iter().map(share).collect();
        let mut fires = vec![0.0; self.n_voters * k];
        for c in 0..columns.len() {
            let at = self.voter[c] * k;
            add_to(&mut fires[at..at + k], &expected.counts[c * k..(c + 1) * k]);
        }
        let strength = self.cell_strength;
        let log_votes = (0..columns.len() * k)
            .map(|i| {
                let fires = fires[self.voter[i / k] * k + i % k];
                let cell = if strength.is_infinite() || fires + strength < TINY {
                    prior[i]
                } else {
                    (expected.counts[i] + strength * prior[i]) / (fires + strength)
                };
                cell.max(TINY).ln()
            })
            .collect();
        let (mut log_abstains, mut log_fires) = (Vec::new(), Vec::new());
        if self.abstain > 0.0 {
            let pseudo = if strength.is_infinite() { 1.0 } else { strength };
            for of_lf in fires.chunks(k) {
                let rate = 1.0 - of_lf.iter().sum::<f64>() / sum;
                for (fires, rows) in of_lf.iter().zip(&expected.shares) {
                    let abstains = (rows - fires + pseudo * rate) / (rows + pseudo);
                    log_abstains.push(abstains.max(TINY).ln());
                    log_fires.push((1.0 - abstains).max(TINY).ln());
                }
            }
        }
        Tables { log_shares, log_votes, log_abstains, log_fires }
    }

    /// The scores of the classes without votes, and what each column adds, n_columns × n_classes,
    /// with the evidence of a column counted by its weight.
    pub(super) fn scores(&self, tables: &Tables, weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let k = self.columns.n_classes;
        let mut evidence: Vec<f64> =
            tables.log_votes.iter().enumerate().map(|(i, log)| weights[i / k] * log).collect();
        let mut bias = tables.log_shares.clone();
        if self.abstain > 0.0 {
            // An abstention counts as much as the votes of its labeling function do on average.
            let mut weight = self.by_voter(|c| weights[c] * self.columns.counts[c]);
            let rows = self.by_voter(|c| self.columns.counts[c]);
            weight.iter_mut().zip(&rows).for_each(|(w, rows)| *w *= self.abstain / rows);
            for (i, abstains) in tables.log_abstains.iter().enumerate() {
                bias[i % k] += weight[i / k] * abstains;
            }
            for (i, score) in evidence.iter_mut().enumerate() {
                let at = self.voter[i / k] * k + i % k;
                *score += weight[at / k] * (tables.log_fires[at] - tables.log_abstains[at]);
            }
        }
        (bias, evidence)
    }

    /// The expectations under the tables; rows without votes count only where abstentions do.
    pub(super) fn expect(&self, tables: &Tables, weights: &[f64]) -> Expected {
        let (bias, evidence) = self.scores(tables, weights);
        let mut expected = expect_scores(self.columns, &bias, &evidence);
        if self.abstain > 0.0 {
            let mut q = bias;
            expected.log_likelihood += self.columns.uncovered * softmax(&mut q);
            q.iter_mut().for_each(|p| *p *= self.columns.uncovered);
            add_to(&mut expected.shares, &q);
        }
        expected
    }

    /// The member of a fitted model that these tables make.
    pub(super) fn member(&self, tables: &Tables, weights: &[f64]) -> Member {
        let (bias, evidence) = self.scores(tables, weights);
        let columns = self.columns;
        let evidence = Evidence::of_votes(&columns.votes, &evidence, columns.n_classes);
        Member::Evidence { bias, evidence }
    }

    /// What rows without votes get: the posterior of abstaining everywhere where that counts, else
    /// nothing is known.
    pub(super) fn uncovered(&self, tables: &Tables, weights: &[f64]) -> Option<Vec<f64>> {
        (self.abstain > 0.0).then(|| {
            let mut q = self.scores(tables, weights).0;
            softmax(&mut q);
            q
        })
    }

    /// Expectation–maximization from the vote shares, with the prior following: the tables, and how
    /// it went. `weights` say how much of each column's evidence counts.
    pub(super) fn fit(&self, weights: &[f64], rounds: usize) -> (Tables, Trace) {
        let mut expected = self.start();
        let mut trace = Trace::default();
        let mut tables = self.maximize(&expected, &self.prior(&expected));
        for round in 1..=rounds.max(1) {
            expected = self.expect(&tables, weights);
            let next = self.maximize(&expected, &self.prior(&expected));
            let moved = tables.distance(&next);
            tables = next;
            let gain = trace.objective.last().map(|before| expected.log_likelihood - before);
            let level = gain.is_some_and(|gain| gain < LEVEL * self.columns.n_rows());
            trace.rounds = round;
            trace.objective.push(expected.log_likelihood);
            if moved < TOLERANCE || (level && round >= PATIENCE) {
                trace.converged = true;
                break;
            }
        }
        (tables, trace)
    }
}

/// No probability is below this: no answer is impossible.
const TINY: f64 = 1e-10;

/// A fit has converged when no probability moved by more than this.
const TOLERANCE: f64 = 1e-6;

/// After [`PATIENCE`] rounds it also has when the log-likelihood grows by less than this a row: what
/// still moves then moves along a ridge, and changes no label.
const LEVEL: f64 = 1e-7;
const PATIENCE: usize = 200;

impl Tables {
    /// The largest difference of two probabilities.
    fn distance(&self, other: &Self) -> f64 {
        let pairs = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).map(|(a, b)| (a.exp() - b.exp()).abs()).fold(0.0, f64::max)
        };
        pairs(&self.log_shares, &other.log_shares)
            .max(pairs(&self.log_votes, &other.log_votes))
            .max(pairs(&self.log_abstains, &other.log_abstains))
    }
}
