//! Distinct vote rows with their counts: all that a label model needs to see.
//!
//! A likelihood that factorizes over rows is exact on patterns, so fitting costs as much as there
//! are distinct vote rows, however many rows there are. Counts of two machines can be added with
//! [`Patterns::merge`].

mod derived;

pub(crate) use derived::{id_without, votes_without};

use super::counter::{PatternCounter, Run, Table, check_row};
use super::{LabelMatrix, Names, Vote};
use rayon::prelude::*;
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
    /// A row with votes out of order, with two of one labeling function, or with one of a labeling
    /// function or for a choice that does not exist.
    #[error(
        "the votes of a row must be in the order of the labeling functions, one each, and known"
    )]
    Votes,
}

impl Patterns {
    /// Counts the distinct rows of a label matrix, in parallel.
    ///
    /// For rows that do not fit into memory at once see
    /// [`PatternCounter`](super::PatternCounter).
    #[must_use]
    pub fn count(matrix: &LabelMatrix) -> Self {
        let mut counter = PatternCounter::new(matrix.names().clone());
        counter.add_rows(matrix);
        counter.finish()
    }

    /// Adds the counts of `other`, whose rows come after the rows of `self`.
    ///
    /// # Errors
    /// [`PatternsError::DifferentNames`] when LFs, classes or choices differ.
    pub fn merge(self, other: Self) -> Result<Self, PatternsError> {
        if self.names != other.names {
            return Err(PatternsError::DifferentNames);
        }
        let parts = [&self, &other];
        let tables = parts.map(Self::table);
        let runs = [0, 1].map(|table| Run { table, rows: parts[table].of_row.len() });
        let mut of_row = self.of_row;
        of_row.extend_from_slice(&other.of_row);
        Ok(Self::from_tables(self.names, tables.into(), of_row, &runs))
    }

    /// Adds the counts of any number of parts with these names, whose rows are elsewhere. With the patterns
    /// come, for each part, the numbers that its patterns have now.
    pub(crate) fn merge_all(names: Arc<Names>, parts: &[Self]) -> (Self, Vec<Vec<u32>>) {
        Self::join(names, parts.iter().map(Self::table).collect())
    }

    fn table(&self) -> Table {
        let mut table = Table::default();
        for (votes, count) in self.iter() {
            table.add(votes, count);
        }
        table
    }

    /// Joins tables of rows. `of_row` are the numbers of rows in their tables, and `runs` say which
    /// these are.
    pub(super) fn from_tables(
        names: Arc<Names>,
        tables: Vec<Table>,
        mut of_row: Vec<u32>,
        runs: &[Run],
    ) -> Self {
        let (mut patterns, numbers) = Self::join(names, tables);
        let mut rest = of_row.as_mut_slice();
        let mut parts = Vec::with_capacity(runs.len());
        for run in runs {
            let (part, after) = rest.split_at_mut(run.rows);
            parts.push((part, &numbers[run.table]));
            rest = after;
        }
        parts.into_par_iter().for_each(|(part, numbers)| {
            part.iter_mut().for_each(|number| *number = numbers[*number as usize]);
        });
        patterns.of_row = of_row;
        patterns
    }

