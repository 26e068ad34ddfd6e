//! `model`: the output of another model that is already in the data.

use crate::input::{Batch, FieldKind};
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::{Keys, Pairs, decode};
use crate::lf::error::{Problem, Problems};
use crate::lf::kind::{Declared, Finding, LfKind, Says, Voter, not_a_map};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::yaml::{Node, Value};
use crate::votes::Bucket;
use crate::{Choice, ChoiceId, ClassId, FieldId};
use serde_json::json;
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Model {
    /// A column with a label, translated by a map where one is given.
    Label { column: Located<String>, map: Option<Pairs<Located<String>>> },
    /// A column that says one given thing.
    Is { column: Located<String>, value: Located<String> },
    /// A score between two thresholds.
    Score { column: Located<String>, at_least: Option<f64>, at_most: Option<f64> },
    /// One score a label: the highest, when it is high and clear enough, with its bucket if there
    /// are any.
    Scores {
        columns: Pairs<Located<String>>,
        at_least: Option<f64>,
        margin: f64,
        /// Where buckets begin, ascending; the last one ends at 1.
        buckets: Vec<Bucket>,
    },
}

impl LfKind for Model {
    const NAME: &'static str = "model";
    const SUMMARY: &'static str = "a model's label or score, in a column of the data";

    fn schema() -> serde_json::Value {
        let column = schema::column("A column with the output of another model.");
        let number = |what: &str| json!({"type": "number", "description": what});
        let scores = json!({
            "type": "object", "minProperties": 1, "additionalProperties": schema::column("A column of scores."),
            "description": "For each label the column with its score.",
        });
        let margin = json!({"type": "number", "minimum": 0, "description": "How far the highest score must be above the next."});
        let buckets = json!({
            "type": "array", "minItems": 1, "items": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            "description": "Where buckets of the probability begin, ascending.",
        });
        let map = json!({
            "type": "object", "minProperties": 1, "additionalProperties": schema::label(),
            "description": "What the column says, and the label it stands for.",
        });
        json!({
            "oneOf": [
                schema::map(json!({"column": column, "map": map}), &["column"]),
                schema::map(json!({"column": column, "is": schema::name("Holds when the column says so.")}), &["column", "is"]),
                schema::map(json!({"column": column, "at_least": number("Holds from this number on."), "at_most": number("Holds up to this number.")}), &["column", "at_least"]),
                schema::map(json!({"column": column, "at_most": number("Holds up to this number.")}), &["column", "at_most"]),
                schema::map(json!({"scores": scores, "at_least": number("The highest score must be so high."), "margin": margin}), &["scores"]),
                schema::map(json!({"scores": scores, "buckets": buckets, "margin": margin}), &["scores", "buckets"]),
            ],
            "examples": [{"column": "p_spam", "at_least": 0.9}],
        })
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Scalar(column, _) = &node.value {
            let right = format!("write `model: {{column: {column}}}`");
            not_a_map(node, "`model`", right, problems);
            return None;
        }
        let allowed = ["column", "is", "map", "at_least", "at_most", "scores", "margin", "buckets"];
        let keys = Keys::of(node, "`model`", &allowed, problems)?;
        let together = |present: &[&str], form: &str, problems: &mut Problems| {
            for (key, _) in allowed.iter().filter_map(|key| keys.get(key)) {
                if !present.contains(&key.as_str()) {
                    let message = format!("`{key}` does not go with {form}");
                    problems.push(
                        Problem::new("conflicting-keys", key.place, message)
                            .help(format!("with {form}: {}", present.join(", "))),
                    );
                }
            }
        };
        let place_of = |key: &str| keys.get(key).map_or(keys.place(), |(_, node)| node.place);
        let at_least = keys.decode("at_least", problems);
        let at_most: Option<f64> = keys.decode("at_most", problems);
        if keys.get("scores").is_some() {
            let buckets = match keys.get("buckets") {
                Some((_, node)) => {
                    together(&["scores", "buckets", "margin"], "`buckets`", problems);
                    buckets(node, problems)?
                }
                None => {
                    together(&["scores", "at_least", "margin"], "`scores`", problems);
                    Vec::new()
                }
            };
            let margin = keys.decode("margin", problems).unwrap_or(0.0);
            if margin < 0.0 {
                let message = "`margin` must not be below 0";
                problems.push(Problem::new("value", place_of("margin"), message));
            }
            let columns: Pairs<Located<String>> = keys.decode("scores", problems)?;
            if columns.0.len() < 2 && (buckets.is_empty() || columns.0.is_empty()) {
                let message = "`scores` needs a column for at least two labels";
                problems.push(Problem::new("value", place_of("scores"), message));
            }
            return Some(Self::Scores { columns, at_least, margin, buckets });
        }
        if keys.get("column").is_none() {
            let message = "`model` needs `column` or `scores`";
            problems.push(Problem::new("missing-key", keys.place(), message));
            return None;
        }
        let column = keys.decode("column", problems)?;
        if keys.get("at_least").is_some() || keys.get("at_most").is_some() {
            together(&["column", "at_least", "at_most"], "a threshold", problems);
            if let (Some(low), Some(high)) = (at_least, at_most)
                && low > high
            {
                let message = format!("no number is at least {low} and at most {high}");
                problems.push(Problem::new("value", place_of("at_most"), message));
            }
            return Some(Self::Score { column, at_least, at_most });
        }
        if keys.get("is").is_some() {
            together(&["column", "is"], "`is`", problems);
            return Some(Self::Is { column, value: keys.decode("is", problems)? });
        }
        together(&["column", "map"], "a label column", problems);
        let map = match keys.get("map") {
            Some((_, Node { value: Value::Map(entries), place })) if entries.is_empty() => {
                problems.push(Problem::new("empty-list", *place, "`map` must not be empty"));
                return None;
            }
            Some(_) => Some(keys.decode("map", problems)?),
            None => None,
        };
        Some(Self::Label { column, map })
    }

