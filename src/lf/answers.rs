//! What conditions say about the rows of a batch.

use crate::{ChoiceId, LfId, Vote};

/// Where a condition's answers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) usize);

/// A condition's answer on one row, in the three-valued logic of Kleene.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer(u16);

impl Answer {
    /// It does not hold.
    pub(crate) const NO: Self = Self(0);
    /// Its cell is missing.
    pub(crate) const MISSING: Self = Self(1);
    /// It holds.
    pub(crate) const YES: Self = Self(2);

    const LABELS: u16 = 3;

    /// It holds and names a label, or what else to vote.
    pub(crate) fn label(choice: impl Into<ChoiceId>) -> Self {
        Self(Self::LABELS + choice.into().index() as u16)
    }

    /// It holds, or it does not.
    pub(crate) fn from_truth(truth: bool) -> Self {
        if truth { Self::YES } else { Self::NO }
    }

    /// Whether it holds.
    pub(crate) fn holds(self) -> bool {
        self.0 >= Self::YES.0
    }

    /// What it says to vote.
    pub(crate) fn choice(self) -> Option<ChoiceId> {
        self.0.checked_sub(Self::LABELS).and_then(|choice| ChoiceId::new(usize::from(choice)))
    }
}

/// Who reads the answers of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Nobody.
    Nobody,
    /// Other conditions, or a labeling function with several: they stand in this column.
    Column(usize),
    /// One labeling function, whose votes they are; with this label where they name none.
    Lf(LfId, Option<ChoiceId>),
}

/// The answers of all conditions on the rows of one batch.
///
/// Most conditions are the only one of a labeling function and hold on few rows: their answers are kept
/// as a list of votes, so that thousands of them cost what they vote. The others have a column each.
pub(crate) struct Answers<'a> {
    n_rows: usize,
    readers: &'a [Reader],
    cells: Vec<Answer>,
    votes: Vec<(u32, Vote)>,
    missing: Vec<u64>,
}

impl<'a> Answers<'a> {
    /// No condition holds on any of the rows yet; for `n_lfs` labeling functions.
    pub(crate) fn new(readers: &'a [Reader], n_lfs: usize, n_rows: usize) -> Self {
        let columns = readers.iter().map(|reader| match reader {
            Reader::Column(column) => column + 1,
            _ => 0,
        });
        let n_columns = columns.max().unwrap_or(0);
        let cells = vec![Answer::NO; n_columns * n_rows];
        Self { n_rows, readers, cells, votes: Vec::new(), missing: vec![0; n_lfs] }
    }

    /// Sets an answer; only once for a condition and row, and not at all where it does not hold.
    pub(crate) fn set(&mut self, slot: Slot, row: usize, answer: Answer) {
        match self.readers[slot.0] {
            Reader::Nobody => {}
            Reader::Column(column) => self.cells[column * self.n_rows + row] = answer,
            Reader::Lf(lf, _) if answer == Answer::MISSING => self.missing[lf.index()] += 1,
            Reader::Lf(lf, label) => {
                if let Some(choice) = answer.choice().or(label.filter(|_| answer.holds())) {
                    self.votes.push((row as u32, Vote { lf, choice }));
                }
            }
        }
    }

    /// The answer of a condition that has a column.
    pub(crate) fn get(&self, slot: Slot, row: usize) -> Answer {
        match self.readers[slot.0] {
            Reader::Column(column) => self.cells[column * self.n_rows + row],
            _ => Answer::NO,
        }
    }

    /// The votes, each with its row, and the rows on which each labeling function abstained because a
    /// cell was missing.
    pub(crate) fn into_votes(self) -> (Vec<(u32, Vote)>, Vec<u64>) {
        (self.votes, self.missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_survive_up_to_the_last_one() {
        for index in [0, 1, ChoiceId::LIMIT - 1] {
            let choice = ChoiceId::new(index).expect("in range");
            assert_eq!(Answer::label(choice).choice(), Some(choice));
            assert!(Answer::label(choice).holds());
        }
        assert_eq!(Answer::YES.choice(), None);
        assert!(!Answer::MISSING.holds() && !Answer::NO.holds());
    }
}
