//! `jurat verify`: does a run come out the same again?

use super::FINDINGS;
use super::console::Console;
use crate::job::Run;
use crate::output::OutputError;
use clap::Args;
use std::path::PathBuf;

/// Makes a finished run once more and compares: spec, tables and data by their hashes; labels, votes and
/// model byte by byte.
///
/// Exit code 1 when anything differs. With --keep the new run stays, and `jurat diff RUN DIR` says what
/// changed and why.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// The data, where they are now. Without, where they were.
    data: Vec<String>,
    /// Keep the new run here.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let run = Run::open(&arguments.run)?;
    let scratch = tempfile::tempdir().map_err(|source| OutputError::Io {
        path: std::env::temp_dir().display().to_string(),
        source,
    })?;
    let folder = arguments.keep.clone().unwrap_or_else(|| scratch.path().join("run"));
    let progress = console.progress();
    let checks = run.verify(&arguments.data, &folder, &progress);
    progress.finish(console);
    let checks = checks?;
    let mut differ = 0;
    for check in &checks {
        let said = check.difference.as_deref().unwrap_or("the same");
        differ += usize::from(check.difference.is_some());
        console.result(&format!("{}: {said}\n", check.what))?;
    }
    let made = &run.manifest().jurat;
    let now = env!("CARGO_PKG_VERSION");
    if made != now {
        console.say(&format!("the run was made by jurat {made}, this is {now}"));
    }
    if let Some(folder) = &arguments.keep {
        console.say(&format!("wrote {}", folder.display()));
    }
    console.say(&match differ {
        0 => format!("{} comes out the same", arguments.run.display()),
        n => format!("{n} of {} differ", checks.len()),
    });
    Ok(if differ == 0 { 0 } else { FINDINGS })
}
