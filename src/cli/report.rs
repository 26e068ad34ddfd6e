//! `jurat report`: the report of an earlier run.

use super::console::{Console, PrivacyOptions, ReportOptions};
use super::run::since;
use crate::job::Run;
use clap::Args;
use std::path::PathBuf;

/// Shows the report of a run directory again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// An earlier run: the report then says what changed since.
    #[arg(long, value_name = "RUN")]
    against: Option<PathBuf>,
    #[command(flatten)]
    privacy: PrivacyOptions,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let run = Run::open(&arguments.run)?;
    let mut report = run.report()?;
    if let Some(before) = &arguments.against {
        report.changes = Some(since(&Run::open(before)?, &run));
    }
    report.restrict(arguments.privacy.privacy());
    console.report(&report, &arguments.report)?;
    Ok(0)
}
