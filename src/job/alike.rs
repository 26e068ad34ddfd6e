//! Rows that a labeling function misses although they look like those it votes on.
//!
//! Words that stand in many of its rows and in few others speak for a row; a row that it does not vote on
//! is scored by those it has. The score is that of a naive Bayes classifier on the presence of words
//! (Manning, Raghavan & Schütze 2008, Introduction to Information Retrieval, chapter 13).

use super::exhibit::Exhibit;
use crate::LfId;
use crate::lf::{Case, fold, is_word};
use crate::report::{Cell, Mark};
use std::collections::{BTreeMap, BTreeSet};

/// Words that may speak for a row.
const WORDS: usize = 40;
/// Rows of its own that a word must stand in.
const LEAST: usize = 4;
/// How many times more often a word stands in its rows than in others, as a logarithm.
const CLEAR: f64 = 1.4;

/// What looks alike.
pub(super) struct Alike {
    /// Words that speak for a row, the strongest first.
    pub(super) words: Vec<String>,
    /// Rows that are missed, by their places among those that were read, the most alike first.
    pub(super) rows: Vec<usize>,
}

/// Finds what is alike, among `others`, to the rows `own` of a labeling function.
pub(super) fn alike(exhibit: &Exhibit<'_>, lf: LfId, own: Vec<usize>, others: Vec<usize>) -> Alike {
    let found: BTreeSet<String> = own
        .iter()
        .flat_map(|&at| &exhibit.evidence.hits[at])
        .filter(|hit| hit.lf == lf)
        .filter_map(|hit| hit.term.as_deref())
        .flat_map(words)
        .collect();
    let of_own: Vec<BTreeSet<String>> = own.iter().map(|&at| row(exhibit, at)).collect();
    let of_others: Vec<BTreeSet<String>> = others.iter().map(|&at| row(exhibit, at)).collect();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for word in of_own.iter().flatten() {
        counts.entry(word).or_default().0 += 1;
    }
    for word in of_others.iter().flatten() {
        counts.entry(word).or_default().1 += 1;
    }
    let share = |count: usize, of: usize| (count as f64 + 0.5) / (of as f64 + 1.0);
    let mut weights: Vec<(f64, &str)> = counts
        .into_iter()
        .filter(|(word, (a, _))| *a >= LEAST && !found.contains(*word) && word.chars().count() > 2)
        .map(|(word, (a, b))| ((share(a, own.len()) / share(b, others.len())).ln(), word))
        .filter(|(weight, _)| *weight > CLEAR)
        .collect();
    weights.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    weights.truncate(WORDS);
    let weight_of: BTreeMap<&str, f64> =
        weights.iter().map(|&(weight, word)| (word, weight)).collect();
    let mut rows: Vec<(f64, usize)> = of_others
        .iter()
        .zip(&others)
        .filter_map(|(words, &at)| {
            let hits: Vec<f64> =
                words.iter().filter_map(|word| weight_of.get(word.as_str())).copied().collect();
            // One word alone may be there by chance.
            (hits.len() > 1).then(|| (hits.iter().sum(), at))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    Alike {
        words: weights.iter().map(|(_, word)| (*word).to_owned()).collect(),
        rows: rows.into_iter().map(|(_, at)| at).collect(),
    }
}

/// The words of a row.
fn row(exhibit: &Exhibit<'_>, at: usize) -> BTreeSet<String> {
    let fields = crate::FieldId::first(exhibit.lfs.lf_fields().len());
    fields.filter_map(|field| exhibit.picked.batch.text(field, at)).flat_map(words).collect()
}

fn words(text: &str) -> Vec<String> {
    let folded = fold(text, Case::Insensitive);
    let words = folded.split(|letter: char| !is_word(letter)).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Marks the words in cells, and nothing else.
pub(super) fn mark(cells: &mut [Cell], words: &[String], lf: LfId) {
    for cell in cells {
        let Some(text) = &cell.text else { continue };
        cell.marks.clear();
        let mut start = 0;
        for word in text.split(|letter: char| !is_word(letter)) {
            let at = start;
            start +=
                word.len() + text[start + word.len()..].chars().next().map_or(0, char::len_utf8);
            let folded = fold(word, Case::Insensitive);
            if words.iter().any(|known| *known == *folded) {
                cell.marks.push(Mark { start: at, end: at + word.len(), lf: lf.index() });
            }
        }
        cell.marks.sort_unstable();
    }
}
