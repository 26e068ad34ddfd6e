//! What a labeling function votes: `a`, `[a, b]` for one of several labels, `{not: a}` for any other.

use super::compile::CompileCx;
use super::decode::{Keys, decode};
use super::error::{Problem, Problems};
use super::place::{Located, Place};
use super::yaml::{Node, Value};
use crate::Choice;

/// What a labeling function votes, as it was written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Label {
    /// One label.
    One(Located<String>),
    /// One of several labels: a partial vote.
    OneOf(Located<Vec<Located<String>>>),
    /// Any label but these: a negative vote.
    NoneOf(Located<Vec<Located<String>>>),
}

impl Label {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::One(label) => label.place,
            Self::OneOf(labels) | Self::NoneOf(labels) => labels.place,
        }
    }

    /// The labels that it names.
    #[must_use]
    pub fn names(&self) -> &[Located<String>] {
        match self {
            Self::One(label) => std::slice::from_ref(label),
            Self::OneOf(labels) | Self::NoneOf(labels) => &labels.value,
        }
    }

    /// Decodes the value of `label`; notes what is wrong and gives `None`.
    pub(super) fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::List(_) => several(node, problems).map(Self::OneOf),
            Value::Map(_) => {
                let keys = Keys::of(node, "`label`", &["not"], problems)?;
                let Some((_, wrong)) = keys.get("not") else {
                    // Another key has been said to be unknown.
                    if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
                        let message = "`label` has no `not`";
                        let problem = Problem::new("missing-key", node.place, message);
                        problems.push(problem.help("write `label: {not: NAME}`"));
                    }
                    return None;
                };
                let wrong = match &wrong.value {
                    Value::List(_) => several(wrong, problems)?,
                    _ => Located::new(vec![decode(wrong, problems)?], wrong.place),
                };
                Some(Self::NoneOf(wrong))
            }
            _ => decode(node, problems).map(Self::One),
        }
    }

    /// What it votes among the labels of the spec; notes what is wrong and gives `None`.
    pub(super) fn choice(&self, cx: &mut CompileCx<'_>) -> Option<Choice> {
        let classes: Vec<_> = self.names().iter().map(|label| cx.label(label)).collect();
        let classes: Vec<_> = classes.into_iter().collect::<Option<_>>()?;
        let n_classes = cx.labels().len();
        let (choice, what) = match self {
            Self::One(_) => return classes.first().map(|&class| Choice::class(class)),
            Self::OneOf(_) => (Choice::one_of(classes), "a vote for every label says nothing"),
            Self::NoneOf(_) => {
                (Choice::none_of(classes, n_classes), "this leaves no label to vote for")
            }
        };
        if choice.classes().is_empty() || choice.classes().len() == n_classes {
            let problem = Problem::new("value", self.place(), what);
            cx.problem(problem.help("to abstain is to give no vote; leave out some of the labels"));
            return None;
        }
        Some(choice)
    }
}

/// A list of at least one label, each once.
fn several(node: &Node, problems: &mut Problems) -> Option<Located<Vec<Located<String>>>> {
    let labels: Vec<Located<String>> = decode(node, problems)?;
    if labels.is_empty() {
        let message = "expected a list of at least one label, found an empty list";
        problems.push(Problem::new("empty-list", node.place, message));
        return None;
    }
    for (i, label) in labels.iter().enumerate() {
        if labels[..i].contains(label) {
            let message = format!("the label `{label}` stands twice");
            problems.push(Problem::new("duplicate-name", label.place, message));
        }
    }
    Some(Located::new(labels, node.place))
}
