//! Voting: batches are read in order, voted on in parallel, and joined in order.

use super::answers::{Answer, Answers};
use super::cache::VoteCache;
use super::set::{LfSet, Rule};
use super::stream::Receiver;
use crate::input::{Batch, Column, Digest, ReadError, Source};
use crate::{ChoiceId, ClassId, FieldId, LabelMatrix, LfId, Vote};
use std::time::Duration;

/// What applying labeling functions gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Applied {
    /// The votes, in input order.
    pub matrix: LabelMatrix,
    /// Identifiers in pieces, in input order; empty without a column of them.
    pub ids: Vec<Column>,
    /// Known labels to score against, one a row, if there is a column of them.
    pub gold: Option<Vec<Option<ClassId>>>,
    /// Known labels to learn from, one a row, if there is a column of them.
    pub learn: Option<Vec<Option<ClassId>>>,
    /// What happened to each labeling function.
    pub notes: Vec<Notes>,
    /// The content of the input.
    pub inputs: Vec<Digest>,
}

/// What happened to a labeling function besides votes.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notes {
    /// Rows on which it abstained because a cell was missing.
    pub missing: u64,
    /// Rows on which it abstained because its closure panicked or named no known class, or because an
    /// annotator gave different labels.
    pub failures: u64,
    /// The first failures: row, from 0, and message.
    pub first_failures: Vec<(u64, String)>,
}

/// Failures that are kept for each labeling function.
const KEPT_FAILURES: usize = 5;

impl Notes {
    /// Counts a failure, and keeps it if it is one of the first.
    pub(crate) fn fail(&mut self, row: u64, message: String) {
        self.failures += 1;
        if self.first_failures.len() < KEPT_FAILURES {
            self.first_failures.push((row, message));
        }
    }

    /// Adds what happened on later rows, one of these a labeling function.
    pub(super) fn join(all: &mut [Self], more: Vec<Self>) {
        all.iter_mut().zip(more).for_each(|(notes, more)| notes.add(more));
    }

    fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.failures += other.failures;
        self.first_failures.extend(other.first_failures);
        // In whatever order parts are joined, the same are kept.
        self.first_failures.sort();
        self.first_failures.truncate(KEPT_FAILURES);
    }
}

/// Somebody who watches the work: a progress bar, or a user who may want to stop.
pub trait Watch: Sync {
    /// So many rows more have been voted on.
    fn voted(&self, rows: usize) {
        let _ = rows;
    }

    /// Whether to stop now.
    fn stopped(&self) -> bool {
        false
    }

    /// The time since some moment; without an answer nothing is timed.
    fn clock(&self) -> Option<Duration> {
        None
    }

    /// A stage took so long, on one thread.
    fn spent(&self, stage: Stage, time: Duration) {
        let _ = (stage, time);
    }
}

/// What a job spends time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Reading and decoding the data.
    Read,
    /// Voting.
    Vote,
    /// Counting distinct vote rows.
    Pack,
    /// Fitting the label model.
    Fit,
    /// Intervals, contributions and the report.
    Report,
    /// Rows for the report, read once more.
    Illustrate,
}

impl Stage {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Vote => "vote",
            Self::Pack => "pack",
            Self::Fit => "fit",
            Self::Report => "report",
            Self::Illustrate => "examples",
        }
    }
}

