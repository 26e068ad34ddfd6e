//! A serde deserializer over nodes whose errors are problems with places.

use super::error::Problem;
use super::place::{LOCATED, Located, Place};
use super::yaml::{Node, Scalar, Value};
use serde::de::value::{BorrowedStrDeserializer, UsizeDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use std::fmt;

/// The code of a problem that something is missing.
pub(super) const MISSING: &str = "missing-key";
/// The place of a problem that has none yet.
pub(super) const UNKNOWN: Place = Place { file: 0, start: usize::MAX, end: usize::MAX };

/// A problem on its way through serde.
#[derive(Debug)]
pub(crate) struct DecodeError {
    pub(super) problem: Box<Problem>,
}

impl DecodeError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { problem: Box::new(Problem::new(code, UNKNOWN, message)) }
    }

    fn at(mut self, place: Place) -> Self {
        if self.problem.place == UNKNOWN {
            self.problem.place = place;
        }
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("value", message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new("type", format!("expected {expected}, found {found}"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let mut error = Self::new("unknown-key", format!("there is no key `{field}` here"));
        *error.problem = error.problem.choices(field, expected.iter().copied());
        error
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let mut error = Self::new("value", format!("`{variant}` is not possible here"));
        *error.problem = error.problem.choices(variant, expected.iter().copied());
        error
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(MISSING, format!("the key `{field}` is missing"))
    }
}

impl Node {
    fn unlike(&self, expected: &str) -> DecodeError {
        let message = format!("expected {expected}, found {}", self.describe());
        DecodeError::new("type", message).at(self.place)
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar(text, Scalar::Text) => visitor.visit_borrowed_str(text),
            Value::Scalar(_, Scalar::Truth(truth)) => visitor.visit_bool(*truth),
            Value::Scalar(_, Scalar::Number(number)) => visitor.visit_f64(*number),
            Value::List(nodes) => visitor.visit_seq(Elements(nodes.iter())),
            Value::Map(entries) => {
                visitor.visit_map(Entries { entries: entries.iter(), value: None })
            }
        }
        .map_err(|error| error.at(self.place))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Scalar(text, _) => {
                visitor.visit_borrowed_str(text).map_err(|e: DecodeError| e.at(self.place))
            }
            _ => Err(self.unlike("text")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Scalar(_, Scalar::Number(n)) if n.fract() == 0.0 && (0.0..9e15).contains(n) => {
                visitor.visit_u64(*n as u64).map_err(|e: DecodeError| e.at(self.place))
            }
            _ => Err(self.unlike("a whole number from 0 on")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Scalar(_, Scalar::Number(number)) if number.is_finite() => {
                visitor.visit_f64(*number).map_err(|e: DecodeError| e.at(self.place))
            }
            _ => Err(self.unlike("a number")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Scalar(_, Scalar::Truth(_)) => self.deserialize_any(visitor),
            _ => Err(self.unlike("`true` or `false`")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::List(_) => self.deserialize_any(visitor),
            _ => Err(self.unlike("a list such as `[a, b]`")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Map(_) => self.deserialize_any(visitor),
            _ => Err(self.unlike("a map such as `{key: value}`")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Map(_) => self.deserialize_any(visitor),
            _ => {
                let mut error = self.unlike("a map");
                *error.problem = error.problem.choices("", fields.iter().copied());
                Err(error)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == LOCATED {
            let place = self.place;
            return visitor.visit_seq(Parts::new(place, self)).map_err(|e| e.at(place));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.value {
            Value::Scalar(text, _) => {
                let name = BorrowedStrDeserializer::new(text);
                visitor.visit_enum(name).map_err(|e: DecodeError| e.at(self.place))
            }
            _ => Err(self.unlike("a word")),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char bytes byte_buf unit unit_struct
        tuple tuple_struct identifier ignored_any
    }
}

/// (file, start, end, value) for [`Located`].
struct Parts<D> {
    place: Place,
    value: Option<D>,
    next: u8,
}

impl<D> Parts<D> {
    fn new(place: Place, value: D) -> Self {
        Self { place, value: Some(value), next: 0 }
    }
}

impl<'de, D: Deserializer<'de, Error = DecodeError>> SeqAccess<'de> for Parts<D> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.next += 1;
        let number = |n: usize| -> UsizeDeserializer<DecodeError> { n.into_deserializer() };
        match self.next {
            1 => seed.deserialize(number(self.place.file)).map(Some),
            2 => seed.deserialize(number(self.place.start)).map(Some),
            3 => seed.deserialize(number(self.place.end)).map(Some),
            _ => self.value.take().map(|value| seed.deserialize(value)).transpose(),
        }
    }
}

struct Elements<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        self.0.next().map(|node| seed.deserialize(node).map_err(|e| e.at(node.place))).transpose()
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, (Located<String>, Node)>,
    value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(KeyName { text: &key.value, place: key.place }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match self.value.take() {
            Some(node) => seed.deserialize(node).map_err(|error| error.at(node.place)),
            None => Err(DecodeError::custom("a value is missing")),
        }
    }
}

/// A key: text, or (file, start, end, text) when it asks to be located.
struct KeyName<'de> {
    text: &'de str,
    place: Place,
}

impl<'de> Deserializer<'de> for KeyName<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_borrowed_str(self.text).map_err(|e: DecodeError| e.at(self.place))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let text = BorrowedStrDeserializer::new(self.text);
        visitor.visit_seq(Parts::new(self.place, text))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
