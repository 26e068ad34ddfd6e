//! Rows as they are shown to people: cells with what was found in them, and votes with what they add.

use crate::input::Picked;
use crate::lf::{Evidence, Hit};
use crate::model::{Decision, FittedModel};
use crate::report::{
    Cell, Example, Flip, Ledger, Mark, Privacy, Reason, SampledVote, Stratum, TermCounter,
};
use crate::{ClassId, FieldId, LfId, LfSet, Names, Vote};
use std::collections::BTreeSet;

/// Rows that were read again, with the votes on them.
pub(super) struct Exhibit<'a> {
    pub(super) lfs: &'a LfSet,
    pub(super) picked: Picked,
    pub(super) evidence: Evidence,
    pub(super) privacy: Privacy,
    /// Characters of a cell that are shown; all of them where there are so many more.
    pub(super) longest: usize,
}

/// What weighs the votes.
#[derive(Clone, Copy)]
pub(super) struct Weighing<'a> {
    pub(super) model: &'a FittedModel,
    pub(super) decision: &'a Decision,
}

/// Characters that are shown of a long cell in a report.
pub(super) const EXCERPT: usize = 280;

/// Characters before the first mark of an excerpt.
const LEAD: usize = 60;

impl Exhibit<'_> {
    /// The row at a place among those that were read.
    pub(super) fn example(
        &self,
        at: usize,
        weighing: Weighing<'_>,
        strata: Vec<Stratum>,
        alike: u64,
    ) -> Example {
        let names = self.lfs.names();
        let votes = self.evidence.votes.row(at);
        let mut ledger = ledger(names, weighing, votes);
        if self.privacy.is_full() {
            for (lf, remark) in &self.evidence.remarks[at] {
                let reason = ledger.votes.iter_mut().find(|reason| reason.lf == lf.index());
                reason.into_iter().for_each(|reason| reason.remarks.push(remark.clone()));
            }
        }
        let label = weighing.decision.choose(&ledger.posterior, !votes.is_empty());
        let class = |class: ClassId| names.class(class).to_owned();
        let gold = self.evidence.gold.get(at).copied().flatten();
        Example {
            row: self.picked.rows[at],
            id: if self.privacy.is_full() { self.id(at) } else { None },
            strata,
            cells: self.cells(at),
            ledger,
            label: label.map(class),
            gold: gold.map(class),
            alike,
        }
    }

    /// Counts what a labeling function found in a row that it votes on; with the probability of each class,
    /// where a model says it.
    pub(super) fn count_terms(
        &self,
        at: usize,
        lf: LfId,
        posterior: Option<&[f64]>,
        counter: &mut TermCounter,
    ) {
        let (names, row) = (self.lfs.names(), self.evidence.votes.row(at));
        let Some(own) = row.iter().find(|vote| vote.lf == lf) else { return };
        let classes = names.classes_of(own.choice);
        let gold = self.evidence.gold.get(at).copied().flatten();
        let vote = SampledVote {
            conflict: row.iter().any(|other| names.conflict(other.choice, own.choice)),
            probability: posterior
                .map(|posterior| classes.iter().map(|class| posterior[class.index()]).sum()),
            right: gold.map(|class| classes.contains(&class)),
        };
        let hits = self.evidence.hits[at].iter().filter(|hit| hit.lf == lf);
        let terms: BTreeSet<(String, bool)> =
            hits.filter_map(|hit| Some((hit.term.clone()?, hit.in_spec))).collect();
        counter.add(terms.into_iter(), vote);
    }

    fn id(&self, at: usize) -> Option<String> {
        Some(self.evidence.ids.as_ref()?.as_text(at)?.into_owned())
    }

    fn cells(&self, at: usize) -> Vec<Cell> {
        let fields = self.lfs.lf_fields();
        let cells = FieldId::first(fields.len()).zip(fields);
        cells
            .map(|(field, described)| {
                let hits: Vec<&Hit> =
                    self.evidence.hits[at].iter().filter(|hit| hit.field == field).collect();
                let batch = &self.picked.batch;
                let text = batch.column(field).and_then(|column| column.as_text(at));
                self.cell(&described.name, text.as_deref(), &hits)
            })
            .collect()
    }

    fn cell(&self, column: &str, text: Option<&str>, hits: &[&Hit]) -> Cell {
        let column = column.to_owned();
        let Some(text) = text else {
            let (cut, marks) = (false, Vec::new());
            return Cell { column, text: None, cut_before: cut, cut_after: cut, marks };
        };
        let place = |hit: &Hit| hit.place.unwrap_or((0, text.len()));
        let first = hits.iter().map(|hit| place(hit)).min();
        let (start, end) = excerpt(text, first, self.longest);
        let shown = &text[start..end];
        let within = |hit: &&&Hit| {
            let (from, to) = place(hit);
            from < end && to > start
        };
        let cut = |hit: &Hit| {
            let (from, to) = place(hit);
            (from.max(start) - start, to.min(end) - start)
        };
        let open: Vec<(usize, usize)> =
            hits.iter().filter(within).filter(|hit| hit.in_spec).map(|hit| cut(hit)).collect();
        let masked = self.privacy.text(shown, &open);
        // Masking keeps the number of characters, not of bytes.
        let moved = |at: usize| {
            if self.privacy.is_full() {
                return at;
            }
            let characters = shown[..at].chars().count();
            masked.char_indices().nth(characters).map_or(masked.len(), |(at, _)| at)
        };
        let mut marks: Vec<Mark> = hits
            .iter()
            .filter(within)
            .map(|hit| {
                let (start, end) = cut(hit);
                Mark { start: moved(start), end: moved(end), lf: hit.lf.index() }
            })
            .collect();
        marks.sort_unstable();
        Cell {
            column,
            text: Some(masked),
            cut_before: start > 0,
            cut_after: end < text.len(),
            marks,
        }
    }
}

