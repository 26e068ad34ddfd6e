//! A weighted sample of fixed size of a stream, in one pass, with inclusion probabilities that are known: VarOpt.
//!
//! Row i of weight wᵢ is in the sample with probability pᵢ = min(1, wᵢ/τ), where the threshold τ is the solution of
//! Σᵢ min(1, wᵢ/τ) = n over all rows that were offered: as proportional to the weights as n places allow, rows that
//! are heavier than τ for certain. τ depends on the weights alone and not on what was drawn, so pᵢ is exact, and
//! Σ yᵢ/pᵢ over the sample estimates Σ yᵢ over the data without bias (Horvitz and Thompson 1952,
//! doi:10.1080/01621459.1952.10483446). Sums of weights have no variance at all, and no other
//! design of n rows has less on average over subsets.
//!
//! The sample of n rows and the next row are n + 1; the new threshold τ' is the solution for these with *adjusted*
//! weights max(wᵢ, τ), and one of them is dropped, each with probability 1 - min(1, adjusted/τ'). That is one
//! heap operation a row in the mean, and memory for n rows.
//!
//! E. Cohen, N. Duffield, H. Kaplan, C. Lund, M. Thorup, "Efficient stream sampling for variance-optimal estimation
//! of subset sums", SIAM Journal on Computing 40(5), 2011, doi:10.1137/10079817X. The probabilities are those of
//! M. T. Chao, "A general purpose unequal probability sampling plan", Biometrika 69(3), 1982,
//! doi:10.1093/biomet/69.3.653.
//!
//! Why not others: the draws of Efraimidis and Spirakis (A-ExpJ) are successive, and their inclusion
//! probabilities have no closed form; Poisson and systematic designs need the sum of the weights before the first
//! row; priority sampling (doi:10.1145/1314690.1314696) has unbiased weights, but its threshold is random.

use super::Included;
use crate::random::Random;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A row that is heavier than the threshold, or was.
#[derive(Debug, Clone)]
struct Heavy<T> {
    weight: f64,
    row: T,
}

impl<T> PartialEq for Heavy<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Heavy<T> {}

impl<T> PartialOrd for Heavy<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Heavy<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.weight.total_cmp(&other.weight)
    }
}

/// With what probability each of n + 1 rows is dropped.
struct Chances {
    /// The new row if it is light, then rows that are no longer heavy.
    first: Vec<f64>,
    /// Each of so many light rows.
    light: f64,
    n_light: usize,
}

/// A weighted sample of what it was offered.
#[derive(Debug, Clone)]
pub struct VarOpt<T> {
    n: usize,
    /// Rows whose weight is above the threshold, the lightest on top.
    heavy: BinaryHeap<Reverse<Heavy<T>>>,
    /// The others, with their weights.
    light: Vec<(T, f64)>,
    /// τ; 0 while all rows have room.
    threshold: f64,
    random: Random,
}

impl<T> VarOpt<T> {
    /// A sample of `n` rows, at least one; draws are those of a stream of random numbers.
    pub(crate) fn new(n: usize, random: Random) -> Self {
        let (heavy, light) = (BinaryHeap::new(), Vec::new());
        Self { n: n.max(1), heavy, light, threshold: 0.0, random }
    }

    /// A sample of `n` rows, at least one.
    #[must_use]
    pub fn with_seed(n: usize, seed: u64) -> Self {
        Self::new(n, Random::stream(seed, 0))
    }

    /// Offers a row of a weight, which is made only if it is taken. A row whose weight is not above 0, or not
    /// finite, is in no sample.
    pub fn offer(&mut self, weight: f64, make: impl FnOnce() -> T) {
        let mut random = Random::clone(&self.random);
        self.step(weight, make, |_| random.uniform());
        self.random = random;
    }

