//! Words and phrases that tell classes apart, or that texts are about.
//!
//! With known labels: the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and
//! Quinn, "Fightin' Words", Political Analysis 16(4), 2008, doi:10.1093/pan/mpn018). What is counted here is
//! in how many *rows* a term occurs, since a keyword votes once a row; then the Dirichlet is a Beta. With
//! y of n rows of a class having a term, y' of n' rows of the others, and p the share of all rows that have
//! it, δ = ln((y + a·p) / (n − y + a·(1 − p))) − the same of the others, with a prior of a rows; its variance
//! is about 1/(y + a·p) + 1/(y' + a·p), and terms are in the order of z = δ/σ.

use crate::lf::{Case, fold, is_word};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// A row: its class, if known, and the beginning of its text.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) class: Option<usize>,
    pub(super) text: String,
}

/// A term and in how many rows of the sample it occurs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) text: String,
    /// Of the class that it speaks for; of all where there are none.
    pub(super) own: u64,
    /// Of all rows, or of those with a known label.
    pub(super) all: u64,
    /// How sure it is: z for classes, what it says about a row otherwise.
    score: f64,
}

/// Rows of the prior.
const PRIOR: f64 = 100.0;
/// What a term must reach: so few terms would have its z by chance, among all that are looked at, and the odds
/// against those of other rows, and rows.
const BY_CHANCE: f64 = 0.25;
const LEAST_ODDS: f64 = 2.0;
const LEAST_ROWS: u64 = 5;
/// How far the share of a class among the rows with a term must be from its share among all rows on the way
/// to 1, if enough terms are.
const PRECISE: f64 = 0.4;
const ENOUGH: usize = 4;
/// Where no labels are known, a term in more rows than this share says little.
const MOST_COMMON: f64 = 0.15;

/// Words of English grammar, which counts alone take for signs where few rows are known. Other languages
/// make do with the counts.
const GRAMMAR: &str = "a about after all also am an and any are as at be been before being but by can could \
    did do does doing for from had has have he her here him his how i if in into is it its just may me \
    more most my no not of off on only or other our out over own she should so some such than that the \
    their them then there these they this those through to too under up us very was we were what when \
    where which while who why will with would you your";
const NEGATIONS: [&str; 2] = ["no", "not"];

/// Terms and the rows that have them.
#[derive(Debug, Default)]
pub(super) struct Index {
    terms: Vec<String>,
    /// For each row the terms in it, ascending, each once.
    rows: Vec<Vec<u32>>,
    counts: Vec<u64>,
    /// Whether a term is a word of grammar, or begins or ends with one.
    of_grammar: Vec<bool>,
}

impl Index {
    /// The terms that occur in enough rows: words, and pairs of such words with one blank between them, as
    /// a keyword must stand in a text to be found.
    pub(super) fn new(documents: &[Document]) -> Self {
        let split: Vec<Vec<(String, bool)>> =
            documents.iter().map(|document| tokens(&document.text)).collect();
        let words = counted(split.iter().map(|tokens| {
            tokens.iter().map(|(word, _)| word.as_str()).filter(|word| is_term(word))
        }));
        let places: HashMap<&str, u32> = words.terms.iter().copied().zip(0..).collect();
        let pairs = counted(split.iter().map(|tokens| {
            tokens.windows(2).filter(|pair| pair[1].1).filter_map(|pair| {
                let place = |(word, _): &(String, bool)| places.get(word.as_str()).copied();
                Some((place(&pair[0])?, place(&pair[1])?))
            })
        }));
        let n = words.terms.len() as u32;
        let mut rows = words.rows;
        for (row, pairs) in rows.iter_mut().zip(pairs.rows) {
            row.extend(pairs.into_iter().map(|pair| pair + n));
        }
        let text = |(one, other): &(u32, u32)| {
            format!("{} {}", words.terms[*one as usize], words.terms[*other as usize])
        };
        let terms = words.terms.iter().map(|&word| word.to_owned());
        let terms: Vec<String> = terms.chain(pairs.terms.iter().map(text)).collect();
        let grammar: HashSet<&str> = GRAMMAR.split_whitespace().collect();
        let of_grammar = |term: &String| match term.split_once(' ') {
            None => grammar.contains(&**term),
            // What is denied is another sign than what is said.
            Some((first, last)) => {
                grammar.contains(last) || grammar.contains(first) && !NEGATIONS.contains(&first)
            }
        };
        let of_grammar = terms.iter().map(of_grammar).collect();
        let counts = words.counts.into_iter().chain(pairs.counts).collect();
        Self { terms, rows, counts, of_grammar }
    }

