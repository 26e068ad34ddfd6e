//! Lints that are mechanical, mended in the text.
//!
//! Each mend is tried alone, from the end of a file to its beginning, and kept if the spec still compiles
//! and its examples come out as before; so one that cannot be done leaves everything as it was.

use super::text::Edits;
use crate::lf::{ExampleOutcome, Fix, LfSet, Lint, Place, Spec, SpecOptions, SpecText};

/// What mending came to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fixed {
    /// The files that change, as they will be.
    pub files: Vec<SpecText>,
    /// How many lints are mended.
    pub count: usize,
    /// The spec with these files.
    pub spec: Spec,
}

/// One mend may make another one possible: so often all are looked at.
const ROUNDS: usize = 5;

/// Mends what is mechanical about a spec, which must be one that compiles; nothing is written.
#[must_use]
pub fn fix(spec: &Spec, options: &SpecOptions) -> Fixed {
    let mut now = spec.clone();
    let mut count = 0;
    let outcomes = outcomes(spec);
    for _ in 0..ROUNDS {
        let mut lints = now.lints();
        let mut n_lints = lints.len();
        lints.retain(|lint| lint.fix.is_some());
        let before = count;
        while let Some(lint) = lints.pop() {
            if let Some((after, left)) = mend(&now, &lint, n_lints, outcomes.as_deref(), options) {
                (now, n_lints, count) = (after, left, count + 1);
            }
        }
        if count == before {
            break;
        }
    }
    let changed = now.sources.iter().zip(&spec.sources).filter(|(now, before)| now != before);
    Fixed { files: changed.map(|(now, _)| now.clone()).collect(), count, spec: now }
}

/// How the examples of a spec come out; none where they cannot be run.
fn outcomes(spec: &Spec) -> Option<Vec<ExampleOutcome>> {
    let results = LfSet::compile(spec).ok()?.run_examples(spec).ok()?;
    Some(results.iter().map(|result| result.outcome).collect())
}

/// The spec with one of its `n_lints` mended, and how many it has then; `None` where that cannot be done by
/// removing a piece of text, or where examples came out otherwise than `before`.
fn mend(
    spec: &Spec,
    lint: &Lint,
    n_lints: usize,
    before: Option<&[ExampleOutcome]>,
    options: &SpecOptions,
) -> Option<(Spec, usize)> {
    let before = before?;
    for piece in pieces(spec, lint.fix?) {
        let mut sources = spec.sources.clone();
        let source = sources.get_mut(piece.file)?;
        source.text = Edits::new().replace(piece, "").apply(&source.text)?;
        let Ok(after) = Spec::from_texts(&sources, options) else { continue };
        let same = after.lfs.len() == spec.lfs.len() && outcomes(&after).as_deref() == Some(before);
        // What was to be mended is gone, or what looked like it was something else.
        let left = after.lints().len();
        if same && left < n_lints {
            return Some((after, left));
        }
    }
    None
}

/// The pieces of text of which one can be removed, those first that take less.
fn pieces(spec: &Spec, fix: Fix) -> Vec<Place> {
    let (Fix::RemoveElement(place) | Fix::RemoveEntry(place)) = fix;
    let Some(source) = spec.sources.get(place.file) else { return Vec::new() };
    let text = source.text.as_str();
    let Some(before) = text.get(..place.start) else { return Vec::new() };
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let margin = &before[line..];
    let piece = |start, end| Place { start, end, ..place };
    match fix {
        Fix::RemoveElement(_) if margin.trim() == "-" => {
            vec![piece(line, end_of_block(text, line, margin.len() - margin.trim_start().len()))]
        }
        Fix::RemoveElement(_) => between_commas(text, place).into_iter().collect(),
        Fix::RemoveEntry(_) if margin.trim().is_empty() => {
            let end = end_of_block(text, line, margin.len());
            let mut pieces = vec![piece(line, end)];
            // The only entry of a map goes with the key of the map.
            let above = before[..line].trim_end();
            let parent = above.rfind('\n').map_or(0, |at| at + 1);
            let indent = |line: &str| line.len() - line.trim_start().len();
            if above.ends_with(':') && indent(&above[parent..]) < margin.len() {
                pieces.push(piece(parent, end));
            }
            pieces
        }
        // Only short values can be told from what comes after them.
        Fix::RemoveEntry(_) => {
            let rest = text.get(place.end..).unwrap_or_default();
            let end = rest.find([',', '}', '\n', '[', '{', '\'', '"', '#']).unwrap_or(rest.len());
            let stops = rest[end..].starts_with([',', '}']);
            let value =
                stops.then_some(Place { end: place.end + rest[..end].trim_end().len(), ..place });
            value.and_then(|value| between_commas(text, value)).into_iter().collect()
        }
    }
}

/// Where the lines end that belong to what starts on the line at `start`, which is indented by `margin`:
/// blank lines and comments behind it stay.
fn end_of_block(text: &str, start: usize, margin: usize) -> usize {
    let mut end = start;
    let mut at = start;
    for (number, line) in text[start..].split_inclusive('\n').enumerate() {
        let code = line.trim_start();
        let deeper = line.len() - code.len() > margin;
        at += line.len();
        if number > 0 && !code.is_empty() && !code.starts_with('#') && !deeper {
            break;
        }
        if number == 0 || (deeper && !code.trim().is_empty()) {
            end = at;
        }
    }
    end
}

/// A piece inside of brackets with one of the commas beside it.
fn between_commas(text: &str, place: Place) -> Option<Place> {
    let before = text.get(..place.start)?.trim_end();
    if before.ends_with(',') {
        return Some(Place { start: before.len() - 1, ..place });
    }
    let rest = text.get(place.end..)?;
    let after = rest.trim_start().strip_prefix(',')?.trim_start_matches(' ');
    (before.ends_with(['[', '{'])).then_some(Place { end: text.len() - after.len(), ..place })
}
