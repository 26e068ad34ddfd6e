//! One pass over the patterns: what the posteriors of the rows say about columns and classes.

use super::columns::Columns;
use super::fitted::split_ties;
use super::numeric::{add_to, fold_chunks, softmax};

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

    /// The expectations under the mean of posteriors, given those under each, with their weights.
    pub(super) fn mean(columns: &Columns, parts: impl Iterator<Item = (f64, Self)>) -> Self {
        let zero = Self::zero(columns.len(), columns.n_classes);
        parts.fold(zero, |sum, (weight, mut part)| {
            part.log_likelihood *= weight;
            part.counts.iter_mut().chain(&mut part.shares).for_each(|rows| *rows *= weight);
            sum.add(&part)
        })
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

    /// The counts, and then the shares.
    pub(super) fn flat(&self) -> Vec<f64> {
        self.counts.iter().chain(&self.shares).copied().collect()
    }

    /// Takes other counts and shares, as [`flat`](Self::flat) gives them.
    pub(super) fn set(&mut self, flat: &[f64]) {
        let own = self.counts.iter_mut().chain(&mut self.shares);
        own.zip(flat).for_each(|(own, new)| *own = *new);
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

/// The expectations when the posteriors are those of majority vote.
pub(super) fn expect_majority(columns: &Columns) -> Expected {
    expect(columns, |u, q| {
        q.fill(0.0);
        for c in columns.fired(u) {
            columns.target(c).for_each(|(y, part)| q[y] += part);
        }
        split_ties(q);
        0.0
    })
}

/// The expectations when the posteriors are softmax(bias + Σ evidence of the columns that fired);
/// `evidence` is n_columns × n_classes.
pub(super) fn expect_scores(columns: &Columns, bias: &[f64], evidence: &[f64]) -> Expected {
    expect_by::<true>(columns, bias, evidence)
}

/// The same without the log-likelihood, which is NaN: its logarithms take a fifth of the time.
pub(super) fn expect_counts(columns: &Columns, bias: &[f64], evidence: &[f64]) -> Expected {
    let found = expect_by::<false>(columns, bias, evidence);
    Expected { log_likelihood: f64::NAN, ..found }
}

fn expect_by<const LOG: bool>(columns: &Columns, bias: &[f64], evidence: &[f64]) -> Expected {
    let largest = |scores: &[f64]| scores.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
    let reach = largest(bias) + columns.most_fired() as f64 * largest(evidence);
    if reach < PRODUCTS {
        match columns.n_classes {
            2 => return expect_products::<2, LOG>(columns, bias, evidence),
            3 => return expect_products::<3, LOG>(columns, bias, evidence),
            4 => return expect_products::<4, LOG>(columns, bias, evidence),
            _ => {}
        }
    }
    let k = columns.n_classes;
    expect(columns, |u, q| {
        q.copy_from_slice(bias);
        for c in columns.fired(u) {
            add_to(q, &evidence[c * k..(c + 1) * k]);
        }
        softmax(q)
    })
}

/// Sums of scores whose exponentials neither overflow nor vanish, K of them added up included.
const PRODUCTS: f64 = 600.0;

/// The same for K classes, by products of exponentials taken once a column: a fit with few classes
/// spends its time here.
fn expect_products<const K: usize, const LOG: bool>(
    columns: &Columns,
    bias: &[f64],
    evidence: &[f64],
) -> Expected {
    let factors: Vec<f64> = evidence.iter().map(|score| score.exp()).collect();
    let (factors, _) = factors.as_chunks::<K>();
    let bias: [f64; K] = std::array::from_fn(|y| bias[y].exp());
    fold_chunks(
        columns.n_patterns(),
        |range| {
            let mut counts = vec![[0.0; K]; columns.len()];
            let mut shares = [0.0; K];
            let mut log_likelihood = 0.0;
            for u in range {
                let mut q = bias;
                for c in columns.fired(u) {
                    for y in 0..K {
                        q[y] *= factors[c][y];
                    }
                }
                let sum: f64 = q.iter().sum();
                let rows = columns.rows[u];
                if LOG {
                    log_likelihood += rows * sum.ln();
                }
                for y in 0..K {
                    q[y] *= rows / sum;
                    shares[y] += q[y];
                }
                for c in columns.fired(u) {
                    for y in 0..K {
                        counts[c][y] += q[y];
                    }
                }
            }
            let (counts, shares) = (counts.as_flattened().to_vec(), shares.to_vec());
            Expected { log_likelihood, counts, shares }
        },
        |left, right| left.add(&right),
    )
    .unwrap_or_else(|| Expected::zero(columns.len(), K))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names, Patterns};

    #[test]
    fn products_of_exponentials_equal_the_softmax_of_sums() {
        for k in 2..=4 {
            let classes: Vec<String> = (0..k).map(|y| format!("class {y}")).collect();
            let names = Names::new(["a", "b", "c"], classes).expect("names");
            let rows: Vec<Vec<Option<usize>>> = (0..200_usize)
                .map(|i| (0..3).map(|j| (i % (j + 2) == 0).then_some((i / 3 + j) % k)).collect())
                .collect();
            let matrix = LabelMatrix::from_dense(names, &rows).expect("valid");
            let columns = Columns::new(&Patterns::count(&matrix));
            let score = |i: usize| ((i * 37 % 11) as f64 - 5.0) * 0.7;
            let evidence: Vec<f64> = (0..columns.len() * k).map(score).collect();
            let bias: Vec<f64> = (0..k).map(|y| -0.5 * y as f64).collect();
            let fast = expect_scores(&columns, &bias, &evidence);
            // Far away from nothing, as sums of scores may be, it takes the other way.
            let far: Vec<f64> = bias.iter().map(|score| score + PRODUCTS).collect();
            let slow = expect_scores(&columns, &far, &evidence);
            for (a, b) in fast.flat().iter().zip(slow.flat()) {
                assert!((a - b).abs() < 1e-9, "{a} and {b}");
            }
            let shifted = fast.log_likelihood + PRODUCTS * columns.n_rows();
            assert!((shifted - slow.log_likelihood).abs() < 1e-6);
        }
    }
}
