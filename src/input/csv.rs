//! CSV and TSV with a header line; an empty cell is a missing one.

use super::error::CellPlace;
use super::files::{Content, Opened};
use super::registry::{Format, binary};
use super::vector::{VectorBuilder, learn};
use super::{
    BATCH_BYTES, BATCH_ROWS, Batch, CELL_BYTES, Column, Field, FieldKind, ReadError, Source,
};
use arrow_array::builder::{Float64Builder, StringBuilder};
use std::io::{BufRead, ErrorKind, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) static CSV: Format = Format {
    name: "csv",
    title: "CSV",
    endings: &["csv"],
    random_access: false,
    contradicts: binary,
    open: |file, fields| open(file, fields, b','),
};

pub(super) static TSV: Format = Format {
    name: "tsv",
    title: "TSV",
    endings: &["tsv", "tab"],
    random_access: false,
    contradicts: binary,
    open: |file, fields| open(file, fields, b'\t'),
};

struct Rows {
    path: String,
    names: Vec<String>,
    reader: ::csv::Reader<Box<dyn Read + Send>>,
    record: ::csv::ByteRecord,
    /// Room for the next one, so that the last one is still there at the end.
    next: ::csv::ByteRecord,
    delimiter: u8,
    /// Whether lines end with a carriage return and a newline.
    crlf: bool,
    /// The last bytes of the file so far.
    tail: Arc<Mutex<Vec<u8>>>,
    /// Bytes that were read since the last record ended.
    run: Arc<AtomicUsize>,
    /// Where the last record starts, if its last cell has several lines.
    open: Option<u64>,
    /// The wanted columns and where they stand in a record.
    wanted: Vec<(Field, usize)>,
}

fn open(file: Opened, fields: &[Field], delimiter: u8) -> Result<Box<dyn Source>, ReadError> {
    let path = file.path;
    let mut crlf = false;
    let stream: Box<dyn Read + Send> = match file.content {
        Content::Stream(mut stream) => {
            let head = stream.fill_buf();
            let head = head.map_err(|source| ReadError::Io { path: path.clone(), source })?;
            let end = head.iter().position(|&byte| byte == b'\n');
            crlf = end.is_some_and(|end| head[..end].ends_with(b"\r"));
            Box::new(stream)
        }
        Content::File(file) => Box::new(file),
        Content::Bytes(bytes) => Box::new(std::io::Cursor::new(bytes)),
    };
    let (tail, run) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::new(AtomicUsize::new(0)));
    let stream: Box<dyn Read + Send> =
        Box::new(Tail { inner: stream, last: tail.clone(), run: run.clone() });
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(stream);
    let header = reader.byte_headers().map_err(|error| explain(&path, error, 1))?;
    let names: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    if names.is_empty() {
        return Err(ReadError::Empty { path });
    }
    let mut wanted = Vec::with_capacity(fields.len());
    for field in fields {
        if field.kind == FieldKind::Row {
            wanted.push((field.clone(), 0));
            continue;
        }
        let mut places = (0..names.len()).filter(|&i| names[i] == field.name);
        let column = field.name.clone();
        match (places.next(), places.next()) {
            (Some(place), None) => wanted.push((field.clone(), place)),
            (Some(_), Some(_)) => return Err(ReadError::DuplicateColumn { path, column }),
            (None, _) => {
                return Err(ReadError::MissingColumn { path, column, available: names });
            }
        }
    }
    let (record, next, open) = (::csv::ByteRecord::new(), ::csv::ByteRecord::new(), None);
    run.store(0, Ordering::Relaxed);
    Ok(Box::new(Rows {
        path,
        names,
        reader,
        record,
        next,
        delimiter,
        crlf,
        tail,
        run,
        open,
        wanted,
    }))
}

fn explain(path: &str, error: ::csv::Error, start: u64) -> ReadError {
    let path = path.to_owned();
    let line = error.position().map(::csv::Position::line);
    match error.into_kind() {
        ::csv::ErrorKind::Io(source) if source.kind() == ErrorKind::FileTooLarge => {
            ReadError::TooLong { path, line: start }
        }
        ::csv::ErrorKind::Io(source) => ReadError::Io { path, source },
        other => ReadError::Syntax { path, line, message: format!("{other:?}") },
    }
}

/// The line on which a record starts, according to the parser.
fn start(record: &::csv::ByteRecord) -> u64 {
    record.position().map_or(1, ::csv::Position::line)
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
    Vector(VectorBuilder),
}

impl Rows {
    /// The line on which the record starts.
    ///
    /// The parser's own place is where the record before it ends: before the newline of CR LF, and
    /// before blank lines. So lines are counted back from where this record ends.
    fn line(&self) -> u64 {
        let within = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        let end = self.reader.position().line().saturating_sub(within);
        let start = start(&self.record);
        if self.crlf { end.max(start + 1) } else { end.saturating_sub(1).max(start) }
    }

    /// The cells of the record as a list of JSON.
    fn whole(&self) -> Result<String, ReadError> {
        let mut row = String::with_capacity(self.record.as_slice().len() + 4 * self.names.len());
        for (cell, name) in self.record.iter().zip(&self.names) {
            row.push(if row.is_empty() { '[' } else { ',' });
            let Ok(cell) = std::str::from_utf8(cell) else {
                let (path, column) = (self.path.clone(), name.clone());
                return Err(ReadError::Encoding { path, line: self.line(), column });
            };
            if cell.is_empty() {
                row.push_str("null");
            } else {
                let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
                if cell.bytes().all(plain) {
                    row.push('"');
                    row.push_str(cell);
                    row.push('"');
                } else {
                    row.push_str(&serde_json::Value::from(cell).to_string());
                }
            }
        }
        row.push(']');
        Ok(row)
    }

