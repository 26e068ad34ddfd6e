//! Tables as Arrow streams, for whoever asks with `__arrow_c_stream__`.

use arrow_array::builder::StringBuilder;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchReader, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use jurat::input::Column;
use jurat::model::{Decision, ProbLabels};
use jurat::{ChoiceId, ClassId, LabelMatrix};
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
pub(crate) fn capsule(
    py: Python<'_>,
    batches: impl RecordBatchReader + Send + 'static,
) -> PyResult<Bound<'_, PyCapsule>> {
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

/// The labels of the rows of a run: the identifier, `label` (null where it is undecided), `confidence`, and
/// `prob:<label>` for each label. `polars.DataFrame(labels)` and `pyarrow.table(labels)` take it.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Labels {
    id: String,
    /// The identifiers of each batch; the rows are counted where there are none.
    ids: Arc<Vec<Option<Column>>>,
    labels: Arc<ProbLabels>,
    /// For each pattern its class and how probable that is.
    hard: Arc<Vec<Option<ClassId>>>,
    confidence: Arc<Vec<f64>>,
}

impl Labels {
    pub(crate) fn new(
        id: String,
        ids: Vec<Option<Column>>,
        labels: Arc<ProbLabels>,
        decision: &Decision,
    ) -> Self {
        let hard = labels.decide(decision);
        let confidence = labels.confidence(&hard);
        let (ids, hard, confidence) = (Arc::new(ids), Arc::new(hard), Arc::new(confidence));
        Self { id, ids, labels, hard, confidence }
    }

    fn batches(&self) -> impl RecordBatchReader + Send + 'static {
        let (labels, ids) = (self.labels.clone(), self.ids.clone());
        let (hard, confidence) = (self.hard.clone(), self.confidence.clone());
        let names = labels.names().clone();
        // Whole numbers stay numbers unless another batch has text.
        let whole = |ids: &Option<Column>| matches!(ids, None | Some(Column::Integer(_)));
        let whole = ids.iter().all(whole);
        let id_type = if whole { DataType::Int64 } else { DataType::Utf8 };
        let mut fields = vec![
            Field::new(&self.id, id_type, true),
            Field::new("label", DataType::Utf8, true),
            Field::new("confidence", DataType::Float64, false),
        ];
        let classes = names.classes.iter();
        fields.extend(classes.map(|c| Field::new(format!("prob:{c}"), DataType::Float64, false)));
        Batches::new(fields, labels.n_rows(), move |start, end| {
            let given = ids.get(start / ROWS).and_then(Option::as_ref);
            let id: ArrayRef = match (given, whole) {
                (None, true) => Arc::new((start as i64..end as i64).collect::<Int64Array>()),
                (None, false) => {
                    let rows = (start..end).map(|row| Some(row.to_string()));
                    Arc::new(rows.collect::<StringArray>())
                }
                (Some(Column::Integer(ids)), true) => Arc::new(ids.clone()),
                (Some(ids), _) => {
                    Arc::new((0..ids.len()).map(|row| ids.as_text(row)).collect::<StringArray>())
                }
            };
            let patterns = &labels.of_row()[start..end];
            let label = patterns.iter().map(|u| hard[*u as usize].map(|class| names.class(class)));
            let sure = patterns.iter().map(|u| confidence[*u as usize]);
            let mut columns = vec![
                id,
                Arc::new(label.collect::<StringArray>()) as ArrayRef,
                Arc::new(Float64Array::from_iter_values(sure)),
            ];
            columns.extend(labels.table().columns().into_iter().map(|column| {
                let cells = patterns.iter().map(|u| column[*u as usize]);
                Arc::new(Float64Array::from_iter_values(cells)) as ArrayRef
            }));
            columns
        })
    }
}

#[pymethods]
impl Labels {
    /// The labels as a `pyarrow.Table`.
    fn to_arrow(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule(py, self.batches())
    }

    fn __len__(&self) -> usize {
        self.labels.n_rows()
    }

    fn __repr__(&self) -> String {
        let names = self.labels.names().classes.join(", ");
        format!("Labels({} rows, labels: {names})", self.labels.n_rows())
    }
}
