//! A review of a finished run: its rows are chosen, and read again.

use super::choose::{Basis, Chosen, choose, to_check};
use super::scores::{Committee, conflict, disagreement, uncertainty};
use super::taught::{Taught, Teacher, Votes};
use super::{Plan, Review, ReviewError, ReviewRow, Strategy};
use crate::answers::{Answers, Subject};
use crate::input::{Batch, Field, Files, Pick};
use crate::job::{ROWS, Run, RunError};
use crate::model::Supervision;
use crate::output::FINGERPRINT;
use crate::report::Privacy;
use crate::votes::VotesFile;
use crate::{Error, FieldId, Job, LfId, Patterns};
use std::collections::{BTreeMap, HashSet};

impl Review {
    /// Chooses rows of a run. Rows with a known label are left out: those that the run knew, and those in
    /// `answers`.
    ///
    /// The data are read where they were, or at `elsewhere` if that is not empty. What a run was made
    /// not to show is not shown here either. With a `teacher`, a classifier trained on the run, all rows are
    /// predicted for the strategies that [need one](Strategy::needs_classifier).
    ///
    /// # Errors
    /// [`Error::Review`] for a strategy without the classifier that it needs, and for one of other classes or columns;
    /// [`Error::Run`] for a labeling function that is not there and files that are damaged, and the errors of
    /// reading.
    pub fn new(
        run: &Run,
        plan: &Plan,
        answers: &Answers,
        elsewhere: &[String],
        teacher: Option<Teacher<'_>>,
        privacy: Privacy,
    ) -> Result<Self, Error> {
        let privacy = privacy.or(run.manifest().privacy);
        let chosen = Self::choose(run, plan, answers, elsewhere, teacher, privacy);
        chosen.map_err(|error| error.within(privacy))
    }

    fn choose(
        run: &Run,
        plan: &Plan,
        answers: &Answers,
        elsewhere: &[String],
        teacher: Option<Teacher<'_>>,
        privacy: Privacy,
    ) -> Result<Self, Error> {
        let asks = plan.by.iter().find(|strategy| strategy.needs_classifier());
        if let (Some(&strategy), None) = (asks, teacher) {
            let run = run.folder().display().to_string();
            return Err(ReviewError::NoClassifier { strategy, run }.into());
        }
        let (_, job) = run.job()?;
        let files = run.data(elsewhere)?;
        let model = run.model()?;
        let decision = run.decided(job.policy.clone());
        let report = run.report()?;
        let read = run.votes()?;
        let votes = Patterns::count(&read.matrix);
        model.check_names(votes.names())?;
        let labels = model.label(&votes);
        let labeled = labeled(run, &job, &files, answers, &read)?;
        let wants = |strategy| plan.by.contains(&strategy);
        let scores = |strategy, of: &dyn Fn() -> Vec<f64>| {
            if wants(strategy) { of() } else { Vec::new() }
        };
        let check = if plan.lfs.is_empty() {
            to_check(&report, &votes, plan)
        } else {
            named(&plan.lfs, &votes)?
        };
        let known = match &run.manifest().class_balance {
            Some(balance) => Supervision::default().with_class_balance(balance.clone()),
            None => Supervision::default(),
        };
        let tables = if wants(Strategy::Committee) || wants(Strategy::Information) {
            Committee::new(&votes, &model, &known).tables
        } else {
            Vec::new()
        };
        let taught = match (asks, teacher) {
            (Some(_), Some(teacher)) => {
                let tables = &tables;
                let votes = Votes { patterns: &votes, labeled: &labeled, labels: &labels, tables };
                Taught::read(run, &job, &files, plan, &votes, teacher)?
            }
            _ => Taught::default(),
        };
        let basis = Basis {
            votes: &votes,
            labeled: &labeled,
            uncertainty: &scores(Strategy::Uncertain, &|| uncertainty(&votes, labels.table())),
            conflict: &scores(Strategy::Conflicting, &|| conflict(&votes, &model)),
            disagreement: &scores(Strategy::Committee, &|| disagreement(&tables)),
            check: &check,
            table: Some(labels.table()),
            taught: &taught,
        };
        let chosen = choose(&basis, plan);
        let cells = Cells::read(run, &job, &files, &chosen, privacy)?;
        let hard = labels.decide(&decision);
        let confidence = labels.confidence(&hard);
        let names = votes.names();
        let kept = chosen.iter().filter_map(|one| {
            let (id, cells) = cells.of.get(&one.row)?.clone();
            let votes = votes.votes(one.pattern).iter().map(|vote| {
                (names.lf(vote.lf).to_owned(), names.choice_name(vote.choice).into_owned())
            });
            Some(ReviewRow {
                row: one.row,
                id,
                cells,
                votes: votes.collect(),
                label: hard[one.pattern].map(|class| names.class(class).to_owned()),
                confidence: confidence[one.pattern],
                why: one.why.clone(),
            })
        });
        let rows: Vec<ReviewRow> = kept.collect();
        Ok(Self {
            labels: names.classes.clone(),
            columns: cells.columns,
            changed: chosen.len() - rows.len(),
            rows,
            labeled: labeled.iter().filter(|known| **known).count() as u64,
            privacy,
        })
    }
}

