//! Weights for classes that are not equally common, for whoever trains on the labels.
//!
//! With n rows, K classes that occur and nₖ rows of class k:
//!
//! * *balanced*: n / (K nₖ), so that all classes weigh the same together (King and Zeng 2001, "Logistic
//!   regression in rare events data", doi:10.1093/oxfordjournals.pan.a004868);
//! * *effective number*: in proportion to (1 − β) / (1 − β^nₖ), the inverse of the number of rows that tell
//!   something new when each new one does so with a chance that shrinks by β (Cui et al. 2019,
//!   "Class-balanced loss based on effective number of samples", doi:10.1109/cvpr.2019.00949): with β = 0
//!   all weigh the same, with β near 1 it is the first.
//!
//! Both are scaled such that the weights of the rows have the mean 1.

use super::ProbLabels;
use crate::{ClassId, Patterns};

/// How classes are weighed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// By the inverse of their rows.
    Balanced,
    /// By the inverse of their effective number of rows; β is from 0 up to 1, without it.
    EffectiveNumber(f64),
}

/// What is counted as rows of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountOf {
    /// Rows with this hard label; a row without one has the weight 0.
    #[default]
    Labels,
    /// The sum of the probability of the class over the rows with a vote; of such a row the weight is the
    /// mean of the weights of the classes under its probabilities, of any other row 0.
    Expected,
}

/// How the rows of a table of labels are weighed.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RowWeights {
    /// How classes are weighed.
    pub weighting: Weighting,
    /// What is counted as their rows.
    pub of: CountOf,
}

impl Weighting {
    /// The effective number with this β.
    ///
    /// # Errors
    /// When β is not from 0 up to 1, without it.
    pub fn effective_number(beta: f64) -> Result<Self, String> {
        if (0.0..1.0).contains(&beta) {
            Ok(Self::EffectiveNumber(beta))
        } else {
            Err(format!("beta must be from 0 up to 1, without it, it is {beta}"))
        }
    }

    /// The weight of each class from its rows, which may be fractions; 0 for a class without rows.
    ///
    /// ```
    /// use jurat::model::Weighting;
    /// // Of 8 rows: 8 / (2 · 6) and 8 / (2 · 2).
    /// assert_eq!(Weighting::Balanced.weights(&[6.0, 2.0]), [8.0 / 12.0, 2.0]);
    /// ```
    #[must_use]
    pub fn weights(self, counts: &[f64]) -> Vec<f64> {
        let raw: Vec<f64> = counts
            .iter()
            .map(|&count| match self {
                _ if count <= 0.0 => 0.0,
                Self::Balanced => 1.0 / count,
                // −expm1 keeps digits where β^n is near 1.
                Self::EffectiveNumber(beta) => (1.0 - beta) / -(count * beta.ln()).exp_m1(),
            })
            .collect();
        let rows: f64 = counts.iter().sum();
        let weight: f64 = counts.iter().zip(&raw).map(|(count, weight)| count * weight).sum();
        raw.into_iter().map(|raw| if weight > 0.0 { raw * (rows / weight) } else { 0.0 }).collect()
    }
}

impl RowWeights {
    /// The rows of each class that are counted; `hard` are the labels of the patterns.
    #[must_use]
    pub fn counts(
        &self,
        votes: &Patterns,
        labels: &ProbLabels,
        hard: &[Option<ClassId>],
    ) -> Vec<f64> {
        let mut counts = vec![0.0; votes.n_classes()];
        for (u, (row, count)) in votes.iter().enumerate() {
            let rows = count as f64;
            match self.of {
                CountOf::Labels => {
                    if let Some(class) = hard[u] {
                        counts[class.index()] += rows;
                    }
                }
                CountOf::Expected if row.is_empty() => {}
                CountOf::Expected => {
                    let row = labels.table().row(u);
                    counts.iter_mut().zip(row).for_each(|(sum, p)| *sum += rows * p);
                }
            }
        }
        counts
    }

