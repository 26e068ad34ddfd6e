//! What Python programs have data in: frames, Arrow streams, columns, files.

use crate::errors::{DataError, Fault};
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{ArrowError, DataType, SchemaRef};
use jurat::input::{Field, FieldKind, Files, ReadError, Source, arrow_source};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::sync::Arc;

/// Data as they were given.
pub(crate) enum Data {
    /// Files that jurat reads itself.
    Files(Files),
    /// Arrow record batches, with what messages call them.
    Stream { name: String, schema: SchemaRef, batches: Batches },
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

impl Data {
    /// Takes a frame, of which these columns are wanted.
    ///
    /// # Errors
    /// `TypeError` for what is no data, `DataError` for data that cannot be read.
    pub(crate) fn of(frame: &Bound<'_, PyAny>, wanted: &[Field]) -> PyResult<Self> {
        let py = frame.py();
        let columns: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
        let prepared = py.import("jurat._frames")?.call_method1("prepare", (frame, columns))?;
        let (kind, name, content): (String, String, Bound<'_, PyAny>) = prepared.extract()?;
        Ok(match kind.as_str() {
            "files" => {
                let files = Files::new(content.extract::<Vec<String>>()?).map_err(Fault::from)?;
                Self::Files(files)
            }
            "columns" => {
                let batch = batch(&name, content.cast::<PyDict>()?)?;
                let schema = batch.schema();
                Self::Stream { name, schema, batches: Box::new(std::iter::once(Ok(batch))) }
            }
            _ => {
                let reader = RecordBatchStreamReader::from_pyarrow_bound(&content)?;
                Self::Stream { name, schema: reader.schema(), batches: Box::new(reader) }
            }
        })
    }

    /// What a column of an untyped frame should be read as for Python: numbers as numbers, vectors as
    /// vectors, all else as text. In files everything is text that nobody declares otherwise.
    pub(crate) fn kind(&self, column: &str) -> FieldKind {
        let Self::Stream { schema, .. } = self else { return FieldKind::Text };
        let Ok(field) = schema.field_with_name(column) else { return FieldKind::Text };
        match field.data_type() {
            DataType::Float16 | DataType::Float32 | DataType::Float64 => FieldKind::Number,
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
                FieldKind::Vector { dimension: None }
            }
            other if other.is_integer() => FieldKind::Id,
            _ => FieldKind::Text,
        }
    }

    /// The format of files that was named.
    pub(crate) fn format(&self) -> Option<String> {
        match self {
            Self::Files(files) => files.format().map(str::to_owned),
            Self::Stream { .. } => None,
        }
    }

    /// Opens the data for reading these columns.
    pub(crate) fn open(self, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
        match self {
            Self::Files(files) => files.open(fields),
            Self::Stream { name, schema, batches } => arrow_source(&name, &schema, batches, fields),
        }
    }
}

/// Columns of Python values as a record batch.
fn batch(name: &str, columns: &Bound<'_, PyDict>) -> PyResult<RecordBatch> {
    let mut arrays: Vec<(String, ArrayRef)> = Vec::new();
    let py = columns.py();
    for (column, values) in columns {
        let (column, values) = (column.extract::<String>()?, values.cast_into::<PyList>()?);
        let array = array(&values).map_err(|fault| {
            let message = match fault {
                Odd::Python(error) if !error.is_instance_of::<PyException>(py) => return error,
                Odd::Value { row, found, before } => format!(
                    "{name}, data row {}: column `{column}` holds {found}, but rows before hold {before}",
                    row + 1
                ),
                Odd::Python(error) => format!("{name}: column `{column}`: {error}"),
            };
            DataError::new_err(message)
        })?;
        if let Some((first, other)) = arrays.first()
            && other.len() != array.len()
        {
            return Err(DataError::new_err(format!(
                "{name}: column `{column}` has {} values, `{first}` {}",
                array.len(),
                other.len()
            )));
        }
        arrays.push((column, array));
    }
    if arrays.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::new(arrow_schema::Schema::empty())));
    }
    RecordBatch::try_from_iter(arrays).map_err(|error| DataError::new_err(error.to_string()))
}

