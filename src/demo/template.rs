//! Templates: short texts with choices and numbers left open.
//!
//! `[left|right]` stands for one of the texts between the bars (one of them may be empty), and
//! `<2-9>` for a number in that range. A choice can hold numbers, but no other choice.
//! `c/o [left|right] knee pain x <2-9> days` can become `c/o right knee pain x 4 days`.

use super::random::Random;

/// Fills in a template. Gaps that an empty choice leaves behind are closed.
pub(super) fn expand(template: &str, random: &mut Random) -> String {
    let chosen = replace(template, ['[', ']'], |inside| {
        let choices: Vec<&str> = inside.split('|').collect();
        random.pick(&choices).to_owned()
    });
    let filled = replace(&chosen, ['<', '>'], |inside| {
        let (low, high) = inside.split_once('-').unwrap_or((inside, inside));
        let low = low.parse().unwrap_or(0);
        random.between(low, high.parse().unwrap_or(low)).to_string()
    });
    close_gaps(&filled)
}

/// Replaces everything between an opening and a closing mark, and the marks.
fn replace(text: &str, marks: [char; 2], mut with: impl FnMut(&str) -> String) -> String {
    let [opening, closing] = marks;
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, open)) = rest.split_once(opening) {
        replaced.push_str(before);
        let (inside, after) = open.split_once(closing).unwrap_or((open, ""));
        replaced.push_str(&with(inside));
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

/// Joins words with single blanks, and lets no comma stand alone or at the end.
fn close_gaps(text: &str) -> String {
    let mut closed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if word == "," {
            if !closed.is_empty() && !closed.ends_with(',') {
                closed.push(',');
            }
            continue;
        }
        if !closed.is_empty() {
            closed.push(' ');
        }
        closed.push_str(word);
    }
    closed.trim_end_matches(',').to_owned()
}
