//! Texts that are in more than one part of a split: what is learned from one is then known in the other.
//!
//! Texts are equal when they are in the form in which keywords are compared (Unicode normal form C, case
//! folded), blanks counted as one; and nearly equal when their letters are, without digits, punctuation and
//! blanks, as in messages from one template. Kept of each text are a hash of 64 bits, its first row and how many there
//! are, some 30 bytes for each of the two comparisons.

use super::Part;
use crate::lf::{Case, fold};
use std::collections::HashMap;
use twox_hash::XxHash3_64;

/// When two texts count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alike {
    /// Equal but for case, the way letters are composed, and blanks.
    Exact,
    /// Equal letters, whatever digits, punctuation and blanks are between them.
    Near,
}

impl Alike {
    /// The hash that alike texts share, `None` for texts without anything to compare.
    pub(super) fn hash(self, text: &str, seed: u64) -> Option<u64> {
        let folded = fold(text, Case::Insensitive);
        let normal = match self {
            Self::Exact => folded.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Near => folded.chars().filter(|letter| letter.is_alphabetic()).collect(),
        };
        (!normal.is_empty()).then(|| XxHash3_64::oneshot_with_seed(seed, normal.as_bytes()))
    }
}

/// Two rows in different parts with texts that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicatePair {
    /// How their texts are alike.
    pub alike: Alike,
    /// The first row with such a text, from 0, and its part.
    pub first: (u64, Part),
    /// The row, from 0, and its part.
    pub second: (u64, Part),
}

/// How many texts are in more than one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicateReport {
    /// Texts in more than one part, and all rows that have them.
    pub exact: (u64, u64),
    /// The same with texts that are nearly equal; equal ones are among them if they have letters.
    pub near: (u64, u64),
    /// The first of them, equal ones first.
    pub pairs: Vec<DuplicatePair>,
}

impl DuplicateReport {
    /// Whether any text is in two parts.
    #[must_use]
    pub fn found(&self) -> bool {
        self.exact.0 + self.near.0 > 0
    }
}

/// What is known of a text.
struct Seen {
    row: u64,
    rows: u32,
    part: Part,
    /// The parts it is in, a bit each.
    parts: u8,
}

/// Looks for texts in more than one part.
#[derive(Default)]
pub struct Duplicates {
    exact: HashMap<u64, Seen>,
    near: HashMap<u64, Seen>,
    pairs: [Vec<DuplicatePair>; 2],
}

/// Pairs that are kept of each kind, to be shown.
const SHOWN: usize = 10;

impl Duplicates {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the text of a row; rows without a text are no duplicates.
    pub fn add(&mut self, row: u64, part: Part, text: Option<&str>) {
        let Some(text) = text else { return };
        let second = (row, part);
        let exact = Alike::Exact.hash(text, 0).and_then(|hash| see(&mut self.exact, hash, second));
        let near = Alike::Near.hash(text, 0).and_then(|hash| see(&mut self.near, hash, second));
        let found = exact.map(|first| (Alike::Exact, first));
        let found = found.or_else(|| near.map(|first| (Alike::Near, first)));
        if let Some((alike, first)) = found {
            let pairs = &mut self.pairs[usize::from(alike == Alike::Near)];
            if pairs.len() < SHOWN {
                pairs.push(DuplicatePair { alike, first, second });
            }
        }
    }

    /// What was found.
    #[must_use]
    pub fn report(self) -> DuplicateReport {
        let count = |seen: &HashMap<u64, Seen>| {
            let across = seen.values().filter(|seen| seen.parts.count_ones() > 1);
            across.fold((0, 0), |(texts, rows), seen| (texts + 1, rows + u64::from(seen.rows)))
        };
        let (exact, near) = (count(&self.exact), count(&self.near));
        DuplicateReport { exact, near, pairs: self.pairs.concat() }
    }
}

/// Notes a text; the first row that has it, if this is the first one in a further part.
fn see(seen: &mut HashMap<u64, Seen>, hash: u64, (row, part): (u64, Part)) -> Option<(u64, Part)> {
    let bit = 1 << part as u8;
    let seen = seen.entry(hash).or_insert(Seen { row, rows: 0, part, parts: bit });
    seen.rows = seen.rows.saturating_add(1);
    let known = seen.parts & bit != 0;
    seen.parts |= bit;
    (!known).then_some((seen.row, seen.part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Test, Train, Valid};

    #[test]
    fn texts_in_two_parts_are_found_and_counted() {
        let mut duplicates = Duplicates::new();
        for (row, part, text) in [
            (0, Train, Some("Ticket 17: Café  closed")),
            (1, Train, Some("ticket 17: cafe\u{301} closed ")),
            (2, Test, Some("TICKET 17: CAFÉ CLOSED")),
            (3, Valid, Some("Ticket 99: café closed!")),
            (4, Train, Some("12")),
            (5, Test, Some("12")),
            (6, Test, Some("13")),
            (7, Train, None),
            (8, Test, None),
            (9, Train, Some(" ")),
            (10, Test, Some("")),
        ] {
            duplicates.add(row, part, text);
        }
        let report = duplicates.report();
        assert!(report.found());
        assert_eq!(report.exact, (2, 5), "rows 0, 1, 2 and rows 4, 5");
        assert_eq!(report.near, (1, 4), "without letters nothing is nearly equal");
        let pair = |alike, first, second| DuplicatePair { alike, first, second };
        assert_eq!(
            report.pairs,
            [
                pair(Alike::Exact, (0, Train), (2, Test)),
                pair(Alike::Exact, (4, Train), (5, Test)),
                pair(Alike::Near, (0, Train), (3, Valid)),
            ]
        );
    }
}
