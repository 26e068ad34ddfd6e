//! Compatible with the `LabelModel` of Snorkel 0.10: P(vote | class) completed from overlaps.
//!
//! Ratner, Hancock, Dunnmon, Sala, Pandey & Ré (2019), "Training complex models with multi-task weak
//! supervision", arXiv:1810.02840. For columns c = (labeling function, class it voted) let
//! O_cd be the share of rows in which c and d both fired, p the class balance, P its diagonal matrix
//! and μ_c(y) = P(c fires | Y = y). If labeling functions are independent given the class,
//! O_cd = Σ_y μ_c(y) p(y) μ_d(y) wherever c and d belong to different ones, and μ p = diag O. So μ
//! minimizes ‖O − μPμᵀ‖² off the blocks of one labeling function, plus ‖μp − diag O‖², plus
//! penalties. The prediction is q(y) ∝ p(y) Π_c μ_c(y) over the votes of a row. As there, μ starts as
//! if every vote were right with probability `prec_init`, and ends in [ε, 1 − ε] with the classes
//! named such that labeling functions are trusted most. The balance is the given one, else uniform.
//!
//! Loss, start and prediction are Snorkel's; the search is L-BFGS until nothing moves, where Snorkel
//! by default makes 100 steps of momentum descent and may stop short of the minimum.
//!
//! What is questionable there, and what happens here:
//!
//! * Abstentions do not count at prediction although the model knows their probability. The same
//!   here; `abstains: evidence` counts them.
//! * `l2` is applied twice: squared, as a pull toward the start, and once more by the optimizer as a
//!   decay toward 0, which is contrary to it. Here `l2` is the former; `decay` with the same number
//!   adds the latter.
//! * The start is scaled by a random number. Here `start_scale`, its mean unless it is set.
//! * An LF that never votes gets the weight 1. Here it has no evidence and no weight.
//! * Ties are broken by a hash of the row's number, so that a label depends on the order of rows. Here
//!   a [`Decision`](super::Decision) says what becomes of them, the same for equal votes.
//! * From three classes on the minimum is not one point: any rotation of μ√P that leaves √p alone has
//!   the same loss. There the path of the search decides, and so it does here; an `l2` above 0 makes
//!   the minimum one point.
//! * With a balance given the mean posterior need not be that balance. The same here;
//!   `balance: match` matches it, as the other models do.

use super::assignment::best_assignment;
use super::columns::Columns;
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::numeric::{add_to, fold_chunks};
use super::optimize::{Smooth, minimize};
use super::{BalanceUse, Evidence, FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;
use std::ops::Range;

/// The model of Snorkel and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snorkel {
    /// Weight of the pull toward the start, squared in the loss. Default 0.
    pub l2: f64,
    /// Weight of a further pull toward 0; Snorkel's optimizer adds one of `l2`. Default 0.
    pub decay: f64,
    /// Precision of a vote in the start, between 0 and 1. Default 0.7.
    pub prec_init: f64,
    /// By which the start is multiplied; Snorkel draws a number from 0 to 1. Default 0.5.
    pub start_scale: f64,
    /// ε, how near probabilities may come to 0 and 1. Default `None`: 0.01, or the next power of ten
    /// below one row's share when that is less.
    pub mu_eps: Option<f64>,
    /// Whether abstentions count. Default: dropped.
    pub abstains: Abstentions,
    /// What to do with a known class balance besides using it as the prior. Default: nothing.
    pub balance: BalanceUse,
}

/// What an abstention says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abstentions {
    /// Nothing.
    Dropped,
    /// That the class is one for which the labeling function abstains more often.
    Evidence,
}