    /// Offers a row; `draw` gives the number in (0, 1) that decides who is dropped.
    fn step(&mut self, weight: f64, make: impl FnOnce() -> T, draw: impl FnOnce(&Chances) -> f64) {
        if !weight.is_finite() || weight <= 0.0 {
            return;
        }
        if self.len() < self.n {
            self.heavy.push(Reverse(Heavy { weight, row: make() }));
            return;
        }
        let mut sum = self.threshold * self.light.len() as f64;
        let new_is_light = weight <= self.threshold;
        let mut make = Some(make);
        if new_is_light {
            sum += weight;
        } else if let Some(make) = make.take() {
            self.heavy.push(Reverse(Heavy { weight, row: make() }));
        }
        let mut moved: Vec<Heavy<T>> = Vec::new();
        let spread = |moved: usize| self.light.len() + moved + usize::from(new_is_light);
        while let Some(Reverse(next)) = self.heavy.peek()
            && sum >= (spread(moved.len()) as f64 - 1.0) * next.weight
        {
            sum += next.weight;
            moved.extend(self.heavy.pop().map(|Reverse(heavy)| heavy));
        }
        let threshold = sum / (spread(moved.len()) as f64 - 1.0);
        let chance = |adjusted: f64| (1.0 - adjusted / threshold).max(0.0);
        let new = new_is_light.then_some(weight);
        let first = new.into_iter().chain(moved.iter().map(|heavy| heavy.weight)).map(chance);
        let chances = Chances {
            first: first.collect(),
            light: chance(self.threshold),
            n_light: self.light.len(),
        };
        let dropped = chances.at(draw(&chances));
        self.threshold = threshold;
        self.light.extend(moved.into_iter().map(|heavy| (heavy.row, heavy.weight)));
        // Places of `chances`: the new row, those that moved, then those that were light before.
        let (n_first, n_light) = (chances.first.len(), chances.n_light);
        let n_moved = n_first - usize::from(new_is_light);
        let place = if dropped >= n_first {
            Some(dropped - n_first)
        } else {
            (dropped + n_moved).checked_sub(n_first).map(|moved| n_light + moved)
        };
        if let Some(place) = place.filter(|place| *place < self.light.len()) {
            self.light.swap_remove(place);
            if let Some(make) = make.filter(|_| new_is_light) {
                self.light.push((make(), weight));
            }
        }
    }

    /// Rows in the sample.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heavy.len() + self.light.len()
    }

    /// Whether no row is in the sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// τ: rows of this weight and more are in the sample for certain.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The probability with which a row of this weight is in the sample: min(1, w/τ).
    #[must_use]
    pub fn inclusion(&self, weight: f64) -> f64 {
        inclusion(weight, self.threshold)
    }

    /// The sample, each row with the probability that it is in it, in no order.
    #[must_use]
    pub fn into_kept(self) -> Included<T> {
        let heavy = self.heavy.into_iter().map(|Reverse(heavy)| (heavy.row, heavy.weight));
        let rows = self.light.into_iter().chain(heavy);
        rows.map(|(row, weight)| (row, inclusion(weight, self.threshold))).collect()
    }
}

fn inclusion(weight: f64, threshold: f64) -> f64 {
    if weight >= threshold { 1.0 } else { weight / threshold }
}

