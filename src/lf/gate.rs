//! The section `gates` of a spec: what a run must reach.

use super::decode::Keys;
use super::document::entries;
use super::error::{Problem, Problems};
use super::place::{Located, Place};
use super::schema::map;
use super::yaml::{Node, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A bound on a number of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What it is about.
    pub subject: Subject,
    /// The number.
    pub measure: Measure,
    /// On which side of the limit it must be.
    pub side: Side,
    /// The limit, from 0 to 1.
    pub limit: f64,
}

/// What a gate is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// All rows.
    All,
    /// A labeling function.
    Lf(String),
    /// A slice.
    Slice(String),
}

/// A number of the report that rows, labeling functions, slices and periods are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Rows with a vote, of the rows; of an LF, rows that it votes on.
    Coverage,
    /// Rows with votes that cannot both be right, of the rows; of an LF, of its rows.
    Conflict,
    /// Rows with a hard label, of the rows.
    Labeled,
    /// Right labels, of those given to rows with a gold label; of an LF, its right votes. Gates are
    /// about the lower end of its 95 % interval.
    Precision,
    /// How far the shares of the labels are from those of an earlier run: half the sum of the absolute
    /// differences. Of an LF, how far its coverage is.
    Drift,
}

/// On which side of a limit a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// On or above it.
    #[serde(rename = ">=")]
    AtLeast,
    /// On or below it.
    #[serde(rename = "<=")]
    AtMost,
}

impl Measure {
    const ALL: [Self; 5] =
        [Self::Coverage, Self::Conflict, Self::Labeled, Self::Precision, Self::Drift];

    /// As specs name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Conflict => "conflict",
            Self::Labeled => "labeled",
            Self::Precision => "precision",
            Self::Drift => "drift",
        }
    }

    /// The one that specs name so.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

impl Side {
    /// As specs write it.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        }
    }
}

impl Gate {
    /// Whether a number is on the right side of the limit; what rounding does to it aside.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        match self.side {
            Side::AtLeast => value >= self.limit - 1e-12,
            Side::AtMost => value <= self.limit + 1e-12,
        }
    }
}

const ALL_KEYS: [&str; 7] =
    ["coverage", "conflict", "labeled", "precision", "drift", "lfs", "slices"];
const LF_KEYS: [&str; 4] = ["coverage", "conflict", "precision", "drift"];

/// The JSON Schema of the section.
pub(super) fn schema() -> serde_json::Value {
    let bound = |measure: Measure| {
        let sign = if measure == Measure::Drift { "<=" } else { "[<>]=" };
        let one =
            json!({"type": "string", "pattern": format!("^\\s*{sign}\\s*[0-9.]+\\s*%?\\s*$")});
        json!({
            "description": "A bound such as \">= 60%\", in quotes, or a list of bounds.",
            "oneOf": [one, {"type": "array", "minItems": 1, "items": one}],
        })
    };
    let of = |keys: &[&str]| -> serde_json::Map<String, serde_json::Value> {
        let known = keys.iter().filter_map(|key| Some((*key, Measure::named(key)?)));
        known.map(|(key, measure)| (key.to_owned(), bound(measure))).collect()
    };
    let each = |keys: &[&str]| json!({"type": "object", "additionalProperties": map(of(keys).into(), &[])});
    let mut all = of(&ALL_KEYS);
    all.insert("lfs".to_owned(), each(&LF_KEYS));
    all.insert("slices".to_owned(), each(&ALL_KEYS[..5]));
    map(all.into(), &[])
}

/// Gates as they stand there, each with the place of its key, or of the name that it is about.
pub(super) fn gates(node: &Node, problems: &mut Problems) -> Vec<Located<Gate>> {
    let mut found = Vec::new();
    let place = |key: &Located<String>| key.place;
    measures(node, "`gates`", &ALL_KEYS, &Subject::All, place, &mut found, problems);
    let Value::Map(sections) = &node.value else { return found };
    for (key, node) in sections {
        match key.as_str() {
            "lfs" => {
                for (name, node) in entries(node, "`lfs`", problems) {
                    let subject = Subject::Lf(name.value.clone());
                    let what = "`gates` of a labeling function";
                    measures(node, what, &LF_KEYS, &subject, |_| name.place, &mut found, problems);
                }
            }
            "slices" => {
                for (name, node) in entries(node, "`slices`", problems) {
                    let (subject, keys) = (Subject::Slice(name.value.clone()), &ALL_KEYS[..5]);
                    let what = "`gates` of a slice";
                    measures(node, what, keys, &subject, |_| name.place, &mut found, problems);
                }
            }
            _ => {}
        }
    }
    found
}

