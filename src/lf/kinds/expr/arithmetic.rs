//! What goes with which sign: numbers, texts that are joined, times and spans of time.

use super::check::{Checker, Type};
use super::syntax::{Calculation, Syntax};
use super::tree::{Number, Text, Ticks, Value};
use crate::lf::place::Place;

impl Checker<'_> {
    /// Of the ways to calculate those that fit what is known: the types of both parts and of the result.
    pub(super) fn calculations(
        &self,
        calculation: Calculation,
        [a, b]: &[Syntax; 2],
        want: Option<Type>,
    ) -> Vec<(Type, Type, Type)> {
        use Type::{Number, Span, Text, Time};
        let all: &[(Type, Type, Type)] = match calculation {
            Calculation::Add => &[
                (Number, Number, Number),
                (Text, Text, Text),
                (Time, Span, Time),
                (Span, Time, Time),
                (Span, Span, Span),
            ],
            Calculation::Subtract => &[
                (Number, Number, Number),
                (Time, Time, Span),
                (Time, Span, Time),
                (Span, Span, Span),
            ],
            _ => &[(Number, Number, Number)],
        };
        // No column holds a span of time, so that what is not known is none.
        let fits = |known: Option<Type>, kind| known.map_or(kind != Span, |known| known == kind);
        let (a, b) = (self.known(a), self.known(b));
        let fit = all.iter().filter(|(first, second, result)| {
            fits(a, *first) && fits(b, *second) && want.is_none_or(|want| want == *result)
        });
        fit.copied().collect()
    }

    pub(super) fn calculate(
        &mut self,
        calculation: Calculation,
        two: &[Syntax; 2],
        place: Place,
        want: Option<Type>,
    ) -> Option<Value> {
        let mut ways = self.calculations(calculation, two, want);
        if ways.is_empty() {
            // That the result is not what is wanted is said by who wants it.
            ways = self.calculations(calculation, two, None);
        }
        let [(first, second, result)] = ways[..] else {
            let known = two.iter().filter_map(|part| self.known(part)).map(Type::name);
            let known: Vec<&str> = known.collect();
            let so_far = self.problems.len();
            if ways.is_empty() && !known.is_empty() {
                let sign = calculation.sign();
                let message = format!("`{sign}` does not go with {} here", known.join(" and "));
                let help = "`days(a - b)` is a span of time as a number, `duration(\"36h\")` a span of time";
                let times = known.iter().any(|name| name.contains("time"));
                self.wrong(place, &message, if times { help } else { "" });
            } else {
                two.iter().for_each(|part| {
                    self.value(part, None);
                });
                if self.problems.len() == so_far {
                    self.undecided(&two[0], &two[1]);
                }
            }
            return None;
        };
        let (a, b) = (self.value(&two[0], Some(first)), self.value(&two[1], Some(second)));
        Some(match (a?, b?) {
            (Value::Number(a), Value::Number(b)) => {
                Value::Number(Number::Calculated(calculation, Box::new((a, b))))
            }
            (Value::Text(a), Value::Text(b)) => Value::Text(Text::Joined(Box::new((a, b)))),
            (Value::Time(a) | Value::Span(a), Value::Time(b) | Value::Span(b)) => {
                let two = Box::new((a, b));
                let ticks = match calculation {
                    Calculation::Subtract => Ticks::Difference(two),
                    _ => Ticks::Sum(two),
                };
                if result == Type::Time { Value::Time(ticks) } else { Value::Span(ticks) }
            }
            _ => return None,
        })
    }
}
