//! How specs are loaded.

use crate::lf::{Reach, SpecOptions};
use clap::Args;

/// How a spec is loaded.
#[derive(Debug, Default, Args)]
pub(super) struct SpecArguments {
    /// The value of a variable, instead of the one under `vars` of the spec; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Let the spec read tables and include parts outside of its folder. Only for specs that you trust.
    #[arg(long)]
    allow_outside: bool,
}

impl SpecArguments {
    pub(super) fn options(&self) -> SpecOptions {
        let reach = if self.allow_outside { Reach::Anywhere } else { Reach::Folder };
        SpecOptions { set: self.set.clone(), reach }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
