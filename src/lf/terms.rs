//! Many words and phrases, found in a text in one pass.
//!
//! Terms that must be whole words and begin with a word character are looked up word by word (see
//! [`super::words`]). The others, pieces of words and terms such as `$5`, share one Aho–Corasick
//! automaton (Aho & Corasick 1975, doi:10.1145/360825.360855).
//!
//! Both are exact for Unicode: terms and texts are compared in the folded form of [`fold`], and words
//! end where the `\w` of regular expressions ends. An ASCII text is not folded first, since the
//! letters of two cases differ in one bit; and of other texts only the words beyond ASCII are. That
//! is exact because neither composition nor folding crosses the border before an ASCII character
//! (Unicode Standard Annex #15: each of them starts a sequence and is its own normal form).

use super::text::{Case, fold, is_whole, is_word};
use super::words::{Found, MARGIN, Splitter, WordTable};
use crate::bounded::MEGABYTE;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

/// Bytes of the terms that are not found by words, at the most: their automaton takes many times as much.
const MOST_PIECES: usize = 8 * MEGABYTE;

/// Terms of one case rule.
#[derive(Debug)]
pub(super) struct Terms {
    case: Case,
    words: WordTable,
    has_phrases: bool,
    rest: Option<Rest>,
}

/// Terms that are not found by words.
#[derive(Debug)]
struct Rest {
    automaton: AhoCorasick,
    /// The number of each term, and whether it must be whole.
    terms: Vec<(u32, bool)>,
}

/// What is reused from text to text.
#[derive(Default)]
pub(super) struct Scratch {
    splitter: Splitter,
    padded: Vec<u8>,
}

impl Terms {
    /// Terms in the form that [`fold`] gives them, each with whether it must be whole words;
    /// they are numbered in this order.
    pub(super) fn new<'a>(
        case: Case,
        terms: impl Iterator<Item = (&'a str, bool)>,
    ) -> Result<Self, String> {
        let mut words = Vec::new();
        let (mut rest, mut patterns) = (Vec::new(), Vec::new());
        for (number, (term, whole)) in (0..).zip(terms) {
            if whole && term.chars().next().is_some_and(is_word) {
                words.push((term, number));
            } else {
                patterns.push(term);
                rest.push((number, whole));
            }
        }
        if patterns.iter().map(|piece| piece.len()).sum::<usize>() > MOST_PIECES {
            let most = MOST_PIECES / MEGABYTE;
            return Err(format!(
                "those that are looked for inside words may be {most} megabytes long together"
            ));
        }
        let words = WordTable::new(case, words, first_word);
        let rest = if patterns.is_empty() {
            None
        } else {
            let insensitive = case == Case::Insensitive;
            let builder = AhoCorasickBuilder::new().ascii_case_insensitive(insensitive).to_owned();
            let automaton = builder.build(patterns).map_err(|error| error.to_string())?;
            Some(Rest { automaton, terms: rest })
        };
        Ok(Self { case, has_phrases: words.has_phrases(), words, rest })
    }

    /// Hands out the terms that occur in a text; those that start with different words in the order of
    /// the text. Places are comparable within a text, and may be those in its folded form.
    pub(super) fn find(&self, text: &str, scratch: &mut Scratch, mut found: impl FnMut(Found)) {
        if text.is_ascii() {
            if !self.words.is_empty() {
                scratch.splitter.split(text, |bytes, start, end| {
                    let whole = |start, end| end <= text.len() && is_whole(text, start, end);
                    self.words.find(bytes, (start, end), whole, &mut found);
                });
            }
            self.find_rest(text, &mut found);
        } else if self.has_phrases || self.rest.is_some() {
            self.find_folded(&fold(text, self.case), scratch, found);
        } else {
            let padded = &mut scratch.padded;
            // Folded words may be longer: what comes after them moves on, so that no two overlap.
            let mut moved = 0;
            scratch.splitter.split(text, |bytes, start, end| {
                let mut found = |start, term: Found| {
                    found(Found { start: start + term.start, end: start + term.end, ..term });
                };
                if bytes[start..end].is_ascii() {
                    self.words.find(bytes, (start, end), |_, _| true, |term| found(moved, term));
                    return;
                }
                // The character before may become another one with the first of these.
                let run = fold(&text[start.saturating_sub(1)..end], self.case);
                padded.clear();
                padded.extend_from_slice(run.as_bytes());
                padded.extend_from_slice(&[0; MARGIN]);
                let here = moved + start;
                self.find_within(&run, padded, (0, run.len()), |term| found(here, term));
                moved += run.len().saturating_sub(end - start);
            });
        }
    }

