//! The loss of Snorkel's LabelModel, with its gradient, from the patterns alone.

use super::columns::Columns;
use super::numeric::{add_to, fold_chunks};
use super::optimize::Smooth;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// What the penalties of the loss are made of.
pub(super) struct Penalty {
    /// Squared, the weight of the pull toward the start.
    pub(super) l2: f64,
    /// Twice the weight of the pull toward 0.
    pub(super) decay: f64,
    /// P(Y = y | vote for y) in the start, for a partial vote the sum over its classes.
    pub(super) prec_init: f64,
}

/// The loss over x_c(y) = μ_c(y) √p(y), n_columns × n_classes, from the patterns alone.
///
/// With M = Σ_c x_c x_cᵀ, M_i the same over the columns of one labeling function, r_u the share of
/// rows with pattern u and X_u = Σ_{c∈u} x_c, the first term is
/// Σ O_cd² − 2 Σ_u r_u (‖X_u‖² − Σ_{c∈u} ‖x_c‖²) + ‖M‖² − Σ_i ‖M_i‖²: no matrix of all pairs of
/// columns is needed. The cost is the loss in units of Σ O_cd², so that its size does not depend on
/// the coverage.
pub(super) struct Loss<'a> {
    pub(super) columns: &'a Columns,
    n_rows: f64,
    pub(super) root: Vec<f64>,
    pub(super) start: Vec<f64>,
    pub(super) blocks: Vec<Range<usize>>,
    overlaps: f64,
    pub(super) unit: f64,
    penalty: Penalty,
}

impl<'a> Loss<'a> {
    /// `n_rows` counts rows without votes too; `shares` is the class balance.
    pub(super) fn new(columns: &'a Columns, n_rows: f64, shares: &[f64], penalty: Penalty) -> Self {
        let k = shares.len();
        let root: Vec<f64> = shares.iter().map(|share| share.sqrt()).collect();
        let mut start = vec![0.0; columns.len() * k];
        for c in 0..columns.len() {
            let named: f64 = columns.target(c).map(|(y, _)| shares[y]).sum();
            let mu = columns.counts[c] / n_rows * penalty.prec_init / named;
            for (y, _) in columns.target(c) {
                start[c * k + y] = mu.min(1.0) * root[y];
            }
        }
        let mut blocks: Vec<Range<usize>> = Vec::new();
        for (c, vote) in columns.votes.iter().enumerate() {
            match blocks.last_mut() {
                Some(block) if columns.votes[block.start].lf == vote.lf => block.end = c + 1,
                _ => blocks.push(c..c + 1),
            }
        }
        // Columns of one labeling function share no rows.
        let square = |_, _, together: f64| [(together / n_rows).powi(2)];
        let overlaps: f64 = columns.sum_overlaps(|_| (), square).iter().flatten().sum();
        let unit = if overlaps > 0.0 { overlaps } else { 1.0 };
        Self { columns, n_rows, root, start, blocks, overlaps, unit, penalty }
    }

    /// μ at a point.
    pub(super) fn probabilities(&self, at: &[f64]) -> Vec<f64> {
        let k = self.root.len();
        at.iter().enumerate().map(|(i, x)| x / self.root[i % k]).collect()
    }

    /// Σ_u r_u (‖X_u‖² − Σ_{c∈u} ‖x_c‖²), and half its gradient.
    fn agreement(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let k = self.root.len();
        let part = |range: Range<usize>| {
            let (mut sum, mut slope) = (0.0, vec![0.0; at.len()]);
            let mut total = vec![0.0; k];
            for u in range {
                let share = self.columns.rows[u] / self.n_rows;
                total.fill(0.0);
                for c in self.columns.fired(u) {
                    add_to(&mut total, &at[c * k..(c + 1) * k]);
                }
                for i in self.columns.fired(u).flat_map(|c| c * k..(c + 1) * k) {
                    let others = total[i % k] - at[i];
                    sum += share * others * at[i];
                    slope[i] += share * others;
                }
            }
            (sum, slope)
        };
        let parts = fold_chunks(self.columns.n_patterns(), part, |mut left, right| {
            left.0 += right.0;
            add_to(&mut left.1, &right.1);
            left
        });
        parts.unwrap_or_else(|| (0.0, vec![0.0; at.len()]))
    }
}

/// ‖M_i‖² and the rows M_i x_c over the columns of one labeling function, given their x_c: from their
/// inner products, of which there are few when a labeling function votes few of many classes.
fn own_part(x: &ArrayView2<'_, f64>) -> (f64, Array2<f64>) {
    if x.nrows() == 1 {
        let length = square(x.iter());
        return (length * length, x.mapv(|value| length * value));
    }
    let inner = x.dot(&x.t());
    (square(inner.iter()), inner.dot(x))
}

fn square<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    values.map(|value| value * value).sum()
}

