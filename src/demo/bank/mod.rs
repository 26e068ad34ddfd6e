//! The bank of presentations: what brings patients in, and how often for each class.

mod immediate;
mod routine;
mod shared;
mod urgent;

use super::class::Class;
use super::random::Random;

/// Who comes with a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Any age.
    Anyone,
    /// 16 to 90 years.
    Adult,
    /// 45 to 94 years.
    Older,
    /// 0 to 2 years.
    Infant,
    /// 2 to 12 years.
    Child,
    /// A woman of 17 to 44 years.
    Woman,
    /// A boy or man of 12 to 60 years.
    Man,
}

/// One kind of visit.
pub(super) struct Presentation {
    /// How often immediate, urgent and routine patients come with it, relative to the others.
    pub(super) weights: [u32; 3],
    /// Who comes with it.
    pub(super) who: Who,
    /// Templates of the complaint. One that begins with `~` names a complaint and can follow
    /// words such as "c/o"; the others stand for themselves.
    pub(super) wordings: &'static [&'static str],
}

/// Shortens the tables.
const fn visit(weights: [u32; 3], who: Who, wordings: &'static [&'static str]) -> Presentation {
    Presentation { weights, who, wordings }
}

/// Draws a presentation for a class.
pub(super) fn draw(class: Class, random: &mut Random) -> Option<&'static Presentation> {
    let all = || {
        let tables = [immediate::TABLE, urgent::TABLE, routine::TABLE, shared::TABLE];
        tables.into_iter().flatten()
    };
    let index = random.weighted(all().map(|presentation| class.of(presentation.weights)));
    all().nth(index)
}
