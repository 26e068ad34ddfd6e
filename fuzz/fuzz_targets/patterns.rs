//! Rows of votes in two parts: counting both together is merging what was counted of each.
#![no_main]

use jurat::{LabelMatrix, Names, Patterns};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let [lfs, classes, cut, votes @ ..] = bytes else { return };
    let (n_lfs, n_classes) = (usize::from(lfs % 12) + 1, usize::from(classes % 5) + 1);
    let all = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let names = Names::new(all(n_lfs), all(n_classes)).expect("names that differ");
    let row = |votes: &[u8]| -> Vec<Option<usize>> {
        let vote = |vote: &u8| Some(usize::from(*vote)).filter(|vote| *vote < n_classes);
        (0..n_lfs).map(|lf| votes.get(lf).and_then(vote)).collect()
    };
    let rows: Vec<_> = votes.chunks(n_lfs).map(row).collect();
    let cut = usize::from(*cut).min(rows.len());
    let count = |rows: &[Vec<Option<usize>>]| {
        let matrix = LabelMatrix::from_dense(Arc::clone(&names), rows).expect("classes in range");
        Patterns::count(&matrix)
    };
    let (whole, one, other) = (count(&rows), count(&rows[..cut]), count(&rows[cut..]));
    assert_eq!(whole.n_rows(), rows.len() as u64);
    let merged = one.merge(other).expect("the same names");
    assert!(whole.iter().eq(merged.iter()));
    assert_eq!(whole.of_row(), merged.of_row());
    for (i, row) in rows.iter().enumerate() {
        let votes = whole.votes(whole.of_row()[i] as usize);
        assert_eq!(votes.len(), row.iter().flatten().count());
    }
});
