//! Sheets as CSV; cells that a spreadsheet program would run as formulas are made harmless.

use super::Review;
use crate::answers::neutral;
use crate::output::OutputError;

pub(super) fn write(review: &Review) -> Result<Vec<u8>, OutputError> {
    let failed = |message: String| OutputError::Format { path: "CSV".to_owned(), message };
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    let header = review.header();
    csv.write_record(header.iter().map(|name| neutral(name).into_owned()))
        .map_err(|error| failed(error.to_string()))?;
    for row in &review.rows {
        let cells = Review::cells(row);
        csv.write_record(cells.iter().map(|cell| neutral(cell).into_owned()))
            .map_err(|error| failed(error.to_string()))?;
    }
    csv.into_inner().map_err(|error| failed(error.to_string()))
}
