//! The formats of exports: one line each, the only place that lists them.

use super::rows::Rows;
use super::target::Target;
use super::{Summary, argilla, cleanlab, label_studio, scipy, sklearn, snorkel, triplets, wrench};
use crate::Error;

/// Every format.
static FORMATS: &[&Format] = &[
    #[cfg(feature = "parquet")]
    &super::huggingface::FORMAT,
    &sklearn::FORMAT,
    &cleanlab::FORMAT,
    &wrench::FORMAT,
    &snorkel::FORMAT,
    &scipy::FORMAT,
    &label_studio::FORMAT,
    &argilla::FORMAT,
    &triplets::FORMAT,
];

/// A format that runs can be exported to.
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is written, in a few words.
    pub about: &'static str,
    /// Whether it is a folder of files rather than a file.
    pub folder: bool,
    /// Whether it has the cells of the data.
    pub cells: bool,
    /// Whether it has known labels.
    pub known: bool,
    /// Whether it can have a row for each class of a row.
    pub soft: bool,
    /// Whether it has the rows in splits.
    pub splits: bool,
    pub(super) write: fn(&Rows<'_>, &Target, &mut Summary) -> Result<(), Error>,
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
