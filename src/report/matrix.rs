//! Labeling functions against each other: a matrix of those that matter most, neighbors where they
//! behave alike.

use super::stats::{Both, Pairs};
use crate::{LfId, Patterns};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The matrix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairMatrix {
    /// The labeling functions that are shown, by their positions among those of the report, in the order
    /// in which they are drawn: those that vote on the same rows alike stand together.
    pub lfs: Vec<usize>,
    /// Labeling functions that vote and are not shown: those with the fewest rows in conflict or overlap.
    pub left_out: usize,
    /// The pairs with rows in common, each once.
    pub cells: Vec<PairCell>,
}

/// Two labeling functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PairCell {
    /// One of them, by its place in [`PairMatrix::lfs`].
    pub first: usize,
    /// The other, further down.
    pub second: usize,
    /// Rows where both vote.
    pub both: u64,
    /// Of these, rows where their votes cannot both be right.
    pub conflict: u64,
    /// Rows where at least one votes.
    pub either: u64,
    /// How much more often than by chance they agree on the rows where both vote: Cohen's kappa
    /// (Cohen 1960, doi:10.1177/001316446002000104), from −1 to 1; none where chance explains all.
    pub kappa: Option<f64>,
    /// Rows that show the conflict, or else both votes, by their position among the examples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<usize>,
}

/// Labeling functions that are drawn.
const SHOWN: usize = 40;

pub(super) fn matrix(votes: &Patterns, pairs: &Pairs) -> PairMatrix {
    let n_lfs = votes.n_lfs();
    let mut own = vec![0_u64; n_lfs];
    // Rows of each choice of each LF, for agreement by chance.
    let mut choices: Vec<BTreeMap<_, u64>> = vec![BTreeMap::new(); n_lfs];
    for (row, count) in votes.iter() {
        for vote in row {
            own[vote.lf.index()] += count;
            *choices[vote.lf.index()].entry(vote.choice).or_default() += count;
        }
    }
    // Those with the most rows in conflict, then in overlap.
    let mut weight = vec![(0_u64, 0_u64); n_lfs];
    for (&(one, other), both) in pairs {
        for lf in [one, other] {
            weight[lf.index()].0 += both.conflict;
            weight[lf.index()].1 += both.rows;
        }
    }
    let mut shown: Vec<usize> = (0..n_lfs).filter(|&lf| own[lf] > 0).collect();
    let voting = shown.len();
    shown.sort_by_key(|&lf| (std::cmp::Reverse(weight[lf]), lf));
    shown.truncate(SHOWN);
    shown.sort_unstable();
    let ids: Vec<LfId> = LfId::first(n_lfs).collect();
    let both = |one: usize, other: usize| {
        pairs.get(&(ids[one.min(other)], ids[one.max(other)])).copied().unwrap_or_default()
    };
    let shown = clustered(&shown, |one, other| likeness(own[one], own[other], both(one, other)));
    let mut cells = Vec::new();
    for (first, &one) in shown.iter().enumerate() {
        for (second, &other) in shown.iter().enumerate().skip(first + 1) {
            let both = both(one, other);
            if both.rows == 0 {
                continue;
            }
            let chance: f64 = choices[one]
                .iter()
                .filter_map(|(choice, &rows)| {
                    Some(rows as f64 * *choices[other].get(choice)? as f64)
                })
                .sum::<f64>()
                / (own[one] as f64 * own[other] as f64);
            let agree = 1.0 - both.different as f64 / both.rows as f64;
            cells.push(PairCell {
                first,
                second,
                both: both.rows,
                conflict: both.conflict,
                either: own[one] + own[other] - both.rows,
                kappa: (chance < 1.0 - 1e-9).then(|| (agree - chance) / (1.0 - chance)),
                examples: Vec::new(),
            });
        }
    }
    PairMatrix { left_out: voting - shown.len(), lfs: shown, cells }
}

/// Rows on which both vote the same, minus those on which they contradict each other, of the rows on
/// which at least one votes.
fn likeness(one: u64, other: u64, both: Both) -> f64 {
    let either = one + other - both.rows;
    let agree = both.rows as f64 - 2.0 * both.different as f64;
    if either == 0 { 0.0 } else { agree / either as f64 }
}

/// Joins the two groups that are most alike on the average until one is left (UPGMA, Sokal and Michener
/// 1958), and gives its members from left to right.
fn clustered(items: &[usize], likeness: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    let mut groups: Vec<Vec<usize>> = items.iter().map(|&item| vec![item]).collect();
    while groups.len() > 1 {
        let mut best = (f64::NEG_INFINITY, 0, 1);
        for one in 0..groups.len() {
            for other in one + 1..groups.len() {
                let pairs =
                    groups[one].iter().flat_map(|&a| groups[other].iter().map(move |&b| (a, b)));
                let sum: f64 = pairs.map(|(a, b)| likeness(a, b)).sum();
                let mean = sum / (groups[one].len() * groups[other].len()) as f64;
                if mean > best.0 {
                    best = (mean, one, other);
                }
            }
        }
        let second = groups.remove(best.2);
        groups[best.1].extend(second);
    }
    groups.pop().unwrap_or_default()
}
