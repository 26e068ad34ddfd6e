//! Sets of labeling functions.

use crate::errors::{DataError, Fault};
use crate::functions::Function;
use crate::input::Data;
use crate::matrix::LabelMatrix;
use crate::work::{Call, work};
use jurat::input::Field;
use jurat::lf::{Reach, SpecOptions, VoteCache};
use jurat::{LfSet as Set, Spec};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Labeling functions that can vote: those of a spec, Python functions, or both.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct LfSet {
    set: Set,
    functions: Vec<Arc<Function>>,
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
    set.with_id(None).with_gold(None).with_learn(None).with_time(None).without_slices()
}

#[pymethods]
impl LfSet {
    /// Reads a spec file.
    #[staticmethod]
    #[pyo3(signature = (path, set=None, allow_outside=false))]
    fn from_yaml(
        py: Python<'_>,
        path: PathBuf,
        set: Option<&Bound<'_, PyDict>>,
        allow_outside: bool,
    ) -> PyResult<Self> {
        let options = options(set, allow_outside)?;
        let set = work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            let (_, job) = jurat::Job::load_with(path, &options)?;
            Ok(job.lfs)
        })?;
        Ok(Self { set: votes_only(set), functions: Vec::new() })
    }

    /// Reads the text of a spec.
    #[staticmethod]
    #[pyo3(signature = (text, name="inline.yaml"))]
    fn from_text(py: Python<'_>, text: String, name: &str) -> PyResult<Self> {
        let name = name.to_owned();
        let set = work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            Ok(Set::compile(&Spec::from_yaml(&text, &name)?)?)
        })?;
        Ok(Self { set: votes_only(set), functions: Vec::new() })
    }

    /// Python functions alone.
    #[staticmethod]
    fn of(labels: Vec<String>, functions: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let set = Set::new(labels).map_err(Fault::from)?;
        Self { set, functions: Vec::new() }.with_functions(functions)
    }

    /// A new set with Python functions beside the labeling functions of this one.
    fn with_functions(&self, functions: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut all = self.functions.clone();
        for function in &functions {
            let function = Function::of(function)?;
            let names = self.set.names().lfs.iter().chain(all.iter().map(|known| &known.name));
            if names.into_iter().any(|known| *known == function.name) {
                let name = &function.name;
                let text = format!("two labeling functions are named `{name}`");
                return Err(DataError::new_err(text));
            }
            all.push(Arc::new(function));
        }
        Ok(Self { set: self.set.clone(), functions: all })
    }

    /// The names of the labeling functions, in order.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        let declared = self.set.names().lfs.iter();
        declared.chain(self.functions.iter().map(|function| &function.name)).cloned().collect()
    }

    /// The labels, in order.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.set.names().classes.clone()
    }

    /// The columns that are read.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.fields().into_iter().map(|field| field.name).collect();
        names.into_iter().collect()
    }

    fn __len__(&self) -> usize {
        self.set.names().lfs.len() + self.functions.len()
    }

    fn __repr__(&self) -> String {
        let labels = self.labels().join(", ");
        format!("LfSet({} labeling functions, labels: {labels})", self.__len__())
    }

    /// Votes on all rows of a frame.
    #[pyo3(signature = (frame, cache=None))]
    fn apply(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        cache: Option<PathBuf>,
    ) -> PyResult<LabelMatrix> {
        let data = Data::of(frame, &self.fields())?;
        let call = Arc::<Call>::default();
        let mut set = self.set.clone();
        for function in &self.functions {
            set = function.join(set, &data, &call).map_err(Fault::from)?;
        }
        work(py, &call, move |call| -> Result<_, Fault> {
            let cache = cache.map(open_cache).transpose()?;
            let mut source = data.open(&set.fields())?;
            let applied = set.apply_cached(source.as_mut(), call, cache.as_ref())?;
            Ok(LabelMatrix::new(applied.matrix, applied.notes))
        })
    }
}

impl LfSet {
    fn fields(&self) -> Vec<Field> {
        let functions = self.functions.iter().flat_map(|function| function.fields());
        self.set.fields().into_iter().chain(functions).collect()
    }
}

/// Opens a folder of kept votes.
pub(crate) fn open_cache(folder: PathBuf) -> Result<VoteCache, Fault> {
    let shown = folder.display().to_string();
    VoteCache::open(folder)
        .map_err(|source| jurat::output::OutputError::Io { path: shown, source }.into())
}
