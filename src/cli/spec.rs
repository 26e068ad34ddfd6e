//! How specs are loaded.

use crate::lf::SpecOptions;
use clap::Args;

/// How a spec is loaded.
#[derive(Debug, Default, Args)]
pub(super) struct SpecArguments {
    /// The value of a variable, instead of the one under `vars` of the spec; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

impl SpecArguments {
    pub(super) fn options(&self) -> SpecOptions {
        SpecOptions { set: self.set.clone() }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
