//! Tables as Parquet, compressed with Zstandard.
//!
//! Cells are functions of a row's votes, so that columns are encoded from the votes at once rather
//! than from a value a row: what a labeling function costs is its votes, and not the rows on which it
//! abstains. Columns of a row group are encoded in parallel.

mod chunk;
mod hybrid;

use super::registry::{Format, Out, TableWriter};
use super::rows;
use super::table::{Piece, Table, Values};
use crate::Patterns;
use crate::input::Column;
use arrow_array::{ArrayRef, NullArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use chunk::{Chunk, Compressors, LEVEL};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use std::io;
use std::sync::Arc;

pub(super) static FORMAT: Format = Format {
    name: "parquet",
    start: |table, out| Box::new(Writer { table, out: Some(out), file: None }),
    rows: rows::parquet,
};

/// Pieces in a row group: a page each.
const PAGES: usize = 16;

struct Writer<'a> {
    table: &'a Table<'a>,
    /// Until the first piece says of what type the identifiers are.
    out: Option<Out<'a>>,
    file: Option<File<'a>>,
}

struct File<'a> {
    file: SerializedFileWriter<Out<'a>>,
    id: Arc<Field>,
    ids: ArrowRowGroupWriterFactory,
    group: Option<Group<'a>>,
    zstd: Compressors,
}

impl TableWriter for Writer<'_> {
    fn write(&mut self, piece: &Piece) -> io::Result<()> {
        if let Some(out) = self.out.take() {
            self.file = Some(File::new(self.table, &piece.ids, out).map_err(failed)?);
        }
        let Some(file) = self.file.as_mut().filter(|_| !piece.patterns.is_empty()) else {
            return Ok(());
        };
        let mut group = match file.group.take() {
            Some(group) => group,
            None => file.group(self.table).map_err(failed)?,
        };
        group.write(self.table, (&file.id, &file.zstd), piece).map_err(failed)?;
        if group.n_pages == PAGES {
            file.close(group).map_err(failed)?;
        } else {
            file.group = Some(group);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let Some(mut file) = self.file else { return Ok(()) };
        if let Some(group) = file.group.take() {
            file.close(group).map_err(failed)?;
        }
        file.file.close().map_err(failed)?;
        Ok(())
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}

impl<'a> File<'a> {
    fn new(table: &Table<'_>, ids: &Column, out: Out<'a>) -> Result<Self, ParquetError> {
        let names = table.names();
        let of_dense = table.dense.iter().map(|column| match column.values {
            Values::Texts { .. } => DataType::Utf8,
            Values::Numbers(_) | Values::Column(..) => DataType::Float64,
            Values::Wholes(_) => DataType::Int64,
        });
        let id = match ids {
            Column::Text(_) => DataType::Utf8,
            Column::Integer(_) => DataType::Int64,
            Column::Number(_) => DataType::Float64,
            // No source gives vectors as identifiers.
            Column::Vector(_) => DataType::Null,
        };
        let types = std::iter::once(id).chain(of_dense).chain(std::iter::repeat(DataType::Utf8));
        let fields = names.iter().zip(types);
        let fields: Vec<Field> = fields.map(|(name, kind)| Field::new(name, kind, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let path = ColumnPath::from(names[0].as_str());
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_created_by(format!("jurat {}", env!("CARGO_PKG_VERSION")))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_column_dictionary_enabled(path.clone(), false);
        if matches!(ids, Column::Integer(_)) {
            properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties.build()))?;
        let (file, _) = writer.into_serialized_writer()?;
        let id = Arc::new(schema.field(0).clone());
        let only_ids = Arc::new(Schema::new(vec![id.clone()]));
        let ids = ArrowRowGroupWriterFactory::new(&file, only_ids);
        Ok(Self { file, id, ids, group: None, zstd: Compressors::new()? })
    }

    fn group(&self, table: &'a Table<'a>) -> Result<Group<'a>, ParquetError> {
        let number = self.file.flushed_row_groups().len();
        let ids = self.ids.create_column_writers(number)?.pop();
        let dense = table.dense.iter().map(|column| Chunk::dense(&column.values));
        let votes = table
            .votes
            .iter()
            .flat_map(|votes| (0..votes.patterns.n_lfs()).map(|_| Chunk::votes(&votes.cells)));
        let n_patterns = table.dense.first().map_or(0, |column| match &column.values {
            Values::Texts { pattern, .. } => pattern.len(),
            Values::Numbers(values) => values.len(),
            Values::Wholes(values) => values.len(),
            Values::Column(values, _) => values.nrows(),
        });
        Ok(Group {
            ids: ids.ok_or_else(|| ParquetError::General("no identifiers".to_owned()))?,
            chunks: dense.chain(votes).collect(),
            locals: vec![NONE; n_patterns],
            used: Vec::new(),
            n_pages: 0,
        })
    }

    fn close(&mut self, group: Group<'_>) -> Result<(), ParquetError> {
        let descriptors = self.file.schema_descr().columns()[1..].to_vec();
        let chunks = group.chunks.into_par_iter().zip(descriptors);
        let chunks: Vec<_> = chunks
            .map(|(chunk, of)| chunk.close(of, &self.zstd))
            .collect::<Result<_, ParquetError>>()?;
        let mut writer = self.file.next_row_group()?;
        group.ids.close()?.append_to_row_group(&mut writer)?;
        for (bytes, close) in chunks {
            writer.append_column(&Bytes::from(bytes), close)?;
        }
        writer.close()?;
        Ok(())
    }
}

/// Columns of a row group, as far as they are encoded.
struct Group<'a> {
    ids: ArrowColumnWriter,
    chunks: Vec<Chunk<'a>>,
    /// For each pattern, its number among those of the group's rows.
    locals: Vec<u32>,
    /// The patterns of the group's rows.
    used: Vec<u32>,
    n_pages: usize,
}

