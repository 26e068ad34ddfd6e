//! The label of each row from what several people said about it.

use super::{Answer, AnswerError, Answers, Problem, error::no_label};
use std::collections::{BTreeMap, BTreeSet};

/// The row that an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject<'a> {
    /// The row with this identifier.
    Id(&'a str),
    /// The row with this number, from 0.
    Row(u64),
}

/// What the answers come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decided<'a> {
    /// The label of each row on which one has more people than any other.
    pub labels: BTreeMap<Subject<'a>, &'a str>,
    /// Rows on which people differ; those that are tied have no label.
    pub disagreements: Vec<Disagreement<'a>>,
    /// The people.
    pub people: BTreeSet<&'a str>,
}

/// A row on which people differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disagreement<'a> {
    /// The row.
    pub subject: Subject<'a>,
    /// Who says what.
    pub answers: Vec<(&'a str, &'a str)>,
    /// Whether no label has more people than every other one.
    pub tied: bool,
}

impl Decided<'_> {
    /// Rows without a label, because people are tied.
    #[must_use]
    pub fn n_tied(&self) -> usize {
        self.disagreements.iter().filter(|one| one.tied).count()
    }
}

impl Answers {
    /// The answer of each person about each row that counts: the latest one, and of those that say no
    /// time, or the same, the last one in the file.
    #[must_use]
    pub fn current(&self) -> BTreeMap<Subject<'_>, BTreeMap<&str, &Answer>> {
        let mut current: BTreeMap<Subject<'_>, BTreeMap<&str, &Answer>> = BTreeMap::new();
        for answer in &self.all {
            let of_row = current.entry(answer.subject()).or_default();
            let kept = of_row.entry(&answer.who).or_insert(answer);
            if later(answer, kept) {
                *kept = answer;
            }
        }
        current
    }

    /// Puts the answers about each row to the vote: a voice each, and the label with the most voices.
    #[must_use]
    pub fn decide(&self) -> Decided<'_> {
        let mut decided = Decided::default();
        for (subject, of_row) in self.current() {
            let mut voices: BTreeMap<&str, usize> = BTreeMap::new();
            for (who, answer) in &of_row {
                *voices.entry(&answer.gold).or_default() += 1;
                decided.people.insert(who);
            }
            let most = voices.values().copied().max().unwrap_or(0);
            let mut winners = voices.iter().filter(|(_, n)| **n == most).map(|(label, _)| *label);
            let winner = winners.next().filter(|_| winners.next().is_none());
            if voices.len() > 1 {
                let answers = of_row.iter().map(|(who, answer)| (*who, answer.gold.as_str()));
                let (answers, tied) = (answers.collect(), winner.is_none());
                decided.disagreements.push(Disagreement { subject, answers, tied });
            }
            decided.labels.extend(winner.map(|label| (subject, label)));
        }
        decided
    }

    /// Checks that every answer names one of the labels.
    ///
    /// # Errors
    /// [`AnswerError::Problems`] with line, and the nearest label.
    pub fn check(&self, labels: &[String], path: &str) -> Result<(), AnswerError> {
        let wrong = self.all.iter().filter(|answer| !labels.contains(&answer.gold));
        let problems = wrong.map(|answer| Problem {
            place: format!("line {}", answer.line),
            message: no_label(&answer.gold, labels),
        });
        AnswerError::unless(path, problems.collect(), ())
    }
}

/// Whether an answer comes after another one, which stands before it.
pub(super) fn later(answer: &Answer, before: &Answer) -> bool {
    match (crate::time::hour(&answer.when), crate::time::hour(&before.when)) {
        (Some(one), Some(other)) if one != other => one > other,
        (Some(_), Some(_)) if answer.when.len() == before.when.len() => answer.when >= before.when,
        (None, Some(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(lines: &[(&str, &str, &str)]) -> Answers {
        let all = lines.iter().map(|&(who, when, gold)| Answer {
            row: Some(7),
            id: None,
            who: who.into(),
            when: when.into(),
            gold: gold.into(),
            source: String::new(),
            note: String::new(),
            line: 0,
        });
        Answers { all: all.collect() }
    }

    #[test]
    fn the_latest_answer_of_each_counts_and_the_most_win() {
        for (lines, label, differ) in [
            (vec![("ann", "", "a")], Some("a"), false),
            (vec![("ann", "2026-01-02", "a"), ("ann", "2026-01-01", "b")], Some("a"), false),
            (
                vec![("ann", "2026-01-01T10:00:00Z", "a"), ("ann", "2026-01-01T10:00:05Z", "b")],
                Some("b"),
                false,
            ),
            (vec![("ann", "2026-01-02", "a"), ("ann", "", "b")], Some("a"), false),
            (vec![("ann", "", "a"), ("ann", "", "b")], Some("b"), false),
            (vec![("ann", "", "a"), ("bob", "", "b")], None, true),
            (vec![("ann", "", "a"), ("bob", "", "b"), ("cy", "", "b")], Some("b"), true),
            (
                vec![("ann", "", "a"), ("bob", "", "b"), ("bob", "2026-01-01", "a")],
                Some("a"),
                false,
            ),
        ] {
            let answers = answers(&lines);
            let decided = answers.decide();
            assert_eq!(decided.labels.get(&Subject::Row(7)).copied(), label, "{lines:?}");
            assert_eq!(!decided.disagreements.is_empty(), differ, "{lines:?}");
            assert_eq!(decided.n_tied(), usize::from(label.is_none()), "{lines:?}");
        }
    }
}
