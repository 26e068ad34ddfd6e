//! The section `lint` of a spec: what every labeling function must have, and which lints to hear of.

use super::super::decode::{Keys, decode};
use super::super::error::{Problem, Problems};
use super::super::place::Located;
use super::super::yaml::Node;
use super::{LINTS, Lint};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a spec says of lints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LintPolicy {
    /// What every labeling function must have.
    pub require: Vec<Need>,
    /// Lints that are not to be heard of.
    pub allow: Vec<String>,
    /// Lints that must not be.
    pub deny: Vec<String>,
}

/// Something that labeling functions may have to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Need {
    /// A reason.
    Why,
    /// Somebody who looks after it.
    Owner,
    /// Words to find it by.
    Tags,
    /// Inline examples.
    Examples,
}

pub(in crate::lf) fn policy(node: &Node, problems: &mut Problems) -> LintPolicy {
    let allowed = ["require", "allow", "deny"];
    let Some(keys) = Keys::of(node, "`lint`", &allowed, problems) else {
        return LintPolicy::default();
    };
    let mut codes = |key: &str| -> Vec<String> {
        let Some((_, node)) = keys.get(key) else { return Vec::new() };
        let codes: Vec<Located<String>> = decode(node, problems).unwrap_or_default();
        for code in codes.iter().filter(|code| !LINTS.contains(&code.as_str())) {
            let message = format!("there is no lint `{code}`");
            problems.push(Problem::new("unknown-name", code.place, message).choices(code, LINTS));
        }
        codes.into_iter().map(|code| code.value).collect()
    };
    let (allow, deny) = (codes("allow"), codes("deny"));
    LintPolicy { require: keys.decode("require", problems).unwrap_or_default(), allow, deny }
}

/// The JSON Schema of the section.
pub(in crate::lf) fn schema() -> Value {
    let codes =
        |what: &str| json!({"type": "array", "items": {"enum": LINTS}, "description": what});
    json!({
        "type": "object", "additionalProperties": false,
        "description": "What `jurat check` finds fault with.",
        "properties": {
            "require": {
                "type": "array", "items": {"enum": ["why", "owner", "tags", "examples"]},
                "description": "What every labeling function must have.",
            },
            "allow": codes("Lints that are not to be heard of."),
            "deny": codes("Lints that make `jurat check` fail."),
        },
    })
}

impl LintPolicy {
    /// The lints that are to be heard of, in the order of their places.
    pub(super) fn apply(&self, mut lints: Vec<Lint>) -> Vec<Lint> {
        let listed = |codes: &[String], lint: &Lint| codes.iter().any(|c| c == lint.problem.code);
        lints.retain(|lint| !listed(&self.allow, lint));
        for lint in &mut lints {
            lint.denied = lint.denied || listed(&self.deny, lint);
        }
        lints.sort_by(|a, b| {
            let key = |lint: &Lint| (lint.problem.place, lint.problem.code);
            key(a).cmp(&key(b))
        });
        lints.dedup();
        lints
    }
}
