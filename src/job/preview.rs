//! One labeling function while it is being written: where it votes, with whom it agrees, and which rows
//! it misses that look like its own.
//!
//! Nothing is fitted: what is said comes from the votes alone.

use super::Job;
use super::exhibit::{EXCERPT, Exhibit, Weighing};
use super::sample::{Logged, Smallest, each};
use crate::input::{Pick, Source};
use crate::lf::{About, Packed, VoteCache, Watch};
use crate::model::{Decision, Majority, Supervision};
use crate::output::OutputError;
use crate::report::{Evidence, OtherLf, Preview, Privacy, Report, Stratum, TermCounter, differing};
use crate::votes::Scratch;
use crate::{Error, LfId, Patterns};
use std::collections::BTreeSet;

/// Rows that are shown, those in conflict, and those that are missed.
const SHOWN: usize = 8;
const CONFLICTS: usize = 4;
const MISSED: usize = 5;
/// Rows that terms are counted in, and rows among which missed ones are looked for.
const SAMPLE: usize = 500;
const OTHERS: usize = 4_000;

/// What a preview works with.
#[derive(Clone, Copy)]
pub struct PreviewMeans<'a> {
    /// Where rows wait.
    pub scratch: &'a Scratch,
    /// Votes that are kept: only what was edited votes again.
    pub cache: Option<&'a VoteCache>,
    /// How much of the rows may be shown.
    pub privacy: Privacy,
}

impl Job {
    /// Looks at one labeling function on a source: all of them vote, and the rows to show are read once
    /// more from `data`.
    ///
    /// # Errors
    /// The errors of reading, and of the log of rows.
    pub fn preview(
        &self,
        lf: LfId,
        source: &mut dyn Source,
        data: Option<&dyn Pick>,
        watch: &dyn Watch,
        means: &PreviewMeans<'_>,
    ) -> Result<Preview, Error> {
        let &PreviewMeans { scratch, cache, privacy } = means;
        let packed = self.lfs.pack(source, watch, scratch, cache)?;
        let Packed { votes, mut rows, known, notes, .. } = packed;
        let model = Majority::of(&votes, &Supervision::default())?;
        let labels = model.label(&votes);
        let decision = Decision::default();
        let about: Vec<About> = self.lfs.about().cloned().collect();
        let mut report = Report::new(&Evidence {
            votes: &votes,
            model: &model,
            labels: &labels,
            decision: &decision,
            balance: None,
            known: &known,
            groups: None,
            uncertainty: None,
            notes: &notes,
            about: &about,
        });
        report.mask(privacy);
        let mut one = report.lfs.swap_remove(lf.index());
        // Without a label model nothing has been learned.
        (one.learned_accuracy, one.verdict) = (None, None);
        let mut preview = Preview::new(one, others(&votes, lf), self.lfs.names().classes.clone());
        let Some(data) = data else { return Ok(preview) };
        let drawn = draw(&votes, lf, &mut rows)
            .map_err(|source| OutputError::Io { path: "the log of rows".to_owned(), source })?;
        let numbers: BTreeSet<u64> = [&drawn.own, &drawn.conflicts, &drawn.others]
            .into_iter()
            .flatten()
            .map(|(row, _)| *row)
            .collect();
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let picked = data.pick(&self.lfs.fields(), &numbers)?;
        let evidence = self.lfs.evidence(&picked.batch)?;
        let exhibit = Exhibit { lfs: &self.lfs, picked, evidence, privacy, longest: EXCERPT };
        // Rows that were edited or moved since are left out.
        let at = |&(row, logged): &(u64, Logged)| {
            let at = exhibit.picked.rows.binary_search(&row).ok()?;
            (exhibit.evidence.fingerprints[at] == logged.fingerprint).then_some(at)
        };
        let mut counter = TermCounter::default();
        for at in drawn.own.iter().filter_map(at) {
            exhibit.count_terms(at, lf, None, &mut counter);
        }
        preview.lf.terms =
            counter.finish(preview.lf.coverage.count, privacy).map(|(terms, _)| terms);
        if privacy == Privacy::NoExamples {
            return Ok(preview);
        }
        let weighing = Weighing { model: &model, decision: &decision };
        let example = |row: &(u64, Logged), stratum: Stratum| {
            let alike = votes.row_count(row.1.pattern as usize);
            Some(exhibit.example(at(row)?, weighing, vec![stratum], alike))
        };
        let own = drawn.own.iter().take(SHOWN);
        preview.rows = own.filter_map(|row| example(row, Stratum::Random)).collect();
        let conflicts = drawn.conflicts.iter().take(CONFLICTS);
        preview.conflicts =
            conflicts.filter_map(|row| example(row, Stratum::Conflicting)).collect();
        let places = |rows: &[(u64, Logged)]| rows.iter().filter_map(at).collect();
        let alike = super::alike::alike(&exhibit, lf, places(&drawn.own), places(&drawn.others));
        preview.words = alike.words.iter().map(|word| privacy.text(word, &[])).collect();
        for place in alike.rows.into_iter().take(MISSED) {
            let mut missed = exhibit.example(place, weighing, vec![Stratum::Uncovered], 1);
            if privacy.is_full() {
                super::alike::mark(&mut missed.cells, &alike.words, lf);
            }
            preview.missed.push(missed);
        }
        Ok(preview)
    }
}

/// How the others vote where `lf` does, those with the most rows in common first.
fn others(votes: &Patterns, lf: LfId) -> Vec<OtherLf> {
    let names = votes.names();
    let mut both = vec![(0_u64, 0_u64); votes.n_lfs()];
    for (row, count) in votes.iter() {
        let Some(own) = row.iter().find(|vote| vote.lf == lf) else { continue };
        for other in row.iter().filter(|vote| vote.lf != lf) {
            let pair = &mut both[other.lf.index()];
            pair.0 += count;
            pair.1 += if names.conflict(own.choice, other.choice) { count } else { 0 };
        }
    }
    let found = LfId::first(votes.n_lfs()).zip(both).filter(|(_, (rows, _))| *rows > 0);
    let mut found: Vec<OtherLf> = found
        .map(|(other, (rows, conflict))| OtherLf::new(names.lf(other).to_owned(), rows, conflict))
        .collect();
    found.sort_by(|a, b| b.both.cmp(&a.both).then_with(|| a.name.cmp(&b.name)));
    found
}

struct Drawn {
    /// Rows that it votes on, rows where another contradicts it, and rows that it does not vote on.
    own: Vec<(u64, Logged)>,
    conflicts: Vec<(u64, Logged)>,
    others: Vec<(u64, Logged)>,
}

fn draw(votes: &Patterns, lf: LfId, rows: &mut crate::votes::RowLog) -> std::io::Result<Drawn> {
    // Whether it votes, and if so whether another one contradicts it.
    let kind: Vec<Option<bool>> = (0..votes.len())
        .map(|u| {
            let own = votes.votes(u).iter().position(|vote| vote.lf == lf);
            own.map(|own| differing(votes, u, own))
        })
        .collect();
    let (mut own, mut conflicts, mut others) =
        (Smallest::new(SAMPLE), Smallest::new(CONFLICTS), Smallest::new(OTHERS));
    each(rows, |hash, row, logged| match kind[logged.pattern as usize] {
        None => others.offer(hash, row, logged),
        Some(conflict) => {
            own.offer(hash, row, logged);
            if conflict {
                conflicts.offer(hash, row, logged);
            }
        }
    })?;
    Ok(Drawn { own: own.rows(), conflicts: conflicts.rows(), others: others.rows() })
}
