//! Whether the model can know what it says: findings about identification, stability and agreement
//! with what is known.
//!
//! Accuracies without gold labels are learned from agreement, which takes three labeling functions on
//! the same rows (Fu et al. 2020, "Fast and three-rious", doi:10.48550/arXiv.2002.11955), better than
//! chance on the whole. Each check has its rule at its function.

use super::findings::{ENOUGH, Finding, percent, rows};
use super::gold::GoldCounts;
use super::stats::{LfReport, Pairs, Precision};
use super::{Evidence, Report};
use crate::model::{Decision, ProbLabels};
use crate::{ClassId, LfId, Patterns};
use std::collections::BTreeSet;

/// What the checks found.
pub(super) struct Checked {
    /// To be sorted among the other findings.
    pub(super) findings: Vec<Finding>,
    /// What is good to know but wrong with nothing.
    pub(super) remarks: Vec<Finding>,
}

/// Findings that say nothing against the labels.
pub(super) const REMARKS: [&str; 1] = ["majority-as-good"];

/// `hard` are the hard labels of the patterns.
pub(super) fn findings(
    report: &Report,
    evidence: &Evidence<'_>,
    pairs: &Pairs,
    hard: &[Option<ClassId>],
    gold: Option<&GoldCounts>,
    majority_labels: Option<&ProbLabels>,
) -> Checked {
    let mut findings = inverted(report, evidence);
    findings.extend(overlaps(report, pairs));
    findings.extend(unstable(report));
    findings.extend(against_gold(report));
    findings.extend(class_shares(report, evidence, gold));
    let remarks = majority_labels.and_then(|labels| majority(report, evidence.votes, hard, labels));
    let remarks = remarks.into_iter().collect();
    Checked { findings, remarks }
}

/// With gold labels: majority vote is right at least as often on covered rows. Without: it gives at
/// least 99 % of the rows that both label the same label.
fn majority(
    report: &Report,
    votes: &Patterns,
    hard: &[Option<ClassId>],
    labels: &ProbLabels,
) -> Option<Finding> {
    const SAME: f64 = 0.99;
    if report.model.name == "majority" {
        return None;
    }
    let majority = labels.decide(&Decision::default());
    let (mut both, mut same) = (0, 0);
    for (u, (votes, count)) in votes.iter().enumerate() {
        if let (false, Some(one), Some(other)) = (votes.is_empty(), hard[u], majority[u]) {
            both += count;
            same += if one == other { count } else { 0 };
        }
    }
    let agree = same as f64 / both as f64;
    let message = match report.gold.as_ref().filter(|gold| gold.rows >= ENOUGH) {
        Some(gold) => {
            let (ours, theirs) =
                (gold.labels.accuracy_covered?, gold.majority.accuracy_covered?);
            (ours <= theirs).then(|| {
                format!(
                    "majority vote is as good: it is right on {} of the gold rows with votes, the model \
                     on {}; what the model adds is probabilities",
                    percent(theirs),
                    percent(ours)
                )
            })
        }
        None => (both >= ENOUGH && agree >= SAME).then(|| {
            format!(
                "majority vote is as good: it gives the same label on {} of the rows that both label; \
                 what the model adds is probabilities, and labels for rows with a tie",
                percent(agree)
            )
        }),
    }?;
    Some(Finding::new(REMARKS[0], None, both, message))
}

