//! `jurat fit`: labels for votes that another tool or people made.

use super::columns::ColumnOptions;
use super::console::{Console, ReportOptions, UncertaintyOptions};
use super::decide::{DecisionOptions, nothing_learned, trust};
use super::interrupt;
use super::run::{input_formats, keep_inputs};
use crate::input::{Files, STDIN, sniff};
use crate::job::{DEFAULT_MODEL, write_text};
use crate::lf::Notes;
use crate::model::{Gold, Supervision, Uncertainty, by_name, models};
use crate::output::{LabelTable, Rows, TableColumn, check_id, format_of, probe, why, write_labels};
use crate::report::{Evidence, Report};
use crate::votes::{ArrayOptions, KnownLabels, LongOptions, VotesFile, VotesOptions};
use crate::{Error, Patterns, SettingValue};
use anyhow::{Context, bail};
use clap::Args;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// Fits a label model on votes and writes a row of probabilities for every input row.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files with votes; `-` is standard input. A label matrix of Snorkel is a file `.npy`: numbers of classes
    /// from 0, and -1 to abstain, which --labels names in order.
    #[arg(required = true, value_name = "VOTES")]
    votes_files: Vec<String>,
    /// Columns whose names start so hold votes: class names, or richer ones such as `a|b` and `!a`;
    /// nothing to abstain.
    #[arg(long, default_value = "lf:", value_name = "PREFIX")]
    votes: String,
    /// The files are answers of annotators, one a row: `row=task,annotator=worker,label=answer` or a
    /// JSON object says which columns hold the item, who answered, and the answer.
    #[arg(long, value_name = "COLUMNS", conflicts_with_all = ["votes", "id"])]
    long: Option<String>,
    /// With --long: a file with the known labels, the item in a column named as in the answers.
    #[arg(long, value_name = "FILE", requires = "long")]
    gold_file: Option<String>,
    /// What stands in a cell where an LF abstained, besides nothing: for example -1. With votes in a file `.npy`
    /// 0 says that classes count from 1.
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    abstain: Option<String>,
    /// The file to write; its ending says the format.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// The classes and their order: `a,b,c` or a JSON array. By default those that occur.
    #[arg(long)]
    labels: Option<String>,
    /// With votes in a file `.npy`: the names of the labeling functions in order, as --labels.
    #[arg(long, value_name = "NAMES", conflicts_with = "long")]
    lfs: Option<String>,
    /// The label model.
    #[arg(long, default_value = DEFAULT_MODEL, value_parser = models().iter().map(|m| m.name).collect::<Vec<_>>())]
    model: String,
    /// A setting of the label model; may be given several times.
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// The share of each class: `a=0.9,b=0.1` or a JSON object.
    #[arg(long)]
    balance: Option<String>,
    /// The accuracy that you expect of a labeling function; may be given several times.
    #[arg(long, value_name = "NAME=ACCURACY")]
    trust: Vec<String>,
    /// Column with known labels, to score against; with --gold-file its column of labels, with votes in a
    /// file `.npy` another such file, a vector.
    #[arg(long, value_name = "COLUMN")]
    gold: Option<String>,
    /// Column with known labels to learn from, for some of the rows; with --gold-file a column of it.
    /// Labels are not scored on these rows, so it may be the column of --gold.
    #[arg(long, value_name = "COLUMN")]
    learn: Option<String>,
    #[command(flatten)]
    decision: DecisionOptions,
    /// Column with identifiers; by default rows are numbered from 0.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Write the fitted model to this file.
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Give every label row its votes, as columns `lf:<name>`.
    #[arg(long)]
    with_votes: bool,
    #[command(flatten)]
    columns: ColumnOptions,
    /// Format of the votes, whatever the names of the files say.
    #[arg(long, value_name = "FORMAT", value_parser = input_formats())]
    input_format: Option<String>,
    #[command(flatten)]
    uncertainty: UncertaintyOptions,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<u8> {
    let format = format_of(&arguments.out)?;
    let balance = arguments.balance.as_deref().map(parse_balance).transpose()?;
    let labels = match (&arguments.labels, &balance) {
        (Some(labels), _) => Some(parse_labels(labels)?),
        (None, Some(balance)) => Some(balance.iter().map(|(name, _)| name.clone()).collect()),
        (None, None) => None,
    };
    let long = arguments.long.as_deref().map(parse_columns).transpose()?;
    let id = match &long {
        Some([item, ..]) => item.as_str(),
        None => arguments.id.as_deref().unwrap_or("row"),
    };
    check_id(id, &arguments.columns.names(false))?;
    let weights = arguments.columns.weights()?;
    probe(&arguments.out)?;
    let mut outputs = vec![arguments.out.as_path()];
    outputs.extend(arguments.save_model.as_deref());
    let read = match read_array(arguments, labels.as_ref(), &outputs)? {
        Some(read) => read,
        None => read_table(arguments, labels, long.as_ref(), &outputs)?,
    };
    remarks(&read, console);
    let names = read.matrix.names();
    let policy = arguments.decision.policy(names)?;
    let votes = Patterns::count(&read.matrix);
    let mut known = trust(Supervision::default(), &arguments.trust, &arguments.model, names)?;
    known.class_balance = balance.map(|balance| shares(&balance, &names.classes)).transpose()?;
    let labeled = KnownLabels::count(&votes, read.gold.as_deref(), read.learn.as_deref());
    known.gold = read.learn.as_ref().map(|_| Gold::learned(&votes, &labeled));
    nothing_learned(read.learn.is_some(), &labeled, console);
    let model =
        by_name(&arguments.model, &parse_settings(&arguments.settings)?).context("--setting")?;
    let untrained = model;
    let model = untrained.fit(&votes, &known).map_err(Error::from)?;
    let labels = model.label(&votes);
    let decision = policy.prepare(&labels, &votes, &known).map_err(Error::from)?;
    let uncertainty = Uncertainty::new(
        &model,
        untrained.as_ref(),
        &votes,
        &known,
        &decision,
        &labeled,
        arguments.uncertainty.effort(),
    )
    .map_err(Error::from)?;
    let hard = labels.decide(&decision);
    let weight = weights.map(|weights| weights.of_patterns(&votes, &labels, &hard));
    let mut more: Vec<TableColumn> =
        weight.map(|weight| TableColumn::numbers("weight", weight)).into_iter().collect();
    more.extend(arguments.columns.with_why.then(|| why(&model, &votes, &hard)));
    let table = LabelTable {
        rows: Rows { name: id, ids: &read.ids },
        labels: &labels,
        decision: &decision,
        more: &more,
        votes: arguments.with_votes.then_some(&votes),
    };
    interrupt::last_chance()?;
    write_labels(&arguments.out, format, &table)?;
    if let Some(path) = &arguments.save_model {
        write_text(path, &model.to_json().map_err(Error::from)?)?;
    }
    let report = Report::new(&Evidence {
        votes: &votes,
        model: &model,
        labels: &labels,
        decision: &decision,
        balance: known.class_balance.as_deref(),
        known: &labeled,
        groups: None,
        uncertainty: Some(&uncertainty),
        notes: &notes(&read),
        about: &[],
    });
    console.report(&report, &arguments.report)?;
    console.say(&format!("wrote {}", arguments.out.display()));
    Ok(0)
}

