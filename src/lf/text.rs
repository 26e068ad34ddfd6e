//! How keywords and table keys are compared with text: normal form, case, word boundaries.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Case {
    #[default]
    Insensitive,
    Sensitive,
}

/// Text in the form in which it is compared: Unicode normal form C, and with
/// [`Case::Insensitive`] with its case folded.
///
/// A letter folds to the lower case of its upper case, so that `ß`, `SS` and `ss`, or the three
/// forms of sigma, are the same. What folding takes apart (`ΐ`) is composed again.
pub(crate) fn fold(text: &str, case: Case) -> Cow<'_, str> {
    if text.is_ascii() {
        return match case {
            Case::Insensitive if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Cow::Owned(text.to_ascii_lowercase())
            }
            _ => Cow::Borrowed(text),
        };
    }
    let normal = compose(Cow::Borrowed(text));
    match case {
        Case::Sensitive => normal,
        Case::Insensitive => {
            let mut folded = String::with_capacity(normal.len());
            for letter in normal.chars() {
                if letter.is_ascii() {
                    folded.push(letter.to_ascii_lowercase());
                } else if letter == 'ẞ' {
                    // The only letter that is the upper case of a letter with another upper case.
                    folded.push_str("ss");
                } else {
                    folded.extend(letter.to_uppercase().flat_map(char::to_lowercase));
                }
            }
            compose(Cow::Owned(folded))
        }
    }
}

/// Unicode normal form C.
fn compose(text: Cow<'_, str>) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether a character is part of a word: the `\w` of regular expressions.
pub(crate) fn is_word(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || letter == '_';
    }
    regex_syntax::is_word_character(letter)
}

/// Whether `start..end` of `text` is not a piece of a longer word. An end that is no word
/// character itself has no boundary to keep.
pub(crate) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let (before, inside, after) = (&text[..start], &text[start..end], &text[end..]);
    let joined = |outer: Option<char>, inner: Option<char>| {
        inner.is_some_and(is_word) && outer.is_some_and(is_word)
    };
    !joined(before.chars().next_back(), inside.chars().next())
        && !joined(after.chars().next(), inside.chars().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_makes_case_and_composition_equal() {
        for (one, other) in [
            ("CHEST Pain", "chest pain"),
            ("STRASSE", "straße"),
            ("STRAẞE", "strasse"),
            ("Α\u{3aa}\u{301}", "α\u{390}"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Caf\u{e9}", "CAFE\u{301}"),
            ("ДОКТОР", "доктор"),
        ] {
            assert_eq!(fold(one, Case::Insensitive), fold(other, Case::Insensitive), "{one}");
        }
        assert_ne!(fold("GSW", Case::Sensitive), fold("gsw", Case::Sensitive));
        assert_eq!(fold("e\u{301}", Case::Sensitive), "\u{e9}");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        let letters = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
        let changing: Vec<char> = letters
            .filter(|letter| {
                let once = fold(&letter.to_string(), Case::Insensitive).into_owned();
                fold(&once, Case::Insensitive) != once
            })
            .collect();
        assert_eq!(changing, Vec::<char>::new());
    }

    #[test]
    fn whole_words() {
        for (text, word, whole) in [
            ("a cat.", "cat", true),
            ("concat", "cat", false),
            ("cats", "cat", false),
            ("cat_2", "cat", false),
            ("naïve", "ve", false),
            ("use C++17", "C++", true),
            ("x$5", "$", true),
        ] {
            let start = text.find(word).expect("occurs");
            assert_eq!(is_whole(text, start, start + word.len()), whole, "{word} in {text}");
        }
    }
}
