//! `jurat check`: is the spec right, and do its examples hold?

use super::cache::CacheOptions;
use super::console::Console;
use super::spec::SpecArguments;
use super::{FINDINGS, USAGE};
use crate::Spec;
use crate::edit::{fix, write_back};
use crate::input::Files;
use crate::job::Job;
use crate::lf::{
    ExampleOutcome, ExampleResult, Expectation, Lint, SpecErrors, SpecOptions, render_lints,
};
use crate::visible::lines;
use crate::votes::Scratch;
use clap::Args;
use std::path::{Path, PathBuf};

/// Parses and compiles specs and runs the examples in them.
///
/// All problems of all files come in one run, and warnings about what is right and was probably not meant;
/// `jurat rule CODE` explains them. Exit code 1 when an example fails, or when there is a warning that the
/// spec denies or, with --strict, any; 2 when a spec is wrong.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Spec files.
    #[arg(required = true)]
    specs: Vec<PathBuf>,
    /// Data files or patterns: vote on them, and say what is odd about the votes. Goes with one spec.
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    /// Mend what is mechanical, in the files: keywords that stand twice or add nothing, and variables, tables
    /// and conditions that nobody uses.
    #[arg(long)]
    fix: bool,
    /// Fail on warnings too, and on what data say.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    spec: SpecArguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    if !arguments.data.is_empty() && arguments.specs.len() > 1 {
        anyhow::bail!("--data goes with one spec, these are {}", arguments.specs.len());
    }
    let mut code = 0;
    for path in &arguments.specs {
        let options = arguments.spec.options();
        if arguments.fix
            && let Ok((spec, _)) = Job::load_with(path, &options)
        {
            mend(&spec, &options, console)?;
        }
        match check(path, &options) {
            Ok(outcome) => {
                outcome.show(console)?;
                let Outcome { spec, job, lints, failed, .. } = outcome;
                let odd = look(&spec, job, arguments, console)?;
                let faults = arguments.strict && (odd || !lints.is_empty());
                if failed || faults || lints.iter().any(|lint| lint.denied) {
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

/// Mends what is mechanical.
fn mend(spec: &Spec, options: &SpecOptions, console: &Console) -> anyhow::Result<()> {
    let fixed = fix(spec, options);
    for file in &fixed.files {
        write_back(Path::new(&file.path), &file.text)?;
    }
    let files: Vec<&str> = fixed.files.iter().map(|file| file.path.as_str()).collect();
    match fixed.count {
        0 => console.say(&format!("{}: there is nothing to mend that is mechanical", spec.path)),
        1 => console.say(&format!("mended 1 warning in {}", files.join(", "))),
        n => console.say(&format!("mended {n} warnings in {}", files.join(", "))),
    }
    Ok(())
}

/// Votes on the data, if there are any, and shows what is odd; whether anything is.
fn look(spec: &Spec, job: Job, arguments: &Arguments, console: &Console) -> anyhow::Result<bool> {
    if arguments.data.is_empty() {
        return Ok(false);
    }
    let files = Files::new(&arguments.data)?;
    let mut source = files.open(&job.lfs.fields())?;
    let progress = console.progress();
    let (scratch, cache) = (Scratch::folder(&std::env::temp_dir()), arguments.cache.open(console));
    let found = job.lint(spec, source.as_mut(), &progress, &scratch, cache.as_ref())?;
    progress.finish(console);
    for finding in &found {
        let name = finding.lf.as_ref().map_or_else(String::new, |lf| format!("{lf} "));
        console.result(&format!("{}: {name}{}\n", finding.code, finding.message))?;
    }
    if found.is_empty() {
        console.result("the data show nothing odd about the votes\n")?;
    }
    Ok(!found.is_empty())
}

pub(super) struct Outcome {
    pub(super) spec: Spec,
    pub(super) job: Job,
    text: String,
    lints: Vec<Lint>,
    failed: bool,
}

impl Outcome {
    /// Shows the warnings, and what became of the examples.
    pub(super) fn show(&self, console: &Console) -> anyhow::Result<()> {
        let lints = render_lints(&self.lints, &self.spec.sources, console.colors_errors());
        console.drawn(lints.trim_end());
        console.result(&self.text)
    }
}

fn check(path: &Path, options: &SpecOptions) -> Result<Outcome, SpecErrors> {
    let (spec, job) = Job::load_with(path, options)?;
    examples(spec, job)
}

/// Runs the examples of a spec.
pub(super) fn examples(spec: Spec, job: Job) -> Result<Outcome, SpecErrors> {
    let results = job.lfs.run_examples(&spec)?;
    let mut text = String::new();
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
    for result in &results {
        text += &line(result);
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
    let lints = spec.lints();
    text += &match lints.len() {
        0 => "\n".to_owned(),
        1 => "; 1 warning\n".to_owned(),
        n => format!("; {n} warnings\n"),
    };
    Ok(Outcome { spec, job, text: lines(&text), lints, failed: failed > 0 })
}

/// What there is to say about an example; nothing when it passed.
fn line(result: &ExampleResult) -> String {
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
    let (lf, path, line) = (&result.lf, &result.file, result.line);
    format!("{word} {path}:{line}: {lf} {voted} on {:?}; {wanted}\n", result.text)
}