    /// The terms that speak most for a class against all other rows with a known one.
    pub(super) fn of_class(&self, documents: &[Document], class: usize, most: usize) -> Vec<Term> {
        let (mut own, mut all) = (vec![0_u64; self.terms.len()], vec![0_u64; self.terms.len()]);
        let (mut n_own, mut n_all) = (0_u64, 0_u64);
        for (row, document) in self.rows.iter().zip(documents) {
            let Some(other) = document.class else { continue };
            let is_own = other == class;
            n_all += 1;
            n_own += u64::from(is_own);
            for &term in row {
                all[term as usize] += 1;
                own[term as usize] += u64::from(is_own);
            }
        }
        // P(Z > z) is at most exp(−z²/2) / 2.
        let least_z = (2.0 * (self.terms.len() as f64 / (2.0 * BY_CHANCE)).ln().max(1.0)).sqrt();
        let mut found: Vec<Term> = (0..self.terms.len())
            .filter(|&at| own[at] >= LEAST_ROWS && !self.of_grammar[at])
            .filter_map(|at| {
                let (delta, z) = log_odds(own[at], n_own, all[at], n_all);
                (z >= least_z && delta >= LEAST_ODDS.ln()).then(|| Term {
                    text: self.terms[at].clone(),
                    own: own[at],
                    all: all[at],
                    score: z,
                })
            })
            .collect();
        sort(&mut found);
        // A keyword should be right about more rows than a guess would.
        let base = n_own as f64 / n_all.max(1) as f64;
        let least = base + PRECISE * (1.0 - base);
        let precise = |term: &Term| term.own as f64 >= least * term.all as f64;
        if found.iter().filter(|term| precise(term)).count() >= ENOUGH {
            found.retain(precise);
        }
        distinct(found, most)
    }

    /// The terms that say most about what a text is about: in many rows, but not in most.
    pub(super) fn of_all(&self, most: usize) -> Vec<Term> {
        let n = self.rows.len() as f64;
        let places: HashMap<&str, usize> = self.terms.iter().map(String::as_str).zip(0..).collect();
        let share = |word: &str| places.get(word).map_or(1.0, |&at| self.counts[at] as f64 / n);
        let mut found: Vec<Term> = (0..self.terms.len())
            .filter_map(|at| {
                let (text, count) = (&self.terms[at], self.counts[at]);
                let rows = count as f64;
                // Words that stand side by side no more often than by chance are no phrase.
                let phrase = text.split_once(' ');
                let chance = phrase.map_or(0.0, |(one, other)| n * share(one) * share(other));
                let informative = rows < MOST_COMMON * n && rows >= 3.0 * chance;
                // Short words are mostly those of grammar.
                let long = phrase.is_some() || text.chars().count() > 3;
                (informative && long && !self.of_grammar[at]).then(|| Term {
                    text: text.clone(),
                    own: count,
                    all: count,
                    score: rows * (n / rows).ln(),
                })
            })
            .collect();
        sort(&mut found);
        distinct(found, most)
    }
}

/// Terms of some form that occur in enough rows, in the order in which they were seen.
struct Counted<T> {
    terms: Vec<T>,
    counts: Vec<u64>,
    rows: Vec<Vec<u32>>,
}

fn counted<T: Copy + Eq + Hash>(
    split: impl Iterator<Item = impl Iterator<Item = T>>,
) -> Counted<T> {
    let mut ids: HashMap<T, u32> = HashMap::new();
    let mut all: Vec<(T, u64)> = Vec::new();
    let mut rows: Vec<Vec<u32>> = Vec::new();
    for terms in split {
        let mut row: Vec<u32> = terms
            .map(|term| {
                *ids.entry(term).or_insert_with(|| {
                    all.push((term, 0));
                    all.len() as u32 - 1
                })
            })
            .collect();
        row.sort_unstable();
        row.dedup();
        row.iter().for_each(|id| all[*id as usize].1 += 1);
        rows.push(row);
    }
    let mut place = vec![None; all.len()];
    let (mut terms, mut counts) = (Vec::new(), Vec::new());
    for (at, (term, count)) in all.into_iter().enumerate() {
        if count >= LEAST_ROWS {
            place[at] = Some(terms.len() as u32);
            terms.push(term);
            counts.push(count);
        }
    }
    for row in &mut rows {
        *row = row.iter().filter_map(|id| place[*id as usize]).collect();
    }
    Counted { terms, counts, rows }
}

fn sort(terms: &mut [Term]) {
    terms.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
}

/// δ and z of a term that `own` of the `n_own` rows of a class have, and `all` of all `n_all` rows.
fn log_odds(own: u64, n_own: u64, all: u64, n_all: u64) -> (f64, f64) {
    let share = all as f64 / n_all as f64;
    let (with, without) = (PRIOR * share, PRIOR * (1.0 - share));
    let (own, n_own) = (own as f64, n_own as f64);
    let (other, n_other) = (all as f64 - own, n_all as f64 - n_own);
    let odds = |rows: f64, n: f64| ((rows + with) / (n - rows + without)).ln();
    let delta = odds(own, n_own) - odds(other, n_other);
    let variance = 1.0 / (own + with) + 1.0 / (other + with);
    (delta, delta / variance.sqrt())
}

