//! Labeling functions written in Rust.

use super::answers::Answer;
use crate::input::Batch;
use crate::{ChoiceId, ClassId, FieldId, Names};
use std::borrow::Cow;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

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

type Vote = Box<dyn Fn(&Row<'_>) -> Option<Cast> + Send + Sync>;

/// A closure with the columns it reads.
pub(super) struct Closure {
    columns: Vec<(String, FieldId)>,
    vote: Vote,
}

impl Closure {
    pub(super) fn new(
        columns: Vec<(String, FieldId)>,
        vote: impl Fn(&Row<'_>) -> Option<Cast> + Send + Sync + 'static,
    ) -> Self {
        Self { columns, vote: Box::new(vote) }
    }

    /// The columns it reads.
    pub(super) fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.columns.iter().map(|(_, field)| *field)
    }

    /// The vote on one row, or what went wrong.
    pub(super) fn call(&self, batch: &Batch, row: usize, names: &Names) -> Result<Answer, String> {
        let fault = RefCell::new(None);
        let view = Row { batch, row, columns: &self.columns, fault: &fault };
        // A closure's own state may be left halfway by a panic; that is the closure's concern, the
        // row only reads.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.vote)(&view)));
        let cast = outcome.map_err(|panic| format!("panicked: {}", message(panic.as_ref())))?;
        if let Some(fault) = fault.into_inner() {
            return Err(fault);
        }
        match cast {
            None => Ok(Answer::NO),
            Some(Cast::Class(class)) if class.index() < names.classes.len() => {
                Ok(Answer::label(class))
            }
            Some(Cast::Class(class)) => {
                Err(format!("voted class {class}, there are {}", names.classes.len()))
            }
            Some(Cast::Name(name)) => match names.class_named(&name) {
                Some(class) => Ok(Answer::label(class)),
                None => named(&name, names).map(Answer::label),
            },
        }
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

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}
