//! What tables were made of, for the record: enough to say later which of them changed, and how.

use super::spec::{DuplicateKeys, Spec};
use crate::input::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lookup table as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TableDigest {
    /// Its name in the spec.
    pub name: String,
    /// The column with the keys.
    pub key: String,
    /// The column with labels, if it names labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column with vectors, if its rows are exemplars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// What was done with keys that stand there twice.
    pub duplicates: DuplicateKeys,
    /// The content.
    pub files: Vec<Digest>,
}

impl TableDigest {
    /// Whether the table of this name is among others, with the same content.
    pub(crate) fn is_among(&self, others: &[Self]) -> bool {
        let content = |table: &Self| -> Vec<String> {
            table.files.iter().map(|file| file.sha256.clone()).collect()
        };
        others.iter().any(|other| other.name == self.name && content(other) == content(self))
    }

    /// Those of the tables of a spec, in its order.
    pub(super) fn all(spec: &Spec, read: &BTreeMap<String, Vec<Digest>>) -> Vec<Self> {
        let tables = spec.lookups.iter().filter_map(|(name, table)| {
            Some(Self {
                name: name.value.clone(),
                key: table.key.value.clone(),
                label: table.label.as_ref().map(|label| label.value.clone()),
                vector: table.vector.as_ref().map(|vector| vector.value.clone()),
                duplicates: table.duplicates,
                files: read.get(&name.value)?.clone(),
            })
        });
        tables.collect()
    }
}

/// What a labeling function refers to beyond its own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct References {
    /// The hash of the named conditions and the names of the columns.
    pub(super) utils: String,
    /// The names of the tables.
    pub(super) tables: Vec<String>,
}
