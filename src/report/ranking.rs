//! How well probabilities rank rows: for each class, its gold rows against all others.
//!
//! Of a threshold on the probability of a class, the *true positives* are the gold rows of the class at
//! or above it, the *false positives* those of other classes. All thresholds together give two curves
//! (Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves",
//! doi:10.1145/1143844.1143874): the ROC curve is the recall against the share of the other rows that are
//! false positives, the precision–recall curve is the precision against the recall.
//!
//! The area under the first is the chance that a row of the class has a higher probability than a row of
//! another class, ties counted half: the Mann–Whitney statistic over the number of pairs (Hanley and
//! McNeil 1982, doi:10.1148/radiology.143.1.7063747). The *average precision* is Σ (Rᵢ − Rᵢ₋₁) Pᵢ over the
//! thresholds from the highest to the lowest, with recall R and precision P: steps, since between two
//! points of a precision–recall curve a straight line promises too much. A class of which a share π of the
//! rows is has the area ½ and about the average precision π when probabilities say nothing, so that the
//! second tells more of rare classes.
//!
//! Rows with equal votes have equal probabilities, so all of this is exact on patterns and their counts.

use super::gold::GoldCounts;
use crate::model::ProbLabels;
use crate::{ClassId, Patterns};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How well the probability of a class tells its gold rows from all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ranking {
    /// Gold rows of the class.
    pub positives: u64,
    /// Gold rows of other classes.
    pub negatives: u64,
    /// The area under the ROC curve; none without rows on both sides.
    pub roc_auc: Option<f64>,
    /// The average precision; none without rows on both sides.
    pub average_precision: Option<f64>,
    /// Both curves, from the highest threshold to the lowest; empty where there are fewer than
    /// [`LEAST`](Self::LEAST) rows on a side.
    pub points: Vec<CurvePoint>,
}

/// What a threshold on the probability of a class comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The least probability of the rows that count as of the class.
    pub threshold: f64,
    /// Such rows that are.
    pub true_positives: u64,
    /// Such rows that are not.
    pub false_positives: u64,
}

/// Points of a curve that are kept, and of all curves together, if there are many.
const MOST_POINTS: usize = 200;
const ALL_POINTS: usize = 8000;
const LEAST_POINTS: usize = 20;

/// Probabilities that differ by no more than this part of the higher one are equal: rounding makes no order.
const ROUNDING: f64 = 1e-12;

impl Ranking {
    /// Rows of the class, and of others, below which there is no curve: with fewer it is a few steps that
    /// another draw of rows would make otherwise.
    pub const LEAST: u64 = 10;

    /// Whether there are enough rows for a curve.
    #[must_use]
    pub fn has_curve(&self) -> bool {
        self.positives >= Self::LEAST && self.negatives >= Self::LEAST
    }

    /// The recall and the share of false positives of a point.
    #[must_use]
    pub fn roc(&self, point: &CurvePoint) -> (f64, f64) {
        let part = |count: u64, of: u64| count as f64 / of.max(1) as f64;
        (part(point.true_positives, self.positives), part(point.false_positives, self.negatives))
    }

    /// Ranks from counts: for each pattern its probability of the class, and its gold rows that are of the
    /// class and that are not.
    fn new(mut patterns: Vec<(f64, u64, u64)>, most_points: usize) -> Self {
        patterns.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut points: Vec<CurvePoint> = Vec::new();
        let (mut positives, mut negatives, mut first) = (0, 0, f64::INFINITY);
        for (threshold, of_class, others) in patterns {
            positives += of_class;
            negatives += others;
            let point =
                CurvePoint { threshold, true_positives: positives, false_positives: negatives };
            match points.last_mut() {
                Some(last) if threshold >= first * (1.0 - ROUNDING) => *last = point,
                _ => {
                    first = threshold;
                    points.push(point);
                }
            }
        }
        let mut ranking =
            Self { positives, negatives, roc_auc: None, average_precision: None, points };
        if positives > 0 && negatives > 0 {
            let (area, average) = ranking.areas();
            ranking.roc_auc = Some(area);
            ranking.average_precision = Some(average);
        }
        if ranking.has_curve() {
            ranking.thin(most_points);
        } else {
            ranking.points.clear();
        }
        ranking
    }

    /// The area under the ROC curve, and the average precision.
    fn areas(&self) -> (f64, f64) {
        // Twice the pairs in the right order, in whole numbers: sums are exact.
        let (mut twice_pairs, mut average) = (0_u128, 0.0);
        let (mut tp, mut fp) = (0, 0);
        for point in &self.points {
            let (more, wrong) = (point.true_positives - tp, point.false_positives - fp);
            let below = self.negatives - point.false_positives;
            twice_pairs += u128::from(more) * (2 * u128::from(below) + u128::from(wrong));
            (tp, fp) = (point.true_positives, point.false_positives);
            average += more as f64 * (tp as f64 / (tp + fp) as f64);
        }
        let pairs = u128::from(self.positives) * u128::from(self.negatives);
        (0.5 * twice_pairs as f64 / pairs as f64, average / self.positives as f64)
    }

