//! Help with writing specs: a canonical form, a first spec for given data, and new labeling functions.
//!
//! What changes a text checks the result before anything is written: a spec that was formatted says
//! the same, and what was proposed or added compiles.

mod declare;
mod fix;
mod format;
mod init;
mod layout;
mod quote;
mod same;
mod scan;
mod text;

pub use declare::NewLf;
pub use fix::{Fixed, fix};
pub use format::{Formatted, format};
pub use init::{Proposal, Wishes};
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
    /// Data without a column that a spec could name.
    #[error(
        "{path}: no column can be used; each needs a name of its own, of at most 200 bytes, and text or \
         numbers{}",
        of(left_out)
    )]
    NoColumns {
        /// The file.
        path: String,
        /// The columns that are there.
        left_out: Vec<String>,
    },
    /// A column that was said to hold labels, and has too many or too long values for that.
    #[error(
        "the column `{column}` has more than 1,000 values, or values of more than 200 bytes; name one with \
         labels, or leave --gold out"
    )]
    NotLabels {
        /// The column.
        column: String,
    },
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

/// The columns that are there, for a message.
fn of(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        columns => format!("; it has {}", quote::list(&columns[..columns.len().min(12)])),
    }
}
