//! What a classifier that is trained on probabilistic labels adds to a label model.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use jurat::classifier::{Bags, Inputs, Targets, Trainer};
use jurat::input::{Field, Files};
use jurat::model::{Supervision, by_name};
use jurat::votes::{PatternCounter, VotesFile, VotesOptions};
use jurat::{ClassId, FieldId, Patterns};
use ndarray::Array2;
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn env(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() -> Result<()> {
    let dir = std::env::args().nth(1).ok_or("DIR")?;
    let only = std::env::args().nth(2);
    let index: Value = serde_json::from_slice(&std::fs::read(Path::new(&dir).join("index.json"))?)?;
    for (name, about) in index.as_object().ok_or("map")? {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        if let Err(error) = set(&dir, name, about) {
            eprintln!("{name}: {error}");
        }
    }
    Ok(())
}

fn set(dir: &str, name: &str, about: &Value) -> Result<()> {
    if about["text"].as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    let classes: Vec<String> = about["classes"]
        .as_array()
        .ok_or("classes")?
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let balance: Vec<f64> = classes
        .iter()
        .map(|class| about["class_balance"][class].as_f64().unwrap_or(0.0).max(1e-6))
        .collect();
    let path = format!("{dir}/{name}.parquet");
    let files = Files::new([path.as_str()])?;
    let options = VotesOptions {
        labels: Some(classes.clone()),
        gold: Some("gold".to_owned()),
        ..VotesOptions::default()
    };
    let votes = VotesFile::read(&files, &options)?;
    let gold = votes.gold.clone().unwrap_or_default();
    let inputs = Inputs::text(["text"])?.with_characters(env("CHARS", 0.0) > 0.0);
    let mut fields = inputs.fields();
    fields.push(Field::text("split"));
    let mut source = files.open(&fields)?;
    let (mut test, mut train_bags, mut all_bags) = (Vec::new(), Bags::default(), Bags::default());
    let start = Instant::now();
    while let Some(batch) = source.next_batch()? {
        let split = FieldId::new(1).ok_or("field")?;
        let of_test: Vec<bool> =
            (0..batch.n_rows()).map(|row| batch.text(split, row) == Some("test")).collect();
        let rows: Vec<usize> = (0..batch.n_rows()).filter(|row| !of_test[*row]).collect();
        train_bags.append(Bags::some(&batch, &inputs, 0, &rows));
        all_bags.append(Bags::of(&batch, &inputs, 0));
        test.extend(of_test);
    }
    let read = start.elapsed();
    let mut counter = PatternCounter::new(votes.matrix.names().clone());
    for (row, test) in votes.matrix.rows().zip(&test) {
        if !test {
            counter.push(row)?;
        }
    }
    let seen = counter.finish();
    let known = Supervision::default().with_class_balance(balance.clone());
    let fitted = by_name("auto", &[])?.fit(&seen, &known)?;
    let all = Patterns::count(&votes.matrix);
    let labels = fitted.label(&all);
    let k = classes.len();
    let n = votes.matrix.n_rows();
    let mut lm = Array2::zeros((n, k));
    for row in 0..n {
        lm.row_mut(row).assign(&labels.probabilities(row));
    }
    let train_rows: Vec<usize> = (0..n).filter(|row| !test[*row]).collect();
    let q = lm.select(ndarray::Axis(0), &train_rows);
    let unc = env("UNC", 0.0);
    let mode = env("MODE", 0.0);
    let weights: Vec<f64> = train_rows
        .iter()
        .map(|&row| {
            let covered = !votes.matrix.row(row).is_empty();
            if mode == 1.0 {
                let kl: f64 = lm
                    .row(row)
                    .iter()
                    .zip(&balance)
                    .map(|(p, b)| p * ((p.max(1e-12)) / b).ln())
                    .sum();
                kl.min(1.0)
            } else if covered {
                1.0
            } else {
                unc
            }
        })
        .collect();
    let start = Instant::now();
    let trainer = Trainer { strength: env("C", 1.0), ..Trainer::default() };
    let targets = Targets { probabilities: &q, weights: &weights, balance: Some(&balance) };
    let trained = trainer.fit(&train_bags, &inputs, &classes, &targets)?;
    let took = start.elapsed();
    let p = trained.classifier.predict(&all_bags);
    let zero = vec![0.0; k];
    let offsets = trained.classifier.offsets().unwrap_or(&zero).to_vec();
    let test_rows: Vec<usize> = (0..n).filter(|row| test[*row]).collect();
    let test_rows = if test_rows.is_empty() { (0..n).collect() } else { test_rows };
    let score = |table: &dyn Fn(usize) -> Vec<f64>| score(table, &test_rows, &gold, k);
    print!(
        "{name:<22} rows {} steps {:?} T {:.2} read {:.2?} fit {:.2?} | LM {}",
        trained.course.rows,
        trained.course.steps,
        trained.course.temperature,
        read,
        took,
        score(&|row| lm.row(row).to_vec())
    );
    print!(" | clf {}", score(&|row| p.row(row).to_vec()));
    print!(
        " | prev {}",
        score(&|row| p.row(row).iter().zip(&offsets).map(|(p, o)| p.max(1e-12).ln() + o).collect())
    );
    for a in [0.25, 0.5, 1.0] {
        let both = |row: usize, o: bool| -> Vec<f64> {
            let covered = !votes.matrix.row(row).is_empty();
            (0..k)
                .map(|y| {
                    let lmp = if covered {
                        a * (lm[[row, y]].max(1e-12).ln() - balance[y].ln())
                    } else {
                        0.0
                    };
                    p[[row, y]].max(1e-12).ln() + lmp + if o { offsets[y] } else { 0.0 }
                })
                .collect()
        };
        print!(" | a{a} {} prev {}", score(&|row| both(row, false)), score(&|row| both(row, true)));
    }
    println!();
    Ok(())
}

fn score(
    table: &dyn Fn(usize) -> Vec<f64>,
    rows: &[usize],
    gold: &[Option<ClassId>],
    k: usize,
) -> String {
    let (mut hits, mut n) = (0.0, 0.0);
    let mut tp = vec![0.0; k];
    let mut said = vec![0.0; k];
    let mut is = vec![0.0; k];
    for &row in rows {
        let Some(gold) = gold[row] else { continue };
        let p = table(row);
        let most = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let top: Vec<usize> = (0..k).filter(|&y| p[y] >= most - 1e-9).collect();
        let share = 1.0 / top.len() as f64;
        for &y in &top {
            said[y] += share;
            if y == gold.index() {
                tp[y] += share;
                hits += share;
            }
        }
        is[gold.index()] += 1.0;
        n += 1.0;
    }
    let f1: Vec<f64> =
        (0..k).filter(|&y| is[y] > 0.0).map(|y| 2.0 * tp[y] / (said[y] + is[y])).collect();
    format!("{:.3}/{:.3}", hits / n, f1.iter().sum::<f64>() / f1.len() as f64)
}
