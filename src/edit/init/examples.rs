//! Rows as examples of a labeling function: short ones that show what it finds.

use super::super::quote::is_hidden;
use super::terms::{Document, Term};
use crate::lf::{Case, fold, is_word};

/// Examples of each sort, and characters of one.
const EACH: usize = 2;
const LONGEST: usize = 160;
const SHORTEST: usize = 8;

/// Texts of a class with one of its terms, and texts of other classes without any.
pub(super) fn of(
    documents: &[Document],
    class: usize,
    terms: &[Term],
) -> (Vec<String>, Vec<String>) {
    let (mut matching, mut not_matching) = (Vec::new(), Vec::new());
    let mut shown: Vec<&str> = Vec::new();
    for document in documents {
        if matching.len() == EACH && not_matching.len() == EACH {
            break;
        }
        let fits = (SHORTEST..=LONGEST).contains(&document.text.chars().count());
        let Some(other) = document.class.filter(|_| fits && is_quiet(&document.text)) else {
            continue;
        };
        let text = fold(&document.text, Case::Insensitive);
        let found = terms.iter().find(|term| has(&text, &term.text));
        match found {
            // Each shows another term.
            Some(term)
                if other == class && matching.len() < EACH && !shown.contains(&&*term.text) =>
            {
                shown.push(&term.text);
                matching.push(document.text.clone());
            }
            None if other != class
                && not_matching.len() < EACH
                && !terms.iter().any(|term| text.contains(&*term.text)) =>
            {
                not_matching.push(document.text.clone());
            }
            _ => {}
        }
    }
    (matching, not_matching)
}

/// Whether a text is one line, and all of it can be seen.
fn is_quiet(text: &str) -> bool {
    !text.chars().any(is_hidden) && text.trim() == text
}

/// Whether a term stands in a text as whole words.
fn has(text: &str, term: &str) -> bool {
    text.match_indices(term).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + term.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
