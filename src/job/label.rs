//! Labels for rows that the label model was not fitted on: shards of one data set, or later rows.

use super::{Job, Manifest, Run, RunError};
use crate::input::{Digest, Source};
use crate::lf::{Notes, Packed, VoteCache, Watch};
use crate::model::{Decision, FittedModel, ProbLabels};
use crate::votes::{RowLog, Scratch};
use crate::{Error, Patterns};

/// Rows with their labels.
#[derive(Debug)]
#[non_exhaustive]
pub struct Labeled {
    /// The distinct vote rows.
    pub votes: Patterns,
    /// For each row its pattern and its identifier.
    pub rows: RowLog,
    /// The probabilistic labels, by pattern; by row too where the rows stay in memory.
    pub labels: ProbLabels,
    /// What happened to each labeling function.
    pub notes: Vec<Notes>,
    /// The content of the input.
    pub inputs: Vec<Digest>,
}

impl Job {
    /// Votes on all rows of a source and gives each the probabilities that a fitted model gives its votes.
    ///
    /// A label depends on the votes of its row alone: rows get the same labels in whatever company they
    /// come, and those of the run that fitted the model if they were in it.
    ///
    /// # Errors
    /// [`Error::Model`] when the model knows other labeling functions or classes, [`Error::Read`] for the data,
    /// [`Error::Output`] when the disk is full.
    pub fn label(
        &self,
        model: &FittedModel,
        source: &mut dyn Source,
        watch: &dyn Watch,
        scratch: &Scratch,
        cache: Option<&VoteCache>,
    ) -> Result<Labeled, Error> {
        model.check_names(self.lfs.names())?;
        let Packed { votes, rows, notes, inputs, .. } =
            self.lfs.pack(source, watch, scratch, cache)?;
        let labels = model.label(&votes);
        Ok(Labeled { votes, rows, labels, notes, inputs })
    }

    /// The decision that a run of this job came to: `offsets` are [its](Decision::offsets).
    #[must_use]
    pub fn decision(&self, offsets: Option<Vec<f64>>) -> Decision {
        Decision::restored(self.policy.clone(), offsets)
    }
}

impl Run {
    /// What labels other rows as the run labeled its own: its job without known labels, slices and times, its
    /// model, and its decision.
    ///
    /// # Errors
    /// [`Error::Run`] when a table was changed since, so that labeling functions vote otherwise; as
    /// [`job`](Self::job) and [`model`](Self::model) else.
    pub fn labeler(&self) -> Result<(Job, FittedModel, Decision), Error> {
        let (manifest, model) = (self.manifest(), self.model()?);
        let mut job = Job::new(&self.spec()?)?;
        unchanged(manifest, &job)?;
        job.lfs = job.lfs.with_id(manifest.columns.id.clone()).votes_only();
        let decision = self.decided(job.policy.clone());
        Ok((job, model, decision))
    }
}

/// Refuses tables whose content is not that of the run.
fn unchanged(manifest: &Manifest, job: &Job) -> Result<(), RunError> {
    match manifest.tables.iter().find(|table| !table.is_among(job.lfs.tables())) {
        Some(table) => Err(RunError::OtherTable { name: table.name.clone() }),
        None => Ok(()),
    }
}
