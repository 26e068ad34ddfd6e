//! To what the change of one label is put down; [the module](super) has the definition.

use super::lfs::LfPair;
use super::side::Side;
use super::{Cause, VoteChange};
use crate::model::FittedModel;
use crate::{Choice, ChoiceId, ClassId, LfId, Names, Vote};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the cells of a row that is in both runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cells {
    Same,
    Changed,
    Unknown,
}

/// Compares pairs of patterns.
pub(super) struct Attributor<'a> {
    before: &'a Side,
    after: &'a Side,
    pairs: &'a [LfPair],
    /// For each labeling function of a run its position among the pairs.
    old_lfs: Vec<usize>,
    new_lfs: Vec<usize>,
    /// For each choice of the run after a number that the same choice before has too.
    new_choices: Vec<usize>,
    /// The label before that has the name of each label after.
    labels: Vec<Option<ClassId>>,
    /// Whether the rule for labels was changed.
    other_policy: bool,
}

/// Votes by pair of labeling functions, as numbers of choices that both runs share.
type Votes = BTreeMap<usize, usize>;

/// What a row with some pattern before and some pattern after has become.
pub(super) struct Comparison {
    /// Labeling functions, by position among the pairs, whose votes differ, with both.
    pub(super) votes: Vec<(usize, Option<usize>, Option<usize>)>,
    /// Why the label changed, if it did.
    pub(super) cause: Option<Cause>,
}

impl<'a> Attributor<'a> {
    pub(super) fn new(before: &'a Side, after: &'a Side, pairs: &'a [LfPair]) -> Self {
        let (old, new) = (before.votes.names(), after.votes.names());
        let of = |side: fn(&LfPair) -> Option<LfId>, n: usize| {
            let mut positions = vec![0; n];
            for (at, pair) in pairs.iter().enumerate() {
                if let Some(lf) = side(pair) {
                    positions[lf.index()] = at;
                }
            }
            positions
        };
        let numbered = new.choices().iter().enumerate().map(|(at, choice)| {
            let same = translate(choice, new, old).and_then(|choice| old.choice_id(&choice));
            same.map_or(old.n_choices() + at, ChoiceId::index)
        });
        let policy = |side: &'a Side| side.decision.as_ref().map(|decision| decision.policy());
        let other_policy =
            policy(before).zip(policy(after)).is_some_and(|(before, after)| before != after);
        Self {
            before,
            after,
            pairs,
            old_lfs: of(|pair| pair.before, old.lfs.len()),
            new_lfs: of(|pair| pair.after, new.lfs.len()),
            new_choices: numbered.collect(),
            labels: new.classes.iter().map(|class| old.class_named(class)).collect(),
            other_policy,
        }
    }

    /// Compares rows whose pattern was `before` and is `after`.
    pub(super) fn compare(&self, before: u32, after: u32, cells: Cells) -> Comparison {
        let (u, v) = (before as usize, after as usize);
        let old: Votes = self.before.votes.votes(u).iter().map(|vote| self.old(vote)).collect();
        let new: Votes = self.after.votes.votes(v).iter().map(|vote| self.new_vote(vote)).collect();
        let mut votes = Vec::new();
        // Of thousands of labeling functions few vote on a row.
        let voting: BTreeSet<usize> = old.keys().chain(new.keys()).copied().collect();
        for lf in voting {
            let (was, is) = (old.get(&lf).copied(), new.get(&lf).copied());
            if was != is {
                votes.push((lf, was, is));
            }
        }
        let same = match (self.before.labels[u], self.after.labels[v]) {
            (None, None) => true,
            (Some(was), Some(is)) => self.labels[is.index()] == Some(was),
            _ => false,
        };
        let cause = (!same).then(|| self.cause(&old, &votes, cells, (u, v)));
        Comparison { votes, cause }
    }

    /// Why labels differ.
    fn cause(
        &self,
        old: &Votes,
        votes: &[(usize, Option<usize>, Option<usize>)],
        cells: Cells,
        patterns: (usize, usize),
    ) -> Cause {
        // A label depends on the votes of its row alone: other cells with the same votes are no cause.
        if votes.is_empty() {
            return self.refit(patterns);
        }
        if cells == Cells::Changed {
            return Cause::Data;
        }
        // The changes of votes by their cause.
        let mut causes: BTreeMap<Cause, Vec<(usize, Option<usize>)>> = BTreeMap::new();
        for &(lf, _, is) in votes {
            let pair = &self.pairs[lf];
            let cause = match pair.cause() {
                Some(cause) => cause,
                // What votes the same on the same cells saw others.
                None if cells == Cells::Unknown && pair.recorded => return Cause::Data,
                None => Cause::Code,
            };
            causes.entry(cause).or_default().push((lf, is));
        }
        if let (1, Some((cause, _))) = (causes.len(), causes.first_key_value()) {
            return cause.clone();
        }
        self.several(old, &causes)
    }

