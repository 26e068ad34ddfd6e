//! What a labeling function found in the rows it voted on: which word of a list, which key of a table,
//! which text of a pattern.

use super::{Precision, Share};
use serde::{Deserialize, Serialize};

/// The terms of one labeling function, from a sample of its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TermsReport {
    /// Rows that were looked at, of the rows it votes on.
    pub sampled: Option<Share>,
    /// What was found in them, the most frequent first.
    pub terms: Vec<TermReport>,
    /// Different terms that were found and are not listed.
    #[serde(default)]
    pub others: u64,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TermReport {
    /// The word, key or text, with its case folded; masked when redacted, unless it stands in the spec.
    pub term: String,
    /// Rows with it, of the sampled ones.
    pub rows: Share,
    /// Of these, rows where another labeling function votes differently.
    pub conflict: Share,
    /// The mean probability, over these rows, of what was voted.
    pub learned_accuracy: Option<f64>,
    /// Right votes on rows with a gold label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether it is the cause of doubtful votes.
    #[serde(default)]
    pub doubtful: bool,
}
