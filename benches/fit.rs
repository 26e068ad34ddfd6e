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
use jurat::model::{
    Anchored, Auto, Decision, LabelModel, Majority, Solver, Supervision, contributions,
};
use jurat::votes::KnownLabels;
use jurat::{ClassId, LabelMatrix, LfId, Names, Patterns, Vote};
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

/// Every LF votes for one class, on `often` of 1,000 rows of that class, and on as many others as
/// makes it right on 60 to 95 % of its votes.
fn planted(size: Size, often: usize) -> LabelMatrix {
    let mut random = Random(42);
    let lfs = (0..size.lfs).map(|lf| format!("lf-{lf}"));
    let classes = (0..size.classes).map(|class| format!("class-{class}"));
    let mut matrix = LabelMatrix::new(Names::new(lfs, classes).expect("distinct names"));
    let mut row = Vec::new();
    for _ in 0..size.rows {
        let truth = random.below(size.classes);
        row.clear();
        for lf in 0..size.lfs {
            let class = lf % size.classes;
            let right = 60 + 35 * lf / size.lfs;
            let wrong = often * (100 - right) / right / (size.classes - 1);
            if random.chance(if class == truth { often } else { wrong }) {
                let lf = LfId::new(lf).expect("an id");
                row.push(Vote { lf, choice: ClassId::new(class).expect("an id").into() });
            }
        }
        matrix.push(&row).expect("valid votes");
    }
    matrix
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn count_patterns(bencher: Bencher<'_, '_>, size: Size) {
    let matrix = planted(size, 200);
    bencher.counter(ItemsCount::new(size.rows)).bench(|| Patterns::count(&matrix));
}

fn fit(bencher: Bencher<'_, '_>, size: Size, model: &dyn LabelModel) {
    let votes = Patterns::count(&planted(size, 200));
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

/// Sparse votes of hundreds of thousands of patterns, as keyword lists over a million texts give them.
const MANY: [Size; 1] = [Size { rows: 1_000_000, lfs: 100, classes: 4 }];

/// Nothing, or a class balance, which every refit is matched to.
fn known(balanced: bool, classes: usize) -> Supervision {
    let known = Supervision::default();
    let shares = vec![1.0 / classes as f64; classes];
    if balanced { known.with_class_balance(shares) } else { known }
}

#[divan::bench(args = MANY, consts = [false, true], sample_count = 3)]
fn fit_sparse<const BALANCED: bool>(bencher: Bencher<'_, '_>, size: Size) {
    let votes = Patterns::count(&planted(size, 50));
    let known = known(BALANCED, size.classes);
    bencher.bench(|| Auto.fit(&votes, &known).expect("a model"));
}

/// One fit and 100 refits, each without one LF: to compare with [`fit_sparse`].
#[divan::bench(args = MANY, consts = [false, true], sample_count = 1)]
fn leave_one_out_sparse<const BALANCED: bool>(bencher: Bencher<'_, '_>, size: Size) {
    let votes = Patterns::count(&planted(size, 50));
    let known = known(BALANCED, size.classes);
    let (decision, gold) = (Decision::default(), KnownLabels::default());
    bencher.bench(|| contributions(&Auto, &votes, &known, &decision, &gold).expect("models"));
}
