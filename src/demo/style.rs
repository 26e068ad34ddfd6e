//! How notes are typed: slips of the fingers, spaces, capitals and punctuation.

use super::random::Random;

/// Joins the parts of a note with the punctuation of one hurried nurse.
pub(super) fn join(parts: &[String], random: &mut Random) -> String {
    let separator = random.pick(&[". ", ", ", ", ", "; ", " - ", ". "]);
    let mut note = parts.join(separator);
    if random.chance(35) {
        note.push('.');
    }
    note
}

/// Types a text with slips, and in the case of the day.
pub(super) fn type_out(text: &str, random: &mut Random) -> String {
    let mut typed = String::with_capacity(text.len() + 4);
    for word in text.split(' ') {
        if !typed.is_empty() {
            typed.push_str(if random.chance(1) { "  " } else { " " });
        }
        typed.push_str(&slip(word, random));
    }
    match random.below(100) {
        0..7 => typed.to_uppercase(),
        7..19 => typed.to_lowercase(),
        19..50 => capitalize(&typed),
        _ => typed,
    }
}

/// The word, in a few percent of cases with two letters swapped or one dropped.
fn slip(word: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let is_long_word = letters.len() >= 5 && letters.iter().all(char::is_ascii_alphabetic);
    if !is_long_word || !random.chance(4) {
        return word.to_owned();
    }
    let place = random.between(1, 3) as usize;
    if random.chance(50) {
        letters.swap(place, place - 1);
    } else {
        letters.remove(place);
    }
    letters.into_iter().collect()
}

/// The text with a capital at its beginning.
fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
