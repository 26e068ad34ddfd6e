//! Small numeric pieces with care for overflow and for the order of additions.

use rayon::prelude::*;

/// log Σ exp(xᵢ), without overflow; −∞ for no terms.
pub(super) fn log_sum_exp(values: &[f64]) -> f64 {
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !max.is_finite() {
        return max;
    }
    max + values.iter().map(|value| (value - max).exp()).sum::<f64>().ln()
}

/// Replaces scores by their softmax and returns their [`log_sum_exp`].
pub(super) fn softmax(scores: &mut [f64]) -> f64 {
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        // The time of a fit goes into exponentials: one a score is enough, and none for the highest.
        *score = if *score == max { 1.0 } else { (*score - max).exp() };
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    max + sum.ln()
}

/// Patterns handled by one task; fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 2048;

/// So many chunks take less time than it takes to wake another thread.
const FEW: usize = 2;

/// Splits `0..n` into fixed chunks, maps them in parallel and folds the results in order, so that
/// floating-point sums have the same bits on any number of threads.
pub(super) fn fold_chunks<T: Send>(
    n: usize,
    map: impl Fn(std::ops::Range<usize>) -> T + Sync,
    fold: impl Fn(T, T) -> T,
) -> Option<T> {
    let n_chunks = n.div_ceil(CHUNK);
    if n_chunks <= FEW {
        let parts = (0..n_chunks).map(|chunk| map(chunk * CHUNK..((chunk + 1) * CHUNK).min(n)));
        return parts.reduce(fold);
    }
    // A few at a time: a part may be large, and there may be many.
    let group = 4 * rayon::current_num_threads();
    let mut folded: Option<T> = None;
    for start in (0..n_chunks).step_by(group) {
        let parts: Vec<T> = (start..(start + group).min(n_chunks))
            .into_par_iter()
            .map(|chunk| map(chunk * CHUNK..((chunk + 1) * CHUNK).min(n)))
            .collect();
        for part in parts {
            folded = Some(match folded {
                Some(folded) => fold(folded, part),
                None => part,
            });
        }
    }
    folded
}

/// `left[i] += right[i]`.
pub(super) fn add_to(left: &mut [f64], right: &[f64]) {
    for (left, right) in left.iter_mut().zip(right) {
        *left += right;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_stands_huge_scores() {
        let mut scores = [1000.0, 1000.0, -1e300];
        assert!((softmax(&mut scores) - (1000.0 + 2f64.ln())).abs() < 1e-9);
        assert!((scores[0] - 0.5).abs() < 1e-12 && scores[0] == scores[1] && scores[2] == 0.0);
        assert_eq!(log_sum_exp(&[]), f64::NEG_INFINITY);
    }

    #[test]
    fn chunks_cover_everything_once_in_order() {
        let n = 3 * CHUNK + 17;
        let all = fold_chunks(
            n,
            |range| range.collect::<Vec<_>>(),
            |mut a, b| {
                a.extend(b);
                a
            },
        );
        assert_eq!(all, Some((0..n).collect()));
    }
}
