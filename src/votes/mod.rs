//! Votes: who voted what on which row, without the rows.
//!
//! [`LabelMatrix`] keeps the votes of every row, [`Patterns`] the distinct vote rows with their
//! counts. What a vote says is a [`Choice`]: a class, one of several, or a class with a score. To abstain is to have no [`Vote`]; there is no number for it.

mod array;
mod cell;
mod choice;
mod counter;
mod file;
mod groups;
mod known;
mod labels;
mod long;
mod matrix;
mod names;
mod patterns;
mod rows;

pub use array::ArrayOptions;
pub use choice::{Bucket, Choice};
pub use counter::PatternCounter;
pub(crate) use counter::{Counted, SharedCounter};
pub use file::{VotesFile, VotesOptions};
pub use groups::{Group, Groups, Periods};
pub(crate) use known::Known;
pub use known::KnownLabels;
pub use long::{Contradiction, LongOptions};
pub use matrix::{LabelMatrix, MatrixError};
pub use names::Names;
pub(crate) use names::parse_cell;
pub use patterns::{Patterns, PatternsError};
pub(crate) use patterns::{id_without, votes_without};
pub use rows::{RowLog, RowPiece, RowReader, Scratch};

use crate::{ChoiceId, LfId};

/// One labeling function's vote: for a class, or something richer (see [`Choice`]).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Vote {
    /// Who votes.
    pub lf: LfId,
    /// What it votes: a position among the choices of [`Names`], which begin with the classes. In
    /// files it is called `class`, as it was before there was anything else to vote.
    #[serde(rename = "class")]
    pub choice: ChoiceId,
}
