//! The text of an e-mail: header lines, parts, transfer encodings and HTML, each in one small
//! function that takes whatever comes. Nothing here fails; what is malformed stays as it is.

/// Tags that end a line of text; all others vanish without a trace.
const BLOCK_TAGS: [&str; 15] = [
    "br", "p", "div", "tr", "td", "th", "li", "table", "title", "hr", "h1", "h2", "h3", "h4",
    "center",
];
/// Parts within parts are followed so deep and no deeper.
const DEEPEST_PART: usize = 8;

/// What a reader sees of an e-mail.
#[derive(Default)]
pub(super) struct Content {
    /// All text parts, decoded, those in HTML without their tags.
    pub(super) body: String,
    /// All HTML parts, decoded, with their tags; none if there is no HTML.
    pub(super) html: Option<String>,
}

impl Content {
    /// Adds a message or a part of one: its headers, an empty line and its body. Parts that are
    /// not text, such as pictures, are left out.
    pub(super) fn add(&mut self, part: &str, depth: usize) {
        let (headers, body) = split_headers(part);
        let content_type = header(headers, "content-type").unwrap_or_default();
        let kind = content_type.split([';', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        let parts = match kind.as_str() {
            "message/rfc822" => vec![body.to_owned()],
            _ => boundary(&content_type).map(|mark| split_parts(body, mark)).unwrap_or_default(),
        };
        if depth < DEEPEST_PART && !parts.is_empty() {
            return parts.iter().for_each(|part| self.add(part, depth + 1));
        }
        if !["", "text", "multipart"].contains(&kind.split('/').next().unwrap_or_default()) {
            return;
        }
        let encoding = header(headers, "content-transfer-encoding").unwrap_or_default();
        let text = match encoding.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => lossy(&decode_quoted_printable(body)),
            "base64" => lossy(&decode_base64(body)),
            _ => body.to_owned(),
        };
        if kind == "text/html" || looks_like_html(&text) {
            self.body.push_str(&strip_tags(&text));
            self.html.get_or_insert_default().push_str(&text);
        } else {
            self.body.push_str(&text);
        }
        self.body.push('\n');
    }
}

/// Whether text is HTML although its content type does not say so.
fn looks_like_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(9).collect();
    ["<html", "<!doctype"].iter().any(|tag| start.to_ascii_lowercase().starts_with(tag))
}

/// The header block and the body of a message or part, which an empty line separates.
pub(super) fn split_headers(part: &str) -> (&str, &str) {
    match part.strip_prefix('\n') {
        Some(body) => ("", body),
        None => part.split_once("\n\n").unwrap_or((part, "")),
    }
}

/// The value of the first header of that name in whatever case, its folded lines joined.
pub(super) fn header(headers: &str, name: &str) -> Option<String> {
    let mut lines = headers.lines().skip_while(|line| {
        !line.split_once(':').is_some_and(|(key, _)| key.trim_end().eq_ignore_ascii_case(name))
    });
    let (_, first) = lines.next()?.split_once(':')?;
    let mut value = first.trim().to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push(' ');
        value.push_str(line.trim());
    }
    Some(value)
}

/// The boundary between parts that a content type names.
fn boundary(content_type: &str) -> Option<&str> {
    let start = content_type.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let value = content_type[start..].trim_start();
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ' ']).next(),
    }
}

/// The parts of a body in several parts. What stands before the first and after the last is not
/// meant for readers.
fn split_parts(body: &str, boundary: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in body.lines() {
        let rest = line.strip_prefix("--");
        match rest.and_then(|rest| rest.strip_prefix(boundary)) {
            Some(rest) if rest.trim_end() == "--" => break,
            Some(rest) if rest.trim_end().is_empty() => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push_str(line);
                    part.push('\n');
                }
            }
        }
    }
    parts
}

/// Bytes as text; what is not UTF-8 becomes U+FFFD.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// The bytes that quoted-printable text stands for; what is malformed stays as it is.
fn decode_quoted_printable(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|&byte| char::from(byte).to_digit(16));
    let source = text.as_bytes();
    let mut decoded = Vec::with_capacity(source.len());
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        let pair = (digit(source.get(at + 1)), digit(source.get(at + 2)));
        if let (b'=', (Some(high), Some(low))) = (byte, pair) {
            decoded.extend(u8::try_from(high * 16 + low));
            at += 3;
        } else if byte == b'=' && source.get(at + 1) == Some(&b'\n') {
            at += 2;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    decoded
}

