//! Counts of parts of the data, what is fitted on them, and labels for rows wherever they are.

use crate::errors::{DataError, Fault};
use crate::functions::Functions;
use crate::job::{Job, distinct, identifiers, now, saved};
use crate::lf_set::{from_bundle, open_cache};
use crate::model::FittedModel;
use crate::output::Labels;
use crate::report::Report;
use crate::work::{Call, work};
use jurat::job::{Outcome, Run as Folder};
use jurat::lf::{Bundle, PatternCounts as Counts};
use jurat::model::FittedModel as Model;
use jurat::output::{OutputError, check_id, default_format, write_file};
use jurat::votes::Scratch;
use jurat::{Job as Whole, Spec};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How often each pattern of votes occurs in a part of the data, with known labels, slices and periods: all that
/// a fit needs, and no row. Counts of parts add up, in any order.
#[pyclass(frozen, eq, module = "jurat", skip_from_py_object)]
#[derive(PartialEq)]
pub(crate) struct PatternCounts {
    counts: Counts,
}

#[pymethods]
impl PatternCounts {
    /// Adds the counts of several parts, in any order.
    #[staticmethod]
    fn merge(py: Python<'_>, parts: Vec<Py<Self>>) -> PyResult<Self> {
        let parts: Vec<Counts> = parts.iter().map(|part| part.get().counts.clone()).collect();
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            Ok(Self { counts: Counts::merge(parts)? })
        })
    }

    fn __add__(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let parts = [self.counts.clone(), other.counts.clone()];
        let merged = py.detach(|| Counts::merge(parts));
        Ok(Self { counts: merged.map_err(Fault::from)? })
    }

    /// The counts as bytes; equal counts give equal bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.counts.to_bytes()).map_err(Fault::from)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Reads what `to_bytes` made.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let counts = py.detach(|| Counts::from_bytes(data)).map_err(Fault::from)?;
        Ok(Self { counts })
    }

    /// Writes a file, as `jurat patterns count` does.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let written = py.detach(|| -> Result<(), Fault> {
            let bytes = self.counts.to_bytes()?;
            let io = |source| OutputError::Io { path: path.display().to_string(), source };
            Ok(write_file(&path, |out| out.write_all(&bytes).map_err(io))?)
        });
        Ok(written?)
    }

    /// Reads a file that `save` or `jurat patterns` wrote.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let counts = py.detach(|| Counts::read(&path)).map_err(Fault::from)?;
        Ok(Self { counts })
    }

    /// Rows that were counted.
    #[getter]
    fn n_rows(&self) -> u64 {
        self.counts.n_rows()
    }

    /// Distinct rows of votes.
    #[getter]
    fn n_patterns(&self) -> usize {
        self.counts.patterns().len()
    }

    /// The names of the labeling functions, in order.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        self.counts.names().lfs.clone()
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.counts.names().classes.clone()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Dumped<'py>)> {
        let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((from_bytes, (self.to_bytes(py)?,)))
    }

    fn __repr__(&self) -> String {
        let (rows, patterns) = (self.n_rows(), self.n_patterns());
        format!("PatternCounts({rows} rows, {patterns} patterns)")
    }
}

type Dumped<'py> = (Bound<'py, PyBytes>,);

impl Job {
    /// The counts of some rows.
    pub(crate) fn counted(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        cache: Option<PathBuf>,
    ) -> PyResult<PatternCounts> {
        let (lfs, data, call) = self.functions.on(self.job.lfs.clone().with_id(None), frame)?;
        work(py, &call, move |call| -> Result<_, Fault> {
            let cache = cache.map(open_cache).transpose()?;
            let mut source = data.open(&lfs.fields())?;
            Ok(PatternCounts { counts: lfs.count(source.as_mut(), call, cache.as_ref())? })
        })
    }

    /// What counts come to.
    pub(crate) fn fitted(&self, py: Python<'_>, counts: &PatternCounts) -> PyResult<Fitted> {
        let counts = counts.counts.clone();
        let mut job = self.job.clone();
        let call = Arc::<Call>::default();
        job.lfs = self.functions.join(job.lfs, None, &call).map_err(Fault::from)?;
        let started = now(py)?;
        let (job, outcome) = work(py, &call, move |call| -> Result<_, Fault> {
            let outcome = job.fit(counts, call)?;
            Ok((job, outcome))
        })?;
        let labeler = Labeler {
            job: self.job.clone(),
            spec: self.spec.clone(),
            functions: self.functions.clone(),
            model: Arc::new(outcome.model.clone()),
            offsets: outcome.decision.offsets().map(<[f64]>::to_vec),
        };
        let times = (started, now(py)?);
        Ok(Fitted { labeler: Py::new(py, labeler)?, job, times, outcome: Mutex::new(outcome) })
    }
}

/// What a job learned from counts: model, decision and report, and a labeler for the rows.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Fitted {
    labeler: Py<Labeler>,
    /// The job with its Python functions.
    job: Whole,
    times: (String, String),
    outcome: Mutex<Outcome>,
}

