//! The layout of a YAML text: which lines belong to which key or list element, and which comments to
//! which of these.
//!
//! The parser of `lf` says what a text means; this says how it is written. Only block style (keys and
//! dashes on lines of their own) is taken apart; scalars and what stands in brackets or braces stay pieces
//! of text. What is too unusual to be taken apart is said with its line. Nobody has to trust this
//! reading: whoever rewrites a text by it parses the result and compares.

use super::scan::{Extent, comment_start, key_end, leaf, properties};

/// Keys or elements, one below the other.
#[derive(Debug, Default)]
pub(super) struct Block<'a> {
    pub(super) list: bool,
    pub(super) entries: Vec<Entry<'a>>,
    /// Comments after the last entry that are indented like it; blank lines are empty.
    pub(super) trailing: Vec<&'a str>,
    pub(super) column: usize,
    /// The line after its last one.
    pub(super) end: usize,
}

/// A key with its value, or an element of a list.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Comments right above; blank lines are empty.
    pub(super) above: Vec<&'a str>,
    /// The key as it is written, without its colon; empty for elements of lists.
    pub(super) key: &'a str,
    pub(super) value: Value<'a>,
    /// The column of the key or dash.
    pub(super) column: usize,
    /// Its lines, those of comments above aside.
    pub(super) first_line: usize,
    pub(super) end: usize,
}

/// What a key or dash has.
#[derive(Debug)]
pub(super) struct Value<'a> {
    /// What stands on the line of the key besides: an anchor, a comment, or the whole value.
    pub(super) here: Text<'a>,
    pub(super) below: Below<'a>,
}

/// What stands in the lines below a key or dash.
#[derive(Debug)]
pub(super) enum Below<'a> {
    /// Comments, if anything.
    Nothing(Vec<&'a str>),
    Block(Block<'a>),
    /// A scalar, or something in brackets, with the comments above it.
    Text(Vec<&'a str>, Text<'a>),
}

/// A piece of text as it is written: the end of a line, and further lines with their indentation.
#[derive(Debug, Default, Clone)]
pub(super) struct Text<'a> {
    pub(super) first: &'a str,
    /// The column of `first`.
    pub(super) column: usize,
    pub(super) more: Vec<&'a str>,
    /// For a block scalar the column of its content: what is beyond it is part of the text.
    pub(super) content: Option<usize>,
}

impl Text<'_> {
    /// Whether this begins with a bracket or brace.
    pub(super) fn is_bracketed(&self) -> bool {
        properties(self.first).starts_with(['[', '{'])
    }

    /// Whether this is a block scalar that says how far it is indented.
    pub(super) fn has_width(&self) -> bool {
        let head = properties(self.first).split([' ', '\t']).next().unwrap_or_default();
        head.contains(|mark: char| mark.is_ascii_digit())
    }
}

/// A text as a whole.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// Lines before the first comment or key that must stay where they are: the mark of a document.
    pub(super) head: Vec<&'a str>,
    pub(super) root: Block<'a>,
}

/// What cannot be taken apart, and on which line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusual {
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// Takes a text apart; its lines end with `\n` alone.
pub(super) fn layout(text: &str) -> Result<Layout<'_>, Unusual> {
    let lines: Vec<Line<'_>> = text.lines().map(Line::new).collect();
    let raw = text.lines().collect();
    let mut reader = Reader { lines, raw, at: 0 };
    let mut head = Vec::new();
    let first = reader.lines.iter().position(|line| !line.is_trivia());
    if let Some(at) = first {
        let rest = reader.lines[at].rest();
        if rest.starts_with('%') {
            return Err(Unusual { line: at + 1, what: "a directive of YAML" });
        }
        if let Some(beside) = rest.strip_prefix("---") {
            if !matches!(beside.trim_start().chars().next(), None | Some('#')) {
                return Err(Unusual { line: at + 1, what: "a value beside `---`" });
            }
            head = reader.lines[..=at].iter().map(|line| line.raw.trim_end()).collect();
            reader.at = at + 1;
        }
    }
    let root = match reader.below(0, None, None)? {
        Below::Block(block) if !block.list => block,
        _ => return Err(Unusual { line: first.unwrap_or(0) + 1, what: "no keys" }),
    };
    match reader.lines[reader.at..].iter().position(|line| !line.rest().trim().is_empty()) {
        Some(at) => Err(Unusual { line: reader.at + at + 1, what: "this line after the spec" }),
        None => Ok(Layout { head, root }),
    }
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    raw: &'a str,
    /// Where it begins; behind a dash that has been read.
    indent: usize,
}

impl<'a> Line<'a> {
    fn new(raw: &'a str) -> Self {
        Self { raw, indent: raw.len() - raw.trim_start_matches(' ').len() }
    }

