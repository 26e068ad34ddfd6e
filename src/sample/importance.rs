//! An importance sample: most rows by a score, such as how uncertain a label is, and some at random, so that every
//! row may come and estimates stay unbiased whatever the score.
//!
//! Two samples are drawn side by side: one by weight ([`VarOpt`]), one at random ([`Reservoir`]). They are
//! independent, so a row is in one of them with probability 1 - (1 - p)(1 - q), where p and q are what the two say;
//! a row that both draw counts once. A fixed mixture of weights, λ/N + (1 - λ) sᵢ/Σs, would need the sum
//! of the scores before the first row.

use super::Included;
use super::reservoir::Reservoir;
use super::weighted::VarOpt;
use crate::random::Random;

/// An importance sample of what it was offered.
pub struct Importance<T> {
    scored: VarOpt<(u64, f64, T)>,
    uniform: Reservoir<(u64, f64, T)>,
    n_uniform: usize,
    offered: u64,
}

impl<T: Clone> Importance<T> {
    /// A sample of up to `n` rows, of which the share `uniform` is drawn at random.
    #[must_use]
    pub fn new(n: usize, uniform: f64, seed: u64) -> Self {
        let share = (n as f64 * uniform.clamp(0.0, 1.0)).round() as usize;
        // A share that is asked for is there, and so are scores.
        let n_uniform = if uniform > 0.0 { share.max(1).min(n.saturating_sub(1)) } else { 0 };
        Self {
            scored: VarOpt::new(n - n_uniform, Random::stream(seed, 0)),
            uniform: Reservoir::new(n_uniform, Random::stream(seed, 1)),
            n_uniform,
            offered: 0,
        }
    }

    /// Offers a row of a score, which is made only if it is taken.
    pub fn offer(&mut self, score: f64, make: impl Fn() -> T) {
        let number = self.offered;
        self.offered += 1;
        self.scored.offer(score, || (number, score, make()));
        self.uniform.offer(|| (number, score, make()));
    }

    /// Rows that the score has drawn.
    #[must_use]
    pub fn n_scored(&self) -> usize {
        self.scored.len()
    }

    /// Rows that are drawn by the score, at the most.
    #[must_use]
    pub fn n_by_score(&self, n: usize) -> usize {
        n - self.n_uniform
    }

    /// The sample, each row with the probability that it is in it, in the order of the stream.
    #[must_use]
    pub fn finish(self) -> Included<T> {
        let Self { scored, uniform, n_uniform, .. } = self;
        let at_random = if n_uniform == 0 { 0.0 } else { uniform.inclusion() };
        let threshold = scored.threshold();
        let by_score = |score: f64| {
            if score <= 0.0 {
                0.0
            } else if score >= threshold {
                1.0
            } else {
                score / threshold
            }
        };
        let rows = scored.into_kept().into_iter().map(|(row, _)| row);
        let mut rows: Vec<(u64, f64, T)> = rows.chain(uniform.into_kept()).collect();
        rows.sort_by_key(|(number, ..)| *number);
        rows.dedup_by_key(|(number, ..)| *number);
        let inclusion = |score: f64| 1.0 - (1.0 - by_score(score)) * (1.0 - at_random);
        rows.into_iter().map(|(_, score, row)| (row, inclusion(score))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{DRAWS, within_four_errors};
    use super::*;

    #[test]
    fn rows_are_drawn_as_often_as_is_said() {
        const SCORES: [f64; 6] = [0.9, 0.0, 0.3, 0.1, 0.5, 0.2];
        // Two by score, τ = 2/2: the score itself; one at random of six.
        let said = SCORES.map(|score| 1.0 - (1.0 - score) * (1.0 - 1.0 / 6.0));
        let (mut counts, mut total) = ([0_u64; 6], 0.0);
        for seed in 0..DRAWS {
            let mut sample = Importance::new(3, 0.3, seed);
            for (row, score) in SCORES.into_iter().enumerate() {
                sample.offer(score, || row);
            }
            for (row, inclusion) in sample.finish() {
                assert!((inclusion - said[row]).abs() < 1e-12);
                counts[row] += 1;
                total += 1.0 / inclusion;
            }
        }
        counts.into_iter().zip(said).for_each(|(count, p)| within_four_errors(count, p));
        // The number of rows, by Horvitz and Thompson.
        assert!((total / DRAWS as f64 - 6.0).abs() < 0.02, "{total}");
    }

    #[test]
    fn without_a_uniform_share_rows_of_score_0_never_come() {
        let mut sample = Importance::new(2, 0.0, 5);
        [0.0, 1.0, 0.0, 3.0].into_iter().enumerate().for_each(|(row, s)| sample.offer(s, || row));
        assert_eq!(sample.finish(), [(1, 1.0), (3, 1.0)]);
    }
}
