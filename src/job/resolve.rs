//! What the sections `model` and `output` of a spec come to, with everything that is wrong in them.

use crate::lf::{DecideChoice, Gate, Located, Numbers, Problem, Shares, Spec, Subject};
use crate::model::{
    Costs, LabelModel, Policy, Rule, SettingError, Supervision, Ties, Uncovered, by_name, models,
};
use crate::{ClassId, LfId};

pub(super) fn supervision(spec: &Spec, problems: &mut Vec<Problem>) -> Supervision {
    let mut known = Supervision::default();
    if let Some(balance) = &spec.model.class_balance
        && let Some(shares) = class_balance(spec, balance, problems)
    {
        known = known.with_class_balance(shares);
    }
    let model = spec.model.name.as_ref().map_or(DEFAULT_MODEL, |name| name.as_str());
    if let Some((name, _)) = spec.model.trust.first()
        && models().iter().any(|entry| entry.name == model && !entry.uses_trust)
    {
        let message = format!("the model `{model}` makes no use of `trust`");
        let able = models().iter().filter(|entry| entry.uses_trust).map(|entry| entry.name);
        problems.push(Problem::new("value", name.place, message).choices("", able));
    }
    for (name, accuracy) in &spec.model.trust {
        let place = spec.lfs.iter().position(|lf| lf.name == *name);
        if place.is_none() && !spec.unreadable_lfs.contains(&name.value) {
            let message = format!("no labeling function is named `{name}`");
            let names = spec.lfs.iter().map(|lf| lf.name.as_str());
            problems.push(Problem::new("unknown-lf", name.place, message).choices(name, names));
        }
        if !(accuracy.value > 0.0 && accuracy.value < 1.0) {
            let message = format!(
                "the accuracy expected of `{name}` must be between 0 and 1, both excluded, it is {accuracy}"
            );
            problems.push(Problem::new("value", accuracy.place, message));
        } else if let Some(lf) = place.and_then(LfId::new) {
            known = known.with_trust(lf, accuracy.value);
        }
    }
    known
}

