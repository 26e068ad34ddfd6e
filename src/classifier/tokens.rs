//! Texts as hashed n-grams of words and characters.
//!
//! Every n-gram falls into one of 2²¹ buckets by its hash, so that no dictionary is kept and new texts need
//! none (Weinberger et al. 2009, "Feature hashing for large scale multitask learning",
//! doi:10.1145/1553374.1553516). Two n-grams share a bucket now and then, which costs little: some hundred
//! thousand n-grams that are worth keeping fill a tenth of the buckets.

use crate::random::mix;

/// Buckets of a block are numbered in so many bits.
pub(super) const BITS: u32 = 21;

/// Which kind of n-grams a bucket is for; each has buckets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// Words, pairs of neighbors, and marks such as `?` and `$`.
    Words = 0,
    /// Runs of characters within words.
    Characters = 1,
    /// Values of categories.
    Categories = 2,
}

/// Number of blocks.
pub(super) const BLOCKS: usize = 3;

/// All buckets of all blocks.
pub(super) const BUCKETS: usize = BLOCKS << BITS;

/// The block of a bucket.
pub(super) fn block_of(bucket: u32) -> usize {
    (bucket >> BITS) as usize
}

/// The shortest and the longest run of characters.
const RUNS: std::ops::RangeInclusive<usize> = 3..=5;

/// Marks between words that say nothing of a text.
const SILENT: &[char] = &['.', ',', ';', ':', '\'', '"', '(', ')', '-', '_', '’', '“', '”', '‘'];

/// An n-gram, for those who want its text: its parts in lower case.
pub(super) type Parts<'a> = &'a [&'a str];

/// Gives every n-gram of a text, as often as it occurs: its bucket, and what it looks like.
///
/// `column` tells apart what stands in several columns.
pub(super) fn walk(
    text: &str,
    column: u32,
    characters: bool,
    mut take: impl FnMut(u32, Parts<'_>),
) {
    let mut tokens = Tokens { text: String::with_capacity(text.len()), ends: Vec::new() };
    tokens.split(text);
    let mut before: Option<(u64, usize)> = None;
    for at in 0..tokens.ends.len() {
        let token = tokens.get(at);
        let hash = hashed(token, column);
        take(bucket(Block::Words, hash), &[token]);
        if let Some((first, place)) = before {
            let pair = mix(first.rotate_left(17) ^ hash);
            take(bucket(Block::Words, pair), &[tokens.get(place), token]);
        }
        before = Some((hash, at));
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            // Numbers that nobody wrote before are still numbers of so many digits.
            let shape = &"##########"[..token.len().min(10)];
            take(bucket(Block::Words, hashed(shape, column)), &[shape]);
        }
        if characters {
            runs(token, column, &mut take);
        }
    }
}

/// The bucket of a value of a category.
pub(super) fn category(value: &str, column: u32) -> u32 {
    bucket(Block::Categories, hashed(value, column))
}

fn bucket(block: Block, hash: u64) -> u32 {
    ((block as u32) << BITS) | (hash >> (64 - BITS)) as u32
}

/// A hash of a text that is the same everywhere: FNV-1a, scrambled.
fn hashed(text: &str, column: u32) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ u64::from(column);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(text.bytes().fold(start, step))
}

/// All runs of characters of a word, its borders included.
fn runs(word: &str, column: u32, take: &mut impl FnMut(u32, Parts<'_>)) {
    let bordered = format!(" {word} ");
    let borders: Vec<usize> =
        bordered.char_indices().map(|(at, _)| at).chain([bordered.len()]).collect();
    let n = borders.len() - 1;
    for length in RUNS {
        for start in 0..(n + 1).saturating_sub(length) {
            let run = &bordered[borders[start]..borders[start + length]];
            take(bucket(Block::Characters, hashed(run, column)), &[run]);
        }
    }
}

/// The tokens of a text one after the other.
struct Tokens {
    text: String,
    ends: Vec<usize>,
}

impl Tokens {
    fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    fn end(&mut self) {
        if self.ends.last().copied().unwrap_or(0) < self.text.len() {
            self.ends.push(self.text.len());
        }
    }

    fn split(&mut self, text: &str) {
        for letter in text.chars() {
            if letter.is_alphanumeric() {
                self.text.extend(letter.to_lowercase());
                continue;
            }
            // Accents that stand behind their letter belong to the word.
            if ('\u{300}'..'\u{370}').contains(&letter) {
                continue;
            }
            self.end();
            if !letter.is_whitespace() && !letter.is_control() && !SILENT.contains(&letter) {
                self.text.push(letter);
                self.end();
            }
        }
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, characters: bool) -> Vec<String> {
        let mut all = Vec::new();
        walk(text, 0, characters, |_, parts| all.push(parts.join("_")));
        all
    }

    #[test]
    fn words_pairs_marks_and_shapes_are_found() {
        for (text, wanted) in [
            ("", vec![]),
            ("Win, WIN!", vec!["win", "win", "win_win", "!", "win_!"]),
            ("it's 42", vec!["it", "s", "it_s", "42", "s_42", "##"]),
            ("Ünïcode", vec!["ünïcode"]),
            ("a\u{301}b", vec!["ab"]),
        ] {
            assert_eq!(found(text, false), wanted, "{text}");
        }
        assert_eq!(found("abc", true), ["abc", " ab", "abc", "bc ", " abc", "abc ", " abc "]);
    }

    #[test]
    fn columns_and_blocks_have_buckets_of_their_own() {
        let buckets = |column| {
            let mut all = Vec::new();
            walk("win", column, true, |bucket, _| all.push(bucket));
            all
        };
        assert_eq!(buckets(0), buckets(0));
        assert!(buckets(0).iter().all(|bucket| !buckets(1).contains(bucket)));
        assert_eq!(block_of(buckets(0)[0]), Block::Words as usize);
        assert_eq!(block_of(buckets(0)[1]), Block::Characters as usize);
        assert_eq!(block_of(category("win", 0)), Block::Categories as usize);
        assert!((category("win", 0) as usize) < BUCKETS);
    }
}
