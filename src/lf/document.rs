//! From the files of a spec to one spec: sections by their keys.

use super::choice::{model, output};
use super::condition::conditions;
use super::declaration::declaration;
use super::decode::{Keys, decode};
use super::error::{Problem, Problems};
use super::gate::gates;
use super::lint::policy;
use super::place::Located;
use super::sources::{Document, SpecText};
use super::spec::{Input, Spec};
use super::variables::Variable;
use super::yaml::{Node, Value};
use serde::Deserialize;

/// The keys of a spec, in the order in which people write them.
pub(crate) const TOP: [&str; 13] = [
    "spec", "labels", "input", "include", "vars", "lookups", "utils", "lfs", "slices", "model",
    "output", "gates", "lint",
];

/// The keys of a part of a spec.
pub(crate) const PART: [&str; 7] = ["part", "include", "vars", "lookups", "utils", "lfs", "slices"];

const EXAMPLE: &str =
    "for example `lfs: [{name: greeting, label: ham, when: {keyword: [hello, hi]}}]`";

/// The spec that files make together; `None` where there is nothing to go on with.
pub(super) fn decode_spec(
    documents: &[Document],
    sources: &[SpecText],
    vars: Vec<Variable>,
    problems: &mut Problems,
) -> Option<Spec> {
    let mut spec = Spec::empty(sources, vars);
    let mut decoded = false;
    for Document { node, part } in documents {
        match part {
            true => decode_part(node, &mut spec, problems),
            false => decoded = decode_whole(node, &mut spec, problems),
        }
    }
    unique("table", spec.lookups.iter().map(|(name, _)| name), problems);
    unique("condition", spec.utils.iter().map(|(name, _)| name), problems);
    unique("slice", spec.slices.iter().map(|(name, _)| name), problems);
    decoded.then_some(spec)
}

/// Decodes the file that was named; false when it is no spec at all.
fn decode_whole(node: &Node, spec: &mut Spec, problems: &mut Problems) -> bool {
    if node.value == Value::Null {
        let problem = Problem::new("missing-key", node.place, "there is nothing in the file");
        problems.push(problem.help("a spec starts with the line `spec: 1`"));
        return false;
    }
    if let Value::Map(entries) = &node.value
        && let Some((key, _)) = entries.iter().find(|(key, _)| key.value == "part")
    {
        let message = "this is a part of a spec";
        let help = "name the spec that includes it; a spec of its own starts with `spec: 1`";
        problems.push(Problem::new("part", key.place, message).help(help));
        return false;
    }
    let Some(keys) = Keys::of(node, "a spec", &TOP, problems) else { return false };
    if keys.get("spec").is_none() {
        let problem = Problem::new("missing-key", keys.place(), "the file has no `spec`");
        problems.push(problem.help("a spec starts with the line `spec: 1`"));
    }
    version("spec", &keys, problems);
    match keys.get("labels") {
        Some((_, node)) => spec.labels = labels(node, problems),
        None => {
            let message = "the file has no `labels`";
            problems.push(
                Problem::new("missing-key", keys.place(), message)
                    .help("for example `labels: [spam, ham]`"),
            );
        }
    }
    spec.input = keys.get("input").map(|(_, node)| input(node, problems)).unwrap_or_default();
    let included = !spec.lfs.is_empty() || !spec.unreadable_lfs.is_empty();
    if keys.get("lfs").is_none() && !included {
        let message = "the file has no `lfs`";
        problems.push(Problem::new("missing-key", keys.place(), message).help(EXAMPLE));
    }
    sections(&keys, spec, problems);
    spec.model = keys.get("model").map(|(_, node)| model(node, problems)).unwrap_or_default();
    spec.output = keys.get("output").map(|(_, node)| output(node, problems)).unwrap_or_default();
    spec.lint = keys.get("lint").map(|(_, node)| policy(node, problems)).unwrap_or_default();
    spec.gates = keys.get("gates").map(|(_, node)| gates(node, problems)).unwrap_or_default();
    true
}

/// Decodes a file that was included.
fn decode_part(node: &Node, spec: &mut Spec, problems: &mut Problems) {
    if let Value::Map(entries) = &node.value {
        // Said once for what belongs elsewhere, instead of an unknown key each.
        let elsewhere = entries
            .iter()
            .find(|(key, _)| TOP.contains(&key.as_str()) && !PART.contains(&key.as_str()));
        if let Some((key, _)) = elsewhere {
            let message = match key.as_str() {
                "spec" => "this is a spec of its own, which cannot be included".to_owned(),
                key => format!("`{key}` belongs in the spec that includes this part"),
            };
            let help = "a part starts with `part: 1`, and has tables, conditions, variables, slices \
                        and labeling functions";
            problems.push(Problem::new("part", key.place, message).help(help));
            return;
        }
    }
    let Some(keys) = Keys::of(node, "a part of a spec", &PART, problems) else { return };
    if keys.get("part").is_none() {
        let message = "the file has no `part`";
        let problem = Problem::new("missing-key", keys.place(), message);
        problems.push(problem.help("a part of a spec starts with the line `part: 1`"));
    }
    version("part", &keys, problems);
    sections(&keys, spec, problems);
}

