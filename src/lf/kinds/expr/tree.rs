//! Expressions as they run: a tree for each type, so that nothing is left to find out row by row.
//!
//! Everything may be unknown, `None`: a cell that is missing, and whatever is made of one.

use super::syntax::{Calculation, Order};
use crate::FieldId;
use crate::input::Batch;
use crate::time::{DAY, HOUR, date, days, instant};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A row with what expressions need to read it.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) batch: &'a Batch,
    pub(super) row: usize,
    /// The field of each column of the expression.
    pub(super) fields: &'a [FieldId],
    pub(super) patterns: &'a [regex::Regex],
}

impl<'a> Row<'a> {
    fn text(self, column: usize) -> Option<&'a str> {
        self.batch.text(*self.fields.get(column)?, self.row)
    }
}

/// Something of two parts.
type Two<T> = Box<(T, T)>;

/// What it is where something holds, and what it is else.
type Choice<T> = Box<(Truth, T, T)>;

fn chosen<'t, T>(choice: &'t (Truth, T, T), row: Row<'_>) -> Option<&'t T> {
    Some(if choice.0.answer(row)? { &choice.1 } else { &choice.2 })
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Literal(f64),
    Column(usize),
    Negative(Box<Number>),
    Absolute(Box<Number>),
    /// Without what is after the point.
    Whole(Box<Number>),
    Calculated(Calculation, Two<Number>),
    /// The characters of a text.
    Length(Box<Text>),
    /// A span of time in this unit, whole or not.
    Units(Box<Ticks>, i64),
    Part(Part, Box<Ticks>),
    Chosen(Choice<Number>),
}

impl Number {
    pub(super) fn value(&self, row: Row<'_>) -> Option<f64> {
        Some(match self {
            Self::Literal(number) => *number,
            Self::Column(column) => return row.batch.number(*row.fields.get(*column)?, row.row),
            Self::Negative(number) => -number.value(row)?,
            Self::Absolute(number) => number.value(row)?.abs(),
            Self::Whole(number) => number.value(row)?.trunc(),
            Self::Calculated(calculation, two) => {
                let (a, b) = (two.0.value(row)?, two.1.value(row)?);
                let result = match calculation {
                    Calculation::Add => a + b,
                    Calculation::Subtract => a - b,
                    Calculation::Multiply => a * b,
                    Calculation::Divide => a / b,
                    Calculation::Remainder => a % b,
                };
                // Divided by zero, or beyond all numbers: nobody knows what it is.
                return Some(result).filter(|number| number.is_finite());
            }
            Self::Length(text) => match text.value(row)? {
                text if text.is_ascii() => text.len() as f64,
                text => text.chars().count() as f64,
            },
            Self::Units(ticks, unit) => ticks.value(row)? as f64 / *unit as f64,
            Self::Part(part, ticks) => part.of(ticks.value(row)?) as f64,
            Self::Chosen(choice) => return chosen(choice, row)?.value(row),
        })
    }
}

/// A part of a time, counted as in CEL, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    /// From 0.
    Month,
    /// Of the month, from 1.
    Date,
    /// Of the month, from 0.
    DayOfMonth,
    /// From 0, a Sunday.
    DayOfWeek,
    /// From 0.
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
}