enum Odd {
    Value { row: usize, found: String, before: &'static str },
    Python(PyErr),
}

impl From<PyErr> for Odd {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

/// What the values of a column are, as far as they have been seen.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Nothing,
    Text,
    Truth,
    Whole,
    Real,
    Vector,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Text => "texts",
            Self::Truth => "truth values",
            Self::Whole => "whole numbers",
            Self::Real => "numbers",
            Self::Vector => "vectors",
        }
    }

    fn of(value: &Bound<'_, PyAny>) -> Option<Self> {
        use pyo3::types::{PyBool, PyFloat, PyString};
        if value.is_instance_of::<PyString>() {
            Some(Self::Text)
        } else if value.is_instance_of::<PyBool>() {
            Some(Self::Truth)
        } else if value.is_instance_of::<PyFloat>() {
            Some(Self::Real)
        } else if value.extract::<i64>().is_ok() {
            Some(Self::Whole)
        } else if value.is_instance_of::<PyList>()
            || value.is_instance_of::<PyTuple>()
            || value.hasattr("__array__").unwrap_or(false)
        {
            Some(Self::Vector)
        } else {
            None
        }
    }
}

/// A missing value: `None`, and what numbers and pandas write in its place.
fn is_missing(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.extract::<f64>().is_ok_and(f64::is_nan)
        || value.get_type().name().is_ok_and(|name| name == "NAType" || name == "NaTType")
}

/// Looks for Ctrl-C every now and then.
fn heard(py: Python<'_>, row: usize) -> PyResult<()> {
    if row.is_multiple_of(1 << 14) { py.check_signals() } else { Ok(()) }
}

fn array(values: &Bound<'_, PyList>) -> Result<ArrayRef, Odd> {
    let mut kind = Kind::Nothing;
    for (row, value) in values.iter().enumerate() {
        heard(values.py(), row)?;
        if is_missing(&value) {
            continue;
        }
        let found = Kind::of(&value);
        kind = match (kind, found) {
            (Kind::Nothing, Some(found)) => found,
            (before, Some(found)) if before == found => before,
            (Kind::Whole | Kind::Real, Some(Kind::Whole | Kind::Real)) => Kind::Real,
            (before, _) => {
                let found = match found {
                    Some(found) => found.words().to_owned(),
                    None => format!("a value of the type {}", value.get_type().name()?),
                };
                return Err(Odd::Value { row, found, before: before.words() });
            }
        };
    }
    fn cells<'py, T: for<'a> FromPyObject<'a, 'py, Error: Into<PyErr>>>(
        values: &Bound<'py, PyList>,
    ) -> Result<Vec<Option<T>>, Odd> {
        let cell = |(row, value): (usize, Bound<'py, PyAny>)| {
            heard(values.py(), row)?;
            if is_missing(&value) {
                return Ok(None);
            }
            value.extract::<T>().map(Some).map_err(|error| Odd::Python(error.into()))
        };
        values.iter().enumerate().map(cell).collect()
    }
    use arrow_array::types::Float64Type;
    use arrow_array::{BooleanArray, Float64Array, Int64Array, ListArray, NullArray, StringArray};
    Ok(match kind {
        Kind::Nothing => Arc::new(NullArray::new(values.len())),
        Kind::Text => Arc::new(StringArray::from_iter(cells::<String>(values)?)),
        Kind::Truth => Arc::new(BooleanArray::from(cells::<bool>(values)?)),
        Kind::Whole => Arc::new(Int64Array::from(cells::<i64>(values)?)),
        Kind::Real => Arc::new(Float64Array::from(cells::<f64>(values)?)),
        Kind::Vector => {
            let vectors = cells::<Vec<f64>>(values)?.into_iter();
            let vectors = vectors.map(|vector| vector.map(|v| v.into_iter().map(Some)));
            Arc::new(ListArray::from_iter_primitive::<Float64Type, _, _>(vectors))
        }
    })
}
