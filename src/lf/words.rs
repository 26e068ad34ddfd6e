//! Words of a text, and a table that finds many of them at the cost of one.
//!
//! A text is split once, 64 bytes at a time and without a branch a byte, and each word is looked up
//! in one hash table. What that costs does not depend on how many words the table has, as long as
//! its filter, two bytes a word, stays near.

use super::text::Case;

/// Splits texts; keeps a copy of the one at hand, with zeros after it.
#[derive(Default)]
pub(super) struct Splitter {
    bytes: Vec<u8>,
}

/// Zeros that follow the text: a word may be read eight bytes at a time from any of its bytes.
pub(super) const MARGIN: usize = 8;

/// Bytes that are looked at together.
const BLOCK: usize = 64;

impl Splitter {
    /// Hands out the runs of a text, in order: as long as they can be of bytes that are ASCII word
    /// characters, or parts of characters beyond ASCII. What is handed to `run` is the text with zeros
    /// after it, start and end.
    pub(super) fn split(&mut self, text: &str, mut run: impl FnMut(&[u8], usize, usize)) {
        let needed = text.len().next_multiple_of(BLOCK) + BLOCK;
        if self.bytes.len() < needed {
            self.bytes.resize(needed, 0);
        }
        let (copy, rest) = self.bytes.split_at_mut(text.len());
        copy.copy_from_slice(text.as_bytes());
        rest[..needed - text.len()].fill(0);
        let bytes = &self.bytes[..needed];
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        let mut inside = 0;
        let mut start = 0;
        // The block in which the text ends has a zero after it, or is the one of zeros.
        for (at, block) in blocks[..=text.len() / BLOCK].iter().enumerate() {
            let word = word_bytes(block);
            let before = word << 1 | inside;
            let (mut starts, mut ends) = (word & !before, before & !word);
            let mut next = || {
                let next = at * BLOCK + starts.trailing_zeros() as usize;
                starts &= starts.wrapping_sub(1);
                next
            };
            if inside == 0 {
                start = next();
            }
            while ends != 0 {
                let end = at * BLOCK + ends.trailing_zeros() as usize;
                ends &= ends - 1;
                run(bytes, start, end);
                start = next();
            }
            inside = word >> 63;
        }
    }
}

/// A bit for each byte: whether it is an ASCII word character or beyond ASCII.
fn word_bytes(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0_u8; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *flag = u8::from(letter | digit | (byte == b'_') | (byte >= 0x80));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let mut bits = 0;
    for (at, eight) in eights.iter().enumerate() {
        // Eight bytes of 0 or 1 become eight bits: no two products meet in the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * at);
    }
    bits
}

/// A word as two numbers: its first eight bytes, and its last eight if it is longer than that. With
/// its length they are the word, up to sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: u32,
}

/// What is added to each byte of a key where case does not matter: among ASCII word characters
/// this bit makes capitals small, and `_` something that is none.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// The first eight bytes of a word in a text that zeros follow.
fn first_bytes(bytes: &[u8], start: usize, end: usize, mask: u64) -> u64 {
    let missing = 8_usize.saturating_sub(end - start) as u32;
    (eight(bytes, start) | mask) & (u64::MAX >> (8 * missing))
}

/// Of the first eight bytes of a word and its length: most words of a text need no more to be told
/// from those in a table.
fn hash(first: u64, length: usize) -> u64 {
    let product = (first ^ (length as u64) << 59).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ (product >> 32)
}

impl Key {
    /// The key of a word in a text that zeros follow, given its first bytes.
    fn new(first: u64, bytes: &[u8], start: usize, end: usize, mask: u64) -> Self {
        let length = end - start;
        let last = if length > 8 { eight(bytes, end - 8) | mask } else { 0 };
        Self { first, last, length: length as u32 }
    }

    fn of(bytes: &[u8], start: usize, end: usize, mask: u64) -> Self {
        Self::new(first_bytes(bytes, start, end, mask), bytes, start, end, mask)
    }

    /// The hash of all of it.
    fn spread(self, hash: u64) -> u64 {
        let product = (hash ^ self.last).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        product ^ (product >> 32)
    }
}