impl Default for Snorkel {
    fn default() -> Self {
        Self {
            l2: 0.0,
            decay: 0.0,
            prec_init: 0.7,
            start_scale: 0.5,
            mu_eps: None,
            abstains: Abstentions::Dropped,
            balance: BalanceUse::Prior,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "snorkel",
    summary: "Snorkel's LabelModel, for comparison: the same loss and prediction, minimized in full",
    settings: &[
        Setting { name: "l2", summary: "pull toward the start (0)" },
        Setting { name: "decay", summary: "pull toward 0; Snorkel adds one of its l2 (0)" },
        Setting { name: "prec_init", summary: "precision of a vote in the start (0.7)" },
        Setting { name: "start_scale", summary: "factor of the start; random in Snorkel (0.5)" },
        Setting { name: "mu_eps", summary: "how near to 0 and 1 (0.01, less from 100 rows on)" },
        Setting { name: "abstains", summary: "dropped or evidence (dropped)" },
        Setting { name: "balance", summary: "a known one is the prior, or match it (prior)" },
    ],
    build: |values| Ok(Box::new(Snorkel::from_settings(values)?)),
};

impl Snorkel {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        let not_negative = |value: f64| value >= 0.0 && value.is_finite();
        let from_zero = "a number from 0 on";
        let mu_eps = values.number("mu_eps", 0.0, "a number between 0 and 0.5", |value| {
            value > 0.0 && value < 0.5
        })?;
        Ok(Self {
            l2: values.number("l2", default.l2, from_zero, not_negative)?,
            decay: values.number("decay", default.decay, from_zero, not_negative)?,
            prec_init: values.number(
                "prec_init",
                default.prec_init,
                "a number between 0 and 1, both excluded",
                |value| value > 0.0 && value < 1.0,
            )?,
            start_scale: values.number(
                "start_scale",
                default.start_scale,
                "a number above 0, and at most 1",
                |value| value > 0.0 && value <= 1.0,
            )?,
            mu_eps: (mu_eps > 0.0).then_some(mu_eps),
            abstains: values.word(
                "abstains",
                default.abstains,
                "dropped or evidence",
                &[("dropped", Abstentions::Dropped), ("evidence", Abstentions::Evidence)],
            )?,
            balance: values.word(
                "balance",
                default.balance,
                "prior or match",
                &[("prior", BalanceUse::Prior), ("match", BalanceUse::Match)],
            )?,
        })
    }

    /// The smallest probability: the setting, else the power of ten at or below 1 / n, at most 0.01.
    fn floor(&self, n_rows: u64) -> f64 {
        self.mu_eps.unwrap_or_else(|| 10_f64.powf(-(n_rows as f64).log10().ceil()).min(0.01))
    }
}

/// Searches at the most; each starts where the last one ended, without its memory of curvature.
const ROUNDS: usize = 20;

/// Steps of L-BFGS in a search.
const STEPS: u64 = 500;

/// A fit has converged when a search moved no parameter by more than this.
const TOLERANCE: f64 = 1e-6;

impl LabelModel for Snorkel {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let shares = known.shares(votes.n_classes());
        let loss = Loss::new(&columns, votes.n_rows() as f64, &shares, self);
        let mut point: Vec<f64> = loss.start.iter().map(|x| x * self.start_scale).collect();
        let mut trace = Trace::default();
        let mut unused = vec![0.0; point.len()];
        while trace.rounds < ROUNDS && !trace.converged {
            let found =
                minimize(&loss, point.clone(), 1e-11, STEPS).map_err(FitError::Optimizer)?;
            let moves = found.iter().zip(&point).map(|(new, old)| (new - old).abs());
            trace.converged = moves.fold(0.0, f64::max) < TOLERANCE;
            trace.rounds += 1;
            trace.objective.push(loss.evaluate(&found, &mut unused) * loss.unit);
            point = found;
        }
        let mut mu = loss.probabilities(&point);
        trust_most(&columns, &shares, &mut mu);
        let floor = self.floor(votes.n_rows());
        mu.iter_mut().for_each(|value| *value = value.clamp(floor, 1.0 - floor));
        let draft = Draft::new(ENTRY.name, self.member(&loss, &shares, &mu, floor), trace);
        match self.balance {
            BalanceUse::Prior => draft.with_uncovered(Some(shares)).finish_unmatched(votes, known),
            BalanceUse::Match => draft.finish(votes, known),
        }
    }
}

