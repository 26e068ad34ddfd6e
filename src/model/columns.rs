//! The votes as columns: one for each (labeling function, choice) that occurs.
//!
//! A labeling function that votes two classes is two columns, each trusted on its own; so are a
//! partial vote and each bucket of a scored one.

use crate::{ChoiceId, ClassId, LfId, Names, Patterns, Vote};
use rayon::prelude::*;
use std::sync::Arc;

/// The covered patterns as lists of columns.
pub(super) struct Columns {
    /// What each column stands for, in ascending order.
    pub(super) votes: Vec<Vote>,
    /// Rows in which each column fired.
    pub(super) counts: Vec<f64>,
    /// Rows of each covered pattern.
    pub(super) rows: Vec<f64>,
    /// Rows without votes.
    pub(super) uncovered: f64,
    pub(super) n_classes: usize,
    names: Arc<Names>,
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
            uncovered: (patterns.n_rows() - patterns.n_covered()) as f64,
            n_classes: patterns.n_classes(),
            names: patterns.names().clone(),
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

    /// The classes that a column votes for, ascending: one, or those of a partial vote.
    pub(super) fn classes(&self, c: usize) -> &[ClassId] {
        self.names.classes_of(self.votes[c].choice)
    }

    /// What a column votes for.
    pub(super) fn choice(&self, c: usize) -> &crate::Choice {
        &self.names.choices()[self.votes[c].choice.index()]
    }

    /// Number of different choices that [`votes`](Self::votes) may have.
    pub(super) fn n_choices(&self) -> usize {
        self.names.n_choices()
    }

    /// The distribution over classes that a column's votes stand for if they are taken at their
    /// word: 1 on the class, uniform on the classes of a partial vote. Class and share where it is
    /// not 0.
    pub(super) fn target(&self, c: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let classes = self.classes(c);
        let share = 1.0 / classes.len() as f64;
        classes.iter().map(move |class| (class.index(), share))
    }

    /// For each column c what `map` makes of the rows that it shares with other columns: it is given
    /// c, the columns that fire together with c, itself included, ascending, and for every column the
    /// rows that c shares with it.
    pub(super) fn map_overlaps<T: Send>(
        &self,
        map: impl Fn(usize, &[usize], &[f64]) -> T + Sync,
    ) -> Vec<T> {
        let mut patterns_of: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for u in 0..self.n_patterns() {
            for c in self.fired(u) {
                patterns_of[c].push(u as u32);
            }
        }
        (0..self.len())
            .into_par_iter()
            .map_init(
                || (vec![0.0; self.len()], Vec::new()),
                |(together, met), c| {
                    for &u in &patterns_of[c] {
                        for other in self.fired(u as usize) {
                            if together[other] == 0.0 {
                                met.push(other);
                            }
                            together[other] += self.rows[u as usize];
                        }
                    }
                    // Of thousands of annotators a column meets few; the order of additions is fixed.
                    met.sort_unstable();
                    let mapped = map(c, met, together);
                    met.drain(..).for_each(|other| together[other] = 0.0);
                    mapped
                },
            )
            .collect()
    }

    /// How much of a column's evidence to count, in (0, 1], given how far other columns for the
    /// same class, or the same classes, fire on the same rows: κ_c = 1 / (1 + Σ_c' g(J(c, c'))) over
    /// the other such columns c', with J the Jaccard index |rows of both| / |rows of either| and
    /// g(J) = λ √J + (1 − λ) J^p. An exact repeat has g = 1 whatever λ: a labeling function that
    /// stands there three times has the weight of one. Below that, λ discounts overlap of any size,
    /// and p says how near two columns must come to be repeats of each other.
    pub(super) fn redundancy_weights(&self, lambda: f64, power: i32) -> Vec<f64> {
        self.weights_with(lambda, power, |_, _| 0.0)
    }

    /// The same, where some pairs of labeling functions are known to repeat each other to a degree
    /// from 0 to 1, which g is not below.
    pub(super) fn weights_with(
        &self,
        lambda: f64,
        power: i32,
        known: impl Fn(LfId, LfId) -> f64 + Sync,
    ) -> Vec<f64> {
        // Columns with the same classes: scores do not matter.
        let group = |vote: &Vote| {
            let single = self.names.single(vote.choice);
            single.map_or(vote.choice, ChoiceId::from)
        };
        let group: Vec<ChoiceId> = self.votes.iter().map(group).collect();
        self.map_overlaps(|c, met, together| {
            let alike = met.iter().filter(|&&other| other != c && group[other] == group[c]);
            let sum: f64 = alike
                .map(|&other| {
                    let both = together[other];
                    let jaccard = both / (self.counts[c] + self.counts[other] - both);
                    let g = lambda * jaccard.sqrt() + (1.0 - lambda) * jaccard.powi(power);
                    g.max(known(self.votes[c].lf, self.votes[other].lf))
                })
                .sum();
            1.0 / (1.0 + sum)
        })
    }
}
