//! Columns of vectors, such as embeddings of texts: all of one dimension, their numbers in one buffer.
//!
//! Text formats hold a vector as a list of numbers in JSON, `[0.1, -2]`; numbers are kept in 32 bits, as
//! models give them.

use super::csv::shorten;
use super::{Batch, Column, Field, FieldKind};
use arrow_array::{BooleanArray, Float32Array};
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Numbers of a vector, at the most: models give some thousand.
pub(super) const MOST_NUMBERS: usize = 1 << 16;

/// Numbers that are shown of a vector.
const SHOWN: usize = 3;

/// Vectors of one dimension, some of which may be missing.
///
/// ```
/// use jurat::input::Vectors;
/// let vectors = Vectors::new([Some([0.5_f32, -1.0]), None])?;
/// assert_eq!((vectors.len(), vectors.dimension()), (2, 2));
/// assert_eq!(vectors.get(0), Some(&[0.5, -1.0][..]));
/// assert_eq!(vectors.get(1), None);
/// # Ok::<(), jurat::input::VectorFault>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    dimension: usize,
    /// len × dimension; zeros where a vector is missing.
    numbers: Float32Array,
    /// Whether each vector is there.
    there: BooleanArray,
}

impl Vectors {
    /// Vectors in memory.
    ///
    /// # Errors
    /// [`VectorFault`] when one has another length than those before it, no numbers, or one that is not
    /// finite.
    pub fn new<V: AsRef<[f32]>>(
        vectors: impl IntoIterator<Item = Option<V>>,
    ) -> Result<Self, VectorFault> {
        let mut builder = VectorBuilder::new(None);
        for vector in vectors {
            match vector {
                Some(vector) => builder.push(vector.as_ref())?,
                None => builder.push_missing(),
            }
        }
        Ok(builder.finish())
    }

    /// Numbers of each vector; 0 where all of them are missing.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of vectors, missing ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.there.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a vector is there.
    #[must_use]
    pub fn is_valid(&self, row: usize) -> bool {
        self.there.value(row)
    }

    /// A vector, `None` where it is missing.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&[f32]> {
        let start = row * self.dimension;
        self.is_valid(row).then(|| &self.numbers.values()[start..start + self.dimension])
    }

    /// The beginning of a vector as text, for people.
    pub(super) fn brief(&self, row: usize) -> Option<String> {
        let numbers = self.get(row)?;
        let shown: Vec<String> = numbers.iter().take(SHOWN).map(f32::to_string).collect();
        let shown = shown.join(", ");
        Some(match numbers.len() {
            n if n > SHOWN => format!("[{shown}, …] ({n} numbers)"),
            _ => format!("[{shown}]"),
        })
    }

    /// All numbers, with zeros where vectors are missing, len × dimension.
    pub(crate) fn numbers(&self) -> &[f32] {
        self.numbers.values()
    }

    /// Vectors `start..start + len`, without a copy.
    pub(super) fn slice(&self, start: usize, len: usize) -> Self {
        let d = self.dimension;
        Self {
            dimension: d,
            numbers: self.numbers.slice(start * d, len * d),
            there: self.there.slice(start, len),
        }
    }

    /// Bytes of its numbers, more or less.
    pub(crate) fn n_bytes(&self) -> usize {
        size_of::<f32>() * self.numbers.len() + self.len()
    }

    /// The first vector that is there and has another dimension than is wanted.
    pub(super) fn misfit(&self, wanted: usize) -> Option<(usize, VectorFault)> {
        let row = (0..self.len()).find(|row| self.is_valid(*row))?;
        let found = self.dimension;
        (found != wanted).then_some((row, VectorFault::Dimension { found, wanted }))
    }
}

/// What can be wrong with a vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorFault {
    /// Another length than is wanted.
    #[error(
        "holds a vector of length {found}, but length {wanted} is wanted, that of the rows before it or of the vectors that it is compared with; make all of them with the same model"
    )]
    Dimension {
        /// Its length.
        found: usize,
        /// The length that is wanted.
        wanted: usize,
    },
    /// No numbers.
    #[error("holds a vector without numbers; leave the cell empty where there is no vector")]
    Empty,
    /// More numbers than are read.
    #[error(
        "holds a vector of more than {MOST_NUMBERS} numbers, the longest that is read; is it the right column?"
    )]
    TooLong,
    /// A number that is infinite, no number, or too large for 32 bits.
    #[error(
        "holds a vector whose number {} is not finite in 32 bits; leave the cell empty where there is no vector",
        at + 1
    )]
    NotFinite {
        /// Its position, from 0.
        at: usize,
    },
    /// A number that is missing.
    #[error(
        "holds a vector whose number {} is missing; leave the cell empty where there is no vector",
        at + 1
    )]
    Missing {
        /// Its position, from 0.
        at: usize,
    },
    /// Something else.
    #[error("holds `{found}`, but a list of numbers such as `[0.1, -2]` is wanted")]
    NotNumbers {
        /// What it holds, cut when it is long.
        found: Cow<'static, str>,
    },
}