    fn rest(&self) -> &'a str {
        self.raw[self.indent..].trim_end()
    }

    fn is_trivia(&self) -> bool {
        let rest = self.rest().trim_start();
        rest.is_empty() || rest.starts_with('#')
    }

    fn is_dash(&self) -> bool {
        let rest = self.rest();
        rest.strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    }
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    raw: Vec<&'a str>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn unusual(&self, what: &'static str) -> Unusual {
        Unusual { line: self.at + 1, what }
    }

    /// The next line that is neither blank nor a comment, from here on.
    fn peek(&self) -> Option<Line<'a>> {
        self.lines[self.at..].iter().find(|line| !line.is_trivia()).copied()
    }

    /// Comments and blank lines up to the next line of another sort.
    fn trivia(&mut self) -> Vec<&'a str> {
        let from = self.at;
        while self.lines.get(self.at).is_some_and(Line::is_trivia) {
            self.at += 1;
        }
        self.lines[from..self.at].iter().map(|line| line.rest().trim_start()).collect()
    }

    /// Of the comments from here on those that are indented by `least` or more, up to the first that is
    /// not, with the blank lines between them.
    fn indented_trivia(&mut self, least: usize) -> Vec<&'a str> {
        let from = self.at;
        let mut end = from;
        for (at, line) in self.lines.iter().enumerate().skip(from) {
            match line.rest().trim_start() {
                "" => {}
                comment if comment.starts_with('#') && line.indent >= least => end = at + 1,
                _ => break,
            }
        }
        self.at = end;
        self.lines[from..end].iter().map(|line| line.rest().trim_start()).collect()
    }

    /// What stands below the key or dash in the column `parent`: lines that are indented by `least` or
    /// more, or a list in the column `dashes`.
    fn below(
        &mut self,
        least: usize,
        parent: Option<usize>,
        dashes: Option<usize>,
    ) -> Result<Below<'a>, Unusual> {
        match self.peek() {
            Some(line) if line.indent >= least => {
                if line.is_dash() || key_end(line.rest()).is_some() {
                    return self.block(line.indent, line.is_dash()).map(Below::Block);
                }
                let above = self.trivia();
                Ok(Below::Text(above, self.text(line.indent, parent)?))
            }
            Some(line) if line.is_dash() && dashes == Some(line.indent) => {
                self.block(line.indent, true).map(Below::Block)
            }
            _ => Ok(Below::Nothing(self.indented_trivia(least))),
        }
    }

    fn block(&mut self, column: usize, list: bool) -> Result<Block<'a>, Unusual> {
        let mut entries = Vec::new();
        loop {
            let from = self.at;
            let above = self.trivia();
            let next = self.lines.get(self.at).copied();
            match next {
                Some(line) if line.indent > column => {
                    return Err(self.unusual("a line that is indented more than those around it"));
                }
                Some(line) if line.indent == column && line.is_dash() == list => {
                    let first_line = self.at;
                    let (key, value) =
                        if list { ("", self.element(column)?) } else { self.key(line, column)? };
                    let end = self.at;
                    entries.push(Entry { above, key, value, column, first_line, end });
                }
                _ => {
                    self.at = from;
                    // Comments that are indented like this block are about it, not about what follows.
                    let next = next.map_or(0, |line| line.indent + 1);
                    let trailing = self.indented_trivia(column.max(next));
                    return Ok(Block { list, entries, trailing, column, end: self.at });
                }
            }
        }
    }

    fn element(&mut self, column: usize) -> Result<Value<'a>, Unusual> {
        let line = &mut self.lines[self.at];
        let after = &line.raw[line.indent + 1..];
        line.indent += 1 + after.len() - after.trim_start().len();
        let line = *line;
        let rest = line.rest();
        if comment_start(properties(rest)) == Some(0) || properties(rest).is_empty() {
            return self.head(line, column, None);
        }
        let below = self.below(line.indent, Some(column), None)?;
        Ok(Value { here: Text::default(), below })
    }

    fn key(&mut self, line: Line<'a>, column: usize) -> Result<(&'a str, Value<'a>), Unusual> {
        let rest = line.rest();
        let Some(colon) = key_end(rest) else {
            return Err(self.unusual("a line that is neither a key nor an element of a list"));
        };
        let after = &rest[colon + 1..];
        let value = after.trim_start();
        let at = line.indent + rest.len() - value.len();
        let here = properties(value);
        let value = if here.is_empty() || here.starts_with('#') {
            // The blanks before a comment are kept: comments are often aligned.
            let start = if value.starts_with('#') { line.indent + colon + 1 } else { at };
            self.head(Line { raw: line.raw, indent: start }, column, Some(column))?
        } else {
            let here = self.text(at, Some(column))?;
            Value { here, below: Below::Nothing(Vec::new()) }
        };
        Ok((rest[..colon].trim_end(), value))
    }

    /// A key or dash of which the value stands below.
    fn head(
        &mut self,
        rest: Line<'a>,
        column: usize,
        dashes: Option<usize>,
    ) -> Result<Value<'a>, Unusual> {
        let here = Text { first: rest.rest(), column: rest.indent, ..Text::default() };
        self.at += 1;
        Ok(Value { here, below: self.below(column + 1, Some(column), dashes)? })
    }

    /// The piece of text that begins here in this column, and all of its lines.
    fn text(&mut self, column: usize, parent: Option<usize>) -> Result<Text<'a>, Unusual> {
        let raw = &self.raw[self.at..];
        let Some(Extent { lines, content }) = leaf(raw, column, parent) else {
            return Err(self.unusual("a value that goes on in an unusual way"));
        };
        let text = Text {
            first: raw[0][column..].trim_end(),
            column,
            more: raw[1..lines].to_vec(),
            content,
        };
        self.at += lines;
        Ok(text)
    }
}