const NONE: u32 = u32::MAX;

impl Group<'_> {
    /// Adds a page to every column.
    fn write(
        &mut self,
        table: &Table<'_>,
        (id, zstd): (&Arc<Field>, &Compressors),
        piece: &Piece,
    ) -> Result<(), ParquetError> {
        self.n_pages += 1;
        let locals = self.locals(&piece.patterns);
        let votes = table.votes.as_ref().map(|votes| transpose(votes.patterns, &piece.patterns));
        let n_dense = table.dense.len();
        let Self { ids, chunks, used, .. } = self;
        let page = |(at, chunk): (usize, &mut Chunk<'_>)| match &votes {
            Some((ends, votes)) if at >= n_dense => {
                let lf = at - n_dense;
                let start = if lf == 0 { 0 } else { ends[lf - 1] };
                chunk.add_votes(piece.patterns.len(), &votes[start..ends[lf]], zstd)
            }
            _ => chunk.add_dense(&locals, used, zstd),
        };
        let array: ArrayRef = match &piece.ids {
            Column::Text(array) => Arc::new(array.clone()),
            Column::Number(array) => Arc::new(array.clone()),
            Column::Integer(array) => Arc::new(array.clone()),
            Column::Vector(vectors) => Arc::new(NullArray::new(vectors.len())),
        };
        let mut write_ids =
            || compute_leaves(id, &array)?.iter().try_for_each(|leaf| ids.write(leaf));
        let (ids, others) =
            rayon::join(&mut write_ids, || chunks.par_iter_mut().enumerate().try_for_each(page));
        ids.and(others)
    }

    /// The patterns of rows as numbers among those of the group.
    fn locals(&mut self, patterns: &[u32]) -> Vec<u32> {
        if self.locals.is_empty() {
            return Vec::new();
        }
        let local = |&pattern: &u32| {
            let local = &mut self.locals[pattern as usize];
            if *local == NONE {
                *local = self.used.len() as u32;
                self.used.push(pattern);
            }
            *local
        };
        patterns.iter().map(local).collect()
    }
}

/// The votes of each labeling function on these rows, as row and choice, and where they end.
fn transpose(of: &Patterns, patterns: &[u32]) -> (Vec<usize>, Vec<(u32, u32)>) {
    let mut ends = vec![0; of.n_lfs() + 1];
    for &pattern in patterns {
        of.votes(pattern as usize).iter().for_each(|vote| ends[vote.lf.index() + 1] += 1);
    }
    for lf in 1..ends.len() {
        ends[lf] += ends[lf - 1];
    }
    let mut votes = vec![(0, 0); ends[of.n_lfs()]];
    for (row, &pattern) in patterns.iter().enumerate() {
        for vote in of.votes(pattern as usize) {
            let end = &mut ends[vote.lf.index()];
            votes[*end] = (row as u32, vote.choice.index() as u32);
            *end += 1;
        }
    }
    (ends, votes)
}

