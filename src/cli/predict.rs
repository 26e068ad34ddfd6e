//! `jurat predict`: labels of a trained classifier for other data.

use super::console::Console;
use super::decide::OnTies;
use super::interrupt;
use super::run::{in_format, input_formats, keep_inputs};
use super::train::rule;
use crate::classifier::{Classifier, Score};
use crate::input::{Field, Files};
use crate::model::{Decision, Policy, ProbLabels, Rule, Uncovered};
use crate::output::{LabelTable, Rows, check_id, format_of, probe, write_labels};
use crate::{ClassId, Error, FieldId, Names};
use clap::Args;
use std::path::PathBuf;

/// Labels data with a classifier that `jurat train` wrote.
///
/// Writes `label`, `confidence` and `prob:<class>` for every row.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The classifier.
    classifier: PathBuf,
    /// Data files or patterns; `-` is standard input.
    #[arg(required = true)]
    data: Vec<String>,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Column with identifiers; by default rows are numbered from 0.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Which class a row gets: `most-probable`; or `prevalence`, with the offsets that made labels as common as
    /// the class balance where it was trained.
    #[arg(long, value_name = "RULE", default_value = "most-probable")]
    decide: String,
    /// No label where its probability would be below this.
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.0)]
    min_confidence: f64,
    /// What to do when classes are equally good.
    #[arg(long, value_enum, default_value = "abstain", value_name = "WHAT")]
    ties: OnTies,
    /// Column with known labels: scores against them are printed.
    #[arg(long, value_name = "COLUMN")]
    gold: Option<String>,
    /// Format of the data, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    input_format: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.out)?;
    let id = arguments.id.as_deref().unwrap_or("row");
    check_id(id, &[])?;
    let path = arguments.classifier.display().to_string();
    let classifier = Classifier::read(&arguments.classifier).map_err(Error::from)?;
    let files = Files::new(&arguments.data)?;
    let files = in_format(files, arguments.input_format.as_deref());
    keep_inputs(&files, std::slice::from_ref(&arguments.classifier), &[&arguments.out])?;
    probe(&arguments.out)?;
    let rule = rule(Some(&arguments.decide))?.unwrap_or_default();
    let offsets = match rule {
        Rule::Prevalence => match classifier.offsets() {
            Some(offsets) => Some(offsets.to_vec()),
            None => anyhow::bail!(
                "--decide prevalence: {path} was trained without a class balance; give one in the spec \
                 (model: class_balance) and train again"
            ),
        },
        Rule::F1(_) => return Err(Error::from(crate::classifier::ClassifierError::Rule).into()),
        _ => None,
    };
    if !(0.0..=1.0).contains(&arguments.min_confidence) {
        anyhow::bail!("--min-confidence must be from 0 to 1, it is {}", arguments.min_confidence);
    }
    let policy = Policy {
        rule,
        min_confidence: Some(arguments.min_confidence).filter(|least| *least > 0.0),
        ties: arguments.ties.ties(),
        uncovered: Uncovered::Decide,
        ..Policy::default()
    };
    if arguments.gold.is_some() && !files.can_be_read_again() {
        anyhow::bail!(
            "--gold: standard input cannot be read a second time; write it to a file first"
        );
    }
    let wanted = arguments.id.as_ref().map(Field::id);
    let predicted = classifier.label(&files, wanted.as_ref()).map_err(Error::from)?;
    interrupt::last_chance()?;
    let labels: &ProbLabels = &predicted.labels;
    write_labels(
        &arguments.out,
        format,
        &LabelTable {
            rows: Rows { name: id, ids: &predicted.ids },
            labels,
            decision: &Decision::restored(policy, offsets.clone()),
            more: &[],
            votes: None,
        },
    )?;
    console.say(&format!("wrote {} ({} rows)", arguments.out.display(), labels.n_rows()));
    if let Some(column) = &arguments.gold {
        let gold = known(&files, column, labels.names())?;
        match Score::new(labels.table(), &gold, offsets.as_deref()) {
            Some(score) => console.result(&format!(
                "{} rows with a known label: accuracy {:.4}, macro F1 {:.4}, log loss {:.4}\n",
                score.rows, score.accuracy, score.macro_f1, score.log_loss
            ))?,
            None => console.say(&format!("no cell of `{column}` is one of the labels")),
        }
    }
    Ok(0)
}

/// The known label of each row, where it is one of the classes.
fn known(
    files: &Files,
    column: &str,
    names: &Names,
) -> Result<Vec<Option<ClassId>>, crate::input::ReadError> {
    let mut source = files.open(&[Field::text(column)])?;
    let mut gold = Vec::new();
    while let Some(batch) = source.next_batch()? {
        let class = |row| names.class_named(batch.text(FieldId::FIRST, row)?.trim());
        gold.extend((0..batch.n_rows()).map(class));
    }
    Ok(gold)
}
