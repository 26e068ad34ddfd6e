//! The three classes of the example.

use super::random::Random;

/// How soon a patient must be seen. The class of a note is drawn first; all else follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Life or limb is in danger now.
    Immediate,
    /// Must be seen soon.
    Urgent,
    /// Can wait.
    Routine,
}

impl Class {
    /// Draws a class: about 10, 32 and 58 percent of the notes.
    pub(super) fn draw(random: &mut Random) -> Self {
        match random.below(100) {
            0..10 => Self::Immediate,
            10..42 => Self::Urgent,
            _ => Self::Routine,
        }
    }

    /// The name in the column `triage` and in the spec.
    pub(super) fn name(self) -> &'static str {
        self.of(["immediate", "urgent", "routine"])
    }

    /// The value for this class among three, in the order immediate, urgent, routine.
    pub(super) fn of<T>(self, values: [T; 3]) -> T {
        let [immediate, urgent, routine] = values;
        match self {
            Self::Immediate => immediate,
            Self::Urgent => urgent,
            Self::Routine => routine,
        }
    }
}
