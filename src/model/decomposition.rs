//! Sparse plus low-rank: direct links between columns, apart from what a hidden label does to all.
//!
//! When columns of votes are independent given a hidden label, their covariance is a diagonal plus a
//! matrix of low rank, and so is its inverse (Sherman & Morrison 1950, doi:10.1214/aoms/1177729893).
//! What remains of the inverse once the low rank is taken out are direct links between columns
//! (Varma, Sala, He, Ratner & Ré 2019, arXiv:1903.05844; Chandrasekaran, Parrilo & Willsky 2012,
//! doi:10.1214/11-AOS949).
//!
//! The split is the convex one of robust principal component analysis (Candès, Li, Ma & Wright
//! 2011, doi:10.1145/1970392.1970395), by alternating proximal steps: eigenvalues are shrunk for the
//! low rank, entries for the sparse part. The partial correlations of columns of the same labeling
//! function are its own affair and are left free.

use super::linalg::{inverse_positive_definite, symmetric_eigen};
use ndarray::Array2;

/// Added to the diagonal of the correlations, so that columns that repeat each other can be
/// inverted.
const RIDGE: f64 = 0.01;
/// Steps at the most; real label matrices need a few tens.
const STEPS: usize = 100;
/// The split has settled when no entry moves by more.
const TOLERANCE: f64 = 1e-4;

/// The partial correlations of columns, given on how many of `n_rows` rows each two of them fire
/// together (on the diagonal: fires at all). Each column must fire on some rows, and not on all.
pub(super) fn partial_correlations(together: &Array2<f64>, n_rows: f64) -> Option<Array2<f64>> {
    let p = together.nrows();
    let share = |i: usize| together[[i, i]] / n_rows;
    let deviation: Vec<f64> = (0..p).map(|i| (share(i) * (1.0 - share(i))).sqrt()).collect();
    let correlations = Array2::from_shape_fn((p, p), |(i, j)| {
        let covariance = together[[i, j]] / n_rows - share(i) * share(j);
        let ridge = if i == j { RIDGE } else { 0.0 };
        covariance / (deviation[i] * deviation[j]) + ridge
    });
    let inverse = inverse_positive_definite(&correlations)?;
    let partial = Array2::from_shape_fn((p, p), |(i, j)| {
        -inverse[[i, j]] / (inverse[[i, i]] * inverse[[j, j]]).sqrt()
    });
    Some(partial)
}

/// The sparse part S of partial correlations P ≈ L + S: minimizes
/// ½ ‖P − L − S‖² + t Σ |S_ij| + t √p tr L over entries of different owners and L ⪰ 0.
///
/// t = √(2 ln m / n) for m free entries is the largest partial correlation that `n_rows` rows of
/// unrelated columns would show, and t √p the noise in the eigenvalues: S stays empty on noise.
/// `owner[i]` is the labeling function of column i.
pub(super) fn sparse_part(
    partial: &Array2<f64>,
    owner: &[usize],
    n_rows: f64,
) -> Option<Array2<f64>> {
    let p = owner.len();
    let same = |i: usize, j: usize| owner[i] == owner[j];
    let pairs = (0..p).flat_map(|i| (0..i).map(move |j| (i, j)));
    let n_free = pairs.filter(|&(i, j)| !same(i, j)).count().max(2) as f64;
    let threshold = (2.0 * n_free.ln() / n_rows).sqrt();
    let mut low_rank = Array2::<f64>::zeros((p, p));
    let mut sparse = Array2::<f64>::zeros((p, p));
    for _ in 0..STEPS {
        let rest = Array2::from_shape_fn((p, p), |(i, j)| {
            if same(i, j) { low_rank[[i, j]] } else { partial[[i, j]] - sparse[[i, j]] }
        });
        let next = shrink_eigenvalues(&rest, threshold * (p as f64).sqrt())?;
        let mut moved = (&next - &low_rank).iter().fold(0.0, |most: f64, d| most.max(d.abs()));
        low_rank = next;
        for ((i, j), entry) in sparse.indexed_iter_mut() {
            if !same(i, j) {
                let rest = partial[[i, j]] - low_rank[[i, j]];
                let shrunk = rest.signum() * (rest.abs() - threshold).max(0.0);
                moved = moved.max((shrunk - *entry).abs());
                *entry = shrunk;
            }
        }
        if moved < TOLERANCE {
            break;
        }
    }
    Some(sparse)
}

/// The proximal step of the trace norm over positive semidefinite matrices: Σ max(λ − by, 0) v vᵀ.
fn shrink_eigenvalues(matrix: &Array2<f64>, by: f64) -> Option<Array2<f64>> {
    let p = matrix.nrows();
    // No eigenvalue is above the largest sum of absolute values in a row (Gershgorin).
    let bound = matrix.rows().into_iter().map(|row| row.iter().map(|x| x.abs()).sum::<f64>());
    if bound.fold(0.0, f64::max) <= by {
        return Some(Array2::zeros((p, p)));
    }
    let (values, vectors) = symmetric_eigen(matrix)?;
    let mut shrunk = Array2::zeros((p, p));
    for (value, vector) in values.iter().zip(vectors.columns()) {
        if *value > by {
            for i in 0..p {
                let scaled = (value - by) * vector[i];
                for j in 0..p {
                    shrunk[[i, j]] += scaled * vector[j];
                }
            }
        }
    }
    Some(shrunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve columns share one factor; two of them are linked on top.
    #[test]
    fn a_link_is_told_from_a_common_factor() {
        let p = 12;
        let linked = |i, j| matches!((i, j), (2, 7) | (7, 2));
        let partial = Array2::from_shape_fn((p, p), |(i, j)| {
            0.09 + if linked(i, j) { 0.3 } else { 0.0 } + if i == j { -1.09 } else { 0.0 }
        });
        let owner: Vec<usize> = (0..p).collect();
        let sparse = sparse_part(&partial, &owner, 10_000.0).expect("finite");
        for ((i, j), entry) in sparse.indexed_iter() {
            if linked(i, j) {
                assert!((0.2..0.3).contains(entry), "{entry}");
            } else {
                assert!(entry.abs() < 0.03, "{i} {j}: {entry}");
            }
        }
    }

    /// Of three columns in a chain the two ends are linked through the middle only.
    #[test]
    fn partial_correlations_follow_the_chain() {
        let rho = |steps: i32| 0.6_f64.powi(steps);
        let n = 1000.0;
        // Fair coins with correlations ρ, ρ and ρ².
        let together = Array2::from_shape_fn((3, 3), |(i, j)| {
            n * (0.25 + 0.25 * rho((i as i32 - j as i32).abs()))
        });
        let partial = partial_correlations(&together, n).expect("positive definite");
        assert!(partial[[0, 1]] > 0.4 && partial[[0, 2]].abs() < 0.02, "{partial}");
    }

    #[test]
    fn copies_can_be_inverted() {
        let together = Array2::from_elem((2, 2), 300.0);
        let partial = partial_correlations(&together, 1000.0).expect("ridged");
        assert!(partial[[0, 1]] > 0.98 && partial[[0, 1]] <= 1.0);
    }
}
