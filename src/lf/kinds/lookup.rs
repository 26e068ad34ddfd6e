//! `lookup`: a cell, a piece of it, or a word or phrase in it, that is a key of a table.

use super::regex;
use crate::input::Batch;
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{self, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::keys::Keys;
use crate::lf::kind::{Declared, Finding, LfKind, Says, Voter, not_a_map};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::terms::{Scratch, Terms};
use crate::lf::text::{Case, Folded, fold};
use crate::lf::yaml::{Node, Value};
use crate::{Choice, FieldId};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    table: Located<String>,
    field: Option<Located<String>>,
    form: Match,
    from: Option<From>,
    case: Case,
    word: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Match {
    #[default]
    Exact,
    Occurs,
}

/// Keys are what a group of a pattern captures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    regex: Located<String>,
    #[serde(default)]
    group: Option<Located<u32>>,
}

impl LfKind for Lookup {
    const NAME: &'static str = "lookup";
    const SUMMARY: &'static str = "a cell, or something in it, is a key of a table";

    fn schema() -> serde_json::Value {
        let from = schema::map(
            json!({
                "regex": schema::text("Every match of this pattern is tried as a key."),
                "group": {"type": "integer", "minimum": 0, "description": "The group of the pattern that is the key; 0 is all of it."},
            }),
            &["regex"],
        );
        let properties = json!({
            "table": schema::table("A table under `lookups`."),
            "field": schema::column("Where to look; by default the text column of `input`."),
            "match": schema::choice("Whether the whole cell is a key, or a key occurs in the text.", &["exact", "occurs"]),
            "from": from,
            "case": schema::choice("Whether letters of different case are the same.", &["insensitive", "sensitive"]),
            "word": schema::truth("With `match: occurs`: whole words (the default), or any part of the text."),
        });
        let mut schema = schema::map(properties, &["table"]);
        schema["examples"] = json!([{"table": "dangerous", "match": "occurs"}]);
        schema
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Scalar(name, _) = &node.value {
            let right = format!("write `lookup: {{table: {name}}}`");
            not_a_map(node, "`lookup`", right, problems);
            return None;
        }
        let allowed = ["table", "field", "match", "from", "case", "word"];
        let keys = decode::Keys::of(node, "`lookup`", &allowed, problems)?;
        let field = keys.decode("field", problems);
        let form: Match = keys.decode("match", problems).unwrap_or_default();
        let from = keys.get("from").and_then(|(_, node)| decode(node, problems));
        let case = keys.decode("case", problems).unwrap_or_default();
        let word = keys.decode("word", problems);
        let conflict = |key: &str, help: &str| {
            keys.get(key).map(|(key, _)| {
                let message = format!("`{key}` does not go with this form of `match`");
                Problem::new("conflicting-keys", key.place, message).help(help)
            })
        };
        let found = match form {
            Match::Occurs => conflict("from", "`from` extracts exact keys; leave `match` out"),
            Match::Exact => conflict("word", "`word` goes with `match: occurs`"),
        };
        found.into_iter().for_each(|problem| problems.push(problem));
        let table = keys.require("table", "`lookup`", problems)?;
        Some(Self { table, field, form, from, case, word: word.unwrap_or(true) })
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        vec![self.field.as_ref()]
    }

    fn table(&self) -> Option<&Located<String>> {
        Some(&self.table)
    }

    fn says(&self, _: &[Says], cx: &CompileCx<'_>) -> Says {
        match cx.table_names_labels(&self.table) {
            Some(true) => Says::Label,
            Some(false) => Says::Truth,
            None => Says::Unknown,
        }
    }

