//! Tables as CSV; a missing value is an empty cell.

use super::registry::{Format, Pieces};
use crate::input::Column;
use arrow_array::Array;
use std::io::Write;

pub(super) static FORMAT: Format = Format { name: "csv", write };

fn write(
    names: &[String],
    pieces: Pieces<'_>,
    out: &mut (dyn Write + Send),
) -> std::io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    writer.write_record(names).map_err(io)?;
    while let Some(columns) = pieces() {
        let n_rows = columns.first().map_or(0, Column::len);
        for row in 0..n_rows {
            for column in &columns {
                match column {
                    Column::Text(array) if array.is_valid(row) => {
                        writer.write_field(array.value(row)).map_err(io)?;
                    }
                    Column::Number(array) if array.is_valid(row) => {
                        writer.write_field(array.value(row).to_string()).map_err(io)?;
                    }
                    Column::Integer(array) if array.is_valid(row) => {
                        writer.write_field(array.value(row).to_string()).map_err(io)?;
                    }
                    _ => writer.write_field("").map_err(io)?,
                }
            }
            writer.write_record(None::<&[u8]>).map_err(io)?;
        }
    }
    writer.flush()
}

fn io(error: ::csv::Error) -> std::io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}
