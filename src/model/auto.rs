//! The default: chooses the family of label models from the matrix, and averages where that is safer.
//!
//! Three kinds of label matrices want three kinds of models:
//!
//! * *Rules*: most votes come from labeling functions that vote for one class or abstain. Their
//!   confusion matrices cannot be identified, and maximum likelihood collapses; precisions, held in
//!   place by priors, do well ([`Anchored`]).
//! * *Annotators*: most votes come from labeling functions that vote for several classes. They want
//!   confusion matrices ([`DawidSkene`]), averaged with the anchored posterior, since matrices
//!   learned from few votes are overconfident.
//! * *Independent*: as annotators, with many rows, and the votes show no sign of dependence beyond
//!   the class (see [`super::independence`]). Then the generative model is right ([`Generative`]),
//!   abstentions and rows without votes included, and an average would only blur it.
//!
//! In the first two, majority vote has a small share of the posterior, so that a row on which all agree
//! stays so; and rows without votes get a distribution from overlaps (see [`super::recapture`]).

use super::columns::Columns;
use super::draft::Draft;
use super::entry::ModelEntry;
use super::expectation::{Expected, expect_majority, expect_scores};
use super::independence::dependence;
use super::{
    Anchored, DawidSkene, FitError, FittedModel, Generative, LabelModel, Member, Supervision,
    Trace, recapture,
};
use crate::Patterns;

/// The automatic choice; it has no settings, since to set something is to choose a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Auto;

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "auto",
    summary: "chooses from the votes between the models below, averages, and says why",
    uses_trust: true,
    settings: &[],
    build: |_| Ok(Box::new(Auto)),
};

/// The share of Dawid–Skene in the posterior of annotators.
const CONFUSION_SHARE: f64 = 2.0 / 3.0;

/// Rows that there must be for each probability of the generative model before its fit to the counts
/// of pairs can tell dependence from chance.
const ROWS_A_PARAMETER: f64 = 20.0;

/// The X² per degree of freedom up to which labeling functions count as independent.
const INDEPENDENT: f64 = 1.5;

/// Rounds of EM before the first look, and the X² per degree of freedom up to which the generative
/// model is then fitted in full.
const ROUGH_ROUNDS: usize = 100;
const ROUGHLY_INDEPENDENT: f64 = 3.0;

impl LabelModel for Auto {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let shape = Shape::new(&columns);
        let annotators = shape.several > 0.5;
        let mut notes = Vec::new();
        if annotators && shape.rows_a_parameter >= ROWS_A_PARAMETER {
            let generative = Generative::default();
            let estimator = generative.estimator(&columns, known);
            let weights = vec![1.0; columns.len()];
            // A rough fit tells clear dependence at a fraction of the time.
            let (rough, _) = estimator.fit(&weights, ROUGH_ROUNDS);
            let mut chi = dependence(&estimator, &rough);
            if chi.is_some_and(|chi| chi <= ROUGHLY_INDEPENDENT)
                && let Ok((tables, trace)) = generative.tables(&estimator)
            {
                chi = dependence(&estimator, &tables);
                if let Some(chi) = chi.filter(|chi| *chi <= INDEPENDENT) {
                    notes.push(format!(
                        "model: generative, since {}, and pairs of them agree as often as if they \
                         were independent given the class (X² / df = {chi:.2})",
                        shape.describe()
                    ));
                    return Draft::new(ENTRY.name, estimator.member(&tables, &weights), trace)
                        .with_uncovered(estimator.uncovered(&tables, &weights))
                        .with_notes(notes)
                        .finish(votes, known);
                }
            }
            if let Some(chi) = chi {
                notes.push(format!(
                    "labeling functions depend on each other beyond the class (X² / df = \
                     {chi:.1}, 1 if they did not): their votes are not taken as independent"
                ));
            }
        }
        let anchored = Anchored::default();
        let discounts = [anchored.discount(), recapture::DISCOUNT];
        let [weights, captures] = columns.redundancy_weights(discounts);
        let (member, mut trace) = anchored.weighted_member(&columns, known, weights)?;
        let precision = vec![
            (1.0 - anchored.majority_share, member),
            (anchored.majority_share, Member::MajorityVote),
        ];
        let members = if annotators {
            let (mut member, _, confusion) = DawidSkene::default().member(&columns, known);
            speak_for_one_choice(&columns, &mut member, &precision[0].1);
            trace = Trace {
                rounds: trace.rounds.max(confusion.rounds),
                converged: trace.converged && confusion.converged,
                objective: confusion.objective,
            };
            let rest = precision.into_iter().map(|(w, m)| ((1.0 - CONFUSION_SHARE) * w, m));
            std::iter::once((CONFUSION_SHARE, member)).chain(rest).collect()
        } else {
            precision
        };
        let why = shape.describe();
        let what = if annotators {
            "dawid-skene averaged with anchored and majority vote"
        } else {
            "anchored averaged with majority vote"
        };
        notes.insert(0, format!("model: {what}, since {why}"));
        let missed = if columns.uncovered > 0.0 {
            let parts =
                members.iter().map(|(weight, member)| (*weight, expect_member(&columns, member)));
            let expected = Expected::mean(&columns, parts);
            recapture::uncovered(&columns, &captures, &expected)
        } else {
            None
        };
        let draft = Draft::average(ENTRY.name, members, trace).with_notes(notes);
        match missed {
            Some(missed) => draft.with_uncovered_prior(missed),
            None => draft,
        }
        .finish(votes, known)
    }
}

