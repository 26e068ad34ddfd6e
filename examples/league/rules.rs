//! Labeling functions as their authors published them, run by this engine: do the votes agree?
//!
//! `rules/<set>.regex.json` is a list of `{"class": NUMBER, "regex": PATTERN}`, in the syntax of
//! Python's `re` for text in lower case; `rules/<set>.substrings.json` a list of `{"class": NUMBER,
//! "substrings": [TEXT, …]}`, where a labeling function votes if any of them occurs in the text in
//! lower case. The k-th rule is the k-th column `lf:…` of the set. Each list becomes a spec that
//! reads the column `text` as it is, upper case included.

use crate::{Result, Set, read_json};
use jurat::input::{Field, Files};
use jurat::{FieldId, LabelMatrix, LfId, LfSet, Spec};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Rows with other votes that are shown of each set.
const SHOWN: usize = 5;

/// Runs the rules of a set, if there are any, and prints the share of rows with the same votes.
pub(crate) fn reproduce(dir: &Path, name: &str, about: &Value) -> Result<()> {
    let file = |kind: &str| dir.join("rules").join(format!("{name}.{kind}.json"));
    let Some((kind, path)) =
        ["regex", "substrings"].map(|kind| (kind, file(kind))).into_iter().find(|f| f.1.is_file())
    else {
        return Ok(());
    };
    let set = Set::read(dir, name, about)?;
    let lfs = &set.votes.matrix.names().lfs;
    let rules = read_json(&path)?;
    let rules = rules.as_array().filter(|rules| rules.len() == lfs.len());
    let rules = rules.ok_or_else(|| format!("{name}: not as many rules as labeling functions"))?;
    let spec = spec(&set.classes, lfs, kind, rules)?;
    let compiled = LfSet::compile(&Spec::from_yaml(&spec, &format!("{name}.yaml"))?)?;
    let data = Files::new([dir.join(format!("{name}.parquet")).to_string_lossy()])?;
    let found = compiled.apply(data.open(&compiled.fields())?.as_mut())?.matrix;
    let splits = column(&data, "split")?;

    let mut shares: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut different = Vec::new();
    for (row, (found, published)) in found.rows().zip(set.votes.matrix.rows()).enumerate() {
        let split = splits.get(row).map_or("all rows", String::as_str);
        let (same, rows) = shares.entry(split).or_default();
        *rows += 1;
        if found == published {
            *same += 1;
        } else {
            different.push(row);
        }
    }
    for (split, (same, rows)) in &shares {
        let share = 100.0 * *same as f64 / *rows as f64;
        println!("{name}, {split}: {same} of {rows} rows have the same votes ({share:.2} %)");
    }
    let texts = column(&data, "text")?;
    for &row in different.iter().take(SHOWN) {
        let [here, there] = [&found, &set.votes.matrix].map(|matrix| voters(matrix, row));
        println!("  row {row}: here {here}, published {there}: {:?}", texts[row]);
    }
    if different.len() > SHOWN {
        println!("  … and {} rows more", different.len() - SHOWN);
    }
    Ok(())
}

/// The rules as a spec. It is written as JSON, which is YAML, too.
fn spec(classes: &[String], lfs: &[String], kind: &str, rules: &[Value]) -> Result<String> {
    let mut declared = Vec::new();
    for (name, rule) in lfs.iter().zip(rules) {
        let class = rule["class"].as_u64().and_then(|class| classes.get(class as usize));
        let class = class.ok_or_else(|| format!("the rule of {name} has no class"))?;
        let condition = match kind {
            "regex" => {
                let pattern = rule["regex"].as_str().ok_or("a rule without a pattern")?;
                json!({"regex": {"match": pattern, "flags": "i"}})
            }
            _ => json!({"keyword": {"any": rule["substrings"], "word": false}}),
        };
        declared.push(json!({"name": name, "label": class, "when": condition}));
    }
    let spec = json!({"spec": 1, "labels": classes, "input": {"text": "text"}, "lfs": declared});
    Ok(serde_json::to_string_pretty(&spec)?)
}

/// A column of text; nothing if the file has no such column.
fn column(data: &Files, name: &str) -> Result<Vec<String>> {
    if !data.open(&[])?.columns().iter().any(|column| column == name) {
        return Ok(Vec::new());
    }
    let mut source = data.open(&[Field::text(name)])?;
    let mut values = Vec::new();
    let first = FieldId::new(0).ok_or("no columns")?;
    while let Some(batch) = source.next_batch()? {
        let text = |row| batch.text(first, row).unwrap_or_default().to_owned();
        values.extend((0..batch.n_rows()).map(text));
    }
    Ok(values)
}

/// Who votes on a row.
fn voters(matrix: &LabelMatrix, row: usize) -> String {
    let name = |lf: LfId| matrix.names().lf(lf);
    let names: Vec<&str> = matrix.row(row).iter().map(|vote| name(vote.lf)).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
