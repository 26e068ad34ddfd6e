//! `jurat schema`: for editors.

use super::console::Console;
use crate::Spec;
use crate::job::schema;
use clap::Args;
use std::path::PathBuf;

/// Writes the JSON Schema of specs (draft-07) to standard output.
///
/// Save it beside a spec and write `# yaml-language-server: $schema=schema.json` as the spec's first line:
/// editors then complete keys, kinds and settings, and mark what is wrong while one writes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A spec, such that the schema knows its labels, named conditions and tables: editors complete and check
    /// them too. What is wrong with the spec does not matter, as long as it is YAML.
    #[arg(long, value_name = "SPEC")]
    spec: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let spec = arguments.spec.as_deref().map(Spec::sketch).transpose()?;
    console.result(&schema(spec.as_ref()))?;
    Ok(0)
}
