//! The file formats: one line each, the only place that lists them.

use super::files::Opened;
use super::{Field, ReadError, Source, csv, json_lines};

/// Every format.
static FORMATS: &[&Format] = &[
    #[cfg(feature = "parquet")]
    &super::parquet::FORMAT,
    &csv::CSV,
    &csv::TSV,
    &json_lines::FORMAT,
];

type Open = fn(file: Opened, fields: &[Field]) -> Result<Box<dyn Source>, ReadError>;

/// A file format that can be read.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is called in messages, with its article.
    pub(super) title: &'static str,
    /// Endings of file names, without compression.
    pub endings: &'static [&'static str],
    /// Whether the file must be opened by its path or read whole, and cannot be streamed.
    pub(super) random_access: bool,
    /// What the first bytes look like instead, if they cannot be of this format.
    pub(super) contradicts: fn(head: &[u8]) -> Option<&'static str>,
    pub(super) open: Open,
}

/// The formats, in the order in which to show them.
#[must_use]
pub fn formats() -> &'static [&'static Format] {
    FORMATS
}

/// The format of that name.
#[must_use]
pub fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name).copied()
}

/// The format that the ending of a file name says, compression aside.
#[must_use]
pub fn format_of(path: &str) -> Option<&'static Format> {
    let name = path.to_lowercase();
    let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let ending = name.rsplit_once('.')?.1;
    FORMATS.iter().find(|format| format.endings.contains(&ending)).copied()
}

/// What the bytes show, whatever the name: a Parquet file, or bytes that are no text at all.
pub(super) fn binary(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"PAR1") {
        Some("it is a Parquet file")
    } else if head.starts_with(b"PK\x03\x04") {
        Some("it is a zip archive or a spreadsheet; save it as CSV")
    } else if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        Some("it is UTF-16 text; save it as UTF-8")
    } else if head.contains(&0) {
        Some("it holds binary data")
    } else {
        None
    }
}
