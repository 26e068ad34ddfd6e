//! Parquet files: only the wanted columns are decoded.

mod ends;
mod pages;
mod times;
mod vectors;
pub mod whole;

use super::error::CellPlace;
use super::files::{Content, Opened};
use super::registry::Format;
use super::vector::learn;
use super::{BATCH_BYTES, Batch, CELL_BYTES, Column, Field, FieldKind, ReadError, Source};
use crate::bounded::MEGABYTE;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef};
use ends::Ends;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, RowGroupMetaData};
use parquet::file::reader::ChunkReader;
use std::fs::File;

pub(super) static FORMAT: Format = Format {
    name: "parquet",
    title: "a Parquet file",
    endings: &["parquet", "pq"],
    random_access: true,
    contradicts: |head| {
        (!head.starts_with(b"PAR1")).then_some("the first bytes are not `PAR1`; was it renamed?")
    },
    open,
};

/// A reader of some rows, and the number of all rows.
type Again = dyn Fn(&[u64]) -> Result<(ParquetRecordBatchReader, u64), ReadError> + Send;

struct Batches {
    path: String,
    names: Vec<String>,
    reader: ParquetRecordBatchReader,
    /// Rows that it should give, as the footer says.
    expected: u64,
    /// Rows that it gave.
    decoded: u64,
    /// Starts over with some rows.
    again: Box<Again>,
    /// Rows that were decoded and not handed on yet, the next ones last.
    pending: Vec<RecordBatch>,
    /// Rows that were handed on, and the numbers of those that are given where it is only some.
    given: u64,
    picked: Option<Vec<u64>>,
    /// The wanted columns and where they stand in a batch.
    wanted: Vec<(Field, usize)>,
}

fn open(file: Opened, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
    match file.content {
        Content::File(content) => build(file.path, content, fields, File::try_clone),
        Content::Bytes(content) => {
            build(file.path, bytes::Bytes::from(content), fields, |bytes| Ok(bytes.clone()))
        }
        Content::Stream(mut stream) => {
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut content)
                .map_err(|source| ReadError::Io { path: file.path.clone(), source })?;
            build(file.path, bytes::Bytes::from(content), fields, |bytes| Ok(bytes.clone()))
        }
    }
}

fn build<C: ChunkReader + Sync + 'static>(
    path: String,
    content: C,
    fields: &[Field],
    clone: fn(&C) -> std::io::Result<C>,
) -> Result<Box<dyn Source>, ReadError> {
    let metadata =
        guarded(&path, || ArrowReaderMetadata::load(&content, ArrowReaderOptions::new()))?;
    let schema = metadata.schema().clone();
    let (metadata, views) = guarded(&path, || viewed(metadata))?;
    let mut places = Vec::new();
    // Whole rows are looked up by their numbers.
    let in_columns: Vec<&Field> =
        fields.iter().filter(|field| field.kind != FieldKind::Row).collect();
    for field in &in_columns {
        if schema.fields().iter().filter(|other| *other.name() == field.name).count() > 1 {
            return Err(ReadError::DuplicateColumn { path, column: field.name.clone() });
        }
        match schema.index_of(&field.name) {
            Ok(place) => {
                check(&path, field, schema.field(place).data_type())?;
                places.push(place);
            }
            Err(_) => {
                let available = schema.fields().iter().map(|field| field.name().clone()).collect();
                let column = field.name.clone();
                return Err(ReadError::MissingColumn { path, column, available });
            }
        }
    }
    let mut projected = places.clone();
    projected.sort_unstable();
    projected.dedup();
    if projected.is_empty() && !schema.fields().is_empty() {
        // Rows are counted in pages: a footer may say that there are more than anybody can read.
        projected.push(0);
    }
    let mut of_columns = places.iter();
    let wanted = fields.iter().map(|field| {
        let place = if field.kind == FieldKind::Row { None } else { of_columns.next() };
        let place = place.map_or(0, |place| projected.partition_point(|other| other < place));
        (field.clone(), place)
    });
    let wanted = wanted.collect();
    let vectors: Vec<usize> = fields
        .iter()
        .zip(&places)
        .filter(|(field, _)| matches!(field.kind, FieldKind::Vector { .. }))
        .map(|(_, place)| *place)
        .collect();
    guarded(&path, || pages::check(&content, metadata.metadata(), &projected, &vectors))?;
    let at_once = vectors::batch_rows(metadata.metadata(), &vectors);
    let groups = metadata.metadata().row_groups().iter();
    let expected = groups.map(n_rows).fold(0, u64::saturating_add);
    let copy = clone(&content).map_err(|source| ReadError::Io { path: path.clone(), source })?;
    let (named, of) = (path.clone(), projected.clone());
    let again = move |rows: &[u64]| {
        let io = |source| ReadError::Io { path: named.clone(), source };
        let content = Ends(clone(&copy).map_err(io)?);
        guarded(&named, || some_rows(content, &of, rows, (views.clone(), at_once)))
    };
    let reader = guarded(&path, || {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(Ends(content), metadata);
        let mask = ProjectionMask::roots(builder.parquet_schema(), projected);
        builder.with_projection(mask).with_batch_size(at_once).build()
    })?;
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok(Box::new(Batches {
        path,
        names,
        reader,
        expected,
        decoded: 0,
        again: Box::new(again),
        pending: Vec::new(),
        given: 0,
        picked: None,
        wanted,
    }))
}

