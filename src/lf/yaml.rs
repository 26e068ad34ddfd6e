//! YAML text as a tree of nodes with their places.
//!
//! The only file that knows the YAML parser (serde-saphyr). Its limits on size, depth and aliases
//! apply; a key that stands twice in a map is an error.

use super::error::Problem;
use super::place::{Located, Place};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// A YAML value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    /// A scalar as it is written, and what plain YAML takes it for.
    Scalar(String, Scalar),
    List(Vec<Node>),
    Map(Vec<(Located<String>, Node)>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar {
    Text,
    Truth(bool),
    Number(f64),
}

impl Node {
    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar(text, Scalar::Text) => format!("the text `{}`", text.escape_debug()),
            Value::Scalar(text, Scalar::Truth(_)) => format!("the truth value `{text}`"),
            Value::Scalar(text, Scalar::Number(_)) => format!("the number `{text}`"),
            Value::List(nodes) if nodes.is_empty() => "an empty list".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(entries) if entries.is_empty() => "an empty map".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    /// The text under the key `name` of a map.
    pub(super) fn name(&self) -> Option<&str> {
        let Value::Map(entries) = &self.value else { return None };
        let (_, node) = entries.iter().find(|(key, _)| key.value == "name")?;
        match &node.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// A copy without the map entry or list element at `place`; `None` when there is none.
    pub(super) fn without(&self, place: Place) -> Option<Self> {
        let value = match &self.value {
            Value::Map(entries) => {
                let mut kept = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    if key.place == place || node.place == place {
                        continue;
                    }
                    kept.push((key.clone(), node.without(place).unwrap_or_else(|| node.clone())));
                }
                Value::Map(kept)
            }
            Value::List(nodes) => {
                let kept = nodes.iter().filter(|node| node.place != place);
                Value::List(
                    kept.map(|node| node.without(place).unwrap_or_else(|| node.clone())).collect(),
                )
            }
            _ => return None,
        };
        (value != self.value).then_some(Self { place: self.place, value })
    }
}

/// Lists and maps inside each other: more than people write, and little enough for any stack.
const MAX_DEPTH: usize = 40;

/// Parses the text of one file of a spec, which is the `file`th of them.
pub(crate) fn parse(text: &str, file: usize) -> Result<Node, Box<Problem>> {
    let source = Source { text, file };
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH },
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(raw.into_node(source)),
        Err(error) => {
            let place = error
                .location()
                .map_or_else(|| Place { file, ..Place::default() }, |at| source.place(at, 1));
            let message = error.to_string();
            // The parser repeats the place in words at the end of its message.
            let message = message.split(" at line ").next().unwrap_or(&message);
            Err(Box::new(explain(message, place, text)))
        }
    }
}

/// The parser's message, with what to try.
fn explain(message: &str, place: Place, text: &str) -> Problem {
    if let Some(rest) = message.strip_prefix("duplicate mapping key: ") {
        let key = rest.split(", set ").next().unwrap_or(rest);
        return Problem::new("duplicate-key", place, format!("the key `{key}` stands here twice"))
            .label("the second one");
    }
    // The reader has a limit of its own for `[` and `{`.
    let flow = message.contains("recursion limit").then_some("Depth");
    if let Some(limit) = message.strip_prefix("budget breached: ").or(flow) {
        let (message, help) = if limit.starts_with("Depth") {
            (
                "lists and maps stand too deep inside each other",
                "name inner conditions under `utils`",
            )
        } else {
            ("this is more than a spec may hold", "put long lists into tables under `lookups`")
        };
        return Problem::new("too-large", place, message).label("here").help(help);
    }
    let line = text.get(..place.start).and_then(|before| before.rsplit('\n').next());
    let (message, help) = if message.contains("flow")
        && line.is_some_and(|l| l.trim_end_matches('{').ends_with('$'))
    {
        (message, "inside `[ ]` and `{ }` quote a variable: \"${name}\"")
    } else if message.contains("multiple YAML documents") {
        ("there is more than one document", "a spec is one document: remove the line `---`")
    } else if message.contains("escape") {
        (message, "in single quotes YAML leaves backslashes alone: '\\bword\\b'")
    } else if message.contains("single-quoted") {
        (message, "inside single quotes a single quote is written twice: 'it''s'")
    } else if message.contains("block scalar") || message.contains("`>'") {
        (message, "quote a text that starts with `>` or `|`: `coverage: \">= 60%\"`")
    } else if message.contains("tab") {
        (message, "indent with blanks")
    } else if message.contains("not allowed in this context") {
        (message, "indent the line like the one above it; quote values that hold `: ` or ` #`")
    } else if message.contains("illegal placement") || message.contains("unclosed") {
        (message, "close the `[`, `{` or quote above; quote values that hold `: ` or ` #`")
    } else {
        (message, "quote values that hold `: `, ` #`, or start with one of [ { * & ! % @ `")
    };
    Problem::new("yaml", place, format!("not valid YAML: {message}")).label("here").help(help)
}

