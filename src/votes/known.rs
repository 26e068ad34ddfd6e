//! Known labels, counted by pattern: all that fitting and scoring need of them.

use super::Patterns;
use crate::ClassId;
use std::collections::BTreeMap;

/// How many rows of each pattern have which known labels.
///
/// A row can have two: one to score against (gold), and one to learn from. Labels are not scored on
/// rows that the model learned from.
///
/// ```
/// use jurat::votes::KnownLabels;
/// use jurat::{ClassId, LabelMatrix, Names, Patterns};
/// let names = Names::new(["a"], ["ham", "spam"])?;
/// let votes = LabelMatrix::from_dense(names, &[vec![Some(1)], vec![Some(1)], vec![None]])?;
/// let (ham, spam) = (ClassId::new(0), ClassId::new(1));
/// let known = KnownLabels::count(
///     &Patterns::count(&votes),
///     Some(&[spam, ham, None]),
///     Some(&[None, ham, spam]),
/// );
/// assert_eq!((known.n_gold(), known.n_learned(), known.held_out().count()), (2, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownLabels {
    /// Rows with these two labels and this pattern; never without any label.
    counts: BTreeMap<(u32, Known), u64>,
}

/// The label to score against and the one to learn from.
pub(crate) type Known = (Option<ClassId>, Option<ClassId>);

impl KnownLabels {
    /// Counts the known labels of the rows that `votes` counted, one entry a row in input order.
    #[must_use]
    pub fn count(
        votes: &Patterns,
        gold: Option<&[Option<ClassId>]>,
        learn: Option<&[Option<ClassId>]>,
    ) -> Self {
        let label = |labels: Option<&[Option<ClassId>]>, row: usize| *labels?.get(row)?;
        let mut known = Self::default();
        let n_rows = gold.map_or(0, <[_]>::len).max(learn.map_or(0, <[_]>::len));
        for (row, &pattern) in votes.of_row().iter().enumerate().take(n_rows) {
            known.add(pattern, (label(gold, row), label(learn, row)), 1);
        }
        known
    }

    /// Adds rows with these labels.
    pub(crate) fn add(&mut self, pattern: u32, labels: Known, rows: u64) {
        if labels != (None, None) {
            *self.counts.entry((pattern, labels)).or_insert(0) += rows;
        }
    }

    /// Rows with a label to score against.
    #[must_use]
    pub fn n_gold(&self) -> u64 {
        self.iter().filter(|(_, (gold, _), _)| gold.is_some()).map(|(_, _, rows)| rows).sum()
    }

    /// Rows with a label to learn from.
    #[must_use]
    pub fn n_learned(&self) -> u64 {
        self.learned().map(|(_, _, rows)| rows).sum()
    }

    /// Pattern, label and rows, of the labels to learn from; the same pattern and label may come
    /// several times, here and below.
    pub fn learned(&self) -> impl Iterator<Item = (usize, ClassId, u64)> {
        self.iter().filter_map(|(u, (_, learn), rows)| Some((u, learn?, rows)))
    }

    /// Pattern, label and rows, of the labels to score against, of rows that nothing was learned from.
    pub fn held_out(&self) -> impl Iterator<Item = (usize, ClassId, u64)> {
        let kept = self.iter().filter(|(_, (_, learn), _)| learn.is_none());
        kept.filter_map(|(u, (gold, _), rows)| Some((u, gold?, rows)))
    }

    /// Pattern, label and rows, of all labels; gold labels come before those to learn from.
    pub fn all(&self) -> impl Iterator<Item = (usize, ClassId, u64)> {
        self.iter().filter_map(|(u, (gold, learn), rows)| Some((u, gold.or(learn)?, rows)))
    }

    /// Pattern, both labels and rows, in this order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Known, u64)> {
        self.counts.iter().map(|(&(pattern, known), &rows)| (pattern as usize, known, rows))
    }
}
