//! How much a look at a row would teach: three measures with one number a pattern, and those that also ask a
//! classifier, with one number a row.

use crate::model::{FittedModel, LabelModel, Supervision, by_name};
use crate::{Patterns, Vote};
use ndarray::{Array1, Array2, ArrayView1};
use std::collections::BTreeMap;

/// How little one class leads: 1 − (p₁ − p₂), the two highest probabilities; 0 for rows without votes, of
/// which nothing is known, and which say nothing about any labeling function.
#[must_use]
pub fn uncertainty(votes: &Patterns, table: &Array2<f64>) -> Vec<f64> {
    let of = |(u, row): (usize, ArrayView1<'_, f64>)| {
        if votes.votes(u).is_empty() {
            return 0.0;
        }
        let mut row = row.to_vec();
        row.sort_unstable_by(|a, b| b.total_cmp(a));
        1.0 - (row.first().unwrap_or(&0.0) - row.get(1).unwrap_or(&0.0))
    };
    table.rows().into_iter().enumerate().map(of).collect()
}

/// How strongly votes contradict each other: the sum, over pairs of votes that cannot both be right, of the
/// weaker one's strength.
///
/// The strength of a vote is what the model makes of it alone, between chance (0) and certainty (1):
/// (p − c) / (1 − c), where p is the probability of the classes it allows and c their share of all classes.
#[must_use]
pub fn conflict(votes: &Patterns, model: &FittedModel) -> Vec<f64> {
    let names = votes.names();
    let k = votes.n_classes();
    let mut known: BTreeMap<Vote, f64> = BTreeMap::new();
    let mut posterior = vec![0.0; k];
    let mut strength = |vote: &Vote| {
        *known.entry(*vote).or_insert_with(|| {
            // The model may know the choice under another id.
            let choice = &names.choices()[vote.choice.index()];
            let Some(choice) = model.names().choice_id(choice) else { return 0.0 };
            model.posterior(&[Vote { lf: vote.lf, choice }], &mut posterior);
            let classes = names.classes_of(vote.choice);
            let p: f64 = classes.iter().map(|class| posterior[class.index()]).sum();
            let chance = classes.len() as f64 / k as f64;
            ((p - chance) / (1.0 - chance)).max(0.0)
        })
    };
    let mut scores = Vec::with_capacity(votes.len());
    for (row, _) in votes.iter() {
        let mut score = 0.0;
        for (i, one) in row.iter().enumerate() {
            for other in &row[i + 1..] {
                if names.conflict(one.choice, other.choice) {
                    score += strength(one).min(strength(other));
                }
            }
        }
        scores.push(score);
    }
    scores
}

/// Label models that were fitted on the same votes.
pub struct Committee {
    /// The names of the members.
    pub names: Vec<String>,
    /// What each makes of every pattern.
    pub tables: Vec<Array2<f64>>,
}

/// Models that differ in what they assume; the model of the run is there in any case.
const MEMBERS: [&str; 4] = ["auto", "dawid-skene", "weighted", "majority"];

impl Committee {
    /// The model of a run, and some others of the registry. One that cannot be fitted is left out.
    #[must_use]
    pub fn new(votes: &Patterns, model: &FittedModel, known: &Supervision) -> Self {
        let mut names = vec![model.model().to_owned()];
        let mut tables = vec![model.label(votes).table().clone()];
        for name in MEMBERS.into_iter().filter(|name| *name != model.model()) {
            let fit = |other: Box<dyn LabelModel>| other.fit(votes, known).ok();
            if let Some(other) = by_name(name, &[]).ok().and_then(fit) {
                names.push(name.to_owned());
                tables.push(other.label(votes).table().clone());
            }
        }
        Self { names, tables }
    }
}

/// The entropy of a distribution in nats, −Σ p ln p.
#[must_use]
pub fn entropy(row: ArrayView1<'_, f64>) -> f64 {
    row.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

/// The mutual information, in nats, between the label of a row and who of some members is right about it:
/// H(Σ wᵢ pᵢ) − Σ wᵢ H(pᵢ) = Σ wᵢ KL(pᵢ ‖ p̄), where wᵢ is the belief in member i before the label is known, and the
/// weights sum to 1 (BALD; Houlsby et al. 2011, equation 2, arXiv:1112.5745).
///
/// It is 0 where all say the same, also that they do not know: a label that nobody can foresee teaches nothing
/// about who is right.
#[must_use]
pub fn mutual_information(members: &[(f64, ArrayView1<'_, f64>)]) -> f64 {
    let Some((_, first)) = members.first() else { return 0.0 };
    let mut mean = Array1::zeros(first.len());
    let mut own = 0.0;
    for (weight, row) in members {
        mean.scaled_add(*weight, row);
        own += weight * entropy(*row);
    }
    (entropy(mean.view()) - own).max(0.0)
}

/// What the label of one row would say about label models and classifier: the
/// [mutual information](mutual_information) of a committee, half of which is the label models and half copies of
/// the classifier, equally likely within each half.
///
/// By the chain rule it is the divergence between the two halves and the mean divergence within them:
/// `information` is high where votes and classifier contradict each other, where label models make
/// different things of the votes, and where the classifier hangs on few features. Of a row without votes the
/// label models say nothing (`of_votes` is empty), and the copies are the whole committee.
#[must_use]
pub fn information(of_votes: &[ArrayView1<'_, f64>], of_classifier: &[ArrayView1<'_, f64>]) -> f64 {
    let halves = [of_votes, of_classifier];
    let n_halves = halves.iter().filter(|half| !half.is_empty()).count() as f64;
    let members = halves.iter().flat_map(|half| {
        let weight = 1.0 / (n_halves * half.len() as f64);
        half.iter().map(move |row| (weight, *row))
    });
    mutual_information(&members.collect::<Vec<_>>())
}

/// How far the members of a committee are from what they say on average: (1/m) Σ KL(pᵢ ‖ p̄), which is the
/// entropy of the mean less the mean entropy (McCallum and Nigam 1998); 0 where all say the same.
#[must_use]
pub fn disagreement(tables: &[Array2<f64>]) -> Vec<f64> {
    let Some(first) = tables.first() else { return Vec::new() };
    let entropy = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    let m = tables.len() as f64;
    let of = |u: usize| -> f64 {
        let of_class = |y: usize| {
            let all = tables.iter().map(|table| table[[u, y]]);
            let mean = all.clone().sum::<f64>() / m;
            entropy(mean) - all.map(entropy).sum::<f64>() / m
        };
        (0..first.ncols()).map(of_class).sum::<f64>().max(0.0)
    };
    (0..first.nrows()).map(of).collect()
}
