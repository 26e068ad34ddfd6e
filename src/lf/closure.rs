//! Labeling functions written in Rust, which vote row by row or on many rows at a time.

use super::answers::Answer;
use crate::input::{Batch, Column};
use crate::{ChoiceId, ClassId, FieldId, Names};
use std::borrow::Cow;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// One row as a closure sees it: the columns that the labeling function declared.
pub struct Row<'a> {
    batch: &'a Batch,
    row: usize,
    columns: &'a [(String, FieldId)],
    fault: &'a RefCell<Option<String>>,
}

impl<'a> Row<'a> {
    /// The text in a column, `None` where the cell is missing.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        self.batch.text(self.field(column)?, self.row)
    }

    /// The number in a column, `None` where the cell is missing.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.batch.number(self.field(column)?, self.row)
    }

    /// The vector in a column, `None` where the cell is missing.
    #[must_use]
    pub fn vector(&self, column: &str) -> Option<&'a [f32]> {
        self.batch.vector(self.field(column)?, self.row)
    }

    /// The number of the row in the input, from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.batch.start() + self.row as u64
    }

    fn field(&self, column: &str) -> Option<FieldId> {
        let field = self.columns.iter().find(|(name, _)| name == column).map(|(_, field)| *field);
        if field.is_none() {
            let message = format!("reads the column `{column}`, which it did not declare");
            self.fault.borrow_mut().get_or_insert(message);
        }
        field
    }
}

/// What a closure votes: a class by id or by name, or by name something richer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cast {
    /// A class.
    Class(ClassId),
    /// A class by its name, or a vote that was declared with
    /// [`LfSet::may_vote`](super::LfSet::may_vote).
    Name(Cow<'static, str>),
}

impl From<ClassId> for Cast {
    fn from(class: ClassId) -> Self {
        Self::Class(class)
    }
}

impl From<&'static str> for Cast {
    fn from(name: &'static str) -> Self {
        Self::Name(Cow::Borrowed(name))
    }
}

impl From<String> for Cast {
    fn from(name: String) -> Self {
        Self::Name(Cow::Owned(name))
    }
}

/// Some consecutive rows as a closure sees them that votes on many at a time: the columns that the
/// labeling function declared.
pub struct RowBatch<'a> {
    batch: &'a Batch,
    columns: &'a [(String, FieldId)],
}

impl<'a> RowBatch<'a> {
    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.batch.n_rows()
    }

    /// The number of the first row in the input, from 0.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.batch.start()
    }

    /// The columns that were declared, in this order; `None` where the source lacks one.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&'a str, Option<&'a Column>)> {
        let (batch, columns) = (self.batch, self.columns);
        columns.iter().map(move |(name, field)| (name.as_str(), batch.column(*field)))
    }
}

/// What a closure says of each of some rows: a vote, none, or what went wrong.
pub type RowVotes<C> = Vec<Result<Option<C>, String>>;

type OfRow = dyn Fn(&Row<'_>) -> Option<Cast> + Send + Sync;
type OfBatch = dyn Fn(&RowBatch<'_>) -> RowVotes<Cast> + Send + Sync;

#[derive(Clone)]
enum Vote {
    Row(Arc<OfRow>),
    Batch(Arc<OfBatch>),
}

/// A closure with the columns it reads.
#[derive(Clone)]
pub(super) struct Closure {
    columns: Vec<(String, FieldId)>,
    vote: Vote,
}

impl Closure {
    pub(super) fn new(
        columns: Vec<(String, FieldId)>,
        vote: impl Fn(&Row<'_>) -> Option<Cast> + Send + Sync + 'static,
    ) -> Self {
        Self { columns, vote: Vote::Row(Arc::new(vote)) }
    }

    /// One that votes on many rows at a time.
    pub(super) fn of_batches(
        columns: Vec<(String, FieldId)>,
        vote: impl Fn(&RowBatch<'_>) -> RowVotes<Cast> + Send + Sync + 'static,
    ) -> Self {
        Self { columns, vote: Vote::Batch(Arc::new(vote)) }
    }

    /// The columns it reads.
    pub(super) fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.columns.iter().map(|(_, field)| *field)
    }

    /// Hands out, for each row in order, the vote on it, or what went wrong.
    pub(super) fn call(
        &self,
        batch: &Batch,
        names: &Names,
        mut take: impl FnMut(usize, Result<Answer, String>),
    ) {
        // A closure's own state may be left halfway by a panic; that is the closure's concern, the
        // rows are only read.
        match &self.vote {
            Vote::Row(vote) => (0..batch.n_rows()).for_each(|row| {
                let fault = RefCell::new(None);
                let view = Row { batch, row, columns: &self.columns, fault: &fault };
                let cast = catch_unwind(AssertUnwindSafe(|| vote(&view)));
                let cast = cast.map_err(|panic| panicked(panic.as_ref()));
                let cast = cast.and_then(|cast| fault.into_inner().map_or(Ok(cast), Err));
                take(row, cast.and_then(|cast| answer(cast, names)));
            }),
            Vote::Batch(vote) => {
                let view = RowBatch { batch, columns: &self.columns };
                let cast = catch_unwind(AssertUnwindSafe(|| vote(&view)));
                let cast = cast.map_err(|panic| panicked(panic.as_ref())).and_then(|cast| {
                    let (found, expected) = (cast.len(), batch.n_rows());
                    let wrong = || format!("gave {found} votes for {expected} rows");
                    if found == expected { Ok(cast) } else { Err(wrong()) }
                });
                match cast {
                    Ok(cast) => cast.into_iter().enumerate().for_each(|(row, cast)| {
                        take(row, cast.and_then(|cast| answer(cast, names)));
                    }),
                    Err(fault) => (0..batch.n_rows()).for_each(|row| take(row, Err(fault.clone()))),
                }
            }
        }
    }
}

fn answer(cast: Option<Cast>, names: &Names) -> Result<Answer, String> {
    match cast {
        None => Ok(Answer::NO),
        Some(Cast::Class(class)) if class.index() < names.classes.len() => Ok(Answer::label(class)),
        Some(Cast::Class(class)) => {
            Err(format!("voted class {class}, there are {}", names.classes.len()))
        }
        Some(Cast::Name(name)) => match names.class_named(&name) {
            Some(class) => Ok(Answer::label(class)),
            None => named(&name, names).map(Answer::label),
        },
    }
}

/// A vote that is more than a class, by its name.
fn named(name: &str, names: &Names) -> Result<ChoiceId, String> {
    let choice = names
        .parse_cell(name)
        .ok_or_else(|| format!("voted `{name}`, which is not one of the labels"))?;
    names
        .choice_id(&choice)
        .ok_or_else(|| format!("voted `{name}`, which was not declared with `may_vote`"))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    format!("panicked: {}", message(panic))
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}
