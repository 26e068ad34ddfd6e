//! The label matrix.

use crate::errors::{DataError, Fault};
use crate::{output, summary};
use jurat::lf::Notes as LfNotes;
use jurat::{ClassId, LabelMatrix as Matrix, LfId, Names, Patterns, Vote};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyTuple};
use std::sync::{Arc, OnceLock};

/// The votes of labeling functions on rows: sparse, four bytes a vote.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct LabelMatrix {
    pub(crate) matrix: Arc<Matrix>,
    notes: Arc<Vec<LfNotes>>,
    patterns: OnceLock<Arc<Patterns>>,
}

impl LabelMatrix {
    pub(crate) fn new(matrix: Matrix, notes: Vec<LfNotes>) -> Self {
        let (matrix, notes) = (Arc::new(matrix), Arc::new(notes));
        Self { matrix, notes, patterns: OnceLock::new() }
    }

    /// The distinct rows, counted once.
    pub(crate) fn patterns(&self, py: Python<'_>) -> Arc<Patterns> {
        let count = || Arc::new(Patterns::count(&self.matrix));
        py.detach(|| self.patterns.get_or_init(count).clone())
    }

    pub(crate) fn notes(&self) -> &Arc<Vec<LfNotes>> {
        &self.notes
    }
}

/// What happened to a labeling function besides votes.
#[pyclass(frozen, get_all, module = "jurat", skip_from_py_object)]
pub(crate) struct Notes {
    /// The labeling function.
    lf: String,
    /// Rows on which it abstained because a cell was missing.
    missing: u64,
    /// Rows on which it abstained because it raised an exception or named no label.
    failures: u64,
    /// The first failures: row, from 0, and message.
    first_failures: Vec<(u64, String)>,
}

#[pymethods]
impl Notes {
    fn __repr__(&self) -> String {
        let Self { lf, missing, failures, first_failures } = self;
        let first = first_failures.first();
        let first =
            first.map_or_else(String::new, |(row, what)| format!(", first: row {row} {what}"));
        format!("Notes({lf}: {missing} missing, {failures} failures{first})")
    }
}

