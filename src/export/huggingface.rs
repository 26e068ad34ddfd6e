//! Parquet for the `datasets` library of Hugging Face, which knows what its columns are.
//!
//! The schema's metadata carry the features under the key `huggingface`, as `datasets` itself writes them, so that
//! `label` is loaded as a `ClassLabel` with the names of the labels. Texts and numbers of the data keep their
//! names; `confidence` and `probs` are 32-bit floating-point numbers, as training wants them. Rows without a
//! label are left out, or have −1, which is how `datasets` marks what is not labeled. See
//! <https://huggingface.co/docs/datasets/about_dataset_features>.

use super::Summary;
use super::registry::Format;
use super::rows::{Keep, Row, Rows};
use super::target::Target;
use crate::Error;
use crate::input::FieldKind;
use arrow_array::builder::{
    ArrayBuilder, FixedSizeListBuilder, Float32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) static FORMAT: Format = Format {
    name: "huggingface",
    about: "Parquet with features for datasets: texts, label as ClassLabel, probs",
    folder: false,
    cells: true,
    known: false,
    soft: false,
    splits: false,
    write,
};

/// Columns that are not of the data.
const OWN: [&str; 4] = ["row", "label", "confidence", "probs"];

/// Rows and bytes of text that are handed on at once, and bytes of a row group before it is written.
const ROWS: usize = 4096;
const TEXT: usize = 8 << 20;
const GROUP: usize = 64 << 20;

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::Labeled, summary);
    let mut out = target.file("", "")?;
    let schema = Arc::new(schema(rows));
    let failed = |error: ParquetError| match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(error) => std::io::Error::other(error),
        },
        other => std::io::Error::other(other),
    };
    let written = (|| -> Result<Result<(), Error>, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_created_by(format!("jurat {}", env!("CARGO_PKG_VERSION")))
            .build();
        let mut writer = ArrowWriter::try_new(out.writer(), schema.clone(), Some(properties))?;
        let mut piece = Piece::new(rows);
        // What Parquet says ends the pass like any other error.
        let mut of_parquet = None;
        let passed = rows.each(&kept, |row| {
            piece.push(rows, row);
            if piece.is_full() && of_parquet.is_none() {
                of_parquet = piece.flush(&schema, &mut writer).err();
            }
            Ok(())
        });
        if let Some(error) = of_parquet {
            return Err(error);
        }
        if passed.is_err() {
            return Ok(passed);
        }
        piece.flush(&schema, &mut writer)?;
        writer.close()?;
        Ok(Ok(()))
    })();
    written.map_err(|error| out.failed(failed(error)))??;
    Ok(out.finish()?)
}

/// The columns, and what `datasets` should take them for.
fn schema(rows: &Rows<'_>) -> Schema {
    let value = |dtype: &str| json!({"dtype": dtype, "_type": "Value"});
    // `datasets` believes what is said of a column only if its cells may be missing.
    let mut fields = vec![(Field::new("row", DataType::Int64, true), value("int64"))];
    let columns = rows.id.iter().chain(&rows.columns);
    for (name, column) in rows.column_names(&OWN).into_iter().zip(columns) {
        fields.push(match column.kind {
            FieldKind::Number => (Field::new(name, DataType::Float64, true), value("float64")),
            FieldKind::Text | FieldKind::Id | FieldKind::Row | FieldKind::Vector { .. } => {
                (Field::new(name, DataType::Utf8, true), value("string"))
            }
        });
    }
    let classes = &rows.names.classes;
    let label = json!({"names": classes, "_type": "ClassLabel"});
    fields.push((Field::new("label", DataType::Int64, true), label));
    fields.push((Field::new("confidence", DataType::Float32, true), value("float32")));
    let item = Arc::new(Field::new("item", DataType::Float32, true));
    let probabilities = DataType::FixedSizeList(item, classes.len() as i32);
    // `Sequence` is what all versions of `datasets` read.
    let list = json!({"feature": value("float32"), "length": classes.len(), "_type": "Sequence"});
    fields.push((Field::new("probs", probabilities, true), list));
    let features: Map<String, Value> =
        fields.iter().map(|(field, feature)| (field.name().clone(), feature.clone())).collect();
    let about = json!({"info": {"features": features}}).to_string();
    let fields: Vec<Field> = fields.into_iter().map(|(field, _)| field).collect();
    Schema::new(fields).with_metadata(HashMap::from([("huggingface".to_owned(), about)]))
}

/// A column of the data.
enum Cells {
    Texts(StringBuilder),
    Numbers(Float64Builder),
}

/// Rows that are not yet written.
struct Piece {
    rows: Int64Builder,
    cells: Vec<Cells>,
    labels: Int64Builder,
    confidence: Float32Builder,
    probabilities: FixedSizeListBuilder<Float32Builder>,
    bytes: usize,
}

impl Piece {
    fn new(rows: &Rows<'_>) -> Self {
        let cells = rows.id.iter().chain(&rows.columns).map(|column| match column.kind {
            FieldKind::Number => Cells::Numbers(Float64Builder::new()),
            FieldKind::Text | FieldKind::Id | FieldKind::Row | FieldKind::Vector { .. } => {
                Cells::Texts(StringBuilder::new())
            }
        });
        let n_classes = rows.names.classes.len() as i32;
        Self {
            rows: Int64Builder::new(),
            cells: cells.collect(),
            labels: Int64Builder::new(),
            confidence: Float32Builder::new(),
            probabilities: FixedSizeListBuilder::new(Float32Builder::new(), n_classes),
            bytes: 0,
        }
    }

    fn push(&mut self, rows: &Rows<'_>, row: &Row<'_>) {
        self.rows.append_value(row.number as i64);
        for (cells, column) in self.cells.iter_mut().zip(rows.id.iter().chain(&rows.columns)) {
            match cells {
                Cells::Numbers(numbers) => numbers.append_option(row.number(column)),
                Cells::Texts(texts) => {
                    let text = row.text(column);
                    self.bytes += text.as_ref().map_or(0, |text| text.len());
                    texts.append_option(text);
                }
            }
        }
        let label = rows.given.labels[row.pattern];
        self.labels.append_value(label.map_or(-1, |class| class.index() as i64));
        self.confidence.append_value(rows.given.confidence[row.pattern] as f32);
        for p in rows.probabilities(row.pattern) {
            self.probabilities.values().append_value(p as f32);
        }
        self.probabilities.append(true);
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= TEXT
    }

    fn flush<W: std::io::Write + Send>(
        &mut self,
        schema: &Arc<Schema>,
        writer: &mut ArrowWriter<W>,
    ) -> Result<(), ParquetError> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.rows.finish())];
        for cells in &mut self.cells {
            columns.push(match cells {
                Cells::Texts(texts) => Arc::new(texts.finish()),
                Cells::Numbers(numbers) => Arc::new(numbers.finish()),
            });
        }
        columns.push(Arc::new(self.labels.finish()));
        columns.push(Arc::new(self.confidence.finish()));
        columns.push(Arc::new(self.probabilities.finish()));
        self.bytes = 0;
        let batch = RecordBatch::try_new(schema.clone(), columns);
        writer.write(
            &batch.map_err(|error: ArrowError| ParquetError::ArrowError(error.to_string()))?,
        )?;
        if writer.in_progress_size() >= GROUP {
            writer.flush()?;
        }
        Ok(())
    }
}
