//! What a source delivers: batches of named, typed columns.

use super::{ReadError, Vectors};
use crate::FieldId;
use arrow_array::{Array, Float64Array, Int64Array, StringArray};
use std::borrow::Cow;

/// A column to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Field {
    /// Its name in the data.
    pub name: String,
    /// What is wanted of it.
    pub kind: FieldKind,
}

/// What is wanted of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Text; whole numbers and truth values are read as they are written.
    Text,
    /// Numbers.
    Number,
    /// An identifier to hand on: whole numbers stay numbers where the file has types.
    Id,
    /// The whole row, to be written as it is: the object of JSON Lines, the cells of CSV as a list of JSON.
    /// It is missing where rows can be looked up by number, as in Parquet; see [`whole`](super::whole).
    Row,
    /// Vectors, such as embeddings.
    Vector {
        /// Their length; without one, that of the first vector.
        dimension: Option<u32>,
    },
}

impl FieldKind {
    /// What it is, for messages.
    pub(crate) fn wanted(self) -> &'static str {
        match self {
            Self::Text | Self::Id | Self::Row => "text",
            Self::Number => "a number",
            Self::Vector { .. } => "a vector, a list of numbers,",
        }
    }
}

impl Field {
    /// A text column.
    pub fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: FieldKind::Text }
    }

    /// A numeric column.
    pub fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: FieldKind::Number }
    }

    /// A column of vectors, all of which are as long as the first one.
    pub fn vector(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: FieldKind::Vector { dimension: None } }
    }

    /// A column of identifiers.
    pub fn id(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: FieldKind::Id }
    }

    /// The whole row.
    #[must_use]
    pub fn row() -> Self {
        Self { name: String::new(), kind: FieldKind::Row }
    }
}

/// The values of one column in one batch; null where a cell is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Text.
    Text(StringArray),
    /// Numbers; NaN counts as missing.
    Number(Float64Array),
    /// Whole numbers, only for identifiers.
    Integer(Int64Array),
    /// Vectors of one length.
    Vector(Vectors),
}

impl Column {
    /// Number of values, missing ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(array) => array.len(),
            Self::Number(array) => array.len(),
            Self::Integer(array) => array.len(),
            Self::Vector(vectors) => vectors.len(),
        }
    }

    /// Whether a value is there.
    #[must_use]
    pub fn is_valid(&self, row: usize) -> bool {
        match self {
            Self::Text(array) => array.is_valid(row),
            Self::Number(array) => array.is_valid(row),
            Self::Integer(array) => array.is_valid(row),
            Self::Vector(vectors) => vectors.is_valid(row),
        }
    }

    /// A value as text, `None` where it is missing. Identifiers that look the same are the same, whether
    /// they are numbers or texts. Of a vector it is the beginning, for people.
    #[must_use]
    pub fn as_text(&self, row: usize) -> Option<Cow<'_, str>> {
        if !self.is_valid(row) {
            return None;
        }
        Some(match self {
            Self::Text(array) => array.value(row).into(),
            Self::Number(array) => array.value(row).to_string().into(),
            Self::Integer(array) => array.value(row).to_string().into(),
            Self::Vector(vectors) => vectors.brief(row)?.into(),
        })
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values `start..start + len`, without a copy.
    #[must_use]
    pub(super) fn slice(&self, start: usize, len: usize) -> Self {
        match self {
            Self::Text(array) => Self::Text(array.slice(start, len)),
            Self::Number(array) => Self::Number(array.slice(start, len)),
            Self::Integer(array) => Self::Integer(array.slice(start, len)),
            Self::Vector(vectors) => Self::Vector(vectors.slice(start, len)),
        }
    }
}

/// Some consecutive rows of the columns that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    start: u64,
    n_rows: usize,
    columns: Vec<Column>,
}

impl Batch {
    /// A batch that starts at row `start` of the input; columns have `n_rows` values each.
    pub(crate) fn new(start: u64, n_rows: usize, columns: Vec<Column>) -> Self {
        debug_assert!(columns.iter().all(|column| column.len() == n_rows));
        Self { start, n_rows, columns }
    }

