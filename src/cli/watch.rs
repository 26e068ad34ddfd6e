//! `jurat watch`: check and preview at each save.

use super::cache::CacheOptions;
use super::console::{Console, PrivacyOptions};
use super::preview::preview;
use super::run::DataOptions;
use super::{check, interrupt, tell};
use crate::input::Files;
use crate::job::Job;
use crate::{Error, LfId, Spec};
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
    let mut others = Vec::new();
    let mut seen = None;
    while !interrupt::requested() {
        let now = stamps(&arguments.spec, &others);
        if seen.as_ref() == Some(&now) {
            std::thread::sleep(PAUSE);
            continue;
        }
        seen = Some(now);
        let Some((spec, job, files)) = look(arguments, console) else { continue };
        others = spec.files();
        // Of files that were not known before the changes count from now on.
        seen = Some(stamps(&arguments.spec, &others));
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
fn look(arguments: &Arguments, console: &Console) -> Option<(Spec, Job, Files)> {
    let read = || -> Result<(Spec, Job, Files), Error> {
        let (spec, job) = arguments.data_options.load(&arguments.spec)?;
        let outcome = check::examples(spec, job)?;
        // There is nobody left to tell when standard output is closed; the next result says so.
        let _ = outcome.show(console);
        arguments.data_options.with(outcome.spec, outcome.job, &arguments.data)
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
fn stamps(spec: &Path, others: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let files = std::iter::once(spec).chain(others.iter().map(PathBuf::as_path));
    files
        .map(|path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        })
        .collect()
}