    /// [`find`](Self::find) in a text that is folded already, with its places.
    pub(super) fn find_folded(
        &self,
        text: &str,
        scratch: &mut Scratch,
        mut found: impl FnMut(Found),
    ) {
        self.find_words(text, &mut scratch.splitter, &mut found);
        self.find_rest(text, &mut found);
    }

    /// Finds whole words in a folded text.
    fn find_words(&self, text: &str, splitter: &mut Splitter, mut found: impl FnMut(Found)) {
        let whole = |start, end| end <= text.len() && is_whole(text, start, end);
        splitter.split(text, |bytes, start, end| {
            if bytes[start..end].is_ascii() {
                self.words.find(bytes, (start, end), whole, &mut found);
                return;
            }
            self.find_within(text, bytes, (start, end), &mut found);
        });
    }

    /// Finds whole words in a run of a folded text that has characters beyond ASCII.
    fn find_within(
        &self,
        text: &str,
        bytes: &[u8],
        (start, end): (usize, usize),
        mut found: impl FnMut(Found),
    ) {
        let whole = |start, end| end <= text.len() && is_whole(text, start, end);
        for (start, end) in words_within(text, start, end) {
            if bytes[start..end].is_ascii() {
                self.words.find(bytes, (start, end), whole, &mut found);
            } else {
                self.words.find_folded(bytes, (start, end), whole, &mut found);
            }
        }
    }

    /// Finds the terms that are not found by words, in a folded text or an ASCII one.
    fn find_rest(&self, text: &str, found: &mut impl FnMut(Found)) {
        let Some(rest) = &self.rest else { return };
        for at in rest.automaton.find_overlapping_iter(text) {
            let (term, whole) = rest.terms[at.pattern().as_usize()];
            let (start, end) = (at.start(), at.end());
            if !whole || is_whole(text, start, end) {
                found(Found { term: term as usize, start, end });
            }
        }
    }
}

/// The length of the word that a term begins with.
fn first_word(term: &str) -> usize {
    term.find(|letter| !is_word(letter)).unwrap_or(term.len())
}