#[pymethods]
impl LabelMatrix {
    /// A matrix from class numbers, n_rows × n_lfs, with -1 where a labeling function abstained.
    ///
    /// :raises DataError: for numbers of no label, and names that stand twice.
    #[staticmethod]
    #[pyo3(signature = (votes, labels, lfs))]
    fn from_numpy(
        votes: &Bound<'_, PyAny>,
        labels: Vec<String>,
        lfs: Vec<String>,
    ) -> PyResult<Self> {
        let names = Names::new(lfs, labels).map_err(Fault::from)?;
        let votes = votes.py().import("jurat._frames")?.call_method1("votes", (votes,))?;
        let matrix = if let Ok(votes) = votes.extract::<PyReadonlyArray2<'_, i8>>() {
            dense(names, &votes)
        } else if let Ok(votes) = votes.extract::<PyReadonlyArray2<'_, i16>>() {
            dense(names, &votes)
        } else if let Ok(votes) = votes.extract::<PyReadonlyArray2<'_, i32>>() {
            dense(names, &votes)
        } else {
            dense(names, &votes.extract::<PyReadonlyArray2<'_, i64>>()?)
        };
        Ok(Self::new(matrix?, Vec::new()))
    }

    /// n_rows, n_lfs.
    #[getter]
    fn shape(&self) -> (usize, usize) {
        (self.matrix.n_rows(), self.matrix.n_lfs())
    }

    /// The names of the labeling functions, in the order of the columns.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        self.matrix.names().lfs.clone()
    }

    /// The labels; class number i is the label i.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.matrix.names().classes.clone()
    }

    /// Number of votes in all rows.
    #[getter]
    fn n_votes(&self) -> usize {
        self.matrix.n_votes()
    }

    /// What happened to each labeling function besides votes, in order.
    #[getter(notes)]
    fn py_notes(&self) -> Vec<Notes> {
        let lfs = self.matrix.names().lfs.iter().zip(self.notes.iter());
        lfs.map(|(lf, notes)| Notes {
            lf: lf.clone(),
            missing: notes.missing,
            failures: notes.failures,
            first_failures: notes.first_failures.clone(),
        })
        .collect()
    }

    fn __len__(&self) -> usize {
        self.matrix.n_rows()
    }

    /// The votes on some rows: a slice, a mask, or numbers of rows.
    fn __getitem__(&self, py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let n_rows = self.matrix.n_rows();
        let rows = py.import("jurat._frames")?.call_method1("rows", (rows, n_rows))?;
        let mut matrix = Matrix::new(self.matrix.names().clone());
        for row in rows.extract::<Vec<usize>>()? {
            matrix.push(self.matrix.row(row)).map_err(Fault::from)?;
        }
        Ok(Self::new(matrix, Vec::new()))
    }

    /// Class numbers as an array, n_rows × n_lfs, with -1 where a labeling function abstained; int16 unless a
    /// `dtype` is given.
    ///
    /// :raises DataError: when there are votes that are more than a class, such as for one of several.
    #[pyo3(signature = (dtype=None))]
    fn to_numpy<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.plain()?;
        let array = if i16::try_from(self.matrix.n_classes()).is_ok() {
            py.detach(|| filled(&self.matrix, -1_i16, |class| class as i16))
                .into_pyarray(py)
                .into_any()
        } else {
            py.detach(|| filled(&self.matrix, -1_i32, |class| class as i32))
                .into_pyarray(py)
                .into_any()
        };
        match dtype {
            Some(dtype) => array.call_method1("astype", (dtype,)),
            None => Ok(array),
        }
    }

    /// A sparse matrix of SciPy (CSR), n_rows × n_lfs: class number + 1, nothing where a labeling function
    /// abstained.
    fn to_scipy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.plain()?;
        let n_rows = self.matrix.n_rows();
        let (mut data, mut columns) = (Vec::new(), Vec::new());
        let mut ends = Vec::with_capacity(n_rows + 1);
        ends.push(0_i64);
        for votes in self.matrix.rows() {
            data.extend(votes.iter().map(|vote| vote.choice.index() as i32 + 1));
            columns.extend(votes.iter().map(|vote| vote.lf.index() as i32));
            ends.push(data.len() as i64);
        }
        let arrays = (
            PyArray1::from_vec(py, data),
            PyArray1::from_vec(py, columns),
            PyArray1::from_vec(py, ends),
        );
        let shape = (n_rows, self.matrix.n_lfs());
        py.import("scipy.sparse")?.call_method1("csr_matrix", (arrays, shape))
    }

    /// A `pyarrow.Table` with a column `lf:<name>` of labels for each labeling function, null where it
    /// abstained.
    fn to_arrow(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// The same for every library that reads Arrow streams, such as `polars.DataFrame(votes)`.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        output::capsule(py, output::votes(&self.matrix))
    }

    /// What each labeling function did: a dict each, with the labels it voted, its votes, and coverage, overlaps
    /// (another one votes) and conflicts (another one contradicts it) as shares of all rows.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        summary::dicts(py, self)
    }

    fn _repr_html_(&self, py: Python<'_>) -> String {
        summary::table(py, self)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().matrix == self.matrix)
    }

    fn __repr__(&self) -> String {
        let (rows, lfs) = self.shape();
        let votes = self.matrix.n_votes();
        format!("LabelMatrix({rows} rows, {lfs} labeling functions, {votes} votes)")
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let state = (json(&**self.matrix.names())?, json(&*self.notes)?);
        let mut votes = Vec::with_capacity(4 * self.matrix.n_votes());
        let mut lengths = Vec::with_capacity(2 * self.matrix.n_rows());
        for row in self.matrix.rows() {
            lengths.extend((row.len() as u16).to_le_bytes());
            for vote in row {
                votes.extend((vote.lf.index() as u16).to_le_bytes());
                votes.extend((vote.choice.index() as u16).to_le_bytes());
            }
        }
        let (lengths, votes) = (PyBytes::new(py, &lengths), PyBytes::new(py, &votes));
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (state.0, state.1, lengths, votes).into_pyobject(py)?))
    }

    #[staticmethod]
    fn _restore(names: &str, notes: &str, lengths: &[u8], votes: &[u8]) -> PyResult<Self> {
        let damaged = |error: &dyn std::fmt::Display| {
            DataError::new_err(format!("the pickled label matrix is damaged: {error}"))
        };
        let names: Names = serde_json::from_str(names).map_err(|error| damaged(&error))?;
        let notes = serde_json::from_str(notes).map_err(|error| damaged(&error))?;
        let two = |bytes: &[u8]| usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
        let vote = |bytes: &[u8]| {
            let (lf, choice) = (LfId::new(two(bytes))?, jurat::ChoiceId::new(two(&bytes[2..]))?);
            Some(Vote { lf, choice })
        };
        let mut votes = votes.chunks_exact(4).map(vote);
        let mut matrix = Matrix::new(Arc::new(names));
        for length in lengths.chunks_exact(2) {
            let row: Option<Vec<Vote>> = (0..two(length)).map(|_| votes.next().flatten()).collect();
            let row = row.ok_or_else(|| damaged(&"a vote is missing"))?;
            matrix.push(&row).map_err(|error| damaged(&error))?;
        }
        Ok(Self::new(matrix, notes))
    }
}

