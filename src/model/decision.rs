//! From probabilities to hard labels: what a user may ask for, and what that comes to on given rows.
//!
//! A [`Policy`] is what is asked for. [`Policy::prepare`] looks at the rows once and gives a
//! [`Decision`], which decides on the votes of a row alone: rows with equal votes get equal labels.
//!
//! For the least expected cost see [`super::costs`], for the rules that move log odds
//! [`super::offsets`].

use super::offsets::{match_f1, match_prevalence};
use super::{Costs, FitError, ProbLabels, Supervision};
use crate::{ClassId, Names, Patterns};
use std::fmt::Write as _;

/// What a user asks for when probabilities become hard labels.
///
/// ```
/// use jurat::model::{Policy, Rule, Ties};
///
/// let policy = Policy { rule: Rule::Prevalence, ties: Ties::First, ..Policy::default() };
/// assert_eq!(policy.min_confidence, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// Which class a row gets.
    pub rule: Rule,
    /// No label where the probability of the label would be below this.
    pub min_confidence: Option<f64>,
    /// The same for some classes, of which it goes before the other one: a threshold a class.
    pub class_confidence: Vec<(ClassId, f64)>,
    /// What to do when classes are equally good.
    pub ties: Ties,
    /// What becomes of rows without any vote.
    pub uncovered: Uncovered,
}

/// Which class a row gets.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// The most probable one: fewest mistakes.
    #[default]
    MostProbable,
    /// The one whose expected cost is least.
    LeastCost(Costs),
    /// The most probable one after log odds were moved by one offset a class, such that the shares
    /// of the labels are those of the class balance, as nearly as equal votes for equal labels
    /// allow. Without a known class balance it is the mean of the probabilities.
    Prevalence,
    /// The same, such that the F1 of one class, or the mean F1 of all, is highest on the gold labels
    /// that the model learned from; see [`SMOOTHING`](super::SMOOTHING).
    F1(Option<ClassId>),
}

/// What to do when classes are equally good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ties {
    /// No label.
    #[default]
    Abstain,
    /// The first of the tied classes.
    First,
}

/// What becomes of rows without any vote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uncovered {
    /// They get no label.
    #[default]
    Abstain,
    /// They get this label, however probable it is.
    Label(ClassId),
    /// They are decided like all other rows.
    Decide,
}

/// How a hard label is chosen from the probabilities of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    policy: Policy,
    offsets: Option<Vec<f64>>,
}

impl Policy {
    /// What the policy comes to on these rows: `labels` are those of `votes`, and `known` what the
    /// model learned from.
    ///
    /// # Errors
    /// [`FitError`] when costs or the least confidence are none, or there are other classes.
    pub fn prepare(
        &self,
        labels: &ProbLabels,
        votes: &Patterns,
        known: &Supervision,
    ) -> Result<Decision, FitError> {
        let n_classes = votes.n_classes();
        let of_classes = self.class_confidence.iter().map(|(_, least)| *least);
        let mut thresholds = self.min_confidence.into_iter().chain(of_classes);
        if let Some(confidence) = thresholds.find(|least| !(0.0..=1.0).contains(least)) {
            return Err(FitError::MinConfidence { confidence });
        }
        let offsets = match &self.rule {
            Rule::MostProbable => None,
            Rule::LeastCost(costs) => {
                costs.check(n_classes)?;
                None
            }
            Rule::Prevalence => {
                Some(match_prevalence(labels.table(), &self.decided(votes), known.balance()))
            }
            Rule::F1(class) => {
                let decided = self.decided(votes);
                Some(match_f1(labels.table(), votes, &decided, known.gold(), *class))
            }
        };
        Ok(Decision { policy: self.clone(), offsets })
    }

    /// The least probability with which a row gets this class.
    fn threshold(&self, class: ClassId) -> f64 {
        let of_class = self.class_confidence.iter().find(|(of, _)| *of == class);
        of_class.map(|(_, least)| *least).or(self.min_confidence).unwrap_or(0.0)
    }

    /// The rows of each pattern that the rule decides about.
    fn decided(&self, votes: &Patterns) -> Vec<f64> {
        let counts = votes.iter().map(|(row, count)| {
            if row.is_empty() && self.uncovered != Uncovered::Decide { 0.0 } else { count as f64 }
        });
        counts.collect()
    }
}

/// Probabilities this close are a tie: closer than rounding in the fit can tell apart.
pub(crate) const TIE: f64 = 1e-9;

impl Decision {
    /// The most probable class; rows without votes get none.
    #[must_use]
    pub fn most_probable(ties: Ties) -> Self {
        Self { policy: Policy { ties, ..Policy::default() }, offsets: None }
    }

