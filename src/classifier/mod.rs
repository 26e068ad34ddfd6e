//! The discriminative model: what the votes taught, for rows that no labeling function covers.
//!
//! A multinomial logistic regression over hashed n-grams, trained on probabilistic labels: the second step
//! of data programming (Ratner et al. 2016, arXiv:1605.07723). [`Inputs`] says which columns are read and
//! as what, [`Bags`] are rows as read, [`Trainer`] makes a [`Classifier`] of them.
//! [`Run::train`](crate::job::Run::train) does all of it for a finished run.
//!
//! ```
//! use jurat::classifier::{Bags, Inputs, Targets, Trainer};
//! use jurat::input::Table;
//! use ndarray::Array2;
//!
//! let texts = ["win cash now", "cash prize", "lunch at noon", "noon meeting"].repeat(5);
//! let table = Table::new().text("text", texts.iter().map(|text| Some(*text)));
//! let inputs = Inputs::text(["text"])?;
//! let bags = Bags::read(table.open(&inputs.fields())?.as_mut(), &inputs)?;
//! let spam = |row: usize| if row % 4 < 2 { 0.9 } else { 0.1 };
//! let probabilities = Array2::from_shape_fn((20, 2), |(row, y)| (spam(row) - y as f64).abs());
//! let targets = Targets { probabilities: &probabilities, weights: &[1.0; 20], balance: None };
//! let classes = ["spam".to_owned(), "ham".to_owned()];
//! let trained = Trainer::default().fit(&bags, &inputs, &classes, &targets)?;
//! assert!(trained.classifier.predict(&bags)[[0, 0]] > 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bags;
mod calibration;
mod file;
mod inputs;
mod latent;
mod logistic;
mod matrix;
mod pool;
mod predict;
mod score;
mod terms;
mod thinned;
mod tokens;
mod train;
mod vocabulary;

pub use bags::Bags;
pub use inputs::{InputColumn, Inputs, Kind};
pub use pool::{VOTES, pool, votes_weight};
pub use predict::Predicted;
pub use score::Score;
pub use terms::{ClassTerms, Term};
pub use train::{Course, Targets, Trained, Trainer};

use logistic::scores;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use train::probabilities;
use vocabulary::Vocabulary;

/// A trained classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classifier {
    format: String,
    inputs: Inputs,
    classes: Vec<String>,
    vocabulary: Vocabulary,
    parameters: Vec<f32>,
    temperature: f32,
    shift: Vec<f64>,
    offsets: Option<Vec<f64>>,
}

impl Classifier {
    /// The columns that it reads.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The classes, in the order of the probabilities.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// What is added to log probabilities before the highest is taken, so that labels are as common as the class
    /// balance that it was trained with, if there was one.
    #[must_use]
    pub fn offsets(&self) -> Option<&[f64]> {
        self.offsets.as_deref()
    }

    /// P(class) for rows that were read with its [inputs](Self::inputs), n_rows × n_classes.
    #[must_use]
    pub fn predict(&self, bags: &Bags) -> Array2<f64> {
        self.prepared().predict(bags)
    }

    /// Itself, ready for many batches.
    pub(crate) fn prepared(&self) -> Prepared<'_> {
        Prepared { classifier: self, places: self.vocabulary.places() }
    }
}

/// A classifier with a table of where each bucket's weights are.
pub(crate) struct Prepared<'a> {
    classifier: &'a Classifier,
    places: Vec<u32>,
}

impl Prepared<'_> {
    fn predict(&self, bags: &Bags) -> Array2<f64> {
        let Classifier { vocabulary, parameters, classes, temperature, shift, .. } =
            self.classifier;
        let rows = vocabulary.weigh_with(bags, &self.places);
        probabilities(&scores(&rows, parameters, classes.len()), *temperature, shift)
    }
}

/// Why a classifier cannot be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifierError {
    /// There are no columns to read.
    #[error("there are no columns to learn from: name at least one of text, numbers or categories")]
    NoInputs,
    /// A column stands twice.
    #[error("the column `{column}` is named twice")]
    Twice {
        /// The column.
        column: String,
    },
    /// A classification needs two classes.
    #[error(
        "a classifier needs at least two classes with a probability each, there are {n_classes}"
    )]
    Classes {
        /// Number of classes.
        n_classes: usize,
    },
    /// Rows and targets are not as many.
    #[error("there are {rows} rows and {targets} targets")]
    Rows {
        /// Number of rows.
        rows: usize,
        /// Number of targets.
        targets: usize,
    },
    /// A probability or weight is negative or no number.
    #[error("probabilities and weights of rows must be numbers from 0 on")]
    Numbers,
    /// A setting of the trainer.
    #[error("the strength must be above 0, folds from 2 to 20, and visits at least 1")]
    Setting,
    /// There is too little to learn from.
    #[error("there are {rows} rows with a label to learn from, and at least {least} are needed")]
    TooFewRows {
        /// Rows that count.
        rows: usize,
        /// How many are needed.
        least: usize,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Read(#[from] crate::input::ReadError),
    /// A file that cannot be read as a classifier.
    #[error("{path}: {message}; give a file that `jurat train` wrote")]
    NotRead {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// The data are no longer those of the run.
    #[error("{path}: {what}; make the run again, or say with --data where its data are")]
    Changed {
        /// The first file.
        path: String,
        /// How they differ.
        what: String,
    },
    /// A rule for hard labels that needs votes.
    #[error(
        "labels that maximize F1 are chosen by votes, which a classifier has none of; say --decide prevalence \
         or --decide most-probable"
    )]
    Rule,
    /// A file that is no classifier.
    #[error("the classifier is damaged or of another version: {message}")]
    File {
        /// What is wrong with it.
        message: String,
    },
    /// The optimizer gave up.
    #[error("the optimizer failed: {0}")]
    Optimizer(String),
}
