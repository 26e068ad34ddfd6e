//! Variables of a spec: `${name}` inside any value stands for what `vars` says, or `--set` says instead.
//!
//! A value that is nothing but `${name}` becomes what the variable is, a number or a truth value too; inside
//! longer text it becomes text. Keys of maps are never filled in, and `$${name}` is the text `${name}`.

use super::document::{entries, unique};
use super::error::{Problem, Problems};
use super::place::Located;
use super::sources::{Document, WHOLE};
use super::yaml::{Node, Scalar, Value, parse};

/// A variable of a spec.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: Located<String>,
    /// What it stands for, as text.
    pub value: String,
    /// Whether anything in the spec uses it.
    pub used: bool,
    /// Whether its value was given from outside.
    pub set: bool,
    /// What plain YAML takes the value for.
    scalar: Scalar,
}

/// Finds the variables that files declare, with what `set` says of them, and fills them in.
pub(super) fn fill(
    documents: &mut [Document],
    set: &[(String, String)],
    problems: &mut Problems,
) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    for document in documents.iter() {
        let Some(node) = section(&document.node) else { continue };
        for (name, node) in entries(node, "`vars`", problems) {
            variables.extend(declared(name, node, problems));
        }
    }
    // Of two with one name the first counts.
    unique("variable", variables.iter().map(|variable| &variable.name), problems);
    for (name, value) in set {
        match variables.iter_mut().find(|known| known.name.value == *name) {
            Some(variable) => {
                variable.scalar = plain(value);
                variable.value.clone_from(value);
                variable.set = true;
            }
            None => {
                let message =
                    format!("`{name}` is set, and there is no such variable under `vars`");
                let known = variables.iter().map(|known| known.name.as_str());
                problems
                    .push(Problem::new("unknown-variable", WHOLE, message).choices(name, known));
            }
        }
    }
    for document in documents {
        let Value::Map(entries) = &mut document.node.value else { continue };
        for (key, node) in entries {
            if key.value != "vars" {
                fill_node(node, &mut variables, problems);
            }
        }
    }
    variables
}

fn section(node: &Node) -> Option<&Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| key.value == "vars").map(|(_, node)| node)
}

fn declared(name: &Located<String>, node: &Node, problems: &mut Problems) -> Option<Variable> {
    if !is_name(name) {
        let message = format!("`{name}` cannot be the name of a variable");
        let help = "names start with a letter or `_` and are made of letters, digits, `-` and `_`";
        problems.push(Problem::new("name", name.place, message).help(help));
        return None;
    }
    match &node.value {
        Value::Scalar(text, scalar) => {
            let (name, value, scalar) = (name.clone(), text.clone(), *scalar);
            Some(Variable { name, value, used: false, set: false, scalar })
        }
        _ => {
            let message = format!("a variable is a text or a number, this is {}", node.describe());
            problems.push(Problem::new("type", node.place, message));
            None
        }
    }
}

/// What YAML takes a text for that somebody gives on the command line.
fn plain(text: &str) -> Scalar {
    match parse(text, 0).map(|node| node.value) {
        Ok(Value::Scalar(written, scalar)) if written == text => scalar,
        _ => Scalar::Text,
    }
}

/// Letters, digits, `-` and `_`, from a letter on.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c))
}

