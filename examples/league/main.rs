//! A league table of label models on label matrices with known labels.
//!
//! ```sh
//! cargo run --release --example league -- DIR
//! ```
//!
//! DIR holds `index.json`, a map from the name of each set to `{"classes": [NAME, …],
//! "class_balance": {NAME: SHARE, …}}`, and for each set a table `<set>.parquet` with the columns
//! `lf:<name>` (the class that a labeling function voted, null where it abstained) and `gold`.
//!
//! Each set is fitted by majority vote and by the default model, without and with the class
//! balance. `acc` is the accuracy on rows with a gold label, where classes that tie for the highest
//! probability share the row; `loss` is the mean of −ln P(gold class) on those that have a vote.
//!
//! If there is a folder DIR/rules, the rules in it are run on the texts as well, see [`rules`].

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod rules;

use jurat::input::Files;
use jurat::model::{Anchored, Decision, LabelModel, Majority, Supervision};
use jurat::report::Evidence;
use jurat::votes::{VotesFile, VotesOptions};
use jurat::{Patterns, Report};
use serde_json::{Map, Value};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Accuracy and log loss.
type Score = (f64, f64);

/// The columns of the table: majority vote and the default model, each without and with balance.
const COLUMNS: [&str; 4] = ["majority", "majority + balance", "anchored", "anchored + balance"];

/// Sets whose names start so are votes of people.
const CROWD: &str = "crowd-";

fn main() -> ExitCode {
    let Some(dir) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: cargo run --release --example league -- DIR");
        return ExitCode::from(2);
    };
    match run(&dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(dir: &Path) -> Result<()> {
    let index = read_json(&dir.join("index.json"))?;
    let index = index.as_object().ok_or("index.json is not a map")?;
    print!("{:<24}", "");
    COLUMNS.iter().for_each(|name| print!("  {name:>18}"));
    println!("\n{:<24}{}", "", "          acc   loss".repeat(COLUMNS.len()));
    let mut text: Vec<Vec<Score>> = Vec::new();
    let mut crowd: Vec<Vec<Score>> = Vec::new();
    for (name, about) in index {
        let scores = league_row(&Set::read(dir, name, about)?)?;
        print_scores(name, &scores);
        (if name.starts_with(CROWD) { &mut crowd } else { &mut text }).push(scores);
    }
    for (name, group) in [("text", &text), ("crowd", &crowd)] {
        if !group.is_empty() {
            print_scores(&format!("mean of {} {name} sets", group.len()), &means(group));
        }
    }
    if dir.join("rules").is_dir() {
        println!();
        index.iter().try_for_each(|(name, about)| rules::reproduce(dir, name, about))?;
    }
    Ok(())
}

fn read_json(path: &Path) -> Result<Value> {
    let complain = |error: &dyn Error| format!("{}: {error}", path.display());
    let text = std::fs::read(path).map_err(|error| complain(&error))?;
    Ok(serde_json::from_slice(&text).map_err(|error| complain(&error))?)
}

/// A label matrix with its known labels.
struct Set {
    classes: Vec<String>,
    balance: Vec<f64>,
    votes: VotesFile,
}

impl Set {
    fn read(dir: &Path, name: &str, about: &Value) -> Result<Self> {
        let classes = classes(about).ok_or_else(|| format!("{name}: no list of classes"))?;
        let shares: Option<&Map<_, _>> = about["class_balance"].as_object();
        let share = |class: &String| shares?.get(class)?.as_f64();
        let balance: Option<Vec<f64>> = classes.iter().map(share).collect();
        let balance = balance.ok_or_else(|| format!("{name}: a class without a share"))?;
        let options = VotesOptions {
            labels: Some(classes.clone()),
            gold: Some("gold".to_owned()),
            ..VotesOptions::default()
        };
        let path = dir.join(format!("{name}.parquet"));
        let votes = VotesFile::read(&Files::new([path.to_string_lossy()])?, &options)?;
        Ok(Self { classes, balance, votes })
    }
}

fn classes(about: &Value) -> Option<Vec<String>> {
    about["classes"].as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The scores of all columns of the table on one set.
fn league_row(set: &Set) -> Result<Vec<Score>> {
    let votes = Patterns::count(&set.votes.matrix);
    let models: [Box<dyn LabelModel>; 2] = [Box::new(Majority), Box::new(Anchored::default())];
    let mut scores = Vec::new();
    for model in &models {
        for balance in [None, Some(set.balance.clone())] {
            let known = match balance {
                Some(shares) => Supervision::default().with_class_balance(shares),
                None => Supervision::default(),
            };
            let model = model.fit(&votes, &known)?;
            let report = Report::new(&Evidence {
                votes: &votes,
                model: &model,
                labels: &model.label(&votes),
                decision: Decision::default(),
                balance: known.class_balance.as_deref(),
                gold: set.votes.gold.as_deref(),
                uncertainty: None,
                notes: &[],
                about: &[],
            });
            let gold = report.gold.ok_or("no row has a gold label")?.labels;
            scores.push((gold.accuracy, gold.log_loss.unwrap_or(f64::NAN)));
        }
    }
    Ok(scores)
}

fn print_scores(name: &str, scores: &[Score]) {
    print!("{name:<24}");
    for (accuracy, loss) in scores {
        print!("       {accuracy:.4} {loss:6.4}");
    }
    println!();
}

fn means(group: &[Vec<Score>]) -> Vec<Score> {
    let mean = |column: usize, part: fn(&Score) -> f64| {
        group.iter().map(|scores| part(&scores[column])).sum::<f64>() / group.len() as f64
    };
    (0..COLUMNS.len()).map(|column| (mean(column, |s| s.0), mean(column, |s| s.1))).collect()
}
