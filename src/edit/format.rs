//! `jurat fmt`: a spec in its canonical form.
//!
//! Keys of the spec and of labeling functions get their usual order, everything gets the same indentation,
//! and comments stay with what they are about. Order that means something stays: elements of
//! lists, labels, tables, named conditions. Scalars, and what stands in brackets or braces, are left
//! as they are written.

use super::EditError;
use super::layout::{Below, Block, Entry, Layout, Text, Value, layout};
use super::same::{same_comments, same_meaning};
use super::text::write_back;
use crate::lf::{Node, SpecErrors, SpecText, parse_yaml};
use std::path::Path;

/// The keys of a spec and of a labeling function in their usual order.
const SPEC: [&str; 14] = [
    "spec", "part", "labels", "input", "include", "vars", "lookups", "utils", "lfs", "slices",
    "model", "output", "gates", "lint",
];
const LF: [&str; 9] =
    ["name", "label", "when", "votes", "unless", "why", "owner", "tags", "examples"];

/// Comments for programs, which must stay at the beginning of a file.
const FOR_PROGRAMS: [&str; 5] = ["# yaml-language-server:", "# vim:", "# -*-", "#!", "# SPDX"];

/// Columns that what belongs to a key or dash is indented by.
const STEP: usize = 2;

/// The text of a spec in canonical form. Form and names need not be right, but it must be YAML.
///
/// What comes out means the same, with the same comments; this is checked.
///
/// # Errors
/// [`EditError::Spec`] for a text that is no YAML, [`EditError::Unusual`] and [`EditError::Changed`] for
/// one that cannot be formatted without a risk.
pub fn format(text: &str, path: &str) -> Result<String, EditError> {
    let node = parse(text, path)?;
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let unusual = |line, what| EditError::Unusual { path: path.to_owned(), line, what };
    if let Some(at) = plain.find('\r') {
        let line = plain[..at].matches('\n').count() + 1;
        return Err(unusual(line, "a carriage return without a newline"));
    }
    let mut layout = layout(&plain).map_err(|found| unusual(found.line, found.what))?;
    // An anchor must stand before what refers to it, so that some keys cannot change places.
    let written = write(&layout);
    arrange(&mut layout);
    let arranged = write(&layout);
    for candidate in [arranged, written] {
        if parse_yaml(&candidate, 0).is_ok_and(|after| same_meaning(&node, &after))
            && same_comments(&plain, &candidate)
        {
            // A mark of the byte order may also stand behind blank lines, which are gone now.
            return match candidate.strip_prefix('\u{feff}') {
                Some(rest) => format(rest, path),
                None => Ok(candidate),
            };
        }
    }
    Err(EditError::Changed { path: path.to_owned() })
}

/// A spec file as it is and as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Formatted {
    /// The file, for messages.
    pub path: String,
    /// Its text.
    pub before: String,
    /// The text in canonical form.
    pub after: String,
}

impl Formatted {
    /// Formats the text of a file; nothing is written.
    ///
    /// # Errors
    /// Those of [`format()`], and of reading the file.
    pub fn of_file(path: &Path) -> Result<Self, EditError> {
        let SpecText { path, text: before } = SpecText::read(path)?;
        let after = format(&before, &path)?;
        Ok(Self { path, before, after })
    }

    /// Formats a text; the path is its name in messages.
    ///
    /// # Errors
    /// Those of [`format()`].
    pub fn of_text(text: &str, path: &str) -> Result<Self, EditError> {
        let after = format(text, path)?;
        Ok(Self { path: path.to_owned(), before: text.to_owned(), after })
    }

    /// The first line, from 1, that would change; `None` when the file is as it should be.
    #[must_use]
    pub fn first_change(&self) -> Option<usize> {
        if self.before == self.after {
            return None;
        }
        let pairs = self.before.split('\n').zip(self.after.split('\n'));
        Some(pairs.take_while(|(before, after)| before == after).count() + 1)
    }

