//! Data shared out for development, validation, test and training, without leaks between them.
//!
//! Without times a row goes where the seeded hash of its group falls: shares of the range of hashes belong to
//! the parts. So one pass is enough, a group is in one part, and it stays there when rows are added
//! or files are read in another order. Amounts in rows need a pass before, which finds the hash up to which there
//! are so many.
//!
//! With times the latest rows are for test, those before for validation, then development, the earliest for
//! training. Rows with the same time stay together, in the later part, so that a part may get more than it
//! asked for. A group counts by its latest row: all of it goes there, so that training never sees what came later, nor
//! half of a group. A pass before finds the times.
//!
//! Equal texts can be kept together like groups; with groups besides, whoever is joined by either is one family.

use super::duplicates::{Alike, DuplicateReport, Duplicates};
use super::error::SampleError;
use super::families::Families;
use super::threshold::{Smallest, Times};
use crate::FieldId;
use crate::input::{Batch, Field, ReadError, Source};
use crate::lf::Watch;
use crate::random::mix;
use crate::time;
use std::fmt;
use std::str::FromStr;
use twox_hash::XxHash3_64;

/// A part of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What is labeled by labeling functions and learned from.
    Train,
    /// Rows to look at while labeling functions are written.
    Dev,
    /// Rows to choose settings by.
    Valid,
    /// Rows to report numbers on.
    Test,
}

impl Part {
    /// All parts, in the order of their times.
    pub const ALL: [Self; 4] = [Self::Train, Self::Dev, Self::Valid, Self::Test];

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a part gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// So many rows.
    Rows(u64),
    /// This share of all rows, in (0, 1].
    Share(f64),
}

impl FromStr for Amount {
    type Err = SampleError;

    /// `500`, `10%`, `0.1`.
    fn from_str(text: &str) -> Result<Self, SampleError> {
        let wrong = || SampleError::Amount { found: text.to_owned() };
        let plain = text.trim();
        if let Ok(rows) = plain.parse::<u64>() {
            return if rows > 0 { Ok(Self::Rows(rows)) } else { Err(SampleError::NoRows) };
        }
        let share = match plain.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => plain.parse::<f64>(),
        };
        let share = share.map_err(|_| wrong())?;
        if share > 0.0 && share <= 1.0 {
            return Ok(Self::Share(share));
        }
        Err(SampleError::Share { what: "a share of rows", found: format!("{} %", 100.0 * share) })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows}"),
            Self::Share(share) => write!(f, "{}%", (share * 1e10).round() / 1e8),
        }
    }
}

/// A wish for a split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitPlan {
    /// How much is for development, if anything.
    pub dev: Option<Amount>,
    /// How much is for validation.
    pub valid: Option<Amount>,
    /// How much is for test.
    pub test: Option<Amount>,
    /// The column whose values are kept together. A row without a value is a group of its own.
    pub group: Option<String>,
    /// The column of times.
    pub time: Option<String>,
    /// The column of texts, which are looked at for duplicates.
    pub text: Option<String>,
    /// Keep texts together that are so alike.
    pub together: Option<Alike>,
    /// Another number gives another split; with times it says nothing.
    pub seed: u64,
}

/// A row with its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitRow<'a> {
    /// Its number in the data, from 0.
    pub row: u64,
    /// Its part.
    pub part: Part,
    /// All of it as JSON, as [`Field::row`] gives it; `None` where rows are looked up by number.
    pub whole: Option<&'a str>,
}

/// A split in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SplitReport {
    /// Rows of the data.
    pub rows: u64,
    /// Those of each part, in the order of [`Part::ALL`].
    pub parts: [u64; 4],
    /// Rows without a group.
    pub ungrouped: u64,
    /// Rows that are in a later part than their own time says, with later rows of their group.
    pub later: u64,
    /// What was found in the texts, if there are any.
    pub duplicates: Option<DuplicateReport>,
}

/// Where parts end.
enum Cuts {
    /// Hashes before which a part is, ascending.
    Hashes(Vec<(Part, u128)>),
    /// Times from which on a part is, descending.
    Times(Vec<(Part, i64)>),
}

/// A split that knows where to cut.
pub struct Splitter<'a> {
    plan: &'a SplitPlan,
    cuts: Cuts,
    families: Option<Families>,
    /// Rows of the pass before, if there was one.
    surveyed: Option<u64>,
}

/// What a row says of where it belongs.
struct Keys {
    /// The hash of its group and of its text, as far as these are kept together.
    groups: [Option<u64>; 2],
    /// Its own hash.
    own: u64,
    time: i64,
}

impl Keys {
    /// The hash it goes by where no groups are joined.
    fn hash(&self) -> u64 {
        self.groups[0].or(self.groups[1]).unwrap_or(self.own)
    }
}

/// Keeps groups and texts that look the same apart.
const OF_TEXTS: u64 = 0x7E87;

impl SplitPlan {
    fn parts(&self) -> [(Part, Option<Amount>); 3] {
        [(Part::Dev, self.dev), (Part::Valid, self.valid), (Part::Test, self.test)]
    }

