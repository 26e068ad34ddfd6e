//! Votes packed as they come: distinct vote rows with their counts, and which row has which.

use super::apply::{Notes, Part, Watch};
use super::cache::VoteCache;
use super::counts::{MadeBy, PatternCounts};
use super::fingerprint::Fingerprints;
use super::set::LfSet;
use super::stream::Receiver;
use super::tally::{Cell, Tallied, Tally};
use crate::Patterns;
use crate::input::{Batch, Column, Digest, ReadError, Source};
use crate::votes::{Counted, Groups, Known, KnownLabels, RowLog, Scratch, SharedCounter};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What packing the votes on a source gives.
///
/// Memory is that of the distinct vote rows and a few batches: what there is of every row goes to a
/// [`RowLog`], on disk if need be.
#[derive(Debug)]
#[non_exhaustive]
pub struct Packed {
    /// The distinct vote rows with their counts. Which rows have them is in [`rows`](Self::rows);
    /// [`Patterns::of_row`] is empty, unless the rows stay [in memory](Scratch::memory).
    pub votes: Patterns,
    /// For each row its pattern, its identifier, and the fingerprint of what the labeling functions read.
    pub rows: RowLog,
    /// Known labels, if there are columns of them.
    pub known: KnownLabels,
    /// Slices and periods, if the set has them.
    pub groups: Groups,
    /// What happened to each labeling function.
    pub notes: Vec<Notes>,
    /// The content of the input.
    pub inputs: Vec<Digest>,
}

/// What can go wrong while votes are packed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// Reading the data.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The temporary file of the rows.
    #[error("cannot write a temporary file in {}: {source}", place.display())]
    Scratch {
        /// The folder.
        place: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl LfSet {
    /// Votes on all rows of a source that was opened with [`fields`](Self::fields), and counts the
    /// distinct vote rows on the way.
    ///
    /// What a `cache` has is not voted on again, and what it has not it keeps.
    ///
    /// The same as counting the matrix of [`apply`](Self::apply), with memory that hardly grows with
    /// the number of rows. Patterns do not depend on the number of threads.
    ///
    /// # Errors
    /// [`PackError::Read`] as [`apply_watched`](Self::apply_watched), [`PackError::Scratch`] when the
    /// temporary file cannot be written.
    pub fn pack(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        scratch: &Scratch,
        cache: Option<&VoteCache>,
    ) -> Result<Packed, PackError> {
        let log = (Fingerprints::new(&self.fields), RowLog::new(scratch));
        let (counts, rows) = self.counted(source, watch, cache, Some(log))?;
        let rows = rows.unwrap_or_else(|| RowLog::new(scratch));
        let mut packed = counts.packed(self, rows);
        if scratch.in_memory() {
            let of_row = packed.rows.of_row();
            let of_row = of_row.map_err(|source| failed(&packed.rows, source))?;
            packed.votes = packed.votes.with_rows(of_row);
        }
        Ok(packed)
    }

    /// Votes on all rows of a source that was opened with [`fields`](Self::fields) and keeps the counts of
    /// what they have in common, and nothing of a single row.
    ///
    /// A part of the data is counted where it is; what several counted is [merged](PatternCounts::merge),
    /// and a [`Job`](crate::Job) learns from it what it would have learned from all rows.
    ///
    /// # Errors
    /// [`PackError::Read`] as [`apply_watched`](Self::apply_watched).
    pub fn count(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        cache: Option<&VoteCache>,
    ) -> Result<PatternCounts, PackError> {
        self.counted(source, watch, cache, None).map(|(counts, _)| counts)
    }

    fn counted(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        cache: Option<&VoteCache>,
        log: Option<(Fingerprints, RowLog)>,
    ) -> Result<(PatternCounts, Option<RowLog>), PackError> {
        let mut packer = Packer {
            counter: SharedCounter::new(self.names.clone()),
            log,
            known: BTreeMap::new(),
            tally: Tally::new(self),
            notes: vec![Notes::default(); self.lfs.len()],
        };
        let inputs = self.stream(source, watch, cache, &mut packer)?;
        let (votes, patterns) = packer.counter.finish();
        let mut known = KnownLabels::default();
        for ((table, number, labels), rows) in packer.known {
            known.add(patterns[table][number as usize], labels, rows);
        }
        let tally = packer.tally.settle(&patterns);
        let rows = packer.log.map(|(_, mut rows)| {
            rows.finish(patterns);
            rows
        });
        let made_by = MadeBy::new(self);
        Ok((PatternCounts { votes, known, tally, notes: packer.notes, inputs, made_by }, rows))
    }
}

struct Packer {
    counter: SharedCounter,
    /// What is kept of single rows, if anything is.
    log: Option<(Fingerprints, RowLog)>,
    /// Rows by known labels and vote row: a table, and a number in it.
    known: BTreeMap<(usize, u32, Known), u64>,
    tally: Tally<Cell>,
    notes: Vec<Notes>,
}

struct Piece {
    counted: Counted,
    fingerprints: Option<Vec<u32>>,
    ids: Option<Column>,
    known: Vec<(u32, Known)>,
    tallied: Tallied,
    notes: Vec<Notes>,
}

impl Receiver for Packer {
    type Piece = Piece;
    const GROUPS: bool = true;
    type Error = PackError;

    fn digest(&self, batch: &Batch, part: Part) -> Piece {
        let fingerprints = self.log.as_ref().map(|(fingerprints, _)| fingerprints.of(batch));
        let counted = self.counter.count(&part.matrix);
        let label = |labels: &[_], row: usize| labels.get(row).copied().flatten();
        let labels = |row: usize| (label(&part.gold, row), label(&part.learn, row));
        let known = if part.gold.is_empty() && part.learn.is_empty() {
            Vec::new()
        } else {
            let rows = counted.numbers.iter().enumerate();
            let rows = rows.map(|(row, &number)| (number, labels(row)));
            rows.filter(|(_, labels)| *labels != (None, None)).collect()
        };
        let tallied = self.tally.digest(&part, &counted.numbers, labels);
        Piece { counted, fingerprints, ids: part.ids, known, tallied, notes: part.notes }
    }

    fn take(&mut self, piece: Piece) -> Result<(), PackError> {
        for (number, labels) in piece.known {
            *self.known.entry((piece.counted.table, number, labels)).or_insert(0) += 1;
        }
        self.tally.add(piece.counted.table, piece.tallied);
        Notes::join(&mut self.notes, piece.notes);
        let Some(((_, rows), fingerprints)) = self.log.as_mut().zip(piece.fingerprints) else {
            return Ok(());
        };
        let pushed = rows.push(&piece.counted, &fingerprints, piece.ids.as_ref());
        pushed.map_err(|source| failed(rows, source))
    }
}

fn failed(rows: &RowLog, source: std::io::Error) -> PackError {
    PackError::Scratch { place: rows.place().to_owned(), source }
}
