//! Text of other people as HTML: markup is escaped, and what cannot be seen is made visible.

use crate::visible::stand_in;

/// Escapes a text for the content of an element and for a quoted attribute.
///
/// What is hidden gives way to its [`stand_in`]. Line feeds and tabs stay.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut letters = text.chars().peekable();
    let mut before = None;
    while let Some(letter) = letters.next() {
        let previous = before.replace(letter);
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\n' | '\t' => out.push(letter),
            // A line of a file from elsewhere ends so; a reader of HTML sees one line feed.
            '\r' if letters.peek() == Some(&'\n') => {}
            _ => match stand_in(letter, previous) {
                Some(shown) => out += &shown,
                None => out.push(letter),
            },
        }
    }
    out
}

/// The parts of identifiers of elements, one for each name: what may stand in an address without being
/// escaped, and no two alike. A name that is such a text already keeps it.
pub(super) fn anchors(names: &[&str]) -> Vec<String> {
    let plain = |name: &str| -> String {
        let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        name.chars().map(keep).collect()
    };
    let mut taken = std::collections::BTreeSet::new();
    let mut anchors = vec![String::new(); names.len()];
    for unchanged in [true, false] {
        for (anchor, name) in anchors.iter_mut().zip(names) {
            let wished = plain(name);
            if !anchor.is_empty() || (wished == *name) != unchanged {
                continue;
            }
            let mut free = wished.clone();
            let mut number = 2;
            while free.is_empty() || !taken.insert(free.clone()) {
                free = format!("{wished}-{number}");
                number += 1;
            }
            *anchor = free;
        }
    }
    anchors
}

/// Base 64 with padding (RFC 4648).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(
            escape("<script>alert(\"1\" & '2')</script>"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn what_is_hidden_is_seen() {
        assert_eq!(escape("a\u{1b}[31mb\0\u{7f}"), "a␛[31mb␀␡");
        assert_eq!(escape("\u{202e}evil\u{2066}\u{85}"), "⟨U+202E⟩evil⟨U+2066⟩⟨U+0085⟩");
        assert_eq!(escape("one\r\ntwo\rthree\tfour"), "one\ntwo␍three\tfour");
        assert_eq!(escape("👩\u{200d}⚕ é ß 東"), "👩\u{200d}⚕ é ß 東");
    }

    #[test]
    fn anchors_differ() {
        let names = ["a b", "a-b", "a/b", "", "é", "a-b-2", "a b"];
        assert_eq!(anchors(&names), ["a-b-3", "a-b", "a-b-4", "-2", "é", "a-b-2", "a-b-5"]);
    }

    /// The vectors of RFC 4648.
    #[test]
    fn base64_of_known_texts() {
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), code);
        }
    }
}
