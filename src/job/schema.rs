//! The JSON Schema of specs, label models included.

use crate::lf::{ModelSchema, schema as of_specs};
use crate::model::models;

/// The JSON Schema (draft-07) of a spec, as a document: what editors complete and check by.
#[must_use]
pub fn schema() -> String {
    let models: Vec<ModelSchema> = models()
        .iter()
        .map(|entry| {
            let settings = entry.settings.iter().map(|setting| (setting.name, setting.summary));
            (entry.name, entry.summary, settings.collect())
        })
        .collect();
    // A value made of maps with text keys is always a document.
    serde_json::to_string_pretty(&of_specs(&models)).unwrap_or_default() + "\n"
}
