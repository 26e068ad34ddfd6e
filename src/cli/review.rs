//! `jurat review`: the rows whose hand labels would teach most.

use super::FINDINGS;
use super::console::{Console, PrivacyOptions};
use super::interrupt;
use super::run::keep_inputs;
use crate::Error;
use crate::answers::Answers;
use crate::classifier::Classifier;
use crate::job::Run;
use crate::output::{OutputError, write_file};
use crate::review::{Plan, Review, SheetFormat, Strategy, Teacher, config};
use anyhow::bail;
use clap::Args;
use std::path::PathBuf;

/// Chooses the rows whose hand labels would teach most, and writes a sheet to fill in.
///
/// Rows with a known label are left out. Fill in the column `gold`, then `jurat gold` takes the answers into a
/// gold file, and `jurat run --gold-file` makes use of them. A mixed sheet teaches most; for a precision or
/// an accuracy that is to be reported, draw at random: `--by precision --lf NAME`, or `--by random`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// How many rows.
    #[arg(short, value_name = "ROWS", default_value_t = 50)]
    n: usize,
    /// By what rows are chosen, in turn: `uncertain` (no class leads clearly), `conflicting` (votes that cannot
    /// both be right), `committee` (label models differ), `precision` (drawn at random from the rows of LFs
    /// that need labels), `random`; with --classifier also `information` (whose label says most about label
    /// models and classifier) and `disagreement` (the classifier contradicts the votes, or is not sure where
    /// there are none). By default all; with --lf precision.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    by: Vec<Strategy>,
    /// Check the precision of this labeling function; may be given several times.
    #[arg(long, value_name = "NAME")]
    lf: Vec<String>,
    /// A classifier that `jurat train` wrote for this run; it predicts all rows.
    #[arg(long, value_name = "FILE")]
    classifier: Option<PathBuf>,
    /// A gold file: its rows are left out as well.
    #[arg(long, value_name = "FILE")]
    gold: Option<PathBuf>,
    /// The file to write: CSV, XLSX, or JSON for Label Studio, by its ending. Without, CSV goes to standard
    /// output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    overwrite: bool,
    /// Print the labeling config that Label Studio needs for the tasks.
    #[arg(long)]
    config: bool,
    /// Seed of the draws.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// The data, if they are elsewhere now.
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let mut by = arguments.by.clone();
    if by.is_empty() {
        by = Strategy::usual(arguments.classifier.is_some());
        if !arguments.lf.is_empty() {
            by.retain(|one| *one == Strategy::Precision || one.needs_classifier());
        }
    } else if let Some(path) = &arguments.classifier
        && !by.iter().any(|one| one.needs_classifier())
    {
        bail!(
            "nothing that --by names asks {}; say --by information or --by disagreement as well, or leave \
             --classifier out",
            path.display()
        );
    } else if !arguments.lf.is_empty() && !by.contains(&Strategy::Precision) {
        bail!("--lf checks a precision, which --by leaves out; say --by precision");
    }
    let target = match &arguments.output {
        // Somebody may have filled it in.
        Some(path) if path.exists() && !arguments.overwrite => {
            return Err(OutputError::Exists { path: path.display().to_string() }.into());
        }
        Some(path) => Some((path, SheetFormat::of(path)?)),
        None => None,
    };
    let answers = arguments.gold.as_deref().map(Answers::read).transpose()?.unwrap_or_default();
    let run = Run::open(&arguments.run)?;
    if let (Some(path), Some(classifier)) = (&arguments.output, &arguments.classifier) {
        let files = run.data(&arguments.data)?;
        keep_inputs(&files, std::slice::from_ref(classifier), &[path])?;
    }
    let classifier =
        arguments.classifier.as_deref().map(Classifier::read).transpose().map_err(Error::from)?;
    let path = arguments.classifier.as_ref().map(|path| path.display().to_string());
    let teacher = classifier.as_ref().zip(path.as_deref());
    let teacher = teacher.map(|(classifier, path)| Teacher { classifier, path });
    let plan = Plan { n: arguments.n, by, lfs: arguments.lf.clone(), seed: arguments.seed };
    let privacy = arguments.privacy.privacy();
    let review = Review::new(&run, &plan, &answers, &arguments.data, teacher, privacy)?;
    interrupt::last_chance()?;
    match target {
        Some((path, format)) => {
            let bytes = review.to_bytes(format)?;
            write_file(path, |out| {
                let io = |source| OutputError::Io { path: path.display().to_string(), source };
                out.write_all(&bytes).map_err(io)
            })?;
        }
        None if arguments.config => {}
        None => {
            let bytes = review.to_bytes(SheetFormat::Csv)?;
            console.file(&String::from_utf8_lossy(&bytes))?;
        }
    }
    if arguments.config {
        console.result(&config(&review))?;
    }
    tell(&review, arguments, &plan, run.manifest().rows, console);
    Ok(if review.rows.is_empty() && arguments.n > 0 { FINDINGS } else { 0 })
}

/// Says what was chosen, and what was not.
fn tell(review: &Review, arguments: &Arguments, plan: &Plan, n_rows: u64, console: &Console) {
    if review.changed > 0 {
        console.say(&format!(
            "{} rows are left out, because they are no longer what was voted on: make the run again",
            review.changed
        ));
    }
    if review.labeled == n_rows {
        console.say(&format!(
            "all {n_rows} rows have a known label; to label others by hand, make the run with --no-gold"
        ));
    } else if review.rows.len() + review.changed < plan.n {
        console.say(&format!(
            "there are {} such rows, besides {} with a known label",
            review.rows.len(),
            review.labeled
        ));
    }
    if !review.privacy.is_full() {
        console.say("the rows are not shown, as was asked for: look them up by their numbers");
    }
    let by: Vec<String> = plan
        .by
        .iter()
        .filter_map(|strategy| {
            let has = |row: &&crate::review::ReviewRow| {
                row.why.iter().any(|why| why.strategy == *strategy)
            };
            let n = review.rows.iter().filter(has).count();
            (n > 0).then(|| format!("{n} {strategy}"))
        })
        .collect();
    if let Some(path) = &arguments.output {
        console.say(&format!(
            "wrote {} rows to {} ({})",
            review.rows.len(),
            path.display(),
            by.join(", ")
        ));
        console.say(&format!(
            "fill in `gold`, then: jurat gold gold.csv {} --run {} --who NAME",
            path.display(),
            arguments.run.display()
        ));
    }
}
