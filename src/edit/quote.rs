//! Any text as a YAML scalar: what comes from data or from the command line goes into a spec through here.

use crate::lf::literal;
use crate::visible;

/// Words that YAML, in one version or another, takes for something else than text.
const WORDS: [&str; 12] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];

/// A text as a value on one line that means exactly this text wherever it stands, in brackets and in comments
/// too, and in which nothing is taken for a variable. Plain where that is safe.
pub(super) fn scalar(text: &str) -> String {
    written(&literal(text))
}

/// A text in quotes, in which nothing is taken for a variable.
pub(super) fn quoted(text: &str) -> String {
    in_quotes(&literal(text))
}

/// A text as YAML, before variables are filled in.
fn written(text: &str) -> String {
    let plain = text.starts_with(char::is_alphabetic)
        && text.chars().all(|letter| letter.is_alphanumeric() || " _-./".contains(letter))
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { in_quotes(text) }
}

/// In single quotes, which leave backslashes alone, unless it has letters that cannot be seen.
fn in_quotes(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            '"' | '\\' => out.extend(['\\', letter]),
            _ if !is_hidden(letter) => out.push(letter),
            _ => match u32::from(letter) {
                code @ 0..=0xff => out += &format!("\\x{code:02x}"),
                code @ 0..=0xffff => out += &format!("\\u{code:04x}"),
                code => out += &format!("\\U{code:08x}"),
            },
        }
    }
    out + "\""
}

/// Scalars in brackets.
pub(super) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let scalars: Vec<String> = texts.iter().map(|text| scalar(text.as_ref())).collect();
    format!("[{}]", scalars.join(", "))
}

/// Controls, ends of lines of every kind, marks that turn the direction of writing or have no width, and
/// what is no letter at all.
pub(super) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || visible::is_hidden(letter)
        || matches!(letter, '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(letter) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lf::{Value, parse_yaml};
    use proptest::prelude::*;

    fn check(text: &str) {
        let yaml = format!("# {0}\nkey: {0}\nlist: [{0}, {{{0}: {0}}}]\n", written(text));
        let node = parse_yaml(&yaml, 0).unwrap_or_else(|problem| panic!("{yaml}: {problem:?}"));
        let Value::Map(entries) = &node.value else { panic!("no map") };
        let mut seen = Vec::new();
        collect(&entries[0].1.value, &mut seen);
        collect(&entries[1].1.value, &mut seen);
        assert_eq!(seen, [text; 4], "{yaml}");
    }

    fn collect(value: &Value, seen: &mut Vec<String>) {
        match value {
            Value::Scalar(text, kind) => {
                assert_eq!(*kind, crate::lf::Scalar::Text, "{text}");
                seen.push(text.clone());
            }
            Value::List(nodes) => nodes.iter().for_each(|node| collect(&node.value, seen)),
            Value::Map(entries) => {
                for (key, node) in entries {
                    seen.push(key.value.clone());
                    collect(&node.value, seen);
                }
            }
            Value::Null => panic!("null"),
        }
    }

    #[test]
    fn hostile_texts_read_as_they_are() {
        for text in [
            "",
            " ",
            "a",
            "a b",
            "a ",
            "yes",
            "Null",
            "~",
            "1",
            "1e5",
            "0x1",
            "1_000",
            ".5",
            "a: b",
            "a #b",
            "#",
            "- a",
            "'",
            "\"",
            "it's",
            "\\b",
            "a\nb",
            "\u{0}",
            "\u{85}",
            "\u{feff}a",
            "\u{2028}",
            "[a]",
            "{a}",
            "a, b",
            "!x",
            "&x",
            "*x",
            "%x",
            "@x",
            "`x",
            "|",
            ">",
            "---",
            "...",
            "é",
            "中文",
            "\u{202e}x",
            "😀",
            "?",
            "? a",
            ":",
            "=",
            "<<",
            "2020-01-01",
            "1:30",
            "a\tb",
            "\u{fffe}",
            "\u{10ffff}",
            "${x}",
            "x:",
            "Infinity",
        ] {
            check(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_as_it_is(text in "\\PC{0,12}", raw in proptest::collection::vec(any::<char>(), 0..8)) {
            check(&text);
            check(&raw.into_iter().collect::<String>());
        }
    }
}
