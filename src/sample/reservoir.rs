//! A simple random sample of a stream of unknown length, in one pass: Li's algorithm L.
//!
//! Rows fill a reservoir of n places; from then on the algorithm draws how many rows to pass over before the next
//! one takes a random place, so that it draws O(n log(N/n)) random numbers for N rows. Every subset of n rows
//! is as likely as every other, and every row is in the sample with probability n/N.
//!
//! K.-H. Li, "Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))", ACM Transactions on
//! Mathematical Software 20(4), 1994, doi:10.1145/198429.198435.

use crate::random::Random;

/// A simple random sample of what it was offered.
pub struct Reservoir<T> {
    n: usize,
    kept: Vec<T>,
    offered: u64,
    /// The number, from 0, of the next row that is taken, once the reservoir is full.
    next: u64,
    /// The largest of n random numbers in (0, 1) that the kept rows could have as keys.
    largest: f64,
    random: Random,
}

impl<T> Reservoir<T> {
    /// A reservoir of `n` places; draws are those of a stream of random numbers.
    pub(crate) fn new(n: usize, random: Random) -> Self {
        Self { n, kept: Vec::new(), offered: 0, next: 0, largest: 1.0, random }
    }

    /// A reservoir of `n` places.
    #[must_use]
    pub fn with_seed(n: usize, seed: u64) -> Self {
        Self::new(n, Random::stream(seed, 0))
    }

    /// Offers a row, which is made only if it is taken.
    pub fn offer(&mut self, make: impl FnOnce() -> T) {
        let number = self.offered;
        self.offered += 1;
        if self.kept.len() < self.n {
            self.kept.push(make());
            if self.kept.len() == self.n {
                self.next = number;
                self.skip();
            }
        } else if number == self.next && self.n > 0 {
            let place = self.random.index(self.n);
            if let Some(kept) = self.kept.get_mut(place) {
                *kept = make();
            }
            self.skip();
        }
    }

    /// Draws which row is taken next.
    fn skip(&mut self) {
        self.largest *= (self.random.uniform().ln() / self.n as f64).exp();
        let passed = self.random.uniform().ln() / (-self.largest).ln_1p();
        // Beyond the range of whole numbers there is no row.
        self.next = self.next.saturating_add(1).saturating_add(passed as u64);
    }

    /// Rows that were offered.
    #[must_use]
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// The probability with which each row is in the sample: n/N, or 1 while all of them fit.
    #[must_use]
    pub fn inclusion(&self) -> f64 {
        if self.offered == 0 { 1.0 } else { (self.n as f64 / self.offered as f64).min(1.0) }
    }

    /// The sample, in no order.
    #[must_use]
    pub fn into_kept(self) -> Vec<T> {
        self.kept
    }

    /// A simple random sample of `n` rows of the sample, in no order, with the probability that a row is in it.
    pub(crate) fn shrink(mut self, n: usize) -> (Vec<T>, f64) {
        let n = n.min(self.kept.len());
        for place in 0..n {
            let other = place + self.random.index(self.kept.len() - place);
            self.kept.swap(place, other);
        }
        self.kept.truncate(n);
        let inclusion = if self.offered == 0 { 1.0 } else { n as f64 / self.offered as f64 };
        (self.kept, inclusion)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{DRAWS, within_four_errors};
    use super::*;

    /// Not rows alone: every pair is as likely as every other.
    #[test]
    fn every_subset_is_as_likely_as_every_other() {
        let (n_rows, n) = (6, 2);
        let mut pairs = vec![0_u64; 1 << n_rows];
        for seed in 0..DRAWS {
            let mut reservoir = Reservoir::with_seed(n, seed);
            (0..n_rows).for_each(|row| reservoir.offer(|| row));
            assert_eq!(reservoir.inclusion(), n as f64 / f64::from(n_rows));
            pairs[reservoir.into_kept().iter().map(|row| 1_usize << row).sum::<usize>()] += 1;
        }
        let n_pairs = pairs.iter().filter(|count| **count > 0).count();
        assert_eq!(n_pairs, 15);
        for count in pairs.into_iter().filter(|count| *count > 0) {
            within_four_errors(count, 1.0 / 15.0);
        }
    }

    /// Far beyond the places the skips are long.
    #[test]
    fn rows_of_a_long_stream_are_taken_evenly() {
        let (n_rows, n, draws) = (1000_u64, 10, 20_000);
        let mut thirds = [0_u64; 3];
        for seed in 0..draws {
            let mut reservoir = Reservoir::with_seed(n, seed);
            (0..n_rows).for_each(|row| reservoir.offer(|| row));
            reservoir.into_kept().iter().for_each(|row| thirds[(row * 3 / n_rows) as usize] += 1);
        }
        let total = (draws * n as u64) as f64;
        for (third, rows) in thirds.into_iter().zip([334.0, 333.0, 333.0]) {
            let p = rows / n_rows as f64;
            let error = (total * p * (1.0 - p)).sqrt();
            assert!((third as f64 - total * p).abs() < 4.0 * error, "{thirds:?}");
        }
    }

    #[test]
    fn fewer_rows_than_places_are_all_there() {
        let mut reservoir = Reservoir::with_seed(5, 1);
        (0..3).for_each(|row| reservoir.offer(|| row));
        assert_eq!((reservoir.inclusion(), reservoir.offered()), (1.0, 3));
        assert_eq!(reservoir.into_kept(), [0, 1, 2]);
    }
}