    /// Keeps of many points one for every bit of the way along the ROC curve, the last of each.
    fn thin(&mut self, most: usize) {
        if self.points.len() <= most {
            return;
        }
        let slice = |point: &CurvePoint| {
            let (recall, wrong) = self.roc(point);
            (0.5 * (recall + wrong) * most as f64).ceil() as usize
        };
        let slices: Vec<usize> = self.points.iter().map(slice).collect();
        let mut at = 0;
        self.points.retain(|_| {
            at += 1;
            slices.get(at) != slices.get(at - 1)
        });
    }
}

/// The ranking of each class, in order.
pub(super) fn rankings(votes: &Patterns, gold: &GoldCounts, labels: &ProbLabels) -> Vec<Ranking> {
    let with_gold: Vec<(usize, u64)> =
        (0..votes.len()).map(|u| (u, gold.total(u))).filter(|(_, rows)| *rows > 0).collect();
    let most = (ALL_POINTS / votes.n_classes().max(1)).clamp(LEAST_POINTS, MOST_POINTS);
    let classes: Vec<ClassId> = ClassId::first(votes.n_classes()).collect();
    let ranking = |class: &ClassId| {
        let pattern = |&(u, rows): &(usize, u64)| {
            let of_class = gold.of_class(u, *class);
            (labels.table()[[u, class.index()]], of_class, rows - of_class)
        };
        Ranking::new(with_gold.iter().map(pattern).collect(), most)
    };
    classes.par_iter().map(ranking).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking_of(patterns: Vec<(f64, u64, u64)>) -> Ranking {
        Ranking::new(patterns, MOST_POINTS)
    }

    /// By hand. Rows .9 +, .8 −, .8 +, .4 −: of the four pairs, three are in order and one is tied, but for
    /// (.8 +, .8 −) half: (1 + 1 + ½ + 1) / 4. Average precision: ½ · 1 + ½ · ⅔.
    #[test]
    fn areas_by_hand() {
        let ranking = ranking_of(vec![(0.4, 0, 1), (0.8, 1, 1), (0.9, 1, 0)]);
        assert_eq!((ranking.positives, ranking.negatives), (2, 2));
        assert_eq!(ranking.roc_auc, Some(3.5 / 4.0));
        assert_eq!(ranking.average_precision, Some(0.5 + 0.5 * 2.0 / 3.0));
        assert!(ranking.points.is_empty(), "two rows make no curve");
    }

    #[test]
    fn what_says_nothing_has_the_areas_of_chance() {
        let ranking = ranking_of(vec![(0.3, 15, 45)]);
        assert_eq!((ranking.roc_auc, ranking.average_precision), (Some(0.5), Some(0.25)));
        assert_eq!(ranking.points.len(), 1);
        for (of_class, others) in [(3, 0), (0, 3), (0, 0)] {
            let ranking = ranking_of(vec![(0.3, of_class, others)]);
            assert_eq!((ranking.roc_auc, ranking.average_precision), (None, None));
        }
    }

    #[test]
    fn rounding_makes_no_order() {
        let exact = ranking_of(vec![(0.3, 10, 0), (0.3, 0, 10)]);
        let rounded = ranking_of(vec![(0.1 + 0.2, 10, 0), (0.3, 0, 10)]);
        assert_eq!(exact.roc_auc, rounded.roc_auc);
        // What is small but different is an order: a rare class has no other probabilities.
        let small = ranking_of(vec![(2e-15, 10, 0), (1e-15, 0, 10)]);
        assert_eq!(small.roc_auc, Some(1.0));
    }

    #[test]
    fn a_long_curve_keeps_its_shape_and_its_end() {
        let of_pattern =
            |i: u32| (f64::from(i) / 1e4, u64::from(i % 7 < i / 1500), 1 + u64::from(i % 3));
        let patterns: Vec<_> = (0..9000).map(of_pattern).collect();
        let ranking = ranking_of(patterns);
        assert!(
            (150..=MOST_POINTS + 1).contains(&ranking.points.len()),
            "{}",
            ranking.points.len()
        );
        let last = ranking.points.last().expect("points");
        assert_eq!(
            (last.true_positives, last.false_positives),
            (ranking.positives, ranking.negatives)
        );
        // The trapezoids between the points that are left have nearly the same area.
        let (mut area, mut from) = (0.0, (0.0, 0.0));
        for point in &ranking.points {
            let (recall, wrong) = ranking.roc(point);
            area += 0.5 * (recall + from.0) * (wrong - from.1);
            from = (recall, wrong);
        }
        assert!((area - ranking.roc_auc.expect("both sides")).abs() < 1e-3, "{area}");
    }
}
