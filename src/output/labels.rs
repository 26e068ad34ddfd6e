//! The tables that are written: labels with their probabilities, and votes.

use super::OutputError;
use super::atomic::StagedFile;
use super::registry::Format;
use super::table::{Dense, Piece, Table, TableColumn, Values, Votes};
use crate::input::Column;
use crate::model::{Decision, ProbLabels};
use crate::votes::{RowLog, RowReader};
use crate::{ClassId, LabelMatrix, Patterns};
use arrow_array::Array;
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Which rows a table is about: their identifiers, or just their number.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The name of the first column.
    pub name: &'a str,
    /// Identifiers in pieces, in row order; empty to count the rows from 0.
    pub ids: &'a [Column],
}

/// The only column of a table of fingerprints: for each row, in order, a hash of what the labeling
/// functions read of it, from 0 to 2³² − 1.
pub const FINGERPRINT: &str = "fingerprint";

/// Checks that a column of identifiers does not have the name of another column of the output; `more` are the
/// names of those beside the usual ones.
///
/// # Errors
/// [`OutputError::ReservedColumn`] when it does.
pub fn check_id(name: &str, more: &[&str]) -> Result<(), OutputError> {
    let reserved = ["label", "confidence"].contains(&name)
        || ["prob:", "lf:"].iter().any(|prefix| name.starts_with(prefix))
        || more.contains(&name);
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
    /// Further columns, a value a pattern: a row of the table of probabilities.
    pub more: &'a [TableColumn],
    /// The votes that the labels come from, to be written as columns `lf:<name>` as well.
    pub votes: Option<&'a Patterns>,
}

/// Writes a table of labels: the identifier, `label` (missing where there is none), `confidence` (the
/// probability of the label, or the highest one), `prob:<class>`, further columns, and on request
/// `lf:<name>`.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_labels(
    path: &Path,
    format: &Format,
    table: &LabelTable<'_>,
) -> Result<(), OutputError> {
    let LabelTable { rows, labels, decision, more, votes } = *table;
    let mut source = Memory::new(rows.ids, labels.of_row());
    let table = label_table(rows.name, labels, decision, (more, votes));
    write_tables(format, &[(path, table)], &mut source)
}

/// Writes a table of columns: the identifier, and of every column the values that stand at `places`, one place a
/// row.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then. [`OutputError::Format`] when a column is shorter than a
/// place asks for.
pub fn write_columns(
    path: &Path,
    format: &Format,
    rows: Rows<'_>,
    places: &[u32],
    columns: &[TableColumn],
) -> Result<(), OutputError> {
    let n_values = places.iter().max().map_or(0, |most| *most as usize + 1);
    if let Some(short) = columns.iter().find(|column| column.len() < n_values) {
        let message =
            format!("the column `{}` has {} values, not {n_values}", short.name, short.len());
        return Err(OutputError::Format { path: path.display().to_string(), message });
    }
    let dense = columns.iter().map(TableColumn::dense).collect();
    let table = Table { id: rows.name, fingerprints: false, dense, votes: None };
    write_tables(format, &[(path, table)], &mut Memory::new(rows.ids, places))
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
    let patterns = Patterns::count(votes);
    let mut source = Memory::new(rows.ids, patterns.of_row());
    write_tables(format, &[(path, vote_table(rows.name, &patterns))], &mut source)
}

/// Labels and votes of the rows of a [`RowLog`], to be written in one go.
#[derive(Debug)]
pub struct Sheets<'a> {
    /// The rows.
    pub rows: &'a mut RowLog,
    /// The name of the first column.
    pub id: &'a str,
    /// Their votes.
    pub votes: &'a Patterns,
}

