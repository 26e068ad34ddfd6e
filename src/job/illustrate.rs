//! A report with rows to look at: after the fit some rows are read once more, and shown with what made
//! each labeling function vote.

use super::exhibit::{EXCERPT, Exhibit, Weighing};
use super::sample::{Basis, Chosen, PROOF, choose};
use super::{Job, Outcome};
use crate::input::Pick;
use crate::model::ProbLabels;
use crate::output::OutputError;
use crate::report::{Example, Examples, Privacy, Stratum, TermCounter};
use crate::{ClassId, Error, LfId, Patterns};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a stratum that are shown of wrong ones, of which more are read than shown.
const WRONG: usize = 8;
/// Votes on all rows that are shown as proof: where rows have hundreds of votes, few rows are proof for
/// many labeling functions.
const MOST_VOTES: usize = 20_000;

impl Job {
    /// Adds to the report of a job what only the data can tell: rows to look at, with what was found in
    /// them, the terms that each labeling function found, and what to do with each.
    ///
    /// `data` are the data that the job ran on, to be read a second time; only a few thousand rows are
    /// read, if their format can skip others.
    ///
    /// # Errors
    /// [`Error::Read`] when the data cannot be read again, [`Error::Output`] when the log of rows cannot.
    pub fn illustrate(
        &self,
        outcome: &mut Outcome,
        data: &dyn Pick,
        privacy: Privacy,
    ) -> Result<(), Error> {
        outcome.report.mask(privacy);
        let Outcome { votes, rows, known, inputs, model, labels, decision, report, .. } = outcome;
        let bytes: u64 = inputs.iter().map(|input| input.bytes).sum();
        let bytes_a_row = bytes / votes.n_rows().max(1);
        let basis = Basis { votes, labels, decision, known, report, bytes_a_row };
        let place = rows.place().display().to_string();
        let mut chosen =
            choose(basis, rows).map_err(|source| OutputError::Io { path: place, source })?;
        let numbers: Vec<u64> = chosen.rows.keys().copied().collect();
        let picked = data.pick(&self.lfs.fields(), &numbers)?;
        let evidence = self.lfs.evidence(&picked.batch)?;
        let lfs = &self.lfs;
        let exhibit = Exhibit { lfs, picked, evidence, privacy, longest: EXCERPT };
        let read = Read::new(&exhibit, &chosen, votes);
        for (lf, counter) in LfId::first(votes.n_lfs()).zip(read.terms(&chosen, labels)) {
            let place = lf.index();
            let lf = &mut report.lfs[place];
            let Some((terms, doubtful)) = counter.finish(lf.coverage.count, privacy) else {
                continue;
            };
            lf.terms = Some(terms);
            let proof = read.with_terms(&doubtful, place, &chosen, labels);
            let shown = &mut chosen.doubtful[place];
            let rest = shown.iter().copied().filter(|row| !proof.contains(row));
            *shown = proof.iter().copied().chain(rest).take(shown.len()).collect();
        }
        if privacy == Privacy::NoExamples {
            report.examples = Examples {
                rows: Vec::new(),
                privacy,
                note: Some("Rows are not shown, as was asked for.".to_owned()),
            };
            report.judge(|_, _| Vec::new());
            return Ok(());
        }
        let weighing = Weighing { model, decision };
        let (examples, at) = read.examples(&chosen, weighing);
        let shown = |rows: &[u64]| rows.iter().filter_map(|row| at.get(row).copied()).collect();
        for &(cell, row) in &chosen.pairs {
            report.matrix.cells[cell].examples = shown(&[row]);
        }
        report.examples = Examples { rows: examples, privacy, note: read.note() };
        let mut voted_on = vec![Vec::new(); votes.n_lfs()];
        for (place, example) in report.examples.rows.iter().enumerate() {
            example.ledger.votes.iter().for_each(|vote| voted_on[vote.lf].push(place));
        }
        report.judge(|lf, doubtful| {
            let mut proof: Vec<usize> =
                shown(if doubtful { &chosen.doubtful[lf] } else { &chosen.usual[lf] });
            // Any other row that it votes on is better than none.
            let others = voted_on[lf].iter().copied().filter(|place| !proof.contains(place));
            let others: Vec<usize> = others.take(PROOF.saturating_sub(proof.len())).collect();
            proof.extend(others);
            proof
        });
        Ok(())
    }
}

/// The rows that were read again, those aside that are other ones now.
struct Read<'a> {
    exhibit: &'a Exhibit<'a>,
    votes: &'a Patterns,
    /// Where each row stands among those that were read, and its pattern.
    at: BTreeMap<u64, (usize, usize)>,
    /// Rows that are not there any more, have other cells, or get other votes.
    changed: usize,
}

impl<'a> Read<'a> {
    fn new(exhibit: &'a Exhibit<'a>, chosen: &Chosen, votes: &'a Patterns) -> Self {
        let mut at = BTreeMap::new();
        for (place, &row) in exhibit.picked.rows.iter().enumerate() {
            let Some(logged) = chosen.rows.get(&row) else { continue };
            let (evidence, pattern) = (&exhibit.evidence, logged.pattern as usize);
            let same = evidence.fingerprints[place] == logged.fingerprint;
            if same && evidence.votes.row(place) == votes.votes(pattern) {
                at.insert(row, (place, pattern));
            }
        }
        let changed = chosen.rows.len() - exhibit.picked.left_out - at.len();
        Self { exhibit, votes, at, changed }
    }

