//! What a comparison says in words: the headline, and what to keep in mind.

use super::side::Side;
use super::words::{because, share};
use super::{Cause, CauseReport, Diff, MatchedBy};
use crate::report::{percent, rows};

/// Causes that the headline names.
const NAMED: usize = 4;

/// What changed in a few sentences.
pub(super) fn headline(diff: &Diff) -> Vec<String> {
    let (changed, common) = (diff.changed.count, diff.changed.of);
    let mut first = match changed {
        0 if common == 0 => "No row is in both runs".to_owned(),
        0 => format!("None of {} labels changed", rows(common)),
        _ => {
            let (changed, of) = (rows(changed), rows(common));
            format!("{changed} of {of} labels changed ({})", share(diff.changed))
        }
    };
    let (several, single): (Vec<&CauseReport>, Vec<&CauseReport>) =
        diff.causes.iter().partition(|cause| matches!(cause.cause, Cause::Several(_)));
    let named = single.iter().take(NAMED);
    let mut parts: Vec<String> = named
        .map(|cause| format!("{} {}", rows(cause.rows.count), because(diff, &cause.cause)))
        .collect();
    let sum = |causes: &[&CauseReport]| causes.iter().map(|cause| cause.rows.count).sum();
    let (others, several) = (sum(single.get(NAMED..).unwrap_or_default()), sum(&several));
    for (count, by) in [(others, "other causes"), (several, "several causes at once")] {
        parts.extend((count > 0).then(|| format!("{} by {by}", rows(count))));
    }
    if !parts.is_empty() {
        first += &format!(": {}", parts.join(", "));
    }
    let mut headline = vec![first + "."];
    match (diff.rows.only_after, diff.rows.only_before) {
        (0, 0) => {}
        (new, 0) => headline.push(format!("{} new.", are(new))),
        (0, gone) => headline.push(format!("{} gone.", are(gone))),
        (new, gone) => headline.push(format!("{} new, {} gone.", are(new), rows(gone))),
    }
    for (what, before, after) in [
        ("with a vote", diff.before.coverage, diff.after.coverage),
        ("with a label", diff.before.labeled, diff.after.labeled),
    ] {
        if before != after {
            let ends = (percent(before.share.unwrap_or(0.0)), percent(after.share.unwrap_or(0.0)));
            if ends.0 != ends.1 {
                headline.push(format!("Rows {what}: {} → {}.", ends.0, ends.1));
            }
        }
    }
    headline
}

fn are(count: u64) -> String {
    if count == 1 { "1 row is".to_owned() } else { format!("{} rows are", rows(count)) }
}

/// What one should know of the comparison.
pub(super) fn notes(diff: &Diff, before: &Side, after: &Side) -> Vec<String> {
    let mut notes = Vec::new();
    let (old, new) = (&before.manifest, &after.manifest);
    let lacks = |of: &[String], those: &[String]| -> String {
        let names = those.iter().filter(|name| !of.contains(name)).map(|name| format!("`{name}`"));
        names.collect::<Vec<_>>().join(", ")
    };
    for (what, names) in
        [("new", lacks(&old.labels, &new.labels)), ("gone", lacks(&new.labels, &old.labels))]
    {
        if !names.is_empty() {
            notes.push(format!(
                "Of the labels, {what}: {names}. Labels and votes are compared by name; votes that name a \
                 label which the other run does not have are no evidence to its model."
            ));
        }
    }
    let ids = (before.ids.is_empty(), after.ids.is_empty());
    if ids.0 != ids.1 {
        let without = if ids.0 { &before.folder } else { &after.folder };
        notes.push(format!("Rows are matched by number: {without} has no identifiers."));
    }
    let common = diff.rows.common;
    if common == 0 && before.n_rows().min(after.n_rows()) > 0 {
        notes.push("No identifier is in both runs: are they of the same data?".to_owned());
    }
    if diff.rows.repeated_ids > 0 {
        notes.push(format!(
            "{} rows have the identifier of an earlier row; they are matched in order.",
            rows(diff.rows.repeated_ids)
        ));
    }
    let other_cells = diff.rows.changed_cells.unwrap_or(0);
    if diff.rows.matched_by == MatchedBy::Number && other_cells * 2 > common {
        notes.push(format!(
            "{} of {} rows have other data. Without identifiers rows are matched by number: were some \
             inserted or reordered? Name a column of identifiers (`input: {{id: …}}`, `--id`).",
            rows(other_cells),
            rows(common)
        ));
    }
    if diff.rows.changed_cells.is_none() {
        let without = [before, after].into_iter().find(|side| side.fingerprints.is_none());
        let why = match without {
            Some(side) => format!("{} has no fingerprints of its rows", side.folder),
            None => "the labeling functions read other columns than before".to_owned(),
        };
        notes.push(format!(
            "Which rows have other data is not known, because {why} and the input files differ. A change \
             is put down to data only where a labeling function to which nothing happened votes otherwise."
        ));
    }
    for side in [before, after] {
        if side.decision.is_none() {
            notes.push(format!(
                "{} has no spec that can be read: where several changes touch a row they are not told \
                 apart, and the rule for labels is not told from the refit.",
                side.folder
            ));
        }
        let silent = |lf: &&crate::job::LfDigest| lf.utils.is_none() && lf.sha256.len() == 64;
        if side.manifest.lfs.iter().any(|lf| silent(&lf)) {
            notes.push(format!(
                "{} was made by an older version: edits of named conditions and tables may be missed.",
                side.folder
            ));
        }
    }
    if old.jurat != new.jurat {
        notes.push(format!(
            "The runs were made by jurat {} and {}, which may vote differently.",
            old.jurat, new.jurat
        ));
    }
    notes
}
