//! How a report was made.

use super::Privacy;
use serde::{Deserialize, Serialize};

/// Where the numbers come from. When they were made is in the manifest: equal runs have equal reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The version of jurat.
    pub jurat: String,
    /// The files it was made from: the spec, tables and data.
    pub files: Vec<MadeFrom>,
    /// How much of the rows may be shown.
    pub privacy: Privacy,
}

/// A file that a report was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// `spec`, `table`, `data` or `gold`.
    pub what: String,
    /// The file, as it was named.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}
