//! Cells of CSV files that no spreadsheet program takes for a formula.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or the end of a line may be run as a formula where the file is
//! opened, whoever wrote it ("CSV injection", OWASP). Such a cell gets an apostrophe in front, which is
//! taken away again when it is read. So that this is exact, a cell that would look like one with an
//! apostrophe gets another.

use std::borrow::Cow;

/// What may begin a formula.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// A cell as it is written.
///
/// ```
/// use jurat::answers::{neutral, restored};
/// assert_eq!(neutral("=1+1"), "'=1+1");
/// assert_eq!(restored(&neutral("=1+1")), "=1+1");
/// assert_eq!(neutral("'tis"), "'tis");
/// ```
#[must_use]
pub fn neutral(cell: &str) -> Cow<'_, str> {
    let mut letters = cell.chars();
    let marked = match (letters.next(), letters.next()) {
        (Some('\''), Some(second)) => second == '\'' || begins_formula(second),
        (Some(first), _) => begins_formula(first),
        (None, _) => false,
    };
    if marked { format!("'{cell}").into() } else { cell.into() }
}

/// The cell that was written as this one.
#[must_use]
pub fn restored(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|letter| letter == '\'' || begins_formula(letter)) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_is_no_formula(cell in "['=+@\t\r\n＝a-]{0,4}") {
            let written = neutral(&cell);
            prop_assert_eq!(restored(&written), cell.as_str());
            prop_assert!(!written.starts_with(begins_formula), "{}", written);
        }
    }
}
