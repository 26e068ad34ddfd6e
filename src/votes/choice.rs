//! What can be voted: a class, one of several classes, or a class with a score.
//!
//! A *partial* vote names several classes and says that one of them is right; a *negative* vote
//! names classes that are wrong, which is a partial vote for all others (Yu, Ding & Bach 2022,
//! "Learning from Multiple Noisy Partial Labelers", arXiv:2106.04530). A *scored* vote is for one
//! class, with the bucket that a model's probability falls into: label models trust each bucket on
//! its own.

use crate::ClassId;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What a labeling function can vote; whether the classes exist is checked by
/// [`Names`](super::Names).
///
/// ```
/// use jurat::votes::{Bucket, Choice};
/// use jurat::{LabelMatrix, LfId, Names};
///
/// let names = Names::new(["rule", "model"], ["cat", "dog", "fox"])?;
/// let class = |name| names.class_named(name).expect("a class");
/// let (cat, dog) = (class("cat"), class("dog"));
/// let (rule, model) = (LfId::new(0).expect("an id"), LfId::new(1).expect("an id"));
/// let high = Bucket::new(0.9, 1.0).expect("a range of probabilities");
/// let matrix = LabelMatrix::from_votes(
///     &names,
///     &[
///         vec![(rule, Choice::one_of([cat, dog])), (model, Choice::scored(cat, high))],
///         vec![(rule, Choice::none_of([cat], 3))],
///     ],
/// )?;
/// let name = |row| matrix.names().choice_name(matrix.vote(row, rule).expect("a vote"));
/// assert_eq!((name(0), name(1)), ("not fox".into(), "not cat".into()));
/// # Ok::<(), jurat::MatrixError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Ascending, each once.
    classes: Vec<ClassId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket: Option<Bucket>,
}

impl Choice {
    /// One class: a plain vote.
    #[must_use]
    pub fn class(class: ClassId) -> Self {
        Self { classes: vec![class], bucket: None }
    }

    /// One of these classes: a partial vote. Of a single class it is the plain vote.
    #[must_use]
    pub fn one_of(classes: impl IntoIterator<Item = ClassId>) -> Self {
        let mut classes: Vec<ClassId> = classes.into_iter().collect();
        classes.sort_unstable();
        classes.dedup();
        Self { classes, bucket: None }
    }

    /// None of these classes, of `n_classes` in all: a negative vote. Where it leaves a single
    /// class, it is the plain vote for that one.
    #[must_use]
    pub fn none_of(classes: impl IntoIterator<Item = ClassId>, n_classes: usize) -> Self {
        let wrong = Self::one_of(classes);
        Self::one_of(ClassId::first(n_classes).filter(|class| !wrong.allows(*class)))
    }

    /// One class, with the bucket that its probability falls into: a scored vote.
    #[must_use]
    pub fn scored(class: ClassId, bucket: Bucket) -> Self {
        Self { classes: vec![class], bucket: Some(bucket) }
    }

    /// The classes that are possible, ascending.
    #[must_use]
    pub fn classes(&self) -> &[ClassId] {
        &self.classes
    }

    /// The bucket of a scored vote.
    #[must_use]
    pub fn bucket(&self) -> Option<Bucket> {
        self.bucket
    }

    /// The only class that is possible, scored or not.
    #[must_use]
    pub fn single(&self) -> Option<ClassId> {
        match self.classes.as_slice() {
            [class] => Some(*class),
            _ => None,
        }
    }

    /// Whether a class is possible.
    #[must_use]
    pub fn allows(&self, class: ClassId) -> bool {
        self.classes.binary_search(&class).is_ok()
    }

    /// The class of a plain vote.
    pub(crate) fn plain(&self) -> Option<ClassId> {
        self.single().filter(|_| self.bucket.is_none())
    }

    /// Whether it can be read from a file: what the constructors make is in order.
    pub(crate) fn is_in_order(&self) -> bool {
        self.classes.is_sorted_by(|a, b| a < b)
            && self.bucket.is_none_or(|bucket| {
                self.classes.len() == 1 && Bucket::new(bucket.low, bucket.high).is_some()
            })
    }
}

/// A range of probabilities, its lower end included. The bucket that ends at 1 includes that too.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    low: f64,
    high: f64,
}

impl Bucket {
    /// From `low` to `high`; `None` unless 0 ≤ `low` < `high` ≤ 1.
    #[must_use]
    pub fn new(low: f64, high: f64) -> Option<Self> {
        // Adding 0 makes 0 of −0, so that equal buckets have equal bits.
        (0.0 <= low && low < high && high <= 1.0).then_some(Self { low: low + 0.0, high })
    }

    /// The lower end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Halfway between both ends.
    #[must_use]
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }
}

impl Ord for Bucket {
    fn cmp(&self, other: &Self) -> Ordering {
        self.low.total_cmp(&other.low).then(self.high.total_cmp(&other.high))
    }
}

impl PartialOrd for Bucket {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Bucket {}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes<const N: usize>(indices: [usize; N]) -> [ClassId; N] {
        indices.map(|index| ClassId::new(index).expect("in range"))
    }

    #[test]
    fn sets_are_sorted_and_negation_is_the_rest() {
        assert_eq!(Choice::one_of(classes([2, 0, 2])).classes(), classes([0, 2]));
        let [one] = classes([1]);
        assert_eq!(Choice::none_of([one], 4).classes(), classes([0, 2, 3]));
        assert_eq!(Choice::none_of([one], 2), Choice::class(classes([0])[0]));
        assert_eq!(Choice::one_of([one]).plain(), Some(one));
    }

    #[test]
    fn buckets_are_ranges_of_probabilities() {
        for (low, high) in [(0.5, 0.5), (0.9, 0.7), (-0.1, 0.5), (0.5, 1.1), (f64::NAN, 1.0)] {
            assert!(Bucket::new(low, high).is_none(), "{low} to {high}");
        }
        assert_eq!(Bucket::new(-0.0, 1.0), Bucket::new(0.0, 1.0));
    }
}
