//! What a text must contain for a pattern to match at all.
//!
//! Texts and patterns are compared in a *reduced* form. A character that is part of a word is folded to
//! one case; every run of other characters becomes a single gap, and there is a gap before and
//! after the text. So `Call: 555!` becomes `␣call␣555␣`, and a pattern such as `(^| )call[^\w]* ` needs
//! `␣call␣`, which is the whole word and neither `recall` nor `calling`. A word boundary is a gap, too.
//!
//! What a pattern needs is a list of clauses: a text must contain one string of each clause. The
//! pattern is walked from left to right; all the while the strings are known of which one ends what
//! has matched so far (its *tails*), as long as these are few. Where they are no longer, they become a
//! clause, and new ones begin. This is the idea of RE2's `FilteredRE2` and of trigram indexes (Russ Cox,
//! "Regular Expression Matching with a Trigram Index", 2012), with words instead of letters.

use crate::lf::text::is_word;
use regex_syntax::hir::{Class, ClassBytes, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};
use std::collections::BTreeSet;

/// What stands for a run of characters that are part of no word.
pub(super) const GAP: u8 = b' ';

/// Strings in reduced form, one of which a text must contain; never, if there are none.
pub(super) type Clause = BTreeSet<Vec<u8>>;

/// More tails than this are not followed.
const MOST_TAILS: usize = 500;
/// Classes with more letters than this are not spelled out.
const MOST_LETTERS: usize = 40;
/// More clauses of a pattern than this are not worth looking at.
const MOST_CLAUSES: usize = 4;
/// Times that the parts of a repetition are followed.
const MOST_COPIES: u32 = 3;
/// Strings that are handled for a pattern; what comes after them is taken for anything.
const MOST_WORK: usize = 100_000;
/// Clauses that more than about this share of texts satisfy are useless.
const COMMON: f64 = 0.05;

/// A pattern in parts, read as the crate `regex` reads it.
pub(super) fn parsed(pattern: &str, flags: &str) -> Option<Hir> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .build();
    parser.parse(pattern).ok()
}

/// The characters that are not ASCII, but the same as an ASCII letter in reduced form.
pub(super) const LIKE_ASCII: [char; 3] = ['ı', 'ſ', '\u{212A}'];

/// A character in reduced form.
pub(super) fn reduced(letter: char) -> char {
    if letter.is_ascii() {
        return char::from(REDUCED[letter as usize]);
    }
    if !is_word(letter) {
        return char::from(GAP);
    }
    let single = |letters: &mut dyn Iterator<Item = char>| {
        letters.next().filter(|_| letters.next().is_none())
    };
    single(&mut letter.to_uppercase())
        .and_then(|upper| single(&mut upper.to_lowercase()))
        .unwrap_or(letter)
}

