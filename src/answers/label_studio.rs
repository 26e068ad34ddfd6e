//! What Label Studio exports: a list of tasks with the annotations of each.
//!
//! The format is that of <https://labelstud.io/guide/export>, `JSON`, not `JSON-MIN`, which has lost who
//! answered.

use super::sheet::{Defaults, Sheet};
use super::{Answer, AnswerError, Problem};
use serde_json::Value;

pub(super) fn read(bytes: &[u8], path: &str, defaults: &Defaults) -> Result<Sheet, AnswerError> {
    let tasks: Value = serde_json::from_slice(bytes)
        .map_err(|error| AnswerError::file(path, format!("it is not JSON: {error}")))?;
    let not_an_export =
        "it is not what Label Studio exports as JSON: a list of tasks with annotations";
    let Some(tasks) = tasks.as_array() else {
        return Err(AnswerError::file(path, not_an_export));
    };
    let mut sheet = Sheet::default();
    let mut problems = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let Some(object) = task.as_object() else {
            return Err(AnswerError::file(path, not_an_export));
        };
        if object.contains_key("label") && !object.contains_key("annotations") {
            let message =
                "this is Label Studio's JSON-MIN, which does not say who answered; export JSON";
            return Err(AnswerError::file(path, message));
        }
        let annotations = task["annotations"].as_array().map_or(&[][..], Vec::as_slice);
        let before = sheet.answers.len() + problems.len();
        for annotation in annotations {
            match answer(task, annotation, at, defaults) {
                Ok(answer) => sheet.answers.extend(answer),
                Err(message) => {
                    problems.push(Problem { place: format!("task {}", at + 1), message });
                }
            }
        }
        sheet.open += usize::from(sheet.answers.len() + problems.len() == before);
    }
    AnswerError::unless(path, problems, sheet)
}

/// The answer of an annotation; none where it was skipped or submitted without a choice.
fn answer(
    task: &Value,
    annotation: &Value,
    at: usize,
    defaults: &Defaults,
) -> Result<Option<Answer>, String> {
    if annotation["was_cancelled"].as_bool() == Some(true) {
        return Ok(None);
    }
    let results = annotation["result"].as_array().map_or(&[][..], Vec::as_slice);
    let choices: Vec<&str> = results
        .iter()
        .filter(|result| result["type"] == "choices")
        .flat_map(|result| result["value"]["choices"].as_array().map_or(&[][..], Vec::as_slice))
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .collect();
    let label = match choices.as_slice() {
        [] => return Ok(None),
        [label] => (*label).to_owned(),
        several => return Err(format!("several labels are chosen: {}", several.join(", "))),
    };
    let note = results.iter().filter(|result| result["type"] == "textarea");
    let note = note.filter_map(|result| match &result["value"]["text"] {
        Value::String(text) => Some(text.clone()),
        Value::Array(texts) => {
            Some(texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
        }
        _ => None,
    });
    let note = note.collect::<Vec<_>>().join(" ");
    let of =
        |name: &str| [&task["meta"][name], &task["data"][name]].into_iter().find(|v| !v.is_null());
    let row = of("row").and_then(|row| match row {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    let id = of("id").and_then(text).filter(|id| !id.is_empty());
    if row.is_none() && id.is_none() {
        return Err("neither `meta.row` nor `meta.id` says which row it is about".to_owned());
    }
    let person = &annotation["completed_by"];
    // As in tables, blanks around it are nobody's.
    let name = |value: &Value| {
        text(value).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    };
    let who = match person {
        Value::Object(_) => name(&person["email"])
            .or_else(|| name(&person["username"]))
            .or_else(|| name(&person["id"])),
        // The number of an account says less than a name that was given.
        other => {
            defaults.who.clone().or_else(|| name(other).map(|id| format!("label-studio:{id}")))
        }
    };
    let who = who.or_else(|| defaults.who.clone());
    let who = who.ok_or("nobody is named as the one who answered; say --who")?;
    let times = [&annotation["updated_at"], &annotation["created_at"]];
    let when = times.into_iter().find_map(name).or_else(|| defaults.when.clone());
    let when = when.unwrap_or_default();
    if !when.is_empty() && crate::time::hour(&when).is_none() {
        return Err(format!("`{when}` is no time"));
    }
    let source = match task["meta"]["why"].as_str() {
        None | Some("") => defaults.source.clone(),
        Some(why) => format!("{} ({why})", defaults.source),
    };
    Ok(Some(Answer { row, id, who, when, gold: label, source, note, line: at as u64 + 1 }))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