    /// The weight of the rows of each pattern.
    #[must_use]
    pub fn of_patterns(
        &self,
        votes: &Patterns,
        labels: &ProbLabels,
        hard: &[Option<ClassId>],
    ) -> Vec<f64> {
        let weights = self.weighting.weights(&self.counts(votes, labels, hard));
        let weight = |u: usize| match self.of {
            CountOf::Labels => hard[u].map_or(0.0, |class| weights[class.index()]),
            CountOf::Expected if votes.votes(u).is_empty() => 0.0,
            CountOf::Expected => {
                labels.table().row(u).iter().zip(&weights).map(|(p, weight)| p * weight).sum()
            }
        };
        (0..votes.len()).map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Decision, Supervision, by_name};
    use crate::{LabelMatrix, Names};

    fn near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9 * wanted.abs().max(1e-9), "{found} not {wanted}");
        }
    }

    /// By hand: β = ½ makes 1 − ½ⁿ of n rows, so that 1, 2 and 3 rows have the raw weights 1, ⅔ and 4/7.
    #[test]
    fn effective_numbers_by_hand() {
        let half = Weighting::effective_number(0.5).expect("a share");
        let raw = [1.0, 2.0 / 3.0, 4.0 / 7.0];
        let scale = 6.0 / (raw[0] + 2.0 * raw[1] + 3.0 * raw[2]);
        near(&half.weights(&[1.0, 2.0, 3.0]), &raw.map(|raw| raw * scale));
        // No row is like another: all weigh the same.
        let none = Weighting::effective_number(0.0).expect("a share");
        near(&none.weights(&[1.0, 20.0, 300.0]), &[1.0; 3]);
        // All are: as balanced.
        let nearly = Weighting::effective_number(1.0 - 1e-12).expect("a share");
        let (found, wanted) =
            (nearly.weights(&[5.0, 20.0, 300.0]), Weighting::Balanced.weights(&[5.0, 20.0, 300.0]));
        found.iter().zip(&wanted).for_each(|(f, w)| assert!((f - w).abs() < 1e-3 * w, "{f} {w}"));
        for beta in [1.0, -0.1, f64::NAN] {
            assert!(Weighting::effective_number(beta).is_err());
        }
        // As many rows as there may be.
        let many = Weighting::effective_number(0.999).expect("a share").weights(&[1e12, 1e3]);
        assert!(many.iter().all(|weight| weight.is_finite() && *weight > 0.0), "{many:?}");
    }

    #[test]
    fn classes_without_rows_weigh_nothing() {
        near(&Weighting::Balanced.weights(&[6.0, 0.0, 2.0]), &[8.0 / 12.0, 0.0, 2.0]);
        near(&Weighting::Balanced.weights(&[0.0, 0.0]), &[0.0, 0.0]);
    }

    /// Six rows say a, two say b, one both, one nothing.
    #[test]
    fn rows_weigh_one_on_average() {
        let names = Names::new(["one", "two"], ["a", "b"]).expect("names");
        let mut rows = vec![vec![Some(0), None]; 6];
        rows.extend([
            vec![Some(1), None],
            vec![Some(1), None],
            vec![Some(0), Some(1)],
            vec![None, None],
        ]);
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
        let model = by_name("majority", &[]).expect("known");
        let labels = model.fit(&votes, &Supervision::default()).expect("fits").label(&votes);
        let hard = labels.decide(&Decision::default());
        let of_rows = |of: CountOf| -> Vec<f64> {
            let weights = RowWeights { weighting: Weighting::Balanced, of };
            let of_patterns = weights.of_patterns(&votes, &labels, &hard);
            votes.of_row().iter().map(|&u| of_patterns[u as usize]).collect()
        };
        let mut wanted = vec![8.0 / 12.0; 6];
        wanted.extend([2.0, 2.0, 0.0, 0.0]);
        near(&of_rows(CountOf::Labels), &wanted);
        // 6.5 and 2.5 rows are expected; the row with both votes has the mean of both weights.
        let (a, b) = (9.0 / 13.0, 9.0 / 5.0);
        let mut wanted = vec![a; 6];
        wanted.extend([b, b, 0.5 * (a + b), 0.0]);
        let found = of_rows(CountOf::Expected);
        near(&found, &wanted);
        assert!((found.iter().sum::<f64>() - 9.0).abs() < 1e-9, "the mean over nine rows is 1");
    }
}
