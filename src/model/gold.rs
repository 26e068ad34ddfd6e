//! Known labels that a label model may learn from.

use crate::votes::{KnownLabels, votes_without};
use crate::{ClassId, LfId, Patterns, Vote};
use std::collections::BTreeMap;

/// Known labels, as counts of (votes, label): how many rows with these votes have this label.
///
/// A few dozen to a few hundred are enough to learn how common the classes are, how sure the
/// model may be, and which labeling functions to trust less. Do not score on the same rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gold {
    counts: BTreeMap<(Vec<Vote>, ClassId), u64>,
}

impl Gold {
    /// Counts the known labels of the rows that `votes` counted, one entry a row in input order.
    #[must_use]
    pub fn count(votes: &Patterns, labels: &[Option<ClassId>]) -> Self {
        Self::learned(votes, &KnownLabels::count(votes, None, Some(labels)))
    }

    /// The labels to learn from among the known ones of the rows that `votes` counted.
    #[must_use]
    pub fn learned(votes: &Patterns, known: &KnownLabels) -> Self {
        let mut gold = Self::default();
        for (u, label, rows) in known.learned() {
            *gold.counts.entry((votes.votes(u).to_vec(), label)).or_insert(0) += rows;
        }
        gold
    }

    /// The same rows as the other labeling functions see them.
    pub(super) fn without(&self, lf: LfId) -> Self {
        let mut gold = Self::default();
        for ((votes, label), count) in &self.counts {
            *gold.counts.entry((votes_without(votes, lf), *label)).or_insert(0) += count;
        }
        gold
    }

    /// Number of rows with a known label.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Votes, label and number of rows, in ascending order of the votes.
    pub fn iter(&self) -> impl Iterator<Item = (&[Vote], ClassId, u64)> {
        self.counts.iter().map(|((votes, label), count)| (votes.as_slice(), *label, *count))
    }
}
