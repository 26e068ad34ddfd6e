//! What to do with each labeling function, and why.

use super::findings::{self, Finding, percent, rows};
use super::health::REMARKS;
use super::{LfReport, Report, Share, TermReport};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do with a labeling function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Remove it: it says nothing, nothing new, or the contrary of what is right.
    Retire,
    /// Let it vote on fewer rows.
    Narrow,
    /// Make two of it: one part is good, another is not.
    Split,
    /// Nothing is known about it until some of its rows are labeled by hand.
    NeedsLabels,
    /// It is fine.
    Keep,
}

impl Action {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 5] =
        [Self::Retire, Self::Narrow, Self::Split, Self::NeedsLabels, Self::Keep];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Retire => "retire",
            Self::Narrow => "narrow",
            Self::Split => "split",
            Self::NeedsLabels => "needs labels",
            Self::Keep => "keep",
        }
    }
}

/// What to do with one labeling function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// Why, in a sentence.
    pub reason: String,
    /// For [`Action::NeedsLabels`], how many hand labels on its rows would tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<u64>,
    /// The terms it is about, if it is about some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// Rows as proof, by their position among the examples of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<usize>,
}

/// Votes with gold labels that say something.
const ENOUGH_GOLD: u64 = 5;
/// A precision below this leaves something to be desired.
const FAIR: f64 = 0.6;
/// An interval this wide says little.
const WIDE: f64 = 0.3;

impl Report {
    /// Says what to do with each labeling function, from everything that is known by now, and adds what
    /// terms tell to the findings. `proof` gives the examples that show an LF's most doubtful votes, or
    /// its usual ones.
    pub(crate) fn judge(&mut self, proof: impl Fn(usize, bool) -> Vec<usize>) {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            if let Some(lf) = &finding.lf {
                findings.entry(lf).or_default().push(finding);
            }
        }
        let verdicts: Vec<Verdict> = (0..self.lfs.len())
            .map(|at| {
                let lf = &self.lfs[at];
                let found = findings.get(lf.name.as_str()).map_or(&[][..], Vec::as_slice);
                let (mut verdict, doubtful) = verdict(self, lf, found);
                verdict.proof = proof(at, doubtful);
                verdict
            })
            .collect();
        for (lf, verdict) in self.lfs.iter_mut().zip(verdicts) {
            lf.verdict = Some(verdict);
        }
        self.findings.retain(|finding| finding.code != DOUBTFUL_TERM);
        let terms = self.lfs.iter().filter_map(doubtful_term).collect::<Vec<_>>();
        // Remarks stay last.
        let remarks = self.findings.iter().rev();
        let remarks =
            remarks.take_while(|finding| REMARKS.contains(&finding.code.as_str())).count();
        let at = self.findings.len() - remarks;
        self.findings.splice(at..at, terms);
        self.health = findings::health(self);
        self.headline = findings::headline(self);
    }
}

/// The labeling functions that are not to be kept as they are, the most urgent first.
pub(super) fn wanted(report: &Report) -> Vec<(&LfReport, &Verdict)> {
    let verdicts = report.lfs.iter().filter_map(|lf| Some((lf, lf.verdict.as_ref()?)));
    let mut wanted: Vec<_> =
        verdicts.filter(|(_, verdict)| verdict.action != Action::Keep).collect();
    wanted.sort_by_key(|(lf, verdict)| (verdict.action, std::cmp::Reverse(lf.coverage.count)));
    wanted
}

const DOUBTFUL_TERM: &str = "doubtful-term";

/// The doubtful terms of a labeling function, and how many of the rows that were looked at have one.
struct Doubt<'a> {
    terms: Vec<&'a TermReport>,
    rows: Share,
}

impl<'a> Doubt<'a> {
    /// None without doubtful terms.
    fn of(lf: &'a LfReport) -> Option<Self> {
        let report = lf.terms.as_ref()?;
        let terms: Vec<&TermReport> = report.terms.iter().filter(|term| term.doubtful).collect();
        let found = terms.iter().map(|term| term.rows.count).sum();
        let rows = Share::new(found, report.sampled.map_or(0, |sampled| sampled.count));
        (!terms.is_empty()).then_some(Self { terms, rows })
    }

    fn share(&self) -> f64 {
        self.rows.share.unwrap_or(0.0)
    }
}

fn doubtful_term(lf: &LfReport) -> Option<Finding> {
    let doubt = Doubt::of(lf)?;
    let doubtful = &doubt.terms;
    let first = doubtful.first()?;
    let what = match (&first.precision, doubtful.as_slice()) {
        (Some(gold), [_]) if gold.n >= ENOUGH_GOLD => {
            let (right, n) = (rows(gold.correct), rows(gold.n));
            format!("it is right on {right} of {n} rows with a gold label")
        }
        (_, [_]) => format!(
            "others contradict it on {} of {} rows",
            rows(first.conflict.count),
            rows(first.conflict.of)
        ),
        _ => "their votes are doubtful, those of its other terms are not".to_owned(),
    };
    let message = format!(
        "the doubtful votes come from {}: {what} ({} of {} rows that were looked at); remove or narrow {}",
        list(&names(doubtful)),
        rows(doubt.rows.count),
        rows(doubt.rows.of),
        if doubtful.len() == 1 { "it" } else { "them" }
    );
    let estimate = (doubt.share() * lf.coverage.count as f64).round() as u64;
    Some(Finding::new(DOUBTFUL_TERM, Some(lf), estimate, message))
}

fn names(terms: &[&TermReport]) -> Vec<String> {
    terms.iter().take(3).map(|term| term.term.clone()).collect()
}

