//! A table for scikit-learn: texts, label and weight, a row of CSV each.
//!
//! Labels are names, which estimators of scikit-learn take as they are; `weight` is the probability of the
//! label, to be given as `sample_weight`. A soft table has a row for each class that is possible instead, weighted by
//! its probability, which is how estimators without soft labels learn from them.

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::Target;
use super::triplets::cell;
use crate::Error;

pub(super) static FORMAT: Format = Format {
    name: "sklearn",
    about: "CSV with texts, label and weight; with --soft a row for each class",
    folder: false,
    cells: true,
    known: false,
    soft: true,
    splits: false,
    write,
};

/// Classes below this have no row in a soft table.
const LEAST: f64 = 1e-6;

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let soft = rows.options.soft;
    let kept = rows.kept(if soft { Keep::LabeledOrVoted } else { Keep::Labeled }, summary);
    let mut out = target.file("", "")?;
    let mut line = b"row".to_vec();
    let add = |line: &mut Vec<u8>, text: &[u8]| {
        line.push(b',');
        line.extend_from_slice(text);
    };
    for name in rows.column_names(&["row", "label", "weight"]) {
        add(&mut line, &cell(&name));
    }
    line.extend_from_slice(b",label,weight");
    let classes: Vec<Vec<u8>> =
        rows.names.classes.iter().map(|class| cell(class).into_owned()).collect();
    if !soft {
        for class in &rows.names.classes {
            add(&mut line, &cell(&format!("prob:{class}")));
        }
    }
    line.push(b'\n');
    out.put(&line)?;
    let (mut line, mut cells) = (Vec::new(), Vec::new());
    rows.each(&kept, |row| {
        line.clear();
        cells.clear();
        for column in rows.id.iter().chain(&rows.columns) {
            let text = row.text(column).unwrap_or_default();
            // An empty cell needs no quotes where others stand beside it.
            if text.is_empty() { cells.push(b',') } else { add(&mut cells, &cell(&text)) }
        }
        let number = row.number.to_string();
        let begin = |line: &mut Vec<u8>| {
            line.extend_from_slice(number.as_bytes());
            line.extend_from_slice(&cells);
        };
        if soft {
            let likely = rows.probabilities(row.pattern).zip(&classes);
            for (p, class) in likely.filter(|(p, _)| *p >= LEAST) {
                begin(&mut line);
                add(&mut line, class);
                add(&mut line, p.to_string().as_bytes());
                line.push(b'\n');
            }
        } else {
            begin(&mut line);
            match rows.given.labels[row.pattern] {
                Some(class) => add(&mut line, &classes[class.index()]),
                None => line.push(b','),
            }
            add(&mut line, rows.given.confidence[row.pattern].to_string().as_bytes());
            for p in rows.probabilities(row.pattern) {
                add(&mut line, p.to_string().as_bytes());
            }
            line.push(b'\n');
        }
        Ok(out.put(&line)?)
    })?;
    Ok(out.finish()?)
}
