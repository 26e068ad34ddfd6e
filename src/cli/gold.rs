//! `jurat gold`: answers of people into a gold file.

use super::console::{Console, timestamp};
use crate::Spec;
use crate::answers::{Answers, Defaults, Subject, read_sheet};
use crate::job::{Run, write_text};
use anyhow::bail;
use clap::Args;
use std::path::PathBuf;
use std::time::SystemTime;

/// Takes the answers of filled sheets into a gold file, which is made if it is not there.
///
/// Sheets are CSV or XLSX with columns `gold`, and `row` or `id`, such as those of `jurat review`, or the
/// JSON that Label Studio exports. The gold file keeps who said what and when, a line an answer; of several
/// answers of a person the latest counts, and where people differ the majority. If anything is wrong in any
/// sheet, the gold file stays as it is.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The gold file.
    gold: PathBuf,
    /// Filled sheets: CSV, XLSX, or JSON of Label Studio. Without, the gold file is checked.
    sheets: Vec<PathBuf>,
    /// The run that the rows were chosen from: labels, rows and identifiers are checked against it.
    #[arg(long, value_name = "DIR", conflicts_with = "spec")]
    run: Option<PathBuf>,
    /// A spec: labels are checked against it.
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Who answered, where the sheet does not say.
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// When, where the sheet does not say; by default now.
    #[arg(long, value_name = "DATE")]
    when: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let path = &arguments.gold;
    let run = arguments.run.as_deref().map(Run::open).transpose()?;
    let labels = match (&run, &arguments.spec) {
        (Some(run), _) => Some(run.manifest().labels.clone()),
        (None, Some(spec)) => {
            Some(Spec::from_path(spec)?.labels.into_iter().map(|label| label.value).collect())
        }
        (None, None) => None,
    };
    if path.exists()
        && !arguments.sheets.is_empty()
        && let Some(column) = Answers::foreign_column(path)?
    {
        let name = path.display();
        bail!(
            "{name} has a column `{column}`, so it is no gold file; name the gold file first, then sheets"
        );
    }
    let mut gold = if path.exists() || arguments.sheets.is_empty() {
        Answers::read(path)?
    } else {
        Answers::default()
    };
    let name = path.display().to_string();
    if let Some(labels) = &labels {
        gold.check(labels, &name)?;
    }
    let now = timestamp(SystemTime::now());
    for sheet in &arguments.sheets {
        let source =
            sheet.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let defaults = Defaults::new(
            arguments.who.clone(),
            Some(arguments.when.clone().unwrap_or_else(|| now.clone())),
            source,
        )
        .map_err(|message| anyhow::anyhow!("--when: {message}"))?;
        let read = read_sheet(sheet, &defaults)?;
        let name = sheet.display().to_string();
        let mut new = Answers { all: read.answers };
        if let Some(labels) = &labels {
            new.check(labels, &name)?;
        }
        if let Some(run) = &run {
            run.complete(&mut new, &name)?;
        }
        let merged = gold.merge(new.all);
        console.say(&format!(
            "{name}: {} new answers, {} changed, {} known already, {} rows without an answer",
            merged.new, merged.changed, merged.repeated, read.open
        ));
    }
    if !arguments.sheets.is_empty() {
        write_text(path, &gold.to_csv()?)?;
    }
    tell(&gold, console);
    if labels.is_none() {
        console.say("labels were not checked; say --run or --spec to do so");
    }
    Ok(0)
}

/// Disagreements that are listed.
const LISTED: usize = 10;

fn tell(gold: &Answers, console: &Console) {
    let decided = gold.decide();
    console.say(&format!(
        "{} answers by {} {}, {} rows with a label",
        gold.all.len(),
        decided.people.len(),
        if decided.people.len() == 1 { "person" } else { "people" },
        decided.labels.len()
    ));
    if decided.disagreements.is_empty() {
        return;
    }
    console.say(&format!(
        "people differ on {} rows; {} of them are tied and have no label:",
        decided.disagreements.len(),
        decided.n_tied()
    ));
    for one in decided.disagreements.iter().take(LISTED) {
        let row = match one.subject {
            Subject::Id(id) => format!("id {id:?}"),
            Subject::Row(row) => format!("row {row}"),
        };
        let answers: Vec<String> =
            one.answers.iter().map(|(who, label)| format!("{who}: {label}")).collect();
        console.say(&format!("  {row}: {}", answers.join(", ")));
    }
    if decided.disagreements.len() > LISTED {
        console.say(&format!("  and {} more", decided.disagreements.len() - LISTED));
    }
}
