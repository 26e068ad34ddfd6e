//! Many patterns that are looked for in the same texts.
//!
//! One scan finds the patterns that can match at all ([`Prefilter`]); of those, each is asked
//! ([`Matcher`]).

use super::automaton::{Budget, Matcher};
use super::prefilter::{Candidates, Prefilter};

/// Patterns that are looked for together.
pub(super) struct Patterns {
    prefilter: Prefilter,
    matchers: Vec<Matcher>,
    budget: Budget,
}

/// What looking for patterns works with; reused from text to text.
#[derive(Default)]
pub(super) struct Scratch(Candidates);

impl Patterns {
    pub(super) fn new(matchers: Vec<Matcher>) -> Self {
        let prefilter = Prefilter::new(matchers.iter().map(Matcher::parsed));
        Self { prefilter, matchers, budget: Budget::default() }
    }

    /// Calls `note` with the number of each pattern that is found in `text`, once.
    pub(super) fn for_each_match(
        &self,
        text: &str,
        Scratch(candidates): &mut Scratch,
        mut note: impl FnMut(usize),
    ) {
        let ascii = text.is_ascii();
        self.prefilter.scan(text, ascii, candidates);
        for &(number, sure) in &candidates.found {
            if sure || self.matchers[number].is_match(text, ascii, &self.budget) {
                note(number);
            }
        }
    }

    /// Where a pattern is found in a text.
    pub(super) fn places(
        &self,
        pattern: usize,
        text: &str,
    ) -> impl Iterator<Item = (usize, usize)> {
        self.matchers[pattern].places(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::automaton::WORTH_IT;
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Patterns together, and each by itself.
    struct Both {
        together: Patterns,
        exact: Vec<regex::Regex>,
    }

    impl Both {
        fn new(patterns: &[(&str, &str)]) -> Self {
            let build = |(pattern, flags): &(&str, &str)| {
                let of = |flag| flags.contains(flag);
                let mut builder = regex::RegexBuilder::new(pattern);
                builder.case_insensitive(of('i')).multi_line(of('m')).dot_matches_new_line(of('s'));
                builder.ignore_whitespace(of('x')).build().expect("a valid pattern")
            };
            let exact: Vec<regex::Regex> = patterns.iter().map(build).collect();
            let each = exact.iter().zip(patterns);
            let matchers =
                each.map(|(regex, (pattern, flags))| Matcher::new(regex.clone(), pattern, flags));
            Self { together: Patterns::new(matchers.collect()), exact }
        }

        /// Asks so often that from now on automata answer.
        fn with_automata(self) -> Self {
            for matcher in &self.together.matchers {
                (0..=WORTH_IT).for_each(|_| _ = matcher.is_match("", true, &self.together.budget));
            }
            self
        }

        fn check<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
            let mut scratch = Scratch::default();
            for text in texts {
                let mut found = vec![false; self.exact.len()];
                self.together.for_each_match(text, &mut scratch, |pattern| {
                    assert!(!found[pattern], "{} is found twice", self.exact[pattern]);
                    found[pattern] = true;
                });
                for (regex, found) in self.exact.iter().zip(found) {
                    assert_eq!(found, regex.is_match(text), "{regex} in {text:?}");
                }
            }
        }
    }

    fn check(patterns: &[(&str, &str)], texts: &[&str]) {
        let both = Both::new(patterns);
        both.check(texts.iter().copied());
        both.with_automata().check(texts.iter().copied());
    }

    const PATTERNS: &[(&str, &str)] = &[
        (r"( |^)(thanks\.|thanks)[^\w]*( |$)", "i"),
        (r"( |^)(call|ringtone)[^\w]* ([^\s]+ )*(free|free)[^\w]*( |$)", "i"),
        (r"( |^)(do)[^\w]* (\w+ ){0,1}(you)[^\w]*( |$)", "i"),
        (r"\bcheck\s+(?:(?:it|me)\s+)?out\b", "i"),
        (r"\b(?:free|call|k)\b", "i"),
        (r"\b(?:free|call|k)\b", ""),
        (r"\b(?:k|s|cafe?|st)\b", "i"),
        (r"\b[kſ]\b", ""),
        (r"\b(?:you|café|caf)\b", "i"),
        (r"\b(?:fr(?:e)*|12?3?)\b", "i"),
        (r"\b(?:free )\b", "i"),
        (r"\b(?:free||call)\b", "i"),
        (r"(?-u:\b)free(?-u:\b)", "i"),
        (r"\b{start}call\b{end}", "i"),
        (r"\b{start-half}call\b{end-half}", ""),
        (r"\Bree\B", ""),
        (r"(?i:free|win\w+)", ""),
        (r"^re:", ""),
        (r"out$", ""),
        (r"^out$", "m"),
        (r"^$", ""),
        (r"^$", "m"),
        (r"$^", ""),
        (r"straße|kelvin", "i"),
        (r"[0-9]{3,}", ""),
        (r"\d\d", ""),
        (r"a.*b", ""),
        (r"call.free", "s"),
        (r"", ""),
        (r"(cash|prize)s?$", ""),
        (r" check   out # always", "x"),
        (r"ſpam", "i"),
        (r"x*free", ""),
        (r"(foo|ba[rz])qux", ""),
        (r"[^\w]", ""),
        (r"[^\w]call", ""),
        (r"\w{1,20} \w{1,20}!", ""),
        (r"(?:call ){3}", ""),
        (r"(?:call |free ){2,}you", "i"),
        (r"[a&&b]", ""),
        (r"call[a&&b]|free", ""),
        (r"!+", ""),
        (r"\$1\.50", ""),
        (r"\p{Greek}+ free", "i"),
        (r"СПАМ", "i"),
        (r"[^\s]+ \S+@\S+", ""),
        (r"(?:a|b|c|d|e|f){5}", "i"),
        (r"é", ""),
        (r"caf\b", ""),
    ];

    const PIECES: &[&str] = &[
        "thanks",
        " ",
        "  ",
        ".",
        "!",
        "CHECK",
        "check",
        "it",
        "out",
        "free",
        "Free",
        "call",
        "CALL",
        "ringtone",
        "do",
        "you",
        "k",
        "\u{212A}",
        "ſ",
        "ſpam",
        "re:",
        "\n",
        "\r\n",
        "STRASSE",
        "straße",
        "STRAẞE",
        "\u{212A}elvin",
        "winner",
        "123",
        "a",
        "b",
        "cash",
        "prizes",
        "fooqux",
        "bazqux",
        "caf",
        "é",
        "e\u{301}",
        "“",
        "спам",
        "Спам",
        "σ",
        "ς",
        "$1.50",
        "x@y",
        "_",
        "\u{200D}",
        "ı",
        "İ",
        "\0",
        "\u{7f}",
    ];

    #[test]
    fn none_or_one_pattern_is_a_set_too() {
        check(&[], &["", "free"]);
        check(&[("free", "")], &["", "free", "Free é", "é free"]);
        check(&[("", "")], &["", "é"]);
    }

    #[test]
    fn patterns_too_large_for_an_automaton_are_found_all_the_same() {
        let text = "call ".repeat(300);
        check(
            &[(r"(\w+ ){200}call", ""), (r"[ab]*a[abc]{40}c", "")],
            &[&text, "é", "call", &"abc".repeat(40)],
        );
    }

    static AWKWARD: LazyLock<Both> = LazyLock::new(|| Both::new(PATTERNS).with_automata());

    proptest! {
        #[test]
        fn awkward_patterns_are_found(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..9),
            any in any::<String>(),
        ) {
            let text = pieces.concat();
            AWKWARD.check([text.as_str(), &any, &format!("{text}{any}")]);
        }

        #[test]
        fn any_patterns_together_say_what_each_says(
            patterns in prop::collection::vec(
                (pattern(), prop::sample::select(&["", "i", "m", "ims"][..])),
                1..8,
            ),
            texts in prop::collection::vec("[abABkK\u{212A}s\u{17F}ßıé _1!.“\u{A0}\r\n]{0,9}", 40),
        ) {
            let patterns: Vec<_> =
                patterns.iter().map(|(pattern, flags)| (pattern.as_str(), *flags)).collect();
            let both = Both::new(&patterns).with_automata();
            both.check(texts.iter().map(String::as_str));
        }
    }