    fn choices(&self, cx: &mut CompileCx<'_>) -> Vec<Choice> {
        // What is wrong with a table that is not there is noted when the condition is compiled.
        let named = cx.table_names_labels(&self.table) == Some(true);
        let table = if named { cx.table(&self.table) } else { None };
        let named_by = table.iter().flat_map(|table| table.choices());
        let mut choices: Vec<Choice> = named_by.flatten().cloned().collect();
        choices.sort_unstable();
        choices.dedup();
        choices
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut known = BTreeMap::new();
        for one in group {
            // Conditions that say the same are one, but for what is wrong with them.
            let number = match known.get(&one.body.content()) {
                Some(&number) => number,
                None => {
                    let Some(rule) = rule(one, group.len(), cx) else { continue };
                    rules.push(rule);
                    known.insert(one.body.content(), rules.len() - 1);
                    rules.len() - 1
                }
            };
            rules[number].slots.push(one.slot);
        }
        Box::new(Compiled(rules))
    }
}

impl Lookup {
    /// What it says, wherever it stands.
    fn content(&self) -> impl Ord + '_ {
        let from = self.from.as_ref();
        let from = from.map(|from| (from.regex.as_str(), from.group.as_ref().map(|g| g.value)));
        let field = self.field.as_ref().map(|field| field.as_str());
        (self.table.as_str(), field, self.form as u8, from, self.case, self.word)
    }
}

fn rule(one: &Declared<'_, Lookup>, together: usize, cx: &mut CompileCx<'_>) -> Option<Rule> {
    let body = one.body;
    let field = cx.text_field(body.field.as_ref());
    let table = cx.table(&body.table)?;
    let label = |choice| cx.choice_id(choice).map_or(Answer::NO, Answer::label);
    let choices = table.choices().iter();
    let choices: Vec<Answer> =
        choices.map(|choice| choice.as_ref().map_or(Answer::YES, label)).collect();
    // Keys that are equal once folded must agree, or they are dropped: neither can be meant.
    let mut keys = KeyAnswers::default();
    for (key, choice) in table.keys() {
        let answer = choices[choice];
        match keys.keys.insert(&fold(key, body.case)) {
            (_, true) => keys.answers.push(Some(answer)),
            (at, false) if keys.answers[at] != Some(answer) => keys.answers[at] = None,
            _ => {}
        }
    }
    let search = match (body.form, &body.from) {
        (Match::Occurs, _) => {
            let meant = keys.keys.iter().zip(&keys.answers);
            let (words, answers): (Vec<_>, Vec<_>) =
                meant.filter_map(|(key, answer)| Some(((key, body.word), (*answer)?))).unzip();
            let words = match Terms::new(body.case, words.into_iter()) {
                Ok(words) => words,
                Err(error) => {
                    let message = format!("the table has too many or too long keys: {error}");
                    cx.problem(Problem::new("too-large", one.place, message));
                    return None;
                }
            };
            Search::Occurs { terms: words, answers }
        }
        (Match::Exact, None) => Search::Exact { keys },
        (Match::Exact, Some(from)) => match regex::build(&from.regex, "", together, cx) {
            Some(regex) => {
                let group = from.group.as_ref().map_or(0, |group| group.value as usize);
                if group >= regex.captures_len() {
                    let place = from.group.as_ref().map_or(from.regex.place, |group| group.place);
                    let most = regex.captures_len() - 1;
                    let message = format!("the pattern has no group {group}");
                    cx.problem(
                        Problem::new("value", place, message)
                            .help(format!("its groups are 0 (the whole match) to {most}")),
                    );
                }
                Search::Pieces { regex, group, keys }
            }
            None => return None,
        },
    };
    Some(Rule { slots: Vec::new(), field, case: body.case, search })
}

struct Rule {
    slots: Vec<Slot>,
    field: FieldId,
    case: Case,
    search: Search,
}

/// Folded keys with their answers; none where keys contradict each other.
#[derive(Default)]
struct KeyAnswers {
    keys: Keys,
    answers: Vec<Option<Answer>>,
}

impl KeyAnswers {
    fn get(&self, key: &str) -> Option<Answer> {
        self.answers[self.keys.get(key)?]
    }
}

