//! Distinct vote rows with their counts: all that a label model needs to see.
//!
//! A likelihood that factorizes over rows is exact on patterns, so fitting costs as much as there
//! are distinct vote rows, however many rows there are. Counts of two machines can be added with
//! [`Patterns::merge`].

mod derived;

pub(crate) use derived::{id_without, votes_without};

use super::{LabelMatrix, Names, Vote};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// The distinct rows of a label matrix, in ascending order of their votes, with counts, and for
/// each row the number of its pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    names: Arc<Names>,
    ends: Vec<usize>,
    votes: Vec<Vote>,
    counts: Vec<u64>,
    of_row: Vec<u32>,
}

/// What keeps two counts from being added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternsError {
    /// They count votes of different labeling functions or classes, or their names list different
    /// choices (see [`Names::with_choices`]).
    #[error("patterns of different labeling functions, classes or choices cannot be merged")]
    DifferentNames,
}

/// Rows counted by one task; fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 1 << 16;

impl Patterns {
    /// Counts the distinct rows of a label matrix, in parallel.
    #[must_use]
    pub fn count(matrix: &LabelMatrix) -> Self {
        let chunks = matrix.n_rows().div_ceil(CHUNK);
        let parts: Vec<Builder<'_>> = (0..chunks)
            .into_par_iter()
            .map(|chunk| {
                let mut builder = Builder::default();
                let end = ((chunk + 1) * CHUNK).min(matrix.n_rows());
                for i in chunk * CHUNK..end {
                    let number = builder.add(matrix.row(i), 1);
                    builder.of_row.push(number);
                }
                builder
            })
            .collect();
        Self::join(matrix.names().clone(), parts)
    }

    /// Adds the counts of `other`, whose rows come after the rows of `self`.
    ///
    /// # Errors
    /// [`PatternsError::DifferentNames`] when LFs, classes or choices differ.
    pub fn merge(self, other: Self) -> Result<Self, PatternsError> {
        if self.names != other.names {
            return Err(PatternsError::DifferentNames);
        }
        let parts = [&self, &other].map(|patterns| {
            let mut builder = Builder::default();
            for (votes, count) in patterns.iter() {
                builder.add(votes, count);
            }
            builder.of_row.clone_from(&patterns.of_row);
            builder
        });
        Ok(Self::join(self.names.clone(), parts.into()))
    }

    fn join(names: Arc<Names>, parts: Vec<Builder<'_>>) -> Self {
        let mut all = Builder::default();
        for part in parts {
            let numbers: Vec<u32> =
                part.rows.iter().zip(&part.counts).map(|(row, &n)| all.add(row, n)).collect();
            all.of_row.extend(part.of_row.iter().map(|&number| numbers[number as usize]));
        }
        let mut order: Vec<usize> = (0..all.rows.len()).collect();
        order.sort_unstable_by_key(|&number| all.rows[number]);
        let mut patterns = Self {
            names,
            ends: Vec::new(),
            votes: Vec::new(),
            counts: Vec::new(),
            of_row: all.of_row,
        };
        let mut rank = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            rank[old] = new as u32;
            patterns.votes.extend_from_slice(all.rows[old]);
            patterns.ends.push(patterns.votes.len());
            patterns.counts.push(all.counts[old]);
        }
        for number in &mut patterns.of_row {
            *number = rank[*number as usize];
        }
        patterns
    }

    /// The names of LFs and classes.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.names.classes.len()
    }

    /// Number of labeling functions.
    #[must_use]
    pub fn n_lfs(&self) -> usize {
        self.names.lfs.len()
    }

    /// Number of distinct rows, the one without votes included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are no rows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Number of rows that were counted.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Number of rows with at least one vote.
    #[must_use]
    pub fn n_covered(&self) -> u64 {
        self.iter().filter(|(votes, _)| !votes.is_empty()).map(|(_, count)| count).sum()
    }

    /// The votes of pattern `number`, in the order of the LFs.
    #[must_use]
    pub fn votes(&self, number: usize) -> &[Vote] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.votes[start..self.ends[number]]
    }

    /// How many rows have pattern `number`.
    #[must_use]
    pub fn row_count(&self, number: usize) -> u64 {
        self.counts[number]
    }

    /// Each pattern's votes and row count.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[Vote], u64)> {
        (0..self.len()).map(|number| (self.votes(number), self.counts[number]))
    }

    /// For each row, in input order, the number of its pattern.
    #[must_use]
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }
}

/// Patterns in order of first occurrence.
#[derive(Default)]
struct Builder<'a> {
    number: HashMap<&'a [Vote], u32>,
    rows: Vec<&'a [Vote]>,
    counts: Vec<u64>,
    of_row: Vec<u32>,
}

impl<'a> Builder<'a> {
    fn add(&mut self, row: &'a [Vote], count: u64) -> u32 {
        let next = self.rows.len() as u32;
        let number = *self.number.entry(row).or_insert(next);
        if number == next {
            self.rows.push(row);
            self.counts.push(0);
        }
        self.counts[number as usize] += count;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(rows: &[Vec<Option<usize>>]) -> LabelMatrix {
        let names = Names::new(["a", "b", "c"], ["x", "y"]).expect("names");
        LabelMatrix::from_dense(names, rows).expect("valid rows")
    }

    fn rows(max: usize) -> impl Strategy<Value = Vec<Vec<Option<usize>>>> {
        prop::collection::vec(prop::collection::vec(prop::option::of(0..2usize), 3), 0..max)
    }

    proptest! {
        #[test]
        fn every_row_is_found_again(rows in rows(60)) {
            let matrix = matrix(&rows);
            let patterns = Patterns::count(&matrix);
            prop_assert_eq!(patterns.n_rows(), rows.len() as u64);
            for (i, votes) in matrix.rows().enumerate() {
                prop_assert_eq!(patterns.votes(patterns.of_row()[i] as usize), votes);
            }
            let sorted = (1..patterns.len()).all(|u| patterns.votes(u - 1) < patterns.votes(u));
            prop_assert!(sorted, "patterns are distinct and in ascending order");
        }

        #[test]
        fn merging_parts_equals_counting_the_whole(first in rows(40), second in rows(40)) {
            let whole: Vec<_> = first.iter().chain(&second).cloned().collect();
            let merged = Patterns::count(&matrix(&first))
                .merge(Patterns::count(&matrix(&second)))
                .expect("same names");
            prop_assert_eq!(merged, Patterns::count(&matrix(&whole)));
        }
    }

    #[test]
    fn other_names_do_not_merge() {
        let one = Patterns::count(&matrix(&[]));
        let names = Names::new(["other"], ["x", "y"]).expect("names");
        let other = Patterns::count(&LabelMatrix::new(names));
        assert_eq!(one.merge(other), Err(PatternsError::DifferentNames));
    }
}
