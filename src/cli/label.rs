//! `jurat label`: labels for other rows, from a run that is finished.

use super::cache::{CacheOptions, tell};
use super::console::Console;
use super::interrupt;
use super::run::{in_format, input_formats, keep_inputs};
use crate::input::Files;
use crate::job::{Labeled, Run};
use crate::output::{Sheets, check_id, format_of, probe};
use crate::votes::Scratch;
use clap::Args;
use std::path::PathBuf;

/// Labels other rows as a run labeled its own: with its labeling functions, its model and its decision.
///
/// For rows that came later, or for each shard of data that `jurat patterns` counted. Nothing is fitted: a row gets
/// the label that the run gives to its votes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// Data files or patterns; `-` is standard input.
    #[arg(required = true)]
    data: Vec<String>,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Give every label row its votes, as columns `lf:<name>`.
    #[arg(long)]
    with_votes: bool,
    /// Column with identifiers, instead of the run's.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Format of the data, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    input_format: Option<String>,
    #[command(flatten)]
    cache: CacheOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.output)?;
    let run = Run::open(&arguments.run)?;
    let (mut job, model, decision) = run.labeler()?;
    if let Some(id) = &arguments.id {
        job.lfs = job.lfs.with_id(Some(id.clone()));
    }
    let id = job.lfs.id().unwrap_or("row").to_owned();
    check_id(&id, &[])?;
    let files = Files::new(&arguments.data)?;
    let files = in_format(files, arguments.input_format.as_deref());
    keep_inputs(&files, &[], &[&arguments.output])?;
    probe(&arguments.output)?;
    let mut source = files.open(&job.lfs.fields())?;
    let progress = console.progress();
    let scratch = Scratch::beside(&arguments.output);
    let cache = arguments.cache.open(console);
    let labeled = job.label(&model, source.as_mut(), &progress, &scratch, cache.as_ref())?;
    let Labeled { votes, mut rows, labels, .. } = labeled;
    progress.finish(console);
    tell(cache.as_ref(), console);
    interrupt::last_chance()?;
    let n_rows = votes.n_rows();
    let sheets = Sheets { rows: &mut rows, id: &id, votes: &votes };
    sheets.write_labels(&arguments.output, &labels, &decision, arguments.with_votes, format)?;
    console.say(&format!("wrote {} ({n_rows} rows)", arguments.output.display()));
    Ok(0)
}
