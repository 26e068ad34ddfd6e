//! What changed between two runs, and why each label that changed did.
//!
//! Rows of both runs are matched by identifier, or by number where one of the runs has none; rows that
//! share an identifier are matched in order. Labels are compared by name, and to have no label is one
//! more. Labeling functions are matched by name; one with a new name and the old text was renamed.
//!
//! # Why a label changed
//!
//! A label depends on the cells that the labeling functions read, on the labeling functions, on the tables
//! that they look into, on the label model and on the rule that makes labels of probabilities. The cause
//! of a change is the first of these that applies:
//!
//! 1. [`Refit`](Cause::Refit): the votes on the row are the same, so that it is the model, which was fitted
//!    again, whatever else was changed. Of that, [`Decision`](Cause::Decision) is where the new rule gives the
//!    new label with the old probabilities, and the old rule does not with the new ones.
//! 2. [`Data`](Cause::Data): the fingerprint of the row is another one, so that its cells are. Without
//!    fingerprints that can be compared the cells are known to be the same where the input files are, and
//!    to be others where a labeling function to which nothing happened votes otherwise.
//! 3. Otherwise votes on the row differ. What happened to a labeling function whose vote differs is a cause
//!    that *touches* the row: [`Lf`](Cause::Lf) where it was added, removed or edited, or a named
//!    condition that it uses was; else [`Table`](Cause::Table) where a table that it looks into was changed;
//!    else [`Code`](Cause::Code). A cause that touches the row alone is the cause.
//! 4. Where several causes touch the row, each is tried alone: the old votes with the changes of that cause
//!    get their label from the old model and the old rule. The only cause that changes the label so is the
//!    cause. If none does and all together do not either, it is [`Refit`](Cause::Refit). Otherwise it is
//!    [`Several`](Cause::Several): those that change the label alone, or all where none does. The old model
//!    says nothing of labeling functions that were added; where one of them votes now, model and
//!    rule are the new ones, for the old votes as well.

mod attribute;
mod cause;
mod compare;
mod headline;
mod lfs;
mod limit;
mod markdown;
mod matching;
mod parts;
mod side;
mod summary;
mod terminal;
mod words;

pub use cause::Cause;
pub use limit::{Limit, LimitError, LimitResult};
pub use markdown::markdown;
pub use matching::MatchedBy;
pub use parts::{
    CauseReport, ClassDelta, DiffExample, FileChange, LabelChange, LfChange, LfDelta, LfFigures,
    RowsDelta, RunSummary, SettingChange, TableChange, VoteChange,
};
pub use terminal::terminal;

use crate::Error;
use crate::job::Run;
use crate::report::{Privacy, Share};
use attribute::{Attributor, Cells, Comparison};
use matching::Matcher;
use serde::{Deserialize, Serialize};
use side::Side;
use std::collections::{BTreeMap, HashMap};

const FORMAT: &str = "jurat-diff-1";

/// Rows that are shown for each cause.
const EXAMPLES: usize = 3;

/// What changed between two runs.
///
/// ```no_run
/// use jurat::diff::Diff;
/// use jurat::job::Run;
///
/// let diff = Diff::new(&Run::open("runs/main")?, &Run::open("runs/branch")?)?;
/// println!("{}", diff.headline.join(" "));
/// for cause in &diff.causes {
///     println!("{} {}", cause.rows.count, cause.cause);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diff {
    /// `jurat-diff-1`.
    pub format: String,
    /// What changed in a few sentences.
    pub headline: Vec<String>,
    /// The run before.
    pub before: RunSummary,
    /// The run after.
    pub after: RunSummary,
    /// Which rows are in which run.
    pub rows: RowsDelta,
    /// Labels that changed, of the rows in both runs.
    pub changed: Share,
    /// Why they changed, what changed most first.
    pub causes: Vec<CauseReport>,
    /// How they changed, and why: the most rows first.
    pub changes: Vec<LabelChange>,
    /// The labeling functions of both runs: those of the run before in order, then those that were added.
    pub lfs: Vec<LfDelta>,
    /// The labels, and last the rows without one.
    pub classes: Vec<ClassDelta>,
    /// Settings that were changed.
    pub settings: Vec<SettingChange>,
    /// What the model was fitted to that was different, in words; empty when the fits are the same.
    pub refit: Vec<String>,
    /// Data files that were changed.
    pub inputs: Vec<FileChange>,
    /// Lookup tables that were changed.
    pub tables: Vec<TableChange>,
    /// The names of all tables of both runs, ascending.
    pub table_names: Vec<String>,
    /// What one should know of this comparison, such as what could not be compared.
    pub notes: Vec<String>,
    /// The limits that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitResult>,
}

