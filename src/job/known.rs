//! Known labels that a job takes from gold files instead of, or beside, a column of the data.

use super::{FileDigest, Job, hex};
use crate::FieldId;
use crate::answers::{AnswerError, Answers, Subject};
use crate::bounded::{self, WHOLE_FILE};
use crate::input::{Cells, Files, Filled, Overlay};
use crate::report::Privacy;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A gold file of a job.
#[derive(Debug, Clone)]
pub struct GoldFile {
    pub(super) record: GoldRecord,
    answers: Answers,
    cells: Arc<Cells>,
    /// Whether the data have the column too.
    pub(super) in_data: bool,
}

impl GoldFile {
    /// The copy that a run directory has. What people wrote beside their answers may quote rows.
    pub(super) fn copy(&self, privacy: Privacy) -> Result<String, AnswerError> {
        if privacy.is_full() {
            return self.answers.to_csv();
        }
        let mut answers = self.answers.clone();
        answers.all.iter_mut().for_each(|answer| answer.note.clear());
        answers.to_csv()
    }
}

/// What a run took from a gold file, for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GoldRecord {
    /// The file and its hash.
    #[serde(flatten)]
    pub file: FileDigest,
    /// Rows that it has a label for.
    pub labels: u64,
    /// Answers that these come from.
    pub answers: u64,
    /// Rows that have none because people are tied.
    pub tied: u64,
    /// Rows with a label that were chosen for their votes, and not drawn at random.
    #[serde(default)]
    pub hard_rows: u64,
    /// Who answered.
    pub who: Vec<String>,
}

/// What known labels are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To score against.
    Gold,
    /// To learn from.
    Learn,
}

/// The name that the column has where the data have none.
const COLUMN: &str = "gold";

impl Job {
    /// Takes known labels from a gold file; they go before those of a column of the data. Its
    /// [data](Self::data) have them then.
    ///
    /// # Errors
    /// [`AnswerError`] when it cannot be read, or names labels that do not exist.
    pub fn with_gold_file(mut self, path: &Path, what: Use) -> Result<Self, AnswerError> {
        let name = path.display().to_string();
        let text = bounded::read_text(path, WHOLE_FILE)
            .map_err(|source| AnswerError::Io { path: name.clone(), source })?;
        let answers = Answers::parse(text.as_bytes(), &name)?;
        answers.check(&self.lfs.names().classes, &name)?;
        let decided = answers.decide();
        let mut cells = Cells::default();
        for (subject, label) in &decided.labels {
            match subject {
                Subject::Id(id) => drop(cells.by_id.insert((*id).to_owned(), (*label).to_owned())),
                Subject::Row(row) => drop(cells.by_row.insert(*row, (*label).to_owned())),
            }
        }
        // An identifier says nothing of data that have none.
        if self.lfs.id().is_none() {
            for answer in &answers.all {
                if let (Some(row), Some(label)) =
                    (answer.row, decided.labels.get(&answer.subject()))
                {
                    cells.by_row.insert(row, (*label).to_owned());
                }
            }
        }
        // A row that anybody labeled after a draw was drawn.
        let mut hard: BTreeMap<Subject<'_>, bool> = BTreeMap::new();
        for answer in &answers.all {
            *hard.entry(answer.subject()).or_insert(true) &= answer.is_of_hard_row();
        }
        let labeled = |row: &&Subject<'_>| decided.labels.contains_key(row);
        let hard_rows = hard.iter().filter(|(_, hard)| **hard).map(|(row, _)| row);
        let hard_rows = hard_rows.filter(labeled).count();
        let record = GoldRecord {
            file: FileDigest { path: name, sha256: hex(&Sha256::digest(text.as_bytes())) },
            labels: decided.labels.len() as u64,
            answers: answers.all.len() as u64,
            tied: decided.n_tied() as u64,
            hard_rows: hard_rows as u64,
            who: decided.people.iter().map(|who| (*who).to_owned()).collect(),
        };
        let cells = Arc::new(cells);
        let column = match what {
            Use::Gold => self.lfs.gold(),
            Use::Learn => self.lfs.learn(),
        };
        let in_data = column.is_some();
        let file = Some(GoldFile { record, answers, cells, in_data });
        let column = Some(COLUMN.to_owned()).filter(|_| !in_data);
        match what {
            Use::Gold => {
                if column.is_some() {
                    self.lfs = self.lfs.with_gold(column);
                }
                self.gold_file = file;
            }
            Use::Learn => {
                if column.is_some() {
                    self.lfs = self.lfs.with_learn(column);
                }
                self.learn_file = file;
            }
        }
        Ok(self)
    }

    /// What was taken from a gold file.
    #[must_use]
    pub fn gold_record(&self, what: Use) -> Option<&GoldRecord> {
        let file = match what {
            Use::Gold => &self.gold_file,
            Use::Learn => &self.learn_file,
        };
        file.as_ref().map(|file| &file.record)
    }

    /// The data as the job reads them: with the labels of its gold files, if it has some.
    #[must_use]
    pub fn data<'a>(&self, files: &'a Files) -> Overlay<'a> {
        let [id, gold, learn, _] = self.lfs.extra_fields();
        let filled = [(gold, &self.gold_file), (learn, &self.learn_file)];
        let filled = filled.into_iter().filter_map(|(field, file)| {
            let GoldFile { cells, in_data, .. } = file.as_ref()?;
            Some(Filled { field: field?.index(), cells: cells.clone(), in_data: *in_data })
        });
        Overlay::new(files, id.map(FieldId::index), filled.collect())
    }

    /// The column of the data with known labels, which is none where only a gold file has them.
    pub(super) fn column_of(&self, what: Use) -> Option<String> {
        let (column, file) = match what {
            Use::Gold => (self.lfs.gold(), &self.gold_file),
            Use::Learn => (self.lfs.learn(), &self.learn_file),
        };
        column.filter(|_| file.as_ref().is_none_or(|file| file.in_data)).map(str::to_owned)
    }
}
