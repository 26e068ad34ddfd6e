//! The votes of some labeling functions on one batch, as bytes.
//!
//! Little-endian: rows of the batch (4 bytes); the choices as text, each with its length, and how many
//! (2 bytes); then for each labeling function its key (16), the length of what follows (4), the rows on
//! which a cell was missing (8), and for each choice it voted its number (2), how many votes (4), and
//! their rows, each as what it is more than the one before, in groups of seven bits.

use super::super::apply::CastVotes;
use super::Key;
use crate::{ChoiceId, LfId, Names, Vote};
use std::collections::BTreeMap;

/// What a labeling function voted on a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cached {
    pub(super) votes: Vec<(u32, ChoiceId)>,
    pub(super) missing: u64,
}

impl Cached {
    /// Adds its votes as those of a labeling function.
    pub(super) fn cast(&self, lf: LfId, cast: &mut CastVotes) {
        cast.votes.extend(self.votes.iter().map(|&(row, choice)| (row, Vote { lf, choice })));
        cast.notes[lf.index()].missing = self.missing;
    }
}

/// A record that is being written.
pub(super) struct Record<'a> {
    names: &'a Names,
    n_rows: usize,
    choices: BTreeMap<ChoiceId, u16>,
    texts: Vec<u8>,
    lfs: Vec<u8>,
}

impl<'a> Record<'a> {
    pub(super) fn new(n_rows: usize, names: &'a Names) -> Self {
        let (texts, lfs) = (Vec::new(), Vec::new());
        Self { names, n_rows, choices: BTreeMap::new(), texts, lfs }
    }

    pub(super) fn add(&mut self, lf: Key, cached: Cached) {
        let mut by_choice: BTreeMap<ChoiceId, Vec<u32>> = BTreeMap::new();
        for (row, choice) in cached.votes {
            by_choice.entry(choice).or_default().push(row);
        }
        let mut body = cached.missing.to_le_bytes().to_vec();
        for (choice, mut rows) in by_choice {
            rows.sort_unstable();
            body.extend_from_slice(&self.number(choice).to_le_bytes());
            body.extend_from_slice(&(rows.len() as u32).to_le_bytes());
            let mut before = 0;
            for row in rows {
                write_number(row - before, &mut body);
                before = row;
            }
        }
        self.lfs.extend_from_slice(&lf.to_le_bytes());
        self.lfs.extend_from_slice(&(body.len() as u32).to_le_bytes());
        self.lfs.extend_from_slice(&body);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lfs.is_empty()
    }

    fn number(&mut self, choice: ChoiceId) -> u16 {
        let next = self.choices.len() as u16;
        *self.choices.entry(choice).or_insert_with(|| {
            let text = self.names.cell(choice);
            self.texts.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.texts.extend_from_slice(text.as_bytes());
            next
        })
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = (self.n_rows as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(&(self.choices.len() as u16).to_le_bytes());
        bytes.extend(self.texts);
        bytes.extend(self.lfs);
        bytes
    }
}

/// Hands out what a record says; stops at what cannot be.
pub(super) fn read(bytes: &[u8], n_rows: usize, names: &Names, mut found: impl FnMut(Key, Cached)) {
    let mut rest = Bytes(bytes);
    let mut whole = || {
        if rest.number::<4>()? != n_rows as u64 {
            return None;
        }
        let mut choices = Vec::new();
        for _ in 0..rest.number::<2>()? {
            let length = rest.number::<4>()? as usize;
            let text = std::str::from_utf8(rest.take(length)?).ok()?;
            let choice = names.class_named(text).map(ChoiceId::from);
            choices.push(choice.or_else(|| names.choice_id(&names.parse_cell(text)?)));
        }
        while !rest.0.is_empty() {
            let key = Key::from_le_bytes(rest.take(16)?.try_into().ok()?);
            let length = rest.number::<4>()? as usize;
            let mut body = Bytes(rest.take(length)?);
            if let Some(cached) = body.cached(n_rows, &choices) {
                found(key, cached);
            }
        }
        Some(())
    };
    whole();
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<const N: usize>(&mut self) -> Option<u64> {
        let mut bytes = [0; 8];
        bytes[..N].copy_from_slice(self.take(N)?);
        Some(u64::from_le_bytes(bytes))
    }

    /// A number in groups of seven bits.
    fn short(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in (0..35).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// `None` where a choice is not known here, or a row is not there.
    fn cached(&mut self, n_rows: usize, choices: &[Option<ChoiceId>]) -> Option<Cached> {
        let mut cached = Cached { votes: Vec::new(), missing: self.number::<8>()? };
        while !self.0.is_empty() {
            let choice = (*choices.get(self.number::<2>()? as usize)?)?;
            let mut row = 0_u32;
            for _ in 0..self.number::<4>()? {
                row = row.checked_add(self.short()?)?;
                if row as usize >= n_rows {
                    return None;
                }
                cached.votes.push((row, choice));
            }
        }
        Some(cached)
    }
}

fn write_number(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
