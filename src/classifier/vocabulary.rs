//! Which features are worth keeping, and how much a bag's entries weigh.
//!
//! Counts become TF-IDF (Salton & Buckley 1988, doi:10.1016/0306-4573(88)90021-0): 1 + ln(count), times
//! 1 + ln((1 + n) / (1 + rows with it)), and each block of a row is brought to length 1, so that long texts
//! are no louder than short ones. Numbers are brought to mean 0 and standard deviation 1, those of a vector to as
//! little as makes all of them together as loud as one number.

use super::bags::{Bag, Bags};
use super::matrix::Matrix;
use super::tokens::{BLOCKS, BUCKETS, block_of};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows that must have a feature, at the least: what occurs once says nothing of other rows, and of many rows
/// what occurs in some hundred thousandth of them says too little for its place in memory.
fn least_rows(n_rows: usize) -> u32 {
    2 + (n_rows / 50_000) as u32
}

/// How far from the mean a number counts, in standard deviations.
const FARTHEST: f32 = 5.0;

/// The features that are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    /// The buckets, ascending: their place is the number of the feature.
    pub(super) buckets: Vec<u32>,
    /// How much each weighs.
    pub(super) weights: Vec<f32>,
    /// Mean and standard deviation of each number; they are the features after the buckets.
    pub(super) numbers: Vec<(f32, f32)>,
}

impl Vocabulary {
    /// What occurs in some rows.
    pub(super) fn new(bags: &Bags) -> Self {
        let mut n_rows_with = vec![0_u32; BUCKETS];
        for row in 0..bags.n_rows() {
            for &bucket in bags.row(row).buckets {
                n_rows_with[bucket as usize] += 1;
            }
        }
        let n = bags.n_rows() as f32;
        let least = least_rows(bags.n_rows());
        let kept = n_rows_with.iter().enumerate().filter(|(_, rows)| **rows >= least);
        let (buckets, weights) = kept
            .map(|(bucket, &rows)| (bucket as u32, 1.0 + ((1.0 + n) / (1.0 + rows as f32)).ln()))
            .unzip();
        // All numbers of a vector together are as loud as one number.
        let widths = bags.widths().iter().flat_map(|&width| std::iter::repeat_n(width, width));
        let widths: Vec<usize> = widths.collect();
        let numbers = widths.par_iter().enumerate().map(|(at, &width)| {
            let (mean, deviation) = scale(bags, at);
            (mean, deviation * (width as f32).sqrt())
        });
        let numbers = numbers.collect();
        Self { buckets, weights, numbers }
    }

    pub(super) fn n_features(&self) -> usize {
        self.buckets.len() + self.numbers.len()
    }

    /// The rows as features.
    pub(super) fn weigh(&self, bags: &Bags) -> Matrix {
        self.weigh_with(bags, &self.places())
    }

    /// The same with [`places`](Self::places) at hand.
    pub(super) fn weigh_with(&self, bags: &Bags, places: &[u32]) -> Matrix {
        let rows: Vec<Vec<(u32, f32)>> = (0..bags.n_rows())
            .into_par_iter()
            .map(|row| self.weigh_row(bags.row(row), places))
            .collect();
        Matrix::new(self.n_features(), rows)
    }

    /// For each bucket one more than the number of its feature, 0 where there is none.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut places = vec![0; BUCKETS];
        for (feature, &bucket) in self.buckets.iter().enumerate() {
            if let Some(place) = places.get_mut(bucket as usize) {
                *place = feature as u32 + 1;
            }
        }
        places
    }

    fn weigh_row(&self, bag: Bag<'_>, places: &[u32]) -> Vec<(u32, f32)> {
        let mut row = Vec::with_capacity(bag.buckets.len());
        let mut squares = [0.0_f32; BLOCKS];
        for (&bucket, &count) in bag.buckets.iter().zip(bag.counts) {
            let Some(feature) = places[bucket as usize].checked_sub(1) else { continue };
            let value = (1.0 + count.ln()) * self.weights[feature as usize];
            squares[block_of(bucket)] += value * value;
            row.push((feature, value));
        }
        // Each block that there is has the same say.
        let present = squares.iter().filter(|square| **square > 0.0).count().max(1) as f32;
        for (feature, value) in &mut row {
            let square = squares[block_of(self.buckets[*feature as usize])];
            *value /= (square * present).sqrt();
        }
        let first = self.buckets.len() as u32;
        for (at, (&number, (mean, deviation))) in bag.numbers.iter().zip(&self.numbers).enumerate()
        {
            let value = ((number - mean) / deviation).clamp(-FARTHEST, FARTHEST);
            if value.is_finite() && value != 0.0 {
                row.push((first + at as u32, value));
            }
        }
        row
    }
}

/// Mean and standard deviation of a number, where it is there and finite.
fn scale(bags: &Bags, at: usize) -> (f32, f32) {
    let values = || {
        let all = (0..bags.n_rows()).map(|row| f64::from(bags.row(row).numbers[at]));
        all.filter(|value| value.is_finite())
    };
    let n = values().count().max(1) as f64;
    let mean = values().sum::<f64>() / n;
    let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    let deviation = variance.sqrt();
    (mean as f32, if deviation > 0.0 && deviation.is_finite() { deviation as f32 } else { 1.0 })
}
