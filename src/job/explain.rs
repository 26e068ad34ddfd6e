//! Why a row of a finished run has its label: the row is read again and voted on as it was.

use super::exhibit::{Exhibit, Weighing};
use super::run::{Run, RunError};
use super::{Job, ROWS};
use crate::input::{Field, Pick};
use crate::lf::Evidence;
use crate::output::FINGERPRINT;
use crate::report::{Explanation, Privacy};
use crate::{Error, FieldId};

/// Characters that are shown of a cell.
const LONGEST: usize = 20_000;

impl Run {
    /// Explains a row: by its identifier, or by its number in the input, from 0.
    ///
    /// The data are read where they were, or at `elsewhere` if that is not empty. What a run was made
    /// not to show is not shown here either.
    ///
    /// # Errors
    /// [`Error::Run`] for a row that is not there, and the errors of reading spec, tables and data.
    pub fn explain(
        &self,
        row: &str,
        elsewhere: &[String],
        privacy: Privacy,
    ) -> Result<Explanation, Error> {
        let privacy = privacy.or(self.manifest().privacy);
        self.explained(row, elsewhere, privacy).map_err(|error| error.within(privacy))
    }

    fn explained(
        &self,
        row: &str,
        elsewhere: &[String],
        privacy: Privacy,
    ) -> Result<Explanation, Error> {
        let number = self.find(row)?;
        let (_, job) = self.job()?;
        let model = self.model()?;
        let decision = self.decided(job.policy.clone());
        let picked = {
            let files = self.data(elsewhere)?;
            job.data(&files).pick(&job.lfs.fields(), &[number])?
        };
        if picked.rows.is_empty() {
            return Err(self.no_row(row).into());
        }
        let evidence = job.lfs.evidence(&picked.batch)?;
        let notes = self.differences(&job, &evidence, number)?;
        let exhibit = Exhibit { lfs: &job.lfs, picked, evidence, privacy, longest: LONGEST };
        let weighing = Weighing { model: &model, decision: &decision };
        let mut example = exhibit.example(0, weighing, Vec::new(), 1);
        if privacy == Privacy::NoExamples {
            example.cells.clear();
        }
        Ok(Explanation::new(job.lfs.names().classes.clone(), example, notes))
    }

    /// The number of the row with this identifier, or else this number.
    fn find(&self, row: &str) -> Result<u64, Error> {
        let number = row.parse::<u64>().ok().filter(|number| *number < self.manifest().rows);
        if self.manifest().columns.id.is_none() {
            return Ok(number.ok_or_else(|| self.no_row(row))?);
        }
        let mut source = self.table("labels")?.open(&[Field::id(&self.manifest().id)])?;
        while let Some(batch) = source.next_batch()? {
            let Some(ids) = batch.column(FieldId::FIRST) else { continue };
            let mut rows = 0..batch.n_rows();
            if let Some(at) = rows.find(|&at| ids.as_text(at).as_deref() == Some(row)) {
                return Ok(batch.start() + at as u64);
            }
        }
        Ok(number.ok_or_else(|| self.no_row(row))?)
    }

    fn no_row(&self, row: &str) -> RunError {
        let column = self.manifest().columns.id.as_ref();
        RunError::NoRow {
            row: row.to_owned(),
            identifiers: column
                .map_or_else(String::new, |id| format!("an identifier in `{id}` or ")),
            rows: self.manifest().rows,
        }
    }

    /// In what the row is not what it was when it was voted on.
    fn differences(
        &self,
        job: &Job,
        evidence: &Evidence,
        number: u64,
    ) -> Result<Vec<String>, Error> {
        let names = job.lfs.names();
        let fields: Vec<Field> =
            names.lfs.iter().map(|lf| Field::text(format!("lf:{lf}"))).collect();
        let then = self.table("votes")?.pick(&fields, &[number])?;
        let mut changed = Vec::new();
        for (lf, field) in crate::LfId::first(names.lfs.len()).zip(FieldId::first(fields.len())) {
            let cell = if then.rows.is_empty() { None } else { then.batch.text(field, 0) };
            let vote = evidence.votes.vote(0, lf).map(|choice| names.cell(choice).into_owned());
            if cell.map(str::to_owned) != vote {
                changed.push(names.lf(lf).to_owned());
            }
        }
        if changed.is_empty() {
            let other =
                self.fingerprint(job, number)?.is_some_and(|of| of != evidence.fingerprints[0]);
            let note = "  The row is no longer what it was when the run was made: its cells are other ones, \
                        with the same votes. Were rows edited, inserted or reordered?";
            return Ok(if other { vec![note.to_owned()] } else { Vec::new() });
        }
        Ok(vec![format!(
            "  The row, or a table, is no longer what it was when the run was made: {} voted otherwise \
             then. What stands here is what they vote now.",
            changed.join(", ")
        )])
    }

    /// The fingerprint that the row had; none where the run has none of the same columns.
    fn fingerprint(&self, job: &Job, number: u64) -> Result<Option<u32>, Error> {
        let Ok(table) = self.table(ROWS) else { return Ok(None) };
        if self.manifest().fields != job.lfs.columns() {
            return Ok(None);
        }
        let then = table.pick(&[Field::number(FINGERPRINT)], &[number])?;
        // Every number of 32 bits is one of these numbers as well.
        Ok(then.batch.number(FieldId::FIRST, 0).filter(|_| !then.rows.is_empty()).map(|n| n as u32))
    }
}
