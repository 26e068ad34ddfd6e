//! The report: every number that people are shown, as one value; renderers only draw it.
//!
//! Definitions, with their denominators:
//!
//! * *coverage* of an LF: rows it votes on / rows;
//! * *overlap*: its rows where another LF votes / its rows;
//! * *conflict*: its rows where another LF votes differently / its rows; overlap and conflict are
//!   given over all rows as well, as other tools do. Two votes differ in this sense when they cannot
//!   both be right: no class is possible for both;
//! * *learned accuracy*: the mean probability, over its rows, of what it voted, of a partial or
//!   negative vote that of all its classes together; none for an LF that never overlaps with another,
//!   because nothing but the prior speaks for or against it;
//! * *precision on gold*: its votes for the gold label, or for a set of classes with it / its votes on
//!   rows with one, with a 95 % Wilson interval (Wilson 1927, doi:10.1080/01621459.1927.10502953);
//!   none without such rows. A partial vote is right more easily than a plain one. Rows that the
//!   model learned from count here, because LFs do not learn, but not in the scores of labels;
//! * *interval* of a learned accuracy or an expected count: from the 2.5 % to the 97.5 % point of what
//!   refitting on resampled rows gives (see [`intervals`](crate::model::intervals));
//! * *scores* against gold labels, in [`Metrics`]: balanced accuracy is the mean recall over the classes
//!   that have gold rows (Brodersen et al. 2010, doi:10.1109/icpr.2010.764); the correlation is that of
//!   Matthews for several classes ([`Confusion::correlation`]); ROC and precision–recall curves and their
//!   areas are in [`Ranking`];
//! * *contribution* of an LF: rows whose label is another, or is missing, when the model is fitted
//!   without it (see [`contributions`](crate::model::contributions));
//! * *strength* of a dependent pair: (agree − expected) / (possible − expected), with the rows on which
//!   both vote the same, those on which they would if the label alone made them, and those on which
//!   they could (see [`dependencies`](crate::model::dependencies));
//! * *slice* and *period*: the rows where a condition holds, and those of a time. Their coverage,
//!   conflict and labeled rows are divided by their rows, class shares by their labeled rows, and
//!   precision by their labels on gold rows that nothing was learned from ([`GroupReport`]);
//! * *drift* of the labels: half the sum of the absolute differences of the class shares of two runs
//!   (total variation distance); of an LF, the difference of its coverage ([`gates`]).

mod calibration;
mod changes;
mod dependent;
mod example;
mod explanation;
mod findings;
pub mod gates;
mod gold;
mod groups;
mod health;
mod html;
mod made;
mod markdown;
mod matrix;
mod periods;
mod portrait;
mod preview;
mod privacy;
mod profile;
mod ranking;
mod repeats;
mod slices;
mod sound;
mod stats;
mod tables;
mod terminal;
mod terms;
mod verdict;

pub use calibration::{ConfidenceBin, Confusion};
pub use changes::{ChangeCause, ChangedLf, Changes};
pub use dependent::DependentPair;
pub use example::{Cell, Example, Examples, Flip, Ledger, Mark, Reason, Stratum};
pub use explanation::Explanation;
pub use findings::{Finding, Health};
pub(crate) use findings::{percent, rows};
pub use gates::{GateResult, GateStatus};
pub use gold::{ClassMetrics, GoldReport, Metrics};
pub use groups::{ClassShare, Difference, GroupReport};
pub use html::{html, html_row};
pub use made::{Made, MadeFrom};
pub use markdown::markdown;
pub(crate) use markdown::{code, escape};
pub use matrix::{PairCell, PairMatrix};
pub use periods::{Change, LfPeriods, PeriodReport, PeriodsReport};
pub use preview::{OtherLf, Preview};
pub use privacy::Privacy;
pub use profile::Profile;
pub use ranking::{CurvePoint, Ranking};
pub use slices::SliceReport;
pub use stats::{LfReport, LfVotes, PairReport, Precision, RowReport, Share};
pub(crate) use stats::{differing, disagree};
pub use terminal::{Denominator, Style, terminal, terminal_gates};
pub(crate) use terminal::{Paint, cell, fill, new_table, right};
pub(crate) use terms::{SampledVote, TermCounter};
pub use terms::{TermReport, TermsReport};
pub use verdict::{Action, Verdict};

