//! A dataset directory of the WRENCH benchmark: a file a split, and the names of the labels.
//!
//! The form is that of <https://github.com/JieyuZ2/wrench>: an object of examples by key, each with `label`,
//! `weak_labels` and `data`; −1 abstains. `label` is the label that is known, since evaluations compare with it,
//! and −1 where none is. Keys are numbers of rows. (Zhang et al. 2021, "WRENCH: A Comprehensive Benchmark for Weak
//! Supervision", arXiv:2109.11377.)

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Row, Rows};
use super::target::{Out, Target, json_line};
use crate::Error;
use crate::input::{FieldKind, ReadError};
use serde_json::{Map, Value, json};

pub(super) static FORMAT: Format = Format {
    name: "wrench",
    about: "dataset directory of WRENCH: train, valid, test.json and label.json, -1 to abstain",
    folder: true,
    cells: true,
    known: true,
    soft: false,
    splits: true,
    write,
};

/// The splits, with the names that are taken for them.
const SPLITS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    ("valid", &["valid", "validation", "val", "dev"]),
    ("test", &["test", "testing"]),
];

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    rows.count_rich(&kept, summary);
    let keys = keys(rows);
    let mut outs: [Option<Out>; 3] = [None, None, None];
    let mut n_known = 0;
    rows.each(&kept, |row| {
        let at = split(rows, row)?;
        let begun = outs[at].is_some();
        let (name, _) = SPLITS[at];
        if !begun {
            let about = "examples by number of row: known label (-1 for none), votes (-1 to abstain), cells";
            outs[at] = Some(target.file(&format!("{name}.json"), about)?);
        }
        let Some(out) = &mut outs[at] else { return Ok(()) };
        let mut votes = vec![-1; rows.names.lfs.len()];
        rows.single(row.pattern).for_each(|(lf, class)| votes[lf.index()] = class.index() as i32);
        n_known += u64::from(row.known.is_some());
        let example = json!({
            "label": row.known.map_or(-1, |class| class.index() as i64),
            "weak_labels": votes,
            "data": data(rows, row, &keys),
        });
        out.put(if begun { b",\n" } else { b"{\n" })?;
        out.put(format!("\"{}\": ", row.number).as_bytes())?;
        Ok(out.put(&json_line(&example)?)?)
    })?;
    for mut out in outs.into_iter().flatten() {
        out.put(b"\n}\n")?;
        out.finish()?;
    }
    summary.known = rows.has_known.then_some(n_known);
    let labels = rows.names.classes.iter().enumerate();
    let labels: Map<String, Value> =
        labels.map(|(at, class)| (at.to_string(), class.clone().into())).collect();
    let mut out = target.file("label.json", "the names of the labels by number")?;
    out.put(&json_line(&labels)?)?;
    out.put(b"\n")?;
    Ok(out.finish()?)
}

/// The position of the split that a row belongs to.
fn split(rows: &Rows<'_>, row: &Row<'_>) -> Result<usize, Error> {
    if !rows.has_split {
        return Ok(0);
    }
    let found = row.split.unwrap_or_default().to_lowercase();
    let is = |(_, names): &(&str, &[&str])| names.contains(&found.as_str());
    let unknown = || ReadError::UnknownSplit {
        row: row.number,
        value: row.split.unwrap_or_default().to_owned(),
        splits: SPLITS.iter().map(|(name, _)| (*name).to_owned()).collect(),
    };
    Ok(SPLITS.iter().position(is).ok_or_else(unknown)?)
}

/// The keys of the columns: WRENCH looks for `text`, which is the first column of text where none has that name.
fn keys(rows: &Rows<'_>) -> Vec<String> {
    let mut keys: Vec<String> = rows.columns.iter().map(|column| column.name.clone()).collect();
    let first = rows.columns.iter().position(|column| column.kind == FieldKind::Text);
    if let Some(first) = first.filter(|_| !keys.iter().any(|key| key == "text")) {
        "text".clone_into(&mut keys[first]);
    }
    keys
}

fn data(rows: &Rows<'_>, row: &Row<'_>, keys: &[String]) -> Map<String, Value> {
    let mut data = Map::new();
    if let Some(id) = rows.id.as_ref().and_then(|id| row.text(id)) {
        data.insert("id".to_owned(), id.into());
    }
    for (key, column) in keys.iter().zip(&rows.columns) {
        let text = row.text(column).unwrap_or_default();
        data.insert(key.clone(), text.into());
    }
    if data.is_empty() {
        data.insert("row".to_owned(), row.number.into());
    }
    data
}
