//! How sure a fit is: intervals by the bootstrap over pattern counts.
//!
//! A replicate gives each pattern a Poisson number of rows with its count as the mean, refits the model
//! on them, and takes the same figures from that fit. The ends of an interval are the 2.5 % and 97.5 %
//! points of the replicates (Efron 1979, "Bootstrap methods: another look at the jackknife",
//! doi:10.1214/aos/1176344552, with the percentile interval of section 4 of Efron 1981,
//! doi:10.2307/3314608). Poisson numbers are the multinomial ones but for their sum, which counts of
//! classes are divided by; drawing them costs as much as there are patterns, not rows.
//!
//! The intervals say how far the figures would move with other rows from where these came from. They
//! do not say how far off the model is: a prior that holds an accuracy in place makes its interval
//! narrow, not right. Gold labels, when a model learns from them, stay as they are.

use super::random::Random;
use super::{Decision, FitError, FittedModel, LabelModel, Supervision, Ties};
use crate::{ClassId, Patterns};
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Times to refit; the ends of an interval get rough with fewer than 40.
    pub replicates: usize,
    /// Where the random numbers begin.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { replicates: 100, seed: 1 }
    }
}

/// How sure a fit is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Intervals {
    /// Fits that they come from.
    pub replicates: usize,
    /// For each labeling function the mean posterior probability, over its rows, of what it voted;
    /// none where it voted in fewer than half of the replicates.
    pub accuracies: Vec<Option<Interval>>,
    /// For each class the sum of its probability over the covered rows.
    pub counts: Vec<Interval>,
    /// The share of the covered rows whose most probable class is another one after refitting,
    /// on average.
    pub changed: f64,
}

/// 95 % intervals on the learned accuracies and the expected class counts of `model` on `votes`.
///
/// The same seed gives the same intervals, on any number of threads.
///
/// # Errors
/// [`FitError`] when the model cannot be fitted on `votes`, or on none of the replicates.
///
/// ```
/// use jurat::model::{Generative, Resampling, Supervision, intervals};
/// use jurat::{LabelMatrix, Names, Patterns};
///
/// let names = Names::new(["a", "b", "c"], ["x", "y"])?;
/// let rows: Vec<_> = (0..60).map(|i| vec![Some(i % 2), Some((i / 2) % 2), Some(i % 2)]).collect();
/// let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows)?);
/// let found = intervals(
///     &Generative::default(),
///     &votes,
///     &Supervision::default(),
///     &Resampling::default(),
/// )?;
/// let of_b = found.accuracies[1].expect("it votes");
/// assert!(of_b.low > 0.3 && of_b.high < 0.7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn intervals(
    model: &dyn LabelModel,
    votes: &Patterns,
    known: &Supervision,
    settings: &Resampling,
) -> Result<Intervals, FitError> {
    let fitted = model.fit(votes, known)?;
    intervals_of(&fitted, model, votes, known, settings)
}

/// The same for a model that has been fitted already.
pub(super) fn intervals_of(
    fitted: &FittedModel,
    model: &dyn LabelModel,
    votes: &Patterns,
    known: &Supervision,
    settings: &Resampling,
) -> Result<Intervals, FitError> {
    let counts: Vec<u64> = votes.iter().map(|(_, count)| count).collect();
    let top = most_probable(&fitted.table(votes));
    let replicates: Vec<Result<Replicate, FitError>> = (0..settings.replicates.max(1) as u64)
        .into_par_iter()
        .map(|number| {
            let mut random = Random::stream(settings.seed, number);
            let drawn: Vec<u64> = counts.iter().map(|&n| random.poisson(n as f64)).collect();
            let refitted = model.fit(&votes.with_counts(&drawn), known)?;
            Ok(Replicate::new(votes, &drawn, &refitted.table(votes), &top))
        })
        .collect();
    // A replicate may be without votes where there are few rows.
    let mut failed = None;
    let mut made = Vec::new();
    for replicate in replicates {
        match replicate {
            Ok(replicate) => made.push(replicate),
            Err(error) => failed = Some(error),
        }
    }
    if let (true, Some(error)) = (made.is_empty(), failed) {
        return Err(error);
    }
    let interval_of = |pick: &dyn Fn(&Replicate) -> Option<f64>| {
        let values: Vec<f64> = made.iter().filter_map(pick).collect();
        (2 * values.len() >= made.len()).then(|| interval(values)).flatten()
    };
    let count = |y: usize| interval_of(&|replicate| Some(replicate.classes[y]));
    Ok(Intervals {
        replicates: made.len(),
        accuracies: (0..votes.n_lfs())
            .map(|lf| interval_of(&|replicate| replicate.accuracies[lf]))
            .collect(),
        counts: (0..votes.n_classes()).filter_map(count).collect(),
        changed: made.iter().map(|replicate| replicate.changed).sum::<f64>() / made.len() as f64,
    })
}

