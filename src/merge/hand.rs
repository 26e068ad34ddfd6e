//! Hand labels as a source: what the people of a gold file decided, row by row.

use super::MergeError;
use crate::answers::{Answer, Answers, Subject};

/// Labels that people gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandLabels {
    /// The gold file, as it was named.
    pub name: String,
    /// What people said.
    pub answers: Answers,
}

/// The label that people gave a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HandLabel {
    /// The identifier, or the number as text.
    pub(super) key: String,
    pub(super) label: String,
    /// Who said so.
    pub(super) who: String,
    /// The latest time at which somebody did; may be empty.
    pub(super) when: String,
}

impl HandLabels {
    /// Whether answers can be found by identifier, or by number.
    pub(super) fn has(&self, ids: bool) -> bool {
        let named = |answer: &Answer| if ids { answer.id.is_some() } else { answer.row.is_some() };
        self.answers.all.iter().all(named)
    }

    /// One label a row, decided by the majority of the people, with rows named by identifier or by number; and on
    /// how many rows they are tied, which have none.
    pub(super) fn decided(&self, ids: bool) -> Result<(Vec<HandLabel>, u64), MergeError> {
        let wanted = if ids { "identifier" } else { "number" };
        let mut answers = self.answers.clone();
        for answer in &mut answers.all {
            let missing = if ids { answer.id.is_none() } else { answer.row.is_none() };
            if missing {
                let (path, line) = (self.name.clone(), answer.line);
                return Err(MergeError::NoKey { path, line, wanted });
            }
            if !ids {
                answer.id = None;
            }
        }
        let decided = answers.decide();
        let current = answers.current();
        let label = |(subject, label): (&Subject<'_>, &&str)| {
            let said = current.get(subject).into_iter().flat_map(|people| people.iter());
            let said: Vec<(&str, &Answer)> = said
                .filter(|(_, answer)| answer.gold == **label)
                .map(|(who, answer)| (*who, *answer))
                .collect();
            let who: Vec<&str> =
                said.iter().map(|(who, _)| *who).filter(|who| !who.is_empty()).collect();
            let times = said.iter().map(|(_, answer)| answer.when.as_str());
            HandLabel {
                key: match subject {
                    Subject::Id(id) => (*id).to_owned(),
                    Subject::Row(row) => row.to_string(),
                },
                label: (*label).to_owned(),
                who: who.join(", "),
                when: latest(times).to_owned(),
            }
        };
        let labels = decided.labels.iter().map(label).collect();
        Ok((labels, decided.n_tied() as u64))
    }
}

/// The latest of some times; those that are none come first.
pub(super) fn latest<'a>(times: impl Iterator<Item = &'a str>) -> &'a str {
    times.max_by_key(|when| crate::time::instant(when)).unwrap_or_default()
}
