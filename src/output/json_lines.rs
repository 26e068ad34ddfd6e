//! Tables as JSON Lines: one object a row; a missing value is `null`.

use super::registry::{Format, Out, TableWriter};
use super::rows;
use super::table::{Cell, Piece, Table};
use crate::input::Column;
use arrow_array::Array;
use serde_json::Value;
use std::io::{self, Write};

pub(super) static FORMAT: Format = Format {
    name: "jsonl",
    start: |table, out| {
        let keys = table.names().into_iter().map(|name| Value::from(name).to_string());
        Box::new(Writer { table, keys: keys.collect(), out, line: Vec::new() })
    },
    rows: rows::json_lines,
};

struct Writer<'a> {
    table: &'a Table<'a>,
    /// The names of the columns as JSON.
    keys: Vec<String>,
    out: Out<'a>,
    line: Vec<u8>,
}

impl TableWriter for Writer<'_> {
    fn write(&mut self, piece: &Piece) -> io::Result<()> {
        for (row, &pattern) in piece.patterns.iter().enumerate() {
            let id = match &piece.ids {
                Column::Text(ids) if ids.is_valid(row) => Value::from(ids.value(row)),
                Column::Integer(ids) if ids.is_valid(row) => Value::from(ids.value(row)),
                _ => Value::Null,
            };
            self.line.clear();
            write!(self.line, "{{{}:{id}", self.keys[0])?;
            for (key, cell) in self.keys[1..].iter().zip(self.table.cells(pattern)) {
                write!(self.line, ",{key}:")?;
                match cell {
                    Cell::Missing => self.line.extend(b"null"),
                    Cell::Text(text) => serde_json::to_writer(&mut self.line, text)?,
                    Cell::Number(number) => serde_json::to_writer(&mut self.line, &number)?,
                    Cell::Whole(number) => serde_json::to_writer(&mut self.line, &number)?,
                }
            }
            self.line.extend(b"}\n");
            self.out.write_all(&self.line)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(())
    }
}
