//! A fitted model: data that can be saved, read and applied.

use super::balance::{Tilt, shift};
use super::numeric::softmax;
use super::{Correction, ProbLabels};
use crate::{ChoiceId, Names, Patterns, Vote};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What fitting a label model gives, whichever model it was.
///
/// The posterior of a row with votes is the weighted average of the members' posteriors, corrected
/// by what gold labels taught, if there were any, and moved by one logit a class when the class
/// balance was known. A row without votes has a distribution of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedModel {
    format: String,
    model: String,
    names: Arc<Names>,
    members: Vec<Member>,
    #[serde(default)]
    weights: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) correction: Option<Correction>,
    pub(super) uncovered: Vec<f64>,
    pub(super) shift: Vec<f64>,
    pub(super) trace: Trace,
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// One of the posteriors that are averaged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Member {
    /// The class with the most votes, of which a partial vote gives each of its classes an equal
    /// part; ties are split evenly.
    MajorityVote,
    /// softmax(bias + Σ scores of the votes).
    Evidence {
        /// A score a class.
        bias: Vec<f64>,
        /// What each vote adds, in ascending order of the votes.
        evidence: Vec<Evidence>,
    },
}

/// What one vote adds to the score of each class, in log odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The vote.
    pub vote: Vote,
    /// A score a class.
    pub scores: Vec<f64>,
}

/// How the fit went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Rounds made.
    pub rounds: usize,
    /// Whether the last round moved no parameter by more than 10⁻⁶.
    pub converged: bool,
    /// The objective after each round, or after the last one alone.
    pub objective: Vec<f64>,
}

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFileError {
    /// Not JSON, or not of the form of a model.
    #[error("not a jurat model file: {0}")]
    Json(#[from] serde_json::Error),
    /// A model of another version.
    #[error(
        "the model file has the format `{found}`, this version reads `{FIRST_FORMAT}` and `{FORMAT}`"
    )]
    Format {
        /// Format named in the file.
        found: String,
    },
    /// A model of other labeling functions.
    #[error(
        "the model was fitted on other labeling functions or labels; take the spec that it was fitted with"
    )]
    OtherNames,
    /// Numbers or ids that cannot be.
    #[error("the model file is damaged: {0}")]
    Damaged(&'static str),
}

/// Format 1 had members of equal weight and moved rows without votes like all others.
const FIRST_FORMAT: &str = "jurat-model-1";

const FORMAT: &str = "jurat-model-2";

impl FittedModel {
    /// Members with their weights, which sum to 1; nothing is known of rows without votes.
    pub(super) fn assemble(
        model: &str,
        votes: &Patterns,
        members: Vec<Member>,
        weights: Vec<f64>,
    ) -> Self {
        let k = votes.n_classes();
        Self {
            format: FORMAT.to_owned(),
            model: model.to_owned(),
            names: votes.names().clone(),
            members,
            weights,
            correction: None,
            uncovered: vec![1.0 / k as f64; k],
            shift: vec![0.0; k],
            trace: Trace::default(),
            notes: Vec::new(),
        }
    }

    /// What there is to say without votes: nothing.
    pub(super) fn uniform(votes: &Patterns) -> Self {
        Self::assemble("none", votes, vec![Member::MajorityVote], vec![1.0])
    }

    /// The name of the label model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The labeling functions and classes it was fitted on.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// Refuses votes of other labeling functions, or for other classes.
    pub(crate) fn check_names(&self, names: &Names) -> Result<(), ModelFileError> {
        let same = (&names.lfs, &names.classes) == (&self.names.lfs, &self.names.classes);
        if same { Ok(()) } else { Err(ModelFileError::OtherNames) }
    }

    /// The members whose posteriors are averaged.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// What share of the posterior each member has, in their order; they sum to 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What gold labels added, if there were any.
    #[must_use]
    pub fn correction(&self) -> Option<&Correction> {
        self.correction.as_ref()
    }

    /// What the model decided for itself and why, in sentences for the user.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How the fit went.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// P(Y = y | votes) for one row, written to `out`, which has one place a class.
    ///
    /// A row without votes gets the uniform distribution, unless the model has evidence for
    /// another one: that no labeling function spoke is not taken as evidence for the classes that are
    /// common among the others. When the class balance or gold labels are known, it follows them:
    /// classes that the votes find too rarely are likely among the rows that no labeling function
    /// found.
    pub fn posterior(&self, votes: &[Vote], out: &mut [f64]) {
        if votes.is_empty() {
            out.copy_from_slice(&self.uncovered);
            return;
        }
        self.weigh(votes, out);
    }

    /// What votes come to on a row that is covered, even where none of them is counted yet.
    pub(super) fn weigh(&self, votes: &[Vote], out: &mut [f64]) {
        let find = |member: usize, vote: &Vote| find(self.members[member].evidence(), vote);
        self.weigh_by(find, &Tilt::new(&self.shift), votes, &mut vec![0.0; out.len()], out);
    }

