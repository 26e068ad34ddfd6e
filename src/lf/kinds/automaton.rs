//! Patterns as automata for ASCII text, built when they are asked for.
//!
//! On ASCII text a pattern may forget all other characters: `\w` is 63 characters, and word boundaries
//! need no look at what a neighbor is in Unicode. What is left is mostly small enough for a
//! deterministic automaton that is built in full, which a text costs one step a byte. Other texts, and
//! patterns whose automaton would be large, are left to the crate `regex`, which says the same.

use super::required::parsed;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// The largest automaton of one pattern, in bytes.
const LARGEST: usize = 1 << 18;
/// What all automata together may take, in bytes.
const MEMORY: usize = 1 << 26;
/// Questions before an automaton is built.
pub(super) const WORTH_IT: u32 = 64;

type Dense = dense::DFA<Vec<u32>>;

/// The memory that is left for automata.
pub(super) struct Budget(AtomicUsize);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicUsize::new(MEMORY))
    }
}

/// A pattern that can be asked whether it is in a text.
pub(super) struct Matcher {
    exact: regex::Regex,
    pattern: String,
    flags: String,
    asked: AtomicU32,
    ascii: OnceLock<Option<Dense>>,
}

impl Matcher {
    /// A pattern and its flags, as they were written, and compiled.
    pub(super) fn new(exact: regex::Regex, pattern: &str, flags: &str) -> Self {
        let (pattern, flags) = (pattern.to_owned(), flags.to_owned());
        Self { exact, pattern, flags, asked: AtomicU32::new(0), ascii: OnceLock::new() }
    }

    /// The pattern in parts.
    pub(super) fn parsed(&self) -> Option<Hir> {
        parsed(&self.pattern, &self.flags)
    }

    /// Whether the pattern is found in a text, which is `ascii` or not.
    pub(super) fn is_match(&self, text: &str, ascii: bool, budget: &Budget) -> bool {
        if ascii && let Some(automaton) = self.automaton(budget) {
            let input = Input::new(text).anchored(Anchored::No).earliest(true);
            if let Ok(found) = automaton.try_search_fwd(&input) {
                return found.is_some();
            }
        }
        self.exact.is_match(text)
    }

    /// Where the pattern is found in a text.
    pub(super) fn places(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        self.exact.find_iter(text).map(|found| (found.start(), found.end()))
    }

    fn automaton(&self, budget: &Budget) -> Option<&Dense> {
        if let Some(automaton) = self.ascii.get() {
            return automaton.as_ref();
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) < WORTH_IT {
            return None;
        }
        self.ascii.get_or_init(|| self.build(budget)).as_ref()
    }

    fn build(&self, budget: &Budget) -> Option<Dense> {
        let automaton = dense(&ascii(&self.parsed()?), LARGEST)?;
        let size = automaton.memory_usage();
        let taken = |left: usize| left.checked_sub(size);
        budget.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()?;
        Some(automaton)
    }
}

/// Whether a pattern is found in every text, or in none; `None` where that is not known.
pub(super) fn always_or_never(pattern: &str, flags: &str) -> Option<bool> {
    let hir = parsed(pattern, flags)?;
    let looks = hir.properties().look_set();
    match hir.properties().minimum_len() {
        None => return Some(false),
        Some(0) if looks.is_empty() => return Some(true),
        _ if looks.is_empty() => return None,
        _ => {}
    }
    // Boundaries of words in Unicode have no automaton; among ASCII characters they are the same.
    let hir = match looks.contains_word_unicode() {
        true if !only_ascii(&hir) => return None,
        true => ascii(&hir),
        false => hir,
    };
    let automaton = dense(&hir, LARGEST)?;
    let start = automaton.start_state_forward(&Input::new("").anchored(Anchored::No)).ok()?;
    let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
    while let Some(state) = open.pop() {
        let next = (0..=u8::MAX).map(|byte| automaton.next_state(state, byte));
        for state in next.chain([automaton.next_eoi_state(state)]) {
            if automaton.is_match_state(state) {
                return None;
            }
            if !automaton.is_dead_state(state) && seen.insert(state) {
                open.push(state);
            }
        }
    }
    Some(false)
}

/// Whether a pattern names no characters but ASCII ones.
fn only_ascii(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.is_ascii(),
        HirKind::Class(Class::Unicode(class)) => class.is_ascii(),
        HirKind::Class(Class::Bytes(class)) => class.is_ascii(),
        HirKind::Repetition(repetition) => only_ascii(&repetition.sub),
        HirKind::Capture(capture) => only_ascii(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(only_ascii),
    }
}

/// The automaton of a pattern, of at most so many bytes.
fn dense(hir: &Hir, largest: usize) -> Option<Dense> {
    let config = thompson::Config::new().utf8(false).which_captures(WhichCaptures::None);
    let nfa = thompson::Compiler::new().configure(config).build_from_hir(hir).ok()?;
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(largest))
        .determinize_size_limit(Some(4 * largest));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()
}

/// A pattern that means the same on ASCII text, and knows no other.
fn ascii(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.is_ascii() => Hir::literal(literal.0.clone()),
        HirKind::Literal(_) => Hir::fail(),
        HirKind::Class(class) => Hir::class(Class::Bytes(ascii_class(class))),
        HirKind::Look(look) => Hir::look(ascii_look(*look)),
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => Hir::repetition(Repetition {
            min: *min,
            max: *max,
            greedy: *greedy,
            sub: Box::new(ascii(sub)),
        }),
        HirKind::Capture(capture) => ascii(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(ascii).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(ascii).collect()),
    }
}

fn ascii_class(class: &Class) -> ClassBytes {
    let mut bytes = match class {
        Class::Bytes(bytes) => bytes.clone(),
        Class::Unicode(letters) => ClassBytes::new(letters.iter().filter_map(|range| {
            let start = u8::try_from(range.start()).ok()?;
            Some(ClassBytesRange::new(start, u8::try_from(range.end()).unwrap_or(u8::MAX)))
        })),
    };
    bytes.intersect(&ClassBytes::new([ClassBytesRange::new(0, 127)]));
    bytes
}

fn ascii_look(look: Look) -> Look {
    match look {
        Look::WordUnicode => Look::WordAscii,
        Look::WordUnicodeNegate => Look::WordAsciiNegate,
        Look::WordStartUnicode => Look::WordStartAscii,
        Look::WordEndUnicode => Look::WordEndAscii,
        Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
        Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
        same => same,
    }
}

#[cfg(test)]
mod tests {
    use super::super::weight::weight;
    use super::*;

    #[test]
    fn the_estimate_of_a_pattern_is_near_what_it_takes() {
        for pattern in [
            "a{1000}",
            r"\pL{20}",
            r"\w+\s+\w+",
            r"(\w+ ){50}x",
            "[a-z]{900}x",
            "one|two|three|four|five|six",
            r"(?i)\bcheck\s+(?:(?:it|me|this)\s+)?out\b",
            "(((a{5}){5}){5}){5}",
            r"(\d+-){10}",
            "hello (there|world)[^a-z]{3}",
        ] {
            let hir = parsed(pattern, "").expect("a pattern");
            let nfa = thompson::Compiler::new().build_from_hir(&hir).expect("small");
            let (known, told) = (nfa.memory_usage(), weight(&hir));
            let near = (known / 4).saturating_sub(1000)..=4 * known;
            assert!(near.contains(&told), "{pattern}: {told} instead of {known}");
        }
    }
}
