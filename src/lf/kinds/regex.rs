//! `regex`: a pattern that is found in a text, or is found nowhere in it.
//!
//! Patterns are those of the crate `regex`: linear time in the length of the text. Those of a field are
//! looked for [together](Patterns).

use super::automaton::{Matcher, always_or_never};
use super::patterns::{Patterns, Scratch};
use super::required::parsed;
use super::weight::{MOST, cache, fit, weight};
use crate::FieldId;
use crate::bounded::MEGABYTE;
use crate::input::Batch;
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{Keys, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Voter, exactly_one};
use crate::lf::lint::Lint;
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::yaml::{Node, Value};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Regex {
    pattern: Located<String>,
    found: bool,
    field: Option<Located<String>>,
    flags: Option<Located<String>>,
}

impl LfKind for Regex {
    const NAME: &'static str = "regex";
    const SUMMARY: &'static str = "a pattern is found in a text, or is found nowhere in it";

    fn schema() -> serde_json::Value {
        let form = |key: &str, what: &str| {
            let mut properties = json!({
                "field": schema::column("Where to look; by default the text column of `input`."),
                "flags": {
                    "type": "string", "pattern": "^[imsx]*$",
                    "description": "i ignores case, m lets ^ and $ match at lines, s lets . match a newline, x ignores white space in the pattern.",
                },
            });
            properties[key] = schema::text(what);
            schema::map(properties, &[key])
        };
        json!({
            "oneOf": [
                schema::text("A pattern that is found in the text; in single quotes YAML leaves backslashes alone."),
                form("match", "A pattern that is found in the text."),
                form("fails_to_match", "A pattern that is found nowhere in the text."),
            ],
            "examples": ["\\bcheck\\s+out\\b"],
        })
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Scalar(..) = node.value {
            let pattern = decode(node, problems)?;
            return Some(Self { pattern, found: true, field: None, flags: None });
        }
        if let Value::List(_) = node.value {
            let message = "`regex` takes one pattern, this is a list";
            let problem = Problem::new("type", node.place, message);
            problems
                .push(problem.help("join patterns with `|`, or with `any` around several `regex`"));
            return None;
        }
        let allowed = ["match", "fails_to_match", "field", "flags"];
        let keys = Keys::of(node, "`regex`", &allowed, problems)?;
        let form = exactly_one(&keys, "`regex`", ["match", "fails_to_match"], problems);
        let field = keys.decode("field", problems);
        let flags: Option<Located<String>> = keys.decode("flags", problems);
        if let Some(flags) = flags.as_ref().filter(|flags| flags.contains(|c| !"imsx".contains(c)))
        {
            let problem =
                Problem::new("value", flags.place, format!("`{flags}` has an unknown flag"));
            problems.push(problem.help(
                "i ignores case, m lets ^ and $ match at lines, s lets . match a newline, x ignores white space in the pattern",
            ));
        }
        let found = form? == 0;
        let pattern = keys.decode(if found { "match" } else { "fails_to_match" }, problems)?;
        Some(Self { pattern, found, field, flags })
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        vec![self.field.as_ref()]
    }

    fn constant(&self) -> Option<bool> {
        let flags = self.flags.as_ref().map_or("", |flags| flags.as_str());
        always_or_never(&self.pattern, flags).map(|found| found == self.found)
    }

    fn lint(&self, found: &mut Vec<Lint>) {
        let flags = self.flags.as_ref().map_or("", |flags| flags.as_str());
        if always_or_never(&self.pattern, flags) == Some(false) {
            let message = "this pattern is found in no text";
            let problem = Problem::new("regex-never-matches", self.pattern.place, message);
            let help =
                "look at its anchors, boundaries and classes: nothing can satisfy them together";
            found.push(Lint::new(problem.help(help)));
        }
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let mut fields: BTreeMap<FieldId, Vec<(Matcher, Sought)>> = BTreeMap::new();
        for one in group {
            let field = cx.text_field(one.body.field.as_ref());
            let flags = one.body.flags.as_ref().map_or("", |flags| flags.as_str());
            if let Some(regex) = build(&one.body.pattern, flags, group.len(), cx) {
                let matcher = Matcher::new(regex, &one.body.pattern, flags);
                let sought = Sought { slot: one.slot, found: one.body.found };
                fields.entry(field).or_default().push((matcher, sought));
            }
        }
        let fields = fields.into_iter().map(|(field, conditions)| {
            let (matchers, sought) = conditions.into_iter().unzip();
            let patterns = Patterns::new(matchers);
            OfField { field, patterns, sought }
        });
        Box::new(Compiled(fields.collect()))
    }
}

/// Compiles one of `together` patterns, or notes what is wrong with it.
pub(super) fn build(
    pattern: &Located<String>,
    flags: &str,
    together: usize,
    cx: &mut CompileCx<'_>,
) -> Option<regex::Regex> {
    match try_build(pattern, flags, together, cx) {
        Ok(regex) => Some(regex),
        Err(problem) => {
            problem.into_iter().for_each(|problem| cx.problem(*problem));
            None
        }
    }
}

