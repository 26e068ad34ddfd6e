//! Gold files: CSV with one answer a line.

use super::sheet::{Defaults, Grid, answers, csv_grid};
use super::{AnswerError, Answers, neutral};
use crate::bounded::{self, WHOLE_FILE};
use std::path::Path;

/// The columns of a gold file.
const COLUMNS: [&str; 7] = ["row", "id", "gold", "who", "when", "source", "note"];

impl Answers {
    /// Reads a gold file.
    ///
    /// # Errors
    /// [`AnswerError`] when it cannot be read, or with everything that is wrong in it.
    pub fn read(path: &Path) -> Result<Self, AnswerError> {
        let name = path.display().to_string();
        let bytes = bounded::read(path, WHOLE_FILE)
            .map_err(|source| AnswerError::Io { path: name.clone(), source })?;
        Self::parse(&bytes, &name)
    }

    /// A column of a file that gold files do not have: then it is another file, such as a sheet, and must not be
    /// replaced by a gold file.
    ///
    /// # Errors
    /// [`AnswerError`] when it cannot be read.
    pub fn foreign_column(path: &Path) -> Result<Option<String>, AnswerError> {
        let name = path.display().to_string();
        let bytes = bounded::read(path, WHOLE_FILE)
            .map_err(|source| AnswerError::Io { path: name.clone(), source })?;
        let header = csv_grid(&bytes, &name)?.header;
        Ok(header.into_iter().find(|column| !COLUMNS.contains(&column.as_str())))
    }

    /// Reads the bytes of a gold file; `path` is for messages.
    ///
    /// # Errors
    /// [`AnswerError`] with everything that is wrong.
    pub fn parse(bytes: &[u8], path: &str) -> Result<Self, AnswerError> {
        let grid: Grid = csv_grid(bytes, path)?;
        Ok(Self { all: answers(&grid, path, &Defaults::of_gold_file())? })
    }

    /// The gold file.
    ///
    /// # Errors
    /// When memory cannot be written, that is, never.
    pub fn to_csv(&self) -> Result<String, AnswerError> {
        let failed = |message: String| AnswerError::file("gold file", message);
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(COLUMNS).map_err(|error| failed(error.to_string()))?;
        for answer in &self.all {
            let row = answer.row.map(|row| row.to_string()).unwrap_or_default();
            let texts = [
                answer.id.as_deref().unwrap_or_default(),
                &answer.gold,
                &answer.who,
                &answer.when,
                &answer.source,
                &answer.note,
            ];
            let texts: Vec<_> = texts.into_iter().map(neutral).collect();
            let cells = std::iter::once(row.as_str()).chain(texts.iter().map(|text| &**text));
            csv.write_record(cells).map_err(|error| failed(error.to_string()))?;
        }
        let bytes = csv.into_inner().map_err(|error| failed(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
    }
}
