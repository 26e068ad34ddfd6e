//! Which of many patterns can match a text at all: one scan for the literals that they need.
//!
//! Every match of a pattern begins with one of its prefix literals, and ends with one of its suffix
//! literals, where these are finitely many. A text in which none of them occurs needs no look by the
//! pattern itself. All literals of all patterns share one Aho–Corasick automaton that ignores ASCII
//! case: it may let a pattern through that then does not match, never the reverse.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use std::collections::BTreeMap;

/// Literals shorter than this occur nearly everywhere.
const SHORTEST: usize = 3;

/// A scan for the literals of many patterns.
pub(super) struct Prefilter {
    automaton: Option<AhoCorasick>,
    /// For each literal, the patterns that may match where it occurs.
    patterns: Vec<Vec<usize>>,
    /// Patterns without useful literals.
    always: Vec<usize>,
    n_patterns: usize,
}

/// The patterns that a text has been found to be a candidate for; reused from text to text.
#[derive(Default)]
pub(super) struct Candidates {
    seen: Vec<bool>,
    pub(super) found: Vec<usize>,
}

impl Prefilter {
    /// A prefilter for patterns in the syntax of the crate `regex`, each with its flags.
    pub(super) fn new<'a>(patterns: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> Self {
        let n_patterns = patterns.len();
        let mut literals: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for (number, (pattern, flags)) in patterns.enumerate() {
            match required(pattern, flags) {
                Some(required) => {
                    for literal in required {
                        literals.entry(literal).or_default().push(number);
                    }
                }
                None => always.push(number),
            }
        }
        let automaton =
            AhoCorasickBuilder::new().ascii_case_insensitive(true).build(literals.keys()).ok();
        if automaton.is_none() {
            always = (0..n_patterns).collect();
        }
        Self { automaton, patterns: literals.into_values().collect(), always, n_patterns }
    }

    /// Fills `candidates` with the patterns that can match `text`, each once.
    pub(super) fn scan(&self, text: &str, candidates: &mut Candidates) {
        candidates.seen.clear();
        candidates.seen.resize(self.n_patterns, false);
        candidates.found.clear();
        candidates.found.extend(&self.always);
        let Some(automaton) = &self.automaton else { return };
        for literal in automaton.find_overlapping_iter(text) {
            for &number in &self.patterns[literal.pattern().as_usize()] {
                if !std::mem::replace(&mut candidates.seen[number], true) {
                    candidates.found.push(number);
                }
            }
        }
    }
}

/// Literals of which one occurs in every match, in ASCII lower case; `None` when none are known that
/// are long enough to tell texts apart.
fn required(pattern: &str, flags: &str) -> Option<Vec<Vec<u8>>> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .build();
    let hir = parser.parse(pattern).ok()?;
    let prefixes = extract(&hir, ExtractKind::Prefix);
    let suffixes = extract(&hir, ExtractKind::Suffix);
    let shortest = |literals: &Option<Vec<Vec<u8>>>| {
        literals.as_ref().and_then(|literals| literals.iter().map(Vec::len).min()).unwrap_or(0)
    };
    let best = if shortest(&suffixes) > shortest(&prefixes) { suffixes } else { prefixes };
    best.filter(|literals| literals.iter().all(|literal| literal.len() >= SHORTEST))
}

fn extract(hir: &Hir, kind: ExtractKind) -> Option<Vec<Vec<u8>>> {
    let seq: Seq = Extractor::new().kind(kind).extract(hir);
    let mut literals: Vec<Vec<u8>> =
        seq.literals()?.iter().map(|literal| literal.as_bytes().to_ascii_lowercase()).collect();
    literals.sort_unstable();
    literals.dedup();
    Some(literals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATTERNS: [&str; 14] = [
        r"( |^)(thanks\.|thanks)[^\w]*( |$)",
        r"(?i)\bcheck\s+(?:(?:it|me)\s+)?out\b",
        r"(?i:free|win\w+)",
        r"^re:",
        r"(?i)straße|kelvin",
        r"[0-9]{3,}",
        r"a.*b",
        r"",
        r"(cash|prize)s?$",
        r"(?x) one   two",
        r"(?i)ſpam",
        r"x*free",
        r"(?s)start.end",
        r"(foo|ba[rz])qux",
    ];

    proptest! {
        #[test]
        fn a_pattern_that_matches_is_a_candidate(
            pieces in prop::collection::vec(prop_oneof![
                Just("thanks"), Just(" "), Just("CHECK it out"), Just("Free"), Just("winner"),
                Just("re:"), Just("STRASSE"), Just("straße"), Just("KELVIN"), Just("123"),
                Just("cash"), Just("prizes"), Just("onetwo"), Just("spam"), Just("ſpam"),
                Just("start\nend"), Just("bazqux"), Just("fooqux"), Just("a"), Just("b"), Just("."),
            ], 0..8)
        ) {
            let text = pieces.concat();
            let prefilter = Prefilter::new(PATTERNS.iter().map(|pattern| (*pattern, "")));
            let mut candidates = Candidates::default();
            prefilter.scan(&text, &mut candidates);
            for (number, pattern) in PATTERNS.iter().enumerate() {
                let regex = regex::Regex::new(pattern).expect("valid");
                if regex.is_match(&text) {
                    prop_assert!(candidates.found.contains(&number), "{pattern} in {text:?}");
                }
            }
        }
    }

    #[test]
    fn literals_are_found_where_there_are_any() {
        for (pattern, flags, found) in [
            ("^re: ", "", true),
            (r"\bcheck\s+out\b", "i", true),
            ("cash|prize", "", true),
            ("cash # money", "x", true),
            (r"\w+\s\d+", "", false),
            ("a|cash", "", false),
            ("", "", false),
        ] {
            assert_eq!(required(pattern, flags).is_some(), found, "{pattern}");
        }
    }
}
