//! Reading: files, memory and DataFrames as batches of the columns that are needed.
//!
//! A [`Source`] is opened with the list of [`Field`]s to read; it returns batches that hold just
//! these columns, in this order, and rows in input order.

mod batch;
mod csv;
mod error;
mod files;
mod json_lines;
mod overlay;
#[cfg(feature = "parquet")]
mod parquet;
mod pick;
mod registry;
mod table;

pub use batch::{Batch, Column, Digest, Field, FieldKind, Source};
pub use error::ReadError;
pub use files::{Files, STDIN, sniff};
pub use overlay::{Cells, Filled, Overlay};
pub use pick::{Pick, Picked};
pub use registry::{Format, format_named, format_of, formats};
pub use table::Table;

/// Rows in a batch, at the most.
const BATCH_ROWS: usize = 8192;

/// Bytes of wanted cells after which a batch ends: long texts make shorter batches.
const BATCH_BYTES: usize = 64 << 20;

/// Bytes of one cell, at the most. An array of text can hold two gigabytes.
const CELL_BYTES: usize = 1 << 30;
