//! `jurat run`: the main job.

use super::cache::{CacheOptions, tell};
use super::columns::ColumnOptions;
use super::console::{Console, PrivacyOptions, ReportOptions, UncertaintyOptions, timestamp};
use super::decide::{nothing_learned, trust};
use super::gates::{self, GateOptions};
use super::interrupt;
use super::profile::Stopwatch;
use super::spec::SpecArguments;
use crate::diff::Diff;
use crate::input::{Files, format_named, formats};
use crate::job::{Compare, DEFAULT_MODEL, DataRecord, Job, Outcome, Run, SaveSettings, Use};
use crate::lf::{SpecErrors, Stage, Watch, timed};
use crate::output::{self, OutputError, Staged, check_id};
use crate::report::gates::check;
use crate::report::{Changes, Privacy};
use crate::votes::Scratch;
use crate::{Error, Spec};
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

/// Votes, fits, labels and reports, in one go.
///
/// Writes a run directory with the labels, the votes, the model, the report and a manifest, and the
/// report to standard output. The directory appears when everything in it is complete. Exit code 1 when
/// a gate of the spec fails; the directory is written all the same.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The spec file.
    spec: PathBuf,
    /// Data files or patterns; `-` is standard input. Without, `input.path` of the spec.
    data: Vec<String>,
    /// The run directory to write.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Format of labels and votes.
    #[arg(long, value_name = "FORMAT", value_parser = output_formats())]
    format: Option<String>,
    /// Give every label row its votes, as columns `lf:<name>`.
    #[arg(long)]
    with_votes: bool,
    #[command(flatten)]
    columns: ColumnOptions,
    /// Write the labels once more as `labels.sheet.csv`, for spreadsheet programs: what would be taken for a
    /// formula there has an apostrophe in front.
    #[arg(long)]
    sheet: bool,
    /// Replace the run directory if it exists.
    #[arg(long)]
    overwrite: bool,
    /// Go on with a run that was killed: what it voted on is kept. A run directory that is there
    /// already is replaced.
    #[arg(long, conflicts_with = "no_cache")]
    resume: bool,
    /// Say what took how long, by stage and by labeling function, in the report too.
    #[arg(long)]
    profile: bool,
    #[command(flatten)]
    cache: CacheOptions,
    /// The accuracy that you expect of a labeling function, instead of the spec's; may be given several
    /// times.
    #[arg(long, value_name = "NAME=ACCURACY")]
    trust: Vec<String>,
    #[command(flatten)]
    data_options: DataOptions,
    /// A gold file with known labels to score against, as `jurat gold` writes it; they go before those of a
    /// column, and rows are found by identifier, or else by number.
    #[arg(long, value_name = "FILE")]
    gold_file: Option<PathBuf>,
    /// A gold file with known labels to learn from; labels are not scored on its rows.
    #[arg(long, value_name = "FILE")]
    learn_file: Option<PathBuf>,
    #[command(flatten)]
    uncertainty: UncertaintyOptions,
    #[command(flatten)]
    privacy: PrivacyOptions,
    #[command(flatten)]
    report: ReportOptions,
    #[command(flatten)]
    gates: GateOptions,
}

/// Refuses outputs that are among the files that are read.
pub(super) fn keep_inputs(
    files: &Files,
    others: &[PathBuf],
    outputs: &[&Path],
) -> Result<(), OutputError> {
    let inputs: Vec<PathBuf> = files
        .paths()
        .iter()
        .map(PathBuf::from)
        .chain(others.iter().cloned())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    for (i, output) in outputs.iter().enumerate() {
        let same = output.canonicalize().is_ok_and(|output| inputs.contains(&output));
        if same || outputs[..i].contains(output) {
            return Err(OutputError::IsInput { path: output.display().to_string() });
        }
    }
    Ok(())
}

/// How data are read.
#[derive(Debug, Default, Args)]
pub(super) struct DataOptions {
    #[command(flatten)]
    spec: SpecArguments,
    /// Format of the data, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    input_format: Option<String>,
    /// Column with identifiers, instead of the spec's.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Column with known labels to score against, instead of the spec's.
    #[arg(long, value_name = "COLUMN", conflicts_with = "no_gold")]
    gold: Option<String>,
    /// Column with known labels to learn from, for some of the rows, instead of the spec's. Labels are
    /// not scored on these rows, so it may be the column of --gold.
    #[arg(long, value_name = "COLUMN", conflicts_with = "no_gold")]
    learn: Option<String>,
    /// The data have no known labels, even if the spec names columns.
    #[arg(long)]
    no_gold: bool,
}

