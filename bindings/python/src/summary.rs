//! What each labeling function did, in a few numbers: for notebooks.

use crate::matrix::LabelMatrix;
use jurat::{ChoiceId, Names, Patterns};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Counts of one labeling function.
#[derive(Clone, Default)]
struct Tally {
    choices: Vec<u64>,
    votes: u64,
    overlaps: u64,
    conflicts: u64,
}

/// Rows where each labeling function votes, where another one does, and where a vote of another one and its own
/// cannot both be right.
fn tally(votes: &Patterns) -> Vec<Tally> {
    let names: &Names = votes.names();
    let empty = Tally { choices: vec![0; names.n_choices()], ..Tally::default() };
    let mut tallies = vec![empty; votes.n_lfs()];
    for (row, count) in votes.iter() {
        for vote in row {
            let tally = &mut tallies[vote.lf.index()];
            tally.choices[vote.choice.index()] += count;
            tally.votes += count;
            if row.len() > 1 {
                tally.overlaps += count;
            }
            if row.iter().any(|other| names.conflict(vote.choice, other.choice)) {
                tally.conflicts += count;
            }
        }
    }
    tallies
}

fn share(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { count as f64 / of as f64 }
}

/// The labels that were voted, as they stand in cells.
fn labels(names: &Names, tally: &Tally) -> Vec<String> {
    let choices = (0..names.n_choices()).filter_map(ChoiceId::new);
    let voted = choices.filter(|choice| tally.choices[choice.index()] > 0);
    voted.map(|choice| names.cell(choice).into_owned()).collect()
}

/// A dict for each labeling function.
pub(crate) fn dicts<'py>(
    py: Python<'py>,
    votes: &LabelMatrix,
) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let patterns = votes.patterns(py);
    let (names, n) = (patterns.names(), patterns.n_rows());
    let mut dicts = Vec::new();
    for (at, tally) in tally(&patterns).iter().enumerate() {
        let dict = PyDict::new(py);
        dict.set_item("lf", &names.lfs[at])?;
        dict.set_item("labels", labels(names, tally))?;
        dict.set_item("votes", tally.votes)?;
        dict.set_item("coverage", share(tally.votes, n))?;
        dict.set_item("overlaps", share(tally.overlaps, n))?;
        dict.set_item("conflicts", share(tally.conflicts, n))?;
        let notes = votes.notes().get(at).cloned().unwrap_or_default();
        dict.set_item("missing", notes.missing)?;
        dict.set_item("failures", notes.failures)?;
        dicts.push(dict);
    }
    Ok(dicts)
}

/// Labeling functions that a table shows.
const MOST: usize = 200;

/// The same as a table of HTML.
pub(crate) fn table(py: Python<'_>, votes: &LabelMatrix) -> String {
    let patterns = votes.patterns(py);
    let (names, n) = (patterns.names(), patterns.n_rows());
    let percent = |count: u64| format!("{:.1} %", 100.0 * share(count, n));
    let mut page = format!(
        "<p>{n} rows, {} labeling functions; {} of the rows have a vote</p><table><thead><tr><th>LF</th>\
         <th>votes</th><th>coverage</th><th>overlaps</th><th>conflicts</th></tr></thead><tbody>",
        patterns.n_lfs(),
        percent(patterns.n_covered())
    );
    for (lf, tally) in names.lfs.iter().zip(tally(&patterns)).take(MOST) {
        page += &format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(lf),
            escaped(&labels(names, &tally).join(", ")),
            percent(tally.votes),
            percent(tally.overlaps),
            percent(tally.conflicts)
        );
    }
    page += "</tbody></table>";
    if names.lfs.len() > MOST {
        page += &format!("<p>and {} more</p>", names.lfs.len() - MOST);
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
