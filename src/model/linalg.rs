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
}
