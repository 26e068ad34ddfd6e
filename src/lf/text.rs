//! How keywords and table keys are compared with text: normal form, case, word boundaries.

use std::borrow::Cow;
use unicode_normalization::char::canonical_combining_class;
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

/// A folded text that knows where its pieces come from.
pub(crate) struct Folded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Where pieces begin in the folded text and in the original, ascending; none where places are the
    /// same in both.
    pieces: Vec<(usize, usize)>,
    /// The length of the original.
    length: usize,
}

impl<'a> Folded<'a> {
    /// Folds piece by piece: one begins with every character that neither composition nor folding
    /// joins to what is before it.
    pub(crate) fn new(text: &'a str, case: Case) -> Self {
        let length = text.len();
        if text.is_ascii() {
            return Self { text: fold(text, case), pieces: Vec::new(), length };
        }
        let (mut folded, mut pieces) = (String::with_capacity(length), Vec::new());
        let mut start = 0;
        let begins = |letter: char| {
            letter.is_ascii()
                || (canonical_combining_class(letter) == 0
                    && is_nfc_quick(std::iter::once(letter)) == IsNormalized::Yes)
        };
        let mut ends: Vec<usize> =
            text.char_indices().skip(1).filter(|(_, c)| begins(*c)).map(|(at, _)| at).collect();
        ends.push(length);
        for end in ends {
            pieces.push((folded.len(), start));
            folded.push_str(&fold(&text[start..end], case));
            start = end;
        }
        Self { text: Cow::Owned(folded), pieces, length }
    }

    /// The place in the original of a place in the folded text; whole pieces.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        if self.pieces.is_empty() {
            return (start, end);
        }
        let first = self.pieces.partition_point(|(folded, _)| *folded <= start).saturating_sub(1);
        let after = self.pieces.partition_point(|(folded, _)| *folded < end);
        let end = self.pieces.get(after).map_or(self.length, |(_, original)| *original);
        (self.pieces[first].1, end)
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

    proptest::proptest! {
        #[test]
        fn pieces_fold_as_the_whole_does(text in "(\\PC|[a\u{301}ßẞΐΣςİŉ각\u{1100}\u{1161}\u{11a8}=\u{338}]){0,30}", sensitive: bool) {
            let case = if sensitive { Case::Sensitive } else { Case::Insensitive };
            let folded = Folded::new(&text, case);
            proptest::prop_assert_eq!(&folded.text, &fold(&text, case));
            let all = folded.original(0, folded.text.len());
            proptest::prop_assert_eq!(all, (0, text.len()));
            for (start, letter) in folded.text.char_indices() {
                let (from, to) = folded.original(start, start + letter.len_utf8());
                proptest::prop_assert!(from < to);
                proptest::prop_assert!(fold(&text[from..to], case).contains(letter));
            }
        }
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
