//! `jurat demo`: the embedded example, from spec to report.

use super::cache::CacheOptions;
use super::columns::ColumnOptions;
use super::console::{Console, ReportOptions};
use super::gates::GateOptions;
use super::run::{DataOptions, Target, run_job};
use crate::report::Privacy;
use crate::{demo, output};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;

/// Runs the embedded example: triage notes of an emergency department.
///
/// Writes a spec, its tables and 5,000 made-up notes to a folder, labels them, and shows the report.
/// Files that are there already stay as they are: change the spec and run the demo again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder.
    #[arg(default_value = "jurat-demo")]
    folder: PathBuf,
    #[command(flatten)]
    report: ReportOptions,
}

/// Notes that the demo makes, and the seed of their generator.
const NOTES: usize = 5000;
const SEED: u64 = 42;

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    demo::write(folder, NOTES, SEED)
        .with_context(|| format!("cannot write the example to {}", folder.display()))?;
    let options = DataOptions::default();
    let data = [folder.join("notes.csv").to_string_lossy().into_owned()];
    let (spec, job, files) = options.job(&folder.join("triage.yaml"), &data)?;
    let target = Target {
        folder: &folder.join("run"),
        // Only a run directory is replaced, never a folder of that name with other things.
        overwrite: true,
        format: output::default_format(),
        with_votes: true,
        columns: &ColumnOptions::default(),
        sheet: false,
        id: options.id_name(&spec),
        cache: &CacheOptions::default(),
        profile: false,
        privacy: Privacy::Full,
        gates: &GateOptions::default(),
    };
    let code = run_job(&spec, &job, &files, &target, &arguments.report, console)?;
    let shown = folder.display();
    console.say(&format!(
        "try: edit {shown}/triage.yaml, then: jurat check {shown}/triage.yaml && jurat demo {shown}"
    ));
    Ok(code)
}
