//! The votes as columns: one for each (labeling function, class) that occurs.
//!
//! A labeling function that votes two classes is two columns, each trusted on its own.

use crate::{Patterns, Vote};
use rayon::prelude::*;

/// The covered patterns as lists of columns.
pub(super) struct Columns {
    /// What each column stands for, in ascending order.
    pub(super) votes: Vec<Vote>,
    /// Rows in which each column fired.
    pub(super) counts: Vec<f64>,
    /// Rows of each covered pattern.
    pub(super) rows: Vec<f64>,
    pub(super) n_classes: usize,
    ends: Vec<usize>,
    fired: Vec<u32>,
}

impl Columns {
    pub(super) fn new(patterns: &Patterns) -> Self {
        let mut votes: Vec<Vote> = patterns.iter().flat_map(|(votes, _)| votes).copied().collect();
        votes.sort_unstable();
        votes.dedup();
        let mut columns = Self {
            counts: vec![0.0; votes.len()],
            votes,
            rows: Vec::new(),
            n_classes: patterns.n_classes(),
            ends: Vec::new(),
            fired: Vec::new(),
        };
        for (votes, count) in patterns.iter().filter(|(votes, _)| !votes.is_empty()) {
            for vote in votes {
                if let Ok(column) = columns.votes.binary_search(vote) {
                    columns.fired.push(column as u32);
                    columns.counts[column] += count as f64;
                }
            }
            columns.ends.push(columns.fired.len());
            columns.rows.push(count as f64);
        }
        columns
    }

    /// Number of columns.
    pub(super) fn len(&self) -> usize {
        self.votes.len()
    }

    /// Number of covered patterns.
    pub(super) fn n_patterns(&self) -> usize {
        self.rows.len()
    }

    /// Number of covered rows.
    pub(super) fn n_rows(&self) -> f64 {
        self.rows.iter().sum()
    }

    /// The columns that fired in covered pattern `u`, ascending.
    pub(super) fn fired(&self, u: usize) -> impl ExactSizeIterator<Item = usize> + Clone + '_ {
        let start = if u == 0 { 0 } else { self.ends[u - 1] };
        self.fired[start..self.ends[u]].iter().map(|&column| column as usize)
    }

    /// For each column c what `map` makes of the rows that it shares with every column: the second
    /// argument has one number a column, at c the rows of c itself.
    pub(super) fn map_overlaps<T: Send>(&self, map: impl Fn(usize, &[f64]) -> T + Sync) -> Vec<T> {
        let mut patterns_of: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for u in 0..self.n_patterns() {
            for c in self.fired(u) {
                patterns_of[c].push(u as u32);
            }
        }
        (0..self.len())
            .into_par_iter()
            .map_init(
                || vec![0.0; self.len()],
                |together, c| {
                    together.fill(0.0);
                    for &u in &patterns_of[c] {
                        for other in self.fired(u as usize) {
                            together[other] += self.rows[u as usize];
                        }
                    }
                    map(c, together)
                },
            )
            .collect()
    }

    /// How much of a column's evidence to count, in (0, 1], given how far other columns for the
    /// same class fire on the same rows: κ_c = 1 / (1 + λ Σ_c' √J(c, c')), with J the Jaccard
    /// index |rows of both| / |rows of either| over the other columns c' of the same class.
    pub(super) fn redundancy_weights(&self, lambda: f64) -> Vec<f64> {
        self.map_overlaps(|c, together| {
            let mut sum = 0.0;
            for (other, &both) in together.iter().enumerate() {
                if both > 0.0 && other != c && self.votes[other].class == self.votes[c].class {
                    let either = self.counts[c] + self.counts[other] - both;
                    sum += (both / either).sqrt();
                }
            }
            1.0 / (1.0 + lambda * sum)
        })
    }
}
