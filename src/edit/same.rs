//! Whether two texts of a spec say the same: what an edit must not change.

use crate::lf::{Node, Value};
use std::collections::BTreeMap;

/// Whether two specs are the same but for places, and for the order of the keys of the spec and of its
/// labeling functions.
pub(super) fn same_meaning(before: &Node, after: &Node) -> bool {
    let same_lfs = |before: &Node, after: &Node| match (&before.value, &after.value) {
        (Value::List(before), Value::List(after)) => {
            let mut pairs = before.iter().zip(after);
            before.len() == after.len()
                && pairs.all(|(before, after)| same_keys(before, after, |_, a, b| same(a, b)))
        }
        _ => same(before, after),
    };
    same_keys(before, after, |key, before, after| match key {
        "lfs" => same_lfs(before, after),
        _ => same(before, after),
    })
}

/// Whether two maps have the same keys, in any order, with the same values; what is no map must be the same.
fn same_keys(before: &Node, after: &Node, values: impl Fn(&str, &Node, &Node) -> bool) -> bool {
    let (Value::Map(one), Value::Map(other)) = (&before.value, &after.value) else {
        return same(before, after);
    };
    // A key that stands twice is no YAML, so that this loses none.
    let other: BTreeMap<&str, &Node> =
        other.iter().map(|(key, node)| (key.value.as_str(), node)).collect();
    one.len() == other.len()
        && one.iter().all(|(key, node)| {
            other.get(key.value.as_str()).is_some_and(|other| values(&key.value, node, other))
        })
}

fn same(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Value::Map(one), Value::Map(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.all(|(a, b)| a.0.value == b.0.value && same(&a.1, &b.1))
        }
        (one, other) => one == other,
    }
}

/// Whether two texts have the same comments, in any order: everything from a `#` on to the end of its
/// line, be it a comment or not.
pub(super) fn same_comments(before: &str, after: &str) -> bool {
    let comments = |text: &str| {
        let mut found: Vec<String> = text
            .lines()
            .filter_map(|line| Some(line[line.find('#')?..].trim_end().to_owned()))
            .collect();
        found.sort_unstable();
        found
    };
    comments(before) == comments(after)
}
