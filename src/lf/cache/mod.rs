//! Votes that are kept from run to run, so that an edit costs one labeling function.
//!
//! What a labeling function votes on a batch is kept under two keys: that of the cells that it reads
//! there, and its own (see [`super::identity`]). Both are hashes of content: data that were appended to
//! or moved, labeling functions that were renamed and a run that was killed find what was there
//! before; whatever changed is voted on again. Only row numbers within batches and votes are kept, no
//! text.

mod record;
mod store;

use super::apply::{CastVotes, Part};
use super::identity::{Key, KeyHasher};
use super::set::{LfSet, Rule};
use crate::input::{Batch, Column, Field, FieldKind, ReadError};
use crate::{FieldId, LfId};
use record::{Cached, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// A folder with votes of earlier runs.
///
/// ```
/// use jurat::lf::VoteCache;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("votes");
/// let cache = VoteCache::open(&folder)?;
/// # drop(cache);
/// assert_eq!(VoteCache::clean(&folder)?.files, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct VoteCache {
    store: Store,
    /// Rows times labeling functions whose votes were there, and all.
    reused: AtomicU64,
    asked: AtomicU64,
}

/// What a cache takes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Number of files.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl VoteCache {
    /// The cache in a folder; it is made when there is something to keep.
    ///
    /// # Errors
    /// What the system says when the folder cannot be read.
    pub fn open(folder: impl AsRef<Path>) -> io::Result<Self> {
        let store = Store::open(folder.as_ref())?;
        Ok(Self { store, reused: AtomicU64::new(0), asked: AtomicU64::new(0) })
    }

    /// How often since it was opened the vote of a labeling function on a row was there, and how often
    /// it was asked for.
    #[must_use]
    pub fn reused(&self) -> (u64, u64) {
        (self.reused.load(Ordering::Relaxed), self.asked.load(Ordering::Relaxed))
    }

    /// What the cache in a folder takes.
    ///
    /// # Errors
    /// What the system says when the folder cannot be read.
    pub fn size(folder: impl AsRef<Path>) -> io::Result<CacheSize> {
        let mut size = CacheSize::default();
        for path in store::paths(folder.as_ref())? {
            size.files += 1;
            size.bytes += path.metadata()?.len();
        }
        Ok(size)
    }

    /// Removes what the cache in a folder keeps, and says what it took.
    ///
    /// # Errors
    /// What the system says when a file cannot be removed.
    pub fn clean(folder: impl AsRef<Path>) -> io::Result<CacheSize> {
        let size = Self::size(&folder)?;
        for path in store::paths(folder.as_ref())? {
            std::fs::remove_file(path)?;
        }
        Ok(size)
    }
}

/// What labeling functions see of a batch: columns, and whether the number of its first row.
type Cells<'a> = (&'a [FieldId], bool);

/// Votes with the help of a cache.
pub(super) struct CachedVoter<'a> {
    set: &'a LfSet,
    cache: &'a VoteCache,
    /// Labeling functions that read the same columns, with the key of each.
    groups: BTreeMap<Cells<'a>, Vec<(LfId, Key)>>,
    fields: Vec<Field>,
    /// Those without an identity: closures, which always vote.
    always: Vec<LfId>,
    /// Sets of those that had to vote on some batch, by their positions.
    parts: Mutex<BTreeMap<Vec<LfId>, Option<Arc<LfSet>>>>,
}

/// Parts of a set that are compiled at the most; a batch that needs another one is voted on by all.
const MOST_PARTS: usize = 8;

impl<'a> CachedVoter<'a> {
    pub(super) fn new(set: &'a LfSet, cache: &'a VoteCache) -> Self {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut always = Vec::new();
        for (lf, declared) in LfId::first(set.lfs.len()).zip(&set.lfs) {
            match &declared.identity {
                Some(identity) => {
                    let group = (identity.fields.as_slice(), identity.numbered);
                    groups.entry(group).or_default().push((lf, identity.key));
                }
                None => always.push(lf),
            }
        }
        Self { set, cache, groups, fields: set.fields(), always, parts: Mutex::default() }
    }

    /// The votes on a batch, from the cache as far as they are there, and what else there is of it.
    pub(super) fn vote(&self, batch: &Batch) -> Result<Part, ReadError> {
        self.set.part(batch, self.cast_kept(batch))
    }

    /// The votes on a batch, from the cache as far as they are there.
    pub(super) fn cast_kept(&self, batch: &Batch) -> CastVotes {
        let mut columns = BTreeMap::new();
        let mut cast = CastVotes::none(self.set.lfs.len());
        let mut missing: Vec<LfId> = self.always.clone();
        let mut wanted = Vec::new();
        for (&(fields, numbered), lfs) in &self.groups {
            let key = self.batch_key(batch, fields, numbered, &mut columns);
            let mut found = BTreeMap::new();
            for content in self.cache.store.get(key) {
                record::read(&content, batch.n_rows(), &self.set.names, |lf, cached| {
                    found.entry(lf).or_insert(cached);
                });
            }
            let mut new = Vec::new();
            for &(lf, own) in lfs {
                // Two with the same key vote the same.
                match found.get(&own) {
                    Some(cached) => cached.cast(lf, &mut cast),
                    None => new.push((lf, own)),
                }
            }
            missing.extend(new.iter().map(|(lf, _)| *lf));
            wanted.push((key, new));
        }
        let cells = |lfs: usize| (lfs * batch.n_rows()) as u64;
        let all = self.set.lfs.len();
        self.cache.asked.fetch_add(cells(all), Ordering::Relaxed);
        self.cache.reused.fetch_add(cells(all - missing.len()), Ordering::Relaxed);
        if !missing.is_empty() {
            missing.sort_unstable();
            let voted = self.cast(batch, &missing);
            let mut by_lf: BTreeMap<LfId, Cached> = BTreeMap::new();
            for (row, vote) in &voted.votes {
                by_lf.entry(vote.lf).or_default().votes.push((*row, vote.choice));
            }
            for (key, new) in wanted.into_iter().filter(|(_, new)| !new.is_empty()) {
                let mut record = Record::new(batch.n_rows(), &self.set.names);
                for (lf, own) in new {
                    let notes = &voted.notes[lf.index()];
                    let mut cached = by_lf.remove(&lf).unwrap_or_default();
                    cached.missing = notes.missing;
                    // What went wrong is told each time.
                    if notes.failures == 0 {
                        record.add(own, cached);
                    }
                }
                if !record.is_empty() {
                    self.cache.store.add(key, &record.finish());
                }
            }
            cast.votes.extend(voted.votes);
            for lf in missing {
                cast.notes[lf.index()] = voted.notes[lf.index()].clone();
            }
        }
        cast
    }