/// A labeling function whose votes are right less often than by chance: by the upper end of the
/// interval of its learned accuracy (5 points above it, without one), or by how often the others say
/// the same. That is counted on its rows where one class has most of the other votes; chance is how
/// common its classes are as such among all rows; the upper end of the Wilson interval must be below
/// three quarters of it, and below one half. Gold labels may clear it.
fn inverted(report: &Report, evidence: &Evidence<'_>) -> Vec<Finding> {
    /// Votes for classes rarer than this contradict most others by nature.
    const COMMON: f64 = 0.2;
    const FAR: f64 = 0.75;
    /// What stands for the half width of an interval that was not computed.
    const MARGIN: f64 = 0.05;
    let (common, tallies) = agreement(evidence.votes);
    let covered: f64 = report.classes.iter().map(|class| class.expected).sum();
    let expected: Vec<f64> =
        report.classes.iter().map(|class| class.expected / covered.max(1.0)).collect();
    let chance_of = |voted: &[f64], shares: &[f64]| {
        let all: f64 = voted.iter().zip(shares).map(|(n, share)| n * share).sum();
        all / voted[shares.len()].max(1.0)
    };
    let mut found = Vec::new();
    for (lf, tally) in report.lfs.iter().zip(&tallies) {
        let chance = chance_of(&tally.voted, &expected);
        let cleared = lf.precision.is_some_and(|p| {
            // That it is mostly wrong on gold is said elsewhere.
            p.high < 0.5 || p.n >= ENOUGH && (p.value >= 0.5 || p.low > chance)
        });
        let Some(learned) = lf.learned_accuracy.filter(|_| !cleared) else { continue };
        let high = lf.learned_interval.map_or(learned + MARGIN, |interval| interval.high);
        let by_model = lf.coverage.count >= ENOUGH && high < chance;
        let by_chance = chance_of(&tally.compared, &common);
        let agreed = Precision::new(tally.agree, tally.rows)
            .filter(|agreed| agreed.n >= ENOUGH && by_chance >= COMMON)
            .filter(|agreed| agreed.high < 0.5_f64.min(FAR * by_chance));
        let message = match agreed {
            Some(agreed) => format!(
                "looks inverted: most of the others say the same on {} of {} rows, less than by chance \
                 ({}); the model gives its votes a mean probability of {}; check its label and its \
                 condition, or retire it",
                rows(agreed.correct),
                rows(agreed.n),
                percent(by_chance),
                percent(learned)
            ),
            None if by_model => format!(
                "looks inverted: the model gives its votes a mean probability of {}, less than by chance \
                 ({}), and counts them against what they say; check its label and its condition, or \
                 retire it",
                percent(learned),
                percent(chance)
            ),
            None => continue,
        };
        found.push(Finding::new("inverted", Some(lf), lf.coverage.count, message));
    }
    found
}

/// One labeling function against the others.
struct Agreement {
    /// For each class its votes that allow it, and last all of them.
    voted: Vec<f64>,
    /// The same on the rows where the others have a most voted class.
    compared: Vec<f64>,
    /// Such rows.
    rows: u64,
    /// Those where the class is among those it votes.
    agree: u64,
}

/// How common each class is as the most voted one, and how each labeling function stands to the
/// most voted class of the others.
fn agreement(votes: &Patterns) -> (Vec<f64>, Vec<Agreement>) {
    let (k, names) = (votes.n_classes(), votes.names());
    let none =
        || Agreement { voted: vec![0.0; k + 1], compared: vec![0.0; k + 1], rows: 0, agree: 0 };
    let mut tallies: Vec<Agreement> = (0..votes.n_lfs()).map(|_| none()).collect();
    let mut common = vec![0.0; k];
    for (row, count) in votes.iter() {
        let mut sums = vec![0.0; k];
        let add = |sums: &mut [f64], classes: &[ClassId], sign: f64| {
            classes.iter().for_each(|class| sums[class.index()] += sign / classes.len() as f64);
        };
        row.iter().for_each(|vote| add(&mut sums, names.classes_of(vote.choice), 1.0));
        if let Some(top) = most(&sums) {
            common[top] += count as f64;
        }
        for vote in row {
            let classes = names.classes_of(vote.choice);
            let tally = &mut tallies[vote.lf.index()];
            let note = |sums: &mut [f64]| {
                classes.iter().for_each(|class| sums[class.index()] += count as f64);
                sums[k] += count as f64;
            };
            note(&mut tally.voted);
            add(&mut sums, classes, -1.0);
            if let Some(top) = most(&sums) {
                note(&mut tally.compared);
                tally.rows += count;
                let agrees = classes.iter().any(|class| class.index() == top);
                tally.agree += if agrees { count } else { 0 };
            }
            add(&mut sums, classes, 1.0);
        }
    }
    let total: f64 = common.iter().sum();
    common.iter_mut().for_each(|count| *count /= total.max(1.0));
    (common, tallies)
}

/// The class with most votes, none when several have or nobody votes.
fn most(sums: &[f64]) -> Option<usize> {
    let most = sums.iter().copied().fold(0.0, f64::max) - 1e-9;
    let mut top = (0..sums.len()).filter(|&y| sums[y] >= most && sums[y] > 1e-9);
    top.next().filter(|_| top.next().is_none())
}

