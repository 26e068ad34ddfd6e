//! How fast labeling functions (LFs) are applied to text in memory, as a line of JSON.
//!
//! ```sh
//! cargo run --release --example matching -- SPEC DATA [--threads N] [--repeats R] [--votes OUT]
//! ```
//!
//! All batches of DATA are read first; the clock runs while a spec is applied to them and the label
//! matrix is built. Of several repeats the shortest counts. As a limit, the same bytes of text are also
//! read once, on one thread, by a loop that only counts line ends. With `--votes` the votes are
//! written as a Parquet file with one row a vote: the positions of row, LF and label.
//! `benches/peers/apply.py` compares speed and votes with those of other tools.

#![expect(clippy::print_stdout, reason = "an example prints")]

use arrow_array::{ArrayRef, Int32Array, RecordBatch};
#[path = "support/clock.rs"]
mod clock;

use clock::timed;
use jurat::input::{Batch, Column, Files, ReadError, Source};
use jurat::{FieldId, LabelMatrix, LfSet, Spec};
use parquet::arrow::ArrowWriter;
use std::error::Error;
use std::fs::File;
use std::sync::Arc;

const USAGE: &str = "usage: matching SPEC DATA [--threads N] [--repeats R] [--votes OUT]";

/// What is asked for.
struct Arguments {
    spec: String,
    data: String,
    threads: usize,
    repeats: usize,
    votes: Option<String>,
}

impl Arguments {
    fn parse(mut given: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut threads, mut repeats, mut votes) = (1, 3, None);
        let mut paths = Vec::new();
        while let Some(argument) = given.next() {
            let mut value = || given.next().ok_or(USAGE);
            match argument.as_str() {
                "--threads" => threads = value()?.parse()?,
                "--repeats" => repeats = value()?.parse()?,
                "--votes" => votes = Some(value()?),
                _ => paths.push(argument),
            }
        }
        let [spec, data] = <[String; 2]>::try_from(paths).map_err(|_| USAGE)?;
        Ok(Self { spec, data, threads, repeats, votes })
    }
}

/// Batches that were read before; handing one on copies no text.
struct Held<'a> {
    batches: std::slice::Iter<'a, Batch>,
    columns: &'a [String],
}

impl Source for Held<'_> {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        Ok(self.batches.next().cloned())
    }

    fn columns(&self) -> Vec<String> {
        self.columns.to_vec()
    }
}

/// The bytes of all columns of text in a batch, without those between its rows.
fn texts(batch: &Batch, n_fields: usize) -> impl Iterator<Item = &[u8]> {
    (0..n_fields).filter_map(FieldId::new).filter_map(|field| match batch.column(field) {
        Some(Column::Text(array)) => {
            let ends = array.value_offsets();
            let (start, end) = (ends[0] as usize, ends[batch.n_rows()] as usize);
            Some(&array.value_data()[start..end])
        }
        _ => None,
    })
}

/// Counts line ends: in pieces short enough for counters of one byte, so that many fit a register.
fn line_ends(text: &[u8]) -> usize {
    let count = |piece: &[u8]| piece.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    text.chunks(usize::from(u8::MAX)).map(|piece| usize::from(count(piece))).sum()
}

/// Writes one row a vote.
fn write(matrix: &LabelMatrix, path: &str) -> Result<(), Box<dyn Error>> {
    let votes = || {
        let rows = matrix.rows().enumerate();
        rows.flat_map(|(row, votes)| votes.iter().map(move |vote| (row, vote)))
    };
    let columns: [(&str, Int32Array); 3] = [
        ("row", votes().map(|(row, _)| row as i32).collect()),
        ("lf", votes().map(|(_, vote)| vote.lf.index() as i32).collect()),
        ("label", votes().map(|(_, vote)| vote.choice.index() as i32).collect()),
    ];
    let columns = columns.map(|(name, column)| (name, Arc::new(column) as ArrayRef));
    let table = RecordBatch::try_from_iter(columns)?;
    let mut writer = ArrowWriter::try_new(File::create(path)?, table.schema(), None)?;
    writer.write(&table)?;
    writer.close()?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let (lfs, compile) = timed(1, || LfSet::compile(&Spec::from_path(&arguments.spec)?));
    let lfs = lfs?;
    let fields = lfs.fields();
    let mut source = Files::new([&arguments.data])?.open(&fields)?;
    let mut batches = Vec::new();
    while let Some(batch) = source.next_batch()? {
        batches.push(batch);
    }
    let columns = source.columns();
    let held = || Held { batches: batches.iter(), columns: &columns };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build()?;
    let (applied, seconds) = timed(arguments.repeats, || pool.install(|| lfs.apply(&mut held())));
    let matrix = applied?.matrix;
    let all = || batches.iter().flat_map(|batch| texts(batch, fields.len()));
    let bytes: usize = all().map(<[u8]>::len).sum();
    let (_, scan) =
        timed(arguments.repeats, || std::hint::black_box(all().map(line_ends).sum::<usize>()));
    let line = serde_json::json!({
        "rows": matrix.n_rows(),
        "bytes": bytes,
        "lfs": matrix.n_lfs(),
        "votes": matrix.n_votes(),
        "threads": arguments.threads,
        "compile_seconds": compile,
        "seconds": seconds,
        "rows_per_second": matrix.n_rows() as f64 / seconds,
        "scan_seconds": scan,
    });
    println!("{line}");
    arguments.votes.map_or(Ok(()), |path| write(&matrix, &path))
}
