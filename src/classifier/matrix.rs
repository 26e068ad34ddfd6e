//! A sparse matrix of rows and features.

use rayon::prelude::*;

/// Rows of features, ascending: compressed sparse rows.
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

    /// Every `step`th row, with the `most` largest of its entries in the first `n_features` at the most.
    pub(super) fn sample(&self, step: usize, n_features: usize, most: usize) -> Self {
        let largest = |row: usize| {
            let (features, values) = self.row(row);
            let end = features.partition_point(|&feature| (feature as usize) < n_features);
            let entries = features[..end].iter().zip(values);
            let mut entries: Vec<(u32, f32)> = entries.map(|(&at, &value)| (at, value)).collect();
            if entries.len() > most {
                entries.select_nth_unstable_by(most, |(a, one), (b, other)| {
                    other.abs().total_cmp(&one.abs()).then(a.cmp(b))
                });
                entries.truncate(most);
                entries.sort_unstable_by_key(|(feature, _)| *feature);
            }
            entries
        };
        let rows = 0..self.n_rows().div_ceil(step);
        let rows: Vec<_> = rows.into_par_iter().map(|at| largest(at * step)).collect();
        Self::new(self.n_features, rows)
    }

    /// The rows with `width` features more, whose values are those of a table of n_rows × `width`.
    pub(super) fn beside(&self, table: &[f32], width: usize) -> Self {
        let n_more = table.len();
        let mut matrix = Self {
            n_features: self.n_features + width,
            ends: Vec::with_capacity(self.n_rows()),
            features: Vec::with_capacity(self.features.len() + n_more),
            values: Vec::with_capacity(self.values.len() + n_more),
        };
        let more = self.n_features as u32..matrix.n_features as u32;
        for (row, dense) in table.chunks(width).enumerate() {
            let (features, values) = self.row(row);
            matrix.features.extend_from_slice(features);
            matrix.features.extend(more.clone());
            matrix.values.extend_from_slice(values);
            matrix.values.extend_from_slice(dense);
            matrix.ends.push(matrix.features.len());
        }
        matrix
    }

    /// The product with a table of n_features × `width`, into n_rows × `width`, plus `base` in each row.
    pub(super) fn times(&self, table: &[f32], base: &[f32], out: &mut [f32]) {
        self.each(base.len(), out, |row, out| {
            out.copy_from_slice(base);
            self.add(row, table, out);
        });
    }

    /// The same where rows have tables of their own, whose last row is the base.
    pub(super) fn times_of<'a>(
        &self,
        table: impl Fn(usize) -> &'a [f32] + Sync,
        width: usize,
        out: &mut [f32],
    ) {
        self.each(width, out, |row, out| {
            let (table, base) = table(row).split_at(self.n_features * width);
            out.copy_from_slice(base);
            self.add(row, table, out);
        });
    }

    /// The product of the transpose of every `step`th row with a table of as many rows × `width`, into
    /// n_features × `width`.
    pub(super) fn transposed_times(
        &self,
        step: usize,
        table: &[f32],
        width: usize,
        out: &mut [f32],
    ) {
        let n_each = self.n_features.div_ceil(PARTS).max(1);
        out.par_chunks_mut(width * n_each).enumerate().for_each(|(part, out)| {
            out.fill(0.0);
            let (first, end) = ((part * n_each) as u32, ((part + 1) * n_each) as u32);
            for (row, table) in table.chunks(width).enumerate() {
                let (features, values) = self.row(row * step);
                let from = features.partition_point(|&feature| feature < first);
                let entries = features[from..].iter().zip(&values[from..]);
                for (&feature, &value) in entries.take_while(|(feature, _)| **feature < end) {
                    let start = (feature - first) as usize * width;
                    let to = &mut out[start..start + width];
                    to.iter_mut().zip(table).for_each(|(to, from)| *to += value * from);
                }
            }
        });
    }

    fn each(&self, width: usize, out: &mut [f32], fill: impl Fn(usize, &mut [f32]) + Sync) {
        out.par_chunks_mut(width * CHUNK).enumerate().for_each(|(chunk, out)| {
            let rows = out.chunks_mut(width).enumerate();
            rows.for_each(|(at, out)| fill(chunk * CHUNK + at, out));
        });
    }

    /// Adds the product of a row.
    fn add(&self, row: usize, table: &[f32], out: &mut [f32]) {
        let (features, values) = self.row(row);
        let width = out.len();
        match width {
            2 => add::<2>(features, values, table, out),
            3 => add::<3>(features, values, table, out),
            4 => add::<4>(features, values, table, out),
            32 => add::<32>(features, values, table, out),
            _ => {
                for (&feature, &value) in features.iter().zip(values) {
                    let start = feature as usize * width;
                    let weights = &table[start..start + width];
                    out.iter_mut().zip(weights).for_each(|(out, w)| *out += value * w);
                }
            }
        }
    }
}

/// Rows that a thread works on at a time.
const CHUNK: usize = 256;

/// Parts of the features that threads work on.
const PARTS: usize = 16;

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
    fn products_with_one_table_and_with_several() {
        let rows = [vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, 3.0), (2, 4.0)]];
        let matrix = Matrix::new(3, rows);
        let table = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut out = [0.0; 6];
        matrix.times(&table, &[10.0, 20.0], &mut out);
        assert_eq!(out, [21.0, 34.0, 10.0, 20.0, 39.0, 56.0]);
        let tables = [[0.0; 8], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 20.0]];
        matrix.times_of(|row| &tables[row % 2], 2, &mut out);
        assert_eq!(out, [0.0, 0.0, 10.0, 20.0, 0.0, 0.0]);
        let mut wide = [0.0; 15];
        let table: Vec<f32> = (0..15_u8).map(f32::from).collect();
        matrix.times(&table, &[0.0; 5], &mut wide);
        assert_eq!(wide[..5], [20.0, 23.0, 26.0, 29.0, 32.0]);
    }

    #[test]
    fn the_transpose_and_rows_with_more_features() {
        let rows = [vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, 3.0), (2, 4.0)]];
        let matrix = Matrix::new(3, rows);
        let mut out = [9.0; 6];
        matrix.transposed_times(1, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, &mut out);
        assert_eq!(out, [1.0, 2.0, 15.0, 18.0, 22.0, 28.0]);
        matrix.transposed_times(2, &[1.0, 2.0, 5.0, 6.0], 2, &mut out);
        assert_eq!(out, [1.0, 2.0, 15.0, 18.0, 22.0, 28.0]);
        let wide = matrix.beside(&[7.0, 8.0, 9.0], 1);
        assert_eq!((wide.n_rows(), wide.n_features), (3, 4));
        assert_eq!(wide.row(1), (&[3][..], &[8.0][..]));
        assert_eq!(wide.row(2), (&[1, 2, 3][..], &[3.0, 4.0, 9.0][..]));
        let some = wide.sample(2, 4, 2);
        assert_eq!((some.n_rows(), some.n_features), (2, 4));
        assert_eq!(some.row(0), (&[2, 3][..], &[2.0, 7.0][..]));
        assert_eq!(some.row(1), (&[2, 3][..], &[4.0, 9.0][..]));
        // Of equal entries those of the first features.
        let equal = Matrix::new(3, [vec![(0, -1.0), (1, 1.0), (2, 0.5)]]);
        assert_eq!(equal.sample(1, 3, 1).row(0), (&[0][..], &[-1.0][..]));
        assert_eq!(equal.sample(1, 2, 3).row(0), (&[0, 1][..], &[-1.0, 1.0][..]));
    }
}