/// The ASCII characters in reduced form.
pub(super) const REDUCED: [u8; 128] = {
    let mut table = [GAP; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_' {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// What is known of all texts that a pattern has matched so far.
#[derive(Clone, PartialEq)]
struct Known {
    clauses: Vec<Clause>,
    /// One of these ends what has matched; there are none if nothing can match.
    tails: Clause,
}

impl Known {
    /// Goes on from anything: what is known of the end becomes a clause.
    fn cut(&mut self) {
        let tails = std::mem::replace(&mut self.tails, anything());
        if rarity(&tails) < COMMON {
            self.clauses.push(tails);
        }
    }

    /// Goes on with one of some strings.
    fn extend(&mut self, strings: &Clause) {
        if self.tails.len().saturating_mul(strings.len()) > MOST_TAILS {
            self.cut();
        }
        let pairs = self.tails.iter().flat_map(|tail| strings.iter().map(move |s| (tail, s)));
        self.tails = pairs.map(|(tail, string)| joined(tail, string)).collect();
        self.shorten();
    }

    /// Leaves out tails that end with another one, which say no more than that.
    fn shorten(&mut self) {
        let known = &self.tails;
        let says_more = |tail: &&Vec<u8>| (1..=tail.len()).all(|at| !known.contains(&tail[at..]));
        self.tails = known.iter().filter(says_more).cloned().collect();
    }

    /// One of several went before; all have their first `shared` clauses in common.
    fn either(shared: usize, branches: Vec<Self>) -> Self {
        let mut one_of = Clause::new();
        let mut tails = Clause::new();
        let mut lost = false;
        for branch in &branches {
            let own = branch.clauses[shared..].iter();
            let rarest = own.chain([&branch.tails]).min_by(|a, b| rarity(a).total_cmp(&rarity(b)));
            one_of.extend(rarest.into_iter().flatten().cloned());
            lost |= branch.clauses.len() > shared;
            tails.extend(branch.tails.iter().cloned());
        }
        let mut clauses = branches.into_iter().next().map_or_else(Vec::new, |one| one.clauses);
        clauses.truncate(shared);
        let n_tails = tails.len();
        let mut either = Self { clauses, tails };
        either.shorten();
        let many = n_tails > MOST_TAILS;
        if (lost || many || either.tails.len() < n_tails) && rarity(&one_of) < COMMON {
            either.clauses.push(one_of);
        }
        if many {
            either.tails = anything();
        }
        either
    }
}

/// What is known of a string when nothing is.
fn anything() -> Clause {
    Clause::from([Vec::new()])
}

/// Two strings in reduced form, one after the other.
fn joined(tail: &[u8], string: &[u8]) -> Vec<u8> {
    let string = match (tail.last(), string.first()) {
        (Some(&GAP), Some(&GAP)) => &string[1..],
        _ => string,
    };
    [tail, string].concat()
}

/// A rough guess at how many texts satisfy a clause: 1 for all.
fn rarity(clause: &Clause) -> f64 {
    let share = |string: &Vec<u8>| {
        string.iter().map(|&byte| if byte == GAP { 1.0 / 3.0 } else { 1.0 / 12.0 }).product::<f64>()
    };
    clause.iter().map(share).sum()
}

/// What a pattern needs.
pub(super) struct Needs {
    /// A text must satisfy all of these; the rarest comes first.
    pub(super) clauses: Vec<Clause>,
    /// Whether that is enough for the pattern to match, if the text has nothing [`LIKE_ASCII`].
    pub(super) enough: bool,
}

/// Finds what patterns need.
pub(super) struct Requirements {
    /// All characters that are part of a word.
    words: ClassUnicode,
    work: usize,
}

impl Requirements {
    pub(super) fn new() -> Self {
        let words = match regex_syntax::parse(r"\w").map(Hir::into_kind) {
            Ok(HirKind::Class(Class::Unicode(words))) => words,
            // All characters may be part of a word.
            _ => ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]),
        };
        Self { words, work: 0 }
    }

    /// What a text must contain for a pattern to match.
    pub(super) fn of(&mut self, hir: &Hir) -> Needs {
        self.work = 0;
        let mut known = self.walk(hir, Known { clauses: Vec::new(), tails: anything() });
        known.cut();
        let mut clauses = known.clauses;
        clauses.sort_by(|a, b| rarity(a).total_cmp(&rarity(b)));
        let mut kept: Vec<Clause> = Vec::new();
        for clause in clauses {
            if kept.len() < MOST_CLAUSES && !kept.iter().any(|other| implies(other, &clause)) {
                kept.push(clause);
            }
        }
        let whole = |word: &Vec<u8>| {
            word.len() > 2 && word[0] == GAP && word.ends_with(&[GAP]) && word.is_ascii()
        };
        let enough = is_words(hir) && kept.len() == 1 && kept[0].iter().all(whole);
        Needs { clauses: kept, enough }
    }

    fn walk(&mut self, hir: &Hir, mut known: Known) -> Known {
        self.work += 1 + known.tails.len() + known.clauses.len();
        if self.work > MOST_WORK {
            known.cut();
            return known;
        }
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => known.extend(&Clause::from([spelled(text)])),
                Err(_) => known.cut(),
            },
            HirKind::Class(class) => match self.letters(class) {
                Some(letters) => known.extend(&letters),
                None => known.cut(),
            },
            HirKind::Look(look) => {
                if is_gap(*look) {
                    known.extend(&Clause::from([vec![GAP]]));
                }
            }
            HirKind::Capture(capture) => return self.walk(&capture.sub, known),
            HirKind::Concat(parts) => {
                return parts.iter().fold(known, |known, part| self.walk(part, known));
            }
            HirKind::Alternation(parts) => {
                let shared = known.clauses.len();
                let branches = parts.iter().map(|part| self.walk(part, known.clone()));
                return Known::either(shared, branches.collect());
            }
            HirKind::Repetition(repetition) => {
                return self.repeat(&repetition.sub, repetition.min, repetition.max, known);
            }
        }
        known
    }

    fn repeat(&mut self, sub: &Hir, min: u32, max: Option<u32>, known: Known) -> Known {
        if max == Some(0) {
            return known;
        }
        let shared = known.clauses.len();
        let mut branches = Vec::new();
        if min == 0 {
            branches.push(known.clone());
        }
        let mut copies = 1;
        let mut repeated = self.walk(sub, known);
        if max != Some(1) {
            let again = self.walk(sub, repeated.clone());
            // A run of gaps is a gap.
            if again != repeated {
                while copies < min.min(MOST_COPIES) {
                    repeated = self.walk(sub, repeated);
                    copies += 1;
                }
                if max != Some(copies) {
                    let mut more = repeated.clone();
                    more.cut();
                    branches.push(self.walk(sub, more));
                }
            }
        }
        branches.push(repeated);
        Known::either(shared, branches)
    }

    /// The characters of a class in reduced form, unless there are many.
    fn letters(&self, class: &Class) -> Option<Clause> {
        let class = match class {
            Class::Unicode(class) => class.clone(),
            Class::Bytes(class) => characters(class)?,
        };
        let size = |class: &ClassUnicode| class.iter().map(|range| range.len()).sum::<usize>();
        let mut inside = class.clone();
        inside.intersect(&self.words);
        let n_inside = size(&inside);
        if n_inside > MOST_LETTERS {
            return None;
        }
        let letters = inside.iter().flat_map(|range| range.start()..=range.end());
        let mut letters: Clause =
            letters.map(|letter| spelled(letter.encode_utf8(&mut [0; 4]))).collect();
        if size(&class) > n_inside {
            letters.insert(vec![GAP]);
        }
        Some(letters)
    }
}

