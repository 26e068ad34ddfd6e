//! Arrow record batches: what DataFrame libraries, query engines and Parquet files have in common.
//!
//! Text in the layout of [`StringArray`](arrow_array::StringArray) is read where it lies; every other layout (large
//! offsets, views, dictionaries) is converted a batch at a time, so that no column is ever in memory twice.

mod cells;
mod times;
mod vectors;

#[cfg(feature = "parquet")]
pub(super) use cells::{integers, texts};

use super::error::CellPlace;
use super::vector::{VectorFault, learn};
use super::{
    BATCH_BYTES, BATCH_ROWS, Batch, CELL_BYTES, Column, Field, FieldKind, ReadError, Source,
};
use crate::bounded::MEGABYTE;
use arrow_array::{RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{ArrowError, Schema, SchemaRef};

/// Opens a stream of Arrow record batches for reading these columns.
///
/// `name` is what messages call the data. Batches may be of any length, and slices of others.
///
/// ```
/// use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader, StringViewArray};
/// use jurat::input::{Field, arrow_source};
/// use std::sync::Arc;
///
/// let notes: ArrayRef = Arc::new(StringViewArray::from_iter([Some("chest pain"), None]));
/// let batch = RecordBatch::try_from_iter([("note", notes)])?;
/// let schema = batch.schema();
/// let mut rows = arrow_source("notes", &schema, [Ok(batch)], &[Field::text("note")])?;
/// assert_eq!(rows.next_batch()?.map(|batch| batch.n_rows()), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ReadError`] when a column is missing, there twice, or of the wrong type; while reading also for a vector
/// that does not fit, and for what the stream says.
pub fn arrow_source<I>(
    name: &str,
    schema: &SchemaRef,
    batches: I,
    fields: &[Field],
) -> Result<Box<dyn Source>, ReadError>
where
    I: IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    I::IntoIter: Send + 'static,
{
    let places = places(name, schema, fields)?;
    let mut projected = Vec::new();
    let wanted = fields.iter().zip(places).map(|(field, place)| {
        let column = place.map_or(0, |place| {
            projected.push(place);
            projected.len() - 1
        });
        (field.clone(), column)
    });
    let rows = Rows::new(name, wanted.collect());
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok(Box::new(Stream {
        names,
        schema: schema.clone(),
        batches: batches.into_iter(),
        projected,
        rows,
    }))
}

struct Stream<I> {
    names: Vec<String>,
    schema: SchemaRef,
    batches: I,
    /// Where the wanted columns stand in a batch.
    projected: Vec<usize>,
    rows: Rows,
}

impl<I: Iterator<Item = Result<RecordBatch, ArrowError>> + Send> Source for Stream<I> {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        loop {
            if let Some(batch) = self.rows.next_batch()? {
                return Ok(Some(batch));
            }
            let syntax = |message: String| ReadError::Syntax {
                path: self.rows.path.clone(),
                line: None,
                message,
            };
            let Some(batch) = self.batches.next() else { return Ok(None) };
            let batch = batch.map_err(|error| syntax(error.to_string()))?;
            let of = batch.schema();
            let types = |schema: &Schema| -> Vec<_> {
                schema.fields().iter().map(|field| field.data_type().clone()).collect()
            };
            if !std::sync::Arc::ptr_eq(&of, &self.schema) && types(&of) != types(&self.schema) {
                return Err(syntax("a batch has other columns than were announced".to_owned()));
            }
            let columns = self.projected.iter().map(|place| batch.column(*place).clone()).collect();
            let fields = self.projected.iter().map(|place| of.field(*place).clone());
            let schema = SchemaRef::new(Schema::new(fields.collect::<Vec<_>>()));
            let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(schema, columns, &rows);
            self.rows.add(batch.map_err(|error| syntax(error.to_string()))?);
        }
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// Where columns stand in a schema; `None` for the whole row, which is looked up by its number.
pub(super) fn places(
    path: &str,
    schema: &Schema,
    fields: &[Field],
) -> Result<Vec<Option<usize>>, ReadError> {
    let place = |field: &Field| {
        if field.kind == FieldKind::Row {
            return Ok(None);
        }
        let (path, column) = (path.to_owned(), field.name.clone());
        let mut named = schema.fields().iter().enumerate();
        let mut named = named.by_ref().filter(|(_, other)| *other.name() == field.name);
        match (named.next(), named.next()) {
            (Some((place, found)), None) => {
                cells::check(&path, field, found.data_type()).map(|()| Some(place))
            }
            (Some(_), Some(_)) => Err(ReadError::DuplicateColumn { path, column }),
            (None, _) => {
                let available = schema.fields().iter().map(|field| field.name().clone()).collect();
                Err(ReadError::MissingColumn { path, column, available })
            }
        }
    };
    fields.iter().map(place).collect()
}

/// Rows of Arrow record batches on their way to being batches of columns.
pub(super) struct Rows {
    path: String,
    /// The wanted columns and where they stand in a batch.
    wanted: Vec<(Field, usize)>,
    /// Rows that were not handed on yet, and from which of them on.
    whole: Option<(RecordBatch, usize)>,
    /// Pieces of them, the next one last.
    pending: Vec<RecordBatch>,
    /// Rows that were handed on, and the numbers of those that are given where it is only some.
    given: u64,
    picked: Option<Vec<u64>>,
}

impl Rows {
    pub(super) fn new(path: &str, wanted: Vec<(Field, usize)>) -> Self {
        let (path, pending) = (path.to_owned(), Vec::new());
        Self { path, wanted, whole: None, pending, given: 0, picked: None }
    }

    /// Takes rows, when those before were handed on.
    pub(super) fn add(&mut self, batch: RecordBatch) {
        self.whole = Some((batch, 0));
    }

    /// From now on, the rows are those with these numbers.
    #[cfg(feature = "parquet")]
    pub(super) fn pick(&mut self, rows: &[u64]) {
        self.picked = Some(rows.to_vec());
    }

    /// The next rows, `None` where more must be [added](Self::add).
    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        if self.pending.is_empty()
            && let Some((batch, at)) = self.whole.take_if(|(batch, at)| *at < batch.num_rows())
        {
            let n = (batch.num_rows() - at).min(BATCH_ROWS);
            self.pending.push(batch.slice(at, n));
            self.whole = Some((batch, at + n));
        }
        let Some(batch) = self.pending.pop().map(|batch| self.first_piece(batch)).transpose()?
        else {
            self.whole = None;
            return Ok(None);
        };
        let n_rows = batch.num_rows();
        let mut columns = Vec::with_capacity(self.wanted.len());
        for (field, place) in &self.wanted {
            if field.kind == FieldKind::Row {
                columns.push(Column::Text(StringArray::new_null(n_rows)));
                continue;
            }
            let array = batch.column(*place);
            let column = cells::column(array, field.kind)
                .ok_or_else(|| cells::wrong(&self.path, field, array.data_type()))?;
            columns.push(column.map_err(|(row, fault)| {
                let row = self.given + row as u64;
                let picked = self.picked.as_ref().and_then(|rows| rows.get(row as usize));
                ReadError::Vector {
                    path: self.path.clone(),
                    place: CellPlace::Row(picked.copied().unwrap_or(row)),
                    column: field.name.clone(),
                    fault,
                }
            })?);
        }
        let batch = Batch::new(self.given, n_rows, columns);
        self.given += n_rows as u64;
        learn(self.wanted.iter_mut().map(|(field, _)| field), &batch);
        Ok(Some(batch))
    }

    /// The first rows of a batch, no more than fit into arrays of text; the rest stays pending.
    fn first_piece(&mut self, mut batch: RecordBatch) -> Result<RecordBatch, ReadError> {
        let columns: Vec<usize> = self
            .wanted
            .iter()
            .filter(|(field, _)| field.kind != FieldKind::Row)
            .map(|(_, place)| *place)
            .collect();
        let bytes = |batch: &RecordBatch| {
            columns.iter().map(|place| cells::n_bytes(batch.column(*place))).max().unwrap_or(0)
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
