//! Counts from elsewhere: an error, or counts that are written and read to the same, and double when they are added
//! to themselves, unless they say which files they were counted in.
#![no_main]

use jurat::lf::{CountsError, PatternCounts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let counts = match PatternCounts::from_bytes(bytes) {
        Ok(counts) => counts,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = counts.to_bytes().expect("what was read can be written");
    assert!(PatternCounts::from_bytes(&written).expect("what was written can be read") == counts);
    match PatternCounts::merge([counts.clone(), counts.clone()]) {
        Ok(both) => {
            assert_eq!(both.n_rows(), 2 * counts.n_rows());
            assert_eq!(both.patterns().len(), counts.patterns().len());
            assert_eq!(both.known().n_gold(), 2 * counts.known().n_gold());
            let again = both.to_bytes().expect("sums can be written");
            assert!(PatternCounts::from_bytes(&again).expect("sums can be read") == both);
        }
        Err(CountsError::Twice { .. }) => assert!(!counts.inputs().is_empty()),
        Err(CountsError::TooMany) => assert!(counts.n_rows() > 1 << 52),
        Err(error) => panic!("{error}"),
    }
});
