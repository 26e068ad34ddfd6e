//! `jurat apply`: the votes alone.

use super::cache::{CacheOptions, tell};
use super::console::Console;
use super::interrupt;
use super::run::{DataOptions, keep_inputs};
use crate::Error;
use crate::output::{Sheets, check_id, format_of, probe};
use crate::votes::Scratch;
use clap::Args;
use std::path::PathBuf;

/// Applies labeling functions and writes the label matrix.
///
/// One column `lf:<name>` a labeling function holds the label it voted, or nothing where it
/// abstained. `jurat fit` reads such a table.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The spec file.
    spec: PathBuf,
    /// Data files or patterns; `-` is standard input. Without, `input.path` of the spec.
    data: Vec<String>,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    data_options: DataOptions,
    #[command(flatten)]
    cache: CacheOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.output)?;
    let (spec, mut job, files) = arguments.data_options.job(&arguments.spec, &arguments.data)?;
    if let Some(option) = arguments.data_options.known_labels() {
        anyhow::bail!("`apply` writes votes only; {option} goes with `run`");
    }
    job.lfs = job.lfs.votes_only();
    let id = arguments.data_options.id_name(&spec);
    check_id(id, &[])?;
    keep_inputs(&files, &spec.files(), &[&arguments.output])?;
    probe(&arguments.output)?;
    let mut source = files.open(&job.lfs.fields())?;
    let progress = console.progress();
    let scratch = Scratch::beside(&arguments.output);
    let cache = arguments.cache.open(console);
    let packed = job.lfs.pack(source.as_mut(), &progress, &scratch, cache.as_ref());
    let packed = packed.map_err(Error::from)?;
    progress.finish(console);
    tell(cache.as_ref(), console);
    interrupt::last_chance()?;
    let mut rows = packed.rows;
    let sheets = Sheets { rows: &mut rows, id, votes: &packed.votes };
    sheets.write_votes(&arguments.output, format)?;
    console.say(&format!("wrote {}", arguments.output.display()));
    Ok(0)
}