impl Part {
    fn of(self, instant: i64) -> i64 {
        let day = instant.div_euclid(DAY);
        let of_day = instant.rem_euclid(DAY);
        let (year, month, of_month) = date(day);
        match self {
            Self::Year => year,
            Self::Month => month - 1,
            Self::Date => of_month,
            Self::DayOfMonth => of_month - 1,
            // The first of January 1970 was a Thursday.
            Self::DayOfWeek => (day + 4).rem_euclid(7),
            Self::DayOfYear => day - days(year, 1, 1),
            Self::Hours => of_day / HOUR,
            Self::Minutes => of_day / (HOUR / 60) % 60,
            Self::Seconds => of_day / 1_000_000 % 60,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Literal(String),
    Column(usize),
    Joined(Two<Text>),
    Trimmed(Box<Text>),
    Lower(Box<Text>),
    Upper(Box<Text>),
    Chosen(Choice<Text>),
}

impl Text {
    pub(super) fn value<'r>(&'r self, row: Row<'r>) -> Option<Cow<'r, str>> {
        Some(match self {
            Self::Literal(text) => text.as_str().into(),
            Self::Column(column) => row.text(*column)?.into(),
            Self::Joined(two) => {
                let mut joined = two.0.value(row)?.into_owned();
                joined += &two.1.value(row)?;
                joined.into()
            }
            Self::Trimmed(text) => match text.value(row)? {
                Cow::Borrowed(text) => text.trim().into(),
                Cow::Owned(text) => text.trim().to_owned().into(),
            },
            Self::Lower(text) => text.value(row)?.to_ascii_lowercase().into(),
            Self::Upper(text) => text.value(row)?.to_ascii_uppercase().into(),
            Self::Chosen(choice) => return chosen(choice, row)?.value(row),
        })
    }
}

/// Times since 1970 and spans of time, in microseconds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ticks {
    Literal(i64),
    /// A column of times, as text; what is no time is missing.
    Column(usize),
    Negative(Box<Ticks>),
    Sum(Two<Ticks>),
    Difference(Two<Ticks>),
    Chosen(Choice<Ticks>),
}

impl Ticks {
    pub(super) fn value(&self, row: Row<'_>) -> Option<i64> {
        match self {
            Self::Literal(ticks) => Some(*ticks),
            Self::Column(column) => instant(row.text(*column)?),
            Self::Negative(ticks) => ticks.value(row)?.checked_neg(),
            Self::Sum(two) => two.0.value(row)?.checked_add(two.1.value(row)?),
            Self::Difference(two) => two.0.value(row)?.checked_sub(two.1.value(row)?),
            Self::Chosen(choice) => chosen(choice, row)?.value(row),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Truth {
    Literal(bool),
    /// A column that says `true` or `false`; what is neither is missing.
    Column(usize),
    Not(Box<Truth>),
    And(Two<Truth>),
    Or(Two<Truth>),
    Numbers(Order, Two<Number>),
    Texts(Order, Two<Text>),
    Ticks(Order, Two<Ticks>),
    /// Equal, or else not.
    Truths(bool, Two<Truth>),
    /// Whether it is unknown, or else known.
    Missing(bool, Box<Value>),
    NumberIn(Box<Number>, Vec<f64>),
    TextIn(Box<Text>, BTreeSet<String>),
    TicksIn(Box<Ticks>, BTreeSet<i64>),
    StartsWith(Two<Text>),
    EndsWith(Two<Text>),
    Contains(Two<Text>),
    /// A text in which a pattern, by its number, is found.
    Matches(Box<Text>, usize),
    Chosen(Choice<Truth>),
}

/// Something of any type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(Number),
    Text(Text),
    Time(Ticks),
    Span(Ticks),
    Truth(Truth),
}

impl Value {
    fn is_known(&self, row: Row<'_>) -> bool {
        match self {
            Self::Number(number) => number.value(row).is_some(),
            Self::Text(text) => text.value(row).is_some(),
            Self::Time(ticks) | Self::Span(ticks) => ticks.value(row).is_some(),
            Self::Truth(truth) => truth.answer(row).is_some(),
        }
    }
}

impl Truth {
    /// Whether it holds, in the three-valued logic of Kleene.
    pub(super) fn answer(&self, row: Row<'_>) -> Option<bool> {
        Some(match self {
            Self::Literal(truth) => *truth,
            Self::Column(column) => match row.text(*column)?.trim() {
                text if text.eq_ignore_ascii_case("true") => true,
                text if text.eq_ignore_ascii_case("false") => false,
                _ => return None,
            },
            Self::Not(truth) => !truth.answer(row)?,
            Self::And(two) => match two.0.answer(row) {
                Some(false) => false,
                Some(true) => return two.1.answer(row),
                None => return two.1.answer(row).filter(|truth| !truth),
            },
            Self::Or(two) => match two.0.answer(row) {
                Some(true) => true,
                Some(false) => return two.1.answer(row),
                None => return two.1.answer(row).filter(|truth| *truth),
            },
            Self::Numbers(order, two) => {
                order.holds(two.0.value(row)?.partial_cmp(&two.1.value(row)?)?)
            }
            Self::Texts(order, two) => order.holds(two.0.value(row)?.cmp(&two.1.value(row)?)),
            Self::Ticks(order, two) => order.holds(two.0.value(row)?.cmp(&two.1.value(row)?)),
            Self::Truths(equal, two) => (two.0.answer(row)? == two.1.answer(row)?) == *equal,
            Self::Missing(missing, value) => value.is_known(row) != *missing,
            Self::NumberIn(number, list) => list.contains(&number.value(row)?),
            Self::TextIn(text, list) => list.contains(text.value(row)?.as_ref()),
            Self::TicksIn(ticks, list) => list.contains(&ticks.value(row)?),
            Self::StartsWith(two) => two.0.value(row)?.starts_with(two.1.value(row)?.as_ref()),
            Self::EndsWith(two) => two.0.value(row)?.ends_with(two.1.value(row)?.as_ref()),
            Self::Contains(two) => two.0.value(row)?.contains(two.1.value(row)?.as_ref()),
            Self::Matches(text, pattern) => row.patterns.get(*pattern)?.is_match(&text.value(row)?),
            Self::Chosen(choice) => return chosen(choice, row)?.answer(row),
        })
    }
}
