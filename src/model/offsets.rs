//! Offsets for hard labels: one number a class that is added to log probabilities before the
//! highest is taken, chosen for what the labels should be as a whole.
//!
//! The objective is a sum over classes of a function of two counts, the rows labeled so and those
//! labeled rightly so. It jumps where a pattern changes its label and is constant in between, so it
//! is climbed one class at a time: all places where a pattern would come to the class are sorted
//! and walked through, with the best taken. With two classes this is exact. Offsets lie midway
//! between such places, so that none is a tie that the search did not count on.
//!
//! For F1: Lipton, Elkan & Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1
//! measure", arXiv:1402.1892.

use super::Gold;
use super::balance::match_balance;
use super::decision::{TIE, log};
use crate::{ClassId, Patterns};
use ndarray::Array2;

/// Rows that the model's own expectation is worth beside the gold rows when F1 is maximized.
///
/// A threshold that is best on a few dozen rows is mostly luck. So gold rows are joined by so many
/// more that are spread over all rows, with their labels as probable as the model says. Without gold
/// rows these alone count: the rule of Lipton et al. for probabilities that are right.
///
/// Chosen over draws of 100 gold rows from 17 real label matrices, macro F1 on the others: .743
/// without them (the most probable class has .747), .748 with 30, .750 with 100, .752 with 300 and with
/// them alone.
pub const SMOOTHING: f64 = 300.0;

/// Offsets with which labels are as common as `balance` says, or the mean probability where it is
/// not known, among the rows that are decided; `decided` is their number for each pattern.
pub(crate) fn match_prevalence(
    table: &Array2<f64>,
    decided: &[f64],
    balance: Option<Vec<f64>>,
) -> Vec<f64> {
    let n_classes = table.ncols();
    let n: f64 = decided.iter().sum();
    if n == 0.0 {
        return vec![0.0; n_classes];
    }
    let wanted: Vec<f64> = match balance {
        Some(balance) => balance.iter().map(|share| n * share).collect(),
        None => {
            let of_class = |y| table.column(y).iter().zip(decided).map(|(p, n)| p * n).sum();
            (0..n_classes).map(of_class).collect()
        }
    };
    let miss = |y: usize, _: f64, labeled: f64| -(labeled - wanted[y]).powi(2);
    let search = Search::new(table, decided, Array2::zeros(table.dim()), &miss);
    let flat = search.climb(vec![0.0; n_classes]);
    if n_classes == 2 {
        return flat.1;
    }
    // With more classes the climb can get stuck. A second one starts where labels drawn at random
    // from sharpened probabilities would be as common as wanted, which is a convex problem.
    let mut sharp = table.mapv(|p| p.max(1e-12).powf(SHARPER));
    for mut row in sharp.rows_mut() {
        let sum = row.sum();
        row.mapv_inplace(|p| p / sum);
    }
    let shares: Vec<f64> = wanted.iter().map(|count| (count / n).max(1e-9)).collect();
    let sum: f64 = shares.iter().sum();
    let shares: Vec<f64> = shares.iter().map(|share| share / sum).collect();
    let logits = match_balance(&sharp, decided, &vec![1.0; decided.len()], &shares);
    let other = search.climb(logits.iter().map(|logit| logit / SHARPER).collect());
    if search.better(other.0, flat.0) { other.1 } else { flat.1 }
}

/// The power that sharpens them.
const SHARPER: f64 = 4.0;