    /// A quote that is never closed takes all that follows into its cell; or the file was cut off there.
    fn check_end(&self) -> Result<(), ReadError> {
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let before = |byte: &&u8| !b"\r\n".contains(byte);
        let line = match self.open {
            Some(line) => (tail.iter().rfind(before) != Some(&b'"')).then_some(line),
            None => self.cut_off(&tail).then(|| self.reader.position().line()),
        };
        line.map_or(Ok(()), |line| {
            Err(ReadError::Syntax {
                path: self.path.clone(),
                line: Some(line),
                message: "a quote is opened here and not closed before the end of the file".into(),
            })
        })
    }

    /// Whether the file ends with the last cell and a quote before it, which nothing closes.
    fn cut_off(&self, tail: &[u8]) -> bool {
        let Some(cell) = self.record.iter().next_back() else { return false };
        let written =
            cell.iter().flat_map(|byte| std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'"')));
        let written: Vec<u8> = std::iter::once(b'"').chain(written).collect();
        let before = tail.strip_suffix(&*written).and_then(|before| before.last());
        before.is_some_and(|byte| [self.delimiter, b'\n', b'\r'].contains(byte))
    }
}

/// Bytes that are remembered of the end of the file; a cell that is longer is not looked at.
const TAIL: usize = 1 << 16;

/// Remembers the end of what was read, and ends records that do not end: the parser would hold all of them in
/// memory.
struct Tail {
    inner: Box<dyn Read + Send>,
    last: Arc<Mutex<Vec<u8>>>,
    run: Arc<AtomicUsize>,
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.run.load(Ordering::Relaxed) > CELL_BYTES {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let n = self.inner.read(buffer)?;
        self.run.fetch_add(n, Ordering::Relaxed);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &buffer[n.saturating_sub(TAIL)..n];
        let old = last.len().saturating_sub(TAIL - kept.len());
        last.drain(..old);
        last.extend_from_slice(kept);
        Ok(n)
    }
}

impl Source for Rows {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let mut builders: Vec<Builder> = self
            .wanted
            .iter()
            .map(|(field, _)| match field.kind {
                FieldKind::Number => Builder::Number(Float64Builder::new()),
                FieldKind::Text | FieldKind::Id | FieldKind::Row => {
                    Builder::Text(StringBuilder::new())
                }
                FieldKind::Vector { dimension } => Builder::Vector(VectorBuilder::new(dimension)),
            })
            .collect();
        let (mut n_rows, mut n_bytes) = (0, 0);
        while n_rows < BATCH_ROWS && n_bytes < BATCH_BYTES {
            let more = self
                .reader
                .read_byte_record(&mut self.next)
                .map_err(|error| explain(&self.path, error, start(&self.next)))?;
            self.run.store(0, Ordering::Relaxed);
            if !more {
                self.check_end()?;
                break;
            }
            std::mem::swap(&mut self.record, &mut self.next);
            let last = self.record.get(self.record.len().saturating_sub(1)).unwrap_or_default();
            self.open = last.contains(&b'\n').then(|| self.line());
            n_rows += 1;
            if self.record.len() != self.names.len() {
                return Err(ReadError::Ragged {
                    path: self.path.clone(),
                    line: self.line(),
                    found: self.record.len() as u64,
                    expected: self.names.len() as u64,
                });
            }
            for ((field, place), builder) in self.wanted.iter().zip(&mut builders) {
                if let (FieldKind::Row, Builder::Text(builder)) = (field.kind, &mut *builder) {
                    let row = self.whole()?;
                    n_bytes += row.len();
                    builder.append_value(row);
                    continue;
                }
                let bytes = self.record.get(*place).unwrap_or_default();
                let Ok(cell) = std::str::from_utf8(bytes) else {
                    let (path, column) = (self.path.clone(), field.name.clone());
                    return Err(ReadError::Encoding { path, line: self.line(), column });
                };
                n_bytes += cell.len();
                match builder {
                    Builder::Text(builder) => {
                        builder.append_option((!cell.is_empty()).then_some(cell));
                    }
                    Builder::Number(builder) => match cell.trim() {
                        "" => builder.append_null(),
                        number => match number.parse::<f64>() {
                            Ok(number) => builder.append_value(number),
                            Err(_) => {
                                return Err(ReadError::WrongType {
                                    path: self.path.clone(),
                                    line: Some(self.line()),
                                    column: field.name.clone(),
                                    found: format!("`{}`", shorten(number, 40)),
                                    expected: "a number",
                                });
                            }
                        },
                    },
                    Builder::Vector(builder) => {
                        let before = builder.n_bytes();
                        let vector = if cell.trim().is_empty() { "null" } else { cell };
                        builder.push_json(vector).map_err(|fault| ReadError::Vector {
                            path: self.path.clone(),
                            place: CellPlace::Line(self.line()),
                            column: field.name.clone(),
                            fault,
                        })?;
                        n_bytes += builder.n_bytes() - before;
                    }
                }
            }
        }
        if n_rows == 0 {
            return Ok(None);
        }
        let columns = builders
            .into_iter()
            .map(|builder| match builder {
                Builder::Text(mut builder) => Column::Text(builder.finish()),
                Builder::Number(mut builder) => Column::Number(builder.finish()),
                Builder::Vector(mut builder) => Column::Vector(builder.finish()),
            })
            .collect();
        let batch = Batch::new(0, n_rows, columns);
        learn(self.wanted.iter_mut().map(|(field, _)| field), &batch);
        Ok(Some(batch))
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// The beginning of a cell, for a message.
pub(super) fn shorten(cell: &str, most: usize) -> String {
    match cell.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}
