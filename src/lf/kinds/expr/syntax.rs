//! Expressions as they are written: what the CEL parser reads, as a tree of our own with places.
//!
//! The only file that knows the crate `cel`, of which only the parser is used. Its recursion takes more stack than
//! threads have, so that it gets a thread of its own, and expressions have limits that are checked before.

use super::explain::{IN_PARTS, explain, unreadable};
use crate::lf::error::Problem;
use crate::lf::place::Place;
use cel::common::ast::operators::{
    ADD, CONDITIONAL, DIVIDE, EQUALS, GREATER, GREATER_EQUALS, IN, LESS, LESS_EQUALS, LOGICAL_AND,
    LOGICAL_NOT, LOGICAL_OR, MODULO, MULTIPLY, NEGATE, NOT_EQUALS, SUBSTRACT,
};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo};
use cel::parser::Parser;
use std::cmp::Ordering;

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Syntax {
    /// Its first byte in the expression and the byte after its last one.
    pub(super) place: Place,
    pub(super) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Truth(bool),
    Number(f64),
    Text(String),
    Column(String),
    List(Vec<Syntax>),
    /// A function, or a method with what it is called on as its first argument; with the place of its name.
    Call(String, Place, Vec<Syntax>),
    Not(Box<Syntax>),
    Negate(Box<Syntax>),
    And(Box<[Syntax; 2]>),
    Or(Box<[Syntax; 2]>),
    Compare(Order, Box<[Syntax; 2]>),
    Calculate(Calculation, Box<[Syntax; 2]>),
    In(Box<[Syntax; 2]>),
    /// Condition, what it is then, what it is else.
    Choose(Box<[Syntax; 3]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Order {
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }

    /// Whether it asks for no more than being equal or not.
    pub(super) fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Calculation {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// Bytes of an expression.
const LONGEST: usize = 4_000;
/// Brackets inside each other.
const DEEPEST: usize = 32;
/// Parts inside each other, such as the sums in `a + b + c`.
const MOST_LEVELS: usize = 150;
/// Twice what the parser was seen to take for the worst within these limits, without optimization.
const STACK: usize = 32 << 20;

/// Parses an expression; problems have their places in it.
pub(super) fn parse(text: &str) -> Result<Syntax, Box<Problem>> {
    let all = Place::span(0, text.len());
    if text.len() > LONGEST {
        let message = format!("an expression may have {LONGEST} bytes, this has {}", text.len());
        return Err(Box::new(Problem::new("too-large", all, message).help(IN_PARTS)));
    }
    if let Some(start) = too_deep(text) {
        let message = format!("brackets stand more than {DEEPEST} deep inside each other");
        let problem = Problem::new("too-large", Place::span(start, start + 1), message);
        return Err(Box::new(problem.help(IN_PARTS)));
    }
    let source = text.to_owned();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let parser = Parser::new().max_recursion_depth(2 * DEEPEST as u16);
        match parser.parse_with_source_info(&source) {
            Ok((expression, info)) => Reader { text: &source, info }.read(&expression, 0),
            // Only the first message: what comes after it is mostly a consequence.
            Err(errors) => Err(Box::new(match errors.errors.first() {
                Some(error) => explain(&error.msg, error.pos, &source),
                None => unreadable(&source),
            })),
        }
    });
    let outcome = thread.ok().and_then(|thread| thread.join().ok());
    outcome.unwrap_or_else(|| Err(Box::new(unreadable(text))))
}

/// The first bracket that is too deep.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            (b'(' | b'[' | b'{', None) => depth += 1,
            (b')' | b']' | b'}', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(at);
        }
    }
    None
}

/// Reads the tree of the parser.
struct Reader<'a> {
    text: &'a str,
    info: SourceInfo,
}

type Outcome = Result<Syntax, Box<Problem>>;

