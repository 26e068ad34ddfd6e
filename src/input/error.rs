//! What can be wrong with data.

use super::{CELL_BYTES, VectorFault, WHOLE_BYTES};
use crate::bounded::MEGABYTE;
use crate::names::brief;

/// Where a cell stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellPlace {
    /// On this line, from 1.
    Line(u64),
    /// In the row with this number, from 0, in a file without lines.
    Row(u64),
}

impl std::fmt::Display for CellPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "data row {}", row + 1),
        }
    }
}

/// Why data could not be read: what, where, and what to try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A pattern that matches no file, or is not a pattern.
    #[error("no file matches `{pattern}`{}", note(detail))]
    NoFile {
        /// The pattern.
        pattern: String,
        /// What is wrong with it, if anything is.
        detail: String,
    },
    /// Nothing to read.
    #[error("{path}: the file is empty")]
    Empty {
        /// The file.
        path: String,
    },
    /// Neither the name nor the user says what the file is.
    #[error(
        "{path}: cannot tell the format from the name; use one of {}, or name the format",
        list(endings)
    )]
    UnknownFormat {
        /// The file.
        path: String,
        /// Endings that are known.
        endings: Vec<&'static str>,
    },
    /// The content is not what the name says.
    #[error("{path}: this is not {expected}: {found}")]
    WrongFormat {
        /// The file.
        path: String,
        /// What it should be.
        expected: &'static str,
        /// What it looks like.
        found: &'static str,
    },
    /// A column that the specification reads and the data lack.
    #[error(
        "{path}: there is no column `{column}`{}; the columns are {}",
        suggest(column, available),
        list(available)
    )]
    MissingColumn {
        /// The file.
        path: String,
        /// The column that is wanted.
        column: String,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// Files that are to be joined row by row and have other columns than the first.
    #[error(
        "{path}: its format or its columns ({}) are not those of the first file ({}); take files with the same columns in the same order",
        list(columns),
        list(first)
    )]
    OtherColumns {
        /// The file.
        path: String,
        /// Its columns.
        columns: Vec<String>,
        /// Those of the first file.
        first: Vec<String>,
    },
    /// Two columns with the name of one that is wanted.
    #[error("{path}: two columns are named `{column}`; rename one")]
    DuplicateColumn {
        /// The file.
        path: String,
        /// The name.
        column: String,
    },
    /// A column, or a cell of it, that holds something else than is wanted.
    #[error("{path}{}: column `{column}` holds {found}, but {expected} is wanted", at(line))]
    WrongType {
        /// The file.
        path: String,
        /// The line, from 1, where it is one cell.
        line: Option<u64>,
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// What is wanted.
        expected: &'static str,
    },
    /// A cell that holds no vector, or one that does not fit.
    #[error("{path}, {place}: column `{column}` {fault}")]
    Vector {
        /// The file.
        path: String,
        /// Where in it.
        place: CellPlace,
        /// The column.
        column: String,
        /// What is wrong.
        fault: VectorFault,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "{path}, line {line}: column `{column}` is not valid UTF-8; convert the file to UTF-8 (for example with iconv)"
    )]
    Encoding {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
    },
    /// A row with more or fewer cells than the header.
    #[error(
        "{path}, line {line}: {}, but the header has {expected}; is a quote or a delimiter missing?",
        fields(*found)
    )]
    Ragged {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// Cells in this row.
        found: u64,
        /// Cells in the header.
        expected: u64,
    },
    /// A line or a file that does not follow its format.
    #[error("{path}{}: {message}", at(line))]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1, where known.
        line: Option<u64>,
        /// What is wrong.
        message: String,
    },
    /// A row that is longer than any text should be.
    #[error(
        "{path}, line {line}: the row that begins here is longer than {} megabytes, the longest that is read; is a quote or the end of a line missing?",
        CELL_BYTES / MEGABYTE
    )]
    TooLong {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
    },
    /// A gold label or a vote that is none of the labels.
    #[error(
        "data row {}: column `{column}` holds `{}`, which is none of the labels {}{}",
        row + 1,
        brief(value),
        list(labels),
        suggest(value, labels)
    )]
    UnknownLabel {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// What it holds.
        value: String,
        /// The labels there are.
        labels: Vec<String>,
    },
    /// A vote that other tools write to abstain.
    #[error(
        "data row {1}: column `{column}` holds `{0}`, which other tools write where an LF abstains; say --abstain {0}, or name the labels with --labels if it is one",
        brief(value), row + 1
    )]
    LooksAbstained {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// What it holds.
        value: String,
    },
    /// A split that is none of those there are.
    #[error(
        "data row {}: the column of splits holds `{}`, which is none of {}; name another column with --split",
        row + 1, brief(value), list(splits)
    )]
    UnknownSplit {
        /// Row number, from 0.
        row: u64,
        /// What it holds.
        value: String,
        /// The splits there are.
        splits: Vec<String>,
    },
    /// A vote for all classes, or for none: it says nothing.
    #[error("data row {}: column `{column}` holds `{}`, which is a vote for all of the labels {} or for none of them; leave the cell empty to abstain, or name all labels", row + 1, brief(value), list(labels))]
    EmptyVote {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// What it holds.
        value: String,
        /// The labels there are.
        labels: Vec<String>,
    },
    /// An answer that does not say what it is about, or whose it is.
    #[error("data row {}: column `{column}` is empty; every answer needs it", row + 1)]
    MissingCell {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
    },
    /// An item with two different known labels.
    #[error("data row {}: column `{column}` holds `{}`, but `{}` has another known label in an earlier row", row + 1, brief(value), brief(item))]
    TwoLabels {
        /// Row number, from 0.
        row: u64,
        /// The column.
        column: String,
        /// The item.
        item: String,
        /// Its second label.
        value: String,
    },
    /// More of something than there are ids.
    #[error("data row {}: there are more than {limit} {what}", row + 1)]
    TooMany {
        /// Row number, from 0.
        row: u64,
        /// Of what there are too many.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A file that cannot be read in pieces, nor fits in memory.
    #[error(
        "{path}: it comes to more than {} megabytes in memory; decompress it to a file, or write it as several",
        WHOLE_BYTES / MEGABYTE
    )]
    TooLarge {
        /// The file.
        path: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

fn at(line: &Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}

fn fields(n: u64) -> String {
    format!("{n} field{}", if n == 1 { "" } else { "s" })
}

fn note(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

/// A list for people, cut when it is long.
fn list<T: AsRef<str>>(items: &[T]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> =
        items.iter().take(MOST).map(|item| format!("`{}`", brief(item.as_ref()))).collect();
    let more = items.len().saturating_sub(MOST);
    match (shown.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

fn suggest(name: &str, allowed: &[String]) -> String {
    crate::names::nearest(name, allowed.iter().map(String::as_str))
        .map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

impl ReadError {
    /// The same without what stands in cells, for those who must not see rows.
    #[must_use]
    pub fn without_cells(mut self) -> Self {
        match &mut self {
            Self::UnknownLabel { value, .. }
            | Self::LooksAbstained { value, .. }
            | Self::UnknownSplit { value, .. }
            | Self::EmptyVote { value, .. } => "…".clone_into(value),
            Self::TwoLabels { item, value, .. } => {
                "…".clone_into(item);
                "…".clone_into(value);
            }
            Self::Vector { fault: VectorFault::NotNumbers { found }, .. } => {
                *found = "…".into();
            }
            Self::WrongType { line: Some(_), found, .. } => "something else".clone_into(found),
            Self::Syntax { message, .. } => {
                "it cannot be read (a row is not quoted here)".clone_into(message);
            }
            _ => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_cells_can_be_left_out() {
        let path = || "d.csv".to_owned();
        let column = || "note".to_owned();
        let secret = || "secret".to_owned();
        let labels = || vec!["a".to_owned(), "b".to_owned()];
        let row = 6;
        for (error, place) in [
            (
                ReadError::UnknownLabel {
                    row,
                    column: column(),
                    value: secret(),
                    labels: labels(),
                },
                "data row 7: column `note`",
            ),
            (
                ReadError::LooksAbstained { row, column: column(), value: secret() },
                "data row 7: column `note`",
            ),
            (
                ReadError::EmptyVote { row, column: column(), value: secret(), labels: labels() },
                "data row 7: column `note`",
            ),
            (
                ReadError::TwoLabels { row, column: column(), item: secret(), value: secret() },
                "data row 7: column `note`",
            ),
            (
                ReadError::WrongType {
                    path: path(),
                    line: Some(8),
                    column: column(),
                    found: secret(),
                    expected: "a number",
                },
                "d.csv, line 8: column `note`",
            ),
            (
                ReadError::Vector {
                    path: path(),
                    place: CellPlace::Line(8),
                    column: column(),
                    fault: VectorFault::NotNumbers { found: secret().into() },
                },
                "d.csv, line 8: column `note`",
            ),
            (
                ReadError::Syntax { path: path(), line: Some(8), message: secret() },
                "d.csv, line 8: ",
            ),
        ] {
            assert!(error.to_string().contains("secret"), "{error}");
            let masked = error.without_cells().to_string();
            assert!(masked.starts_with(place) && !masked.contains("secret"), "{masked}");
        }
        // The type of a column is not a cell.
        let error = ReadError::WrongType {
            path: path(),
            line: None,
            column: column(),
            found: "values of the type Int8".to_owned(),
            expected: "text",
        };
        assert!(error.without_cells().to_string().contains("Int8"));
    }

    #[test]
    fn lists_are_cut_when_they_are_long() {
        let names: Vec<String> = (0..14).map(|n| format!("c{n}")).collect();
        assert_eq!(list::<String>(&[]), "none");
        assert_eq!(list(&names[..2]), "`c0`, `c1`");
        assert!(list(&names).ends_with("`c10`, `c11` and 2 more"), "{}", list(&names));
    }
}
