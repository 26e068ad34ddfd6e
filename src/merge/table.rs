//! The merged table: for each row the label that is kept, where it comes from, and whether others differ.

use super::hand::latest;
use super::{Claim, LabelSource, Part, Rows, Rule};
use crate::input::Column;
use crate::output::{self, Format, OutputError, TableColumn};
use crate::time::instant;
use std::path::Path;

/// Labels of several sources as one table, a row each.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Merged {
    /// The column of identifiers.
    pub id: String,
    /// Whether these are whole numbers.
    pub whole: bool,
    /// The identifier of each row, or its number.
    pub keys: Vec<Box<str>>,
    /// The classes.
    pub classes: Vec<String>,
    /// The label of each row, as a position among the classes.
    pub labels: Vec<Option<u32>>,
    /// P(Y = y), n × n_classes, row after row.
    pub probabilities: Vec<f64>,
    /// Where each label comes from.
    pub sources: Vec<String>,
    /// When it was made, where that is known.
    pub when: Vec<Option<String>>,
    /// Sources that give the row a label.
    pub n_sources: Vec<i64>,
    /// Labels of rows to which sources give different ones, row after row.
    pub conflicts: Vec<Conflict>,
    /// Rows to which sources give different labels.
    pub n_conflicts: u64,
    /// Rows on which the people of a gold file are tied, which give no label.
    pub tied: u64,
}

/// What one source says about a row about which another one says something else.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Conflict {
    /// The row of the table, from 0.
    pub row: u32,
    /// The label, as a position among the classes.
    pub label: u32,
    /// Its probability.
    pub confidence: f64,
    /// Who says so.
    pub source: String,
    /// When, where that is known.
    pub when: Option<String>,
}

/// All that is merged.
pub(super) struct Sides<'a> {
    pub(super) sources: &'a [LabelSource],
    pub(super) parts: &'a [Part],
    pub(super) rows: &'a Rows,
    pub(super) classes: &'a [String],
}

/// Means of probabilities this close are a tie.
const TIE: f64 = 1e-9;

impl Sides<'_> {
    /// Merges all rows; the names of rows and classes are left to the caller.
    pub(super) fn merge(&self, rule: Rule) -> Merged {
        let mut merged = Merged::default();
        let mut claims = Vec::new();
        for row in 0..self.rows.keys.len() {
            claims.clear();
            claims.extend(self.rows.places(row).map(|(source, place)| self.claim(source, place)));
            self.add(row, &mut claims, rule, &mut merged);
        }
        merged
    }

    fn claim(&self, source: usize, place: usize) -> Claim {
        let part = &self.parts[source];
        let label = part.labels[place];
        let (by_hand, confidence) = match &self.sources[source] {
            LabelSource::Hand(_) => (true, 1.0),
            LabelSource::Labels(set) => {
                let row = set.row(place);
                let most = || row.iter().copied().fold(0.0, f64::max);
                (false, label.map_or_else(most, |label| row[label as usize]))
            }
        };
        let time = instant(self.when(source, place));
        Claim { source, place, label, by_hand, time, confidence }
    }

    fn when(&self, source: usize, place: usize) -> &str {
        match &self.sources[source] {
            LabelSource::Hand(_) => &self.parts[source].by_hand[place].when,
            LabelSource::Labels(set) => &set.when,
        }
    }

    /// A source as people read it: of hand labels with who gave them.
    fn name(&self, claim: &Claim) -> String {
        let name = self.sources[claim.source].name();
        match self.parts[claim.source].by_hand.get(claim.place) {
            Some(hand) if !hand.who.is_empty() => format!("{name} ({})", hand.who),
            _ => name.to_owned(),
        }
    }

    /// Adds the probabilities of a claim, by a share.
    fn weigh(&self, claim: &Claim, share: f64, sum: &mut [f64]) {
        match (&self.sources[claim.source], claim.label) {
            (LabelSource::Labels(set), _) => {
                let row = set.row(claim.place);
                sum.iter_mut().zip(row).for_each(|(sum, p)| *sum += share * p);
            }
            (LabelSource::Hand(_), Some(label)) => sum[label as usize] += share,
            (LabelSource::Hand(_), None) => {}
        }
    }

    /// Adds a row; it has at least one claim.
    fn add(&self, row: usize, claims: &mut Vec<Claim>, rule: Rule, merged: &mut Merged) {
        if claims.iter().any(|claim| claim.label.is_some()) {
            claims.retain(|claim| claim.label.is_some());
        }
        claims.sort_by(|one, other| rule.order(one, other));
        let first = claims.first().and_then(|claim| claim.label);
        if claims.iter().any(|claim| claim.label != first) {
            merged.n_conflicts += 1;
            merged.conflicts.extend(claims.iter().filter_map(|claim| {
                Some(Conflict {
                    row: row as u32,
                    label: claim.label?,
                    confidence: claim.confidence,
                    source: self.name(claim),
                    when: some(self.when(claim.source, claim.place)),
                })
            }));
        }
        let labeled = claims.iter().filter(|claim| claim.label.is_some()).count();
        merged.n_sources.push(labeled as i64);
        let start = merged.probabilities.len();
        merged.probabilities.resize(start + self.classes.len(), 0.0);
        let sum = &mut merged.probabilities[start..];
        if rule != Rule::Average || claims.len() == 1 {
            claims.truncate(1);
        }
        let share = 1.0 / claims.len() as f64;
        claims.iter().for_each(|claim| self.weigh(claim, share, sum));
        let label = match claims.as_slice() {
            [one] => one.label,
            _ if labeled == 0 => None,
            _ => most_probable(sum),
        };
        merged.labels.push(label);
        let names: Vec<String> = claims.iter().map(|claim| self.name(claim)).collect();
        merged.sources.push(names.join(" + "));
        let times = claims.iter().map(|claim| self.when(claim.source, claim.place));
        merged.when.push(some(latest(times)));
    }
}

