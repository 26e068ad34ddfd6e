//! What a labeling function found in the rows it voted on: which word of a list, which key of a table,
//! which text of a pattern.

use super::{Precision, Privacy, Share};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The terms of one labeling function, from a sample of its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TermsReport {
    /// Rows that were looked at, of the rows it votes on.
    pub sampled: Option<Share>,
    /// What was found in them, the most frequent first.
    pub terms: Vec<TermReport>,
    /// Different terms that were found and are not listed.
    #[serde(default)]
    pub others: u64,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TermReport {
    /// The word, key or text, with its case folded; masked when redacted, unless it stands in the spec.
    pub term: String,
    /// Rows with it, of the sampled ones.
    pub rows: Share,
    /// Of these, rows where another labeling function votes differently.
    pub conflict: Share,
    /// The mean probability, over these rows, of what was voted; none without a label model.
    pub learned_accuracy: Option<f64>,
    /// Right votes on rows with a gold label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Whether it is the cause of doubtful votes.
    #[serde(default)]
    pub doubtful: bool,
}

/// Terms that are listed.
const LISTED: usize = 12;
/// Rows with a term that say something about it.
const ENOUGH: u64 = 5;
/// Rows with a term and a gold label that say something about it.
const ENOUGH_GOLD: u64 = 8;

/// Counts the terms of one labeling function, row by row.
#[derive(Debug, Default)]
pub(crate) struct TermCounter {
    rows: u64,
    terms: BTreeMap<String, Tally>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    in_spec: bool,
    rows: u64,
    conflict: u64,
    /// Rows with a probability, and their sum.
    judged: u64,
    probability: f64,
    gold: u64,
    correct: u64,
}

/// A vote on a sampled row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampledVote {
    /// Whether another labeling function contradicts it.
    pub(crate) conflict: bool,
    /// The probability of what it says; none without a label model.
    pub(crate) probability: Option<f64>,
    /// Whether it is right, where that is known.
    pub(crate) right: Option<bool>,
}

impl TermCounter {
    /// Adds a row with the terms that were found in it, each with whether it stands in the spec; one that
    /// a keyword and a pattern both found counts once.
    pub(crate) fn add(&mut self, terms: impl Iterator<Item = (String, bool)>, vote: SampledVote) {
        self.rows += 1;
        let mut once: BTreeMap<String, bool> = BTreeMap::new();
        terms.for_each(|(term, in_spec)| *once.entry(term).or_default() |= in_spec);
        for (term, in_spec) in once {
            let tally = self.terms.entry(term).or_default();
            tally.in_spec |= in_spec;
            tally.rows += 1;
            tally.conflict += u64::from(vote.conflict);
            tally.judged += u64::from(vote.probability.is_some());
            tally.probability += vote.probability.unwrap_or(0.0);
            tally.gold += u64::from(vote.right.is_some());
            tally.correct += u64::from(vote.right == Some(true));
        }
    }

    /// The terms of a labeling function that votes on `of` rows, and those of them that are doubtful,
    /// without a mask; none where nothing was found.
    pub(crate) fn finish(
        self,
        of: u64,
        privacy: Privacy,
    ) -> Option<(TermsReport, BTreeSet<String>)> {
        if self.terms.is_empty() {
            return None;
        }
        let rows = self.rows;
        let report = |term: &String, tally: &Tally| TermReport {
            term: term.clone(),
            rows: Share::new(tally.rows, rows),
            conflict: Share::new(tally.conflict, tally.rows),
            learned_accuracy: (tally.judged > 0).then(|| tally.probability / tally.judged as f64),
            precision: Precision::new(tally.correct, tally.gold),
            doubtful: false,
        };
        let mut terms: Vec<TermReport> =
            self.terms.iter().map(|(term, tally)| report(term, tally)).collect();
        mark_doubtful(&mut terms);
        let doubtful = terms.iter().filter(|term| term.doubtful).map(|term| term.term.clone());
        let doubtful = doubtful.collect();
        for (term, tally) in terms.iter_mut().zip(self.terms.values()) {
            if !tally.in_spec {
                term.term = privacy.text(&term.term, &[]);
            }
        }
        terms.sort_by(|a, b| b.rows.count.cmp(&a.rows.count).then_with(|| a.term.cmp(&b.term)));
        let found = terms.len();
        // Doubtful ones are listed however rare they are.
        let mut at = 0;
        terms.retain(|term| {
            at += 1;
            at <= LISTED || term.doubtful
        });
        let others = (found - terms.len()) as u64;
        Some((TermsReport { sampled: Some(Share::new(rows, of)), terms, others }, doubtful))
    }
}