/// The bytes that base64 text stands for; characters outside its alphabet are skipped.
fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte: u8| ALPHABET.iter().position(|&known| known == byte);
    let values: Vec<usize> = text.bytes().filter_map(value).collect();
    let mut decoded = Vec::with_capacity(values.len());
    for group in values.chunks(4) {
        let bits = group.iter().fold(0, |bits, value| bits << 6 | value);
        let bits = bits << (6 * (4 - group.len()));
        decoded.extend((1..group.len()).map(|place| (bits >> (24 - 8 * place) & 255) as u8));
    }
    decoded
}

/// A header with its encoded words, such as `=?utf-8?q?caf=C3=A9?=`, decoded.
pub(super) fn decode_words(value: &str) -> String {
    let mut decoded = String::new();
    let mut rest = value;
    while let Some((before, word)) = rest.split_once("=?") {
        let mut fields = word.splitn(3, '?').skip(1);
        let (encoding, word) = (fields.next(), fields.next().unwrap_or_default());
        let Some((word, after)) = word.split_once("?=") else {
            break;
        };
        let bytes = match encoding {
            Some("q" | "Q") => decode_quoted_printable(&word.replace('_', " ")),
            Some("b" | "B") => decode_base64(word),
            _ => break,
        };
        decoded.extend([before, &String::from_utf8_lossy(&bytes)]);
        let next = after.trim_start();
        rest = if next.starts_with("=?") { next } else { after };
    }
    decoded + rest
}

/// The text of HTML: no tags, comments, scripts, style sheets or empty lines.
fn strip_tags(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let end_of = |from: usize, mark: &str| {
        lower[from..].find(mark).map_or(lower.len(), |found| from + found + mark.len())
    };
    let mut text = String::with_capacity(html.len() / 2);
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let open = at + found;
        text.push_str(&html[at..open]);
        let tag = lower[open + 1..].trim_start_matches('/');
        let mut words = tag.split(|letter: char| !letter.is_ascii_alphanumeric());
        at = match words.next().unwrap_or_default() {
            "" if tag.starts_with("!--") => end_of(open, "-->"),
            "" if !tag.starts_with(['!', '?']) => {
                text.push('<');
                open + 1
            }
            "script" => end_of(end_of(open + 1, "</script"), ">"),
            "style" => end_of(end_of(open + 1, "</style"), ">"),
            name => {
                text.push_str(if BLOCK_TAGS.contains(&name) { "\n" } else { "" });
                end_of(open, ">")
            }
        };
    }
    text.push_str(&html[at..]);
    let text = decode_entities(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Text with the usual entities of HTML, such as `&amp;` and `&#38;`, decoded.
fn decode_entities(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, after) = piece.split_once(';').unwrap_or_default();
        let letter = match name {
            "nbsp" => Some(' '),
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            _ => name.strip_prefix('#').and_then(|code| code.parse().ok()).and_then(char::from_u32),
        };
        match letter {
            Some(letter) => decoded.extend([letter].into_iter().chain(after.chars())),
            None => decoded.extend(["&", piece]),
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case_and_unfolded() {
        let headers = "From bob Mon\nSUBJECT: one\n\ttwo\n  three\nSubject: other";
        assert_eq!(header(headers, "subject").as_deref(), Some("one two three"));
        assert_eq!(header(headers, "reply-to"), None);
    }

    #[test]
    fn encodings_are_decoded() {
        assert_eq!(
            lossy(&decode_quoted_printable("caf=C3=A9 =\nau lait =zz=")),
            "café au lait =zz="
        );
        assert_eq!(lossy(&decode_base64("aGVs\nbG8=")), "hello");
        assert_eq!(decode_words("Re: =?utf-8?Q?a_b?= =?UTF-8?b?Yw==?= d"), "Re: a bc d");
        assert_eq!(decode_words("what =? that"), "what =? that");
    }

    #[test]
    fn tags_vanish() {
        let html = "<!-- x --><STYLE>p{}</STYLE><p>a<b>b</b> &amp; 1 < 2<br>&#233; &c;<p";
        assert_eq!(strip_tags(html), "ab & 1 < 2\né &c;");
    }

    #[test]
    fn parts_are_joined_and_pictures_left_out() {
        let part = "Content-Type: multipart/mixed; boundary= \"=x\"\n\nignored\n--=x\n\nplain\n\
                    --=x\nContent-Type: text/html\n\n<i>hyper</i>\n\
                    --=x\nContent-Type: image/gif\n\nR0lG\n--=x--\nignored";
        let mut content = Content::default();
        content.add(part, 0);
        assert_eq!(content.body, "plain\n\nhyper\n");
        assert_eq!(content.html.as_deref(), Some("<i>hyper</i>\n"));
    }
}
