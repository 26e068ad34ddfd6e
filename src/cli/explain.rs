//! `jurat explain`: why a row has its label, or everything about one labeling function.

use super::console::{Console, PrivacyOptions};
use crate::job::{Run, RunError};
use crate::report::{html, html_row};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Says why a row of a run has its label: what was found in it, and how the votes add up.
///
/// The row is read again from the data of the run, and voted on with the run's spec. With --lf it says
/// everything about one labeling function instead, with its most doubtful rows.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// The row: its identifier, or its number in the input, from 0.
    #[arg(required_unless_present = "lf", conflicts_with = "lf")]
    row: Option<String>,
    /// The labeling function to explain.
    #[arg(long, value_name = "NAME")]
    lf: Option<String>,
    /// The data, if they are elsewhere now.
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    /// How to write it.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Table,
    /// JSON.
    Json,
    /// A page.
    Html,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let run = Run::open(&arguments.run)?;
    let text = match (&arguments.row, &arguments.lf) {
        (Some(row), _) => of_row(&run, row, arguments, console)?,
        (None, lf) => of_lf(&run, lf.as_deref().unwrap_or_default(), arguments, console)?,
    };
    match arguments.format {
        Format::Json => console.json(&text)?,
        _ => console.result(&text)?,
    }
    Ok(0)
}

fn of_row(
    run: &Run,
    row: &str,
    arguments: &Arguments,
    console: &Console,
) -> anyhow::Result<String> {
    let explanation = run.explain(row, &arguments.data, arguments.privacy.privacy())?;
    Ok(match arguments.format {
        Format::Table => explanation.terminal(console.colors_results()),
        Format::Json => explanation.to_json()?,
        Format::Html => {
            let mut report = run.report()?;
            report.restrict(arguments.privacy.privacy());
            html_row(&report, &explanation)
        }
    })
}

fn of_lf(
    run: &Run,
    name: &str,
    arguments: &Arguments,
    console: &Console,
) -> anyhow::Result<String> {
    let mut report = run.report()?;
    report.restrict(arguments.privacy.privacy());
    let at = report.lfs.iter().position(|lf| lf.name == name);
    let at = at.ok_or_else(|| RunError::no_lf(name, report.lfs.iter().map(|lf| &lf.name)))?;
    Ok(match arguments.format {
        Format::Table => report.portrait(at, console.colors_results()),
        Format::Json => serde_json::to_string_pretty(&report.lfs[at])? + "\n",
        Format::Html => html(&report),
    })
}
