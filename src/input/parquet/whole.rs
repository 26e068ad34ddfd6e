//! Whole rows of Parquet files, by their numbers: as Arrow has them, or as lists of JSON.
//!
//! Rows of text formats come with the batches of a source ([`Field::row`](crate::input::Field::row)). Those of
//! Parquet are looked up here once it is known which are wanted, row group by row group, so that neither the
//! other rows nor all wanted ones are ever in memory.

use super::super::arrow::{integers, texts};
use super::super::files::{Content, Files};
use super::{guarded, n_rows, pages, syntax};
use crate::input::ReadError;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::reader::ChunkReader;
use std::fs::File;
use std::iter::Peekable;

/// Rows in a batch: all columns are read, so they are fewer than elsewhere.
const ROWS: usize = 1024;

/// Hands out the rows with these numbers, which ascend, with all of their columns and types.
///
/// # Errors
/// [`ReadError`] when files cannot be read again, or have not all the same columns; what `take` says.
pub fn rows<E: From<ReadError>>(
    files: &Files,
    rows: impl Iterator<Item = u64>,
    take: &mut dyn FnMut(&RecordBatch) -> Result<(), E>,
) -> Result<(), E> {
    let mut wanted = rows.peekable();
    let (mut start, mut schema) = (0, None);
    for path in files.paths() {
        if wanted.peek().is_none() {
            break;
        }
        let opened = files.open_raw(path)?;
        let name = opened.path;
        let given = (name.as_str(), &mut start, &mut schema);
        match opened.content {
            Content::File(content) => {
                let copy = move || content.try_clone();
                of_file::<File, E>(given, &copy, &mut wanted, take)?;
            }
            Content::Bytes(content) => {
                let content = bytes::Bytes::from(content);
                let copy = move || Ok(content.clone());
                of_file::<bytes::Bytes, E>(given, &copy, &mut wanted, take)?;
            }
            Content::Stream(_) => {
                return Err(syntax(&name, &"it is no Parquet file").into());
            }
        }
    }
    Ok(())
}

fn of_file<C: ChunkReader + 'static, E: From<ReadError>>(
    (path, start, schema): (&str, &mut u64, &mut Option<SchemaRef>),
    copy: &dyn Fn() -> std::io::Result<C>,
    wanted: &mut Peekable<impl Iterator<Item = u64>>,
    take: &mut dyn FnMut(&RecordBatch) -> Result<(), E>,
) -> Result<(), E> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let content = copy().map_err(io)?;
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let metadata = guarded(path, || ArrowReaderMetadata::load(&content, options))?;
    let all: Vec<usize> = (0..metadata.schema().fields().len()).collect();
    guarded(path, || pages::check(&content, metadata.metadata(), &all, &[]))?;
    let first = schema.get_or_insert_with(|| metadata.schema().clone());
    if first.fields() != metadata.schema().fields() {
        let names = |of: &SchemaRef| {
            let fields = of.fields().iter();
            fields.map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
        };
        let (columns, first) = (names(metadata.schema()), names(first));
        return Err(ReadError::OtherColumns { path: path.to_owned(), columns, first }.into());
    }
    for (group, described) in metadata.metadata().row_groups().iter().enumerate() {
        let end = start.saturating_add(n_rows(described));
        let (mut runs, mut next) = (Vec::new(), *start);
        while let Some(row) = wanted.next_if(|row| *row < end) {
            // A number that comes twice is one row.
            if row < next {
                continue;
            }
            if row > next {
                runs.push(RowSelector::skip((row - next) as usize));
            }
            match runs.last_mut() {
                Some(run) if !run.skip => run.row_count += 1,
                _ => runs.push(RowSelector::select(1)),
            }
            next = row + 1;
        }
        *start = end;
        if runs.is_empty() {
            continue;
        }
        let content = copy().map_err(io)?;
        let reader = guarded(path, || {
            ParquetRecordBatchReaderBuilder::new_with_metadata(content, metadata.clone())
                .with_batch_size(ROWS)
                .with_row_groups(vec![group])
                .with_row_selection(RowSelection::from(runs))
                .build()
        });
        let mut reader = reader?;
        while let Some(batch) = guarded(path, || reader.next().transpose())? {
            take(&batch)?;
        }
    }
    Ok(())
}

/// Each row of a batch as a list of JSON: numbers and truth values as such, times in ISO 8601, all else as text.
///
/// # Errors
/// [`ReadError::WrongType`] for columns that hold lists, structs or other values that are no cells.
pub fn lists(batch: &RecordBatch) -> Result<Vec<String>, ReadError> {
    let mut rows = vec![String::new(); batch.num_rows()];
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some(cells) = cells(array) else {
            return Err(ReadError::WrongType {
                path: "the data".to_owned(),
                line: None,
                column: field.name().clone(),
                found: format!(
                    "values of the type {}, which only Parquet can hold",
                    field.data_type()
                ),
                expected: "text or a number",
            });
        };
        for (row, cell) in rows.iter_mut().zip(cells) {
            row.push(if row.is_empty() { '[' } else { ',' });
            row.push_str(cell.as_deref().unwrap_or("null"));
        }
    }
    rows.iter_mut().for_each(|row| row.push_str(if row.is_empty() { "[]" } else { "]" }));
    Ok(rows)
}

/// The cells of a column as JSON.
fn cells(array: &ArrayRef) -> Option<Vec<Option<String>>> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().iter().map(|v| v.map(|v| v.to_string())).collect(),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().iter();
            values.map(|v| v.map(|v| number(v.is_finite(), &v.to_string()))).collect()
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().iter();
            values.map(|v| v.map(|v| number(v.is_finite(), &v.to_string()))).collect()
        }
        DataType::UInt64 => texts(array)?.iter().map(|v| v.map(str::to_owned)).collect(),
        DataType::Timestamp(unit, _) => {
            let (seconds, parts) = (texts(array)?, fractions(array, *unit)?);
            let times = seconds.iter().zip(parts);
            times.map(|(time, part)| Some(quoted(&precise(time?, &part)))).collect()
        }
        _ => match integers(array) {
            Some(values) => values.iter().map(|v| v.map(|v| v.to_string())).collect(),
            None => texts(array)?.iter().map(|v| v.map(quoted)).collect(),
        },
    })
}

/// JSON has no infinity.
fn number(finite: bool, text: &str) -> String {
    if finite { text.to_owned() } else { format!("\"{text}\"") }
}

/// The digits after the second of each time.
fn fractions(array: &ArrayRef, unit: TimeUnit) -> Option<Vec<String>> {
    let (parts, digits) = match unit {
        TimeUnit::Second => return Some(vec![String::new(); array.len()]),
        TimeUnit::Millisecond => (1_000, 3),
        TimeUnit::Microsecond => (1_000_000, 6),
        TimeUnit::Nanosecond => (1_000_000_000, 9),
    };
    let values = array.to_data();
    let values = values.buffers().first()?.typed_data::<i64>().get(array.offset()..)?;
    let values = values.iter().take(array.len());
    Some(values.map(|value| format!("{:0digits$}", value.rem_euclid(parts))).collect())
}

/// A time to the second with the digits that follow, if they say anything.
fn precise(time: &str, digits: &str) -> String {
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return time.to_owned();
    }
    match time.strip_suffix('Z') {
        Some(time) => format!("{time}.{digits}Z"),
        None => format!("{time}.{digits}"),
    }
}