    /// Why rows are missing.
    fn note(&self) -> Option<String> {
        let left_out = self.exhibit.picked.left_out;
        let long = (left_out > 0).then(|| {
            format!(
                "{left_out} rows more were to be looked at, and left out because rows are so long."
            )
        });
        let changed = (self.changed > 0).then(|| {
            format!(
                "{} of {} rows were no longer what had been voted on when they were read again to be \
                 shown: the data changed, or a Rust closure votes differently each time.",
                self.changed,
                self.changed + self.at.len()
            )
        });
        let notes: Vec<String> = changed.into_iter().chain(long).collect();
        (!notes.is_empty()).then(|| notes.join(" "))
    }

    /// The terms of each labeling function in its sample.
    fn terms(&self, chosen: &Chosen, labels: &ProbLabels) -> Vec<TermCounter> {
        let mut counters = Vec::new();
        for (lf, rows) in LfId::first(chosen.sample.len()).zip(&chosen.sample) {
            let mut counter = TermCounter::default();
            for &(place, pattern) in rows.iter().filter_map(|row| self.at.get(row)) {
                let posterior = labels.table().row(pattern);
                self.exhibit.count_terms(place, lf, posterior.as_slice(), &mut counter);
            }
            counters.push(counter);
        }
        counters
    }

    /// Sampled rows of a labeling function with some of these terms: wrong votes first, then the least
    /// probable ones.
    fn with_terms(
        &self,
        terms: &BTreeSet<String>,
        lf: usize,
        chosen: &Chosen,
        labels: &ProbLabels,
    ) -> Vec<u64> {
        if terms.is_empty() {
            return Vec::new();
        }
        let evidence = &self.exhibit.evidence;
        let names = self.votes.names();
        let mut found: Vec<(u8, f64, u64)> = Vec::new();
        for row in &chosen.sample[lf] {
            let Some(&(place, pattern)) = self.at.get(row) else { continue };
            let mut hits = evidence.hits[place].iter().filter(|hit| hit.lf.index() == lf);
            let has = hits.any(|hit| hit.term.as_ref().is_some_and(|term| terms.contains(term)));
            let own = self.votes.votes(pattern).iter().find(|vote| vote.lf.index() == lf);
            let (true, Some(own)) = (has, own) else { continue };
            let classes = names.classes_of(own.choice);
            let posterior = labels.table().row(pattern);
            let probability = classes.iter().map(|class| posterior[class.index()]).sum();
            let gold = evidence.gold.get(place).copied().flatten();
            let rank = gold.map_or(1, |gold| if classes.contains(&gold) { 2 } else { 0 });
            found.push((rank, probability, *row));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        found.into_iter().map(|(_, _, row)| row).collect()
    }

    /// The rows that are shown, by number, and the place of each among them.
    fn examples(
        &self,
        chosen: &Chosen,
        weighing: Weighing<'_>,
    ) -> (Vec<Example>, BTreeMap<u64, usize>) {
        let mut strata: BTreeMap<u64, Vec<Stratum>> = BTreeMap::new();
        for (stratum, rows) in &chosen.strata {
            let rows = rows.iter().filter(|row| self.at.contains_key(row));
            let rows: Vec<&u64> = match stratum {
                Stratum::Wrong => {
                    rows.filter(|row| self.is_wrong(**row, &chosen.hard)).take(WRONG).collect()
                }
                _ => rows.collect(),
            };
            rows.into_iter().for_each(|row| strata.entry(*row).or_default().push(*stratum));
        }
        // The first rows of all, then the second ones: what is left out for want of room is the last.
        let pairs: Vec<u64> = chosen.pairs.iter().map(|(_, row)| *row).collect();
        let lists = || chosen.doubtful.iter().chain(&chosen.usual).chain(std::iter::once(&pairs));
        let longest = lists().map(Vec::len).max().unwrap_or(0);
        let mut room = MOST_VOTES;
        for row in (0..longest).flat_map(|turn| lists().filter_map(move |list| list.get(turn))) {
            let Some(&(_, pattern)) = self.at.get(row) else { continue };
            let cost = self.votes.votes(pattern).len();
            if !strata.contains_key(row) && cost <= room {
                room -= cost;
                strata.insert(*row, vec![Stratum::Proof]);
            }
        }
        let place = strata.keys().enumerate().map(|(at, row)| (*row, at)).collect();
        let examples = strata.into_iter().map(|(row, strata)| {
            let (at, pattern) = self.at[&row];
            self.exhibit.example(at, weighing, strata, self.votes.row_count(pattern))
        });
        (examples.collect(), place)
    }

    /// Whether the label of a row is not its gold label.
    fn is_wrong(&self, row: u64, hard: &[Option<ClassId>]) -> bool {
        let (place, pattern) = self.at[&row];
        let gold = self.exhibit.evidence.gold.get(place).copied().flatten();
        hard[pattern].zip(gold).is_some_and(|(label, gold)| label != gold)
    }
}
