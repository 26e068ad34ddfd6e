//! The JSON Schema of specs, label models included.

use crate::Spec;
use crate::lf::{ModelSchema, schema as of_specs};
use crate::model::models;

/// The JSON Schema (draft-07) of specs, as a document: what editors complete and check by. For one spec it
/// knows its labels, named conditions and tables.
#[must_use]
pub fn schema(spec: Option<&Spec>) -> String {
    let models: Vec<ModelSchema> = models()
        .iter()
        .map(|entry| {
            let settings = entry.settings.iter().map(|setting| (setting.name, setting.summary));
            (entry.name, entry.summary, settings.collect())
        })
        .collect();
    // A value made of maps with text keys is always a document.
    serde_json::to_string_pretty(&of_specs(&models, spec)).unwrap_or_default() + "\n"
}