    /// Joins tables of rows; which rows there were is for others to know. With the patterns come, for
    /// each table, the patterns of its rows.
    pub(super) fn join(names: Arc<Names>, tables: Vec<Table>) -> (Self, Vec<Vec<u32>>) {
        // The largest table takes in the others.
        let largest = (0..tables.len()).max_by_key(|&at| tables[at].len()).unwrap_or(0);
        let mut all = Table::default();
        let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); tables.len()];
        let mut others = Vec::new();
        for (at, table) in tables.into_iter().enumerate() {
            if at == largest {
                numbers[at] = (0..table.len() as u32).collect();
                all = table;
            } else {
                others.push((at, table));
            }
        }
        for (at, table) in others {
            let rows = 0..table.len();
            numbers[at] = rows.map(|row| all.add(table.votes(row), table.count(row))).collect();
        }
        // The first votes of a row decide most comparisons.
        let mut order: Vec<(u128, u32)> =
            (0..all.len()).map(|row| (first_votes(all.votes(row)), row as u32)).collect();
        order.par_sort_unstable_by(|(first, one), (second, other)| {
            let rest = || all.votes(*one as usize).cmp(all.votes(*other as usize));
            first.cmp(second).then_with(rest)
        });
        let mut patterns = Self {
            names,
            ends: Vec::with_capacity(all.len()),
            votes: Vec::with_capacity(all.n_votes()),
            counts: Vec::with_capacity(all.len()),
            of_row: Vec::new(),
        };
        let mut rank = vec![0; all.len()];
        for (new, &(_, old)) in order.iter().enumerate() {
            let old = old as usize;
            rank[old] = new as u32;
            patterns.votes.extend_from_slice(all.votes(old));
            patterns.ends.push(patterns.votes.len());
            patterns.counts.push(all.count(old));
        }
        for number in numbers.iter_mut().flatten() {
            *number = rank[*number as usize];
        }
        (patterns, numbers)
    }

    /// Distinct rows of votes with their counts, whatever their order; rows are elsewhere.
    ///
    /// # Errors
    /// [`PatternsError::Votes`] as [`PatternCounter::push`].
    pub(crate) fn from_counts<'a>(
        names: Arc<Names>,
        rows: impl IntoIterator<Item = (&'a [Vote], u64)>,
    ) -> Result<(Self, Vec<u32>), PatternsError> {
        let mut table = Table::default();
        let mut numbers = Vec::new();
        for (row, count) in rows {
            check_row(&names, row)?;
            numbers.push(table.add(row, count));
        }
        let (patterns, of_table) = Self::join(names, vec![table]);
        numbers.iter_mut().for_each(|number| *number = of_table[0][*number as usize]);
        Ok((patterns, numbers))
    }

    /// The same with the pattern of each row.
    pub(crate) fn with_rows(self, of_row: Vec<u32>) -> Self {
        Self { of_row, ..self }
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
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[Vote], u64)> {
        (0..self.len()).map(|number| (self.votes(number), self.counts[number]))
    }

    /// For each row, in input order, the number of its pattern; empty where the rows are elsewhere (see
    /// [`Packed`](crate::lf::Packed)).
    #[must_use]
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }
}

/// The first four votes as one number, whose order is that of the rows wherever two numbers differ.
fn first_votes(row: &[Vote]) -> u128 {
    let mut key = 0;
    for at in 0..4 {
        let vote = row.get(at).map_or(0, |vote| vote.lf.index() << 16 | vote.choice.index());
        key = key << 32 | vote as u128;
    }
    key
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

        /// However rows come, as matrices or one by one, and on however many threads.
        #[test]
        fn any_division_of_the_rows_gives_the_same_patterns(
            parts in prop::collection::vec((rows(30), any::<bool>()), 0..6),
            threads in 1..4usize,
        ) {
            let whole: Vec<_> = parts.iter().flat_map(|(rows, _)| rows).cloned().collect();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
            let counted = pool.install(|| {
                let mut counter = PatternCounter::new(matrix(&[]).names().clone());
                for (rows, one_by_one) in &parts {
                    let part = matrix(rows);
                    if *one_by_one {
                        part.rows().for_each(|row| counter.push(row).expect("a valid row"));
                    } else {
                        counter.add(&part).expect("same names");
                    }
                }
                counter.finish()
            });
            prop_assert_eq!(counted, Patterns::count(&matrix(&whole)));
        }
    }

    /// As many rows as several threads share.
    #[test]
    fn threads_count_the_same() {
        let vote = |i: usize, j: usize| ((i * 31 + j * 17) % 7 < 3).then_some(i / 5 % 2);
        let rows: Vec<Vec<_>> = (0..30_000).map(|i| (0..3).map(|j| vote(i, j)).collect()).collect();
        let matrix = matrix(&rows);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("pool");
            pool.install(|| {
                let mut counter = PatternCounter::new(matrix.names().clone());
                counter.push(matrix.row(0)).expect("a valid row");
                counter.add(&matrix).expect("same names");
                counter.push(matrix.row(1)).expect("a valid row");
                counter.finish()
            })
        };
        assert_eq!(on(1), on(4));
        assert_eq!(on(3).n_rows(), 30_002);
    }

    #[test]
    fn rows_out_of_order_are_not_counted() {
        let rows = matrix(&[vec![Some(0), Some(1), None]]);
        let [first, second] = [rows.row(0)[0], rows.row(0)[1]];
        let unknown = Vote { choice: crate::ChoiceId::new(2).expect("an id"), ..first };
        let mut counter = PatternCounter::new(rows.names().clone());
        for row in [&[second, first][..], &[first, first], &[unknown]] {
            assert_eq!(counter.push(row), Err(PatternsError::Votes));
        }
        assert_eq!(counter.finish().len(), 0);
    }

    #[test]
    fn other_names_do_not_merge() {
        let one = Patterns::count(&matrix(&[]));
        let names = Names::new(["other"], ["x", "y"]).expect("names");
        let other = Patterns::count(&LabelMatrix::new(names));
        let mut counter = PatternCounter::new(other.names().clone());
        assert_eq!(counter.add(&matrix(&[])), Err(PatternsError::DifferentNames));
        assert_eq!(one.merge(other), Err(PatternsError::DifferentNames));
    }
}
