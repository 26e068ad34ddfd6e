//! Sets of labeling functions.

use crate::errors::{DataError, Fault};
use crate::functions::Functions;
use crate::matrix::LabelMatrix;
use crate::work::work;
use jurat::lf::{Bundle, Reach, SpecOptions, VoteCache};
use jurat::{Job, LfSet as Set, Spec};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Labeling functions that can vote: those of a spec, Python functions, or both.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct LfSet {
    set: Set,
    /// What the set was compiled from, if it was.
    spec: Option<Arc<Spec>>,
    functions: Functions,
}

/// How a spec is loaded.
pub(crate) fn options(
    set: Option<&Bound<'_, PyDict>>,
    allow_outside: bool,
) -> PyResult<SpecOptions> {
    let mut options = SpecOptions::default();
    if allow_outside {
        options.reach = Reach::Anywhere;
    }
    for (name, value) in set.into_iter().flatten() {
        options.set.push((name.extract()?, value.str()?.extract()?));
    }
    Ok(options)
}

/// A set that votes without identifiers, known labels, times and slices.
fn votes_only(set: Set) -> Set {
    set.with_id(None).votes_only()
}

#[pymethods]
impl LfSet {
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
            Ok(Self::compiled(Job::load_with(path, &options)?))
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
            let job = Job::new(&spec)?;
            Ok(Self::compiled((spec, job)))
        })
    }

    /// Python functions alone, which vote for these labels.
    ///
    /// :raises DataError: when two have the same name.
    #[staticmethod]
    fn of(labels: Vec<String>, functions: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let set = Set::new(labels).map_err(Fault::from)?;
        let functions = Functions::default().and(&set, &functions)?;
        Ok(Self { set, spec: None, functions })
    }

    /// A new set with Python functions beside the labeling functions of this one.
    ///
    /// :raises DataError: when two have the same name.
    fn with_functions(&self, functions: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let functions = self.functions.and(&self.set, &functions)?;
        Ok(Self { set: self.set.clone(), spec: self.spec.clone(), functions })
    }

    /// The names of the labeling functions, in order.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        let declared = self.set.names().lfs.iter();
        declared.chain(self.functions.names()).cloned().collect()
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.set.names().classes.clone()
    }

    /// The columns that are read.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let fields = self.functions.wanted(&self.set).into_iter();
        let names: BTreeSet<String> = fields.map(|field| field.name).collect();
        names.into_iter().collect()
    }

    fn __len__(&self) -> usize {
        self.lfs().len()
    }

    fn __repr__(&self) -> String {
        let labels = self.labels().join(", ");
        format!("LfSet({} labeling functions, labels: {labels})", self.__len__())
    }

    /// Votes on all rows.
    ///
    /// :param frame: a frame of polars, pandas or pyarrow, anything with `__arrow_c_stream__`, a dict of lists, or
    ///     the path of a file that jurat reads, or several.
    /// :param cache: a folder in which votes are kept: what was voted on before is not voted on again. Python
    ///     functions take part if they have a version.
    /// :returns: a LabelMatrix, n_rows × n_lfs.
    /// :raises DataError: for a column that is missing or of the wrong type, and data that cannot be read.
    #[pyo3(signature = (frame, cache=None))]
    fn apply(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        cache: Option<PathBuf>,
    ) -> PyResult<LabelMatrix> {
        let (set, data, call) = self.functions.on(self.set.clone(), frame)?;
        work(py, &call, move |call| -> Result<_, Fault> {
            let cache = cache.map(open_cache).transpose()?;
            let mut source = data.open(&set.fields())?;
            let applied = set.apply_cached(source.as_mut(), call, cache.as_ref())?;
            Ok(LabelMatrix::new(applied.matrix, applied.notes))
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, State<'py>)> {
        let bundle = self.spec.as_ref().map(|spec| Bundle::new(spec, &self.set).to_json());
        let bundle = bundle.transpose().map_err(|error| DataError::new_err(error.to_string()))?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (bundle, self.labels(), self.functions.dump(py)?)))
    }

    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        bundle: Option<String>,
        labels: Vec<String>,
        functions: &Bound<'_, PyBytes>,
    ) -> PyResult<Self> {
        let functions = Functions::load(functions)?;
        let Some(bundle) = bundle else {
            return Ok(Self { set: Set::new(labels).map_err(Fault::from)?, spec: None, functions });
        };
        let set = work(py, &Arc::default(), move |_| from_bundle(&bundle).map(Self::compiled))?;
        Ok(Self { functions, ..set })
    }
}

/// What pickle keeps: a bundle, labels where there is none, and functions.
pub(crate) type State<'py> = (Option<String>, Vec<String>, Bound<'py, PyBytes>);

/// The job of a pickled spec.
pub(crate) fn from_bundle(bundle: &str) -> Result<(Spec, Job), Fault> {
    let bundle = Bundle::from_json(bundle);
    let bundle = bundle.map_err(|error| DataError::new_err(error.to_string()))?;
    Ok(Job::from_bundle(&bundle)?)
}

impl LfSet {
    fn compiled((spec, job): (Spec, Job)) -> Self {
        let set = votes_only(job.lfs);
        Self { set, spec: Some(Arc::new(spec)), functions: Functions::default() }
    }
}

/// Opens a folder of kept votes.
pub(crate) fn open_cache(folder: PathBuf) -> Result<VoteCache, Fault> {
    let shown = folder.display().to_string();
    VoteCache::open(folder)
        .map_err(|source| jurat::output::OutputError::Io { path: shown, source }.into())
}
