//! What a classifier says of the rows of a run, beside their votes: one pass over the data.
//!
//! Texts are held a batch at a time, and of the rows only the best are kept.

use super::best::{Best, Rated};
use super::scores::{entropy, information, mutual_information};
use super::{Plan, ReviewError, Strategy};
use crate::classifier::{Bags, Classifier};
use crate::input::{Files, ReadError};
use crate::job::{Run, RunError};
use crate::model::ProbLabels;
use crate::random::mix;
use crate::{ClassId, Error, Job, Patterns};
use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

/// Copies of a classifier that are asked, each of which lacks one part in so many of its features.
const COPIES: usize = 8;

/// A classifier to choose rows by.
#[derive(Debug, Clone, Copy)]
pub struct Teacher<'a> {
    /// The classifier, trained on the run.
    pub classifier: &'a Classifier,
    /// Its file, for messages.
    pub path: &'a str,
}

/// The best rows by what a classifier says of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taught {
    /// By [`Strategy::Information`].
    pub information: Vec<Rated>,
    /// By [`Strategy::Disagreement`]: rows with votes that the classifier contradicts.
    pub contradicted: Vec<Rated>,
    /// By [`Strategy::Disagreement`]: rows without votes, of which the classifier is not sure.
    pub unsure: Vec<Rated>,
}

/// What is known of the rows from their votes.
pub(super) struct Votes<'a> {
    pub(super) patterns: &'a Patterns,
    pub(super) labeled: &'a [bool],
    /// What the model of the run makes of each pattern.
    pub(super) labels: &'a ProbLabels,
    /// What all label models of the committee make of it, where anybody asks.
    pub(super) tables: &'a [Array2<f64>],
}

/// The scores of a row, and what the classifier says of it.
struct Scores {
    information: f64,
    disagreement: f64,
    class: Option<ClassId>,
    probability: f64,
}

impl Taught {
    /// Reads the data of a run once.
    pub(super) fn read(
        run: &Run,
        job: &Job,
        files: &Files,
        plan: &Plan,
        votes: &Votes<'_>,
        teacher: Teacher<'_>,
    ) -> Result<Self, Error> {
        let inputs = teacher.classifier.inputs();
        let order = order(run, teacher, &votes.patterns.names().classes)?;
        let mut fields = job.lfs.fields();
        let first = fields.len();
        fields.extend(inputs.fields());
        let path = || (teacher.path.to_owned(), run.folder().display().to_string());
        let mut source = job.data(files).open(&fields).map_err(|error| match error {
            ReadError::MissingColumn { ref column, .. }
                if !fields[..first].iter().any(|field| field.name == *column) =>
            {
                let (path, run) = path();
                Error::from(ReviewError::Column { path, run, missing: Box::new(error) })
            }
            error => error.into(),
        })?;
        let prepared = teacher.classifier.prepared();
        let informs = plan.by.contains(&Strategy::Information);
        let new = |wanted| Best::new(if wanted { plan.n } else { 0 }, plan.seed);
        let differs = plan.by.contains(&Strategy::Disagreement);
        let (mut best, mut contradicted, mut unsure) = (new(informs), new(differs), new(differs));
        let of_row = votes.patterns.of_row();
        let mut n_rows = 0;
        while let Some(batch) = source.next_batch()? {
            let fingerprints = job.lfs.fingerprints(&batch);
            let bags = Bags::of(&batch, inputs, first);
            let (predicted, copies) =
                prepared.predict_thinned(&bags, if informs { COPIES } else { 0 });
            let in_order = |table: Array2<f64>| table.select(ndarray::Axis(1), &order);
            let (predicted, copies) =
                (in_order(predicted), copies.into_iter().map(in_order).collect::<Vec<_>>());
            let start = n_rows;
            n_rows += batch.n_rows();
            let patterns = of_row.get(start..n_rows).unwrap_or_default();
            let scores: Vec<Scores> = patterns
                .par_iter()
                .enumerate()
                .map(|(at, pattern)| {
                    let copies: Vec<_> = copies.iter().map(|table| table.row(at)).collect();
                    scores(votes, *pattern as usize, predicted.row(at), &copies)
                })
                .collect();
            for (at, (scores, &pattern)) in scores.iter().zip(patterns).enumerate() {
                let row = start + at;
                let known = votes.labeled.get(row).copied().unwrap_or(false);
                let Some(class) = scores.class.filter(|_| !known) else { continue };
                let covered = !votes.patterns.votes(pattern as usize).is_empty();
                let rated = |score| Rated {
                    row: row as u64,
                    pattern,
                    covered,
                    fingerprint: seen(fingerprints[at], predicted.row(at)),
                    score,
                    class,
                    probability: scores.probability,
                };
                best.offer(rated(scores.information));
                let list = if covered { &mut contradicted } else { &mut unsure };
                list.offer(rated(scores.disagreement));
            }
        }
        if n_rows != of_row.len() {
            let (found, rows) = (n_rows as u64, of_row.len() as u64);
            return Err(RunError::OtherRows { found, rows }.into());
        }
        let (information, contradicted) = (best.rows(), contradicted.rows());
        Ok(Self { information, contradicted, unsure: unsure.rows() })
    }
}

/// A hash of what labeling functions and classifier see of a row: the classifier may read columns that the
/// fingerprint does not cover, and rows that differ there get other predictions.
fn seen(fingerprint: u32, predicted: ArrayView1<'_, f64>) -> u64 {
    predicted.iter().fold(u64::from(fingerprint), |hash, p| mix(hash ^ p.to_bits()))
}

/// Where the classifier has each class of the run.
fn order(run: &Run, teacher: Teacher<'_>, labels: &[String]) -> Result<Vec<usize>, ReviewError> {
    let classes = teacher.classifier.classes();
    let place = |label| classes.iter().position(|class| class == label);
    let order: Option<Vec<usize>> = labels.iter().map(place).collect();
    order.filter(|order| order.len() == classes.len()).ok_or_else(|| ReviewError::Classes {
        path: teacher.path.to_owned(),
        run: run.folder().display().to_string(),
        classes: classes.to_vec(),
        labels: labels.to_vec(),
    })
}

fn scores(
    votes: &Votes<'_>,
    pattern: usize,
    predicted: ArrayView1<'_, f64>,
    copies: &[ArrayView1<'_, f64>],
) -> Scores {
    let covered = !votes.patterns.votes(pattern).is_empty();
    let of_votes: Vec<_> = match covered {
        true => votes.tables.iter().map(|table| table.row(pattern)).collect(),
        false => Vec::new(),
    };
    let disagreement = if covered {
        let row = votes.labels.table().row(pattern);
        mutual_information(&[(0.5, row), (0.5, predicted)])
    } else {
        entropy(predicted)
    };
    let best = (0..predicted.len()).reduce(|a, b| if predicted[b] > predicted[a] { b } else { a });
    Scores {
        information: if copies.is_empty() { 0.0 } else { information(&of_votes, copies) },
        disagreement,
        class: best.and_then(ClassId::new),
        probability: best.map_or(0.0, |best| predicted[best]),
    }
}
