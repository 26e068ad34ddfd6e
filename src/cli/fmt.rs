//! `jurat fmt`: specs in their canonical form.

use super::console::Console;
use super::{FINDINGS, USAGE};
use crate::edit::Formatted;
use anyhow::Context;
use clap::Args;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Writes specs in their canonical form: the usual order of keys, the same indentation everywhere.
///
/// Comments stay with what they are about, and scalars and what stands in brackets or braces stay as they
/// are written. What a spec says does not change; this is checked before a file is replaced.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    jurat fmt specs/*.yaml            format these files\n  \
    jurat fmt --check specs/*.yaml    for CI: exit code 1 when one is not as it should be\n  \
    jurat fmt - < spec.yaml           for editors: from standard input to standard output")]
pub(super) struct Arguments {
    /// Spec files; `-` is standard input, and what comes out goes to standard output.
    #[arg(required = true)]
    specs: Vec<PathBuf>,
    /// Change nothing; name the files that would change, and exit with 1 if there are any.
    #[arg(long, conflicts_with = "stdout")]
    check: bool,
    /// Write to standard output instead of the files.
    #[arg(long)]
    stdout: bool,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let (mut code, mut changed) = (0, 0);
    for path in &arguments.specs {
        let formatted = match formatted(path) {
            Ok(formatted) => formatted,
            // Other files are formatted all the same.
            Err(error) => {
                super::tell(error, console);
                code = USAGE;
                continue;
            }
        };
        let path = &formatted.path;
        let first = formatted.first_change();
        if arguments.check {
            if let Some(line) = first {
                console.error(&format!("{path}: not formatted, from line {line} on"));
                code = code.max(FINDINGS);
                changed += 1;
            }
        } else if arguments.stdout || path == STDIN {
            console.result(&formatted.after)?;
        } else if first.is_some() {
            formatted.write()?;
            console.say(&format!("formatted {path}"));
        }
    }
    if changed > 0 {
        console.say("jurat fmt would change them; run it without --check");
    }
    Ok(code)
}

/// The name of standard input.
const STDIN: &str = "-";

fn formatted(path: &Path) -> anyhow::Result<Formatted> {
    if path != Path::new(STDIN) {
        return Ok(Formatted::of_file(path)?);
    }
    let mut before = String::new();
    std::io::stdin().read_to_string(&mut before).context("cannot read standard input")?;
    Ok(Formatted::of_text(&before, STDIN)?)
}
