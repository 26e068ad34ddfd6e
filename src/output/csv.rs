//! Tables as CSV; a missing value is an empty cell.

use super::registry::{Format, Out, TableWriter};
use super::table::{Cell, Piece, Table};
use crate::input::Column;
use arrow_array::Array;
use std::io;

pub(super) static FORMAT: Format = Format {
    name: "csv",
    start: |table, out| {
        let out = ::csv::Writer::from_writer(out);
        Box::new(Writer { table, out, begun: false })
    },
};

struct Writer<'a> {
    table: &'a Table<'a>,
    out: ::csv::Writer<Out<'a>>,
    begun: bool,
}

impl TableWriter for Writer<'_> {
    fn write(&mut self, piece: &Piece) -> io::Result<()> {
        let out = &mut self.out;
        if !self.begun {
            out.write_record(self.table.names()).map_err(failed)?;
            self.begun = true;
        }
        for (row, &pattern) in piece.patterns.iter().enumerate() {
            match &piece.ids {
                Column::Text(ids) if ids.is_valid(row) => out.write_field(ids.value(row)),
                Column::Integer(ids) if ids.is_valid(row) => {
                    out.write_field(ids.value(row).to_string())
                }
                _ => out.write_field(""),
            }
            .map_err(failed)?;
            for cell in self.table.cells(pattern) {
                match cell {
                    Cell::Missing => out.write_field(""),
                    Cell::Text(text) => out.write_field(text),
                    Cell::Number(number) => out.write_field(number.to_string()),
                }
                .map_err(failed)?;
            }
            out.write_record(None::<&[u8]>).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn failed(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
