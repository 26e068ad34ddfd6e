//! The sections `model` and `output` of a spec: the label model, and how hard labels are made.

use super::decode::{Keys, Pairs, decode};
use super::document::entries;
use super::error::{Problem, Problems};
use super::place::Located;
use super::yaml::{Node, Scalar, Value};
use crate::SettingValue;

/// A share for each label, in the order of the file.
pub type Shares = Vec<(Located<String>, f64)>;

/// A number for each of some names, in the order of the file.
pub type Numbers = Vec<(Located<String>, Located<f64>)>;

/// The label model and its settings.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ModelChoice {
    /// Its name.
    pub name: Option<Located<String>>,
    /// The share of each label.
    pub class_balance: Option<Located<Shares>>,
    /// The accuracy that is expected of some labeling functions.
    pub trust: Numbers,
    /// The model's own settings.
    pub settings: Vec<(Located<String>, SettingValue)>,
}

impl ModelChoice {
    /// The model's own settings, for the record.
    #[must_use]
    pub fn record(&self) -> serde_json::Map<String, serde_json::Value> {
        let settings = self.settings.iter().map(|(name, value)| {
            let value = match value {
                SettingValue::Number(number) => serde_json::Value::from(*number),
                SettingValue::Word(word) => serde_json::Value::from(word.as_str()),
            };
            (name.value.clone(), value)
        });
        settings.collect()
    }
}

/// How hard labels are made.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct OutputChoice {
    /// Which class a row gets.
    pub decide: Option<DecideChoice>,
    /// The probability below which there is no label.
    pub min_confidence: Option<Located<f64>>,
    /// The same for some labels.
    pub class_confidence: Numbers,
    /// `abstain` or `first`.
    pub ties: Option<Located<String>>,
    /// `abstain`, `most-probable` or a label.
    pub uncovered: Option<Located<String>>,
}

/// Which class a row gets.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DecideChoice {
    /// The most probable one.
    MostProbable,
    /// Such that labels are as common as the class balance says.
    Prevalence,
    /// Such that the F1 of a label, or the mean of all, is highest.
    F1(Option<Located<String>>),
    /// Such that the expected cost is least: true label, given label or `abstain`, cost.
    Cost(Vec<(Located<String>, Numbers)>),
}

pub(super) fn model(node: &Node, problems: &mut Problems) -> ModelChoice {
    let mut choice = ModelChoice::default();
    if let Value::Scalar(name, _) = &node.value {
        let message = format!("`model` must be a map, this is {}", node.describe());
        let problem = Problem::new("type", node.place, message);
        problems.push(problem.help(format!("write `model: {{use: {name}}}`")));
        return choice;
    }
    for (key, node) in entries(node, "`model`", problems) {
        match key.as_str() {
            "use" => choice.name = decode(node, problems),
            "class_balance" => {
                let balance: Option<Pairs<f64>> = decode(node, problems);
                choice.class_balance = balance.map(|balance| Located::new(balance.0, key.place));
            }
            "trust" => {
                let trust: Option<Pairs<Located<f64>>> = decode(node, problems);
                choice.trust = trust.map(|trust| trust.0).unwrap_or_default();
            }
            _ => match &node.value {
                Value::Scalar(_, Scalar::Number(number)) => {
                    choice.settings.push((key.clone(), SettingValue::Number(*number)));
                }
                Value::Scalar(text, _) => {
                    choice.settings.push((key.clone(), SettingValue::Word(text.clone())));
                }
                // No setting takes this: the model says what it takes, or that there is no such one.
                _ => choice.settings.push((key.clone(), SettingValue::Word(String::new()))),
            },
        }
    }
    choice
}

pub(super) fn output(node: &Node, problems: &mut Problems) -> OutputChoice {
    const KEYS: [&str; 4] = ["decide", "min_confidence", "ties", "uncovered"];
    let Some(keys) = Keys::of(node, "`output`", &KEYS, problems) else {
        return OutputChoice::default();
    };
    // A number for all labels, or a map with numbers for some.
    let confidence = keys.get("min_confidence").map(|(_, node)| node);
    let (mut min_confidence, mut class_confidence) = (None, Numbers::new());
    match confidence {
        Some(node) if matches!(node.value, Value::Map(_)) => {
            let labels: Option<Pairs<Located<f64>>> = decode(node, problems);
            class_confidence = labels.map(|labels| labels.0).unwrap_or_default();
        }
        Some(node) => min_confidence = decode(node, problems),
        None => {}
    }
    OutputChoice {
        decide: keys.get("decide").and_then(|(_, node)| decide(node, problems)),
        min_confidence,
        class_confidence,
        ties: keys.decode("ties", problems),
        uncovered: keys.decode("uncovered", problems),
    }
}

fn decide(node: &Node, problems: &mut Problems) -> Option<DecideChoice> {
    const RULES: [&str; 4] = ["most-probable", "prevalence", "f1", "cost"];
    const COSTS: &str = "for example `decide: {cost: {spam: {ham: 1}, ham: {spam: 5}}}`: the cost of \
                         each label by the true one";
    match &node.value {
        Value::Scalar(word, _) => match word.as_str() {
            "most-probable" => Some(DecideChoice::MostProbable),
            "prevalence" => Some(DecideChoice::Prevalence),
            "f1" => Some(DecideChoice::F1(None)),
            "cost" => {
                let message = "`cost` needs the costs of mistakes";
                problems.push(Problem::new("value", node.place, message).help(COSTS));
                None
            }
            _ => {
                let message = format!("`{word}` is no way to decide");
                problems.push(Problem::new("value", node.place, message).choices(word, RULES));
                None
            }
        },
        Value::Map(entries) if entries.len() == 1 => {
            let (key, node) = &entries[0];
            match key.as_str() {
                "f1" => decode(node, problems).map(|label| DecideChoice::F1(Some(label))),
                "cost" => {
                    let rows: Pairs<Pairs<Located<f64>>> = decode(node, problems)?;
                    let rows: Vec<_> = rows.0.into_iter().map(|(y, row)| (y, row.0)).collect();
                    if rows.is_empty() {
                        let problem = Problem::new("value", key.place, "there are no costs");
                        problems.push(problem.help(COSTS));
                        return None;
                    }
                    Some(DecideChoice::Cost(rows))
                }
                _ => {
                    let message = format!("`decide` has no key `{key}`");
                    let problem = Problem::new("unknown-key", key.place, message);
                    problems.push(problem.choices(key, ["f1", "cost"]));
                    None
                }
            }
        }
        _ => {
            let message = format!(
                "`decide` is a word, or a map with the one key `f1` or `cost`, this is {}",
                node.describe()
            );
            problems.push(Problem::new("type", node.place, message).choices("", RULES));
            None
        }
    }
}