    /// A decision as it was: what was asked for, and the offsets that it came to.
    pub(crate) fn restored(policy: Policy, offsets: Option<Vec<f64>>) -> Self {
        Self { policy, offsets }
    }

    /// What was asked for.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What is added to the log probability of each class, with the rules that do so.
    #[must_use]
    pub fn offsets(&self) -> Option<&[f64]> {
        self.offsets.as_deref()
    }

    /// The hard label of a row with these probabilities, `None` where there is none; `covered` rows have
    /// votes.
    #[must_use]
    pub fn choose(&self, row: &[f64], covered: bool) -> Option<ClassId> {
        match self.policy.uncovered {
            Uncovered::Abstain if !covered => return None,
            Uncovered::Label(class) if !covered => return Some(class),
            _ => {}
        }
        let label = match (&self.policy.rule, &self.offsets) {
            (Rule::LeastCost(costs), _) => {
                let cost = |costs: &mut dyn Iterator<Item = &f64>| -> f64 {
                    row.iter().zip(costs).map(|(p, cost)| p * cost).sum()
                };
                let expected: Vec<f64> = (0..row.len())
                    .map(|label| -cost(&mut costs.table.column(label).iter()))
                    .collect();
                let scale = costs.table.iter().copied().fold(0.0, f64::max);
                let best = expected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let abstain = costs.abstain.as_ref().map(|abstain| -cost(&mut abstain.iter()));
                if abstain.is_some_and(|abstain| abstain > best + TIE * scale) {
                    return None;
                }
                self.highest(&expected, TIE * scale)
            }
            (_, Some(offsets)) => {
                let scores: Vec<f64> =
                    row.iter().zip(offsets).map(|(&p, offset)| log(p) + offset).collect();
                self.highest(&scores, TIE)
            }
            (_, None) => self.highest(row, TIE),
        };
        label.filter(|class| row[class.index()] >= self.policy.threshold(*class) - TIE)
    }

    fn highest(&self, scores: &[f64], tolerance: f64) -> Option<ClassId> {
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut top = (0..scores.len()).filter(|&y| scores[y] >= most - tolerance);
        let first = top.next().and_then(ClassId::new);
        match self.policy.ties {
            Ties::First => first,
            Ties::Abstain => first.filter(|_| top.next().is_none()),
        }
    }

    /// How labels were made, in a sentence.
    #[must_use]
    pub fn in_words(&self, names: &Names) -> String {
        let policy = &self.policy;
        let mut out = match &policy.rule {
            Rule::MostProbable => "the most probable class".to_owned(),
            Rule::LeastCost(costs) => {
                format!("the class with the least expected cost ({})", costs.in_words(names))
            }
            Rule::Prevalence => "the most probable class after offsets such that labels are as \
                                 common as the class balance says"
                .to_owned(),
            Rule::F1(None) => {
                "the most probable class after offsets that maximize macro F1".to_owned()
            }
            Rule::F1(Some(class)) => format!(
                "the most probable class after offsets that maximize the F1 of `{}`",
                names.class(*class)
            ),
        };
        if let Some(least) = policy.min_confidence {
            let _ = write!(out, ", none below a probability of {least}");
        }
        for (class, least) in &policy.class_confidence {
            let _ = write!(out, ", `{}` not below {least}", names.class(*class));
        }
        out += match policy.ties {
            Ties::Abstain => "; none on a tie",
            Ties::First => "; the first class on a tie",
        };
        match policy.uncovered {
            Uncovered::Abstain => out += "; none without votes",
            Uncovered::Label(class) => {
                let _ = write!(out, "; `{}` without votes", names.class(class));
            }
            Uncovered::Decide => out += "; the same without votes",
        }
        out
    }
}

