//! The Python module `jurat._jurat`: a thin layer over the library `jurat`.
//!
//! Whatever takes time runs on a pool of threads without the GIL ([`work`]); the package in `python/jurat` adds
//! what is better written in Python.

#![cfg_attr(not(test), warn(clippy::expect_used, clippy::panic, clippy::unreachable))]

mod counts;
mod errors;
mod functions;
mod input;
mod job;
mod lf_set;
mod matrix;
mod model;
mod output;
mod report;
mod summary;
mod work;

use pyo3::prelude::*;

#[pymodule]
fn _jurat(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    errors::add(module)?;
    module.add_class::<functions::Row>()?;
    module.add_class::<lf_set::LfSet>()?;
    module.add_class::<matrix::LabelMatrix>()?;
    module.add_class::<matrix::Notes>()?;
    module.add_class::<model::FittedModel>()?;
    module.add_class::<job::Job>()?;
    module.add_class::<job::Run>()?;
    module.add_class::<counts::PatternCounts>()?;
    module.add_class::<counts::Fitted>()?;
    module.add_class::<counts::Labeler>()?;
    module.add_class::<output::Labels>()?;
    module.add_class::<report::Report>()?;
    module.add_function(wrap_pyfunction!(model::fit, module)?)?;
    module.add_function(wrap_pyfunction!(model::models, module)?)?;
    Ok(())
}
