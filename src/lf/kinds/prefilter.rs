//! Which of many patterns can match a text at all: one scan for the strings that they need.
//!
//! The strings of all [clauses](Clause) of all patterns share one [scan](Scan). Each pattern hangs on
//! the rarest of its clauses, and is looked at only where that one is satisfied; so a text costs what
//! it contains, not what there is to look for. What is found is a candidate: it may turn out not to
//! match, but no other pattern does.

use super::required::{Clause, LIKE_ASCII, Requirements};
use super::scan::Scan;
use regex_syntax::hir::Hir;
use std::collections::BTreeMap;

/// A scan for what many patterns need.
pub(super) struct Prefilter {
    /// Finds the clauses.
    scan: Option<Scan>,
    /// For each clause, the patterns that hang on it.
    clauses: Vec<Vec<Hanging>>,
    /// Patterns that need nothing in particular.
    always: Vec<usize>,
}

/// A pattern that hangs on a clause.
struct Hanging {
    pattern: usize,
    /// The other clauses that it needs.
    others: Vec<usize>,
    /// Whether it then matches for sure, if the text has nothing [`LIKE_ASCII`].
    enough: bool,
}

/// The patterns that a text has been found to be a candidate for; reused from text to text.
#[derive(Default)]
pub(super) struct Candidates {
    /// The patterns, and whether they match for sure.
    pub(super) found: Vec<(usize, bool)>,
    /// The clauses that the text satisfies.
    satisfied: Vec<usize>,
    /// For each clause, the last text that satisfied it.
    last: Vec<u32>,
    text: u32,
}

impl Prefilter {
    /// A prefilter for patterns; those that are not known may match anything.
    pub(super) fn new(patterns: impl Iterator<Item = Option<Hir>>) -> Self {
        let mut requirements = Requirements::new();
        let mut numbers: BTreeMap<Clause, usize> = BTreeMap::new();
        let mut clauses: Vec<Vec<Hanging>> = Vec::new();
        let mut always = Vec::new();
        let mut n_patterns = 0;
        for (pattern, hir) in patterns.enumerate() {
            n_patterns = pattern + 1;
            let Some(needs) = hir.map(|hir| requirements.of(&hir)) else {
                always.push(pattern);
                continue;
            };
            let needed = needs.clauses.into_iter().map(|clause| {
                *numbers.entry(clause).or_insert_with(|| {
                    clauses.push(Vec::new());
                    clauses.len() - 1
                })
            });
            match needed.collect::<Vec<usize>>().split_first() {
                Some((&rarest, others)) => {
                    let others = others.to_vec();
                    clauses[rarest].push(Hanging { pattern, others, enough: needs.enough });
                }
                None => always.push(pattern),
            }
        }
        let mut strings: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for (clause, number) in numbers {
            for string in clause {
                strings.entry(string).or_default().push(number);
            }
        }
        let scan = Scan::new(strings);
        if scan.is_none() {
            always = (0..n_patterns).collect();
        }
        Self { scan, clauses, always }
    }

    /// Fills `candidates` with the patterns that can match `text`, each once.
    pub(super) fn scan(&self, text: &str, ascii: bool, candidates: &mut Candidates) {
        candidates.found.clear();
        candidates.found.extend(self.always.iter().map(|&pattern| (pattern, false)));
        let Some(scan) = &self.scan else { return };
        candidates.begin(self.clauses.len());
        scan.run(text, ascii, |clauses| candidates.note(clauses));
        let plain = ascii || !text.contains(LIKE_ASCII);
        for &clause in &candidates.satisfied {
            for hanging in &self.clauses[clause] {
                if hanging.others.iter().all(|&other| candidates.last[other] == candidates.text) {
                    candidates.found.push((hanging.pattern, hanging.enough && plain));
                }
            }
        }
    }
}

impl Candidates {
    /// Forgets the text before.
    fn begin(&mut self, n_clauses: usize) {
        self.satisfied.clear();
        if self.last.len() != n_clauses || self.text == u32::MAX {
            self.last = vec![0; n_clauses];
            self.text = 0;
        }
        self.text += 1;
    }

    /// Notes clauses that the text satisfies.
    fn note(&mut self, clauses: &[usize]) {
        for &clause in clauses {
            if self.last[clause] != self.text {
                self.last[clause] = self.text;
                self.satisfied.push(clause);
            }
        }
    }
}
