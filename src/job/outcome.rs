//! What a job gives.

use crate::input::Digest;
use crate::lf::Notes;
use crate::model::{Decision, FittedModel, ProbLabels};
use crate::votes::{Groups, KnownLabels, RowLog};
use crate::{Patterns, Report};

/// What a job gives.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The distinct vote rows.
    pub votes: Patterns,
    /// For each row its pattern and its identifier.
    pub rows: RowLog,
    /// Known labels.
    pub known: KnownLabels,
    /// Slices and periods, if the spec has them.
    pub groups: Groups,
    /// What happened to each labeling function.
    pub notes: Vec<Notes>,
    /// The content of the input.
    pub inputs: Vec<Digest>,
    /// The fitted label model.
    pub model: FittedModel,
    /// The probabilistic labels.
    pub labels: ProbLabels,
    /// How they become hard labels.
    pub decision: Decision,
    /// What there is to say.
    pub report: Report,
}

impl Outcome {
    /// Whether the rows are here, and not just their counts.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        self.rows.n_rows() == self.votes.n_rows()
    }
}
