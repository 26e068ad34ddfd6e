//! Tables of labels, read again: those of a run, and files that `jurat run` and `jurat fit` wrote.

use super::MergeError;
use crate::Error;
use crate::FieldId;
use crate::input::{Batch, Column, Field, Files};
use crate::job::Run;
use std::collections::HashMap;

/// The labels of some rows, with their probabilities, in memory: a number a row and class, and identifiers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelSet {
    /// The run directory or file, as it was named.
    pub name: String,
    /// The column of identifiers.
    pub id: String,
    /// Whether rows have identifiers of their own, rather than their number.
    pub has_ids: bool,
    /// Whether all identifiers are whole numbers in a file that has types.
    pub whole: bool,
    /// The identifier of each row, or its number as text; none where it is missing.
    pub ids: Vec<Option<Box<str>>>,
    /// The classes, in the order of the columns.
    pub classes: Vec<String>,
    /// The label of each row, as a position among the classes.
    pub labels: Vec<Option<u32>>,
    /// P(Y = y), n × n_classes, row after row.
    pub probabilities: Vec<f64>,
    /// When it was made, as in ISO 8601; empty where that is not known.
    pub when: String,
}

/// What stands before the name of a class in the name of its column.
const PROB: &str = "prob:";
/// The column of identifiers when they are numbers of rows.
pub(super) const ROW: &str = "row";
/// Other columns of such tables that are no identifiers.
const OTHERS: [&str; 10] = [
    "label",
    "confidence",
    "weight",
    "why",
    "run",
    "spec",
    "source",
    "when",
    "n_sources",
    "conflict",
];

impl LabelSet {
    /// Reads the labels of a run.
    ///
    /// # Errors
    /// [`Error::Run`] and [`Error::Read`] when they cannot be read, [`Error::Merge`] when they are no labels.
    pub fn of_run(run: &Run) -> Result<Self, Error> {
        let manifest = run.manifest();
        let mut set = read(&run.table("labels")?, Some(&manifest.id))?;
        set.name = run.folder().display().to_string();
        set.has_ids = manifest.columns.id.is_some();
        set.when = manifest.finished.clone().unwrap_or_default();
        Ok(set)
    }

    /// Reads a file of labels. Without `id` the first column is taken that is no other column of such a file; when
    /// it is named `row`, it is taken for the numbers of rows.
    ///
    /// # Errors
    /// [`Error::Read`] when it cannot be read, [`Error::Merge`] when it has no labels.
    pub fn of_file(files: &Files, id: Option<&str>) -> Result<Self, Error> {
        read(files, id)
    }

    /// The number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The probabilities of a row, one a class.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        let k = self.classes.len();
        &self.probabilities[row * k..(row + 1) * k]
    }

    /// The probability of the label of a row, or the highest one where there is none.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn confidence(&self, row: usize) -> f64 {
        let probabilities = self.row(row);
        match self.labels[row] {
            Some(label) => probabilities[label as usize],
            None => probabilities.iter().copied().fold(0.0, f64::max),
        }
    }

    /// Puts the classes into the order of others, which are the same ones.
    pub(super) fn reorder(&mut self, classes: &[String]) {
        if self.classes == classes {
            return;
        }
        let place = |class: &String| classes.iter().position(|other| other == class);
        let to: Vec<usize> = self.classes.iter().filter_map(place).collect();
        let mut row = vec![0.0; classes.len()];
        for probabilities in self.probabilities.chunks_exact_mut(classes.len().max(1)) {
            probabilities.iter().zip(&to).for_each(|(p, &to)| row[to] = *p);
            probabilities.copy_from_slice(&row);
        }
        self.labels.iter_mut().flatten().for_each(|label| *label = to[*label as usize] as u32);
        self.classes = classes.to_vec();
    }
}

/// Whether columns are those of a table of labels.
pub(super) fn is_labels(columns: &[String]) -> bool {
    columns.iter().any(|column| column.starts_with(PROB))
}

fn read(files: &Files, id: Option<&str>) -> Result<LabelSet, Error> {
    let columns = files.open(&[])?.columns();
    let path = files.paths().first().cloned().unwrap_or_default();
    let other = |name: &&String| {
        !OTHERS.contains(&name.as_str()) && !name.starts_with(PROB) && !name.starts_with("lf:")
    };
    let named = id.or(columns.iter().find(other).map(String::as_str));
    let classes: Vec<String> =
        columns.iter().filter_map(|name| name.strip_prefix(PROB)).map(str::to_owned).collect();
    let (Some(id), false) = (named, classes.is_empty()) else {
        return Err(MergeError::NoLabels { path, columns }.into());
    };
    let mut fields = vec![Field::id(id), Field::text("label")];
    fields.extend(classes.iter().map(|class| Field::number(format!("{PROB}{class}"))));
    let mut source = files.open(&fields)?;
    let positions: HashMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
    let mut set = LabelSet {
        name: path.clone(),
        id: id.to_owned(),
        has_ids: false,
        whole: true,
        ids: Vec::new(),
        classes: classes.clone(),
        labels: Vec::new(),
        probabilities: Vec::new(),
        when: String::new(),
    };
    let places: Vec<FieldId> = FieldId::first(fields.len()).collect();
    while let Some(batch) = source.next_batch()? {
        let ids = batch.column(places[0]);
        set.whole &= matches!(ids, Some(Column::Integer(_)));
        for row in 0..batch.n_rows() {
            set.ids.push(ids.and_then(|ids| ids.as_text(row)).map(Into::into));
            let label = batch.text(places[1], row).filter(|label| !label.is_empty());
            let unknown = |label: &str| MergeError::NoClass {
                path: path.clone(),
                row: batch.start() + row as u64,
                label: label.to_owned(),
                classes: classes.clone(),
            };
            let label = label.map(|label| positions.get(label).ok_or_else(|| unknown(label)));
            set.labels.push(label.transpose()?.copied());
            push_row(&mut set.probabilities, &batch, &places[2..], row).map_err(|at| {
                MergeError::NoProbability {
                    path: path.clone(),
                    row: batch.start() + row as u64,
                    column: at
                        .map_or_else(|| "together".to_owned(), |at| fields[at + 2].name.clone()),
                }
            })?;
        }
        if set.labels.len() > u32::MAX as usize {
            return Err(MergeError::TooManyRows.into());
        }
    }
    let number = |id: &Option<Box<str>>| {
        let id = id.as_deref();
        id.is_some_and(|id| id.parse::<u64>().is_ok_and(|number| number.to_string() == id))
    };
    set.has_ids = id != ROW || !set.ids.iter().all(number);
    Ok(set)
}

/// How far from 1 probabilities may sum: files round them.
const SLACK: f64 = 0.01;

/// Adds the probabilities of a row; says which is none, or nothing when they do not sum to 1.
fn push_row(
    probabilities: &mut Vec<f64>,
    batch: &Batch,
    places: &[FieldId],
    row: usize,
) -> Result<(), Option<usize>> {
    let mut sum = 0.0;
    for (at, &place) in places.iter().enumerate() {
        let p = batch.number(place, row).filter(|p| (-1e-9..=1.0 + 1e-9).contains(p));
        let p = p.ok_or(Some(at))?.clamp(0.0, 1.0);
        sum += p;
        probabilities.push(p);
    }
    if (sum - 1.0).abs() <= SLACK { Ok(()) } else { Err(None) }
}
