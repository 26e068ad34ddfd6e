//! `jurat gates`: does a run reach what it must?

use super::FINDINGS;
use super::console::Console;
use crate::Report;
use crate::job::{Run, RunError};
use crate::report::gates::{check, github, junit, suggest};
use crate::report::{GateResult, GateStatus};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Checks the gates of a finished run again, or writes gates that a good run passes.
///
/// The gates are those of the spec that the run was made from. Exit code 1 when one fails.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    #[arg(required_unless_present = "from")]
    run: Option<PathBuf>,
    /// Write the section `gates` of a spec, with limits that this run passes and another one like it
    /// should, and check nothing.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["run", "against", "strict_gates", "format"])]
    from: Option<PathBuf>,
    /// How to write the outcome to standard output.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: GateFormat,
    #[command(flatten)]
    options: GateOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GateFormat {
    /// For a terminal.
    Table,
    /// A list with one entry a gate.
    Json,
    /// JUnit XML, one test case a gate.
    Junit,
    /// Annotations for GitHub Actions.
    Github,
}

/// How gates are checked.
#[derive(Debug, Default, Args)]
pub(super) struct GateOptions {
    /// An earlier run to compare with: for gates on drift, and to say in the report what changed.
    #[arg(long, value_name = "RUN")]
    against: Option<PathBuf>,
    /// Let gates that cannot be checked fail, for want of gold labels or of an earlier run.
    #[arg(long)]
    strict_gates: bool,
}

impl GateOptions {
    /// The earlier run, if there is one.
    pub(super) fn run(&self) -> Result<Option<Run>, RunError> {
        self.against.as_deref().map(Run::open).transpose()
    }

    /// The report of the earlier run, if there is one.
    pub(super) fn earlier(&self) -> anyhow::Result<Option<Report>> {
        Ok(self.run()?.map(|run| run.report()).transpose()?)
    }
}

/// Says what became of the gates, and gives the exit code.
pub(super) fn tell(results: &[GateResult], options: &GateOptions, console: &Console) -> u8 {
    let mut code = 0;
    for result in results.iter().filter(|result| result.fails(options.strict_gates)) {
        let (subject, condition) = (result.subject(), result.condition());
        console.error(&format!("gate of {subject}: {condition}: {}", result.outcome()));
        code = FINDINGS;
    }
    if !results.is_empty() {
        let count = |status| results.iter().filter(|result| result.status == status).count();
        console.say(&format!(
            "gates: {} passed, {} failed, {} not checked",
            count(GateStatus::Passed),
            count(GateStatus::Failed),
            count(GateStatus::NotChecked)
        ));
    }
    code
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    if let Some(run) = &arguments.from {
        // Names in it are written as in JSON.
        console.json(&suggest(&Run::open(run)?.report()?))?;
        return Ok(0);
    }
    let Some(run) = &arguments.run else { return Ok(0) };
    let (mut report, earlier) = (Run::open(run)?.report()?, arguments.options.earlier()?);
    let gates: Vec<_> = report.gates.iter().map(|result| result.gate.clone()).collect();
    if gates.is_empty() {
        console.say(&format!("the run {} has no gates: its spec has none", run.display()));
    }
    report.gates = check(&report, &gates, earlier.as_ref());
    let strict = arguments.options.strict_gates;
    match arguments.format {
        GateFormat::Table => console.gates(&report)?,
        GateFormat::Json => {
            console.json(&(serde_json::to_string_pretty(&report.gates)? + "\n"))?;
        }
        GateFormat::Junit => console.result(&junit(&report.gates, strict))?,
        GateFormat::Github => console.result(&github(&report.gates, strict))?,
    }
    Ok(tell(&report.gates, &arguments.options, console))
}
