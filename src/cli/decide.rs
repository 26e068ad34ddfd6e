//! What the command line says about trust, and about how hard labels are made.

use super::console::Console;
use crate::model::{Costs, Policy, Rule, Supervision, Ties, Uncovered, models};
use crate::names::nearest;
use crate::votes::KnownLabels;
use crate::{ClassId, LfId, Names};
use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};

/// How hard labels are made.
#[derive(Debug, Args)]
pub(super) struct DecisionOptions {
    /// Which class a row gets: `most-probable`; `prevalence`, such that labels are as common as the class
    /// balance says; `f1` or `f1=CLASS`, such that macro F1, or that of a class, is highest on the
    /// labels learned from.
    #[arg(long, value_name = "RULE", default_value = "most-probable")]
    decide: String,
    /// Decide for the least expected cost: a JSON object of the cost of each label by true class, as in
    /// {"spam": {"ham": 5}, "ham": {"spam": 1, "abstain": 0.2}}; mistakes not named cost 1.
    #[arg(long, value_name = "JSON", conflicts_with = "decide")]
    cost: Option<String>,
    /// No label where its probability would be below this; for some labels alone as in `spam=0.9,ham=0.6`.
    #[arg(long, value_name = "PROBABILITY")]
    min_confidence: Option<String>,
    /// What to do when classes are equally good.
    #[arg(long, value_enum, default_value = "abstain", value_name = "WHAT")]
    ties: OnTies,
    /// What rows without votes get: `abstain`, a class, or `most-probable` to decide them like others.
    #[arg(long, default_value = "abstain", value_name = "WHAT")]
    uncovered: String,
}

/// The least probability of any label, and of some.
type Thresholds = (Option<f64>, Vec<(ClassId, f64)>);

/// What to do when classes are equally good.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OnTies {
    /// No label.
    Abstain,
    /// The first of the classes.
    First,
}

impl OnTies {
    pub(super) fn ties(self) -> Ties {
        match self {
            Self::Abstain => Ties::Abstain,
            Self::First => Ties::First,
        }
    }
}

/// The rule of this name, those that name a class or costs aside.
pub(super) fn parse_rule(name: &str) -> anyhow::Result<Rule> {
    match name {
        "most-probable" => Ok(Rule::MostProbable),
        "prevalence" => Ok(Rule::Prevalence),
        "f1" => Ok(Rule::F1(None)),
        "cost" => bail!("--decide: for costs give --cost"),
        other => bail!(
            "--decide: `{other}` is no way to decide; there are most-probable, prevalence, f1 and \
             f1=CLASS"
        ),
    }
}

impl DecisionOptions {
    /// The policy for these classes.
    pub(super) fn policy(&self, names: &Names) -> anyhow::Result<Policy> {
        let rule = match (&self.cost, self.decide.split_once('=')) {
            (Some(costs), _) => Rule::LeastCost(parse_costs(costs, names)?),
            (None, Some(("f1", class))) => Rule::F1(Some(class_named(class, names, "--decide")?)),
            (None, _) => parse_rule(&self.decide)?,
        };
        let (min_confidence, class_confidence) = self.thresholds(names)?;
        let uncovered = match (self.uncovered.as_str(), names.class_named(&self.uncovered)) {
            (_, Some(class)) => Uncovered::Label(class),
            ("abstain", None) => Uncovered::Abstain,
            ("most-probable", None) => Uncovered::Decide,
            (other, None) => Uncovered::Label(class_named(other, names, "--uncovered")?),
        };
        let ties = self.ties.ties();
        Ok(Policy { rule, min_confidence, class_confidence, ties, uncovered })
    }