/// Offsets with which the F1 of `class`, or the mean over all classes, is highest on the gold rows.
pub(super) fn match_f1(
    table: &Array2<f64>,
    votes: &Patterns,
    decided: &[f64],
    gold: Option<&Gold>,
    class: Option<ClassId>,
) -> Vec<f64> {
    let n_classes = table.ncols();
    let worth = SMOOTHING / (votes.n_rows() as f64).max(1.0);
    let mut rows = Array2::zeros(table.dim());
    for (mut row, (p, (_, count))) in
        rows.rows_mut().into_iter().zip(table.rows().into_iter().zip(votes.iter()))
    {
        row.iter_mut().zip(p).for_each(|(cell, p)| *cell = worth * count as f64 * p);
    }
    let mut u = 0;
    for (row, label, count) in gold.iter().flat_map(|gold| gold.iter()) {
        // Both are in ascending order of the votes.
        while u < votes.len() && votes.votes(u) < row {
            u += 1;
        }
        if u < votes.len() && votes.votes(u) == row {
            rows[[u, label.index()]] += count as f64;
        }
    }
    // Rows that are not decided about are missed.
    let actual: Vec<f64> = (0..n_classes).map(|y| rows.column(y).sum()).collect();
    let mass: Vec<f64> = rows
        .rows()
        .into_iter()
        .zip(decided)
        .map(|(row, &decided)| if decided > 0.0 { row.sum() } else { 0.0 })
        .collect();
    let counts = |y: usize| class.is_none_or(|class| class.index() == y);
    let f1 = |y: usize, right: f64, labeled: f64| {
        let both = actual[y] + labeled;
        if counts(y) && both > 0.0 { 2.0 * right / both } else { 0.0 }
    };
    Search::new(table, &mass, rows, &f1).climb(vec![0.0; n_classes]).1
}

/// What is searched through: patterns that are decided about.
struct Search<'a> {
    /// Log probabilities, n × n_classes.
    scores: Array2<f64>,
    /// Rows.
    mass: Vec<f64>,
    /// Rows of each class.
    hits: Array2<f64>,
    /// Of a class, the rows rightly labeled so, and the rows labeled so.
    value: &'a dyn Fn(usize, f64, f64) -> f64,
}

/// For each class, the rows rightly labeled so and the rows labeled so.
struct Counts {
    right: Vec<f64>,
    labeled: Vec<f64>,
}

/// The two classes with the highest scores, and their scores.
#[derive(Clone, Copy)]
struct Top {
    first: (usize, f64),
    second: (usize, f64),
}

impl Top {
    fn add(&mut self, y: usize, score: f64) {
        if score > self.first.1 {
            (self.first, self.second) = ((y, score), self.first);
        } else if score > self.second.1 {
            self.second = (y, score);
        }
    }

    /// The first that is not `y`.
    fn other(&self, y: usize) -> (usize, f64) {
        if self.first.0 == y { self.second } else { self.first }
    }
}

/// Rounds of the search through all classes; few are needed.
const ROUNDS: usize = 20;

impl<'a> Search<'a> {
    fn new(
        table: &Array2<f64>,
        mass: &[f64],
        hits: Array2<f64>,
        value: &'a dyn Fn(usize, f64, f64) -> f64,
    ) -> Self {
        let used: Vec<usize> = (0..mass.len()).filter(|&u| mass[u] > 0.0).collect();
        Self {
            scores: table.select(ndarray::Axis(0), &used).mapv(log),
            mass: used.iter().map(|&u| mass[u]).collect(),
            hits: hits.select(ndarray::Axis(0), &used),
            value,
        }
    }

    /// Climbs from `offsets` and gives the value that was reached, and where.
    fn climb(&self, mut offsets: Vec<f64>) -> (f64, Vec<f64>) {
        let mut tops: Vec<Top> = (0..self.mass.len()).map(|u| self.top(u, &offsets)).collect();
        let mut here = self.total(&self.counts(&tops, None));
        for _ in 0..ROUNDS {
            let before = here;
            for y in 0..offsets.len() {
                let (value, offset) = self.along(&tops, offsets[y], y);
                if self.better(value, here) {
                    (here, offsets[y]) = (value, offset);
                    for (u, top) in tops.iter_mut().enumerate() {
                        let score = self.scores[[u, y]] + offset;
                        if top.first.0 == y || top.second.0 == y {
                            *top = self.top(u, &offsets);
                        } else {
                            top.add(y, score);
                        }
                    }
                }
            }
            if here == before {
                break;
            }
        }
        let mean = offsets.iter().sum::<f64>() / offsets.len() as f64;
        offsets.iter_mut().for_each(|offset| *offset -= mean);
        (here, offsets)
    }

    /// Whether a value is higher by more than rounding.
    fn better(&self, value: f64, than: f64) -> bool {
        value > than + 1e-9 * (1.0 + than.abs())
    }

