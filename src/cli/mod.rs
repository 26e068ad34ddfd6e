//! The command line. It sees the library as any user does, and is the only layer that prints,
//! knows the clock and the environment, and exits.

mod apply;
mod check;
mod console;
mod demo;
mod fit;
mod interrupt;
mod report;
mod run;

use clap::{Args, Parser, Subcommand};
use console::Console;
use std::process::ExitCode;

/// Label data with labeling functions: heuristics that vote for a label or abstain, weighed into
/// probabilistic labels.
#[derive(Debug, Parser)]
#[command(name = "jurat", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Global {
    /// Say nothing but results and errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Threads to use; by default as many as there are processors.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Check(check::Arguments),
    Run(run::Arguments),
    Apply(apply::Arguments),
    Fit(fit::Arguments),
    Report(report::Arguments),
}

/// Exit codes beside 0: findings, usage or spec, input data, interrupted.
const FINDINGS: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const INTERRUPTED: u8 = 130;

/// Runs the program and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console::new(cli.global.quiet);
    if let Some(threads) = cli.global.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        if let Err(error) = pool {
            console.error(&format!("cannot start {threads} threads: {error}"));
            return USAGE.into();
        }
    }
    interrupt::install();
    let outcome = match cli.command {
        Command::Demo(arguments) => demo::run(&arguments, &console),
        Command::Check(arguments) => check::run(&arguments, &console),
        Command::Run(arguments) => run::run(&arguments, &console),
        Command::Apply(arguments) => apply::run(&arguments, &console),
        Command::Fit(arguments) => fit::run(&arguments, &console),
        Command::Report(arguments) => report::run(&arguments, &console),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(error) => {
            let (code, message) = explain(&error, &console);
            console.error(&message);
            code.into()
        }
    }
}

/// The exit code of an error, and its message.
fn explain(error: &anyhow::Error, console: &Console) -> (u8, String) {
    use crate::Error;
    use crate::input::ReadError;
    use crate::lf::SpecErrors;
    use crate::output::OutputError;
    let read = |error: &ReadError| match error {
        ReadError::Interrupted => INTERRUPTED,
        _ => DATA,
    };
    let code = match error.downcast_ref::<Error>() {
        Some(Error::Spec(errors)) => return (USAGE, errors.render(console.colors_errors())),
        Some(Error::Read(error)) => read(error),
        Some(Error::Fit(_) | Error::Model(_)) => DATA,
        Some(Error::Output(_)) => USAGE,
        None => {
            if let Some(errors) = error.downcast_ref::<SpecErrors>() {
                return (USAGE, errors.render(console.colors_errors()));
            } else if let Some(error) = error.downcast_ref::<ReadError>() {
                read(error)
            } else if error.downcast_ref::<OutputError>().is_some() {
                USAGE
            } else if error.downcast_ref::<console::Closed>().is_some() {
                return (0, String::new());
            } else {
                USAGE
            }
        }
    };
    // Errors of the library name their cause already.
    let typed = error.downcast_ref::<Error>().is_some()
        || error.downcast_ref::<ReadError>().is_some()
        || error.downcast_ref::<OutputError>().is_some();
    (code, if typed { error.to_string() } else { format!("{error:#}") })
}
