//! A table that is written: after the identifier, every cell is a function of the row's votes.
//!
//! So a table is a list of values a column and one a pattern, and rows are numbers of patterns. Where every row
//! is its own, the pattern of a row is its number.

use crate::input::Column;
use crate::{ChoiceId, LfId, Names, Patterns};
use ndarray::Array2;
use std::borrow::Cow;
use std::collections::HashMap;

/// The columns of a table, for each pattern of votes.
pub(super) struct Table<'a> {
    /// The name of the identifier.
    pub(super) id: &'a str,
    /// Whether fingerprints stand in its place.
    pub(super) fingerprints: bool,
    /// Columns with a value for nearly every row.
    pub(super) dense: Vec<Dense<'a>>,
    /// Columns with a value where an LF voted.
    pub(super) votes: Option<Votes<'a>>,
}

/// A column with a value for nearly every pattern.
pub(super) struct Dense<'a> {
    pub(super) name: String,
    pub(super) values: Values<'a>,
}

/// The values of a column, one a pattern.
pub(super) enum Values<'a> {
    /// One of some texts, by number, or none.
    Texts { of: &'a [String], pattern: Cow<'a, [Option<u32>]> },
    /// A number.
    Numbers(Cow<'a, [f64]>),
    /// A whole number.
    Wholes(&'a [i64]),
    /// The same, where they stand apart.
    Column(&'a Array2<f64>, usize),
}

/// A column beside those that every table has, with a value a pattern of votes, or a row.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: ColumnValues,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// One of some texts, by its position among them, or none.
    Texts {
        /// The texts.
        of: Vec<String>,
        /// Positions.
        values: Vec<Option<u32>>,
    },
    /// Numbers.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Wholes(Vec<i64>),
}

impl TableColumn {
    /// Texts, of which each is kept once.
    #[must_use]
    pub fn texts(name: &str, texts: impl IntoIterator<Item = Option<String>>) -> Self {
        let mut of: Vec<String> = Vec::new();
        let mut known: HashMap<String, u32> = HashMap::new();
        let values = texts.into_iter().map(|text| {
            let text = text?;
            Some(*known.entry(text).or_insert_with_key(|text| {
                of.push(text.clone());
                of.len() as u32 - 1
            }))
        });
        let values = values.collect();
        Self { name: name.to_owned(), values: ColumnValues::Texts { of, values } }
    }

    /// Numbers.
    #[must_use]
    pub fn numbers(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: ColumnValues::Numbers(values) }
    }

    /// Whole numbers.
    #[must_use]
    pub fn wholes(name: impl Into<String>, values: Vec<i64>) -> Self {
        Self { name: name.into(), values: ColumnValues::Wholes(values) }
    }

    /// The number of its values.
    pub(super) fn len(&self) -> usize {
        match &self.values {
            ColumnValues::Texts { values, .. } => values.len(),
            ColumnValues::Numbers(values) => values.len(),
            ColumnValues::Wholes(values) => values.len(),
        }
    }

    pub(super) fn dense(&self) -> Dense<'_> {
        let values = match &self.values {
            ColumnValues::Texts { of, values } => {
                Values::Texts { of, pattern: values.as_slice().into() }
            }
            ColumnValues::Numbers(values) => Values::Numbers(values.as_slice().into()),
            ColumnValues::Wholes(values) => Values::Wholes(values),
        };
        Dense { name: self.name.clone(), values }
    }
}

/// Who voted what.
pub(super) struct Votes<'a> {
    pub(super) patterns: &'a Patterns,
    /// How each choice is written.
    pub(super) cells: Vec<Cow<'a, str>>,
}

impl<'a> Votes<'a> {
    pub(super) fn new(patterns: &'a Patterns) -> Self {
        let names: &Names = patterns.names();
        let cells = ChoiceId::first(names.n_choices()).map(|choice| names.cell(choice)).collect();
        Self { patterns, cells }
    }
}

impl Table<'_> {
    /// The names of all columns.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.id.to_owned()];
        names.extend(self.dense.iter().map(|column| column.name.clone()));
        if let Some(votes) = &self.votes {
            names.extend(votes.patterns.names().lfs.iter().map(|lf| format!("lf:{lf}")));
        }
        names
    }

    /// The cells of a row with this pattern, those of identifiers aside.
    pub(super) fn cells(&self, pattern: u32) -> impl Iterator<Item = Cell<'_>> {
        let u = pattern as usize;
        let dense = self.dense.iter().map(move |column| match &column.values {
            Values::Texts { of, pattern } => {
                pattern[u].map_or(Cell::Missing, |value| Cell::Text(&of[value as usize]))
            }
            Values::Numbers(values) => Cell::Number(values[u]),
            Values::Wholes(values) => Cell::Whole(values[u]),
            Values::Column(values, at) => Cell::Number(values[[u, *at]]),
        });
        let votes = self.votes.iter().flat_map(move |votes| {
            let mut cast = votes.patterns.votes(u).iter().peekable();
            LfId::first(votes.patterns.n_lfs()).map(move |lf| {
                let vote = cast.next_if(|vote| vote.lf == lf);
                vote.map_or(Cell::Missing, |vote| Cell::Text(&votes.cells[vote.choice.index()]))
            })
        });
        dense.chain(votes)
    }
}

/// A cell.
pub(super) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Number(f64),
    Whole(i64),
}

/// Consecutive rows of a table.
pub(super) struct Piece {
    pub(super) ids: Column,
    pub(super) patterns: Vec<u32>,
    /// Those of the rows, where they are known and wanted.
    pub(super) fingerprints: Vec<u32>,
}

impl Piece {
    /// Rows from `start` on, numbered from 0 where they have no other identifiers.
    pub(super) fn new(start: u64, patterns: Vec<u32>, ids: Option<Column>) -> Self {
        let numbers = start as i64..start as i64 + patterns.len() as i64;
        let ids = ids.unwrap_or_else(|| Column::Integer(numbers.collect()));
        Self { ids, patterns, fingerprints: Vec::new() }
    }

    /// The same rows with their fingerprints in place of their identifiers.
    pub(super) fn fingerprinted(&self) -> Self {
        let ids = self.fingerprints.iter().map(|&fingerprint| i64::from(fingerprint));
        let (ids, patterns) = (Column::Integer(ids.collect()), self.patterns.clone());
        Self { ids, patterns, fingerprints: Vec::new() }
    }
}