impl LabelMatrix {
    /// Class numbers cannot say what is more than a class.
    fn plain(&self) -> PyResult<()> {
        let names = self.matrix.names();
        let Some(rich) = names.rich_choices().first() else { return Ok(()) };
        let rich = names.choice_id(rich).map_or_else(String::new, |id| names.cell(id).into_owned());
        Err(DataError::new_err(format!(
            "the label matrix has votes that are more than a class, such as `{rich}`; take to_arrow()"
        )))
    }
}

pub(crate) fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| DataError::new_err(error.to_string()))
}

/// The matrix with a cell for every vote.
fn filled<T: Copy>(matrix: &Matrix, absent: T, number: fn(usize) -> T) -> Array2<T> {
    let mut array = Array2::from_elem((matrix.n_rows(), matrix.n_lfs()), absent);
    for (mut cells, votes) in array.rows_mut().into_iter().zip(matrix.rows()) {
        votes.iter().for_each(|vote| cells[vote.lf.index()] = number(vote.choice.index()));
    }
    array
}

fn dense<T: numpy::Element + Copy + Into<i64>>(
    names: Arc<Names>,
    votes: &PyReadonlyArray2<'_, T>,
) -> PyResult<Matrix> {
    let votes = votes.as_array();
    let (n_lfs, n_classes) = (names.lfs.len(), names.classes.len());
    if votes.ncols() != n_lfs {
        let n = votes.ncols();
        return Err(DataError::new_err(format!(
            "the array has {n} columns for {n_lfs} names in lfs"
        )));
    }
    let mut matrix = Matrix::new(names);
    let mut cast = Vec::with_capacity(n_lfs);
    for (row, cells) in votes.rows().into_iter().enumerate() {
        cast.clear();
        for (lf, cell) in (0..n_lfs).filter_map(LfId::new).zip(cells) {
            let class: i64 = (*cell).into();
            if class == -1 {
                continue;
            }
            let known = usize::try_from(class).ok().filter(|class| *class < n_classes);
            let Some(class) = known.and_then(ClassId::new) else {
                return Err(DataError::new_err(format!(
                    "row {row}, column {}: {class} is the number of no label; there are {n_classes}, \
                     numbered from 0, and -1 is to abstain",
                    lf.index()
                )));
            };
            cast.push(Vote { lf, choice: class.into() });
        }
        matrix.push(&cast).map_err(Fault::from)?;
    }
    Ok(matrix)
}
