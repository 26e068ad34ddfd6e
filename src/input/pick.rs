//! Some rows of data that can be read again, by their numbers.

use super::files::Files;
use super::vector::VectorBuilder;
use super::{Batch, Column, Field, FieldKind, ReadError, Source, Table};
use arrow_array::builder::{Float64Builder, Int64Builder, StringBuilder};
use rayon::prelude::*;

/// Some rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Picked {
    /// Their numbers in the input, ascending: those that were asked for and are there.
    pub rows: Vec<u64>,
    /// Their cells.
    pub batch: Batch,
    /// Rows that were left out because those before them are as much text as is kept at once.
    pub left_out: usize,
}

/// Bytes of cells that are kept: an array of text has room for two gigabytes, and people look at less.
const MOST_BYTES: usize = 256 << 20;

/// Data that can be read more than once.
pub trait Pick {
    /// The rows with these numbers, which ascend; those that are not there are left out, and those beyond
    /// some hundred megabytes.
    ///
    /// # Errors
    /// [`ReadError`] when the data cannot be read again.
    fn pick(&self, fields: &[Field], rows: &[u64]) -> Result<Picked, ReadError>;
}

impl Pick for Table {
    fn pick(&self, fields: &[Field], rows: &[u64]) -> Result<Picked, ReadError> {
        let mut picker = Picker::new(rows);
        picker.take_file(self.open(fields)?.as_mut(), None)?;
        Ok(picker.finish(fields))
    }
}

/// Data for which there is a way to open them once more, such as a frame in memory.
pub struct Reopened<F>(pub F);

impl<F: Fn(&[Field]) -> Result<Box<dyn Source>, ReadError>> Pick for Reopened<F> {
    fn pick(&self, fields: &[Field], rows: &[u64]) -> Result<Picked, ReadError> {
        let mut picker = Picker::new(rows);
        let mut source = (self.0)(fields)?;
        let n_rows = source.only(rows)?;
        picker.take_file(source.as_mut(), n_rows)?;
        Ok(picker.finish(fields))
    }
}

impl Pick for Files {
    fn pick(&self, fields: &[Field], rows: &[u64]) -> Result<Picked, ReadError> {
        let mut picker = Picker::new(rows);
        for path in self.paths() {
            if picker.left().is_empty() {
                break;
            }
            let (mut source, in_place) = self.open_unhashed(path, fields)?;
            let before = picker.before;
            let local: Vec<u64> = picker.left().iter().map(|row| row - before).collect();
            let n_rows = source.only(&local)?;
            let there = n_rows.map_or(0, |n_rows| local.partition_point(|row| *row < n_rows));
            let parts = if in_place { self.in_parts(path, fields, &local[..there]) } else { None };
            let Some(parts) = parts else {
                picker.take_file(source.as_mut(), n_rows)?;
                continue;
            };
            for part in parts {
                picker.take_part(part, before);
            }
            picker.before += n_rows.unwrap_or(0);
            picker.at += there;
        }
        Ok(picker.finish(fields))
    }
}

/// Rows of a file that are looked up in parts, if there are so many, and the number of parts.
const MANY: usize = 4096;
const PARTS: usize = 4;
/// Bytes of the cells of a part, at the most.
const MOST_OF_PART: usize = 32 << 20;

impl Files {
    /// Rows of a file, which are there, in parts that are looked up at once. None where that would not pay, and
    /// where it comes to anything but all of these rows: one after the other says what is the matter.
    fn in_parts(&self, path: &str, fields: &[Field], rows: &[u64]) -> Option<Vec<Picked>> {
        // Vectors of unknown length have that of the first one.
        let open = |field: &Field| matches!(field.kind, FieldKind::Vector { dimension: None });
        let one = rayon::current_num_threads() == 1;
        if one || rows.len() < MANY || fields.iter().any(open) {
            return None;
        }
        let part = |rows: &[u64]| {
            let mut part = Picker { most: MOST_OF_PART, ..Picker::new(rows) };
            let (mut source, _) = self.open_unhashed(path, fields).ok()?;
            let n_rows = source.only(rows).ok()?;
            part.take_file(source.as_mut(), n_rows).ok()?;
            (part.left_out == 0 && part.rows == rows).then(|| part.finish(fields))
        };
        rows.par_chunks(rows.len().div_ceil(PARTS)).map(part).collect()
    }
}

