//! The tables that are written: labels with their probabilities, and votes.

use super::OutputError;
use super::atomic::write_file;
use super::registry::Format;
use crate::input::Column;
use crate::model::{Decision, ProbLabels};
use crate::{ChoiceId, ClassId, LabelMatrix};
use arrow_array::{Array, Float64Array, StringArray};
use std::borrow::Cow;
use std::path::Path;

/// Which rows a table is about: their identifiers, or just their number.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The name of the first column.
    pub name: &'a str,
    /// Identifiers in pieces, in row order; empty to count the rows from 0.
    pub ids: &'a [Column],
}

/// Checks that a column of identifiers does not have the name of another column of the output.
///
/// # Errors
/// [`OutputError::ReservedColumn`] when it does.
pub fn check_id(name: &str) -> Result<(), OutputError> {
    let reserved = ["label", "confidence"].contains(&name)
        || ["prob:", "lf:"].iter().any(|prefix| name.starts_with(prefix));
    if reserved { Err(OutputError::ReservedColumn { column: name.to_owned() }) } else { Ok(()) }
}

/// What goes into a table of labels.
#[derive(Debug, Clone, Copy)]
pub struct LabelTable<'a> {
    /// The rows.
    pub rows: Rows<'a>,
    /// Their probabilities.
    pub labels: &'a ProbLabels,
    /// How they become hard labels.
    pub decision: &'a Decision,
    /// The votes, to be written as columns `lf:<name>` as well.
    pub votes: Option<&'a LabelMatrix>,
}

/// Rows that are written at once, at the most.
const PIECE: usize = 1 << 16;
/// Cells that are written at once: fewer rows where there are more than 256 columns.
const MOST_CELLS: usize = PIECE << 8;

/// Writes a table of labels: the identifier, `label` (missing where there is none), `confidence` (the
/// probability of the label, or the highest one), `prob:<class>`, and on request `lf:<name>`.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_labels(
    path: &Path,
    format: &Format,
    table: &LabelTable<'_>,
) -> Result<(), OutputError> {
    let probabilities = table.labels;
    let names = probabilities.names();
    let hard = probabilities.decide(table.decision);
    let confidence = probabilities.confidence(&hard);
    let mut columns = vec![table.rows.name.to_owned(), "label".to_owned(), "confidence".to_owned()];
    columns.extend(names.classes.iter().map(|class| format!("prob:{class}")));
    if let Some(votes) = table.votes {
        columns.extend(votes.names().lfs.iter().map(|lf| format!("lf:{lf}")));
    }
    let mut cursor = Cursor::new(table.rows.ids);
    write_pieces(path, format, &columns, probabilities.n_rows(), |start, end| {
        let patterns = &probabilities.of_row()[start..end];
        let mut piece = vec![cursor.take(start, end)];
        let label = patterns.iter().map(|&u| hard[u as usize].map(|class| names.class(class)));
        piece.push(Column::Text(label.collect::<StringArray>()));
        let confidence = patterns.iter().map(|&u| confidence[u as usize]);
        piece.push(Column::Number(Float64Array::from_iter_values(confidence)));
        for class in ClassId::first(names.classes.len()) {
            let column = probabilities.table().column(class.index());
            let values = patterns.iter().map(|&u| column[u as usize]);
            piece.push(Column::Number(Float64Array::from_iter_values(values)));
        }
        piece.extend(table.votes.into_iter().flat_map(|votes| vote_columns(votes, start, end)));
        piece
    })
}

/// Writes a label matrix: the identifier, and a column `lf:<name>` of class names for each labeling
/// function, missing where it abstained. Richer votes stand as [`Names::cell`](crate::Names::cell)
/// writes them.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_votes(
    path: &Path,
    format: &Format,
    rows: Rows<'_>,
    votes: &LabelMatrix,
) -> Result<(), OutputError> {
    let mut columns = vec![rows.name.to_owned()];
    columns.extend(votes.names().lfs.iter().map(|lf| format!("lf:{lf}")));
    let mut cursor = Cursor::new(rows.ids);
    write_pieces(path, format, &columns, votes.n_rows(), |start, end| {
        let mut piece = vec![cursor.take(start, end)];
        piece.extend(vote_columns(votes, start, end));
        piece
    })
}

fn write_pieces(
    path: &Path,
    format: &Format,
    columns: &[String],
    n_rows: usize,
    mut piece: impl FnMut(usize, usize) -> Vec<Column>,
) -> Result<(), OutputError> {
    // Cells of many columns, such as those of thousands of annotators, must fit into memory as well.
    let most = (MOST_CELLS / columns.len().max(1)).clamp(1, PIECE);
    let mut start = 0;
    // An empty table still has its columns and their types.
    let mut first = true;
    let mut next = || {
        let end = (start + most).min(n_rows);
        let more = first || start < end;
        first = false;
        let columns = more.then(|| piece(start, end));
        start = end;
        columns
    };
    write_file(path, |out| (format.write)(columns, &mut next, out).map_err(OutputError::io(path)))
}

fn vote_columns(votes: &LabelMatrix, start: usize, end: usize) -> Vec<Column> {
    let names = votes.names();
    let cells: Vec<Cow<'_, str>> =
        ChoiceId::first(names.n_choices()).map(|choice| names.cell(choice)).collect();
    let mut columns: Vec<Vec<Option<&str>>> = vec![vec![None; end - start]; names.lfs.len()];
    for row in start..end {
        for vote in votes.row(row) {
            columns[vote.lf.index()][row - start] = Some(&cells[vote.choice.index()]);
        }
    }
    columns.into_iter().map(|column| Column::Text(column.into_iter().collect())).collect()
}

/// Walks through identifiers in pieces of other lengths.
struct Cursor<'a> {
    ids: &'a [Column],
    /// The current piece, and the row at which it starts.
    piece: usize,
    start: usize,
}

impl<'a> Cursor<'a> {
    fn new(ids: &'a [Column]) -> Self {
        Self { ids, piece: 0, start: 0 }
    }

    /// The identifiers of rows `start..end`; calls come in ascending order.
    fn take(&mut self, start: usize, end: usize) -> Column {
        if self.ids.is_empty() {
            return Column::Integer((start as i64..end as i64).collect());
        }
        // Whole numbers stay numbers unless another piece has text.
        let whole = self.ids.iter().all(|piece| matches!(piece, Column::Integer(_)));
        let mut texts: Vec<Option<Cow<'_, str>>> = Vec::new();
        let mut integers: Vec<Option<i64>> = Vec::new();
        let mut row = start;
        while row < end {
            let Some(piece) = self.ids.get(self.piece) else { break };
            if row >= self.start + piece.len() {
                self.start += piece.len();
                self.piece += 1;
                continue;
            }
            let at = row - self.start;
            match piece {
                Column::Text(array) => {
                    texts.push(array.is_valid(at).then(|| array.value(at).into()));
                }
                Column::Integer(array) => {
                    let number = array.is_valid(at).then(|| array.value(at));
                    if whole {
                        integers.push(number);
                    } else {
                        texts.push(number.map(|number| number.to_string().into()));
                    }
                }
                Column::Number(_) => texts.push(None),
            }
            row += 1;
        }
        if whole {
            Column::Integer(integers.into_iter().collect())
        } else {
            Column::Text(texts.into_iter().collect())
        }
    }
}