pub(super) fn output_formats() -> Vec<&'static str> {
    output::formats().iter().map(|format| format.name).collect()
}

pub(super) fn input_formats() -> Vec<&'static str> {
    formats().iter().map(|format| format.name).collect()
}

/// Files in a format that was given, whatever their names say.
pub(super) fn in_format(files: Files, format: Option<&str>) -> Files {
    match format.and_then(format_named) {
        Some(format) => files.with_format(format.name),
        None => files,
    }
}

impl DataOptions {
    /// A spec and its job, as they are written.
    pub(super) fn load(&self, spec: &Path) -> Result<(Spec, Job), SpecErrors> {
        Job::load_with(spec, &self.spec.options())
    }

    /// The job of a spec with these columns, and the files to read.
    pub(super) fn job(&self, spec: &Path, data: &[String]) -> Result<(Spec, Job, Files), Error> {
        let (spec, job) = self.load(spec)?;
        self.with(spec, job, data)
    }

    /// The same for a spec that was loaded before.
    pub(super) fn with(
        &self,
        spec: Spec,
        mut job: Job,
        data: &[String],
    ) -> Result<(Spec, Job, Files), Error> {
        if let Some(id) = &self.id {
            job.lfs = job.lfs.with_id(Some(id.clone()));
        }
        if self.no_gold {
            job.lfs = job.lfs.with_gold(None).with_learn(None);
        }
        if let Some(gold) = &self.gold {
            job.lfs = job.lfs.with_gold(Some(gold.clone()));
        }
        if let Some(learn) = &self.learn {
            job.lfs = job.lfs.with_learn(Some(learn.clone()));
        }
        let files = if data.is_empty() {
            let paths = spec.input.path.iter().map(|path| spec.resolve(path));
            Files::new(paths.map(|path| path.to_string_lossy().into_owned()))?
        } else {
            Files::new(data)?
        };
        let files = self.format(files);
        Ok((spec, job, files))
    }

    pub(super) fn format(&self, files: Files) -> Files {
        in_format(files, self.input_format.as_deref())
    }

    /// An option that asks for known labels.
    pub(super) fn known_labels(&self) -> Option<&'static str> {
        match (&self.gold, &self.learn) {
            (Some(_), _) => Some("--gold"),
            (None, Some(_)) => Some("--learn"),
            (None, None) => None,
        }
    }

    /// The name of the identifier column in the output.
    pub(super) fn id_name<'a>(&'a self, spec: &'a Spec) -> &'a str {
        let id = self.id.as_deref().or(spec.input.id.as_ref().map(|id| id.as_str()));
        id.unwrap_or("row")
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let (spec, mut job, files) = arguments.data_options.job(&arguments.spec, &arguments.data)?;
    for (path, what) in [(&arguments.gold_file, Use::Gold), (&arguments.learn_file, Use::Learn)] {
        if let Some(path) = path {
            job = job.with_gold_file(path, what)?;
        }
    }
    let model = spec.model.name.as_ref().map_or(DEFAULT_MODEL, |name| name.as_str());
    job.known = trust(job.known, &arguments.trust, model, job.lfs.names())?;
    job.effort = arguments.uncertainty.effort();
    let id = arguments.data_options.id_name(&spec);
    let format = arguments.format.as_deref().and_then(output::format_named);
    run_job(
        &spec,
        &job,
        &files,
        &Target {
            folder: &arguments.output,
            overwrite: arguments.overwrite || arguments.resume,
            format: format.unwrap_or_else(output::default_format),
            with_votes: arguments.with_votes,
            columns: &arguments.columns,
            sheet: arguments.sheet,
            id,
            cache: &arguments.cache,
            profile: arguments.profile,
            privacy: arguments.privacy.privacy(),
            gates: &arguments.gates,
        },
        &arguments.report,
        console,
    )
}

/// Where a run goes.
pub(super) struct Target<'a> {
    pub(super) folder: &'a Path,
    pub(super) overwrite: bool,
    pub(super) format: &'static output::Format,
    pub(super) with_votes: bool,
    pub(super) columns: &'a ColumnOptions,
    pub(super) sheet: bool,
    pub(super) id: &'a str,
    pub(super) cache: &'a CacheOptions,
    pub(super) profile: bool,
    pub(super) privacy: Privacy,
    pub(super) gates: &'a GateOptions,
}

