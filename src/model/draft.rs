//! From what a label model found in the votes to a fitted model: what the user knows is brought in
//! here, the same way for every model.
//!
//! First the gold labels (see [`super::stacking`]), then the class balance (see
//! [`super::balance`]).

use super::balance::{match_balance, shift};
use super::stacking::stack;
use super::{BalanceUse, FitError, FittedModel, Member, Supervision, Trace};
use crate::Patterns;

/// What a label model found in the votes.
pub(super) struct Draft {
    model: &'static str,
    members: Vec<Member>,
    weights: Vec<f64>,
    trace: Trace,
    uncovered: Option<Uncovered>,
    notes: Vec<String>,
}

/// What a model says of rows without votes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Uncovered {
    /// What they get when nothing else is known.
    pub(super) alone: Vec<f64>,
    /// Where to start from when the class balance or gold labels say more.
    pub(super) prior: Vec<f64>,
}

/// How much further than other rows those without votes move toward a known class balance: that
/// no labeling function spoke leaves most to be learned about them.
pub(super) const UNCOVERED_PACE: f64 = 1.5;

impl Draft {
    /// A model with one member.
    pub(super) fn new(model: &'static str, member: Member, trace: Trace) -> Self {
        Self::average(model, vec![(1.0, member)], trace)
    }

    /// A model whose posterior is a weighted average of those of its members; the weights sum to 1.
    pub(super) fn average(model: &'static str, members: Vec<(f64, Member)>, trace: Trace) -> Self {
        let (weights, members) = members.into_iter().unzip();
        Self { model, members, weights, trace, uncovered: None, notes: Vec::new() }
    }

    /// What rows without votes get; by default they are uniform.
    pub(super) fn with_uncovered(mut self, distribution: Option<Vec<f64>>) -> Self {
        self.uncovered = distribution.map(|alone| Uncovered { prior: alone.clone(), alone });
        self
    }

    /// The same, with a difference between what they get and where to start from.
    pub(super) fn with_uncovered_prior(mut self, uncovered: Uncovered) -> Self {
        self.uncovered = Some(uncovered);
        self
    }

    /// What to tell the user about the choices that were made.
    pub(super) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// Brings in everything that is known.
    pub(super) fn finish(
        self,
        votes: &Patterns,
        known: &Supervision,
    ) -> Result<FittedModel, FitError> {
        let mut fitted = self.finish_unmatched(votes, known)?;
        if let Some(balance) = known.balance() {
            let table = fitted.table(votes);
            let counts: Vec<f64> = votes.iter().map(|(_, count)| count as f64).collect();
            let covered =
                |votes: &[crate::Vote]| if votes.is_empty() { UNCOVERED_PACE } else { 1.0 };
            let pace: Vec<f64> = votes.iter().map(|(votes, _)| covered(votes)).collect();
            fitted.shift = match_balance(&table, &counts, &pace, &balance);
            let uncovered: Vec<f64> = fitted.shift.iter().map(|b| UNCOVERED_PACE * b).collect();
            shift(&mut fitted.uncovered, &uncovered);
        }
        Ok(fitted)
    }

    /// The same for models that can take the class balance as their own prior: with
    /// [`BalanceUse::Prior`] it goes to rows without votes, and the others are left as they are.
    pub(super) fn finish_by(
        self,
        balance: BalanceUse,
        votes: &Patterns,
        known: &Supervision,
    ) -> Result<FittedModel, FitError> {
        match balance {
            BalanceUse::Match => self.finish(votes, known),
            BalanceUse::Prior => {
                let shares = known.shares(votes.n_classes());
                self.with_uncovered(Some(shares)).finish_unmatched(votes, known)
            }
        }
    }

    /// Brings in everything but the class balance.
    fn finish_unmatched(
        self,
        votes: &Patterns,
        known: &Supervision,
    ) -> Result<FittedModel, FitError> {
        let k = votes.n_classes();
        let uniform = vec![1.0 / k as f64; k];
        let uncovered = self.uncovered.map_or(uniform, |uncovered| {
            if known.knows_classes() { uncovered.prior } else { uncovered.alone }
        });
        let mut fitted = FittedModel::assemble(self.model, votes, self.members, self.weights);
        fitted.trace = self.trace;
        fitted.notes = self.notes;
        fitted.uncovered = uncovered;
        if let Some(gold) = known.gold() {
            stack(&mut fitted, gold)?;
        }
        Ok(fitted)
    }
}
