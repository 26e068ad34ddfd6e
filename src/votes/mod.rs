//! Votes: who voted what on which row, without the rows.
//!
//! [`LabelMatrix`] keeps the votes of every row, [`Patterns`] the distinct vote rows with their
//! counts. To abstain is to have no [`Vote`]; there is no number for it.

mod file;
mod matrix;
mod patterns;

pub use file::{VotesFile, VotesOptions};
pub use matrix::{LabelMatrix, MatrixError};
pub use patterns::{Patterns, PatternsError};

use crate::{ClassId, LfId};
use std::sync::Arc;

/// One labeling function's vote for one class.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Vote {
    /// Who votes.
    pub lf: LfId,
    /// For which class.
    pub class: ClassId,
}

/// The names behind the ids of a label matrix: its labeling functions and its classes, in order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Names {
    /// Names of the labeling functions; [`LfId`] is a position here.
    pub lfs: Vec<String>,
    /// Names of the classes; [`ClassId`] is a position here.
    pub classes: Vec<String>,
}

impl Names {
    /// Names for `lfs` labeling functions and `classes` classes.
    ///
    /// # Errors
    /// [`MatrixError::TooMany`] when there are more of either than ids can count,
    /// [`MatrixError::Duplicate`] when a name stands twice.
    pub fn new(
        lfs: impl IntoIterator<Item = impl Into<String>>,
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Arc<Self>, MatrixError> {
        let names = Self {
            lfs: lfs.into_iter().map(Into::into).collect(),
            classes: classes.into_iter().map(Into::into).collect(),
        };
        for (what, list) in [("labeling functions", &names.lfs), ("classes", &names.classes)] {
            if list.len() > LfId::LIMIT {
                return Err(MatrixError::TooMany { what, count: list.len(), limit: LfId::LIMIT });
            }
            let mut sorted: Vec<&String> = list.iter().collect();
            sorted.sort_unstable();
            if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(MatrixError::Duplicate { what, name: pair[0].clone() });
            }
        }
        Ok(Arc::new(names))
    }

    /// The name of a labeling function.
    #[must_use]
    pub fn lf(&self, lf: LfId) -> &str {
        self.lfs.get(lf.index()).map_or("?", String::as_str)
    }

    /// The name of a class.
    #[must_use]
    pub fn class(&self, class: ClassId) -> &str {
        self.classes.get(class.index()).map_or("?", String::as_str)
    }

    /// The class of that name.
    #[must_use]
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        self.classes.iter().position(|class| class == name).and_then(ClassId::new)
    }
}
