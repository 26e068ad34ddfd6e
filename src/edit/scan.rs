//! How far a YAML value reaches, and where a key ends: the few rules that layout needs.

/// How many lines a value has, and for a block scalar the column of its content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) lines: usize,
    pub(super) content: Option<usize>,
}

/// Where a comment starts in a plain piece of a line: at a `#` after a blank, or at its start.
pub(super) fn comment_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .find(|&at| bytes[at] == b'#' && (at == 0 || matches!(bytes[at - 1], b' ' | b'\t')))
}

/// A value without the anchors and tags before it.
pub(super) fn properties(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with(['&', '!']) {
        rest = rest.find([' ', '\t']).map_or("", |end| rest[end..].trim_start());
    }
    rest
}

/// The place of the colon after the key with which a line begins, if it does.
pub(super) fn key_end(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let ends = |at: usize| matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'));
    match bytes.first()? {
        b'[' | b'{' | b'|' | b'>' | b'#' => None,
        quote @ (b'"' | b'\'') => {
            let end = quoted_end(bytes, 1, *quote)?;
            let blanks = bytes[end..].iter().take_while(|byte| b" \t".contains(byte)).count();
            let colon = end + blanks;
            (bytes.get(colon) == Some(&b':') && ends(colon)).then_some(colon)
        }
        _ => {
            let comment = comment_start(line).unwrap_or(bytes.len());
            (0..comment).find(|&at| bytes[at] == b':' && ends(at))
        }
    }
}

/// One past the quote that closes what was opened before `from`.
fn quoted_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote => {
                if quote == b'\'' && bytes.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(at + 1);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// How far the value reaches that begins on the first of these lines in this column; `parent` is the column
/// of the key or dash that it belongs to. `None` when something follows that is no comment.
pub(super) fn leaf(lines: &[&str], column: usize, parent: Option<usize>) -> Option<Extent> {
    let first = lines.first()?[column..].trim_end();
    let value = properties(first);
    let start = column + first.len() - value.len();
    match value.bytes().next() {
        Some(b'|' | b'>') => Some(block_scalar(lines, value, parent)),
        Some(b'[' | b'{' | b'"' | b'\'') => bracketed(lines, start),
        _ => Some(plain(lines, value, parent)),
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn block_scalar(lines: &[&str], header: &str, parent: Option<usize>) -> Extent {
    let marks = header.split([' ', '\t']).next().unwrap_or(header);
    let least = parent.map_or(0, |parent| parent + 1);
    let explicit = marks.chars().find_map(|mark| mark.to_digit(10));
    let content = match explicit {
        Some(width) => least + (width as usize).saturating_sub(1),
        None => {
            let first = lines[1..].iter().find(|line| !line.trim_end().is_empty());
            first.map_or(least, |line| indent(line)).max(least)
        }
    };
    let within = |line: &&str| line.trim_end().is_empty() || indent(line) >= content;
    let mut end = 1 + lines[1..].iter().take_while(|line| within(line)).count();
    // Blank lines after it are part of it only where it keeps them.
    while !marks.contains('+') && end > 1 && lines[end - 1].trim_end().is_empty() {
        end -= 1;
    }
    Extent { lines: end, content: Some(content) }
}

fn plain(lines: &[&str], first: &str, parent: Option<usize>) -> Extent {
    let mut end = 1;
    let mut open = comment_start(first).is_none();
    for (at, line) in lines.iter().enumerate().skip(1) {
        if !open {
            break;
        }
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if text.starts_with('#') || parent.is_some_and(|parent| indent(line) <= parent) {
            break;
        }
        open = comment_start(text).is_none();
        end = at + 1;
    }
    Extent { lines: end, content: None }
}

/// A quoted text, or what stands in brackets or braces.
fn bracketed(lines: &[&str], column: usize) -> Option<Extent> {
    let (mut depth, mut quote) = (0_usize, None);
    // Whether a token may begin here: only there are quotes quotes.
    let (mut begins, mut after_quote) = (true, false);
    for (number, line) in lines.iter().enumerate() {
        let bytes = line.as_bytes();
        let mut at = if number == 0 { column } else { 0 };
        while at < bytes.len() {
            if let Some(kind) = quote {
                match quoted_end(bytes, at, kind) {
                    None => at = bytes.len(),
                    Some(end) => {
                        (at, quote, begins, after_quote) = (end, None, false, true);
                    }
                }
            } else {
                let byte = bytes[at];
                let blank_before = at == 0 || matches!(bytes[at - 1], b' ' | b'\t');
                match byte {
                    b'#' if blank_before => break,
                    b'"' | b'\'' if begins => quote = Some(byte),
                    b'[' | b'{' => (depth, begins, after_quote) = (depth + 1, true, false),
                    b']' | b'}' => {
                        (depth, begins, after_quote) = (depth.checked_sub(1)?, false, true);
                    }
                    b',' => (begins, after_quote) = (true, false),
                    b':' => {
                        let next = bytes.get(at + 1);
                        let marks = next.is_none_or(|next| b" \t,[]{}".contains(next));
                        (begins, after_quote) = (marks || after_quote, false);
                    }
                    b' ' | b'\t' => {}
                    _ => (begins, after_quote) = (false, false),
                }
                at += 1;
            }
            if depth == 0 && quote.is_none() {
                let rest = &line[at..];
                let done = rest.trim().is_empty()
                    || comment_start(rest)
                        .is_some_and(|start| rest[..start].trim().is_empty() && start > 0);
                return done.then_some(Extent { lines: number + 1, content: None });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_at_their_colon() {
        for (line, end) in [
            ("name: a", Some(4)),
            ("name:", Some(4)),
            ("a b : c", Some(4)),
            ("http://x", None),
            ("\"a: b\": c", Some(6)),
            ("'it''s': c", Some(7)),
            ("\"a: b\"", None),
            ("{a: b}", None),
            ("plain # a: b", None),
            ("a#b: c", Some(3)),
        ] {
            assert_eq!(key_end(line), end, "{line}");
        }
    }

    #[test]
    fn values_reach_as_far_as_they_go() {
        for (text, lines) in [
            ("[a, b] # c\nnext: 1", Some(1)),
            ("[a, # ]\n  b]\nnext: 1", Some(2)),
            ("{a: don't, b: 'x]}'}\nnext: 1", Some(1)),
            ("{\"a\":'}', b: http://x}\nnext: 1", Some(1)),
            ("\"a\n\n  b\"\nnext: 1", Some(3)),
            ("[a] b\nnext: 1", None),
            ("[a\nnext: 1", None),
            ("some\n  text\n\n  more\nnext: 1", Some(4)),
            ("some # c\nnext: 1", Some(1)),
            ("|\n  a\n    b\n\nnext: 1", Some(3)),
            ("|+\n  a\n\nnext: 1", Some(3)),
            ("&x |2-\n    a\nnext: 1", Some(2)),
        ] {
            let all: Vec<&str> = text.lines().collect();
            assert_eq!(leaf(&all, 0, Some(0)).map(|extent| extent.lines), lines, "{text}");
        }
    }
}
