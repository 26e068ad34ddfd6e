//! Help with writing specs: a canonical form, a first spec for given data, and new labeling functions.
//!
//! What changes a text checks the result before anything is written: a spec that was formatted says
//! the same, and what was proposed or added compiles.

mod declare;
mod format;
mod layout;
mod quote;
mod same;
mod scan;
mod text;

pub use declare::NewLf;
pub use format::{Formatted, format};
pub use text::{Edits, Replacement, write_back};

use crate::input::ReadError;
use crate::lf::SpecErrors;
use crate::output::OutputError;

/// Why a spec could not be edited or proposed. Files are as they were then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The spec is wrong, or would be.
    #[error(transparent)]
    Spec(#[from] SpecErrors),
    /// Reading the data.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A text that is laid out in a way that cannot be taken apart.
    #[error(
        "{path}:{line}: cannot edit {what}; the file is left as it is; write keys and elements on lines \
         of their own"
    )]
    Unusual {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        what: &'static str,
    },
    /// The result would not say the same, which is a mistake of the formatter.
    #[error(
        "{path}: formatted, this would not say the same, so it is left as it is; please report it with \
         the file"
    )]
    Changed {
        /// The file.
        path: String,
    },
}
