//! Which row of one run is which row of the other.

use super::side::Side;
use crate::input::Column;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use twox_hash::XxHash3_128;

/// By what rows of two runs were matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// By identifier. Rows that share one, or have none, are matched in order.
    Id,
    /// By row number, because one of the runs has no identifiers.
    Number,
}

/// Finds for each row of the run after, in order, its row in the run before.
pub(super) enum Matcher {
    /// The first row of each identifier that is left, and for each row the next one with the same.
    Id {
        first: HashMap<u128, usize>,
        next: Vec<Option<usize>>,
    },
    Number {
        n_rows: usize,
    },
}

impl Matcher {
    pub(super) fn new(before: &Side, after: &Side) -> Self {
        if before.ids.is_empty() || after.ids.is_empty() {
            return Self::Number { n_rows: before.n_rows() };
        }
        let mut first = HashMap::with_capacity(before.n_rows());
        let mut next = vec![None; before.n_rows()];
        // From the last row on, so that the first row of each identifier comes to stand first.
        let mut row = before.n_rows();
        for piece in before.ids.iter().rev() {
            for at in (0..piece.len()).rev() {
                row -= 1;
                next[row] = first.insert(key(piece, at), row);
            }
        }
        Self::Id { first, next }
    }

    pub(super) fn by(&self) -> MatchedBy {
        match self {
            Self::Id { .. } => MatchedBy::Id,
            Self::Number { .. } => MatchedBy::Number,
        }
    }

    /// Rows of the run before that share their identifier with an earlier one.
    pub(super) fn repeated(&self) -> usize {
        match self {
            Self::Id { next, .. } => next.iter().flatten().count(),
            Self::Number { .. } => 0,
        }
    }

    /// The partner of a row of the run after; a row is partner once.
    pub(super) fn take(&mut self, row: usize, id: Option<(&Column, usize)>) -> Option<usize> {
        match self {
            Self::Number { n_rows } => (row < *n_rows).then_some(row),
            Self::Id { first, next } => {
                let (piece, at) = id?;
                let key = key(piece, at);
                let found = *first.get(&key)?;
                match next[found] {
                    Some(then) => first.insert(key, then),
                    None => first.remove(&key),
                };
                Some(found)
            }
        }
    }
}

/// 128 bits that stand for an identifier: none are ever the same by chance.
fn key(piece: &Column, at: usize) -> u128 {
    piece.as_text(at).map_or(0, |id| XxHash3_128::oneshot(id.as_bytes()))
}
