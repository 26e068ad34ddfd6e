//! Tables as Arrow streams, for whoever asks with `__arrow_c_stream__`.

use arrow_array::builder::StringBuilder;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use jurat::{ChoiceId, LabelMatrix};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// Rows of a batch.
pub(crate) const ROWS: usize = 1 << 14;

/// A table whose batches are made when they are asked for.
pub(crate) struct Batches<F> {
    schema: SchemaRef,
    n_rows: usize,
    at: usize,
    /// Makes the columns of some rows.
    columns: F,
}

impl<F: FnMut(usize, usize) -> Vec<ArrayRef>> Batches<F> {
    pub(crate) fn new(fields: Vec<Field>, n_rows: usize, columns: F) -> Self {
        Self { schema: Arc::new(Schema::new(fields)), n_rows, at: 0, columns }
    }
}

impl<F: FnMut(usize, usize) -> Vec<ArrayRef>> Iterator for Batches<F> {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, end) = (self.at, (self.at + ROWS).min(self.n_rows));
        if start >= end {
            return None;
        }
        self.at = end;
        let columns = (self.columns)(start, end);
        Some(RecordBatch::try_new(self.schema.clone(), columns))
    }
}

impl<F: FnMut(usize, usize) -> Vec<ArrayRef>> RecordBatchReader for Batches<F> {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// A stream as Python libraries pass it on.
pub(crate) fn capsule<'py>(
    py: Python<'py>,
    batches: impl RecordBatchReader + Send + 'static,
) -> PyResult<Bound<'py, PyCapsule>> {
    let stream = FFI_ArrowArrayStream::new(Box::new(batches));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// The votes as columns `lf:<name>`, null where a labeling function abstained.
pub(crate) fn votes(matrix: &Arc<LabelMatrix>) -> impl RecordBatchReader + Send + 'static {
    let matrix = matrix.clone();
    let names = matrix.names().clone();
    let fields = names.lfs.iter().map(|lf| Field::new(format!("lf:{lf}"), DataType::Utf8, true));
    let choices = (0..names.n_choices()).filter_map(ChoiceId::new);
    let cells: Vec<String> = choices.map(|choice| names.cell(choice).into_owned()).collect();
    let fields = fields.collect();
    Batches::new(fields, matrix.n_rows(), move |start, end| {
        let mut columns: Vec<StringBuilder> = Vec::new();
        columns.resize_with(matrix.n_lfs(), StringBuilder::new);
        for row in start..end {
            let mut votes = matrix.row(row).iter().peekable();
            for (lf, column) in columns.iter_mut().enumerate() {
                let vote = votes.next_if(|vote| vote.lf.index() == lf);
                column.append_option(vote.map(|vote| &cells[vote.choice.index()]));
            }
        }
        columns.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef).collect()
    })
}