/// The words in a run with characters beyond ASCII, some of which may be none of a word.
fn words_within(text: &str, start: usize, end: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let rest = &text[at..end];
        let first = rest.find(is_word)?;
        let length = first_word(&rest[first..]);
        at += first + length;
        Some((at - length, at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Every term that occurs, with how often, found one by one.
    fn plainly(case: Case, terms: &[(String, bool)], text: &str) -> BTreeMap<usize, usize> {
        let text = fold(text, case);
        let mut found = BTreeMap::new();
        for (number, (term, whole)) in terms.iter().enumerate() {
            for start in (0..text.len()).filter(|&start| text.is_char_boundary(start)) {
                let end = start + term.len();
                if text[start..].starts_with(term.as_str())
                    && (!whole || is_whole(&text, start, end))
                {
                    *found.entry(number).or_insert(0) += 1;
                }
            }
        }
        found
    }

    fn check(case: Case, terms: &[(&str, bool)], text: &str) {
        let terms: Vec<(String, bool)> = terms
            .iter()
            .map(|&(term, whole)| (fold(term, case).into_owned(), whole))
            .filter(|(term, _)| !term.is_empty())
            .collect();
        let table = Terms::new(case, terms.iter().map(|(term, whole)| (term.as_str(), *whole)));
        let table = table.expect("small");
        let mut found = BTreeMap::new();
        let mut scratch = Scratch::default();
        // What came before must not matter.
        table.find(&"New York City, naïve internationalisation ".repeat(9), &mut scratch, |_| ());
        table.find(text, &mut scratch, |at| *found.entry(at.term).or_insert(0) += 1);
        assert_eq!(found, plainly(case, &terms, text), "{terms:?} in {text:?}");
    }

    const WORDS: [&str; 22] = [
        "cat",
        "CAT",
        "straße",
        "STRASSE",
        "naïve",
        "k",
        "K",
        "ſ",
        "s",
        "a_b",
        "=",
        "≠",
        "c++",
        "$5",
        "new york",
        "new",
        "york city",
        "\u{301}",
        "é",
        "σς",
        "日本",
        "internationalisation",
    ];

    const SPACES: [&str; 12] =
        [" ", ".", "\u{301}", "\u{338}", "=", "", "-", "\u{a0}", "_", "é", "\n", "😀"];

    proptest! {
        #[test]
        fn what_is_found_is_what_a_plain_search_finds(
            text in prop::collection::vec(
                (prop::sample::select(WORDS.to_vec()), prop::sample::select(SPACES.to_vec())), 0..12),
            terms in prop::collection::vec(
                (prop::sample::select(WORDS.to_vec()), prop::sample::select(SPACES.to_vec()),
                 prop::sample::select(WORDS.to_vec()), 0..3_usize, any::<bool>()), 1..8),
            sensitive: bool,
            words_only: bool,
        ) {
            let case = if sensitive { Case::Sensitive } else { Case::Insensitive };
            let text: String = text.iter().flat_map(|(word, space)| [*word, *space]).collect();
            let terms: Vec<(String, bool)> = terms
                .iter()
                .map(|(word, space, more, n, whole)| {
                    let term = match n {
                        0 => word.to_string(),
                        1 => format!("{word}{space}"),
                        _ => format!("{word}{space}{more}"),
                    };
                    if words_only { (word.to_string(), true) } else { (term, *whole) }
                })
                .collect();
            let terms: Vec<(&str, bool)> = terms.iter().map(|(t, whole)| (t.as_str(), *whole)).collect();
            check(case, &terms, &text);
        }

        #[test]
        fn any_text_and_any_words(text in "\\PC{0,80}", terms in prop::collection::vec("\\w{1,3}", 1..6)) {
            let terms: Vec<(&str, bool)> = terms.iter().map(|term| (term.as_str(), true)).collect();
            check(Case::Insensitive, &terms, &text);
            check(Case::Sensitive, &terms, &text);
        }
    }

    #[test]
    fn words_that_grow_when_folded_do_not_overlap() {
        for text in ["İİİİ ab", "İİİİ ab İİİİ,ab", "ab\u{958}\u{958} ab İİİİ ŉŉŉ b"]
        {
            let words = ["ab", "b", "i̇i̇i̇i̇", "ʼnʼnʼn"];
            let terms = Terms::new(Case::Insensitive, words.into_iter().map(|word| (word, true)));
            let mut places = Vec::new();
            let found = |found: Found| places.push((found.start, found.end));
            terms.expect("small").find(text, &mut Scratch::default(), found);
            assert!(
                places.len() > 1 && places.windows(2).all(|two| two[0].1 <= two[1].0),
                "{text}"
            );
        }
    }

    #[test]
    fn hard_cases() {
        for (term, text) in [
            ("a", "a=\u{338}b"),
            ("b", "a=\u{338}b"),
            ("\u{338}b", "\u{338}b"),
            ("é", "e\u{301}"),
            ("e", "e\u{301}"),
            ("kelvin", "\u{212a}ELVIN"),
            ("new york", "NEW YORKER, new york"),
            ("c++", "c++17 C++"),
            ("ss", "ß SS ẞ"),
            ("日本", "日本 日本語"),
            ("x", "😀x😀"),
        ] {
            for case in [Case::Insensitive, Case::Sensitive] {
                check(case, &[(term, true)], text);
                check(case, &[(term, false)], text);
                check(case, &[(term, true), ("new york", true)], text);
            }
        }
    }
}
