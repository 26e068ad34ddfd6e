//! What was changed around the rows: settings, inputs and tables.

use super::side::Side;
use super::{FileChange, SettingChange, TableChange};
use crate::input::Digest;
use crate::job::{Manifest, TableDigest};
use std::collections::BTreeSet;

/// Settings that differ, in words.
pub(super) fn settings(before: &Side, after: &Side) -> Vec<SettingChange> {
    let (old, new) = (&before.manifest, &after.manifest);
    let mut changes = Vec::new();
    let mut compare = |what: String, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(SettingChange { what, before, after });
        }
    };
    compare("version of jurat".to_owned(), Some(old.jurat.clone()), Some(new.jurat.clone()));
    compare("labels".to_owned(), Some(old.labels.join(", ")), Some(new.labels.join(", ")));
    compare("label model".to_owned(), Some(old.model.clone()), Some(new.model.clone()));
    for (kind, old, new) in [
        ("variable", &old.set, &new.set),
        ("setting", &old.settings, &new.settings),
        ("trust in", &old.trust, &new.trust),
    ] {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let value = |of: &serde_json::Map<String, serde_json::Value>| {
                of.get(name).map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
            };
            compare(format!("{kind} {name}"), value(old), value(new));
        }
    }
    let balance = |of: &Manifest| {
        let shares = of.class_balance.as_ref()?.iter().zip(&of.labels);
        Some(shares.map(|(share, label)| format!("{label} {share}")).collect::<Vec<_>>().join(", "))
    };
    compare("class balance".to_owned(), balance(old), balance(new));
    let learned = |of: &Manifest| (of.learned_from > 0).then(|| of.learned_from.to_string());
    compare("rows with a known label to learn from".to_owned(), learned(old), learned(new));
    compare("decision".to_owned(), Some(old.decision.clone()), Some(new.decision.clone()));
    for (what, column) in [
        ("column of identifiers", (&old.columns.id, &new.columns.id)),
        ("column of known labels to score against", (&old.columns.gold, &new.columns.gold)),
        ("column of known labels to learn from", (&old.columns.learn, &new.columns.learn)),
    ] {
        compare(what.to_owned(), column.0.clone(), column.1.clone());
    }
    changes
}

/// What the model was fitted to that was different, in words.
pub(super) fn refit(before: &Side, after: &Side, other_votes: bool) -> Vec<String> {
    let (old, new) = (&before.manifest, &after.manifest);
    let reasons = [
        (old.model != new.model, "another label model"),
        (old.settings != new.settings || old.trust != new.trust, "other settings of the model"),
        (old.class_balance != new.class_balance, "another class balance"),
        (old.labels != new.labels, "other labels"),
        (
            old.learned_from != new.learned_from || old.columns.learn != new.columns.learn,
            "other known labels",
        ),
        (other_votes, "other votes"),
    ];
    let found = reasons.into_iter().filter(|(differs, _)| *differs);
    found.map(|(_, reason)| reason.to_owned()).collect()
}

/// Whether both runs read the same rows in the same order, as far as files tell.
pub(super) fn same_inputs(before: &Manifest, after: &Manifest) -> bool {
    let content = |digests: &[Digest]| -> Vec<String> {
        digests.iter().map(|digest| digest.sha256.clone()).collect()
    };
    !before.inputs.is_empty()
        && content(&before.inputs) == content(&after.inputs)
        && before.data == after.data
        && before.rows == after.rows
}

/// Input files that are new, gone or different. A file of the same content is the same, wherever it is; one
/// of the same name in another folder is another version of it.
pub(super) fn inputs(before: &Manifest, after: &Manifest) -> Vec<FileChange> {
    let unchanged = |digest: &Digest, others: &[Digest]| {
        others.iter().any(|other| other.sha256 == digest.sha256)
    };
    let name = |digest: &Digest| {
        let path = std::path::Path::new(&digest.path);
        path.file_name().map(|name| name.to_string_lossy().into_owned())
    };
    let mut changes = Vec::new();
    for digest in before.inputs.iter().filter(|digest| !unchanged(digest, &after.inputs)) {
        let after = after.inputs.iter().find(|other| name(other) == name(digest));
        let path = after.map_or_else(|| digest.path.clone(), |after| after.path.clone());
        let after = after.map(|after| after.bytes);
        changes.push(FileChange { path, before: Some(digest.bytes), after });
    }
    for digest in after.inputs.iter().filter(|digest| !unchanged(digest, &before.inputs)) {
        if !before.inputs.iter().any(|other| name(other) == name(digest)) {
            let (path, after) = (digest.path.clone(), Some(digest.bytes));
            changes.push(FileChange { path, before: None, after });
        }
    }
    changes
}

/// What changed about the tables that are in both runs, and which are in one.
pub(super) fn tables(before: &Manifest, after: &Manifest) -> Vec<TableChange> {
    let mut changes = Vec::new();
    let mut note = |name: &str, what: Vec<String>| {
        if !what.is_empty() {
            changes.push(TableChange { name: name.to_owned(), what, lfs: Vec::new(), rows: 0 });
        }
    };
    // Older runs recorded the files of tables, but not which table they are of.
    let unnamed = |of: &Manifest| of.tables.is_empty() && !of.lookups.is_empty();
    for old in &before.tables {
        match after.tables.iter().find(|new| new.name == old.name) {
            Some(new) => note(&old.name, differences(old, new)),
            None if unnamed(after) => note(&old.name, content(&old.files, &after.lookups)),
            None => note(&old.name, vec!["removed".to_owned()]),
        }
    }
    for new in &after.tables {
        if !before.tables.iter().any(|old| old.name == new.name) {
            let what = if unnamed(before) {
                content(&new.files, &before.lookups)
            } else {
                vec!["added".to_owned()]
            };
            note(&new.name, what);
        }
    }
    changes
}

/// The names of the tables that are in both runs and changed.
pub(super) fn changed_tables(before: &Manifest, after: &Manifest) -> Vec<String> {
    let both = tables(before, after).into_iter();
    let both =
        both.filter(|table| !table.what.iter().any(|what| what == "added" || what == "removed"));
    both.map(|table| table.name).collect()
}

/// The names of all tables, ascending.
pub(super) fn table_names(before: &Manifest, after: &Manifest) -> Vec<String> {
    let names: BTreeSet<&String> =
        before.tables.iter().chain(&after.tables).map(|table| &table.name).collect();
    names.into_iter().cloned().collect()
}

fn differences(before: &TableDigest, after: &TableDigest) -> Vec<String> {
    let mut what = content(&before.files, &after.files);
    let column = |column: &Option<String>| column.clone().unwrap_or_else(|| "none".to_owned());
    if before.key != after.key {
        what.push(format!("keys from `{}` instead of `{}`", after.key, before.key));
    }
    if before.label != after.label {
        let (before, after) = (column(&before.label), column(&after.label));
        what.push(format!("labels from `{after}` instead of `{before}`"));
    }
    if before.vector != after.vector {
        let (before, after) = (column(&before.vector), column(&after.vector));
        what.push(format!("vectors from `{after}` instead of `{before}`"));
    }
    if before.duplicates != after.duplicates {
        what.push("another rule for keys that stand there twice".to_owned());
    }
    what
}

/// Whether files have another content than those of before.
fn content(files: &[Digest], others: &[Digest]) -> Vec<String> {
    let same = |file: &Digest| others.iter().any(|other| other.sha256 == file.sha256);
    if files.iter().all(same) { Vec::new() } else { vec!["other content".to_owned()] }
}
