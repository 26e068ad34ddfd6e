//! Records for Argilla 2 with the labels as suggestions, in JSON as its `dataset.records.from_json` reads it.
//!
//! A record has `fields` by name, and under `suggestions` the question `label` with value, score and agent; its
//! identifier is that of the row, or its number. See
//! <https://docs.argilla.io/latest/reference/argilla/records/records/>.

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::{Target, json_line};
use crate::Error;
use serde_json::{Map, Value, json};

pub(super) static FORMAT: Format = Format {
    name: "argilla",
    about: "records with suggestions as JSON",
    folder: false,
    cells: true,
    known: false,
    soft: false,
    splits: false,
    write,
};

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    let fields = fields(rows);
    let mut out = target.file("", "")?;
    let mut begun = false;
    rows.each(&kept, |row| {
        let number = row.number.to_string();
        let cells = rows.columns.iter().map(|column| row.text(column).unwrap_or_default().into());
        let mut values: Map<String, Value> = fields.iter().cloned().zip(cells).collect();
        if values.is_empty() {
            values.insert("row".to_owned(), number.clone().into());
        }
        let suggestions = match rows.given.labels[row.pattern] {
            Some(class) => json!({"label": {
                "value": rows.names.class(class),
                "score": rows.given.confidence[row.pattern],
                "agent": "jurat",
            }}),
            None => json!({}),
        };
        let id = rows.id.as_ref().and_then(|id| row.text(id)).filter(|id| !id.is_empty());
        let record = json!({
            "id": id.as_deref().unwrap_or(&number),
            "fields": values,
            "suggestions": suggestions,
        });
        out.put(if begun { b",\n" } else { b"[\n" })?;
        begun = true;
        Ok(out.put(&json_line(&record)?)?)
    })?;
    out.put(if begun { b"\n]\n" } else { b"[]\n" })?;
    Ok(out.finish()?)
}

/// Names of fields as Argilla allows them: small letters, digits, `_` and `-`, each different.
fn fields(rows: &Rows<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in &rows.columns {
        let plain = |letter: char| match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() || letter == '-' => letter,
            _ => '_',
        };
        let mut name: String = column.name.chars().map(plain).collect();
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            name = format!("text{name}");
        }
        let (first, mut number) = (name.clone(), 2);
        while names.contains(&name) {
            name = format!("{first}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}
