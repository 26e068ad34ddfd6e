//! Everything that is wrong with a spec, all at once, each with its place.

use super::place::Place;
use super::sources::{SpecText, WHOLE};
use crate::visible::{line, lines};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeSet;
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
        let mut allowed: Vec<&str> = allowed.into_iter().collect();
        let mut seen = BTreeSet::new();
        allowed.retain(|name| seen.insert(*name));
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
    pub(crate) fn finish<T>(self, value: Option<T>, sources: &[SpecText]) -> Result<T, SpecErrors> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(SpecErrors::new(sources, self.found)),
        }
    }
}

/// Everything that is wrong with a spec, in all its files.
///
/// `Display` shows each problem with its line and a caret under its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecErrors {
    sources: Vec<SpecText>,
    problems: Vec<Problem>,
}

/// Problems that are drawn.
const MOST_SHOWN: usize = 100;

impl SpecErrors {
    /// Problems of the spec with these texts, in the order of their places.
    pub(crate) fn new(sources: &[SpecText], mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.place);
        problems.dedup();
        // What else is wrong with a value follows from the variable that is missing in it.
        let unknown = |problem: &&Problem| problem.code == "unknown-variable";
        let missing: Vec<Place> =
            problems.iter().filter(unknown).map(|problem| problem.place).collect();
        problems.retain(|problem| unknown(&problem) || !missing.contains(&problem.place));
        Self { sources: sources.to_vec(), problems }
    }

    /// A problem with the spec as a whole.
    pub(crate) fn whole(path: &str, code: &'static str, message: impl Into<String>) -> Self {
        let problem = Problem::new(code, Place::default(), message);
        let source = SpecText { path: path.to_owned(), text: String::new() };
        Self { sources: vec![source], problems: vec![problem] }
    }

    /// The problems, in the order of their places.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The line and the column, both from 1 and in characters, of a problem's place.
    #[must_use]
    pub fn line_and_column(&self, problem: &Problem) -> (usize, usize) {
        let (_, text) = self.source(problem.place);
        let before = text.get(..problem.place.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The name of the file that a problem is in.
    #[must_use]
    pub fn file(&self, problem: &Problem) -> &str {
        self.source(problem.place).0
    }

    /// The name and the text of the file of a place.
    fn source(&self, place: Place) -> (&str, &str) {
        let source = self.sources.get(place.file);
        source.map_or(("", ""), |source| (&source.path, &source.text))
    }

    /// The problems as text for a terminal, in color or not.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let mut out = String::new();
        for problem in self.problems.iter().take(MOST_SHOWN) {
            out += &draw(problem, &self.sources, false, color);
        }
        let n = self.problems.len();
        if n > MOST_SHOWN {
            out += &format!("and {} more problems\n\n", n - MOST_SHOWN);
        }
        let mut files: Vec<&str> = self.problems.iter().map(|problem| self.file(problem)).collect();
        files.dedup();
        let files = match files.as_slice() {
            [] => "",
            [file] => file,
            _ => self.source(WHOLE).0,
        };
        out += &format!("{}: {n} problem{}", line(files), if n == 1 { "" } else { "s" });
        out
    }
}

/// A problem, or a mere warning, with its line and a caret under its place. Nothing in it is hidden.
pub(super) fn draw(problem: &Problem, sources: &[SpecText], warning: bool, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let level = if warning { Level::WARNING } else { Level::ERROR };
    let title = level.primary_title(shown(&problem.message)).id(problem.code);
    let source = sources.get(problem.place.file);
    let (path, text) = source.map_or(("", ""), |source| (&source.path, &source.text));
    let mut group: Group<'_> = if text.is_empty() {
        Group::with_title(title).element(annotate_snippets::Origin::path(line(path)))
    } else {
        let (source, first_line, span) = lines_of(text, problem.place);
        let annotation = AnnotationKind::Primary.span(span);
        let annotation = match problem.label.as_str() {
            "" => annotation,
            label => annotation.label(shown(label)),
        };
        let snippet = Snippet::source(source).line_start(first_line).path(line(path));
        Group::with_title(title).element(snippet.annotation(annotation))
    };
    for help in &problem.help {
        group = group.element(Level::HELP.message(shown(help)));
    }
    renderer.term_width(100).render(&[group]) + "\n\n"
}

/// The lines that a place is on, the number of the first of them, and the place in them. To draw the
/// whole text for each of many problems would take the square of its length.
fn lines_of(text: &str, place: Place) -> (String, usize, std::ops::Range<usize>) {
    // What is missing at the end of a file stands on its last line.
    let most = text.trim_end_matches(['\r', '\n']).len();
    let before = text.get(..place.start.min(most)).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let from = place.end.clamp(before.len(), most.max(before.len()));
    let rest = text.get(from..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |at| from + at);
    let piece = |from: usize, to: usize| lines(text.get(from..to).unwrap_or_default());
    let mut source = piece(start, before.len());
    let first = source.len();
    source += &piece(before.len(), from.max(before.len()));
    let last = source.len();
    source += piece(from, end).trim_end_matches('\u{240d}');
    (source, before[..start].matches('\n').count() + 1, first..last)
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
