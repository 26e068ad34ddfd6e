//! Packing rows to patterns, and that a fit costs the same however many rows they stand for.
//!
//! ```sh
//! cargo bench --bench pack
//! ```
//!
//! Rows come in pieces of [`PIECE`], as from a stream; all are made before the clock starts, which takes
//! a gigabyte for ten million dense rows. In sparse pieces, labeling functions (LFs) vote for one class
//! each, on 2 to 12 % of the rows; in dense ones all vote for one of two classes.

use divan::Bencher;
use divan::counter::ItemsCount;
use jurat::model::{Supervision, by_name};
use jurat::votes::PatternCounter;
use jurat::{LabelMatrix, Names, Patterns};
use std::fmt;
use std::sync::Arc;

fn main() {
    divan::main();
}

const PIECE: usize = 100_000;

/// The size of a matrix, shown as the argument of a benchmark.
#[derive(Clone, Copy)]
struct Size {
    rows: usize,
    lfs: usize,
    dense: bool,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.dense { "dense" } else { "sparse" };
        write!(f, "rows={} lfs={} {kind}", self.rows, self.lfs)
    }
}

const fn sparse(rows: usize, lfs: usize) -> Size {
    Size { rows, lfs, dense: false }
}

const fn dense(rows: usize, lfs: usize) -> Size {
    Size { rows, lfs, dense: true }
}

/// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % n as u64) as usize
    }
}

fn names(lfs: usize) -> Arc<Names> {
    let names = (0..lfs).map(|lf| format!("lf-{lf}"));
    Names::new(names, ["no", "yes"]).expect("distinct names")
}

/// Sparse LFs are right on four votes in five, dense
/// ones on 80 to 99 % of them.
fn pieces(size: Size) -> Vec<LabelMatrix> {
    let mut random = Random(42);
    let names = names(size.lfs);
    let mut row = |_| {
        let truth = random.below(2);
        let vote = |lf: usize| {
            if size.dense {
                let right = random.below(100) < 80 + lf % 20;
                return Some(if right { truth } else { 1 - truth });
            }
            let (class, per_mille) = (lf % 2, 20 + 100 * lf / size.lfs);
            let fires = if class == truth { 8 * per_mille / 5 } else { 2 * per_mille / 5 };
            (random.below(1000) < fires).then_some(class)
        };
        (0..size.lfs).map(vote).collect()
    };
    (0..size.rows / PIECE)
        .map(|_| {
            let rows: Vec<Vec<Option<usize>>> = (0..PIECE).map(&mut row).collect();
            LabelMatrix::from_dense(names.clone(), &rows).expect("valid votes")
        })
        .collect()
}

fn count(pieces: &[LabelMatrix], rows: usize) -> Patterns {
    let mut counter = PatternCounter::new(pieces[0].names().clone());
    // A single piece stands for as many as it takes.
    for piece in pieces.iter().cycle().take(rows / PIECE) {
        counter.add(piece).expect("the same names");
    }
    counter.finish()
}

#[divan::bench(
    args = [
        sparse(100_000, 20),
        sparse(1_000_000, 10),
        sparse(1_000_000, 20),
        sparse(1_000_000, 100),
        sparse(10_000_000, 20),
        dense(1_000_000, 20),
        dense(10_000_000, 20),
    ],
    sample_count = 3
)]
fn pack(bencher: Bencher<'_, '_>, size: Size) {
    let pieces = pieces(size);
    bencher.counter(ItemsCount::new(size.rows)).bench(|| count(&pieces, size.rows));
}

/// Adds the patterns of two machines, a million rows each.
#[divan::bench(args = [sparse(1_000_000, 20)], sample_count = 3)]
fn merge(bencher: Bencher<'_, '_>, size: Size) {
    let patterns = count(&pieces(size), size.rows);
    bencher
        .with_inputs(|| (patterns.clone(), patterns.clone()))
        .bench_values(|(one, other)| one.merge(other).expect("the same names"));
}

/// The same patterns, counted once and a hundred times: a fit must not be slower for more rows.
#[divan::bench(args = [sparse(100_000, 20), sparse(10_000_000, 20)], sample_count = 5)]
fn fit_equal_patterns(bencher: Bencher<'_, '_>, size: Size) {
    let piece = pieces(Size { rows: PIECE, ..size });
    let votes = count(&piece, size.rows);
    let model = by_name("auto", &[]).expect("defaults");
    let known = Supervision::default();
    bencher.bench(|| model.fit(&votes, &known).expect("a model"));
}

/// The same with the labels: what remains a row is to copy four bytes.
#[divan::bench(args = [sparse(100_000, 20), sparse(10_000_000, 20)], sample_count = 5)]
fn label_equal_patterns(bencher: Bencher<'_, '_>, size: Size) {
    let piece = pieces(Size { rows: PIECE, ..size });
    let votes = count(&piece, size.rows);
    let model = by_name("anchored", &[]).expect("defaults");
    let fitted = model.fit(&votes, &Supervision::default()).expect("a model");
    bencher.bench(|| fitted.label(&votes));
}
