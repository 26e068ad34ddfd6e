//! What a comparison needs of one run, read from its directory.
//!
//! What there is of every row is a number of its pattern, a fingerprint and an identifier; since a label
//! is a function of the votes, labels are kept by pattern.

use crate::input::Column;
use crate::job::{Manifest, ROWS, Run};
use crate::model::{Decision, FittedModel};
use crate::{ClassId, Error, Patterns, Report};

/// One of two runs.
pub(super) struct Side {
    pub(super) folder: String,
    pub(super) manifest: Manifest,
    pub(super) report: Report,
    pub(super) model: FittedModel,
    /// How labels were chosen; none where the spec is not in the run directory.
    pub(super) decision: Option<Decision>,
    /// The votes, with the pattern of every row.
    pub(super) votes: Patterns,
    /// The label of each pattern.
    pub(super) labels: Vec<Option<ClassId>>,
    /// Identifiers in pieces, in row order; empty where the data have none.
    pub(super) ids: Vec<Column>,
    /// One a row; none where the run did not write any.
    pub(super) fingerprints: Option<Vec<u32>>,
}

impl Side {
    /// Reads a run.
    ///
    /// # Errors
    /// [`Error::Run`] and [`Error::Read`] for files that are missing, damaged, or do not go together.
    pub(super) fn read(run: &Run) -> Result<Self, Error> {
        let manifest = run.manifest().clone();
        let model = run.model()?;
        let folder = run.folder().display().to_string();
        let (votes, ids) = run.patterns(model.names(), true)?;
        let labels = run.hard_labels(&votes)?;
        let fingerprints = match run.table(ROWS) {
            Ok(_) => Some(run.fingerprints(votes.of_row().len())?),
            Err(_) => None,
        };
        let decision = run.decision().ok();
        let report = run.report()?;
        Ok(Self { folder, manifest, report, model, decision, votes, labels, ids, fingerprints })
    }

    /// The number of its rows.
    pub(super) fn n_rows(&self) -> usize {
        self.votes.of_row().len()
    }

    /// The name of a label.
    pub(super) fn name(&self, label: Option<ClassId>) -> Option<String> {
        label.map(|class| self.votes.names().class(class).to_owned())
    }
}
