//! Rows as bags of hashed n-grams, before they are weighed.

use super::tokens::{category, walk};
use super::{Inputs, Kind};
use crate::FieldId;
use crate::input::{Batch, ReadError, Source};
use rayon::prelude::*;

/// Rows as bags: for each row the buckets that occur in it, ascending, how often, and numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bags {
    /// Where each row ends among the entries.
    ends: Vec<usize>,
    buckets: Vec<u32>,
    counts: Vec<f32>,
    /// n_rows × n_numbers; NaN where a number is missing.
    numbers: Vec<f32>,
    n_numbers: usize,
}

/// A row of [`Bags`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Bag<'a> {
    pub(super) buckets: &'a [u32],
    pub(super) counts: &'a [f32],
    pub(super) numbers: &'a [f32],
}

impl Bags {
    /// Reads a source to its end that was opened with [`Inputs::fields`].
    ///
    /// # Errors
    /// Those of the source.
    pub fn read(source: &mut dyn Source, inputs: &Inputs) -> Result<Self, ReadError> {
        let mut bags = Self::default();
        while let Some(batch) = source.next_batch()? {
            bags.append(Self::of(&batch, inputs, 0));
        }
        Ok(bags)
    }

    /// The rows of a batch, whose columns from `first` on are those of the inputs.
    #[must_use]
    pub fn of(batch: &Batch, inputs: &Inputs, first: usize) -> Self {
        let rows: Vec<usize> = (0..batch.n_rows()).collect();
        Self::some(batch, inputs, first, &rows)
    }

    /// Some rows of a batch.
    #[must_use]
    pub fn some(batch: &Batch, inputs: &Inputs, first: usize, rows: &[usize]) -> Self {
        let rows: Vec<Row> =
            rows.par_iter().map(|row| Row::of(batch, inputs, first, *row)).collect();
        let mut bags = Self { n_numbers: inputs.n_numbers(), ..Self::default() };
        for row in rows {
            bags.buckets.extend(row.entries.iter().map(|(bucket, _)| bucket));
            bags.counts.extend(row.entries.iter().map(|(_, count)| count));
            bags.numbers.extend(row.numbers);
            bags.ends.push(bags.buckets.len());
        }
        bags
    }

    /// Joins the rows of `other` to these.
    pub fn append(&mut self, other: Self) {
        if self.ends.is_empty() {
            *self = other;
            return;
        }
        let start = self.buckets.len();
        self.ends.extend(other.ends.iter().map(|end| end + start));
        self.buckets.extend(other.buckets);
        self.counts.extend(other.counts);
        self.numbers.extend(other.numbers);
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn row(&self, row: usize) -> Bag<'_> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let entries = start..self.ends[row];
        Bag {
            buckets: &self.buckets[entries.clone()],
            counts: &self.counts[entries],
            numbers: &self.numbers[row * self.n_numbers..(row + 1) * self.n_numbers],
        }
    }

    pub(super) fn n_numbers(&self) -> usize {
        self.n_numbers
    }
}

struct Row {
    entries: Vec<(u32, f32)>,
    numbers: Vec<f32>,
}

impl Row {
    fn of(batch: &Batch, inputs: &Inputs, first: usize, row: usize) -> Self {
        let mut found = Vec::new();
        let mut numbers = Vec::new();
        for (place, column) in inputs.columns().iter().enumerate() {
            let Some(field) = FieldId::new(first + place) else { continue };
            match column.kind {
                Kind::Text => {
                    if let Some(text) = batch.text(field, row) {
                        let characters = inputs.characters;
                        walk(text, place as u32, characters, |bucket, _| found.push(bucket));
                    }
                }
                Kind::Category => {
                    let value = batch.text(field, row).unwrap_or_default();
                    found.push(category(value, place as u32));
                }
                Kind::Number => {
                    numbers.push(batch.number(field, row).map_or(f32::NAN, |number| number as f32));
                }
            }
        }
        found.sort_unstable();
        let runs = found.chunk_by(|one, other| one == other);
        let entries = runs.map(|run| (run[0], run.len() as f32)).collect();
        Self { entries, numbers }
    }
}
