//! The phrases of a comparison, which both of its renderers use.

use super::{Cause, Diff, DiffExample, LfChange, LfDelta, LfFigures, VoteChange};
use crate::report::{Share, percent, rows};
use crate::visible::line;

/// A share that is never shown as nothing when it is something.
pub(super) fn share(share: Share) -> String {
    match share.share {
        None => "—".to_owned(),
        Some(part) if part > 0.0 && part < 0.000_5 => "< 0.1 %".to_owned(),
        Some(part) => percent(part),
    }
}

/// A cause as the end of a sentence about labels that changed.
pub(super) fn because(diff: &Diff, cause: &Cause) -> String {
    match cause {
        Cause::Lf(name) => format!("because `{name}` was {}", happened(diff, name)),
        Cause::Table(name) => format!("by the table `{name}`"),
        Cause::Data => "because the data of the row changed".to_owned(),
        Cause::Refit if diff.refit.is_empty() => "by the refit".to_owned(),
        Cause::Refit => format!("by the refit ({})", diff.refit.join(", ")),
        Cause::Decision => "by the new rule for labels".to_owned(),
        Cause::Code => "by code that is not recorded".to_owned(),
        Cause::Several(_) => "by several causes at once".to_owned(),
    }
}

/// A cause as the cell of a table.
pub(super) fn noun(diff: &Diff, cause: &Cause) -> String {
    match cause {
        Cause::Lf(name) => format!("`{name}` {}", happened(diff, name)),
        Cause::Table(name) => format!("table `{name}`"),
        Cause::Data => "data of the row".to_owned(),
        Cause::Refit if diff.refit.is_empty() => "refit".to_owned(),
        Cause::Refit => format!("refit ({})", diff.refit.join(", ")),
        Cause::Decision => "rule for labels".to_owned(),
        Cause::Code => "code that is not recorded".to_owned(),
        Cause::Several(causes) => {
            let names: Vec<String> = causes.iter().map(named).collect();
            format!("{} at once", names.join(" and "))
        }
    }
}

/// A cause by its name.
fn named(cause: &Cause) -> String {
    match cause {
        Cause::Lf(name) => format!("`{name}`"),
        Cause::Table(name) => format!("the table `{name}`"),
        other => other.to_string(),
    }
}

/// What happened to a labeling function, in a word.
fn happened(diff: &Diff, name: &str) -> &'static str {
    let lf = diff.lfs.iter().find(|lf| lf.name == name && lf.change != LfChange::Same);
    lf.map_or("changed", |lf| match lf.change {
        LfChange::Added => "added",
        LfChange::Removed => "removed",
        _ => "edited",
    })
}

/// A label, or that there is none.
pub(super) fn label(name: Option<&String>) -> &str {
    name.map_or("no label", String::as_str)
}

/// How labels changed by a cause: the most frequent changes.
pub(super) fn changes(diff: &Diff, cause: &Cause) -> String {
    const SHOWN: usize = 3;
    let all: Vec<_> = diff.changes.iter().filter(|change| change.cause == *cause).collect();
    let shown = all.iter().take(SHOWN).map(|change| {
        let (from, to) = (label(change.from.as_ref()), label(change.to.as_ref()));
        format!("{} {from} → {to}", rows(change.rows))
    });
    let mut shown: Vec<String> = shown.collect();
    if all.len() > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// What happened to a labeling function.
pub(super) fn happened_to(lf: &LfDelta) -> String {
    let what = match lf.change {
        LfChange::Same if lf.renamed_from.is_none() => "unchanged",
        LfChange::Same => "",
        LfChange::Edited => "edited",
        LfChange::Added => "added",
        LfChange::Removed => "removed",
        LfChange::Table => "",
    };
    let mut parts = Vec::new();
    parts.extend(lf.renamed_from.as_ref().map(|name| format!("renamed from `{name}`")));
    parts.extend((!what.is_empty()).then(|| what.to_owned()));
    parts.extend(lf.tables.iter().map(|table| format!("table `{table}`")));
    parts.join(", ")
}

/// The figures of a labeling function before and after: coverage, conflict, learned accuracy.
pub(super) fn figures(lf: &LfDelta) -> [String; 3] {
    let of = |figure: fn(&LfFigures) -> Option<f64>| {
        ends(lf.before.as_ref().and_then(figure), lf.after.as_ref().and_then(figure))
    };
    [of(|of| of.coverage.share), of(|of| of.conflict.share), of(|of| of.learned_accuracy)]
}

/// How the votes of a labeling function changed, in short.
pub(super) fn vote_counts(lf: &LfDelta) -> String {
    let counts = [("+", lf.gained, ""), ("−", lf.lost, ""), ("", lf.changed, " other")];
    let some = counts.into_iter().filter(|(_, count, _)| *count > 0);
    let some: Vec<String> =
        some.map(|(sign, count, what)| format!("{sign}{}{what}", rows(count))).collect();
    if some.is_empty() { "the same".to_owned() } else { some.join(", ") }
}

/// A share before and after, once where it is the same.
pub(super) fn ends(before: Option<f64>, after: Option<f64>) -> String {
    let text = |part: Option<f64>| part.map_or_else(|| "—".to_owned(), percent);
    let (before, after) = (text(before), text(after));
    if before == after { after } else { format!("{before} → {after}") }
}

/// A number of rows before and after, once where it is the same.
pub(super) fn counts(before: Option<Share>, after: Option<Share>) -> String {
    let text = |share: Option<Share>| share.map_or_else(|| "—".to_owned(), |of| rows(of.count));
    let (before, after) = (text(before), text(after));
    if before == after { after } else { format!("{before} → {after}") }
}

/// The name of a row: its identifier, or its number.
pub(super) fn row(example: &DiffExample) -> String {
    const SHOWN: usize = 60;
    match &example.id {
        Some(id) if id.chars().count() > SHOWN => {
            line(&id.chars().take(SHOWN).chain(['…']).collect::<String>())
        }
        Some(id) => line(id),
        None => format!("row {}", example.row_after),
    }
}

/// The votes that changed on a row, the first ones.
pub(super) fn votes(changes: &[VoteChange]) -> String {
    const SHOWN: usize = 4;
    let vote = |vote: &Option<String>| vote.clone().unwrap_or_else(|| "—".to_owned());
    let mut shown: Vec<String> = changes
        .iter()
        .take(SHOWN)
        .map(|change| format!("{}: {} → {}", change.lf, vote(&change.before), vote(&change.after)))
        .collect();
    if changes.len() > SHOWN {
        shown.push(format!("{} more", changes.len() - SHOWN));
    }
    if shown.is_empty() { "the same".to_owned() } else { shown.join(", ") }
}

/// Settings, inputs and tables that were changed, a line each.
pub(super) fn around(diff: &Diff) -> Vec<String> {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".to_owned());
    let settings = diff.settings.iter().map(|setting| {
        format!("{}: {} → {}", setting.what, value(&setting.before), value(&setting.after))
    });
    let inputs = diff.inputs.iter().map(|file| {
        let what = match (file.before, file.after) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "other content",
        };
        format!("input {}: {what}", file.path)
    });
    let tables = diff.tables.iter().map(|table| {
        let lfs = if table.lfs.is_empty() {
            String::new()
        } else {
            format!(" (used by {})", table.lfs.join(", "))
        };
        format!("table {}: {}{lfs}", table.name, table.what.join(", "))
    });
    settings.chain(inputs).chain(tables).collect()
}
