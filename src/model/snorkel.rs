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
//! makes 100 steps of momentum descent and stops far from the minimum. `solver: descent` makes the
//! same steps, `n_epochs` and `lr` included. To stop early is a prior of its own: on sparse one-class
//! labeling functions the full minimum is often the worse model.
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
use super::completion::{Loss, Penalty};
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::optimize::{Smooth, minimize};
use super::{BalanceUse, Evidence, FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;

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
    /// How to search. Default L-BFGS.
    pub solver: Search,
    /// Steps of descent. Default 100.
    pub n_epochs: usize,
    /// Length of a step of descent, as a factor of the gradient. Default 0.01.
    pub lr: f64,
    /// Whether abstentions count. Default: dropped.
    pub abstains: Abstentions,
    /// What to do with a known class balance besides using it as the prior. Default: nothing.
    pub balance: BalanceUse,
}

/// How the loss is minimized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Limited-memory BFGS, to the minimum.
    Lbfgs,
    /// Snorkel's: as many steps of gradient descent with momentum as told.
    Descent,
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
            solver: Search::Lbfgs,
            n_epochs: 100,
            lr: 0.01,
            abstains: Abstentions::Dropped,
            balance: BalanceUse::Prior,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "snorkel",
    summary: "Snorkel's LabelModel, for comparison: the same loss and prediction, minimized in full",
    uses_trust: false,
    settings: &[
        Setting { name: "l2", summary: "pull toward the start (0)" },
        Setting { name: "decay", summary: "pull toward 0; Snorkel adds one of its l2 (0)" },
        Setting { name: "prec_init", summary: "precision of a vote in the start (0.7)" },
        Setting { name: "start_scale", summary: "factor of the start; random in Snorkel (0.5)" },
        Setting { name: "mu_eps", summary: "how near to 0 and 1 (0.01, less from 100 rows on)" },
        Setting { name: "solver", summary: "lbfgs, or descent as in Snorkel (lbfgs)" },
        Setting { name: "n_epochs", summary: "steps of descent (100)" },
        Setting { name: "lr", summary: "length of a step of descent (0.01)" },
        Setting { name: "abstains", summary: "dropped or evidence (dropped)" },
        Setting { name: "balance", summary: "a known one is the prior, or match it (prior)" },
    ],
    build: |values| Ok(Box::new(Snorkel::from_settings(values)?)),
};

impl Snorkel {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        let mu_eps = values.number("mu_eps", 0.0, "a number between 0 and 0.5", |value| {
            value > 0.0 && value < 0.5
        })?;
        Ok(Self {
            l2: values.not_negative("l2", default.l2)?,
            decay: values.not_negative("decay", default.decay)?,
            prec_init: values.probability("prec_init", default.prec_init)?,
            start_scale: values.number(
                "start_scale",
                default.start_scale,
                "a number above 0, and at most 1",
                |value| value > 0.0 && value <= 1.0,
            )?,
            mu_eps: (mu_eps > 0.0).then_some(mu_eps),
            solver: values.word(
                "solver",
                default.solver,
                "lbfgs or descent",
                &[("lbfgs", Search::Lbfgs), ("descent", Search::Descent)],
            )?,
            n_epochs: values.whole("n_epochs", default.n_epochs)?,
            lr: values.number("lr", default.lr, "a number above 0, and at most 1", |value| {
                value > 0.0 && value <= 1.0
            })?,
            abstains: values.word(
                "abstains",
                default.abstains,
                "dropped or evidence",
                &[("dropped", Abstentions::Dropped), ("evidence", Abstentions::Evidence)],
            )?,
            balance: values.balance(default.balance)?,
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

/// A search that lowers the loss by a smaller share is the last one: it only moves where all is level.
const GAIN: f64 = 1e-7;

/// A fit has converged when a search moved no parameter by more than this.
const TOLERANCE: f64 = 1e-6;

impl LabelModel for Snorkel {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let shares = known.shares(votes.n_classes());
        let penalty = Penalty { l2: self.l2, decay: self.decay, prec_init: self.prec_init };
        let loss = Loss::new(&columns, votes.n_rows() as f64, &shares, penalty);
        let start = loss.start.iter().map(|x| x * self.start_scale).collect();
        let (point, trace) = match self.solver {
            Search::Lbfgs => to_the_minimum(&loss, start)?,
            Search::Descent => self.descend(&loss, start)?,
        };
        let mut mu = loss.probabilities(&point);
        trust_most(&columns, &shares, &mut mu);
        let floor = self.floor(votes.n_rows());
        mu.iter_mut().for_each(|value| *value = value.clamp(floor, 1.0 - floor));
        let draft = Draft::new(ENTRY.name, self.member(&loss, &shares, &mu, floor), trace);
        draft.finish_by(self.balance, votes, known)
    }
}

/// Searches until one of them moves or gains nothing.
fn to_the_minimum(loss: &Loss<'_>, start: Vec<f64>) -> Result<(Vec<f64>, Trace), FitError> {
    let mut point = start;
    let mut trace = Trace::default();
    let mut unused = vec![0.0; point.len()];
    while trace.rounds < ROUNDS && !trace.converged {
        let found = minimize(loss, point.clone(), 1e-11, STEPS).map_err(FitError::Optimizer)?;
        let moves = found.iter().zip(&point).map(|(new, old)| (new - old).abs());
        trace.converged = moves.fold(0.0, f64::max) < TOLERANCE;
        trace.rounds += 1;
        let cost = loss.evaluate(&found, &mut unused) * loss.unit;
        let before = trace.objective.last().copied().unwrap_or(f64::INFINITY);
        trace.objective.push(cost);
        point = found;
        if before - cost <= GAIN * cost.abs() {
            break;
        }
    }
    Ok((point, trace))
}

/// The share of the last step that a step of descent repeats.
const MOMENTUM: f64 = 0.9;

impl Snorkel {
    /// Descent in μ with momentum: v ← 0.9 v + ∇, μ ← μ − lr v.
    fn descend(&self, loss: &Loss<'_>, start: Vec<f64>) -> Result<(Vec<f64>, Trace), FitError> {
        let mut point = start;
        let mut trace = Trace { rounds: self.n_epochs, ..Trace::default() };
        let mut velocity = vec![0.0; point.len()];
        let mut gradient = vec![0.0; point.len()];
        for _ in 0..self.n_epochs {
            loss.evaluate(&point, &mut gradient);
            let mut moved = 0.0_f64;
            for (i, x) in point.iter_mut().enumerate() {
                // With x = μ √p the gradient in μ is √p times the one in x, and so is the step in x.
                let share = loss.root[i % loss.root.len()].powi(2);
                velocity[i] = MOMENTUM * velocity[i] + share * gradient[i] * loss.unit;
                *x -= self.lr * velocity[i];
                moved = moved.max((self.lr * velocity[i]).abs());
            }
            trace.converged = moved < TOLERANCE;
        }
        let cost = loss.evaluate(&point, &mut gradient) * loss.unit;
        trace.objective.push(cost);
        if cost.is_finite() {
            Ok((point, trace))
        } else {
            Err(FitError::Optimizer("the descent diverged; choose a smaller `lr`".to_owned()))
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
        let evidence = Evidence::of_votes(&loss.columns.votes, &scores, k);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names};

    #[test]
    fn exchanged_classes_are_put_right() {
        let names = Names::new(["a", "b"], ["x", "y", "z"]).expect("names");
        let rows: Vec<_> = (0..3).map(|y| vec![Some(y), (y > 0).then_some(y)]).collect();
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
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
