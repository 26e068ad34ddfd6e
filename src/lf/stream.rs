//! Votes as a stream: batches are read in order, voted on in parallel, and handed on in order.

use super::apply::{Part, Stage, Watch, timed};
use super::cache::{CachedVoter, VoteCache};
use super::set::LfSet;
use super::slices::Grouper;
use crate::input::{Batch, Digest, ReadError, Source};
use rayon::prelude::*;

/// Who takes the votes of a source, batch by batch.
///
/// [`Applied`](super::Applied) appends them to a matrix; a job counts them and keeps none.
pub(crate) trait Receiver: Sync {
    /// What is kept of the votes on a batch.
    type Piece: Send;
    /// Whether it wants to know which slices and which period each row is in.
    const GROUPS: bool = false;
    /// What can go wrong besides reading.
    type Error: From<ReadError> + Send;

    /// Makes a piece of the votes on a batch; called from many threads, in any order.
    fn digest(&self, batch: &Batch, part: Part) -> Self::Piece;

    /// Takes the pieces in input order.
    ///
    /// # Errors
    /// Whatever ends the work.
    fn take(&mut self, piece: Self::Piece) -> Result<(), Self::Error>;
}

/// Batches in a group, for each thread: while one group is voted on, the next one is read.
const PER_THREAD: usize = 8;
/// Bytes after which a group ends all the same, for each thread: texts may be long.
const MOST_BYTES: usize = 32 << 20;

impl LfSet {
    /// Hands the votes on all rows of a source to `receiver`; returns what was read.
    pub(crate) fn stream<R: Receiver>(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        cache: Option<&VoteCache>,
        receiver: &mut R,
    ) -> Result<Vec<Digest>, R::Error> {
        let cached = cache.map(|cache| CachedVoter::new(self, cache));
        let grouper = R::GROUPS.then(|| Grouper::new(self, cache)).flatten();
        let mut group = timed(watch, Stage::Read, || read(source))?;
        while !group.is_empty() {
            let vote = |batch: &Batch| {
                if watch.stopped() {
                    return Err(ReadError::Interrupted);
                }
                let part = timed(watch, Stage::Vote, || {
                    let mut part = match &cached {
                        Some(cached) => cached.vote(batch),
                        None => self.vote(batch),
                    }?;
                    if let Some(grouper) = &grouper {
                        grouper.group(batch, &mut part);
                    }
                    Ok::<_, ReadError>(part)
                })?;
                watch.voted(batch.n_rows());
                Ok(timed(watch, Stage::Pack, || receiver.digest(batch, part)))
            };
            let (next, pieces) = rayon::join(
                || timed(watch, Stage::Read, || read(source)),
                || group.par_iter().with_max_len(1).map(vote).collect::<Vec<_>>(),
            );
            timed(watch, Stage::Pack, || {
                pieces.into_iter().try_for_each(|piece| receiver.take(piece?))
            })?;
            group = next?;
        }
        Ok(source.digests())
    }
}

fn read(source: &mut dyn Source) -> Result<Vec<Batch>, ReadError> {
    let threads = rayon::current_num_threads();
    let (most, most_bytes) = (PER_THREAD * threads, MOST_BYTES * threads);
    let (mut batches, mut bytes) = (Vec::with_capacity(most), 0);
    while batches.len() < most && bytes < most_bytes {
        match source.next_batch()? {
            Some(batch) => {
                bytes += batch.n_bytes();
                batches.push(batch);
            }
            None => break,
        }
    }
    Ok(batches)
}
