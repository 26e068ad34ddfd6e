//! A stratified random sample: a simple random sample of each stratum, whose sizes are decided at the end.
//!
//! How many rows a stratum has is known only after the last one, so each keeps a reservoir of n rows on the way,
//! which is then shrunk to the places that it is given; a simple random sample of a simple random sample is one of
//! the stratum. Memory is for n rows a stratum at the most, and a row of stratum h is in the sample with
//! probability n_h/N_h (W. G. Cochran, "Sampling Techniques", 3rd edition, Wiley 1977, chapter 5).

use super::reservoir::Reservoir;
use super::{Included, SampleError};
use crate::random::Random;
use std::collections::HashMap;
use twox_hash::XxHash3_64;

/// Strata, at the most: more are no strata but identifiers.
const MOST: usize = 100_000;

/// How the places of a sample are given to strata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Allocation {
    /// As many as the stratum has rows of all, and at least one.
    #[default]
    Proportional,
    /// As many for each, as far as it has rows.
    Equal,
}

/// A stratum and its part in the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stratum {
    /// The value that its rows have in common, `None` where it is missing.
    pub value: Option<String>,
    /// Its rows.
    pub rows: u64,
    /// Those in the sample.
    pub drawn: u64,
}

/// A stratified sample of what it was offered.
pub struct Strata<T> {
    n: usize,
    allocation: Allocation,
    seed: u64,
    places: HashMap<String, usize>,
    missing: Option<usize>,
    strata: Vec<(Option<String>, Reservoir<T>)>,
}

impl<T> Strata<T> {
    /// A sample of `n` rows.
    #[must_use]
    pub fn new(n: usize, allocation: Allocation, seed: u64) -> Self {
        let (places, strata) = (HashMap::new(), Vec::new());
        Self { n, allocation, seed, places, missing: None, strata }
    }

    /// Offers a row of a stratum, which is made only if it is taken.
    ///
    /// # Errors
    /// [`SampleError::TooManyStrata`].
    pub fn offer(
        &mut self,
        value: Option<&str>,
        make: impl FnOnce() -> T,
    ) -> Result<(), SampleError> {
        let known = match value {
            Some(value) => self.places.get(value).copied(),
            None => self.missing,
        };
        let place = match known {
            Some(place) => place,
            None => self.add(value)?,
        };
        if let Some((_, reservoir)) = self.strata.get_mut(place) {
            reservoir.offer(make);
        }
        Ok(())
    }

    fn add(&mut self, value: Option<&str>) -> Result<usize, SampleError> {
        let place = self.strata.len();
        if place == MOST {
            return Err(SampleError::TooManyStrata { limit: MOST });
        }
        // The draws of a stratum do not depend on the others, nor on which came first.
        let number = value.map_or(1, |value| XxHash3_64::oneshot(value.as_bytes()));
        let reservoir = Reservoir::new(self.n, Random::stream(self.seed, number));
        self.strata.push((value.map(str::to_owned), reservoir));
        match value {
            Some(value) => _ = self.places.insert(value.to_owned(), place),
            None => self.missing = Some(place),
        }
        Ok(place)
    }

    /// The sample, each row with the probability that it is in it, in no order; and the strata by their values.
    ///
    /// # Errors
    /// [`SampleError::TooFew`] where there are fewer rows than are wanted, [`SampleError::MoreStrata`] where
    /// there are more strata than places.
    pub fn finish(mut self) -> Result<(Included<T>, Vec<Stratum>), SampleError> {
        self.strata.sort_by(|one, other| one.0.cmp(&other.0));
        let sizes: Vec<u64> = self.strata.iter().map(|(_, rows)| rows.offered()).collect();
        let rows: u64 = sizes.iter().sum();
        let asked = self.n as u64;
        if rows < asked {
            return Err(SampleError::TooFew { asked, rows, of: "" });
        }
        if asked < sizes.len() as u64 {
            return Err(SampleError::MoreStrata { asked, strata: sizes.len() as u64 });
        }
        let (mut sample, mut strata) = (Vec::new(), Vec::new());
        let places = allocate(asked, &sizes, self.allocation);
        for ((value, reservoir), n) in self.strata.into_iter().zip(places) {
            let rows = reservoir.offered();
            let (kept, inclusion) = reservoir.shrink(n as usize);
            strata.push(Stratum { value, rows, drawn: n });
            sample.extend(kept.into_iter().map(|row| (row, inclusion)));
        }
        Ok((sample, strata))
    }
}

