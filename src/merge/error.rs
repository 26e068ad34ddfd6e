//! Why labels cannot be merged.

use crate::names::nearest;

/// Why labels cannot be merged: where, what, and what to try.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("there are no labels to merge; name run directories, files of labels, or gold files")]
    Nothing,
    /// A file that is neither a table of labels nor a gold file.
    #[error(
        "{path} is no table of labels, which has a column of identifiers, `label` and `prob:<label>`, and no gold \
         file, which has `gold`; the columns are {}",
        quoted(columns)
    )]
    NoLabels {
        /// The file.
        path: String,
        /// Its columns.
        columns: Vec<String>,
    },
    /// A label that has no column of probabilities.
    #[error(
        "{path}, row {row}: `{label}` is none of its labels {}{}",
        quoted(classes),
        nearest(label, classes.iter().map(String::as_str))
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    )]
    NoClass {
        /// The file.
        path: String,
        /// The row, from 0.
        row: u64,
        /// What stands there.
        label: String,
        /// The labels.
        classes: Vec<String>,
    },
    /// A probability that is none, or probabilities that do not sum to 1.
    #[error("{path}, row {row}: {}", probability(column))]
    NoProbability {
        /// The file.
        path: String,
        /// The row, from 0.
        row: u64,
        /// The column, or `together`.
        column: String,
    },
    /// Two sets of labels have different classes.
    #[error(
        "{first} and {other} have different labels: {}; merge labels of one task",
        differences(first, only_first, other, only_other)
    )]
    Classes {
        /// The first set.
        first: String,
        /// The other one.
        other: String,
        /// Classes that only the first one has.
        only_first: Vec<String>,
        /// Classes that only the other one has.
        only_other: Vec<String>,
    },
    /// Rows are named by identifier here and by number there.
    #[error(
        "{by_id} names rows by identifier and {by_number} by number, so that nobody knows which are the same; \
         run with `--id`"
    )]
    Keys {
        /// A set with identifiers.
        by_id: String,
        /// A set without.
        by_number: String,
    },
    /// A row without an identifier.
    #[error(
        "{path}, row {row}: there is no identifier, so that nobody knows which row it is elsewhere"
    )]
    NoId {
        /// The set.
        path: String,
        /// The row, from 0.
        row: u64,
    },
    /// A hand label that does not name its row as the others do.
    #[error(
        "{path}, line {line}: the answer has no {wanted} of its row, by which rows are named here"
    )]
    NoKey {
        /// The gold file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is missing.
        wanted: &'static str,
    },
    /// An identifier that stands twice.
    #[error(
        "{path}: rows {first} and {second} have the same identifier `{id}`; rows are told apart by it"
    )]
    SameId {
        /// The set.
        path: String,
        /// The identifier.
        id: String,
        /// The row where it stands first, from 0.
        first: u64,
        /// The row where it stands again.
        second: u64,
    },
    /// The same labels twice.
    #[error("{path} is named twice; its labels would count twice")]
    Twice {
        /// The run directory or file.
        path: String,
    },
    /// More rows than there are numbers for.
    #[error("there are more than {} rows; merge parts of them", u32::MAX)]
    TooManyRows,
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn probability(column: &str) -> String {
    match column {
        "together" => "the probabilities do not sum to 1".to_owned(),
        column => format!("`{column}` is no probability, from 0 to 1"),
    }
}

fn differences(first: &str, only_first: &[String], other: &str, only_other: &[String]) -> String {
    let only = |names: &[String], path: &str| {
        (!names.is_empty()).then(|| format!("{} only in {path}", quoted(names)))
    };
    let parts = [only(only_first, first), only(only_other, other)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
