//! The rows of a run as exports need them: what each was given, and its cells, read again.

use super::registry::Format;
use super::{Options, Summary};
use crate::input::{Batch, Field, FieldKind, Files, ReadError, STDIN};
use crate::job::{Given, Job, Run, RunError};
use crate::report::Privacy;
use crate::{ClassId, Error, FieldId, LfId, Names, Patterns};
use std::borrow::Cow;
use std::sync::Arc;

/// The column that says to which split a row belongs, unless another one is named.
const SPLIT: &str = "split";

/// A run that is exported.
pub(super) struct Rows<'a> {
    pub(super) names: Arc<Names>,
    pub(super) votes: Patterns,
    /// What the rows of each pattern were given.
    pub(super) given: Given,
    pub(super) options: &'a Options,
    /// The columns of the data that may be shown; none where the format has no cells.
    pub(super) columns: Vec<Shown>,
    /// The column of identifiers, where there is one that may be shown.
    pub(super) id: Option<Shown>,
    /// Whether there is a column of splits.
    pub(super) has_split: bool,
    /// Whether some rows may have a known label.
    pub(super) has_known: bool,
    privacy: Privacy,
    cells: bool,
    data: Option<Data>,
}

/// Which rows a format takes, unless those without a label are to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    /// Those with a label.
    Labeled,
    /// Those with a label on which somebody votes for a single class.
    LabeledAndVoted,
    /// Those that have a label, or on which somebody votes.
    LabeledOrVoted,
}

/// A column of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) kind: FieldKind,
    field: FieldId,
}

/// Data that are read again.
struct Data {
    job: Job,
    files: Files,
    fields: Vec<Field>,
    split: Option<FieldId>,
    /// Of each row, as it was voted on.
    fingerprints: Vec<u32>,
}

/// One row.
pub(super) struct Row<'a> {
    /// Its number, from 0.
    pub(super) number: u64,
    /// The number of its pattern.
    pub(super) pattern: usize,
    /// Its known label.
    pub(super) known: Option<ClassId>,
    /// What its column of splits says.
    pub(super) split: Option<&'a str>,
    batch: Option<(&'a Batch, usize)>,
}

impl Row<'_> {
    /// A cell as text; none where it is missing.
    pub(super) fn text(&self, column: &Shown) -> Option<Cow<'_, str>> {
        let (batch, at) = self.batch?;
        batch.column(column.field)?.as_text(at)
    }

    /// A cell of a column of numbers.
    #[cfg(feature = "parquet")]
    pub(super) fn number(&self, column: &Shown) -> Option<f64> {
        let (batch, at) = self.batch?;
        batch.number(column.field, at)
    }
}

impl<'a> Rows<'a> {
    /// Reads the tables of a run, and looks at its data if the format needs them.
    pub(super) fn open(
        run: &Run,
        format: &Format,
        options: &'a Options,
        privacy: Privacy,
    ) -> Result<Self, Error> {
        let names = run.model()?.names().clone();
        let manifest = run.manifest();
        let known = format.known
            && !options.no_known
            && (manifest.columns.gold.is_some()
                || manifest.columns.learn.is_some()
                || manifest.gold_file.is_some()
                || manifest.learn_file.is_some());
        let (votes, _) = run.patterns(&names, false)?;
        let given = run.given(&votes)?;
        let mut rows = Self {
            names,
            votes,
            given,
            options,
            columns: Vec::new(),
            id: None,
            has_split: false,
            has_known: known,
            privacy,
            cells: format.cells,
            data: None,
        };
        if format.cells || known {
            rows.read_data(run)?;
        }
        Ok(rows)
    }

