//! Majority vote: every vote counts the same.
//!
//! The posterior of a row is 1 on the class with the most votes, split evenly among classes that
//! tie, and uniform without votes. A partial vote gives each of its classes an equal part of one vote;
//! the score of a scored one does not matter. The baseline that every other model is reported against.

use super::draft::Draft;
use super::entry::ModelEntry;
use super::{FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;

/// Majority vote; it has no settings and learns nothing but the shift to a known class balance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Majority;

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "majority",
    summary: "every vote counts the same; ties are split",
    uses_trust: false,
    settings: &[],
    build: |_| Ok(Box::new(Majority)),
};

impl LabelModel for Majority {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        Self::of(votes, known)
    }
}

impl Majority {
    /// The same for votes that nothing could be learned from, such as none at all.
    pub(crate) fn of(votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        let trace = Trace { rounds: 0, converged: true, objective: Vec::new() };
        Draft::new(ENTRY.name, Member::MajorityVote, trace).finish(votes, known)
    }
}
