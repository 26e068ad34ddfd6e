//! One error over all stages, for programs that run the whole line.

use crate::input::ReadError;
use crate::lf::SpecErrors;
use crate::model::{FitError, ModelFileError};
use crate::output::OutputError;

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
    /// Fitting the label model.
    #[error("cannot fit the label model: {0}")]
    Fit(#[from] FitError),
    /// A saved model.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// Writing.
    #[error(transparent)]
    Output(#[from] OutputError),
}