/// A term is doubtful where it is wrong more often than not on gold, and the upper end of its interval
/// is below what the other terms together reach; or, where gold says nothing, where half of its rows or
/// more are contradicted, its votes are clearly less probable than those of the others, and the few gold
/// labels that there are do not say otherwise.
fn mark_doubtful(terms: &mut [TermReport]) {
    const CLEARLY: f64 = 0.15;
    let sum = |pick: &dyn Fn(&TermReport) -> f64| terms.iter().map(pick).sum::<f64>();
    let weight = |term: &TermReport| term.rows.count as f64;
    let gold = |term: &TermReport| term.precision.map_or((0, 0), |p| (p.correct, p.n));
    let (correct, n) = terms.iter().map(gold).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let total = sum(&weight);
    let learned = sum(&|term| weight(term) * term.learned_accuracy.unwrap_or(0.0));
    let several = terms.len() > 1;
    for term in terms {
        if term.rows.count < ENOUGH {
            continue;
        }
        let own = term.learned_accuracy.unwrap_or(0.0);
        let others = (learned - weight(term) * own) / (total - weight(term));
        let against = term.conflict.share.is_some_and(|share| share >= 0.5);
        term.doubtful = several
            && match term.precision.filter(|precision| precision.n >= ENOUGH_GOLD) {
                Some(own) => {
                    let others = (correct - own.correct) as f64 / (n - own.n) as f64;
                    own.value < 0.5 && own.high < others
                }
                None => {
                    // A few gold labels prove nothing, but may clear it.
                    let cleared = term.precision.is_some_and(|few| few.value >= 0.5);
                    against && !cleared && others.is_finite() && own < others - CLEARLY
                }
            };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(rows: &[(&str, bool, f64, Option<bool>)]) -> TermsReport {
        let mut counter = TermCounter::default();
        for &(term, conflict, probability, right) in rows {
            let vote = SampledVote { conflict, probability: Some(probability), right };
            counter.add(term.split(' ').map(|term| (term.to_owned(), term != "secret7")), vote);
        }
        counter.finish(100, Privacy::Redacted).expect("some terms").0
    }

    #[test]
    fn the_bad_term_of_a_list_is_named() {
        let mut rows = vec![("good", false, 0.95, None); 20];
        rows.extend([("bad", true, 0.4, None); 6]);
        rows.extend([("rare", true, 0.1, None); 2]);
        rows.push(("good secret7", false, 0.9, None));
        let report = counted(&rows);
        let doubtful: Vec<&str> =
            report.terms.iter().filter(|t| t.doubtful).map(|t| t.term.as_str()).collect();
        assert_eq!(doubtful, ["bad"]);
        assert_eq!(report.terms[0].rows, Share::new(21, 29));
        assert_eq!(report.sampled, Some(Share::new(29, 100)));
        assert!(report.terms.iter().any(|term| term.term == "xxxxxx0"));
    }

    #[test]
    fn what_a_keyword_and_a_pattern_find_is_one_term() {
        let mut counter = TermCounter::default();
        let vote = SampledVote { conflict: true, probability: Some(0.5), right: None };
        for in_spec in [&[true, false][..], &[false]] {
            counter.add(in_spec.iter().map(|&in_spec| ("refund".to_owned(), in_spec)), vote);
        }
        let report = counter.finish(2, Privacy::Redacted).expect("some terms").0;
        let [term] = report.terms.as_slice() else { panic!("{:?}", report.terms) };
        assert_eq!((term.term.as_str(), term.rows), ("refund", Share::new(2, 2)));
    }

    #[test]
    fn gold_labels_speak_before_others_do() {
        let mut rows = vec![("right", true, 0.2, Some(true)); 8];
        rows.extend([("wrong", false, 0.9, Some(false)); 8]);
        let report = counted(&rows);
        let doubtful: Vec<bool> = report.terms.iter().map(|term| term.doubtful).collect();
        assert_eq!(doubtful, [false, true]);
        assert_eq!(report.terms[1].precision.map(|p| (p.correct, p.n)), Some((0, 8)));
    }
}
