//! Rows that are shown: their cells with what each labeling function found in them, and how the votes
//! add up to the label.

use super::Privacy;
use serde::{Deserialize, Serialize};

/// Why a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stratum {
    /// Its label is not the gold one.
    Wrong,
    /// Votes that cannot both be right.
    Conflicting,
    /// The model hardly knows.
    Uncertain,
    /// No vote at all.
    Uncovered,
    /// Any row.
    Random,
    /// A vote of some labeling function that it is shown for, as proof of a verdict.
    Proof,
}

impl Stratum {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Wrong,
        Self::Conflicting,
        Self::Uncertain,
        Self::Uncovered,
        Self::Random,
        Self::Proof,
    ];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Conflicting => "conflicting",
            Self::Uncertain => "uncertain",
            Self::Uncovered => "uncovered",
            Self::Random => "random",
            Self::Proof => "proof",
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Example {
    /// Its number in the input, from 0.
    pub row: u64,
    /// Its identifier, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it is shown.
    pub strata: Vec<Stratum>,
    /// What the labeling functions read of it.
    pub cells: Vec<Cell>,
    /// The votes and what each adds.
    pub ledger: Ledger,
    /// Its hard label, if it has one.
    pub label: Option<String>,
    /// Its gold label, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold: Option<String>,
    /// Rows with the same votes, this one included.
    pub alike: u64,
}

/// One cell of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cell {
    /// The column.
    pub column: String,
    /// What is in it, or the part of it that is shown; masked when redacted. None where it is missing.
    pub text: Option<String>,
    /// Whether something before the shown part is left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_before: bool,
    /// Whether something after the shown part is left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_after: bool,
    /// What was found in it, in the order of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// A piece of a cell that a labeling function found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mark {
    /// Its first byte in the shown text.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
    /// The labeling function, by its position among those of the report.
    pub lf: usize,
}

/// How the votes of a row add up, in log-odds.
///
/// Scores are centered logarithms of probabilities: `scores[a] − scores[b]` is what something adds to the
/// log-odds of class `a` against class `b`. Those of `start` and of all `votes` sum to those of the
/// `posterior`. In a model that averages several, what a vote adds depends on the votes that are there
/// before; the mean over orders is given (Shapley 1953, doi:10.1515/9781400881970-018).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ledger {
    /// The probability of each class before any vote is counted.
    pub prior: Vec<f64>,
    /// The same as scores.
    pub start: Vec<f64>,
    /// The votes, by labeling function.
    pub votes: Vec<Reason>,
    /// The probability of each class.
    pub posterior: Vec<f64>,
}

/// What one vote adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// The labeling function, by its position among those of the report.
    pub lf: usize,
    /// Its name.
    pub name: String,
    /// What it voted, as people read it.
    pub vote: String,
    /// What that adds to each class.
    pub scores: Vec<f64>,
    /// What it found that stands in no cell, in words; nothing when redacted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The label without this vote, where it would be another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flips_to: Option<Flip>,
}

/// Another label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flip {
    /// Its name; none for no label.
    pub label: Option<String>,
}

/// The rows that a report shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Examples {
    /// The rows, by number.
    pub rows: Vec<Example>,
    /// How much of them is shown.
    pub privacy: Privacy,
    /// Why there are none, or fewer than one would expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
