//! A sparse matrix of rows and features, from both sides.

use rayon::prelude::*;

/// Rows of features: compressed sparse rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Matrix {
    pub(super) n_features: usize,
    ends: Vec<usize>,
    features: Vec<u32>,
    values: Vec<f32>,
}

impl Matrix {
    /// Rows of pairs of a feature and its value.
    pub(super) fn new(n_features: usize, rows: impl IntoIterator<Item = Vec<(u32, f32)>>) -> Self {
        let mut matrix = Self { n_features, ..Self::default() };
        for row in rows {
            matrix.features.extend(row.iter().map(|(feature, _)| feature));
            matrix.values.extend(row.iter().map(|(_, value)| value));
            matrix.ends.push(matrix.features.len());
        }
        matrix
    }

    pub(super) fn n_rows(&self) -> usize {
        self.ends.len()
    }

    /// Features of a row, and their values.
    #[inline]
    pub(super) fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        (&self.features[start..self.ends[row]], &self.values[start..self.ends[row]])
    }

    /// The rows with some of their features, whose values are multiplied by `factor`.
    pub(super) fn thinned(&self, factor: f32, keep: impl Fn(u32) -> bool) -> Self {
        let rows = (0..self.n_rows()).map(|row| {
            let (features, values) = self.row(row);
            let entries = features.iter().zip(values).filter(|(feature, _)| keep(**feature));
            entries.map(|(&feature, &value)| (feature, factor * value)).collect()
        });
        Self::new(self.n_features, rows)
    }

    /// The same by feature: rows in which each occurs, ascending, and its values there.
    pub(super) fn transposed(&self) -> Self {
        let mut starts = vec![0_usize; self.n_features + 1];
        for &feature in &self.features {
            starts[feature as usize + 1] += 1;
        }
        for at in 0..self.n_features {
            starts[at + 1] += starts[at];
        }
        let mut next = starts[..self.n_features].to_vec();
        let mut features = vec![0; self.features.len()];
        let mut values = vec![0.0; self.values.len()];
        for row in 0..self.n_rows() {
            let (of_row, of_row_values) = self.row(row);
            for (&feature, &value) in of_row.iter().zip(of_row_values) {
                let at = &mut next[feature as usize];
                features[*at] = row as u32;
                values[*at] = value;
                *at += 1;
            }
        }
        Self { n_features: self.n_rows(), ends: starts[1..].to_vec(), features, values }
    }

    /// The product with a table of n_features × `width`, into n_rows × `width`, plus `base` in each row.
    pub(super) fn times(&self, table: &[f32], base: &[f32], out: &mut [f32]) {
        let width = base.len();
        out.par_chunks_mut(width * CHUNK).enumerate().for_each(|(chunk, out)| {
            for (at, out) in out.chunks_mut(width).enumerate() {
                let (features, values) = self.row(chunk * CHUNK + at);
                out.copy_from_slice(base);
                match width {
                    2 => add::<2>(features, values, table, out),
                    3 => add::<3>(features, values, table, out),
                    4 => add::<4>(features, values, table, out),
                    6 => add::<6>(features, values, table, out),
                    _ => {
                        for (&feature, &value) in features.iter().zip(values) {
                            let start = feature as usize * width;
                            let weights = &table[start..start + width];
                            out.iter_mut().zip(weights).for_each(|(out, w)| *out += value * w);
                        }
                    }
                }
            }
        });
    }
}

/// Rows that a thread works on at a time.
pub(super) const CHUNK: usize = 256;

/// The sum of some rows of a table, with a width that is known while compiling.
#[inline]
fn add<const WIDTH: usize>(features: &[u32], values: &[f32], table: &[f32], out: &mut [f32]) {
    let mut sum = [0.0_f32; WIDTH];
    for (&feature, &value) in features.iter().zip(values) {
        let start = feature as usize * WIDTH;
        let weights = &table[start..start + WIDTH];
        for at in 0..WIDTH {
            sum[at] += value * weights[at];
        }
    }
    out.iter_mut().zip(sum).for_each(|(out, sum)| *out += sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked by hand: [[1 0 2], [0 0 0], [0 3 4]] times [[1 2], [3 4], [5 6]].
    #[test]
    fn products_from_both_sides() {
        let rows = [vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, 3.0), (2, 4.0)]];
        let matrix = Matrix::new(3, rows);
        let table = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut out = [0.0; 6];
        matrix.times(&table, &[10.0, 20.0], &mut out);
        assert_eq!(out, [21.0, 34.0, 10.0, 20.0, 39.0, 56.0]);
        let transposed = matrix.transposed();
        transposed.times(&table, &[0.0, 0.0], &mut out);
        assert_eq!(out, [1.0, 2.0, 15.0, 18.0, 22.0, 28.0]);
        let mut wide = [0.0; 15];
        let table: Vec<f32> = (0..15_u8).map(f32::from).collect();
        matrix.times(&table, &[0.0; 5], &mut wide);
        assert_eq!(wide[..5], [20.0, 23.0, 26.0, 29.0, 32.0]);
    }
}
