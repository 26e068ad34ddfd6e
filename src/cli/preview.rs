//! `jurat preview`: one labeling function while it is being written.

use super::cache::CacheOptions;
use super::console::{Console, PrivacyOptions};
use super::run::DataOptions;
use crate::input::{Files, Pick};
use crate::job::{Job, PreviewMeans, RunError};
use crate::report::Preview;
use crate::votes::Scratch;
use crate::{Error, LfId};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Shows where one labeling function votes: how often, on which rows and why, how that agrees with the
/// others, and rows that it misses although they look like its own.
///
/// Nothing is fitted and nothing is written. Votes are kept, so that after an edit only what was edited
/// votes again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The spec file.
    spec: PathBuf,
    /// Data files or patterns. Without, `input.path` of the spec.
    data: Vec<String>,
    /// The labeling function.
    #[arg(long, value_name = "NAME")]
    lf: String,
    /// How to write it.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    data_options: DataOptions,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Table,
    /// JSON.
    Json,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let (_, job, files) = arguments.data_options.job(&arguments.spec, &arguments.data)?;
    let lf = named(&job, &arguments.lf)?;
    let preview = preview(&job, lf, &files, &arguments.cache, arguments.privacy, console)?;
    match arguments.format {
        Format::Table => console.result(&preview.terminal(console.colors_results()))?,
        Format::Json => console.json(&preview.to_json()?)?,
    }
    Ok(0)
}

/// The labeling function with this name.
fn named(job: &Job, name: &str) -> Result<LfId, Error> {
    let names = job.lfs.names();
    let at = names.lfs.iter().position(|lf| lf == name).and_then(LfId::new);
    at.ok_or_else(|| RunError::no_lf(name, &names.lfs).into())
}

/// Votes, and looks at one labeling function.
pub(super) fn preview(
    job: &Job,
    lf: LfId,
    files: &Files,
    cache: &CacheOptions,
    privacy: PrivacyOptions,
    console: &Console,
) -> Result<Preview, Error> {
    let mut source = files.open(&job.lfs.fields())?;
    let cache = cache.open(console);
    let scratch = Scratch::folder(&std::env::temp_dir());
    let means =
        PreviewMeans { scratch: &scratch, cache: cache.as_ref(), privacy: privacy.privacy() };
    let progress = console.progress();
    let data = files.can_be_read_again().then_some(files as &dyn Pick);
    let preview = job.preview(lf, source.as_mut(), data, &progress, &means);
    progress.finish(console);
    preview.map_err(|error| error.within(privacy.privacy()))
}
