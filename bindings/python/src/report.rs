//! The report of a run, and of votes with a label model.

use crate::errors::{DataError, Fault};
use crate::matrix::LabelMatrix;
use crate::model::{FittedModel, classes};
use crate::work::work;
use jurat::Report as Value;
use jurat::model::{Policy, Supervision};
use jurat::report::{Denominator, Style, terminal};
use jurat::report::{Evidence, html, markdown};
use jurat::votes::KnownLabels;
use pyo3::prelude::*;
use std::sync::Arc;

/// What there is to say of votes and labels: coverage, conflicts, accuracies, and what to look at next.
#[pyclass(frozen, module = "jurat", skip_from_py_object)]
pub(crate) struct Report {
    report: Arc<Value>,
}

impl Report {
    pub(crate) fn new(report: Value) -> Self {
        Self { report: Arc::new(report) }
    }

    /// The page in a frame of its own, for notebooks.
    pub(crate) fn framed(&self) -> String {
        let page = html(&self.report).replace('&', "&amp;").replace('"', "&quot;");
        format!(
            "<iframe sandbox=\"allow-scripts\" style=\"width:100%;height:40em;border:0\" srcdoc=\"{page}\"></iframe>"
        )
    }
}

#[pymethods]
impl Report {
    /// Reads a report from JSON, as `report.json` of a run directory.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let report = Value::from_json(text);
        Ok(Self::new(report.map_err(|error| DataError::new_err(format!("not a report: {error}")))?))
    }

    /// The report of votes and a fitted label model. `gold` are known labels to score against, class
    /// numbers or None, one a row.
    #[staticmethod]
    #[pyo3(signature = (votes, model, gold=None))]
    fn _of(
        py: Python<'_>,
        votes: &Bound<'_, LabelMatrix>,
        model: &Bound<'_, FittedModel>,
        gold: Option<Vec<Option<usize>>>,
    ) -> PyResult<Self> {
        let (patterns, labels) = model.get().label(py, votes.get())?;
        let (model, notes) = (model.get().model.clone(), votes.get().notes().clone());
        work(py, &Arc::default(), move |_| -> Result<_, Fault> {
            let gold = gold.map(|gold| classes(&gold));
            let known = KnownLabels::count(&patterns, gold.as_deref(), None);
            let decision = Policy::default().prepare(&labels, &patterns, &Supervision::default());
            let decision = decision.map_err(jurat::Error::from)?;
            Ok(Self::new(Value::new(&Evidence {
                votes: &patterns,
                model: &model,
                labels: &labels,
                decision: &decision,
                balance: None,
                known: &known,
                groups: None,
                uncertainty: None,
                notes: &notes,
                about: &[],
            })))
        })
    }

    /// The report as a page that needs no other file.
    fn to_html(&self) -> String {
        html(&self.report)
    }

    /// The report as JSON.
    fn to_json(&self) -> PyResult<String> {
        self.report.to_json().map_err(|error| DataError::new_err(error.to_string()))
    }

    /// The report as Markdown.
    fn to_markdown(&self) -> String {
        markdown(&self.report)
    }

    /// The report as a dict: what `to_json` says.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.call_method1("loads", (self.to_json()?,))
    }

    fn __str__(&self) -> String {
        let style = Style { width: 100, color: false, denominator: Denominator::default() };
        terminal(&self.report, style)
    }

    fn __repr__(&self) -> String {
        let rows = &self.report.rows;
        format!("Report({} rows, {} labeled)", rows.rows, rows.labeled.count)
    }

    fn _repr_html_(&self) -> String {
        self.framed()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json()?,)))
    }
}
