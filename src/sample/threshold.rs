//! Where to cut, in memory that does not grow with the data: the groups with the smallest hashes that have so many
//! rows together, and the time from which on there are so many.

use std::collections::BTreeMap;

/// The smallest hashes that have `wanted` rows together, of any number that is added in any order.
///
/// A hash that is dropped has enough rows before it, and more can only come: it never comes back.
#[derive(Debug, Default)]
pub(super) struct Smallest {
    wanted: u64,
    total: u64,
    rows: BTreeMap<u64, u64>,
}

impl Smallest {
    pub(super) fn new(wanted: u64) -> Self {
        Self { wanted, ..Self::default() }
    }

    pub(super) fn add(&mut self, hash: u64, rows: u64) {
        let beyond = self.rows.last_key_value().is_some_and(|(last, _)| hash > *last);
        if self.wanted == 0 || (beyond && self.total >= self.wanted) {
            return;
        }
        *self.rows.entry(hash).or_default() += rows;
        self.total += rows;
        while let Some(last) = self.rows.last_entry()
            && self.total - last.get() >= self.wanted
        {
            self.total -= last.remove();
        }
    }

    /// The hash before which whole groups have at least `rows` rows, `None` where there are not so many.
    pub(super) fn bound(&self, rows: u64) -> Option<u128> {
        if rows == 0 {
            return Some(0);
        }
        let mut before = 0;
        self.rows.iter().find_map(|(hash, of)| {
            before += of;
            (before >= rows).then_some(u128::from(*hash) + 1)
        })
    }
}

/// How many rows each time has. Beyond a million different times neighbors are counted together.
#[derive(Debug)]
pub(super) struct Times {
    /// Microseconds that are counted together.
    width: i64,
    most: usize,
    rows: BTreeMap<i64, u64>,
}

impl Default for Times {
    fn default() -> Self {
        Self { width: 1, most: 1 << 20, rows: BTreeMap::new() }
    }
}

impl Times {
    pub(super) fn add(&mut self, time: i64, rows: u64) {
        *self.rows.entry(time.div_euclid(self.width)).or_default() += rows;
        while self.rows.len() > self.most {
            self.width *= 2;
            let mut joined = BTreeMap::new();
            for (time, rows) in std::mem::take(&mut self.rows) {
                *joined.entry(time.div_euclid(2)).or_default() += rows;
            }
            self.rows = joined;
        }
    }

    /// The latest time from which on there are at least `rows` rows, `None` where there are not so many.
    pub(super) fn from(&self, rows: u64) -> Option<i64> {
        let mut after = 0;
        self.rows.iter().rev().find_map(|(time, of)| {
            after += of;
            (after >= rows).then_some(time.saturating_mul(self.width))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cuts_are_those_of_sorted_data(
            added in prop::collection::vec((0_u64..40, 1_u64..4), 0..60), wanted in 1_u64..50,
        ) {
            let mut smallest = Smallest::new(wanted);
            let mut times = Times { most: 8, ..Times::default() };
            let mut exact = Times::default();
            for (hash, rows) in &added {
                smallest.add(*hash, *rows);
                times.add(*hash as i64 - 20, *rows);
                exact.add(*hash as i64 - 20, *rows);
            }
            let before = |bound: u64| -> u64 {
                added.iter().filter(|(hash, _)| *hash < bound).map(|(_, rows)| rows).sum()
            };
            let total = before(u64::MAX);
            for rows in 1..=wanted {
                match smallest.bound(rows) {
                    None => prop_assert!(total < rows),
                    Some(bound) => {
                        let bound = bound as u64;
                        prop_assert!(before(bound) >= rows && before(bound - 1) < rows);
                    }
                }
                let after = |from: i64| total - before((from + 20).max(0) as u64);
                match exact.from(rows) {
                    None => prop_assert!(total < rows),
                    Some(from) => {
                        prop_assert!(after(from) >= rows && after(from + 1) < rows);
                        // Times that are counted together lie at most so far before.
                        let joined = times.from(rows).expect("as many rows");
                        prop_assert!(joined <= from && from - joined < times.width);
                        prop_assert!(times.rows.len() <= 8);
                    }
                }
            }
        }
    }
}
