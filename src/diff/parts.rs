//! The parts of a comparison, as plain values.

use super::lfs::LfPair;
use super::side::Side;
use super::{Cause, MatchedBy};
use crate::report::{LfReport, Share};
use crate::{ClassId, LfId};
use serde::{Deserialize, Serialize};

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunSummary {
    /// Its folder, as it was named.
    pub folder: String,
    /// The spec.
    pub spec: String,
    /// When it started, if that was recorded.
    pub started: Option<String>,
    /// The label model.
    pub model: String,
    /// Rows with a vote, of its rows.
    pub coverage: Share,
    /// Rows with a label, of its rows.
    pub labeled: Share,
}

impl RunSummary {
    pub(super) fn new(side: &Side) -> Self {
        let manifest = &side.manifest;
        let labeled = side.votes.iter().zip(&side.labels).filter(|(_, label)| label.is_some());
        let labeled = labeled.map(|((_, rows), _)| rows).sum();
        Self {
            folder: side.folder.clone(),
            spec: manifest.spec.path.clone(),
            started: manifest.started.clone(),
            model: manifest.model.clone(),
            coverage: Share::new(side.votes.n_covered(), side.votes.n_rows()),
            labeled: Share::new(labeled, side.votes.n_rows()),
        }
    }
}

/// Which rows are in which run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RowsDelta {
    /// How rows were matched.
    pub matched_by: MatchedBy,
    /// Rows in both runs.
    pub common: u64,
    /// Rows in the run before alone.
    pub only_before: u64,
    /// Rows in the run after alone.
    pub only_after: u64,
    /// Common rows of which the labeling functions read something else, where that is known.
    pub changed_cells: Option<u64>,
    /// Rows of the run before whose identifier an earlier one has too.
    pub repeated_ids: u64,
}

/// A cause, with the labels that changed by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CauseReport {
    /// The cause.
    pub cause: Cause,
    /// Rows whose label changed by it, of the rows in both runs.
    pub rows: Share,
    /// The first of these rows.
    pub examples: Vec<DiffExample>,
}

/// A row whose label changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DiffExample {
    /// Its number in the run before, from 0.
    pub row_before: u64,
    /// Its number in the run after, from 0.
    pub row_after: u64,
    /// Its identifier, if it has one.
    pub id: Option<String>,
    /// Its label before; none where it had none.
    pub before: Option<String>,
    /// Its label after.
    pub after: Option<String>,
    /// The votes on it that changed.
    pub votes: Vec<VoteChange>,
}

/// A vote on a row that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VoteChange {
    /// The labeling function.
    pub lf: String,
    /// What it voted before; none where it abstained.
    pub before: Option<String>,
    /// What it votes now.
    pub after: Option<String>,
}

/// Rows whose label changed in the same way for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LabelChange {
    /// The label before; none where there was none.
    pub from: Option<String>,
    /// The label after.
    pub to: Option<String>,
    /// Why.
    pub cause: Cause,
    /// Rows.
    pub rows: u64,
}

/// What happened to a labeling function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LfChange {
    /// Nothing, unless it has a new name.
    Same,
    /// It is another one, or a named condition that it uses is.
    Edited,
    /// A table that it looks into is another one.
    Table,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// A labeling function in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LfDelta {
    /// Its name, after.
    pub name: String,
    /// Its name before, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// What happened to it.
    pub change: LfChange,
    /// The changed tables that it looks into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// Its figures in the run before; none where it was not there.
    pub before: Option<LfFigures>,
    /// Its figures in the run after.
    pub after: Option<LfFigures>,
    /// Rows of both runs on which it votes now and did not before.
    pub gained: u64,
    /// Those on which it does no longer.
    pub lost: u64,
    /// Those on which it votes something else.
    pub changed: u64,
    /// Labels that changed because it was edited, added or removed, and for no other reason.
    pub rows: u64,
}

/// Figures of a labeling function in one run, over all rows of that run (see [`crate::report`]).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LfFigures {
    /// Rows that it votes on, of all rows.
    pub coverage: Share,
    /// Its rows where another one contradicts it, of its rows.
    pub conflict: Share,
    /// The mean probability of what it voted.
    pub learned_accuracy: Option<f64>,
}

impl LfDelta {
    pub(super) fn new(pair: &LfPair, before: &Side, after: &Side) -> Self {
        let figures = |side: &Side, lf: Option<LfId>| {
            let lf: &LfReport = side.report.lfs.get(lf?.index())?;
            let (coverage, conflict) = (lf.coverage, lf.conflict);
            Some(LfFigures { coverage, conflict, learned_accuracy: lf.learned_accuracy })
        };
        Self {
            name: pair.name.clone(),
            renamed_from: pair.renamed_from.clone(),
            change: pair.change,
            tables: pair.tables.clone(),
            before: figures(before, pair.before),
            after: figures(after, pair.after),
            gained: 0,
            lost: 0,
            changed: 0,
            rows: 0,
        }
    }

    /// Whether anything happened to it or to its votes.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.change != LfChange::Same
            || self.renamed_from.is_some()
            || self.gained + self.lost + self.changed > 0
    }
}

/// A label in both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassDelta {
    /// Its name; none for rows without a label.
    pub name: Option<String>,
    /// Rows with it in the run before, of its rows; none where there is no such label.
    pub before: Option<Share>,
    /// Rows with it in the run after.
    pub after: Option<Share>,
}

impl ClassDelta {
    pub(super) fn all(before: &Side, after: &Side) -> Vec<Self> {
        let (old, new) = (before.votes.names(), after.votes.names());
        let added = new.classes.iter().filter(|class| !old.classes.contains(class));
        let names = old.classes.iter().chain(added).map(Some).chain([None]);
        let share = |side: &Side, name: Option<&String>| -> Option<Share> {
            let class = |name: &String| side.votes.names().class_named(name);
            let class: Option<ClassId> = match name {
                Some(name) => Some(class(name)?),
                None => None,
            };
            let rows = side.votes.iter().zip(&side.labels).filter(|(_, label)| **label == class);
            Some(Share::new(rows.map(|((_, rows), _)| rows).sum(), side.votes.n_rows()))
        };
        let delta = |name: Option<&String>| Self {
            name: name.cloned(),
            before: share(before, name),
            after: share(after, name),
        };
        names.map(delta).collect()
    }
}

/// A setting that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SettingChange {
    /// What it is, in words.
    pub what: String,
    /// Its value before, if it had one.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}

/// A data file that is new, gone or different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileChange {
    /// The file, as it was named.
    pub path: String,
    /// Its bytes before; none for a new file.
    pub before: Option<u64>,
    /// Its bytes after; none for a file that is gone.
    pub after: Option<u64>,
}

/// A lookup table that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableChange {
    /// Its name in the spec.
    pub name: String,
    /// What is different, in words.
    pub what: Vec<String>,
    /// The labeling functions that look into it and were there before.
    pub lfs: Vec<String>,
    /// Labels that changed because of it, and for no other reason.
    pub rows: u64,
}
