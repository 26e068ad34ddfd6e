//! The functions of expressions, and what they take and give.

use super::check::{Checker, Type};
use super::syntax::{Node, Syntax};
use super::tree::{Number, Part, Text, Ticks, Truth, Value};
use crate::lf::error::Problem;
use crate::lf::place::{Located, Place};
use crate::time::{DAY, HOUR, instant, span};

/// The name of each function, what it takes, and how it is written.
const FUNCTIONS: [(&str, &[Type], Type, &str); 27] = {
    use Type::{Number, Span, Text, Time, Truth};
    [
        ("length", &[Text], Number, "length(body)"),
        ("size", &[Text], Number, "size(body)"),
        ("contains", &[Text, Text], Truth, "body.contains(\"refund\")"),
        ("startsWith", &[Text, Text], Truth, "body.startsWith(\"Re:\")"),
        ("endsWith", &[Text, Text], Truth, "body.endsWith(\"?\")"),
        ("matches", &[Text, Text], Truth, "body.matches(r\"\\d+\")"),
        ("lowerAscii", &[Text], Text, "name.lowerAscii()"),
        ("upperAscii", &[Text], Text, "name.upperAscii()"),
        ("trim", &[Text], Text, "name.trim()"),
        ("timestamp", &[Time], Time, "timestamp(\"2026-01-31\")"),
        ("date", &[Time], Time, "date(\"2026-01-31\")"),
        ("duration", &[Span], Span, "duration(\"36h\")"),
        ("days", &[Span], Number, "days(returned - sold)"),
        ("hours", &[Span], Number, "hours(returned - sold)"),
        ("abs", &[Number], Number, "abs(balance)"),
        ("int", &[Number], Number, "int(price)"),
        ("double", &[Number], Number, "double(price)"),
        ("string", &[Text], Text, "string(code)"),
        ("getFullYear", &[Time], Number, "created.getFullYear()"),
        ("getMonth", &[Time], Number, "created.getMonth()"),
        ("getDate", &[Time], Number, "created.getDate()"),
        ("getDayOfMonth", &[Time], Number, "created.getDayOfMonth()"),
        ("getDayOfWeek", &[Time], Number, "created.getDayOfWeek()"),
        ("getDayOfYear", &[Time], Number, "created.getDayOfYear()"),
        ("getHours", &[Time], Number, "created.getHours()"),
        ("getMinutes", &[Time], Number, "created.getMinutes()"),
        ("getSeconds", &[Time], Number, "created.getSeconds()"),
    ]
};

/// What a function gives; `None` where there is no such one.
pub(super) fn result(name: &str) -> Option<Type> {
    FUNCTIONS.iter().find(|(known, ..)| *known == name).map(|(_, _, gives, _)| *gives)
}

/// The value of a call.
pub(super) fn value(
    name: Located<&str>,
    args: &[Syntax],
    place: Place,
    checker: &mut Checker<'_>,
) -> Option<Value> {
    let Some((_, takes, _, written)) = FUNCTIONS.iter().find(|(known, ..)| *known == name.value)
    else {
        checker.problem(|| {
            let message = format!("there is no function `{name}`");
            let problem = Problem::new("unknown-function", name.place, message);
            if name.value == "now" {
                let help = "votes do not depend on when they are cast: write `timestamp(\"2026-06-30\")`, or a column";
                return problem.help(help);
            }
            problem.choices(name.value, FUNCTIONS.iter().map(|(known, ..)| *known))
        });
        for arg in args {
            let known = checker.known(arg);
            if known.is_some() {
                checker.value(arg, known);
            }
        }
        return None;
    };
    if args.len() != takes.len() {
        let message = format!("`{name}` is written `{written}`");
        checker.wrong(place, &message, "");
        return None;
    }
    // What stands in quotes after `timestamp` and `duration` is no text but what it stands for.
    if let ([Syntax { node: Node::Text(text), place }], "timestamp" | "date" | "duration") =
        (args, name.value)
    {
        return literal(name.value, text, *place, checker);
    }
    let values: Vec<Option<Value>> =
        args.iter().zip(*takes).map(|(arg, kind)| checker.value(arg, Some(*kind))).collect();
    let mut values = values.into_iter();
    let first = values.next()??;
    Some(match (first, values.next()) {
        (Value::Text(text), Some(second)) => {
            let Some(Value::Text(second)) = second else { return None };
            Value::Truth(search(name.value, text, second, &args[1], checker)?)
        }
        (Value::Text(text), None) => {
            let text = Box::new(text);
            match name.value {
                "length" | "size" => Value::Number(Number::Length(text)),
                "lowerAscii" => Value::Text(Text::Lower(text)),
                "upperAscii" => Value::Text(Text::Upper(text)),
                "trim" => Value::Text(Text::Trimmed(text)),
                _ => Value::Text(*text),
            }
        }
        (Value::Number(number), _) => Value::Number(match name.value {
            "abs" => Number::Absolute(Box::new(number)),
            "int" => Number::Whole(Box::new(number)),
            _ => number,
        }),
        (Value::Span(ticks), _) => match name.value {
            "days" => Value::Number(Number::Units(Box::new(ticks), DAY)),
            "hours" => Value::Number(Number::Units(Box::new(ticks), HOUR)),
            _ => Value::Span(ticks),
        },
        (Value::Time(ticks), _) => {
            let part = match name.value {
                "getFullYear" => Part::Year,
                "getMonth" => Part::Month,
                "getDate" => Part::Date,
                "getDayOfMonth" => Part::DayOfMonth,
                "getDayOfWeek" => Part::DayOfWeek,
                "getDayOfYear" => Part::DayOfYear,
                "getHours" => Part::Hours,
                "getMinutes" => Part::Minutes,
                "getSeconds" => Part::Seconds,
                _ => return Some(Value::Time(ticks)),
            };
            Value::Number(Number::Part(part, Box::new(ticks)))
        }
        (Value::Truth(_), _) => return None,
    })
}

/// What is looked for in a text.
fn search(
    name: &str,
    text: Text,
    sought: Text,
    written: &Syntax,
    checker: &mut Checker<'_>,
) -> Option<Truth> {
    Some(match (name, sought) {
        ("matches", Text::Literal(pattern)) => {
            let pattern = checker.pattern(&pattern, written.place);
            Truth::Matches(Box::new(text), pattern)
        }
        ("matches", _) => {
            let message = "a pattern stands in quotes, so that it can be checked";
            checker.wrong(written.place, message, "for example `body.matches(r\"\\d+\")`");
            return None;
        }
        ("startsWith", sought) => Truth::StartsWith(Box::new((text, sought))),
        ("endsWith", sought) => Truth::EndsWith(Box::new((text, sought))),
        (_, sought) => Truth::Contains(Box::new((text, sought))),
    })
}

/// A time or a span of time in quotes.
fn literal(name: &str, text: &str, place: Place, checker: &mut Checker<'_>) -> Option<Value> {
    let (value, what, help) = if name == "duration" {
        let help = "numbers with w, d, h, m, s, ms or us: `30d`, `36h`, `1h30m`";
        (span(text).map(|at| Value::Span(Ticks::Literal(at))), "span of time", help)
    } else {
        let help = "ISO 8601: `2026-01-31`, `2026-01-31T23:15:00Z`, `2026-01-31 23:15`";
        (instant(text).map(|at| Value::Time(Ticks::Literal(at))), "date or time", help)
    };
    if value.is_none() {
        checker.problem(|| {
            let message = format!("`{}` is no {what}", text.escape_debug());
            Problem::new("value", place, message).help(help)
        });
    }
    value
}
