//! Counting vote patterns and fitting label models, on planted matrices.
//!
//! ```sh
//! cargo bench --bench fit
//! ```
//!
//! A planted matrix has a known truth: every labeling function (LF) votes on a fixed share of the
//! rows, and is right on a share of its own.

use divan::Bencher;
use divan::counter::ItemsCount;
use jurat::model::{Anchored, LabelModel, Majority, Solver, Supervision};
use jurat::{LabelMatrix, Names, Patterns};
use std::fmt;

fn main() {
    divan::main();
}

/// The size of a matrix, shown as the argument of a benchmark.
#[derive(Clone, Copy)]
struct Size {
    rows: usize,
    lfs: usize,
    classes: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows={} lfs={} classes={}", self.rows, self.lfs, self.classes)
    }
}

const SIZES: [Size; 3] = [
    Size { rows: 200_000, lfs: 10, classes: 2 },
    Size { rows: 20_000, lfs: 50, classes: 2 },
    Size { rows: 20_000, lfs: 50, classes: 10 },
];

/// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }
}

/// Every LF votes for one class, on 20 % of the rows of that class, and on as many others as
/// makes it right on 60 to 95 % of its votes.
fn planted(size: Size) -> LabelMatrix {
    let mut random = Random(42);
    let lfs = (0..size.lfs).map(|lf| format!("lf-{lf}"));
    let classes = (0..size.classes).map(|class| format!("class-{class}"));
    let names = Names::new(lfs, classes).expect("distinct names");
    let rows: Vec<Vec<Option<usize>>> = (0..size.rows)
        .map(|_| {
            let truth = random.below(size.classes);
            let vote = |lf: usize| {
                let class = lf % size.classes;
                let right = 60 + 35 * lf / size.lfs;
                let wrong = 200 * (100 - right) / right / (size.classes - 1);
                random.chance(if class == truth { 200 } else { wrong }).then_some(class)
            };
            (0..size.lfs).map(vote).collect()
        })
        .collect();
    LabelMatrix::from_dense(names, &rows).expect("valid votes")
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn count_patterns(bencher: Bencher<'_, '_>, size: Size) {
    let matrix = planted(size);
    bencher.counter(ItemsCount::new(size.rows)).bench(|| Patterns::count(&matrix));
}

fn fit(bencher: Bencher<'_, '_>, size: Size, model: &dyn LabelModel) {
    let votes = Patterns::count(&planted(size));
    let known = Supervision::default();
    bencher.bench(|| model.fit(&votes, &known).expect("a model"));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn fit_majority(bencher: Bencher<'_, '_>, size: Size) {
    fit(bencher, size, &Majority);
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn fit_anchored_lbfgs(bencher: Bencher<'_, '_>, size: Size) {
    fit(bencher, size, &Anchored { solver: Solver::Lbfgs, ..Anchored::default() });
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn fit_anchored_em(bencher: Bencher<'_, '_>, size: Size) {
    fit(bencher, size, &Anchored { solver: Solver::Em, ..Anchored::default() });
}
