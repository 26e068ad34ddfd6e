//! A league table of label models on label matrices with known labels.
//!
//! ```sh
//! cargo run --release --example league -- DIR [OUT] [--balance] [--gold] [--model NAME | --all]
//! ```
//!
//! DIR holds `index.json`, a map from the name of each set to `{"classes": [NAME, …],
//! "class_balance": {NAME: SHARE, …}}`, and for each set a table `<set>.parquet` with the columns
//! `lf:<name>` (the class that a labeling function voted, null where it abstained), `gold`, and
//! `seed_gold` (the known labels of a few rows, null elsewhere).
//!
//! Each set is fitted from its votes alone; with `--balance` the class balance is known as well, with
//! `--gold` the labels in `seed_gold`, whose rows then are left out of the scores. `--model` names a
//! label model, by default the one that jurat uses by default; `--all` prints the means of every one.
//! With OUT the probabilities are written to `OUT/<set>.parquet`, in columns `prob:<class>`.
//!
//! If there is a folder DIR/rules, the rules in it are run on the texts as well, see [`rules`], unless
//! something is known.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

mod rules;
mod scores;

use jurat::input::Files;
use jurat::job::DEFAULT_MODEL;
use jurat::model::{
    Decision, Gold, LabelModel, Majority, ProbLabels, Supervision, by_name, models,
};
use jurat::output::{LabelTable, Rows, format_of, write_labels};
use jurat::votes::{VotesFile, VotesOptions};
use jurat::{ClassId, Patterns};
use scores::Scores;
use serde_json::{Map, Value};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo run --release --example league -- DIR [OUT] [--balance] [--gold] \
                     [--model NAME | --all]";

/// Sets whose names start so are votes of people.
const CROWD: &str = "crowd-";

/// What is asked for.
#[derive(Default)]
struct Arguments {
    dir: PathBuf,
    out: Option<PathBuf>,
    balance: bool,
    gold: bool,
    all: bool,
    model: Option<String>,
}

fn main() -> ExitCode {
    let Some(arguments) = arguments(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments::default();
    let mut paths = Vec::new();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--balance" => arguments.balance = true,
            "--gold" => arguments.gold = true,
            "--all" => arguments.all = true,
            "--model" => arguments.model = Some(given.next()?),
            option if option.starts_with('-') => return None,
            path => paths.push(PathBuf::from(path)),
        }
    }
    let mut paths = paths.into_iter();
    arguments.dir = paths.next()?;
    arguments.out = paths.next();
    (paths.next().is_none() && !(arguments.all && arguments.model.is_some())).then_some(arguments)
}

fn run(arguments: &Arguments) -> Result<()> {
    let index = read_json(&arguments.dir.join("index.json"))?;
    let index = index.as_object().ok_or("index.json is not a map")?;
    let mut sets = Vec::new();
    for (name, about) in index {
        sets.push((name, Set::read(&arguments.dir, name, about)?));
    }
    if arguments.all {
        return every_model(arguments, &sets);
    }
    if let Some(out) = &arguments.out {
        std::fs::create_dir_all(out)?;
    }
    let name = arguments.model.as_deref().unwrap_or(DEFAULT_MODEL);
    let model = by_name(name, &[])?;
    println!("{:<26}{}  {:>9}  {:>7}", name, Scores::HEADER, "majority¹", "fit ms");
    let mut groups: [Vec<Scores>; 2] = [Vec::new(), Vec::new()];
    for (name, set) in &sets {
        let (labels, scores, milliseconds) = set.fit(model.as_ref(), arguments)?;
        let majority = set.majority(arguments)?.accuracy_covered;
        println!("{name:<26}{scores}  {majority:9.4}  {milliseconds:7.1}");
        if let Some(out) = &arguments.out {
            let path = out.join(format!("{name}.parquet"));
            let table = LabelTable {
                rows: Rows { name: "row", ids: &[] },
                labels: &labels,
                decision: &Decision::default(),
                more: &[],
                votes: None,
            };
            write_labels(&path, format_of(&path)?, &table)?;
        }
        groups[usize::from(name.starts_with(CROWD))].push(scores);
    }
    for (what, group) in ["text", "crowd"].iter().zip(&groups) {
        if !group.is_empty() {
            println!(
                "{:<26}{}",
                format!("mean of {} {what} sets", group.len()),
                Scores::mean(group)
            );
        }
    }
    println!("¹ accuracy of majority vote on covered rows, from the votes alone");
    if arguments.dir.join("rules").is_dir() && !arguments.balance && !arguments.gold {
        println!();
        for (name, about) in index {
            rules::reproduce(&arguments.dir, name, about)?;
        }
    }
    Ok(())
}

