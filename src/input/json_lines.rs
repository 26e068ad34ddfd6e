//! JSON Lines: one object a line; an absent key is a missing cell.

use super::csv::shorten;
use super::error::CellPlace;
use super::files::{Content, Opened};
use super::registry::{Format, binary};
use super::vector::{VectorBuilder, learn};
use super::{
    BATCH_BYTES, BATCH_ROWS, Batch, CELL_BYTES, Column, Field, FieldKind, MOST_NAMES, ReadError,
    Source,
};
use arrow_array::builder::{Float64Builder, StringBuilder};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

pub(super) static FORMAT: Format = Format {
    name: "jsonl",
    title: "JSON Lines",
    endings: &["jsonl", "ndjson"],
    random_access: false,
    contradicts: |head| {
        let first =
            head.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
        match first {
            _ if binary(head).is_some() => binary(head),
            Some(b'{') | None => None,
            Some(b'[') => Some("it starts with `[`; write one object a line instead of an array"),
            Some(_) => Some("the first line does not start with `{`"),
        }
    },
    open,
};

struct Lines {
    path: String,
    reader: Box<dyn BufRead + Send>,
    fields: Vec<Field>,
    line: u64,
    buffer: Vec<u8>,
    /// Keys, in the order in which they came up, until all wanted ones have.
    names: Vec<String>,
    /// Whether a wanted key has not come up yet.
    waiting: bool,
}

fn open(file: Opened, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
    let reader: Box<dyn BufRead + Send> = match file.content {
        Content::Stream(stream) => stream,
        Content::File(file) => Box::new(BufReader::new(file)),
        Content::Bytes(bytes) => Box::new(std::io::Cursor::new(bytes)),
    };
    let mut lines = Lines {
        path: file.path,
        reader,
        fields: fields.to_vec(),
        line: 0,
        buffer: Vec::new(),
        names: Vec::new(),
        waiting: true,
    };
    let first = lines.read()?;
    Ok(Box::new(Ahead { first, rest: lines }))
}

/// The first batch is read when opening, so that a missing column is known at once.
struct Ahead {
    first: Option<Batch>,
    rest: Lines,
}

impl Source for Ahead {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        match self.first.take() {
            Some(batch) => Ok(Some(batch)),
            None => self.rest.read(),
        }
    }

    fn columns(&self) -> Vec<String> {
        self.rest.names.clone()
    }
}

