//! Scores against known labels.

use super::Evidence;
use super::calibration::{self, ConfidenceBin, Confusion};
use super::ranking::{Ranking, rankings};
use super::stats::Share;
use crate::model::{Decision, ProbLabels};
use crate::{ClassId, Patterns};
use serde::{Deserialize, Serialize};

/// For each pattern, how many of its rows have each gold label.
pub(super) struct GoldCounts {
    counts: Vec<u64>,
    n_classes: usize,
}

impl GoldCounts {
    /// Counts pattern, label and rows; none when there are no rows.
    fn new(votes: &Patterns, gold: impl Iterator<Item = (usize, ClassId, u64)>) -> Option<Self> {
        let n_classes = votes.n_classes();
        let mut gold = gold.peekable();
        gold.peek()?;
        let mut counts = vec![0; votes.len() * n_classes];
        gold.for_each(|(u, class, rows)| counts[u * n_classes + class.index()] += rows);
        Some(Self { counts, n_classes })
    }

    fn of_pattern(&self, u: usize) -> &[u64] {
        &self.counts[u * self.n_classes..(u + 1) * self.n_classes]
    }

    pub(super) fn of_class(&self, u: usize, class: ClassId) -> u64 {
        self.of_pattern(u)[class.index()]
    }

    pub(super) fn total(&self, u: usize) -> u64 {
        self.of_pattern(u).iter().sum()
    }

    pub(super) fn class_total(&self, class: ClassId) -> u64 {
        self.counts.iter().skip(class.index()).step_by(self.n_classes).sum()
    }
}

/// The gold labels of rows that the model did not learn from, and how many others there are.
pub(super) fn held_out(evidence: &Evidence<'_>) -> (Option<GoldCounts>, u64) {
    let left: u64 = evidence.known.held_out().map(|(_, _, rows)| rows).sum();
    let counts = GoldCounts::new(evidence.votes, evidence.known.held_out());
    (counts, evidence.known.n_gold() - left)
}

/// All labels that are known.
pub(super) fn known(evidence: &Evidence<'_>) -> Option<GoldCounts> {
    GoldCounts::new(evidence.votes, evidence.known.all())
}

/// How the labels compare with the gold labels, and how majority vote would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GoldReport {
    /// Rows with a gold label.
    pub rows: u64,
    /// The labels of this run.
    pub labels: Metrics,
    /// Plain majority vote on the same votes.
    pub majority: Metrics,
}

/// Scores on the rows with a gold label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metrics {
    /// Share of rows whose most probable class is the gold one; classes that tie share the row
    /// evenly, a row without votes included.
    pub accuracy: f64,
    /// The same on rows with at least one vote; none when there are none.
    pub accuracy_covered: Option<f64>,
    /// Rows with a right hard label, of the rows with a hard label.
    pub labeled: Share,
    /// Precision, recall and F1 of the hard labels; a row without one counts as missed.
    pub classes: Vec<ClassMetrics>,
    /// Mean F1 over the classes that have gold rows.
    pub macro_f1: f64,
    /// Mean recall over the classes that have gold rows; none in reports of earlier versions.
    #[serde(default)]
    pub balanced_accuracy: Option<f64>,
    /// [The correlation](Confusion::correlation) of gold labels and hard labels.
    #[serde(default)]
    pub correlation: Option<f64>,
    /// Mean of −ln P(gold class) on covered rows, probabilities no lower than 10⁻⁶.
    pub log_loss: Option<f64>,
    /// Gold labels against hard labels.
    #[serde(default)]
    pub confusion: Confusion,
    /// How often covered rows of some confidence are right.
    #[serde(default)]
    pub calibration: Vec<ConfidenceBin>,
    /// How well the probability of each class tells its rows from the others, in order, rows without
    /// votes included; empty in reports of earlier versions.
    #[serde(default)]
    pub rankings: Vec<Ranking>,
}

impl Metrics {
    /// The mean area under the ROC curve over the classes that have one.
    #[must_use]
    pub fn mean_roc_auc(&self) -> Option<f64> {
        mean(self.rankings.iter().filter_map(|ranking| ranking.roc_auc))
    }

