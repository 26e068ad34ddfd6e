//! Jobs: the whole line from rows to labels and a report.

use crate::counts::{Fitted, PatternCounts};
use crate::errors::{DataError, Fault};
use crate::functions::Functions;
use crate::input::Data;
use crate::lf_set::{State, from_bundle, open_cache, options};
use crate::matrix::LabelMatrix;
use crate::model::{FittedModel, probabilities};
use crate::output::{Labels, ROWS};
use crate::report::Report;
use crate::work::work;
use jurat::input::{Column, Field, Reopened};
use jurat::job::{DataRecord, Outcome, SaveSettings};
use jurat::lf::{Bundle, Watch};
use jurat::model::ProbLabels;
use jurat::output::{Format, OutputError, Staged, check_id, default_format, format_named, formats};
use jurat::report::Privacy;
use jurat::votes::{RowLog, Scratch};
use jurat::{Job as Whole, LabelMatrix as Matrix, Spec};
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A batch labeling job, as `jurat run`: labeling functions, label model, and what the spec says of both.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Job {
    pub(crate) job: Whole,
    pub(crate) spec: Arc<Spec>,
    pub(crate) functions: Functions,
}

impl Job {
    fn compiled((spec, job): (Spec, Whole)) -> Self {
        Self { job, spec: Arc::new(spec), functions: Functions::default() }
    }
}

/// The names of columns, each once.
pub(crate) fn distinct(fields: Vec<Field>) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for field in fields {
        if !columns.contains(&field.name) {
            columns.push(field.name);
        }
    }
    columns
}

/// A column that is named instead of the one in the spec; false for none.
fn column(given: Option<&Bound<'_, PyAny>>, own: Option<&str>) -> PyResult<Option<String>> {
    match given {
        None => Ok(own.map(str::to_owned)),
        Some(given) if given.is_instance_of::<PyBool>() && !given.is_truthy()? => Ok(None),
        Some(given) => Ok(Some(given.extract()?)),
    }
}

