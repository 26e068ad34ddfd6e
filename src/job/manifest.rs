//! How a run was made, for the record and for those who come back to it.

use super::GoldRecord;
use crate::input::{Digest, Field};
use crate::lf::TableDigest;
use crate::model::RowWeights;
use crate::report::{Made, MadeFrom, Privacy};
use serde::{Deserialize, Serialize};

/// How a run was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// `jurat-manifest-1`.
    pub format: String,
    /// The version of jurat.
    pub jurat: String,
    /// When the run started.
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// The spec; its text is beside the manifest.
    pub spec: FileDigest,
    /// The parts that it includes; their texts are beside the manifest too, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<FileDigest>,
    /// Whether its tables and parts could be outside of its folder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
    /// The variables whose values were given from outside, as text.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub set: serde_json::Map<String, serde_json::Value>,
    /// How the data were named and read.
    #[serde(default)]
    pub data: DataRecord,
    /// How much of the rows may be shown, in reports and by those who come back to the run.
    #[serde(default)]
    pub privacy: Privacy,
    /// The format of labels and votes; empty where there are none, since the run was fitted on counts.
    #[serde(default)]
    pub output_format: String,
    /// Whether labels carry the votes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_votes: bool,
    /// Whether labels say why, and what they were made from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_why: bool,
    /// How the rows of labels are weighed, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<RowWeights>,
    /// A name for the run: a hash of what its labels come from, without times and names of files; empty in
    /// runs of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// The name of the first column of labels and votes.
    #[serde(default)]
    pub id: String,
    /// Columns that were read besides those of the labeling functions.
    #[serde(default)]
    pub columns: Columns,
    /// The gold file with known labels to score against; a copy is beside the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold_file: Option<GoldRecord>,
    /// The gold file with known labels to learn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn_file: Option<GoldRecord>,
    /// The labeling functions.
    pub lfs: Vec<LfDigest>,
    /// The files of the tables that were read.
    pub lookups: Vec<Digest>,
    /// The tables that were read.
    #[serde(default)]
    pub tables: Vec<TableDigest>,
    /// The columns that the labeling functions read: what the fingerprints in the table `rows` are made
    /// of.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// The data files that were read.
    pub inputs: Vec<Digest>,
    /// Rows.
    pub rows: u64,
    /// The labels, in order.
    pub labels: Vec<String>,
    /// The label model.
    pub model: String,
    /// Its settings that were given.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The class balance that was given.
    pub class_balance: Option<Vec<f64>>,
    /// Rows whose known label the model learned from.
    pub learned_from: u64,
    /// The accuracy that was expected of labeling functions.
    pub trust: serde_json::Map<String, serde_json::Value>,
    /// How hard labels were made, in words.
    pub decision: String,
    /// What was added to the log probability of each class, with the rules that do so.
    pub offsets: Option<Vec<f64>>,
    /// The seed of the random numbers of the intervals, where there are any.
    pub seed: Option<u64>,
}

impl Manifest {
    /// The part of it that a report shows.
    pub(super) fn made(&self) -> Made {
        let file = |what: &str, path: &str, sha256: &str| MadeFrom {
            what: what.to_owned(),
            path: path.to_owned(),
            sha256: sha256.to_owned(),
        };
        let mut files = vec![file("spec", &self.spec.path, &self.spec.sha256)];
        files.extend(self.parts.iter().map(|part| file("spec", &part.path, &part.sha256)));
        files.extend(self.lookups.iter().map(|digest| file("table", &digest.path, &digest.sha256)));
        files.extend(self.inputs.iter().map(|digest| file("data", &digest.path, &digest.sha256)));
        for GoldRecord { file: gold, .. } in self.gold_file.iter().chain(&self.learn_file) {
            files.push(file("gold", &gold.path, &gold.sha256));
        }
        Made { jurat: self.jurat.clone(), files, privacy: self.privacy }
    }
}

/// A file and the hash of its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// The file, as it was named.
    pub path: String,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// How the data were named and read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRecord {
    /// The format, where it was given instead of told from the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// Columns with a meaning of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Columns {
    /// Identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Known labels to score against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold: Option<String>,
    /// Known labels to learn from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn: Option<String>,
}

/// A labeling function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LfDigest {
    /// Its name.
    pub name: String,
    /// SHA-256 of what its own text in the spec says of its votes. For a closure, a hash of the version
    /// that it was given; empty without one.
    pub sha256: String,
    /// The hash of the named conditions that it reaches and of the names of the columns that it reads;
    /// none for closures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utils: Option<String>,
    /// The names of the tables that it reaches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
}
