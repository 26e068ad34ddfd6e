//! Tests from the outside: cases in `tests/data`, files that are written and read, and properties.

mod errors;
mod input;
mod kinds;
#[cfg(feature = "parquet")]
mod parquet;
mod properties;
mod spec_files;
