//! Which columns a classifier reads, and as what.

use super::ClassifierError;
use crate::input::Field;
use serde::{Deserialize, Serialize};

/// What a column is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text, as n-grams.
    Text,
    /// A number, brought to mean 0 and standard deviation 1; a missing one counts as the mean.
    Number,
    /// A value out of some, each of which is a feature; a missing one is a value too.
    Category,
}

/// A column that a classifier reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputColumn {
    /// Its name in the data.
    pub name: String,
    /// What it is taken for.
    pub kind: Kind,
}

/// The columns that a classifier reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    columns: Vec<InputColumn>,
    /// Whether runs of characters within words are features, beside words and pairs of words.
    pub characters: bool,
}

impl Inputs {
    /// These columns.
    ///
    /// # Errors
    /// [`ClassifierError::NoInputs`] when there are none, [`ClassifierError::Twice`] for one that stands twice.
    pub fn new(columns: Vec<InputColumn>) -> Result<Self, ClassifierError> {
        let inputs = Self { columns, characters: false };
        inputs.check()?;
        Ok(inputs)
    }

    pub(super) fn check(&self) -> Result<(), ClassifierError> {
        if self.columns.is_empty() {
            return Err(ClassifierError::NoInputs);
        }
        for (at, column) in self.columns.iter().enumerate() {
            if self.columns[..at].iter().any(|other| other.name == column.name) {
                return Err(ClassifierError::Twice { column: column.name.clone() });
            }
        }
        Ok(())
    }

    /// Columns of text.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn text<S: Into<String>>(
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, ClassifierError> {
        let text = |name: S| InputColumn { name: name.into(), kind: Kind::Text };
        Self::new(names.into_iter().map(text).collect())
    }

    /// With runs of characters as features as well, or without.
    #[must_use]
    pub fn with_characters(mut self, characters: bool) -> Self {
        self.characters = characters;
        self
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[InputColumn] {
        &self.columns
    }

    /// The fields to open a source with, in the order of the columns.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let field = |column: &InputColumn| match column.kind {
            Kind::Text | Kind::Category => Field::text(&column.name),
            Kind::Number => Field::number(&column.name),
        };
        self.columns.iter().map(field).collect()
    }

    /// Columns that are numbers.
    pub(super) fn n_numbers(&self) -> usize {
        self.columns.iter().filter(|column| column.kind == Kind::Number).count()
    }
}