fn eight(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + MARGIN).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Words and phrases, found by their first word.
#[derive(Debug)]
pub(super) struct WordTable {
    mask: u64,
    /// Two bits for each hash that some word has; a power of two of numbers.
    filter: Vec<u64>,
    /// The entry of each word plus one, at its hash or the next free place.
    places: Vec<u32>,
    entries: Vec<Entry>,
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    /// Its terms: those up to here, from where those of the entry before end.
    end: u32,
}

/// A term that begins with a word.
#[derive(Debug)]
struct Term {
    number: u32,
    /// All of it, where it is more than the key of its first word says.
    text: Option<Box<str>>,
}

/// Bits of the filter for each word, and places in the table.
const FILTER_BITS: usize = 16;
const PLACES: usize = 2;

/// A term that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) term: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl WordTable {
    /// A table of terms with their numbers, folded; `first_word` is how many bytes of a term its first
    /// word has, with which it begins.
    pub(super) fn new<'a>(
        case: Case,
        terms: impl IntoIterator<Item = (&'a str, u32)>,
        first_word: impl Fn(&str) -> usize,
    ) -> Self {
        let small = if case == Case::Insensitive { SMALL } else { 0 };
        let mut padded = Vec::new();
        let mut keyed: Vec<(Key, Term)> = terms
            .into_iter()
            .map(|(text, number)| {
                let end = first_word(text);
                padded.clear();
                padded.extend_from_slice(text.as_bytes());
                padded.resize(text.len() + MARGIN, 0);
                let key = Key::of(&padded, 0, end, mask_for(&text.as_bytes()[..end], small));
                let more = end > 16 || end < text.len();
                (key, Term { number, text: more.then(|| text.into()) })
            })
            .collect();
        keyed.sort_by_key(|(key, term)| (key.first, key.last, key.length, term.number));
        let mut table = Self {
            mask: small,
            filter: vec![0; (FILTER_BITS * keyed.len()).next_power_of_two().div_ceil(64).max(16)],
            places: vec![0; (PLACES * keyed.len()).next_power_of_two().max(64)],
            entries: Vec::new(),
            terms: Vec::new(),
        };
        for (key, term) in keyed {
            table.terms.push(term);
            let end = table.terms.len() as u32;
            match table.entries.last_mut() {
                Some(entry) if entry.key == key => entry.end = end,
                _ => table.add(Entry { key, end }),
            }
        }
        table
    }

    fn add(&mut self, entry: Entry) {
        let hash = hash(entry.key.first, entry.key.length as usize);
        let (word, bits) = self.bits(hash);
        self.filter[word] |= bits;
        let mut place = self.place(entry.key.spread(hash));
        while self.places[place] != 0 {
            place = (place + 1) % self.places.len();
        }
        self.entries.push(entry);
        self.places[place] = self.entries.len() as u32;
    }

    /// Which word of the filter, and which two bits in it.
    fn bits(&self, hash: u64) -> (usize, u64) {
        let bits = 1 << (hash % 64) | 1 << (hash / 64 % 64);
        ((hash >> 12) as usize & (self.filter.len() - 1), bits)
    }

    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.places.len() - 1)
    }

    /// Whether no term is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a term is more than one word.
    pub(super) fn has_phrases(&self) -> bool {
        (0..self.entries.len()).any(|entry| {
            let length = self.entries[entry].key.length as usize;
            self.terms_of(entry)
                .iter()
                .any(|term| term.text.as_ref().is_some_and(|text| text.len() > length))
        })
    }

    fn terms_of(&self, entry: usize) -> &[Term] {
        let start = if entry == 0 { 0 } else { self.entries[entry - 1].end };
        &self.terms[start as usize..self.entries[entry].end as usize]
    }

    /// Hands out the terms that begin with a whole word of a folded text, or of an ASCII one with any
    /// case where case does not matter; `ends_whole` says, for a phrase, whether the word it ends with
    /// goes on after it. Zeros follow the text in `bytes`.
    pub(super) fn find(
        &self,
        bytes: &[u8],
        place: (usize, usize),
        ends_whole: impl Fn(usize, usize) -> bool,
        mut found: impl FnMut(Found),
    ) {
        self.find_masked(self.mask, bytes, place, &ends_whole, &mut found);
    }

    /// The same for a word with characters beyond ASCII.
    pub(super) fn find_folded(
        &self,
        bytes: &[u8],
        place: (usize, usize),
        ends_whole: impl Fn(usize, usize) -> bool,
        mut found: impl FnMut(Found),
    ) {
        self.find_masked(0, bytes, place, &ends_whole, &mut found);
    }

    #[inline]
    fn find_masked(
        &self,
        mask: u64,
        bytes: &[u8],
        (start, end): (usize, usize),
        ends_whole: &impl Fn(usize, usize) -> bool,
        found: &mut impl FnMut(Found),
    ) {
        let first = first_bytes(bytes, start, end, mask);
        let hash = hash(first, end - start);
        let (word, bits) = self.bits(hash);
        if self.filter[word] & bits == bits {
            let key = Key::new(first, bytes, start, end, mask);
            self.look_up(bytes, start, key, hash, ends_whole, found);
        }
    }

    fn look_up(
        &self,
        bytes: &[u8],
        start: usize,
        key: Key,
        hash: u64,
        ends_whole: &impl Fn(usize, usize) -> bool,
        found: &mut impl FnMut(Found),
    ) {
        let mut place = self.place(key.spread(hash));
        while let Some(entry) = (self.places[place] as usize).checked_sub(1) {
            place = (place + 1) % self.places.len();
            if self.entries[entry].key != key {
                continue;
            }
            for term in self.terms_of(entry) {
                let length = term.text.as_ref().map_or(key.length as usize, |text| text.len());
                let end = start + length;
                if let Some(text) = &term.text {
                    let here = bytes.get(start..end).unwrap_or_default();
                    let same = match self.mask {
                        0 => here == text.as_bytes(),
                        _ => here.eq_ignore_ascii_case(text.as_bytes()),
                    };
                    let phrase = length > key.length as usize;
                    if !same || (phrase && !ends_whole(start, end)) {
                        continue;
                    }
                }
                found(Found { term: term.number as usize, start, end });
            }
            return;
        }
    }
}

