//! `jurat apply`: the votes alone.

use super::console::Console;
use super::interrupt;
use super::run::{DataOptions, keep_inputs};
use crate::output::{Rows, check_id, format_of, probe, write_votes};
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
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.output)?;
    let (spec, mut job, files) = arguments.data_options.job(&arguments.spec, &arguments.data)?;
    if let Some(option) = arguments.data_options.known_labels() {
        anyhow::bail!("`apply` writes votes only; {option} goes with `run`");
    }
    job.lfs = job.lfs.with_gold(None).with_learn(None);
    let id = arguments.data_options.id_name(&spec);
    check_id(id)?;
    keep_inputs(&files, Some(&arguments.spec), &[&arguments.output])?;
    probe(&arguments.output)?;
    let mut source = files.open(&job.lfs.fields())?;
    let progress = console.progress();
    let applied = job.lfs.apply_watched(source.as_mut(), &progress)?;
    progress.finish(console);
    let rows = Rows { name: id, ids: &applied.ids };
    interrupt::last_chance()?;
    write_votes(&arguments.output, format, rows, &applied.matrix)?;
    console.say(&format!("wrote {}", arguments.output.display()));
    Ok(0)
}
