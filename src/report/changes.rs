//! What changed since an earlier run, as far as a report speaks of it.

use super::Share;
use serde::{Deserialize, Serialize};

/// What changed since an earlier run; `jurat diff` says all of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The folder of the earlier run.
    pub since: String,
    /// What changed, in sentences.
    pub headline: Vec<String>,
    /// Labels that changed, of the rows in both runs.
    pub changed: Option<Share>,
    /// Why they did, the most frequent cause first.
    pub causes: Vec<ChangeCause>,
    /// Labeling functions that are others, or vote otherwise.
    pub lfs: Vec<ChangedLf>,
}

/// A cause of changed labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeCause {
    /// The cause, in words.
    pub cause: String,
    /// Labels that changed by it, of the rows in both runs.
    pub rows: Share,
    /// From what to what, in words.
    pub how: String,
}

/// A labeling function in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangedLf {
    /// Its name.
    pub name: String,
    /// What happened to it, in words.
    pub what: String,
    /// Rows that it votes on, of the rows of the earlier run; none where it was not there.
    pub coverage_before: Option<Share>,
    /// The same of this run.
    pub coverage: Option<Share>,
    /// Rows of both runs on which it votes now and did not before.
    pub gained: u64,
    /// Those on which it does no longer.
    pub lost: u64,
    /// Those on which it votes something else.
    pub changed: u64,
}
