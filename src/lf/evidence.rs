//! What labeling functions found in the rows they voted on, for people to see.

use super::kind::Finding;
use super::set::{LfSet, Rule};
use super::text::{Case, fold};
use crate::input::{Batch, Column, ReadError};
use crate::{ClassId, FieldId, LabelMatrix, LfId};
use rayon::prelude::*;

/// Something that a labeling function found in a row that it voted on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Hit {
    /// The labeling function.
    pub lf: LfId,
    /// The column, by its position among the [fields](LfSet::fields).
    pub field: FieldId,
    /// The first byte in the text of the cell and the byte after the last one; none for a whole cell.
    pub place: Option<(usize, usize)>,
    /// What it is, with its case folded; none for a number, a long text, or a cell that was merely compared.
    pub term: Option<String>,
    /// Whether it stands word for word in the spec.
    pub in_spec: bool,
}

/// Votes on a batch with what they rest on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// The votes.
    pub votes: LabelMatrix,
    /// Identifiers, if there is a column of them.
    pub ids: Option<Column>,
    /// Known labels to score against, one a row; empty without a column of them.
    pub gold: Vec<Option<ClassId>>,
    /// For each row a hash of what the labeling functions read of it.
    pub fingerprints: Vec<u32>,
    /// For each row what was found in it, in ascending order.
    pub hits: Vec<Vec<Hit>>,
    /// For each row what labeling functions found that stands in no cell, in words.
    pub remarks: Vec<Vec<(LfId, String)>>,
}

/// What is noted of one labeling function in a row, at the most: a pattern may be found at every letter of
/// a long text.
const MOST_HITS: usize = 50;

/// Longer findings are no terms.
const LONGEST: usize = 80;

impl LfSet {
    /// Votes on the rows of a batch, and says what in them made each labeling function vote.
    ///
    /// Rust closures say nothing of this kind, nor do conditions that hold because something is not
    /// there. A batch has the columns of [`fields`](Self::fields).
    ///
    /// # Errors
    /// [`ReadError::UnknownLabel`] for a known label that is none.
    pub fn evidence(&self, batch: &Batch) -> Result<Evidence, ReadError> {
        let part = self.vote(batch)?;
        let readers = self.readers_of_slots();
        let hits = (0..batch.n_rows()).into_par_iter().map(|row| {
            let mut hits = Vec::new();
            let mut found = vec![0_usize; if readers.is_empty() { 0 } else { self.lfs.len() }];
            for voter in self.levels.iter().flatten() {
                voter.find(batch, row, &mut |slot, finding| {
                    let lfs =
                        readers[slot.0].iter().filter(|lf| part.matrix.vote(row, **lf).is_some());
                    for &lf in lfs {
                        found[lf.index()] += 1;
                        if found[lf.index()] <= MOST_HITS {
                            hits.push(hit(lf, finding, batch, row));
                        }
                    }
                });
            }
            hits.sort_unstable();
            hits.dedup();
            hits
        });
        let hits = hits.collect();
        let remarks = (0..batch.n_rows()).map(|row| {
            let mut remarks = Vec::new();
            for voter in self.levels.iter().flatten() {
                voter.tell(batch, row, &mut |slot, remark| {
                    let voted = |lf: &&LfId| part.matrix.vote(row, **lf).is_some();
                    let lfs = readers[slot.0].iter().filter(voted);
                    remarks.extend(lfs.map(|lf| (*lf, remark.clone())));
                });
            }
            remarks.sort_unstable();
            remarks.dedup();
            remarks
        });
        let remarks = remarks.collect();
        let fingerprints = self.fingerprints(batch);
        let (votes, ids, gold) = (part.matrix, part.ids, part.gold);
        Ok(Evidence { votes, ids, gold, fingerprints, hits, remarks })
    }

    /// The labeling functions that have each slot among their conditions or in a part of one.
    fn readers_of_slots(&self) -> Vec<Vec<LfId>> {
        let mut readers = vec![Vec::new(); self.parts.len()];
        for (lf, declared) in LfId::first(self.lfs.len()).zip(&self.lfs) {
            let mut open = match &declared.rule {
                Rule::Alone(slot) => vec![*slot],
                Rule::Conditions { votes, .. } => votes.iter().map(|(_, slot)| *slot).collect(),
                Rule::Closure(_) => Vec::new(),
            };
            while let Some(slot) = open.pop() {
                if readers[slot.0].last() != Some(&lf) {
                    readers[slot.0].push(lf);
                    open.extend(&self.parts[slot.0]);
                }
            }
        }
        readers
    }
}

fn hit(lf: LfId, finding: Finding, batch: &Batch, row: usize) -> Hit {
    let Finding { field, place, in_spec, is_term } = finding;
    let text = batch.text(field, row).and_then(|text| match place {
        Some((start, end)) => text.get(start..end),
        None => Some(text.trim()),
    });
    let short = text.filter(|text| is_term && text.len() <= LONGEST);
    let term = short.map(|text| fold(text, Case::Insensitive).into_owned());
    Hit { lf, field, place, term, in_spec }
}
