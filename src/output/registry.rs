//! The output formats: one line each, the only place that lists them.

use super::{OutputError, csv, json_lines};
use crate::input::Column;
use std::io::Write;

/// Every format.
static FORMATS: &[&Format] = &[
    #[cfg(feature = "parquet")]
    &super::parquet::FORMAT,
    &csv::FORMAT,
    &json_lines::FORMAT,
];

/// A table in pieces: each piece has all columns, of equal length.
pub(super) type Pieces<'a> = &'a mut dyn FnMut() -> Option<Vec<Column>>;

/// A file format that can be written.
pub struct Format {
    /// Its name on the command line, which is also the ending of file names.
    pub name: &'static str,
    pub(super) write: fn(
        names: &[String],
        pieces: Pieces<'_>,
        out: &mut (dyn Write + Send),
    ) -> Result<(), std::io::Error>,
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
