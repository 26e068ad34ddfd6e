//! Labels of a classifier for data.

use super::{Bags, Classifier, ClassifierError};
use crate::input::{Column, Field, Files};
use crate::model::ProbLabels;
use crate::{FieldId, Names};
use ndarray::{Array2, Axis};

/// The predictions for some data.
#[derive(Debug)]
#[non_exhaustive]
pub struct Predicted {
    /// P(class) for every row, which all count as covered.
    pub labels: ProbLabels,
    /// Their identifiers; empty where rows are numbered.
    pub ids: Vec<Column>,
}

impl Classifier {
    /// Predicts all rows of some files. Texts are held a batch at a time; kept are the probabilities, 8 bytes a
    /// row and class, and the identifiers of the column `id`.
    ///
    /// # Errors
    /// [`ClassifierError::Read`] when a column is missing, or the data cannot be read.
    pub fn label(&self, files: &Files, id: Option<&Field>) -> Result<Predicted, ClassifierError> {
        let mut fields = self.inputs().fields();
        let of_id = FieldId::new(fields.len()).filter(|_| id.is_some());
        fields.extend(id.cloned());
        let mut source = files.open(&fields)?;
        let (mut tables, mut ids) = (Vec::new(), Vec::new());
        let prepared = self.prepared();
        while let Some(batch) = source.next_batch()? {
            tables.push(prepared.predict(&Bags::of(&batch, self.inputs(), 0)));
            ids.extend(of_id.and_then(|id| batch.column(id)).cloned());
        }
        let k = self.classes().len();
        let mut table = Array2::zeros((tables.iter().map(Array2::nrows).sum(), k));
        let mut row = 0;
        for part in tables {
            let mut rows = table.slice_axis_mut(Axis(0), (row..row + part.nrows()).into());
            rows.assign(&part);
            row += part.nrows();
        }
        let none: [&str; 0] = [];
        let names = Names::new(none, self.classes().to_vec());
        let names = names.map_err(|error| ClassifierError::File { message: error.to_string() })?;
        Ok(Predicted { labels: ProbLabels::of_rows(names, table), ids })
    }
}
