//! Labeling functions that are written in Python.
//!
//! A function is called row by row, a batch under one hold of the GIL. It sees the columns that it declared, and
//! a cell becomes a Python object when it is looked at.

use crate::errors::{DataError, Fault};
use crate::input::Data;
use crate::work::Call;
use jurat::input::{Column, Field, FieldKind};
use jurat::lf::{Cast, RowBatch, RowVotes, Watch};
use jurat::{ClassId, LfSet, MatrixError};
use pyo3::exceptions::{PyAttributeError, PyException, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyString};
use std::sync::Arc;

/// The Python functions of a set, in order.
#[derive(Clone, Default)]
pub(crate) struct Functions(Vec<Arc<Function>>);

impl Functions {
    /// These and more, beside the labeling functions of a set.
    ///
    /// # Errors
    /// `DataError` when two have the same name.
    pub(crate) fn and(&self, set: &LfSet, more: &[Bound<'_, PyAny>]) -> PyResult<Self> {
        let mut all = self.clone();
        for function in more {
            let function = Function::of(function)?;
            let name = &function.name;
            if set.names().lfs.iter().chain(all.names()).any(|known| known == name) {
                let text = format!("two labeling functions are named `{name}`");
                return Err(DataError::new_err(text));
            }
            all.0.push(Arc::new(function));
        }
        Ok(all)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|function| &function.name)
    }

    /// The columns that they read, as text where nothing else is known.
    fn fields(&self) -> impl Iterator<Item = Field> {
        self.0.iter().flat_map(|function| function.fields())
    }

    /// The columns that a set and they read.
    pub(crate) fn wanted(&self, set: &LfSet) -> Vec<Field> {
        set.fields().into_iter().chain(self.fields()).collect()
    }

    /// What one call on a frame needs: the set with them, the data, and the call itself.
    pub(crate) fn on(
        &self,
        set: LfSet,
        frame: &Bound<'_, PyAny>,
    ) -> PyResult<(LfSet, Data, Arc<Call>)> {
        let data = Data::of(frame, &self.wanted(&set))?;
        let call = Arc::<Call>::default();
        let set = self.join(set, Some(&data), &call).map_err(Fault::from)?;
        Ok((set, data, call))
    }

    /// Adds them to a set, for one call; without data nothing is known of the types of columns.
    pub(crate) fn join(
        &self,
        set: LfSet,
        data: Option<&Data>,
        call: &Arc<Call>,
    ) -> Result<LfSet, MatrixError> {
        self.0.iter().try_fold(set, |set, function| function.join(set, data, call))
    }

    /// The functions as bytes, for pickle.
    pub(crate) fn dump<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let functions: Vec<&Py<PyAny>> = self.0.iter().map(|function| &function.object).collect();
        let dumped = py.import("jurat._functions")?.call_method1("dump", (functions,))?;
        Ok(dumped.cast_into::<PyBytes>()?)
    }

    /// Functions from bytes.
    pub(crate) fn load(dumped: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let module = dumped.py().import("jurat._functions")?;
        let functions: Vec<Bound<'_, PyAny>> = module.call_method1("load", (dumped,))?.extract()?;
        let functions = functions.iter().map(|function| Function::of(function).map(Arc::new));
        Ok(Self(functions.collect::<PyResult<_>>()?))
    }
}

/// A labeling function with what it declared.
struct Function {
    /// The decorated function, and what is called.
    object: Py<PyAny>,
    function: Py<PyAny>,
    name: String,
    /// Columns, and what they were declared to be.
    columns: Vec<(String, Option<FieldKind>)>,
    version: Option<String>,
}

impl Function {
    /// Takes a decorated function, or any callable that reads the column `text`.
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let object =
            py.import("jurat._functions")?.call_method1("as_labeling_function", (object,))?;
        let columns: Vec<(String, Option<String>)> =
            object.getattr("columns_and_types")?.extract()?;
        let columns = columns.into_iter().map(|(column, declared)| {
            let kind = declared.map(|declared| match declared.as_str() {
                "number" => FieldKind::Number,
                "whole" => FieldKind::Id,
                "vector" => FieldKind::Vector { dimension: None },
                _ => FieldKind::Text,
            });
            (column, kind)
        });
        Ok(Self {
            name: object.getattr("name")?.extract()?,
            columns: columns.collect(),
            version: object.getattr("version")?.extract()?,
            function: object.getattr("function")?.unbind(),
            object: object.unbind(),
        })
    }

    /// The columns that it reads, as text where nothing else is known.
    fn fields(&self) -> impl Iterator<Item = Field> {
        self.columns
            .iter()
            .map(|(name, kind)| Field { name: name.clone(), kind: kind.unwrap_or(FieldKind::Text) })
    }

    /// Adds it to a set, for one call.
    fn join(
        self: &Arc<Self>,
        lfs: LfSet,
        data: Option<&Data>,
        call: &Arc<Call>,
    ) -> Result<LfSet, MatrixError> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|(name, kind)| Field {
                name: name.clone(),
                kind: kind.unwrap_or_else(|| data.map_or(FieldKind::Text, |data| data.kind(name))),
            })
            .collect();
        let (function, call) = (self.clone(), call.clone());
        let lfs = lfs.with_batches(&self.name, &fields, move |rows| function.votes(rows, &call))?;
        Ok(match &self.version {
            Some(version) => lfs.versioned(version),
            None => lfs,
        })
    }

    fn votes(&self, rows: &RowBatch<'_>, call: &Call) -> RowVotes<Cast> {
        let columns = rows.columns();
        let columns = columns.filter_map(|(name, column)| Some((name.to_owned(), column?.clone())));
        let cells = Arc::new(Cells { columns: columns.collect(), start: rows.start() });
        let stopped = || Err("was interrupted".to_owned());
        Python::attach(|py| {
            let function = self.function.bind(py);
            let votes = (0..rows.n_rows()).map(|row| {
                if call.stopped() {
                    return stopped();
                }
                let view = Row { cells: cells.clone(), row };
                match function.call1((view,)) {
                    Ok(vote) => cast(&vote),
                    Err(error) if error.is_instance_of::<PyException>(py) => Err(told(py, &error)),
                    Err(error) => {
                        call.stop(error);
                        stopped()
                    }
                }
            });
            votes.collect()
        })
    }
}