/// The labeling functions of these names.
fn named(lfs: &[String], votes: &Patterns) -> Result<Vec<LfId>, RunError> {
    let names = &votes.names().lfs;
    let find = |name: &String| {
        let at = names.iter().position(|lf| lf == name);
        at.and_then(LfId::new).ok_or_else(|| RunError::no_lf(name, names))
    };
    lfs.iter().map(find).collect()
}

/// For each row whether its label is known.
fn labeled(
    run: &Run,
    job: &Job,
    files: &Files,
    answers: &Answers,
    read: &VotesFile,
) -> Result<Vec<bool>, Error> {
    let mut labeled = vec![false; read.matrix.n_rows()];
    let mut ids: HashSet<&str> = HashSet::new();
    let has_ids = run.manifest().columns.id.is_some();
    for answer in &answers.all {
        match answer.subject() {
            Subject::Id(id) if has_ids => drop(ids.insert(id)),
            _ => {
                let at = answer.row.and_then(|row| usize::try_from(row).ok());
                if let Some(known) = at.and_then(|at| labeled.get_mut(at)) {
                    *known = true;
                }
            }
        }
    }
    let mut row = 0;
    for piece in read.ids.iter().filter(|_| !ids.is_empty()) {
        for at in 0..piece.len() {
            if let Some(known) = labeled.get_mut(row) {
                *known |= piece.as_text(at).is_some_and(|id| ids.contains(&*id));
            }
            row += 1;
        }
    }
    // The columns of known labels are read to the end: nothing else says which rows have some.
    let fields = job.lfs.fields();
    let [_, gold, learn, _] = job.lfs.extra_fields();
    if gold.or(learn).is_some() {
        let mut source = job.data(files).open(&fields)?;
        while let Some(batch) = source.next_batch()? {
            for at in 0..batch.n_rows() {
                let known = gold.into_iter().chain(learn);
                let known = known.filter_map(|field| batch.text(field, at));
                let row = batch.start() as usize + at;
                if let Some(labeled) = labeled.get_mut(row) {
                    *labeled |= known.into_iter().any(|label| !label.is_empty());
                }
            }
        }
    }
    Ok(labeled)
}

/// Identifier and cells of a row.
type Shown = (Option<String>, Vec<Option<String>>);

/// What is shown of the rows that were chosen.
struct Cells {
    columns: Vec<String>,
    /// By row; without those that are no longer what was voted on.
    of: BTreeMap<u64, Shown>,
}

impl Cells {
    fn read(
        run: &Run,
        job: &Job,
        files: &Files,
        chosen: &[Chosen],
        privacy: Privacy,
    ) -> Result<Self, Error> {
        let mut rows: Vec<u64> = chosen.iter().map(|one| one.row).collect();
        rows.sort_unstable();
        let picked = job.data(files).pick(&job.lfs.fields(), &rows)?;
        let now = job.lfs.fingerprints(&picked.batch);
        let then = run.table(ROWS)?.pick(&[Field::number(FINGERPRINT)], &rows)?;
        let then: BTreeMap<u64, Option<f64>> =
            then.rows.iter().enumerate().map(|(at, row)| (*row, number(&then.batch, at))).collect();
        let same = |at: usize| {
            let then = then.get(&picked.rows[at]).copied().flatten();
            then.is_some_and(|then| then == f64::from(now[at]))
        };
        let fields = job.lfs.lf_fields();
        let columns = if privacy.is_full() {
            fields.iter().map(|field| field.name.clone()).collect()
        } else {
            Vec::new()
        };
        let id = FieldId::new(fields.len()).filter(|_| job.lfs.id().is_some());
        let cell = |field: FieldId, at| {
            let text = picked.batch.column(field)?.as_text(at)?;
            Some(text.into_owned())
        };
        let of = (0..picked.rows.len()).filter(|at| same(*at)).map(|at| {
            let shown = if privacy.is_full() {
                let cells = FieldId::first(fields.len()).map(|field| cell(field, at));
                (id.and_then(|id| cell(id, at)), cells.collect())
            } else {
                (None, Vec::new())
            };
            (picked.rows[at], shown)
        });
        Ok(Self { columns, of: of.collect() })
    }
}

fn number(batch: &Batch, at: usize) -> Option<f64> {
    batch.number(FieldId::FIRST, at)
}