fn n_rows(group: &RowGroupMetaData) -> u64 {
    u64::try_from(group.num_rows()).unwrap_or(0)
}

/// The same file with texts of dictionaries as views, and the schema that says so, if there are any.
///
/// A long text that stands once in a dictionary may be the cell of millions of rows. Views do not repeat
/// it, so that the rows can be taken in pieces that fit in memory.
fn viewed(
    plain: ArrowReaderMetadata,
) -> Result<(ArrowReaderMetadata, Option<SchemaRef>), ParquetError> {
    let metadata = plain.metadata();
    let roots = metadata.file_metadata().schema_descr_ptr();
    let mut in_dictionary = vec![false; plain.schema().fields().len()];
    for group in metadata.row_groups() {
        for (leaf, chunk) in group.columns().iter().enumerate() {
            if let Some(known) = in_dictionary.get_mut(roots.get_column_root_idx(leaf)) {
                *known |= chunk.dictionary_page_offset().is_some();
            }
        }
    }
    let texts = |field: &ArrowField| matches!(field.data_type(), DataType::Utf8);
    let fields: Vec<_> = plain.schema().fields().iter().zip(in_dictionary).collect();
    if !fields.iter().any(|(field, known)| *known && texts(field)) {
        return Ok((plain, None));
    }
    let fields = fields.into_iter().map(|(field, known)| {
        let view = known && texts(field);
        let field = field.as_ref().clone();
        if view { field.with_data_type(DataType::Utf8View) } else { field }
    });
    let schema =
        Schema::new_with_metadata(fields.collect::<Vec<_>>(), plain.schema().metadata().clone());
    let schema = SchemaRef::new(schema);
    let options = ArrowReaderOptions::new().with_schema(schema.clone());
    // A schema that cannot be asked for is no reason not to read the file.
    Ok(match ArrowReaderMetadata::try_new(metadata.clone(), options) {
        Ok(viewed) => (viewed, Some(schema)),
        Err(_) => (plain, None),
    })
}

/// A reader of some rows, which leaves out row groups and pages without any of them, and the number of
/// all rows.
fn some_rows<C: ChunkReader + 'static>(
    content: C,
    columns: &[usize],
    rows: &[u64],
    (views, at_once): (Option<SchemaRef>, usize),
) -> Result<(ParquetRecordBatchReader, u64), ParquetError> {
    let mut options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    if let Some(views) = views {
        options = options.with_schema(views);
    }
    let metadata = ArrowReaderMetadata::load(&content, options)?;
    let (mut groups, mut selectors) = (Vec::new(), Vec::new());
    let (mut start, mut at) = (0_u64, 0);
    for (group, described) in metadata.metadata().row_groups().iter().enumerate() {
        let end = start.saturating_add(n_rows(described));
        let here = &rows[at..at + rows[at..].partition_point(|&row| row < end)];
        at += here.len();
        if !here.is_empty() {
            groups.push(group);
            let mut next = start;
            for &row in here {
                selectors.push(RowSelector::skip((row - next) as usize));
                selectors.push(RowSelector::select(1));
                next = row + 1;
            }
            selectors.push(RowSelector::skip((end - next) as usize));
        }
        start = end;
    }
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(content, metadata);
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
    let builder = builder.with_projection(mask).with_batch_size(at_once);
    let selection = RowSelection::from(selectors);
    Ok((builder.with_row_groups(groups).with_row_selection(selection).build()?, start))
}