    fn columns(&self) -> Vec<Option<&Located<String>>> {
        match self {
            Self::Label { column, .. } | Self::Is { column, .. } | Self::Score { column, .. } => {
                vec![Some(column)]
            }
            Self::Scores { columns, .. } => {
                columns.0.iter().map(|(_, column)| Some(column)).collect()
            }
        }
    }

    fn says(&self, _: &[Says], _: &CompileCx<'_>) -> Says {
        match self {
            Self::Label { .. } | Self::Scores { .. } => Says::Label,
            Self::Is { .. } | Self::Score { .. } => Says::Truth,
        }
    }

    fn choices(&self, cx: &mut CompileCx<'_>) -> Vec<Choice> {
        let Self::Scores { columns, buckets, .. } = self else { return Vec::new() };
        let mut choices = Vec::new();
        for (label, _) in columns.0.iter().filter(|_| !buckets.is_empty()) {
            // An unknown label is noted when the condition is compiled.
            let class = cx.labels().iter().position(|known| *known == label.value);
            if let Some(class) = class.and_then(ClassId::new) {
                choices.extend(buckets.iter().map(|&bucket| Choice::scored(class, bucket)));
            }
        }
        choices
    }

    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let rules = group.iter().map(|one| (one.slot, rule(one.body, cx))).collect();
        Box::new(Compiled(rules))
    }
}

fn rule(body: &Model, cx: &mut CompileCx<'_>) -> Rule {
    match body {
        Model::Label { column, map } => {
            let field = cx.field(column, FieldKind::Text);
            let mut labels = HashMap::new();
            match map {
                Some(map) => {
                    for (value, label) in &map.0 {
                        if let Some(class) = cx.label(label) {
                            labels.insert(value.value.clone(), class);
                        }
                    }
                }
                None => {
                    let known = cx.labels().iter().zip(ClassId::first(ClassId::LIMIT));
                    labels.extend(known.map(|(label, class)| (label.clone(), class)));
                }
            }
            Rule::Label { field, labels }
        }
        Model::Is { column, value } => {
            Rule::Is { field: cx.field(column, FieldKind::Text), value: value.value.clone() }
        }
        Model::Score { column, at_least, at_most } => Rule::Score {
            field: cx.field(column, FieldKind::Number),
            range: at_least.unwrap_or(f64::NEG_INFINITY)..=at_most.unwrap_or(f64::INFINITY),
        },
        Model::Scores { columns, at_least, margin, buckets } => {
            let lows: Vec<f64> = buckets.iter().map(Bucket::low).collect();
            let at_least = at_least.unwrap_or(f64::NEG_INFINITY);
            let at_least = lows.first().copied().unwrap_or(at_least);
            let mut fields = Vec::new();
            for (label, column) in &columns.0 {
                let class = cx.label(label);
                let field = cx.field(column, FieldKind::Number);
                let Some(class) = class else { continue };
                let scored = buckets.iter().map(|&bucket| Choice::scored(class, bucket));
                let mut choices: Vec<ChoiceId> =
                    scored.filter_map(|choice| cx.choice_id(&choice)).collect();
                if buckets.is_empty() {
                    choices.push(class.into());
                }
                fields.push((field, choices));
            }
            Rule::Scores { fields, at_least, margin: *margin, lows }
        }
    }
}