    /// Which of several causes changes the label when its votes alone are changed.
    fn several(&self, old: &Votes, causes: &BTreeMap<Cause, Vec<(usize, Option<usize>)>>) -> Cause {
        let all = || Cause::several(causes.keys().cloned());
        let changed = |some: &mut dyn Iterator<Item = &(usize, Option<usize>)>| {
            let mut votes = old.clone();
            for &(lf, is) in some {
                match is {
                    Some(choice) => votes.insert(lf, choice),
                    None => votes.remove(&lf),
                };
            }
            votes
        };
        let added = |votes: &Votes| votes.keys().any(|&lf| self.pairs[lf].before.is_none());
        let with_all = changed(&mut causes.values().flatten());
        // A model says nothing of labeling functions that came later.
        let judge = if added(&with_all) { self.after } else { self.before };
        let Some(label) = self.label(judge, old) else { return all() };
        let suffices = |votes: &Votes| self.label(judge, votes).is_some_and(|other| other != label);
        let mut enough: Vec<Cause> = causes
            .iter()
            .filter(|(_, votes)| suffices(&changed(&mut votes.iter())))
            .map(|(cause, _)| cause.clone())
            .collect();
        match enough.len() {
            1 => enough.remove(0),
            0 if !suffices(&with_all) => Cause::Refit,
            0 => all(),
            _ => Cause::several(enough),
        }
    }

    /// Model or rule, where the votes are the same.
    fn refit(&self, (u, v): (usize, usize)) -> Cause {
        let decisions = self.before.decision.as_ref().zip(self.after.decision.as_ref());
        let comparable = self.other_policy && self.labels_agree();
        let Some((was, is)) = decisions.filter(|_| comparable) else { return Cause::Refit };
        let covered = !self.before.votes.votes(u).is_empty();
        let old = posterior(&self.before.model, self.before.votes.votes(u));
        let new = posterior(&self.after.model, self.after.votes.votes(v));
        let rule_is_enough = is.choose(&old, covered) == self.after.labels[v];
        let model_is_enough = was.choose(&new, covered) == self.after.labels[v];
        if rule_is_enough && !model_is_enough { Cause::Decision } else { Cause::Refit }
    }

    /// Whether ids of labels mean the same in both runs.
    fn labels_agree(&self) -> bool {
        self.before.votes.names().classes == self.after.votes.names().classes
    }

    /// The label that the model and the rule of a run give these votes; none without its rule.
    fn label(&self, judge: &Side, votes: &Votes) -> Option<Option<ClassId>> {
        let decision = judge.decision.as_ref()?;
        let earlier = std::ptr::eq(judge, self.before);
        let mut known: Vec<Vote> = votes
            .iter()
            .filter_map(|(&lf, &choice)| {
                let pair = &self.pairs[lf];
                let lf = if earlier { pair.before } else { pair.after }?;
                let choice = if earlier {
                    ChoiceId::new(choice).filter(|id| id.index() < judge.votes.names().n_choices())
                } else {
                    ChoiceId::new(self.new_choices.iter().position(|&number| number == choice)?)
                };
                Some(Vote { lf, choice: choice? })
            })
            .collect();
        known.sort_unstable();
        Some(decision.choose(&posterior(&judge.model, &known), !votes.is_empty()))
    }

    /// What changed in the votes, in words.
    pub(super) fn in_words(&self, comparison: &Comparison) -> Vec<VoteChange> {
        let name = |number: usize| {
            let (old, new) = (self.before.votes.names(), self.after.votes.names());
            let (names, at) = match number.checked_sub(old.n_choices()) {
                None => (old, number),
                Some(at) => (new, at),
            };
            ChoiceId::new(at).map(|choice| names.choice_name(choice).into_owned())
        };
        let changes = comparison.votes.iter().map(|&(lf, was, is)| VoteChange {
            lf: self.pairs[lf].name.clone(),
            before: was.and_then(name),
            after: is.and_then(name),
        });
        changes.collect()
    }

    fn old(&self, vote: &Vote) -> (usize, usize) {
        (self.old_lfs[vote.lf.index()], vote.choice.index())
    }

    fn new_vote(&self, vote: &Vote) -> (usize, usize) {
        (self.new_lfs[vote.lf.index()], self.new_choices[vote.choice.index()])
    }
}

fn posterior(model: &FittedModel, votes: &[Vote]) -> Vec<f64> {
    let mut posterior = vec![0.0; model.names().classes.len()];
    model.posterior(votes, &mut posterior);
    posterior
}

/// The choice that says the same with the classes of other names; none where one of them is unknown.
fn translate(choice: &Choice, from: &Names, to: &Names) -> Option<Choice> {
    let class = |&class: &ClassId| to.class_named(from.class(class));
    match (choice.single(), choice.bucket()) {
        (Some(one), Some(bucket)) => Some(Choice::scored(class(&one)?, bucket)),
        _ => {
            let classes: Option<Vec<ClassId>> = choice.classes().iter().map(class).collect();
            classes.map(Choice::one_of)
        }
    }
}
