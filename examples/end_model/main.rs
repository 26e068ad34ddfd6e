//! What a classifier adds to a label model, on label matrices with texts and known labels.
//!
//! ```sh
//! cargo run --release --example end_model -- DIR [SET]
//! ```
//!
//! DIR holds `index.json`, a map from the name of each set to `{"classes": [NAME, …], "class_balance":
//! {NAME: SHARE, …}, "text": [COLUMN, …]}`, and for each set a table `<set>.parquet` with the columns of text,
//! `lf:<name>` (the class that a labeling function voted, null where it abstained), `gold`, and `split`.
//!
//! Label model and classifier learn from the votes and texts of all rows whose split is not `test`, with the
//! class balance given, and are scored on all rows of the split `test`, those without votes included. Sets without
//! such a split are scored on all rows, each predicted by a classifier that did not see it. Known labels are
//! looked at for the scores alone. `prevalence` are labels of the classifier with offsets that make them as common
//! as the class balance says; `together` is the classifier with the votes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use jurat::classifier::{Bags, Inputs, Score, Targets, Trainer, pool, votes_weight};
use jurat::input::{Field, Files};
use jurat::job::{CHARACTERS, TrainPlan};
use jurat::model::{Supervision, by_name};
use jurat::votes::{PatternCounter, VotesFile, VotesOptions};
use jurat::{FieldId, Patterns};
use ndarray::{Array2, Axis};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(dir) = arguments.next() else {
        eprintln!("usage: cargo run --release --example end_model -- DIR [SET]");
        return ExitCode::from(2);
    };
    match run(Path::new(&dir), arguments.next().as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(dir: &Path, only: Option<&str>) -> Result<()> {
    let path = dir.join("index.json");
    let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let index: Value = serde_json::from_slice(&text)?;
    println!("accuracy and macro F1 on all test rows");
    println!(
        "{:<26}{:>7} {:>13} {:>13} {:>13} {:>13} {:>9}",
        "", "rows", "label model", "classifier", "  prevalence", "together", "train ms"
    );
    for (name, about) in index.as_object().ok_or("index.json is not a map")? {
        if only.is_none_or(|only| only == name) {
            set(dir, name, about).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    Ok(())
}

fn names(value: &Value) -> impl Iterator<Item = String> + '_ {
    value.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned))
}

fn set(dir: &Path, name: &str, about: &Value) -> Result<()> {
    let columns: Vec<String> = names(&about["text"]).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let classes: Vec<String> = names(&about["classes"]).collect();
    let share = |class| about["class_balance"][class].as_f64().unwrap_or(0.0).max(1e-6);
    let balance: Vec<f64> = classes.iter().map(share).collect();
    let files = Files::new([dir.join(format!("{name}.parquet")).to_string_lossy()])?;
    let options = VotesOptions {
        labels: Some(classes.clone()),
        gold: Some("gold".to_owned()),
        ..VotesOptions::default()
    };
    let votes = VotesFile::read(&files, &options)?;
    let gold = votes.gold.clone().unwrap_or_default();
    let n = votes.matrix.n_rows();

    let inputs = Inputs::text(columns)?;
    let mut bytes = 0;
    let mut source = files.open(&inputs.fields())?;
    while let Some(batch) = source.next_batch()? {
        for field in (0..inputs.columns().len()).filter_map(FieldId::new) {
            let texts = (0..batch.n_rows()).filter_map(|row| batch.text(field, row));
            bytes += texts.map(str::len).sum::<usize>();
        }
    }
    let inputs = inputs.with_characters(bytes <= CHARACTERS);
    let mut fields = inputs.fields();
    let split = FieldId::new(fields.len()).ok_or("too many columns")?;
    fields.push(Field::text("split"));
    let mut source = files.open(&fields)?;
    let (mut test, mut learned, mut all) = (Vec::new(), Bags::default(), Bags::default());
    while let Some(batch) = source.next_batch()? {
        let rows = 0..batch.n_rows();
        let of_test: Vec<bool> = rows.map(|row| batch.text(split, row) == Some("test")).collect();
        let rows: Vec<usize> = (0..batch.n_rows()).filter(|&row| !of_test[row]).collect();
        learned.append(Bags::some(&batch, &inputs, 0, &rows));
        all.append(Bags::of(&batch, &inputs, 0));
        test.extend(of_test);
    }

    let mut counter = PatternCounter::new(votes.matrix.names().clone());
    for (row, _) in votes.matrix.rows().zip(&test).filter(|(_, test)| !**test) {
        counter.push(row)?;
    }
    let known = Supervision::default().with_class_balance(balance.clone());
    let fitted = by_name("auto", &[])?.fit(&counter.finish(), &known)?;
    let labels = fitted.label(&Patterns::count(&votes.matrix));
    let of_votes =
        Array2::from_shape_fn((n, classes.len()), |(row, y)| labels.probabilities(row)[y]);
    let covered: Vec<bool> = votes.matrix.rows().map(|row| !row.is_empty()).collect();

    let of_train: Vec<usize> = (0..n).filter(|&row| !test[row]).collect();
    let weight = |&row: &usize| if covered[row] { 1.0 } else { TrainPlan::default().uncovered };
    let weights: Vec<f64> = of_train.iter().map(weight).collect();
    let probabilities = of_votes.select(Axis(0), &of_train);
    let targets =
        Targets { probabilities: &probabilities, weights: &weights, balance: Some(&balance) };
    let start = Instant::now();
    let trained = Trainer::default().fit(&learned, &inputs, &classes, &targets)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    let everywhere = of_train.len() == n;
    let learned_from: Vec<bool> = of_train.iter().map(|&row| covered[row]).collect();
    let weight = votes_weight(targets.probabilities, &learned_from, &trained.out_of_fold);
    let predicted = if everywhere { trained.out_of_fold } else { trained.classifier.predict(&all) };
    let both = pool(&of_votes, &balance, &covered, &predicted, weight);

    let scored = (0..n).map(|row| gold[row].filter(|_| everywhere || test[row]));
    let scored: Vec<_> = scored.collect();
    let score = |table, offsets| {
        let score = Score::new(table, &scored, offsets);
        score.ok_or("no known labels on test rows")
    };
    let offsets = trained.classifier.offsets();
    let together = score(&both, None)?;
    let show = |score: &Score| format!("{:.4} {:.4}", score.accuracy, score.macro_f1);
    println!(
        "{name:<26}{:>7} {:>13} {:>13} {:>13} {:>13} {took:>9.0}",
        together.rows,
        show(&score(&of_votes, None)?),
        show(&score(&predicted, None)?),
        show(&score(&predicted, offsets)?),
        show(&together),
    );
    Ok(())
}