    /// Finds the columns of the data.
    fn read_data(&mut self, run: &Run) -> Result<(), Error> {
        let (_, mut job) = run.job()?;
        let manifest = run.manifest();
        if !manifest.fields.is_empty() && manifest.fields != job.lfs.columns() {
            // A labeling function in Rust reads columns that no spec names.
            let message = "labeling functions that are not in its spec read other columns of the data, so \
                           that nobody can say whether rows are what they were; export a format without \
                           texts, such as snorkel, without known labels";
            let path = run.folder().display().to_string();
            return Err(RunError::Damaged { path, message: message.to_owned() }.into());
        }
        // Nobody looks at times here.
        job.lfs = job.lfs.with_time(None);
        if !self.has_known {
            job.lfs = job.lfs.with_gold(None).with_learn(None);
        }
        let files = run.data(&self.options.data)?;
        if files.paths().iter().any(|path| path == STDIN) {
            let detail = "standard input cannot be read a second time; name the data (--data)";
            let (pattern, detail) = (STDIN.to_owned(), detail.to_owned());
            return Err(ReadError::NoFile { pattern, detail }.into());
        }
        let mut fields = job.lfs.fields();
        let n_read = job.lfs.lf_fields().len();
        let shown = |name: &str, kind, at| {
            FieldId::new(at).map(|field| Shown { name: name.to_owned(), kind, field })
        };
        if self.cells && self.privacy.is_full() {
            // Programs that want vectors read them where they are.
            let read = job.lfs.lf_fields().iter().enumerate();
            let read = read.filter(|(_, field)| !matches!(field.kind, FieldKind::Vector { .. }));
            let columns: Vec<Shown> =
                read.filter_map(|(at, field)| shown(&field.name, field.kind, at)).collect();
            // A column that is read as text and as a number is shown as text.
            let named = |name: &str| {
                let same = columns.iter().filter(|column| column.name == name);
                same.min_by_key(|column| column.kind != FieldKind::Text).cloned()
            };
            let mut found: Vec<Shown> = Vec::new();
            match &self.options.columns {
                None => {
                    let shown = columns
                        .iter()
                        .filter(|&column| named(&column.name).as_ref() == Some(column));
                    found.extend(shown.cloned());
                }
                Some(wanted) => {
                    for name in wanted {
                        let column = named(name).or_else(|| {
                            fields.push(Field::text(name));
                            shown(name, FieldKind::Text, fields.len() - 1)
                        });
                        if !found.iter().any(|column| column.name == *name) {
                            found.extend(column);
                        }
                    }
                }
            }
            self.columns = found;
            self.id = job.lfs.id().and_then(|id| shown(id, FieldKind::Id, n_read));
        }
        let mut split = None;
        if self.cells {
            let there = || -> Result<bool, ReadError> {
                Ok(files.open(&[])?.columns().iter().any(|column| column == SPLIT))
            };
            let name = match &self.options.split {
                Some(name) => Some(name.as_str()),
                None => there()?.then_some(SPLIT),
            };
            if let Some(name) = name {
                fields.push(Field::text(name));
                split = FieldId::new(fields.len() - 1);
            }
        }
        self.has_split = split.is_some();
        let fingerprints = run.fingerprints(self.votes.of_row().len())?;
        self.data = Some(Data { job, files, fields, split, fingerprints });
        Ok(())
    }

    /// Whether cells are left out because they may not be shown.
    pub(super) fn hidden(&self) -> bool {
        self.cells && !self.privacy.is_full()
    }

    /// Number of rows of the run.
    pub(super) fn n_rows(&self) -> u64 {
        self.votes.n_rows()
    }

