//! Gates: bounds on numbers of the report, checked.
//!
//! A gate that cannot be checked, because there are no gold labels or there is no earlier run, says
//! why; whether that is a failure is for others to say.

mod github;
mod junit;
mod suggest;

pub use github::github;
pub(crate) use junit::escape as xml;
pub use junit::junit;
pub use suggest::suggest;

use super::Report;
use super::findings::{percent, rows};
use super::groups::GroupReport;
use super::stats::{Precision, Share};
use crate::lf::{Gate, Measure, Subject};
use serde::{Deserialize, Serialize};

/// What became of a gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateResult {
    /// The gate.
    pub gate: Gate,
    /// Whether it holds.
    pub status: GateStatus,
    /// The number that it is about, from 0 to 1; none where it cannot be checked.
    pub value: Option<f64>,
    /// What the number is made of, or why there is none.
    pub reason: String,
}

/// Whether a gate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateStatus {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// There is nothing to check it with.
    NotChecked,
}

impl GateResult {
    /// Whether it fails; with `strict` also when it could not be checked.
    #[must_use]
    pub fn fails(&self, strict: bool) -> bool {
        match self.status {
            GateStatus::Passed => false,
            GateStatus::Failed => true,
            GateStatus::NotChecked => strict,
        }
    }

    /// What the gate is about: `labels`, `lf NAME` or `slice NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.gate.subject {
            Subject::All => "labels".to_owned(),
            Subject::Lf(name) => format!("lf {name}"),
            Subject::Slice(name) => format!("slice {name}"),
        }
    }

    /// The gate as specs write it: `coverage >= 60%`.
    #[must_use]
    pub fn condition(&self) -> String {
        let gate = &self.gate;
        format!("{} {} {}", gate.measure.name(), gate.side.sign(), short(gate.limit))
    }

    /// What became of it, in words: `coverage is 41.2 % (412 of 1,000 rows)`.
    #[must_use]
    pub fn outcome(&self) -> String {
        let name = self.gate.measure.name();
        match self.value {
            Some(value) => format!("{name} is {} ({})", percent(value), self.reason),
            None => format!("{name} is not checked: {}", self.reason),
        }
    }
}

/// A limit as a percentage, with no more digits than it needs.
fn short(limit: f64) -> String {
    let text = format!("{:.6}", 100.0 * limit);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Checks gates against a report, and for drift against that of an earlier run.
#[must_use]
pub fn check(report: &Report, gates: &[Gate], against: Option<&Report>) -> Vec<GateResult> {
    let check = |gate: &Gate| {
        let (status, value, reason) = match measured(report, gate, against) {
            Ok((value, reason)) if gate.holds(value) => (GateStatus::Passed, Some(value), reason),
            Ok((value, reason)) => (GateStatus::Failed, Some(value), reason),
            Err(reason) => (GateStatus::NotChecked, None, reason),
        };
        GateResult { gate: gate.clone(), status, value, reason }
    };
    gates.iter().map(check).collect()
}

/// A number and what it is made of, or why there is none.
type Measured = Result<(f64, String), String>;

fn measured(report: &Report, gate: &Gate, against: Option<&Report>) -> Measured {
    match &gate.subject {
        Subject::All => {
            let earlier = || Ok(against.ok_or_else(no_earlier)?.whole());
            of_group(&report.whole(), gate.measure, earlier)
        }
        Subject::Slice(name) => {
            let slice = |report: &Report, whose: &str| {
                let slice = report.slices.iter().find(|slice| slice.name == *name);
                let numbers = slice.map(|slice| slice.numbers.clone());
                numbers.ok_or_else(|| format!("{whose} has no slice `{name}`"))
            };
            let earlier = || slice(against.ok_or_else(no_earlier)?, "the earlier run");
            of_group(&slice(report, "the run")?, gate.measure, earlier)
        }
        Subject::Lf(name) => of_lf(report, name, gate.measure, against),
    }
}

fn no_earlier() -> String {
    "there is no earlier run to compare with (--against)".to_owned()
}

fn of_group(
    group: &GroupReport,
    measure: Measure,
    earlier: impl Fn() -> Result<GroupReport, String>,
) -> Measured {
    match measure {
        Measure::Precision => lower_end(group.precision, "labels on gold"),
        Measure::Drift => {
            let earlier = earlier()?;
            if group.labeled.count == 0 || earlier.labeled.count == 0 {
                return Err("there are no labels to compare".to_owned());
            }
            let moved = distance(group, &earlier);
            let (n, m) = (rows(group.labeled.count), rows(earlier.labeled.count));
            Ok((moved, format!("shares of {n} labels against {m}")))
        }
        _ => of_share(group.share(measure), "rows"),
    }
}

fn of_lf(report: &Report, name: &str, measure: Measure, against: Option<&Report>) -> Measured {
    let find = |report: &Report, whose: &str| {
        let lf = report.lfs.iter().find(|lf| lf.name == *name).cloned();
        lf.ok_or_else(|| format!("{whose} has no labeling function `{name}`"))
    };
    let lf = find(report, "the run")?;
    match measure {
        Measure::Coverage => of_share(Some(lf.coverage), "rows"),
        Measure::Conflict => of_share(Some(lf.conflict), "votes"),
        Measure::Precision => lower_end(lf.precision, "votes on known labels"),
        Measure::Drift => {
            let earlier = find(against.ok_or_else(no_earlier)?, "the earlier run")?;
            let (Some(now), Some(then)) = (lf.coverage.share, earlier.coverage.share) else {
                return Err("there are no rows to compare".to_owned());
            };
            Ok(((now - then).abs(), format!("coverage {} against {}", percent(now), percent(then))))
        }
        _ => Err(format!("a labeling function has no {}", measure.name())),
    }
}

fn of_share(share: Option<Share>, what: &str) -> Measured {
    match share.and_then(|share| Some((share.share?, share))) {
        Some((value, share)) => {
            Ok((value, format!("{} of {} {what}", rows(share.count), rows(share.of))))
        }
        None => Err(format!("there are no {what}")),
    }
}

/// The lower end of the interval, so that a few lucky rows do not pass.
fn lower_end(precision: Option<Precision>, what: &str) -> Measured {
    let precision = precision.ok_or_else(|| format!("there are no {what}"))?;
    let (right, n) = (rows(precision.correct), rows(precision.n));
    let value = percent(precision.value);
    Ok((precision.low, format!("at the least: {right} of {n} {what} are right, {value}")))
}

/// The total variation distance of the shares of the hard labels, by the names of the classes.
fn distance(one: &GroupReport, other: &GroupReport) -> f64 {
    let share_in = |group: &GroupReport, name: &str| {
        let class = group.classes.iter().find(|class| class.name == name);
        class.and_then(|class| class.hard.share).unwrap_or(0.0)
    };
    let names = one.classes.iter().map(|class| class.name.as_str());
    let new = other.classes.iter().map(|class| class.name.as_str());
    let new = new.filter(|name| one.classes.iter().all(|class| class.name != *name));
    let moved = names.chain(new).map(|name| (share_in(one, name) - share_in(other, name)).abs());
    moved.sum::<f64>() / 2.0
}
