//! Why a label changed, in one value.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a label changed; [the module](super) says when it is which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// A labeling function was edited, added or removed, or a named condition that it uses was.
    Lf(String),
    /// A lookup table was changed.
    Table(String),
    /// What the labeling functions read of the row was changed.
    Data,
    /// The label model was fitted again, to other votes, another class balance or other settings.
    Refit,
    /// Only the rule that makes hard labels of probabilities was changed.
    Decision,
    /// Votes changed where nothing that is recorded did: a closure without a version, another version
    /// of jurat, or other labels.
    Code,
    /// Several of these, none of which can be told to be the one.
    Several(Vec<Cause>),
}

impl Cause {
    /// One of them, or several; parts that are several themselves are taken apart.
    pub(super) fn several(causes: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = Vec::new();
        for cause in causes {
            match cause {
                Self::Several(more) => parts.extend(more),
                one => parts.push(one),
            }
        }
        parts.sort_unstable();
        parts.dedup();
        match parts.pop() {
            Some(one) if parts.is_empty() => one,
            last => {
                parts.extend(last);
                Self::Several(parts)
            }
        }
    }
}

/// As on the command line: `lf:promo`, `table:domains`, `data`, `refit`.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lf(name) => write!(f, "lf:{name}"),
            Self::Table(name) => write!(f, "table:{name}"),
            Self::Data => f.write_str("data"),
            Self::Refit => f.write_str("refit"),
            Self::Decision => f.write_str("decision"),
            Self::Code => f.write_str("code"),
            Self::Several(causes) => {
                for (i, cause) in causes.iter().enumerate() {
                    write!(f, "{}{cause}", if i == 0 { "" } else { " + " })?;
                }
                Ok(())
            }
        }
    }
}
