//! Dawid–Skene: a confusion matrix for every labeling function.
//!
//! Dawid & Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM
//! algorithm", doi:10.2307/2346806. The posterior of a row is q(y) ∝ π(y) Π_j θ_j(l_j | y) with
//! θ_j(l | y) = P(j votes l | Y = y, j votes), fitted by expectation–maximization from the vote
//! shares. Few votes do not make a matrix: each row of θ_j is shrunk toward what a labeling function
//! of one accuracy would do (as in [`OneCoin`](super::OneCoin)), and that accuracy toward the pool of
//! all. At prediction, votes that fire together are discounted as redundant, since
//! labeling functions that share their errors make the product overconfident; while fitting, only
//! near repeats are.
//!
//! The model for people, and for programs that vote on most rows and for several classes. On labeling
//! functions that each vote for one class it is not identified, and tends to collapse.

use super::columns::{Columns, Discount};
use super::confusion::{Abstain, Estimator};
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::{FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;

/// The Dawid–Skene model and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DawidSkene {
    /// What an abstention says. Default: nothing.
    pub abstain: Abstain,
    /// Votes that the one-accuracy prior is worth in each row of a confusion matrix. Default 5.
    pub cell_strength: f64,
    /// Votes that the pool is worth in the accuracy of a labeling function. Default 5.
    pub pool_strength: f64,
    /// How strongly to discount columns that fire together at prediction; 0 discounts only near
    /// repeats. Default 0.05.
    pub redundancy: f64,
    /// Rows that the prior of the class shares is worth, for each class. Default 1.
    pub class_strength: f64,
    /// Whether labeling functions that (nearly) repeat each other count as one. Default true.
    pub discount_repeats: bool,
    /// Rounds at the most. Default 500.
    pub rounds: usize,
}

impl Default for DawidSkene {
    fn default() -> Self {
        Self {
            abstain: Abstain::Missing,
            cell_strength: 5.0,
            pool_strength: 5.0,
            redundancy: 0.05,
            class_strength: 1.0,
            discount_repeats: true,
            rounds: 500,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "dawid-skene",
    summary: "a confusion matrix for each LF or annotator; for dense votes for several classes",
    uses_trust: true,
    settings: &[
        Setting { name: "abstain", summary: "missing, symbol or tempered (missing)" },
        Setting { name: "abstain_weight", summary: "weight of an abstention if tempered (0.25)" },
        Setting {
            name: "cell_strength",
            summary: "votes that one accuracy is worth in each row of a matrix (5)",
        },
        Setting { name: "pool_strength", summary: "votes that the pool is worth in it (5)" },
        Setting { name: "redundancy", summary: "discount for LFs that fire together (0.05)" },
        Setting {
            name: "class_strength",
            summary: "rows that each class is worth in the class shares (1)",
        },
        Setting { name: "repeats", summary: "LFs that repeat each other count once or all (once)" },
        Setting { name: "rounds", summary: "rounds at the most (500)" },
    ],
    build: |values| Ok(Box::new(DawidSkene::from_settings(values)?)),
};

/// How near two columns must come to be repeats of each other (see
/// [`Discount`]): accurate annotators agree on most rows without repeating each
/// other, so only near identity counts while fitting.
const REPEAT_POWER: i32 = 32;

/// The same at prediction.
const REPEAT_POWER_AT_PREDICTION: i32 = 8;

impl DawidSkene {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            abstain: Abstain::from_settings(values, default.abstain)?,
            cell_strength: values.not_negative("cell_strength", default.cell_strength)?,
            pool_strength: values.not_negative("pool_strength", default.pool_strength)?,
            redundancy: values.not_negative("redundancy", default.redundancy)?,
            class_strength: values.not_negative("class_strength", default.class_strength)?,
            discount_repeats: values.repeats(default.discount_repeats)?,
            rounds: values.rounds(default.rounds)?,
        })
    }

    /// Fits the member of a model, with what it says of rows without votes.
    pub(super) fn member(
        &self,
        columns: &Columns,
        known: &Supervision,
    ) -> (Member, Option<Vec<f64>>, Trace) {
        let mut estimator = Estimator::new(
            columns,
            self.cell_strength,
            self.pool_strength,
            self.abstain.weight(),
            known,
        );
        estimator.class_strength = self.class_strength;
        let at_prediction = Discount { lambda: self.redundancy, power: REPEAT_POWER_AT_PREDICTION };
        let discounts = [Discount { lambda: 0.0, power: REPEAT_POWER }, at_prediction];
        let [mut learning, mut weights] = columns.redundancy_weights(discounts);
        if !self.discount_repeats {
            learning.fill(1.0);
            if self.redundancy == 0.0 {
                weights.fill(1.0);
            }
        }
        let (tables, trace) = estimator.fit(&learning, self.rounds);
        let uncovered = estimator.uncovered(&tables, &weights);
        (estimator.member(&tables, &weights), uncovered, trace)
    }
}

impl LabelModel for DawidSkene {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let (member, uncovered, trace) = self.member(&Columns::new(votes), known);
        Draft::new(ENTRY.name, member, trace).with_uncovered(uncovered).finish(votes, known)
    }
}