/// The figures of one replicate.
struct Replicate {
    accuracies: Vec<Option<f64>>,
    classes: Vec<f64>,
    changed: f64,
}

impl Replicate {
    /// `drawn` are rows and `table` probabilities, both a pattern of `votes`.
    fn new(votes: &Patterns, drawn: &[u64], table: &Array2<f64>, top: &[Option<ClassId>]) -> Self {
        let names = votes.names();
        let (mut right, mut cast) = (vec![0.0; votes.n_lfs()], vec![0.0; votes.n_lfs()]);
        let mut classes = vec![0.0; votes.n_classes()];
        let (mut rows, mut other) = (0, 0);
        for (u, top_now) in most_probable(table).into_iter().enumerate() {
            let row = votes.votes(u);
            if row.is_empty() {
                continue;
            }
            if top[u].is_some() {
                rows += votes.row_count(u);
                other += if top_now == top[u] { 0 } else { votes.row_count(u) };
            }
            if drawn[u] == 0 {
                continue;
            }
            let count = drawn[u] as f64;
            for (sum, p) in classes.iter_mut().zip(table.row(u)) {
                *sum += count * p;
            }
            for vote in row {
                let voted = names.classes_of(vote.choice);
                let p: f64 = voted.iter().map(|class| table[[u, class.index()]]).sum();
                right[vote.lf.index()] += count * p;
                cast[vote.lf.index()] += count;
            }
        }
        let scale = votes.n_rows() as f64 / drawn.iter().sum::<u64>() as f64;
        classes.iter_mut().for_each(|sum| *sum *= scale);
        let accuracy = |(&right, &cast): (&f64, &f64)| (cast > 0.0).then(|| right / cast);
        Self {
            accuracies: right.iter().zip(&cast).map(accuracy).collect(),
            classes,
            changed: if rows > 0 { other as f64 / rows as f64 } else { 0.0 },
        }
    }
}

/// The most probable class of each pattern, none where several tie.
fn most_probable(table: &Array2<f64>) -> Vec<Option<ClassId>> {
    let decision = Decision::most_probable(Ties::Abstain);
    let top = |row: ndarray::ArrayView1<'_, f64>| decision.choose(&row.to_vec(), true);
    table.rows().into_iter().map(top).collect()
}

/// From the 2.5 % to the 97.5 % point of these values, between neighbors by a straight line.
fn interval(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let point = |share: f64| {
        let at = share * last as f64;
        let (below, part) = (at.floor() as usize, at.fract());
        let above = (below + 1).min(last);
        values[below] + part * (values[above] - values[below])
    };
    Some(Interval { low: point(0.025), high: point(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_an_interval() {
        let found = interval((0..=100).rev().map(f64::from).collect()).expect("values");
        assert!((found.low - 2.5).abs() < 1e-12 && (found.high - 97.5).abs() < 1e-12, "{found:?}");
        assert_eq!(interval(vec![0.5]), Some(Interval { low: 0.5, high: 0.5 }));
        assert_eq!(interval(Vec::new()), None);
    }
}
