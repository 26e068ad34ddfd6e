//! Tasks for Label Studio, and the labeling config that goes with them.
//!
//! The format is that of <https://labelstud.io/guide/tasks>; predictions follow
//! <https://labelstud.io/guide/predictions>. `meta` comes back in exports, and says which row a task is.

use super::Review;
use crate::output::OutputError;
use crate::report::gates::xml;
use serde_json::{Value, json};

/// The name of the choices in the config.
const LABEL: &str = "label";

pub(super) fn tasks(review: &Review) -> Result<Vec<u8>, OutputError> {
    let keys = keys(review);
    let tasks: Vec<Value> = review
        .rows
        .iter()
        .map(|row| {
            let number = row.row.to_string();
            let mut data = serde_json::Map::new();
            for (key, cell) in keys.iter().zip(&row.cells) {
                data.insert(key.clone(), Value::from(cell.clone().unwrap_or_default()));
            }
            if row.cells.is_empty() {
                data.insert(keys[0].clone(), Value::from(number));
            }
            let choice = |label: &String| {
                json!([{
                    "model_version": "jurat",
                    "score": row.confidence,
                    "result": [{
                        "from_name": LABEL,
                        "to_name": keys[0],
                        "type": "choices",
                        "value": {"choices": [label]},
                    }],
                }])
            };
            let mut meta = json!({
                "row": row.row,
                "why": row.why_in_words(),
                "votes": row.votes_in_words(),
            });
            if let Some(id) = &row.id {
                meta["id"] = Value::from(id.clone());
            }
            json!({
                "data": data,
                "predictions": row.label.as_ref().map_or(json!([]), choice),
                "meta": meta,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&tasks).map_err(|error| OutputError::Format {
        path: "JSON".to_owned(),
        message: error.to_string(),
    })?;
    Ok((text + "\n").into_bytes())
}

/// The labeling config for the tasks of a review: the texts, the labels as choices, and room for a
/// note.
#[must_use]
pub fn config(review: &Review) -> String {
    let keys = keys(review);
    let shown: Vec<&str> = if review.columns.is_empty() {
        vec!["row"]
    } else {
        review.columns.iter().map(String::as_str).collect()
    };
    let mut out = "<View>\n".to_owned();
    for (key, column) in keys.iter().zip(shown) {
        out += &format!("  <Header value=\"{}\" size=\"5\"/>\n", xml(column));
        out += &format!("  <Text name=\"{key}\" value=\"${key}\"/>\n");
    }
    out += &format!(
        "  <Choices name=\"{LABEL}\" toName=\"{}\" choice=\"single\" showInline=\"true\">\n",
        keys[0]
    );
    for label in &review.labels {
        out += &format!("    <Choice value=\"{}\"/>\n", xml(label));
    }
    out += "  </Choices>\n";
    out += &format!(
        "  <TextArea name=\"note\" toName=\"{}\" placeholder=\"Note\" rows=\"2\" maxSubmissions=\"1\"/>\n",
        keys[0]
    );
    out + "</View>\n"
}

/// A key for each column: its name, with nothing but letters, digits and underscores, different from the
/// others and from the names of the controls.
fn keys(review: &Review) -> Vec<String> {
    if review.columns.is_empty() {
        return vec!["row".to_owned()];
    }
    let mut keys: Vec<String> = Vec::new();
    for column in &review.columns {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
        let key = format!("text_{}", column.chars().map(plain).collect::<String>());
        let mut unique = key.clone();
        let mut number = 2;
        while keys.contains(&unique) {
            unique = format!("{key}_{number}");
            number += 1;
        }
        keys.push(unique);
    }
    keys
}
