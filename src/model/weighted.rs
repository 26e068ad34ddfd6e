//! Weighted majority vote: every vote counts by how far its labeling function can be trusted.
//!
//! The best weights of independent voters of known accuracies a_j are log((K − 1) a_j / (1 − a_j))
//! (Nitzan & Paroush 1982, "Optimal decision rules in uncertain dichotomous choice situations",
//! doi:10.2307/2526438). The accuracy of a labeling function is taken to be the share of its votes
//! that are those of the majority, its own vote included and ties split, shrunk toward that of all:
//! one pass, no iteration, and no class is favored.

use super::columns::Columns;
use super::confusion::Estimator;
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::expectation::expect_majority;
use super::{Evidence, FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;

/// Weighted majority vote and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted {
    /// Votes that the agreement of all is worth in that of a labeling function. Default 10.
    pub strength: f64,
}

impl Default for Weighted {
    fn default() -> Self {
        Self { strength: 10.0 }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "weighted",
    summary: "majority vote, each LF weighted by how often it is with the majority",
    uses_trust: true,
    settings: &[Setting {
        name: "strength",
        summary: "votes that the average agreement is worth in that of an LF (10)",
    }],
    build: |values| Ok(Box::new(Weighted::from_settings(values)?)),
};

impl Weighted {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        Ok(Self { strength: values.positive("strength", Self::default().strength)? })
    }
}

impl LabelModel for Weighted {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let estimator = Estimator::new(&columns, f64::INFINITY, self.strength, 0.0, known);
        let k = columns.n_classes;
        let cells = estimator.prior(&expect_majority(&columns));
        let scores: Vec<f64> = cells.iter().map(|cell| cell.ln()).collect();
        let evidence = Evidence::of_votes(&columns.votes, &scores, k);
        let member = Member::Evidence { bias: vec![0.0; k], evidence };
        let trace = Trace { rounds: 1, converged: true, objective: Vec::new() };
        Draft::new(ENTRY.name, member, trace).finish(votes, known)
    }
}
