//! Sheets as XLSX; the only file that knows `rust_xlsxwriter`.

use super::{BEFORE, Review};
use crate::output::OutputError;
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Workbook, XlsxError};

/// Characters that fit in a cell.
const LONGEST: usize = 32_767;
/// Characters of a list of choices that Excel takes in the rule itself; longer ones go to a sheet.
const LIST: usize = 255;
/// Columns that are filled in, at the end: `gold`, `who`, `when`, `note`.
const TO_FILL: usize = 4;

pub(super) fn write(review: &Review) -> Result<Vec<u8>, OutputError> {
    book(review).map_err(|error| OutputError::Format {
        path: "XLSX".to_owned(),
        message: error.to_string(),
    })
}

fn book(review: &Review) -> Result<Vec<u8>, XlsxError> {
    let header = review.header();
    let gold = header.len() - TO_FILL;
    let mut book = Workbook::new();
    // Without it the file would say when it was made, and differ each time.
    let epoch = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&epoch));
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let to_fill = wrapped.clone().set_background_color(0x00FF_F7D6);
    let sheet = book.add_worksheet().set_name("rows")?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, name) in header.iter().enumerate() {
        let column = at as u16;
        sheet.write_string_with_format(0, column, name, &bold)?;
        let data = BEFORE.len()..BEFORE.len() + review.columns.len();
        let width = match name.as_str() {
            _ if data.contains(&at) => width(review, at - BEFORE.len()),
            "votes" | "why" | "note" => 30.0,
            "row" | "confidence" => 11.0,
            _ => 16.0,
        };
        sheet.set_column_width(column, width)?;
        let format = if at < gold { &wrapped } else { &to_fill };
        sheet.set_column_format(column, format)?;
    }
    for (at, row) in review.rows.iter().enumerate() {
        let line = at as u32 + 1;
        for (column, cell) in Review::cells(row).iter().enumerate() {
            let format = if column < gold { &wrapped } else { &to_fill };
            let column = column as u16;
            match header[usize::from(column)].as_str() {
                _ if cell.is_empty() => {
                    sheet.write_blank(line, column, format)?;
                }
                "row" if usize::from(column) == 0 => {
                    sheet.write_number_with_format(line, column, row.row as f64, format)?;
                }
                "confidence" if usize::from(column) == gold - 2 => {
                    let rounded = (row.confidence * 1e3).round() / 1e3;
                    sheet.write_number_with_format(line, column, rounded, format)?;
                }
                // Text is never taken for a formula here.
                _ => {
                    sheet.write_string_with_format(line, column, shorten(cell), format)?;
                }
            }
        }
    }
    let last = (review.rows.len() as u32).max(1);
    let length: usize = review.labels.iter().map(|label| label.chars().count() + 1).sum();
    let short = length <= LIST && !review.labels.iter().any(|label| label.contains(','));
    let choice = if short {
        DataValidation::new().allow_list_strings(&review.labels)?
    } else {
        let range = format!("=labels!$A$1:$A${}", review.labels.len());
        DataValidation::new().allow_list_formula(range.as_str().into())
    };
    let choice =
        choice.set_error_title("Not a label")?.set_error_message("Choose one of the list.")?;
    sheet.add_data_validation(1, gold as u16, last, gold as u16, &choice)?;
    if !short {
        let labels = book.add_worksheet().set_name("labels")?;
        for (at, label) in review.labels.iter().enumerate() {
            labels.write_string(at as u32, 0, label)?;
        }
    }
    book.save_to_buffer()
}

/// Wide enough for the longest cell of a column, or for a line of a text.
fn width(review: &Review, column: usize) -> f64 {
    let cells = review.rows.iter().filter_map(|row| row.cells.get(column)?.as_deref());
    let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
    (longest + 2).clamp(12, 60) as f64
}

fn shorten(cell: &str) -> String {
    if cell.chars().count() <= LONGEST {
        return cell.to_owned();
    }
    cell.chars().take(LONGEST - 1).chain(['…']).collect()
}
