//! `keyword`: words or phrases that occur in a text.
//!
//! All keyword conditions of a field with the same case rule share one table of terms, so that a text
//! is scanned once for all of them.

use crate::FieldId;
use crate::input::Batch;
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{Keys, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Voter, exactly_one};
use crate::lf::lint::{Fix, Lint};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::terms::{Scratch, Terms};
use crate::lf::text::{Case, Folded, fold};
use crate::lf::yaml::{Node, Value};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Keyword {
    terms: Vec<Located<String>>,
    every: bool,
    field: Option<Located<String>>,
    word: bool,
    case: Case,
    min_count: u32,
}

/// Letters or words of the pieces of a term that are looked for among the others.
const MOST_PIECE: usize = 30;

const KEYS: [&str; 6] = ["any", "all", "field", "word", "case", "min_count"];

impl LfKind for Keyword {
    const NAME: &'static str = "keyword";
    const SUMMARY: &'static str = "words or phrases occur in a text";

    fn schema() -> serde_json::Value {
        let form = |key: &str| {
            let mut properties = json!({
                "field": schema::column("Where to look; by default the text column of `input`."),
                "word": schema::truth("Whole words (the default), or any part of the text."),
                "case": schema::choice("Whether letters of different case are the same.", &["insensitive", "sensitive"]),
            });
            let counts = json!({
                "type": "integer", "minimum": 1, "maximum": 1_000_000,
                "description": "At least so many occurrences, of all keywords together.",
            });
            let what = if key == "any" { "One of these occurs." } else { "Each of these occurs." };
            properties[key] = schema::names(what);
            if key == "any" {
                properties["min_count"] = counts;
            }
            schema::map(properties, &[key])
        };
        let list = schema::names("Words or phrases, one of which occurs.");
        json!({"oneOf": [list, form("any"), form("all")], "examples": [["chest pain", "angina"]]})
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::List(_) = node.value {
            let terms = decode(node, problems)?;
            let (field, word, case) = (None, true, Case::default());
            return Self { terms, every: false, field, word, case, min_count: 1 }
                .checked(node, problems);
        }
        if let Value::Scalar(word, _) = &node.value {
            let message = format!("`keyword` must be a list or a map, this is {}", node.describe());
            let problem = Problem::new("type", node.place, message);
            problems.push(problem.help(format!("write `keyword: [{word}]`")));
            return None;
        }
        let keys = Keys::of(node, "`keyword`", &KEYS, problems)?;
        let form = exactly_one(&keys, "`keyword`", ["any", "all"], problems);
        let min_count: Option<Located<u64>> = keys.decode("min_count", problems);
        if let Some(min_count) = &min_count
            && (form == Some(1) || !(1..=1_000_000).contains(&min_count.value))
        {
            let message = "`min_count` is a whole number from 1 on, and goes with `any`";
            problems.push(Problem::new("value", min_count.place, message));
        }
        let field = keys.decode("field", problems);
        let word = keys.decode("word", problems).unwrap_or(true);
        let case = keys.decode("case", problems).unwrap_or_default();
        let every = form? == 1;
        let (_, list) = keys.get(if every { "all" } else { "any" })?;
        let terms = decode(list, problems)?;
        let min_count = min_count.map_or(1, |count| count.value.min(1_000_000) as u32);
        Self { terms, every, field, word, case, min_count }.checked(list, problems)
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        vec![self.field.as_ref()]
    }

    /// Whole lists are compared: fewer words that may occur, or more words that must, imply others.
    fn implies(&self, other: &Self) -> bool {
        let alike = self.field == other.field && self.case == other.case && self.word == other.word;
        let (mine, others) = (self.folded(), other.folded());
        alike
            && match (self.every, other.every) {
                (false, false) => mine.is_subset(&others) && self.min_count >= other.min_count,
                (true, true) => others.is_subset(&mine),
                (true, false) => other.min_count == 1 && !mine.is_disjoint(&others),
                (false, true) => mine.len() == 1 && mine == others,
            }
    }

    fn terms(&self) -> (Vec<String>, bool) {
        (self.folded().into_iter().collect(), self.every)
    }

