//! What stands in the columns of a table, from its first rows.

use crate::FieldId;
use crate::input::{Batch, Column, Field, FieldKind, Files, ReadError, parse_vector};
use crate::time::hour;
use std::collections::{BTreeMap, HashSet};
use twox_hash::XxHash3_64;

/// Rows that columns are judged by, at the most.
const ROWS: u64 = 100_000;
/// Different values that are remembered, and how long they may be to be.
const VALUES: usize = 60;
const VALUE_BYTES: usize = 100;
/// Longer cells are no numbers, times or identifiers.
const SHORT: usize = 64;
/// Cells that are tried as vectors.
const FIRST: u64 = 1000;
/// Columns with longer names are left alone.
const NAME_BYTES: usize = 200;

/// A column, as it looks.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub(super) name: String,
    /// Whether it can be read as text only, or as numbers only.
    pub(super) numbers_only: bool,
    /// Cells that are not missing.
    pub(super) cells: u64,
    pub(super) missing: u64,
    distinct: HashSet<u64>,
    /// Its values with their counts; `None` when there are many, or long ones.
    pub(super) values: Option<BTreeMap<String, u64>>,
    bytes: u64,
    words: u64,
    pub(super) longest: usize,
    letters: u64,
    numbers: u64,
    fractions: u64,
    times: u64,
    /// Of the first cells, those that hold vectors.
    vectors: u64,
    least: f64,
    most: f64,
}

impl Profile {
    fn new(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            numbers_only: field.kind == FieldKind::Number,
            values: Some(BTreeMap::new()),
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            ..Self::default()
        }
    }

    /// How many cells are different, as far as that was counted.
    pub(super) fn n_distinct(&self) -> u64 {
        self.distinct.len() as u64
    }

    fn share(&self, count: u64) -> f64 {
        count as f64 / self.cells.max(1) as f64
    }

    /// Words in a cell, on average.
    pub(super) fn mean_words(&self) -> f64 {
        self.share(self.words)
    }

    /// Bytes in a cell, on average.
    pub(super) fn mean_bytes(&self) -> f64 {
        self.share(self.bytes)
    }

    pub(super) fn is_numeric(&self) -> bool {
        self.cells > 0 && self.share(self.numbers) >= 0.98
    }

    /// Whether its cells are dates or times, and not plain numbers.
    pub(super) fn is_time(&self) -> bool {
        self.cells > 0 && self.share(self.times) >= 0.95 && !self.is_numeric()
    }

    /// Whether its cells are vectors, written as lists of numbers.
    pub(super) fn is_vector(&self) -> bool {
        self.cells > 0 && self.vectors as f64 >= 0.98 * self.cells.min(FIRST) as f64
    }

    /// Whether at least half of its cells have letters.
    pub(super) fn has_letters(&self) -> bool {
        self.share(self.letters) >= 0.5
    }

    /// Whether its cells could be probabilities.
    pub(super) fn is_probability(&self) -> bool {
        self.is_numeric() && self.fractions >= 3 && self.least >= 0.0 && self.most <= 1.0
    }

    /// A number in the middle of those that were seen.
    pub(super) fn middle(&self) -> f64 {
        let middle = self.least / 2.0 + self.most / 2.0;
        if middle.is_finite() { middle } else { 0.0 }
    }

    fn add(&mut self, cell: Option<&str>, number: Option<f64>) {
        let Some(text) = cell else {
            self.missing += 1;
            return;
        };
        self.cells += 1;
        if self.cells <= FIRST && text.trim_start().starts_with('[') {
            self.vectors += u64::from(matches!(parse_vector(text, None), Ok(Some(_))));
        }
        self.bytes += text.len() as u64;
        self.longest = self.longest.max(text.len());
        self.distinct.insert(XxHash3_64::oneshot(text.as_bytes()));
        self.words += text.split_whitespace().count() as u64;
        self.letters += u64::from(text.chars().any(char::is_alphabetic));
        if let Some(values) = &mut self.values {
            if text.len() > VALUE_BYTES {
                self.values = None;
            } else if let Some(count) = values.get_mut(text) {
                *count += 1;
            } else if values.len() == VALUES {
                self.values = None;
            } else {
                values.insert(text.to_owned(), 1);
            }
        }
        if text.len() > SHORT {
            return;
        }
        self.times += u64::from(hour(text).is_some());
        let number = number.or_else(|| text.trim().parse().ok()).filter(|n: &f64| n.is_finite());
        if let Some(number) = number {
            self.numbers += 1;
            self.fractions += u64::from(number.fract() != 0.0);
            self.least = self.least.min(number);
            self.most = self.most.max(number);
        }
    }

    fn read(&mut self, batch: &Batch, field: usize) {
        let Some(column) = FieldId::new(field).and_then(|field| batch.column(field)) else {
            return;
        };
        for row in 0..batch.n_rows() {
            let text = column.as_text(row);
            let number = match column {
                Column::Number(numbers) => Some(numbers.value(row)),
                _ => None,
            };
            self.add(text.as_deref(), number);
        }
    }
}

/// The columns of a table.
pub(super) struct Profiles {
    /// Those that can be read as text or numbers.
    pub(super) columns: Vec<Profile>,
    /// The names of those with vectors.
    pub(super) vectors: Vec<String>,
    /// The names of those that cannot be read.
    pub(super) left_out: Vec<String>,
}

/// Looks at all columns.
pub(super) fn profiles(files: &Files) -> Result<Profiles, ReadError> {
    let names = files.open(&[])?.columns();
    let (mut left_out, mut vectors) = (Vec::new(), Vec::new());
    let mut fields: Vec<Field> = Vec::new();
    for name in names {
        if name.is_empty() || name.len() > NAME_BYTES {
            left_out.push(name.chars().take(40).collect());
        } else if !fields.iter().any(|field| field.name == name) {
            fields.push(Field::text(name));
        }
    }
    // A column that is no text may hold numbers, and one that is neither vectors, lists or objects.
    loop {
        match attempt(files, &fields) {
            Ok(columns) => return Ok(Profiles { columns, vectors, left_out }),
            Err(
                ReadError::WrongType { column, .. }
                | ReadError::DuplicateColumn { column, .. }
                | ReadError::MissingColumn { column, .. },
            ) if fields.iter().any(|field| field.name == column) => {
                fields.retain_mut(|field| {
                    let wrong = field.name == column;
                    let text = field.kind == FieldKind::Text;
                    if wrong && text {
                        field.kind = FieldKind::Number;
                    } else if wrong && has_vectors(files, &column) {
                        vectors.push(column.clone());
                    } else if wrong {
                        left_out.push(column.clone());
                    }
                    !wrong || text
                });
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the first rows of a column hold vectors.
fn has_vectors(files: &Files, column: &str) -> bool {
    let batch = files.open(&[Field::vector(column)]).and_then(|mut source| source.next_batch());
    let there =
        |batch: Batch| (0..batch.n_rows()).any(|row| batch.vector(FieldId::FIRST, row).is_some());
    batch.ok().flatten().is_some_and(there)
}

fn attempt(files: &Files, fields: &[Field]) -> Result<Vec<Profile>, ReadError> {
    let mut profiles: Vec<Profile> = fields.iter().map(Profile::new).collect();
    let mut source = files.open(fields)?;
    let mut rows = 0;
    while rows < ROWS
        && let Some(batch) = source.next_batch()?
    {
        rows += batch.n_rows() as u64;
        for (at, profile) in profiles.iter_mut().enumerate() {
            profile.read(&batch, at);
        }
    }
    Ok(profiles)
}
