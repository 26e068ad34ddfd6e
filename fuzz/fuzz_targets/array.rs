//! Arrays of NumPy as label matrices, and as known labels of a matrix of three rows: an error, or votes that can be
//! counted, whatever abstains.
#![no_main]

use jurat::Patterns;
use jurat::votes::{ArrayOptions, VotesFile};
use libfuzzer_sys::fuzz_target;

/// Three rows and two labeling functions.
const VOTES: &[u8] = b"\x93NUMPY\x01\x00\x46\x00{'descr': '|i1', 'fortran_order': False, 'shape': (3, 2), }          \n\x00\xff\x01\x00\xff\xff";

fuzz_target!(|bytes: &[u8]| {
    let path = jurat_fuzz::written(bytes, "npy").to_string_lossy().into_owned();
    let plain = ArrayOptions::default();
    let from_one = ArrayOptions { from_one: true, ..ArrayOptions::default() };
    let named = ArrayOptions {
        labels: Some(vec!["a".to_owned(), "b".to_owned()]),
        lfs: Some(vec!["one".to_owned(), "two".to_owned()]),
        ..ArrayOptions::default()
    };
    let known = || Some(path.clone());
    let gold = ArrayOptions { gold: known(), learn: known(), ..named.clone() };
    let votes = jurat_fuzz::written(VOTES, "votes.npy").to_string_lossy().into_owned();
    let matrices = [plain, from_one, named].map(|options| (&path, options));
    for (path, options) in matrices.into_iter().chain([(&votes, gold)]) {
        match VotesFile::read_array(path, &options) {
            Ok(file) => {
                let patterns = Patterns::count(&file.matrix);
                assert_eq!(patterns.n_rows(), file.matrix.n_rows() as u64);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
