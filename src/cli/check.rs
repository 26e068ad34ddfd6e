//! `jurat check`: is the spec right, and do its examples hold?

use super::console::Console;
use super::run::TableOptions;
use super::{FINDINGS, USAGE};
use crate::Spec;
use crate::job::Job;
use crate::lf::{ExampleOutcome, ExampleResult, Expectation, Reach, SpecErrors};
use crate::visible::lines;
use clap::Args;
use std::path::PathBuf;

/// Parses and compiles specs and runs the examples in them.
///
/// All problems of all files come in one run. Exit code 1 when an example fails, 2 when a spec is
/// wrong.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Spec files.
    #[arg(required = true)]
    specs: Vec<PathBuf>,
    #[command(flatten)]
    tables: TableOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let mut code = 0;
    for path in &arguments.specs {
        match check(path, arguments.tables.reach()) {
            Ok(outcome) => {
                console.result(&outcome.text)?;
                if outcome.failed {
                    code = code.max(FINDINGS);
                }
            }
            Err(errors) => {
                console.spec_errors(&errors);
                code = USAGE;
            }
        }
    }
    Ok(code)
}

pub(super) struct Outcome {
    pub(super) text: String,
    failed: bool,
}

fn check(path: &std::path::Path, reach: Reach) -> Result<Outcome, SpecErrors> {
    let (spec, job) = Job::load_within(path, reach)?;
    examples(&spec, &job)
}

/// Runs the examples of a spec.
pub(super) fn examples(spec: &Spec, job: &Job) -> Result<Outcome, SpecErrors> {
    let results = job.lfs.run_examples(spec)?;
    let mut text = String::new();
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
    for result in &results {
        text += &line(&spec.path, result);
    }
    let without = spec.lfs.iter().filter(|lf| lf.examples == Default::default()).count();
    let (passed, failed) = (count(ExampleOutcome::Passed), count(ExampleOutcome::Failed));
    text += &format!(
        "{}: {} labeling functions, {} labels; examples: {passed} passed, {failed} failed, {} to do",
        spec.path,
        spec.lfs.len(),
        spec.labels.len(),
        count(ExampleOutcome::StillOpen) + count(ExampleOutcome::Closed),
    );
    if without > 0 {
        text += &match without {
            1 => "; 1 labeling function has no examples".to_owned(),
            n => format!("; {n} labeling functions have no examples"),
        };
    }
    text.push('\n');
    Ok(Outcome { text: lines(&text), failed: failed > 0 })
}

/// What there is to say about an example; nothing when it passed.
fn line(path: &str, result: &ExampleResult) -> String {
    let voted =
        result.voted.as_ref().map_or_else(|| "abstains".to_owned(), |v| format!("votes {v}"));
    let (word, wanted) = match (&result.outcome, &result.expected) {
        (ExampleOutcome::Passed, _) => return String::new(),
        (ExampleOutcome::Failed, Expectation::Abstain) => ("FAIL", "it should abstain".to_owned()),
        (ExampleOutcome::Failed, Expectation::Vote(label) | Expectation::Todo(label)) => {
            ("FAIL", format!("it should vote {label}"))
        }
        (ExampleOutcome::StillOpen, _) => ("todo", "a known gap".to_owned()),
        (ExampleOutcome::Closed, _) => ("done", "the gap is closed: move it to `match`".to_owned()),
    };
    let (lf, line) = (&result.lf, result.line);
    format!("{word} {path}:{line}: {lf} {voted} on {:?}; {wanted}\n", result.text)
}