    /// The same, with `find` to find what a vote adds in a member and `part` for its posterior.
    fn weigh_by<'a>(
        &self,
        find: impl Fn(usize, &Vote) -> Option<&'a Evidence>,
        tilt: &Tilt,
        votes: &[Vote],
        part: &mut [f64],
        out: &mut [f64],
    ) {
        out.fill(0.0);
        for (at, (member, weight)) in self.members.iter().zip(&self.weights).enumerate() {
            member.posterior(votes, &self.names, |vote| find(at, vote), part);
            out.iter_mut().zip(part.iter()).for_each(|(sum, p)| *sum += weight * p);
        }
        if let Some(correction) = &self.correction {
            correction.apply(votes, out);
        }
        tilt.shift(out);
    }

    /// Probabilistic labels for all rows that `votes` counted.
    ///
    /// Richer votes are matched by what they say; one that did not occur while fitting is no
    /// evidence.
    #[must_use]
    pub fn label(&self, votes: &Patterns) -> ProbLabels {
        ProbLabels::new(votes, self.table(votes))
    }

    /// n_patterns × n_classes.
    pub(super) fn table(&self, votes: &Patterns) -> Array2<f64> {
        let k = votes.n_classes();
        let mut table = Array2::zeros((votes.len(), k));
        let (mut posterior, mut part) = (vec![0.0; k], vec![0.0; k]);
        let ids = self.own_ids(votes.names());
        let indexes: Vec<Index<'_>> = self.members.iter().map(|m| self.index(m)).collect();
        let find = |member: usize, vote: &Vote| indexes[member].find(vote);
        let tilt = Tilt::new(&self.shift);
        let mut own = Vec::new();
        for (mut row, (mut votes, _)) in table.rows_mut().into_iter().zip(votes.iter()) {
            if let Some(ids) = &ids {
                own.clear();
                own.extend(votes.iter().filter_map(|vote| {
                    let choice = ids[vote.choice.index()]?;
                    Some(Vote { lf: vote.lf, choice })
                }));
                votes = &own;
            }
            if votes.is_empty() {
                posterior.copy_from_slice(&self.uncovered);
            } else {
                self.weigh_by(find, &tilt, votes, &mut part, &mut posterior);
            }
            row.iter_mut().zip(&posterior).for_each(|(cell, p)| *cell = *p);
        }
        table
    }

    fn index<'a>(&self, member: &'a Member) -> Index<'a> {
        let entries = member.evidence();
        let before = |lf: usize| entries.partition_point(|entry| entry.vote.lf.index() < lf);
        Index { entries, starts: (0..=self.names.lfs.len()).map(before).collect() }
    }

    /// The id here of each choice there; `None` when they are the same.
    fn own_ids(&self, other: &Names) -> Option<Vec<Option<ChoiceId>>> {
        (other.rich_choices() != self.names.rich_choices())
            .then(|| other.choices().iter().map(|choice| self.names.choice_id(choice)).collect())
    }

    /// The model as a JSON document.
    ///
    /// # Errors
    /// [`ModelFileError::Json`] when a number is not finite.
    pub fn to_json(&self) -> Result<String, ModelFileError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a model that [`to_json`](Self::to_json) wrote, and checks it.
    ///
    /// # Errors
    /// [`ModelFileError`] when the document is not such a model.
    pub fn from_json(json: &str) -> Result<Self, ModelFileError> {
        let mut model: Self = serde_json::from_str(json)?;
        let (n_lfs, k) = (model.names.lfs.len(), model.names.classes.len());
        let n_choices = model.names.n_choices();
        // No log odds come near; sums of what is far beyond would be no numbers any more.
        let sound = |v: &f64| v.abs() <= 1e9;
        let finite = |values: &[f64]| values.len() == k && values.iter().all(sound);
        if k < 2 || model.members.is_empty() || !finite(&model.shift) || !finite(&model.uncovered) {
            return Err(ModelFileError::Damaged("classes, members or shift"));
        }
        if model.format == FIRST_FORMAT {
            FORMAT.clone_into(&mut model.format);
            model.weights = vec![1.0 / model.members.len() as f64; model.members.len()];
            shift(&mut model.uncovered, &model.shift);
        }
        if model.format != FORMAT {
            return Err(ModelFileError::Format { found: model.format });
        }
        let total: f64 = model.uncovered.iter().sum();
        if model.uncovered.iter().any(|&p| p < 0.0) || (total - 1.0).abs() > 1e-6 {
            return Err(ModelFileError::Damaged("the distribution of rows without votes"));
        }
        let sum: f64 = model.weights.iter().sum();
        let weights = model.weights.iter().all(|&weight| weight >= 0.0);
        if model.weights.len() != model.members.len() || !weights || (sum - 1.0).abs() > 1e-6 {
            return Err(ModelFileError::Damaged("the weights of the members"));
        }
        if model.correction.as_ref().is_some_and(|correction| !correction.is_sound(k)) {
            return Err(ModelFileError::Damaged("the correction"));
        }
        for member in &model.members {
            let Member::Evidence { bias, evidence } = member else { continue };
            let known = |vote: &Vote| vote.lf.index() < n_lfs && vote.choice.index() < n_choices;
            if !finite(bias)
                || !evidence.iter().all(|entry| known(&entry.vote) && finite(&entry.scores))
                || !evidence.is_sorted_by(|a, b| a.vote < b.vote)
            {
                return Err(ModelFileError::Damaged("a member's evidence"));
            }
        }
        Ok(model)
    }
}

