//! Label models: fitting and labeling; the estimator is in `python/jurat/_model.py`.

use crate::errors::{DataError, Fault};
use crate::matrix::LabelMatrix;
use crate::work::work;
use jurat::model::{
    FittedModel as Fitted, Gold, Policy, ProbLabels, Supervision, by_name, models as all,
};
use jurat::{ClassId, LfId, Patterns, SettingValue};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBool;
use std::sync::Arc;

/// A fitted label model.
#[pyclass(frozen, module = "jurat._jurat", skip_from_py_object)]
pub(crate) struct FittedModel {
    pub(crate) model: Arc<Fitted>,
}

/// The names of the label models, with a sentence on each, and their settings.
#[pyfunction]
pub(crate) fn models() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let settings = |entry: &jurat::model::ModelEntry| {
        entry.settings.iter().map(|setting| setting.name).collect()
    };
    all().iter().map(|entry| (entry.name, entry.summary, settings(entry))).collect()
}

/// Settings as Python gives them.
fn settings(given: Vec<(String, Bound<'_, PyAny>)>) -> PyResult<Vec<(String, SettingValue)>> {
    let setting = |(name, value): (String, Bound<'_, PyAny>)| {
        let word = value.is_instance_of::<PyBool>() || value.extract::<f64>().is_err();
        Ok((
            name,
            match word {
                true => SettingValue::Word(value.str()?.extract()?),
                false => SettingValue::Number(value.extract()?),
            },
        ))
    };
    given.into_iter().map(setting).collect()
}

/// Fits a label model; `known` are class numbers, one a row.
#[pyfunction]
#[pyo3(signature = (votes, model, given, balance, trust, known))]
pub(crate) fn fit(
    py: Python<'_>,
    votes: &Bound<'_, LabelMatrix>,
    model: &str,
    given: Vec<(String, Bound<'_, PyAny>)>,
    balance: Option<Vec<f64>>,
    trust: Vec<(usize, f64)>,
    known: Option<Vec<Option<usize>>>,
) -> PyResult<FittedModel> {
    let model = by_name(model, &settings(given)?).map_err(Fault::from)?;
    let patterns = votes.get().patterns(py);
    let mut supervision = Supervision::default();
    supervision.class_balance = balance;
    for (lf, accuracy) in trust {
        if let Some(lf) = LfId::new(lf) {
            supervision = supervision.with_trust(lf, accuracy);
        }
    }
    if let Some(known) = known {
        supervision = supervision.with_gold(Gold::count(&patterns, &classes(&known)));
    }
    work(py, &Arc::default(), move |_| -> Result<_, Fault> {
        // As the line from spec to labels says it.
        let fitted = model.fit(&patterns, &supervision).map_err(jurat::Error::from)?;
        Ok(FittedModel { model: Arc::new(fitted) })
    })
}

pub(crate) fn classes(numbers: &[Option<usize>]) -> Vec<Option<ClassId>> {
    numbers.iter().map(|number| number.and_then(ClassId::new)).collect()
}

impl FittedModel {
    /// As the class of Python.
    pub(crate) fn wrapped(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        py.import("jurat._model")?.getattr("LabelModel")?.call_method1("_of", (self,))
    }

    /// Probabilistic labels of votes of the same labeling functions.
    pub(crate) fn label(
        &self,
        py: Python<'_>,
        votes: &LabelMatrix,
    ) -> PyResult<(Arc<Patterns>, ProbLabels)> {
        let (own, given) = (self.model.names(), votes.matrix.names());
        for (what, own, given) in
            [("labeling functions", &own.lfs, &given.lfs), ("labels", &own.classes, &given.classes)]
        {
            if own != given {
                return Err(DataError::new_err(format!(
                    "the model was fitted to votes with the {what} {}, these have {}",
                    own.join(", "),
                    given.join(", ")
                )));
            }
        }
        let patterns = votes.patterns(py);
        let labels = py.detach(|| self.model.label(&patterns));
        Ok((patterns, labels))
    }
}

/// The probabilities of each row, n_rows × n_classes.
pub(crate) fn probabilities(labels: &ProbLabels) -> Array2<f64> {
    let table = labels.table();
    let mut rows = Array2::zeros((labels.n_rows(), table.ncols()));
    for (mut row, pattern) in rows.rows_mut().into_iter().zip(labels.of_row()) {
        row.assign(&table.row(*pattern as usize));
    }
    rows
}

#[pymethods]
impl FittedModel {
    /// The labels, in the order of the columns of probabilities.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.model.names().classes.clone()
    }

    /// The labeling functions that it was fitted to.
    #[getter]
    fn lfs(&self) -> Vec<String> {
        self.model.names().lfs.clone()
    }

    /// The name of the label model.
    #[getter]
    fn name(&self) -> &str {
        self.model.model()
    }

    /// What it has to say about the fit.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.model.notes().to_vec()
    }

    /// The probabilities of each row, n_rows × n_classes.
    fn predict_proba<'py>(
        &self,
        py: Python<'py>,
        votes: &Bound<'py, LabelMatrix>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (_, labels) = self.label(py, votes.get())?;
        Ok(py.detach(|| probabilities(&labels)).into_pyarray(py))
    }

    /// The class number of each row, -1 where it is undecided.
    fn decide<'py>(
        &self,
        py: Python<'py>,
        votes: &Bound<'py, LabelMatrix>,
    ) -> PyResult<Bound<'py, numpy::PyArray1<i64>>> {
        let (patterns, labels) = self.label(py, votes.get())?;
        let decision = Policy::default().prepare(&labels, &patterns, &Supervision::default());
        let hard = labels.decide(&decision.map_err(Fault::from)?);
        let number =
            |pattern: &u32| hard[*pattern as usize].map_or(-1, |class| class.index() as i64);
        let numbers: Vec<i64> = labels.of_row().iter().map(number).collect();
        Ok(numbers.into_pyarray(py))
    }

    /// The model as JSON, as `model.json` of a run directory.
    fn to_json(&self) -> PyResult<String> {
        Ok(self.model.to_json().map_err(Fault::from)?)
    }

    /// Reads a model from JSON.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        Ok(Self { model: Arc::new(Fitted::from_json(text).map_err(Fault::from)?) })
    }
}