/// Collects the wanted rows of one file after the other.
struct Picker<'a> {
    wanted: &'a [u64],
    /// How many of them have been found.
    at: usize,
    /// Rows in the files before.
    before: u64,
    rows: Vec<u64>,
    columns: Vec<Builder>,
    /// Bytes of the cells, those that are kept at the most, and rows that were left out.
    bytes: usize,
    most: usize,
    left_out: usize,
}

impl<'a> Picker<'a> {
    fn new(wanted: &'a [u64]) -> Self {
        let (rows, columns) = (Vec::new(), Vec::new());
        let (bytes, most) = (0, MOST_BYTES);
        Self { wanted, at: 0, before: 0, rows, columns, bytes, most, left_out: 0 }
    }

    fn left(&self) -> &'a [u64] {
        &self.wanted[self.at..]
    }

    /// Takes the wanted rows of a file; `n_rows` are in it if its source gives only those.
    fn take_file(&mut self, source: &mut dyn Source, n_rows: Option<u64>) -> Result<(), ReadError> {
        let mut seen = 0;
        while !self.left().is_empty() {
            let Some(batch) = source.next_batch()? else { break };
            if n_rows.is_some() {
                (0..batch.n_rows()).for_each(|row| self.push(&batch, row));
                continue;
            }
            let start = self.before + seen;
            seen += batch.n_rows() as u64;
            while let Some(&row) = self.left().first()
                && row < start + batch.n_rows() as u64
            {
                self.push(&batch, (row - start) as usize);
            }
        }
        self.before += n_rows.unwrap_or(seen);
        Ok(())
    }

    /// Takes rows that were looked up already in a file with this many rows before it.
    fn take_part(&mut self, part: Picked, before: u64) {
        for (at, row) in part.rows.into_iter().enumerate() {
            self.keep(before + row, &part.batch, at);
        }
    }

    fn push(&mut self, batch: &Batch, row: usize) {
        let Some(&number) = self.left().first() else { return };
        self.at += 1;
        self.keep(number, batch, row);
    }

    fn keep(&mut self, number: u64, batch: &Batch, row: usize) {
        let columns = batch.columns();
        let bytes: usize = columns.iter().map(|column| size(column, row)).sum();
        // One row is always shown.
        if !self.rows.is_empty() && bytes > self.most - self.bytes.min(self.most) {
            self.left_out += 1;
            return;
        }
        self.bytes += bytes;
        self.rows.push(number);
        if self.columns.is_empty() {
            self.columns = columns.iter().map(Builder::like).collect();
        }
        self.columns
            .iter_mut()
            .zip(columns)
            .for_each(|(builder, column)| builder.push(column, row));
    }

    fn finish(self, fields: &[Field]) -> Picked {
        let mut columns: Vec<Column> = self.columns.into_iter().map(Builder::finish).collect();
        // Without rows nothing is known of the columns but how many there are.
        columns.resize_with(fields.len(), || Column::Text(Vec::<Option<&str>>::new().into()));
        let batch = Batch::new(0, self.rows.len(), columns);
        Picked { batch, rows: self.rows, left_out: self.left_out }
    }
}

/// Bytes of a cell.
fn size(column: &Column, row: usize) -> usize {
    match column {
        Column::Text(texts) => texts.value(row).len(),
        Column::Number(_) | Column::Integer(_) => size_of::<f64>(),
        Column::Vector(vectors) => size_of::<f32>() * vectors.dimension(),
    }
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
    Integer(Int64Builder),
    Vector(VectorBuilder),
}

impl Builder {
    fn like(column: &Column) -> Self {
        match column {
            Column::Text(_) => Self::Text(StringBuilder::new()),
            Column::Number(_) => Self::Number(Float64Builder::new()),
            Column::Integer(_) => Self::Integer(Int64Builder::new()),
            Column::Vector(_) => Self::Vector(VectorBuilder::new(None)),
        }
    }

