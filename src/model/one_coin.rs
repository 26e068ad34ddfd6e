//! One coin: a single accuracy for every labeling function.
//!
//! The Dawid–Skene model (doi:10.2307/2346806) with P(j votes l | Y = y, j votes) = a_j where l = y,
//! and (1 − a_j) / (K − 1) elsewhere, in the name of Raykar et al. (2010), "Learning from crowds", and
//! Zhang et al. (2016), arXiv:1406.3824. Fitted by expectation–maximization from the vote shares, each accuracy
//! shrunk toward the pool of all. Robust where votes are too few for confusion matrices; blind to
//! a labeling function that is right about one class and wrong about another.

use super::columns::{Columns, Discount};
use super::confusion::{Abstain, Estimator};
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::{FitError, FittedModel, LabelModel, Supervision};
use crate::Patterns;

/// The one-coin model and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneCoin {
    /// What an abstention says. Default: nothing.
    pub abstain: Abstain,
    /// Votes that the pool is worth in the accuracy of a labeling function. Default 5.
    pub pool_strength: f64,
    /// Rows that the prior of the class shares is worth, for each class. Default 1.
    pub class_strength: f64,
    /// Whether labeling functions that (nearly) repeat each other count as one. Default true.
    pub discount_repeats: bool,
    /// Rounds at the most. Default 500.
    pub rounds: usize,
}

impl Default for OneCoin {
    fn default() -> Self {
        Self {
            abstain: Abstain::Missing,
            pool_strength: 5.0,
            class_strength: 1.0,
            discount_repeats: true,
            rounds: 500,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "one-coin",
    summary: "one accuracy for each LF, whatever the class",
    uses_trust: true,
    settings: &[
        Setting { name: "abstain", summary: "missing, symbol or tempered (missing)" },
        Setting { name: "abstain_weight", summary: "weight of an abstention if tempered (0.25)" },
        Setting {
            name: "pool_strength",
            summary: "votes that the pool is worth in an accuracy (5)",
        },
        Setting {
            name: "class_strength",
            summary: "rows that each class is worth in the class shares (1)",
        },
        Setting { name: "repeats", summary: "LFs that repeat each other count once or all (once)" },
        Setting { name: "rounds", summary: "rounds at the most (500)" },
    ],
    build: |values| Ok(Box::new(OneCoin::from_settings(values)?)),
};

/// How near two columns must come to count as one (see [`Discount`]).
const REPEAT_POWER: i32 = 32;

impl OneCoin {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            abstain: Abstain::from_settings(values, default.abstain)?,
            pool_strength: values.not_negative("pool_strength", default.pool_strength)?,
            class_strength: values.not_negative("class_strength", default.class_strength)?,
            discount_repeats: values.repeats(default.discount_repeats)?,
            rounds: values.rounds(default.rounds)?,
        })
    }
}

impl LabelModel for OneCoin {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let abstain = self.abstain.weight();
        let mut estimator =
            Estimator::new(&columns, f64::INFINITY, self.pool_strength, abstain, known);
        estimator.class_strength = self.class_strength;
        let weights = if self.discount_repeats {
            let [weights] =
                columns.redundancy_weights([Discount { lambda: 0.0, power: REPEAT_POWER }]);
            weights
        } else {
            vec![1.0; columns.len()]
        };
        let (tables, trace) = estimator.fit(&weights, self.rounds);
        Draft::new(ENTRY.name, estimator.member(&tables, &weights), trace)
            .with_uncovered(estimator.uncovered(&tables, &weights))
            .finish(votes, known)
    }
}