use crate::lf::{About, Notes};
use crate::model::{
    Decision, FittedModel, Interval, LabelModel, Majority, ProbLabels, Supervision, Uncertainty,
};
use crate::votes::{Groups, KnownLabels};
use crate::{ClassId, Patterns};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "jurat-report-1";

/// Everything there is to say about a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// `jurat-report-1`.
    pub format: String,
    /// The state of things in a few sentences.
    pub headline: Vec<String>,
    /// In one word.
    pub health: Health,
    /// What to look at next, the most important first.
    pub findings: Vec<Finding>,
    /// Rows: how many are covered, overlap and conflict.
    pub rows: RowReport,
    /// The labeling functions, in order.
    pub lfs: Vec<LfReport>,
    /// How many rows have 0, 1, 2 … votes.
    pub votes_per_row: Vec<u64>,
    /// The classes, in order.
    pub classes: Vec<ClassReport>,
    /// The pairs of LFs that disagree on most rows, the worst first.
    pub conflicts: Vec<PairReport>,
    /// The pairs of LFs that agree beyond what the label explains, the strongest first.
    #[serde(default)]
    pub dependencies: Vec<DependentPair>,
    /// The labeling functions against each other.
    #[serde(default)]
    pub matrix: PairMatrix,
    /// Covered rows by the probability of their most probable class.
    #[serde(default)]
    pub confidence: Vec<ConfidenceBin>,
    /// Scores against known labels, when there are any.
    pub gold: Option<GoldReport>,
    /// Rows with a gold label that are left out of these scores because the model learned from them.
    #[serde(default)]
    pub gold_left_out: u64,
    /// How hard labels were made, in words.
    #[serde(default)]
    pub decision: String,
    /// The label model.
    pub model: ModelReport,
    /// The slices, in the order of the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceReport>,
    /// What became of the gates, in the order of the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateResult>,
    /// Rows by time, if there is a column of times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub periods: Option<PeriodsReport>,
    /// Rows to look at.
    #[serde(default)]
    pub examples: Examples,
    /// What changed since an earlier run, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// How it was made, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// What took how long, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

/// One class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassReport {
    /// Its name.
    pub name: String,
    /// Rows with this hard label.
    pub hard: u64,
    /// The sum of its probability over all covered rows.
    pub expected: f64,
    /// The 95 % interval of that, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_interval: Option<Interval>,
    /// Rows with this gold label, when there are gold labels.
    pub gold: Option<u64>,
    /// Its share of all rows as the user gave it.
    pub balance: Option<f64>,
}

/// The label model, as far as the report speaks of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelReport {
    /// Its name.
    pub name: String,
    /// Rounds made.
    pub rounds: usize,
    /// Whether it converged.
    pub converged: bool,
    /// Distinct vote rows it learned from.
    pub patterns: usize,
    /// Rows with a known label that it learned from.
    #[serde(default)]
    pub known: u64,
    /// What it decided for itself and why.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Fits on resampled rows that the intervals come from, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicates: Option<usize>,
    /// The share of the covered rows whose most probable class is another one after such a fit, on
    /// average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<f64>,
}

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The votes.
    pub votes: &'a Patterns,
    /// The model.
    pub model: &'a FittedModel,
    /// The probabilities.
    pub labels: &'a ProbLabels,
    /// How they become hard labels.
    pub decision: &'a Decision,
    /// The class balance that the user gave.
    pub balance: Option<&'a [f64]>,
    /// Known labels: those to score against, and those that the model learned from.
    pub known: &'a KnownLabels,
    /// Slices and periods, if there are any.
    pub groups: Option<&'a Groups>,
    /// How sure the fit is, and what each LF contributes to it, as far as that was computed.
    pub uncertainty: Option<&'a Uncertainty>,
    /// What happened to each LF; empty when the votes come from elsewhere.
    pub notes: &'a [Notes],
    /// What people should know about each LF; empty when the votes come from elsewhere.
    pub about: &'a [About],
}

/// A part of a whole as a percentage, with its interval where there is one.
fn with_interval(part: f64, interval: Option<Interval>, whole: f64) -> String {
    let value = findings::percent(part / whole);
    interval.map_or_else(
        || value.clone(),
        |ends| {
            let (low, high) = (100.0 * ends.low / whole, 100.0 * ends.high / whole);
            let digits = if high - low < 2.0 { 1 } else { 0 };
            format!("{value} ({low:.digits$}–{high:.digits$})")
        },
    )
}

