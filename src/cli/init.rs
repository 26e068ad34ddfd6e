//! `jurat init`: a first spec for given data.

use super::console::Console;
use super::run::{input_formats, keep_inputs};
use crate::edit::Wishes;
use crate::input::Files;
use crate::job::{schema, write_text};
use crate::output::{OutputError, probe};
use clap::Args;
use std::path::{Path, PathBuf};

/// Looks at data and writes a first spec, with what speaks for each line in a comment beside it.
///
/// It finds the columns with text, identifiers, times and known labels, and words that tell the labels
/// apart (by log-odds against all rows), or where no labels are known common words to sort by hand. What it
/// writes can be checked and run as it stands; it is meant to be corrected by somebody who knows the data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    jurat init tickets.csv                           writes spec.yaml, and schema.json for editors\n  \
    jurat init notes.parquet --gold triage -o triage.yaml\n  \
    jurat init 'mails/*.jsonl' --text body --labels spam,ham --no-examples")]
pub(super) struct Arguments {
    /// Data files or patterns, in any format that `jurat run` reads.
    #[arg(required = true)]
    data: Vec<String>,
    /// The spec to write.
    #[arg(short, long, value_name = "FILE", default_value = "spec.yaml")]
    output: PathBuf,
    /// Column with the text; by default the one with the most to read.
    #[arg(long, value_name = "COLUMN")]
    text: Option<String>,
    /// Column with known labels; by default one with few values and a name such as `label` or `class`.
    #[arg(long, value_name = "COLUMN")]
    gold: Option<String>,
    /// Column with identifiers; by default one that is short and different in every row.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The labels, in their order; by default those among the known ones.
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    labels: Vec<String>,
    /// Quote no rows as examples. Words of the data are proposed all the same.
    #[arg(long)]
    no_examples: bool,
    /// Replace the spec if it exists.
    #[arg(long)]
    overwrite: bool,
    /// Format of the data, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    input_format: Option<String>,
}

/// The schema beside the spec.
const SCHEMA: &str = "schema.json";

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let output = &arguments.output;
    let path = output.display().to_string();
    if output.symlink_metadata().is_ok() && !arguments.overwrite {
        return Err(OutputError::Exists { path }.into());
    }
    let mut files = Files::new(&arguments.data)?;
    if let Some(format) = &arguments.input_format {
        files = files.with_format(format);
    }
    if !files.can_be_read_again() && files.paths().iter().all(|file| !missing(file)) {
        anyhow::bail!(
            "data are read twice, so that standard input and pipes cannot be; save them to a file"
        );
    }
    keep_inputs(&files, &[], &[output])?;
    probe(output)?;
    let wishes = Wishes {
        text: arguments.text.clone(),
        id: arguments.id.clone(),
        gold: arguments.gold.clone(),
        labels: arguments.labels.clone(),
        examples: !arguments.no_examples,
        schema: Some(SCHEMA.to_owned()),
    };
    let proposal = wishes.propose(&files, &path)?;
    write_text(output, &proposal.text)?;
    let beside = output.with_file_name(SCHEMA);
    if beside.symlink_metadata().is_err() {
        write_text(&beside, &schema(None))?;
    }
    proposal.found.iter().for_each(|found| console.say(found));
    console.say(&format!("wrote {path}"));
    console.say("next, after a look at it:");
    console.say(&format!("  jurat check {}", word(&path)));
    let data: Vec<String> = arguments.data.iter().map(|data| word(data)).collect();
    let run = output.with_file_name("run").display().to_string();
    console.say(&format!("  jurat run {} {} -o {}", word(&path), data.join(" "), word(&run)));
    Ok(0)
}

fn missing(file: &str) -> bool {
    file != crate::input::STDIN && !Path::new(file).exists()
}

/// A word for a shell.
fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./=:@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
