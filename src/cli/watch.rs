//! `jurat watch`: check and preview at each save.

use super::cache::CacheOptions;
use super::console::{Console, PrivacyOptions};
use super::preview::preview;
use super::run::DataOptions;
use super::{check, interrupt, tell};
use crate::input::Files;
use crate::job::Job;
use crate::{Error, LfId};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Checks a spec at each save, and previews the labeling functions that changed.
///
/// Ends with Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The spec file.
    spec: PathBuf,
    /// Data files or patterns. Without, `input.path` of the spec.
    data: Vec<String>,
    #[command(flatten)]
    data_options: DataOptions,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(200);
/// Labeling functions that are previewed after one save.
const MOST: usize = 3;

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let mut known: Option<BTreeMap<String, String>> = None;
    let mut tables = Vec::new();
    let mut seen = None;
    while !interrupt::requested() {
        let now = stamps(&arguments.spec, &tables);
        if seen.as_ref() == Some(&now) {
            std::thread::sleep(PAUSE);
            continue;
        }
        seen = Some(now);
        let Some((job, files)) = look(arguments, console) else { continue };
        tables = job.lfs.lookups().iter().map(|table| PathBuf::from(&table.path)).collect();
        // Of tables that were not known before the changes count from now on.
        seen = Some(stamps(&arguments.spec, &tables));
        let identities = job.lfs.identities();
        let before = known.replace(identities.clone());
        let Some(before) = before else {
            console.say("watching; edit a labeling function and save, or stop with Ctrl-C");
            continue;
        };
        let names = &job.lfs.names().lfs;
        let changed: Vec<usize> = (0..names.len())
            .filter(|&lf| before.get(&names[lf]) != identities.get(&names[lf]))
            .collect();
        show(&job, &files, &changed, arguments, console)?;
    }
    Ok(super::INTERRUPTED)
}

/// Checks the spec, and says what is wrong with it.
fn look(arguments: &Arguments, console: &Console) -> Option<(Job, Files)> {
    let read = || -> Result<(Job, Files), Error> {
        let (spec, job) = Job::load_within(&arguments.spec, arguments.data_options.tables.reach())?;
        let outcome = check::examples(&spec, &job)?;
        // There is nobody left to tell when standard output is closed; the next result says so.
        let _ = console.result(&outcome.text);
        let (_, job, files) = arguments.data_options.with(spec, job, &arguments.data)?;
        Ok((job, files))
    };
    read().map_err(|error| _ = tell(error.into(), console)).ok()
}

fn show(
    job: &Job,
    files: &Files,
    changed: &[usize],
    arguments: &Arguments,
    console: &Console,
) -> anyhow::Result<()> {
    for lf in changed.iter().take(MOST).filter_map(|lf| LfId::new(*lf)) {
        match preview(job, lf, files, &arguments.cache, arguments.privacy, console) {
            Ok(preview) => {
                console.result(&format!("\n{}", preview.terminal(console.colors_results())))?;
            }
            // The next save may mend it.
            Err(error) => console.error(&error.to_string()),
        }
    }
    let more = changed.len().saturating_sub(MOST);
    if more > 0 {
        console.say(&format!("{more} more labeling functions changed"));
    }
    Ok(())
}

/// When files were changed last, and how long they are.
fn stamps(spec: &Path, tables: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let files = std::iter::once(spec).chain(tables.iter().map(PathBuf::as_path));
    files
        .map(|path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        })
        .collect()
}