pub(super) fn run_job(
    spec: &Spec,
    job: &Job,
    files: &Files,
    target: &Target<'_>,
    report: &ReportOptions,
    console: &Console,
) -> anyhow::Result<u8> {
    let started = SystemTime::now();
    // The folder is claimed first: hours of work should not end with "permission denied".
    check_id(target.id, &target.columns.names(true))?;
    let weights = target.columns.weights()?;
    let before = target.gates.run()?;
    let earlier = before.as_ref().map(Run::report).transpose()?;
    let staged = Staged::new(target.folder, target.overwrite)?;
    interrupt::staged(staged.folder());
    let data = job.data(files);
    let mut source = data.open(&job.lfs.fields())?;
    let progress = console.progress();
    let scratch = Scratch::folder(staged.folder());
    let cache = target.cache.open(console);
    let watch = Stopwatch::new(&progress, target.profile);
    let outcome = job.run_with(source.as_mut(), &watch, &scratch, cache.as_ref());
    let mut outcome = outcome.map_err(|error| error.unstaged(&staged).within(target.privacy))?;
    illustrate(job, &mut outcome, files, target.privacy, &watch);
    outcome.report.profile = watch.profile(job, files);
    outcome.report.gates = check(&outcome.report, &job.gates, earlier.as_ref());
    progress.finish(console);
    tell(cache.as_ref(), console);
    gold_files(job, &outcome, console);
    nothing_learned(job.lfs.learn().is_some(), &outcome.known, console);
    let time = |time: SystemTime| Some(timestamp(time));
    let compare =
        |run: &Run| Ok(before.as_ref().map(|before| since(before, run)).unwrap_or_default());
    let settings = SaveSettings {
        changes: before.is_some().then_some(&compare as &Compare<'_>),
        format: target.format,
        id: target.id,
        with_votes: target.with_votes,
        with_why: target.columns.with_why,
        weights,
        sheet: target.sheet,
        data: DataRecord { format: files.format().map(str::to_owned) },
        started: time(started),
        finished: time(SystemTime::now()),
        model_settings: spec.model.record(),
    };
    interrupt::last_chance()?;
    let writing = Instant::now();
    job.save(&mut outcome, staged, &settings)?;
    if target.profile {
        console.say(&format!("written in {:.2} s", writing.elapsed().as_secs_f64()));
    }
    console.report(&outcome.report, report)?;
    console.say(&format!("wrote {}", target.folder.display()));
    Ok(gates::tell(&outcome.report.gates, target.gates, console))
}

/// What changed since an earlier run. The work is done: that runs cannot be compared is no reason to lose
/// it.
pub(super) fn since(before: &Run, after: &Run) -> Changes {
    Diff::new(before, after).map_or_else(
        |error| Changes {
            since: before.folder().display().to_string(),
            headline: vec![format!("The runs could not be compared: {error}.")],
            ..Changes::default()
        },
        |diff| diff.summary(),
    )
}

/// Says what the gold files hold that is not made use of.
fn gold_files(job: &Job, outcome: &Outcome, console: &Console) {
    let counts = [(Use::Gold, outcome.known.n_gold()), (Use::Learn, outcome.known.n_learned())];
    for (what, used) in counts {
        let Some(record) = job.gold_record(what) else { continue };
        let path = &record.file.path;
        if record.tied > 0 {
            console.say(&format!(
                "{path}: people are tied on {} rows, which have no label",
                record.tied
            ));
        }
        if what == Use::Gold && record.hard_rows > 0 {
            console.say(&format!(
                "{path}: {} of its {} labels are of rows that were chosen because they are hard, so that \
                 precisions and accuracies look worse than they are; for those, draw at random (jurat review \
                 --by precision,random)",
                record.hard_rows, record.labels
            ));
        }
        if used < record.labels {
            console.say(&format!(
                "{path}: {} of its {} labels are for rows that are not there",
                record.labels - used,
                record.labels
            ));
        }
    }
}

/// Adds rows to the report. The work is done: whatever is wrong with the data now is no reason to lose
/// it.
fn illustrate(
    job: &Job,
    outcome: &mut Outcome,
    files: &Files,
    privacy: Privacy,
    watch: &dyn Watch,
) {
    let note = if files.can_be_read_again() {
        let illustrated =
            timed(watch, Stage::Illustrate, || job.illustrate(outcome, &job.data(files), privacy));
        illustrated.err().map(|error| match privacy {
            Privacy::Full => format!("The data could not be read again: {error}."),
            // What is wrong with a cell quotes it.
            _ => "The data could not be read again.".to_owned(),
        })
    } else {
        outcome.report.mask(privacy);
        Some("No rows are shown, because standard input cannot be read a second time.".to_owned())
    };
    outcome.report.examples.note = note.or(outcome.report.examples.note.take());
}