enum Search {
    Exact { keys: KeyAnswers },
    Pieces { regex: ::regex::Regex, group: usize, keys: KeyAnswers },
    Occurs { terms: Terms, answers: Vec<Answer> },
}

struct Compiled(Vec<Rule>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        let (mut scratch, mut found) = (Scratch::default(), Vec::new());
        for rule in &self.0 {
            for row in 0..batch.n_rows() {
                let answer = match batch.text(rule.field, row) {
                    Some(text) => rule.answer(text, &mut scratch, &mut found),
                    None => Answer::MISSING,
                };
                rule.slots.iter().for_each(|&slot| answers.set(slot, row, answer));
            }
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        for rule in &self.0 {
            let Some(text) = batch.text(rule.field, row) else { continue };
            rule.places(text, |place| {
                let finding = Finding { field: rule.field, place, in_spec: false, is_term: true };
                rule.slots.iter().for_each(|&slot| found(slot, finding));
            });
        }
    }
}

impl Rule {
    fn answer(
        &self,
        text: &str,
        scratch: &mut Scratch,
        found: &mut Vec<(usize, usize, usize)>,
    ) -> Answer {
        let known = |keys: &KeyAnswers, key: &str| keys.get(&fold(key.trim(), self.case));
        match &self.search {
            Search::Exact { keys } => known(keys, text).unwrap_or(Answer::NO),
            Search::Pieces { regex, group, keys } => agree(
                regex
                    .captures_iter(text)
                    .filter_map(|captures| known(keys, captures.get(*group)?.as_str())),
            ),
            Search::Occurs { terms, answers } => {
                found.clear();
                terms.find(text, scratch, |at| found.push((at.start, at.end, at.term)));
                keep_longest(found);
                agree(found.iter().map(|&(_, _, key)| answers[key]))
            }
        }
    }
}

impl Rule {
    /// Where keys are in a text.
    fn places(&self, text: &str, mut found: impl FnMut(Option<(usize, usize)>)) {
        let known = |keys: &KeyAnswers, key: &str| keys.get(&fold(key.trim(), self.case));
        match &self.search {
            Search::Exact { keys } => {
                if known(keys, text).is_some() {
                    found(None);
                }
            }
            Search::Pieces { regex, group, keys } => {
                let pieces = regex.captures_iter(text).filter_map(|found| found.get(*group));
                pieces
                    .filter(|piece| known(keys, piece.as_str()).is_some())
                    .for_each(|piece| found(Some((piece.start(), piece.end()))));
            }
            Search::Occurs { terms, .. } => {
                let folded = Folded::new(text, self.case);
                let mut keys = Vec::new();
                terms.find_folded(&folded.text, &mut Scratch::default(), |at| {
                    keys.push((at.start, at.end, at.term));
                });
                keep_longest(&mut keys);
                keys.iter().for_each(|&(start, end, _)| found(Some(folded.original(start, end))));
            }
        }
    }
}

/// Of keys that overlap, leaves the longest; of equally long ones the first.
fn keep_longest(found: &mut Vec<(usize, usize, usize)>) {
    if found.len() < 2 {
        return;
    }
    found.sort_unstable_by_key(|&(start, end, _)| (std::cmp::Reverse(end - start), start));
    // Kept keys in the order of the text: none overlaps another one.
    let mut kept: Vec<(usize, usize, usize)> = Vec::new();
    for &(start, end, key) in found.iter() {
        let at = kept.partition_point(|&(other, _, _)| other < start);
        let free_before = at == 0 || kept[at - 1].1 <= start;
        if free_before && kept.get(at).is_none_or(|&(other, _, _)| end <= other) {
            kept.insert(at, (start, end, key));
        }
    }
    *found = kept;
}

/// What the keys that were found say together: nothing when they name different labels.
fn agree(mut found: impl Iterator<Item = Answer>) -> Answer {
    let Some(first) = found.next() else { return Answer::NO };
    if found.all(|other| other == first) { first } else { Answer::NO }
}