impl Sheets<'_> {
    /// Writes the votes, as [`write_votes`] does.
    ///
    /// # Errors
    /// [`OutputError`]; the final name is untouched then.
    pub fn write_votes(self, path: &Path, format: &Format) -> Result<(), OutputError> {
        let table = vote_table(self.id, self.votes);
        write_tables(format, &[(path, table)], &mut Logged::new(self.rows)?)
    }

    /// Writes labels, as [`write_labels`] does, votes, and the [fingerprints](FINGERPRINT) of the rows.
    ///
    /// # Errors
    /// [`OutputError`]; the final names are untouched then, unless it was the last step that failed.
    pub fn write(
        self,
        labels: (&Path, &ProbLabels, &Decision),
        (more, with_votes): (&[TableColumn], bool),
        votes: &Path,
        fingerprints: &Path,
        format: &Format,
    ) -> Result<(), OutputError> {
        let (path, labels, decision) = labels;
        let tables = [
            (
                path,
                label_table(self.id, labels, decision, (more, with_votes.then_some(self.votes))),
            ),
            (votes, vote_table(self.id, self.votes)),
            (
                fingerprints,
                Table { id: FINGERPRINT, fingerprints: true, dense: Vec::new(), votes: None },
            ),
        ];
        write_tables(format, &tables, &mut Logged::new(self.rows)?)
    }

    /// Writes the labels alone, as [`write_labels`] does, on request with the votes.
    ///
    /// # Errors
    /// [`OutputError`]; the final name is untouched then.
    pub fn write_labels(
        self,
        path: &Path,
        labels: &ProbLabels,
        decision: &Decision,
        with_votes: bool,
        format: &Format,
    ) -> Result<(), OutputError> {
        let table = label_table(self.id, labels, decision, (&[], with_votes.then_some(self.votes)));
        write_tables(format, &[(path, table)], &mut Logged::new(self.rows)?)
    }

    /// Writes labels as CSV for people, who open it in spreadsheet programs: cells that would be taken for
    /// formulas get an apostrophe in front.
    ///
    /// # Errors
    /// [`OutputError`]; the final name is untouched then.
    pub fn write_for_people(
        self,
        path: &Path,
        labels: &ProbLabels,
        decision: &Decision,
        more: &[TableColumn],
    ) -> Result<(), OutputError> {
        let table = label_table(self.id, labels, decision, (more, None));
        write_tables(&super::csv::SHEET, &[(path, table)], &mut Logged::new(self.rows)?)
    }
}

fn label_table<'a>(
    id: &'a str,
    labels: &'a ProbLabels,
    decision: &Decision,
    (more, votes): (&'a [TableColumn], Option<&'a Patterns>),
) -> Table<'a> {
    let hard = labels.decide(decision);
    let names = labels.names();
    let confidence = Values::Numbers(labels.confidence(&hard).into());
    let pattern = hard.iter().map(|class| class.map(|class| class.index() as u32)).collect();
    let label = Values::Texts { of: &names.classes, pattern };
    let mut dense = vec![
        Dense { name: "label".to_owned(), values: label },
        Dense { name: "confidence".to_owned(), values: confidence },
    ];
    dense.extend(ClassId::first(names.classes.len()).map(|class| Dense {
        name: format!("prob:{}", names.class(class)),
        values: Values::Column(labels.table(), class.index()),
    }));
    dense.extend(more.iter().map(TableColumn::dense));
    Table { id, fingerprints: false, dense, votes: votes.map(Votes::new) }
}

fn vote_table<'a>(id: &'a str, votes: &'a Patterns) -> Table<'a> {
    Table { id, fingerprints: false, dense: Vec::new(), votes: Some(Votes::new(votes)) }
}

/// Rows in input order.
trait RowSource: Send {
    /// The next rows, `None` after the last one.
    fn next(&mut self, most: usize) -> Result<Option<Piece>, OutputError>;
}

/// Rows that are written at once, at the most, and votes of theirs, on average.
const PIECE: usize = 1 << 16;
const MOST_VOTES: u64 = 16 << 20;

