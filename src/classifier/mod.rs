//! The discriminative model: what the votes taught, for rows that no labeling function covers.
//!
//! A multinomial logistic regression over hashed n-grams, trained on probabilistic labels: the second step
//! of data programming (Ratner et al. 2016, arXiv:1605.07723). [`Inputs`] says which columns are read and
//! as what, [`Bags`] are rows as read, [`Trainer`] makes a [`Classifier`] of them.

mod bags;
mod calibration;
mod inputs;
mod logistic;
mod matrix;
mod tokens;
mod train;
mod vocabulary;

pub use bags::Bags;
pub use inputs::{InputColumn, Inputs, Kind};
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
        let rows = self.vocabulary.weigh(bags);
        let scores = scores(&rows, &self.parameters, self.classes.len());
        probabilities(&scores, self.temperature, &self.shift)
    }
}

/// Why a classifier cannot be trained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
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
    #[error("the strength must be above 0, and the folds at least 2")]
    Setting,
    /// There is too little to learn from.
    #[error("there are {rows} rows with a label to learn from, and at least {least} are needed")]
    TooFewRows {
        /// Rows that count.
        rows: usize,
        /// How many are needed.
        least: usize,
    },
    /// The optimizer gave up.
    #[error("the optimizer failed: {0}")]
    Optimizer(String),
}