/// A note of the model with a capital letter and a full stop.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

impl Report {
    /// Computes the report.
    #[must_use]
    pub fn new(evidence: &Evidence<'_>) -> Self {
        let votes = evidence.votes;
        let names = votes.names();
        let hard = evidence.labels.decide(evidence.decision);
        let (gold, gold_left_out) = gold::held_out(evidence);
        let majority = || {
            let model = Majority.fit(votes, &Supervision::default()).ok();
            model.map(|model| model.label(votes))
        };
        let ((pairs, majority), dependencies) = rayon::join(
            || rayon::join(|| stats::pairs(votes), majority),
            || dependent::pairs(votes, evidence.model),
        );
        let counts = gold::known(evidence);
        let lfs = stats::lfs(evidence, &pairs, counts.as_ref());
        let intervals = evidence.uncertainty.and_then(|known| known.intervals.as_ref());
        let rows = stats::rows(votes, &hard);
        let classes = ClassId::first(names.classes.len())
            .map(|class| ClassReport {
                name: names.class(class).to_owned(),
                hard: votes
                    .iter()
                    .zip(&hard)
                    .filter(|(_, hard)| **hard == Some(class))
                    .map(|((_, count), _)| count)
                    .sum(),
                expected: votes
                    .iter()
                    .zip(evidence.labels.table().rows())
                    .filter(|((votes, _), _)| !votes.is_empty())
                    .map(|((_, count), row)| count as f64 * row[class.index()])
                    .sum(),
                expected_interval: intervals
                    .and_then(|known| known.counts.get(class.index()).copied()),
                gold: gold.as_ref().map(|gold| gold.class_total(class)),
                balance: evidence.balance.map(|balance| balance[class.index()]),
            })
            .collect();
        let counts = gold;
        let gold =
            counts.as_ref().map(|gold| gold::report(evidence, gold, &hard, majority.as_ref()));
        let trace = evidence.model.trace();
        let model = ModelReport {
            name: evidence.model.model().to_owned(),
            rounds: trace.rounds,
            converged: trace.converged,
            patterns: votes.len(),
            known: evidence.known.n_learned(),
            notes: evidence.model.notes().to_vec(),
            replicates: intervals.map(|known| known.replicates),
            changed: intervals.map(|known| known.changed),
        };
        let mut report = Self {
            format: FORMAT.to_owned(),
            headline: Vec::new(),
            health: Health::Good,
            findings: Vec::new(),
            rows,
            lfs,
            votes_per_row: stats::votes_per_row(votes),
            classes,
            conflicts: stats::worst_conflicts(votes, &pairs),
            matrix: matrix::matrix(votes, &pairs),
            confidence: gold.as_ref().map_or_else(
                || calibration::bins(votes, evidence.labels, None),
                |gold| gold.labels.calibration.clone(),
            ),
            dependencies,
            gold,
            gold_left_out,
            decision: evidence.decision.in_words(names),
            model,
            slices: Vec::new(),
            periods: None,
            gates: Vec::new(),
            examples: Examples::default(),
            changes: None,
            made: None,
            profile: None,
        };
        if let Some(groups) = evidence.groups.filter(|groups| !groups.is_empty()) {
            let counter = groups::Counter::new(evidence, &hard);
            report.slices = slices::slices(&report, &groups.slices, &counter);
            let periods = groups.periods.as_ref();
            report.periods = periods.map(|p| periods::periods(&report, p, &counter));
        }
        let health =
            health::findings(&report, evidence, &pairs, &hard, counts.as_ref(), majority.as_ref());
        let voted = stats::voted_classes(votes);
        report.findings = findings::findings(&report, &pairs, &voted, health);
        report.judge(|_, _| Vec::new());
        report
    }

    /// The report as a JSON document.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a report that [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// When the document is not a report.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let document = serde_json::from_str(json)?;
        sound::document(&document).map_err(serde::de::Error::custom)?;
        let report: Self = serde_json::from_value(document)?;
        if report.format != FORMAT {
            let message = format!("the report has the format `{}`, not `{FORMAT}`", report.format);
            return Err(serde::de::Error::custom(message));
        }
        sound::report(&report).map_err(serde::de::Error::custom)?;
        Ok(report)
    }
}