/// The logarithm of a probability that is not quite 0: no class is ruled out for good.
pub(super) fn log(p: f64) -> f64 {
    p.max(1e-12).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gold;
    use crate::{LabelMatrix, Patterns};
    use ndarray::Array2;
    use proptest::prelude::*;

    fn class(index: usize) -> ClassId {
        ClassId::new(index).expect("small")
    }

    /// Rows that all vote differently, so that each has a distribution of its own; `n_same` rows each.
    fn labels(table: &[Vec<f64>], n_same: &[usize]) -> (Patterns, ProbLabels) {
        let k = table[0].len();
        let names = (0..20).map(|j| format!("lf{j}"));
        let names = Names::new(names, (0..k).map(|y| format!("c{y}"))).expect("names");
        let mut rows = Vec::new();
        for (i, n) in n_same.iter().enumerate() {
            let row: Vec<Option<usize>> = (0..20)
                .map(|j| (j == 19).then_some(1).or((i >> j & 1 == 1).then_some(0)))
                .collect();
            rows.extend(vec![row; *n]);
        }
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
        let mut sorted = Array2::zeros((table.len(), k));
        let mut row = 0;
        for (i, n) in n_same.iter().enumerate() {
            let u = votes.of_row()[row] as usize;
            sorted.row_mut(u).iter_mut().zip(&table[i]).for_each(|(cell, p)| *cell = *p);
            row += n;
        }
        let labels = ProbLabels::new(&votes, sorted);
        (votes, labels)
    }

    fn hard(
        policy: &Policy,
        of: &(Patterns, ProbLabels),
        known: &Supervision,
    ) -> Vec<Option<usize>> {
        let decision = policy.prepare(&of.1, &of.0, known).expect("possible");
        let hard = of.1.decide(&decision);
        of.1.of_row().iter().map(|&u| hard[u as usize].map(ClassId::index)).collect()
    }

    fn by(rule: Rule) -> Policy {
        Policy { rule, ..Policy::default() }
    }

    /// To call a sick patient healthy costs 10, the reverse 1, to ask a doctor 0.8: healthy from
    /// P(sick) · 10 < 1 − P(sick), and asked between 0.08 and 0.2.
    #[test]
    fn costs_by_hand() {
        let rows = [0.05, 0.085, 0.15, 0.25, 0.9];
        let table: Vec<Vec<f64>> = rows.iter().map(|&sick| vec![sick, 1.0 - sick]).collect();
        let of = labels(&table, &[1; 5]);
        let known = Supervision::default();
        let costs = Costs::zero_one(2).with(class(0), class(1), 10.0);
        let sick = hard(&by(Rule::LeastCost(costs.clone())), &of, &known);
        assert_eq!(sick, [Some(1), Some(1), Some(0), Some(0), Some(0)]);
        let asked = costs.with_abstain(class(0), 0.8).with_abstain(class(1), 0.8);
        let sick = hard(&by(Rule::LeastCost(asked)), &of, &known);
        assert_eq!(sick, [Some(1), None, None, Some(0), Some(0)]);
    }

    #[test]
    fn low_confidence_gives_no_label() {
        let of = labels(&[vec![0.8, 0.2], vec![0.7, 0.3], vec![0.5, 0.5]], &[1; 3]);
        let policy = Policy { min_confidence: Some(0.8), ties: Ties::First, ..Policy::default() };
        assert_eq!(hard(&policy, &of, &Supervision::default()), [Some(0), None, None]);
    }

    /// A row that misses the threshold of its class gets no label, and not the next class.
    #[test]
    fn classes_have_thresholds_of_their_own() {
        let of =
            labels(&[vec![0.8, 0.2], vec![0.55, 0.45], vec![0.3, 0.7], vec![0.05, 0.95]], &[1; 4]);
        let of_second = vec![(class(1), 0.9)];
        let policy = Policy { class_confidence: of_second, ..Policy::default() };
        let known = Supervision::default();
        assert_eq!(hard(&policy, &of, &known), [Some(0), Some(0), None, Some(1)]);
        let both = Policy { min_confidence: Some(0.7), ..policy };
        assert_eq!(hard(&both, &of, &known), [Some(0), None, None, Some(1)]);
        let words = both.prepare(&of.1, &of.0, &known).expect("sound").in_words(of.0.names());
        assert!(words.contains("none below a probability of 0.7, `c1` not below 0.9"), "{words}");
        let wrong = Policy { class_confidence: vec![(class(0), -0.1)], ..Policy::default() };
        assert!(wrong.prepare(&of.1, &of.0, &known).is_err());
    }

    #[test]
    fn bad_policies_are_refused() {
        let of = labels(&[vec![0.8, 0.2]], &[1]);
        let fails = |policy: &Policy| policy.prepare(&of.1, &of.0, &Supervision::default()).err();
        let policy = Policy { min_confidence: Some(1.5), ..Policy::default() };
        assert_eq!(fails(&policy), Some(FitError::MinConfidence { confidence: 1.5 }));
        let costs = |costs| by(Rule::LeastCost(costs));
        let other = FitError::CostClasses { found: 3, expected: 2 };
        assert_eq!(fails(&costs(Costs::zero_one(3))), Some(other));
        let negative = Costs::zero_one(2).with(class(0), class(1), -1.0);
        assert_eq!(fails(&costs(negative)), Some(FitError::Cost { cost: -1.0 }));
    }

    /// All ten rows are more likely c1; three of ten shall be c0: those where it is least unlikely.
    #[test]
    fn shares_are_met_where_they_can_be() {
        let table: Vec<Vec<f64>> =
            (0..10).map(|i| 0.04 * f64::from(i + 1)).map(|p| vec![p, 1.0 - p]).collect();
        let known = Supervision::default().with_class_balance(vec![0.3, 0.7]);
        let found = hard(&by(Rule::Prevalence), &labels(&table, &[1; 10]), &known);
        let wanted: Vec<_> = (0..10).map(|i| Some(usize::from(i < 7))).collect();
        assert_eq!(found, wanted);
        // Rows with equal votes stay together: of 40 rows, ten a pattern, ten are nearest to 12.
        let found = hard(&by(Rule::Prevalence), &labels(&table[..4], &[10; 4]), &known);
        assert_eq!(found.iter().filter(|y| **y == Some(0)).count(), 10);
        // Ties are broken by the offsets: the tied row is one of two that shall be c1.
        let of = labels(&[vec![0.5, 0.5], vec![0.9, 0.1], vec![0.8, 0.2], vec![0.4, 0.6]], &[1; 4]);
        let known = Supervision::default().with_class_balance(vec![0.5, 0.5]);
        assert_eq!(hard(&by(Rule::Prevalence), &of, &known), [Some(1), Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn shares_of_three_classes_are_met() {
        // From c0 to c2 there is no direct way: rows move over c1.
        let row = |i: usize| match i {
            0..60 => vec![0.6 - 0.001 * i as f64, 0.399 + 0.001 * i as f64, 0.001],
            _ => vec![0.001, 0.6 - 0.001 * i as f64, 0.399 + 0.001 * i as f64],
        };
        let table: Vec<Vec<f64>> = (0..90).map(row).collect();
        let known = Supervision::default().with_class_balance(vec![1.0 / 3.0; 3]);
        let found = hard(&by(Rule::Prevalence), &labels(&table, &[1; 90]), &known);
        for y in 0..3 {
            assert_eq!(found.iter().filter(|label| **label == Some(y)).count(), 30, "c{y}");
        }
    }

    /// With probabilities that are right and no gold rows, the F1 of a rare class is highest when it
    /// is taken above half of what F1 it reaches (Lipton et al.): here 0.9 and 0.4, not 0.2.
    /// Taking the first k: F1 = 1.8 / 2.7, 2.6 / 3.7, 3.0 / 4.7 of the expected 1.7 rows.
    #[test]
    fn f1_without_gold_follows_the_probabilities() {
        let table: Vec<Vec<f64>> =
            [0.9, 0.4, 0.2, 0.1, 0.1].iter().map(|&p| vec![p, 1.0 - p]).collect();
        let of = labels(&table, &[1; 5]);
        let found = hard(&by(Rule::F1(Some(class(0)))), &of, &Supervision::default());
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(1)]);
    }

    /// A thousand gold rows that are c0 although the model doubts it outweigh what it says; two do
    /// not.
    #[test]
    fn f1_learns_from_enough_gold() {
        let table = [vec![0.9, 0.1], vec![0.3, 0.7], vec![0.1, 0.9]];
        let of = labels(&table, &[1000; 3]);
        let known = |n: usize| {
            let gold: Vec<_> =
                (0..3000).map(|i| (i % 1000 < n).then(|| class(usize::from(i >= 2000)))).collect();
            Supervision::default().with_gold(Gold::count(&of.0, &gold))
        };
        let second = |n| hard(&by(Rule::F1(None)), &of, &known(n))[1000];
        assert_eq!((second(2), second(1000)), (Some(1), Some(0)));
    }

    #[test]
    fn rows_without_votes_may_be_decided_like_others() {
        let names = Names::new(["a"], ["x", "y"]).expect("names");
        let rows = [vec![None], vec![Some(0)]];
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
        let of = (votes.clone(), ProbLabels::new(&votes, ndarray::array![[0.1, 0.9], [0.8, 0.2]]));
        for (uncovered, wanted) in [
            (Uncovered::Abstain, None),
            (Uncovered::Label(class(0)), Some(0)),
            (Uncovered::Decide, Some(1)),
        ] {
            let policy = Policy { uncovered, ..Policy::default() };
            assert_eq!(hard(&policy, &of, &Supervision::default()), [wanted, Some(0)]);
        }
    }

    proptest! {
        #[test]
        fn zero_one_costs_are_the_default(
            rows in prop::collection::vec(prop::collection::vec(0_u32..5, 4), 1..30),
        ) {
            let table: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| row.iter().map(|&n| f64::from(n) + 1.0).collect::<Vec<_>>())
                .map(|row| row.iter().map(|n| n / row.iter().sum::<f64>()).collect())
                .collect();
            let of = labels(&table, &vec![1; table.len()]);
            let known = Supervision::default();
            let costs = by(Rule::LeastCost(Costs::zero_one(4)));
            prop_assert_eq!(hard(&costs, &of, &known), hard(&Policy::default(), &of, &known));
        }
    }
}
