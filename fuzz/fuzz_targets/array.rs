//! Label matrices as arrays of NumPy: an error, or votes that can be counted, whatever abstains, and the same
//! bytes as known labels.
#![no_main]

use jurat::Patterns;
use jurat::votes::{ArrayOptions, VotesFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = jurat_fuzz::written(bytes, "npy").to_string_lossy().into_owned();
    let plain = ArrayOptions::default();
    let from_one = ArrayOptions { from_one: true, ..ArrayOptions::default() };
    let named = ArrayOptions {
        labels: Some(vec!["a".to_owned(), "b".to_owned()]),
        lfs: Some(vec!["one".to_owned(), "two".to_owned()]),
        ..ArrayOptions::default()
    };
    for options in [plain, from_one, named] {
        let gold = ArrayOptions { gold: Some(path.clone()), ..options.clone() };
        for options in [options, gold] {
            match VotesFile::read_array(&path, &options) {
                Ok(file) => {
                    let patterns = Patterns::count(&file.matrix);
                    assert_eq!(patterns.n_rows(), file.matrix.n_rows() as u64);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
});