    /// The number, in the whole input, of the first row, from 0.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// All columns.
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column, in the order of the fields that the source was opened with.
    #[must_use]
    pub fn column(&self, field: FieldId) -> Option<&Column> {
        self.columns.get(field.index())
    }

    /// The text in a cell, `None` where it is missing or not text.
    #[must_use]
    pub fn text(&self, field: FieldId, row: usize) -> Option<&str> {
        match self.column(field) {
            Some(Column::Text(array)) => array.is_valid(row).then(|| array.value(row)),
            _ => None,
        }
    }

    /// The number in a cell, `None` where it is missing, NaN or not a number.
    #[must_use]
    pub fn number(&self, field: FieldId, row: usize) -> Option<f64> {
        match self.column(field) {
            Some(Column::Number(array)) => {
                array.is_valid(row).then(|| array.value(row)).filter(|value| !value.is_nan())
            }
            _ => None,
        }
    }

    /// The whole number in a cell of identifiers, `None` where it is missing or text.
    #[must_use]
    pub fn integer(&self, field: FieldId, row: usize) -> Option<i64> {
        match self.column(field) {
            Some(Column::Integer(array)) => array.is_valid(row).then(|| array.value(row)),
            _ => None,
        }
    }

    /// The vector in a cell, `None` where it is missing or no vector.
    #[must_use]
    pub fn vector(&self, field: FieldId, row: usize) -> Option<&[f32]> {
        match self.column(field) {
            Some(Column::Vector(vectors)) => vectors.get(row),
            _ => None,
        }
    }

    /// Bytes of its cells, more or less.
    pub(crate) fn n_bytes(&self) -> usize {
        let bytes = |column: &Column| match column {
            Column::Text(array) => {
                let ends = array.value_offsets();
                (ends[array.len()] - ends[0]) as usize + 4 * array.len()
            }
            Column::Number(_) | Column::Integer(_) => 8 * column.len(),
            Column::Vector(vectors) => vectors.n_bytes(),
        };
        self.columns.iter().map(bytes).sum()
    }

    /// Its first `n` rows, without a copy.
    #[must_use]
    pub fn head(&self, n: usize) -> Self {
        let n_rows = n.min(self.n_rows);
        let columns = self.columns.iter().map(|column| column.slice(0, n_rows)).collect();
        Self { start: self.start, n_rows, columns }
    }

    pub(super) fn at(mut self, start: u64) -> Self {
        self.start = start;
        self
    }
}

/// Where batches come from.
pub trait Source: Send {
    /// The next batch, `None` after the last one.
    ///
    /// # Errors
    /// [`ReadError`] says in which file, where, and what is wrong.
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError>;

    /// The names of all columns of the data, wanted or not.
    fn columns(&self) -> Vec<String>;

    /// Gives only the rows with these numbers, which ascend, if the data can be read so for less than all
    /// of it; called before any batch is read. Says how many rows there are in all then; `None` where
    /// batches go on with all rows.
    ///
    /// # Errors
    /// [`ReadError`] as [`next_batch`](Self::next_batch).
    fn only(&mut self, rows: &[u64]) -> Result<Option<u64>, ReadError> {
        let _ = rows;
        Ok(None)
    }

    /// What was read, once it has been read to the end.
    fn digests(&self) -> Vec<Digest> {
        Vec::new()
    }
}

/// The content of an input file, for the record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digest {
    /// The file, as it was named.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in the place of a missing number is no identifier.
    #[test]
    fn a_missing_value_is_no_text() {
        let integers = Column::Integer(vec![Some(7), None].into());
        let texts = Column::Text(vec![Some("7"), None].into());
        let numbers = Column::Number(vec![Some(7.5), None].into());
        for (column, text) in [(integers, "7"), (texts, "7"), (numbers, "7.5")] {
            assert_eq!(column.as_text(0).as_deref(), Some(text));
            assert_eq!(column.as_text(1), None);
        }
    }
}