/// What a vote adds; `entries` ascend.
fn find<'a>(entries: &'a [Evidence], vote: &Vote) -> Option<&'a Evidence> {
    entries.binary_search_by_key(vote, |entry| entry.vote).ok().map(|at| &entries[at])
}

impl Evidence {
    /// What votes add: `scores` has one row of `n_classes` for each of them.
    pub(super) fn of_votes(votes: &[Vote], scores: &[f64], n_classes: usize) -> Vec<Self> {
        let rows = votes.iter().zip(scores.chunks(n_classes));
        rows.map(|(&vote, scores)| Self { vote, scores: scores.to_vec() }).collect()
    }
}

/// Where the evidence of each labeling function begins, and where that of the last one ends.
struct Index<'a> {
    entries: &'a [Evidence],
    starts: Vec<usize>,
}

impl<'a> Index<'a> {
    fn find(&self, vote: &Vote) -> Option<&'a Evidence> {
        let lf = vote.lf.index();
        let &[start, end] = self.starts.get(lf..lf + 2)? else { return None };
        let entries = &self.entries[start..end];
        find(entries, vote)
    }
}

impl Member {
    /// What each vote adds, where votes are added up.
    fn evidence(&self) -> &[Evidence] {
        match self {
            Self::MajorityVote => &[],
            Self::Evidence { evidence, .. } => evidence,
        }
    }

    fn posterior<'a>(
        &self,
        votes: &[Vote],
        names: &Names,
        find: impl Fn(&Vote) -> Option<&'a Evidence>,
        out: &mut [f64],
    ) {
        match self {
            Self::MajorityVote => {
                out.fill(0.0);
                for vote in votes {
                    let classes = names.classes_of(vote.choice);
                    let part = 1.0 / classes.len() as f64;
                    classes.iter().for_each(|class| out[class.index()] += part);
                }
                split_ties(out);
            }
            Self::Evidence { bias, .. } => {
                out.copy_from_slice(bias);
                // A vote that was never seen while fitting is no evidence.
                for entry in votes.iter().filter_map(find) {
                    out.iter_mut().zip(&entry.scores).for_each(|(sum, s)| *sum += s);
                }
                softmax(out);
            }
        }
    }
}

/// Replaces the votes for each class by the distribution on those with the most.
pub(super) fn split_ties(votes: &mut [f64]) {
    // Parts of votes do not always add up exactly.
    let most = votes.iter().copied().fold(0.0, f64::max) - 1e-9;
    let tied = votes.iter().filter(|&&count| count >= most).count();
    for p in votes {
        *p = if *p >= most { 1.0 / tied as f64 } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Supervision, by_name, models};
    use crate::{LabelMatrix, Names, Patterns};

    fn votes(n_lfs: usize, seed: usize) -> Patterns {
        let names = Names::new((0..n_lfs).map(|j| format!("lf{j}")), ["a", "b", "c"]);
        let fires = |i: usize, j: usize| (i + seed).is_multiple_of(j + 2);
        let row = |i: usize| (0..n_lfs).map(|j| fires(i, j).then_some((i / 5 + j) % 3)).collect();
        let rows: Vec<Vec<Option<usize>>> = (0..600).map(row).collect();
        Patterns::count(&LabelMatrix::from_dense(names.expect("names"), &rows).expect("votes"))
    }

    /// With a class balance and without, also for votes that were not there when the model was fitted and for
    /// those of a labeling function that it does not know.
    #[test]
    fn a_table_is_the_posteriors_of_its_rows() {
        let known = Supervision::default().with_class_balance(vec![0.2, 0.5, 0.3]);
        for (entry, known) in
            models().iter().flat_map(|m| [(m, Supervision::default()), (m, known.clone())])
        {
            let model = by_name(entry.name, &[]).expect("defaults are valid");
            let fitted = model.fit(&votes(5, 0), &known).expect("fits");
            for votes in [votes(5, 0), votes(5, 1), votes(6, 1)] {
                let labels = fitted.label(&votes);
                for (u, (row, _)) in votes.iter().enumerate() {
                    let mut posterior = [0.0; 3];
                    fitted.posterior(row, &mut posterior);
                    assert_eq!(
                        labels.table().row(u).to_vec(),
                        posterior,
                        "{}: {row:?}",
                        entry.name
                    );
                }
            }
        }
    }
}
