//! Labeling functions in Rust, next to those of a spec, on batches that arrive one by one.
//!
//! ```sh
//! cargo run --example custom_lf
//! ```
//!
//! Two of the closures below have bugs. A bug in one labeling function (LF) costs its votes on the
//! rows where it strikes, and nothing else: the LF abstains there, and the notes say why.

#![expect(clippy::print_stdout, reason = "an example prints")]

use jurat::input::{Field, Table};
use jurat::{Job, LabelMatrix, MatrixError, Patterns, Spec};
use std::error::Error;

const SPEC: &str = "
spec: 1
labels: [suspicious, normal]
input: {text: purpose}
lfs:
  - {name: haste,  label: suspicious, when: {keyword: [urgent, immediately, last chance]}}
  - {name: coupon, label: suspicious, when: {regex: '(?i)gift ?cards?'}}
  - {name: living, label: normal,     when: {keyword: [rent, salary, groceries]}}
";

/// The LFs of the spec with five in Rust. Each closure declares the columns that it reads, with
/// their types; a missing cell is `None`, and `?` turns it into an abstention.
fn with_closures(mut job: Job) -> Result<Job, MatrixError> {
    job.lfs = job
        .lfs
        .with("small", &[Field::number("amount")], |row| {
            (row.number("amount")? < 50.0).then_some("normal")
        })?
        // Several columns at once, of any types.
        .with("large-at-night", &[Field::number("amount"), Field::number("hour")], |row| {
            let night = !(6.0..22.0).contains(&row.number("hour")?);
            (night && row.number("amount")? > 900.0).then_some("suspicious")
        })?
        // Arithmetic, which no condition in YAML can do.
        .with("round-sum", &[Field::number("amount")], |row| {
            let amount = row.number("amount")?;
            (amount >= 500.0 && amount % 100.0 == 0.0).then_some("suspicious")
        })?
        // Bug: slicing panics where the account number is shorter than two bytes.
        .with("home-country", &[Field::text("account")], |row| {
            (&row.text("account")?[..2] == "DE").then_some("normal")
        })?
        // Bug: `unclear` is none of the labels.
        .with("short-account", &[Field::text("account")], |row| {
            (row.text("account")?.len() < 8).then_some("unclear")
        })?;
    Ok(job)
}

/// Columns in memory, such as a service might get them: some cells are missing.
fn batches() -> [Table; 2] {
    let first = Table::new()
        .text("purpose", [Some("Rent for May"), Some("URGENT: pay immediately"), Some("Groceries")])
        .text("account", [Some("DE000000000001"), Some("?"), Some("DE000000000002")])
        .number("amount", [Some(700.0), Some(950.0), Some(31.5)])
        .number("hour", [Some(9.0), Some(3.0), Some(18.0)]);
    let second = Table::new()
        .text("purpose", [Some("Five gift cards"), None, Some("Salary"), Some("Shoes")])
        .text("account", [Some("XX0000"), Some("DE000000000003"), None, Some("DE000000000004")])
        .number("amount", [Some(500.0), Some(20.0), None, Some(89.9)])
        .number("hour", [Some(23.0), None, Some(8.0), Some(12.0)]);
    [first, second]
}

fn main() -> Result<(), Box<dyn Error>> {
    // Rust prints every panic, caught or not. The notes say enough; a program with a log may want
    // to write there instead.
    std::panic::set_hook(Box::new(|_| {}));

    let job = with_closures(Job::new(&Spec::from_yaml(SPEC, "payments.yaml")?)?)?;

    // The votes of each batch are counted and the counts added, so that no batch has to stay.
    let mut all = Vec::new();
    for (number, batch) in batches().iter().enumerate() {
        let applied = job.lfs.apply(batch.open(&job.lfs.fields())?.as_mut())?;
        for (name, notes) in applied.matrix.names().lfs.iter().zip(&applied.notes) {
            if notes.missing > 0 {
                println!("batch {number}: {name} missed the cell of {} rows", notes.missing);
            }
            for (row, message) in &notes.first_failures {
                println!("batch {number}: {name} failed on row {row}: {message}");
            }
        }
        all.push(Patterns::count(&applied.matrix));
    }
    let empty = Patterns::count(&LabelMatrix::new(job.lfs.names().clone()));
    let votes = all.iter().cloned().try_fold(empty, Patterns::merge)?;

    // One model for all batches; it can label later ones, too.
    let model = job.model.fit(&votes, &job.known)?;
    let decision = job.policy.prepare(&model.label(&votes), &votes, &job.known)?;
    for (number, batch) in all.iter().enumerate() {
        let labels = model.label(batch);
        let hard = labels.decide(&decision);
        for (row, &pattern) in batch.of_row().iter().enumerate() {
            let label = hard[pattern as usize].map_or("—", |class| labels.names().class(class));
            let suspicious = labels.probabilities(row)[0];
            println!("batch {number}, row {row}: {label:<10} P(suspicious) = {suspicious:.2}");
        }
    }
    Ok(())
}