/// A class of ASCII characters as one of characters.
fn characters(class: &ClassBytes) -> Option<ClassUnicode> {
    let ranges = class.iter().map(|range| {
        let ascii = range.end().is_ascii();
        ascii.then(|| ClassUnicodeRange::new(range.start().into(), range.end().into()))
    });
    Some(ClassUnicode::new(ranges.collect::<Option<Vec<_>>>()?))
}

/// A text in reduced form, without gaps around it.
fn spelled(text: &str) -> Vec<u8> {
    let mut string = Vec::with_capacity(text.len());
    for letter in text.chars().map(reduced) {
        if letter != char::from(GAP) || string.last() != Some(&GAP) {
            string.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    string
}

/// Whether there is a gap before or after a place that an assertion holds at. What says that ASCII
/// alone counts as letters does not mean the same words.
fn is_gap(look: Look) -> bool {
    match look {
        Look::Start
        | Look::End
        | Look::StartLF
        | Look::EndLF
        | Look::StartCRLF
        | Look::EndCRLF
        | Look::WordUnicode
        | Look::WordStartUnicode
        | Look::WordEndUnicode
        | Look::WordStartHalfUnicode
        | Look::WordEndHalfUnicode => true,
        Look::WordAscii
        | Look::WordAsciiNegate
        | Look::WordUnicodeNegate
        | Look::WordStartAscii
        | Look::WordEndAscii
        | Look::WordStartHalfAscii
        | Look::WordEndHalfAscii => false,
    }
}

/// Whether a pattern looks for whole words in upper or lower case, and for nothing else.
fn is_words(hir: &Hir) -> bool {
    let HirKind::Concat(parts) = hir.kind() else { return false };
    let is_end = |part: &Hir| *part.kind() == HirKind::Look(Look::WordUnicode);
    match parts.as_slice() {
        [first, words @ .., last] => {
            is_end(first) && is_end(last) && words.iter().all(ignores_case)
        }
        _ => false,
    }
}

/// Whether a pattern tells no words of ASCII letters apart that have the same reduced form.
fn ignores_case(hir: &Hir) -> bool {
    let both = |letter: char, has: &dyn Fn(char) -> bool| {
        let letter = reduced(letter);
        !letter.is_ascii()
            || letter != char::from(GAP) && has(letter) && has(letter.to_ascii_uppercase())
    };
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .is_ok_and(|text| text.chars().all(|letter| both(letter, &|other| other == letter))),
        HirKind::Class(Class::Unicode(class)) => {
            let has = |letter| class.iter().any(|r| r.start() <= letter && letter <= r.end());
            let n_letters: usize = class.iter().map(|range| range.len()).sum();
            let mut letters = class.iter().flat_map(|range| range.start()..=range.end());
            n_letters <= MOST_LETTERS && letters.all(|letter| both(letter, &has))
        }
        HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => false,
        HirKind::Repetition(repetition) => ignores_case(&repetition.sub),
        HirKind::Capture(capture) => ignores_case(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(ignores_case),
    }
}

/// Whether a text that satisfies `clause` surely satisfies `other`.
fn implies(clause: &Clause, other: &Clause) -> bool {
    let contains = |text: &[u8], piece: &[u8]| {
        piece.is_empty() || text.windows(piece.len()).any(|window| window == piece)
    };
    clause.len().saturating_mul(other.len()) < 10_000
        && clause.iter().all(|string| other.iter().any(|piece| contains(string, piece)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_characters_are_like_ascii() {
        let other = ('\u{80}'..=char::MAX).filter(|letter| {
            let letter = reduced(*letter);
            letter.is_ascii() && letter != char::from(GAP)
        });
        assert_eq!(other.collect::<Vec<_>>(), LIKE_ASCII);
    }

    #[test]
    fn patterns_need_words() {
        for (pattern, flags, needs) in [
            (r"(^| )call[^\w]*( |$)", "", " call "),
            (r"( |^)(free\.|free)[^\w]* ([^\s]+ )*(sex)[^\w]*( |$)", "i", " free  &  sex "),
            (r"\b(?:cash|prizes?)\b", "i", " cash | prize | prizes !"),
            (r"\b(?:cash|prizes?)\b", "", " cash | prize | prizes "),
            (r"\bstraße\b", "i", " straße "),
            (r"(?-u:\b)cash", "", "cash"),
            (r"cash.*prize|money", "", "money|prize"),
            (r"wi(?:nn?er|ll)s", "", "wills|winers|winners"),
            (r"(?:ab){2,}", "", "abab"),
            (r"ſpam", "i", "spam"),
            (r"(?s)one.two", "", "one & two"),
            (r"a[&&b]", "", "never"),
            (r"[0-9]{3}", "", ""),
            (r"\w+\s\$", "", ""),
            (r"x*", "", ""),
            (r"(?:cash)?", "", ""),
        ] {
            let found = Requirements::new().of(&parsed(pattern, flags).expect("valid"));
            let clauses = found.clauses.iter().map(|clause| {
                let strings = clause.iter().map(|string| String::from_utf8_lossy(string));
                let strings: Vec<_> = strings.collect();
                if strings.is_empty() { "never".to_owned() } else { strings.join("|") }
            });
            let text =
                clauses.collect::<Vec<_>>().join(" & ") + if found.enough { "!" } else { "" };
            assert_eq!(text, needs, "{pattern}");
        }
    }
}