/// Says what was found in the votes that their owner may not expect.
fn remarks(read: &VotesFile, console: &Console) {
    let names = read.matrix.names();
    if !read.guessed.is_empty() {
        console.say(&format!(
            "read as votes for one of several classes, or with a score: {}; if these are classes, \
             name all classes with --labels",
            read.guessed.iter().map(|cell| format!("`{cell}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(first) = read.contradictions.first() {
        let mut who: Vec<_> = read.contradictions.iter().map(|one| one.lf).collect();
        who.sort_unstable();
        who.dedup();
        console.say(&format!(
            "{} times an annotator gave an item different labels, and abstains there ({} annotators; \
             `{}` was the first, with `{}` and `{}`)",
            read.contradictions.len(),
            who.len(),
            names.lf(first.lf),
            first.first,
            first.second
        ));
    }
    if read.repeated > 0 {
        console.say(&format!("{} answers repeat an earlier one and count once", read.repeated));
    }
}

/// Annotators who contradict themselves, for the report.
fn notes(read: &VotesFile) -> Vec<Notes> {
    if read.contradictions.is_empty() {
        return Vec::new();
    }
    let mut notes = vec![Notes::default(); read.matrix.n_lfs()];
    for one in &read.contradictions {
        let message = format!("gave the same item `{}` and `{}`", one.first, one.second);
        notes[one.lf.index()].fail(one.row as u64, message);
    }
    notes
}

/// The columns with the item, the annotator and the answer.
fn parse_columns(text: &str) -> anyhow::Result<[String; 3]> {
    const KEYS: [&str; 3] = ["row", "annotator", "label"];
    let example = "--long says three columns, as in row=task,annotator=worker,label=answer";
    let mut columns = [const { None }; 3];
    let mut set = |key: &str, column: String| {
        let at = KEYS.iter().position(|known| *known == key);
        let Some(at) = at else { bail!("--long has no `{key}`; {example}") };
        if column.is_empty() || columns[at].replace(column).is_some() {
            bail!("--long needs one column for `{key}`; {example}");
        }
        Ok(())
    };
    if text.trim_start().starts_with('{') {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).context("--long is not a JSON object of column names")?;
        for (key, column) in &object {
            set(key, column.as_str().unwrap_or_default().to_owned())?;
        }
    } else {
        for pair in text.split(',') {
            let Some((key, column)) = pair.split_once('=') else {
                bail!("--long: `{pair}` is not of the form key=column; {example}")
            };
            set(key.trim(), column.trim().to_owned())?;
        }
    }
    match columns {
        [Some(row), Some(annotator), Some(label)] => Ok([row, annotator, label]),
        _ => bail!("{example}"),
    }
}

fn spool(paths: &[String]) -> anyhow::Result<Option<tempfile::NamedTempFile>> {
    if !paths.iter().any(|path| path == STDIN) {
        return Ok(None);
    }
    let keep = "cannot keep standard input";
    let mut stdin = std::io::stdin().lock();
    let head = stdin.fill_buf().context("cannot read standard input")?;
    let ending = format!(".{}", sniff(head).endings[0]);
    let mut file = tempfile::Builder::new().suffix(&ending).tempfile().context(keep)?;
    interrupt::staged(file.path());
    std::io::copy(&mut stdin, file.as_file_mut()).context(keep)?;
    Ok(Some(file))
}

fn parse_labels(text: &str) -> anyhow::Result<Vec<String>> {
    let labels = parse_names("--labels", text)?;
    if labels.len() < 2 || labels.iter().any(String::is_empty) {
        bail!("--labels needs at least two names, such as spam,ham");
    }
    Ok(labels)
}

/// Names with commas between them, or as JSON.
fn parse_names(option: &str, text: &str) -> anyhow::Result<Vec<String>> {
    if text.trim_start().starts_with('[') {
        let names = serde_json::from_str(text);
        names.with_context(|| format!("{option} is not a JSON array of names"))
    } else {
        Ok(text.split(',').map(|name| name.trim().to_owned()).collect())
    }
}

/// Votes in tables.
fn read_table(
    arguments: &Arguments,
    labels: Option<Vec<String>>,
    long: Option<&[String; 3]>,
    outputs: &[&Path],
) -> anyhow::Result<VotesFile> {
    // Votes are read twice, the first time for their columns: standard input goes to a file.
    let spooled = spool(&arguments.votes_files)?;
    let paths = arguments.votes_files.iter().map(|path| match &spooled {
        Some(file) if path == STDIN => file.path().to_string_lossy().into_owned(),
        _ => path.clone(),
    });
    let mut files = Files::new(paths)?;
    if let Some(format) = &arguments.input_format {
        files = files.with_format(format);
    }
    let gold: Vec<PathBuf> = arguments.gold_file.iter().map(PathBuf::from).collect();
    keep_inputs(&files, &gold, outputs)?;
    Ok(match long {
        Some([item, annotator, label]) => {
            let mut options = LongOptions::new(item, annotator, label);
            options.labels = labels;
            options.abstain.clone_from(&arguments.abstain);
            options.gold.clone_from(&arguments.gold);
            options.learn.clone_from(&arguments.learn);
            options.gold_files =
                arguments.gold_file.as_ref().map(|f| Files::new([f])).transpose()?;
            VotesFile::read_long(&files, &options)?
        }
        None => {
            let options = VotesOptions {
                prefix: arguments.votes.clone(),
                labels,
                abstain: arguments.abstain.clone(),
                id: arguments.id.clone(),
                gold: arguments.gold.clone(),
                learn: arguments.learn.clone(),
            };
            VotesFile::read(&files, &options)?
        }
    })
}

/// Votes in a file of NumPy, if that is what was given.
fn read_array(
    arguments: &Arguments,
    labels: Option<&Vec<String>>,
    outputs: &[&Path],
) -> anyhow::Result<Option<VotesFile>> {
    let is_array = |path: &String| path.to_lowercase().ends_with(".npy");
    let Some(path) = arguments.votes_files.iter().find(|path| is_array(path)) else {
        if arguments.lfs.is_some() {
            bail!(
                "--lfs names the columns of a file `.npy`; in tables they have their names already"
            );
        }
        return Ok(None);
    };
    if arguments.votes_files.len() > 1 {
        bail!("{path} is a whole label matrix; give it alone");
    }
    if arguments.long.is_some() || arguments.id.is_some() || arguments.input_format.is_some() {
        bail!("{path} has no names of columns: --long, --id and --input-format are for tables");
    }
    let from_one = match arguments.abstain.as_deref() {
        None | Some("-1") => false,
        Some("0") => true,
        Some(other) => bail!("--abstain: in a file `.npy` -1 or 0 abstains, not `{other}`"),
    };
    let known = [&arguments.gold, &arguments.learn];
    if let Some(file) = known.into_iter().flatten().find(|file| !is_array(file)) {
        bail!(
            "--gold and --learn name a file `.npy` here, with a vector of known labels, not `{file}`"
        );
    }
    let known: Vec<PathBuf> = known.into_iter().flatten().map(PathBuf::from).collect();
    keep_inputs(&Files::new([path])?, &known, outputs)?;
    let options = ArrayOptions {
        labels: labels.cloned(),
        lfs: arguments.lfs.as_deref().map(|lfs| parse_names("--lfs", lfs)).transpose()?,
        from_one,
        gold: arguments.gold.clone(),
        learn: arguments.learn.clone(),
    };
    Ok(Some(VotesFile::read_array(path, &options)?))
}

fn parse_settings(settings: &[String]) -> anyhow::Result<Vec<(String, SettingValue)>> {
    let parse = |setting: &String| match setting.split_once('=') {
        Some((name, value)) => {
            let word = SettingValue::Word(value.to_owned());
            Ok((name.to_owned(), value.parse().map_or(word, SettingValue::Number)))
        }
        None => bail!("--setting: `{setting}` is not of the form name=value, as in strength=100"),
    };
    settings.iter().map(parse).collect()
}

/// The share of each class.
fn shares(balance: &[(String, f64)], classes: &[String]) -> anyhow::Result<Vec<f64>> {
    if let Some((name, _)) = balance.iter().find(|(name, _)| !classes.contains(name)) {
        bail!("--balance names `{name}`, which is not one of the labels {}", classes.join(", "));
    }
    let share = |class: &String| match balance.iter().find(|(name, _)| name == class) {
        Some((_, share)) => Ok(*share),
        None => bail!("--balance has no share for `{class}`; it needs one for every label"),
    };
    classes.iter().map(share).collect()
}

fn parse_balance(text: &str) -> anyhow::Result<Vec<(String, f64)>> {
    let shares: Vec<(String, f64)> = if text.trim_start().starts_with('{') {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).context("--balance is not a JSON object of shares")?;
        let shares = object.into_iter().map(|(name, share)| match share.as_f64() {
            Some(share) => Ok((name, share)),
            None => bail!("--balance: the share of `{name}` is not a number"),
        });
        shares.collect::<anyhow::Result<_>>()?
    } else {
        let pair = |pair: &str| match pair.rsplit_once('=') {
            Some((name, share)) => match share.trim().parse::<f64>() {
                Ok(share) => Ok((name.trim().to_owned(), share)),
                Err(_) => bail!("--balance: `{share}` is not a number"),
            },
            None => {
                bail!("--balance: `{pair}` is not of the form name=share, as in spam=0.3,ham=0.7")
            }
        };
        text.split(',').map(pair).collect::<anyhow::Result<_>>()?
    };
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    if shares.iter().any(|(_, share)| *share <= 0.0) || (sum - 1.0).abs() > 1e-3 {
        bail!("--balance: the shares must be above 0 and sum to 1, they sum to {sum}");
    }
    Ok(shares)
}