fn class_balance(
    spec: &Spec,
    Located { value: given, place }: &Located<Shares>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<f64>> {
    let labels: Vec<&str> = spec.labels.iter().map(|label| label.as_str()).collect();
    if labels.is_empty() {
        // Something is wrong with all of them, which has been said.
        return None;
    }
    let before = problems.len();
    for (label, _) in given.iter().filter(|(label, _)| !labels.contains(&label.as_str())) {
        let message = format!("`{label}` is not one of the labels");
        problems.push(
            Problem::new("unknown-label", label.place, message)
                .choices(label, labels.iter().copied()),
        );
    }
    for (label, share) in given.iter().filter(|(_, share)| *share <= 0.0) {
        let message = format!("the share of `{label}` must be above 0, it is {share}");
        problems.push(Problem::new("value", label.place, message));
    }
    let share_of = |label: &&str| given.iter().find(|(name, _)| name.value == **label);
    let missing: Vec<&str> =
        labels.iter().copied().filter(|label| share_of(label).is_none()).collect();
    let shares: Vec<f64> = labels.iter().filter_map(share_of).map(|(_, share)| *share).collect();
    let sum: f64 = shares.iter().sum();
    // What follows from a wrong label or share is not said as well.
    if problems.len() == before {
        if !missing.is_empty() {
            let message = format!("`class_balance` has no share for {}", missing.join(", "));
            problems.push(Problem::new("value", *place, message));
        } else if (sum - 1.0).abs() >= 1e-3 {
            let sum = (sum * 1e4).round() / 1e4;
            let message = format!("the shares must sum to 1, they sum to {sum}");
            problems.push(Problem::new("value", *place, message));
        }
    }
    Some(shares)
}

pub(super) fn policy(spec: &Spec, problems: &mut Vec<Problem>) -> Policy {
    let output = &spec.output;
    let mut policy = Policy::default();
    match output.ties.as_ref().map(|ties| (ties, ties.as_str())) {
        None | Some((_, "abstain")) => {}
        Some((_, "first")) => policy.ties = Ties::First,
        Some((ties, name)) => {
            let message = format!("`{name}` is no way to treat ties");
            let problem = Problem::new("value", ties.place, message);
            problems.push(problem.choices(name, ["abstain", "first"]));
        }
    }
    match &output.uncovered {
        Some(label) if label.as_str() == "abstain" => {}
        // A label of that name goes first.
        Some(label) if label.as_str() == DECIDE && !spec.labels.contains(label) => {
            policy.uncovered = Uncovered::Decide;
        }
        Some(label) => {
            let class = class_of(spec, label, &["abstain", DECIDE], problems);
            policy.uncovered = class.map_or(Uncovered::Abstain, Uncovered::Label);
        }
        None => {}
    }
    let probability = |least: &Located<f64>, problems: &mut Vec<Problem>| {
        if (0.0..=1.0).contains(&least.value) {
            return Some(least.value);
        }
        let message = format!("the least confidence must be between 0 and 1, it is {least}");
        problems.push(Problem::new("value", least.place, message));
        None
    };
    let all = output.min_confidence.as_ref();
    policy.min_confidence = all.and_then(|least| probability(least, problems));
    for (label, least) in &output.class_confidence {
        let class = class_of(spec, label, &[], problems);
        policy.class_confidence.extend(class.zip(probability(least, problems)));
    }
    match &output.decide {
        None | Some(DecideChoice::MostProbable) => {}
        Some(DecideChoice::Prevalence) => policy.rule = Rule::Prevalence,
        Some(DecideChoice::F1(None)) => policy.rule = Rule::F1(None),
        Some(DecideChoice::F1(Some(label))) => {
            policy.rule = Rule::F1(class_of(spec, label, &[], problems));
        }
        Some(DecideChoice::Cost(rows)) => {
            policy.rule = Rule::LeastCost(costs(spec, rows, problems));
        }
    }
    policy
}

/// How `uncovered` says that rows without votes are decided like others.
const DECIDE: &str = "most-probable";

fn costs(spec: &Spec, rows: &[(Located<String>, Numbers)], problems: &mut Vec<Problem>) -> Costs {
    let mut costs = Costs::zero_one(spec.labels.len());
    for (truth, row) in rows {
        let y = class_of(spec, truth, &[], problems);
        for (label, cost) in row {
            let abstain = label.as_str() == "abstain";
            let z = if abstain { None } else { class_of(spec, label, &["abstain"], problems) };
            if cost.value < 0.0 {
                let message = format!("a cost must be a number from 0 on, this is {cost}");
                problems.push(Problem::new("value", cost.place, message));
            }
            costs = match (y, z) {
                (Some(y), _) if abstain => costs.with_abstain(y, cost.value),
                (Some(y), Some(z)) => costs.with(y, z, cost.value),
                _ => costs,
            };
        }
    }
    costs
}

/// The gates, with a look at the names that they are about.
pub(super) fn gates(spec: &Spec, problems: &mut Vec<Problem>) -> Vec<Gate> {
    for gate in &spec.gates {
        match &gate.subject {
            Subject::All => {}
            Subject::Lf(name) => {
                let known = spec.lfs.iter().map(|lf| lf.name.as_str());
                if !spec.unreadable_lfs.contains(name) && !known.clone().any(|lf| lf == name) {
                    let message = format!("no labeling function is named `{name}`");
                    let problem = Problem::new("unknown-lf", gate.place, message);
                    problems.push(problem.choices(name, known));
                }
            }
            Subject::Slice(name) => {
                let known = spec.slices.iter().map(|(slice, _)| slice.as_str());
                if !spec.unreadable_slices.contains(name) && !known.clone().any(|s| s == name) {
                    let message = format!("there is no slice `{name}` under `slices`");
                    let problem = Problem::new("unknown-name", gate.place, message);
                    problems.push(problem.choices(name, known));
                }
            }
        }
    }
    spec.gates.iter().map(|gate| gate.value.clone()).collect()
}

/// The class of a label; `others` may stand there as well.
fn class_of(
    spec: &Spec,
    label: &Located<String>,
    others: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<ClassId> {
    let index = spec.labels.iter().position(|known| known == label);
    // Without labels something is wrong with all of them, which has been said.
    if index.is_none() && !spec.labels.is_empty() {
        let allowed = others.iter().copied().chain(spec.labels.iter().map(|l| l.as_str()));
        let message = format!("`{label}` is not one of the labels");
        problems.push(Problem::new("unknown-label", label.place, message).choices(label, allowed));
    }
    index.and_then(ClassId::new)
}

/// The label model when a spec names none.
pub const DEFAULT_MODEL: &str = "auto";

pub(super) fn model(spec: &Spec, problems: &mut Vec<Problem>) -> Option<Box<dyn LabelModel>> {
    let name = spec.model.name.as_ref().map_or(DEFAULT_MODEL, |name| name.as_str());
    let mut settings: Vec<_> = spec
        .model
        .settings
        .iter()
        .map(|(name, value)| (name.value.clone(), value.clone()))
        .collect();
    let mut clean = true;
    // A setting that is wrong is left out, to find the next one.
    loop {
        let error = match by_name(name, &settings) {
            Ok(model) => return clean.then_some(model),
            Err(error) => error,
        };
        clean = false;
        let message = error.to_string();
        let place_of = |setting: &str| {
            let mut keys = spec.model.settings.iter().map(|(key, _)| key);
            keys.find(|key| key.value == setting).map(|key| key.place).unwrap_or_default()
        };
        let setting = match error {
            SettingError::UnknownModel { name, allowed } => {
                let place = spec.model.name.as_ref().map(|name| name.place).unwrap_or_default();
                let problem = Problem::new(
                    "unknown-model",
                    place,
                    format!("no label model is named `{name}`"),
                );
                problems.push(problem.choices(&name, allowed));
                return None;
            }
            SettingError::UnknownSetting { model, name, allowed } => {
                let allowed = ["use", "class_balance", "trust"].into_iter().chain(allowed);
                let message = format!("the model `{model}` has no setting `{name}`");
                let problem = Problem::new("unknown-key", place_of(&name), message);
                problems.push(problem.choices(&name, allowed));
                name
            }
            SettingError::BadValue { name, .. } => {
                problems.push(Problem::new("value", place_of(name), message));
                name.to_owned()
            }
        };
        let before = settings.len();
        settings.retain(|(name, _)| *name != setting);
        if settings.len() == before {
            return None;
        }
    }
}
