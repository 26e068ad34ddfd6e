//! Types: what each part of an expression is, and so what each column holds.
//!
//! The type of a column follows from how it is used. Expressions are gone through until no use says anything
//! new, and then once more for what does not fit. What comes out is the [tree](super::tree) that runs.

use super::functions;
use super::syntax::{Node, Syntax};
use super::tree::{Number, Text, Ticks, Truth, Value};
use crate::lf::error::Problem;
use crate::lf::place::{Located, Place};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Text,
    Time,
    Span,
    Truth,
}

impl Type {
    /// With its article, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Span => "a span of time",
            Self::Truth => "true or false",
        }
    }
}

impl Value {
    fn kind(&self) -> Type {
        match self {
            Self::Number(_) => Type::Number,
            Self::Text(_) => Type::Text,
            Self::Time(_) => Type::Time,
            Self::Span(_) => Type::Span,
            Self::Truth(_) => Type::Truth,
        }
    }
}

/// A column that an expression reads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: Located<String>,
    pub(super) kind: Option<Type>,
    /// Where that is from, in words.
    because: String,
}

/// An expression that has been understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expression {
    pub(super) truth: Truth,
    pub(super) columns: Vec<Column>,
    /// Patterns with their places in the expression, for [`Truth::Matches`].
    pub(super) patterns: Vec<Located<String>>,
}

/// Finds the types of an expression and makes what runs; of `declared` columns the types are said elsewhere.
pub(super) fn check(
    text: &str,
    syntax: &Syntax,
    declared: &[(Located<String>, Type)],
) -> Result<Expression, Faults> {
    let mut checker = Checker {
        text,
        declared,
        columns: Vec::new(),
        patterns: Vec::new(),
        problems: Vec::new(),
        around: syntax.place,
        last: false,
        learned: true,
    };
    while std::mem::take(&mut checker.learned) {
        checker.value(syntax, Some(Type::Truth));
    }
    checker.last = true;
    checker.patterns.clear();
    let value = checker.value(syntax, Some(Type::Truth));
    if checker.columns.is_empty() && checker.problems.is_empty() {
        let help = "names without quotes are columns: `stars >= 4`";
        checker.wrong(syntax.place, "this expression reads no column", help);
    }
    let Checker { columns, patterns, mut problems, .. } = checker;
    match value {
        Some(Value::Truth(truth)) if problems.is_empty() => {
            Ok(Expression { truth, columns, patterns })
        }
        _ => {
            if problems.is_empty() {
                problems.push(undecided(syntax.place, "column"));
            }
            Err(Faults { problems, columns })
        }
    }
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Faults {
    /// With their places in the expression.
    pub(super) problems: Vec<Problem>,
    /// The columns that it reads all the same.
    pub(super) columns: Vec<Column>,
}

/// Nothing says of what type something is.
pub(super) fn undecided(place: Place, column: &str) -> Problem {
    let message = "nothing here says whether this is about numbers, texts or times";
    Problem::new("expr-type", place, message).help(format!(
        "list the columns: `expr: {{where: …, numbers: [{column}]}}`; there are `numbers`, `texts` and `times`"
    ))
}

pub(super) struct Checker<'a> {
    text: &'a str,
    declared: &'a [(Located<String>, Type)],
    columns: Vec<Column>,
    patterns: Vec<Located<String>>,
    pub(super) problems: Vec<Problem>,
    /// What is gone through, to say what made a column what it is.
    around: Place,
    /// Whether nothing more will be known, so that what is still open is wrong.
    pub(super) last: bool,
    /// Whether a type was found.
    learned: bool,
}

