//! CSV and TSV with a header line; an empty cell is a missing one.

use super::files::{Content, Opened};
use super::registry::{Format, binary};
use super::{BATCH_ROWS, Batch, Column, Field, FieldKind, ReadError, Source};
use arrow_array::builder::{Float64Builder, StringBuilder};
use std::io::{BufRead, Read};

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
    /// Whether lines end with a carriage return and a newline.
    crlf: bool,
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
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(stream);
    let header = reader.byte_headers().map_err(|error| explain(&path, error))?;
    let names: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    if names.is_empty() {
        return Err(ReadError::Empty { path });
    }
    let mut wanted = Vec::with_capacity(fields.len());
    for field in fields {
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
    Ok(Box::new(Rows { path, names, reader, record: ::csv::ByteRecord::new(), crlf, wanted }))
}

fn explain(path: &str, error: ::csv::Error) -> ReadError {
    let path = path.to_owned();
    let line = error.position().map(::csv::Position::line);
    match error.into_kind() {
        ::csv::ErrorKind::Io(source) => ReadError::Io { path, source },
        other => ReadError::Syntax { path, line, message: format!("{other:?}") },
    }
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
}

impl Rows {
    /// The line on which the record starts.
    ///
    /// The parser's own place is where the record before it ends: before the newline of CR LF, and
    /// before blank lines. So lines are counted back from where this record ends.
    fn line(&self) -> u64 {
        let within = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        let end = self.reader.position().line().saturating_sub(within);
        let start = self.record.position().map_or(1, ::csv::Position::line);
        if self.crlf { end.max(start + 1) } else { end.saturating_sub(1).max(start) }
    }
}

impl Source for Rows {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let mut builders: Vec<Builder> = self
            .wanted
            .iter()
            .map(|(field, _)| match field.kind {
                FieldKind::Number => Builder::Number(Float64Builder::new()),
                FieldKind::Text | FieldKind::Id => Builder::Text(StringBuilder::new()),
            })
            .collect();
        let mut n_rows = 0;
        while n_rows < BATCH_ROWS {
            let more = self
                .reader
                .read_byte_record(&mut self.record)
                .map_err(|error| explain(&self.path, error))?;
            if !more {
                break;
            }
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
                let bytes = self.record.get(*place).unwrap_or_default();
                let Ok(cell) = std::str::from_utf8(bytes) else {
                    let (path, column) = (self.path.clone(), field.name.clone());
                    return Err(ReadError::Encoding { path, line: self.line(), column });
                };
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
                                    found: format!("`{}`", shorten(number)),
                                    expected: "a number",
                                });
                            }
                        },
                    },
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
            })
            .collect();
        Ok(Some(Batch::new(0, n_rows, columns)))
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// The beginning of a cell, for a message.
pub(super) fn shorten(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}