impl Lines {
    fn read(&mut self) -> Result<Option<Batch>, ReadError> {
        let mut texts: Vec<StringBuilder> =
            self.fields.iter().map(|_| StringBuilder::new()).collect();
        let mut numbers: Vec<Float64Builder> =
            self.fields.iter().map(|_| Float64Builder::new()).collect();
        let builder = |field: &Field| match field.kind {
            FieldKind::Vector { dimension } => VectorBuilder::new(dimension),
            _ => VectorBuilder::new(None),
        };
        let mut vectors: Vec<VectorBuilder> = self.fields.iter().map(builder).collect();
        let (mut n_rows, mut n_bytes, mut ended) = (0, 0, false);
        let first = self.line == 0;
        while n_rows < BATCH_ROWS && n_bytes < BATCH_BYTES {
            self.buffer.clear();
            let mut line = (&mut self.reader).take(CELL_BYTES as u64 + 1);
            let read = line.read_until(b'\n', &mut self.buffer);
            let read = read.map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
            if read == 0 {
                ended = true;
                break;
            }
            if read > CELL_BYTES {
                return Err(ReadError::TooLong { path: self.path.clone(), line: self.line + 1 });
            }
            self.line += 1;
            let bytes = self.buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.buffer);
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            n_bytes += read;
            n_rows += 1;
            let seen = self.waiting.then_some(&mut self.names);
            let seed = Row { fields: &self.fields, seen };
            let mut reader = serde_json::Deserializer::from_slice(bytes);
            let values = seed.deserialize(&mut reader).and_then(|row| reader.end().map(|()| row));
            let values = values.map_err(|error| ReadError::Syntax {
                path: self.path.clone(),
                line: Some(self.line),
                message: match std::str::from_utf8(bytes) {
                    Ok(_) => format!("not a JSON object: {}", without_place(&error)),
                    Err(_) => {
                        "not valid UTF-8; convert the file to UTF-8 (for example with iconv)".into()
                    }
                },
            })?;
            for (i, (field, value)) in self.fields.iter().zip(values).enumerate() {
                if field.kind == FieldKind::Row {
                    // It has just been read as JSON, which is UTF-8.
                    texts[i].append_value(String::from_utf8_lossy(bytes).trim());
                    continue;
                }
                let wrong = |found: String, expected| ReadError::WrongType {
                    path: self.path.clone(),
                    line: Some(self.line),
                    column: field.name.clone(),
                    found,
                    expected,
                };
                // Numbers are kept as they are written: an identifier may have more digits than a
                // number can hold.
                let raw = value.as_deref().map_or("null", RawValue::get);
                match (field.kind, raw.as_bytes().first()) {
                    (FieldKind::Vector { .. }, _) => {
                        let before = vectors[i].n_bytes();
                        vectors[i].push_json(raw).map_err(|fault| ReadError::Vector {
                            path: self.path.clone(),
                            place: CellPlace::Line(self.line),
                            column: field.name.clone(),
                            fault,
                        })?;
                        n_bytes += vectors[i].n_bytes() - before;
                    }
                    (FieldKind::Number, Some(b'n')) => numbers[i].append_null(),
                    (FieldKind::Number, _) => match raw.parse::<f64>() {
                        Ok(number) => numbers[i].append_value(number),
                        Err(_) => return Err(wrong(describe(raw), "a number")),
                    },
                    (_, Some(b'n')) => texts[i].append_null(),
                    (_, Some(b'"')) => match serde_json::from_str::<Cow<'_, str>>(raw) {
                        Ok(text) => texts[i].append_value(text),
                        Err(error) => {
                            let (path, line) = (self.path.clone(), Some(self.line));
                            let message = without_place(&error);
                            return Err(ReadError::Syntax { path, line, message });
                        }
                    },
                    (_, Some(b'[' | b'{')) => return Err(wrong(describe(raw), "text")),
                    _ => texts[i].append_value(raw),
                }
            }
        }
        if first && n_rows == 0 {
            return Err(ReadError::Empty { path: self.path.clone() });
        }
        let missing = self
            .fields
            .iter()
            .find(|field| field.kind != FieldKind::Row && !self.names.contains(&field.name));
        self.waiting = self.waiting && missing.is_some();
        if ended
            && self.waiting
            && let Some(field) = missing
        {
            return Err(ReadError::MissingColumn {
                path: self.path.clone(),
                column: field.name.clone(),
                available: self.names.clone(),
            });
        }
        if n_rows == 0 {
            return Ok(None);
        }
        let columns = self.fields.iter().enumerate().map(|(i, field)| match field.kind {
            FieldKind::Number => Column::Number(numbers[i].finish()),
            FieldKind::Text | FieldKind::Id | FieldKind::Row => Column::Text(texts[i].finish()),
            FieldKind::Vector { .. } => Column::Vector(vectors[i].finish()),
        });
        let batch = Batch::new(0, n_rows, columns.collect());
        learn(self.fields.iter_mut(), &batch);
        Ok(Some(batch))
    }
}

fn describe(raw: &str) -> String {
    match raw.as_bytes().first() {
        Some(b'[') => "a list".to_owned(),
        Some(b'{') => "an object".to_owned(),
        _ => format!("`{}`", shorten(raw, 40)),
    }
}

/// serde_json counts lines within the line it was given.
fn without_place(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the line ends in the middle of it".to_owned();
    }
    let text = error.to_string();
    // It may quote all of a text.
    let text = shorten(text.split(" at line ").next().unwrap_or(&text), 200);
    match error.column() {
        0 => text,
        column => format!("{text} (column {column})"),
    }
}

/// A value as it is written.
type Cell = Option<Box<RawValue>>;

/// Reads the wanted keys of one object and skips the others without building them.
struct Row<'a> {
    fields: &'a [Field],
    seen: Option<&'a mut Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Vec<Cell>;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Vec<Cell>, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Vec<Cell>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Vec<Cell>, A::Error> {
        let mut values: Vec<Cell> = vec![None; self.fields.len()];
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            let named =
                |i: &usize| self.fields[*i].name == key && self.fields[*i].kind != FieldKind::Row;
            let mut wanted = (0..values.len()).filter(named);
            match wanted.next() {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(first) => {
                    let value: Cell = map.next_value()?;
                    wanted.for_each(|other| values[other].clone_from(&value));
                    values[first] = value;
                }
            }
            if let Some(seen) = &mut self.seen
                && !seen.iter().any(|known| *known == key)
                && (seen.len() < MOST_NAMES || self.fields.iter().any(|field| field.name == key))
            {
                seen.push(key.into_owned());
            }
        }
        Ok(values)
    }
}
