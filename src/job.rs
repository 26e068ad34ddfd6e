//! The whole line as one value: what a spec asks for, run on a source and saved.

mod alike;
mod columns;
mod complete;
mod exhibit;
mod explain;
mod illustrate;
mod known;
mod label;
mod lint;
mod manifest;
mod outcome;
mod preview;
mod resolve;
mod run;
mod sample;
mod schema;
mod tables;
mod train;
mod verify;

pub use known::{GoldFile, GoldRecord, Use};
pub use label::Labeled;
pub use manifest::{Columns, DataRecord, FileDigest, LfDigest, Manifest};
pub use outcome::Outcome;
pub use preview::PreviewMeans;
pub use resolve::DEFAULT_MODEL;
pub use run::{Run, RunError};
pub use schema::schema;
pub(crate) use tables::Given;
pub use train::{CHARACTERS, SURE, Scores, ScoresOf, TrainPlan, TrainReport, TrainedRun};
pub use verify::Verified;

pub use crate::lf::TableDigest;

use crate::input::Source;
use crate::lf::{
    About, Bundle, Gate, Packed, Parsed, PatternCounts, Reach, Spec, SpecErrors, SpecOptions,
    SpecText, Stage, VoteCache, Watch, timed,
};
use crate::model::{
    Effort, Gold, LabelModel, Policy, Resampling, RowWeights, Supervision, Uncertainty,
};
use crate::output::{Format, MANIFEST, MANIFEST_FORMAT, OutputError, Sheets, Staged, write_file};
use crate::report::{Changes, Evidence, Report, gates, html};
use crate::votes::{RowLog, Scratch};
use crate::{Error, LfSet};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;

/// The file of a run directory with the text of the spec.
pub(crate) const SPEC: &str = "spec.yaml";

/// The file of a run directory with a text of the spec: the first is the spec, the others are its parts.
pub(crate) fn spec_file(source: usize) -> String {
    match source {
        0 => SPEC.to_owned(),
        part => format!("spec.part-{part}.yaml"),
    }
}

/// The files of a run directory with the gold files that it took known labels from.
pub(crate) const GOLD: &str = "gold.csv";
pub(crate) const LEARN: &str = "learn.csv";

/// The table of a run directory with the fingerprints of the rows, in their order.
pub(crate) const ROWS: &str = "rows";

/// The file of a run directory with the labels for people, who open it in a spreadsheet program.
const SHEET: &str = "labels.sheet.csv";

/// The file of a run directory with the report.
pub(crate) const REPORT: &str = "report.json";

/// The file of a run directory with the report as a page.
const PAGE: &str = "report.html";

/// The file of a run directory with the fitted model.
pub(crate) const MODEL: &str = "model.json";

/// A batch labeling job: labeling functions, label model and decision rule.
///
/// A clone shares what was compiled.
#[derive(Clone)]
pub struct Job {
    /// The labeling functions.
    pub lfs: LfSet,
    /// The label model.
    pub model: Arc<dyn LabelModel>,
    /// What the user knows beyond the votes; known labels come with the data.
    pub known: Supervision,
    /// What is asked for when probabilities become hard labels.
    pub policy: Policy,
    /// How much to spend on intervals and on what each labeling function contributes.
    pub effort: Effort,
    /// What a run must reach.
    pub gates: Vec<Gate>,
    gold_file: Option<GoldFile>,
    learn_file: Option<GoldFile>,
    /// The spec's texts, for the record.
    spec: Vec<SpecText>,
    reach: Reach,
    /// The variables that were given from outside, for the record.
    set: serde_json::Map<String, serde_json::Value>,
}

impl Job {
    /// Compiles a spec with everything that it says.
    ///
    /// # Errors
    /// [`SpecErrors`] with all problems of all sections.
    pub fn new(spec: &Spec) -> Result<Self, SpecErrors> {
        Self::of(spec, LfSet::compile(spec))
    }

    /// The job of a bundle: that of the spec and the tables as they were read, wherever their files are.
    ///
    /// # Errors
    /// [`SpecErrors`], if another version of jurat finds fault with the spec.
    pub fn from_bundle(bundle: &Bundle) -> Result<(Spec, Self), SpecErrors> {
        let (spec, lfs) = bundle.compile()?;
        let job = Self::of(&spec, Ok(lfs))?;
        Ok((spec, job))
    }

