//! Errors as Python exceptions, with the texts that the command line shows.

use jurat::answers::AnswerError;
use jurat::input::ReadError;
use jurat::lf::{CountsError, PackError, SpecErrors};
use jurat::model::{FitError as Unfitted, ModelFileError as BadModel, SettingError};
use jurat::output::OutputError as Unwritten;
use jurat::{Error, MatrixError};
use pyo3::create_exception;
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

create_exception!(jurat, JuratError, PyValueError, "Anything that is wrong, with what to try.");
create_exception!(
    jurat,
    SpecError,
    JuratError,
    "Everything that is wrong with a spec.\n\n`problems` is a list of dicts: code, message, file, line and \
     column from 1, label and help."
);
create_exception!(jurat, DataError, JuratError, "Data that cannot be read, or do not fit.");
create_exception!(jurat, FitError, JuratError, "A label model that cannot be fitted.");
create_exception!(jurat, ModelFileError, JuratError, "A saved model that cannot be used.");
create_exception!(jurat, OutputError, JuratError, "A file or folder that cannot be written.");

pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("JuratError", py.get_type::<JuratError>())?;
    module.add("SpecError", py.get_type::<SpecError>())?;
    module.add("DataError", py.get_type::<DataError>())?;
    module.add("FitError", py.get_type::<FitError>())?;
    module.add("ModelFileError", py.get_type::<ModelFileError>())?;
    module.add("OutputError", py.get_type::<OutputError>())
}

/// What can go wrong, until there is a Python to tell.
pub(crate) enum Fault {
    Jurat(Box<Error>),
    Setting(SettingError),
    Python(PyErr),
}

macro_rules! faults {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Jurat(Box::new(error.into()))
            }
        })*
    };
}

faults!(
    Error,
    ReadError,
    PackError,
    SpecErrors,
    Unfitted,
    BadModel,
    AnswerError,
    Unwritten,
    CountsError
);

impl From<SettingError> for Fault {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

impl From<MatrixError> for Fault {
    fn from(error: MatrixError) -> Self {
        Self::Python(DataError::new_err(error.to_string()))
    }
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<Fault> for PyErr {
    fn from(fault: Fault) -> Self {
        let error = match fault {
            Fault::Python(error) => return error,
            Fault::Setting(error) => return FitError::new_err(error.to_string()),
            Fault::Jurat(error) => error,
        };
        let text = error.to_string();
        match *error {
            Error::Read(ReadError::Interrupted) => PyKeyboardInterrupt::new_err(text),
            Error::Spec(errors) => Python::attach(|py| spec_error(py, &errors, text)),
            Error::Read(_) | Error::Answers(_) | Error::Counts(_) => DataError::new_err(text),
            Error::Fit(_) => FitError::new_err(text),
            Error::Model(_) => ModelFileError::new_err(text),
            Error::Output(_) => OutputError::new_err(text),
            _ => JuratError::new_err(text),
        }
    }
}

fn spec_error(py: Python<'_>, errors: &SpecErrors, text: String) -> PyErr {
    let problems = PyList::empty(py);
    let error = SpecError::new_err(text);
    for problem in errors.problems() {
        let (line, column) = errors.line_and_column(problem);
        let about = PyDict::new(py);
        let told = about
            .set_item("code", problem.code)
            .and_then(|()| about.set_item("message", &problem.message))
            .and_then(|()| about.set_item("file", errors.file(problem)))
            .and_then(|()| about.set_item("line", line))
            .and_then(|()| about.set_item("column", column))
            .and_then(|()| about.set_item("label", &problem.label))
            .and_then(|()| about.set_item("help", &problem.help))
            .and_then(|()| problems.append(about));
        if let Err(other) = told {
            return other;
        }
    }
    match error.value(py).setattr("problems", problems) {
        Ok(()) => error,
        Err(other) => other,
    }
}
