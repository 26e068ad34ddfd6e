//! The votes as columns: one for each (labeling function, choice) that occurs.
//!
//! A labeling function that votes two classes is two columns, each trusted on its own; so are a
//! partial vote and each bucket of a scored one.

use crate::{ChoiceId, ClassId, LfId, Names, Patterns, Vote};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many meetings of two columns are counted in the time that it takes to wake another thread.
const FEW: usize = 100_000;

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

/// How much two columns that overlap repeat each other: g(J) = λ √J + (1 − λ) J^p.
///
/// An exact repeat has g = 1 whatever λ: a labeling function that stands there three times has the
/// weight of one. Below that, λ discounts overlap of any size, and p says how near two columns must
/// come to be repeats of each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Discount {
    pub(super) lambda: f64,
    pub(super) power: i32,
}

impl Discount {
    fn of(self, jaccard: f64) -> f64 {
        self.lambda * jaccard.sqrt() + (1.0 - self.lambda) * jaccard.powi(self.power)
    }
}

impl Columns {
    pub(super) fn new(patterns: &Patterns) -> Self {
        // What each labeling function voted, ascending.
        let mut choices: Vec<Vec<ChoiceId>> = vec![Vec::new(); patterns.names().lfs.len()];
        for vote in patterns.iter().flat_map(|(votes, _)| votes) {
            let choices = &mut choices[vote.lf.index()];
            if let Err(place) = choices.binary_search(&vote.choice) {
                choices.insert(place, vote.choice);
            }
        }
        let mut votes = Vec::new();
        let mut first = Vec::with_capacity(choices.len());
        for (lf, choices) in LfId::first(choices.len()).zip(&choices) {
            first.push(votes.len());
            votes.extend(choices.iter().map(|&choice| Vote { lf, choice }));
        }
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
                let lf = vote.lf.index();
                if let Ok(place) = choices[lf].binary_search(&vote.choice) {
                    let column = first[lf] + place;
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

    /// The most columns that fired in one pattern.
    pub(super) fn most_fired(&self) -> usize {
        (0..self.n_patterns()).map(|u| self.fired(u).len()).max().unwrap_or(0)
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

    /// The covered patterns in which each column fired, ascending.
    fn patterns_of(&self) -> Vec<Vec<u32>> {
        let mut patterns_of: Vec<Vec<u32>> = vec![Vec::new(); self.len()];
        for u in 0..self.n_patterns() {
            for c in self.fired(u) {
                patterns_of[c].push(u as u32);
            }
        }
        patterns_of
    }

    /// For each column the sums of what `of_pair` makes of the rows that it shares with each other
    /// column: it is given the two columns and these rows, which are some, but not itself.
    ///
    /// Columns that fire on the same rows and have the same `kind` share their sums: of thousands of
    /// repeats only one is compared with the others. `of_pair` must not tell them apart.
    pub(super) fn sum_overlaps<K: Ord, const N: usize>(
        &self,
        kind: impl Fn(usize) -> K,
        of_pair: impl Fn(usize, usize, f64) -> [f64; N] + Sync,
    ) -> Vec<[f64; N]> {
        let patterns_of = self.patterns_of();
        let mut firsts = BTreeMap::new();
        let mut times = vec![0.0; self.len()];
        let first_of: Vec<usize> = (0..self.len())
            .map(|c| *firsts.entry((kind(c), patterns_of[c].as_slice())).or_insert(c))
            .inspect(|&first| times[first] += 1.0)
            .collect();
        let sum_of = |(together, met): &mut (Vec<f64>, Vec<usize>), c: usize| {
            if first_of[c] != c {
                return [0.0; N];
            }
            for &u in &patterns_of[c] {
                for other in self.fired(u as usize).filter(|&other| times[other] > 0.0) {
                    if together[other] == 0.0 {
                        met.push(other);
                    }
                    together[other] += self.rows[u as usize];
                }
            }
            // Of thousands of annotators a column meets few; the order of additions is fixed.
            met.sort_unstable();
            let mut sums = [0.0; N];
            let mut add = |times: f64, of_pair: [f64; N]| {
                sums.iter_mut().zip(of_pair).for_each(|(sum, value)| *sum += times * value);
            };
            for &other in met.iter().filter(|&&other| other != c) {
                add(times[other], of_pair(c, other, together[other]));
            }
            met.drain(..).for_each(|other| together[other] = 0.0);
            if times[c] > 1.0 {
                add(times[c] - 1.0, of_pair(c, c, self.counts[c]));
            }
            sums
        };
        let scratch = || (vec![0.0; self.len()], Vec::new());
        let meetings: usize = (0..self.n_patterns()).map(|u| self.fired(u).len().pow(2)).sum();
        let sums: Vec<[f64; N]> = if meetings < FEW {
            let mut scratch = scratch();
            (0..self.len()).map(|c| sum_of(&mut scratch, c)).collect()
        } else {
            (0..self.len()).into_par_iter().map_init(scratch, sum_of).collect()
        };
        first_of.into_iter().map(|first| sums[first]).collect()
    }

    /// How much of a column's evidence to count, in (0, 1], given how far other columns for the
    /// same class, or the same classes, fire on the same rows: κ_c = 1 / (1 + Σ_c' g(J(c, c'))) over
    /// the other such columns c', with J the Jaccard index |rows of both| / |rows of either|. Several
    /// discounts g at once take hardly longer than one.
    pub(super) fn redundancy_weights<const N: usize>(
        &self,
        discounts: [Discount; N],
    ) -> [Vec<f64>; N] {
        self.weights_by(|c| self.group(c), discounts, |_, _| 0.0)
    }

    /// The same, where some pairs of labeling functions are known to repeat each other to a degree
    /// from 0 to 1, which g is not below.
    pub(super) fn weights_with(
        &self,
        discount: Discount,
        known: impl Fn(LfId, LfId) -> f64 + Sync,
    ) -> Vec<f64> {
        // No two columns are the same: something may be known of one alone.
        let [weights] = self.weights_by(|c| c, [discount], known);
        weights
    }

    fn weights_by<K: Ord, const N: usize>(
        &self,
        kind: impl Fn(usize) -> K,
        discounts: [Discount; N],
        known: impl Fn(LfId, LfId) -> f64 + Sync,
    ) -> [Vec<f64>; N] {
        let group: Vec<ChoiceId> = (0..self.len()).map(|c| self.group(c)).collect();
        let sums = self.sum_overlaps(kind, |c, other, both| {
            if group[c] != group[other] {
                return [0.0; N];
            }
            let jaccard = both / (self.counts[c] + self.counts[other] - both);
            let known = known(self.votes[c].lf, self.votes[other].lf);
            discounts.map(|discount| discount.of(jaccard).max(known))
        });
        std::array::from_fn(|at| sums.iter().map(|sum| 1.0 / (1.0 + sum[at])).collect())
    }

    /// What columns with the same classes have in common: scores do not matter.
    fn group(&self, c: usize) -> ChoiceId {
        let choice = self.votes[c].choice;
        self.names.single(choice).map_or(choice, ChoiceId::from)
    }
}
