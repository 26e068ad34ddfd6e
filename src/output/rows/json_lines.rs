//! Rows as JSON Lines: objects stay as they were written, with the added keys at the end.

use super::{Added, Out, RowColumns, RowWriter, cells};
use serde_json::{Map, Value};
use std::io::{self, Write};

pub(in crate::output) fn start(columns: RowColumns, out: Out) -> Box<dyn RowWriter> {
    let key = |name: &String| Value::from(name.as_str()).to_string();
    let data = columns.data.iter().map(key).collect();
    let added = columns.added.iter().map(|(name, _)| key(name)).collect();
    Box::new(Writer { columns, data, added, out, line: Vec::new() })
}

struct Writer {
    columns: RowColumns,
    /// The names of the columns as JSON.
    data: Vec<String>,
    added: Vec<String>,
    out: Out,
    line: Vec<u8>,
}

impl RowWriter for Writer {
    fn write(&mut self, row: &str, added: &[Added<'_>]) -> io::Result<()> {
        self.line.clear();
        if let Some(object) = row.strip_suffix('}') {
            self.check(row)?;
            self.line.extend(object.trim_end().as_bytes());
        } else {
            self.line.push(b'{');
            for (key, cell) in self.data.iter().zip(cells(row, &self.columns.data)?) {
                separate(&mut self.line);
                write!(self.line, "{key}:{cell}")?;
            }
        }
        for (key, cell) in self.added.iter().zip(added) {
            separate(&mut self.line);
            match cell {
                Added::Whole(number) => write!(self.line, "{key}:{number}")?,
                Added::Number(number) => write!(self.line, "{key}:{}", Value::from(*number))?,
                Added::Text(text) => write!(self.line, "{key}:{}", Value::from(*text))?,
            }
        }
        self.line.extend(b"}\n");
        self.out.write_all(&self.line)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

impl Writer {
    /// Only the keys of the first rows were known before.
    fn check(&self, row: &str) -> io::Result<()> {
        if !self.added.iter().any(|key| row.contains(key.as_str())) {
            return Ok(());
        }
        let object: Map<String, Value> = serde_json::from_str(row)?;
        let names = self.columns.added.iter().map(|(name, _)| name);
        match names.into_iter().find(|name| object.contains_key(name.as_str())) {
            None => Ok(()),
            Some(name) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "a row has a key `{name}` already; say --prefix to put a text before the names of added columns"
                ),
            )),
        }
    }
}

/// A comma, unless the object has no keys yet.
fn separate(line: &mut Vec<u8>) {
    if line.last() != Some(&b'{') {
        line.push(b',');
    }
}