/// Collects the vectors of batch after batch: the first one says how long the others must be.
pub(crate) struct VectorBuilder {
    dimension: Option<usize>,
    numbers: Vec<f32>,
    there: Vec<bool>,
}

impl VectorBuilder {
    /// A builder for vectors of this dimension, or of that of the first one.
    pub(crate) fn new(dimension: Option<u32>) -> Self {
        let dimension = dimension.map(|dimension| dimension as usize);
        Self { dimension, numbers: Vec::new(), there: Vec::new() }
    }

    /// Bytes of its numbers.
    pub(super) fn n_bytes(&self) -> usize {
        size_of::<f32>() * self.numbers.len()
    }

    pub(crate) fn push_missing(&mut self) {
        self.numbers.resize(self.numbers.len() + self.dimension.unwrap_or(0), 0.0);
        self.there.push(false);
    }

    /// Adds a vector.
    pub(crate) fn push(&mut self, numbers: &[f32]) -> Result<(), VectorFault> {
        let (found, wanted) = (numbers.len(), self.dimension.unwrap_or(numbers.len()));
        if found == 0 {
            return Err(VectorFault::Empty);
        }
        if found > MOST_NUMBERS {
            return Err(VectorFault::TooLong);
        }
        if found != wanted {
            return Err(VectorFault::Dimension { found, wanted });
        }
        if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
            return Err(VectorFault::NotFinite { at });
        }
        if self.dimension.is_none() {
            // Those before it are missing.
            self.numbers.resize(self.there.len() * found, 0.0);
            self.dimension = Some(found);
        }
        self.numbers.extend_from_slice(numbers);
        self.there.push(true);
        Ok(())
    }

    /// Adds what a list of numbers in JSON says, or `null`.
    pub(super) fn push_json(&mut self, text: &str) -> Result<(), VectorFault> {
        match parse(text)? {
            Some(numbers) => self.push(&numbers),
            None => {
                self.push_missing();
                Ok(())
            }
        }
    }

    /// The vectors so far; those that follow must be as long.
    pub(crate) fn finish(&mut self) -> Vectors {
        let numbers = std::mem::take(&mut self.numbers);
        let there = std::mem::take(&mut self.there);
        Vectors {
            dimension: if numbers.is_empty() { 0 } else { self.dimension.unwrap_or(0) },
            numbers: numbers.into(),
            there: there.into(),
        }
    }
}

/// Notes how long vectors are, so that those of later batches and files must be as long.
pub(super) fn learn<'a>(fields: impl Iterator<Item = &'a mut Field>, batch: &Batch) {
    for (field, column) in fields.zip(batch.columns()) {
        if let (FieldKind::Vector { dimension }, Column::Vector(vectors)) =
            (&mut field.kind, column)
            && vectors.dimension() > 0
        {
            dimension.get_or_insert(vectors.dimension() as u32);
        }
    }
}

/// The vector that a text holds, of this dimension if it is known; `None` for `null`.
pub(crate) fn parse_vector(
    text: &str,
    dimension: Option<u32>,
) -> Result<Option<Vec<f32>>, VectorFault> {
    let mut builder = VectorBuilder::new(dimension);
    builder.push_json(text)?;
    Ok(builder.finish().get(0).map(<[f32]>::to_vec))
}

/// The numbers of a list in JSON; `None` for `null`.
fn parse(text: &str) -> Result<Option<Vec<f32>>, VectorFault> {
    let text = text.trim();
    if text == "null" {
        return Ok(None);
    }
    let mut read = Read::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let done = Numbers(&mut read).deserialize(&mut reader).and_then(|()| reader.end());
    match (read.fault, done) {
        (Some(fault), _) => Err(fault),
        (None, Ok(())) => Ok(Some(read.numbers)),
        (None, Err(_)) => {
            let found = shorten(text, 40).into();
            // JSON has no word for these, but programs write them.
            let infinite = text.starts_with('[') && (text.contains("NaN") || text.contains("Inf"));
            let at = read.numbers.len();
            Err(if infinite {
                VectorFault::NotFinite { at }
            } else {
                VectorFault::NotNumbers { found }
            })
        }
    }
}

