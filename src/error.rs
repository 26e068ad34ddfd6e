//! One error over all stages, for programs that run the whole line.

use crate::answers::AnswerError;
use crate::classifier::ClassifierError;
use crate::input::ReadError;
use crate::job::RunError;
use crate::lf::{CountsError, PackError, SpecErrors};
use crate::merge::MergeError;
use crate::model::{FitError, ModelFileError};
use crate::output::{OutputError, Staged};
use crate::report::Privacy;
use crate::review::ReviewError;
use crate::sample::SampleError;

/// What can go wrong on the way from a spec and data to labels: one variant a stage.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec.
    #[error(transparent)]
    Spec(#[from] SpecErrors),
    /// Reading the data.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Counts of parts of the data.
    #[error(transparent)]
    Counts(#[from] CountsError),
    /// Fitting the label model.
    #[error("cannot fit the label model: {0}")]
    Fit(#[from] FitError),
    /// A saved model.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// A run directory.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Answers of people.
    #[error(transparent)]
    Answers(#[from] AnswerError),
    /// Merging labels.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// Training a classifier.
    #[error(transparent)]
    Classifier(#[from] ClassifierError),
    /// Choosing rows to label by hand.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// Samples and splits.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// Writing.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Error {
    /// The same without what stands in cells, unless rows may be shown in full.
    #[must_use]
    pub fn within(self, privacy: Privacy) -> Self {
        match self {
            Self::Read(error) | Self::Classifier(ClassifierError::Read(error))
                if !privacy.is_full() =>
            {
                error.without_cells().into()
            }
            other => other,
        }
    }

    /// The same error for a file that was on its way to its final folder.
    pub(crate) fn unstaged(self, staged: &Staged) -> Self {
        match self {
            Self::Output(error) => error.unstaged(staged.folder(), staged.target()).into(),
            other => other,
        }
    }
}

impl From<PackError> for Error {
    fn from(error: PackError) -> Self {
        match error {
            PackError::Read(error) => error.into(),
            PackError::Scratch { place, source } => {
                OutputError::Io { path: place.display().to_string(), source }.into()
            }
        }
    }
}
