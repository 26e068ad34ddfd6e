//! `jurat report`: the report of an earlier run.

use super::console::{Console, PrivacyOptions, ReportOptions};
use crate::job::Run;
use clap::Args;
use std::path::PathBuf;

/// Shows the report of a run directory again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    #[command(flatten)]
    privacy: PrivacyOptions,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let mut report = Run::open(&arguments.run)?.report()?;
    report.restrict(arguments.privacy.privacy());
    console.report(&report, &arguments.report)?;
    Ok(0)
}
