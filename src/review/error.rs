//! What can be wrong with a classifier that rows are chosen by.

use super::Strategy;
use crate::input::ReadError;

/// Why rows cannot be chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// A strategy that needs a classifier, and there is none.
    #[error(
        "`{strategy}` needs a trained classifier: make one with `jurat train {run} -o classifier.json`, then say \
         --classifier classifier.json"
    )]
    NoClassifier {
        /// The strategy.
        strategy: Strategy,
        /// The run directory.
        run: String,
    },
    /// The classifier was trained for other classes.
    #[error(
        "{path}: the classifier tells {} apart, the labels of {run} are {}; train one on this run: \
         jurat train {run} -o classifier.json",
        list(classes),
        list(labels)
    )]
    Classes {
        /// The file of the classifier.
        path: String,
        /// The run directory.
        run: String,
        /// The classes of the classifier.
        classes: Vec<String>,
        /// Those of the run.
        labels: Vec<String>,
    },
    /// The data lack a column that the classifier reads.
    #[error(
        "{path} reads other columns than there are: {missing}; train a classifier on this run (jurat train {run}), \
         or say with --data where the data with this column are"
    )]
    Column {
        /// The file of the classifier.
        path: String,
        /// The run directory.
        run: String,
        /// What is missing where.
        missing: Box<ReadError>,
    },
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