/// The gates of one subject.
fn measures(
    node: &Node,
    what: &str,
    allowed: &[&str],
    subject: &Subject,
    place: impl Fn(&Located<String>) -> Place,
    found: &mut Vec<Located<Gate>>,
    problems: &mut Problems,
) {
    if Keys::of(node, what, allowed, problems).is_none() {
        return;
    }
    let Value::Map(entries) = &node.value else { return };
    for (key, node) in entries.iter().filter(|(key, _)| allowed.contains(&key.as_str())) {
        let Some(measure) = Measure::named(key) else { continue };
        let bounds: &[Node] = match &node.value {
            Value::List(nodes) if !nodes.is_empty() => nodes,
            _ => std::slice::from_ref(node),
        };
        for node in bounds {
            let Some((side, limit)) = bound(key, node, problems) else { continue };
            if measure == Measure::Drift && side == Side::AtLeast {
                let message = "`drift` is how far labels have moved: it needs a limit with `<=`";
                problems.push(Problem::new("gate", node.place, message).help(example(key)));
                continue;
            }
            let gate = Gate { subject: subject.clone(), measure, side, limit };
            found.push(Located::new(gate, place(key)));
        }
    }
}

/// How to write a gate.
fn example(key: &str) -> String {
    let bound = match key {
        "coverage" | "labeled" => ">= 60%",
        "precision" => ">= 80%",
        "drift" => "<= 5%",
        _ => "<= 20%",
    };
    format!("for example `{key}: \"{bound}\"`")
}

/// A bound such as `>= 60%` or `<= 0.2`.
fn bound(key: &str, node: &Node, problems: &mut Problems) -> Option<(Side, f64)> {
    let mut wrong = |message: String, help: String| {
        problems.push(Problem::new("gate", node.place, message).help(help));
        None
    };
    let Value::Scalar(written, _) = &node.value else {
        let message = format!("`{key}` needs a bound, this is {}", node.describe());
        return wrong(message, example(key));
    };
    let text = written.trim();
    let (side, rest) = match (text.strip_prefix(">="), text.strip_prefix("<=")) {
        (Some(rest), _) => (Side::AtLeast, rest.trim()),
        (_, Some(rest)) => (Side::AtMost, rest.trim()),
        _ => {
            let message = format!("`{}` does not begin with `>=` or `<=`", written.escape_debug());
            return wrong(message, example(key));
        }
    };
    let (number, whole) = match rest.strip_suffix('%') {
        Some(number) => (number.trim(), 100.0),
        None => (rest, 1.0),
    };
    // Numbers as people write them; Rust also reads `inf` and `nan`.
    let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let Some(value) = number.parse::<f64>().ok().filter(|_| plain) else {
        let message = format!("`{}` is no percentage and no fraction", rest.escape_debug());
        return wrong(message, example(key));
    };
    let limit = value / whole;
    if limit > 1.0 {
        let message = format!("the limit `{rest}` is more than all of it");
        let help = if whole == 1.0 && value <= 100.0 {
            format!("write `{} {number}%` if you mean percent", side.sign())
        } else {
            "a limit is from 0% to 100%, or from 0 to 1".to_owned()
        };
        return wrong(message, help);
    }
    Some((side, limit))
}

#[cfg(test)]
mod tests {
    use super::super::yaml::parse;
    use super::*;

    #[test]
    fn bounds_are_read() {
        for (text, wanted) in [
            (">= 60%", Ok((Side::AtLeast, 0.6))),
            ("<=20 %", Ok((Side::AtMost, 0.2))),
            ("  <= 0.25 ", Ok((Side::AtMost, 0.25))),
            (">= 1", Ok((Side::AtLeast, 1.0))),
            (">= 0", Ok((Side::AtLeast, 0.0))),
            (">= 100%", Ok((Side::AtLeast, 1.0))),
            (">= .5", Ok((Side::AtLeast, 0.5))),
            ("60%", Err("does not begin with")),
            ("> 60%", Err("does not begin with")),
            ("= 60%", Err("does not begin with")),
            ("", Err("does not begin with")),
            (">= ", Err("no percentage")),
            (">= many", Err("no percentage")),
            (">= -1%", Err("no percentage")),
            (">= 1e-3", Err("no percentage")),
            (">= inf", Err("no percentage")),
            (">= nan%", Err("no percentage")),
            (">= 60", Err("more than all")),
            (">= 101%", Err("more than all")),
        ] {
            let node = parse(&format!("\"{text}\""), 0).expect("YAML");
            let mut problems = Problems::default();
            match (bound("coverage", &node, &mut problems), wanted) {
                (Some(found), Ok(wanted)) => assert_eq!(found, wanted, "{text}"),
                (None, Err(part)) => {
                    let [problem] = problems.found.as_slice() else { panic!("{text}") };
                    assert!(problem.message.contains(part), "{text}: {}", problem.message);
                    assert!(!problem.help.is_empty(), "{text}");
                }
                (found, wanted) => panic!("{text}: {found:?} instead of {wanted:?}"),
            }
        }
    }

    #[test]
    fn what_rounding_does_to_a_share_does_not_fail_a_gate() {
        let gate =
            |side, limit| Gate { subject: Subject::All, measure: Measure::Coverage, side, limit };
        assert!(gate(Side::AtLeast, 99.95 / 100.0).holds(1999.0 / 2000.0));
        assert!(gate(Side::AtMost, 0.07).holds(7.0 / 100.0));
        assert!(!gate(Side::AtLeast, 0.6).holds(0.5999));
        assert!(!gate(Side::AtMost, 0.6).holds(f64::NAN));
    }
}
