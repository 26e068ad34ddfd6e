//! Filled sheets: tables of rows in which people wrote labels.
//!
//! Columns are found by their names: `gold`, and `row` or `id`; `who`, `when`, `why` and `note` if they are
//! there. Lines without a label are rows that nobody has looked at.

use super::{Answer, AnswerError, Problem, label_studio, restored};
use crate::bounded::{self, WHOLE_FILE};
use std::path::Path;

/// What holds where a sheet does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Who answered.
    pub who: Option<String>,
    /// When, as in ISO 8601.
    pub when: Option<String>,
    /// What is noted as the source of each answer; the column `why` is added.
    pub source: String,
    /// Whether it is a gold file, in which `who` may be empty.
    pub(super) lenient: bool,
}

impl Defaults {
    /// Defaults for one sheet.
    ///
    /// # Errors
    /// When `when` is no date or time.
    pub fn new(
        who: Option<String>,
        when: Option<String>,
        source: impl Into<String>,
    ) -> Result<Self, String> {
        let trimmed = |text: String| text.trim().to_owned();
        let who = who.map(trimmed).filter(|who| !who.is_empty());
        let when = when.map(trimmed);
        match &when {
            Some(when) if crate::time::hour(when).is_none() => {
                Err(format!("`{when}` is no date; write one such as 2026-03-01"))
            }
            _ => Ok(Self { who, when, source: source.into(), lenient: false }),
        }
    }

    pub(super) fn of_gold_file() -> Self {
        Self { lenient: true, ..Self::default() }
    }
}

/// What a sheet held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sheet {
    /// The answers.
    pub answers: Vec<Answer>,
    /// Rows without an answer.
    pub open: usize,
}

/// A table of texts.
pub(super) struct Grid {
    pub(super) header: Vec<String>,
    /// The line of each row, and its cells.
    pub(super) rows: Vec<(u64, Vec<String>)>,
    /// What a line is called.
    pub(super) line: &'static str,
    /// Whether the file says nothing of who and when by itself, so that apostrophes are ours.
    pub(super) neutral: bool,
}

/// Reads a filled sheet: CSV, XLSX, or the JSON that Label Studio exports, by the ending of its name.
///
/// # Errors
/// [`AnswerError`] when it cannot be read, or with everything that is wrong in it.
pub fn read_sheet(path: &Path, defaults: &Defaults) -> Result<Sheet, AnswerError> {
    let name = path.display().to_string();
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let bytes = bounded::read(path, WHOLE_FILE)
        .map_err(|source| AnswerError::Io { path: name.clone(), source })?;
    let grid = match ending.as_deref() {
        Some("csv" | "tsv" | "txt") => csv_grid(&bytes, &name)?,
        Some("json") => return label_studio::read(&bytes, &name, defaults),
        #[cfg(feature = "xlsx")]
        Some("xlsx") => super::spreadsheet::grid(bytes, &name)?,
        #[cfg(not(feature = "xlsx"))]
        Some("xlsx") => {
            let message = "this program was built without the feature `xlsx`; save it as CSV";
            return Err(AnswerError::file(&name, message));
        }
        _ => {
            let message =
                "cannot tell the format from the name; use one of csv, xlsx, json (Label Studio)";
            return Err(AnswerError::file(&name, message));
        }
    };
    let answers = answers(&grid, &name, defaults)?;
    let open = grid.rows.len() - answers.len();
    Ok(Sheet { answers, open })
}

