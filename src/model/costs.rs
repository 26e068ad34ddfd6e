//! Costs of mistakes, for labels with the least expected cost.
//!
//! Elkan 2001, "The foundations of cost-sensitive learning", IJCAI.

use super::FitError;
use crate::{ClassId, Names};
use ndarray::Array2;

/// What it costs to take a row of one class for another, or to leave it without a label.
///
/// ```
/// use jurat::ClassId;
/// use jurat::model::Costs;
///
/// let (sick, well) = (ClassId::new(0).expect("small"), ClassId::new(1).expect("small"));
/// let costs = Costs::zero_one(2).with(sick, well, 10.0);
/// // A sick patient sent home costs ten times a healthy one kept: above 1/11 nobody is sent home.
/// assert_eq!((costs.cost(sick, well), costs.cost(well, sick), costs.cost(well, well)), (10.0, 1.0, 0.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// True class × label.
    pub(super) table: Array2<f64>,
    /// Of no label, by true class.
    pub(super) abstain: Option<Vec<f64>>,
}

impl Costs {
    /// Every mistake costs 1, and what is right nothing.
    #[must_use]
    pub fn zero_one(n_classes: usize) -> Self {
        let table = Array2::from_shape_fn((n_classes, n_classes), |(y, z)| f64::from(y != z));
        Self { table, abstain: None }
    }

    /// The cost of the label `label` on a row whose class is `truth`.
    ///
    /// # Panics
    /// When there is no such class.
    #[must_use]
    pub fn with(mut self, truth: ClassId, label: ClassId, cost: f64) -> Self {
        self.table[[truth.index(), label.index()]] = cost;
        self
    }

    /// The cost of no label on a row of the class `truth`; it is 1 for classes that none is given
    /// for, and without any, rows get no label on account of costs.
    ///
    /// # Panics
    /// When there is no such class.
    #[must_use]
    pub fn with_abstain(mut self, truth: ClassId, cost: f64) -> Self {
        let n_classes = self.table.nrows();
        self.abstain.get_or_insert_with(|| vec![1.0; n_classes])[truth.index()] = cost;
        self
    }

    /// The cost of the label `label` on a row whose class is `truth`.
    ///
    /// # Panics
    /// When there is no such class.
    #[must_use]
    pub fn cost(&self, truth: ClassId, label: ClassId) -> f64 {
        self.table[[truth.index(), label.index()]]
    }

    /// All costs that are not what [`zero_one`](Self::zero_one) has, in words.
    pub(super) fn in_words(&self, names: &Names) -> String {
        let mut special = Vec::new();
        for ((y, z), cost) in self.table.indexed_iter() {
            if *cost != f64::from(y != z) {
                let (truth, label) = (&names.classes[y], &names.classes[z]);
                special.push(format!("{cost} for `{truth}` labeled `{label}`"));
            }
        }
        let abstain = self.abstain.iter().flatten().zip(&names.classes);
        special
            .extend(abstain.map(|(cost, truth)| format!("{cost} for `{truth}` without a label")));
        special.push("1 for any other mistake".to_owned());
        special.join(", ")
    }

    pub(super) fn check(&self, n_classes: usize) -> Result<(), FitError> {
        if self.table.nrows() != n_classes {
            return Err(FitError::CostClasses { found: self.table.nrows(), expected: n_classes });
        }
        let mut all = self.table.iter().chain(self.abstain.iter().flatten());
        match all.find(|cost| !(cost.is_finite() && **cost >= 0.0)) {
            Some(&cost) => Err(FitError::Cost { cost }),
            None => Ok(()),
        }
    }
}
