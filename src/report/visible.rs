//! Text of other people: what cannot be seen is made visible, so that nobody can hide something from a
//! reader, nor steer a terminal.

/// What to show in place of a control character, or of one that is invisible or turns the direction of
/// writing; none for any other. Line feeds and tabs are left to the caller.
pub(super) fn stand_in(letter: char) -> Option<String> {
    match letter {
        '\n' | '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).map(String::from),
        '\u{7f}' => Some("\u{2421}".to_owned()),
        _ if hidden(letter) => Some(format!("⟨U+{:04X}⟩", u32::from(letter))),
        _ => None,
    }
}

/// Whether a character takes no space or turns the direction of those around it; not so the joiners that
/// scripts and emoji need.
fn hidden(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0x80..=0x9f
            | 0xad
            | 0x061c
            | 0x180e
            | 0x200b
            | 0x200e
            | 0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0xe0000..=0xe007f
    )
}

/// A text for one place in a terminal: without control characters, white space of all kinds as one
/// space.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match stand_in(letter) {
            _ if letter == '\r' => {}
            Some(shown) => out += &shown,
            None if letter == '\n' || letter == '\t' => out.push(' '),
            None => out.push(letter),
        }
    }
    out
}
