//! What data say about labeling functions, before any model: for `jurat check --data`.

use super::{Job, Outcome};
use crate::input::Source;
use crate::lf::{Label, VoteCache, Watch};
use crate::model::{Effort, by_name};
use crate::report::Finding;
use crate::votes::Scratch;
use crate::{Error, Spec};

/// Findings that are about votes, whatever a model makes of them.
const OF_VOTES: [&str; 10] = [
    "always-votes",
    "conflicts",
    "duplicate",
    "failures",
    "label-without-votes",
    "missing-cells",
    "near-duplicate",
    "never-votes",
    "subsumed",
    "uncovered",
];

impl Job {
    /// Votes, and says what is odd about the votes alone: what never or always votes, what repeats or
    /// contradicts others, which labels nobody votes for.
    ///
    /// # Errors
    /// As [`run_with`](Self::run_with).
    pub fn lint(
        mut self,
        spec: &Spec,
        source: &mut dyn Source,
        watch: &dyn Watch,
        scratch: &Scratch,
        cache: Option<&VoteCache>,
    ) -> Result<Vec<Finding>, Error> {
        // What is said here holds for every model, so the quickest will do.
        if let Ok(quick) = by_name("majority", &[]) {
            self.model = quick.into();
        }
        self.known = Default::default();
        self.effort = Effort::Off;
        self.gates.clear();
        let mut outcome = self.run_with(source, watch, scratch, cache)?;
        let mut found = std::mem::take(&mut outcome.report.findings);
        found.retain(|finding| OF_VOTES.contains(&finding.code.as_str()));
        found.extend(never_given(spec, &outcome));
        Ok(found)
    }
}

/// Votes of labeling functions with several labels that no row was given.
fn never_given(spec: &Spec, outcome: &Outcome) -> Vec<Finding> {
    let rows = outcome.votes.n_rows();
    let mut found = Vec::new();
    for (lf, report) in spec.lfs.iter().zip(&outcome.report.lfs) {
        let silent = |label: &&str| report.votes.iter().all(|voted| voted.label != **label);
        let labels = lf.votes.iter().filter_map(|(label, _)| match label {
            Some(Label::One(label)) => Some(label.as_str()),
            _ => None,
        });
        let labels: Vec<&str> = labels.filter(silent).collect();
        if lf.votes.len() > 1 && report.coverage.count > 0 {
            for label in labels {
                let message = format!(
                    "never votes `{label}`: no row satisfies its condition without one of those before it"
                );
                let (code, lf) = ("unused-vote".to_owned(), Some(report.name.clone()));
                found.push(Finding { code, lf, message, rows });
            }
        }
    }
    found
}