    /// The votes of some labeling functions on a batch.
    fn cast(&self, batch: &Batch, wanted: &[LfId]) -> CastVotes {
        let declared = |lf: &LfId| !matches!(self.set.lfs[lf.index()].rule, Rule::Closure(_));
        let conditions: Vec<LfId> = wanted.iter().copied().filter(declared).collect();
        let n_declared = LfId::first(self.set.lfs.len()).filter(declared).count();
        let all = conditions.len() == n_declared;
        let part = if all { None } else { self.part(conditions.clone()) };
        let Some(part) = part else {
            let mut cast = self.set.cast(batch, wanted.iter().copied());
            if !all {
                let wanted: BTreeSet<LfId> = wanted.iter().copied().collect();
                cast.votes.retain(|(_, vote)| wanted.contains(&vote.lf));
            }
            return cast;
        };
        // The part has the same ids but for its labeling functions.
        let mut cast = CastVotes::none(self.set.lfs.len());
        let voted = part.cast(batch, LfId::first(part.lfs.len()));
        cast.votes.extend(voted.votes.into_iter().map(|(row, mut vote)| {
            vote.lf = conditions[vote.lf.index()];
            vote.choice = self.set.known_choice(vote.choice);
            (row, vote)
        }));
        for (lf, notes) in conditions.iter().zip(voted.notes) {
            cast.notes[lf.index()] = notes;
        }
        let closures = wanted.iter().copied().filter(|lf| !declared(lf));
        self.set.cast_closures(batch, closures, &mut cast);
        cast
    }

    fn part(&self, wanted: Vec<LfId>) -> Option<Arc<LfSet>> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.len() >= MOST_PARTS && !parts.contains_key(&wanted) {
            return None;
        }
        let compile = |wanted: &Vec<LfId>| {
            self.set.recipe.as_ref().and_then(|recipe| recipe.part(wanted)).map(Arc::new)
        };
        parts.entry(wanted).or_insert_with_key(compile).clone()
    }

    /// The key of what a batch has in some columns.
    fn batch_key(
        &self,
        batch: &Batch,
        fields: &[FieldId],
        numbered: bool,
        columns: &mut BTreeMap<FieldId, Key>,
    ) -> Key {
        let mut hasher = KeyHasher::default();
        hasher.add(&(batch.n_rows() as u64).to_le_bytes());
        if numbered {
            hasher.add(&batch.start().to_le_bytes());
        }
        for &field in fields {
            let key = columns
                .entry(field)
                .or_insert_with(|| column_key(&self.fields[field.index()], batch.column(field)));
            hasher.add(&key.to_le_bytes());
        }
        hasher.key()
    }
}

/// The key of a column: its name, what it is read as, which cells are missing, and the others.
fn column_key(field: &Field, column: Option<&Column>) -> Key {
    let mut hasher = KeyHasher::default();
    let kind: &[u8] = match field.kind {
        FieldKind::Text => b"text",
        FieldKind::Number => b"number",
        FieldKind::Id => b"id",
        FieldKind::Row => b"row",
        FieldKind::Vector { .. } => b"vector",
    };
    hasher.add(field.name.as_bytes()).add(kind);
    let Some(column) = column else { return hasher.key() };
    let valid: Vec<u8> = (0..column.len()).map(|row| u8::from(column.is_valid(row))).collect();
    hasher.add(&valid);
    match column {
        Column::Text(array) => {
            let offsets = array.value_offsets();
            let (first, last) = (offsets.first(), offsets.last());
            let first = first.copied().unwrap_or_default();
            let ends: Vec<u8> =
                offsets.iter().flat_map(|end| (end - first).to_le_bytes()).collect();
            let cells = first as usize..last.copied().unwrap_or_default() as usize;
            hasher.add(&ends).add(&array.value_data()[cells]);
        }
        Column::Number(array) => {
            let bytes: Vec<u8> = array.values().iter().flat_map(|v| v.to_le_bytes()).collect();
            hasher.add(&bytes);
        }
        Column::Integer(array) => {
            let bytes: Vec<u8> = array.values().iter().flat_map(|v| v.to_le_bytes()).collect();
            hasher.add(&bytes);
        }
        Column::Vector(vectors) => {
            let bytes: Vec<u8> = vectors.numbers().iter().flat_map(|v| v.to_le_bytes()).collect();
            hasher.add(&(vectors.dimension() as u64).to_le_bytes()).add(&bytes);
        }
    }
    hasher.key()
}
