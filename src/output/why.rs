//! Why a row has its label, in one cell: who voted, and how far each vote moved it.
//!
//! `promo:+1.33 polite:-0.42` are the labeling functions that voted, each with the log-odds that its vote adds
//! for the label, against the most probable other class, as `jurat explain` draws them
//! ([`Account`](crate::model::Account)); where there is no label, for the most probable class. The strongest come
//! first, those against the label last. A name with a space or a quote stands in quotes, as in JSON.

use super::table::TableColumn;
use crate::model::FittedModel;
use crate::{ClassId, Patterns};
use rayon::prelude::*;

/// The column `why`, a value a pattern; `hard` are the labels of the patterns. It is missing where nobody voted.
#[must_use]
pub fn why(model: &FittedModel, votes: &Patterns, hard: &[Option<ClassId>]) -> TableColumn {
    let cells: Vec<Option<String>> = (0..votes.len())
        .into_par_iter()
        .map(|u| cell(model, votes, u, hard.get(u).copied().flatten()))
        .collect();
    TableColumn::texts("why", cells)
}

fn cell(model: &FittedModel, votes: &Patterns, u: usize, label: Option<ClassId>) -> Option<String> {
    let cast = votes.votes(u);
    if cast.is_empty() {
        return None;
    }
    let account = model.account(cast);
    let (one, other) = account.rivals(label)?;
    let mut lines: Vec<(f64, &str)> = cast
        .iter()
        .zip(&account.votes)
        .map(|(vote, scores)| (scores[one] - scores[other], votes.names().lf(vote.lf)))
        .collect();
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lines: Vec<String> = lines
        .into_iter()
        .map(|(odds, name)| {
            // No sign of a zero.
            let odds = if odds.abs() < 0.005 { 0.0 } else { odds };
            format!("{}:{odds:+.2}", quoted(name))
        })
        .collect();
    Some(lines.join(" "))
}

fn quoted(name: &str) -> String {
    if name.contains(|c: char| c.is_whitespace() || c == '"') {
        serde_json::Value::from(name).to_string()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::ColumnValues;
    use super::*;
    use crate::model::{Decision, Supervision, by_name};
    use crate::{LabelMatrix, Names};

    /// What the cells say sums to the log-odds of the label, less what there is before any vote.
    #[test]
    fn cells_add_up() {
        let names = Names::new(["two words", "b", "c"], ["x", "y"]).expect("names");
        let cell =
            |row: usize, lf: usize| ((row * 7 + lf * 3) % 5 < 3).then_some((row / (lf + 2)) % 2);
        let rows: Vec<Vec<_>> =
            (0..60).map(|row| (0..3).map(|lf| cell(row, lf)).collect()).collect();
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
        let model = by_name("auto", &[]).expect("known");
        let model = model.fit(&votes, &Supervision::default()).expect("fits");
        let hard = model.label(&votes).decide(&Decision::default());
        let column = why(&model, &votes, &hard);
        let ColumnValues::Texts { of, values } = &column.values else { panic!("texts") };
        let mut checked = 0;
        for (u, label) in hard.iter().enumerate() {
            let text = values[u].map(|at| of[at as usize].as_str());
            let cast = votes.votes(u);
            assert_eq!(text.is_none(), cast.is_empty());
            let (Some(text), Some(label)) = (text, label) else { continue };
            let sum: f64 = text
                .replace("two words", "two")
                .split(' ')
                .map(|part| {
                    part.rsplit_once(':').expect("a weight").1.parse::<f64>().expect("a number")
                })
                .sum();
            let account = model.account(cast);
            let (one, other) = (label.index(), 1 - label.index());
            let start = account.start[one] - account.start[other];
            let odds = (account.posterior[one] / account.posterior[other]).ln();
            assert!((start + sum - odds).abs() < 0.02 * cast.len() as f64, "{text}: {odds}");
            checked += 1;
        }
        assert!(checked > 5, "{checked}");
        assert!(of.iter().any(|text| text.contains("\"two words\":")));
    }
}
