//! Rows counted by slice and by period while votes are packed.
//!
//! Counted are rows by group, pattern and known labels, so that memory grows with the patterns and
//! everything else can be computed afterwards. Periods begin as hours; as soon as there are too many
//! of them they are joined to days, then months, years and decades. Joining is exact, so that the
//! result does not depend on the order of the rows, nor on who counted which of them.

use super::apply::Part;
use super::set::LfSet;
use crate::Grain;
use crate::votes::{Group, Groups, Known, Periods};
use std::collections::BTreeMap;

/// A row of a table of votes, and the known labels.
pub(super) type Cell = (usize, u32, Known);
/// A pattern, and the known labels.
pub(super) type Place = (u32, Known);
/// Rows by what they have in common.
pub(super) type Counts<C> = BTreeMap<C, u64>;

/// The tally of a whole input: while rows come by their places in tables, then by patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tally<C> {
    pub(super) slices: Vec<Counts<C>>,
    pub(super) times: Option<Times<C>>,
}

/// Rows by period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times<C> {
    pub(super) column: String,
    pub(super) grain: Grain,
    pub(super) periods: BTreeMap<i64, Counts<C>>,
    pub(super) without: u64,
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
pub(super) const NESTED: [Grain; 5] =
    [Grain::Hour, Grain::Day, Grain::Month, Grain::Year, Grain::Decade];

impl<C: Ord + Copy> Tally<C> {
    pub(super) fn new(set: &LfSet) -> Self {
        let times = set.time.as_ref().map(|column| Times {
            column: column.clone(),
            grain: Grain::Hour,
            periods: BTreeMap::new(),
            without: 0,
        });
        Self { slices: vec![Counts::new(); set.slices().len()], times }
    }

    /// The same with other cells.
    pub(super) fn map<D: Ord + Copy>(self, to: impl Fn(C) -> D) -> Tally<D> {
        let counts = |counts: Counts<C>| {
            let mut mapped = Counts::new();
            add(&mut mapped, counts.into_iter().map(|(cell, rows)| (to(cell), rows)));
            mapped
        };
        Tally {
            slices: self.slices.into_iter().map(counts).collect(),
            times: self.times.map(|times| Times {
                column: times.column,
                grain: times.grain,
                periods: times.periods.into_iter().map(|(at, of)| (at, counts(of))).collect(),
                without: times.without,
            }),
        }
    }

    /// The same without rows.
    pub(super) fn emptied(&self) -> Self {
        let times = self.times.as_ref().map(|times| Times {
            column: times.column.clone(),
            grain: Grain::Hour,
            periods: BTreeMap::new(),
            without: 0,
        });
        Self { slices: vec![Counts::new(); self.slices.len()], times }
    }

    /// Adds the tally of other rows, of the same slices and by the same column.
    pub(super) fn join(&mut self, other: Self) {
        self.slices.iter_mut().zip(other.slices).for_each(|(slice, more)| add(slice, more));
        let Some((times, mut more)) = self.times.as_mut().zip(other.times) else { return };
        let grain = times.grain.max(more.grain);
        times.join(grain);
        more.join(grain);
        times.without += more.without;
        for (period, counts) in more.periods {
            add(times.periods.entry(period).or_default(), counts);
        }
        times.shorten();
    }
}

impl Tally<Cell> {
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
        times.shorten();
    }

    /// The same by patterns, which are given for the rows of each table.
    pub(super) fn settle(self, patterns: &[Vec<u32>]) -> Tally<Place> {
        self.map(|(table, number, known)| (patterns[table][number as usize], known))
    }
}

impl Tally<Place> {
    /// The groups.
    pub(super) fn groups(self, names: &[String]) -> Groups {
        let group = |name: String, counts: Counts<Place>| {
            let mut group = Group::new(name);
            for ((pattern, known), rows) in counts {
                group.add(pattern, known, rows);
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

impl<C: Ord + Copy> Times<C> {
    /// Joins the periods to longer ones while there are too many.
    fn shorten(&mut self) {
        while self.periods.len() > KEPT
            && let Some(&next) = NESTED.iter().find(|&&next| next > self.grain)
        {
            self.join(next);
        }
    }

    /// Joins the periods to longer ones.
    fn join(&mut self, grain: Grain) {
        if grain == self.grain {
            return;
        }
        let mut joined: BTreeMap<i64, Counts<C>> = BTreeMap::new();
        for (period, counts) in std::mem::take(&mut self.periods) {
            add(joined.entry(grain.period(self.grain.start(period))).or_default(), counts);
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

/// Adds rows to those that are there.
fn add<C: Ord>(counts: &mut Counts<C>, more: impl IntoIterator<Item = (C, u64)>) {
    for (cell, rows) in more {
        *counts.entry(cell).or_insert(0) += rows;
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
