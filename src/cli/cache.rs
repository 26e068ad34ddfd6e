//! `jurat cache`: the votes that are kept from run to run, and the options of commands that use them.

use super::console::Console;
use crate::lf::{CacheSize, VoteCache};
use crate::visible::lines;
use anyhow::Context;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// Shows or removes the votes that are kept from run to run.
///
/// `run` and `apply` keep what each labeling function voted on each piece of the data, so that after an
/// edit only what was edited votes again. They keep row numbers and labels, no text.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// The folder; by default that of `run`.
    #[arg(long, value_name = "DIR", global = true)]
    cache: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Action {
    /// Removes all of them.
    Clean,
}

/// Where votes are kept.
#[derive(Debug, Default, Args)]
pub(super) struct CacheOptions {
    /// The folder in which votes are kept from run to run; by default $JURAT_CACHE, or `jurat` in the
    /// user's folder for caches.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Vote on everything, and keep no votes.
    #[arg(long, conflicts_with = "cache")]
    pub(super) no_cache: bool,
}

impl CacheOptions {
    /// The cache to use, if any. One that cannot be read is no reason to stop.
    pub(super) fn open(&self, console: &Console) -> Option<VoteCache> {
        if self.no_cache {
            return None;
        }
        let folder = self.cache.clone().or_else(default_folder)?;
        match VoteCache::open(&folder) {
            Ok(cache) => Some(cache),
            Err(error) => {
                let folder = folder.display();
                console.say(&format!(
                    "the kept votes in {folder} cannot be read: {error}; voting on everything"
                ));
                None
            }
        }
    }
}

/// Says how much of the work was done before.
pub(super) fn tell(cache: Option<&VoteCache>, console: &Console) {
    let Some((kept, all)) = cache.map(VoteCache::reused).filter(|(kept, _)| *kept > 0) else {
        return;
    };
    // Rounded down: 100 % is all of it.
    let share = kept * 100 / all;
    console.say(&format!("{share} % of the votes were kept from earlier runs"));
}

/// The folder when nothing else is said.
fn default_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = variable("JURAT_CACHE") {
        return Some(folder.into());
    }
    let user = variable("XDG_CACHE_HOME").or_else(|| variable("LOCALAPPDATA")).map(PathBuf::from);
    let user = user.or_else(|| Some(Path::new(&variable("HOME")?).join(".cache")));
    user.map(|folder| folder.join("jurat"))
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let folder = arguments.cache.clone().or_else(default_folder);
    let folder = folder.context("there is no folder for caches; name one with --cache")?;
    let shown = folder.display();
    let failed = || format!("cannot use the folder {shown}");
    let text = match arguments.action {
        None => format!("{shown}: {}", describe(VoteCache::size(&folder).with_context(failed)?)),
        Some(Action::Clean) => {
            let size = VoteCache::clean(&folder).with_context(failed)?;
            format!("{shown}: removed {}", describe(size))
        }
    };
    console.result(&(lines(&text) + "\n"))?;
    Ok(0)
}

fn describe(size: CacheSize) -> String {
    let files = match size.files {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    format!("{files}, {:.1} MB", size.bytes as f64 / 1e6)
}
