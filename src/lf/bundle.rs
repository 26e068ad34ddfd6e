//! A compiled spec with everything that it was read from, to be compiled once more where its files are not.
//!
//! A spec is made of files: its own, its parts, its tables. Programs that hand labeling functions to other
//! processes or machines hand on a bundle, and the votes there are the same, whatever became of the files.

use super::error::SpecErrors;
use super::reach::Reach;
use super::recipe::{self, Tables};
use super::set::LfSet;
use super::sources::SpecText;
use super::spec::{Spec, SpecOptions};
use super::table::{KeyTable, StoredTable};
use crate::input::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of a spec, the values of its variables, and its tables as they were read.
///
/// ```
/// use jurat::Spec;
/// use jurat::lf::{Bundle, LfSet};
///
/// let spec = Spec::from_yaml(
///     "spec: 1
/// labels: [spam, ham]
/// lfs:
///   - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
/// ",
///     "inline.yaml",
/// )?;
/// let lfs = LfSet::compile(&spec)?;
/// let text = Bundle::new(&spec, &lfs).to_json()?;
/// let (_, again) = Bundle::from_json(&text)?.compile()?;
/// assert_eq!(again.identities(), lfs.identities());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    format: String,
    texts: Vec<SpecText>,
    /// The variables that were set from outside.
    set: Vec<(String, String)>,
    /// Whether its files could be anywhere.
    outside: bool,
    tables: BTreeMap<String, Packed>,
}

/// A table with the content of its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Packed {
    table: StoredTable,
    files: Vec<Digest>,
}

/// Why a text is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is no JSON, or not of this form.
    #[error("not a bundle of jurat: {0}")]
    Json(#[from] serde_json::Error),
    /// It was written by another version.
    #[error("the bundle has the format `{found}`, this version reads `{FORMAT}`")]
    Format {
        /// What it says.
        found: String,
    },
    /// A table that cannot be.
    #[error("the table `{name}` of the bundle is damaged")]
    Table {
        /// Its name.
        name: String,
    },
}

/// The format that is written and read.
const FORMAT: &str = "jurat-bundle-1";

impl Bundle {
    /// A spec and the set that it was [compiled](LfSet::compile) to.
    #[must_use]
    pub fn new(spec: &Spec, lfs: &LfSet) -> Self {
        let set = spec.vars.iter().filter(|variable| variable.set);
        let set = set.map(|variable| (variable.name.value.clone(), variable.value.clone()));
        let packed = |(name, (table, files)): (&str, (&KeyTable, &[Digest]))| {
            (name.to_owned(), Packed { table: table.stored(), files: files.to_vec() })
        };
        Self {
            format: FORMAT.to_owned(),
            texts: spec.sources.clone(),
            set: set.collect(),
            outside: spec.reach == Reach::Anywhere,
            tables: lfs
                .recipe
                .iter()
                .flat_map(|recipe| recipe.tables().iter())
                .map(packed)
                .collect(),
        }
    }

    /// Compiles the spec without its files.
    ///
    /// # Errors
    /// [`SpecErrors`], if another version of jurat finds fault with it.
    pub fn compile(&self) -> Result<(Spec, LfSet), SpecErrors> {
        let reach = if self.outside { Reach::Anywhere } else { Reach::Folder };
        let spec = Spec::from_texts(&self.texts, &SpecOptions { set: self.set.clone(), reach })?;
        let mut tables = Tables::default();
        for (name, packed) in &self.tables {
            let table = KeyTable::restore(packed.table.clone()).map(Arc::new);
            tables.keys.insert(name.clone(), table);
            tables.digests.insert(name.clone(), packed.files.clone());
        }
        let lfs = recipe::compile(&spec, tables)?;
        Ok((spec, lfs))
    }

    /// The bundle as JSON.
    ///
    /// # Errors
    /// [`BundleError::Json`], which no bundle gives.
    pub fn to_json(&self) -> Result<String, BundleError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Reads a bundle.
    ///
    /// # Errors
    /// [`BundleError`] when the text is none.
    pub fn from_json(json: &str) -> Result<Self, BundleError> {
        let bundle: Self = serde_json::from_str(json)?;
        if bundle.format != FORMAT {
            return Err(BundleError::Format { found: bundle.format });
        }
        let damaged = bundle
            .tables
            .iter()
            .find(|(_, packed)| KeyTable::restore(packed.table.clone()).is_none());
        match damaged {
            Some((name, _)) => Err(BundleError::Table { name: name.clone() }),
            None => Ok(bundle),
        }
    }
}
