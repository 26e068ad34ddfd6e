//! Rows as Parquet, compressed with Zstandard: batches with their types, rows of text formats as text.

use super::{Added, AddedKind, Out, RowColumns, RowWriter, cells, text};
use arrow_array::builder::{ArrayBuilder, Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, FieldRef, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io;
use std::sync::Arc;

/// Rows of text formats that wait to be written, and bytes of them.
const ROWS: usize = 8192;
const BYTES: usize = 16 << 20;
/// Bytes of a row group, more or less: it is in memory until it is written.
const GROUP_BYTES: usize = 64 << 20;

pub(in crate::output) fn start(columns: RowColumns, out: Out) -> Box<dyn RowWriter> {
    let texts = columns.data.iter().map(|_| StringBuilder::new()).collect();
    let added = columns.added.iter().map(|(_, kind)| Builder::new(*kind)).collect();
    Box::new(Writer { columns, out: Some(out), file: None, texts, added, waiting: 0, bytes: 0 })
}

/// The cells of an added column.
enum Builder {
    Whole(UInt64Builder),
    Number(Float64Builder),
    Text(StringBuilder),
}

impl Builder {
    fn new(kind: AddedKind) -> Self {
        match kind {
            AddedKind::Whole => Self::Whole(UInt64Builder::new()),
            AddedKind::Number => Self::Number(Float64Builder::new()),
            AddedKind::Text => Self::Text(StringBuilder::new()),
        }
    }

    fn push(&mut self, cell: &Added<'_>) {
        match (self, cell) {
            (Self::Whole(all), Added::Whole(number)) => all.append_value(*number),
            (Self::Number(all), Added::Number(number)) => all.append_value(*number),
            (Self::Text(all), Added::Text(text)) => all.append_value(text),
            // A cell of another kind than its column says nothing.
            (Self::Whole(all), _) => all.append_null(),
            (Self::Number(all), _) => all.append_null(),
            (Self::Text(all), _) => all.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Whole(all) => ArrayBuilder::finish(all),
            Self::Number(all) => ArrayBuilder::finish(all),
            Self::Text(all) => ArrayBuilder::finish(all),
        }
    }
}

struct Writer {
    columns: RowColumns,
    /// Until the first rows say of what types they are.
    out: Option<Out>,
    file: Option<ArrowWriter<Out>>,
    texts: Vec<StringBuilder>,
    added: Vec<Builder>,
    waiting: usize,
    bytes: usize,
}

impl RowWriter for Writer {
    fn write(&mut self, row: &str, added: &[Added<'_>]) -> io::Result<()> {
        for (builder, cell) in self.texts.iter_mut().zip(cells(row, &self.columns.data)?) {
            builder.append_option(text(cell));
        }
        self.added.iter_mut().zip(added).for_each(|(column, cell)| column.push(cell));
        self.waiting += 1;
        self.bytes += row.len();
        if self.waiting == ROWS || self.bytes > BYTES { self.flush() } else { Ok(()) }
    }

    fn write_batch(&mut self, rows: &RecordBatch, added: &[Vec<Added<'_>>]) -> io::Result<bool> {
        for (column, cells) in self.added.iter_mut().zip(added) {
            cells.iter().for_each(|cell| column.push(cell));
        }
        let fields: Vec<FieldRef> = rows.schema().fields().iter().cloned().collect();
        self.put(fields, rows.columns().to_vec())?;
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        // Without rows there is a table without rows.
        if self.waiting > 0 || self.file.is_none() {
            self.flush()?;
        }
        match self.file.take() {
            Some(file) => file.into_inner().map_err(failed)?.flush(),
            None => Ok(()),
        }
    }
}

impl Writer {
    fn flush(&mut self) -> io::Result<()> {
        let field = |name: &String| Arc::new(Field::new(name, DataType::Utf8, true));
        let fields = self.columns.data.iter().map(field).collect();
        let arrays = self.texts.iter_mut().map(|texts| ArrayBuilder::finish(texts)).collect();
        (self.waiting, self.bytes) = (0, 0);
        self.put(fields, arrays)
    }

    fn put(&mut self, mut fields: Vec<FieldRef>, mut arrays: Vec<ArrayRef>) -> io::Result<()> {
        for ((name, _), cells) in self.columns.added.iter().zip(&mut self.added) {
            let array = cells.finish();
            fields.push(Arc::new(Field::new(name, array.data_type().clone(), true)));
            arrays.push(array);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        let batch = batch.map_err(io::Error::other)?;
        if let Some(out) = self.out.take() {
            let zstd = ZstdLevel::try_new(3).map_err(failed)?;
            let properties =
                WriterProperties::builder().set_compression(Compression::ZSTD(zstd)).build();
            let file = ArrowWriter::try_new(out, batch.schema(), Some(properties));
            self.file = Some(file.map_err(failed)?);
        }
        if let Some(file) = &mut self.file {
            file.write(&batch).map_err(failed)?;
            if file.in_progress_size() > GROUP_BYTES {
                file.flush().map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn failed(error: ::parquet::errors::ParquetError) -> io::Error {
    io::Error::other(error)
}