#[pymethods]
impl Job {
    /// Reads a spec file, with its parts and tables.
    ///
    /// :param set: values of variables, instead of those under `vars` of the spec.
    /// :param allow_outside: let the spec read files outside of its folder; only for specs that you trust.
    /// :raises SpecError: with everything that is wrong.
    #[staticmethod]
    #[pyo3(signature = (path, set=None, allow_outside=false))]
    fn from_yaml(
        py: Python<'_>,
        path: PathBuf,
        set: Option<&Bound<'_, PyDict>>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let options = options(set, allow_outside)?;
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            Ok(Self::compiled(Whole::load_with(path, &options)?))
        })
    }

    /// Reads the text of a spec; `name` is what messages call it, and what its files are relative to.
    ///
    /// :raises SpecError: with everything that is wrong.
    #[staticmethod]
    #[pyo3(signature = (text, name="inline.yaml"))]
    fn from_text(py: Python<'_>, text: String, name: &str) -> PyResult<Self> {
        let name = name.to_owned();
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            let spec = Spec::from_yaml(&text, &name)?;
            let job = Whole::new(&spec)?;
            Ok(Self::compiled((spec, job)))
        })
    }

    /// A new job with Python functions beside the labeling functions of the spec.
    fn with_functions(&self, functions: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let functions = self.functions.and(&self.job.lfs, &functions)?;
        Ok(Self { job: self.job.clone(), spec: self.spec.clone(), functions })
    }

    /// The names of the labeling functions, in order.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        self.job.lfs.names().lfs.iter().chain(self.functions.names()).cloned().collect()
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.job.lfs.names().classes.clone()
    }

    /// The columns that it reads: of labeling functions, known labels, slices and times.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let lfs = self.job.lfs.clone().with_id(None);
        distinct(self.functions.wanted(&lfs))
    }

    fn __repr__(&self) -> String {
        let (lfs, labels) = (self.lfs().len(), self.labels().join(", "));
        format!("Job({}: {lfs} labeling functions, labels: {labels})", self.spec.path)
    }

    /// Votes, fits, labels and reports.
    ///
    /// :param frame: as of `LfSet.apply`.
    /// :param id: the column with identifiers, instead of the one in the spec; False for none.
    /// :param gold: the column with known labels to score against; False for none.
    /// :param learn: the column with known labels to learn from; False for none.
    /// :param cache: a folder in which votes are kept.
    /// :param privacy: whether reports show rows: full, redacted, or no-examples.
    /// :returns: a Run.
    /// :raises DataError: for data that cannot be read.
    /// :raises FitError: when there is nothing to learn from.
    #[pyo3(signature = (frame, *, id=None, gold=None, learn=None, cache=None, privacy="full"))]
    #[expect(clippy::too_many_arguments, reason = "named arguments in Python")]
    fn run(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        id: Option<&Bound<'_, PyAny>>,
        gold: Option<&Bound<'_, PyAny>>,
        learn: Option<&Bound<'_, PyAny>>,
        cache: Option<PathBuf>,
        privacy: &str,
    ) -> PyResult<Run> {
        let privacy = match privacy {
            "full" => Privacy::Full,
            "redacted" => Privacy::Redacted,
            "no-examples" => Privacy::NoExamples,
            other => {
                let text = format!("privacy is full, redacted or no-examples, not {other}");
                return Err(DataError::new_err(text));
            }
        };
        let mut job = self.job.clone();
        let lfs = &self.job.lfs;
        let id_column = column(id, lfs.id())?;
        let (gold, learn) = (column(gold, lfs.gold())?, column(learn, lfs.learn())?);
        job.lfs = job.lfs.with_id(id_column.clone()).with_gold(gold).with_learn(learn);
        let id = id_column.unwrap_or_else(|| "row".to_owned());
        check_id(&id, &[]).map_err(Fault::from)?;
        let wanted = self.functions.wanted(&job.lfs);
        let (lfs, data, call) = self.functions.on(job.lfs, frame)?;
        job.lfs = lfs;
        let (frame, started) = (frame.clone().unbind(), now(py)?);
        let made = work(py, &call, move |call| -> Result<_, Fault> {
            let cache = cache.map(open_cache).transpose()?;
            let memory = Scratch::memory();
            let format = data.format();
            let mut source = data.open(&job.lfs.fields())?;
            let outcome = job.run_with(source.as_mut(), call, &memory, cache.as_ref());
            let mut outcome = outcome.map_err(|error| error.within(privacy))?;
            drop(source);
            let again = Reopened(|fields: &[Field]| {
                let data = Python::attach(|py| Data::of(frame.bind(py), &wanted));
                let data = data.map_err(|error| jurat::input::ReadError::Syntax {
                    path: "the data".to_owned(),
                    line: None,
                    message: error.to_string(),
                })?;
                data.open(fields)
            });
            // The work is done: that rows cannot be shown is no reason to lose it.
            if !call.stopped()
                && let Err(error) = job.illustrate(&mut outcome, &again, privacy)
            {
                let error = error.within(privacy);
                let note = format!("The data could not be read again: {error}.");
                outcome.report.examples.note = Some(note);
            }
            Python::attach(|_| drop(frame));
            let ids = identifiers(&mut outcome.rows)?;
            Ok(Made { job, outcome, ids, format })
        })?;
        let Made { job, outcome, ids, format } = made;
        let labels = Arc::new(outcome.labels.clone());
        Ok(Run {
            id,
            ids,
            labels,
            started,
            finished: now(py)?,
            format,
            spec: self.spec.clone(),
            job,
            outcome: Mutex::new(outcome),
        })
    }

    /// Votes on the rows of a part of the data and keeps their counts.
    #[pyo3(signature = (frame, *, cache=None))]
    fn count(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        cache: Option<PathBuf>,
    ) -> PyResult<PatternCounts> {
        self.counted(py, frame, cache)
    }

    /// Fits, decides and reports on counts: as `run` on all rows that were counted, without their labels.
    fn fit(&self, py: Python<'_>, counts: &PatternCounts) -> PyResult<Fitted> {
        self.fitted(py, counts)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, State<'py>)> {
        let bundle = Bundle::new(&self.spec, &self.job.lfs).to_json();
        let bundle = bundle.map_err(|error| DataError::new_err(error.to_string()))?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (Some(bundle), self.labels(), self.functions.dump(py)?)))
    }

    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        bundle: String,
        labels: Vec<String>,
        functions: &Bound<'_, PyBytes>,
    ) -> PyResult<Self> {
        let _ = labels;
        let functions = Functions::load(functions)?;
        let job = work(py, &Arc::default(), move |_| from_bundle(&bundle).map(Self::compiled))?;
        Ok(Self { functions, ..job })
    }
}

struct Made {
    job: Whole,
    outcome: Outcome,
    ids: Vec<Option<Column>>,
    format: Option<String>,
}

