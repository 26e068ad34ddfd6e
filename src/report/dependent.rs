//! The pairs of LFs that agree beyond what the label explains, and what to say about them.

use super::Report;
use super::findings::{ENOUGH, Finding, rows};
use crate::Patterns;
use crate::model::{FittedModel, dependencies};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Two labeling functions that agree beyond what the label explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DependentPair {
    /// One of them.
    pub first: String,
    /// The other.
    pub second: String,
    /// Rows on which both vote the same.
    pub agree: u64,
    /// Rows on which they would, were they independent given the label.
    pub expected: f64,
    /// From 1/3 to 1, where the one repeats the other.
    pub strength: f64,
    /// The partial correlation that the label does not account for.
    pub partial_correlation: f64,
}

pub(super) fn pairs(votes: &Patterns, model: &FittedModel) -> Vec<DependentPair> {
    let pairs = dependencies(votes, model).into_iter().map(|found| DependentPair {
        first: votes.names().lf(found.lfs.0).to_owned(),
        second: votes.names().lf(found.lfs.1).to_owned(),
        agree: found.agree,
        expected: found.expected,
        strength: found.strength,
        partial_correlation: found.partial_correlation,
    });
    pairs.collect()
}

/// Pairs that are spoken of one by one.
const SPOKEN_OF: usize = 3;

/// The strongest pairs with enough rows that are not `named` already.
pub(super) fn findings(report: &Report, named: &BTreeSet<(&str, &str)>) -> Vec<Finding> {
    let pairs: Vec<&DependentPair> = report
        .dependencies
        .iter()
        .filter(|pair| pair.agree >= ENOUGH)
        .filter(|pair| !named.contains(&(pair.first.as_str(), pair.second.as_str())))
        .collect();
    // Only this model has the setting.
    let heed = match report.model.name.as_str() {
        "anchored" => ", or set `model.dependence: learned`",
        _ => "",
    };
    let groups = groups(&pairs);
    let grouped = |pair: &DependentPair| {
        groups.iter().any(|group| {
            group.contains(pair.first.as_str()) && group.contains(pair.second.as_str())
        })
    };
    let mut all: Vec<Finding> =
        groups.iter().map(|group| of_group(report, &pairs, group)).collect();
    let pairs: Vec<&DependentPair> = pairs.iter().copied().filter(|pair| !grouped(pair)).collect();
    let mut found: Vec<Finding> = pairs
        .iter()
        .take(SPOKEN_OF)
        .map(|pair| {
            let message = format!(
                "agrees with `{}` beyond what the label explains ({} rows of both, expected {}): {}; \
                 join the two or retire one{heed}",
                pair.first,
                rows(pair.agree),
                rows(pair.expected.round() as u64),
                in_words(pair.strength),
            );
            let lf = report.lfs.iter().find(|lf| lf.name == pair.second);
            Finding::new("dependent", lf, pair.agree, message)
        })
        .collect();
    let more = pairs.len().saturating_sub(SPOKEN_OF);
    if let Some(last) = found.last_mut().filter(|_| more > 0) {
        let pairs = if more == 1 { "pair does" } else { "pairs do" };
        last.message += &format!("; {more} more {pairs} so, see `dependencies` in the JSON report");
    }
    all.extend(found);
    all
}

/// Three or more of which each two agree beyond what the label explains: from the strongest pair on,
/// whoever does so with all that are in a group already joins it.
fn groups<'a>(pairs: &[&'a DependentPair]) -> Vec<BTreeSet<&'a str>> {
    let linked: BTreeSet<(&str, &str)> = pairs
        .iter()
        .flat_map(|pair| {
            let (first, second) = (pair.first.as_str(), pair.second.as_str());
            [(first, second), (second, first)]
        })
        .collect();
    let mut left: Vec<&str> = Vec::new();
    for pair in pairs {
        for name in [pair.first.as_str(), pair.second.as_str()] {
            if !left.contains(&name) {
                left.push(name);
            }
        }
    }
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    for pair in pairs {
        let ends = [pair.first.as_str(), pair.second.as_str()];
        if groups.iter().flatten().any(|name| ends.contains(name)) {
            continue;
        }
        let mut group = BTreeSet::from(ends);
        for name in &left {
            if group.iter().all(|member| linked.contains(&(*member, *name))) {
                group.insert(*name);
            }
        }
        if group.len() > 2 {
            groups.push(group);
        }
    }
    groups
}

fn of_group(report: &Report, pairs: &[&DependentPair], group: &BTreeSet<&str>) -> Finding {
    let of = pairs
        .iter()
        .filter(|pair| group.contains(pair.first.as_str()) && group.contains(pair.second.as_str()));
    let (mut agree, mut least) = (0, f64::INFINITY);
    for pair in of {
        agree = agree.max(pair.agree);
        least = least.min(pair.strength);
    }
    let mut names: Vec<String> = group.iter().map(|name| format!("`{name}`")).collect();
    let first = report.lfs.iter().find(|lf| group.contains(lf.name.as_str()));
    let own = first.map(|lf| format!("`{}`", lf.name)).unwrap_or_default();
    names.retain(|name| *name != own);
    let last = names.pop().unwrap_or_default();
    let message = format!(
        "agrees with {} and {last}, and each of them with the others, beyond what the label explains \
         (on up to {} rows): the {} count as {}; join them or keep one",
        names.join(", "),
        rows(agree),
        group.len(),
        if least >= 0.5 { "little more than one" } else { "fewer" }
    );
    Finding::new("dependent-group", first, agree, message)
}

/// Two votes of this strength are worth 2 / (1 + strength).
fn in_words(strength: f64) -> &'static str {
    match strength {
        0.85.. => "they count as one",
        0.5.. => "they count nearly as one",
        _ => "they count as less than two",
    }
}
