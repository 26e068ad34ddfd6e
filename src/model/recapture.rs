//! Which classes the rows without votes belong to, estimated from overlaps alone.
//!
//! If the labeling functions that fire on rows of a class were independent, the share of its rows on
//! which none fires would be Π_c (1 − n_c / N): with n_c rows of the class on which column c fires, and N
//! rows of the class in all, the solution of N − covered = N Π_c (1 − n_c / N) says how many were
//! missed. That is how wildlife is counted by marking animals and catching some again (Otis, Burnham,
//! White & Anderson 1978, "Statistical inference from capture data on closed animal populations";
//! model M_t). Labeling functions for the same class overlap more than that, so that N comes out too
//! low; the ratio between classes suffers less, and only that is used.

use super::columns::{Columns, Discount};
use super::draft::Uncovered;
use super::expectation::Expected;

/// How near two columns must come to be repeats of each other.
pub(super) const DISCOUNT: Discount = Discount { lambda: 0.0, power: 8 };

/// Without other knowledge, rows without votes are said to be of some class rather than another only
/// when their estimated numbers differ by this factor from the first to the second class.
const CLEAR: f64 = 1.5;

/// Covered rows that each class must have for overlaps to say anything about it.
const ENOUGH: f64 = 30.0;

/// What rows without votes get, given the weights of the columns by [`DISCOUNT`] and the expectations
/// under the posteriors of the others. None when every row has a vote, or a class has too few rows to tell.
pub(super) fn uncovered(
    columns: &Columns,
    weights: &[f64],
    expected: &Expected,
) -> Option<Uncovered> {
    let rarest = expected.shares.iter().copied().fold(f64::INFINITY, f64::min);
    if columns.uncovered == 0.0 || rarest < ENOUGH {
        return None;
    }
    let k = columns.n_classes;
    let missed: Vec<f64> = (0..k)
        .map(|y| {
            let captures: Vec<(f64, f64)> =
                (0..columns.len()).map(|c| (expected.counts[c * k + y], weights[c])).collect();
            missed(expected.shares[y], &captures, columns.uncovered).max(1e-9)
        })
        .collect();
    // The estimate is rough: its square root keeps the order and halves the confidence.
    let sum: f64 = missed.iter().map(|rows| rows.sqrt()).sum();
    let prior: Vec<f64> = missed.iter().map(|rows| rows.sqrt() / sum).collect();
    let mut order = missed;
    order.sort_unstable_by(|a, b| b.total_cmp(a));
    let alone = if order[0] >= CLEAR * order[1] { prior.clone() } else { vec![1.0 / k as f64; k] };
    Some(Uncovered { alone, prior })
}

/// The number of rows m of a class that were missed: the smallest m with
/// m = (covered + m) Π_c (1 − n_c / (covered + m))^w_c, at most `limit`.
fn missed(covered: f64, captures: &[(f64, f64)], limit: f64) -> f64 {
    let excess = |m: f64| {
        let all = covered + m;
        let log: f64 =
            captures.iter().map(|(n, weight)| weight * (-(n / all).min(1.0 - 1e-12)).ln_1p()).sum();
        m - all * log.exp()
    };
    if excess(limit) <= 0.0 {
        return limit;
    }
    let (mut low, mut high) = (0.0, limit);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle) > 0.0 { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn independent_captures_give_the_number_missed() {
        // 1,000 rows, caught with probabilities 0.3, 0.2 and 0.4: 0.7 · 0.8 · 0.6 = 0.336 are missed.
        let found = missed(664.0, &[(300.0, 1.0), (200.0, 1.0), (400.0, 1.0)], 5000.0);
        assert!((found - 336.0).abs() < 1e-6, "{found}");
    }

    #[test]
    fn captures_that_never_meet_say_nothing() {
        assert_eq!(missed(500.0, &[(300.0, 1.0), (200.0, 1.0)], 900.0), 900.0);
    }
}
