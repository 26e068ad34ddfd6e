//! XLSX files that were filled in; the only file that knows calamine.

use super::sheet::Grid;
use super::{AnswerError, archive};
use crate::bounded::{MEGABYTE, WHOLE_FILE};
use calamine::{Data, Reader, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The first sheet that has a column `gold`, or else the first one.
pub(super) fn grid(bytes: Vec<u8>, path: &str) -> Result<Grid, AnswerError> {
    let damaged = |what: &dyn std::fmt::Display| {
        AnswerError::file(path, format!("it is not an XLSX file that can be read: {what}"))
    };
    match archive::fits(&bytes, WHOLE_FILE) {
        Some(true) => {}
        Some(false) => return Err(too_large(path)),
        None => return Err(damaged(&"it is no zip archive, or an unusual one")),
    }
    // The reader panics on some damaged files.
    let read = catch_unwind(AssertUnwindSafe(|| sheets(bytes)));
    let sheets = read.map_err(|_| damaged(&"its parts contradict each other"))?;
    let mut grids = sheets.map_err(|error| damaged(&error))?.ok_or_else(|| too_large(path))?;
    let wanted = grids.iter().position(|grid| grid.header.iter().any(|name| name == "gold"));
    let empty = || AnswerError::file(path, "the file is empty");
    let at = wanted.unwrap_or(0);
    if at < grids.len() { Ok(grids.swap_remove(at)) } else { Err(empty()) }
}

fn too_large(path: &str) -> AnswerError {
    let most = WHOLE_FILE / MEGABYTE;
    let message = format!("unpacked it is larger than {most} megabytes; save the sheet as CSV");
    AnswerError::file(path, message)
}

/// All sheets with something in them; `None` if there is too much.
///
/// Cells are taken as they stand in the file: a sheet may say that it ends at a cell far away, and
/// everything before it would have to be made up.
fn sheets(bytes: Vec<u8>) -> Result<Option<Vec<Grid>>, XlsxError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    let mut left = WHOLE_FILE;
    let mut grids = Vec::new();
    for name in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&name)?;
        let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
        while let Some(cell) = cells.next_cell()? {
            let (row, column) = cell.get_position();
            let text = text(&Data::from(cell.get_value().clone()));
            let Some(rest) = left.checked_sub(text.len() + CELL) else { return Ok(None) };
            left = rest;
            if !text.is_empty() {
                rows.entry(row).or_default().insert(column, text);
            }
        }
        let Some((_, header)) = rows.pop_first() else { continue };
        // Cells beyond the header have no name.
        let n = header.keys().next_back().map_or(0, |&last| last + 1);
        let in_order = |row: BTreeMap<u32, String>| -> Vec<String> {
            let mut cells = vec![String::new(); n.min(COLUMNS) as usize];
            for (column, text) in row {
                if let Some(cell) = cells.get_mut(column as usize) {
                    *cell = text;
                }
            }
            cells
        };
        left = match left.checked_sub(rows.len() * n.min(COLUMNS) as usize * size_of::<String>()) {
            Some(rest) => rest,
            None => return Ok(None),
        };
        let header = in_order(header).iter().map(|name| name.trim().to_owned()).collect();
        let rows = rows.into_iter().map(|(at, row)| (u64::from(at) + 1, in_order(row))).collect();
        grids.push(Grid { header, rows, line: "row", neutral: false });
    }
    Ok(Some(grids))
}

/// What a cell takes beside its text, in bytes, and the most columns that the format knows.
const CELL: usize = 64;
const COLUMNS: u32 = 16_384;

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
