//! What words have in common, learned from the texts alone.
//!
//! Few rows have a label, and labels of votes are rough, so that a word by itself is soon misjudged. Words that
//! stand in the same texts can lend each other what they say. The weights of the classifier are therefore
//! W + s V U, where U are weights of some latent features x·V, the directions in which rows differ most: the
//! structure that unlabeled texts show (Ando & Zhang 2005, "A framework for learning predictive structures from
//! multiple tasks and unlabeled data", JMLR 6), found as in latent semantic analysis (Deerwester et al. 1990,
//! doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9). While training the latent features stand
//! beside those of a row; afterwards V U is added to the weights of words, and the classifier is as small and
//! as fast as without.
//!
//! V spans about the leading principal directions of a sample of rows: orthogonal iteration from a random start
//! (Halko, Martinsson & Tropp 2011, "Finding structure with randomness", doi:10.1137/090771806), by the largest
//! entries of these rows: runs of characters are many, and each says little. Only the span
//! matters, since the penalty on U is the same for each rotation of V.

use super::matrix::Matrix;
use crate::random::{mix, unit};
use rayon::prelude::*;

/// How many directions, at the most.
const WIDTH: usize = 32;

/// Rows for each direction, at the least. On samples of 150 and 300 rows from eight real sets 8 do better than 15, 30
/// or 60, by up to 2.6 points of accuracy.
const ROWS_EACH: usize = 8;

/// Rows that directions are found from, at the most.
const SAMPLE: usize = 20_000;

/// Entries of these rows that directions are turned by, at the most: of each row as many.
const ENTRIES: usize = 1_500_000;

/// Times that the directions are turned toward where rows differ most.
const TURNS: usize = 4;

/// The length of the latent features, in quadratic mean, where the others of a row have length 1.
const LENGTH: f64 = 0.5;

/// Latent features that are shorter than this before they are brought to length are rounding errors.
const SHORTEST: f64 = 1e-4;

/// A direction counts for none if less than this part of its square is its own.
const LEAST: f64 = 1e-9;

/// Rows of a chunk that is summed by itself, so that sums do not depend on the number of threads.
const CHUNK: usize = 4096;

/// Latent features: s (x − mean)·V.
#[derive(Debug)]
pub(super) struct Latent {
    width: usize,
    /// V, n_features × width.
    directions: Vec<f32>,
    /// The mean of x·V.
    mean: Vec<f32>,
    /// s.
    scale: f32,
}

impl Latent {
    /// The directions in which `rows` differ most by their first `n_terms` features, and the rows with their latent
    /// features behind the others; none where there are too few rows, or they are all the same.
    pub(super) fn new(rows: &Matrix, n_terms: usize) -> Option<(Self, Matrix)> {
        let width = WIDTH.min(rows.n_rows() / ROWS_EACH);
        if width == 0 || n_terms == 0 {
            return None;
        }
        let step = rows.n_rows().div_ceil(SAMPLE);
        let sample = rows.sample(step, n_terms, ENTRIES / rows.n_rows().div_ceil(step));
        let start = |at: usize| {
            let of_term = at / width < n_terms;
            if of_term { (unit(mix(at as u64)) - 0.5) as f32 } else { 0.0 }
        };
        let mut directions: Vec<f32> =
            (0..rows.n_features * width).into_par_iter().map(start).collect();
        let base = vec![0.0; width];
        let mut found = vec![0.0; sample.n_rows() * width];
        for turn in 0..TURNS {
            sample.times(&directions, &base, &mut found);
            center(&mut found, width);
            // There are fewer rows than features, so that it is these that are kept apart on the way.
            orthonormalize(&mut found, width);
            // In the end all entries have their part.
            match turn + 1 == TURNS {
                true => rows.transposed_times(step, &found, width, &mut directions),
                false => sample.transposed_times(1, &found, width, &mut directions),
            }
        }
        directions[n_terms * width..].fill(0.0);
        orthonormalize(&mut directions, width);
        let mut latent = vec![0.0; rows.n_rows() * width];
        rows.times(&directions, &base, &mut latent);
        let mean = center(&mut latent, width);
        let square: f64 = latent.iter().map(|&value| f64::from(value).powi(2)).sum();
        let length = (square / rows.n_rows() as f64).sqrt();
        if length <= SHORTEST {
            return None;
        }
        let scale = (LENGTH / length) as f32;
        latent.par_iter_mut().for_each(|value| *value *= scale);
        let wide = rows.beside(&latent, width);
        Some((Self { width, directions, mean, scale }, wide))
    }