fn list(terms: &[String]) -> String {
    let quoted: Vec<String> = terms.iter().map(|term| format!("“{term}”")).collect();
    quoted.join(", ")
}

/// The verdict on a labeling function with its findings, without its proof, and whether that is to be its doubtful votes.
fn verdict(report: &Report, lf: &LfReport, findings: &[&Finding]) -> (Verdict, bool) {
    let of = |action, reason: String| Verdict {
        action,
        reason,
        labels: None,
        terms: Vec::new(),
        proof: Vec::new(),
    };
    let found = |code: &str| findings.iter().find(|finding| finding.code == code);
    let n = lf.coverage.count;
    if n == 0 {
        let reason = if lf.missing * 2 > report.rows.rows {
            format!("It never votes: its cell is missing on {} rows.", rows(lf.missing))
        } else {
            "It never votes: check its spelling and its column.".to_owned()
        };
        return (of(Action::Retire, reason), false);
    }
    let gold = lf.precision.filter(|precision| precision.n >= ENOUGH_GOLD);
    if let Some(doubt) = Doubt::of(lf) {
        let (share, terms) = (doubt.share(), names(&doubt.terms));
        let (action, what) = if share >= 0.3 {
            (
                Action::Split,
                if terms.len() > 1 {
                    "give them a labeling function of their own"
                } else {
                    "give it a labeling function of its own"
                },
            )
        } else {
            (
                Action::Narrow,
                if terms.len() > 1 { "remove or narrow them" } else { "remove or narrow it" },
            )
        };
        let reason = format!(
            "Its votes for {} are doubtful ({} of its rows), the others are not: {what}.",
            list(&terms),
            percent(share)
        );
        return (Verdict { terms, ..of(action, reason) }, true);
    }
    if let Some(gold) = gold.filter(|gold| gold.high < 0.5) {
        let reason = format!(
            "Only {} of its {} votes on rows with a hand label are right.",
            rows(gold.correct),
            rows(gold.n)
        );
        return (of(Action::Retire, reason), true);
    }
    if let Some(gold) = gold.filter(|gold| gold.value < FAIR && found("overrated").is_some()) {
        let reason = format!(
            "{} of its {} votes on rows with a hand label are right, fewer than the model believes.",
            rows(gold.correct),
            rows(gold.n)
        );
        return (of(Action::Narrow, reason), true);
    }
    if found("inverted").is_some() {
        let reason =
            "The others say the contrary of what it votes: check its label first.".to_owned();
        return (of(Action::Retire, reason), true);
    }
    for code in ["duplicate", "near-duplicate", "subsumed"] {
        let idle = lf.contribution.is_none_or(|c| c.rows() == 0);
        if let Some(finding) = found(code).filter(|_| code != "subsumed" || idle) {
            return (of(Action::Retire, sentence(&finding.message)), false);
        }
    }
    if let Some(always) = found("always-votes") {
        return (of(Action::Narrow, sentence(&always.message)), true);
    }
    let cleared = gold.is_some_and(|gold| gold.low >= 0.5);
    if !cleared && (found("doubted").is_some() || found("conflicts").is_some()) {
        let learned = lf.learned_accuracy.map_or_else(String::new, |learned| {
            format!(" and the model believes {} of its votes", percent(learned))
        });
        let reason = format!(
            "Others contradict it on {} of its {} rows{learned}.",
            rows(lf.conflict.count),
            rows(n)
        );
        return (of(Action::Narrow, reason), true);
    }
    if gold.is_none() {
        let wide = lf.learned_interval.is_some_and(|interval| interval.high - interval.low > WIDE);
        let why = if lf.learned_accuracy.is_none() {
            Some(
                "No other labeling function votes on its rows, so that nothing speaks for or against it",
            )
        } else if wide {
            Some("What the model learned of it is uncertain")
        } else {
            None
        };
        if let Some(why) = why {
            let labels = labels_needed(lf, lf.learned_accuracy.unwrap_or(0.5));
            let reason =
                format!("{why}: about {} hand labels on its rows would tell.", rows(labels));
            return (Verdict { labels: Some(labels), ..of(Action::NeedsLabels, reason) }, false);
        }
    }
    let reason = match (lf.precision, lf.learned_accuracy) {
        (Some(gold), _) if gold.n >= ENOUGH_GOLD => {
            format!(
                "{} of its {} votes on rows with a hand label are right.",
                rows(gold.correct),
                rows(gold.n)
            )
        }
        (_, Some(learned)) => {
            format!(
                "The model believes {} of its votes, and nothing speaks against it.",
                percent(learned)
            )
        }
        _ => "Nothing speaks against it.".to_owned(),
    };
    (of(Action::Keep, reason), false)
}

/// Hand labels on the rows of a labeling function that tell its precision to ± 10 percentage points with
/// 95 % confidence, those that are there already aside: z² p (1 − p) / 0.1², with the correction for
/// a finite number of rows (Cochran 1977, Sampling Techniques, section 4.4).
fn labels_needed(lf: &LfReport, p: f64) -> u64 {
    let p = p.clamp(0.5, 0.95);
    let many = 1.96 * 1.96 * p * (1.0 - p) / 0.01;
    let needed = many / (1.0 + (many - 1.0) / lf.coverage.count.max(1) as f64);
    (needed.ceil() as u64).saturating_sub(lf.precision.map_or(0, |precision| precision.n)).max(1)
}

/// What a finding says of an LF as a sentence.
fn sentence(message: &str) -> String {
    format!("It {message}.")
}
