//! Tasks for Label Studio with the labels as predictions, and the labeling config that goes with them.
//!
//! Tasks are those of [`review`](crate::review), of all rows: what people answer, `jurat gold` takes. A
//! row without a label is a task without a prediction.

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::{Target, json_line};
use crate::Error;
use crate::review::{Layout, Task};

pub(super) static FORMAT: Format = Format {
    name: "label-studio",
    about: "tasks with predictions, and the labeling config",
    folder: true,
    cells: true,
    known: false,
    soft: false,
    splits: false,
    write,
};

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    let columns: Vec<String> = rows.columns.iter().map(|column| column.name.clone()).collect();
    let layout = Layout::new(&columns, &rows.names.classes);
    let mut out = target.file("tasks.json", "tasks with predictions")?;
    let mut begun = false;
    rows.each(&kept, |row| {
        let u = row.pattern;
        let votes = rows.votes.votes(u).iter().map(|vote| {
            format!("{}={}", rows.names.lf(vote.lf), rows.names.choice_name(vote.choice))
        });
        let cells: Vec<Option<String>> =
            rows.columns.iter().map(|column| row.text(column).map(Into::into)).collect();
        let id = rows.id.as_ref().and_then(|id| row.text(id));
        let task = layout.task(&Task {
            row: row.number,
            id: id.as_deref(),
            cells: &cells,
            label: rows.given.labels[u].map(|class| rows.names.class(class)),
            confidence: rows.given.confidence[u],
            votes: &votes.collect::<Vec<_>>().join("; "),
            why: None,
        });
        out.put(if begun { b",\n" } else { b"[\n" })?;
        begun = true;
        Ok(out.put(&json_line(&task)?)?)
    })?;
    out.put(if begun { b"\n]\n" } else { b"[]\n" })?;
    out.finish()?;
    let mut out = target.file("config.xml", "the labeling config of the project")?;
    out.put(layout.config().as_bytes())?;
    Ok(out.finish()?)
}
