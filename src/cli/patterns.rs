//! `jurat patterns`: a run over data that are in several places.

use super::cache::{CacheOptions, tell};
use super::console::{Console, PrivacyOptions, ReportOptions, UncertaintyOptions, timestamp};
use super::decide::{nothing_learned, trust};
use super::gates::{self, GateOptions};
use super::interrupt;
use super::run::{DataOptions, keep_inputs};
use super::spec::SpecArguments;
use crate::Error;
use crate::job::{DEFAULT_MODEL, DataRecord, Job, SaveSettings};
use crate::lf::PatternCounts;
use crate::output::{OutputError, Staged, default_format, probe, write_file};
use crate::report::gates::check;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Labels data that are in several places, without bringing them to one.
///
/// Every shard is counted where it is (`count`), counts are added in any order (`merge`), one place fits (`fit`), and
/// every shard is labeled where it is (`jurat label`). The labels, the model and the numbers of the report are
/// those of `jurat run` on all shards together.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Count(Count),
    Merge(Merge),
    Fit(Fit),
}

/// Votes on a shard and writes how often each pattern of votes occurs, and no row.
#[derive(Debug, Args)]
struct Count {
    /// The spec file.
    spec: PathBuf,
    /// The data files of the shard, or patterns; `-` is standard input.
    #[arg(required = true)]
    data: Vec<String>,
    /// The file of counts to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    data_options: DataOptions,
    #[command(flatten)]
    cache: CacheOptions,
}

/// Adds the counts of several shards.
#[derive(Debug, Args)]
struct Merge {
    /// Files of counts.
    #[arg(required = true, value_name = "COUNTS")]
    counts: Vec<PathBuf>,
    /// The file of counts to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Fits the label model on counts and writes a run directory with model, report and manifest, without rows.
///
/// Exit code 1 when a gate of the spec fails; the directory is written all the same.
#[derive(Debug, Args)]
struct Fit {
    /// The spec file.
    spec: PathBuf,
    /// Files of counts; they are added.
    #[arg(required = true, value_name = "COUNTS")]
    counts: Vec<PathBuf>,
    /// The run directory to write.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace the run directory if it exists.
    #[arg(long)]
    overwrite: bool,
    /// The accuracy that you expect of a labeling function, instead of the spec's; may be given several
    /// times.
    #[arg(long, value_name = "NAME=ACCURACY")]
    trust: Vec<String>,
    #[command(flatten)]
    spec_options: SpecArguments,
    #[command(flatten)]
    uncertainty: UncertaintyOptions,
    #[command(flatten)]
    privacy: PrivacyOptions,
    #[command(flatten)]
    report: ReportOptions,
    #[command(flatten)]
    gates: GateOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    match &arguments.command {
        Command::Count(arguments) => count(arguments, console),
        Command::Merge(arguments) => merge(arguments, console),
        Command::Fit(arguments) => fit(arguments, console),
    }
}

fn count(arguments: &Count, console: &Console) -> anyhow::Result<u8> {
    let (spec, job, files) = arguments.data_options.job(&arguments.spec, &arguments.data)?;
    keep_inputs(&files, &spec.files(), &[&arguments.output])?;
    probe(&arguments.output)?;
    // Identifiers stay with the rows.
    let lfs = job.lfs.with_id(None);
    let mut source = files.open(&lfs.fields())?;
    let progress = console.progress();
    let cache = arguments.cache.open(console);
    let counts = lfs.count(source.as_mut(), &progress, cache.as_ref()).map_err(Error::from)?;
    progress.finish(console);
    tell(cache.as_ref(), console);
    interrupt::last_chance()?;
    write(&counts, &arguments.output, console)
}

fn merge(arguments: &Merge, console: &Console) -> anyhow::Result<u8> {
    let merged = read(&arguments.counts)?;
    write(&merged, &arguments.output, console)
}

fn fit(arguments: &Fit, console: &Console) -> anyhow::Result<u8> {
    let started = SystemTime::now();
    let (spec, mut job) = Job::load_with(&arguments.spec, &arguments.spec_options.options())?;
    let model = spec.model.name.as_ref().map_or(DEFAULT_MODEL, |name| name.as_str());
    job.known = trust(job.known, &arguments.trust, model, job.lfs.names())?;
    job.effort = arguments.uncertainty.effort();
    let before = arguments.gates.run()?;
    let earlier = before.as_ref().map(crate::job::Run::report).transpose()?;
    let counts = read(&arguments.counts)?;
    let staged = Staged::new(&arguments.output, arguments.overwrite)?;
    interrupt::staged(staged.folder());
    let progress = console.progress();
    let mut outcome = job.fit(counts, &progress)?;
    drop(progress);
    outcome.report.mask(arguments.privacy.privacy());
    outcome.report.examples.note =
        Some("No rows are shown, because they are where they were counted.".to_owned());
    outcome.report.gates = check(&outcome.report, &job.gates, earlier.as_ref());
    nothing_learned(job.lfs.learn().is_some(), &outcome.known, console);
    interrupt::last_chance()?;
    let settings = SaveSettings {
        changes: None,
        format: default_format(),
        id: job.lfs.id().unwrap_or("row"),
        with_votes: false,
        with_why: false,
        weights: None,
        sheet: false,
        data: DataRecord::default(),
        started: Some(timestamp(started)),
        finished: Some(timestamp(SystemTime::now())),
        model_settings: spec.model.record(),
    };
    job.save(&mut outcome, staged, &settings)?;
    console.report(&outcome.report, &arguments.report)?;
    let folder = arguments.output.display();
    console
        .say(&format!("wrote {folder}; label the shards with: jurat label {folder} SHARD -o FILE"));
    Ok(gates::tell(&outcome.report.gates, &arguments.gates, console))
}

fn read(paths: &[PathBuf]) -> Result<PatternCounts, Error> {
    let parts = paths.iter().map(|path| PatternCounts::read(path));
    Ok(PatternCounts::merge(parts.collect::<Result<Vec<_>, _>>()?)?)
}

fn write(counts: &PatternCounts, path: &Path, console: &Console) -> anyhow::Result<u8> {
    let bytes = counts.to_bytes().map_err(Error::from)?;
    write_file(path, |out| out.write_all(&bytes).map_err(OutputError::io(path)))?;
    console.say(&format!(
        "wrote {} ({} rows, {} patterns)",
        path.display(),
        counts.n_rows(),
        counts.patterns().len()
    ));
    Ok(0)
}