    /// The weights of the features alone that give each row the same scores, from those of
    /// the rows that have the latent ones, too; a bias a class is the last of both.
    pub(super) fn fold(&self, mut parameters: Vec<f32>, n_classes: usize) -> Vec<f32> {
        let n_features = self.directions.len() / self.width;
        let mut own = parameters.split_off(n_features * n_classes);
        let mut bias = own.split_off(self.width * n_classes);
        let add = |to: &mut [f32], direction: &[f32], factor: f32| {
            for (along, weights) in direction.iter().zip(own.chunks(n_classes)) {
                to.iter_mut().zip(weights).for_each(|(to, weight)| *to += factor * along * weight);
            }
        };
        let of_features = parameters.par_chunks_mut(n_classes);
        of_features
            .zip(self.directions.par_chunks(self.width))
            .for_each(|(to, direction)| add(to, direction, self.scale));
        add(&mut bias, &self.mean, -self.scale);
        parameters.extend(bias);
        parameters
    }
}

/// Takes the mean of the rows away, and gives it.
fn center(rows: &mut [f32], width: usize) -> Vec<f32> {
    let mut mean = vec![0.0_f64; width];
    for row in rows.chunks(width) {
        mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let n = (rows.len() / width) as f64;
    let mean: Vec<f32> = mean.iter().map(|sum| (sum / n) as f32).collect();
    for row in rows.chunks_mut(width) {
        row.iter_mut().zip(&mean).for_each(|(value, mean)| *value -= mean);
    }
    mean
}

/// Makes the columns of a table orthogonal and of length 1, those that depend on columns before them 0: by the
/// Cholesky factor L of the products of its columns, rows r become r L⁻ᵀ.
fn orthonormalize(table: &mut [f32], width: usize) {
    let products = |rows: &[f32]| {
        let mut sums = vec![0.0_f64; width * width];
        let mut wide = vec![0.0_f64; width];
        for row in rows.chunks(width) {
            wide.iter_mut().zip(row).for_each(|(wide, value)| *wide = f64::from(*value));
            for (a, sums) in sums.chunks_mut(width).enumerate() {
                sums[..=a].iter_mut().zip(&wide).for_each(|(sum, b)| *sum += wide[a] * b);
            }
        }
        sums
    };
    let parts: Vec<Vec<f64>> = table.par_chunks(width * CHUNK).map(products).collect();
    let mut factor = vec![0.0_f64; width * width];
    for part in parts {
        factor.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    for a in 0..width {
        let whole = factor[a * width + a];
        for b in 0..=a {
            let shared: f64 = (0..b).map(|c| factor[a * width + c] * factor[b * width + c]).sum();
            let rest = factor[a * width + b] - shared;
            let pivot = factor[b * width + b];
            factor[a * width + b] = if a != b {
                if pivot > 0.0 { rest / pivot } else { 0.0 }
            } else if rest > LEAST * whole {
                rest.sqrt()
            } else {
                0.0
            };
        }
    }
    table.par_chunks_mut(width).for_each(|row| {
        for a in 0..width {
            let before = factor[a * width..].iter().zip(&row[..a]);
            let shared: f64 = before.map(|(factor, value)| factor * f64::from(*value)).sum();
            let pivot = factor[a * width + a];
            let rest = f64::from(row[a]) - shared;
            row[a] = if pivot > 0.0 { (rest / pivot) as f32 } else { 0.0 };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::logistic::scores;
    use super::*;

    /// Two kinds of texts, whose 20 words never meet those of the others, and a number that is no word.
    fn kinds() -> Matrix {
        let row = |row: usize| {
            let first = 20 * (row % 2) as u32;
            let mut words: Vec<u32> =
                (0..4).map(|at| first + mix((row * 4 + at) as u64) as u32 % 20).collect();
            words.sort_unstable();
            words.dedup();
            let length = (words.len() as f32).sqrt();
            let words = words.into_iter().map(|word| (word, 1.0 / length));
            words.chain([(40, 3.0)]).collect()
        };
        Matrix::new(41, (0..400).map(row))
    }

    #[test]
    fn columns_become_orthonormal_and_dependent_ones_0() {
        let mut table: Vec<f32> = (0..300)
            .flat_map(|at| {
                let [a, b] = [2 * at, 2 * at + 1].map(|at| unit(mix(at)) as f32);
                [a, 2.0 * a, b]
            })
            .collect();
        orthonormalize(&mut table, 3);
        for (a, b, wanted) in [(0, 0, 1.0), (1, 1, 0.0), (2, 2, 1.0), (0, 2, 0.0)] {
            let product: f32 = table.chunks(3).map(|row| row[a] * row[b]).sum();
            assert!((product - wanted).abs() < 1e-4, "{a} {b}: {product}");
        }
    }

    /// The direction that tells apart the kinds of texts is among those found: a word of one kind leans to where
    /// the others of its kind do.
    #[test]
    fn words_of_the_same_texts_lean_the_same_way() {
        let rows = kinds();
        let (latent, wide) = Latent::new(&rows, 40).expect("directions");
        let dense = |row: usize| wide.row(row).1[rows.row(row).1.len()..].to_vec();
        let product =
            |a: usize, b: usize| -> f32 { dense(a).iter().zip(dense(b)).map(|(a, b)| a * b).sum() };
        let (same, other): (Vec<usize>, Vec<usize>) = (1..400).partition(|row| row % 2 == 0);
        let mean = |rows: &[usize]| {
            rows.iter().map(|&row| product(0, row)).sum::<f32>() / rows.len() as f32
        };
        assert!(mean(&same) > 0.02 && mean(&other) < -0.02, "{} {}", mean(&same), mean(&other));
        let square: f64 = (0..400).flat_map(dense).map(|value| f64::from(value).powi(2)).sum();
        assert!((square / 400.0 - LENGTH * LENGTH).abs() < 1e-4, "{square}");
        // A number has no part in it.
        assert!(latent.directions[40 * latent.width..].iter().all(|&value| value == 0.0));
    }

    #[test]
    fn folded_weights_give_the_same_scores() {
        let rows = kinds();
        let (latent, wide) = Latent::new(&rows, 40).expect("directions");
        let k = 3;
        let parameters: Vec<f32> =
            (0..(wide.n_features + 1) * k).map(|at| unit(mix(at as u64)) as f32 - 0.5).collect();
        let before = scores(&wide, &parameters, k);
        let folded = latent.fold(parameters, k);
        assert_eq!(folded.len(), (rows.n_features + 1) * k);
        for (before, after) in before.iter().zip(scores(&rows, &folded, k)) {
            assert!((before - after).abs() < 1e-4, "{before} {after}");
        }
    }

    #[test]
    fn there_is_none_without_rows_words_or_differences() {
        let same = Matrix::new(2, vec![vec![(0, 1.0), (1, 1.0)]; 100]);
        assert!(Latent::new(&same, 2).is_none());
        assert!(Latent::new(&kinds(), 0).is_none());
        assert!(Latent::new(&Matrix::new(2, vec![vec![(0, 1.0)]; 7]), 2).is_none());
    }
}