/// The part of a text to show, in bytes: all of it, or what begins a little before the first mark.
fn excerpt(text: &str, first: Option<(usize, usize)>, longest: usize) -> (usize, usize) {
    if text.chars().take(longest.saturating_add(1)).count() <= longest {
        return (0, text.len());
    }
    let before = &text[..first.map_or(0, |(start, _)| start)];
    let lead = before.char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at);
    // Words stay whole.
    let start = if lead == 0 {
        0
    } else {
        text[lead..before.len()].find(char::is_whitespace).map_or(lead, |at| lead + at + 1)
    };
    let end = text[start..].char_indices().nth(longest).map_or(text.len(), |(at, _)| start + at);
    (start, end)
}

/// How the votes of a row add up.
fn ledger(names: &Names, weighing: Weighing<'_>, votes: &[Vote]) -> Ledger {
    let account = weighing.model.account(votes);
    let label = weighing.decision.choose(&account.posterior, !votes.is_empty());
    let without = |left_out: usize| {
        let rest: Vec<Vote> = votes
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != left_out)
            .map(|(_, vote)| *vote)
            .collect();
        let mut posterior = vec![0.0; names.classes.len()];
        weighing.model.posterior(&rest, &mut posterior);
        weighing.decision.choose(&posterior, !rest.is_empty())
    };
    let reasons = votes.iter().zip(account.votes).enumerate().map(|(i, (vote, scores))| {
        let other = without(i);
        let flips_to = (other != label)
            .then(|| Flip { label: other.map(|class| names.class(class).to_owned()) });
        Reason {
            lf: vote.lf.index(),
            name: names.lf(vote.lf).to_owned(),
            vote: names.choice_name(vote.choice).into_owned(),
            scores,
            remarks: Vec::new(),
            flips_to,
        }
    });
    Ledger {
        prior: account.prior,
        start: account.start,
        votes: reasons.collect(),
        posterior: account.posterior,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_holds_the_first_mark_and_whole_words() {
        let text = "word ".repeat(100) + "chest pain" + &" more".repeat(100);
        let start = text.find("chest").expect("there");
        let (from, to) = excerpt(&text, Some((start, start + 5)), 100);
        let shown = &text[from..to];
        assert!(shown.contains("chest pain") && shown.starts_with("word"), "{shown}");
        assert_eq!(shown.chars().count(), 100);
        assert_eq!(excerpt("short", Some((2, 3)), 100), (0, 5));
        assert_eq!(excerpt(&"é".repeat(50), None, 10), (0, 20));
    }
}