/// Compiles one of `together` patterns, or says what is wrong with it, if that was not said before.
pub(super) fn try_build(
    pattern: &Located<String>,
    flags: &str,
    together: usize,
    cx: &mut CompileCx<'_>,
) -> Result<regex::Regex, Option<Box<Problem>>> {
    let wrong = |problem| Err(Some(Box::new(problem)));
    if pattern.contains('\u{8}') {
        let message = "bad pattern: in double quotes YAML reads `\\b` as a backspace";
        return wrong(Problem::new("bad-regex", pattern.place, message).help(SINGLE_QUOTES));
    }
    if let Some(hir) = parsed(pattern, flags) {
        // The estimate is rough: what is near the limit is left to `regex`.
        if weight(&hir) > 4 * MOST {
            return wrong(too_large(pattern));
        }
        fit(pattern, &hir, cx)?;
    }
    let built = regex::RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(MOST)
        .dfa_size_limit(cache(together))
        .build();
    let error = match built {
        Ok(regex) => return Ok(regex),
        Err(regex::Error::CompiledTooBig(_)) => {
            return wrong(too_large(pattern));
        }
        Err(error) => error.to_string(),
    };
    let reason = error.rsplit("error: ").next().unwrap_or(&error).trim();
    let message = format!("bad pattern: {reason}");
    let mut problem = Problem::new("bad-regex", pattern.place, message);
    problem.help.extend(advice(reason).map(str::to_owned));
    wrong(match caret(&error) {
        Some(caret) => problem.label(caret),
        None => problem,
    })
}

fn too_large(pattern: &Located<String>) -> Problem {
    let most = MOST / MEGABYTE;
    let message = format!("the pattern compiles to more than {most} megabytes");
    Problem::new("bad-regex", pattern.place, message)
        .help("shorten repetitions such as {1,1000}, or use keyword or lookup")
}

const SINGLE_QUOTES: &str = "in single quotes YAML leaves backslashes alone: '\\bword\\b'";

/// What to try, by the reason that the regex parser gives.
fn advice(reason: &str) -> Option<&'static str> {
    let known = [
        ("look-around", "say what must not be there with `unless`, or with `not` inside `all`"),
        ("backreferences", "write the repeated part out"),
        ("escape", SINGLE_QUOTES),
        ("unclosed group", "a bracket that stands for itself is written `\\(`"),
        ("unopened group", "a bracket that stands for itself is written `\\)`"),
        ("unclosed character class", "a bracket that stands for itself is written `\\[`"),
        ("missing expression", "a sign that stands for itself is written `\\*`, `\\+` or `\\?`"),
    ];
    known.iter().find(|(word, _)| reason.contains(word)).map(|(_, advice)| *advice)
}

/// The part of a pattern that the regex parser points at, from its own drawing.
fn caret(message: &str) -> Option<String> {
    let lines: Vec<&str> = message.lines().collect();
    // A pattern may start with `^` as well: the drawing is nothing but signs and comes after it.
    let drawn = |line: &&str| line.contains('^') && line.chars().all(|c| c == '^' || c == ' ');
    let at = lines.iter().rposition(drawn)?;
    let start = lines[at].find('^')?;
    let width = lines[at][start..].chars().take_while(|c| *c == '^').count();
    let part: String = lines.get(at.checked_sub(1)?)?.chars().skip(start).take(width).collect();
    (!part.trim().is_empty()).then(|| format!("at `{}`", part.trim()))
}

/// What a condition says about its pattern.
struct Sought {
    slot: Slot,
    /// Whether it holds where the pattern is found, or else where it is not.
    found: bool,
}

/// The conditions on one field.
struct OfField {
    field: FieldId,
    patterns: Patterns,
    /// For each pattern, its condition.
    sought: Vec<Sought>,
}

struct Compiled(Vec<OfField>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for OfField { field, patterns, sought } in &self.0 {
            let mut scratch = Scratch::default();
            let absent: Vec<usize> = (0..sought.len()).filter(|&at| !sought[at].found).collect();
            let mut met = vec![false; sought.len()];
            for row in 0..batch.n_rows() {
                let Some(text) = batch.text(*field, row) else {
                    sought.iter().for_each(|one| answers.set(one.slot, row, Answer::MISSING));
                    continue;
                };
                patterns.for_each_match(text, &mut scratch, |pattern| {
                    let Sought { slot, found } = sought[pattern];
                    if found {
                        answers.set(slot, row, Answer::YES);
                    } else {
                        met[pattern] = true;
                    }
                });
                for &pattern in &absent {
                    if !std::mem::take(&mut met[pattern]) {
                        answers.set(sought[pattern].slot, row, Answer::YES);
                    }
                }
            }
        }
    }
    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        for OfField { field, patterns, sought } in &self.0 {
            let Some(text) = batch.text(*field, row) else { continue };
            let mut scratch = Scratch::default();
            let mut met = Vec::new();
            patterns.for_each_match(text, &mut scratch, |pattern| met.push(pattern));
            for pattern in met.into_iter().filter(|&pattern| sought[pattern].found) {
                for (start, end) in
                    patterns.places(pattern, text).filter(|(start, end)| start < end)
                {
                    let place = Some((start, end));
                    found(
                        sought[pattern].slot,
                        Finding { field: *field, place, in_spec: false, is_term: true },
                    );
                }
            }
        }
    }
}