/// The text that is parsed.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    file: usize,
}

impl Source<'_> {
    /// The place of what the parser found, and of `least` bytes or more.
    fn place(self, location: Location, least: usize) -> Place {
        let Self { text, file } = self;
        let span = location.span();
        let start = match span.byte_offset() {
            Some(offset) => offset as usize,
            None => {
                text.char_indices().nth(span.offset() as usize).map_or(text.len(), |(at, _)| at)
            }
        };
        let start = start.min(text.len());
        let length = span.byte_len().map_or(0, |length| length as usize).max(least);
        Place { file, start, end: text.ceil_char_boundary(start + length) }
    }
}

enum Raw {
    Null,
    Text(String),
    Truth(bool),
    Number(f64),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

trait IntoNode {
    fn into_node(self, source: Source<'_>) -> Node;
}

impl IntoNode for Spanned<Raw> {
    fn into_node(self, source: Source<'_>) -> Node {
        let here = source.place(self.referenced, 0);
        // What a plain scalar was written as stands in the text, at its definition.
        let written = || {
            let at = source.place(self.defined, 0);
            source.text.get(at.start..at.end).unwrap_or_default().trim().to_owned()
        };
        let value = match self.value {
            Raw::Null => Value::Null,
            Raw::Text(text) => Value::Scalar(text, Scalar::Text),
            Raw::Truth(truth) => Value::Scalar(written(), Scalar::Truth(truth)),
            Raw::Number(number) => Value::Scalar(written(), Scalar::Number(number)),
            Raw::List(nodes) => {
                Value::List(nodes.into_iter().map(|node| node.into_node(source)).collect())
            }
            Raw::Map(entries) => {
                let entries = entries.into_iter().map(|(key, node)| {
                    let at = source.place(key.referenced, 1);
                    (Located::new(key.value, at), node.into_node(source))
                });
                Value::Map(entries.collect())
            }
        };
        Node { place: here, value }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }

            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
                Ok(Raw::Truth(truth))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
                Ok(Raw::Number(number as f64))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
                Ok(Raw::Number(number as f64))
            }

            fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
                Ok(Raw::Number(number as f64))
            }

            fn visit_u128<E>(self, number: u128) -> Result<Raw, E> {
                Ok(Raw::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
                Ok(Raw::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
                let mut nodes = Vec::new();
                while let Some(node) = list.next_element()? {
                    nodes.push(node);
                }
                Ok(Raw::List(nodes))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw::Map(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(node: &'a Node, key: &str) -> (&'a Located<String>, &'a Node) {
        let Value::Map(entries) = &node.value else { panic!("not a map: {node:?}") };
        let entry = entries.iter().find(|(name, _)| name.value == key);
        entry.map(|(name, node)| (name, node)).expect("the key")
    }

    #[test]
    fn nodes_know_their_places_and_what_was_written() {
        let text = "é: 007\nlist: [yes, 1.50, ~, 'x y']\nmap: {key: true}\n";
        let node = parse(text, 0).expect("valid");
        let (key, value) = entry(&node, "é");
        assert_eq!(&text[key.place.start..key.place.end], "é");
        assert_eq!(value.value, Value::Scalar("007".to_owned(), Scalar::Number(7.0)));
        assert_eq!(&text[value.place.start..value.place.end], "007");
        let (_, list) = entry(&node, "list");
        let Value::List(items) = &list.value else { panic!("not a list") };
        assert!(matches!(&items[0].value, Value::Scalar(text, _) if text == "yes"));
        assert_eq!(items[1].value, Value::Scalar("1.50".to_owned(), Scalar::Number(1.5)));
        assert_eq!(items[2].value, Value::Null);
        assert_eq!(&text[items[3].place.start..items[3].place.end], "'x y'");
        let (_, map) = entry(&node, "map");
        assert_eq!(text[map.place.start..].chars().next(), Some('{'));
        assert_eq!(
            entry(map, "key").1.value,
            Value::Scalar("true".to_owned(), Scalar::Truth(true))
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_a_problem_with_a_place() {
        let text = "a: 1\nb: 2\na: 3\n";
        let problem = parse(text, 0).expect_err("duplicate");
        assert_eq!(text[..problem.place.start].matches('\n').count(), 2, "{problem:?}");
    }
}