/// The identifiers of the rows, as many together as the batches of a stream have.
pub(crate) fn identifiers(rows: &mut RowLog) -> Result<Vec<Option<Column>>, Fault> {
    let mut read = || {
        let mut reader = rows.read()?;
        let mut ids = Vec::new();
        while let Some(piece) = reader.next(ROWS)? {
            ids.push(piece.ids);
        }
        Ok(ids)
    };
    read().map_err(|source| OutputError::Io { path: "the rows".to_owned(), source }.into())
}

/// Writes a run directory: where, how, what rows are called and whether they carry votes, when it was made, and
/// in which format the data were read.
pub(crate) fn saved(
    job: &Whole,
    spec: &Spec,
    outcome: &mut Outcome,
    (folder, overwrite, format): (&Path, bool, &'static Format),
    (id, with_votes): (&str, bool),
    (started, finished): (&str, &str),
    read: Option<&str>,
) -> Result<(), Fault> {
    let settings = SaveSettings {
        format,
        id,
        with_votes,
        with_why: false,
        weights: None,
        sheet: false,
        data: DataRecord { format: read.map(str::to_owned) },
        changes: None,
        started: Some(started.to_owned()),
        finished: Some(finished.to_owned()),
        model_settings: spec.model.record(),
    };
    let staged = Staged::new(folder, overwrite)?;
    Ok(job.save(outcome, staged, &settings)?)
}

/// The time, as records have it.
pub(crate) fn now(py: Python<'_>) -> PyResult<String> {
    let time = py.import("time")?;
    let now = time.call_method0("gmtime")?;
    time.call_method1("strftime", ("%Y-%m-%dT%H:%M:%SZ", now))?.extract()
}

/// What a job gives.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Run {
    job: Whole,
    outcome: Mutex<Outcome>,
    labels: Arc<ProbLabels>,
    id: String,
    ids: Vec<Option<Column>>,
    started: String,
    finished: String,
    format: Option<String>,
    spec: Arc<Spec>,
}

impl Run {
    fn with<T>(&self, take: impl FnOnce(&mut Outcome) -> T) -> T {
        take(&mut self.outcome.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl Run {
    /// The labels of the rows as a table.
    #[getter]
    fn labels(&self) -> Labels {
        let labels = self.labels.clone();
        self.with(|run| Labels::new(self.id.clone(), self.ids.clone(), labels, &run.decision))
    }

    /// The probability of each label for each row, n_rows × n_classes.
    #[getter]
    fn probabilities<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        py.detach(|| probabilities(&self.labels)).into_pyarray(py)
    }

    /// The votes.
    #[getter]
    fn votes(&self, py: Python<'_>) -> PyResult<LabelMatrix> {
        py.detach(|| {
            self.with(|run| {
                let mut matrix = Matrix::new(run.votes.names().clone());
                for pattern in run.votes.of_row() {
                    matrix.push(run.votes.votes(*pattern as usize)).map_err(Fault::from)?;
                }
                Ok(LabelMatrix::new(matrix, run.notes.clone()))
            })
        })
    }

    /// The fitted label model.
    #[getter]
    fn model<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        FittedModel { model: Arc::new(self.with(|run| run.model.clone())) }.wrapped(py)
    }

    /// What there is to say.
    #[getter]
    fn report(&self) -> Report {
        Report::new(self.with(|run| run.report.clone()))
    }

    /// Writes a run directory, as `jurat run` does; it appears when it is complete.
    ///
    /// :param format: of labels and votes: parquet (the default), csv or jsonl.
    /// :param with_votes: give every label row its votes.
    /// :raises OutputError: when the folder exists and may not be overwritten, or cannot be written.
    #[pyo3(signature = (folder, *, overwrite=false, format=None, with_votes=false))]
    fn save(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        overwrite: bool,
        format: Option<&str>,
        with_votes: bool,
    ) -> PyResult<()> {
        let format = match format {
            None => default_format(),
            Some(name) => format_named(name).ok_or_else(|| {
                let known: Vec<&str> = formats().iter().map(|format| format.name).collect();
                DataError::new_err(format!("the format is one of {}, not {name}", known.join(", ")))
            })?,
        };
        let saved = py.detach(|| {
            let times = (self.started.as_str(), self.finished.as_str());
            let to = (folder.as_path(), overwrite, format);
            let read = self.format.as_deref();
            self.with(|run| {
                saved(&self.job, &self.spec, run, to, (&self.id, with_votes), times, read)
            })
        });
        Ok(saved?)
    }

    fn __repr__(&self) -> String {
        let (rows, lfs) = self.with(|run| (run.votes.n_rows(), run.votes.n_lfs()));
        format!("Run({rows} rows, {lfs} labeling functions)")
    }

    fn _repr_html_(&self) -> String {
        self.report().framed()
    }
}