/// Labeling functions with enough rows that meet nobody, and those that are not one of three that
/// meet each other; two meet on 10 rows or more.
fn overlaps(report: &Report, pairs: &Pairs) -> Vec<Finding> {
    const MEET: u64 = 10;
    let mut met = vec![BTreeSet::new(); report.lfs.len()];
    for (&(one, other), _) in pairs.iter().filter(|(_, both)| both.rows >= MEET) {
        met[one.index()].insert(other);
        met[other.index()].insert(one);
    }
    let in_three =
        |lf: &BTreeSet<LfId>| lf.iter().any(|other| !lf.is_disjoint(&met[other.index()]));
    let votes: Vec<(&LfReport, &BTreeSet<LfId>)> =
        report.lfs.iter().zip(&met).filter(|(lf, _)| lf.coverage.count >= ENOUGH).collect();
    let alone: Vec<&LfReport> =
        votes.iter().filter(|(lf, _)| lf.overlap.count == 0).map(|(lf, _)| *lf).collect();
    let few: Vec<&LfReport> = votes
        .iter()
        .filter(|(lf, met)| lf.overlap.count > 0 && !in_three(met))
        .map(|(lf, _)| *lf)
        .collect();
    let mut found = Vec::new();
    if !alone.is_empty() {
        let what = "what such a vote is worth is the model's expectation, and no learned accuracy is \
                    shown; look at some of the rows, or write labeling functions that overlap";
        let verbs = ["never meets another labeling function", "never meet another one"];
        found.push(about("never-overlaps", &alone, verbs, what));
    }
    if !few.is_empty() {
        let mut what = "that takes two others that overlap with it and with each other, so that the model \
                        holds on to its expectation; write more for the same rows, or label some by hand"
            .to_owned();
        let unknown = |label: &str| {
            let mut who = report.lfs.iter().filter(|lf| lf.votes.iter().any(|v| v.label == label));
            let weak = |lf: &LfReport| few.iter().chain(&alone).any(|weak| weak.name == lf.name);
            who.clone().next().is_some() && who.all(weak)
        };
        let classes: Vec<String> = report
            .classes
            .iter()
            .filter(|class| unknown(&class.name))
            .map(|class| format!("`{}`", class.name))
            .collect();
        if !classes.is_empty() {
            what += &format!("; nobody else votes {}", classes.join(", "));
        }
        let verbs = [
            "overlaps with too few others to learn its accuracy from agreement",
            "overlap with too few others to learn their accuracy from agreement",
        ];
        found.push(about("few-overlaps", &few, verbs, &what));
    }
    found
}

/// A finding about one labeling function or several, with the verb for either.
fn about(code: &str, lfs: &[&LfReport], [one, several]: [&str; 2], what: &str) -> Finding {
    let rows = lfs.iter().map(|lf| lf.coverage.count).sum();
    match lfs {
        [lf] => Finding::new(code, Some(lf), rows, format!("{one}: {what}")),
        _ => {
            let n = lfs.len();
            let message = format!("{n} labeling functions ({}) {several}: {what}", list(lfs));
            Finding::new(code, None, rows, message)
        }
    }
}

/// The first names of a list.
fn list(lfs: &[&LfReport]) -> String {
    const NAMED: usize = 3;
    let mut text: Vec<String> = lfs.iter().take(NAMED).map(|lf| format!("`{}`", lf.name)).collect();
    if lfs.len() > NAMED {
        text.push(format!("{} more", lfs.len() - NAMED));
    }
    text.join(", ")
}

/// Fits on resampled rows give more than 5 % of the covered rows another label.
fn unstable(report: &Report) -> Option<Finding> {
    let changed = report.model.changed.filter(|changed| *changed > 0.05)?;
    let message = format!(
        "the fit depends on few votes: on resampled rows it gives {} of the covered rows another label; \
         use the probabilities rather than the labels, and add labeling functions, rows or a class \
         balance",
        percent(changed)
    );
    let affected = (changed * report.rows.coverage.count as f64).round() as u64;
    Some(Finding::new("unstable", None, affected, message))
}

/// Labeling functions of each kind that are spoken of.
const SPOKEN_OF: usize = 3;

