//! How votes are written in the cells of a label matrix.
//!
//! | cell | vote |
//! | --- | --- |
//! | `a` | the class a |
//! | `a\|b` | a or b |
//! | `!a`, `!a\|b` | not a; neither a nor b |
//! | `a@0.7-0.9` | a, with a probability from 0.7 to below 0.9 |
//!
//! A cell that is the name of a class always stands for that class. In the other forms a backslash
//! before a character takes away its meaning, so that names with `|`, `!`, `@` or `\` can be written.

use super::{Bucket, Choice};
use crate::ClassId;
use std::fmt::Write;

/// A cell in one of the richer forms, its classes by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) names: Vec<String>,
    negative: bool,
    bucket: Option<Bucket>,
}

impl Cell {
    /// Reads a cell that is not the name of a class; `None` when it has none of the richer forms.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut names = vec![String::new()];
        // The place in the last name behind which its score stands.
        let mut score = None;
        let mut letters = rest.chars();
        while let Some(letter) = letters.next() {
            let n = names.len();
            let name = names.last_mut()?;
            match letter {
                '\\' => name.push(letters.next()?),
                '|' => names.push(String::new()),
                _ => {
                    if letter == '@' {
                        score = Some((n, name.len()));
                    }
                    name.push(letter);
                }
            }
        }
        let mut bucket = None;
        if let (Some((1, at)), [name], false) = (score, names.as_mut_slice(), negative)
            && let Some((low, high)) = name[at + 1..].split_once('-')
            && let (Ok(low), Ok(high)) = (low.parse(), high.parse())
        {
            bucket = Bucket::new(low, high);
            if bucket.is_some() {
                name.truncate(at);
            }
        }
        let rich = negative || bucket.is_some() || names.len() > 1;
        (rich && names.iter().all(|name| !name.is_empty())).then_some(Self {
            names,
            negative,
            bucket,
        })
    }

    /// What it votes, given the classes of its names and how many there are in all.
    pub(crate) fn choice(&self, classes: &[ClassId], n_classes: usize) -> Choice {
        let classes = classes.iter().copied();
        match (self.bucket, self.negative) {
            (Some(bucket), _) => classes
                .map(|class| Choice::scored(class, bucket))
                .next()
                .unwrap_or_else(|| Choice::one_of([])),
            (None, true) => Choice::none_of(classes, n_classes),
            (None, false) => Choice::one_of(classes),
        }
    }
}

/// Writes a choice that is no plain class, so that [`Cell::parse`] reads it again. `taken` says
/// which texts are names of classes.
pub(super) fn write(choice: &Choice, classes: &[String], taken: impl Fn(&str) -> bool) -> String {
    let name = |class: ClassId| escape(classes.get(class.index()).map_or("?", String::as_str));
    let (negative, named) = shorter(choice, classes.len());
    let mut text = if negative { "!".to_owned() } else { String::new() };
    let names: Vec<String> = named.into_iter().map(name).collect();
    text += &names.join("|");
    let mut more = names.last().map_or_else(String::new, |last| format!("|{last}"));
    if let Some(bucket) = choice.bucket() {
        let point = if bucket.high().fract() == 0.0 { "." } else { "" };
        let _ = write!(text, "@{}-{}", bucket.low(), bucket.high());
        if taken(&text) {
            text += point;
        }
        "0".clone_into(&mut more);
    }
    // A class that is named like this vote would be read instead of it: say something twice.
    while taken(&text) {
        text += &more;
    }
    text
}

/// The classes to name, and whether they are those that the choice rules out: the fewer of both.
pub(super) fn shorter(choice: &Choice, n_classes: usize) -> (bool, Vec<ClassId>) {
    let possible = choice.classes();
    let negative = n_classes.saturating_sub(possible.len()) < possible.len();
    if negative {
        (true, ClassId::first(n_classes).filter(|class| !choice.allows(*class)).collect())
    } else {
        (false, possible.to_vec())
    }
}

fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if ['\\', '|', '!', '@'].contains(&letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Names;
    use proptest::prelude::*;

    #[test]
    fn forms() {
        let names = |text: &str| Cell::parse(text).map(|cell| cell.names.join(" "));
        for (text, wanted) in [
            ("a", None),
            ("a|b", Some("a b")),
            ("!a", Some("a")),
            ("!a|b", Some("a b")),
            ("a@0.5-1", Some("a")),
            (r"a\|b|c", Some("a|b c")),
            (r"\!a|b", Some("!a b")),
            ("me@home", None),
            ("a@1-2", None),
            ("a@0.9-0.5", None),
            ("a||b", None),
            ("!", None),
            (r"a|b\", None),
            ("a@b@0-0.25", Some("a@b")),
        ] {
            assert_eq!(names(text).as_deref(), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            names in prop::collection::btree_set(r"[ab|!@\\.01-]{1,4}", 2..6),
            wanted in any::<u8>(),
            bucket in prop::option::of(0..4_u8),
        ) {
            let classes: Vec<String> = names.into_iter().collect();
            let k = classes.len();
            let chosen = ClassId::first(k).filter(|class| wanted >> class.index() & 1 == 1);
            let mut choice = Choice::one_of(chosen);
            prop_assume!(!choice.classes().is_empty() && choice.classes().len() < k);
            if let Some(bucket) = bucket {
                let (low, high) = (f64::from(bucket) / 4.0, f64::from(bucket + 1) / 4.0);
                let bucket = Bucket::new(low, high).expect("a range");
                choice = Choice::scored(choice.classes()[0], bucket);
            }
            let all = Names::with_choices(["lf"], classes, [choice.clone()]).expect("names");
            let id = all.choice_id(&choice).expect("it was given");
            prop_assert_eq!(all.parse_cell(&all.cell(id)), Some(choice));
        }
    }
}
