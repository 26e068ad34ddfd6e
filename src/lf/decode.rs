//! From nodes to plain types through serde, collecting problems instead of stopping at the first.

use super::deserializer::{DecodeError, MISSING, UNKNOWN};
use super::error::{Problem, Problems};
use super::place::{Located, Place};
use super::yaml::{Node, Value};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use std::fmt;

/// Decodes a node; each problem is noted, its part left out, and decoding tried again.
///
/// `None` when anything was wrong.
pub(crate) fn decode<T: DeserializeOwned>(node: &Node, problems: &mut Problems) -> Option<T> {
    let mut tried = std::borrow::Cow::Borrowed(node);
    let mut clean = true;
    loop {
        match T::deserialize(tried.as_ref()) {
            Ok(value) => return clean.then_some(value),
            Err(DecodeError { problem, .. }) => {
                let mut problem = *problem;
                if problem.place == UNKNOWN {
                    problem.place = node.place;
                }
                let place = problem.place;
                let left = tried.without(place);
                // What is missing after something was left out may just be that.
                if clean || problem.code != MISSING {
                    problems.push(problem);
                }
                clean = false;
                match left {
                    Some(left) => tried = std::borrow::Cow::Owned(left),
                    None => return None,
                }
            }
        }
    }
}

/// A map with free keys, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pairs<T>(pub(crate) Vec<(Located<String>, T)>);

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<T>(std::marker::PhantomData<T>);

        impl<'de, T: serde::Deserialize<'de>> Visitor<'de> for Map<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Map(std::marker::PhantomData))
    }
}

/// A map whose keys are known by name; unknown keys are noted as problems.
pub(crate) struct Keys<'a> {
    entries: &'a [(Located<String>, Node)],
    place: Place,
}

impl<'a> Keys<'a> {
    /// The keys of `node`; `what` names it in messages.
    pub(crate) fn of(
        node: &'a Node,
        what: &str,
        allowed: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let message = format!("{what} must be a map, this is {}", node.describe());
            problems.push(
                Problem::new("type", node.place, message).choices("", allowed.iter().copied()),
            );
            return None;
        };
        for (key, _) in entries.iter().filter(|(key, _)| !allowed.contains(&key.as_str())) {
            problems.push(
                Problem::new("unknown-key", key.place, format!("{what} has no key `{key}`"))
                    .choices(key, allowed.iter().copied()),
            );
        }
        Some(Self { entries, place: node.place })
    }

    /// The value of a key, and where the key stands.
    pub(crate) fn get(&self, key: &str) -> Option<(&'a Located<String>, &'a Node)> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(name, node)| (name, node))
    }

    /// Decodes the value of a key, if it is there.
    pub(crate) fn decode<T: DeserializeOwned>(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        decode(self.get(key)?.1, problems)
    }

    /// Decodes the value of a key that must be there.
    pub(crate) fn require<T: DeserializeOwned>(
        &self,
        key: &str,
        what: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        if self.get(key).is_none() {
            problems.push(Problem::new(MISSING, self.place(), format!("{what} has no `{key}`")));
        }
        self.decode(key, problems)
    }

    /// Where to point when something is missing: the first key.
    pub(crate) fn place(&self) -> Place {
        self.entries.first().map_or(self.place, |(key, _)| key.place)
    }
}