impl Diff {
    /// Compares two runs.
    ///
    /// Memory is eight bytes a row of each run and its identifiers, and to match these some 60 bytes a row
    /// of the run before.
    ///
    /// # Errors
    /// [`Error::Run`], [`Error::Read`] or [`Error::Model`] when a file of a run is missing or damaged.
    pub fn new(before: &Run, after: &Run) -> Result<Self, Error> {
        let (before, after) = rayon::join(|| Side::read(before), || Side::read(after));
        let (before, after) = (before?, after?);
        let pairs = lfs::pairs(&before, &after);
        let attributor = Attributor::new(&before, &after, &pairs);
        let counted = Counted::new(&before, &after);
        let compared: Vec<(&Group, Comparison)> = counted
            .groups
            .iter()
            .map(|group| (group, attributor.compare(group.before, group.after, group.cells)))
            .collect();

        let mut diff = Self {
            format: FORMAT.to_owned(),
            headline: Vec::new(),
            before: RunSummary::new(&before),
            after: RunSummary::new(&after),
            rows: counted.rows,
            changed: Share::new(0, counted.rows.common),
            causes: Vec::new(),
            changes: Vec::new(),
            lfs: pairs.iter().map(|pair| LfDelta::new(pair, &before, &after)).collect(),
            classes: ClassDelta::all(&before, &after),
            settings: compare::settings(&before, &after),
            refit: Vec::new(),
            inputs: compare::inputs(&before.manifest, &after.manifest),
            tables: compare::tables(&before.manifest, &after.manifest),
            table_names: compare::table_names(&before.manifest, &after.manifest),
            notes: Vec::new(),
            limits: Vec::new(),
        };
        let other_votes = before.votes.names() != after.votes.names()
            || !before.votes.iter().eq(after.votes.iter());
        diff.refit = compare::refit(&before, &after, other_votes);
        diff.count_votes(&compared);
        diff.count_labels(&compared, &before, &after, &attributor);
        for table in &mut diff.tables {
            let reaches = |lf: &&LfDelta| lf.tables.contains(&table.name);
            table.lfs = diff.lfs.iter().filter(reaches).map(|lf| lf.name.clone()).collect();
            table.rows = rows_of(&diff.causes, &Cause::Table(table.name.clone()));
        }
        for lf in &mut diff.lfs {
            lf.rows = rows_of(&diff.causes, &Cause::Lf(lf.name.clone()));
        }
        diff.notes = headline::notes(&diff, &before, &after);
        diff.headline = headline::headline(&diff);
        // What one of the runs was made not to show is not shown here either.
        diff.restrict(before.manifest.privacy.or(after.manifest.privacy));
        Ok(diff)
    }

    /// The same with limits and whether they are met.
    ///
    /// # Errors
    /// [`LimitError::UnknownName`] when one is about a labeling function or table that is in neither run.
    pub fn with_limits(mut self, limits: &[Limit]) -> Result<Self, LimitError> {
        let results: Result<Vec<_>, _> = limits.iter().map(|limit| limit.check(&self)).collect();
        self.limits = results?;
        Ok(self)
    }

    /// The comparison as a JSON document.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Adds up how the votes of each labeling function changed on common rows.
    fn count_votes(&mut self, compared: &[(&Group, Comparison)]) {
        for (group, comparison) in compared {
            for &(lf, was, is) in &comparison.votes {
                let lf = &mut self.lfs[lf];
                *match (was, is) {
                    (None, _) => &mut lf.gained,
                    (_, None) => &mut lf.lost,
                    _ => &mut lf.changed,
                } += group.rows;
            }
        }
    }