/// Bytes beyond ASCII are compared as they are: the text has been folded.
fn mask_for(word: &[u8], small: u64) -> u64 {
    if word.is_ascii() { small } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(text: &str) -> Vec<String> {
        let mut runs = Vec::new();
        Splitter::default().split(text, |bytes, start, end| {
            runs.push(String::from_utf8(bytes[start..end].to_vec()).expect("whole characters"));
        });
        runs
    }

    proptest! {
        #[test]
        fn runs_are_what_a_plain_loop_finds(text in "[a-c Z_0.é😀\u{301}]{0,200}") {
            let plain: Vec<String> = text
                .split(|c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || c == '_'))
                .filter(|run| !run.is_empty())
                .map(str::to_owned)
                .collect();
            prop_assert_eq!(runs(&text), plain);
        }
    }

    #[test]
    fn every_byte_is_of_the_right_class() {
        for byte in 0..=u8::MAX {
            let word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
            let mut block = [b' '; BLOCK];
            for at in [0, 7, 8, 63] {
                block[at] = byte;
                assert_eq!(word_bytes(&block), u64::from(word) << at, "{byte} at {at}");
                block[at] = b' ';
            }
        }
    }

    #[test]
    fn words_of_all_lengths_are_told_apart() {
        let words: Vec<String> =
            (1..40).flat_map(|n| ["a".repeat(n), "a".repeat(n - 1) + "b"]).collect();
        let numbered = words.iter().zip(0..).map(|(word, number)| (word.as_str(), number));
        let table = WordTable::new(Case::Insensitive, numbered, str::len);
        let text = words.join(" ").to_uppercase();
        let mut found = Vec::new();
        Splitter::default().split(&text, |bytes, start, end| {
            table.find(bytes, (start, end), |_, _| true, |term| found.push(term.term));
        });
        assert_eq!(found, (0..words.len()).collect::<Vec<_>>());
    }
}