    fn of(spec: &Spec, lfs: Result<LfSet, SpecErrors>) -> Result<Self, SpecErrors> {
        let mut problems = match &lfs {
            Ok(_) => Vec::new(),
            Err(errors) => errors.problems().to_vec(),
        };
        let known = resolve::supervision(spec, &mut problems);
        let policy = resolve::policy(spec, &mut problems);
        let model = resolve::model(spec, &mut problems);
        let gates = resolve::gates(spec, &mut problems);
        match (lfs, model) {
            (Ok(lfs), Some(model)) if problems.is_empty() => {
                let set = spec.vars.iter().filter(|variable| variable.set);
                let set = set.map(|set| (set.name.value.clone(), set.value.clone().into()));
                let (set, effort) = (set.collect(), Effort::default());
                Ok(Self {
                    lfs,
                    model: model.into(),
                    known,
                    policy,
                    effort,
                    gates,
                    gold_file: None,
                    learn_file: None,
                    spec: spec.sources.clone(),
                    reach: spec.reach,
                    set,
                })
            }
            _ => Err(spec.errors(problems)),
        }
    }

    /// Reads a spec file and compiles it, with all problems of its form and its names in one run.
    ///
    /// # Errors
    /// [`SpecErrors`] with everything that is wrong.
    pub fn load(path: impl AsRef<Path>) -> Result<(Spec, Self), SpecErrors> {
        Self::load_with(path, &SpecOptions::default())
    }

    /// [`load`](Self::load) with options such as the values of variables.
    ///
    /// # Errors
    /// [`SpecErrors`] with everything that is wrong.
    pub fn load_with(
        path: impl AsRef<Path>,
        options: &SpecOptions,
    ) -> Result<(Spec, Self), SpecErrors> {
        let Parsed { spec, mut problems, sources } = Parsed::read(path.as_ref(), options)?;
        let job = spec.as_ref().map(Self::new);
        match (spec, job) {
            (Some(spec), Some(Ok(job))) if problems.is_empty() => Ok((spec, job)),
            (_, job) => {
                let errors = job.and_then(Result::err);
                problems.extend(errors.iter().flat_map(SpecErrors::problems).cloned());
                Err(SpecErrors::new(&sources, problems))
            }
        }
    }

    /// Votes, fits, labels and reports, with all rows in memory: four bytes each, twice, and their
    /// identifiers.
    ///
    /// # Errors
    /// [`Error::Read`] for the data, [`Error::Fit`] when there is nothing to learn from.
    pub fn run(&self, source: &mut dyn Source, watch: &dyn Watch) -> Result<Outcome, Error> {
        self.run_with(source, watch, &Scratch::memory(), None)
    }

