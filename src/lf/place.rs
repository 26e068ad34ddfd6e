//! Places in the files of a spec: every name and value carries the bytes it stands at.

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A range of bytes in the text of one file of a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Place {
    /// The position of the file among [`Spec::sources`](super::Spec::sources).
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Place {
    /// A range of bytes in a text that stands alone.
    pub(crate) fn span(start: usize, end: usize) -> Self {
        Self { file: 0, start, end }
    }
}

/// A value with the place it stands at. Two located values are equal when their values are.
#[derive(Debug, Clone, Copy)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Located<T> {
    /// A value at a place.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

impl Located<String> {
    /// Where a part of a scalar stands in the text of a spec: all of the scalar where that is not known, since
    /// YAML has other ways to write it.
    pub(crate) fn part(&self, part: Place, text: &str) -> Place {
        let find = || {
            let written = text.get(self.place.start..self.place.end)?;
            // A scalar of several lines is written with an indentation that it does not have.
            let line = self.value.get(..part.start)?.rfind('\n').map_or(0, |at| at + 1);
            let sought = self.value.get(line..)?.lines().next()?;
            let at = written.find(sought).filter(|at| written.rfind(sought) == Some(*at))?;
            let move_by = |at_value: usize| self.place.start + at + at_value - line;
            let end = part.end.min(line + sought.len()).max(part.start);
            let place = Place { start: move_by(part.start), end: move_by(end), ..self.place };
            text.get(place.start..place.end).is_some().then_some(place)
        };
        find().unwrap_or(self.place)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// How [`Located`] asks the decoder for its place: as a newtype of this name, answered with
/// (file, start, end, value).
pub(super) const LOCATED: &str = "$jurat::Located";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Located<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Located<T>, A::Error> {
                let file = parts.next_element()?.unwrap_or(0);
                let start = parts.next_element()?.unwrap_or(0);
                let end = parts.next_element()?.unwrap_or(0);
                let missing = || serde::de::Error::custom("a value is missing");
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(Located { value, place: Place { file, start, end } })
            }
        }

        deserializer.deserialize_newtype_struct(LOCATED, Parts(PhantomData))
    }
}