fn some(when: &str) -> Option<String> {
    (!when.is_empty()).then(|| when.to_owned())
}

/// The most probable class; none where two are.
fn most_probable(row: &[f64]) -> Option<u32> {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut top = row.iter().zip(0..).filter(|(p, _)| **p >= most - TIE);
    let first = top.next().map(|(_, class)| class);
    first.filter(|_| top.next().is_none())
}

impl Merged {
    /// Writes the table: the identifier, `label`, `confidence`, `prob:<class>`, `source`, `when`, `n_sources`, and
    /// `conflict`, which is 1 where sources give different labels.
    ///
    /// # Errors
    /// [`OutputError`]; the final name is untouched then.
    pub fn write(&self, path: &Path, format: &Format) -> Result<(), OutputError> {
        let n = self.keys.len();
        let k = self.classes.len();
        let row = |row: usize| &self.probabilities[row * k..(row + 1) * k];
        let confidence = |at: usize| match self.labels[at] {
            Some(label) => row(at)[label as usize],
            None => row(at).iter().copied().fold(0.0, f64::max),
        };
        let mut conflict = vec![0; n];
        self.conflicts.iter().for_each(|one| conflict[one.row as usize] = 1);
        let label =
            output::ColumnValues::Texts { of: self.classes.clone(), values: self.labels.clone() };
        let mut columns = vec![
            TableColumn { name: "label".to_owned(), values: label },
            TableColumn::numbers("confidence", (0..n).map(confidence).collect()),
        ];
        columns.extend(self.classes.iter().enumerate().map(|(class, name)| {
            let values = (0..n).map(|at| row(at)[class]).collect();
            TableColumn::numbers(format!("prob:{name}"), values)
        }));
        columns.push(TableColumn::texts("source", self.sources.iter().cloned().map(Some)));
        columns.push(TableColumn::texts("when", self.when.iter().cloned()));
        columns.push(TableColumn::wholes("n_sources", self.n_sources.clone()));
        columns.push(TableColumn::wholes("conflict", conflict));
        let places: Vec<u32> = (0..n as u32).collect();
        self.write_columns(path, format, &places, &places, &columns)
    }

    /// Writes the labels of rows to which sources give different ones, a line each: the identifier, `label`,
    /// `confidence`, `source`, `when`, and `kept`, which is 1 for the label that the row has in the merged table.
    ///
    /// # Errors
    /// [`OutputError`]; the final name is untouched then.
    pub fn write_conflicts(&self, path: &Path, format: &Format) -> Result<(), OutputError> {
        let all = &self.conflicts;
        let kept = |one: &Conflict| i64::from(self.labels[one.row as usize] == Some(one.label));
        let label = output::ColumnValues::Texts {
            of: self.classes.clone(),
            values: all.iter().map(|one| Some(one.label)).collect(),
        };
        let columns = [
            TableColumn { name: "label".to_owned(), values: label },
            TableColumn::numbers("confidence", all.iter().map(|one| one.confidence).collect()),
            TableColumn::texts("source", all.iter().map(|one| Some(one.source.clone()))),
            TableColumn::texts("when", all.iter().map(|one| one.when.clone())),
            TableColumn::wholes("kept", all.iter().map(kept).collect()),
        ];
        let rows: Vec<u32> = all.iter().map(|one| one.row).collect();
        let places: Vec<u32> = (0..all.len() as u32).collect();
        self.write_columns(path, format, &rows, &places, &columns)
    }

    fn write_columns(
        &self,
        path: &Path,
        format: &Format,
        rows: &[u32],
        places: &[u32],
        columns: &[TableColumn],
    ) -> Result<(), OutputError> {
        let ids = rows.iter().map(|&row| Some(&*self.keys[row as usize]));
        let ids = [if self.whole {
            Column::Integer(ids.map(|id| id.and_then(|id| id.parse().ok())).collect())
        } else {
            Column::Text(ids.collect())
        }];
        let rows = output::Rows { name: &self.id, ids: &ids };
        output::write_columns(path, format, rows, places, columns)
    }
}
