//! Writing: labels and votes as Parquet, CSV or JSON Lines, complete or not at all.

mod atomic;
mod csv;
mod error;
mod json_lines;
mod labels;
#[cfg(feature = "parquet")]
mod parquet;
mod registry;
mod rows;
mod table;
mod why;

pub use atomic::{MANIFEST, MANIFEST_FORMAT, Staged, probe, replace_file, write_file};
pub(crate) use atomic::{Record, StagedFile};
pub use error::OutputError;
pub use labels::{
    FINGERPRINT, LabelTable, Rows, Sheets, check_id, write_columns, write_labels, write_votes,
};
pub use registry::{Format, default_format, format_named, format_of, formats};
pub use rows::{Added, AddedKind, FinishedRows, RowColumns, RowFile, RowWriter, row_writer};
pub use table::{ColumnValues, TableColumn};
pub use why::why;
