//! The command line. It sees the library as any user does, and is the only layer that prints,
//! knows the clock and the environment, and exits.

mod apply;
mod cache;
mod check;
mod columns;
mod console;
mod decide;
mod demo;
mod diff;
mod explain;
mod export;
mod fit;
mod fmt;
mod gates;
mod gold;
mod init;
mod interrupt;
mod label;
mod merge;
mod new;
mod patterns;
mod predict;
mod preview;
mod profile;
mod report;
mod resample;
mod review;
mod rows;
mod rule;
mod run;
mod sample;
mod schema;
mod spec;
mod split;
mod train;
mod verify;
mod watch;

use crate::Error;
use crate::answers::AnswerError;
use crate::edit::EditError;
use crate::input::ReadError;
use crate::job::RunError;
use crate::lf::SpecErrors;
use crate::output::OutputError;
use crate::review::ReviewError;
use crate::sample::SampleError;
use crate::visible;
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
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
    Init(Box<init::Arguments>),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    New(new::Arguments),
    Preview(preview::Arguments),
    Verify(verify::Arguments),
    Watch(watch::Arguments),
    Run(run::Arguments),
    Apply(apply::Arguments),
    Fit(Box<fit::Arguments>),
    Report(report::Arguments),
    Explain(explain::Arguments),
    Diff(diff::Arguments),
    Label(label::Arguments),
    Patterns(patterns::Arguments),
    Merge(merge::Arguments),
    Resample(resample::Arguments),
    Review(review::Arguments),
    Export(export::Arguments),
    Gold(gold::Arguments),
    Train(Box<train::Arguments>),
    Predict(predict::Arguments),
    Sample(Box<sample::Arguments>),
    Gates(gates::Arguments),
    Cache(cache::Arguments),
    Rule(rule::Arguments),
    Schema(schema::Arguments),
}

/// Exit codes beside 0: findings, usage or spec, input data, interrupted.
const FINDINGS: u8 = 1;
const USAGE: u8 = 2;
const DATA: u8 = 3;
const INTERRUPTED: u8 = 130;

/// Runs the program and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    quiet_panics();
    let cli = match arguments() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
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
        Command::Init(arguments) => init::run(&arguments, &console),
        Command::Demo(arguments) => demo::run(&arguments, &console),
        Command::New(arguments) => new::run(&arguments, &console),
        Command::Fmt(arguments) => fmt::run(&arguments, &console),
        Command::Check(arguments) => check::run(&arguments, &console),
        Command::Preview(arguments) => preview::run(&arguments, &console),
        Command::Verify(arguments) => verify::run(&arguments, &console),
        Command::Watch(arguments) => watch::run(&arguments, &console),
        Command::Run(arguments) => run::run(&arguments, &console),
        Command::Apply(arguments) => apply::run(&arguments, &console),
        Command::Fit(arguments) => fit::run(&arguments, &console),
        Command::Label(arguments) => label::run(&arguments, &console),
        Command::Patterns(arguments) => patterns::run(&arguments, &console),
        Command::Report(arguments) => report::run(&arguments, &console),
        Command::Explain(arguments) => explain::run(&arguments, &console),
        Command::Diff(arguments) => diff::run(&arguments, &console),
        Command::Merge(arguments) => merge::run(&arguments, &console),
        Command::Resample(arguments) => resample::run(&arguments, &console),
        Command::Review(arguments) => review::run(&arguments, &console),
        Command::Export(arguments) => export::run(&arguments, &console),
        Command::Gold(arguments) => gold::run(&arguments, &console),
        Command::Train(arguments) => train::run(&arguments, &console),
        Command::Predict(arguments) => predict::run(&arguments, &console),
        Command::Sample(arguments) => sample::run(&arguments, &console),
        Command::Gates(arguments) => gates::run(&arguments, &console),
        Command::Cache(arguments) => cache::run(&arguments, &console),
        Command::Rule(arguments) => rule::run(&arguments, &console),
        Command::Schema(arguments) => schema::run(&arguments, &console),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(error) => tell(error, &console).into(),
    }
}

/// Readers of damaged files panic in places; that is caught, and said as an error. Of a mistake in this
/// program the user reads what to do.
fn quiet_panics() {
    const READERS: [&str; 5] = ["parquet", "arrow", "calamine", "zip", "quick-xml"];
    std::panic::set_hook(Box::new(|panic| {
        let file = panic.location().map_or("", std::panic::Location::file);
        let of = |name: &&str| file.contains(&format!("/{name}-"));
        if !READERS.iter().any(of) {
            let text =
                format!("{panic}\nThis is a mistake in jurat; please report it with this text.");
            Console::new(false).error(&text);
        }
    }));
}

/// The arguments. Help and mistakes in them have colors where all other messages have.
fn arguments() -> Result<Cli, clap::Error> {
    let colors =
        if Console::new(false).colors_errors() { ColorChoice::Auto } else { ColorChoice::Never };
    let matches = Cli::command().color(colors).try_get_matches()?;
    Cli::from_arg_matches(&matches)
}

/// What clap has to say: help, or what is wrong with the arguments, which may be names of files that a shell
/// put there.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    let hidden = error.use_stderr() && visible::lines(&text) != text;
    if hidden {
        Console::new(false).say(&text);
    } else {
        // There is nowhere to report that the output is closed.
        drop(error.print());
    }
    u8::try_from(error.exit_code()).unwrap_or(USAGE).into()
}

/// Says what went wrong, and gives the exit code.
fn tell(error: anyhow::Error, console: &Console) -> u8 {
    let Err(error) = error.downcast::<console::Closed>() else { return 0 };
    let error = match typed(error) {
        Ok(error) => error,
        // Errors of the command line: what was tried, then why it failed.
        Err(error) => {
            console.error(&format!("{error:#}"));
            return USAGE;
        }
    };
    let code = match &error {
        Error::Spec(errors) => {
            console.spec_errors(errors);
            return USAGE;
        }
        Error::Read(ReadError::Interrupted) => INTERRUPTED,
        Error::Classifier(_)
        | Error::Counts(_)
        | Error::Read(_)
        | Error::Answers(_)
        | Error::Fit(_)
        | Error::Model(_)
        | Error::Merge(_) => DATA,
        Error::Review(ReviewError::NoClassifier { .. }) => USAGE,
        Error::Review(_) => DATA,
        Error::Sample(SampleError::Read(ReadError::Interrupted)) => INTERRUPTED,
        Error::Sample(error) if error.is_usage() => USAGE,
        Error::Sample(_) => DATA,
        Error::Output(_) | Error::Run(_) => USAGE,
    };
    // Errors of the library name their cause already.
    console.error(&error.to_string());
    code
}

/// The library's error, whichever stage it was taken from.
fn typed(error: anyhow::Error) -> Result<Error, anyhow::Error> {
    error
        .downcast::<Error>()
        .or_else(|error| error.downcast::<SpecErrors>().map(Error::from))
        .or_else(|error| error.downcast::<ReadError>().map(Error::from))
        .or_else(|error| error.downcast::<AnswerError>().map(Error::from))
        .or_else(|error| error.downcast::<OutputError>().map(Error::from))
        .or_else(|error| error.downcast::<RunError>().map(Error::from))
        .or_else(|error| error.downcast::<SampleError>().map(Error::from))
        .or_else(|error| match error.downcast::<EditError>()? {
            EditError::Spec(errors) => Ok(errors.into()),
            EditError::Read(error) => Ok(error.into()),
            EditError::Output(error) => Ok(error.into()),
            other => Err(other.into()),
        })
}
