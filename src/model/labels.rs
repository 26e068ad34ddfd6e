//! Probabilistic labels, and how they become hard ones.

use crate::{ClassId, Names, Patterns};
use ndarray::{Array2, ArrayView1};
use std::sync::Arc;

/// P(Y = y) for every row: one distribution a pattern, and the pattern of each row.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbLabels {
    names: Arc<Names>,
    table: Array2<f64>,
    covered: Vec<bool>,
    of_row: Vec<u32>,
}

/// How a hard label is chosen from the probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decision {
    /// What to do when classes tie for the highest probability.
    pub ties: Ties,
    /// The label of rows without any vote; `None` leaves them without.
    pub uncovered: Option<ClassId>,
}

/// What to do when classes tie for the highest probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ties {
    /// No label.
    #[default]
    Abstain,
    /// The first of the tied classes.
    First,
}

/// Probabilities this close are a tie: closer than rounding in the fit can tell apart.
const TIE: f64 = 1e-9;

impl ProbLabels {
    /// `table` is n_patterns × n_classes; its rows sum to 1.
    pub(super) fn new(votes: &Patterns, table: Array2<f64>) -> Self {
        Self {
            names: votes.names().clone(),
            table,
            covered: votes.iter().map(|(votes, _)| !votes.is_empty()).collect(),
            of_row: votes.of_row().to_vec(),
        }
    }

    /// The names of LFs and classes.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.of_row.len()
    }

    /// The distributions, n_patterns × n_classes.
    #[must_use]
    pub fn table(&self) -> &Array2<f64> {
        &self.table
    }

    /// For each row, in input order, the number of its pattern: a row of [`table`](Self::table).
    #[must_use]
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }

    /// The distribution of row `i`, one probability a class.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn probabilities(&self, i: usize) -> ArrayView1<'_, f64> {
        self.table.row(self.of_row[i] as usize)
    }

    /// How sure the label of each pattern is: the probability of its hard label, or the highest one
    /// where there is none. `hard` comes from [`decide`](Self::decide).
    #[must_use]
    pub fn confidence(&self, hard: &[Option<ClassId>]) -> Vec<f64> {
        let rows = self.table.rows().into_iter().zip(hard);
        rows.map(|(row, hard)| match hard {
            Some(class) => row[class.index()],
            None => row.iter().copied().fold(0.0, f64::max),
        })
        .collect()
    }

    /// The hard label of each pattern, `None` where there is none.
    #[must_use]
    pub fn decide(&self, decision: &Decision) -> Vec<Option<ClassId>> {
        let rows = self.table.rows().into_iter().zip(&self.covered);
        rows.map(|(row, &covered)| {
            if !covered {
                return decision.uncovered;
            }
            let most = row.iter().copied().fold(0.0, f64::max);
            let mut top = (0..row.len()).filter(|&y| row[y] >= most - TIE);
            let first = top.next().and_then(ClassId::new);
            match decision.ties {
                Ties::First => first,
                Ties::Abstain => first.filter(|_| top.next().is_none()),
            }
        })
        .collect()
    }
}
