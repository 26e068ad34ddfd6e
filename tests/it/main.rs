//! The integration tests: one binary, so that everything is linked once.

mod cli;
mod models;
mod statistics;
mod tidy;