/// How many of `n` places each stratum gets, no more than it has rows; `n` is between the number of strata and
/// that of rows. Proportional places are rounded by largest remainders.
fn allocate(n: u64, sizes: &[u64], allocation: Allocation) -> Vec<u64> {
    let mut places = vec![0; sizes.len()];
    match allocation {
        Allocation::Equal => {
            let mut order: Vec<usize> = (0..sizes.len()).collect();
            order.sort_by_key(|&at| (sizes[at], at));
            let (mut left, mut strata) = (n, sizes.len() as u64);
            for at in order {
                // Small strata first: what they cannot take is for the others.
                places[at] = sizes[at].min(left / strata);
                left -= places[at];
                strata -= 1;
            }
        }
        Allocation::Proportional => {
            let rows: u128 = sizes.iter().map(|&size| u128::from(size)).sum();
            let share = |size: u64| u128::from(n) * u128::from(size);
            let mut left = n;
            for (places, &size) in places.iter_mut().zip(sizes) {
                *places = (share(size) / rows) as u64;
                left -= *places;
            }
            let mut order: Vec<usize> = (0..sizes.len()).collect();
            order.sort_by_key(|&at| (std::cmp::Reverse(share(sizes[at]) % rows), at));
            order.into_iter().take(left as usize).for_each(|at| places[at] += 1);
            for at in 0..places.len() {
                let most = (0..places.len()).max_by_key(|&at| (places[at], std::cmp::Reverse(at)));
                if let Some(most) = most.filter(|_| places[at] == 0) {
                    places[most] -= 1;
                    places[at] = 1;
                }
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::super::check::{DRAWS, within_four_errors};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_given_by_size_or_evenly() {
        use Allocation::{Equal, Proportional};
        for (n, sizes, allocation, wanted) in [
            (10, &[50, 30, 20][..], Proportional, &[5, 3, 2][..]),
            (10, &[985, 10, 5], Proportional, &[8, 1, 1]),
            (4, &[1, 1, 1, 97], Proportional, &[1, 1, 1, 1]),
            (7, &[1, 2, 4], Proportional, &[1, 2, 4]),
            (10, &[985, 10, 5], Equal, &[4, 3, 3]),
            (10, &[985, 1, 5], Equal, &[5, 1, 4]),
            (12, &[985, 1, 5], Equal, &[6, 1, 5]),
        ] {
            assert_eq!(allocate(n, sizes, allocation), wanted, "{n} of {sizes:?}");
        }
    }

    proptest! {
        #[test]
        fn all_places_are_given_and_no_stratum_is_left_out(
            sizes in prop::collection::vec(1_u64..50, 1..8), share in 0.0..1.0, equal: bool,
        ) {
            let rows: u64 = sizes.iter().sum();
            let least = sizes.len() as u64;
            let n = least + (share * (rows - least + 1) as f64) as u64;
            let allocation = if equal { Allocation::Equal } else { Allocation::Proportional };
            let places = allocate(n.min(rows), &sizes, allocation);
            prop_assert_eq!(places.iter().sum::<u64>(), n.min(rows));
            prop_assert!(places.iter().zip(&sizes).all(|(n, size)| (1..=*size).contains(n)));
            // The estimate of the number of rows is exact in every stratum.
            let mut strata = Strata::new(n.min(rows) as usize, allocation, n);
            for (stratum, size) in sizes.iter().enumerate() {
                let name = stratum.to_string();
                for _ in 0..*size {
                    strata.offer(Some(&name), || stratum).expect("few strata");
                }
            }
            let (sample, _) = strata.finish().expect("enough rows");
            for (stratum, size) in sizes.iter().enumerate() {
                let of = sample.iter().filter(|(of, _)| *of == stratum);
                let estimate: f64 = of.map(|(_, inclusion)| 1.0 / inclusion).sum();
                prop_assert!((estimate - *size as f64).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn rows_are_drawn_as_often_as_is_said() {
        const ROWS: [(Option<&str>, u32); 8] = [
            (Some("a"), 0),
            (Some("b"), 1),
            (Some("a"), 2),
            (None, 3),
            (Some("a"), 4),
            (Some("b"), 5),
            (Some("a"), 6),
            (Some("a"), 7),
        ];
        let mut counts = [0_u64; 8];
        let mut said = [0.0; 8];
        for seed in 0..DRAWS {
            let mut strata = Strata::new(4, Allocation::Proportional, seed);
            for (value, row) in ROWS {
                strata.offer(value, || row).expect("few strata");
            }
            for (row, inclusion) in strata.finish().expect("enough rows").0 {
                counts[row as usize] += 1;
                said[row as usize] = inclusion;
            }
        }
        assert_eq!(said, [0.4, 0.5, 0.4, 1.0, 0.4, 0.5, 0.4, 0.4]);
        counts.into_iter().zip(said).for_each(|(count, p)| within_four_errors(count, p));
    }
}