/// What a function raised, and where.
fn told(py: Python<'_>, error: &PyErr) -> String {
    let mut line = None;
    let mut place = error.traceback(py).map(Bound::into_any);
    while let Some(at) = place.filter(|at| !at.is_none()) {
        line = at.getattr("tb_lineno").and_then(|line| line.extract::<u32>()).ok();
        place = at.getattr("tb_next").ok();
    }
    match line {
        Some(line) => format!("raised {error} (line {line})"),
        None => format!("raised {error}"),
    }
}

/// What a function voted: a label by its name or its number; nothing for `None` and -1.
fn cast(vote: &Bound<'_, PyAny>) -> Result<Option<Cast>, String> {
    if vote.is_none() {
        return Ok(None);
    }
    if let Ok(name) = vote.cast::<PyString>() {
        return match name.to_str() {
            Ok(name) => Ok(Some(Cast::Name(name.to_owned().into()))),
            Err(error) => Err(format!("voted a text that is none: {error}")),
        };
    }
    let number = if vote.is_instance_of::<PyBool>() { None } else { vote.extract::<i64>().ok() };
    match number {
        Some(-1) => Ok(None),
        Some(number) => match usize::try_from(number).ok().and_then(ClassId::new) {
            Some(class) => Ok(Some(Cast::Class(class))),
            None => Err(format!("voted {number}, which is the number of no label")),
        },
        None => {
            let kind = vote.get_type();
            let kind = kind.name().map_or_else(|_| "another type".into(), |name| name.to_string());
            Err(format!("gave a value of the type {kind}; give a label, its number, or None"))
        }
    }
}

/// The cells of a batch.
struct Cells {
    columns: Vec<(String, Column)>,
    start: u64,
}

/// A row as a labeling function sees it.
///
/// `row.text` and `row["text"]` are the cell of a column that the function declared: a str, a float, an int, a
/// list of floats, or None where the cell is missing.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Row {
    cells: Arc<Cells>,
    row: usize,
}

impl Row {
    fn cell<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some((_, column)) = self.cells.columns.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let row = self.row;
        if !column.is_valid(row) {
            return Ok(Some(py.None().into_bound(py)));
        }
        Ok(Some(match column {
            Column::Text(texts) => PyString::new(py, texts.value(row)).into_any(),
            Column::Number(numbers) => numbers.value(row).into_pyobject(py)?.into_any(),
            Column::Integer(numbers) => numbers.value(row).into_pyobject(py)?.into_any(),
            Column::Vector(vectors) => vectors.get(row).unwrap_or_default().into_pyobject(py)?,
        }))
    }

    fn unknown(&self, name: &str) -> String {
        let declared: Vec<&str> =
            self.cells.columns.iter().map(|(name, _)| name.as_str()).collect();
        let declared = declared.join(", ");
        format!("`{name}` is none of the columns that the labeling function declared: {declared}")
    }
}

#[pymethods]
impl Row {
    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.cell(py, name)?.ok_or_else(|| PyAttributeError::new_err(self.unknown(name)))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.cell(py, name)?.ok_or_else(|| PyKeyError::new_err(self.unknown(name)))
    }

    fn __contains__(&self, name: &str) -> bool {
        self.cells.columns.iter().any(|(known, _)| known == name)
    }

    /// The names of the columns, so that `dict(row)` works.
    fn keys(&self) -> Vec<String> {
        self.cells.columns.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The number of the row in the data, from 0.
    #[getter]
    fn row_number(&self) -> u64 {
        self.cells.start + self.row as u64
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut cells = Vec::new();
        for (name, _) in &self.cells.columns {
            if let Some(cell) = self.cell(py, name)? {
                cells.push(format!("{name}={}", cell.repr()?));
            }
        }
        Ok(format!("Row({})", cells.join(", ")))
    }
}
