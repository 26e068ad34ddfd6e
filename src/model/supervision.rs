//! What the user knows beyond the votes, and the checks that every model makes first.

use super::{FitError, Gold};
use crate::{LfId, Patterns};

/// What the user knows beyond the votes.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Supervision {
    /// The share of each class among all rows, in the order of the classes, if it is known.
    pub class_balance: Option<Vec<f64>>,
    /// Rows whose label is known, to learn from.
    pub gold: Option<Gold>,
    /// Labeling functions whose accuracy the user has an idea of: P(right | votes), between 0 and 1.
    pub trust: Vec<(LfId, f64)>,
}

impl Supervision {
    /// The class balance is known: one share a class, summing to 1.
    #[must_use]
    pub fn with_class_balance(mut self, shares: Vec<f64>) -> Self {
        self.class_balance = Some(shares);
        self
    }

    /// The labels of some rows are known.
    #[must_use]
    pub fn with_gold(mut self, gold: Gold) -> Self {
        self.gold = Some(gold);
        self
    }

    /// The accuracy that the user expects of a labeling function. It takes the place of the model's
    /// own expectation, and the votes may still prove it wrong.
    #[must_use]
    pub fn with_trust(mut self, lf: LfId, accuracy: f64) -> Self {
        self.trust.push((lf, accuracy));
        self
    }

    /// What the user expects of a labeling function.
    pub(super) fn trust_in(&self, lf: LfId) -> Option<f64> {
        self.trust.iter().find(|(trusted, _)| *trusted == lf).map(|(_, accuracy)| *accuracy)
    }

    /// The gold labels, if there are any.
    pub(super) fn gold(&self) -> Option<&Gold> {
        self.gold.as_ref().filter(|gold| gold.n_rows() > 0)
    }

    /// Whether something says how common the classes are.
    pub(super) fn knows_classes(&self) -> bool {
        self.class_balance.is_some() || self.gold().is_some()
    }

    /// The known class balance, summing to exactly 1.
    pub(super) fn balance(&self) -> Option<Vec<f64>> {
        let balance = self.class_balance.as_ref()?;
        let sum: f64 = balance.iter().sum();
        Some(balance.iter().map(|share| share / sum).collect())
    }

    /// The known class balance, or the uniform one.
    pub(super) fn shares(&self, n_classes: usize) -> Vec<f64> {
        self.balance().unwrap_or_else(|| vec![1.0 / n_classes as f64; n_classes])
    }
}

/// Checks what every model needs: two classes, a row and a vote, and that what is known can be.
pub(super) fn check(votes: &Patterns, known: &Supervision) -> Result<(), FitError> {
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
    if let Some((lf, accuracy)) = known.trust.iter().find(|(_, a)| !(*a > 0.0 && *a < 1.0)) {
        let name = votes.names().lf(*lf).to_owned();
        return Err(FitError::Trust { name, accuracy: *accuracy });
    }
    if let Some(gold) = &known.gold {
        let (n_lfs, n_choices) = (votes.n_lfs(), votes.names().n_choices());
        let fits = |(row, label, _): (&[crate::Vote], crate::ClassId, u64)| {
            label.index() < n_classes
                && row.iter().all(|v| v.lf.index() < n_lfs && v.choice.index() < n_choices)
        };
        if !gold.iter().all(fits) {
            return Err(FitError::ForeignGold);
        }
    }
    Ok(())
}
