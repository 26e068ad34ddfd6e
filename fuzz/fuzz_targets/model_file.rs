//! The text of a model file: an error, or a model that is written and read to the same and labels.
#![no_main]

use jurat::model::FittedModel;
use jurat::{LabelMatrix, Patterns};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|text: &str| {
    let Ok(model) = FittedModel::from_json(text) else { return };
    let written = model.to_json().expect("what was read can be written");
    assert_eq!(FittedModel::from_json(&written).expect("what was written can be read"), model);
    let names = Arc::clone(model.names());
    let row = vec![Some(0); names.lfs.len()];
    let none = vec![None; names.lfs.len()];
    if let Ok(matrix) = LabelMatrix::from_dense(names, &[row, none]) {
        let labels = model.label(&Patterns::count(&matrix));
        for row in 0..2 {
            let sum: f64 = labels.probabilities(row).iter().sum();
            assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        }
    }
});
