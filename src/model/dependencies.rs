//! Labeling functions that agree beyond what the label explains, so that they count as fewer.
//!
//! A pair is named when two witnesses say so. The first counts: the pair agrees on far more rows than
//! the posteriors of a fitted model explain (see [`super::agreement`]). The second looks at all
//! columns at once: the pair is still linked when the inverse covariance of the votes is split into a
//! sparse part and the low rank that a hidden label leaves (Varma, Sala, He, Ratner & Ré 2019,
//! arXiv:1903.05844; see [`super::decomposition`]). The first alone errs where the model does, the
//! second where classes have few labeling functions.
//!
//! Measured on 450 planted matrices (50 seeds of the cases in `tests/it/dependencies.rs`): of
//! independent labeling functions 3 pairs were named in all, and with two copies planted in each
//! matrix, these two and nothing else were named in 445.

use super::agreement::{Suspect, suspects};
use super::columns::{Columns, Discount};
use super::decomposition::{partial_correlations, sparse_part};
use super::fitted::FittedModel;
use crate::{LfId, Patterns};
use ndarray::Array2;
use std::collections::BTreeMap;

/// Two labeling functions that agree beyond what the label explains.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Dependency {
    /// The two, in ascending order.
    pub lfs: (LfId, LfId),
    /// Rows on which both vote the same class.
    pub agree: u64,
    /// Rows on which they would, were they independent given the label.
    pub expected: f64,
    /// (agree − expected) / (possible − expected), from 1/3 to 1: the share of the votes that repeat
    /// the other's. Possible are the rows of the one that votes less, or, for labeling functions that
    /// vote several classes, the rows where both vote. Two votes count as 2 / (1 + strength).
    pub strength: f64,
    /// The partial correlation that the hidden label does not account for.
    pub partial_correlation: f64,
}

/// Partial correlations that remain and are below this are not worth a word.
const LEAST_PARTIAL: f64 = 0.05;
/// Columns that are decomposed at the most; each step costs their number cubed.
const MOST_COLUMNS: usize = 100;
/// A labeling function that votes on more of the rows says with its last class nothing new.
const NEARLY_ALL: f64 = 0.9;

/// The dependent pairs, the strongest first; `model` was fitted on these votes.
///
/// Costs a pass over the patterns, and a decomposition of 100 columns at the most when there are
/// suspicious pairs: those of the pairs with most unexplained rows first, then those with most votes.
/// Pairs that find no place are not named. Of thousands of labeling functions those that vote most
/// are looked at, as many as keep time and memory bounded (of 10,000 with two classes, 1,250).
#[must_use]
pub fn dependencies(votes: &Patterns, model: &FittedModel) -> Vec<Dependency> {
    let columns = Columns::new(votes);
    let table = model.table(votes);
    let mut covered = Vec::with_capacity(columns.n_patterns());
    let mut uncovered = vec![0.0; votes.n_classes()];
    for (u, (row, count)) in votes.iter().enumerate() {
        if row.is_empty() {
            uncovered.iter_mut().zip(table.row(u)).for_each(|(sum, q)| *sum += count as f64 * q);
        } else {
            covered.push(u);
        }
    }
    let suspects = suspects(&columns, |u| table.row(covered[u]), &uncovered);
    if suspects.is_empty() {
        return Vec::new();
    }
    let n_rows = votes.n_rows() as f64;
    let chosen = choose(&columns, &suspects, n_rows);
    let linked = links(&columns, &chosen, n_rows).unwrap_or_default();
    let mut found: Vec<Dependency> = suspects
        .iter()
        .filter_map(|suspect| {
            let partial_correlation = *linked.get(&suspect.lfs)?;
            Some(Dependency {
                lfs: (LfId::new(suspect.lfs.0)?, LfId::new(suspect.lfs.1)?),
                agree: suspect.agree as u64,
                expected: suspect.expected,
                strength: suspect.strength,
                partial_correlation,
            })
        })
        .filter(|dependency| dependency.partial_correlation >= LEAST_PARTIAL)
        .collect();
    found.sort_by(|a, b| {
        b.strength.total_cmp(&a.strength).then(b.agree.cmp(&a.agree)).then(a.lfs.cmp(&b.lfs))
    });
    found
}

