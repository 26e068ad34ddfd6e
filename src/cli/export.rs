//! `jurat export`: a run for training frameworks and annotation tools.

use super::console::{Console, PrivacyOptions};
use super::interrupt;
use super::run::keep_inputs;
use crate::Error;
use crate::export::{Format, Options, Summary, Target, export_to, format_named, formats};
use crate::job::Run;
use anyhow::bail;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use std::path::PathBuf;

/// Writes a run for training frameworks, other label models and annotation tools.
///
/// Rows are in the order of the run. Texts are read again from the data; that a row is no longer what was voted
/// on is an error. How each format is loaded stands in docs/exports.md.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// What to write.
    #[arg(long, value_name = "FORMAT", value_parser = names())]
    to: String,
    /// The file or folder to write.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// The columns of the data to write, separated by commas, instead of those that LFs read.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Keep rows without a label (as -1, or empty) where the format leaves them out.
    #[arg(long)]
    keep_unlabeled: bool,
    /// For sklearn: a row for each class, with its probability as weight.
    #[arg(long)]
    soft: bool,
    /// For wrench: the column that says to which split a row belongs; by default `split`, if there is one.
    #[arg(long, value_name = "COLUMN")]
    split: Option<String>,
    /// Leave out known labels; cleanlab, scipy and snorkel need no data then.
    #[arg(long)]
    no_gold: bool,
    /// The data, if they are elsewhere now.
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    /// Replace an earlier export.
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

fn names() -> PossibleValuesParser {
    let value = |format: &&'static Format| PossibleValue::new(format.name).help(format.about);
    formats().iter().map(value).collect::<Vec<_>>().into()
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let Some(format) = format_named(&arguments.to) else {
        bail!("--to: there is no format `{}`", arguments.to);
    };
    for (option, given, is_for, formats) in [
        ("--soft", arguments.soft, format.soft, "sklearn"),
        ("--split", arguments.split.is_some(), format.splits, "wrench"),
        ("--columns", arguments.columns.is_some(), format.cells, "formats with texts"),
    ] {
        if given && !is_for {
            bail!("{option} is for {formats}, not for {}", format.name);
        }
    }
    let run = Run::open(&arguments.run)?;
    let path = &arguments.output;
    if let Ok(files) = run.data(&arguments.data) {
        keep_inputs(&files, &[], &[path])?;
    }
    let options = Options {
        data: arguments.data.clone(),
        columns: arguments.columns.clone(),
        split: arguments.split.clone(),
        keep_unlabeled: arguments.keep_unlabeled,
        soft: arguments.soft,
        no_known: arguments.no_gold,
        privacy: arguments.privacy.privacy(),
        overwrite: arguments.overwrite,
    };
    let target = Target::new(path, format, options.overwrite).map_err(Error::from)?;
    if let Some(temporary) = target.temporary() {
        interrupt::staged(&temporary);
    }
    let summary = export_to(&run, format, target, &options)?;
    tell(&summary, format, arguments, console);
    Ok(0)
}

/// Says what was written, and what a format could not say.
fn tell(summary: &Summary, format: &Format, arguments: &Arguments, console: &Console) {
    if summary.unlabeled > 0 {
        console.say(&format!(
            "{} rows are left out, because they have no label; --keep-unlabeled keeps them",
            summary.unlabeled
        ));
    }
    if summary.uncovered > 0 {
        let vote = if format.soft { "" } else { " for a single class" };
        console.say(&format!(
            "{} rows are left out, because no labeling function votes{vote} on them; --keep-unlabeled keeps \
             them",
            summary.uncovered
        ));
    }
    if summary.partial_votes > 0 {
        console.say(&format!(
            "{} votes for or against several classes are written as abstentions, since {} has no others; \
             `--to triplets` has them all",
            summary.partial_votes, format.name
        ));
    }
    if summary.scored_votes > 0 {
        console.say(&format!(
            "{} votes with a score are written as votes for their class",
            summary.scored_votes
        ));
    }
    if !summary.idle_lfs.is_empty() {
        console.say(&format!(
            "{} labeling functions are left out, because they have no vote on these rows: {}",
            summary.idle_lfs.len(),
            summary.idle_lfs.join(", ")
        ));
    }
    if summary.hidden {
        console.say(
            "texts and identifiers are left out, as was asked for: rows are known by their numbers",
        );
    }
    match summary.known {
        Some(known) => console.say(&format!("{known} rows have a known label")),
        None if format.splits => {
            console.say("no row has a known label: `label` is -1, so that nothing can be scored");
        }
        None => {}
    }
    let files = match summary.files.as_slice() {
        [] => String::new(),
        files => format!(": {}", files.join(", ")),
    };
    console.say(&format!("wrote {} rows to {}{files}", summary.rows, arguments.output.display()));
}