    /// What has to be read: the columns that are named, and whole rows.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let named = [&self.group, &self.time, &self.text].into_iter().flatten();
        named.map(Field::text).chain([Field::row()]).collect()
    }

    /// Whether it takes a pass before to know where to cut: for times, for amounts in rows, and where both groups and
    /// texts are kept together.
    #[must_use]
    pub fn reads_twice(&self) -> bool {
        let rows = |(_, amount): &(Part, Option<Amount>)| matches!(amount, Some(Amount::Rows(_)));
        self.time.is_some() || self.joins() || self.parts().iter().any(rows)
    }

    fn joins(&self) -> bool {
        self.group.is_some() && self.together.is_some()
    }

    /// Whether the wish can be met by any data.
    ///
    /// # Errors
    /// [`SampleError::NoParts`], [`SampleError::TooMuch`].
    pub fn check(&self) -> Result<(), SampleError> {
        if self.parts().iter().all(|(_, amount)| amount.is_none()) {
            return Err(SampleError::NoParts);
        }
        let share: f64 = self.shares().map(|(_, share)| share).sum();
        // A sum of decimals such as 0.7 + 0.2 + 0.1 may be a little more than 1.
        if share > 1.0 + 1e-9 { Err(self.too_much(None)) } else { Ok(()) }
    }

    fn shares(&self) -> impl Iterator<Item = (Part, f64)> {
        self.parts().into_iter().filter_map(|(part, amount)| match amount {
            Some(Amount::Share(share)) => Some((part, share)),
            _ => None,
        })
    }

    fn counts(&self) -> impl Iterator<Item = (Part, u64)> {
        self.parts().into_iter().filter_map(|(part, amount)| match amount {
            Some(Amount::Rows(rows)) => Some((part, rows)),
            _ => None,
        })
    }

    fn too_much(&self, rows: Option<u64>) -> SampleError {
        let wished = || self.parts().into_iter().filter_map(|(part, of)| Some((part, of?)));
        let amounts: Vec<String> = wished().map(|(_, amount)| amount.to_string()).collect();
        let parts: Vec<&str> = wished().map(|(part, _)| part.name()).collect();
        SampleError::TooMuch {
            wanted: amounts.join(" and "),
            parts: parts.join(" and "),
            rows: rows.map_or_else(String::new, |rows| format!(", {rows} rows")),
        }
    }

    /// Finds where to cut, in a pass over a source that was opened with [`fields`](Self::fields); `None` of it is
    /// needed unless the plan [reads twice](Self::reads_twice).
    ///
    /// # Errors
    /// [`SampleError`] when the wish cannot be met, or a time cannot be read.
    pub fn survey(
        &self,
        source: Option<&mut dyn Source>,
        watch: &dyn Watch,
    ) -> Result<Splitter<'_>, SampleError> {
        self.check()?;
        let grouped = self.group.is_some() || self.together.is_some();
        let mut families =
            (self.joins() || (grouped && self.time.is_some())).then(Families::default);
        let mut smallest = Smallest::new(self.counts().map(|(_, rows)| rows).sum());
        let (mut times, mut surveyed) = (Times::default(), None);
        if let Some(source) = source {
            let count = |hash: u64, time: i64, rows: u64, to: &mut (&mut Smallest, &mut Times)| {
                if self.time.is_some() { to.1.add(time, rows) } else { to.0.add(hash, rows) }
            };
            let mut to = (&mut smallest, &mut times);
            surveyed = Some(self.each(source, watch, |keys, _, _| {
                match &mut families {
                    Some(families) if keys.groups != [None; 2] => {
                        families.add(keys.groups, keys.time);
                    }
                    _ => count(keys.hash(), keys.time, 1, &mut to),
                }
                Ok::<(), SampleError>(())
            })?);
            for family in families.iter().flat_map(Families::iter) {
                count(family.hash, family.latest, family.rows, &mut to);
            }
        }
        let rows = surveyed.unwrap_or(0);
        let cuts = if self.time.is_some() {
            Cuts::Times(self.times(&times, rows)?)
        } else {
            Cuts::Hashes(self.hashes(&smallest, surveyed)?)
        };
        Ok(Splitter { plan: self, cuts, families, surveyed })
    }

    /// Hashes before which parts are: those with amounts in rows first, shares after them.
    fn hashes(
        &self,
        smallest: &Smallest,
        rows: Option<u64>,
    ) -> Result<Vec<(Part, u128)>, SampleError> {
        const ALL: u128 = 1 << 64;
        let (mut cuts, mut wanted, mut end) = (Vec::new(), 0_u64, 0);
        for (part, of) in self.counts() {
            wanted = wanted.saturating_add(of);
            end = smallest.bound(wanted).ok_or_else(|| self.too_much(rows))?;
            cuts.push((part, end));
        }
        for (part, share) in self.shares() {
            // 2⁶⁴ times a share is exact; sums may be too large by rounding.
            let width = (share * ALL as f64) as u128;
            if end + width > ALL + (1 << 34) {
                return Err(self.too_much(rows));
            }
            end = (end + width).min(ALL);
            cuts.push((part, end));
        }
        Ok(cuts)
    }

    /// Times from which on parts are, the latest part first.
    fn times(&self, times: &Times, rows: u64) -> Result<Vec<(Part, i64)>, SampleError> {
        let (mut cuts, mut wanted): (Vec<(Part, i64)>, u64) = (Vec::new(), 0);
        for (part, amount) in self.parts().into_iter().rev() {
            let of = match amount {
                None => continue,
                Some(Amount::Rows(rows)) => rows,
                Some(Amount::Share(share)) => ((share * rows as f64).round() as u64).max(1),
            };
            wanted = wanted.saturating_add(of);
            let from = times.from(wanted).ok_or_else(|| self.too_much(Some(rows)))?;
            if cuts.last().is_some_and(|(_, before)| *before == from) {
                let grouped = self.group.is_some() || self.together.is_some();
                return Err(SampleError::EmptyPart { part, grouped });
            }
            cuts.push((part, from));
        }
        Ok(cuts)
    }

    /// Hands out the keys of each row with its text and all of it, and says how many rows there are.
    fn each<E: From<SampleError>>(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        mut take: impl FnMut(&Keys, Option<&str>, (u64, Option<&str>)) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut at = 0;
        let mut field = |there: bool| {
            let field = there.then(|| FieldId::new(at)).flatten();
            at += usize::from(there);
            field
        };
        let group = field(self.group.is_some());
        let time = field(self.time.is_some());
        let text = field(self.text.is_some());
        let whole = field(true);
        let mut rows = 0;
        while let Some(batch) = source.next_batch().map_err(SampleError::from)? {
            if watch.stopped() {
                return Err(SampleError::from(ReadError::Interrupted).into());
            }
            for at in 0..batch.n_rows() {
                let cell = |field: Option<FieldId>| field.and_then(|field| batch.text(field, at));
                let row = batch.start() + at as u64;
                let group = cell(group)
                    .map(|group| mix(XxHash3_64::oneshot_with_seed(self.seed, group.as_bytes())));
                let alike = self
                    .together
                    .and_then(|alike| Some(mix(alike.hash(cell(text)?, self.seed ^ OF_TEXTS)?)));
                let own = mix(mix(self.seed) ^ row);
                let time = if time.is_some() { self.instant(&batch, at, cell(time))? } else { 0 };
                let keys = Keys { groups: [group, alike], own, time };
                take(&keys, cell(text), (row, cell(whole)))?;
            }
            rows += batch.n_rows() as u64;
            watch.voted(batch.n_rows());
        }
        Ok(rows)
    }

    fn instant(&self, batch: &Batch, at: usize, cell: Option<&str>) -> Result<i64, SampleError> {
        cell.and_then(time::instant).ok_or_else(|| SampleError::Time {
            row: batch.start() + at as u64,
            column: self.time.clone().unwrap_or_default(),
            found: cell.map_or_else(|| "nothing".to_owned(), |cell| format!("`{cell}`")),
        })
    }
}

