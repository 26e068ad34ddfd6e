//! Label matrices and answers of annotators from elsewhere: an error, or votes that can be counted.
#![no_main]

use jurat::Patterns;
use jurat::input::Files;
use jurat::votes::{LongOptions, VotesFile, VotesOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = jurat_fuzz::written(bytes, "csv");
    let Ok(files) = Files::new([path.to_string_lossy()]) else { return };
    let wide = VotesFile::read(&files, &VotesOptions::default());
    let long = VotesFile::read_long(&files, &LongOptions::new("a", "b", "c"));
    for read in [wide, long] {
        match read {
            Ok(file) => {
                let patterns = Patterns::count(&file.matrix);
                assert_eq!(patterns.n_rows(), file.matrix.n_rows() as u64);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