/// Buckets from their lower ends: `[0.5, 0.7, 0.9]` is from 0.5, from 0.7, and from 0.9 to 1.
fn buckets(node: &Node, problems: &mut Problems) -> Option<Vec<Bucket>> {
    let lows: Vec<Located<f64>> = decode(node, problems)?;
    if lows.is_empty() {
        let problem = Problem::new("empty-list", node.place, "`buckets` must not be empty");
        problems.push(problem.help("say where each bucket begins: `buckets: [0.5, 0.7, 0.9]`"));
        return None;
    }
    let mut buckets = Vec::with_capacity(lows.len());
    for (i, low) in lows.iter().enumerate() {
        let high = lows.get(i + 1).map_or(1.0, |next| next.value);
        let message = if !(0.0..1.0).contains(&low.value) {
            format!("a bucket of probabilities cannot begin at {low}")
        } else if i > 0 && low.value <= lows[i - 1].value {
            format!("{low} does not come after {}", lows[i - 1])
        } else {
            // The next one is wrong where this fails, and is noted there.
            buckets.extend(Bucket::new(low.value, high));
            continue;
        };
        let help = "buckets begin at ascending numbers from 0 to below 1";
        problems.push(Problem::new("value", low.place, message).help(help));
    }
    (buckets.len() == lows.len()).then_some(buckets)
}

enum Rule {
    Label {
        field: FieldId,
        labels: HashMap<String, ClassId>,
    },
    Is {
        field: FieldId,
        value: String,
    },
    Score {
        field: FieldId,
        range: std::ops::RangeInclusive<f64>,
    },
    Scores {
        /// The column of each label, and what to vote for it: one choice a bucket, or just one.
        fields: Vec<(FieldId, Vec<ChoiceId>)>,
        at_least: f64,
        margin: f64,
        /// Where buckets begin.
        lows: Vec<f64>,
    },
}

struct Compiled(Vec<(Slot, Rule)>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for (slot, rule) in &self.0 {
            for row in 0..batch.n_rows() {
                answers.set(*slot, row, rule.answer(batch, row).unwrap_or(Answer::MISSING));
            }
        }
    }

    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        for (slot, rule) in &self.0 {
            if !rule.answer(batch, row).is_some_and(Answer::holds) {
                continue;
            }
            let mut whole = |field: &FieldId| {
                found(*slot, Finding { field: *field, place: None, in_spec: false, is_term: true });
            };
            match rule {
                Rule::Label { field, .. } | Rule::Is { field, .. } | Rule::Score { field, .. } => {
                    whole(field);
                }
                Rule::Scores { fields, .. } => fields.iter().for_each(|(field, _)| whole(field)),
            }
        }
    }
}

impl Rule {
    fn answer(&self, batch: &Batch, row: usize) -> Option<Answer> {
        match self {
            Self::Label { field, labels } => {
                let value = batch.text(*field, row)?;
                Some(labels.get(value).map_or(Answer::NO, |&class| Answer::label(class)))
            }
            Self::Is { field, value } => {
                Some(Answer::from_truth(batch.text(*field, row)? == value))
            }
            Self::Score { field, range } => {
                Some(Answer::from_truth(range.contains(&batch.number(*field, row)?)))
            }
            Self::Scores { fields, at_least, margin, lows } => {
                let mut best: Option<(f64, &[ChoiceId])> = None;
                let mut second = f64::NEG_INFINITY;
                for (field, choices) in fields {
                    let score = batch.number(*field, row)?;
                    match best {
                        Some((high, _)) if score <= high => second = second.max(score),
                        _ => {
                            second = best.map_or(second, |(high, _)| high);
                            best = Some((score, choices));
                        }
                    }
                }
                let (high, choices) = best?;
                let clear = high > second && high - second >= *margin;
                let bucket = lows.partition_point(|low| *low <= high).saturating_sub(1);
                let choice = choices.get(bucket).filter(|_| clear && high >= *at_least);
                Some(choice.map_or(Answer::NO, |&choice| Answer::label(choice)))
            }
        }
    }
}