    fn push(&mut self, column: &Column, row: usize) {
        let there = column.is_valid(row);
        // Identifiers may be whole numbers in one file and text in the next: then all are text.
        if let (Self::Integer(numbers), Column::Text(_)) = (&mut *self, column) {
            let mut texts = StringBuilder::new();
            let numbers = numbers.finish();
            numbers.iter().for_each(|id| texts.append_option(id.map(|id| id.to_string())));
            *self = Self::Text(texts);
        }
        match (self, column) {
            (Self::Text(all), Column::Text(more)) => {
                all.append_option(there.then(|| more.value(row)));
            }
            (Self::Text(all), Column::Integer(more)) => {
                all.append_option(there.then(|| more.value(row).to_string()));
            }
            (Self::Number(all), Column::Number(more)) => {
                all.append_option(there.then(|| more.value(row)));
            }
            (Self::Integer(all), Column::Integer(more)) => {
                all.append_option(there.then(|| more.value(row)));
            }
            (Self::Vector(all), Column::Vector(more)) => {
                // Of files that changed meanwhile, one may be of another length.
                if more.get(row).is_none_or(|vector| all.push(vector).is_err()) {
                    all.push_missing();
                }
            }
            // No source gives these.
            (Self::Text(all), Column::Number(_) | Column::Vector(_)) => all.append_null(),
            (Self::Vector(all), _) => all.push_missing(),
            (Self::Number(all), _) => all.append_null(),
            (Self::Integer(all), _) => all.append_null(),
        }
    }

    fn finish(self) -> Column {
        match self {
            Self::Text(mut all) => Column::Text(all.finish()),
            Self::Number(mut all) => Column::Number(all.finish()),
            Self::Integer(mut all) => Column::Integer(all.finish()),
            Self::Vector(mut all) => Column::Vector(all.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of text must not grow beyond what their offsets can count.
    #[test]
    fn rows_beyond_the_room_are_left_out() {
        let texts = ["long".repeat(100), "long".repeat(100), "short".to_owned()];
        let table = Table::new().text("text", texts.iter().map(|text| Some(text.as_str())));
        let fields = [Field::text("text")];
        for (most, wanted) in [(usize::MAX, &[0, 1, 2][..]), (500, &[0, 2]), (1, &[0])] {
            let mut picker = Picker { most, ..Picker::new(&[0, 1, 2]) };
            let mut source = table.open(&fields).expect("the column is there");
            picker.take_file(source.as_mut(), None).expect("in memory");
            let picked = picker.finish(&fields);
            assert_eq!(picked.rows, wanted);
            assert_eq!((picked.batch.n_rows(), picked.left_out), (wanted.len(), 3 - wanted.len()));
        }
    }

    /// Parts of a file give what its rows one after the other give, or nothing where they are too long.
    #[cfg(feature = "parquet")]
    #[test]
    fn parts_are_all_rows_or_nothing() {
        use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
        use parquet::arrow::ArrowWriter;
        use parquet::file::properties::WriterProperties;
        use std::sync::Arc;

        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, long: usize| {
            let text = |row: i64| match row {
                _ if row % 7 == 0 => None,
                15_000.. => Some("0".repeat(long)),
                _ => Some(format!("text {row}")),
            };
            let ids: ArrayRef = Arc::new((0..20_000).map(Some).collect::<Int64Array>());
            let texts: ArrayRef = Arc::new((0..20_000).map(text).collect::<StringArray>());
            let rows = RecordBatch::try_from_iter([("id", ids), ("text", texts)]).expect("rows");
            let path = folder.path().join(name);
            let file = std::fs::File::create(&path).expect("a file");
            let properties = WriterProperties::builder().set_max_row_group_row_count(Some(3000));
            let writer = ArrowWriter::try_new(file, rows.schema(), Some(properties.build()));
            let mut writer = writer.expect("a writer");
            writer.write(&rows).expect("written");
            writer.close().expect("written");
            path.to_string_lossy().into_owned()
        };
        let fields = [Field::id("id"), Field::text("text")];
        let wanted: Vec<u64> = (0..20_000).filter(|row| row % 3 != 1).collect();
        let threads = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
        for (name, long, in_parts) in [("short.parquet", 20, true), ("long.parquet", 12_000, false)]
        {
            let path = write(name, long);
            let files = Files::new([&path]).expect("files");
            let parts = threads(2).install(|| files.in_parts(&path, &fields, &wanted));
            assert_eq!(parts.is_some(), in_parts, "{name}");
            let pick = || files.pick(&fields, &wanted).expect("rows");
            let (together, alone) = (threads(2).install(pick), threads(1).install(pick));
            assert_eq!((&together.rows, together.left_out), (&wanted, 0));
            assert!(together == alone, "{name}");
        }
    }
}