/// The columns to decompose, ascending: those of the suspects, then of those that vote most.
fn choose(columns: &Columns, suspects: &[Suspect], n_rows: f64) -> Vec<usize> {
    let mut of_lf: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut of_choice = vec![0.0; columns.n_choices()];
    for (c, vote) in columns.votes.iter().enumerate() {
        of_lf.entry(vote.lf.index()).or_default().push(c);
        of_choice[vote.choice.index()] += columns.counts[c];
    }
    let votes = |own: &[usize]| own.iter().map(|&c| columns.counts[c]).sum::<f64>();
    for own in of_lf.values_mut() {
        if own.len() > 1 && votes(own) > NEARLY_ALL * n_rows {
            let rare = |&c: &usize| of_choice[columns.votes[c].choice.index()];
            let last = (0..own.len()).min_by(|&a, &b| rare(&own[a]).total_cmp(&rare(&own[b])));
            last.map(|last| own.remove(last));
        }
        // A column that fires everywhere varies with nothing.
        own.retain(|&c| columns.counts[c] < n_rows);
    }
    let mut pairs: Vec<&Suspect> = suspects.iter().collect();
    pairs.sort_by(|a, b| {
        (b.agree - b.expected).total_cmp(&(a.agree - a.expected)).then(a.lfs.cmp(&b.lfs))
    });
    let mut others: Vec<usize> = of_lf.keys().copied().collect();
    others.sort_by(|a, b| votes(&of_lf[b]).total_cmp(&votes(&of_lf[a])).then(a.cmp(b)));
    let mut chosen = Vec::new();
    for lf in pairs.iter().flat_map(|pair| [pair.lfs.0, pair.lfs.1]).chain(others) {
        let own = of_lf.remove(&lf).unwrap_or_default();
        if chosen.len() + own.len() <= MOST_COLUMNS {
            chosen.extend(own);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// For each pair of labeling functions among the chosen columns, the length of the positive entries
/// of the sparse part between their columns of the same class.
fn links(
    columns: &Columns,
    chosen: &[usize],
    n_rows: f64,
) -> Option<BTreeMap<(usize, usize), f64>> {
    let mut place = vec![None; columns.len()];
    chosen.iter().enumerate().for_each(|(i, &c)| place[c] = Some(i));
    let mut together = Array2::zeros((chosen.len(), chosen.len()));
    let mut fired = Vec::new();
    for u in 0..columns.n_patterns() {
        fired.clear();
        fired.extend(columns.fired(u).filter_map(|c| place[c]));
        for &i in &fired {
            for &j in &fired {
                together[[i, j]] += columns.rows[u];
            }
        }
    }
    let owner: Vec<usize> = chosen.iter().map(|&c| columns.votes[c].lf.index()).collect();
    let sparse = sparse_part(&partial_correlations(&together, n_rows)?, &owner, n_rows)?;
    let mut squares: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for ((i, j), &entry) in sparse.indexed_iter() {
        let same = columns.votes[chosen[i]].choice == columns.votes[chosen[j]].choice;
        if owner[i] < owner[j] && same && entry > 0.0 {
            *squares.entry((owner[i], owner[j])).or_default() += entry * entry;
        }
    }
    Some(squares.into_iter().map(|(pair, sum)| (pair, sum.sqrt())).collect())
}

/// The redundancy weights of [`Columns::redundancy_weights`], with what was learned: a dependent
/// pair counts with its strength where that is more than its overlap. Of m copies each counts 1/m:
/// together they are one vote.
pub(super) fn learned_weights(
    columns: &Columns,
    discount: Discount,
    dependencies: &[Dependency],
) -> Vec<f64> {
    let strengths: BTreeMap<(LfId, LfId), f64> =
        dependencies.iter().map(|found| (found.lfs, found.strength)).collect();
    columns.weights_with(discount, |one, other| {
        strengths.get(&(one.min(other), one.max(other))).copied().unwrap_or(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names};

    #[test]
    fn copies_together_count_as_one() {
        let names = Names::new(["a", "b", "c", "d"], ["x", "y"]).expect("names");
        let rows: Vec<Vec<Option<usize>>> = (0..12)
            .map(|i| {
                let copied = (i % 3 == 0).then_some(i % 2);
                vec![copied, copied, copied, (i % 4 == 2).then_some(1)]
            })
            .collect();
        let matrix = LabelMatrix::from_dense(names, &rows).expect("valid");
        let columns = Columns::new(&Patterns::count(&matrix));
        let lf: Vec<LfId> = LfId::first(4).collect();
        let copies = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| Dependency {
            lfs: (lf[a], lf[b]),
            agree: 4,
            expected: 1.0,
            strength: 1.0,
            partial_correlation: 0.5,
        });
        let discount = Discount { lambda: 0.25, power: 4 };
        let weights = learned_weights(&columns, discount, &copies);
        assert!(
            weights[..6].iter().all(|weight| (weight - 1.0 / 3.0).abs() < 1e-12),
            "{weights:?}"
        );
        assert_eq!(
            [learned_weights(&columns, discount, &[])],
            columns.redundancy_weights([discount])
        );
    }
}
