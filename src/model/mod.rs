//! Label models: from votes to probabilistic labels.
//!
//! A model sees [`Patterns`] only, never text, rows or files, so that its cost does not depend on
//! the number of rows. Fitting returns data, a [`FittedModel`], that can be saved, read and
//! applied to other votes of the same labeling functions.

mod agreement;
mod anchored;
mod balance;
mod columns;
mod decomposition;
mod dependencies;
mod entry;
mod fitted;
mod labels;
mod linalg;
mod majority;
mod numeric;
mod objective;
mod optimize;

pub use anchored::{Anchored, Dependence, Solver};
pub use dependencies::{Dependency, dependencies};
pub use entry::{ModelEntry, Setting, SettingError, by_name, models};
pub use fitted::{Evidence, FittedModel, Member, ModelFileError, Trace};
pub use labels::{Decision, ProbLabels, Ties};
pub use majority::Majority;

use crate::Patterns;

/// The registry of label models, in the order in which to show them. A model is its file, its `mod`
/// line above and its line here.
static MODELS: &[&ModelEntry] = &[&anchored::ENTRY, &majority::ENTRY];

/// A way to turn votes into a model of how far each labeling function can be trusted.
///
/// Every implementation is deterministic: the same patterns give the same bits, on any number of
/// threads.
pub trait LabelModel: Send + Sync {
    /// Learns from the votes, and from what the user knows beyond them.
    ///
    /// # Errors
    /// [`FitError`] when there is nothing to learn from or `known` does not fit the classes.
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError>;
}

/// What the user knows beyond the votes.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Supervision {
    /// The share of each class among all rows, in the order of the classes, if it is known.
    pub class_balance: Option<Vec<f64>>,
}

impl Supervision {
    /// The class balance is known: one share a class, summing to 1.
    #[must_use]
    pub fn with_class_balance(mut self, shares: Vec<f64>) -> Self {
        self.class_balance = Some(shares);
        self
    }
}

/// Why a label model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// There are no rows.
    #[error("there are no rows to learn from")]
    NoRows,
    /// No labeling function voted on any row.
    #[error("no labeling function voted on any of the {n_rows} rows")]
    NoVotes {
        /// Number of rows.
        n_rows: u64,
    },
    /// A classification needs two classes.
    #[error("a label model needs at least two classes, there are {n_classes}")]
    TooFewClasses {
        /// Number of classes.
        n_classes: usize,
    },
    /// The class balance has another length than the list of classes.
    #[error("the class balance has {found} shares for {expected} classes")]
    BalanceLength {
        /// Shares given.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// The class balance is not a distribution.
    #[error("the class balance must be positive shares that sum to 1, they sum to {sum}")]
    BalanceShares {
        /// Sum of the shares given.
        sum: f64,
    },
    /// The optimizer gave up.
    #[error("the optimizer failed: {0}")]
    Optimizer(String),
}

/// Checks what every model needs: two classes, a row and a vote, and a class balance that is one.
fn check(votes: &Patterns, known: &Supervision) -> Result<(), FitError> {
    let n_classes = votes.n_classes();
    if n_classes < 2 {
        return Err(FitError::TooFewClasses { n_classes });
    }
    if votes.n_rows() == 0 {
        return Err(FitError::NoRows);
    }
    if votes.n_covered() == 0 {
        return Err(FitError::NoVotes { n_rows: votes.n_rows() });
    }
    if let Some(balance) = &known.class_balance {
        if balance.len() != n_classes {
            return Err(FitError::BalanceLength { found: balance.len(), expected: n_classes });
        }
        let sum: f64 = balance.iter().sum();
        if !(balance.iter().all(|&share| share > 0.0) && (sum - 1.0).abs() < 1e-3) {
            return Err(FitError::BalanceShares { sum });
        }
    }
    Ok(())
}
