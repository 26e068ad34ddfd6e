//! `jurat sample`: random samples with known inclusion probabilities, and splits.

use super::console::Console;
use super::rows::{Target, data};
use super::{FINDINGS, run::input_formats, split};
use crate::input::Files;
use crate::names::brief;
use crate::output::{Added, AddedKind};
use crate::sample::{Allocation, Amount, Design, Drawn, Plan, SampledRow};
use anyhow::bail;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Draws a random sample of data, or splits data into parts for training, development, validation and test.
///
/// A sample has all columns of the data and two more: `row`, the number of the row from 0, and `inclusion`, the
/// probability π with which the row was drawn. A sum over the sample of y/π estimates the sum of y over all rows without
/// bias, however the rows were drawn. Data are read once, and the memory is that of the sample.
///
/// A split has the columns `row` and `split` instead, or goes to a file each. Rows of one group, or with equal texts, can
/// be kept together, and later rows kept for test.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    jurat sample notes.parquet -n 500 -o dev.parquet\n  \
    zcat log.csv.gz | jurat sample - -n 10000 > rows.csv\n  \
    jurat sample notes.csv -n 300 --by ward -o rows.csv\n  \
    jurat sample orders.csv -n 200 --weights amount -o audit.csv\n  \
    jurat sample scores.csv -n 200 --importance entropy -o rows.csv\n  \
    jurat sample notes.csv --dev 500 --valid 10% --test 20% --group patient -o notes-{split}.csv\n  \
    jurat sample notes.csv --test 20% --time received --text note --fail-on-duplicates -o out.csv")]
pub(super) struct Arguments {
    /// Data files or patterns, in any format that `jurat run` reads; `-` is standard input.
    #[arg(required = true)]
    pub(super) data: Vec<String>,
    /// How many rows to draw.
    #[arg(short, value_name = "ROWS", conflicts_with_all = ["share", "dev", "valid", "test"])]
    n: Option<usize>,
    /// Draw each row with this probability, independently of the others: `1%`.
    #[arg(long, value_name = "SHARE", conflicts_with_all = ["by", "weights", "importance", "dev", "valid", "test"])]
    share: Option<Amount>,
    /// Draw in strata: the values of this column. Up to ROWS rows of each stratum are kept on the way.
    #[arg(long, value_name = "COLUMN", requires = "n", help_heading = "Samples")]
    by: Option<String>,
    /// How the rows are given to strata: as large as these are (and at least one), or as many to each.
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        default_value = "proportional",
        requires = "by",
        help_heading = "Samples"
    )]
    allocate: Allocate,
    /// Draw with probabilities proportional to this column, as far as none is above 1.
    #[arg(
        long,
        value_name = "COLUMN",
        requires = "n",
        conflicts_with = "by",
        help_heading = "Samples"
    )]
    weights: Option<String>,
    /// Draw most rows by this column of scores, such as how uncertain a label is, and some at random. A row that is drawn
    /// both ways counts once.
    #[arg(long, value_name = "COLUMN", requires = "n", conflicts_with_all = ["by", "weights"], help_heading = "Samples")]
    importance: Option<String>,
    /// The share of an importance sample that is drawn at random, so that every row may come; 0% for none.
    #[arg(long, value_name = "SHARE", default_value = "10%", requires = "importance", value_parser = share_or_none, help_heading = "Samples")]
    uniform: f64,
    /// The file to write; its ending says the format. `{split}` in its name stands for the part of a split. Without, CSV
    /// or JSON Lines go to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Another number draws other rows; the same data and number always draw the same.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(super) seed: u64,
    /// Put this before the names of added columns, where the data have columns of these names already.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) prefix: String,
    /// Format of the data, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    pub(super) input_format: Option<String>,
    // The last one, so that its heading is over nothing else.
    #[command(flatten)]
    pub(super) split: split::SplitOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allocate {
    Proportional,
    Equal,
}

/// A share that may be 0.
fn share_or_none(text: &str) -> Result<f64, String> {
    match text.trim() {
        "0" | "0%" | "0 %" => Ok(0.0),
        other => match other.parse::<Amount>() {
            Ok(Amount::Share(share)) => Ok(share),
            Ok(Amount::Rows(_)) => Err("a share such as 10% is wanted".to_owned()),
            Err(error) => Err(error.to_string()),
        },
    }
}