fn syntax(path: &str, error: &dyn std::fmt::Display) -> ReadError {
    let message = format!("the Parquet file is damaged or of an unknown kind: {error}");
    ReadError::Syntax { path: path.to_owned(), line: None, message }
}

/// Runs a step of the decoder, which panics on some damaged files.
fn guarded<T, E: std::fmt::Display>(
    path: &str,
    step: impl FnOnce() -> Result<T, E>,
) -> Result<T, ReadError> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(step)) {
        Ok(outcome) => outcome.map_err(|error| syntax(path, &error)),
        Err(_) => Err(syntax(path, &"its pages contradict each other")),
    }
}

impl Batches {
    /// At the end: pages of a damaged file may hold more rows than its footer says, or fewer.
    fn complete(&self) -> Result<(), ReadError> {
        let Self { path, expected, decoded, .. } = self;
        if expected == decoded {
            return Ok(());
        }
        Err(syntax(path, &format!("its pages have {decoded} rows, and its footer says {expected}")))
    }

    /// The first rows of a batch, no more than fit into arrays of text; the rest stays pending.
    fn first_piece(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, ReadError> {
        let bytes = |batch: &RecordBatch| {
            let columns = self.wanted.iter().map(|(_, place)| batch.column(*place));
            columns.map(cell_bytes).max().unwrap_or(0)
        };
        while bytes(&batch) > BATCH_BYTES && batch.num_rows() > 1 {
            let half = batch.num_rows() / 2;
            self.pending.push(batch.slice(half, batch.num_rows() - half));
            batch = batch.slice(0, half);
        }
        if bytes(&batch) > CELL_BYTES {
            let most = CELL_BYTES / MEGABYTE;
            let message = format!("a cell is longer than {most} megabytes");
            return Err(ReadError::Syntax { path: self.path.clone(), line: None, message });
        }
        Ok(batch)
    }
}

/// Bytes of text or vectors in a column; where they stand in one piece, without a look at the rows.
fn cell_bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Utf8 => {
            let offsets = array.as_string::<i32>().value_offsets();
            (offsets[array.len()] - offsets[0]) as usize
        }
        DataType::LargeUtf8 => {
            let offsets = array.as_string::<i64>().value_offsets();
            (offsets[array.len()] - offsets[0]) as usize
        }
        DataType::Utf8View => array.as_string_view().iter().flatten().map(str::len).sum(),
        // Every row may hold the longest of the values.
        DataType::Dictionary(_, _) => {
            let values = array.as_any_dictionary().values();
            let longest = texts(values)
                .and_then(|values| values.iter().flatten().map(str::len).max())
                .unwrap_or(0);
            longest * array.len()
        }
        _ => vectors::n_bytes(array),
    }
}

impl Source for Batches {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        if self.pending.is_empty() {
            let Some(batch) = guarded(&self.path, || self.reader.next().transpose())? else {
                return self.complete().map(|()| None);
            };
            self.decoded += batch.num_rows() as u64;
            self.pending.push(batch);
        }
        let Some(batch) = self.pending.pop().map(|batch| self.first_piece(batch)).transpose()?
        else {
            return Ok(None);
        };
        let mut columns = Vec::with_capacity(self.wanted.len());
        for (field, place) in &self.wanted {
            let array = batch.column(*place);
            let column = match field.kind {
                FieldKind::Number => numbers(array).map(Column::Number),
                FieldKind::Text => texts(array).map(Column::Text),
                FieldKind::Id => {
                    integers(array).map(Column::Integer).or_else(|| texts(array).map(Column::Text))
                }
                FieldKind::Row => Some(Column::Text(StringArray::new_null(batch.num_rows()))),
                FieldKind::Vector { dimension } => Some(Column::Vector(
                    vectors::read(array, dimension).map_err(|(row, fault)| {
                        let row = self.given + row as u64;
                        let row = self
                            .picked
                            .as_ref()
                            .map_or(row, |rows| rows.get(row as usize).copied().unwrap_or(row));
                        ReadError::Vector {
                            path: self.path.clone(),
                            place: CellPlace::Row(row),
                            column: field.name.clone(),
                            fault,
                        }
                    })?,
                )),
            };
            columns.push(column.ok_or_else(|| wrong(&self.path, field, array.data_type()))?);
        }
        self.given += batch.num_rows() as u64;
        let batch = Batch::new(0, batch.num_rows(), columns);
        learn(self.wanted.iter_mut().map(|(field, _)| field), &batch);
        Ok(Some(batch))
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }

    fn only(&mut self, rows: &[u64]) -> Result<Option<u64>, ReadError> {
        let (reader, n_rows) = (self.again)(rows)?;
        self.reader = reader;
        self.expected = rows.partition_point(|&row| row < n_rows) as u64;
        self.decoded = 0;
        self.picked = Some(rows.to_vec());
        Ok(Some(n_rows))
    }
}

