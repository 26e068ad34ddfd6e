//! `jurat train`: a classifier for rows that no labeling function covers.

use super::console::{Console, PrivacyOptions};
use super::decide::parse_rule;
use super::interrupt;
use super::run::keep_inputs;
use crate::Error;
use crate::classifier::{ClassTerms, Course, InputColumn, Kind, Score, Trainer};
use crate::job::{Run, ScoresOf, TrainPlan, TrainReport};
use crate::model::Rule;
use crate::output::{
    LabelTable, OutputError, Rows, default_format, format_of, probe, write_labels,
};
use crate::visible;
use anyhow::bail;
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Trains a classifier on the labels of a run, for rows that no labeling function covers.
///
/// A multinomial logistic regression over words and pairs of words (and runs of characters, where texts are not
/// too long) learns from the probabilities of all rows of the run. `jurat predict` labels other data with
/// it. With --labels, the rows of the run get the labels of classifier and votes together; each row is
/// predicted by a classifier that was trained without it.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run directory.
    run: PathBuf,
    /// The file to write the classifier to, as JSON.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write labels of all rows of the run to this file; its ending says the format.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Whose labels --labels writes.
    #[arg(long, value_enum, default_value = "combined", value_name = "WHOSE", requires = "labels")]
    from: Whose,
    /// Which class a row gets: `most-probable`, or `prevalence`, such that labels are as common as the class
    /// balance says. By default what the spec asks for.
    #[arg(long, value_name = "RULE", requires = "labels")]
    decide: Option<String>,
    /// Columns of text to learn from; by default all that labeling functions read as text.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    text: Vec<String>,
    /// Columns of numbers to learn from.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    number: Vec<String>,
    /// Columns of vectors, such as embeddings, to learn from.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    vector: Vec<String>,
    /// Columns with a value out of some, each of which is a feature.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    category: Vec<String>,
    /// Whether runs of 3 to 5 characters are features too: `auto` up to 32 MB of text.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    characters: Characters,
    /// How little weights are held back; more fits the labels closer.
    #[arg(long, value_name = "NUMBER", default_value_t = Trainer::default().strength)]
    strength: f64,
    /// How many parts the rows are cut into, each of which is predicted by who did not see it.
    #[arg(long, value_name = "N", default_value_t = Trainer::default().folds)]
    folds: usize,
    /// How often the optimizer visits each row, at the most; it stops before where that no longer helps.
    #[arg(long, value_name = "N", default_value_t = Trainer::default().visits)]
    visits: u64,
    /// Let all classes weigh the same, however rare they are.
    #[arg(long)]
    balanced: bool,
    /// How much a row without votes counts beside one with votes.
    #[arg(long, value_name = "WEIGHT", default_value_t = TrainPlan::default().uncovered)]
    uncovered: f64,
    /// Rounds of self-training: learn again from labels that are at least 70 % sure, as long as that gets better
    /// on known labels, or else agrees more with the votes.
    #[arg(long, value_name = "N", default_value_t = 0)]
    rounds: usize,
    /// The data, if they are elsewhere now.
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    /// Replace files that exist.
    #[arg(long)]
    overwrite: bool,
    /// How to write the report to standard output.
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    report: Format,
    #[command(flatten)]
    privacy: PrivacyOptions,
}

/// Whose labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// The votes and the classifier together.
    Combined,
    /// The classifier alone.
    Classifier,
}

/// When runs of characters are features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Characters {
    /// Where texts are not too long.
    Auto,
    /// Always.
    Yes,
    /// Never.
    No,
}

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Table,
    /// As JSON.
    Json,
    /// Not at all.
    None,
}

impl Arguments {
    fn plan(&self) -> TrainPlan {
        let kinds = [
            (&self.text, Kind::Text),
            (&self.number, Kind::Number),
            (&self.category, Kind::Category),
            (&self.vector, Kind::Vector),
        ];
        let columns = kinds.into_iter().flat_map(|(names, kind)| {
            names.iter().map(move |name| InputColumn { name: name.clone(), kind })
        });
        TrainPlan {
            columns: columns.collect(),
            characters: match self.characters {
                Characters::Auto => None,
                Characters::Yes => Some(true),
                Characters::No => Some(false),
            },
            trainer: Trainer {
                strength: self.strength,
                folds: self.folds,
                visits: self.visits,
                balanced: self.balanced,
            },
            uncovered: self.uncovered,
            rounds: self.rounds,
            data: self.data.clone(),
        }
    }
}