    /// The counts, where ties get no label. Without class `without`, nothing is labeled so, and of ties
    /// the first counts.
    fn counts(&self, tops: &[Top], without: Option<usize>) -> Counts {
        let k = self.scores.ncols();
        let mut counts = Counts { right: vec![0.0; k], labeled: vec![0.0; k] };
        for (u, top) in tops.iter().enumerate() {
            let best = match without {
                Some(y) => top.other(y).0,
                None if top.second.1 >= top.first.1 - TIE => continue,
                None => top.first.0,
            };
            counts.right[best] += self.hits[[u, best]];
            counts.labeled[best] += self.mass[u];
        }
        counts
    }

    fn top(&self, u: usize, offsets: &[f64]) -> Top {
        let none = (0, f64::NEG_INFINITY);
        let mut top = Top { first: none, second: none };
        for (y, (score, offset)) in self.scores.row(u).iter().zip(offsets).enumerate() {
            top.add(y, score + offset);
        }
        top
    }

    fn total(&self, counts: &Counts) -> f64 {
        (0..counts.right.len()).map(|y| self.of(counts, y)).sum()
    }

    fn of(&self, counts: &Counts, y: usize) -> f64 {
        (self.value)(y, counts.right[y], counts.labeled[y])
    }

    /// The best value that another offset of class `y` gives, and that offset; of several the one
    /// nearest to the present.
    fn along(&self, tops: &[Top], present: f64, y: usize) -> (f64, f64) {
        let mut counts = self.counts(tops, Some(y));
        // Where each pattern comes to y, and from which class.
        let come = |(u, top): (usize, &Top)| {
            let (other, score) = top.other(y);
            (score - self.scores[[u, y]], other, u)
        };
        let mut comes: Vec<(f64, usize, usize)> = tops.iter().enumerate().map(come).collect();
        comes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let mut total = self.total(&counts);
        let (mut best, mut found) = (f64::NEG_INFINITY, (present, f64::INFINITY));
        let mut next = 0;
        loop {
            let low = if next == 0 { f64::NEG_INFINITY } else { comes[next - 1].0 };
            let high = comes.get(next).map_or(f64::INFINITY, |come| come.0);
            let (offset, far) = between(low, high, present);
            if self.better(total, best) || (!self.better(best, total) && far < found.1) {
                (best, found) = (total, (offset, far));
            }
            let Some(&(first, ..)) = comes.get(next) else { break };
            // Those that come at the same place come together.
            while let Some(&(_, other, u)) = comes.get(next).filter(|come| come.0 <= first + TIE) {
                total -= self.of(&counts, other) + self.of(&counts, y);
                counts.right[other] -= self.hits[[u, other]];
                counts.labeled[other] -= self.mass[u];
                counts.right[y] += self.hits[[u, y]];
                counts.labeled[y] += self.mass[u];
                total += self.of(&counts, other) + self.of(&counts, y);
                next += 1;
            }
        }
        (best, found.0)
    }
}

/// A number between two, and its distance from `present`, which it is if that is not near an end.
fn between(low: f64, high: f64, present: f64) -> (f64, f64) {
    if low + 2.0 * TIE < present && present < high - 2.0 * TIE {
        return (present, 0.0);
    }
    let middle = match (low.is_finite(), high.is_finite()) {
        (true, true) => 0.5 * (low + high),
        (true, false) => low + 1.0,
        (false, true) => high - 1.0,
        (false, false) => present,
    };
    (middle, (middle - present).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six classes, 300 patterns of one row each: fifty for every class, give or take one.
    #[test]
    fn many_classes_are_as_common_as_wanted() {
        let noise = |u: usize, y: usize| (u * 7919 + y * 104_729 + u * y * 31) % 1009;
        let mut table = Array2::from_shape_fn((300, 6), |(u, y)| {
            (noise(u, y) as f64 / 200.0 + y as f64 / 3.0).exp()
        });
        for mut row in table.rows_mut() {
            let sum = row.sum();
            row.mapv_inplace(|p| p / sum);
        }
        let offsets = match_prevalence(&table, &[1.0; 300], Some(vec![1.0 / 6.0; 6]));
        let mut counts = [0_i32; 6];
        for row in table.rows() {
            let score = |y: usize| log(row[y]) + offsets[y];
            let best = (1..6).fold(0, |best, y| if score(y) > score(best) { y } else { best });
            counts[best] += 1;
        }
        assert!(counts.iter().all(|count| (count - 50).abs() <= 1), "{counts:?}");
    }
}
