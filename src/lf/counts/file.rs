//! Counts as bytes that travel: JSON, compressed by Zstandard.
//!
//! One object whose key `format` names the version. Patterns are columns of numbers: how many rows have each,
//! how many votes each has, and the labeling functions and choices of all votes one after the other, numbered
//! as in `names`. Counts by pattern are lists `[pattern, gold, learned, rows]` in ascending order. The same
//! counts are the same bytes. What is read is checked, since it may come from anywhere.

use super::{CountsError, MOST_ROWS, MadeBy, PatternCounts};
use crate::bounded::{self, WHOLE_FILE};
use crate::input::Digest;
use crate::lf::apply::Notes;
use crate::lf::tally::{Counts, NESTED, Place, Tally, Times};
use crate::votes::KnownLabels;
use crate::{ChoiceId, ClassId, Grain, LfId, Names, Patterns, Vote};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

pub(super) const FORMAT: &str = "jurat-patterns-1";

/// The first bytes of what Zstandard compressed.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The longest JSON that is read, in bytes: some hundred million votes in distinct rows.
const LONGEST: u64 = 16 * WHOLE_FILE as u64;

/// Rows with this pattern, label to score against and label to learn from.
type Entry = (u32, Option<ClassId>, Option<ClassId>, u64);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    names: Arc<Names>,
    made_by: MadeBy,
    patterns: Columns,
    known: Vec<Entry>,
    slices: Vec<Vec<Entry>>,
    times: Option<StoredTimes>,
    notes: Vec<Notes>,
    inputs: Vec<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    rows: Vec<u64>,
    n_votes: Vec<u32>,
    lfs: Vec<LfId>,
    choices: Vec<ChoiceId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTimes {
    column: String,
    grain: Grain,
    periods: Vec<(i64, Vec<Entry>)>,
    without: u64,
}

/// The version alone.
#[derive(Deserialize)]
struct Version {
    format: String,
}

impl PatternCounts {
    /// The counts as bytes, for [`from_bytes`](Self::from_bytes). Equal counts give equal bytes.
    ///
    /// # Errors
    /// [`CountsError::Damaged`] when they cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CountsError> {
        let json = serde_json::to_vec(&self.stored()).map_err(|error| damaged(&error))?;
        zstd::bulk::compress(&json, zstd::DEFAULT_COMPRESSION_LEVEL)
            .map_err(|error| damaged(&error))
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made, compressed or not.
    ///
    /// # Errors
    /// [`CountsError::Format`] for another version, [`CountsError::Damaged`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CountsError> {
        let mut json = Vec::new();
        if bytes.starts_with(&MAGIC) {
            let stream = zstd::Decoder::with_buffer(bytes).map_err(|error| damaged(&error))?;
            stream.take(LONGEST + 1).read_to_end(&mut json).map_err(|error| damaged(&error))?;
            if json.len() as u64 > LONGEST {
                return Err(damaged(&"they unpack to more than 4 gigabytes"));
            }
        }
        let json = if json.is_empty() { bytes } else { &json };
        let version: Version = serde_json::from_slice(json).map_err(|error| damaged(&error))?;
        if version.format != FORMAT {
            return Err(CountsError::Format { path: String::new(), found: version.format });
        }
        let stored: Stored = serde_json::from_slice(json).map_err(|error| damaged(&error))?;
        stored.counts().map_err(|message| damaged(&message))
    }

    /// Reads a file with what [`to_bytes`](Self::to_bytes) made.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), with the name of the file.
    pub fn read(path: &Path) -> Result<Self, CountsError> {
        let name = path.display().to_string();
        let read = bounded::read(path, WHOLE_FILE * 4).map_err(|error| damaged(&error));
        read.and_then(|bytes| Self::from_bytes(&bytes)).map_err(|error| match error {
            CountsError::Damaged { message, .. } => CountsError::Damaged { path: name, message },
            CountsError::Format { found, .. } => CountsError::Format { path: name, found },
            other => other,
        })
    }

    fn stored(&self) -> Stored {
        let votes = || self.votes.iter().flat_map(|(votes, _)| votes);
        let entries = |counts: &Counts<Place>| -> Vec<Entry> {
            let entry =
                |(&(pattern, (gold, learn)), &rows): (&Place, &u64)| (pattern, gold, learn, rows);
            counts.iter().map(entry).collect()
        };
        Stored {
            format: FORMAT.to_owned(),
            names: self.votes.names().clone(),
            made_by: self.made_by.clone(),
            patterns: Columns {
                rows: self.votes.iter().map(|(_, rows)| rows).collect(),
                n_votes: self.votes.iter().map(|(votes, _)| votes.len() as u32).collect(),
                lfs: votes().map(|vote| vote.lf).collect(),
                choices: votes().map(|vote| vote.choice).collect(),
            },
            known: self
                .known
                .iter()
                .map(|(pattern, (gold, learn), rows)| (pattern as u32, gold, learn, rows))
                .collect(),
            slices: self.tally.slices.iter().map(entries).collect(),
            times: self.tally.times.as_ref().map(|times| StoredTimes {
                column: times.column.clone(),
                grain: times.grain,
                periods: times.periods.iter().map(|(&at, counts)| (at, entries(counts))).collect(),
                without: times.without,
            }),
            notes: self.notes.clone(),
            inputs: self.inputs.clone(),
        }
    }
}

