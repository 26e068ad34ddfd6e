//! Labeling functions of two runs: which is which, and what happened to it.

use super::compare::changed_tables;
use super::side::Side;
use super::{Cause, LfChange};
use crate::LfId;
use crate::job::LfDigest;

/// A labeling function of either run or of both.
pub(super) struct LfPair {
    pub(super) name: String,
    pub(super) renamed_from: Option<String>,
    pub(super) before: Option<LfId>,
    pub(super) after: Option<LfId>,
    pub(super) change: LfChange,
    /// The changed tables that it looks into.
    pub(super) tables: Vec<String>,
    /// Whether its votes depend on nothing but what is recorded.
    pub(super) recorded: bool,
}

impl LfPair {
    /// What labels changed by its votes are put down to; none where nothing happened to it.
    pub(super) fn cause(&self) -> Option<Cause> {
        match self.change {
            LfChange::Same => None,
            LfChange::Table => Some(Cause::several(self.tables.iter().cloned().map(Cause::Table))),
            LfChange::Added | LfChange::Removed | LfChange::Edited => {
                Some(Cause::Lf(self.name.clone()))
            }
        }
    }
}

/// All of them: those of the run before in order, then those that were added.
pub(super) fn pairs(before: &Side, after: &Side) -> Vec<LfPair> {
    let (old, new) = (&before.manifest.lfs, &after.manifest.lfs);
    let mut partner: Vec<Option<usize>> =
        old.iter().map(|lf| new.iter().position(|other| other.name == lf.name)).collect();
    // What has a new name and the old text was renamed.
    let mut free: Vec<usize> = (0..new.len()).filter(|at| !partner.contains(&Some(*at))).collect();
    for (lf, partner) in old.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
        let same = |at: &usize| !lf.sha256.is_empty() && new[*at].sha256 == lf.sha256;
        if let Some(at) = free.iter().position(same) {
            *partner = Some(free.remove(at));
        }
    }
    let changed = changed_tables(&before.manifest, &after.manifest);
    let id = |at: usize| LfId::new(at);
    let mut pairs = Vec::new();
    for (at, lf) in old.iter().enumerate() {
        pairs.push(match partner[at].map(|at| (at, &new[at])) {
            Some((to, other)) => {
                let reaches =
                    |name: &String| lf.tables.contains(name) || other.tables.contains(name);
                let tables: Vec<String> =
                    changed.iter().filter(|name| reaches(name)).cloned().collect();
                LfPair {
                    name: other.name.clone(),
                    renamed_from: (lf.name != other.name).then(|| lf.name.clone()),
                    before: id(at),
                    after: id(to),
                    change: change(lf, other, &tables),
                    tables,
                    recorded: !lf.sha256.is_empty(),
                }
            }
            None => alone(lf, LfChange::Removed, id(at), None),
        });
    }
    pairs.extend(free.into_iter().map(|at| alone(&new[at], LfChange::Added, None, id(at))));
    pairs
}

fn alone(lf: &LfDigest, change: LfChange, before: Option<LfId>, after: Option<LfId>) -> LfPair {
    let (name, recorded) = (lf.name.clone(), !lf.sha256.is_empty());
    LfPair { name, renamed_from: None, before, after, change, tables: Vec::new(), recorded }
}

fn change(before: &LfDigest, after: &LfDigest, tables: &[String]) -> LfChange {
    // Older runs did not record what an LF refers to.
    let references = before.utils.as_ref().zip(after.utils.as_ref());
    let other_references = references.is_some_and(|(before, after)| before != after);
    if before.sha256 != after.sha256 || other_references {
        LfChange::Edited
    } else if tables.is_empty() {
        LfChange::Same
    } else {
        LfChange::Table
    }
}
