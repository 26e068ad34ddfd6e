//! Tables as Parquet, compressed with Zstandard.

use super::registry::{Format, Pieces};
use crate::input::Column;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

pub(super) static FORMAT: Format = Format { name: "parquet", write };

fn write(
    names: &[String],
    pieces: Pieces<'_>,
    out: &mut (dyn Write + Send),
) -> std::io::Result<()> {
    let mut next = pieces();
    let first = next.as_deref().unwrap_or_default();
    let fields: Vec<Field> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let data_type = match first.get(i) {
                Some(Column::Number(_)) => DataType::Float64,
                Some(Column::Integer(_)) => DataType::Int64,
                Some(Column::Text(_)) | None => DataType::Utf8,
            };
            Field::new(name, data_type, true)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let level = ZstdLevel::try_new(3).map_err(std::io::Error::other)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by(format!("jurat {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))
        .map_err(std::io::Error::other)?;
    while let Some(columns) = next {
        let n_rows = columns.first().map_or(0, Column::len);
        let arrays: Vec<ArrayRef> = columns.into_iter().map(array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(n_rows));
        let batch = RecordBatch::try_new_with_options(schema.clone(), arrays, &options)
            .map_err(std::io::Error::other)?;
        writer.write(&batch).map_err(std::io::Error::other)?;
        next = pieces();
    }
    writer.close().map_err(std::io::Error::other)?;
    Ok(())
}

fn array(column: Column) -> ArrayRef {
    match column {
        Column::Text(array) => Arc::new(array),
        Column::Number(array) => Arc::new(array),
        Column::Integer(array) => Arc::new(array),
    }
}
