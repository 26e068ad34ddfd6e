//! `--profile`: what took how long.

use super::console::Progress;
use crate::input::Files;
use crate::job::Job;
use crate::lf::{Stage, Watch};
use crate::report::Profile;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Watches a job with a clock in hand.
pub(super) struct Stopwatch<'a> {
    progress: &'a Progress,
    start: Instant,
    /// Whether anything is timed.
    on: bool,
    spent: Mutex<BTreeMap<Stage, Duration>>,
}

/// Votes to cast when labeling functions are timed one by one, and rows at the least.
const MOST_VOTES: usize = 4_000_000;
const LEAST_ROWS: usize = 100;

impl<'a> Stopwatch<'a> {
    pub(super) fn new(progress: &'a Progress, on: bool) -> Self {
        Self { progress, start: Instant::now(), on, spent: Mutex::default() }
    }

    /// What was spent so far, and what labeling functions take on the first rows of the data.
    pub(super) fn profile(&self, job: &Job, files: &Files) -> Option<Profile> {
        if !self.on {
            return None;
        }
        let elapsed = self.start.elapsed().as_secs_f64();
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stages = spent.into_iter();
        let mut profile = Profile {
            stages: stages.map(|(stage, time)| (stage.name().into(), time.as_secs_f64())).collect(),
            elapsed,
            ..Profile::default()
        };
        // The work is done: whatever is wrong with the data now is no reason to lose it.
        let lfs = &job.lfs;
        let again = files.can_be_read_again();
        let batch = || job.data(files).open(&lfs.fields()).ok()?.next_batch().ok()?;
        if let Some(batch) = again.then(batch).flatten() {
            let names = &lfs.names().lfs;
            let batch = batch.head((MOST_VOTES / names.len().max(1)).max(LEAST_ROWS));
            let rows = batch.n_rows().max(1) as f64;
            let times = lfs.time_alone(&batch, self);
            let times = times.iter().map(|time| time.as_secs_f64() * 1e6 / rows);
            profile.sample = batch.n_rows() as u64;
            profile.lfs = names.iter().cloned().zip(times).collect();
            profile.lfs.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        }
        Some(profile)
    }
}

impl Watch for Stopwatch<'_> {
    fn voted(&self, rows: usize) {
        self.progress.voted(rows);
    }

    fn stopped(&self) -> bool {
        self.progress.stopped()
    }

    fn clock(&self) -> Option<Duration> {
        self.on.then(|| self.start.elapsed())
    }

    fn spent(&self, stage: Stage, time: Duration) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        *spent.entry(stage).or_default() += time;
    }
}
