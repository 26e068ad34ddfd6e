//! Conditions: from YAML to the body of a kind.

use super::declaration::hash_node;
use super::decode::Keys;
use super::document::entries;
use super::error::{Problem, Problems};
use super::kinds::{Body, kinds};
use super::place::Located;
use super::spec::Condition;
use super::yaml::{Node, Value};
use sha2::{Digest as _, Sha256};

/// The named conditions under a key; the names of those that cannot be understood go to `unreadable`.
pub(super) fn conditions(
    keys: &Keys<'_>,
    key: &str,
    unreadable: &mut Vec<String>,
    problems: &mut Problems,
) -> Vec<(Located<String>, Condition)> {
    let mut found = Vec::new();
    let Some((_, node)) = keys.get(key) else { return found };
    for (name, node) in entries(node, &format!("`{key}`"), problems) {
        match Condition::decode(node, problems) {
            Some(when) => found.push((name.clone(), when)),
            None => unreadable.push(name.value.clone()),
        }
    }
    found
}

impl Condition {
    pub(crate) fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let names = || kinds().iter().map(|(name, _)| *name);
        let entries = match &node.value {
            Value::Map(entries) if entries.len() == 1 => entries,
            Value::Map(entries) if entries.len() > 1 => {
                let kind = |key: &str| names().any(|name| name == key);
                let (key, first) = match entries.iter().find(|(key, _)| !kind(key)) {
                    Some((key, _)) => (key, entries.iter().find(|(key, _)| kind(key))),
                    None => (&entries[1].0, None),
                };
                let help = match first {
                    Some((first, _)) => format!("put `{key}` into the map of `{first}`"),
                    None => "join several conditions with `all` or `any`".to_owned(),
                };
                let message = "a condition has one key, this has several";
                problems.push(Problem::new("condition", key.place, message).help(help));
                return None;
            }
            _ => {
                let message = format!(
                    "a condition is a map such as `{{keyword: [a, b]}}`, this is {}",
                    node.describe()
                );
                problems.push(Problem::new("condition", node.place, message).choices("", names()));
                return None;
            }
        };
        let mut hash = Sha256::new();
        hash_node(node, &mut hash);
        let (kind, node) = entries.first()?;
        match Body::decode(kind, node, problems) {
            Some(body) => {
                body.map(|body| Self { body, hash: hash.finalize().into(), place: kind.place })
            }
            None => {
                let message = format!("`{kind}` is not a kind of condition");
                problems
                    .push(Problem::new("unknown-kind", kind.place, message).choices(kind, names()));
                None
            }
        }
    }

    /// A list of at least one condition.
    pub(crate) fn decode_list(node: &Node, problems: &mut Problems) -> Option<Vec<Self>> {
        match &node.value {
            Value::List(nodes) if !nodes.is_empty() => {
                let parts: Vec<_> = nodes.iter().map(|node| Self::decode(node, problems)).collect();
                parts.into_iter().collect()
            }
            _ => {
                let message =
                    format!("expected a list of at least one condition, found {}", node.describe());
                problems.push(Problem::new("empty-list", node.place, message));
                None
            }
        }
    }
}