/// Prints the means of every model.
fn every_model(arguments: &Arguments, sets: &[(&String, Set)]) -> Result<()> {
    for (what, crowd) in [("text", false), ("crowd", true)] {
        println!("{what:<26}{}  {:>7}", Scores::HEADER, "fit ms");
        for entry in models() {
            let model = by_name(entry.name, &[])?;
            let mut group = Vec::new();
            let mut total = 0.0;
            for (_, set) in sets.iter().filter(|(name, _)| name.starts_with(CROWD) == crowd) {
                let (_, scores, milliseconds) = set.fit(model.as_ref(), arguments)?;
                group.push(scores);
                total += milliseconds;
            }
            println!("{:<26}{}  {total:7.1}", entry.name, Scores::mean(&group));
        }
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
    seed: Vec<Option<ClassId>>,
}

impl Set {
    fn read(dir: &Path, name: &str, about: &Value) -> Result<Self> {
        let classes = classes(about).ok_or_else(|| format!("{name}: no list of classes"))?;
        let shares: Option<&Map<_, _>> = about["class_balance"].as_object();
        let share = |class: &String| shares?.get(class)?.as_f64();
        let balance: Option<Vec<f64>> = classes.iter().map(share).collect();
        let balance = balance.ok_or_else(|| format!("{name}: a class without a share"))?;
        let read = |gold: &str| {
            let options = VotesOptions {
                labels: Some(classes.clone()),
                gold: Some(gold.to_owned()),
                ..VotesOptions::default()
            };
            let path = dir.join(format!("{name}.parquet"));
            VotesFile::read(&Files::new([path.to_string_lossy()])?, &options)
        };
        let seed = read("seed_gold")?.gold.unwrap_or_default();
        let votes = read("gold")?;
        Ok(Self { classes, balance, votes, seed })
    }

    /// Labels, their scores, and the milliseconds from label matrix to fitted model.
    fn fit(
        &self,
        model: &dyn LabelModel,
        arguments: &Arguments,
    ) -> Result<(ProbLabels, Scores, f64)> {
        let start = Instant::now();
        let votes = Patterns::count(&self.votes.matrix);
        let mut known = Supervision::default();
        if arguments.balance {
            // A share of 0 is what is known, yet no class may be ruled out.
            let shares = self.balance.iter().map(|share| share.max(1e-6));
            known = known.with_class_balance(shares.collect());
        }
        if arguments.gold {
            known = known.with_gold(Gold::count(&votes, &self.seed));
        }
        let labels = model.fit(&votes, &known)?.label(&votes);
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        let scores = Scores::new(&votes, &labels, &self.to_score(arguments));
        Ok((labels, scores, milliseconds))
    }

    /// The scores of majority vote, from the votes alone, on the same rows.
    fn majority(&self, arguments: &Arguments) -> Result<Scores> {
        let votes = Patterns::count(&self.votes.matrix);
        let labels = Majority.fit(&votes, &Supervision::default())?.label(&votes);
        Ok(Scores::new(&votes, &labels, &self.to_score(arguments)))
    }

    /// The known labels to score against.
    fn to_score(&self, arguments: &Arguments) -> Vec<Option<ClassId>> {
        let mut gold = self.votes.gold.clone().unwrap_or_default();
        if arguments.gold {
            let learned = gold.iter_mut().zip(&self.seed).filter(|(_, seed)| seed.is_some());
            learned.for_each(|(gold, _)| *gold = None);
        }
        gold
    }
}

fn classes(about: &Value) -> Option<Vec<String>> {
    about["classes"].as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}
