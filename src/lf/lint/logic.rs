//! What conditions say about each other without data.
//!
//! Conditions are true, false or missing on a row. One *implies* another when the other is true wherever it is.
//! What is found here is so; much that is so is not found.

use super::super::kind::Join;
use super::super::spec::{Condition, Spec};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Steps that one question may take; conditions that nobody can read get no lints.
const STEPS: u32 = 2_000;
/// Conditions inside each other, named ones followed.
const DEEP: u32 = 200;

pub(super) struct Logic<'a> {
    utils: BTreeMap<&'a str, &'a Condition>,
    steps: Cell<u32>,
}

impl<'a> Logic<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        let utils = spec.utils.iter().map(|(name, condition)| (name.as_str(), condition));
        Self { utils: utils.collect(), steps: Cell::new(0) }
    }

    /// The condition that a name stands for, or the condition itself.
    pub(super) fn resolved<'c>(&self, mut condition: &'c Condition) -> &'c Condition
    where
        'a: 'c,
    {
        // A condition that compiles refers to none that refers to it.
        while let Some(name) = condition.body.refers_to()
            && let Some(named) = self.utils.get(name.as_str())
        {
            condition = named;
        }
        condition
    }

    /// Whether it holds on every row where no cell is missing, or on none.
    pub(super) fn constant(&self, condition: &Condition) -> Option<bool> {
        self.steps.set(STEPS);
        self.constant_within(condition, 0)
    }

    /// Whether the second holds wherever the first does.
    pub(super) fn implies(&self, one: &Condition, other: &Condition) -> bool {
        self.steps.set(STEPS);
        self.implies_within(one, other, 0)
    }

    fn step(&self, depth: u32) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0 && depth < DEEP
    }

    fn constant_within(&self, condition: &Condition, depth: u32) -> Option<bool> {
        if !self.step(depth) {
            return None;
        }
        let condition = self.resolved(condition);
        let parts = condition.body.parts();
        let of = |part: &Condition| self.constant_within(part, depth + 1);
        match condition.body.join() {
            Join::Own => condition.body.constant(),
            Join::Not => parts.first().and_then(of).map(|holds| !holds),
            Join::All if parts.iter().any(|part| of(part) == Some(false)) => Some(false),
            Join::All if self.has_opposites(parts, depth, |yes, no| (yes, no)) => Some(false),
            Join::All => parts.iter().all(|part| of(part) == Some(true)).then_some(true),
            Join::Any if parts.iter().any(|part| of(part) == Some(true)) => Some(true),
            Join::Any if self.has_opposites(parts, depth, |yes, no| (no, yes)) => Some(true),
            Join::Any => parts.iter().all(|part| of(part) == Some(false)).then_some(false),
        }
    }

    /// Whether among the parts there are some `yes` and `not: no`, of which the first implies the second
    /// as `order` gives them.
    fn has_opposites<'c>(
        &self,
        parts: &'c [Condition],
        depth: u32,
        order: fn(&'c Condition, &'c Condition) -> (&'c Condition, &'c Condition),
    ) -> bool {
        let negated = parts.iter().filter(|part| part.body.join() == Join::Not);
        let mut negated = negated.filter_map(|part| part.body.parts().first());
        negated.any(|no| {
            parts.iter().filter(|yes| yes.body.join() != Join::Not).any(|yes| {
                let (one, other) = order(yes, no);
                self.implies_within(one, other, depth + 1)
            })
        })
    }

    fn implies_within(&self, one: &Condition, other: &Condition, depth: u32) -> bool {
        if !self.step(depth) {
            return false;
        }
        let (one, other) = (self.resolved(one), self.resolved(other));
        if one.hash == other.hash {
            return true;
        }
        let holds = |one: &Condition, other: &Condition| self.implies_within(one, other, depth + 1);
        match (one.body.join(), other.body.join()) {
            (Join::Any, _) => one.body.parts().iter().all(|part| holds(part, other)),
            (_, Join::All) => other.body.parts().iter().all(|part| holds(one, part)),
            (Join::All, _) if one.body.parts().iter().any(|part| holds(part, other)) => true,
            (_, Join::Any) => other.body.parts().iter().any(|part| holds(one, part)),
            (Join::Own, Join::Own) => one.body.implies(&other.body),
            _ => false,
        }
    }
}