    /// Puts the canonical form in the place of the file.
    ///
    /// # Errors
    /// [`EditError::Output`]; the file is as it was then.
    pub fn write(&self) -> Result<(), EditError> {
        write_back(Path::new(&self.path), &self.after)
    }
}

fn parse(text: &str, path: &str) -> Result<Node, SpecErrors> {
    parse_yaml(text, 0).map_err(|problem| {
        let source = SpecText { path: path.to_owned(), text: text.to_owned() };
        SpecErrors::new(&[source], vec![*problem])
    })
}

/// Puts keys in their order, and blank lines where most neighbors have them.
fn arrange(layout: &mut Layout<'_>) {
    let root = &mut layout.root;
    // What stands above the first key and apart from it is about the whole file.
    let header = root.entries.first_mut().map_or_else(Vec::new, |first| {
        let apart = first.above.iter().rposition(|line| line.is_empty()).map(|at| at + 1);
        let of_programs =
            first.above.iter().take_while(|line| FOR_PROGRAMS.iter().any(|p| line.starts_with(p)));
        let end = apart.unwrap_or_else(|| of_programs.count());
        first.above.drain(..end).collect()
    });
    root.entries.sort_by_key(|entry| rank(entry, &SPEC));
    if let Some(first) = root.entries.first_mut() {
        first.above.splice(..0, header);
    }
    let lfs = root.entries.iter_mut().filter(|entry| name(entry) == "lfs");
    for lfs in lfs {
        let Below::Block(list) = &mut lfs.value.below else { continue };
        for lf in &mut list.entries {
            if let Below::Block(keys) = &mut lf.value.below
                && !keys.list
            {
                keys.entries.sort_by_key(|entry| rank(entry, &LF));
            }
        }
        space(list);
    }
}

/// Blank lines between labeling functions that take several lines, if most of them have one.
fn space(list: &mut Block<'_>) {
    let long = |entry: &Entry<'_>| entry.end - entry.first_line > 1;
    let wanted: Vec<usize> = (1..list.entries.len())
        .filter(|&at| long(&list.entries[at]) || long(&list.entries[at - 1]))
        .collect();
    let has = |at: &&usize| list.entries[**at].above.iter().any(|line| line.is_empty());
    if 2 * wanted.iter().filter(has).count() < wanted.len().max(1) {
        return;
    }
    for at in wanted {
        let above = &mut list.entries[at].above;
        if !above.iter().any(|line| line.is_empty()) {
            above.insert(0, "");
        }
    }
}

fn name<'a>(entry: &Entry<'a>) -> &'a str {
    entry.key.trim_matches(['"', '\''])
}

/// Where a key belongs; those that are not known go last, as they stand.
fn rank(entry: &Entry<'_>, keys: &[&str]) -> usize {
    keys.iter().position(|key| *key == name(entry)).unwrap_or(keys.len())
}

fn write(layout: &Layout<'_>) -> String {
    let mut out = Writer::default();
    for line in &layout.head {
        out.line(0, line);
    }
    out.block(&layout.root, 0, false);
    out.text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// A blank line is due, unless nothing follows.
    blank: bool,
}

impl Writer {
    fn line(&mut self, column: usize, text: &str) {
        if std::mem::take(&mut self.blank) {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n(' ', column));
        self.text += text;
        self.text.push('\n');
    }

    /// Comments and blank lines, of which several count as one.
    fn trivia(&mut self, column: usize, lines: &[&str]) {
        for line in lines {
            match *line {
                "" => self.blank = !self.text.is_empty(),
                comment => self.line(column, comment),
            }
        }
    }

    /// A block; with `headless`, without what stands above its first entry.
    fn block(&mut self, block: &Block<'_>, column: usize, headless: bool) {
        for (at, entry) in block.entries.iter().enumerate() {
            if !(at == 0 && (headless || is_bare(entry))) {
                self.trivia(column, &entry.above);
            }
            if block.list {
                self.element(entry, column);
            } else {
                self.key(entry, column);
            }
        }
        self.trivia(column, &block.trailing);
    }