impl Checker<'_> {
    /// Notes a problem, unless it may still dissolve.
    pub(super) fn problem(&mut self, problem: impl FnOnce() -> Problem) {
        if self.last {
            self.problems.push(problem());
        }
    }

    pub(super) fn wrong(&mut self, place: Place, message: &str, help: &str) {
        self.problem(|| {
            let problem = Problem::new("expr-type", place, message);
            if help.is_empty() { problem } else { problem.help(help) }
        });
    }

    /// The number of a pattern.
    pub(super) fn pattern(&mut self, pattern: &str, place: Place) -> usize {
        self.patterns.push(Located::new(pattern.to_owned(), place));
        self.patterns.len() - 1
    }

    /// The words of a place.
    fn words(&self, place: Place) -> String {
        let text = self.text.get(place.start..place.end).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        const LONGEST: usize = 40;
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    /// The type of a column that is said elsewhere.
    fn declared(&self, name: &str) -> Option<Type> {
        let found = self.declared.iter().find(|(known, _)| known.value == name);
        found.map(|(_, kind)| *kind)
    }

    /// The type of a part as far as it is known, without a look at how it is used.
    pub(super) fn known(&self, syntax: &Syntax) -> Option<Type> {
        match &syntax.node {
            Node::Null | Node::List(_) => None,
            Node::Number(_) => Some(Type::Number),
            Node::Text(_) => Some(Type::Text),
            Node::Column(name) => {
                let met = self.columns.iter().find(|column| column.name.value == *name);
                met.map_or_else(|| self.declared(name), |column| column.kind)
            }
            Node::Truth(_)
            | Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Compare(..)
            | Node::In(_) => Some(Type::Truth),
            Node::Negate(part) => self.known(part),
            Node::Choose(parts) => self.known(&parts[1]).or_else(|| self.known(&parts[2])),
            Node::Calculate(calculation, two) => {
                let results = self.calculations(*calculation, two, None);
                let (_, _, first) = results.first()?;
                results.iter().all(|(_, _, result)| result == first).then_some(*first)
            }
            Node::Call(name, ..) => functions::result(name),
        }
    }

    /// The value of a part, of a wanted type if any; `None` while that is not known, or when it is wrong.
    pub(super) fn value(&mut self, syntax: &Syntax, want: Option<Type>) -> Option<Value> {
        let place = syntax.place;
        let value = match &syntax.node {
            Node::Null => {
                let help = "a missing cell is found with `column == null`";
                self.wrong(place, "`null` is compared with `==` or `!=` only", help);
                return None;
            }
            Node::List(_) => {
                self.wrong(place, "a list stands only after `in`", "for example `stars in [1, 2]`");
                return None;
            }
            Node::Truth(truth) => Value::Truth(Truth::Literal(*truth)),
            Node::Number(number) => Value::Number(Number::Literal(*number)),
            Node::Text(text) => Value::Text(Text::Literal(text.clone())),
            Node::Column(name) => return self.column(name, place, want),
            Node::Not(part) => Value::Truth(Truth::Not(Box::new(self.truth(part)?))),
            Node::And(two) => Value::Truth(Truth::And(self.truths(two)?)),
            Node::Or(two) => Value::Truth(Truth::Or(self.truths(two)?)),
            Node::Negate(part) => match self.inside(place, |this| this.value(part, want))? {
                Value::Number(number) => Value::Number(Number::Negative(Box::new(number))),
                Value::Span(ticks) => Value::Span(Ticks::Negative(Box::new(ticks))),
                other => {
                    let message = format!("`-` does not go with {}", other.kind().name());
                    self.wrong(place, &message, "");
                    return None;
                }
            },
            Node::Choose(parts) => self.inside(place, |this| this.choose(parts, want))?,
            Node::Compare(order, two) => {
                Value::Truth(self.inside(place, |this| this.compare(*order, two, place))?)
            }
            Node::In(two) => Value::Truth(self.inside(place, |this| this.is_in(two))?),
            Node::Calculate(calculation, two) => {
                self.inside(place, |this| this.calculate(*calculation, two, place, want))?
            }
            Node::Call(name, at, args) => self.inside(place, |this| {
                functions::value(Located::new(name.as_str(), *at), args, place, this)
            })?,
        };
        match want {
            Some(want) if want != value.kind() => {
                let message =
                    format!("this is {}, and {} is needed", value.kind().name(), want.name());
                let help = match (value.kind(), want) {
                    (Type::Text, Type::Time) => "a date is written `timestamp(\"2026-01-31\")`",
                    (Type::Text, Type::Span) => "a span of time is written `duration(\"36h\")`",
                    (Type::Number, Type::Span) => {
                        "a span of time is written `duration(\"36h\")`, and in days it is `days(a - b)`"
                    }
                    (Type::Span, Type::Time) => "`hours(a - b)` is a span of time as a number",
                    (Type::Span, Type::Number) => "`days(a - b)` is a span of time as a number",
                    (Type::Text, Type::Number) => "numbers have no quotes",
                    (Type::Truth, _) => "comparisons are joined with `&&`: `1 < a && a < 5`",
                    (_, Type::Truth) => "compare it with something: `stars >= 4`",
                    _ => "",
                };
                self.wrong(place, &message, help);
                None
            }
            _ => Some(value),
        }
    }

    /// Goes into a part that says what columns in it are.
    fn inside<T>(&mut self, place: Place, go: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.around, place);
        let value = go(self);
        self.around = around;
        value
    }

    fn truth(&mut self, syntax: &Syntax) -> Option<Truth> {
        match self.value(syntax, Some(Type::Truth))? {
            Value::Truth(truth) => Some(truth),
            _ => None,
        }
    }

    /// Both are gone through, even after one that is wrong.
    fn truths(&mut self, two: &[Syntax; 2]) -> Option<Box<(Truth, Truth)>> {
        let (a, b) = (self.truth(&two[0]), self.truth(&two[1]));
        Some(Box::new((a?, b?)))
    }

    fn choose(&mut self, parts: &[Syntax; 3], want: Option<Type>) -> Option<Value> {
        let condition = self.truth(&parts[0]);
        let both = self.both(&parts[1], &parts[2], want);
        let (condition, (a, b)) = (condition?, both?);
        Some(match (a, b) {
            (Value::Number(a), Value::Number(b)) => {
                Value::Number(Number::Chosen(Box::new((condition, a, b))))
            }
            (Value::Text(a), Value::Text(b)) => {
                Value::Text(Text::Chosen(Box::new((condition, a, b))))
            }
            (Value::Time(a), Value::Time(b)) => {
                Value::Time(Ticks::Chosen(Box::new((condition, a, b))))
            }
            (Value::Span(a), Value::Span(b)) => {
                Value::Span(Ticks::Chosen(Box::new((condition, a, b))))
            }
            (Value::Truth(a), Value::Truth(b)) => {
                Value::Truth(Truth::Chosen(Box::new((condition, a, b))))
            }
            _ => return None,
        })
    }

    /// A column as what is wanted of it.
    fn column(&mut self, name: &str, place: Place, want: Option<Type>) -> Option<Value> {
        let known = self.columns.iter().position(|column| column.name.value == name);
        let index = known.unwrap_or_else(|| {
            let name = Located::new(name.to_owned(), place);
            let kind = self.declared(&name);
            let because = "by the list that it stands in".to_owned();
            self.columns.push(Column { name, kind, because });
            self.columns.len() - 1
        });
        let because = format!("in `{}`", self.words(self.around));
        let column = &mut self.columns[index];
        match (column.kind, want) {
            (None, Some(Type::Span)) => {
                let message = format!("no column holds a span of time, and `{name}` is one");
                self.wrong(place, &message, "as days it is `days(a - b)`, a number");
                return None;
            }
            (None, Some(want)) => {
                (column.kind, column.because, self.learned) = (Some(want), because, true);
            }
            (None, None) => return None,
            (Some(kind), Some(want)) if kind != want => {
                let message = format!(
                    "`{name}` is used as two types: as {} {}, and as {} {because}",
                    kind.name(),
                    column.because,
                    want.name(),
                );
                let help = match (kind, want) {
                    (Type::Time, Type::Text) | (Type::Text, Type::Time) => {
                        "a date is written `timestamp(\"2026-01-31\")`"
                    }
                    (Type::Number, Type::Text) | (Type::Text, Type::Number) => {
                        "texts stand in quotes, numbers do not"
                    }
                    (_, Type::Span) => "two times have a span of time between them: `a - b`",
                    _ => "",
                };
                self.wrong(place, &message, help);
                return None;
            }
            (Some(_), _) => {}
        }
        Some(match self.columns[index].kind? {
            Type::Number => Value::Number(Number::Column(index)),
            Type::Text => Value::Text(Text::Column(index)),
            Type::Time => Value::Time(Ticks::Column(index)),
            Type::Truth => Value::Truth(Truth::Column(index)),
            Type::Span => return None,
        })
    }
}
