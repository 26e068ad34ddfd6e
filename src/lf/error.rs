//! Everything that is wrong with a spec, all at once, each with its place.

use super::place::Place;
use crate::visible::{line, lines};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;

/// One thing that is wrong with a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What kind of problem it is: a stable name such as `unknown-label`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to say at the place.
    pub label: String,
    /// What to try.
    pub help: Vec<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message, place, label: String::new(), help: Vec::new() }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds the nearest allowed name and the list of all.
    pub(crate) fn choices<'a>(
        mut self,
        name: &str,
        allowed: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let allowed: Vec<&str> = allowed.into_iter().collect();
        if let Some(near) = crate::names::nearest(name, allowed.iter().copied()) {
            self.label = format!("did you mean `{near}`?");
        }
        const MOST: usize = 20;
        let list: Vec<String> = allowed.iter().take(MOST).map(|name| format!("`{name}`")).collect();
        let more = allowed.len().saturating_sub(MOST);
        match (list.is_empty(), more) {
            (true, _) => self,
            (false, 0) => self.help(format!("allowed here: {}", list.join(", "))),
            (false, more) => {
                self.help(format!("allowed here: {} and {more} more", list.join(", ")))
            }
        }
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn push(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    /// The result when nothing is wrong, or all problems in the order of their places.
    pub(crate) fn finish<T>(
        self,
        value: Option<T>,
        path: &str,
        text: &str,
    ) -> Result<T, SpecErrors> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(SpecErrors::new(path, text, self.found)),
        }
    }
}

/// Everything that is wrong with a spec file.
///
/// `Display` shows each problem with its line and a caret under its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecErrors {
    path: String,
    text: String,
    problems: Vec<Problem>,
}

/// Problems that are drawn.
const MOST_SHOWN: usize = 100;

impl SpecErrors {
    /// Problems of the spec with this text, in the order of their places.
    pub(crate) fn new(path: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| (problem.place.start, problem.place.end));
        problems.dedup();
        Self { path: path.to_owned(), text: text.to_owned(), problems }
    }

    /// A problem with the spec as a whole.
    pub(crate) fn whole(path: &str, code: &'static str, message: impl Into<String>) -> Self {
        let problem = Problem::new(code, Place::default(), message);
        Self { path: path.to_owned(), text: String::new(), problems: vec![problem] }
    }

    /// The problems, in the order of their places.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The line and the column, both from 1 and in characters, of a problem's place.
    #[must_use]
    pub fn line_and_column(&self, problem: &Problem) -> (usize, usize) {
        let before = self.text.get(..problem.place.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The lines that a place is on, the number of the first of them, and the place in them. To draw the
    /// whole text for each of many problems would take the square of its length.
    fn lines_of(&self, place: Place) -> (String, usize, std::ops::Range<usize>) {
        // What is missing at the end of a file stands on its last line.
        let most = self.text.trim_end_matches(['\r', '\n']).len();
        let before = self.text.get(..place.start.min(most)).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let from = place.end.clamp(before.len(), most.max(before.len()));
        let rest = self.text.get(from..).unwrap_or_default();
        let end = rest.find('\n').map_or(self.text.len(), |at| from + at);
        let text = |from: usize, to: usize| lines(self.text.get(from..to).unwrap_or_default());
        let mut source = text(start, before.len());
        let first = source.len();
        source += &text(before.len(), from.max(before.len()));
        let last = source.len();
        source += text(from, end).trim_end_matches('\u{240d}');
        (source, before[..start].matches('\n').count() + 1, first..last)
    }

    /// The problems as text for a terminal, in color or not.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(100);
        let mut out = String::new();
        for problem in self.problems.iter().take(MOST_SHOWN) {
            let title = Level::ERROR.primary_title(shown(&problem.message)).id(problem.code);
            let mut group: Group<'_> = if self.text.is_empty() {
                Group::with_title(title).element(annotate_snippets::Origin::path(line(&self.path)))
            } else {
                let (source, first_line, span) = self.lines_of(problem.place);
                let annotation = AnnotationKind::Primary.span(span);
                let annotation = match problem.label.as_str() {
                    "" => annotation,
                    label => annotation.label(shown(label)),
                };
                Group::with_title(title).element(
                    Snippet::source(source)
                        .line_start(first_line)
                        .path(line(&self.path))
                        .annotation(annotation),
                )
            };
            for help in &problem.help {
                group = group.element(Level::HELP.message(shown(help)));
            }
            out += &renderer.render(&[group]);
            out += "\n\n";
        }
        let n = self.problems.len();
        if n > MOST_SHOWN {
            out += &format!("and {} more problems\n\n", n - MOST_SHOWN);
        }
        out += &format!("{}: {n} problem{}", line(&self.path), if n == 1 { "" } else { "s" });
        out
    }
}

/// What a problem says, which may quote any text: of no more than this many characters, and nothing in it
/// is hidden.
fn shown(text: &str) -> String {
    const LONGEST: usize = 2000;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => line(&text[..end]) + "…",
        None => line(text),
    }
}

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for SpecErrors {}
