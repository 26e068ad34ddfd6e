//! jurat
#[cfg(feature = "cli")]
pub mod cli;
pub mod demo;
mod error;
mod id;
pub mod input;
pub mod job;
pub mod lf;
pub mod model;
mod names;
pub mod output;
#[cfg(feature = "polars")]
pub mod polars;
pub mod report;
pub mod votes;
pub use error::Error;
pub use id::{ClassId, FieldId, LfId};
pub use job::Job;
pub use lf::{LfSet, Spec};
pub use report::Report;
pub use votes::{LabelMatrix, MatrixError, Names, Patterns, PatternsError, Vote};