    /// Adds up labels that changed by cause, and takes some rows of each.
    fn count_labels(
        &mut self,
        compared: &[(&Group, Comparison)],
        before: &Side,
        after: &Side,
        attributor: &Attributor<'_>,
    ) {
        // Rows by cause, and the first of them: numbers after and before, and the position here.
        type Found = (u64, Vec<(usize, usize, usize)>);
        let mut causes: BTreeMap<&Cause, Found> = BTreeMap::new();
        let mut changes: BTreeMap<(Option<String>, Option<String>, &Cause), u64> = BTreeMap::new();
        let labels = |group: &Group| {
            let was = before.name(before.labels[group.before as usize]);
            (was, after.name(after.labels[group.after as usize]))
        };
        for (at, (group, comparison)) in compared.iter().enumerate() {
            let Some(cause) = &comparison.cause else { continue };
            let (rows, first) = causes.entry(cause).or_default();
            *rows += group.rows;
            first.extend(group.first.iter().map(|&(before, after)| (after, before, at)));
            let (was, is) = labels(group);
            *changes.entry((was, is, cause)).or_default() += group.rows;
        }
        let common = self.rows.common;
        let report = |(cause, (rows, mut first)): (&Cause, Found)| {
            first.sort_unstable();
            let examples = first.into_iter().take(EXAMPLES).map(|(row_after, row_before, at)| {
                let &(group, ref comparison) = &compared[at];
                let (was, is) = labels(group);
                DiffExample {
                    row_before: row_before as u64,
                    row_after: row_after as u64,
                    id: id(after, row_after),
                    before: was,
                    after: is,
                    votes: attributor.in_words(comparison),
                }
            });
            let (examples, rows) = (examples.collect(), Share::new(rows, common));
            CauseReport { cause: cause.clone(), rows, examples }
        };
        self.causes = causes.into_iter().map(report).collect();
        self.causes.sort_by_key(|cause| std::cmp::Reverse(cause.rows.count));
        self.changed = Share::new(self.causes.iter().map(|cause| cause.rows.count).sum(), common);
        let change = |((from, to, cause), rows): ((_, _, &Cause), _)| LabelChange {
            from,
            to,
            cause: cause.clone(),
            rows,
        };
        self.changes = changes.into_iter().map(change).collect();
        self.changes.sort_by_key(|change| std::cmp::Reverse(change.rows));
    }
}

impl Diff {
    /// Takes out identifiers of rows, or rows altogether, that may not be shown.
    pub fn restrict(&mut self, privacy: Privacy) {
        for cause in &mut self.causes {
            if privacy == Privacy::NoExamples {
                cause.examples.clear();
            }
            if !privacy.is_full() {
                cause.examples.iter_mut().for_each(|example| example.id = None);
            }
        }
    }
}

/// Rows that are put down to a cause alone.
fn rows_of(causes: &[CauseReport], wanted: &Cause) -> u64 {
    causes.iter().filter(|cause| cause.cause == *wanted).map(|cause| cause.rows.count).sum()
}

/// The identifier of a row.
fn id(side: &Side, row: usize) -> Option<String> {
    let mut start = 0;
    for piece in &side.ids {
        if row < start + piece.len() {
            return piece.as_text(row - start).map(|id| id.into_owned());
        }
        start += piece.len();
    }
    None
}

/// Rows with the same pattern before and the same pattern after.
struct Group {
    before: u32,
    after: u32,
    cells: Cells,
    rows: u64,
    /// The first of them, as numbers before and after.
    first: Vec<(usize, usize)>,
}

/// Rows of both runs, counted by what became of them.
struct Counted {
    groups: Vec<Group>,
    rows: RowsDelta,
}

impl Counted {
    fn new(before: &Side, after: &Side) -> Self {
        let mut matcher = Matcher::new(before, after);
        let by = matcher.by();
        let repeated = matcher.repeated();
        let (old, new) = (&before.manifest, &after.manifest);
        let same_order = by == MatchedBy::Number || old.columns.id == new.columns.id;
        let same = same_order && compare::same_inputs(old, new);
        let fingerprints = (old.fields == new.fields)
            .then(|| before.fingerprints.as_ref().zip(after.fingerprints.as_ref()))
            .flatten();
        let cells = |was: usize, is: usize| match fingerprints {
            _ if same => Cells::Same,
            Some((old, new)) if old[was] == new[is] => Cells::Same,
            Some(_) => Cells::Changed,
            None => Cells::Unknown,
        };
        let mut groups: Vec<Group> = Vec::new();
        let mut numbers: HashMap<(u32, u32, Cells), usize> = HashMap::new();
        let (mut common, mut changed_cells) = (0_u64, 0_u64);
        let mut ids =
            after.ids.iter().flat_map(|piece| (0..piece.len()).map(move |at| (piece, at)));
        for (row, &is) in after.votes.of_row().iter().enumerate() {
            let Some(partner) = matcher.take(row, ids.next()) else { continue };
            common += 1;
            let (was, cells) = (before.votes.of_row()[partner], cells(partner, row));
            changed_cells += u64::from(cells == Cells::Changed);
            let number = *numbers.entry((was, is, cells)).or_insert_with(|| {
                groups.push(Group { before: was, after: is, cells, rows: 0, first: Vec::new() });
                groups.len() - 1
            });
            let group = &mut groups[number];
            group.rows += 1;
            if group.first.len() < EXAMPLES {
                group.first.push((partner, row));
            }
        }
        let known = same || fingerprints.is_some();
        let rows = RowsDelta {
            matched_by: by,
            common,
            only_before: before.n_rows() as u64 - common,
            only_after: after.n_rows() as u64 - common,
            changed_cells: known.then_some(changed_cells),
            repeated_ids: repeated as u64,
        };
        Self { groups, rows }
    }
}
