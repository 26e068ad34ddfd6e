//! What a comparison needs of one run, read from its directory.
//!
//! What there is of every row is a number of its pattern, a fingerprint and an identifier; since a label
//! is a function of the votes, labels are kept by pattern.

use crate::input::{Column, Field, Files};
use crate::job::{Manifest, ROWS, Run, RunError};
use crate::model::{Decision, FittedModel};
use crate::output::FINGERPRINT;
use crate::votes::PatternCounter;
use crate::{ChoiceId, ClassId, Error, FieldId, LfId, Patterns, Report, Vote};
use std::collections::HashMap;

/// One of two runs.
pub(super) struct Side {
    pub(super) folder: String,
    pub(super) manifest: Manifest,
    pub(super) report: Report,
    pub(super) model: FittedModel,
    /// How labels were chosen; none where the spec is not in the run directory.
    pub(super) decision: Option<Decision>,
    /// The votes, with the pattern of every row.
    pub(super) votes: Patterns,
    /// The label of each pattern.
    pub(super) labels: Vec<Option<ClassId>>,
    /// Identifiers in pieces, in row order; empty where the data have none.
    pub(super) ids: Vec<Column>,
    /// One a row; none where the run did not write any.
    pub(super) fingerprints: Option<Vec<u32>>,
}

impl Side {
    /// Reads a run.
    ///
    /// # Errors
    /// [`Error::Run`] and [`Error::Read`] for files that are missing, damaged, or do not go together.
    pub(super) fn read(run: &Run) -> Result<Self, Error> {
        let manifest = run.manifest().clone();
        let model = run.model()?;
        let folder = run.folder().display().to_string();
        let (votes, ids) = read_votes(run, &model)?;
        let labels = read_labels(run, &votes)?;
        let fingerprints = match run.table(ROWS) {
            Ok(table) => Some(read_fingerprints(&table, votes.of_row().len())?),
            Err(_) => None,
        };
        let decision = run.decision().ok();
        let report = run.report()?;
        Ok(Self { folder, manifest, report, model, decision, votes, labels, ids, fingerprints })
    }

    /// The number of its rows.
    pub(super) fn n_rows(&self) -> usize {
        self.votes.of_row().len()
    }

    /// The name of a label.
    pub(super) fn name(&self, label: Option<ClassId>) -> Option<String> {
        label.map(|class| self.votes.names().class(class).to_owned())
    }
}

fn damaged(table: &Files, message: impl Into<String>) -> Error {
    let path = table.paths().first().cloned().unwrap_or_default();
    RunError::Damaged { path, message: message.into() }.into()
}

/// The votes, and identifiers where the data have some.
fn read_votes(run: &Run, model: &FittedModel) -> Result<(Patterns, Vec<Column>), Error> {
    let (table, manifest) = (run.table("votes")?, run.manifest());
    let names = model.names();
    // The column of identifiers is there in any case, and counts the rows.
    let fields: Vec<Field> = std::iter::once(Field::id(manifest.id.clone()))
        .chain(names.lfs.iter().map(|lf| Field::text(format!("lf:{lf}"))))
        .collect();
    let mut source = table.open(&fields)?;
    let mut counter = PatternCounter::new(names.clone());
    let mut known: HashMap<String, ChoiceId> = HashMap::new();
    let (mut ids, mut row_votes) = (Vec::new(), Vec::new());
    let columns: Vec<(LfId, FieldId)> =
        LfId::first(names.lfs.len()).zip(FieldId::first(fields.len()).skip(1)).collect();
    while let Some(batch) = source.next_batch()? {
        for row in 0..batch.n_rows() {
            row_votes.clear();
            for &(lf, field) in &columns {
                let Some(cell) = batch.text(field, row).filter(|cell| !cell.is_empty()) else {
                    continue;
                };
                let choice = match known.get(cell) {
                    Some(choice) => *choice,
                    None => {
                        let choice = names.parse_cell(cell);
                        let choice = choice.and_then(|choice| names.choice_id(&choice));
                        let unknown = || damaged(&table, format!("`{cell}` is no vote of the run"));
                        let choice = choice.ok_or_else(unknown)?;
                        known.insert(cell.to_owned(), choice);
                        choice
                    }
                };
                row_votes.push(Vote { lf, choice });
            }
            counter.push(&row_votes).map_err(|error| damaged(&table, error.to_string()))?;
        }
        if manifest.columns.id.is_some() {
            ids.extend(batch.column(FieldId::FIRST).cloned());
        }
    }
    let votes = counter.finish();
    if votes.n_rows() != manifest.rows {
        let (found, wanted) = (votes.n_rows(), manifest.rows);
        return Err(damaged(&table, format!("it has {found} rows, the manifest says {wanted}")));
    }
    Ok((votes, ids))
}

/// The label of each pattern: rows with equal votes have equal labels.
fn read_labels(run: &Run, votes: &Patterns) -> Result<Vec<Option<ClassId>>, Error> {
    let table = run.table("labels")?;
    let mut labels = vec![None; votes.len()];
    let mut rows = votes.of_row().iter();
    let mut source = table.open(&[Field::text("label")])?;
    while let Some(batch) = source.next_batch()? {
        for row in 0..batch.n_rows() {
            let Some(&pattern) = rows.next() else {
                return Err(damaged(&table, "it has more rows than the votes"));
            };
            let label = batch.text(FieldId::FIRST, row).filter(|label| !label.is_empty());
            labels[pattern as usize] = match label {
                None => None,
                Some(label) => {
                    let class = votes.names().class_named(label);
                    let unknown = || damaged(&table, format!("`{label}` is no label of the run"));
                    Some(class.ok_or_else(unknown)?)
                }
            };
        }
    }
    match rows.next() {
        None => Ok(labels),
        Some(_) => Err(damaged(&table, "it has fewer rows than the votes")),
    }
}

fn read_fingerprints(table: &Files, n_rows: usize) -> Result<Vec<u32>, Error> {
    // Every number of 32 bits is one of these numbers as well.
    let mut source = table.open(&[Field::number(FINGERPRINT)])?;
    let mut all = Vec::with_capacity(n_rows);
    while let Some(batch) = source.next_batch()? {
        for row in 0..batch.n_rows() {
            let number = batch.number(FieldId::FIRST, row);
            let whole =
                number.filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
            all.push(whole.ok_or_else(|| damaged(table, "a fingerprint is missing"))? as u32);
        }
    }
    if all.len() != n_rows {
        return Err(damaged(table, "it has not as many rows as the votes"));
    }
    Ok(all)
}
