//! `jurat merge`: labels of several runs and of people as one table.

use super::console::Console;
use super::run::keep_inputs;
use crate::input::Files;
use crate::job::Run;
use crate::merge::{LabelSource, Rule, merge};
use crate::output::{OutputError, check_id, format_of, probe};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Merges labels of several runs and of people into one table, a row each.
///
/// Rows are told apart by identifier, or by number where the data have none. The columns are the identifier,
/// `label`, `confidence`, `prob:<label>`, `source`, `when`, `n_sources` (those that give the row a label) and
/// `conflict` (1 where they give different ones).
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Run directories, files of labels (those of `jurat run` and `jurat fit`), and gold files.
    #[arg(required = true, value_name = "LABELS")]
    sources: Vec<String>,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Which of several labels of a row is kept.
    #[arg(long, value_enum, default_value = "hand-first", value_name = "RULE")]
    rule: Kept,
    /// Write the labels of rows to which sources give different ones to this file, a line each.
    #[arg(long, value_name = "FILE")]
    conflicts: Option<PathBuf>,
    /// The column of identifiers of files of labels; by default the first one.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
}

/// Which of several labels of a row is kept.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kept {
    /// That of people, then the latest, then the one with the highest confidence.
    HandFirst,
    /// The latest, whoever gave it; labels of an unknown time come last.
    Latest,
    /// The one with the highest confidence; people are certain.
    Confident,
    /// The most probable one after probabilities were averaged.
    Average,
    /// That of the source which is named first.
    Order,
}

impl Kept {
    fn rule(self) -> Rule {
        match self {
            Self::HandFirst => Rule::HandFirst,
            Self::Latest => Rule::Latest,
            Self::Confident => Rule::Confident,
            Self::Average => Rule::Average,
            Self::Order => Rule::Order,
        }
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.output)?;
    let of_conflicts = arguments.conflicts.as_deref().map(|path| Ok((path, format_of(path)?)));
    let of_conflicts = of_conflicts.transpose().map_err(|error: OutputError| error)?;
    let mut outputs = vec![arguments.output.as_path()];
    outputs.extend(arguments.conflicts.as_deref());
    for output in &outputs {
        probe(output)?;
    }
    let mut sources = Vec::new();
    for path in &arguments.sources {
        let files = if Path::new(path).is_dir() {
            Run::open(path)?.table("labels")?
        } else {
            Files::new([path])?
        };
        keep_inputs(&files, &[], &outputs)?;
        sources.push(LabelSource::open(path, arguments.id.as_deref())?);
    }
    let merged = merge(sources, arguments.rule.rule())?;
    check_id(&merged.id, &["source", "when", "n_sources", "conflict", "kept"])?;
    merged.write(&arguments.output, format)?;
    if let Some((path, format)) = of_conflicts {
        merged.write_conflicts(path, format)?;
    }
    let labeled = merged.labels.iter().filter(|label| label.is_some()).count();
    console.say(&format!(
        "{} rows, {labeled} with a label; sources give different labels to {} rows",
        merged.keys.len(),
        merged.n_conflicts
    ));
    if merged.tied > 0 {
        console.say(&format!("people are tied on {} rows, and give them no label", merged.tied));
    }
    for path in outputs {
        console.say(&format!("wrote {}", path.display()));
    }
    Ok(0)
}
