//! What conditions say about the rows of a batch.

use crate::ChoiceId;

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

/// The answers of all conditions on the rows of one batch: a column a slot.
pub(crate) struct Answers {
    n_rows: usize,
    cells: Vec<Answer>,
}

impl Answers {
    pub(crate) fn new(n_slots: usize, n_rows: usize) -> Self {
        Self { n_rows, cells: vec![Answer::NO; n_slots * n_rows] }
    }

    pub(crate) fn column_mut(&mut self, slot: Slot) -> &mut [Answer] {
        &mut self.cells[slot.0 * self.n_rows..(slot.0 + 1) * self.n_rows]
    }

    pub(crate) fn set(&mut self, slot: Slot, row: usize, answer: Answer) {
        self.cells[slot.0 * self.n_rows + row] = answer;
    }

    pub(crate) fn get(&self, slot: Slot, row: usize) -> Answer {
        self.cells[slot.0 * self.n_rows + row]
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
