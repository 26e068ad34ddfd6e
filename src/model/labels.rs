//! Probabilistic labels, and hard ones made from them.

use super::Decision;
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

    /// Labels of rows that each have a distribution of their own: `table` is n_rows × n_classes, its rows sum
    /// to 1, and all rows count as covered.
    #[must_use]
    pub fn of_rows(names: Arc<Names>, table: Array2<f64>) -> Self {
        let n_rows = table.nrows();
        Self { names, table, covered: vec![true; n_rows], of_row: (0..n_rows as u32).collect() }
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
    ///
    /// # Panics
    /// When the decision was [prepared](super::Policy::prepare) for other classes.
    #[must_use]
    pub fn decide(&self, decision: &Decision) -> Vec<Option<ClassId>> {
        let rows = self.table.rows().into_iter().zip(&self.covered);
        let mut probabilities = vec![0.0; self.table.ncols()];
        rows.map(|(row, &covered)| {
            probabilities.iter_mut().zip(row).for_each(|(cell, p)| *cell = *p);
            decision.choose(&probabilities, covered)
        })
        .collect()
    }
}