    /// The least probability of any label, and of some.
    fn thresholds(&self, names: &Names) -> anyhow::Result<Thresholds> {
        let probability = |text: &str| match text.trim().parse::<f64>() {
            Ok(least) if (0.0..=1.0).contains(&least) => Ok(least),
            _ => bail!("--min-confidence must be between 0 and 1, it is `{text}`"),
        };
        let Some(text) = &self.min_confidence else { return Ok((None, Vec::new())) };
        if !text.contains('=') {
            return Ok((Some(probability(text)?), Vec::new()));
        }
        let mut of_classes: Vec<(ClassId, f64)> = Vec::new();
        for pair in text.split(',') {
            let Some((label, least)) = pair.rsplit_once('=') else {
                bail!(
                    "--min-confidence: `{pair}` is not of the form label=probability, as in spam=0.9"
                );
            };
            let class = class_named(label.trim(), names, "--min-confidence")?;
            if of_classes.iter().any(|(known, _)| *known == class) {
                bail!("--min-confidence names `{}` twice", label.trim());
            }
            of_classes.push((class, probability(least)?));
        }
        Ok((None, of_classes))
    }
}

fn class_named(name: &str, names: &Names, option: &str) -> anyhow::Result<ClassId> {
    names.class_named(name).ok_or_else(|| {
        let classes = names.classes.iter().map(String::as_str);
        anyhow!(
            "{option} names `{name}`, which is not one of the labels {}{}",
            names.classes.join(", "),
            meant(name, classes)
        )
    })
}

pub(super) fn meant<'a>(name: &str, allowed: impl Iterator<Item = &'a str>) -> String {
    nearest(name, allowed).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn parse_costs(text: &str, names: &Names) -> anyhow::Result<Costs> {
    type Rows = serde_json::Map<String, serde_json::Value>;
    let example = r#"--cost is a JSON object such as {"spam": {"ham": 5}, "ham": {"spam": 1}}"#;
    let rows: Rows = serde_json::from_str(text).context(example)?;
    let mut costs = Costs::zero_one(names.classes.len());
    for (truth, row) in &rows {
        let y = class_named(truth, names, "--cost")?;
        let Some(row) = row.as_object() else { bail!("{example}; under `{truth}` is no object") };
        for (label, cost) in row {
            let Some(cost) = cost.as_f64().filter(|cost| *cost >= 0.0) else {
                bail!("--cost: the cost of `{label}` for `{truth}` is not a number from 0 on");
            };
            costs = match names.class_named(label) {
                None if label == "abstain" => costs.with_abstain(y, cost),
                _ => costs.with(y, class_named(label, names, "--cost")?, cost),
            };
        }
    }
    Ok(costs)
}

/// Says when a column of labels to learn from has none.
pub(super) fn nothing_learned(asked: bool, known: &KnownLabels, console: &Console) {
    if asked && known.n_learned() == 0 {
        console.say("the column of labels to learn from has none on these rows");
    }
}

/// Adds what `--trust name=accuracy` says, which goes before what is known already.
pub(super) fn trust(
    mut known: Supervision,
    given: &[String],
    model: &str,
    names: &Names,
) -> anyhow::Result<Supervision> {
    let unused = models().iter().any(|entry| entry.name == model && !entry.uses_trust);
    if unused && !given.is_empty() {
        bail!("--trust: the model `{model}` makes no use of it");
    }
    for pair in given {
        let parsed = pair.rsplit_once('=').map(|(name, accuracy)| (name, accuracy.parse::<f64>()));
        let Some((name, Ok(accuracy))) = parsed else {
            bail!("--trust: `{pair}` is not of the form name=accuracy, as in old-model=0.95");
        };
        let position = names.lfs.iter().position(|lf| lf == name);
        let Some(lf) = position.and_then(LfId::new) else {
            let lfs = names.lfs.iter().map(String::as_str);
            bail!("--trust: no labeling function is named `{name}`{}", meant(name, lfs));
        };
        if !(accuracy > 0.0 && accuracy < 1.0) {
            bail!(
                "--trust: the accuracy of `{name}` must be between 0 and 1, both excluded, it is {accuracy}"
            );
        }
        known.trust.retain(|(trusted, _)| *trusted != lf);
        known = known.with_trust(lf, accuracy);
    }
    Ok(known)
}