impl Smooth for Loss<'_> {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let k = self.root.len();
        let (agreement, slope) = self.agreement(at);
        let rows = |range: Range<usize>| {
            let (n, values) = (range.len(), &at[range.start * k..range.end * k]);
            ArrayView2::from_shape((n, k), values).unwrap_or_else(|_| ArrayView2::from(&[[]]))
        };
        let x = rows(0..self.columns.len());
        let all = x.t().dot(&x);
        let modeled = x.dot(&all);
        let mut loss = self.overlaps - 2.0 * agreement + square(all.iter());
        for block in &self.blocks {
            let (own_square, own) = own_part(&rows(block.clone()));
            loss -= own_square;
            for (c, own) in block.clone().zip(own.rows()) {
                let x = &at[c * k..(c + 1) * k];
                let fired: f64 = x.iter().zip(&self.root).map(|(x, root)| x * root).sum();
                let margin = fired - self.columns.counts[c] / self.n_rows;
                loss += margin * margin;
                for y in 0..k {
                    let i = c * k + y;
                    let model = modeled[[c, y]] - own[y];
                    let moved = x[y] - self.start[i];
                    let share = self.root[y] * self.root[y];
                    loss += (self.penalty.l2 * moved).powi(2) / share;
                    loss += self.penalty.decay / 2.0 * x[y] * x[y] / share;
                    gradient[i] = 4.0 * (model - slope[i])
                        + 2.0 * margin * self.root[y]
                        + 2.0 * self.penalty.l2 * self.penalty.l2 * moved / share
                        + self.penalty.decay * x[y] / share;
                    gradient[i] /= self.unit;
                }
            }
        }
        loss / self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names, Patterns};

    fn small() -> Patterns {
        let names = Names::new(["a", "b", "c", "d"], ["x", "y", "z"]).expect("names");
        let vote = |i: usize, j: usize| {
            let wrong = (i * 31 + j * 17).is_multiple_of(4);
            let class = (i / 7 + usize::from(wrong)) % 3;
            (!(i * 13 + j * 5).is_multiple_of(3)).then_some(class)
        };
        let rows: Vec<Vec<_>> = (0..90).map(|i| (0..4).map(|j| vote(i, j)).collect()).collect();
        Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"))
    }

    /// The definition with the whole matrix, against the sums over patterns.
    #[test]
    fn the_loss_is_the_one_defined() {
        let votes = small();
        let columns = Columns::new(&votes);
        let shares = [0.2, 0.3, 0.5];
        let penalty = Penalty { l2: 0.3, decay: 0.2, prec_init: 0.7 };
        let n = votes.n_rows() as f64;
        let loss = Loss::new(&columns, n, &shares, penalty);
        let at: Vec<f64> =
            (0..loss.start.len()).map(|i| ((i * 37 % 11) as f64 + 1.0) / 24.0).collect();
        let mu = |c: usize, y: usize| at[c * 3 + y] / shares[y].sqrt();
        let mut expected = 0.0;
        for c in 0..columns.len() {
            let margin: f64 = (0..3).map(|y| mu(c, y) * shares[y]).sum();
            expected += (margin - columns.counts[c] / n).powi(2);
            for d in (0..columns.len()).filter(|&d| columns.votes[d].lf != columns.votes[c].lf) {
                let both: f64 = (0..columns.n_patterns())
                    .filter(|&u| {
                        columns.fired(u).any(|e| e == c) && columns.fired(u).any(|e| e == d)
                    })
                    .map(|u| columns.rows[u] / n)
                    .sum();
                let product: f64 = (0..3).map(|y| mu(c, y) * shares[y] * mu(d, y)).sum();
                expected += (both - product).powi(2);
            }
            for (y, share) in shares.iter().enumerate() {
                let own = columns.votes[c].choice.index() == y;
                let precise = (columns.counts[c] / n * 0.7 / share).min(1.0);
                let start = if own { precise } else { 0.0 };
                expected += (0.3 * (mu(c, y) - start)).powi(2) + 0.1 * mu(c, y).powi(2);
            }
        }
        let found = loss.evaluate(&at, &mut vec![0.0; at.len()]) * loss.unit;
        assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let votes = small();
        let columns = Columns::new(&votes);
        let penalty = Penalty { l2: 0.3, decay: 0.2, prec_init: 0.7 };
        let loss = Loss::new(&columns, votes.n_rows() as f64, &[0.2, 0.3, 0.5], penalty);
        let at: Vec<f64> =
            (0..loss.start.len()).map(|i| ((i * 37 % 11) as f64 + 1.0) / 24.0).collect();
        let mut gradient = vec![0.0; at.len()];
        loss.evaluate(&at, &mut gradient);
        let mut unused = vec![0.0; at.len()];
        for i in 0..at.len() {
            let step = 1e-5;
            let mut moved = at.clone();
            moved[i] += step;
            let above = loss.evaluate(&moved, &mut unused);
            moved[i] -= 2.0 * step;
            let below = loss.evaluate(&moved, &mut unused);
            let slope = (above - below) / (2.0 * step);
            assert!((slope - gradient[i]).abs() < 1e-8, "{i}: {slope} against {}", gradient[i]);
        }
    }
}
