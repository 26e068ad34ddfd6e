//! `jurat report`: the report of an earlier run.

use super::console::{Console, ReportOptions};
use crate::Report;
use anyhow::Context;
use clap::Args;
use std::path::{Path, PathBuf};

/// Shows the report of a run directory again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let report = read(&arguments.run)?;
    console.report(&report, &arguments.report)?;
    Ok(0)
}

/// The report in a run directory.
pub(super) fn read(run: &Path) -> anyhow::Result<Report> {
    let path = run.join("report.json");
    let json = std::fs::read_to_string(&path)
        .with_context(|| format!("{} is not a run directory: {}", run.display(), path.display()))?;
    Report::from_json(&json).with_context(|| format!("{} is damaged", path.display()))
}
