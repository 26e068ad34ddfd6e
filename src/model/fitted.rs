//! A fitted model: data that can be saved, read and applied.

use super::balance::{match_balance, shift};
use super::numeric::softmax;
use super::{ProbLabels, Supervision};
use crate::{Names, Patterns, Vote};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What fitting a label model gives, whichever model it was.
///
/// The posterior of a row is the average of the members' posteriors, and a fixed distribution for a
/// row without votes, moved by one logit a class (`shift`) when the class balance was known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedModel {
    format: String,
    model: String,
    names: Arc<Names>,
    members: Vec<Member>,
    uncovered: Vec<f64>,
    shift: Vec<f64>,
    trace: Trace,
}

/// One of the posteriors that are averaged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Member {
    /// The class with the most votes; ties are split evenly.
    MajorityVote,
    /// softmax(bias + Σ scores of the votes).
    Evidence {
        /// A score a class.
        bias: Vec<f64>,
        /// What each vote adds, in ascending order of the votes.
        evidence: Vec<Evidence>,
    },
}

/// What one vote adds to the score of each class, in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The vote.
    pub vote: Vote,
    /// A score a class.
    pub scores: Vec<f64>,
}

/// How the fit went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Rounds made.
    pub rounds: usize,
    /// Whether the last round moved no parameter by more than 10⁻⁶.
    pub converged: bool,
    /// The objective after each round; it may fall when the priors move.
    pub objective: Vec<f64>,
}

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// Not JSON, or not of the form of a model.
    #[error("not a jurat model file: {0}")]
    Json(#[from] serde_json::Error),
    /// A model of another version.
    #[error("the model file has the format `{found}`, this version reads `{FORMAT}`")]
    Format {
        /// Format named in the file.
        found: String,
    },
    /// Numbers or ids that cannot be.
    #[error("the model file is damaged: {0}")]
    Damaged(&'static str),
}

const FORMAT: &str = "jurat-model-1";

impl FittedModel {
    /// Puts the members together and, when the class balance is known, matches them to it.
    pub(super) fn new(
        model: &str,
        votes: &Patterns,
        members: Vec<Member>,
        trace: Trace,
        known: &Supervision,
    ) -> Self {
        let n_classes = votes.n_classes();
        let balance = known.class_balance.as_ref().map(|balance| {
            let sum: f64 = balance.iter().sum();
            balance.iter().map(|share| share / sum).collect::<Vec<f64>>()
        });
        let mut fitted = Self {
            format: FORMAT.to_owned(),
            model: model.to_owned(),
            names: votes.names().clone(),
            members,
            uncovered: balance.clone().unwrap_or_else(|| vec![1.0 / n_classes as f64; n_classes]),
            shift: vec![0.0; n_classes],
            trace,
        };
        if let Some(balance) = balance {
            let table = fitted.table(votes);
            let counts: Vec<f64> = votes.iter().map(|(_, count)| count as f64).collect();
            fitted.shift = match_balance(&table, &counts, &balance);
        }
        fitted
    }

    /// The name of the label model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The labeling functions and classes it was fitted on.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// The members whose posteriors are averaged.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How the fit went.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// P(Y = y | votes) for one row, written to `out`, which has one place a class.
    ///
    /// A row without votes gets the uniform distribution: that no labeling function spoke is not taken
    /// as evidence for the classes that are common among the others. When the class balance is known,
    /// it gets the balance, moved by the same logits as all rows: classes that the votes find too
    /// rarely are likely among the rows that no labeling function found.
    pub fn posterior(&self, votes: &[Vote], out: &mut [f64]) {
        let k = out.len();
        out.fill(0.0);
        if votes.is_empty() {
            out.copy_from_slice(&self.uncovered);
        } else {
            let mut member_posterior = vec![0.0; k];
            for member in &self.members {
                member.posterior(votes, &mut member_posterior);
                for (sum, p) in out.iter_mut().zip(&member_posterior) {
                    *sum += p / self.members.len() as f64;
                }
            }
        }
        shift(out, &self.shift);
    }

    /// Probabilistic labels for all rows that `votes` counted.
    #[must_use]
    pub fn label(&self, votes: &Patterns) -> ProbLabels {
        ProbLabels::new(votes, self.table(votes))
    }

    /// n_patterns × n_classes.
    pub(super) fn table(&self, votes: &Patterns) -> Array2<f64> {
        let mut table = Array2::zeros((votes.len(), votes.n_classes()));
        let mut posterior = vec![0.0; votes.n_classes()];
        for (mut row, (votes, _)) in table.rows_mut().into_iter().zip(votes.iter()) {
            self.posterior(votes, &mut posterior);
            row.iter_mut().zip(&posterior).for_each(|(cell, p)| *cell = *p);
        }
        table
    }

    /// The model as a JSON document.
    ///
    /// # Errors
    /// [`ModelFileError::Json`] when a number is not finite.
    pub fn to_json(&self) -> Result<String, ModelFileError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a model that [`to_json`](Self::to_json) wrote, and checks it.
    ///
    /// # Errors
    /// [`ModelFileError`] when the document is not such a model.
    pub fn from_json(json: &str) -> Result<Self, ModelFileError> {
        let model: Self = serde_json::from_str(json)?;
        if model.format != FORMAT {
            return Err(ModelFileError::Format { found: model.format });
        }
        let (n_lfs, k) = (model.names.lfs.len(), model.names.classes.len());
        let finite = |values: &[f64]| values.len() == k && values.iter().all(|v| v.is_finite());
        if k < 2 || model.members.is_empty() || !finite(&model.shift) || !finite(&model.uncovered) {
            return Err(ModelFileError::Damaged("classes, members or shift"));
        }
        for member in &model.members {
            let Member::Evidence { bias, evidence } = member else { continue };
            let known = |vote: &Vote| vote.lf.index() < n_lfs && vote.class.index() < k;
            if !finite(bias)
                || !evidence.iter().all(|entry| known(&entry.vote) && finite(&entry.scores))
                || !evidence.is_sorted_by(|a, b| a.vote < b.vote)
            {
                return Err(ModelFileError::Damaged("a member's evidence"));
            }
        }
        Ok(model)
    }
}

impl Member {
    fn posterior(&self, votes: &[Vote], out: &mut [f64]) {
        match self {
            Self::MajorityVote => {
                out.fill(0.0);
                votes.iter().for_each(|vote| out[vote.class.index()] += 1.0);
                let most = out.iter().copied().fold(0.0, f64::max);
                let tied = out.iter().filter(|&&count| count == most).count();
                for p in out {
                    *p = if *p == most { 1.0 / tied as f64 } else { 0.0 };
                }
            }
            Self::Evidence { bias, evidence } => {
                out.copy_from_slice(bias);
                for vote in votes {
                    // A vote that was never seen while fitting is no evidence.
                    if let Ok(at) = evidence.binary_search_by_key(vote, |entry| entry.vote) {
                        out.iter_mut().zip(&evidence[at].scores).for_each(|(sum, s)| *sum += s);
                    }
                }
                softmax(out);
            }
        }
    }
}
