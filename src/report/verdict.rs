//! What to do with each labeling function, and why.

use serde::{Deserialize, Serialize};

/// What to do with a labeling function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Remove it: it says nothing, nothing new, or the contrary of what is right.
    Retire,
    /// Let it vote on fewer rows.
    Narrow,
    /// Make two of it: one part is good, another is not.
    Split,
    /// Nothing is known about it until some of its rows are labeled by hand.
    NeedsLabels,
    /// It is fine.
    Keep,
}

impl Action {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 5] =
        [Self::Retire, Self::Narrow, Self::Split, Self::NeedsLabels, Self::Keep];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retire => "retire",
            Self::Narrow => "narrow",
            Self::Split => "split",
            Self::NeedsLabels => "needs labels",
            Self::Keep => "keep",
        }
    }
}

/// What to do with one labeling function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// Why, in a sentence.
    pub reason: String,
    /// For [`Action::NeedsLabels`], how many hand labels on its rows would tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<u64>,
    /// The terms it is about, if it is about some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// Rows as proof, by their position among the examples of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<usize>,
}