impl Arguments {
    fn design(&self) -> anyhow::Result<Design> {
        let Some(n) = self.n else {
            return match self.share {
                Some(Amount::Share(share)) => Ok(Design::Share { share }),
                Some(Amount::Rows(rows)) => {
                    bail!(
                        "--share {rows} is a number of rows; say -n {rows}, or a share such as 1%"
                    )
                }
                None => {
                    bail!("say how much: -n 500 or --share 1% for a sample, --test 20% for a split")
                }
            };
        };
        let allocation = match self.allocate {
            Allocate::Proportional => Allocation::Proportional,
            Allocate::Equal => Allocation::Equal,
        };
        Ok(match (&self.by, &self.weights, &self.importance) {
            (Some(by), _, _) => Design::Stratified { n, by: by.clone(), allocation },
            (_, Some(by), _) => Design::Weighted { n, by: by.clone() },
            (_, _, Some(by)) => Design::Importance { n, by: by.clone(), uniform: self.uniform },
            (None, None, None) => Design::Simple { n },
        })
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    if arguments.split.is_wanted() {
        return split::run(arguments, console);
    }
    arguments.split.refuse()?;
    let plan = Plan { design: arguments.design()?, seed: arguments.seed };
    plan.check()?;
    let target = Target::new(arguments.output.as_deref(), console.shows_results());
    let (files, rest) = data(arguments, &target.files(&[]), false)?;
    let drawn = draw(arguments, &plan, &files, &target, console)?;
    drop(rest);
    tell(&plan, &drawn, &target, console);
    Ok(if drawn.drawn == 0 { FINDINGS } else { 0 })
}

/// Draws and writes the sample.
fn draw(
    arguments: &Arguments,
    plan: &Plan,
    files: &Files,
    target: &Target,
    console: &Console,
) -> anyhow::Result<Drawn> {
    let added = [("row", AddedKind::Whole), ("inclusion", AddedKind::Number)];
    let added = added.map(|(name, kind)| (format!("{}{name}", arguments.prefix), kind));
    let mut source = files.open(&plan.fields())?;
    let columns = source.columns();
    target.check(&columns, &added)?;
    let progress = console.progress();
    // What is decided row by row is written row by row; rows of Parquet are looked up afterwards.
    let at_once = matches!(plan.design, Design::Share { .. });
    let (mut sink, mut kept): (Option<super::rows::Sink>, Vec<SampledRow>) = (None, Vec::new());
    let drawn = plan.draw(source.as_mut(), &progress, &mut |row| -> anyhow::Result<()> {
        match &row.whole {
            Some(whole) if at_once => {
                let sink = match &mut sink {
                    Some(sink) => sink,
                    none => none.insert(target.open(columns.clone(), &added, [&**whole])?),
                };
                let cells = [Added::Whole(row.row), Added::Number(row.inclusion)];
                sink.write(whole, &cells)
            }
            _ => {
                kept.push(row);
                Ok(())
            }
        }
    })?;
    drop(source);
    progress.ended(console, "read");
    let wholes = || kept.iter().filter_map(|row| row.whole.as_deref());
    let mut sink = match sink {
        Some(sink) => sink,
        None => target.open(columns, &added, wholes())?,
    };
    for row in kept.iter().filter(|row| row.whole.is_some()) {
        let cells = [Added::Whole(row.row), Added::Number(row.inclusion)];
        sink.write(row.whole.as_deref().unwrap_or_default(), &cells)?;
    }
    let mut looked_up = kept.iter().filter(|row| row.whole.is_none()).peekable();
    if looked_up.peek().is_some() {
        let numbers = kept.iter().filter(|row| row.whole.is_none()).map(|row| row.row);
        sink.look_up(files, numbers, &mut |n| {
            let of: Vec<&SampledRow> = looked_up.by_ref().take(n).collect();
            let row = of.iter().map(|row| Added::Whole(row.row)).collect();
            let inclusion = of.iter().map(|row| Added::Number(row.inclusion)).collect();
            vec![row, inclusion]
        })?;
    }
    sink.finish(console)?;
    Ok(drawn)
}

/// Strata that are listed.
const LISTED: usize = 20;

fn tell(plan: &Plan, drawn: &Drawn, target: &Target, console: &Console) {
    let Drawn { rows, drawn: n, certain, never, strata, .. } = drawn;
    let how = match &plan.design {
        Design::Simple { .. } | Design::Share { .. } => "at random".to_owned(),
        Design::Stratified { by, .. } => format!("in {} strata of `{by}`", strata.len()),
        Design::Weighted { by, .. } => format!("by `{by}`"),
        Design::Importance { by, uniform: 0.0, .. } => format!("by `{by}`"),
        Design::Importance { by, uniform, .. } => {
            format!("by `{by}`, and {:.0} % at random", 100.0 * uniform)
        }
    };
    console.say(&format!("drew {n} of {rows} rows {how}{}", target.named()));
    if *certain > 0 && certain < n {
        console.say(&format!("{certain} of them are in every such sample"));
    }
    if *never > 0 {
        console.say(&format!(
            "{never} rows have a weight of 0 and are in no sample: estimates do not speak for them"
        ));
    }
    for stratum in strata.iter().take(LISTED) {
        let value = stratum.value.as_deref().map_or("(missing)".into(), brief);
        console.say(&format!("  {value}: {} of {} rows", stratum.drawn, stratum.rows));
    }
    if strata.len() > LISTED {
        console.say(&format!("  and {} more", strata.len() - LISTED));
    }
}