    fn lint(&self, found: &mut Vec<Lint>) {
        let mut seen: BTreeMap<String, &Located<String>> = BTreeMap::new();
        for term in &self.terms {
            let folded = fold(term, self.case).into_owned();
            if let Some(first) = seen.get(&folded) {
                let message = match first.value == term.value {
                    true => format!("the keyword `{term}` stands here twice"),
                    false => format!("the keyword `{term}` is the same as `{first}`"),
                };
                let problem = Problem::new("repeated-keyword", term.place, message);
                let problem = problem.label("the second one").help("remove one of the two");
                found.push(Lint::new(problem).fix(Fix::RemoveElement(term.place)));
            } else {
                seen.insert(folded, term);
            }
        }
        // Where one word is enough, a phrase with that word in it adds nothing.
        if self.every || self.min_count > 1 {
            return;
        }
        for (folded, term) in &seen {
            let Some(inner) = self.shadow(folded, &seen) else { continue };
            let message = format!("the keyword `{term}` adds nothing: `{inner}` occurs in it");
            let problem = Problem::new("shadowed-keyword", term.place, message);
            let help = format!("remove it, or make `{inner}` narrower");
            found.push(Lint::new(problem.help(help)).fix(Fix::RemoveElement(term.place)));
        }
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let mut scanners: BTreeMap<(FieldId, Case), ScannerBuilder> = BTreeMap::new();
        for one in group {
            let field = cx.text_field(one.body.field.as_ref());
            scanners.entry((field, one.body.case)).or_default().add(one.body, one.slot);
        }
        let mut built = Vec::new();
        for ((field, case), builder) in scanners {
            let terms = builder.terms.iter().map(|(term, whole)| (term.as_str(), *whole));
            match Terms::new(case, terms) {
                Ok(terms) => built.push(Scanner {
                    field,
                    case,
                    terms,
                    ends: ends(&builder.users),
                    users: builder.users.concat(),
                    lists: builder.lists,
                }),
                Err(error) => {
                    let place = group.first().map_or_else(Default::default, |one| one.place);
                    let message = format!("too many or too long keywords: {error}");
                    cx.problem(Problem::new("too-large", place, message));
                }
            }
        }
        Box::new(Compiled(built))
    }
}

impl Keyword {
    /// Its terms as texts are compared with them.
    fn folded(&self) -> BTreeSet<String> {
        self.terms.iter().map(|term| fold(term, self.case).into_owned()).collect()
    }

    /// Another of the terms that occurs wherever `term` does.
    fn shadow<'t>(
        &self,
        term: &str,
        terms: &BTreeMap<String, &'t Located<String>>,
    ) -> Option<&'t Located<String>> {
        if !self.word {
            let pieces = term.char_indices().flat_map(|(start, _)| {
                let ends =
                    term[start..].char_indices().map(move |(at, c)| start + at + c.len_utf8());
                ends.take(MOST_PIECE).map(move |end| &term[start..end])
            });
            return pieces
                .filter(|piece| *piece != term)
                .find_map(|piece| terms.get(piece))
                .copied();
        }
        // Words of ASCII letters and single blanks between them: where words begin and end is plain.
        let plain = |text: &str| {
            text.split(' ').all(|word| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
        };
        let words: Vec<&str> = term.split(' ').collect();
        if words.len() < 2 || !plain(term) {
            return None;
        }
        let runs = (0..words.len()).flat_map(|start| {
            let words = &words;
            (start + 1..=words.len().min(start + MOST_PIECE))
                .map(move |end| words[start..end].join(" "))
        });
        runs.filter(|run| run != term).find_map(|run| terms.get(&run)).copied()
    }

    fn checked(self, list: &Node, problems: &mut Problems) -> Option<Self> {
        if self.terms.is_empty() {
            let problem =
                Problem::new("empty-list", list.place, "a list of keywords must not be empty");
            problems.push(problem.help("remove the condition, or give at least one keyword"));
            return None;
        }
        for term in self.terms.iter().filter(|term| term.trim().is_empty()) {
            let message = "a keyword must not be empty or white space only";
            problems.push(Problem::new("empty-keyword", term.place, message));
        }
        Some(self)
    }
}

/// One list of keywords.
struct List {
    slot: Slot,
    /// Occurrences wanted, or for `all` the number of different keywords.
    wanted: u32,
    every: bool,
}

/// Which list wants a term, and as its how-manieth keyword.
#[derive(Clone, Copy)]
struct User {
    list: u32,
    /// [`ENOUGH`] where the term alone is enough.
    term: u32,
}

const ENOUGH: u32 = u32::MAX;

#[derive(Default)]
struct ScannerBuilder {
    number: BTreeMap<(String, bool), usize>,
    /// Each term, and whether it must be whole words.
    terms: Vec<(String, bool)>,
    users: Vec<Vec<User>>,
    lists: Vec<List>,
}