impl Splitter<'_> {
    /// Hands out every row with its part, in the order of the data.
    ///
    /// # Errors
    /// [`SampleError`] when the data cannot be read, or are not those of the pass before; what `take` says.
    pub fn split<E: From<SampleError>>(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        take: &mut dyn FnMut(SplitRow<'_>) -> Result<(), E>,
    ) -> Result<SplitReport, E> {
        let mut report = SplitReport::default();
        let mut duplicates = self.plan.text.is_some().then(Duplicates::new);
        report.rows = self.plan.each(source, watch, |keys, text, (row, whole)| {
            let part = self.part(keys, &mut report);
            report.parts[part as usize] += 1;
            report.ungrouped += u64::from(self.plan.group.is_some() && keys.groups[0].is_none());
            if let Some(duplicates) = &mut duplicates {
                duplicates.add(row, part, text);
            }
            take(SplitRow { row, part, whole })
        })?;
        if let Some(was) = self.surveyed
            && was != report.rows
        {
            return Err(SampleError::Changed { was, is: report.rows }.into());
        }
        report.duplicates = duplicates.map(Duplicates::report);
        Ok(report)
    }

    fn part(&self, keys: &Keys, report: &mut SplitReport) -> Part {
        let member = keys.groups.into_iter().flatten().next();
        let family = self.families.as_ref().and_then(|families| families.of(member?));
        match &self.cuts {
            Cuts::Hashes(cuts) => {
                let hash = u128::from(family.map_or(keys.hash(), |family| family.hash));
                cuts.iter().find(|(_, end)| hash < *end).map_or(Part::Train, |(part, _)| *part)
            }
            Cuts::Times(cuts) => {
                let at = |time: i64| {
                    let cut = cuts.iter().find(|(_, from)| time >= *from);
                    cut.map_or(Part::Train, |(part, _)| *part)
                };
                let part = at(family.map_or(keys.time, |family| family.latest));
                report.later += u64::from(part != at(keys.time));
                part
            }
        }
    }
}
