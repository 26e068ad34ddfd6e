//! Lints: what is right as a spec, and probably not what was meant.
//!
//! They look at the spec alone, once it compiles; what only data can tell is said by reports. Nothing
//! is said that is not so: where it cannot be known whether a condition holds wherever another does, no
//! lint speaks.

mod dead;
mod logic;
mod policy;
mod repeats;
mod unused;

pub use policy::{LintPolicy, Need};
pub(super) use policy::{policy, schema};

use super::error::{Problem, draw};
use super::place::Place;
use super::sources::SpecText;
use super::spec::{Condition, Spec};
use logic::Logic;
use std::collections::BTreeSet;

/// The codes of all lints.
pub const LINTS: [&str; 17] = [
    "always-true",
    "contradictory-lfs",
    "dead-lf",
    "duplicate-lf",
    "label-without-lf",
    "missing-examples",
    "missing-owner",
    "missing-tags",
    "missing-why",
    "regex-never-matches",
    "repeated-keyword",
    "shadowed-keyword",
    "subsumed-lf",
    "unreachable-vote",
    "unused-lookup",
    "unused-util",
    "unused-variable",
];

/// Something that was probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lint {
    /// What, where, and what to try.
    pub problem: Problem,
    /// What mends it, where that is mechanical.
    pub fix: Option<Fix>,
    /// Whether the spec says that it must not be.
    pub denied: bool,
}

/// A change of the text that mends a lint and changes no vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fix {
    /// To remove the element of a list that stands here.
    RemoveElement(Place),
    /// To remove the entry of a map whose key stands here.
    RemoveEntry(Place),
}

impl Lint {
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, fix: None, denied: false }
    }

    pub(super) fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

impl Spec {
    /// What in it was probably not meant, in the order of the places; what its section `lint` allows is
    /// left out.
    ///
    /// The spec must be one that compiles.
    #[must_use]
    pub fn lints(&self) -> Vec<Lint> {
        let logic = Logic::new(self);
        let mut found = Vec::new();
        for condition in conditions(self) {
            condition.body.lint(&mut found);
        }
        dead::lint(self, &logic, &mut found);
        let dead: BTreeSet<Place> = found.iter().map(|lint: &Lint| lint.problem.place).collect();
        repeats::lint(self, &logic, &dead, &mut found);
        unused::lint(self, &mut found);
        self.lint.apply(found)
    }
}

/// All conditions of a spec, those inside of others too.
fn conditions(spec: &Spec) -> Vec<&Condition> {
    let named = spec.utils.iter().chain(&spec.slices).map(|(_, condition)| condition);
    let mut found: Vec<&Condition> =
        named.chain(spec.lfs.iter().flat_map(|lf| lf.conditions())).collect();
    let mut next = 0;
    while let Some(condition) = found.get(next) {
        let parts = condition.body.parts();
        found.extend(parts);
        next += 1;
    }
    found
}

/// Lints as text for a terminal, in color or not.
#[must_use]
pub fn render(lints: &[Lint], sources: &[SpecText], color: bool) -> String {
    lints.iter().map(|lint| draw(&lint.problem, sources, !lint.denied, color)).collect()
}
