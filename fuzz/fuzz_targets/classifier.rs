//! The text of a classifier file: an error, or a classifier that is written and read to the same, and predicts
//! probabilities for odd rows.
#![no_main]

use jurat::classifier::{Bags, Classifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let classifier = match Classifier::from_json(text) {
        Ok(classifier) => classifier,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = classifier.to_json().expect("what was read can be written");
    assert!(Classifier::from_json(&written).expect("what was written can be read") == classifier);
    let fields = classifier.inputs().fields();
    let Some(table) = jurat_fuzz::table(&fields) else { return };
    let mut source = table.open(&fields).expect("every field is there");
    let bags = Bags::read(source.as_mut(), classifier.inputs()).expect("rows in memory can be read");
    for row in classifier.predict(&bags).rows() {
        assert!((row.sum() - 1.0).abs() < 1e-6, "{row}");
    }
});
