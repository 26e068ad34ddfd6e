//! The integration tests: one binary, so that everything is linked once.

mod cli;
mod dependencies;
mod errors;
mod input;
mod kinds;
mod models;
#[cfg(feature = "parquet")]
mod parquet;
mod properties;
mod spec_files;
mod statistics;
mod tidy;
