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

/// How tasks are laid out: which columns they show under which keys.
pub(crate) struct Layout<'a> {
    columns: &'a [String],
    labels: &'a [String],
    keys: Vec<String>,
}

/// What a task says of a row.
pub(crate) struct Task<'a> {
    pub(crate) row: u64,
    pub(crate) id: Option<&'a str>,
    /// A text for each column; none where it is missing.
    pub(crate) cells: &'a [Option<String>],
    pub(crate) label: Option<&'a str>,
    pub(crate) confidence: f64,
    pub(crate) votes: &'a str,
    /// Why the row was chosen, if it was.
    pub(crate) why: Option<&'a str>,
}

impl<'a> Layout<'a> {
    /// Tasks that show these columns and let one of these labels be chosen. Without columns they show the number
    /// of the row.
    pub(crate) fn new(columns: &'a [String], labels: &'a [String]) -> Self {
        Self { columns, labels, keys: keys(columns) }
    }

    /// The task of a row.
    pub(crate) fn task(&self, task: &Task<'_>) -> Value {
        let mut data = serde_json::Map::new();
        for (key, cell) in self.keys.iter().zip(task.cells) {
            data.insert(key.clone(), Value::from(cell.clone().unwrap_or_default()));
        }
        if task.cells.is_empty() {
            data.insert(self.keys[0].clone(), Value::from(task.row.to_string()));
        }
        let choice = |label: &str| {
            json!([{
                "model_version": "jurat",
                "score": task.confidence,
                "result": [{
                    "from_name": LABEL,
                    "to_name": self.keys[0],
                    "type": "choices",
                    "value": {"choices": [label]},
                }],
            }])
        };
        let mut meta = json!({"row": task.row});
        if let Some(why) = task.why {
            meta["why"] = Value::from(why);
        }
        meta["votes"] = Value::from(task.votes);
        if let Some(id) = task.id {
            meta["id"] = Value::from(id);
        }
        json!({
            "data": data,
            "predictions": task.label.map_or(json!([]), choice),
            "meta": meta,
        })
    }

    /// The labeling config: the texts, the labels as choices, and room for a note.
    pub(crate) fn config(&self) -> String {
        let row = ["row".to_owned()];
        let shown = if self.columns.is_empty() { &row } else { self.columns };
        let keys = &self.keys;
        let mut out = "<View>\n".to_owned();
        for (key, column) in keys.iter().zip(shown) {
            out += &format!("  <Header value=\"{}\" size=\"5\"/>\n", xml(column));
            out += &format!("  <Text name=\"{key}\" value=\"${key}\"/>\n");
        }
        out += &format!(
            "  <Choices name=\"{LABEL}\" toName=\"{}\" choice=\"single\" showInline=\"true\">\n",
            keys[0]
        );
        for label in self.labels {
            out += &format!("    <Choice value=\"{}\"/>\n", xml(label));
        }
        out += "  </Choices>\n";
        out += &format!(
            "  <TextArea name=\"note\" toName=\"{}\" placeholder=\"Note\" rows=\"2\" maxSubmissions=\"1\"/>\n",
            keys[0]
        );
        out + "</View>\n"
    }
}

pub(super) fn tasks(review: &Review) -> Result<Vec<u8>, OutputError> {
    let layout = Layout::new(&review.columns, &review.labels);
    let tasks: Vec<Value> = review
        .rows
        .iter()
        .map(|row| {
            layout.task(&Task {
                row: row.row,
                id: row.id.as_deref(),
                cells: &row.cells,
                label: row.label.as_deref(),
                confidence: row.confidence,
                votes: &row.votes_in_words(),
                why: Some(&row.why_in_words()),
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
    Layout::new(&review.columns, &review.labels).config()
}

/// A key for each column: its name, with nothing but letters, digits and underscores, different from the
/// others and from the names of the controls.
fn keys(columns: &[String]) -> Vec<String> {
    if columns.is_empty() {
        return vec!["row".to_owned()];
    }
    let mut keys: Vec<String> = Vec::new();
    for column in columns {
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
