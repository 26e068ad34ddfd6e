//! Labeling functions against each other: a matrix of those that matter most, neighbors where they
//! behave alike.

use super::stats::{Both, Pairs};
use crate::{ChoiceId, LfId, Patterns, Vote};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// How much more often than by chance they name the same classes on the rows where both vote: Cohen's
    /// kappa (Cohen 1960, doi:10.1177/001316446002000104), from −1 to 1; none where chance explains all.
    /// What each says by chance is told from these rows alone; scores do not count.
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
    for (row, count) in votes.iter() {
        row.iter().for_each(|vote| own[vote.lf.index()] += count);
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
    let kappas = kappas(votes, &shown, |one, other| both(one, other).rows);
    let mut cells = Vec::new();
    for (first, &one) in shown.iter().enumerate() {
        for (second, &other) in shown.iter().enumerate().skip(first + 1) {
            let both = both(one, other);
            if both.rows == 0 {
                continue;
            }
            cells.push(PairCell {
                first,
                second,
                both: both.rows,
                conflict: both.conflict,
                either: own[one] + own[other] - both.rows,
                kappa: kappas[first * shown.len() + second],
                examples: Vec::new(),
            });
        }
    }
    PairMatrix { left_out: voting - shown.len(), lfs: shown, cells }
}

/// What two labeling functions say on the rows where both vote.
struct Agreement {
    /// Rows where they name the same classes.
    same: u64,
    /// Rows of each of the things that the first one says, in their order, and of the second one.
    first: Vec<u64>,
    second: Vec<u64>,
}

/// What is said on the rows of votes: for each choice a number that choices of the same classes share,
/// and for each labeling function that is shown those of its votes, ascending.
struct Said {
    of_choice: Vec<usize>,
    of_lf: Vec<Vec<usize>>,
}

impl Said {
    fn new(votes: &Patterns, place: &[Option<usize>], side: usize) -> Self {
        let names = votes.names();
        let mut known = BTreeMap::new();
        let of_choice: Vec<usize> = ChoiceId::first(names.n_choices())
            .map(|choice| *known.entry(names.classes_of(choice)).or_insert(choice.index()))
            .collect();
        let mut of_lf = vec![BTreeSet::new(); side];
        for vote in votes.iter().flat_map(|(row, _)| row) {
            if let Some(at) = place[vote.lf.index()] {
                of_lf[at].insert(of_choice[vote.choice.index()]);
            }
        }
        Self { of_choice, of_lf: of_lf.into_iter().map(|all| all.into_iter().collect()).collect() }
    }

    fn kappa(&self, rows: u64, first: usize, second: usize, agreement: &Agreement) -> Option<f64> {
        let others: BTreeMap<usize, u64> =
            self.of_lf[second].iter().copied().zip(agreement.second.iter().copied()).collect();
        let chance: f64 = self.of_lf[first]
            .iter()
            .zip(&agreement.first)
            .filter_map(|(says, &rows)| Some(rows as f64 * *others.get(says)? as f64))
            .sum();
        let chance = chance / (rows as f64 * rows as f64);
        let agree = agreement.same as f64 / rows as f64;
        (chance < 1.0 - 1e-9).then(|| (agree - chance) / (1.0 - chance))
    }
}

/// The kappa of each two of the labeling functions that are shown and have rows in common, by their
/// places.
fn kappas(
    votes: &Patterns,
    shown: &[usize],
    both: impl Fn(usize, usize) -> u64,
) -> Vec<Option<f64>> {
    let side = shown.len();
    let mut place = vec![None; votes.n_lfs()];
    shown.iter().enumerate().for_each(|(at, &lf)| place[lf] = Some(at));
    let said = Said::new(votes, &place, side);
    let new = |pair: usize| Agreement {
        same: 0,
        first: vec![0; said.of_lf[pair / side].len()],
        second: vec![0; said.of_lf[pair % side].len()],
    };
    let mut found: Vec<Agreement> = (0..side * side).map(new).collect();
    for (row, count) in votes.iter() {
        let own = |vote: &Vote| {
            let (at, says) = (place[vote.lf.index()]?, said.of_choice[vote.choice.index()]);
            Some((at, says, said.of_lf[at].partition_point(|known| *known < says)))
        };
        let mut row: Vec<(usize, usize, usize)> = row.iter().filter_map(own).collect();
        row.sort_unstable();
        for (i, &(first, one, of_first)) in row.iter().enumerate() {
            for &(second, other, of_second) in &row[i + 1..] {
                let pair = &mut found[first * side + second];
                pair.same += if one == other { count } else { 0 };
                pair.first[of_first] += count;
                pair.second[of_second] += count;
            }
        }
    }
    let kappa = |(pair, agreement): (usize, &Agreement)| {
        let (first, second) = (pair / side, pair % side);
        let rows = if first < second { both(shown[first], shown[second]) } else { 0 };
        if rows == 0 { None } else { said.kappa(rows, first, second, agreement) }
    };
    found.iter().enumerate().map(kappa).collect()
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

#[cfg(test)]
mod tests {
    use super::super::stats;
    use super::*;
    use crate::votes::Bucket;
    use crate::{Choice, ClassId, LabelMatrix, Names};

    /// Two LFs with scores, row by row: the class of each, if it votes, and its bucket.
    fn kappa(rows: &[[Option<(usize, u8)>; 2]]) -> Option<f64> {
        let names = Names::new(["a", "b"], ["yes", "no"]).expect("distinct");
        let choice = |(class, bucket): (usize, u8)| {
            let bucket = Bucket::new(f64::from(bucket) / 10.0, f64::from(bucket + 1) / 10.0);
            let class = ClassId::new(class).expect("small");
            Choice::scored(class, bucket.expect("it ascends"))
        };
        let rows: Vec<Vec<(LfId, Choice)>> = rows
            .iter()
            .map(|row| {
                LfId::first(2).zip(row).filter_map(|(lf, v)| Some((lf, choice((*v)?)))).collect()
            })
            .collect();
        let votes = Patterns::count(&LabelMatrix::from_votes(&names, &rows).expect("known"));
        matrix(&votes, &stats::pairs(&votes)).cells[0].kappa
    }

    /// 20 times yes and yes, 5 times yes and no, 10 times no and yes, 15 times no and no: κ = 0.4
    /// (the example of many textbooks).
    #[test]
    fn kappa_is_that_of_the_rows_where_both_vote() {
        let (yes, no) = (Some((0, 6)), Some((1, 6)));
        let mut rows = vec![[yes, yes]; 20];
        rows.extend([[yes, no]; 5]);
        rows.extend([[no, yes]; 10]);
        rows.extend([[no, no]; 15]);
        let close = |kappa: Option<f64>| kappa.is_some_and(|kappa| (kappa - 0.4).abs() < 1e-12);
        assert!(close(kappa(&rows)), "{:?}", kappa(&rows));
        // Rows where one of them votes alone say nothing of how they agree.
        rows.extend([[yes, None]; 200]);
        assert!(close(kappa(&rows)), "{:?}", kappa(&rows));
        // Nor do scores: yes is yes.
        rows[..10].fill([Some((0, 9)), yes]);
        assert!(close(kappa(&rows)), "{:?}", kappa(&rows));
        assert_eq!(kappa(&[[yes, yes]]), None);
    }
}