/// The rule that `--decide` names.
pub(super) fn rule(decide: Option<&str>) -> anyhow::Result<Option<Rule>> {
    decide.map(parse_rule).transpose()
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    if !(0.0..=1.0).contains(&arguments.uncovered) {
        bail!("--uncovered must be from 0 to 1, it is {}", arguments.uncovered);
    }
    let outputs: Vec<&PathBuf> = [&arguments.output].into_iter().chain(&arguments.labels).collect();
    for path in &outputs {
        if path.exists() && !arguments.overwrite {
            return Err(OutputError::Exists { path: path.display().to_string() }.into());
        }
        probe(path)?;
    }
    let format = match &arguments.labels {
        Some(path) => format_of(path)?,
        None => default_format(),
    };
    let rule = rule(arguments.decide.as_deref())?;
    let run = Run::open(&arguments.run)?;
    let of_run: Vec<PathBuf> = ["manifest.json", "model.json", "report.json", "spec.yaml"]
        .map(|name| arguments.run.join(name))
        .into();
    let paths: Vec<_> = outputs.iter().map(|path| path.as_path()).collect();
    keep_inputs(&run.data(&arguments.data)?, &of_run, &paths)?;
    let trained = run.train(&arguments.plan(), arguments.privacy.privacy())?;
    interrupt::last_chance()?;
    let json = trained.classifier.to_json().map_err(Error::from)?;
    if let Some(path) = &arguments.labels {
        let labels = match arguments.from {
            Whose::Combined => &trained.combined,
            Whose::Classifier => &trained.alone,
        };
        let decision = trained.decision(labels, rule).map_err(Error::from)?;
        let rows = Rows { name: &run.manifest().id, ids: &trained.ids };
        let table = LabelTable { rows, labels, decision: &decision, more: &[], votes: None };
        write_labels(path, format, &table)?;
    }
    crate::job::write_text(&arguments.output, &json)?;
    match arguments.report {
        Format::Table => console.result(&visible::lines(&table(&trained.report)))?,
        Format::Json => console.json(&serde_json::to_string_pretty(&trained.report)?)?,
        Format::None => {}
    }
    for path in outputs {
        console.say(&format!("wrote {}", path.display()));
    }
    Ok(0)
}

/// The report for a terminal.
fn table(report: &TrainReport) -> String {
    let mut out = String::new();
    let Course { rows, features, visits, losses, temperature, .. } = &report.course;
    let columns: Vec<&str> =
        report.inputs.columns().iter().map(|column| column.name.as_str()).collect();
    let _ = writeln!(
        out,
        "Learned from {rows} of {} rows ({} with votes{}), from {} features of {}{}.",
        report.rows,
        report.covered,
        match report.learned {
            0 => String::new(),
            n => format!(", {n} with a known label"),
        },
        features,
        columns.join(", "),
        if report.inputs.characters { ", runs of characters included" } else { "" },
    );
    let _ = writeln!(
        out,
        "{visits} visits of each row; cross-entropy with the labels, on rows that were not seen: {}; temperature {temperature:.2}. \
         Beside it the votes count {:.2}.",
        losses.last().map_or_else(String::new, |loss| format!("{loss:.3}")),
        report.votes_weight,
    );
    if let (kept, tried @ 1..) = report.rounds {
        let _ = writeln!(
            out,
            "Self-training: {kept} of {tried} rounds kept{}.",
            if kept < tried { ", the next one was no better" } else { "" }
        );
    }
    match &report.scores {
        None => {
            out +=
                "No known labels to score against: with `jurat run --gold-file` a run has some.\n";
        }
        Some(scores) => {
            let _ = writeln!(
                out,
                "\n{:<26}{:>8}  {:>8}  {:>8}  {:>8}",
                "", "rows", "accuracy", "macro F1", "log loss"
            );
            let groups = [
                ("all rows with gold", Some(&scores.all)),
                ("with votes", scores.covered.as_ref()),
                ("without votes", scores.uncovered.as_ref()),
            ];
            for (name, of) in groups {
                if let Some(of) = of {
                    lines(&mut out, name, of);
                }
            }
        }
    }
    for class in report.terms.iter().filter(|class| !class.terms.is_empty()) {
        terms(&mut out, class);
    }
    out
}

/// Columns of the terminal that terms are wrapped to.
const WIDTH: usize = 100;

/// What speaks for a class, a paragraph a column of the data.
fn terms(out: &mut String, of: &ClassTerms) {
    let _ = writeln!(out, "\n{}", of.class);
    let mut columns: Vec<Option<&str>> = Vec::new();
    for column in of.terms.iter().map(|term| term.column.as_deref()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    for column in columns {
        let mut line = column.map_or_else(|| " ".to_owned(), |name| format!("  {name} ·"));
        let of_column = of.terms.iter().filter(|term| term.column.as_deref() == column);
        for (n, term) in of_column.enumerate() {
            line += if n > 0 { "," } else { "" };
            let term = format!(" {} ({:+.1})", term.text, term.weight);
            if line.chars().count() + term.chars().count() >= WIDTH {
                let _ = writeln!(out, "{line}");
                line.replace_range(.., "   ");
            }
            line += &term;
        }
        let _ = writeln!(out, "{line}");
    }
}

fn lines(out: &mut String, name: &str, of: &ScoresOf) {
    let _ = writeln!(out, "{name}");
    let prevalence = of.prevalence.as_ref();
    let all = [
        ("label model", Some(&of.label_model)),
        ("classifier", Some(&of.classifier)),
        ("  labels by prevalence", prevalence),
        ("together", Some(&of.combined)),
    ];
    for (who, score) in all {
        if let Some(Score { rows, accuracy, macro_f1, log_loss }) = score {
            let _ = writeln!(
                out,
                "  {who:<24}{rows:>8}  {accuracy:>8.4}  {macro_f1:>8.4}  {log_loss:>8.4}"
            );
        }
    }
}
