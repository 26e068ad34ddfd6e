//! What the parser of expressions says, in words for people who write specs.

use crate::lf::error::Problem;
use crate::lf::place::Place;

/// What to do with an expression that is too large.
pub(super) const IN_PARTS: &str =
    "join several `expr` with `all` or `any`, or name parts under `utils`";

/// An expression of which no more is known than that it is none.
pub(super) fn unreadable(text: &str) -> Problem {
    let all = Place::span(0, text.len());
    Problem::new("expr-syntax", all, "this expression cannot be parsed")
}

/// What the parser says at a line and a column, both from 1 and in characters.
pub(super) fn explain(message: &str, at: (isize, isize), text: &str) -> Problem {
    if message.contains("Recursion limit") {
        let all = Place::span(0, text.len());
        let message = "this expression has too many parts inside each other";
        return Problem::new("too-large", all, message).help(IN_PARTS);
    }
    let at = offset(text, at);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // The parser stops inside of names with letters that it does not know.
    let start = match text[..at].char_indices().rev().find(|(_, c)| !is_word(*c)) {
        _ if !text[at..].starts_with(is_word) => at,
        Some((before, c)) => before + c.len_utf8(),
        None => 0,
    };
    let end = match text[start..].find(|c| !is_word(c)) {
        Some(0) => start + text[start..].chars().next().map_or(0, char::len_utf8),
        end => end.map_or(text.len(), |end| start + end),
    };
    let (place, word) = (Place::span(start, end), &text[start..end]);
    let (message, help) = if text.trim().is_empty() {
        ("the expression is empty".to_owned(), "for example `stars >= 4`".to_owned())
    } else if message.starts_with("invalid argument to has()") {
        let help = "write `column != null` for whether a cell is there";
        ("`has` is for parts of objects".to_owned(), help.to_owned())
    } else if message.starts_with("reserved identifier") {
        (format!("`{word}` is a word of the language"), format!("write `column(\"{word}\")`"))
    } else if message.starts_with("invalid ") {
        ("this number is too large".to_owned(), "numbers go up to 1.8e308".to_owned())
    } else if word.trim().is_empty() {
        let help = "something is missing after the last sign, or a bracket is not closed";
        ("the expression ends too early".to_owned(), help.to_owned())
    } else {
        let message = format!("`{word}` does not fit in here");
        let before = text[..start].chars().next_back();
        let advice = if before == Some('<') && word == ">" {
            "write `!=` for not equal"
        } else {
            advice(word)
        };
        (message, advice.to_owned())
    };
    let problem = Problem::new("expr-syntax", place, message);
    if help.is_empty() { problem } else { problem.help(help) }
}

fn advice(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "and" => "write `&&` for and",
        "or" => "write `||` for or",
        "not" => "write `!` for not",
        "is" | "=" => "write `==` for equal, and `column == null` where a cell is missing",
        "like" | "ilike" => "write `name.contains(\"…\")` or `name.matches(\"…\")`",
        "between" => "write `low <= column && column <= high`",
        "&" => "write `&&` for and",
        "|" => "write `||` for or",
        "\"" | "'" => {
            "a text ends with the quote it begins with; for a backslash in it write `\\\\`, or an `r` before it: `r\"\\d+\"`"
        }
        _ if !word.is_ascii() => {
            "names with other letters than a to z stand in `column(\"…\")`, texts in quotes"
        }
        _ if word.starts_with(char::is_alphanumeric) => {
            "texts stand in quotes, and names with blanks in `column(\"…\")`"
        }
        _ => "",
    }
}

/// The byte at a line and a column, both from 1 and in characters.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = &text[start.min(text.len())..];
    rest.char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}