/// Writes tables of the same rows at the same time.
fn write_tables(
    format: &Format,
    tables: &[(&Path, Table<'_>)],
    rows: &mut dyn RowSource,
) -> Result<(), OutputError> {
    let votes = tables.iter().find_map(|(_, table)| table.votes.as_ref());
    let most = votes.map_or(PIECE, |votes| rows_of(MOST_VOTES, votes.patterns));
    let files = tables.iter().map(|(path, _)| StagedFile::new(path));
    let mut files: Vec<StagedFile> = files.collect::<Result<_, _>>()?;
    let mut writers: Vec<_> = files
        .iter_mut()
        .zip(tables)
        .map(|(file, (path, table))| {
            (path, table.fingerprints, (format.start)(table, file.writer()))
        })
        .collect();
    // An empty table still has its columns and their types.
    let empty = || Piece {
        ids: Column::Integer(Vec::<i64>::new().into()),
        patterns: Vec::new(),
        fingerprints: Vec::new(),
    };
    let mut next = Some(rows.next(most)?.unwrap_or_else(empty));
    while let Some(piece) = next {
        let mut read = Ok(None);
        let written = rayon::scope(|scope| {
            scope.spawn(|_| read = rows.next(most));
            writers.par_iter_mut().try_for_each(|(path, fingerprints, writer)| {
                let written = match fingerprints {
                    true => writer.write(&piece.fingerprinted()),
                    false => writer.write(&piece),
                };
                written.map_err(OutputError::io(path))
            })
        });
        written?;
        next = read?;
    }
    for (path, _, writer) in writers {
        writer.finish().map_err(OutputError::io(path))?;
    }
    files.into_par_iter().try_for_each(StagedFile::publish)
}

/// Rows that have so many votes.
fn rows_of(most: u64, votes: &Patterns) -> usize {
    let cast: u64 = votes.iter().map(|(votes, count)| votes.len() as u64 * count).sum();
    let rows = u128::from(votes.n_rows()) * u128::from(most) / u128::from(cast.max(1));
    usize::try_from(rows).unwrap_or(PIECE).clamp(1, PIECE)
}

/// Rows on disk, or about to be.
struct Logged<'a> {
    reader: RowReader<'a>,
    place: PathBuf,
    at: u64,
}

impl<'a> Logged<'a> {
    fn new(rows: &'a mut RowLog) -> Result<Self, OutputError> {
        let place = rows.place().to_owned();
        let reader = rows.read().map_err(OutputError::io(&place))?;
        Ok(Self { reader, place, at: 0 })
    }
}

impl RowSource for Logged<'_> {
    fn next(&mut self, most: usize) -> Result<Option<Piece>, OutputError> {
        let rows = self.reader.next(most).map_err(OutputError::io(&self.place))?;
        let piece = rows.map(|rows| Piece {
            fingerprints: rows.fingerprints,
            ..Piece::new(self.at, rows.patterns, rows.ids)
        });
        self.at += piece.as_ref().map_or(0, |piece| piece.patterns.len() as u64);
        Ok(piece)
    }
}

/// Rows in memory.
struct Memory<'a> {
    patterns: &'a [u32],
    ids: Cursor<'a>,
    at: usize,
}

impl<'a> Memory<'a> {
    fn new(ids: &'a [Column], patterns: &'a [u32]) -> Self {
        Self { patterns, ids: Cursor::new(ids), at: 0 }
    }
}

impl RowSource for Memory<'_> {
    fn next(&mut self, most: usize) -> Result<Option<Piece>, OutputError> {
        let (start, end) = (self.at, self.patterns.len().min(self.at + most));
        // The first piece is there even if it is empty: identifiers have a type.
        if start >= end && start > 0 {
            return Ok(None);
        }
        self.at = end.max(1);
        let ids = self.ids.take(start, end);
        let patterns = self.patterns[start..end].to_vec();
        Ok(Some(Piece { ids, patterns, fingerprints: Vec::new() }))
    }
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
                Column::Number(_) | Column::Vector(_) => texts.push(None),
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