/// Learned accuracies outside the interval of the precision on gold, by 10 points at least; where the
/// learned accuracy has an interval, the two must not meet.
fn against_gold(report: &Report) -> Vec<Finding> {
    const GAP: f64 = 0.1;
    let mut found = Vec::new();
    for (code, over) in [("overrated", true), ("underrated", false)] {
        let mut off: Vec<(f64, &LfReport, f64, Precision)> = Vec::new();
        for lf in &report.lfs {
            let (Some(learned), Some(gold)) = (lf.learned_accuracy, lf.precision) else { continue };
            let (low, high) = lf.learned_interval.map_or((learned, learned), |i| (i.low, i.high));
            let apart = if over { low > gold.high } else { high < gold.low };
            let gap = (learned - gold.value).abs();
            // That it is mostly wrong has been said.
            if apart && gap >= GAP && gold.n >= ENOUGH && gold.high >= 0.5 {
                off.push((gap, lf, learned, gold));
            }
        }
        off.sort_by(|one, other| other.0.total_cmp(&one.0));
        let more = off.len().saturating_sub(SPOKEN_OF);
        for (place, (_, lf, learned, gold)) in off.into_iter().take(SPOKEN_OF).enumerate() {
            let (what, next) = match (over, &lf.conflicts_most_with) {
                (true, _) => {
                    ("is worse than the model thinks", "look at its wrong rows".to_owned())
                }
                (false, None) => {
                    ("is better than the model thinks", "the others may err".to_owned())
                }
                (false, Some((with, _))) => (
                    "is better than the model thinks",
                    format!("look at rows where `{with}` says otherwise"),
                ),
            };
            let mut message = format!(
                "{what}: its votes have a mean probability of {}, and {} of {} are right on gold ({}); {next}",
                percent(learned),
                rows(gold.correct),
                rows(gold.n),
                percent(gold.value)
            );
            if place + 1 == SPOKEN_OF && more > 0 {
                message += &format!("; and {more} more, see the table");
            }
            found.push(Finding::new(code, Some(lf), lf.coverage.count, message));
        }
    }
    found
}

/// A class whose expected share is more than 10 points from what is known: on the covered rows with a
/// gold label, where the difference must be more than three standard errors; without gold, on all
/// rows against the class balance that was given.
fn class_shares(
    report: &Report,
    evidence: &Evidence<'_>,
    gold: Option<&GoldCounts>,
) -> Vec<Finding> {
    const GAP: f64 = 0.1;
    let (votes, table) = (evidence.votes, evidence.labels.table());
    let weight = |u: usize| match gold {
        Some(_) if votes.votes(u).is_empty() => 0,
        Some(gold) => gold.total(u),
        None => votes.row_count(u),
    };
    let n: u64 = (0..votes.len()).map(weight).sum();
    if n < ENOUGH {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (class, of) in ClassId::first(votes.n_classes()).zip(&report.classes) {
        let sum =
            |value: &dyn Fn(usize) -> f64| (0..votes.len()).map(value).sum::<f64>() / n as f64;
        let expected = sum(&|u| weight(u) as f64 * table[[u, class.index()]]);
        let (known, source) = match (gold, of.balance) {
            (Some(gold), _) => {
                let count = |u: usize| if weight(u) > 0 { gold.of_class(u, class) } else { 0 };
                (sum(&|u| count(u) as f64), "the gold rows with votes")
            }
            (None, Some(share)) => (share, "the rows, by the class balance that was given,"),
            (None, None) => return Vec::new(),
        };
        let error = gold.map_or(0.0, |_| (known * (1.0 - known) / n as f64).sqrt());
        if (expected - known).abs() > GAP.max(3.0 * error) {
            let next = if report.classes.iter().any(|class| class.balance.is_some()) {
                "check whether the balance given is that of these data"
            } else {
                "give the class balance if it is known, and check the labeling functions of this class"
            };
            let message = format!(
                "`{}` is expected on {} of {source} and known to be on {}: {next}",
                of.name,
                percent(expected),
                percent(known)
            );
            let off = ((expected - known).abs() * n as f64).round() as u64;
            found.push(Finding::new("class-share", None, off, message));
        }
    }
    if votes.n_classes() == 2 {
        // The other class is off by as much.
        found.truncate(1);
    }
    found
}
