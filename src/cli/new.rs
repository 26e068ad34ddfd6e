//! `jurat new`: one more part of a spec.

use super::console::Console;
use crate::edit::{NewLf, write_back};
use crate::lf::SpecText;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Adds a part to a spec; the rest of the file stays as it is.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    Lf(Lf),
}

/// Adds a labeling function at the end of `lfs`, with further choices as comments.
///
/// Without keywords or a pattern it looks for the words of its name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    jurat new lf refund --spec spec.yaml --label billing --keyword 'refund,money back'\n  \
    jurat new lf order-number --spec spec.yaml --regex '\\bORD-\\d{6}\\b'")]
struct Lf {
    /// The name: letters, digits, `-`, `_` and `.`.
    name: String,
    /// The spec file.
    #[arg(long, value_name = "SPEC")]
    spec: PathBuf,
    /// The label that it votes; by default the first one of the spec.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Words or phrases that it looks for.
    #[arg(long, value_name = "WORDS", value_delimiter = ',', conflicts_with = "regex")]
    keyword: Vec<String>,
    /// A pattern that it looks for.
    #[arg(long, value_name = "PATTERN")]
    regex: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let Part::Lf(lf) = &arguments.part;
    let SpecText { path, text } = SpecText::read(&lf.spec)?;
    let new = NewLf {
        name: lf.name.clone(),
        label: lf.label.clone(),
        keywords: lf.keyword.iter().map(|word| word.trim().to_owned()).collect(),
        regex: lf.regex.clone(),
    };
    let edits = new.add_to(&text, &path)?;
    // Edits that were checked apply.
    let after = edits.apply(&text).unwrap_or(text);
    write_back(&lf.spec, &after)?;
    let name = &lf.name;
    console.say(&format!("added `{name}` at the end of `lfs` in {path}"));
    console.say(&format!("next: jurat check {path}"));
    console.say(&format!("      jurat preview {path} DATA --lf {name}"));
    Ok(0)
}
