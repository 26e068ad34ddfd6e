//! Labeling functions that say what another one says, or the contrary.
//!
//! Pairs are looked for by what they would have in common, so that thousands of labeling functions cost
//! what they share.

use super::super::error::Problem;
use super::super::kind::Join;
use super::super::label::Label;
use super::super::place::Place;
use super::super::spec::{Condition, Declaration, Spec};
use super::Lint;
use super::logic::Logic;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that are looked at closely.
const MOST_PAIRS: usize = 200_000;

/// Labeling functions by what they have in common with conditions that may imply theirs: the hash of a
/// condition, or a term.
type Wide = BTreeMap<Vec<u8>, BTreeSet<usize>>;

pub(super) fn lint(spec: &Spec, logic: &Logic<'_>, dead: &BTreeSet<Place>, found: &mut Vec<Lint>) {
    // A dead labeling function implies everything.
    let lfs: Vec<Single<'_>> = spec
        .lfs
        .iter()
        .filter(|lf| !dead.contains(&lf.name.place))
        .filter_map(Single::of)
        .collect();
    let mut wide = Wide::new();
    for (at, lf) in lfs.iter().enumerate() {
        for part in parts(lf.when, Join::Any, logic) {
            let terms = part.body.terms().0.into_iter().map(String::into_bytes);
            for key in std::iter::once(part.hash.to_vec()).chain(terms) {
                wide.entry(key).or_default().insert(at);
            }
        }
    }
    let mut pairs = 0;
    for (at, narrow) in lfs.iter().enumerate() {
        let mut others = BTreeSet::new();
        for part in parts(narrow.when, Join::All, logic) {
            others.extend(wide.get(part.hash.as_slice()).into_iter().flatten());
            others.extend(sharing(part, &wide));
        }
        for other in others.into_iter().filter(|other| *other != at) {
            pairs += 1;
            if pairs > MOST_PAIRS {
                return;
            }
            if let Some(lint) = compare(narrow, &lfs[other], other < at, logic) {
                found.push(lint);
                break;
            }
        }
    }
}

/// A labeling function with one vote.
struct Single<'a> {
    lf: &'a Declaration,
    label: Option<&'a Label>,
    when: &'a Condition,
}

impl<'a> Single<'a> {
    fn of(lf: &'a Declaration) -> Option<Self> {
        match lf.votes.as_slice() {
            [(label, when)] => Some(Self { lf, label: label.as_ref(), when }),
            _ => None,
        }
    }
}

/// The condition, and those that it follows from (`Any`) or that follow from it (`All`).
fn parts<'c>(condition: &'c Condition, join: Join, logic: &Logic<'c>) -> Vec<&'c Condition> {
    let condition = logic.resolved(condition);
    let mut parts = vec![condition];
    if condition.body.join() == join {
        parts.extend(condition.body.parts().iter().map(|part| logic.resolved(part)));
    }
    parts
}

/// The labeling functions that share terms with a condition such that it may imply theirs.
fn sharing(condition: &Condition, wide: &Wide) -> BTreeSet<usize> {
    let (terms, every) = condition.body.terms();
    let lists = terms.iter().map(|term| wide.get(term.as_bytes()));
    if every {
        return lists.flatten().flatten().copied().collect();
    }
    // What it implies has all of its terms: the rarest leads to them.
    let lists: Option<Vec<&BTreeSet<usize>>> = lists.collect();
    let rarest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
    rarest.cloned().unwrap_or_default()
}

/// What there is to say about a labeling function beside one that may hold wherever it does; `later` when
/// it comes after that.
fn compare(narrow: &Single<'_>, wide: &Single<'_>, later: bool, logic: &Logic<'_>) -> Option<Lint> {
    if !logic.implies(narrow.when, wide.when) {
        return None;
    }
    let both_ways = logic.implies(wide.when, narrow.when);
    let (name, other) = (&narrow.lf.name, &wide.lf.name);
    let same_exception = match (&narrow.lf.unless, &wide.lf.unless) {
        (None, None) => true,
        (Some(one), Some(another)) => one.hash == another.hash,
        _ => false,
    };
    if narrow.label == wide.label {
        if both_ways && same_exception {
            return later.then(|| {
                let message = format!("`{name}` votes exactly as `{other}` does");
                let problem = Problem::new("duplicate-lf", name.place, message);
                Lint::new(problem.help("remove one of the two; a repeat adds no evidence"))
            });
        }
        if wide.lf.unless.is_none() || same_exception {
            let message = format!("`{name}` votes only where `{other}` votes the same");
            let problem = Problem::new("subsumed-lf", name.place, message);
            let help = format!(
                "remove it, or keep it if its rows are surer: then take them out of `{other}`"
            );
            return Some(Lint::new(problem.help(help)));
        }
        return None;
    }
    if both_ways && later && same_exception && exclude(narrow.label?, wide.label?) {
        let message =
            format!("`{name}` votes against `{other}` on every row: their conditions are the same");
        let problem = Problem::new("contradictory-lfs", name.place, message);
        return Some(Lint::new(problem.help("one of the two labels is wrong")));
    }
    None
}

/// Whether no label satisfies both.
fn exclude(one: &Label, other: &Label) -> bool {
    let names = |label: &Label| -> BTreeSet<String> {
        label.names().iter().map(|name| name.value.clone()).collect()
    };
    let (a, b) = (names(one), names(other));
    match (one, other) {
        (Label::NoneOf(_), Label::NoneOf(_)) => false,
        (Label::NoneOf(_), _) => b.is_subset(&a),
        (_, Label::NoneOf(_)) => a.is_subset(&b),
        _ => a.is_disjoint(&b),
    }
}