    /// Made-up patterns.
    fn pattern() -> impl Strategy<Value = String> {
        let leaves: &[&str] = &[
            "a",
            "b",
            "ab",
            "k",
            "s",
            "ba k",
            " ",
            "!",
            "é",
            "ß",
            "_",
            "1",
            ".",
            r"\w",
            r"\W",
            r"\s",
            r"[^\s]",
            "[a-c]",
            "[ab!]",
            r"\b",
            r"\B",
            "^",
            "$",
            r"(?-u:\b)",
            r"\b{start}",
            r"\b{end}",
            r"\b{start-half}",
            r"\b{end-half}",
            "(?m:^)",
            "(?m:$)",
            "(?i:A)",
            "[a&&b]",
            r"\A",
            r"\z",
            "(?Rm:^)",
            "(?Rm:$)",
            "(?R:.)",
            "(?s:.)",
            r"(?-u:\w)",
            r"(?i-u:k)",
            r"[ab\s]",
            r"\n",
            "K",
            "ı",
            "(?i:ſ)",
            r"\x{A0}",
            r"\p{Lu}",
            "",
        ];
        prop::sample::select(leaves).prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
            let repetition =
                prop::sample::select(&["?", "*", "+", "{2}", "{2,4}", "{4,}", "{0}"][..]);
            prop_oneof![
                3 => prop::collection::vec(inner.clone(), 1..5).prop_map(|parts| parts.concat()),
                1 => prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|parts| format!("(?:{})", parts.join("|"))),
                1 => (inner, repetition).prop_map(|(part, times)| format!("(?:{part}){times}")),
            ]
        })
    }
}
