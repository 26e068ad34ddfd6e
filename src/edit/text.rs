//! Changes to a text: pieces of it that are replaced, and files that are.
//!
//! Whoever changes a spec makes a list of replacements from the places that its parts carry, applies
//! them all at once, and looks at the result before it takes the place of the file.

use super::EditError;
use crate::lf::Place;
use crate::output::replace_file;
use std::path::Path;

/// A piece of a text and what takes its place; an empty piece is where something comes in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The piece, in bytes.
    pub place: Place,
    /// What stands there afterwards.
    pub text: String,
}

/// Replacements in one text, none of which overlaps another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits(Vec<Replacement>);

impl Edits {
    /// No replacements.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a replacement.
    #[must_use]
    pub fn replace(mut self, place: Place, text: impl Into<String>) -> Self {
        self.0.push(Replacement { place, text: text.into() });
        self
    }

    /// Adds text before a byte.
    #[must_use]
    pub fn insert(self, at: usize, text: impl Into<String>) -> Self {
        self.replace(Place { start: at, end: at, ..Place::default() }, text)
    }

    /// The replacements, in the order in which they were added.
    #[must_use]
    pub fn replacements(&self) -> &[Replacement] {
        &self.0
    }

    /// The text with all of them; what is inserted at the same byte comes in the order of adding.
    ///
    /// ```
    /// use jurat::edit::Edits;
    /// use jurat::lf::Place;
    /// let key = Place { start: 0, end: 4, ..Place::default() };
    /// let edits = Edits::new().insert(9, ", b").replace(key, "tags");
    /// assert_eq!(edits.apply("tegs: [a]").as_deref(), Some("tags: [a], b"));
    /// ```
    ///
    /// `None` when two overlap, or one is not a piece of the text.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let mut sorted: Vec<&Replacement> = self.0.iter().collect();
        sorted.sort_by_key(|replacement| (replacement.place.start, replacement.place.end));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for Replacement { place, text: new } in sorted {
            out += text.get(done..place.start)?;
            text.get(place.start..place.end)?;
            out += new;
            done = place.end;
        }
        out += text.get(done..)?;
        Some(out)
    }
}

/// Puts a text in the place of a file, at once and with the permissions that the file has.
///
/// # Errors
/// [`EditError::Output`]; the file is as it was then.
pub fn write_back(path: &Path, text: &str) -> Result<(), EditError> {
    Ok(replace_file(path, text.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_that_overlap_or_are_elsewhere_are_none() {
        let place = |start, end| Place { file: 0, start, end };
        let edits = |one, other| Edits::new().replace(one, "x").replace(other, "y").apply("abcdé");
        assert_eq!(edits(place(3, 4), place(0, 2)).as_deref(), Some("ycxé"));
        assert_eq!(edits(place(0, 2), place(2, 2)).as_deref(), Some("xycdé"));
        assert_eq!(edits(place(0, 2), place(1, 3)), None);
        assert_eq!(edits(place(0, 2), place(3, 9)), None);
        assert_eq!(edits(place(0, 2), place(5, 6)), None, "within a letter");
    }
}
