//! Rows as CSV; a missing value is an empty cell.

use super::{Added, Out, RowColumns, RowWriter, cells, text};
use std::io;

pub(in crate::output) fn start(columns: RowColumns, out: Out) -> Box<dyn RowWriter> {
    Box::new(Writer { columns, out: ::csv::Writer::from_writer(out), begun: false })
}

struct Writer {
    columns: RowColumns,
    out: ::csv::Writer<Out>,
    begun: bool,
}

impl Writer {
    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            let RowColumns { data, added } = &self.columns;
            self.out
                .write_record(data.iter().chain(added.iter().map(|(name, _)| name)))
                .map_err(failed)?;
        }
        Ok(())
    }
}

impl RowWriter for Writer {
    fn write(&mut self, row: &str, added: &[Added<'_>]) -> io::Result<()> {
        self.begin()?;
        for cell in cells(row, &self.columns.data)? {
            self.out.write_field(text(cell).unwrap_or_default()).map_err(failed)?;
        }
        for cell in added {
            let cell = match cell {
                Added::Whole(number) => number.to_string(),
                Added::Number(number) => number.to_string(),
                Added::Text(text) => (*text).to_owned(),
            };
            self.out.write_field(cell).map_err(failed)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(failed)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }
}

fn failed(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
