//! How the votes of a row add up to its label.
//!
//! The posterior in log-odds is what there is before any vote plus what each vote adds. In a model with
//! one member of evidence these are its own scores. Where several members are averaged what a vote adds
//! depends on the votes that are there before it; then the mean over the orders in which votes can come
//! is given (Shapley 1953, "A value for n-person games", doi:10.1515/9781400881970-018), over all of them
//! for a few votes, and over one order and its reverse for many.

use super::FittedModel;
use crate::{ClassId, Vote};

/// How the votes of one row add up.
///
/// Scores are centered logarithms of probabilities, one a class: a difference of two is a log-odds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// P(Y = y) before any vote is counted.
    pub prior: Vec<f64>,
    /// The same as scores.
    pub start: Vec<f64>,
    /// What each vote adds to the score of each class; these and `start` sum to the scores of `posterior`.
    pub votes: Vec<Vec<f64>>,
    /// P(Y = y | votes).
    pub posterior: Vec<f64>,
}

impl Account {
    /// The class that scores are for, and its rival: the label, or else the most probable class, and the most
    /// probable one besides; none with fewer than two classes.
    #[must_use]
    pub fn rivals(&self, label: Option<ClassId>) -> Option<(usize, usize)> {
        rivals(&self.posterior, label.map(ClassId::index))
    }
}

/// The label, or else the most probable class, and the most probable one besides.
pub(crate) fn rivals(posterior: &[f64], label: Option<usize>) -> Option<(usize, usize)> {
    let mut order: Vec<usize> = (0..posterior.len()).collect();
    order.sort_by(|&a, &b| posterior[b].total_cmp(&posterior[a]).then(a.cmp(&b)));
    let one = label.or(order.first().copied())?;
    Some((one, *order.iter().find(|class| **class != one)?))
}

/// Probabilities below this count as this.
const LEAST: f64 = 1e-6;

/// So many votes get all their orders.
const FEW: usize = 6;

impl FittedModel {
    /// How the votes of one row add up to its posterior; of a row without votes both are what the model
    /// says of such rows.
    #[must_use]
    pub fn account(&self, votes: &[Vote]) -> Account {
        let k = self.names().classes.len();
        let mut posterior = vec![0.0; k];
        self.posterior(votes, &mut posterior);
        if votes.is_empty() {
            let start = scores(&posterior);
            return Account { prior: posterior.clone(), start, votes: Vec::new(), posterior };
        }
        let mut prior = vec![0.0; k];
        self.weigh(&[], &mut prior);
        let added =
            if votes.len() <= FEW { self.all_orders(votes) } else { self.two_orders(votes) };
        Account { start: scores(&prior), prior, votes: added, posterior }
    }

    fn scores_of(&self, votes: &[Vote]) -> Vec<f64> {
        let mut posterior = vec![0.0; self.names().classes.len()];
        self.weigh(votes, &mut posterior);
        scores(&posterior)
    }

    fn all_orders(&self, votes: &[Vote]) -> Vec<Vec<f64>> {
        let n = votes.len();
        let sets: Vec<Vec<f64>> = (0..1_usize << n)
            .map(|set| {
                let chosen = votes.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1);
                self.scores_of(&chosen.map(|(_, vote)| *vote).collect::<Vec<_>>())
            })
            .collect();
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        let mut added = vec![vec![0.0; self.names().classes.len()]; n];
        for (i, added) in added.iter_mut().enumerate() {
            for set in (0..sets.len()).filter(|set| set >> i & 1 == 0) {
                let before = set.count_ones() as usize;
                let share = factorial(before) * factorial(n - before - 1) / factorial(n);
                add(added, &sets[set | 1 << i], &sets[set], share);
            }
        }
        added
    }

    fn two_orders(&self, votes: &[Vote]) -> Vec<Vec<f64>> {
        let n = votes.len();
        let heads: Vec<_> = (0..=n).map(|i| self.scores_of(&votes[..i])).collect();
        let tails: Vec<_> = (0..=n).map(|i| self.scores_of(&votes[i..])).collect();
        let mut added = vec![vec![0.0; self.names().classes.len()]; n];
        for (i, added) in added.iter_mut().enumerate() {
            add(added, &heads[i + 1], &heads[i], 0.5);
            add(added, &tails[i], &tails[i + 1], 0.5);
        }
        added
    }
}

fn add(sum: &mut [f64], with: &[f64], without: &[f64], share: f64) {
    for ((sum, with), without) in sum.iter_mut().zip(with).zip(without) {
        *sum += share * (with - without);
    }
}

/// Centered logarithms.
fn scores(probabilities: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = probabilities.iter().map(|p| p.max(LEAST).ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
    logs.into_iter().map(|log| log - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Member, Supervision, by_name};
    use crate::{LabelMatrix, Names, Patterns};

    fn votes() -> Patterns {
        let names = Names::new((0..9).map(|lf| format!("lf{lf}")), ["a", "b", "c"]);
        let rows: Vec<Vec<Option<usize>>> = (0..300_u64)
            .map(|row| {
                let cell = |lf: u64| (row * 31 + lf * lf * 7) % 5;
                (0..9)
                    .map(|lf| (cell(lf) < 4).then(|| ((row + (cell(lf) / 3)) % 3) as usize))
                    .collect()
            })
            .collect();
        let matrix = LabelMatrix::from_dense(names.expect("distinct"), &rows);
        Patterns::count(&matrix.expect("classes"))
    }

    #[test]
    fn what_is_added_sums_to_the_posterior() {
        let votes = votes();
        for name in ["auto", "anchored", "dawid-skene", "majority"] {
            let model = by_name(name, &[]).expect("known");
            let model = model.fit(&votes, &Supervision::default()).expect("it fits");
            for u in 0..votes.len() {
                let account = model.account(votes.votes(u));
                let mut sum = account.start.clone();
                account.votes.iter().for_each(|added| {
                    sum.iter_mut().zip(added).for_each(|(sum, added)| *sum += added);
                });
                let mut posterior = vec![0.0; 3];
                model.posterior(votes.votes(u), &mut posterior);
                assert_eq!(account.posterior, posterior);
                for (sum, score) in sum.iter().zip(scores(&posterior)) {
                    assert!((sum - score).abs() < 1e-9, "{name}, pattern {u}");
                }
            }
        }
    }

    #[test]
    fn one_member_adds_its_own_scores() {
        let votes = votes();
        let model = by_name("generative", &[]).expect("known");
        let model = model.fit(&votes, &Supervision::default()).expect("it fits");
        let [Member::Evidence { evidence, .. }] = model.members() else { panic!("one member") };
        let row = (0..votes.len()).map(|u| votes.votes(u)).find(|row| row.len() >= 2);
        let row = &row.expect("some votes")[..2];
        let account = model.account(row);
        for (vote, added) in row.iter().zip(&account.votes) {
            let own = evidence.iter().find(|entry| entry.vote == *vote).expect("seen");
            let odds = added[0] - added[2];
            assert!((odds - (own.scores[0] - own.scores[2])).abs() < 1e-9);
        }
    }
}
