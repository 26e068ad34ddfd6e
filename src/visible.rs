//! Text of other people: what cannot be seen is made visible, so that nobody can hide something from a
//! reader, nor steer a terminal.

/// What to show in place of a control character, or of one that is invisible or turns the direction of
/// writing; none for any other. Line feeds and tabs are left to the caller.
///
/// `before` is the letter before it: scripts and emoji need joiners, words in ASCII do not.
pub(crate) fn stand_in(letter: char, before: Option<char>) -> Option<String> {
    match letter {
        '\n' | '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).map(String::from),
        '\u{7f}' => Some("\u{2421}".to_owned()),
        '\u{200c}' | '\u{200d}' if !before.is_none_or(|before| before.is_ascii()) => None,
        _ if is_hidden(letter) => Some(format!("⟨U+{:04X}⟩", u32::from(letter))),
        _ => None,
    }
}

/// Whether a character takes no space or turns the direction of those around it.
pub(crate) fn is_hidden(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0x80..=0x9f
            | 0xad
            | 0x034f
            | 0x061c
            | 0x115f
            | 0x1160
            | 0x180e
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfeff
            | 0xffa0
            | 0xfff9..=0xfffb
            | 0xe0000..=0xe007f
    )
}

/// A text for one place in a terminal: without control characters, white space of all kinds as one
/// space.
pub(crate) fn line(text: &str) -> String {
    shown(text, |letter| match letter {
        '\n' | '\t' => Some(" "),
        '\r' => Some(""),
        _ => None,
    })
}

/// A text of several lines for a terminal.
pub(crate) fn lines(text: &str) -> String {
    shown(text, |letter| match letter {
        '\n' => Some("\n"),
        '\t' => Some("\t"),
        _ => None,
    })
}

/// A text in which some characters have a form of their own, and others are made visible.
fn shown(text: &str, own: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    for letter in text.chars() {
        match (own(letter), stand_in(letter, before)) {
            (Some(own), _) => out += own,
            (None, Some(shown)) => out += &shown,
            (None, None) => out.push(letter),
        }
        before = Some(letter);
    }
    out
}

/// Text that was drawn for a terminal, with colors. It is the last line of defense: whatever text of other
/// people nobody thought of can do no more than add color, and not even that where there is none.
pub(crate) fn screen(drawn: &str, color: bool) -> String {
    let mut out = String::with_capacity(drawn.len());
    let mut rest = drawn;
    while let Some(at) = rest.find('\u{1b}') {
        out += &lines(&rest[..at]);
        let code = rest[at..].split_inclusive('m').next().unwrap_or_default();
        let ours = color && CODES.contains(&code);
        out += if ours { code } else { "\u{241b}" };
        rest = &rest[at + if ours { code.len() } else { 1 }..];
    }
    out + &lines(rest)
}

/// The codes of colors that are in use.
const CODES: [&str; 9] = [
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[1;33m",
    "\u{1b}[35m",
    "\u{1b}[36m",
];

/// The same JSON document with everything that is hidden in it escaped, so that it can be shown.
#[cfg(any(feature = "cli", test))]
pub(crate) fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    let mut before = None;
    for letter in document.chars() {
        // White space is that between values: in texts it is escaped.
        if letter == '\r' || stand_in(letter, before).is_none() {
            out.push(letter);
        } else {
            let mut units = [0; 2];
            let units = letter.encode_utf16(&mut units).iter();
            out.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
        before = Some(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_and_nothing_steers() {
        for (text, wanted) in [
            ("plain é 🚑", "plain é 🚑"),
            ("a\u{1b}[2Jb\r\nc\td", "a␛[2Jb c d"),
            ("a\u{9b}31m\u{7f}", "a⟨U+009B⟩31m␡"),
            ("txt.\u{202e}exe", "txt.⟨U+202E⟩exe"),
            ("pay\u{200b}pal pay\u{200d}pal", "pay⟨U+200B⟩pal pay⟨U+200D⟩pal"),
            ("👩\u{200d}🚒 می\u{200c}خواهم", "👩\u{200d}🚒 می\u{200c}خواهم"),
        ] {
            assert_eq!(line(text), wanted);
        }
        assert_eq!(lines("a\n\tb\u{7}\r"), "a\n\tb␇␍");
        let drawn = "\u{1b}[1mname\u{1b}[0m \u{1b}]0;title\u{7} \u{1b}[8mhidden\u{1b}";
        assert_eq!(screen(drawn, true), "\u{1b}[1mname\u{1b}[0m ␛]0;title␇ ␛[8mhidden␛");
        assert_eq!(screen("\u{1b}[1mname\u{1b}[0m", false), "␛[1mname␛[0m");
    }

    #[test]
    fn json_says_the_same() {
        let text = "a\u{202e}b\u{9b}c\u{e0041}d é\u{1b}";
        let document = serde_json::to_string(text).expect("text");
        let shown = json(&document);
        assert_eq!(lines(&shown), shown);
        assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
    }
}