    /// [`run`](Self::run) with rows that wait on disk where there are many, and with the help of a cache
    /// of votes.
    ///
    /// Then `of_row` of votes and labels is empty: rows are in [`Outcome::rows`].
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Output`] when the disk is full.
    pub fn run_with(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        scratch: &Scratch,
        cache: Option<&VoteCache>,
    ) -> Result<Outcome, Error> {
        self.conclude(self.lfs.pack(source, watch, scratch, cache)?, watch)
    }

    /// Fits, labels and reports on counts of rows that are elsewhere: the same model, probabilities, decision
    /// and report as [`run`](Self::run) gives on all these rows together.
    ///
    /// There are no rows in the outcome; where they are, [`label`](Self::label) labels them.
    ///
    /// # Errors
    /// [`Error::Counts`] when other labeling functions counted, [`Error::Fit`] when there is nothing to
    /// learn from.
    pub fn fit(&self, counts: PatternCounts, watch: &dyn Watch) -> Result<Outcome, Error> {
        counts.check(&self.lfs)?;
        self.conclude(counts.packed(&self.lfs, RowLog::new(&Scratch::memory())), watch)
    }

    fn conclude(&self, packed: Packed, watch: &dyn Watch) -> Result<Outcome, Error> {
        let Packed { votes, rows, known: labeled, groups, notes, inputs } = packed;
        let mut known = self.known.clone();
        if labeled.n_learned() > 0 {
            known = known.with_gold(Gold::learned(&votes, &labeled));
        }
        let fitted = timed(watch, Stage::Fit, || {
            self.model.fit(&votes, &known).map(|model| (model.label(&votes), model))
        });
        let (labels, model) = fitted?;
        let decision = self.policy.prepare(&labels, &votes, &known)?;
        let mut report = timed(watch, Stage::Report, || -> Result<Report, Error> {
            let uncertainty = Uncertainty::new(
                &model,
                self.model.as_ref(),
                &votes,
                &known,
                &decision,
                &labeled,
                self.effort,
            )?;
            let about: Vec<About> = self.lfs.about().cloned().collect();
            Ok(Report::new(&Evidence {
                votes: &votes,
                model: &model,
                labels: &labels,
                decision: &decision,
                balance: self.known.class_balance.as_deref(),
                known: &labeled,
                groups: Some(&groups),
                uncertainty: Some(&uncertainty),
                notes: &notes,
                about: &about,
            }))
        })?;
        report.gates = gates::check(&report, &self.gates, None);
        Ok(Outcome {
            votes,
            rows,
            known: labeled,
            groups,
            notes,
            inputs,
            model,
            labels,
            decision,
            report,
        })
    }

    /// Writes a run directory: labels, votes, fingerprints of the rows, model, report and manifest. It appears when all of
    /// them are complete. Where only [counts](Self::fit) are known there are no tables of rows.
    ///
    /// # Errors
    /// [`Error::Output`]; `staged` disappears then.
    pub fn save(
        &self,
        outcome: &mut Outcome,
        staged: Staged,
        settings: &SaveSettings<'_>,
    ) -> Result<(), Error> {
        self.write(outcome, &staged, settings).map_err(|error| error.unstaged(&staged))?;
        staged.publish()?;
        Ok(())
    }

    fn write(
        &self,
        outcome: &mut Outcome,
        staged: &Staged,
        settings: &SaveSettings<'_>,
    ) -> Result<(), Error> {
        let format = settings.format;
        let file = |stem: &str| staged.path(&format!("{stem}.{}", format.name));
        let model = outcome.model.to_json()?;
        let mut manifest = self.manifest(outcome, settings);
        manifest.run = manifest.identity(&model);
        let more = manifest.columns(outcome);
        if outcome.has_rows() {
            let sheets = Sheets { rows: &mut outcome.rows, id: settings.id, votes: &outcome.votes };
            let labels = (&*file("labels"), &outcome.labels, &outcome.decision);
            let columns = (&*more, settings.with_votes);
            sheets.write(labels, columns, &file("votes"), &file(ROWS), format)?;
        }
        if settings.sheet && outcome.has_rows() {
            let sheets = Sheets { rows: &mut outcome.rows, id: settings.id, votes: &outcome.votes };
            let path = staged.path(SHEET);
            sheets.write_for_people(&path, &outcome.labels, &outcome.decision, &more)?;
        }
        write_text(&staged.path(MODEL), &model)?;
        outcome.report.made = Some(manifest.made());
        write_json(&outcome.report, staged)?;
        for (part, source) in self.spec.iter().enumerate() {
            write_text(&staged.path(&spec_file(part)), &source.text)?;
        }
        for (file, name) in [(&self.gold_file, GOLD), (&self.learn_file, LEARN)] {
            if let Some(file) = file {
                write_text(&staged.path(name), &file.copy(outcome.report.examples.privacy)?)?;
            }
        }
        let manifest = serde_json::to_string_pretty(&manifest)
            .map_err(|error| not_json(MANIFEST, &error))?
            + "\n";
        write_text(&staged.path(MANIFEST), &manifest)?;
        if let Some(compare) = settings.changes {
            outcome.report.changes = Some(compare(&Run::open(staged.folder())?)?);
            write_json(&outcome.report, staged)?;
        }
        write_text(&staged.path(PAGE), &html(&outcome.report))?;
        Ok(())
    }

    fn manifest(&self, outcome: &Outcome, settings: &SaveSettings<'_>) -> Manifest {
        let mut spec = self.spec.iter().map(|source| {
            let sha256 = hex(&Sha256::digest(source.text.as_bytes()));
            FileDigest { path: source.path.clone(), sha256 }
        });
        let names = outcome.votes.names();
        let hashes = self.lfs.hashes().zip(self.lfs.references());
        let lfs = names.lfs.iter().zip(hashes).map(|(name, (hash, references))| LfDigest {
            name: name.clone(),
            sha256: hash.to_owned(),
            utils: references.map(|(utils, _)| utils.to_owned()),
            tables: references.map_or_else(Vec::new, |(_, tables)| tables.to_vec()),
        });
        Manifest {
            format: MANIFEST_FORMAT.to_owned(),
            jurat: env!("CARGO_PKG_VERSION").to_owned(),
            started: settings.started.clone(),
            finished: settings.finished.clone(),
            spec: spec.next().unwrap_or_default(),
            parts: spec.collect(),
            set: self.set.clone(),
            outside: self.reach == Reach::Anywhere,
            data: settings.data.clone(),
            privacy: outcome.report.examples.privacy,
            output_format: if outcome.has_rows() {
                settings.format.name.to_owned()
            } else {
                String::new()
            },
            with_votes: settings.with_votes,
            with_why: settings.with_why,
            weights: settings.weights,
            run: String::new(),
            id: settings.id.to_owned(),
            columns: Columns {
                id: self.lfs.id().map(str::to_owned),
                gold: self.column_of(Use::Gold),
                learn: self.column_of(Use::Learn),
            },
            gold_file: self.gold_file.as_ref().map(|file| file.record.clone()),
            learn_file: self.learn_file.as_ref().map(|file| file.record.clone()),
            lfs: lfs.collect(),
            lookups: self.lfs.lookups().to_vec(),
            tables: self.lfs.tables().to_vec(),
            fields: self.lfs.columns(),
            inputs: outcome.inputs.clone(),
            rows: outcome.votes.n_rows(),
            labels: names.classes.clone(),
            model: outcome.model.model().to_owned(),
            class_balance: self.known.class_balance.clone(),
            learned_from: outcome.known.n_learned(),
            trust: self
                .known
                .trust
                .iter()
                .map(|(lf, accuracy)| (names.lf(*lf).to_owned(), (*accuracy).into()))
                .collect(),
            decision: outcome.decision.in_words(names),
            offsets: outcome.decision.offsets().map(<[f64]>::to_vec),
            settings: settings.model_settings.clone(),
            seed: outcome.report.model.replicates.map(|_| Resampling::default().seed),
        }
    }
}

fn write_json(report: &Report, staged: &Staged) -> Result<(), OutputError> {
    let json = report.to_json().map_err(|error| not_json(REPORT, &error))?;
    write_text(&staged.path(REPORT), &json)
}

fn not_json(path: &str, error: &serde_json::Error) -> OutputError {
    OutputError::Format { path: path.to_owned(), message: error.to_string() }
}

/// Compares a run that is about to appear with an earlier one.
pub type Compare<'a> = dyn Fn(&Run) -> Result<Changes, Error> + 'a;

/// How a run directory is written.
pub struct SaveSettings<'a> {
    /// The format of labels and votes.
    pub format: &'static Format,
    /// The name of the first column.
    pub id: &'a str,
    /// Whether the labels carry the votes as columns `lf:<name>`.
    pub with_votes: bool,
    /// Whether they say why, as a column `why`, and what they were made from, as columns `run` and `spec`.
    pub with_why: bool,
    /// How rows are weighed, as a column `weight`.
    pub weights: Option<RowWeights>,
    /// Whether to write the labels once more, for people.
    pub sheet: bool,
    /// Where the data come from, for the record.
    pub data: DataRecord,
    /// What to say of changes since an earlier run, given the run as it is about to appear.
    pub changes: Option<&'a Compare<'a>>,
    /// When the job started, for the record.
    pub started: Option<String>,
    /// When it ended, for the record.
    pub finished: Option<String>,
    /// The settings of the label model that were given, for the record.
    pub model_settings: serde_json::Map<String, serde_json::Value>,
}

/// Writes a text file that appears only when it is complete.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_text(path: &Path, text: &str) -> Result<(), OutputError> {
    write_file(path, |out| {
        out.write_all(text.as_bytes())
            .map_err(|source| OutputError::Io { path: path.display().to_string(), source })
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
