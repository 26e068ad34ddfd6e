//! What can be compared with what.

use super::check::{Checker, Type, undecided};
use super::syntax::{Node, Order, Syntax};
use super::tree::{Number, Text, Ticks, Truth, Value};
use crate::lf::place::Place;

impl Checker<'_> {
    /// Two values of one type.
    pub(super) fn both(
        &mut self,
        a: &Syntax,
        b: &Syntax,
        want: Option<Type>,
    ) -> Option<(Value, Value)> {
        let want = want.or_else(|| self.one_type(a, b));
        let so_far = self.problems.len();
        let (first, second) = (self.value(a, want), self.value(b, want));
        if want.is_none() && self.problems.len() == so_far {
            self.undecided(a, b);
        }
        Some((first?, second?))
    }

    /// The type that two parts should have. Where a column is something else elsewhere, this is what it is here, so
    /// that both uses are named.
    fn one_type(&self, a: &Syntax, b: &Syntax) -> Option<Type> {
        let (first, second) = (self.known(a), self.known(b));
        let is_column = |part: &Syntax| matches!(part.node, Node::Column(_));
        let here = second.filter(|_| is_column(a) && !is_column(b));
        here.or(first).or(second)
    }

    /// Notes that nothing says of what type two parts are.
    pub(super) fn undecided(&mut self, a: &Syntax, b: &Syntax) {
        let place = Place::span(a.place.start, b.place.end.max(a.place.end));
        let name = if let Node::Column(name) = &a.node { name } else { "column" };
        self.problem(|| undecided(place, name));
    }

    pub(super) fn compare(
        &mut self,
        order: Order,
        two: &[Syntax; 2],
        place: Place,
    ) -> Option<Truth> {
        let [a, b] = two;
        if let (Node::Null, other) | (other, Node::Null) = (&a.node, &b.node) {
            let part = if matches!(a.node, Node::Null) { b } else { a };
            if !order.is_equality() || *other == Node::Null {
                let help = "a missing cell is found with `column == null`";
                self.wrong(place, "`null` is neither less nor greater than something", help);
                return None;
            }
            // A column of which nothing else is said may hold anything.
            let want = self.known(part).or_else(|| self.last.then_some(Type::Text));
            let value = self.value(part, want)?;
            return Some(Truth::Missing(order == Order::Equal, Box::new(value)));
        }
        if matches!(a.node, Node::Compare(..)) && !order.is_equality() {
            let help = "comparisons are joined with `&&`: `1 < a && a < 5`";
            self.wrong(place, "comparisons cannot follow one another", help);
            return None;
        }
        match self.both(a, b, None)? {
            (Value::Number(a), Value::Number(b)) => Some(Truth::Numbers(order, Box::new((a, b)))),
            (Value::Text(a), Value::Text(b)) => Some(Truth::Texts(order, Box::new((a, b)))),
            (Value::Time(a), Value::Time(b)) | (Value::Span(a), Value::Span(b)) => {
                Some(Truth::Ticks(order, Box::new((a, b))))
            }
            (Value::Truth(a), Value::Truth(b)) if order.is_equality() => {
                Some(Truth::Truths(order == Order::Equal, Box::new((a, b))))
            }
            (Value::Truth(_), Value::Truth(_)) => {
                let message = "what is true or false is neither less nor greater";
                self.wrong(place, message, "comparisons are joined with `&&`: `1 < a && a < 5`");
                None
            }
            _ => None,
        }
    }

    pub(super) fn is_in(&mut self, [part, list]: &[Syntax; 2]) -> Option<Truth> {
        let Node::List(elements) = &list.node else {
            let help = "after `in` stands a list, `city in [\"Bonn\", \"Rome\"]`; what a text has in it is found with `body.contains(\"…\")`";
            self.wrong(list.place, "this is no list", help);
            return None;
        };
        let Some(first) = elements.first() else {
            self.wrong(list.place, "the list must not be empty", "");
            return None;
        };
        let want = self.one_type(part, first);
        if want.is_none() && self.last {
            self.undecided(part, first);
            return None;
        }
        let value = self.value(part, want);
        let values: Vec<_> = elements.iter().map(|one| (one, self.value(one, want))).collect();
        let (mut numbers, mut texts, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
        for (element, value) in values {
            match value? {
                Value::Number(Number::Literal(number)) => numbers.push(number),
                Value::Text(Text::Literal(text)) => texts.push(text),
                Value::Time(Ticks::Literal(at)) | Value::Span(Ticks::Literal(at)) => ticks.push(at),
                _ => {
                    let help = "compare columns with `==`, joined with `||`";
                    self.wrong(element.place, "a list holds fixed values only", help);
                    return None;
                }
            }
        }
        Some(match value? {
            Value::Number(number) => Truth::NumberIn(Box::new(number), numbers),
            Value::Text(text) => Truth::TextIn(Box::new(text), texts.into_iter().collect()),
            Value::Time(at) | Value::Span(at) => {
                Truth::TicksIn(Box::new(at), ticks.into_iter().collect())
            }
            Value::Truth(_) => return None,
        })
    }
}