impl Stored {
    fn counts(self) -> Result<PatternCounts, &'static str> {
        let votes = self.patterns.read(&self.names)?;
        let of_patterns = Limits {
            rows: votes.iter().map(|(_, rows)| rows).collect(),
            n_classes: self.names.classes.len(),
        };
        let mut known = KnownLabels::default();
        for ((pattern, labels), rows) in of_patterns.read(self.known)? {
            known.add(pattern, labels, rows);
        }
        let slices = self.slices.into_iter().map(|entries| of_patterns.read(entries));
        let slices = slices.collect::<Result<_, _>>()?;
        let times = self.times.map(|times| times.read(&of_patterns)).transpose()?;
        let tally = Tally { slices, times };
        if self.notes.len() != votes.n_lfs() || !self.made_by.fits(votes.n_lfs(), &tally) {
            return Err("labeling functions, slices or times do not fit together");
        }
        let (notes, inputs, made_by) = (self.notes, self.inputs, self.made_by);
        Ok(PatternCounts { votes, known, tally, notes, inputs, made_by })
    }
}

impl Columns {
    fn read(&self, names: &Arc<Names>) -> Result<Patterns, &'static str> {
        let n_votes = self.n_votes.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n as usize));
        let same = self.rows.len() == self.n_votes.len()
            && n_votes == Some(self.lfs.len())
            && self.lfs.len() == self.choices.len();
        let rows = self.rows.iter().try_fold(0_u64, |sum, &rows| sum.checked_add(rows));
        if !same || self.rows.contains(&0) || rows.is_none_or(|rows| rows > MOST_ROWS) {
            return Err("the numbers of patterns, votes and rows do not fit together");
        }
        let votes = self.lfs.iter().zip(&self.choices);
        let votes: Vec<Vote> = votes.map(|(&lf, &choice)| Vote { lf, choice }).collect();
        let mut rest = votes.as_slice();
        let patterns = self.n_votes.iter().zip(&self.rows).map(|(&n, &rows)| {
            let (pattern, after) = rest.split_at(n as usize);
            rest = after;
            (pattern, rows)
        });
        let (patterns, numbers) = Patterns::from_counts(names.clone(), patterns)
            .map_err(|_| "a pattern has votes out of order, or of unknown names")?;
        // Everything else is counted by the number of the pattern.
        if !numbers.iter().copied().eq(0..numbers.len() as u32) {
            return Err("the patterns are not distinct and in ascending order");
        }
        Ok(patterns)
    }
}

impl StoredTimes {
    fn read(self, of_patterns: &Limits) -> Result<Times<Place>, &'static str> {
        // Every length of a period is a step between hours that fit into the calendar.
        let (first, last) = (self.grain.period(-MOST_HOURS), self.grain.period(MOST_HOURS));
        let mut periods = BTreeMap::new();
        for (at, entries) in self.periods {
            if !(first..=last).contains(&at)
                || periods.insert(at, of_patterns.read(entries)?).is_some()
            {
                return Err("a period is out of range, or stands twice");
            }
        }
        if !NESTED.contains(&self.grain) || self.without > MOST_ROWS {
            return Err("the periods are of a length that is not counted");
        }
        Ok(Times { column: self.column, grain: self.grain, periods, without: self.without })
    }
}

/// Ten thousand years, either way.
const MOST_HOURS: i64 = 10_000 * 366 * 24;

/// What counts by pattern can be.
struct Limits {
    rows: Vec<u64>,
    n_classes: usize,
}

impl Limits {
    fn read(&self, entries: Vec<Entry>) -> Result<Counts<Place>, &'static str> {
        let mut counts = Counts::new();
        let mut left = self.rows.clone();
        for (pattern, gold, learn, rows) in entries {
            let room = left.get_mut(pattern as usize).ok_or("there is no such pattern")?;
            *room = room.checked_sub(rows).ok_or("more rows than the pattern has")?;
            let classes = gold.iter().chain(&learn);
            if classes.into_iter().any(|class| class.index() >= self.n_classes) {
                return Err("there is no such class");
            }
            if rows == 0 || counts.insert((pattern, (gold, learn)), rows).is_some() {
                return Err("a count is zero, or stands twice");
            }
        }
        Ok(counts)
    }
}

fn damaged(message: &dyn std::fmt::Display) -> CountsError {
    CountsError::Damaged { path: String::new(), message: message.to_string() }
}
