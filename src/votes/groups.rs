//! Groups of rows, counted by pattern: slices, and periods of time.

use super::{Known, KnownLabels};
use crate::time::Grain;
use std::collections::BTreeMap;

/// Some of the rows: how many have each pattern, and with which known labels.
///
/// Memory is that of the patterns in it, not of its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    name: String,
    rows: BTreeMap<u32, u64>,
    known: KnownLabels,
}

impl Group {
    /// A group without rows.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Adds rows with a pattern and known labels.
    pub(crate) fn add(&mut self, pattern: u32, labels: Known, rows: u64) {
        *self.rows.entry(pattern).or_insert(0) += rows;
        self.known.add(pattern, labels, rows);
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The patterns in it, ascending, with the rows that have them.
    pub fn patterns(&self) -> impl Iterator<Item = (usize, u64)> {
        self.rows.iter().map(|(&pattern, &rows)| (pattern as usize, rows))
    }

    /// The known labels of its rows.
    #[must_use]
    pub fn known(&self) -> &KnownLabels {
        &self.known
    }
}

/// The groups of rows that a job looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Groups {
    /// The slices, in the order of the spec; a row may be in several, or in none.
    pub slices: Vec<Group>,
    /// The periods, if there is a column with times.
    pub periods: Option<Periods>,
}

/// Rows by time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Periods {
    /// The column.
    pub column: String,
    /// How long a period is.
    pub grain: Grain,
    /// The periods that have rows, in order.
    pub groups: Vec<Group>,
    /// Rows whose cell is missing, or no time.
    pub without_time: u64,
}

impl Groups {
    /// Whether there are neither slices nor periods.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty() && self.periods.is_none()
    }
}

impl Periods {
    /// Periods of a column without rows.
    pub(crate) fn new(column: &str, grain: Grain) -> Self {
        Self { column: column.to_owned(), grain, groups: Vec::new(), without_time: 0 }
    }
}