fn fill_node(node: &mut Node, variables: &mut [Variable], problems: &mut Problems) {
    let place = node.place;
    match &mut node.value {
        Value::Null => {}
        Value::List(nodes) => {
            nodes.iter_mut().for_each(|node| fill_node(node, variables, problems));
        }
        Value::Map(entries) => {
            entries.iter_mut().for_each(|(_, node)| fill_node(node, variables, problems));
        }
        Value::Scalar(text, scalar) => {
            if !text.contains("${") {
                return;
            }
            let mut filled = String::with_capacity(text.len());
            let mut rest = text.as_str();
            let mut whole = None;
            while let Some(at) = rest.find("${") {
                let (before, after) = (&rest[..at], &rest[at + 2..]);
                let name = after.split_once('}').filter(|(name, _)| is_name(name));
                let Some((name, after)) = name else {
                    filled += &rest[..at + 2];
                    rest = after;
                    continue;
                };
                if let Some(before) = before.strip_suffix('$') {
                    filled += before;
                    filled += &rest[at..at + 3 + name.len()];
                } else {
                    filled += before;
                    match variables.iter_mut().find(|known| known.name.value == name) {
                        Some(variable) => {
                            variable.used = true;
                            filled += &variable.value;
                            if at == 0 && after.is_empty() && rest.len() == text.len() {
                                whole = Some(variable.scalar);
                            }
                        }
                        None => {
                            let message = format!("there is no variable `{name}` under `vars`");
                            let known = variables.iter().map(|known| known.name.as_str());
                            let problem = Problem::new("unknown-variable", place, message)
                                .choices(name, known)
                                .help(format!("for the text itself write `$${{{name}}}`"));
                            problems.push(problem);
                            filled += &rest[at..at + 3 + name.len()];
                        }
                    }
                }
                rest = after;
            }
            filled += rest;
            *text = filled;
            *scalar = whole.unwrap_or(Scalar::Text);
        }
    }
}

/// A text as it is written so that nothing in it is taken for a variable.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let after = &rest[at + 2..];
        let variable = after.split_once('}').is_some_and(|(name, _)| is_name(name));
        out += &rest[..at];
        out += if variable { "$${" } else { "${" };
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(vars: &str, value: &str, set: &[(&str, &str)]) -> (Value, usize) {
        let node = parse(&format!("vars: {vars}\nvalue: {value}\n"), 0).expect("YAML");
        let mut documents = vec![Document { node, part: false }];
        let mut problems = Problems::default();
        let set: Vec<_> = set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        fill(&mut documents, &set, &mut problems);
        let Value::Map(entries) = &documents[0].node.value else { panic!("a map") };
        (entries[1].1.value.clone(), problems.found.len())
    }

    #[test]
    fn texts_are_written_such_that_they_stay() {
        for text in ["plain", "${a}", "$${a}", "a ${a} ${b-1} ${", "${ä}", "^a${2}$", "$$${a}$${"]
        {
            let value = format!("'{}'", literal(text));
            assert_eq!(
                filled("{a: x}", &value, &[]).0,
                Value::Scalar(text.to_owned(), Scalar::Text)
            );
        }
    }

    #[test]
    fn values_are_filled_in() {
        let text = |text: &str| Value::Scalar(text.to_owned(), Scalar::Text);
        let number = |text: &str, n| Value::Scalar(text.to_owned(), Scalar::Number(n));
        for (vars, value, set, wanted, problems) in [
            ("{a: 40}", "${a}", &[][..], number("40", 40.0), 0),
            ("{a: 40}", "'${a}'", &[], number("40", 40.0), 0),
            ("{a: 40}", "${a} ", &[], number("40", 40.0), 0),
            ("{a: 40}", "'${a} '", &[], text("40 "), 0),
            ("{a: x, b: y}", "-${a}${b}-${a}", &[], text("-xy-x"), 0),
            ("{a: x}", "${a}", &[("a", "7")], number("7", 7.0), 0),
            (
                "{a: 1}",
                "${a}",
                &[("a", "true")],
                Value::Scalar("true".into(), Scalar::Truth(true)),
                0,
            ),
            ("{a: 1}", "${a}", &[("a", "a: b")], text("a: b"), 0),
            ("{a: 1}", "${a}", &[("b", "1")], number("1", 1.0), 1),
            ("{a: x}", "$${a} and ${a}", &[], text("${a} and x"), 0),
            ("{a: x}", "'^a${2}$ ${'", &[], text("^a${2}$ ${"), 0),
            ("{a: '${a}'}", "${a}", &[], text("${a}"), 0),
            ("{a: x}", "${b}", &[], text("${b}"), 1),
            ("{a: [x]}", "${a}", &[], text("${a}"), 2),
        ] {
            assert_eq!(filled(vars, value, set), (wanted, problems), "{vars} {value} {set:?}");
        }
    }
}