/// The expectations under the posteriors of a member that was fitted on these columns.
fn expect_member(columns: &Columns, member: &Member) -> Expected {
    match member {
        Member::MajorityVote => expect_majority(columns),
        Member::Evidence { bias, evidence } => {
            let scores: Vec<f64> =
                evidence.iter().flat_map(|evidence| &evidence.scores).copied().collect();
            expect_scores(columns, bias, &scores)
        }
    }
}

/// Gives columns of labeling functions with a single choice the evidence of the anchored member:
/// that they vote says something, and confusion matrices, which ask what is voted, do not hear it.
fn speak_for_one_choice(columns: &Columns, confusion: &mut Member, anchored: &Member) {
    if let (Member::Evidence { evidence, .. }, Member::Evidence { evidence: precision, .. }) =
        (confusion, anchored)
    {
        for c in (0..columns.len()).filter(|&c| has_one_choice(columns, c)) {
            evidence[c].scores.clone_from(&precision[c].scores);
        }
    }
}

/// Whether the labeling function of a column has no other.
fn has_one_choice(columns: &Columns, c: usize) -> bool {
    let lf = columns.votes[c].lf;
    let same = |other: Option<usize>| {
        other.and_then(|other| columns.votes.get(other)).is_some_and(|vote| vote.lf == lf)
    };
    !same(c.checked_sub(1)) && !same(Some(c + 1))
}

/// What the choice depends on.
struct Shape {
    /// Share of the votes that come from labeling functions with more than one choice.
    several: f64,
    /// Votes per covered row.
    votes_a_row: f64,
    /// Rows for each probability of the generative model.
    rows_a_parameter: f64,
}

impl Shape {
    fn new(columns: &Columns) -> Self {
        let several = (0..columns.len()).filter(|&c| !has_one_choice(columns, c));
        let several: f64 = several.map(|c| columns.counts[c]).sum();
        let total: f64 = columns.counts.iter().sum();
        let parameters = (columns.len() * columns.n_classes) as f64;
        let rows = columns.n_rows() + columns.uncovered;
        Self {
            // The sum of nothing is −0.
            several: (several + 0.0) / total,
            votes_a_row: total / columns.n_rows(),
            rows_a_parameter: rows / parameters,
        }
    }

    fn describe(&self) -> String {
        format!(
            "{:.0} % of the votes come from labeling functions that vote for several classes, with \
             {:.1} votes a covered row",
            100.0 * self.several,
            self.votes_a_row
        )
    }
}