/// The first terms of which none says much the same as one before it: a phrase and a word of it that is
/// seldom without the phrase, or any word of it, which in one list says all that the phrase says.
fn distinct(found: Vec<Term>, most: usize) -> Vec<Term> {
    let mut kept: Vec<Term> = Vec::new();
    for term in found {
        if kept.len() == most {
            break;
        }
        let same = |other: &Term| {
            let shared = term.text.split(' ').any(|word| other.text.split(' ').any(|w| w == word));
            let within =
                |part: &str, whole: &str| format!(" {whole} ").contains(&format!(" {part} "));
            within(&term.text, &other.text)
                || within(&other.text, &term.text)
                || shared && term.all.min(other.all) * 10 >= term.all.max(other.all) * 6
        };
        if !kept.iter().any(same) {
            kept.push(term);
        }
    }
    kept
}

/// Words that may be a term: not single letters, and no bare numbers.
fn is_term(word: &str) -> bool {
    (2..=40).contains(&word.chars().count()) && word.chars().any(char::is_alphabetic)
}

/// The words of a text, folded as keywords are, and whether exactly one blank stands before each.
fn tokens(text: &str) -> Vec<(String, bool)> {
    let folded = fold(text, Case::Insensitive);
    let mut tokens = Vec::new();
    let mut end = 0;
    let mut start = None;
    for (at, letter) in folded.char_indices().chain([(folded.len(), ' ')]) {
        match (is_word(letter), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                // The pieces of `I'll` and `don't` are no words of their own.
                let joined = |before: &str, after: &str| {
                    before.ends_with(is_word) && after.starts_with(is_word)
                };
                let marks = ['\'', '\u{2019}'];
                let piece = folded[..from]
                    .strip_suffix(marks)
                    .is_some_and(|before| joined(before, &folded[from..]))
                    || folded[at..]
                        .strip_prefix(marks)
                        .is_some_and(|after| joined(&folded[..at], after));
                let word = if piece { "" } else { &folded[from..at] };
                tokens.push((word.to_owned(), &folded[end..from] == " "));
                (start, end) = (None, at);
            }
            _ => {}
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn documents(rows: &[(usize, &str, usize)]) -> Vec<Document> {
        let row = |(class, text, n): &(usize, &str, usize)| {
            vec![Document { class: Some(*class), text: (*text).to_owned() }; *n]
        };
        rows.iter().flat_map(row).collect()
    }

    /// Checked by hand: 8 of 10 rows against 2 of 90, with 10 rows of the prior among those that have it.
    #[test]
    fn log_odds_by_hand() {
        let (delta, z) = log_odds(8, 10, 10, 100);
        assert!((delta - ((18.0_f64 / 92.0).ln() - (12.0_f64 / 178.0).ln())).abs() < 1e-12);
        assert!((z - delta / (1.0_f64 / 18.0 + 1.0 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn texts_become_words() {
        let words = |text| tokens(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        assert_eq!(words("I'll WIN, 'now'!"), ["", "", "win", "now"]);
        let blanks = |text| tokens(text).into_iter().map(|(_, blank)| blank).collect::<Vec<_>>();
        assert_eq!(blanks("a b  c,d e"), [false, true, false, false, true]);
    }

    /// Words that say nothing are not taken for signs, however many are looked at.
    #[test]
    fn chance_proposes_nothing() {
        let mut random = Random::stream(1, 0);
        let mut word = |n: u64| format!("w{}", random.bits() % n);
        let documents: Vec<Document> = (0..3_000)
            .map(|row| {
                let words: Vec<String> = (0..12).map(|_| word(1_000)).collect();
                Document { class: Some(usize::from(row % 3 == 0)), text: words.join(" ") }
            })
            .collect();
        let index = Index::new(&documents);
        let found = [0, 1].map(|class| index.of_class(&documents, class, 9).len());
        assert!(index.terms.len() >= 1_000 && found.iter().sum::<usize>() <= 1, "{found:?}");
    }

    #[test]
    fn terms_tell_classes_apart() {
        let documents = documents(&[
            (0, "WIN a free  prize now the", 40),
            (0, "the free prize", 20),
            (1, "the meeting is at noon", 200),
            (1, "free the agenda", 10),
        ]);
        let index = Index::new(&documents);
        let spam: Vec<_> =
            index.of_class(&documents, 0, 9).into_iter().map(|t| (t.text, t.own, t.all)).collect();
        assert!(spam.contains(&("prize".to_owned(), 60, 60)), "{spam:?}");
        assert!(
            !spam.iter().any(|(term, ..)| term == "the" || term == "a" || term == "free  prize"),
            "{spam:?}"
        );
        assert!(index.of_all(9).iter().any(|term| term.text == "agenda"));
    }
}
