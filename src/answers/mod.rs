//! Answers of people about rows: which label, who said so, and when. They are kept in gold files.
//!
//! A gold file is CSV with the columns `row,id,gold,who,when,source,note`, one line an answer, in the order
//! of the rows; `row` is the number of a row from 0, and one of `row` and `id` may be empty. Nothing is
//! ever removed by [`merge`](Answers::merge): of several answers of a person about a row the latest one
//! counts, and the others say what was thought before. What several people say is put to the vote by
//! [`decide`](Answers::decide).

#[cfg(feature = "xlsx")]
mod archive;
mod decide;
mod error;
mod file;
mod label_studio;
mod merge;
mod sheet;
#[cfg(feature = "xlsx")]
mod spreadsheet;

pub use crate::neutral::{neutral, restored};
pub use decide::{Decided, Disagreement, Subject};
pub use error::{AnswerError, Problem};
pub use merge::Merged;
pub use sheet::{Defaults, Sheet, read_sheet};

/// What one person said about one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// The number of the row, from 0.
    pub row: Option<u64>,
    /// Its identifier; goes before the number.
    pub id: Option<String>,
    /// Who said so.
    pub who: String,
    /// When: a date, or a date and a time, as in ISO 8601; may be empty.
    pub when: String,
    /// The label.
    pub gold: String,
    /// Where the answer came from: a file, and why the row had been chosen.
    pub source: String,
    /// What the person wrote beside it.
    pub note: String,
    /// The line of the file that it stands in, from 1; 0 for an answer that was not read.
    pub line: u64,
}

impl Answer {
    /// The row that it is about.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        match (&self.id, self.row) {
            (Some(id), _) => Subject::Id(id),
            (None, Some(row)) => Subject::Row(row),
            (None, None) => Subject::Id(""),
        }
    }
}

/// Reasons for which a row is chosen because of its votes or what a classifier says, and not drawn at random.
const BY_VOTES: [&str; 5] =
    ["uncertain", "conflicting", "committee", "information", "disagreement"];

impl Answer {
    /// Whether the row was chosen because it is hard, and for nothing else, as its source says: labels of such rows make
    /// precisions and accuracies look worse than they are.
    #[must_use]
    pub fn is_of_hard_row(&self) -> bool {
        let why = self.source.strip_suffix(')').and_then(|source| source.rsplit_once(" ("));
        let by_votes = |reason: &str| BY_VOTES.iter().any(|name| reason.starts_with(name));
        why.is_some_and(|(_, why)| why.split("; ").all(by_votes))
    }
}

/// The answers of a gold file, in its order.
///
/// ```
/// use jurat::answers::{Answers, Subject};
/// let file = "row,id,gold,who,when\n3,c,spam,ann,2026-03-01\n3,c,ham,ann,2026-03-02\n";
/// let answers = Answers::parse(file.as_bytes(), "gold.csv")?;
/// let decided = answers.decide();
/// assert_eq!(decided.labels[&Subject::Id("c")], "ham");
/// # Ok::<(), jurat::answers::AnswerError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The answers.
    pub all: Vec<Answer>,
}
