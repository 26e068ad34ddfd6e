//! The best rows of a stream by a score that each row has for itself.
//!
//! Of rows with the same cells, those with the same fingerprint, only the best is kept. Among rows with the same
//! votes each is worth less than the one before it, so that those that are chosen differ; rows without votes
//! are not alike in this sense. However many rows come, a few times as many are kept as are wanted. That is
//! exact: what more rows bring only makes the nth best worth more, and those that were dropped less.

use super::choose::{AGAIN, lot};
use crate::ClassId;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A row, and how much a look at it would teach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rated {
    /// Its number, from 0.
    pub row: u64,
    /// Its pattern.
    pub pattern: u32,
    /// Whether there are votes on it.
    pub covered: bool,
    /// A hash of its cells, and of what the classifier makes of them.
    pub fingerprint: u64,
    /// Its score; rows with 0 are not worth a look.
    pub score: f64,
    /// The class that the classifier gives it.
    pub class: ClassId,
    /// How probable that is.
    pub probability: f64,
}

/// The best rows of a stream.
#[derive(Debug)]
pub struct Best {
    n: usize,
    seed: u64,
    /// By pattern and fingerprint.
    kept: BTreeMap<(u32, u64), Rated>,
    /// What a row must be worth to be among the best.
    floor: f64,
}

impl Best {
    /// The `n` best rows; of equal ones those that are first in an order drawn with this seed.
    #[must_use]
    pub fn new(n: usize, seed: u64) -> Self {
        Self { n, seed, kept: BTreeMap::new(), floor: 0.0 }
    }

    /// Takes a row into account.
    pub fn offer(&mut self, row: Rated) {
        if self.n == 0 || row.score.is_nan() || row.score <= 1e-9 || row.score < self.floor {
            return;
        }
        let key = (row.pattern, row.fingerprint);
        match self.kept.get(&key) {
            Some(twin) if self.order(twin, &row).is_le() => return,
            _ => self.kept.insert(key, row),
        };
        if self.kept.len() > 4 * self.n + 64 {
            let ranked = self.ranked();
            self.floor = ranked.last().map_or(0.0, |(worth, _)| *worth);
            let kept = ranked.into_iter().map(|(_, row)| ((row.pattern, row.fingerprint), row));
            self.kept = kept.collect();
        }
    }

    /// The rows, the best first.
    #[must_use]
    pub fn rows(&self) -> Vec<Rated> {
        self.ranked().into_iter().map(|(_, row)| row).collect()
    }

    /// The best rows with what each is worth.
    fn ranked(&self) -> Vec<(f64, Rated)> {
        let mut rows: Vec<Rated> = self.kept.values().copied().collect();
        rows.sort_by(|one, other| {
            one.pattern.cmp(&other.pattern).then_with(|| self.order(one, other))
        });
        let mut ranked: Vec<(f64, Rated)> = Vec::with_capacity(rows.len());
        for alike in rows.chunk_by(|one, other| one.pattern == other.pattern) {
            let mut again = 1.0;
            for row in alike {
                ranked.push((row.score * again, *row));
                again *= if row.covered { AGAIN } else { 1.0 };
            }
        }
        ranked.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| self.drawn(a, b)));
        ranked.truncate(self.n);
        ranked
    }

    fn order(&self, one: &Rated, other: &Rated) -> Ordering {
        other.score.total_cmp(&one.score).then_with(|| self.drawn(one, other))
    }

    fn drawn(&self, one: &Rated, other: &Rated) -> Ordering {
        let of = |row: &Rated| (lot(self.seed, 1, row.row), row.row);
        of(one).cmp(&of(other))
    }
}
