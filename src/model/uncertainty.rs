//! How sure the labels are and on whom they rest, at a cost that fits the size of the votes.
//!
//! Both [`intervals`](super::intervals) and [`contributions`](super::contributions) refit the model.
//! A fit costs about (votes in all patterns) × classes × rounds, so that this product, times the fits to
//! make, says before what the whole takes; no clock is asked, and the same votes always get the same.

use super::bootstrap::{Intervals, Resampling, intervals_of};
use super::leave_one_out::{Contribution, contributions_of};
use super::{Decision, FitError, FittedModel, LabelModel, Supervision};
use crate::Patterns;
use crate::votes::KnownLabels;
use serde::{Deserialize, Serialize};

/// How much to spend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Nothing.
    Off,
    /// What is cheap: contributions, if all of them fit half of a budget; and with the rest of it up to
    /// 100 replicates for intervals, none if it suffices for fewer than 40.
    #[default]
    Auto,
    /// All contributions, whatever they take, and no intervals.
    Contributions,
    /// Everything, whatever it takes: 100 replicates and all contributions.
    Full,
}

/// How sure a fit is, and what each labeling function contributes to it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Uncertainty {
    /// Intervals, when there were the means for them.
    pub intervals: Option<Intervals>,
    /// For each labeling function what would be different without it, when there were the means.
    pub contributions: Option<Vec<Contribution>>,
}

/// Votes × classes × rounds that [`Effort::Auto`] spends: some tenths of a second.
const BUDGET: u64 = 1_500_000;

/// Replicates that an interval needs, and those after which it hardly gets better.
const LEAST: u64 = 40;
const MOST: u64 = 100;

impl Uncertainty {
    /// Computes it for `fitted`, which `model` made from `votes` and `known`; `decision` makes the
    /// labels, `gold` has the known labels to score against.
    ///
    /// # Errors
    /// [`FitError`] of the fits that it takes, unless the effort is [`Effort::Auto`]: then what cannot
    /// be had is left out.
    pub fn new(
        fitted: &FittedModel,
        model: &dyn LabelModel,
        votes: &Patterns,
        known: &Supervision,
        decision: &Decision,
        gold: &KnownLabels,
        effort: Effort,
    ) -> Result<Self, FitError> {
        let fit = cost(fitted, votes);
        let n_lfs = votes.n_lfs() as u64;
        let (replicates, all) = match effort {
            Effort::Off => return Ok(Self::default()),
            Effort::Contributions => (0, true),
            Effort::Full => (MOST, true),
            Effort::Auto => {
                let all = n_lfs.saturating_mul(fit);
                let (left, all) =
                    if all <= BUDGET / 2 { (BUDGET - all, true) } else { (BUDGET, false) };
                let replicates = (left / fit).min(MOST);
                (if replicates < LEAST { 0 } else { replicates }, all)
            }
        };
        let settings = Resampling { replicates: replicates as usize, ..Resampling::default() };
        let intervals =
            (replicates > 0).then(|| intervals_of(fitted, model, votes, known, &settings));
        let contributions =
            all.then(|| contributions_of(fitted, model, votes, known, decision, gold));
        Ok(match effort {
            // What was not asked for is no reason to fail.
            Effort::Auto => Self {
                intervals: intervals.and_then(Result::ok),
                contributions: contributions.and_then(Result::ok),
            },
            _ => Self {
                intervals: intervals.transpose()?,
                contributions: contributions.transpose()?,
            },
        })
    }
}

/// What a fit costs; the constant stands for what the smallest one does.
fn cost(fitted: &FittedModel, votes: &Patterns) -> u64 {
    let cast: usize = votes.iter().map(|(votes, _)| votes.len()).sum();
    let rounds = fitted.trace().rounds.max(1);
    let product = cast.saturating_mul(votes.n_classes()).saturating_mul(rounds);
    5_000 + product as u64
}
