//! Whole rows of data with columns added to them: what samples and splits are written as.
//!
//! A row comes as the JSON that [`Field::row`](crate::input::Field::row) gives: an object, or a list of cells in the
//! order of the columns. Objects go to JSON Lines as they are, lists to CSV; for Parquet all cells of text
//! formats are text. Batches that were looked up in Parquet go to Parquet with their types.

mod csv;
mod json_lines;
#[cfg(feature = "parquet")]
mod parquet;

pub(super) use csv::start as csv;
pub(super) use json_lines::start as json_lines;
#[cfg(feature = "parquet")]
pub(super) use parquet::start as parquet;

use super::atomic::StagedFile;
use super::{Format, OutputError};
use serde_json::Value;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A cell that is added to a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Added<'a> {
    /// A whole number.
    Whole(u64),
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
}

/// What an added column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedKind {
    /// Whole numbers.
    Whole,
    /// Numbers.
    Number,
    /// Texts.
    Text,
}

/// The columns of rows that are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowColumns {
    /// Those of the data.
    pub data: Vec<String>,
    /// Those that are added.
    pub added: Vec<(String, AddedKind)>,
}

impl RowColumns {
    /// These columns.
    ///
    /// # Errors
    /// [`OutputError::AddedColumn`] when the data have a column with the name of one that is added.
    pub fn new(data: Vec<String>, added: Vec<(String, AddedKind)>) -> Result<Self, OutputError> {
        match added.iter().find(|(name, _)| data.contains(name)) {
            Some((column, _)) => Err(OutputError::AddedColumn { column: column.clone() }),
            None => Ok(Self { data, added }),
        }
    }

    /// Adds the keys of these rows, as far as they are objects of JSON, after the columns that are there.
    ///
    /// # Errors
    /// [`OutputError::AddedColumn`] as [`new`](Self::new).
    pub fn join_keys<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), OutputError> {
        let mut known: HashSet<String> = self.data.iter().cloned().collect();
        for row in rows {
            let object: Option<serde_json::Map<String, Value>> = serde_json::from_str(row).ok();
            for (key, _) in object.into_iter().flatten() {
                if known.insert(key.clone()) {
                    self.data.push(key);
                }
            }
        }
        *self = Self::new(std::mem::take(&mut self.data), std::mem::take(&mut self.added))?;
        Ok(())
    }
}

/// Where rows are written.
pub(super) type Out = Box<dyn Write + Send>;

/// Somebody who writes rows.
pub trait RowWriter: Send {
    /// Writes a row: its JSON, and the cells that are added, one a column.
    ///
    /// # Errors
    /// What the system says, or why the row cannot stand in this format.
    fn write(&mut self, row: &str, added: &[Added<'_>]) -> io::Result<()>;

    /// Writes rows with all of their types, if this format can; says whether it did.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    #[cfg(feature = "parquet")]
    fn write_batch(
        &mut self,
        rows: &arrow_array::RecordBatch,
        added: &[Vec<Added<'_>>],
    ) -> io::Result<bool> {
        let _ = (rows, added);
        Ok(false)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What the system says.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Writes rows of these columns in a format.
#[must_use]
pub fn row_writer(format: &Format, columns: RowColumns, out: Out) -> Box<dyn RowWriter> {
    (format.rows)(columns, out)
}

/// A file of rows, which appears when it is [published](RowFile::publish).
pub struct RowFile {
    staged: StagedFile,
    writer: Box<dyn RowWriter>,
}

impl RowFile {
    /// Starts the file; the ending of its name says the format.
    ///
    /// # Errors
    /// [`OutputError`] when the ending is unknown or the folder cannot be written to.
    pub fn new(path: &Path, columns: RowColumns) -> Result<Self, OutputError> {
        let format = super::format_of(path)?;
        let staged = StagedFile::new(path)?;
        let file = staged.handle()?;
        let writer = row_writer(format, columns, Box::new(BufWriter::with_capacity(1 << 18, file)));
        Ok(Self { staged, writer })
    }

    /// Its writer.
    pub fn writer(&mut self) -> &mut dyn RowWriter {
        self.writer.as_mut()
    }

    /// Writes what is left and gives the file its final name.
    ///
    /// # Errors
    /// [`OutputError`]; nothing stands under the final name then.
    pub fn publish(self) -> Result<(), OutputError> {
        self.finish()?.publish()
    }

    /// Writes what is left. Of several files each is finished before the first one is published.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn finish(self) -> Result<FinishedRows, OutputError> {
        let failed = self.staged.failed();
        self.writer.finish().map_err(failed)?;
        Ok(FinishedRows(self.staged))
    }

    /// The error that writing gave, with the name of the file.
    #[must_use]
    pub fn failed(&self, error: io::Error) -> OutputError {
        (self.staged.failed())(error)
    }
}

/// A file of rows that is complete and has no name yet.
pub struct FinishedRows(StagedFile);

impl FinishedRows {
    /// Gives the file its final name.
    ///
    /// # Errors
    /// [`OutputError`]; nothing stands under the final name then.
    pub fn publish(self) -> Result<(), OutputError> {
        self.0.publish()
    }
}

/// The cells of a row in the order of the columns.
fn cells(row: &str, columns: &[String]) -> io::Result<Vec<Value>> {
    let wrong = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
    match serde_json::from_str(row).map_err(|error| wrong(format!("a row is no JSON: {error}")))? {
        Value::Array(cells) => Ok(cells),
        Value::Object(mut object) => {
            let cells = columns.iter().map(|name| object.shift_remove(name).unwrap_or(Value::Null));
            let cells = cells.collect();
            match object.keys().next() {
                None => Ok(cells),
                Some(key) => Err(wrong(format!(
                    "a row has a key `{}` that no row before has; write JSON Lines (`.jsonl`)",
                    crate::names::brief(key)
                ))),
            }
        }
        other => Err(wrong(format!("a row is {other}"))),
    }
}

/// A cell as text; a list or an object as JSON.
fn text(cell: Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}
