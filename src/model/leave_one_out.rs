//! What each labeling function contributes: the fit without it, from the same patterns.
//!
//! Every labeling function is left out once and the model is fitted again on the patterns of the
//! others, in which rows that only differed in its votes are one. That is exact, the leave-one-out of
//! Quenouille and Tukey (Efron and Stein 1981, "The jackknife estimate of variance",
//! doi:10.1214/aos/1176345462) over labeling functions instead of rows, and costs one fit each.

use super::{Decision, FitError, FittedModel, LabelModel, Supervision};
use crate::votes::{KnownLabels, id_without};
use crate::{LfId, Patterns};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What would be different without a labeling function, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contribution {
    /// Rows that have a hard label with and without it, and not the same one.
    pub flipped: u64,
    /// Rows that have a hard label only with it.
    pub lost: u64,
    /// Rows that have a hard label only without it.
    pub gained: u64,
    /// Rows that no other labeling function votes on.
    pub only_it: u64,
    /// The accuracy on all rows with a gold label (classes that tie share a row evenly) with it, minus
    /// that without it; none without gold labels.
    pub accuracy: Option<f64>,
}

impl Contribution {
    /// Rows whose label is another one without it, none, or there at all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.flipped + self.lost + self.gained
    }
}

/// What each labeling function contributes to the labels of `model` on `votes`, in their order.
///
/// `gold` has the known labels to score against; hard labels are made by `decision`, whose offsets stay what they
/// are.
///
/// # Errors
/// [`FitError`] when the model cannot be fitted on `votes`, or without some labeling function, unless
/// that is because nobody else votes: then no row has a label, and each class is as probable.
pub fn contributions(
    model: &dyn LabelModel,
    votes: &Patterns,
    known: &Supervision,
    decision: &Decision,
    gold: &KnownLabels,
) -> Result<Vec<Contribution>, FitError> {
    let fitted = model.fit(votes, known)?;
    contributions_of(&fitted, model, votes, known, decision, gold)
}

/// The same for a model that has been fitted already.
pub(super) fn contributions_of(
    fitted: &FittedModel,
    model: &dyn LabelModel,
    votes: &Patterns,
    known: &Supervision,
    decision: &Decision,
    gold: &KnownLabels,
) -> Result<Vec<Contribution>, FitError> {
    let k = votes.n_classes();
    let gold = gold.held_out().next().is_some().then(|| {
        let mut counts = Array2::<u64>::zeros((votes.len(), k));
        gold.held_out().for_each(|(u, class, rows)| counts[[u, class.index()]] += rows);
        counts
    });
    let labels = fitted.label(votes);
    let hard = labels.decide(decision);
    let with = gold.as_ref().map(|gold| accuracy(gold, |u| labels.table().row(u)));
    let lfs: Vec<LfId> = LfId::first(votes.n_lfs()).collect();
    let without = |lf: LfId| {
        let (others, number) = votes.without(lf);
        let refitted = match model.fit(&others, &known.without(lf)) {
            Ok(refitted) => refitted,
            // The last vote is gone.
            Err(FitError::NoVotes { .. }) => FittedModel::uniform(&others),
            Err(error) => return Err(error),
        };
        let labels = refitted.label(&others);
        let hard_without = labels.decide(decision);
        let mut found = Contribution::default();
        for (u, (row, count)) in votes.iter().enumerate() {
            let v = number[u] as usize;
            let different = match (hard[u], hard_without[v]) {
                (Some(one), Some(other)) if one != other => &mut found.flipped,
                (Some(_), None) => &mut found.lost,
                (None, Some(_)) => &mut found.gained,
                _ => &mut 0,
            };
            *different += count;
            found.only_it += if row.len() == 1 && row[0].lf == lf { count } else { 0 };
        }
        let accuracy_without =
            gold.as_ref().map(|gold| accuracy(gold, |u| labels.table().row(number[u] as usize)));
        found.accuracy = with.zip(accuracy_without).map(|(with, without)| with - without);
        Ok(found)
    };
    lfs.into_par_iter().map(without).collect()
}

/// The share of the gold rows whose most probable class is the gold one; classes that tie share
/// a row evenly.
fn accuracy<'a>(
    gold: &Array2<u64>,
    distribution: impl Fn(usize) -> ndarray::ArrayView1<'a, f64>,
) -> f64 {
    let mut right = 0.0;
    for (u, counts) in gold.rows().into_iter().enumerate() {
        let row = distribution(u);
        let most = row.iter().copied().fold(0.0, f64::max) - 1e-9;
        let tied = row.iter().filter(|&&p| p >= most).count() as f64;
        for (&count, _) in counts.iter().zip(&row).filter(|(_, p)| **p >= most) {
            right += count as f64 / tied;
        }
    }
    right / gold.sum() as f64
}

impl Supervision {
    /// What is known when this labeling function does not exist.
    fn without(&self, lf: LfId) -> Self {
        let trust = self.trust.iter();
        Self {
            class_balance: self.class_balance.clone(),
            gold: self.gold.as_ref().map(|gold| gold.without(lf)),
            trust: trust.filter_map(|&(other, a)| Some((id_without(other, lf)?, a))).collect(),
        }
    }
}