impl ScannerBuilder {
    fn add(&mut self, body: &Keyword, slot: Slot) {
        let mut terms: Vec<String> =
            body.terms.iter().map(|term| fold(term, body.case).into_owned()).collect();
        terms.sort_unstable();
        terms.dedup();
        let list = self.lists.len();
        let wanted = if body.every { terms.len() as u32 } else { body.min_count };
        self.lists.push(List { slot, wanted, every: body.every });
        for (at, term) in terms.into_iter().enumerate() {
            let term = (term, body.word);
            let number = *self.number.entry(term.clone()).or_insert_with(|| {
                self.terms.push(term);
                self.users.push(Vec::new());
                self.terms.len() - 1
            });
            let term = if wanted == 1 { ENOUGH } else { at as u32 };
            self.users[number].push(User { list: list as u32, term });
        }
    }
}

/// All keyword lists of one field and case rule.
struct Scanner {
    field: FieldId,
    case: Case,
    terms: Terms,
    /// Who wants each term: those up to its end, from where the term before ends.
    users: Vec<User>,
    ends: Vec<usize>,
    lists: Vec<List>,
}

struct Compiled(Vec<Scanner>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for scanner in &self.0 {
            scanner.vote(batch, answers);
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        let mut scratch = Scratch::default();
        for scanner in &self.0 {
            let Scanner { field, case, terms, lists, .. } = scanner;
            let Some(text) = batch.text(*field, row) else { continue };
            let folded = Folded::new(text, *case);
            terms.find_folded(&folded.text, &mut scratch, |term| {
                let place = Some(folded.original(term.start, term.end));
                let finding = Finding { field: *field, place, in_spec: true, is_term: true };
                for user in scanner.users_of(term.term) {
                    found(lists[user.list as usize].slot, finding);
                }
            });
        }
    }
}

fn ends(users: &[Vec<User>]) -> Vec<usize> {
    let mut end = 0;
    users
        .iter()
        .map(|users| {
            end += users.len();
            end
        })
        .collect()
}

impl Scanner {
    fn users_of(&self, term: usize) -> &[User] {
        let start = if term == 0 { 0 } else { self.ends[term - 1] };
        &self.users[start..self.ends[term]]
    }

    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        let mut scratch = Scratch::default();
        let mut holds = Marks::new(self.lists.len());
        let mut counts = vec![0_u32; self.lists.len()];
        let mut touched: Vec<usize> = Vec::new();
        // For `all`: the (list, term) pairs met in this row.
        let mut met: BTreeSet<(usize, u32)> = BTreeSet::new();
        for row in 0..batch.n_rows() {
            let Some(text) = batch.text(self.field, row) else {
                for list in &self.lists {
                    answers.set(list.slot, row, Answer::MISSING);
                }
                continue;
            };
            self.terms.find(text, &mut scratch, |found| {
                for user in self.users_of(found.term) {
                    let list = user.list as usize;
                    if user.term == ENOUGH {
                        holds.set(list);
                        continue;
                    }
                    if self.lists[list].every && !met.insert((list, user.term)) {
                        continue;
                    }
                    if counts[list] == 0 {
                        touched.push(list);
                    }
                    counts[list] += 1;
                }
            });
            for list in touched.drain(..) {
                if counts[list] >= self.lists[list].wanted {
                    holds.set(list);
                }
                counts[list] = 0;
            }
            met.clear();
            holds.drain(|list| answers.set(self.lists[list].slot, row, Answer::YES));
        }
    }
}

/// Which of many lists hold on a row; handed out in order, so that votes need no sorting.
struct Marks {
    bits: Vec<u64>,
    /// Which of the words above have bits.
    used: Vec<u64>,
}

impl Marks {
    fn new(n: usize) -> Self {
        let words = n.div_ceil(64);
        Self { bits: vec![0; words], used: vec![0; words.div_ceil(64)] }
    }

    fn set(&mut self, at: usize) {
        let word = at / 64;
        self.bits[word] |= 1 << (at % 64);
        self.used[word / 64] |= 1 << (word % 64);
    }

    /// Hands out all marks, ascending, and takes them away.
    fn drain(&mut self, mut mark: impl FnMut(usize)) {
        for (group, used) in self.used.iter_mut().enumerate() {
            while *used != 0 {
                let word = group * 64 + used.trailing_zeros() as usize;
                *used &= *used - 1;
                let mut bits = std::mem::take(&mut self.bits[word]);
                while bits != 0 {
                    mark(word * 64 + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_in_order_and_only_once() {
        let mut marks = Marks::new(10_000);
        let set = [9_999, 0, 63, 64, 4_095, 4_096, 64, 5_000];
        for _ in 0..2 {
            set.iter().for_each(|&at| marks.set(at));
            let mut found = Vec::new();
            marks.drain(|at| found.push(at));
            assert_eq!(found, [0, 63, 64, 4_095, 4_096, 5_000, 9_999]);
        }
        marks.drain(|at| panic!("{at} is still there"));
    }
}
