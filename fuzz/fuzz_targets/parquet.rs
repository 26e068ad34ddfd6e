//! Bytes as a file of data: batches, or an error that says what and where.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    jurat_fuzz::readers_may_panic();
    jurat_fuzz::read(bytes, "parquet");
});