/// What was read of a vector, and what is wrong with it, if that is known.
#[derive(Default)]
struct Read {
    numbers: Vec<f32>,
    fault: Option<VectorFault>,
}

/// Reads a list of numbers, and no more of them than a vector may have.
struct Numbers<'a>(&'a mut Read);

impl<'de> DeserializeSeed<'de> for Numbers<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Numbers<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Read { numbers, fault } = self.0;
        while let Some(number) = list.next_element::<Option<f64>>()? {
            let at = numbers.len();
            *fault = match number {
                None => Some(VectorFault::Missing { at }),
                Some(number) if !(number as f32).is_finite() => Some(VectorFault::NotFinite { at }),
                Some(_) if at == MOST_NUMBERS => Some(VectorFault::TooLong),
                Some(_) => None,
            };
            if fault.is_some() {
                break;
            }
            numbers.push(number.unwrap_or_default() as f32);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_json_are_vectors() {
        let numbers = |text| parse(text).map(|numbers| numbers.unwrap_or_default());
        assert_eq!(numbers(" [0.5, -2, 1e2]\n"), Ok(vec![0.5, -2.0, 100.0]));
        assert_eq!(parse("null"), Ok(None));
        assert_eq!(numbers("[]"), Ok(Vec::new()));
        let not = |found: &'static str| VectorFault::NotNumbers { found: found.into() };
        for (text, fault) in [
            ("[1, null]", VectorFault::Missing { at: 1 }),
            ("[1e39]", VectorFault::NotFinite { at: 0 }),
            ("[1, NaN]", VectorFault::NotFinite { at: 1 }),
            ("[1, 2, -Infinity]", VectorFault::NotFinite { at: 2 }),
            ("0.5", not("0.5")),
            ("[1, [2]]", not("[1, [2]]")),
            ("[1, \"2\"]", not("[1, \"2\"]")),
            ("[1, 2", not("[1, 2")),
            ("[1] [2]", not("[1] [2]")),
            ("NaN", not("NaN")),
        ] {
            assert_eq!(numbers(text), Err(fault), "{text}");
        }
        let long = format!("[{}1]", "0,".repeat(MOST_NUMBERS));
        assert_eq!(numbers(&long), Err(VectorFault::TooLong));
        assert_eq!(numbers(&long.replacen("0,", "", 1)).map(|n| n.len()), Ok(MOST_NUMBERS));
    }

    /// Rows before the first vector are as long as it, and so are batches that follow.
    #[test]
    fn the_first_vector_says_how_long_they_are() {
        let mut builder = VectorBuilder::new(None);
        builder.push_missing();
        assert_eq!(builder.finish().dimension(), 0);
        builder.push_missing();
        builder.push(&[1.0, 2.0]).expect("a vector");
        builder.push_missing();
        let vectors = builder.finish();
        assert_eq!(vectors, Vectors::new([None, Some([1.0, 2.0]), None]).expect("vectors"));
        assert_eq!(vectors.slice(1, 2).get(0), Some(&[1.0, 2.0][..]));
        assert_eq!((vectors.get(0), vectors.get(2)), (None, None));
        builder.push_missing();
        let fault = VectorFault::Dimension { found: 1, wanted: 2 };
        assert_eq!(builder.push(&[1.0]), Err(fault.clone()));
        assert_eq!(vectors.misfit(2), None);
        let other = Vectors::new([None, Some([1.0])]).expect("vectors");
        assert_eq!(other.misfit(2), Some((1, fault)));
        assert_eq!(Vectors::new([Some([0.0_f32; 0])]), Err(VectorFault::Empty));
        assert_eq!(Vectors::new([Some([f32::NAN])]), Err(VectorFault::NotFinite { at: 0 }));
    }

    #[test]
    fn people_see_the_beginning() {
        let vectors = Vectors::new([Some([0.5, -1.0, 3.0, 4.0]), None]).expect("vectors");
        assert_eq!(vectors.brief(0).as_deref(), Some("[0.5, -1, 3, …] (4 numbers)"));
        assert_eq!(vectors.brief(1), None);
        let short = Vectors::new([Some([0.5])]).expect("vectors");
        assert_eq!(short.brief(0).as_deref(), Some("[0.5]"));
    }
}