impl Reader<'_> {
    /// The token of a node.
    fn token(&self, expression: &IdedExpr) -> Place {
        let found = self.info.offset_for(expression.id);
        let (start, last) = found.unwrap_or((0, self.text.len().saturating_sub(1) as u32));
        let end = (last as usize + 1).min(self.text.len());
        Place::span((start as usize).min(end), end)
    }

    fn read(&self, expression: &IdedExpr, level: usize) -> Outcome {
        let place = self.token(expression);
        let problem = |message: &str, help: &str| {
            Err(Box::new(Problem::new("expr-syntax", place, message).help(help)))
        };
        if level > MOST_LEVELS {
            let message = "this expression has too many parts inside each other";
            return Err(Box::new(Problem::new("too-large", place, message).help(IN_PARTS)));
        }
        let node = match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Null => Node::Null,
                LiteralValue::Boolean(truth) => Node::Truth(*truth.inner()),
                LiteralValue::Int(number) => Node::Number(*number.inner() as f64),
                LiteralValue::UInt(number) => Node::Number(*number.inner() as f64),
                LiteralValue::Double(number) => Node::Number(*number.inner()),
                LiteralValue::String(text) => Node::Text(text.inner().to_owned()),
                LiteralValue::Bytes(_) => {
                    return problem("no column holds bytes", "leave the `b` before the quote out");
                }
            },
            Expr::Ident(name) => Node::Column(name.trim_start_matches('.').to_owned()),
            Expr::List(list) => {
                let elements = list.elements.iter().map(|element| self.read(element, level + 1));
                Node::List(elements.collect::<Result<_, _>>()?)
            }
            Expr::Call(call) => return self.call(call, place, level),
            Expr::Select(select) if select.test => {
                let help = "write `column != null` for whether a cell is there";
                return problem("`has` is for parts of objects", help);
            }
            Expr::Select(select) => {
                let message = format!("columns have no parts such as `{}`", select.field);
                let help = "a column whose name has a point in it is `column(\"a.b\")`";
                return problem(&message, help);
            }
            Expr::Comprehension(_) => {
                let help = "conditions over several columns are joined with `&&` and `||`";
                return problem("there are no lists to go through", help);
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                return problem("maps have no use here", "a list is `[\"a\", \"b\"]`");
            }
        };
        Ok(Syntax { place, node })
    }

    fn call(&self, call: &CallExpr, token: Place, level: usize) -> Outcome {
        let args = call.target.as_deref().into_iter().chain(&call.args);
        let args = args.map(|part| self.read(part, level + 1)).collect::<Result<Vec<_>, _>>()?;
        let start = args.iter().map(|arg| arg.place.start).fold(token.start, usize::min);
        let end = args.iter().map(|arg| arg.place.end).fold(token.end, usize::max);
        let place = self.balanced(start, end);
        let compare = |order, args| Node::Compare(order, Box::new(args));
        let calculate = |calculation, args| Node::Calculate(calculation, Box::new(args));
        let args: Vec<Syntax> = match <[Syntax; 2]>::try_from(args) {
            Ok(two) => {
                let node = match call.func_name.as_str() {
                    LOGICAL_AND => Node::And(Box::new(two)),
                    LOGICAL_OR => Node::Or(Box::new(two)),
                    IN => Node::In(Box::new(two)),
                    LESS => compare(Order::Less, two),
                    LESS_EQUALS => compare(Order::LessOrEqual, two),
                    EQUALS => compare(Order::Equal, two),
                    NOT_EQUALS => compare(Order::NotEqual, two),
                    GREATER_EQUALS => compare(Order::GreaterOrEqual, two),
                    GREATER => compare(Order::Greater, two),
                    ADD => calculate(Calculation::Add, two),
                    SUBSTRACT => calculate(Calculation::Subtract, two),
                    MULTIPLY => calculate(Calculation::Multiply, two),
                    DIVIDE => calculate(Calculation::Divide, two),
                    MODULO => calculate(Calculation::Remainder, two),
                    _ => return self.function(call, token, place, two.into()),
                };
                return Ok(Syntax { place, node });
            }
            Err(args) => args,
        };
        let args = match <[Syntax; 1]>::try_from(args) {
            Ok([one]) => {
                let node = match call.func_name.as_str() {
                    LOGICAL_NOT => Node::Not(Box::new(one)),
                    NEGATE => Node::Negate(Box::new(one)),
                    _ => return self.function(call, token, place, vec![one]),
                };
                return Ok(Syntax { place, node });
            }
            Err(args) => args,
        };
        match (call.func_name.as_str(), <[Syntax; 3]>::try_from(args)) {
            (CONDITIONAL, Ok(three)) => Ok(Syntax { place, node: Node::Choose(Box::new(three)) }),
            (_, Ok(three)) => self.function(call, token, place, three.into()),
            (_, Err(args)) => self.function(call, token, place, args),
        }
    }

    /// A function, whose token is the bracket after its name.
    fn function(&self, call: &CallExpr, token: Place, place: Place, args: Vec<Syntax>) -> Outcome {
        let before = self.text[..token.start].trim_end();
        let start = before.len().saturating_sub(call.func_name.len());
        let name = Place::span(start, before.len());
        let mut place = self.balanced(place.start.min(start), place.end);
        let rest = &self.text[place.end..];
        if args.is_empty() && rest.trim_start().starts_with(')') {
            place.end += rest.len() - rest.trim_start().len() + 1;
        }
        if call.func_name.starts_with(['_', '@']) {
            let message = "columns are no lists, from which elements could be taken";
            return Err(Box::new(Problem::new("expr-syntax", token, message)));
        }
        if call.func_name != "column" {
            return Ok(Syntax { place, node: Node::Call(call.func_name.clone(), name, args) });
        }
        match <[Syntax; 1]>::try_from(args) {
            Ok([Syntax { node: Node::Text(name), .. }]) => {
                Ok(Syntax { place, node: Node::Column(name) })
            }
            _ => {
                let message = "`column` takes the name of a column, in quotes";
                let problem = Problem::new("expr-syntax", place, message);
                Err(Box::new(problem.help("for example `column(\"order total\") > 100`")))
            }
        }
    }

    /// A place with the brackets that belong to it.
    fn balanced(&self, mut start: usize, mut end: usize) -> Place {
        let count = |start: usize, end: usize, bracket: &[char]| {
            self.text[start..end].matches(bracket).count()
        };
        while count(start, end, &['(', '[']) > count(start, end, &[')', ']']) {
            let Some(next) = self.text[end..].find([')', ']']) else { break };
            end += next + 1;
        }
        while count(start, end, &['(', '[']) < count(start, end, &[')', ']']) {
            let Some(next) = self.text[..start].rfind(['(', '[']) else { break };
            start = next;
        }
        Place::span(start, end)
    }
}
