//! `jurat schema`: for editors.

use super::console::Console;
use crate::job::schema;
use clap::Args;

/// Writes the JSON Schema of specs (draft-07) to standard output.
///
/// Save it beside a spec and write `# yaml-language-server: $schema=schema.json` as the spec's first line:
/// editors then complete keys, kinds and settings, and mark what is wrong while one writes.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, console: &Console) -> anyhow::Result<u8> {
    console.result(&schema())?;
    Ok(0)
}