impl Fitted {
    fn with<T>(&self, take: impl FnOnce(&mut Outcome) -> T) -> T {
        take(&mut self.outcome.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl Fitted {
    /// The fitted label model.
    #[getter]
    fn model<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        FittedModel { model: self.labeler.get().model.clone() }.wrapped(py)
    }

    /// What there is to say, without rows.
    #[getter]
    fn report(&self) -> Report {
        Report::new(self.with(|outcome| outcome.report.clone()))
    }

    /// What labels rows, on this machine or on others: it pickles.
    #[getter]
    fn labeler(&self, py: Python<'_>) -> Py<Labeler> {
        self.labeler.clone_ref(py)
    }

    /// Labels rows; see `Labeler.label`.
    #[pyo3(signature = (frame, *, id=None, cache=None))]
    fn label(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        id: Option<String>,
        cache: Option<PathBuf>,
    ) -> PyResult<Labels> {
        self.labeler.get().label(py, frame, id, cache)
    }

    /// Writes a run directory with model, report and manifest, as `jurat patterns fit` does.
    #[pyo3(signature = (folder, *, overwrite=false))]
    fn save(&self, py: Python<'_>, folder: PathBuf, overwrite: bool) -> PyResult<()> {
        let spec = &self.labeler.get().spec;
        let id = self.job.lfs.id().unwrap_or("row");
        let times = (self.times.0.as_str(), self.times.1.as_str());
        let saved = py.detach(|| {
            self.with(|outcome| {
                let to = (folder.as_path(), overwrite, default_format());
                saved(&self.job, spec, outcome, to, (id, false), times, None)
            })
        });
        Ok(saved?)
    }

    fn __repr__(&self) -> String {
        let (rows, lfs) = self.with(|outcome| (outcome.votes.n_rows(), outcome.votes.n_lfs()));
        format!("Fitted({rows} rows, {lfs} labeling functions)")
    }

    fn _repr_html_(&self) -> String {
        self.report().framed()
    }
}

/// Labels rows as a run labeled its own: labeling functions, a fitted model, and its decision.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Labeler {
    job: Whole,
    spec: Arc<Spec>,
    functions: Functions,
    model: Arc<Model>,
    offsets: Option<Vec<f64>>,
}

/// Bundle, functions, model and offsets.
type State<'py> = (String, Bound<'py, PyBytes>, String, Option<Vec<f64>>);

#[pymethods]
impl Labeler {
    /// What a run directory labels other rows with, as `jurat label`.
    #[staticmethod]
    fn from_run(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            let run = Folder::open(&folder).map_err(jurat::Error::from)?;
            let (job, model, decision) = run.labeler()?;
            Ok(Self {
                spec: Arc::new(run.spec()?),
                job,
                functions: Functions::default(),
                model: Arc::new(model),
                offsets: decision.offsets().map(<[f64]>::to_vec),
            })
        })
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.model.names().classes.clone()
    }

    /// The columns that it reads.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let lfs = self.job.lfs.clone().with_id(None).votes_only();
        distinct(self.functions.wanted(&lfs))
    }

    /// Labels rows; a row gets the same label in whatever company it comes.
    #[pyo3(signature = (frame, *, id=None, cache=None))]
    fn label(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        id: Option<String>,
        cache: Option<PathBuf>,
    ) -> PyResult<Labels> {
        let mut job = self.job.clone();
        let id = id.or_else(|| job.lfs.id().map(str::to_owned));
        job.lfs = job.lfs.votes_only().with_id(id.clone());
        let id = id.unwrap_or_else(|| "row".to_owned());
        check_id(&id, &[]).map_err(Fault::from)?;
        let (lfs, data, call) = self.functions.on(job.lfs, frame)?;
        job.lfs = lfs;
        let decision = job.decision(self.offsets.clone());
        let model = self.model.clone();
        work(py, &call, move |call| -> Result<_, Fault> {
            let cache = cache.map(open_cache).transpose()?;
            let mut source = data.open(&job.lfs.fields())?;
            let memory = Scratch::memory();
            let mut labeled = job.label(&model, source.as_mut(), call, &memory, cache.as_ref())?;
            let ids = identifiers(&mut labeled.rows)?;
            Ok(Labels::new(id, ids, Arc::new(labeled.labels), &decision))
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, State<'py>)> {
        let bundle = Bundle::new(&self.spec, &self.job.lfs).to_json();
        let bundle = bundle.map_err(|error| DataError::new_err(error.to_string()))?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        let model = self.model.to_json().map_err(Fault::from)?;
        Ok((restore, (bundle, self.functions.dump(py)?, model, self.offsets.clone())))
    }

    #[staticmethod]
    #[pyo3(signature = (bundle, functions, model, offsets))]
    fn _restore(
        py: Python<'_>,
        bundle: String,
        functions: &Bound<'_, PyBytes>,
        model: String,
        offsets: Option<Vec<f64>>,
    ) -> PyResult<Self> {
        let functions = Functions::load(functions)?;
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            let (spec, job) = from_bundle(&bundle)?;
            let model = Arc::new(Model::from_json(&model)?);
            Ok(Self { job, spec: Arc::new(spec), functions, model, offsets })
        })
    }

    fn __repr__(&self) -> String {
        let (lfs, labels) = (self.model.names().lfs.len(), self.labels().join(", "));
        format!("Labeler({lfs} labeling functions, labels: {labels})")
    }
}
