//! Label models: from votes to probabilistic labels.
//!
//! A model sees [`Patterns`] only, never text, rows or files, so that its cost does not depend on
//! the number of rows. Fitting returns data, a [`FittedModel`], that can be saved, read and
//! applied to other votes of the same labeling functions.

mod account;
mod agreement;
mod anchored;
mod assignment;
mod auto;
mod balance;
mod bootstrap;
mod class_weights;
mod columns;
mod completion;
mod confusion;
mod costs;
mod dawid_skene;
mod decision;
mod decomposition;
mod dependencies;
mod draft;
mod entry;
mod expectation;
mod fitted;
mod generative;
mod gold;
mod independence;
mod labels;
mod leave_one_out;
mod linalg;
mod majority;
mod numeric;
mod objective;
mod offsets;
mod one_coin;
mod optimize;
mod priors;
mod random;
mod recapture;
mod snorkel;
mod stacking;
mod supervision;
mod triplet;
mod uncertainty;
mod weighted;

pub use account::Account;
pub(crate) use account::rivals;
pub use anchored::{Anchored, Dependence, Solver};
pub use auto::Auto;
pub use balance::BalanceUse;
pub(crate) use balance::match_balance;
pub use bootstrap::{Interval, Intervals, Resampling, intervals};
pub use class_weights::{CountOf, RowWeights, Weighting};
pub use confusion::Abstain;
pub use costs::Costs;
pub use dawid_skene::DawidSkene;
pub(crate) use decision::TIE;
pub use decision::{Decision, Policy, Rule, Ties, Uncovered};
pub use dependencies::{Dependency, dependencies};
pub use entry::{ModelEntry, Setting, SettingError, by_name, models};
pub use fitted::{Evidence, FittedModel, Member, ModelFileError, Trace};
pub use generative::Generative;
pub use gold::Gold;
pub use labels::ProbLabels;
pub use leave_one_out::{Contribution, contributions};
pub use majority::Majority;
pub use offsets::SMOOTHING;
pub(crate) use offsets::match_prevalence;
pub use one_coin::OneCoin;
pub use priors::Pool;
pub use snorkel::{Abstentions, Search, Snorkel};
pub use stacking::Correction;
pub use supervision::Supervision;
pub use triplet::{Average, Moments, Triplet};
pub use uncertainty::{Effort, Uncertainty};
pub use weighted::Weighted;

use supervision::check;

use crate::Patterns;

/// The registry of label models, in the order in which to show them. A model is its file, its `mod`
/// line above and its line here.
static MODELS: &[&ModelEntry] = &[
    &auto::ENTRY,
    &anchored::ENTRY,
    &generative::ENTRY,
    &dawid_skene::ENTRY,
    &one_coin::ENTRY,
    &snorkel::ENTRY,
    &triplet::ENTRY,
    &weighted::ENTRY,
    &majority::ENTRY,
];

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
    /// An expected accuracy that is none.
    #[error(
        "the accuracy expected of `{name}` must be between 0 and 1, both excluded, it is {accuracy}"
    )]
    Trust {
        /// The labeling function.
        name: String,
        /// What was given.
        accuracy: f64,
    },
    /// Known labels of other labeling functions or classes.
    #[error("the known labels belong to votes of other labeling functions or classes")]
    ForeignGold,
    /// A least confidence that is no probability.
    #[error("the least confidence of a label must be between 0 and 1, it is {confidence}")]
    MinConfidence {
        /// What was given.
        confidence: f64,
    },
    /// Costs of other classes.
    #[error("there are costs for {found} classes, and {expected} classes")]
    CostClasses {
        /// Classes with costs.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// A cost that is none.
    #[error("a cost must be a number from 0 on, one is {cost}")]
    Cost {
        /// What was given.
        cost: f64,
    },
    /// The optimizer gave up.
    #[error("the optimizer failed: {0}")]
    Optimizer(String),
}
