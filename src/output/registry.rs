//! The output formats: one line each, the only place that lists them.

use super::rows::{self, RowColumns, RowWriter};
use super::table::{Piece, Table};
use super::{OutputError, csv, json_lines};
use std::io::{self, Write};

/// Every format.
static FORMATS: &[&Format] = &[
    #[cfg(feature = "parquet")]
    &super::parquet::FORMAT,
    &csv::FORMAT,
    &json_lines::FORMAT,
];

/// Where a table is written.
pub(super) type Out<'a> = &'a mut (dyn Write + Send);

/// Somebody who writes a table, piece by piece; the first piece may be empty, but it is there.
pub(super) trait TableWriter: Send {
    fn write(&mut self, piece: &Piece) -> io::Result<()>;

    /// Writes what is left.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A file format that can be written.
pub struct Format {
    /// Its name on the command line, which is also the ending of file names.
    pub name: &'static str,
    pub(super) start: for<'a> fn(&'a Table<'a>, Out<'a>) -> Box<dyn TableWriter + 'a>,
    /// Starts a file of rows.
    pub(super) rows: fn(RowColumns, rows::Out) -> Box<dyn RowWriter>,
}

/// The formats, the default one first.
#[must_use]
pub fn formats() -> &'static [&'static Format] {
    FORMATS
}

/// The format to use when nobody says: Parquet where it is built in, else CSV.
#[must_use]
pub fn default_format() -> &'static Format {
    FORMATS[0]
}

/// The format of that name.
#[must_use]
pub fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name).copied()
}

/// The format that the ending of a file name says.
///
/// # Errors
/// [`OutputError::UnknownFormat`] when it says none.
pub fn format_of(path: &std::path::Path) -> Result<&'static Format, OutputError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.and_then(|ending| format_named(&ending)).ok_or_else(|| OutputError::UnknownFormat {
        path: path.display().to_string(),
        endings: FORMATS.iter().map(|format| format.name).collect(),
    })
}
