//! Reading: files, memory and DataFrames as batches of the columns that are needed.
//!
//! A [`Source`] is opened with the list of [`Field`]s to read; it returns batches that hold just
//! these columns, in this order, and rows in input order.

mod arrow;
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
mod vector;

pub use arrow::arrow_source;
pub use batch::{Batch, Column, Digest, Field, FieldKind, Source};
pub use error::{CellPlace, ReadError};
pub(crate) use files::Raw;
pub use files::{Files, STDIN, sniff};
pub use overlay::{Cells, Filled, Overlay};
#[cfg(feature = "parquet")]
pub use parquet::whole;
pub use pick::{Pick, Picked, Reopened};
pub use registry::{Format, format_named, format_of, formats};
pub use table::Table;
#[cfg(feature = "polars")]
pub(crate) use vector::VectorBuilder;
pub(crate) use vector::parse_vector;
pub use vector::{VectorFault, Vectors};

use crate::bounded::MEGABYTE;

/// Rows in a batch, at the most.
const BATCH_ROWS: usize = 8192;

/// Bytes of wanted cells after which a batch ends: long texts make shorter batches.
const BATCH_BYTES: usize = 64 << 20;

/// Bytes of one cell, and of one row of a text format, at the most: a quote or the end of a line that is
/// missing, or a file that is made to, must not fill the memory.
const CELL_BYTES: usize = 64 * MEGABYTE;

/// Bytes of a file that must be in memory as a whole to be read, at the most.
const WHOLE_BYTES: usize = 1024 * MEGABYTE;

/// Names of columns that are remembered for messages.
const MOST_NAMES: usize = 1000;