impl Snorkel {
    /// log p and log μ as a member; with abstentions, their evidence goes into the bias.
    fn member(&self, loss: &Loss<'_>, shares: &[f64], mu: &[f64], floor: f64) -> Member {
        let k = shares.len();
        let mut bias: Vec<f64> = shares.iter().map(|share| share.ln()).collect();
        let mut scores: Vec<f64> = mu.iter().map(|value| value.ln()).collect();
        if self.abstains == Abstentions::Evidence {
            for block in &loss.blocks {
                for y in 0..k {
                    let voted: f64 = block.clone().map(|c| mu[c * k + y]).sum();
                    let abstains = (1.0 - voted).max(floor).ln();
                    bias[y] += abstains;
                    block.clone().for_each(|c| scores[c * k + y] -= abstains);
                }
            }
        }
        let evidence = loss.columns.votes.iter().zip(scores.chunks(k));
        let evidence =
            evidence.map(|(&vote, scores)| Evidence { vote, scores: scores.to_vec() }).collect();
        Member::Evidence { bias, evidence }
    }
}

/// Exchanges classes of equal share such that Σ P(vote = y, Y = y) is the largest.
///
/// Classes of equal share can be exchanged in μ without a change of the loss. Shares are equal when they
/// are to three places.
fn trust_most(columns: &Columns, shares: &[f64], mu: &mut [f64]) {
    let k = shares.len();
    let mut voted = vec![0.0; k * k];
    for (c, row) in mu.chunks(k).enumerate() {
        for (class, part) in columns.target(c) {
            let sums = voted[class * k..(class + 1) * k].iter_mut().zip(row);
            sums.for_each(|(sum, mu)| *sum += part * mu);
        }
    }
    let rounded = |y: usize| (shares[y] * 1000.0).round();
    let mut from: Vec<usize> = (0..k).collect();
    for first in 0..k {
        let group: Vec<usize> = (0..k).filter(|&y| rounded(y) == rounded(first)).collect();
        if group.len() > 1 && group[0] == first {
            let gains: Vec<f64> = group
                .iter()
                .flat_map(|&to| group.iter().map(move |&y| (to, y)))
                .map(|(to, y)| voted[to * k + y] * shares[y])
                .collect();
            for (place, found) in best_assignment(&gains, group.len()).into_iter().enumerate() {
                from[group[place]] = group[found];
            }
        }
    }
    for row in mu.chunks_mut(k) {
        let old = row.to_vec();
        row.iter_mut().zip(&from).for_each(|(value, &y)| *value = old[y]);
    }
}

/// The loss over x_c(y) = μ_c(y) √p(y), n_columns × n_classes, from the patterns alone.
///
/// With M = Σ_c x_c x_cᵀ, M_i the same over the columns of one labeling function, r_u the share of
/// rows with pattern u and X_u = Σ_{c∈u} x_c, the first term is
/// Σ O_cd² − 2 Σ_u r_u (‖X_u‖² − Σ_{c∈u} ‖x_c‖²) + ‖M‖² − Σ_i ‖M_i‖²: no matrix of all pairs of
/// columns is needed. The cost is the loss in units of Σ O_cd², so that its size does not depend on
/// the coverage.
struct Loss<'a> {
    columns: &'a Columns,
    n_rows: f64,
    root: Vec<f64>,
    start: Vec<f64>,
    blocks: Vec<Range<usize>>,
    overlaps: f64,
    unit: f64,
    l2: f64,
    decay: f64,
}

