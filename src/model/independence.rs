//! Whether labeling functions are independent given the class, as far as their votes can tell.
//!
//! If they are, a fitted model that assumes it explains how often each pair of answers of two
//! labeling functions (abstaining included) occurs. Pearson's X² compares the counts of all pairs of
//! answers with what the model expects of them; divided by its degrees of freedom it is near 1 when
//! the model is right, and grows with the rows when it is not.

use super::confusion::{Estimator, Tables};
use super::numeric::{add_to, fold_chunks};

/// Pairs of labeling functions that are looked at; more are sampled evenly.
const PAIRS: usize = 300;

/// Cells with fewer expected rows do not count, as usual for X².
const LEAST: f64 = 5.0;

/// X² per degree of freedom over the answers of pairs of labeling functions; none when no pair has
/// enough rows to tell.
pub(super) fn dependence(estimator: &Estimator<'_>, tables: &Tables) -> Option<f64> {
    let columns = estimator.columns;
    let k = columns.n_classes;
    let ranges = estimator.ranges();
    let n = columns.n_rows() + columns.uncovered;
    let m = ranges.len();
    let all = m * m.saturating_sub(1) / 2;
    let step = all.div_ceil(PAIRS).max(1);
    let pairs: Vec<(usize, usize)> =
        (1..m).flat_map(|j| (0..j).map(move |i| (i, j))).step_by(step).collect();
    // Answers: 0 to abstain, then the columns of the labeling function.
    let sizes: Vec<usize> =
        pairs.iter().map(|&(i, j)| (ranges[i].len() + 1) * (ranges[j].len() + 1)).collect();
    let total: usize = sizes.iter().sum();
    let observed = fold_chunks(
        columns.n_patterns(),
        |patterns| {
            let mut counts = vec![0.0; total];
            let mut answers = vec![0_usize; m];
            for u in patterns {
                answers.fill(0);
                for c in columns.fired(u) {
                    let j = estimator.voter(c);
                    answers[j] = c - ranges[j].start + 1;
                }
                let mut start = 0;
                for (&(i, j), size) in pairs.iter().zip(&sizes) {
                    let cell = answers[i] * (ranges[j].len() + 1) + answers[j];
                    counts[start + cell] += columns.rows[u];
                    start += size;
                }
            }
            counts
        },
        |mut left, right| {
            add_to(&mut left, &right);
            left
        },
    )?;
    // P(answer | y) of one labeling function.
    let answer = |j: usize, answer: usize, y: usize| match answer {
        0 => tables.log_abstains[j * k + y].exp(),
        _ => {
            let c = ranges[j].start + answer - 1;
            (tables.log_fires[j * k + y] + tables.log_votes[c * k + y]).exp()
        }
    };
    let (mut chi, mut freedom, mut start) = (0.0, 0.0, 0);
    for (&(i, j), size) in pairs.iter().zip(&sizes) {
        let (rows, width) = (ranges[i].len() + 1, ranges[j].len() + 1);
        let (mut sum, mut cells) = (0.0, 0);
        for cell in 0..*size {
            let (a, b) = (cell / width, cell % width);
            let joint =
                (0..k).map(|y| tables.log_shares[y].exp() * answer(i, a, y) * answer(j, b, y));
            let expected = n * joint.sum::<f64>();
            if expected >= LEAST {
                let both = if cell == 0 { columns.uncovered } else { 0.0 };
                sum += (observed[start + cell] + both - expected).powi(2) / expected;
                cells += 1;
            }
        }
        if cells > 1 {
            chi += sum;
            // The margins are fitted: of rows × width cells, (rows − 1)(width − 1) are free.
            freedom += f64::from(cells) * ((rows - 1) * (width - 1)) as f64 / *size as f64;
        }
        start += size;
    }
    (freedom > 0.0).then(|| chi / freedom)
}