    /// The mean average precision over the classes that have one.
    #[must_use]
    pub fn mean_average_precision(&self) -> Option<f64> {
        mean(self.rankings.iter().filter_map(|ranking| ranking.average_precision))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Scores of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassMetrics {
    /// The class.
    pub name: String,
    /// Right labels of this class, of its labels.
    pub precision: Share,
    /// Right labels of this class, of its gold rows.
    pub recall: Share,
    /// Their harmonic mean, 2 tp / (2 tp + fp + fn); none without gold rows and labels.
    pub f1: Option<f64>,
}

impl GoldReport {
    /// What a table shows: the name of each score over all classes, its value for the labels of this run, and
    /// that for majority vote.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, Option<f64>, Option<f64>)> {
        let mut lines = Vec::new();
        let mut line = |name: String, pick: &dyn Fn(&Metrics) -> Option<f64>| {
            lines.push((name, pick(&self.labels), pick(&self.majority)));
        };
        line("accuracy, all rows (ties split)".to_owned(), &|m| Some(m.accuracy));
        line("accuracy, covered rows (ties split)".to_owned(), &|m| m.accuracy_covered);
        line("accuracy of the labels given".to_owned(), &|m| m.labeled.share);
        line("share of the rows that got a label".to_owned(), &|m| {
            (self.rows > 0).then(|| m.labeled.of as f64 / self.rows as f64)
        });
        line("macro F1 of the labels given".to_owned(), &|m| Some(m.macro_f1));
        line("log loss, covered rows".to_owned(), &|m| m.log_loss);
        if self.labels.balanced_accuracy.is_some() {
            line("balanced accuracy of the labels given".to_owned(), &|m| m.balanced_accuracy);
            line("Matthews correlation of the labels given".to_owned(), &|m| m.correlation);
        }
        if !self.labels.rankings.is_empty() {
            line("mean ROC AUC of the classes".to_owned(), &Metrics::mean_roc_auc);
            line("mean average precision of the classes".to_owned(), &|m| {
                m.mean_average_precision()
            });
        }
        lines
    }
}

pub(super) fn report(
    evidence: &Evidence<'_>,
    gold: &GoldCounts,
    hard: &[Option<ClassId>],
    majority: Option<&ProbLabels>,
) -> GoldReport {
    let votes = evidence.votes;
    let labels = metrics(votes, gold, evidence.labels, hard);
    let majority = majority.map_or_else(
        || labels.clone(),
        |majority| {
            let decision = Decision::most_probable(evidence.decision.policy().ties);
            metrics(votes, gold, majority, &majority.decide(&decision))
        },
    );
    let rows = (0..votes.len()).map(|u| gold.total(u)).sum();
    GoldReport { rows, labels, majority }
}

/// Probabilities below this count as this in the log loss.
const LEAST: f64 = 1e-6;

fn metrics(
    votes: &Patterns,
    gold: &GoldCounts,
    labels: &ProbLabels,
    hard: &[Option<ClassId>],
) -> Metrics {
    let k = votes.n_classes();
    let (mut right, mut right_covered, mut loss) = (0.0, 0.0, 0.0);
    let (mut rows, mut covered) = (0, 0);
    // A row a gold class; the last column is for rows without a label.
    let mut confusion = vec![vec![0_u64; k + 1]; k];
    let (mut labeled, mut correct) = (0, 0);
    for (u, row) in labels.table().rows().into_iter().enumerate() {
        let most = row.iter().copied().fold(0.0, f64::max);
        let (least, top) = calibration::tied(row.iter().copied(), most);
        for class in ClassId::first(k) {
            let count = gold.of_class(u, class);
            let p = row[class.index()];
            let hit = if p >= least { count as f64 / top } else { 0.0 };
            rows += count;
            right += hit;
            if !votes.votes(u).is_empty() {
                covered += count;
                right_covered += hit;
                loss -= count as f64 * p.clamp(LEAST, 1.0).ln();
            }
            confusion[class.index()][hard[u].map_or(k, ClassId::index)] += count;
            if let Some(label) = hard[u] {
                labeled += count;
                correct += if label == class { count } else { 0 };
            }
        }
    }
    let classes: Vec<ClassMetrics> = ClassId::first(k)
        .map(|class| {
            let y = class.index();
            let tp = confusion[y][y];
            let predicted: u64 = confusion.iter().map(|gold| gold[y]).sum();
            let actual = gold.class_total(class);
            let both = predicted + actual;
            ClassMetrics {
                name: votes.names().class(class).to_owned(),
                precision: Share::new(tp, predicted),
                recall: Share::new(tp, actual),
                f1: (both > 0).then(|| 2.0 * tp as f64 / both as f64),
            }
        })
        .collect();
    let with_gold = || classes.iter().filter(|class| class.recall.of > 0);
    let f1: Vec<f64> = with_gold().filter_map(|class| class.f1).collect();
    let balanced_accuracy = mean(with_gold().filter_map(|class| class.recall.share));
    let confusion = Confusion { counts: confusion };
    let of_covered = |sum: f64| (covered > 0).then(|| sum / covered as f64);
    Metrics {
        accuracy: right / rows as f64,
        accuracy_covered: of_covered(right_covered),
        labeled: Share::new(correct, labeled),
        macro_f1: f1.iter().sum::<f64>() / f1.len() as f64,
        balanced_accuracy,
        correlation: confusion.correlation(),
        classes,
        log_loss: of_covered(loss),
        confusion,
        calibration: calibration::bins(votes, labels, Some(gold)),
        rankings: rankings(votes, gold, labels),
    }
}
