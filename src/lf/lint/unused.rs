//! What nobody uses, and what is missing.

use super::super::error::Problem;
use super::super::label::Label;
use super::super::place::Located;
use super::super::spec::{Condition, Declaration, Examples, Spec};
use super::policy::Need;
use super::{Fix, Lint};
use std::collections::BTreeSet;

pub(super) fn lint(spec: &Spec, found: &mut Vec<Lint>) {
    names(spec, found);
    labels(spec, found);
    for need in &spec.lint.require {
        let missing = spec.lfs.iter().filter(|lf| lacks(lf, *need));
        found.extend(missing.map(|lf| needed(lf, *need)));
    }
}

fn names(spec: &Spec, found: &mut Vec<Lint>) {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Condition> = spec.slices.iter().map(|(_, condition)| condition).collect();
    open.extend(spec.lfs.iter().flat_map(Declaration::conditions));
    while let Some(condition) = open.pop() {
        open.extend(condition.body.parts());
        let Some(name) = condition.body.refers_to() else { continue };
        if used.insert(name) {
            open.extend(spec.utils.iter().filter(|(util, _)| util == name).map(|(_, when)| when));
        }
    }
    let mut unused = |code, what: &str, name: &Located<String>| {
        let problem = Problem::new(code, name.place, format!("nothing uses the {what} `{name}`"));
        let problem = problem.help("use it or remove it");
        found.push(Lint::new(problem).fix(Fix::RemoveEntry(name.place)));
    };
    for (name, _) in spec.utils.iter().filter(|(name, _)| !used.contains(name.as_str())) {
        unused("unused-util", "condition", name);
    }
    let tables: BTreeSet<&str> = super::conditions(spec)
        .into_iter()
        .filter_map(|condition| condition.body.table())
        .map(|name| name.as_str())
        .collect();
    for (name, _) in spec.lookups.iter().filter(|(name, _)| !tables.contains(name.as_str())) {
        unused("unused-lookup", "table", name);
    }
    for variable in spec.vars.iter().filter(|variable| !variable.used) {
        unused("unused-variable", "variable", &variable.name);
    }
}

fn labels(spec: &Spec, found: &mut Vec<Lint>) {
    let votes = || spec.lfs.iter().flat_map(|lf| &lf.votes).map(|(label, _)| label);
    // What a table or a model says is known with the data only.
    if votes().any(Option::is_none) {
        return;
    }
    for label in &spec.labels {
        let voted = votes().flatten().any(|vote| match vote {
            Label::One(_) | Label::OneOf(_) => vote.names().contains(label),
            Label::NoneOf(_) => !vote.names().contains(label),
        });
        if !voted {
            let message = format!("no labeling function votes for `{label}`");
            let problem = Problem::new("label-without-lf", label.place, message);
            let help = "write one, or the model can only guess where this label is";
            found.push(Lint::new(problem.help(help)));
        }
    }
}

fn lacks(lf: &Declaration, need: Need) -> bool {
    match need {
        Need::Why => lf.about.why.is_none(),
        Need::Owner => lf.about.owner.is_none(),
        Need::Tags => lf.about.tags.is_empty(),
        Need::Examples => lf.examples == Examples::default(),
    }
}

fn needed(lf: &Declaration, need: Need) -> Lint {
    let (code, key, help) = match need {
        Need::Why => ("missing-why", "why", "say in a sentence why it is right: `why: …`"),
        Need::Owner => ("missing-owner", "owner", "say who looks after it: `owner: …`"),
        Need::Tags => ("missing-tags", "tags", "give it words to be found by: `tags: [a]`"),
        Need::Examples => (
            "missing-examples",
            "examples",
            "give one of each: `examples: {match: […], no_match: […]}`",
        ),
    };
    let message = format!("`{}` has no `{key}`, which this spec requires", lf.name);
    Lint { denied: true, ..Lint::new(Problem::new(code, lf.name.place, message).help(help)) }
}
