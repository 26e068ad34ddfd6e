//! Counting distinct vote rows as they come, so that the whole matrix need never be there.

use super::{LabelMatrix, Names, Patterns, PatternsError, Vote};
use hashbrown::{DefaultHashBuilder, HashTable};
use rayon::prelude::*;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the distinct rows of label matrices that come one after the other.
///
/// The result is that of [`Patterns::count`] on all rows together, however they are divided. Memory
/// is four bytes a row, for the number of its pattern, and what the distinct rows take: a matrix can
/// be dropped as soon as it is added.
///
/// ```
/// use jurat::votes::PatternCounter;
/// use jurat::{LabelMatrix, Names, Patterns};
/// let names = Names::new(["a", "b"], ["ham", "spam"])?;
/// let first = LabelMatrix::from_dense(names.clone(), &[vec![Some(1), None], vec![None, None]])?;
/// let second = LabelMatrix::from_dense(names.clone(), &[vec![Some(1), None]])?;
/// let mut counter = PatternCounter::new(names);
/// counter.add(&first)?;
/// counter.add(&second)?;
/// let patterns = counter.finish();
/// assert_eq!((patterns.n_rows(), patterns.len()), (3, 2));
/// assert_eq!(patterns.of_row(), [1, 0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PatternCounter {
    names: Arc<Names>,
    /// One a thread; the same row may be in several.
    tables: Vec<Table>,
    /// For each row its number in its table.
    of_row: Vec<u32>,
    /// Rows that came one after the other with the table that counted them.
    runs: Vec<Run>,
}

/// Rows that came one after the other, counted by one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) table: usize,
    pub(super) rows: usize,
}

/// A thread is not worth waking for fewer rows.
const LEAST_ROWS: usize = 1 << 12;

impl PatternCounter {
    /// A counter of rows with these names.
    #[must_use]
    pub fn new(names: Arc<Names>) -> Self {
        Self { names, tables: vec![Table::default()], of_row: Vec::new(), runs: Vec::new() }
    }

    /// Counts the rows of a matrix, in parallel, after all that were counted before.
    ///
    /// # Errors
    /// [`PatternsError::DifferentNames`] when its LFs, classes or choices are others.
    pub fn add(&mut self, matrix: &LabelMatrix) -> Result<(), PatternsError> {
        if self.names != *matrix.names() {
            return Err(PatternsError::DifferentNames);
        }
        self.add_rows(matrix);
        Ok(())
    }

    /// The same for a matrix that is known to have these names.
    pub(super) fn add_rows(&mut self, matrix: &LabelMatrix) {
        let n_rows = matrix.n_rows();
        let n_parts = n_rows.div_ceil(LEAST_ROWS).clamp(1, rayon::current_num_threads());
        let part = n_rows.div_ceil(n_parts).max(1);
        if self.tables.len() < n_parts {
            self.tables.resize_with(n_parts, Table::default);
        }
        let before = self.of_row.len();
        self.of_row.resize(before + n_rows, 0);
        let numbers = self.of_row[before..].par_chunks_mut(part);
        self.tables.par_iter_mut().zip(numbers).enumerate().for_each(|(at, (table, numbers))| {
            for (i, number) in numbers.iter_mut().enumerate() {
                *number = table.add(matrix.row(at * part + i), 1);
            }
        });
        let parts = (0..n_rows).step_by(part).enumerate();
        let parts = parts.map(|(table, start)| Run { table, rows: part.min(n_rows - start) });
        self.runs.extend(parts);
    }

    /// Counts one row, after all that were counted before. Its votes stand in the order of the LFs.
    ///
    /// # Errors
    /// [`PatternsError::Votes`] when they do not, when an LF votes twice, or when an LF or a choice
    /// does not exist.
    pub fn push(&mut self, row: &[Vote]) -> Result<(), PatternsError> {
        check_row(&self.names, row)?;
        self.of_row.push(self.tables[0].add(row, 1));
        match self.runs.last_mut() {
            Some(run) if run.table == 0 => run.rows += 1,
            _ => self.runs.push(Run { table: 0, rows: 1 }),
        }
        Ok(())
    }

