//! XLSX files that were filled in; the only file that knows calamine.

use super::AnswerError;
use super::sheet::Grid;
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;

/// The first sheet that has a column `gold`, or else the first one.
pub(super) fn grid(bytes: Vec<u8>, path: &str) -> Result<Grid, AnswerError> {
    let damaged = |error: calamine::XlsxError| {
        AnswerError::file(path, format!("it is not an XLSX file that can be read: {error}"))
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut grids = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(damaged)?;
        let first = range.start().map_or(0, |(row, _)| u64::from(row));
        let mut rows = range.rows().map(|row| row.iter().map(text).collect::<Vec<String>>());
        let Some(header) = rows.next() else { continue };
        let header = header.into_iter().map(|name| name.trim().to_owned()).collect();
        let rows = rows.enumerate().map(|(at, cells)| (first + at as u64 + 2, cells)).collect();
        grids.push(Grid { header, rows, line: "row", neutral: false });
    }
    let wanted = grids.iter().position(|grid| grid.header.iter().any(|name| name == "gold"));
    let empty = || AnswerError::file(path, "the file is empty");
    let at = wanted.unwrap_or(0);
    if at < grids.len() { Ok(grids.swap_remove(at)) } else { Err(empty()) }
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        // Programs make dates of what looks like one.
        Data::DateTime(time) => {
            let days = time.as_f64();
            // Day 25,569 of spreadsheets is 1970-01-01.
            let seconds = ((days - 25_569.0) * 86_400.0).round();
            crate::time::iso(seconds as i64, false)
        }
        other => other.to_string(),
    }
}