/// CSV with commas, semicolons or tabs, whichever makes a column `gold`: spreadsheet programs write what is
/// usual in their country.
pub(super) fn csv_grid(bytes: &[u8], path: &str) -> Result<Grid, AnswerError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| AnswerError::file(path, "it is not UTF-8; save it as CSV UTF-8"))?;
    let reader = |delimiter| {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes())
    };
    let header = |delimiter| -> Option<Vec<String>> {
        let record = reader(delimiter).into_records().next()?.ok()?;
        Some(record.iter().map(|name| name.trim().to_owned()).collect())
    };
    let fits = |delimiter: &u8| header(*delimiter).is_some_and(|h| h.iter().any(|n| n == "gold"));
    let delimiter = [b',', b';', b'\t'].into_iter().find(fits).unwrap_or(b',');
    let mut reader = reader(delimiter);
    let (mut names, mut rows) = (None, Vec::new());
    let mut record = csv::StringRecord::new();
    let mut lines = Lines { text: bytes, at: 0, line: 1 };
    loop {
        let more = reader.read_record(&mut record);
        if !more.map_err(|error| AnswerError::file(path, error))? {
            break;
        }
        lines.go_to(record.position().map_or(0, csv::Position::byte));
        let line = lines.line;
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        match names {
            None => names = Some(cells.iter().map(|name| name.trim().to_owned()).collect()),
            Some(_) => rows.push((line, cells)),
        }
    }
    let header = names.ok_or_else(|| AnswerError::file(path, "the file is empty"))?;
    Ok(Grid { header, rows, line: "line", neutral: true })
}

/// On which line a record begins: the parser's own count is one off after CR LF and blank lines.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// Goes to the first byte at or after a place that is not the end of a line.
    fn go_to(&mut self, place: u64) {
        let rest = self.text.get(self.at..).unwrap_or_default().iter();
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        for byte in rest {
            if self.at >= place && !b"\r\n".contains(byte) {
                break;
            }
            self.at += 1;
            self.line += u64::from(*byte == b'\n');
        }
    }
}

/// The answers of a table.
pub(super) fn answers(
    grid: &Grid,
    path: &str,
    defaults: &Defaults,
) -> Result<Vec<Answer>, AnswerError> {
    let column = |name: &str| grid.header.iter().position(|column| column == name);
    let missing = |what: &str| {
        let columns: Vec<String> = grid.header.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("there is no column {what}; the columns are {}", columns.join(", "));
        AnswerError::file(path, message)
    };
    let gold = column("gold").ok_or_else(|| missing("`gold`"))?;
    let (row, id) = (column("row"), column("id"));
    if row.is_none() && id.is_none() {
        return Err(missing("`row` or `id`"));
    }
    let [who, when, why, note, source] = ["who", "when", "why", "note", "source"].map(column);
    let (mut answers, mut problems) = (Vec::new(), Vec::new());
    for (line, cells) in &grid.rows {
        let cell = |column: Option<usize>| {
            let cell = column.and_then(|column| cells.get(column)).map_or("", String::as_str);
            if grid.neutral { restored(cell) } else { cell }
        };
        let label = cell(Some(gold)).trim();
        if label.is_empty() {
            continue;
        }
        let mut problem = |message: String| {
            problems.push(Problem { place: format!("{} {line}", grid.line), message });
        };
        let number = cell(row).trim();
        let number = match number.parse::<u64>() {
            Ok(number) => Some(number),
            Err(_) if number.is_empty() => None,
            Err(_) => {
                problem(format!("`{number}` is not the number of a row"));
                continue;
            }
        };
        let id = Some(cell(id)).filter(|id| !id.is_empty()).map(str::to_owned);
        if number.is_none() && id.is_none() {
            problem("an answer needs the number of its row, or its identifier".to_owned());
            continue;
        }
        let or = |cell: &str, default: &Option<String>| match cell.trim() {
            "" => default.clone().unwrap_or_default(),
            cell => cell.to_owned(),
        };
        let (who, when) = (or(cell(who), &defaults.who), or(cell(when), &defaults.when));
        if who.is_empty() && !defaults.lenient {
            problem("nobody is named as the one who answered; fill in `who`, or say --who".into());
            continue;
        }
        if !when.is_empty() && crate::time::hour(&when).is_none() {
            problem(format!("`{when}` is no date; write one such as 2026-03-01"));
            continue;
        }
        let source = match (cell(source), cell(why)) {
            ("", "") => defaults.source.clone(),
            ("", why) => format!("{} ({why})", defaults.source),
            (source, _) => source.to_owned(),
        };
        answers.push(Answer {
            row: number,
            id,
            who,
            when,
            gold: label.to_owned(),
            source,
            note: cell(note).to_owned(),
            line: *line,
        });
    }
    AnswerError::unless(path, problems, answers)
}
