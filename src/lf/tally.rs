//! Rows counted by slice and by period while votes are packed.
//!
//! Counted are rows by group, pattern and known labels, so that memory grows with the patterns and
//! everything else can be computed afterwards. Periods begin as hours; as soon as there are too many
//! of them they are joined to days, then months, years and decades. Joining is exact, so that the
//! result does not depend on the order of the rows.

use super::apply::Part;
use super::set::LfSet;
use crate::Grain;
use crate::votes::{Group, Groups, Known, Periods};
use std::collections::BTreeMap;

/// A row of a table of votes, and the known labels.
type Cell = (usize, u32, Known);
type Counts = BTreeMap<Cell, u64>;

/// The tally of a whole input.
pub(super) struct Tally {
    slices: Vec<Counts>,
    times: Option<Times>,
}

struct Times {
    column: String,
    grain: Grain,
    periods: BTreeMap<i64, Counts>,
    without: u64,
}

/// The tally of one batch: group, number of the vote row and known labels, with rows.
#[derive(Default)]
pub(super) struct Tallied {
    slices: Vec<((usize, u32, Known), u64)>,
    hours: Vec<((i64, u32, Known), u64)>,
    without: u64,
}

/// Periods that are kept while rows come. From days, weeks must still be found: so many days may be in
/// the most weeks that are shown.
const KEPT: usize = 7 * SHOWN;
/// Periods that are shown at the most.
const SHOWN: usize = 40;
/// What periods are joined to while rows come; a week may be in two months.
const NESTED: [Grain; 5] = [Grain::Hour, Grain::Day, Grain::Month, Grain::Year, Grain::Decade];

impl Tally {
    pub(super) fn new(set: &LfSet) -> Self {
        let times = set.time.as_ref().map(|column| Times {
            column: column.clone(),
            grain: Grain::Hour,
            periods: BTreeMap::new(),
            without: 0,
        });
        Self { slices: vec![Counts::new(); set.slices().len()], times }
    }

    /// Counts a batch; `numbers` are those of the vote rows, and `known` gives the labels of a row.
    pub(super) fn digest(
        &self,
        part: &Part,
        numbers: &[u32],
        known: impl Fn(usize) -> Known,
    ) -> Tallied {
        let members = part.members.iter().map(|&(row, slice)| {
            let row = row as usize;
            (slice.index(), numbers[row], known(row))
        });
        // What was joined before need not be told apart again.
        let grain = self.times.as_ref().map_or(Grain::Hour, |times| times.grain);
        let dated = part.hours.iter().enumerate().filter_map(|(row, hour)| {
            Some((grain.start(grain.period((*hour)?)), numbers[row], known(row)))
        });
        let hours = runs(dated.collect());
        let n_dated: u64 = hours.iter().map(|(_, rows)| rows).sum();
        let without = part.hours.len() as u64 - n_dated;
        Tallied { slices: runs(members.collect()), hours, without }
    }

    /// Adds the tally of a batch whose vote rows are numbered in `table`.
    pub(super) fn add(&mut self, table: usize, tallied: Tallied) {
        for ((slice, number, known), rows) in tallied.slices {
            *self.slices[slice].entry((table, number, known)).or_insert(0) += rows;
        }
        let Some(times) = &mut self.times else { return };
        times.without += tallied.without;
        for ((hour, number, known), rows) in tallied.hours {
            let period = times.periods.entry(times.grain.period(hour)).or_default();
            *period.entry((table, number, known)).or_insert(0) += rows;
        }
        while times.periods.len() > KEPT
            && let Some(&next) = NESTED.iter().find(|&&next| next > times.grain)
        {
            times.join(next);
        }
    }

    /// The groups; `patterns` are those of the rows of each table.
    pub(super) fn finish(self, names: &[String], patterns: &[Vec<u32>]) -> Groups {
        let group = |name: String, counts: Counts| {
            let mut group = Group::new(name);
            for ((table, number, known), rows) in counts {
                group.add(patterns[table][number as usize], known, rows);
            }
            group
        };
        let mut groups = Groups::default();
        let slices = names.iter().cloned().zip(self.slices);
        groups.slices = slices.map(|(name, counts)| group(name, counts)).collect();
        groups.periods = self.times.map(|mut times| {
            times.join(times.fitting());
            let mut periods = Periods::new(&times.column, times.grain);
            periods.without_time = times.without;
            let named = times.periods.into_iter();
            let named = named.map(|(period, counts)| group(times.grain.label(period), counts));
            periods.groups = named.collect();
            periods
        });
        groups
    }
}

impl Times {
    /// Joins the periods to longer ones.
    fn join(&mut self, grain: Grain) {
        if grain == self.grain {
            return;
        }
        let mut joined: BTreeMap<i64, Counts> = BTreeMap::new();
        for (period, counts) in std::mem::take(&mut self.periods) {
            let target = joined.entry(grain.period(self.grain.start(period))).or_default();
            for (cell, rows) in counts {
                *target.entry(cell).or_insert(0) += rows;
            }
        }
        (self.grain, self.periods) = (grain, joined);
    }

    /// The shortest periods of which there are few enough to show. Where all of several begin a longer
    /// one, as dates do days and months written as their first day do months, it is these.
    fn fitting(&self) -> Grain {
        let hours: Vec<i64> = self.periods.keys().map(|&p| self.grain.start(p)).collect();
        let number = |grain: Grain| {
            let mut periods: Vec<i64> = hours.iter().map(|&hour| grain.period(hour)).collect();
            periods.dedup();
            periods.len()
        };
        let begin = |grain: Grain| hours.iter().all(|&h| grain.start(grain.period(h)) == h);
        let natural = match self.grain {
            Grain::Hour if !begin(Grain::Day) => Grain::Hour,
            _ if hours.len() > 1 && begin(Grain::Year) => Grain::Year,
            _ if hours.len() > 1 && begin(Grain::Month) => Grain::Month,
            _ => Grain::Day,
        };
        let least = natural.max(self.grain);
        let mut grains = Grain::ALL.into_iter().filter(|&grain| grain >= least);
        // Weeks cannot be found from anything longer than days, and then are none of these.
        grains.find(|&grain| number(grain) <= SHOWN).unwrap_or(Grain::Decade)
    }
}

/// Equal ones counted.
fn runs<T: Ord + Copy>(mut all: Vec<T>) -> Vec<(T, u64)> {
    all.sort_unstable();
    let mut runs: Vec<(T, u64)> = Vec::new();
    for one in all {
        match runs.last_mut() {
            Some((last, rows)) if *last == one => *rows += 1,
            _ => runs.push((one, 1)),
        }
    }
    runs
}