    /// The probabilities of the classes on rows of a pattern.
    pub(super) fn probabilities(&self, pattern: usize) -> impl Iterator<Item = f64> + '_ {
        self.given.probabilities.row(pattern).into_iter().copied()
    }

    /// The votes on rows of a pattern that are for a single class, with or without a score.
    pub(super) fn single(&self, pattern: usize) -> impl Iterator<Item = (LfId, ClassId)> + '_ {
        let votes = self.votes.votes(pattern).iter();
        votes.filter_map(|vote| Some((vote.lf, self.names.single(vote.choice)?)))
    }

    /// Which patterns are written; rows of the others are counted as left out.
    pub(super) fn kept(&self, keep: Keep, summary: &mut Summary) -> Vec<bool> {
        let mut is_kept = |u: usize| {
            let rows = self.votes.row_count(u);
            let unlabeled = self.given.labels[u].is_none();
            let left_out = match keep {
                _ if self.options.keep_unlabeled => None,
                Keep::All => None,
                Keep::Labeled | Keep::LabeledAndVoted if unlabeled => Some(&mut summary.unlabeled),
                Keep::LabeledAndVoted if self.single(u).next().is_none() => {
                    Some(&mut summary.uncovered)
                }
                Keep::LabeledOrVoted if unlabeled && self.votes.votes(u).is_empty() => {
                    Some(&mut summary.uncovered)
                }
                _ => None,
            };
            let is_kept = left_out.is_none();
            *left_out.unwrap_or(&mut summary.rows) += rows;
            is_kept
        };
        (0..self.votes.len()).map(&mut is_kept).collect()
    }

    /// Counts the votes of these patterns that a format of single classes cannot say.
    pub(super) fn count_rich(&self, kept: &[bool], summary: &mut Summary) {
        for (u, (votes, rows)) in self.votes.iter().enumerate() {
            for vote in votes.iter().filter(|_| kept[u]) {
                if vote.choice.index() < self.names.classes.len() {
                    continue;
                }
                match self.names.single(vote.choice) {
                    Some(_) => summary.scored_votes += rows,
                    None => summary.partial_votes += rows,
                }
            }
        }
    }

    /// The identifiers and columns of the data by names that are different from each other and from those that
    /// are taken.
    pub(super) fn column_names(&self, taken: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for column in self.id.iter().chain(&self.columns) {
            let mut name = column.name.clone();
            while taken.contains(&name.as_str())
                || names.contains(&name)
                || name.starts_with("prob:")
            {
                name = format!("data:{name}");
            }
            names.push(name);
        }
        names
    }

    /// Hands on the rows of the patterns that are kept, in the order of the run.
    ///
    /// # Errors
    /// [`RunError::Changed`] when rows of the data are no longer what was voted on, [`RunError::OtherRows`] when
    /// there are more or fewer; what `take` says.
    pub(super) fn each(
        &self,
        kept: &[bool],
        mut take: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let of_row = self.votes.of_row();
        let Some(data) = &self.data else {
            for (number, &pattern) in (0..).zip(of_row) {
                let pattern = pattern as usize;
                if kept[pattern] {
                    take(&Row { number, pattern, known: None, split: None, batch: None })?;
                }
            }
            return Ok(());
        };
        let [_, gold, learn, _] = data.job.lfs.extra_fields();
        let known = [gold.zip(data.job.lfs.gold()), learn.zip(data.job.lfs.learn())];
        let known: Vec<(FieldId, &str)> = known.into_iter().flatten().collect();
        let (mut n_rows, mut changed, mut first) = (0, 0, 0);
        let mut source = data.job.data(&data.files).open(&data.fields)?;
        while let Some(batch) = source.next_batch()? {
            let now = data.job.lfs.fingerprints(&batch);
            for (at, &now) in now.iter().enumerate() {
                let number = n_rows;
                n_rows += 1;
                let row = number as usize;
                let (Some(&pattern), Some(&then)) = (of_row.get(row), data.fingerprints.get(row))
                else {
                    continue;
                };
                if now != then {
                    first = if changed == 0 { number } else { first };
                    changed += 1;
                }
                let pattern = pattern as usize;
                // What is wrong is counted to the end, and nothing more is written.
                if changed > 0 || !kept[pattern] {
                    continue;
                }
                let mut label = None;
                for (field, column) in known.iter().rev() {
                    label = self.known(&batch, at, number, (*field, column))?.or(label);
                }
                let split = data.split.and_then(|split| batch.text(split, at));
                take(&Row { number, pattern, known: label, split, batch: Some((&batch, at)) })?;
            }
        }
        let rows = self.n_rows();
        if n_rows != rows {
            return Err(RunError::OtherRows { found: n_rows, rows }.into());
        }
        if changed > 0 {
            return Err(RunError::Changed { changed, rows, first }.into());
        }
        Ok(())
    }

    /// The known label in a cell.
    fn known(
        &self,
        batch: &Batch,
        at: usize,
        row: u64,
        (field, column): (FieldId, &str),
    ) -> Result<Option<ClassId>, Error> {
        let Some(cell) = batch.text(field, at).filter(|cell| !cell.is_empty()) else {
            return Ok(None);
        };
        let unknown = || ReadError::UnknownLabel {
            row,
            column: column.to_owned(),
            value: cell.to_owned(),
            labels: self.names.classes.clone(),
        };
        Ok(Some(self.names.class_named(cell).ok_or_else(unknown)?))
    }
}
