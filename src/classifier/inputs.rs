//! Which columns a classifier reads, and as what.

use super::{Bags, ClassifierError};
use crate::FieldId;
use crate::input::{Batch, Column, Field, FieldKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// A vector, such as an embedding: brought to length 1, each of its numbers is one; a missing one counts as
    /// the mean.
    Vector,
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
    /// How long the vectors of columns are, where that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dimensions: BTreeMap<String, u32>,
}

impl Inputs {
    /// These columns.
    ///
    /// # Errors
    /// [`ClassifierError::NoInputs`] when there are none, [`ClassifierError::Twice`] for one that stands twice.
    pub fn new(columns: Vec<InputColumn>) -> Result<Self, ClassifierError> {
        let inputs = Self { columns, characters: false, dimensions: BTreeMap::new() };
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

    /// With vectors that must be as long as those of rows that were read with these inputs: a classifier that
    /// learned from these rows reads no others.
    #[must_use]
    pub fn fixed(mut self, bags: &Bags) -> Self {
        for (column, &width) in self.columns.iter().zip(bags.widths()) {
            if column.kind == Kind::Vector && width > 0 {
                self.dimensions.insert(column.name.clone(), width as u32);
            }
        }
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
            Kind::Vector => {
                let dimension = self.dimensions.get(&column.name).copied();
                Field { kind: FieldKind::Vector { dimension }, ..Field::vector(&column.name) }
            }
        };
        self.columns.iter().map(field).collect()
    }

    /// Numbers of a row, those of vectors included.
    pub(super) fn n_numbers(&self) -> usize {
        let width = |column: &InputColumn| match column.kind {
            Kind::Text | Kind::Category => 0,
            Kind::Number => 1,
            Kind::Vector => self.dimensions.get(&column.name).map_or(0, |&n| n as usize),
        };
        self.columns.iter().map(width).sum()
    }

    /// How many numbers each column is in a batch, whose columns from `first` on are these; 0 for vectors of which
    /// none is there yet.
    pub(super) fn widths(&self, batch: &Batch, first: usize) -> Vec<usize> {
        let width = |(place, column): (usize, &InputColumn)| match column.kind {
            Kind::Text | Kind::Category => 0,
            Kind::Number => 1,
            Kind::Vector => match self.dimensions.get(&column.name) {
                Some(&dimension) => dimension as usize,
                None => match FieldId::new(first + place).and_then(|field| batch.column(field)) {
                    Some(Column::Vector(vectors)) => vectors.dimension(),
                    _ => 0,
                },
            },
        };
        self.columns.iter().enumerate().map(width).collect()
    }
}