fn wrong(path: &str, field: &Field, found: &DataType) -> ReadError {
    ReadError::WrongType {
        path: path.to_owned(),
        line: None,
        column: field.name.clone(),
        found: format!("values of the type {found}"),
        expected: field.kind.wanted(),
    }
}

/// Refuses a column before anything is read, by its type.
fn check(path: &str, field: &Field, data_type: &DataType) -> Result<(), ReadError> {
    let value = match data_type {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let text = matches!(value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let time = matches!(value, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    let exact = value.is_integer() || *value == DataType::Boolean || *value == DataType::Null;
    let real = matches!(value, DataType::Float32 | DataType::Float64);
    let dictionary = value != data_type;
    let fits = match field.kind {
        FieldKind::Number => {
            !dictionary && (value.is_integer() || real || *value == DataType::Null)
        }
        FieldKind::Text | FieldKind::Id => text || ((exact || time) && !dictionary),
        FieldKind::Row => true,
        FieldKind::Vector { .. } => vectors::fits(data_type),
    };
    if fits { Ok(()) } else { Err(wrong(path, field, data_type)) }
}

fn texts(array: &ArrayRef) -> Option<StringArray> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Some(array.as_string_view().iter().collect()),
        DataType::Boolean => {
            Some(array.as_boolean().iter().map(|v| v.map(|v| v.to_string())).collect())
        }
        DataType::Null => Some(StringArray::new_null(array.len())),
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            Some(values.iter().map(|v| v.map(|v| v.to_string())).collect())
        }
        DataType::Dictionary(key, _) => match key.as_ref() {
            DataType::Int8 => spread::<Int8Type>(array),
            DataType::Int16 => spread::<Int16Type>(array),
            DataType::Int32 => spread::<Int32Type>(array),
            DataType::Int64 => spread::<Int64Type>(array),
            DataType::UInt8 => spread::<UInt8Type>(array),
            DataType::UInt16 => spread::<UInt16Type>(array),
            DataType::UInt32 => spread::<UInt32Type>(array),
            _ => None,
        },
        _ => times::texts(array).or_else(|| {
            integers(array).map(|v| v.iter().map(|v| v.map(|v| v.to_string())).collect())
        }),
    }
}

fn spread<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Option<StringArray> {
    let dictionary = array.as_dictionary::<K>();
    let values = texts(dictionary.values())?;
    let keys = dictionary.keys_iter();
    Some(keys.map(|key| key.filter(|&k| values.is_valid(k)).map(|k| values.value(k))).collect())
}

fn numbers(array: &ArrayRef) -> Option<Float64Array> {
    match array.data_type() {
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().clone()),
        DataType::Float32 => Some(widen::<Float32Type>(array)),
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            Some(values.iter().map(|v| v.map(|v| v as f64)).collect())
        }
        DataType::Null => Some(Float64Array::new_null(array.len())),
        _ => integers(array).map(|v| v.iter().map(|v| v.map(|v| v as f64)).collect()),
    }
}

fn widen<T: ArrowPrimitiveType>(array: &ArrayRef) -> Float64Array
where
    T::Native: Into<f64>,
{
    array.as_primitive::<T>().iter().map(|v| v.map(Into::into)).collect()
}

fn integers(array: &ArrayRef) -> Option<Int64Array> {
    fn long<T: ArrowPrimitiveType>(array: &ArrayRef) -> Int64Array
    where
        T::Native: Into<i64>,
    {
        array.as_primitive::<T>().iter().map(|v| v.map(Into::into)).collect()
    }
    match array.data_type() {
        DataType::Int64 => Some(array.as_primitive::<Int64Type>().clone()),
        DataType::Int32 => Some(long::<Int32Type>(array)),
        DataType::Int16 => Some(long::<Int16Type>(array)),
        DataType::Int8 => Some(long::<Int8Type>(array)),
        DataType::UInt32 => Some(long::<UInt32Type>(array)),
        DataType::UInt16 => Some(long::<UInt16Type>(array)),
        DataType::UInt8 => Some(long::<UInt8Type>(array)),
        _ => None,
    }
}
