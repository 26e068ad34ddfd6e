//! One labeling function: from YAML to what was declared.

use super::decode::Keys;
use super::error::{Problem, Problems};
use super::label::Label;
use super::place::Located;
use super::spec::{About, Condition, Declaration, Example, Examples};
use super::yaml::{Node, Value};
use sha2::{Digest, Sha256};

const LF: [&str; 9] =
    ["name", "label", "when", "votes", "unless", "why", "owner", "tags", "examples"];

pub(super) fn declaration(node: &Node, problems: &mut Problems) -> Option<Declaration> {
    let keys = Keys::of(node, "a labeling function", &LF, problems)?;
    let name: Option<Located<String>> = keys.require("name", "the labeling function", problems);
    if let Some(name) = &name {
        let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(allowed) {
            let message = format!("`{name}` cannot be the name of a labeling function");
            problems.push(
                Problem::new("name", name.place, message)
                    .help("names are made of letters, digits, `-`, `_` and `.`"),
            );
        }
    }
    // `None` where there is a label that is none, which has been said then.
    let label = match keys.get("label") {
        Some((_, node)) => Label::decode(node, problems).map(Some),
        None => Some(None),
    };
    let mut votes = Vec::new();
    match (keys.get("votes"), keys.get("when")) {
        (Some((_, node)), None) => {
            if let Some((key, _)) = keys.get("label") {
                let message = "`votes` gives the labels; `label` does not go with it";
                problems.push(Problem::new("conflicting-keys", key.place, message));
            }
            votes = several(node, problems);
        }
        (None, Some((_, node))) => {
            votes.extend(label.zip(Condition::decode(node, problems)));
        }
        (Some((key, _)), Some(_)) => {
            let message = "a labeling function has `when` or `votes`, not both";
            problems.push(Problem::new("conflicting-keys", key.place, message));
        }
        (None, None) => {
            let message = "the labeling function has no `when`";
            problems.push(
                Problem::new("missing-key", keys.place(), message)
                    .help("say when it votes: `when: {keyword: [a, b]}`"),
            );
        }
    }
    let unless = keys.get("unless").and_then(|(_, node)| Condition::decode(node, problems));
    let about = About {
        why: keys.decode("why", problems),
        owner: keys.decode("owner", problems),
        tags: keys.decode("tags", problems).unwrap_or_default(),
    };
    let examples =
        keys.get("examples").map(|(_, node)| examples(node, problems)).unwrap_or_default();
    let mut hash = Sha256::new();
    for key in ["label", "when", "votes", "unless"] {
        if let Some((_, node)) = keys.get(key) {
            hash.update(key);
            hash_node(node, &mut hash);
        }
    }
    let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Declaration { name: name?, votes, unless, about, examples, hash })
}

/// Hashes what a node says, not how it is laid out.
pub(super) fn hash_node(node: &Node, hash: &mut Sha256) {
    match &node.value {
        Value::Null => hash.update("~"),
        Value::Scalar(text, _) => {
            hash.update("=");
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
        Value::List(nodes) => {
            hash.update("[");
            nodes.iter().for_each(|node| hash_node(node, hash));
            hash.update("]");
        }
        Value::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
            hash.update("{");
            for (key, node) in sorted {
                hash.update(key.len().to_le_bytes());
                hash.update(key.as_str());
                hash_node(node, hash);
            }
            hash.update("}");
        }
    }
}

fn several(node: &Node, problems: &mut Problems) -> Vec<(Option<Label>, Condition)> {
    let Value::List(nodes) = &node.value else {
        let message =
            format!("`votes` must be a list of `{{label, when}}`, this is {}", node.describe());
        problems.push(Problem::new("type", node.place, message));
        return Vec::new();
    };
    if nodes.is_empty() {
        problems.push(Problem::new("empty-list", node.place, "`votes` must not be empty"));
    }
    let mut votes = Vec::new();
    for node in nodes {
        let Some(keys) = Keys::of(node, "a vote", &["label", "when"], problems) else { continue };
        let label = match keys.get("label") {
            Some((_, node)) => Label::decode(node, problems),
            None => keys.require::<String>("label", "a vote", problems).and(None),
        };
        match keys.get("when") {
            Some((_, node)) => {
                votes.extend(label.map(Some).zip(Condition::decode(node, problems)));
            }
            None => {
                let message = "a vote has no `when`";
                problems.push(Problem::new("missing-key", keys.place(), message));
            }
        }
    }
    votes
}

fn examples(node: &Node, problems: &mut Problems) -> Examples {
    let Some(keys) = Keys::of(node, "`examples`", &["match", "no_match", "todo_match"], problems)
    else {
        return Examples::default();
    };
    let mut list = |key: &str| match keys.get(key) {
        Some((_, Node { value: Value::Map(by_label), .. })) if key != "no_match" => {
            let lists = by_label.iter().map(|(label, node)| rows(node, Some(label), problems));
            lists.collect::<Vec<_>>().concat()
        }
        Some((_, node)) => rows(node, None, problems),
        None => Vec::new(),
    };
    Examples {
        matching: list("match"),
        not_matching: list("no_match"),
        todo_matching: list("todo_match"),
    }
}

fn rows(node: &Node, label: Option<&Located<String>>, problems: &mut Problems) -> Vec<Example> {
    match &node.value {
        Value::List(nodes) => nodes.iter().filter_map(|node| row(node, label, problems)).collect(),
        _ => {
            let message = format!("expected a list of examples, found {}", node.describe());
            problems.push(Problem::new("type", node.place, message));
            Vec::new()
        }
    }
}

fn is_number(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(text, _) if text.parse::<f64>().is_ok())
}

fn row(node: &Node, label: Option<&Located<String>>, problems: &mut Problems) -> Option<Example> {
    let cell = |node: &Node, problems: &mut Problems| match &node.value {
        Value::Null => Some(None),
        Value::Scalar(text, _) => Some(Some(text.clone())),
        Value::List(nodes) if nodes.iter().all(is_number) && !nodes.is_empty() => {
            let numbers = nodes.iter().filter_map(|node| match &node.value {
                Value::Scalar(number, _) => Some(number.as_str()),
                _ => None,
            });
            Some(Some(format!("[{}]", numbers.collect::<Vec<_>>().join(", "))))
        }
        _ => {
            let message = format!(
                "a cell of an example is text, a number or `null`, this is {}",
                node.describe()
            );
            problems.push(Problem::new("type", node.place, message));
            None
        }
    };
    let cells = match &node.value {
        Value::Map(entries) => {
            let cells = entries.iter().map(|(column, node)| {
                cell(node, problems).map(|cell| (Some(column.clone()), cell))
            });
            cells.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?
        }
        _ => vec![(None, cell(node, problems)?)],
    };
    Some(Example { cells, label: label.cloned(), place: node.place })
}
