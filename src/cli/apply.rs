//! `jurat apply`: the votes alone.

use super::console::Console;
use super::run::DataOptions;
use crate::output::{Rows, format_of, write_votes};
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
    job.lfs = job.lfs.with_gold(None);
    let mut source = files.open(&job.lfs.fields())?;
    let progress = console.progress();
    let applied = job.lfs.apply_watched(source.as_mut(), &progress)?;
    progress.finish(console);
    let rows = Rows { name: arguments.data_options.id_name(&spec), ids: &applied.ids };
    write_votes(&arguments.output, format, rows, &applied.matrix)?;
    console.say(&format!("wrote {}", arguments.output.display()));
    Ok(0)
}
