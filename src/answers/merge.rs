//! New answers into a gold file.

use super::decide::later;
use super::{Answer, Answers};
use std::collections::HashMap;

/// What became of new answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// Answers about a row by somebody who had not said anything about it.
    pub new: usize,
    /// Answers by somebody who had said something else about the row, which stays in the file.
    pub changed: usize,
    /// Answers that say again what is in the file.
    pub repeated: usize,
}

/// A row, by identifier or else by number, and a person.
type Key = (Option<String>, Option<u64>, String);

fn key(answer: &Answer) -> Key {
    let row = answer.row.filter(|_| answer.id.is_none());
    (answer.id.clone(), row, answer.who.clone())
}

/// Whether an answer was given after another one, wherever they stand.
fn after(answer: &Answer, other: &Answer) -> bool {
    later(answer, other) && !later(other, answer)
}

/// The answers of each person about each row as they were given: one that says again what an earlier one said
/// may only be left out where nothing else was said in between. With each comes whether another one follows that
/// says something else at the same time, before which it may not be left out either.
fn in_time(new: Vec<Answer>) -> Vec<(Answer, bool)> {
    let mut place: HashMap<Key, usize> = HashMap::new();
    let mut of_key: Vec<Vec<Answer>> = Vec::new();
    for answer in new {
        let at = *place.entry(key(&answer)).or_insert(of_key.len());
        if at == of_key.len() {
            of_key.push(Vec::new());
        }
        let known = &mut of_key[at];
        let before = known.iter().rposition(|known| !after(known, &answer)).map_or(0, |at| at + 1);
        known.insert(before, answer);
    }
    let mut all = Vec::new();
    for known in of_key {
        let tied = |(at, answer): (usize, &Answer)| {
            let mut ties = known[at + 1..].iter().take_while(|other| !after(other, answer));
            ties.any(|other| other.gold != answer.gold)
        };
        let tied: Vec<bool> = known.iter().enumerate().map(tied).collect();
        all.extend(known.into_iter().zip(tied));
    }
    all
}

impl Answers {
    /// Adds answers. Those that a person gave before stay; one that says what the person's answer about
    /// the row says already is left out.
    pub fn merge(&mut self, new: Vec<Answer>) -> Merged {
        let mut of: HashMap<Key, Vec<usize>> = HashMap::new();
        for (at, answer) in self.all.iter().enumerate() {
            of.entry(key(answer)).or_default().push(at);
        }
        let mut merged = Merged::default();
        for (answer, tied) in in_time(new) {
            let known = of.entry(key(&answer)).or_default();
            let own = known.iter().map(|&at| &self.all[at]);
            let again = own.clone().any(|one| one.gold == answer.gold && one.when == answer.when);
            // What the person had said by then, or else what comes next: later answers are no reason to
            // keep one that confirms an earlier one.
            let by_then = own.clone().filter(|one| !after(one, &answer));
            let current = by_then
                .reduce(|kept, one| if later(one, kept) { one } else { kept })
                .or_else(|| own.reduce(|kept, one| if after(kept, one) { one } else { kept }));
            match current {
                Some(current) if again || (current.gold == answer.gold && !tied) => {
                    merged.repeated += 1;
                    continue;
                }
                Some(_) => merged.changed += 1,
                None => merged.new += 1,
            }
            known.push(self.all.len());
            self.all.push(answer);
        }
        self.sort();
        merged
    }

    /// By row, identifier, person and time, to the hour; the others stay in the order they came in.
    ///
    /// Of answers that tie in time the last one counts, so that this must not turn them around: those about one
    /// identifier stay together, though it may have had several rows.
    fn sort(&mut self) {
        let mut rows: HashMap<String, u64> = HashMap::new();
        for answer in &self.all {
            if let (Some(id), Some(row)) = (&answer.id, answer.row) {
                let least = rows.entry(id.clone()).or_insert(row);
                *least = row.min(*least);
            }
        }
        self.all.sort_by_cached_key(|answer| {
            let row = answer.id.as_ref().map_or(answer.row, |id| rows.get(id).copied());
            let time = crate::time::hour(&answer.when);
            (row.is_none(), row, answer.id.clone(), answer.who.clone(), time)
        });
    }
}
