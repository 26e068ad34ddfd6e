//! Which rows to label by hand next, as a sheet for people to fill in.
//!
//! A [`Review`] is chosen from a finished run: from the distinct rows of votes, what the label model makes of
//! them, what a trained classifier says of the rows, and random numbers that belong to rows, so that the same run and seed always give the same rows.
//! What people write in the sheet comes back as [`answers`](crate::answers).

mod best;
mod choose;
mod csv;
mod error;
mod label_studio;
mod rows;
mod scores;
mod strategy;
mod taught;
#[cfg(feature = "xlsx")]
mod workbook;

pub use best::{Best, Rated};
pub use choose::{Basis, Chosen, Why, choose};
pub use error::ReviewError;
pub use label_studio::config;
pub(crate) use label_studio::{Layout, Task};
pub use scores::{
    Committee, conflict, disagreement, entropy, information, mutual_information, uncertainty,
};
pub use strategy::{Plan, Strategy};
pub use taught::{Taught, Teacher};

use crate::output::OutputError;
use crate::report::Privacy;

/// Rows to label by hand.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Review {
    /// The labels to choose from, in order.
    pub labels: Vec<String>,
    /// The columns that are shown; none where rows may not be shown.
    pub columns: Vec<String>,
    /// The rows, the most urgent first.
    pub rows: Vec<ReviewRow>,
    /// Rows that have a known label already, which were left out.
    pub labeled: u64,
    /// Rows that were chosen, and are no longer what was voted on.
    pub changed: usize,
    /// How much of the rows is shown.
    pub privacy: Privacy,
}

/// One row to label.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReviewRow {
    /// Its number, from 0.
    pub row: u64,
    /// Its identifier, where there are any and they may be shown.
    pub id: Option<String>,
    /// A text for each column; none where it is missing.
    pub cells: Vec<Option<String>>,
    /// Each labeling function that votes, and its vote.
    pub votes: Vec<(String, String)>,
    /// Its label, if it has one.
    pub label: Option<String>,
    /// How probable that is, or the most probable class.
    pub confidence: f64,
    /// Why it was chosen.
    pub why: Vec<Why>,
}

impl ReviewRow {
    /// The votes as one text.
    #[must_use]
    pub fn votes_in_words(&self) -> String {
        let votes = self.votes.iter().map(|(lf, vote)| format!("{lf}={vote}"));
        votes.collect::<Vec<_>>().join("; ")
    }

    /// The reasons as one text.
    #[must_use]
    pub fn why_in_words(&self) -> String {
        self.why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// A kind of sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SheetFormat {
    /// CSV.
    Csv,
    /// A spreadsheet, with a list of the labels to choose from.
    #[cfg(feature = "xlsx")]
    Xlsx,
    /// Tasks to import in Label Studio.
    LabelStudio,
}

impl SheetFormat {
    /// The kind that the ending of a file name says.
    ///
    /// # Errors
    /// [`OutputError::UnknownFormat`].
    pub fn of(path: &std::path::Path) -> Result<Self, OutputError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Self::Csv),
            #[cfg(feature = "xlsx")]
            Some("xlsx") => Ok(Self::Xlsx),
            Some("json") => Ok(Self::LabelStudio),
            _ => Err(OutputError::UnknownFormat {
                path: path.display().to_string(),
                endings: vec![
                    "csv",
                    #[cfg(feature = "xlsx")]
                    "xlsx",
                    "json",
                ],
            }),
        }
    }
}

impl Review {
    /// The sheet as a file.
    ///
    /// # Errors
    /// [`OutputError::Format`] when the format cannot hold it.
    pub fn to_bytes(&self, format: SheetFormat) -> Result<Vec<u8>, OutputError> {
        match format {
            SheetFormat::Csv => csv::write(self),
            #[cfg(feature = "xlsx")]
            SheetFormat::Xlsx => workbook::write(self),
            SheetFormat::LabelStudio => label_studio::tasks(self),
        }
    }

    /// The names of the columns of a sheet, those of the data between what is fixed.
    fn header(&self) -> Vec<String> {
        let data = self.columns.iter().map(|column| {
            let taken = BEFORE.iter().chain(&AFTER).any(|fixed| fixed == column);
            if taken { format!("{column} (data)") } else { column.clone() }
        });
        let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut header: Vec<String> = fixed(&BEFORE);
        header.extend(data);
        header.extend::<Vec<String>>(fixed(&AFTER));
        header
    }

    /// The cells of a row; those that people fill in are empty.
    fn cells(row: &ReviewRow) -> Vec<String> {
        let mut cells = vec![row.row.to_string(), row.id.clone().unwrap_or_default()];
        cells.extend(row.cells.iter().map(|cell| cell.clone().unwrap_or_default()));
        cells.push(row.votes_in_words());
        cells.push(row.label.clone().unwrap_or_default());
        cells.push(format!("{:.3}", row.confidence));
        cells.push(row.why_in_words());
        cells.resize(cells.len() + 4, String::new());
        cells
    }
}

/// The columns before those of the data.
const BEFORE: [&str; 2] = ["row", "id"];
/// The columns after them; the last four are to be filled in.
const AFTER: [&str; 8] = ["votes", "label", "confidence", "why", "gold", "who", "when", "note"];
