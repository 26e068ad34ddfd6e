//! The label model and the classifier together.
//!
//! Both are evidence on the same label: their log odds against the class shares add up, as those of votes do
//! (a logarithmic opinion pool; Genest & Zidek 1986, doi:10.1214/ss/1177013825). The classifier was trained on
//! the votes and repeats them, so that the votes count by half beside it, or more where it cannot say what they
//! say; where nobody voted it speaks alone. Its
//! predictions must come from classifiers that did not see the row.

use ndarray::{Array2, ArrayView1};

/// The least that the log odds of the label model count beside those of the classifier.
///
/// Chosen on nine real label matrices with texts, among 1/4, 1/2, 3/4 and 1.
pub const VOTES: f64 = 0.5;

/// What the log odds of the label model count, from [`VOTES`] to 1.
///
/// The more the label model is surer of itself than the classifier is able to say the same, the less the
/// classifier knows of what the votes know, and the more they count: with m the mean probability of the label
/// model's labels, and r the share of them that the classifier gives as well, on rows with votes, it is
/// ½ + ½ (m − r) / (1 − r), and ½ where r is more than m. `predicted` must come from classifiers that did
/// not see the row; all tables are n_rows × n_classes.
#[must_use]
pub fn votes_weight(votes: &Array2<f64>, covered: &[bool], predicted: &Array2<f64>) -> f64 {
    let best = |row: ArrayView1<'_, f64>| {
        (0..row.len()).reduce(|best, y| if row[y] > row[best] { y } else { best }).unwrap_or(0)
    };
    let (mut sure, mut same, mut n) = (0.0, 0.0, 0.0);
    let rows = votes.rows().into_iter().zip(predicted.rows()).zip(covered);
    for ((of_votes, predicted), _) in rows.filter(|(_, covered)| **covered) {
        let label = best(of_votes);
        sure += of_votes[label];
        same += f64::from(u8::from(best(predicted) == label));
        n += 1.0;
    }
    let (sure, same) = if n > 0.0 { (sure / n, same / n) } else { (0.0, 0.0) };
    let lacks = if same < sure { (sure - same) / (1.0 - same) } else { 0.0 };
    VOTES + (1.0 - VOTES) * lacks
}

/// P(class) from both, n_rows × n_classes.
///
/// `votes` are the posteriors of the label model, `shares` the class shares that they start from, `covered`
/// says which rows have votes, `predicted` is what the classifier says, and `weight` what the
/// [votes count](votes_weight).
///
/// # Panics
/// When the tables have other shapes.
#[must_use]
pub fn pool(
    votes: &Array2<f64>,
    shares: &[f64],
    covered: &[bool],
    predicted: &Array2<f64>,
    weight: f64,
) -> Array2<f64> {
    assert_eq!(votes.dim(), predicted.dim(), "tables of one shape");
    let log = |p: f64| p.max(1e-9).ln();
    let mut table = predicted.clone();
    for ((mut row, of_votes), _) in
        table.rows_mut().into_iter().zip(votes.rows()).zip(covered).filter(|(_, covered)| **covered)
    {
        for ((p, vote), share) in row.iter_mut().zip(of_votes).zip(shares) {
            *p = log(*p) + weight * (log(*vote) - log(*share));
        }
        let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.mapv_inplace(|score| (score - highest).exp());
        let sum = row.sum();
        row.mapv_inplace(|p| p / sum);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Odds of 1/3 by the classifier, of 4 by the votes, even shares: 1/3 · √4 = 2/3.
    #[test]
    fn odds_multiply_and_votes_count_half() {
        let votes = array![[0.8, 0.2], [0.8, 0.2]];
        let predicted = array![[0.25, 0.75], [0.25, 0.75]];
        let both = pool(&votes, &[0.5, 0.5], &[true, false], &predicted, VOTES);
        assert!((both[[0, 0]] - 0.4).abs() < 1e-12, "{both}");
        assert_eq!(both.row(1), predicted.row(1));
        // Votes that only repeat the class shares change nothing.
        let same = pool(&votes, &[0.8, 0.2], &[true, true], &predicted, VOTES);
        assert!((same[[0, 0]] - 0.25).abs() < 1e-12, "{same}");
    }

    /// The label model is 90 % sure of each label, and the classifier says three of four of them, or all.
    #[test]
    fn votes_count_more_where_the_classifier_cannot_follow() {
        let votes = array![[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9], [0.5, 0.5]];
        let covered = [true, true, true, true, false];
        let predicted = array![[0.6, 0.4], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9], [0.1, 0.9]];
        let weight = votes_weight(&votes, &covered, &predicted);
        assert!((weight - (0.5 + 0.5 * 0.15 / 0.25)).abs() < 1e-12, "{weight}");
        assert_eq!(votes_weight(&votes, &covered, &votes), 0.5);
        assert_eq!(votes_weight(&votes, &[false; 5], &predicted), 0.5);
    }
}