fn version(key: &str, keys: &Keys<'_>, problems: &mut Problems) {
    let version: Option<Located<u64>> = keys.decode(key, problems);
    if let Some(version) = version.filter(|version| version.value != 1) {
        let message = format!("version {version} of the spec language is not known");
        let problem = Problem::new("version", version.place, message);
        problems.push(problem.help(format!("this jurat reads `{key}: 1`")));
    }
}

/// The sections that specs and parts both have.
fn sections(keys: &Keys<'_>, spec: &mut Spec, problems: &mut Problems) {
    if let Some((_, node)) = keys.get("lookups") {
        for (name, node) in entries(node, "`lookups`", problems) {
            match decode(node, problems) {
                Some(table) => spec.lookups.push((name.clone(), table)),
                None => spec.unreadable.push(name.value.clone()),
            }
        }
    }
    spec.utils.extend(conditions(keys, "utils", &mut spec.unreadable, problems));
    spec.slices.extend(conditions(keys, "slices", &mut spec.unreadable_slices, problems));
    match keys.get("lfs") {
        Some((_, Node { value: Value::List(nodes), .. })) if !nodes.is_empty() => {
            for node in nodes {
                match declaration(node, problems) {
                    Some(lf) => spec.lfs.push(lf),
                    None => spec.unreadable_lfs.extend(node.name().map(str::to_owned)),
                }
            }
        }
        Some((_, node)) => {
            let message = format!(
                "`lfs` must be a list with at least one labeling function, this is {}",
                node.describe()
            );
            problems.push(Problem::new("empty-list", node.place, message).help(EXAMPLE));
        }
        None => {}
    }
}

/// Notes names that stand twice; in one map that is no YAML, but there are several files, and lists.
pub(super) fn unique<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Located<String>>,
    problems: &mut Problems,
) {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name.as_str()) {
            let message = format!("two {what}s are named `{name}`");
            let problem = Problem::new("duplicate-name", name.place, message);
            problems.push(problem.label("the second one"));
        }
    }
}

/// The entries of a map with free keys.
pub(super) fn entries<'a>(
    node: &'a Node,
    what: &str,
    problems: &mut Problems,
) -> &'a [(Located<String>, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => {
            let message = format!("{what} must be a map, this is {}", node.describe());
            problems.push(Problem::new("type", node.place, message));
            &[]
        }
    }
}

fn labels(node: &Node, problems: &mut Problems) -> Vec<Located<String>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Details {
        #[serde(default, rename = "description")]
        _description: Option<String>,
    }
    let before = problems.found.len();
    let labels: Vec<Located<String>> = match &node.value {
        Value::Map(entries) => {
            for (_, node) in entries.iter().filter(|(_, node)| node.value != Value::Null) {
                decode::<Details>(node, problems);
            }
            entries.iter().map(|(name, _)| name.clone()).collect()
        }
        _ => decode(node, problems).unwrap_or_default(),
    };
    for (i, label) in labels.iter().enumerate() {
        if label.trim().is_empty() {
            let message = "a label must not be empty or white space only";
            problems.push(Problem::new("reserved-label", label.place, message));
        } else if label.value == "abstain" {
            let message = format!("`{label}` cannot be a label");
            problems.push(
                Problem::new("reserved-label", label.place, message)
                    .help("to abstain is to give no vote; it needs no label"),
            );
        }
        if labels[..i].contains(label) {
            let message = format!("the label `{label}` stands twice");
            problems.push(Problem::new("duplicate-name", label.place, message));
        }
    }
    if labels.len() < 2 && problems.found.len() == before {
        let message = "there must be at least two labels";
        problems.push(Problem::new("too-few-labels", node.place, message));
    }
    labels
}

fn input(node: &Node, problems: &mut Problems) -> Input {
    const KEYS: [&str; 6] = ["text", "id", "gold", "learn", "time", "path"];
    let Some(keys) = Keys::of(node, "`input`", &KEYS, problems) else {
        return Input::default();
    };
    let path = match keys.get("path") {
        Some((_, node)) if matches!(node.value, Value::List(_)) => decode(node, problems),
        Some((_, node)) => decode(node, problems).map(|path| vec![path]),
        None => None,
    };
    Input {
        text: keys.decode("text", problems),
        id: keys.decode("id", problems),
        gold: keys.decode("gold", problems),
        learn: keys.decode("learn", problems),
        time: keys.decode("time", problems),
        path: path.unwrap_or_default(),
    }
}