    /// The patterns of all rows that were counted.
    #[must_use]
    pub fn finish(self) -> Patterns {
        Patterns::from_tables(self.names, self.tables, self.of_row, &self.runs)
    }
}

/// Whether votes stand in the order of the LFs, one each, and are known.
pub(super) fn check_row(names: &Names, row: &[Vote]) -> Result<(), PatternsError> {
    let (n_lfs, n_choices) = (names.lfs.len(), names.n_choices());
    let ordered = row.is_sorted_by(|one, next| one.lf < next.lf);
    let known = |vote: &Vote| vote.lf.index() < n_lfs && vote.choice.index() < n_choices;
    if ordered && row.iter().all(known) { Ok(()) } else { Err(PatternsError::Votes) }
}

/// Tables of distinct rows, one a thread, to be filled from all threads at once.
///
/// Which table a row gets into is left to chance; the patterns do not depend on it.
#[derive(Debug)]
pub(crate) struct SharedCounter {
    names: Arc<Names>,
    tables: Vec<Mutex<Table>>,
}

/// The rows of a matrix, as numbers in one of the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) table: usize,
    pub(crate) numbers: Vec<u32>,
}

impl SharedCounter {
    /// Room for the threads of the current pool.
    pub(crate) fn new(names: Arc<Names>) -> Self {
        let tables = (0..rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Self { names, tables }
    }

    /// Counts the rows of a matrix with these names, on this thread.
    pub(crate) fn count(&self, matrix: &LabelMatrix) -> Counted {
        let table = rayon::current_thread_index().unwrap_or(0) % self.tables.len();
        let mut rows = self.tables[table].lock().unwrap_or_else(PoisonError::into_inner);
        Counted { table, numbers: matrix.rows().map(|row| rows.add(row, 1)).collect() }
    }

    /// The patterns, and for each table the pattern of each of its rows.
    pub(crate) fn finish(self) -> (Patterns, Vec<Vec<u32>>) {
        let tables = self.tables.into_iter();
        let tables = tables.map(|table| table.into_inner().unwrap_or_else(PoisonError::into_inner));
        Patterns::join(self.names, tables.collect())
    }
}

/// Distinct rows, numbered in the order of their first occurrence.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    hasher: DefaultHashBuilder,
    /// The number of each row, found by its votes.
    index: HashTable<u32>,
    ends: Vec<usize>,
    votes: Vec<Vote>,
    counts: Vec<u64>,
}

impl Table {
    /// Adds `count` rows with these votes and returns their number.
    pub(super) fn add(&mut self, row: &[Vote], count: u64) -> u32 {
        let Self { hasher, index, ends, votes, counts } = self;
        let next = ends.len() as u32;
        let votes_of = |number: u32| {
            let number = number as usize;
            let start = if number == 0 { 0 } else { ends[number - 1] };
            &votes[start..ends[number]]
        };
        let number = *index
            .entry(
                hash(hasher, row),
                |&number| votes_of(number) == row,
                |&number| hash(hasher, votes_of(number)),
            )
            .or_insert(next)
            .get();
        if number == next {
            votes.extend_from_slice(row);
            ends.push(votes.len());
            counts.push(0);
        }
        counts[number as usize] += count;
        number
    }

    /// Number of distinct rows.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The votes of row `number`.
    pub(super) fn votes(&self, number: usize) -> &[Vote] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.votes[start..self.ends[number]]
    }

    /// How often row `number` was added.
    pub(super) fn count(&self, number: usize) -> u64 {
        self.counts[number]
    }

    /// Number of votes in distinct rows.
    pub(super) fn n_votes(&self) -> usize {
        self.votes.len()
    }
}

/// Differs from run to run; nothing that leaves this file depends on it.
fn hash(hasher: &DefaultHashBuilder, row: &[Vote]) -> u64 {
    let mut state = hasher.build_hasher();
    let word = |vote: &Vote| (vote.lf.index() << 16 | vote.choice.index()) as u64;
    let mut pairs = row.chunks_exact(2);
    for pair in &mut pairs {
        state.write_u64(word(&pair[0]) << 32 | word(&pair[1]));
    }
    if let [last] = pairs.remainder() {
        state.write_u64(word(last));
    }
    // Rows are compared in full, so that their length need not be hashed.
    state.finish()
}
