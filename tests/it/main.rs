//! The integration tests: one binary, so that everything is linked once.

mod cli;
mod errors;
mod input;
mod kinds;
mod models;
mod statistics;
mod tidy;
