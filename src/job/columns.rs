//! Columns that labels carry on request: why a row has its label, what it was made from, what it weighs.

use super::{Manifest, Outcome, hex};
use crate::output::{TableColumn, why};
use sha2::{Digest as _, Sha256};

/// Digits of a hash that are enough to tell runs apart.
const DIGITS: usize = 16;

impl Manifest {
    /// A name for the run that says what its labels come from: the first 16 digits of a hash over the version
    /// of jurat, the texts of the spec and its variables, labeling functions, tables, data, the decision, and
    /// the fitted model as JSON. Times, and names of files and folders, are not in it.
    pub(super) fn identity(&self, model: &str) -> String {
        let mut hash = Sha256::new();
        let mut add = |what: &str, value: &str| {
            // Lengths, so that no two lists read the same.
            hash.update(format!("{what} {}:{value}\n", value.len()));
        };
        add("jurat", &self.jurat);
        add("spec", &self.spec.sha256);
        self.parts.iter().for_each(|part| add("part", &part.sha256));
        for (name, value) in &self.set {
            add(name, &value.to_string());
        }
        self.lfs.iter().for_each(|lf| add(&lf.name, &lf.sha256));
        self.lookups.iter().for_each(|table| add("table", &table.sha256));
        self.inputs.iter().for_each(|input| add("data", &input.sha256));
        add("decision", &self.decision);
        for offset in self.offsets.iter().flatten() {
            add("offset", &offset.to_string());
        }
        add("model", model);
        hex(&hash.finalize()).chars().take(DIGITS).collect()
    }

    /// The first 16 digits of the hash of the spec; of one in parts, of the hashes of all of them.
    pub(super) fn spec_identity(&self) -> String {
        let whole = if self.parts.is_empty() {
            self.spec.sha256.clone()
        } else {
            let mut hash = Sha256::new();
            hash.update(&self.spec.sha256);
            self.parts.iter().for_each(|part| hash.update(&part.sha256));
            hex(&hash.finalize())
        };
        whole.chars().take(DIGITS).collect()
    }

    /// The columns that labels carry besides the usual ones, a value a pattern.
    pub(super) fn columns(&self, outcome: &Outcome) -> Vec<TableColumn> {
        let hard = outcome.labels.decide(&outcome.decision);
        let n = outcome.votes.len();
        let mut columns = Vec::new();
        if let Some(weights) = self.weights {
            let of_patterns = weights.of_patterns(&outcome.votes, &outcome.labels, &hard);
            columns.push(TableColumn::numbers(WEIGHT, of_patterns));
        }
        if self.with_why {
            columns.push(why(&outcome.model, &outcome.votes, &hard));
            for (name, value) in [("run", self.run.clone()), ("spec", self.spec_identity())] {
                columns.push(TableColumn::texts(name, std::iter::repeat_n(Some(value), n)));
            }
        }
        columns
    }
}

/// The column with the weight of a row.
pub(crate) const WEIGHT: &str = "weight";
