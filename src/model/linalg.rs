//! The only file that knows the linear-algebra backend.
//!
//! Pure-Rust nalgebra by default; LAPACK through `ndarray-linalg` with the feature `lapack`. Both
//! solve the same systems and run the same tests.

use ndarray::{Array1, Array2};

/// Solves A x = b for a symmetric positive definite A by Cholesky factorization.
///
/// Shapes: A is n × n, b and x have n entries. `None` when A is not positive definite.
#[cfg(not(feature = "lapack"))]
pub(super) fn solve_positive_definite(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    let n = b.len();
    let matrix = nalgebra::DMatrix::from_fn(n, n, |i, j| a[[i, j]]);
    let right = nalgebra::DVector::from_fn(n, |i, _| b[i]);
    let solution = matrix.cholesky()?.solve(&right);
    let solution = Array1::from_iter(solution.iter().copied());
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// Solves A x = b for a symmetric positive definite A by LAPACK's Cholesky factorization.
///
/// Shapes: A is n × n, b and x have n entries. `None` when A is not positive definite.
#[cfg(feature = "lapack")]
pub(super) fn solve_positive_definite(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    use ndarray_linalg::SolveC;
    let solution = a.solvec(b).ok()?;
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// The inverse of a symmetric positive definite matrix; `None` when it is not positive definite.
#[cfg(not(feature = "lapack"))]
pub(super) fn inverse_positive_definite(a: &Array2<f64>) -> Option<Array2<f64>> {
    let n = a.nrows();
    let inverse = nalgebra::DMatrix::from_fn(n, n, |i, j| a[[i, j]]).cholesky()?.inverse();
    let inverse = Array2::from_shape_fn((n, n), |(i, j)| inverse[(i, j)]);
    inverse.iter().all(|value| value.is_finite()).then_some(inverse)
}

/// The inverse of a symmetric positive definite matrix; `None` when it is not positive definite.
#[cfg(feature = "lapack")]
pub(super) fn inverse_positive_definite(a: &Array2<f64>) -> Option<Array2<f64>> {
    use ndarray_linalg::InverseC;
    let inverse = a.invc().ok()?;
    inverse.iter().all(|value| value.is_finite()).then_some(inverse)
}

/// The eigenvalues of a symmetric matrix, in no particular order, and its eigenvectors as columns in
/// the same order, of length 1 and either sign. `None` when an entry is not finite.
#[cfg(not(feature = "lapack"))]
pub(super) fn symmetric_eigen(a: &Array2<f64>) -> Option<(Array1<f64>, Array2<f64>)> {
    let n = a.nrows();
    if !a.iter().all(|value| value.is_finite()) {
        return None;
    }
    let eigen = nalgebra::DMatrix::from_fn(n, n, |i, j| a[[i, j]]).symmetric_eigen();
    let values = Array1::from_iter(eigen.eigenvalues.iter().copied());
    Some((values, Array2::from_shape_fn((n, n), |(i, j)| eigen.eigenvectors[(i, j)])))
}

/// The eigenvalues of a symmetric matrix, in no particular order, and its eigenvectors as columns in
/// the same order, of length 1 and either sign. `None` when an entry is not finite.
#[cfg(feature = "lapack")]
pub(super) fn symmetric_eigen(a: &Array2<f64>) -> Option<(Array1<f64>, Array2<f64>)> {
    use ndarray_linalg::{Eigh, UPLO};
    if !a.iter().all(|value| value.is_finite()) {
        return None;
    }
    a.eigh(UPLO::Lower).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn solves_and_refuses() {
        let a = array![[4.0, 1.0], [1.0, 3.0]];
        let x = solve_positive_definite(&a, &array![1.0, 2.0]).expect("positive definite");
        assert!((x[0] - 1.0 / 11.0).abs() < 1e-12 && (x[1] - 7.0 / 11.0).abs() < 1e-12);
        let indefinite = array![[0.0, 1.0], [1.0, 0.0]];
        assert_eq!(solve_positive_definite(&indefinite, &array![1.0, 1.0]), None);
    }

    #[test]
    fn inverts_and_refuses() {
        let a = array![[4.0, 1.0], [1.0, 3.0]];
        let inverse = inverse_positive_definite(&a).expect("positive definite");
        let identity = a.dot(&inverse);
        assert!((identity - Array2::<f64>::eye(2)).iter().all(|d| d.abs() < 1e-12), "{inverse}");
        assert!((inverse[[0, 1]] - inverse[[1, 0]]).abs() < 1e-15, "both halves are filled");
        assert_eq!(inverse_positive_definite(&array![[0.0, 1.0], [1.0, 0.0]]), None);
    }

    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        let a = array![[2.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, -1.0]];
        let (values, vectors) = symmetric_eigen(&a).expect("finite");
        let rebuilt = vectors.dot(&Array2::from_diag(&values)).dot(&vectors.t());
        assert!((rebuilt - &a).iter().all(|d: &f64| d.abs() < 1e-12), "{values} {vectors}");
        let mut sorted =
            symmetric_eigen(&array![[0.0, 2.0], [2.0, 0.0]]).expect("finite").0.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        assert!((sorted[0] + 2.0).abs() < 1e-12 && (sorted[1] - 2.0).abs() < 1e-12);
        assert!(symmetric_eigen(&array![[f64::NAN]]).is_none());
    }
}
