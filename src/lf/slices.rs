//! Slices: conditions that single out rows to look at, and the times that rows are grouped by.
//!
//! Slices never vote and change no label. They are compiled as a set of labeling functions of their
//! own, beside the real ones, in which to vote is to be a member: so they have all kinds of
//! conditions, run on the same batches, and are found in the cache of votes like others.

use super::apply::Part;
use super::cache::{CachedVoter, VoteCache};
use super::error::SpecErrors;
use super::label::Label;
use super::place::{Located, Place};
use super::recipe::{Before, compile_whole};
use super::set::LfSet;
use super::spec::{About, Condition, Declaration, Examples, Spec};
use crate::input::Batch;
use crate::{FieldId, LfId, time};
use std::sync::Arc;

/// Compiles the slices of a spec, given columns and tables of its labeling functions; none without
/// slices.
pub(super) fn compile(spec: &Spec, before: Before) -> Result<Option<LfSet>, SpecErrors> {
    if spec.slices.is_empty() {
        return Ok(None);
    }
    let mut own = spec.without_lfs();
    own.lfs = spec.slices.iter().map(|(name, when)| declared(spec, name, when)).collect();
    compile_whole(&own, Before { slices: true, ..before }).map(|(set, _)| Some(set))
}

/// A slice as a labeling function; what it votes does not matter.
fn declared(spec: &Spec, name: &Located<String>, when: &Condition) -> Declaration {
    let any = Located::new(String::new(), Place::default());
    let label = Label::One(spec.labels.first().cloned().unwrap_or(any));
    let hash: String = when.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Declaration {
        name: name.clone(),
        votes: vec![(Some(label), when.clone())],
        unless: None,
        about: About::default(),
        examples: Examples::default(),
        hash: format!("slice {hash}"),
    }
}

/// A set with slices: it reads their columns as well.
pub(super) fn join(mut set: LfSet, slices: Option<LfSet>) -> LfSet {
    if let Some(slices) = slices {
        set.fields.clone_from(&slices.fields);
        set.slices = Some(Arc::new(slices));
    }
    set
}

/// Finds the slices and the hour of each row of a batch.
pub(super) struct Grouper<'a> {
    slices: Option<&'a LfSet>,
    cached: Option<CachedVoter<'a>>,
    time: Option<FieldId>,
}

impl<'a> Grouper<'a> {
    /// For a set with slices or times; none for others, which should not pay for it.
    pub(super) fn new(set: &'a LfSet, cache: Option<&'a VoteCache>) -> Option<Self> {
        let slices = set.slices.as_deref();
        let cached = slices.zip(cache).map(|(slices, cache)| CachedVoter::new(slices, cache));
        let [.., time] = set.extra_fields();
        (slices.is_some() || time.is_some()).then_some(Self { slices, cached, time })
    }

    /// Adds slices and hours to what there is of a batch.
    pub(super) fn group(&self, batch: &Batch, part: &mut Part) {
        if let Some(slices) = self.slices {
            let cast = match &self.cached {
                Some(cached) => cached.cast_kept(batch),
                None => slices.cast(batch, LfId::first(slices.lfs.len())),
            };
            part.members = cast.votes.into_iter().map(|(row, vote)| (row, vote.lf)).collect();
        }
        if let Some(field) = self.time {
            let hour = |row| batch.text(field, row).and_then(time::hour);
            part.hours = (0..batch.n_rows()).map(hour).collect();
        }
    }
}