    fn key(&mut self, entry: &Entry<'_>, column: usize) {
        let Value { here, below } = &entry.value;
        let head = match here.first {
            "" => format!("{}:", entry.key),
            // With the blanks before it.
            comment if comment.starts_with([' ', '\t']) => format!("{}:{comment}", entry.key),
            value => format!("{}: {value}", entry.key),
        };
        self.line(column, &head);
        let value = column + entry.key.chars().count() + 2;
        self.more(here, Moved { head: (entry.column, column), value });
        self.below(entry, below, column);
    }

    fn element(&mut self, entry: &Entry<'_>, column: usize) {
        let Value { here, below } = &entry.value;
        if !here.first.is_empty() {
            self.line(column, &format!("- {}", here.first.trim_start()));
            return self.below(entry, below, column);
        }
        // The dash takes the place of blanks in the first line of what it has; comments go above it.
        match below {
            Below::Nothing(_) => {
                self.line(column, "-");
                return self.below(entry, below, column);
            }
            Below::Block(Block { entries, .. }) => {
                let above = entries.first().filter(|first| !is_bare(first));
                self.trivia(column, above.map_or(&[][..], |first| &first.above));
            }
            Below::Text(above, _) => self.trivia(column, above),
        }
        let mut inner = Self::default();
        match below {
            Below::Block(block) => inner.block(block, column + STEP, true),
            Below::Text(_, text) => inner.piece(entry, text, column),
            Below::Nothing(_) => {}
        }
        let text = inner.text.get(column + STEP..).unwrap_or_default();
        self.line(column, &format!("- {}", text.strip_suffix('\n').unwrap_or(text)));
        self.blank = inner.blank;
    }

    fn below(&mut self, entry: &Entry<'_>, below: &Below<'_>, column: usize) {
        match below {
            Below::Nothing(comments) => self.trivia(column + STEP, comments),
            Below::Block(block) => self.block(block, column + STEP, false),
            Below::Text(above, text) => {
                self.trivia(column + STEP, above);
                self.piece(entry, text, column);
            }
        }
    }

    /// A value on lines of its own.
    fn piece(&mut self, entry: &Entry<'_>, text: &Text<'_>, column: usize) {
        self.line(column + STEP, text.first);
        self.more(text, Moved { head: (entry.column, column), value: column + STEP });
    }

    /// The further lines of a value, moved as far as its first line was.
    fn more(&mut self, text: &Text<'_>, moved: Moved) {
        let (from, to) = moved.head;
        // Brackets are often closed in the column of their key.
        let brackets = text.content.is_none() && text.is_bracketed();
        let least = if brackets { to } else { to + 1 };
        for line in &text.more {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let (was, is) = match text.content {
                // With a number in its head, content is so far from what it belongs to.
                Some(_) if text.has_width() => (from, to),
                Some(content) => (content, to + STEP),
                None if indent >= text.column => (text.column, moved.value),
                None => (from, to),
            };
            let trimmed = line.trim_end_matches([' ', '\t']);
            let (kept, blank) = match text.content {
                // Blanks beyond its column are part of a block scalar.
                Some(content) => (*line, trimmed.is_empty() && line.len() <= content),
                // Before an escaped end of a line blanks count.
                None if trimmed.ends_with('\\') => (*line, false),
                None => (trimmed, trimmed.is_empty()),
            };
            let column = (indent + is).saturating_sub(was).max(least);
            match kept.get(indent..) {
                Some(kept) if !blank => self.line(column, kept),
                _ => self.line(0, ""),
            }
        }
    }
}

/// From which column to which a key or dash was moved, and where its value begins now.
struct Moved {
    head: (usize, usize),
    value: usize,
}

/// Whether no comment stands above it.
fn is_bare(entry: &Entry<'_>) -> bool {
    entry.above.iter().all(|line| line.is_empty())
}
