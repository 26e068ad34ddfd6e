//! The tables of a finished run, read as the values that they were written from: patterns of votes, what each of them
//! was given, and fingerprints.

use super::{ROWS, Run, RunError};
use crate::input::{Column, Field, Files};
use crate::output::FINGERPRINT;
use crate::votes::PatternCounter;
use crate::{ChoiceId, ClassId, Error, FieldId, LfId, Names, Patterns, Vote};
use ndarray::Array2;
use std::collections::HashMap;
use std::sync::Arc;

/// What the rows of each pattern were given.
pub(crate) struct Given {
    /// The label.
    pub(crate) labels: Vec<Option<ClassId>>,
    /// How probable that is, or the most probable class.
    pub(crate) confidence: Vec<f64>,
    /// The probabilities of the classes: a row a pattern.
    pub(crate) probabilities: Array2<f64>,
}

/// The highest probability, with room for rounding.
const MOST: f64 = 1.0 + 1e-9;

fn damaged(table: &Files, message: impl Into<String>) -> Error {
    let path = table.paths().first().cloned().unwrap_or_default();
    RunError::Damaged { path, message: message.into() }.into()
}

impl Run {
    /// The votes with the pattern of every row, given the names of its model, and identifiers where they are
    /// wanted and the data have some.
    ///
    /// # Errors
    /// [`Error::Run`] and [`Error::Read`] for a table that is missing, damaged, or not that of the run.
    pub(crate) fn patterns(
        &self,
        names: &Arc<Names>,
        with_ids: bool,
    ) -> Result<(Patterns, Vec<Column>), Error> {
        let (table, manifest) = (self.table("votes")?, self.manifest());
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
                            let unknown =
                                || damaged(&table, format!("`{cell}` is no vote of the run"));
                            let choice = choice.ok_or_else(unknown)?;
                            known.insert(cell.to_owned(), choice);
                            choice
                        }
                    };
                    row_votes.push(Vote { lf, choice });
                }
                counter.push(&row_votes).map_err(|error| damaged(&table, error.to_string()))?;
            }
            if with_ids && manifest.columns.id.is_some() {
                ids.extend(batch.column(FieldId::FIRST).cloned());
            }
        }
        let votes = counter.finish();
        if votes.n_rows() != manifest.rows {
            let (found, wanted) = (votes.n_rows(), manifest.rows);
            return Err(damaged(
                &table,
                format!("it has {found} rows, the manifest says {wanted}"),
            ));
        }
        Ok((votes, ids))
    }

    /// The label of each pattern: rows with equal votes have equal labels.
    ///
    /// # Errors
    /// As [`patterns`](Self::patterns).
    pub(crate) fn hard_labels(&self, votes: &Patterns) -> Result<Vec<Option<ClassId>>, Error> {
        Ok(self.read_labels(votes, false)?.labels)
    }

    /// The label of each pattern, with its confidence and all probabilities.
    ///
    /// # Errors
    /// As [`patterns`](Self::patterns).
    pub(crate) fn given(&self, votes: &Patterns) -> Result<Given, Error> {
        self.read_labels(votes, true)
    }

    fn read_labels(&self, votes: &Patterns, numbers: bool) -> Result<Given, Error> {
        let (table, names) = (self.table("labels")?, votes.names());
        let n_classes = if numbers { names.classes.len() } else { 0 };
        let mut given = Given {
            labels: vec![None; votes.len()],
            confidence: vec![0.0; if numbers { votes.len() } else { 0 }],
            probabilities: Array2::zeros((votes.len(), n_classes)),
        };
        let mut fields = vec![Field::text("label")];
        if numbers {
            fields.push(Field::number("confidence"));
            let classes = names.classes.iter();
            fields.extend(classes.map(|class| Field::number(format!("prob:{class}"))));
        }
        let columns: Vec<FieldId> = FieldId::first(fields.len()).skip(1).collect();
        // The first row of a pattern says what all of them were given.
        let mut seen = vec![false; votes.len()];
        let mut rows = votes.of_row().iter();
        let mut source = table.open(&fields)?;
        while let Some(batch) = source.next_batch()? {
            for row in 0..batch.n_rows() {
                let Some(&pattern) = rows.next() else {
                    return Err(damaged(&table, "it has more rows than the votes"));
                };
                let u = pattern as usize;
                if std::mem::replace(&mut seen[u], true) {
                    continue;
                }
                let label = batch.text(FieldId::FIRST, row).filter(|label| !label.is_empty());
                given.labels[u] = match label {
                    None => None,
                    Some(label) => {
                        let class = names.class_named(label);
                        let unknown =
                            || damaged(&table, format!("`{label}` is no label of the run"));
                        Some(class.ok_or_else(unknown)?)
                    }
                };
                for (at, &field) in columns.iter().enumerate() {
                    let number = batch.number(field, row).filter(|p| (0.0..=MOST).contains(p));
                    let number = number.ok_or_else(|| {
                        let column = &fields[field.index()].name;
                        damaged(&table, format!("column `{column}` holds no probability"))
                    })?;
                    match at {
                        0 => given.confidence[u] = number,
                        _ => given.probabilities[[u, at - 1]] = number,
                    }
                }
            }
        }
        match rows.next() {
            None => Ok(given),
            Some(_) => Err(damaged(&table, "it has fewer rows than the votes")),
        }
    }

    /// The fingerprints of the rows, of which there must be so many.
    ///
    /// # Errors
    /// As [`patterns`](Self::patterns).
    pub(crate) fn fingerprints(&self, n_rows: usize) -> Result<Vec<u32>, Error> {
        let table = self.table(ROWS)?;
        // Every number of 32 bits is one of these numbers as well.
        let mut source = table.open(&[Field::number(FINGERPRINT)])?;
        let mut all = Vec::new();
        while let Some(batch) = source.next_batch()? {
            for row in 0..batch.n_rows() {
                let number = batch.number(FieldId::FIRST, row);
                let whole =
                    number.filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
                all.push(whole.ok_or_else(|| damaged(&table, "a fingerprint is missing"))? as u32);
            }
        }
        if all.len() != n_rows {
            return Err(damaged(&table, "it has not as many rows as the votes"));
        }
        Ok(all)
    }
}