#[cfg(test)]
mod tests {
    use super::super::table::{Dense, Votes};
    use super::*;
    use crate::{LabelMatrix, Names};
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    use arrow_array::{Array, RecordBatch};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    fn read(bytes: Vec<u8>) -> Vec<RecordBatch> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).expect("a file");
        builder.build().expect("columns").collect::<Result<_, _>>().expect("pages")
    }

    /// More numbers than a dictionary holds, from the third page on, and two row groups.
    #[test]
    fn any_number_of_values_is_read_back() {
        let n_patterns = 2 * (1 << 16) + 10;
        let number = |u: usize| if u.is_multiple_of(2) { 0.5 } else { u as f64 / 1e6 };
        let texts = ["spam".to_owned(), "ham".to_owned()];
        let wholes: Vec<i64> = (0..n_patterns).map(|u| 7 - u as i64).collect();
        let text = |u: usize| (!u.is_multiple_of(5)).then_some(u as u32 % 2);
        let names = Names::new(["often", "once", "never"], ["x", "y"]).expect("names");
        let vote = |u: usize| vec![Some(u % 2), (u == 7).then_some(1), None];
        let rows: Vec<_> = (0..8).map(vote).collect();
        let matrix = LabelMatrix::from_dense(names, &rows).expect("valid rows");
        let votes = Patterns::count(&matrix);
        let dense = vec![
            Dense {
                name: "label".into(),
                values: Values::Texts { of: &texts, pattern: (0..n_patterns).map(text).collect() },
            },
            Dense {
                name: "p".into(),
                values: Values::Numbers((0..n_patterns).map(number).collect()),
            },
            Dense { name: "n".into(), values: Values::Wholes(&wholes) },
        ];
        let table = Table { id: "row", fingerprints: false, dense, votes: None };
        let mut out = Vec::new();
        let mut writer = (FORMAT.start)(&table, &mut out);
        let page = 1 << 16;
        let pattern = |row: usize| row * 7 % n_patterns;
        for start in (0..17 * page + 5).step_by(page) {
            let rows = start..(start + page).min(17 * page + 5);
            let patterns = rows.map(|row| pattern(row) as u32).collect();
            writer.write(&Piece::new(start as u64, patterns, None)).expect("written");
        }
        writer.finish().expect("written");
        let mut row = 0;
        for batch in read(out) {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let labels = batch.column(1).as_string::<i32>();
            let numbers = batch.column(2).as_primitive::<Float64Type>();
            let whole = batch.column(3).as_primitive::<Int64Type>();
            for at in 0..batch.num_rows() {
                let u = pattern(row);
                assert_eq!(ids.value(at), row as i64);
                let label = labels.is_valid(at).then(|| labels.value(at));
                assert_eq!(label, text(u).map(|text| texts[text as usize].as_str()));
                assert_eq!(numbers.value(at).to_bits(), number(u).to_bits(), "row {row}");
                assert_eq!(whole.value(at), wholes[u], "row {row}");
                row += 1;
            }
        }
        assert_eq!(row, 17 * page + 5);

        let table = Table {
            id: "row",
            fingerprints: false,
            dense: Vec::new(),
            votes: Some(Votes::new(&votes)),
        };
        let mut out = Vec::new();
        let mut writer = (FORMAT.start)(&table, &mut out);
        writer.write(&Piece::new(0, votes.of_row().to_vec(), None)).expect("written");
        writer.finish().expect("written");
        let batch = read(out).remove(0);
        let column = |at: usize| batch.column(at).as_string::<i32>().iter().collect::<Vec<_>>();
        assert_eq!(column(1), ["x", "y"].map(Some).repeat(4));
        assert_eq!(column(2)[6..], [None, Some("y")]);
        assert_eq!(column(3), [None; 8]);
    }
}
