//! What can be wrong with a wish for a sample or a split, or with the data for it.

use super::Part;
use crate::input::ReadError;
use crate::names::brief;

/// Why a sample cannot be drawn or data cannot be split: what, where, and what to try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The data.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A sample without rows.
    #[error("a sample needs at least one row; ask for 1 or more")]
    NoRows,
    /// A share that is none.
    #[error("{what} is {found}, but a share is above 0 % and at most 100 %; say for example 10%")]
    Share {
        /// Of what.
        what: &'static str,
        /// What was given.
        found: String,
    },
    /// Fewer rows than are wanted.
    #[error("{asked} rows are wanted, but the data have only {rows}{of}; ask for {rows} or fewer")]
    TooFew {
        /// Rows that are wanted.
        asked: u64,
        /// Rows that there are.
        rows: u64,
        /// What they must have.
        of: &'static str,
    },
    /// More strata than places.
    #[error(
        "there are {strata} strata but only {asked} rows are wanted, so that some would have none; ask for at least {strata}, or take a column with fewer values"
    )]
    MoreStrata {
        /// Rows that are wanted.
        asked: u64,
        /// Strata.
        strata: u64,
    },
    /// A column that has too many values for strata.
    #[error("there are more than {limit} strata; take a column with fewer values")]
    TooManyStrata {
        /// How many there may be.
        limit: usize,
    },
    /// A cell that is no weight.
    #[error(
        "data row {}: column `{column}` holds {found}, but a weight is a number that is not below 0; fill it in, or leave the row out before",
        row + 1
    )]
    Weight {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// What it holds.
        found: String,
    },
    /// A cell that is no time.
    #[error(
        "data row {}: column `{column}` holds {}, but a date or time such as 2024-02-29 or 2024-02-29T23:59 is wanted",
        row + 1,
        brief(found)
    )]
    Time {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// What it holds.
        found: String,
    },
    /// Text that says neither rows nor a share.
    #[error("`{}` is neither a number of rows such as 500 nor a share such as 10%", brief(found))]
    Amount {
        /// The text.
        found: String,
    },
    /// A split with one part.
    #[error("a split needs a part beside training; say how much is for dev, valid or test")]
    NoParts,
    /// Parts that are more than all.
    #[error(
        "{wanted} are wanted for {parts}, which is more than all of the data{rows}; ask for less"
    )]
    TooMuch {
        /// What is wanted.
        wanted: String,
        /// By which parts.
        parts: String,
        /// How many rows there are, where that matters.
        rows: String,
    },
    /// A part that would get no rows.
    #[error(
        "no rows are left for {part}: rows with the same time{} stay together, and too many of them do; ask for more rows, or for other parts",
        if *grouped { ", and rows of one group," } else { "" }
    )]
    EmptyPart {
        /// The part.
        part: Part,
        /// Whether groups are kept together.
        grouped: bool,
    },
    /// Data that were others the second time.
    #[error(
        "the data changed while they were read: {was} rows at first, then {is}; start again when nobody writes to them"
    )]
    Changed {
        /// Rows at first.
        was: u64,
        /// Rows afterwards.
        is: u64,
    },
}

impl SampleError {
    /// Whether the wish is wrong, whatever the data.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoRows | Self::Share { .. } | Self::Amount { .. } | Self::NoParts)
            || matches!(self, Self::TooMuch { rows, .. } if rows.is_empty())
    }
}
