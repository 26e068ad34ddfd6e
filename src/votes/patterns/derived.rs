//! Patterns made from other patterns: with other counts, or without a labeling function.
//!
//! They stand for rows that nobody has, so that [`Patterns::of_row`] is empty.

use super::Patterns;
use crate::{LfId, Vote};
use std::sync::Arc;

impl Patterns {
    /// The same patterns with other counts, one a pattern; those with a count of 0 are left out.
    pub(crate) fn with_counts(&self, counts: &[u64]) -> Self {
        let mut derived = self.none();
        for ((votes, _), &count) in self.iter().zip(counts).filter(|(_, count)| **count > 0) {
            derived.push(votes, count);
        }
        derived
    }

    /// The patterns of the other labeling functions, whose ids move up to close the gap; and for each
    /// pattern here its number there.
    pub(crate) fn without(&self, lf: LfId) -> (Self, Vec<u32>) {
        let mut derived = self.none();
        let mut names = (*self.names).clone();
        names.lfs.remove(lf.index());
        derived.names = Arc::new(names);
        let mut numbers = vec![0; self.len()];
        let (lost, kept): (Vec<usize>, Vec<usize>) =
            (0..self.len()).partition(|&u| self.votes(u).iter().any(|vote| vote.lf == lf));
        // Those that do not have its votes stay in order; the others find their place among them.
        let mut lost: Vec<(Vec<Vote>, usize)> =
            lost.into_iter().map(|u| (votes_without(self.votes(u), lf), u)).collect();
        lost.sort_unstable();
        let mut lost = lost.iter().peekable();
        let mut votes = Vec::new();
        for u in kept {
            votes.clear();
            votes.extend(others(self.votes(u), lf));
            while let Some((before, v)) = lost.next_if(|(before, _)| *before <= votes) {
                numbers[*v] = derived.add(before, self.counts[*v]);
            }
            numbers[u] = derived.add(&votes, self.counts[u]);
        }
        for (votes, u) in lost {
            numbers[*u] = derived.add(votes, self.counts[*u]);
        }
        (derived, numbers)
    }

    fn none(&self) -> Self {
        Self {
            names: self.names.clone(),
            ends: Vec::new(),
            votes: Vec::new(),
            counts: Vec::new(),
            of_row: Vec::new(),
        }
    }

    /// Adds rows of a pattern that is the last one or comes after all others, and gives its number.
    fn add(&mut self, votes: &[Vote], count: u64) -> u32 {
        match self.len().checked_sub(1) {
            Some(last) if self.votes(last) == votes => self.counts[last] += count,
            _ => self.push(votes, count),
        }
        self.len() as u32 - 1
    }

    /// Adds a pattern that comes after all others.
    fn push(&mut self, votes: &[Vote], count: u64) {
        self.votes.extend_from_slice(votes);
        self.ends.push(self.votes.len());
        self.counts.push(count);
    }
}

/// The votes of the other labeling functions, with the ids that they have without this one.
pub(crate) fn votes_without(votes: &[Vote], lf: LfId) -> Vec<Vote> {
    others(votes, lf).collect()
}

fn others(votes: &[Vote], lf: LfId) -> impl Iterator<Item = Vote> {
    votes.iter().filter_map(move |vote| Some(Vote { lf: id_without(vote.lf, lf)?, ..*vote }))
}

/// The id that another labeling function has without this one.
pub(crate) fn id_without(other: LfId, lf: LfId) -> Option<LfId> {
    match other.cmp(&lf) {
        std::cmp::Ordering::Less => Some(other),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => LfId::new(other.index() - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names};
    use proptest::prelude::*;

    fn patterns(rows: &[Vec<Option<usize>>], lfs: &[usize]) -> Patterns {
        let names = Names::new(lfs.iter().map(|j| format!("lf{j}")), ["x", "y"]).expect("names");
        let rows: Vec<Vec<Option<usize>>> =
            rows.iter().map(|row| lfs.iter().map(|&j| row[j]).collect()).collect();
        Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid rows"))
    }

    proptest! {
        #[test]
        fn dropping_votes_equals_counting_without_them(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of(0..2usize), 4), 0..60),
            dropped in 0..4_usize,
        ) {
            let whole = patterns(&rows, &[0, 1, 2, 3]);
            let left: Vec<usize> = (0..4).filter(|&j| j != dropped).collect();
            let counted = patterns(&rows, &left);
            let (derived, numbers) = whole.without(LfId::new(dropped).expect("in range"));
            prop_assert_eq!(derived.names(), counted.names());
            prop_assert!(derived.iter().eq(counted.iter()));
            for (&from, &to) in whole.of_row().iter().zip(counted.of_row()) {
                prop_assert_eq!(numbers[from as usize], to);
            }
        }

        #[test]
        fn counts_of_zero_are_left_out(counts in prop::collection::vec(0..3_u64, 4)) {
            let rows: Vec<Vec<Option<usize>>> =
                (0..4).map(|j| (0..4).map(|i| (i == j).then_some(0)).collect()).collect();
            let whole = patterns(&rows, &[0, 1, 2, 3]);
            let derived = whole.with_counts(&counts);
            let expected = whole.iter().zip(&counts).filter(|(_, n)| **n > 0);
            prop_assert!(derived.iter().eq(expected.map(|((votes, _), &n)| (votes, n))));
            prop_assert_eq!(derived.n_rows(), counts.iter().sum::<u64>());
        }
    }
}
