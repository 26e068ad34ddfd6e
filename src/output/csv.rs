//! Tables as CSV; a missing value is an empty cell.
//!
//! For programs every cell is as it is. For people, who open files in spreadsheet programs, cells that would be
//! taken for formulas are [marked](neutral).

use super::registry::{Format, Out, TableWriter};
use super::rows;
use super::table::{Cell, Piece, Table};
use crate::input::Column;
use crate::neutral::neutral;
use arrow_array::Array;
use std::io;

pub(super) static FORMAT: Format =
    Format { name: "csv", start: |table, out| Writer::boxed(table, out, false), rows: rows::csv };

/// For people.
pub(super) static SHEET: Format = Format {
    name: "sheet.csv",
    start: |table, out| Writer::boxed(table, out, true),
    rows: rows::csv,
};

struct Writer<'a> {
    table: &'a Table<'a>,
    out: ::csv::Writer<Out<'a>>,
    begun: bool,
    for_people: bool,
}

impl<'a> Writer<'a> {
    fn boxed(table: &'a Table<'a>, out: Out<'a>, for_people: bool) -> Box<dyn TableWriter + 'a> {
        let out = ::csv::Writer::from_writer(out);
        Box::new(Self { table, out, begun: false, for_people })
    }

    fn text(&mut self, cell: &str) -> io::Result<()> {
        let cell = if self.for_people { neutral(cell) } else { cell.into() };
        self.out.write_field(cell.as_bytes()).map_err(failed)
    }
}

impl TableWriter for Writer<'_> {
    fn write(&mut self, piece: &Piece) -> io::Result<()> {
        let table = self.table;
        if !self.begun {
            for name in table.names() {
                self.text(&name)?;
            }
            self.out.write_record(None::<&[u8]>).map_err(failed)?;
            self.begun = true;
        }
        for (row, &pattern) in piece.patterns.iter().enumerate() {
            match &piece.ids {
                Column::Text(ids) if ids.is_valid(row) => self.text(ids.value(row))?,
                // A number is no formula, whatever its sign.
                Column::Integer(ids) if ids.is_valid(row) => {
                    self.out.write_field(ids.value(row).to_string()).map_err(failed)?;
                }
                _ => self.text("")?,
            }
            for cell in table.cells(pattern) {
                match cell {
                    Cell::Missing => self.text("")?,
                    Cell::Text(text) => self.text(text)?,
                    Cell::Number(number) => {
                        self.out.write_field(number.to_string()).map_err(failed)?;
                    }
                    Cell::Whole(number) => {
                        self.out.write_field(number.to_string()).map_err(failed)?;
                    }
                }
            }
            self.out.write_record(None::<&[u8]>).map_err(failed)?;
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