/// Tells `watch` how long some work takes.
pub(crate) fn timed<T>(watch: &dyn Watch, stage: Stage, work: impl FnOnce() -> T) -> T {
    let start = watch.clock();
    let done = work();
    if let Some((start, end)) = start.zip(watch.clock()) {
        watch.spent(stage, end.saturating_sub(start));
    }
    done
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

impl LfSet {
    /// Applies all labeling functions to a source that was opened with [`fields`](Self::fields).
    ///
    /// The result does not depend on the number of threads of the current rayon pool.
    ///
    /// # Errors
    /// [`ReadError`] of the source, and for a known label that is none of the labels.
    pub fn apply(&self, source: &mut dyn Source) -> Result<Applied, ReadError> {
        self.apply_watched(source, &Unwatched)
    }

    /// [`apply`](Self::apply) with somebody watching.
    ///
    /// # Errors
    /// As [`apply`](Self::apply), and [`ReadError::Interrupted`] when the watch says to stop.
    pub fn apply_watched(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
    ) -> Result<Applied, ReadError> {
        self.apply_cached(source, watch, None)
    }

    /// [`apply_watched`](Self::apply_watched) with the help of a cache: what it has is not voted on
    /// again, and what it has not it keeps.
    ///
    /// # Errors
    /// As [`apply_watched`](Self::apply_watched).
    pub fn apply_cached(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        cache: Option<&VoteCache>,
    ) -> Result<Applied, ReadError> {
        let mut applied = Applied {
            matrix: LabelMatrix::new(self.names.clone()),
            ids: Vec::new(),
            gold: self.gold.is_some().then(Vec::new),
            learn: self.learn.is_some().then(Vec::new),
            notes: vec![Notes::default(); self.lfs.len()],
            inputs: Vec::new(),
        };
        applied.inputs = self.stream(source, watch, cache, &mut applied)?;
        Ok(applied)
    }

    /// Votes on one batch.
    pub(super) fn vote(&self, batch: &Batch) -> Result<Part, ReadError> {
        let wanted = LfId::first(self.lfs.len());
        self.part(batch, self.cast(batch, wanted))
    }

    /// What labeling functions vote on a batch: all that have conditions, and of the closures those
    /// that are wanted.
    pub(super) fn cast(&self, batch: &Batch, wanted: impl Iterator<Item = LfId>) -> CastVotes {
        let mut answers = Answers::new(&self.readers, self.lfs.len(), batch.n_rows());
        for voter in self.levels.iter().flatten() {
            voter.vote(batch, &mut answers);
        }
        let mut notes = vec![Notes::default(); self.lfs.len()];
        let mut joined = Vec::new();
        for (lf, declared) in LfId::first(self.lfs.len()).zip(&self.lfs) {
            let Rule::Conditions { votes, unless } = &declared.rule else { continue };
            for row in 0..batch.n_rows() {
                let answer = match unless {
                    Some(unless) if answers.get(*unless, row).holds() => Answer::NO,
                    _ => first_that_holds(votes, &answers, row),
                };
                if answer == Answer::MISSING {
                    notes[lf.index()].missing += 1;
                }
                joined.extend(answer.choice().map(|choice| (row as u32, Vote { lf, choice })));
            }
        }
        let (mut votes, missing) = answers.into_votes();
        votes.append(&mut joined);
        votes.iter_mut().for_each(|(_, vote)| vote.choice = self.known_choice(vote.choice));
        notes.iter_mut().zip(missing).for_each(|(notes, rows)| notes.missing += rows);
        let mut cast = CastVotes { votes, notes };
        self.cast_closures(batch, wanted, &mut cast);
        cast
    }

    /// Adds what closures vote on a batch.
    pub(super) fn cast_closures(
        &self,
        batch: &Batch,
        wanted: impl Iterator<Item = LfId>,
        cast: &mut CastVotes,
    ) {
        for lf in wanted {
            let Rule::Closure(closure) = &self.lfs[lf.index()].rule else { continue };
            closure.call(batch, &self.names, |row, answer| match answer {
                Ok(answer) => {
                    let vote = answer.choice().map(|choice| (row as u32, Vote { lf, choice }));
                    cast.votes.extend(vote);
                }
                Err(message) => cast.notes[lf.index()].fail(batch.start() + row as u64, message),
            });
        }
    }

    /// How long each labeling function takes on a batch when it votes alone, by the clock of `watch`;
    /// zero without one. What several share, such as splitting a text into words, counts for each.
    pub fn time_alone(&self, batch: &Batch, watch: &dyn Watch) -> Vec<Duration> {
        let time = |lf: LfId| {
            let part = match &self.lfs[lf.index()].rule {
                Rule::Closure(_) => None,
                _ => self.recipe.as_ref().and_then(|recipe| recipe.part(&[lf])),
            };
            let start = watch.clock()?;
            match &part {
                Some(part) => drop(part.cast(batch, std::iter::empty())),
                None => {
                    let mut cast = CastVotes::none(self.lfs.len());
                    self.cast_closures(batch, std::iter::once(lf), &mut cast);
                }
            }
            Some(watch.clock()?.saturating_sub(start))
        };
        LfId::first(self.lfs.len()).map(|lf| time(lf).unwrap_or_default()).collect()
    }

    /// What there is of a batch, given what was voted on it.
    pub(super) fn part(&self, batch: &Batch, cast: CastVotes) -> Result<Part, ReadError> {
        let matrix = LabelMatrix::from_cast(self.names.clone(), batch.n_rows(), &cast.votes);
        let [id, gold, learn, _] = self.extra_fields();
        let gold = self.known_labels(batch, gold, self.gold.as_ref())?;
        let learn = self.known_labels(batch, learn, self.learn.as_ref())?;
        let ids = id.and_then(|id| batch.column(id)).cloned();
        let (members, hours) = (Vec::new(), Vec::new());
        Ok(Part { matrix, ids, gold, learn, notes: cast.notes, members, hours })
    }

    /// The id of what a condition votes.
    pub(super) fn known_choice(&self, choice: ChoiceId) -> ChoiceId {
        self.known.get(choice.index()).copied().unwrap_or(choice)
    }

    /// The labels in a column; none without one.
    fn known_labels(
        &self,
        batch: &Batch,
        field: Option<FieldId>,
        column: Option<&String>,
    ) -> Result<Vec<Option<ClassId>>, ReadError> {
        let Some((field, column)) = field.zip(column) else { return Ok(Vec::new()) };
        let label = |row: usize| {
            let cell = batch.text(field, row).map(str::trim).filter(|label| !label.is_empty());
            let Some(label) = cell else { return Ok(None) };
            self.names.class_named(label).map(Some).ok_or_else(|| ReadError::UnknownLabel {
                row: batch.start() + row as u64,
                column: column.clone(),
                value: label.to_owned(),
                labels: self.names.classes.clone(),
            })
        };
        (0..batch.n_rows()).map(label).collect()
    }
}

/// The label of the first condition that holds; missing when none holds and one is missing.
fn first_that_holds(
    votes: &[(Option<ChoiceId>, super::answers::Slot)],
    answers: &Answers,
    row: usize,
) -> Answer {
    let mut outcome = Answer::NO;
    for (label, slot) in votes {
        let answer = answers.get(*slot, row);
        if answer.holds() {
            return label.map_or(answer, Answer::label);
        }
        if answer == Answer::MISSING {
            outcome = answer;
        }
    }
    outcome
}

/// What was voted on a batch.
pub(super) struct CastVotes {
    /// Each vote with its row, in any order.
    pub(super) votes: Vec<(u32, Vote)>,
    /// One for each labeling function.
    pub(super) notes: Vec<Notes>,
}

impl CastVotes {
    /// No votes of so many labeling functions.
    pub(super) fn none(n_lfs: usize) -> Self {
        Self { votes: Vec::new(), notes: vec![Notes::default(); n_lfs] }
    }
}

/// The votes on one batch.
pub(crate) struct Part {
    pub(super) matrix: LabelMatrix,
    pub(super) ids: Option<Column>,
    pub(super) gold: Vec<Option<ClassId>>,
    pub(super) learn: Vec<Option<ClassId>>,
    pub(super) notes: Vec<Notes>,
    /// Rows and the slices that they are in; left empty for who does not ask.
    pub(super) members: Vec<(u32, LfId)>,
    /// For each row the hour of its time, if there is a column of them and somebody asks.
    pub(super) hours: Vec<Option<i64>>,
}

impl Receiver for Applied {
    type Piece = Part;
    type Error = ReadError;

    fn digest(&self, _batch: &Batch, part: Part) -> Part {
        part
    }

    fn take(&mut self, part: Part) -> Result<(), ReadError> {
        self.matrix.append(&part.matrix);
        self.ids.extend(part.ids);
        if let Some(gold) = &mut self.gold {
            gold.extend(part.gold);
        }
        if let Some(learn) = &mut self.learn {
            learn.extend(part.learn);
        }
        Notes::join(&mut self.notes, part.notes);
        Ok(())
    }
}