impl Chances {
    /// Who is dropped: a place among the first, or after them one of the light rows.
    fn at(&self, drawn: f64) -> usize {
        let mut left = drawn;
        for (place, chance) in self.first.iter().enumerate() {
            if left < *chance {
                return place;
            }
            left -= chance;
        }
        // What rounding leaves falls on the last one.
        let last = (self.first.len() + self.n_light).saturating_sub(1);
        if self.light > 0.0 {
            last.min(self.first.len() + (left / self.light) as usize)
        } else {
            last
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{DRAWS, within_four_errors};
    use super::*;
    use proptest::prelude::*;

    /// Every sample that can come out, with its probability.
    fn all(n: usize, weights: &[f64]) -> Vec<(VarOpt<usize>, f64)> {
        let mut samples = vec![(VarOpt::with_seed(n, 0), 1.0)];
        for (row, &weight) in weights.iter().enumerate() {
            let mut next = Vec::new();
            for (before, probability) in samples {
                let mut sums = vec![0.0];
                before.clone().step(
                    weight,
                    || row,
                    |chances| {
                        let light = std::iter::repeat_n(chances.light, chances.n_light);
                        for chance in chances.first.iter().copied().chain(light) {
                            sums.push(sums[sums.len() - 1] + chance);
                        }
                        0.5
                    },
                );
                if sums.len() == 1 {
                    let mut after = before;
                    after.step(weight, || row, |_| 0.5);
                    next.push((after, probability));
                    continue;
                }
                assert!((sums[sums.len() - 1] - 1.0).abs() < 1e-9, "{sums:?}");
                for ends in sums.windows(2).filter(|ends| ends[1] - ends[0] > 1e-12) {
                    let mut after = before.clone();
                    after.step(weight, || row, |_| f64::midpoint(ends[0], ends[1]));
                    next.push((after, probability * (ends[1] - ends[0])));
                }
            }
            samples = next;
        }
        samples
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// By all samples and their probabilities, not by draws.
        #[test]
        fn inclusion_is_exact_and_estimates_are_unbiased(
            weights in prop::collection::vec(prop_oneof![0.01..10.0, Just(1.0), Just(100.0)], 1..7),
            values in prop::collection::vec(-5.0..5.0, 7),
            n in 1_usize..4,
        ) {
            let mut included = vec![0.0; weights.len()];
            let (mut said, mut mean) = (vec![None; weights.len()], 0.0);
            for (sample, probability) in all(n, &weights) {
                prop_assert_eq!(sample.len(), n.min(weights.len()));
                for (row, inclusion) in sample.into_kept() {
                    included[row] += probability;
                    mean += probability * values[row] / inclusion;
                    let before = said[row].replace(inclusion).unwrap_or(inclusion);
                    prop_assert!((before - inclusion).abs() < 1e-9, "known before any draw");
                }
            }
            for (included, said) in included.iter().zip(&said) {
                prop_assert!((included - said.expect("every row may come")).abs() < 1e-9);
            }
            let total: f64 = values[..weights.len()].iter().sum();
            prop_assert!((mean - total).abs() < 1e-6 * (1.0 + total.abs()), "{mean} {total}");
            let sum: f64 = said.iter().flatten().sum();
            prop_assert!((sum - n.min(weights.len()) as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn rows_are_drawn_as_often_as_is_said() {
        const WEIGHTS: [f64; 8] = [1.0, 5.0, 0.0, 2.0, 20.0, 1.0, 0.5, 2.5];
        // Σ min(1, w/τ) = 3 with the row of weight 20 for certain: 12/τ = 2.
        let said = WEIGHTS.map(|weight| (weight / 6.0).min(1.0));
        let mut counts = [0_u64; 8];
        for seed in 0..DRAWS {
            let mut sample = VarOpt::with_seed(3, seed);
            for (row, weight) in WEIGHTS.into_iter().enumerate() {
                sample.offer(weight, || row);
            }
            for (row, inclusion) in sample.into_kept() {
                assert!((inclusion - said[row]).abs() < 1e-12);
                counts[row] += 1;
            }
        }
        counts.into_iter().zip(said).for_each(|(count, p)| within_four_errors(count, p));
    }

    /// Sums of weights have no variance, and rounding does not add up over a long stream.
    #[test]
    fn weights_add_up_to_their_sum() {
        let mut random = Random::stream(7, 7);
        let weights: Vec<f64> = (0..200_000).map(|_| 1.0 / random.uniform()).collect();
        let mut sample = VarOpt::with_seed(500, 3);
        for &weight in &weights {
            sample.offer(weight, || weight);
        }
        let estimate: f64 = sample.into_kept().into_iter().map(|(w, p)| w / p).sum();
        let sum: f64 = weights.iter().sum();
        assert!((estimate / sum - 1.0).abs() < 1e-9, "{estimate} {sum}");
    }
}
