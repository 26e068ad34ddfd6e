//! `jurat diff`: what changed between two runs, and why.

use super::FINDINGS;
use super::console::{Console, PrivacyOptions};
use crate::diff::{Diff, Limit, markdown};
use crate::job::Run;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Says what changed between two runs, and why each label that changed did.
///
/// Each label that changed is put down to an edit of a labeling function, a lookup table, the data of the
/// row, or the model, which was fitted again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory to compare with.
    before: PathBuf,
    /// The run directory to look at.
    after: PathBuf,
    /// How to show it.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
    /// Exit with code 1 beyond this limit; may be given several times. Limits are such as `changed>5%`,
    /// `refit>1%`, `lf:NAME>100`, `table>0`, `data>0`, `several>0`, `removed>0`, `added>0`, and with
    /// percentage points that were gained or lost, `coverage<-2%` and `labeled<-2%`. Other percentages are of
    /// the rows in both runs; numbers without % are rows.
    #[arg(long, value_name = "LIMIT")]
    fail_on: Vec<Limit>,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Table,
    /// JSON.
    Json,
    /// Markdown, for a pull request.
    Markdown,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let (before, after) = (Run::open(&arguments.before)?, Run::open(&arguments.after)?);
    let mut diff = Diff::new(&before, &after)?.with_limits(&arguments.fail_on)?;
    diff.restrict(arguments.privacy.privacy());
    match arguments.format {
        Format::Json => console.json(&diff.to_json()?)?,
        Format::Markdown => console.result(&markdown(&diff))?,
        Format::Table => console.result(&console.diff(&diff))?,
    }
    let mut code = 0;
    for limit in diff.limits.iter().filter(|limit| limit.met) {
        console.error(&format!("beyond the limit `{}`: it is {}", limit.limit, limit.value));
        code = FINDINGS;
    }
    Ok(code)
}
