//! Parquet files: only the wanted columns are decoded.

mod ends;
mod pages;
pub mod whole;

use super::arrow::{self, Rows};
use super::files::{Content, Opened};
use super::registry::Format;
use super::{BATCH_BYTES, BATCH_ROWS, Batch, Field, FieldKind, ReadError, Source};
use arrow_schema::{DataType, Field as ArrowField, Schema, SchemaRef};
use ends::Ends;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, RowGroupMetaData};
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
    /// Rows that were decoded.
    rows: Rows,
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
    let of_fields = arrow::places(&path, &schema, fields)?;
    let places: Vec<usize> = of_fields.iter().flatten().copied().collect();
    let mut projected = places.clone();
    projected.sort_unstable();
    projected.dedup();
    if projected.is_empty() && !schema.fields().is_empty() {
        // Rows are counted in pages: a footer may say that there are more than anybody can read.
        projected.push(0);
    }
    let wanted = fields.iter().zip(&of_fields).map(|(field, place)| {
        let place = place.map_or(0, |place| projected.partition_point(|other| *other < place));
        (field.clone(), place)
    });
    let rows = Rows::new(&path, wanted.collect());
    let vectors = fields.iter().zip(&of_fields).filter_map(|(field, place)| {
        place.filter(|_| matches!(field.kind, FieldKind::Vector { .. }))
    });
    let vectors: Vec<usize> = vectors.collect();
    guarded(&path, || pages::check(&content, metadata.metadata(), &projected, &vectors))?;
    let at_once = batch_rows(metadata.metadata(), &vectors);
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
        rows,
    }))
}

/// Rows to decode at a time, so that vectors in these columns fit in a batch, if rows are alike.
fn batch_rows(metadata: &ParquetMetaData, columns: &[usize]) -> usize {
    let roots = metadata.file_metadata().schema_descr_ptr();
    let longest = metadata.row_groups().iter().flat_map(|group| {
        let rows = n_rows(group).max(1);
        let leaves = group.columns().iter().enumerate();
        let wanted = leaves.filter(|(leaf, _)| columns.contains(&roots.get_column_root_idx(*leaf)));
        wanted.map(move |(_, chunk)| u64::try_from(chunk.num_values()).unwrap_or(0) / rows)
    });
    let longest = usize::try_from(longest.max().unwrap_or(0)).unwrap_or(usize::MAX);
    (BATCH_BYTES / longest.saturating_mul(size_of::<f64>()).max(1)).clamp(1, BATCH_ROWS)
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
}

impl Source for Batches {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        loop {
            if let Some(batch) = self.rows.next_batch()? {
                return Ok(Some(batch));
            }
            let Some(batch) = guarded(&self.path, || self.reader.next().transpose())? else {
                return self.complete().map(|()| None);
            };
            self.decoded += batch.num_rows() as u64;
            self.rows.add(batch);
        }
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }

    fn only(&mut self, rows: &[u64]) -> Result<Option<u64>, ReadError> {
        let (reader, n_rows) = (self.again)(rows)?;
        self.reader = reader;
        self.expected = rows.partition_point(|&row| row < n_rows) as u64;
        self.decoded = 0;
        self.rows.pick(rows);
        Ok(Some(n_rows))
    }
}