impl<'a> Loss<'a> {
    fn new(columns: &'a Columns, n_rows: f64, shares: &[f64], model: &Snorkel) -> Self {
        let k = shares.len();
        let root: Vec<f64> = shares.iter().map(|share| share.sqrt()).collect();
        let mut start = vec![0.0; columns.len() * k];
        for c in 0..columns.len() {
            let named: f64 = columns.target(c).map(|(y, _)| shares[y]).sum();
            let mu = columns.counts[c] / n_rows * model.prec_init / named;
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
        let overlaps = columns.map_overlaps(|c, met, together| {
            let own = columns.votes[c].lf;
            let others = met.iter().filter(|&&other| columns.votes[other].lf != own);
            others.map(|&other| (together[other] / n_rows).powi(2)).sum::<f64>()
        });
        let overlaps: f64 = overlaps.iter().sum();
        let unit = if overlaps > 0.0 { overlaps } else { 1.0 };
        Self {
            columns,
            n_rows,
            root,
            start,
            blocks,
            overlaps,
            unit,
            l2: model.l2,
            decay: model.decay,
        }
    }

    /// μ at a point.
    fn probabilities(&self, at: &[f64]) -> Vec<f64> {
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

/// Σ x xᵀ over rows of k numbers, k × k.
fn gram(rows: &[f64], k: usize) -> Vec<f64> {
    let mut sum = vec![0.0; k * k];
    for row in rows.chunks(k) {
        for (i, x) in row.iter().enumerate() {
            for (j, y) in row.iter().enumerate() {
                sum[i * k + j] += x * y;
            }
        }
    }
    sum
}

impl Smooth for Loss<'_> {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let k = self.root.len();
        let square = |table: &[f64]| table.iter().map(|value| value * value).sum::<f64>();
        let (agreement, slope) = self.agreement(at);
        let all = gram(at, k);
        let mut loss = self.overlaps - 2.0 * agreement + square(&all);
        for block in &self.blocks {
            let own = gram(&at[block.start * k..block.end * k], k);
            loss -= square(&own);
            for c in block.clone() {
                let x = &at[c * k..(c + 1) * k];
                let fired: f64 = x.iter().zip(&self.root).map(|(x, root)| x * root).sum();
                let margin = fired - self.columns.counts[c] / self.n_rows;
                loss += margin * margin;
                for y in 0..k {
                    let i = c * k + y;
                    let model: f64 = x
                        .iter()
                        .enumerate()
                        .map(|(z, x)| (all[y * k + z] - own[y * k + z]) * x)
                        .sum();
                    let moved = x[y] - self.start[i];
                    let share = self.root[y] * self.root[y];
                    loss += (self.l2 * moved).powi(2) / share;
                    loss += self.decay / 2.0 * x[y] * x[y] / share;
                    gradient[i] = 4.0 * (model - slope[i])
                        + 2.0 * margin * self.root[y]
                        + 2.0 * self.l2 * self.l2 * moved / share
                        + self.decay * x[y] / share;
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
    use crate::{LabelMatrix, Names};

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
        let model = Snorkel { l2: 0.3, decay: 0.2, ..Snorkel::default() };
        let n = votes.n_rows() as f64;
        let loss = Loss::new(&columns, n, &shares, &model);
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
        let model = Snorkel { l2: 0.3, decay: 0.2, ..Snorkel::default() };
        let loss = Loss::new(&columns, votes.n_rows() as f64, &[0.2, 0.3, 0.5], &model);
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

    #[test]
    fn exchanged_classes_are_put_right() {
        let votes = small();
        let columns = Columns::new(&votes);
        let right: Vec<f64> = columns
            .votes
            .iter()
            .flat_map(|vote| (0..3).map(|y| if vote.choice.index() == y { 0.6 } else { 0.1 }))
            .collect();
        let turned: Vec<f64> = right.chunks(3).flat_map(|row| [row[1], row[2], row[0]]).collect();
        let mut mu = turned.clone();
        trust_most(&columns, &[1.0 / 3.0; 3], &mut mu);
        assert_eq!(mu, right);
        let mut mu = turned.clone();
        trust_most(&columns, &[0.2, 0.3, 0.5], &mut mu);
        assert_eq!(mu, turned, "classes of different shares cannot be exchanged");
    }
}
