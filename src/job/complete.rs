//! Answers about rows of a run: whether these rows are there, and their identifiers.

use super::run::Run;
use crate::answers::{AnswerError, Answers, Problem};
use crate::input::{Field, Pick};
use crate::{Error, FieldId};
use std::collections::BTreeMap;

impl Run {
    /// Checks that answers are about rows of this run, and gives those that only have the number of a
    /// row its identifier, unless the run was made not to show any.
    ///
    /// # Errors
    /// [`Error::Answers`] for rows that are not there, or have another identifier; `path` is for messages.
    pub fn complete(&self, answers: &mut Answers, path: &str) -> Result<(), Error> {
        let manifest = self.manifest();
        let mut problems = Vec::new();
        let mut wrong = |line: u64, message: String| {
            problems.push(Problem { place: format!("line {line}"), message });
        };
        let mut rows: Vec<u64> = answers.all.iter().filter_map(|answer| answer.row).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut ids: BTreeMap<u64, String> = BTreeMap::new();
        if manifest.columns.id.is_some() {
            let there: Vec<u64> = rows.iter().copied().filter(|row| *row < manifest.rows).collect();
            let picked = self.table("labels")?.pick(&[Field::id(&manifest.id)], &there)?;
            for (at, &row) in picked.rows.iter().enumerate() {
                let column = picked.batch.column(FieldId::FIRST);
                let id = column.and_then(|column| column.as_text(at));
                if let Some(id) = id.filter(|id| !id.is_empty()) {
                    ids.insert(row, id.into_owned());
                }
            }
        }
        for answer in &mut answers.all {
            let Some(row) = answer.row else { continue };
            if row >= manifest.rows {
                wrong(answer.line, format!("there is no row {row}; the run has {}", manifest.rows));
                continue;
            }
            match (&answer.id, ids.get(&row)) {
                (Some(given), Some(id)) if given != id => {
                    wrong(answer.line, format!("row {row} of the run is `{id}`, not `{given}`"));
                }
                (None, Some(id)) if manifest.privacy.is_full() => answer.id = Some(id.clone()),
                _ => {}
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(AnswerError::Problems { path: path.to_owned(), problems }.into())
    }
}
