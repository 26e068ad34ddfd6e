//! `expr`: a comparison over columns, as an expression of CEL (Common Expression Language, <https://cel.dev>).
//!
//! [`syntax`] reads what is written, [`check`] finds the types of everything, so that nothing can be wrong
//! row by row, and [`tree`] is what runs. Numbers are of 64 bits with a fraction, as everywhere in jurat: CEL has
//! whole ones apart. What has no value, such as a missing cell or a division by zero, is unknown.

mod arithmetic;
mod check;
mod comparison;
mod explain;
mod functions;
mod syntax;
mod tree;

use self::check::{Expression, Faults, Type};
use self::tree::Row;
use super::regex::try_build;
use crate::FieldId;
use crate::input::{Batch, FieldKind};
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{Keys, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Voter};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::yaml::{Node, Value};
use serde_json::json;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    written: Located<String>,
    /// Columns of which it is said what they hold.
    declared: Vec<(Located<String>, Type)>,
    /// What it says, or what is wrong with it.
    meaning: Result<Expression, Faults>,
}

impl LfKind for Expr {
    const NAME: &'static str = "expr";
    const SUMMARY: &'static str = "an expression over columns is true";

    fn schema() -> serde_json::Value {
        let what = "An expression of CEL: columns, numbers, texts in quotes, `timestamp(\"2026-01-31\")`; \
                    ==, !=, <, <=, >, >=, +, -, *, /, %, &&, ||, !, in and ? :.";
        let expression = schema::text(what);
        let list = |what: &str| {
            schema::names(&format!(
                "Columns that hold {what}, where the expression does not say it."
            ))
        };
        json!({
            "oneOf": [
                expression,
                schema::map(
                    json!({"where": expression, "numbers": list("numbers"), "texts": list("texts"), "times": list("dates or times")}),
                    &["where"],
                ),
            ],
            "examples": ["length(body) < 40 && stars >= 4"],
        })
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return Some(Self::new(decode(node, problems)?, Vec::new()));
        }
        let lists = [("numbers", Type::Number), ("texts", Type::Text), ("times", Type::Time)];
        let allowed = ["where", "numbers", "texts", "times"];
        let keys = Keys::of(node, "`expr`", &allowed, problems)?;
        let mut declared: Vec<(Located<String>, Type)> = Vec::new();
        for (key, kind) in lists {
            let names: Option<Vec<Located<String>>> = keys.decode(key, problems);
            for name in names.into_iter().flatten() {
                if declared.iter().any(|(known, _)| *known == name) {
                    let message = format!("`{name}` stands in these lists twice");
                    problems.push(Problem::new("duplicate-name", name.place, message));
                }
                declared.push((name, kind));
            }
        }
        let written = keys.require("where", "`expr`", problems)?;
        Some(Self::new(written, declared))
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        let columns = self.meaning.iter().flat_map(|meaning| &meaning.columns);
        columns.map(|column| Some(&column.name)).collect()
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let meanings = group.iter().filter_map(|one| one.body.meaning.as_ref().ok());
        let together = meanings.map(|meaning| meaning.patterns.len()).sum();
        let rules = group.iter().filter_map(|one| one.body.rule(one.slot, together, cx));
        Box::new(Compiled(rules.collect()))
    }
}

impl Expr {
    fn new(written: Located<String>, declared: Vec<(Located<String>, Type)>) -> Self {
        let meaning = match syntax::parse(&written) {
            Ok(syntax) => check::check(&written, &syntax, &declared),
            Err(problem) => Err(Faults { problems: vec![*problem], columns: Vec::new() }),
        };
        Self { written, declared, meaning }
    }

    fn rule(&self, slot: Slot, together: usize, cx: &mut CompileCx<'_>) -> Option<Rule> {
        let columns = match &self.meaning {
            Ok(meaning) => &meaning.columns,
            Err(faults) => {
                for problem in &faults.problems {
                    cx.problem_in(&self.written, problem.clone());
                }
                &faults.columns
            }
        };
        let used = || columns.iter().map(|column| column.name.as_str());
        for (name, _) in &self.declared {
            // An expression that cannot be parsed reads nothing that is known.
            if !columns.is_empty() && used().all(|column| column != name.value) {
                let message = format!("the expression does not read the column `{name}`");
                cx.problem(Problem::new("unknown-name", name.place, message).choices(name, used()));
            }
        }
        let meaning = self.meaning.as_ref().ok()?;
        let fields = meaning.columns.iter().map(|column| {
            let kind = match column.kind {
                Some(Type::Number) => FieldKind::Number,
                // Times and truth values are read as they are written.
                _ => FieldKind::Text,
            };
            cx.field(&column.name, kind)
        });
        let fields = fields.collect();
        let mut patterns = Vec::with_capacity(meaning.patterns.len());
        for pattern in &meaning.patterns {
            match try_build(pattern, "", together, cx) {
                Ok(regex) => patterns.push(regex),
                Err(Some(problem)) => cx.problem_in(&self.written, advised(*problem, pattern)),
                Err(None) => {}
            }
        }
        Some(Rule { slot, truth: meaning.truth.clone(), fields, patterns })
    }
}

/// What is wrong with a pattern, where a quoted text of CEL is what reads its backslashes first.
fn advised(mut problem: Problem, pattern: &str) -> Problem {
    if pattern.contains('\u{8}') {
        "bad pattern: in quotes `\\b` is a backspace".clone_into(&mut problem.message);
        problem.help =
            vec!["after an `r` backslashes are left alone: `r\"\\bword\\b\"`".to_owned()];
    }
    problem
}

struct Rule {
    slot: Slot,
    truth: tree::Truth,
    fields: Vec<FieldId>,
    patterns: Vec<regex::Regex>,
}

impl Rule {
    fn answer(&self, batch: &Batch, row: usize) -> Option<bool> {
        let (fields, patterns) = (&self.fields, &self.patterns);
        self.truth.answer(Row { batch, row, fields, patterns })
    }
}

struct Compiled(Vec<Rule>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for rule in &self.0 {
            for row in 0..batch.n_rows() {
                match rule.answer(batch, row) {
                    Some(true) => answers.set(rule.slot, row, Answer::YES),
                    Some(false) => {}
                    None => answers.set(rule.slot, row, Answer::MISSING),
                }
            }
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        for rule in self.0.iter().filter(|rule| rule.answer(batch, row) == Some(true)) {
            let there = |field: &&FieldId| batch.column(**field).is_some_and(|c| c.is_valid(row));
            for field in rule.fields.iter().filter(there) {
                found(
                    rule.slot,
                    Finding { field: *field, place: None, in_spec: false, is_term: false },
                );
            }
        }
    }
}
