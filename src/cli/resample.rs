//! `jurat resample`: rows of rare labels several times, or fewer of common ones.

use super::console::Console;
use super::decide::meant;
use super::run::keep_inputs;
use crate::input::{Column, Files};
use crate::job::Run;
use crate::merge::LabelSet;
use crate::output::{ColumnValues, Rows, TableColumn, check_id, format_of, probe, write_columns};
use crate::resample::{Balance, Resampled, resample};
use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use std::path::{Path, PathBuf};

/// Writes the labels of a run with more rows of rare labels, or fewer of common ones.
///
/// Rows with a label are written in their order, with their identifier, number and probabilities; one that is
/// repeated stands there several times. `weight` says for how many rows of the run a row stands. No row is left
/// out before another one of its label is repeated.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("balance").required(true))]
pub(super) struct Arguments {
    /// A run directory, or a file of labels that `jurat fit` wrote.
    labels: String,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// As many rows of every label as of the most common one.
    #[arg(long, group = "balance")]
    over: bool,
    /// As many rows of every label as of the least common one.
    #[arg(long, group = "balance")]
    under: bool,
    /// These shares of the labels: `spam=0.5,ham=0.5`.
    #[arg(long, value_name = "SHARES", group = "balance")]
    to_balance: Option<String>,
    /// With --to-balance: rows in all; by default as many as have a label.
    #[arg(long, value_name = "N", requires = "to_balance")]
    rows: Option<u64>,
    /// Another seed draws other rows.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The column of identifiers of a file of labels; by default the first one.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.output)?;
    probe(&arguments.output)?;
    let is_run = Path::new(&arguments.labels).is_dir();
    let (files, set) = if is_run {
        let run = Run::open(&arguments.labels)?;
        (run.table("labels")?, LabelSet::of_run(&run)?)
    } else {
        let files = Files::new([&arguments.labels])?;
        let set = LabelSet::of_file(&files, arguments.id.as_deref())?;
        (files, set)
    };
    keep_inputs(&files, &[], &[&arguments.output])?;
    check_id(&set.id, if set.id == "row" { &["weight"] } else { &["row", "weight"] })?;
    let balance = match &arguments.to_balance {
        Some(text) => {
            let shares = shares(text, &set.classes)?;
            Balance::Shares { shares, rows: arguments.rows }
        }
        None if arguments.over => Balance::Over,
        None => Balance::Under,
    };
    let drawn = resample(&set.labels, &set.classes, &balance, arguments.seed)?;
    write(&set, &drawn, arguments, format)?;
    for (class, name) in set.classes.iter().enumerate() {
        console.say(&format!("{name}: {} rows of {}", drawn.after[class], drawn.before[class]));
    }
    let left = set.labels.iter().filter(|label| label.is_none()).count();
    if left > 0 {
        console.say(&format!("left out: {left} rows without a label"));
    }
    console.say(&format!("wrote {}", arguments.output.display()));
    Ok(0)
}

/// The share of each class; those that are not named have none.
fn shares(text: &str, classes: &[String]) -> anyhow::Result<Vec<f64>> {
    let mut shares = vec![None; classes.len()];
    for pair in text.split(',') {
        let Some((name, share)) = pair.rsplit_once('=') else {
            bail!("--to-balance: `{pair}` is not of the form label=share, as in spam=0.5,ham=0.5");
        };
        let name = name.trim();
        let Some(class) = classes.iter().position(|class| class == name) else {
            bail!(
                "--to-balance names `{name}`, which is not one of the labels {}{}",
                classes.join(", "),
                meant(name, classes.iter().map(String::as_str))
            );
        };
        let number = share.trim().parse::<f64>();
        let number = number.with_context(|| format!("--to-balance: `{share}` is no number"))?;
        if shares[class].replace(number).is_some() {
            bail!("--to-balance names `{name}` twice");
        }
    }
    Ok(shares.into_iter().map(|share| share.unwrap_or(0.0)).collect())
}

fn write(
    set: &LabelSet,
    drawn: &Resampled,
    arguments: &Arguments,
    format: &'static crate::output::Format,
) -> anyhow::Result<()> {
    let n = set.n_rows();
    let ids = drawn.rows.iter().map(|&row| set.ids[row as usize].as_deref());
    let ids = [if set.whole {
        Column::Integer(ids.map(|id| id.and_then(|id| id.parse().ok())).collect())
    } else {
        Column::Text(ids.collect())
    }];
    let mut columns = Vec::new();
    if set.id != "row" {
        columns.push(TableColumn::wholes("row", (0..n as i64).collect()));
    }
    columns.push(TableColumn {
        name: "label".to_owned(),
        values: ColumnValues::Texts { of: set.classes.clone(), values: set.labels.clone() },
    });
    let confidence = (0..n).map(|row| set.confidence(row)).collect();
    columns.push(TableColumn::numbers("confidence", confidence));
    for (class, name) in set.classes.iter().enumerate() {
        let probabilities = (0..n).map(|row| set.row(row)[class]).collect();
        columns.push(TableColumn::numbers(format!("prob:{name}"), probabilities));
    }
    let weight = |label: &Option<u32>| label.map_or(0.0, |label| drawn.weight(label));
    columns.push(TableColumn::numbers("weight", set.labels.iter().map(weight).collect()));
    let rows = Rows { name: &set.id, ids: &ids };
    write_columns(&arguments.output, format, rows, &drawn.rows, &columns)?;
    Ok(())
}
