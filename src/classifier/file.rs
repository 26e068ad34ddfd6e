//! Classifiers as files: JSON, checked when read.

use super::tokens::BUCKETS;
use super::{Classifier, ClassifierError};
use crate::bounded::{WHOLE_FILE, read_text};
use std::collections::BTreeSet;
use std::path::Path;

/// The format of classifier files; the number changes when features come out otherwise.
pub(super) const FORMAT: &str = "jurat-classifier-1";

impl Classifier {
    /// The classifier as JSON.
    ///
    /// # Errors
    /// [`ClassifierError::File`] when a number is not finite.
    pub fn to_json(&self) -> Result<String, ClassifierError> {
        self.check().map_err(|message| ClassifierError::File { message })?;
        let json = serde_json::to_string(self);
        json.map_err(|error| ClassifierError::File { message: error.to_string() })
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`ClassifierError::File`] for anything else.
    pub fn from_json(text: &str) -> Result<Self, ClassifierError> {
        let read: Result<Self, String> =
            serde_json::from_str(text).map_err(|error| error.to_string());
        let checked = read.and_then(|classifier| classifier.check().map(|()| classifier));
        checked.map_err(|message| ClassifierError::File { message })
    }

    /// Reads a file that holds what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`ClassifierError::NotRead`] for anything else.
    pub fn read(path: &Path) -> Result<Self, ClassifierError> {
        let failed = |message: String| {
            let path = path.display().to_string();
            ClassifierError::NotRead { path, message }
        };
        let text = read_text(path, WHOLE_FILE).map_err(|error| failed(error.to_string()))?;
        Self::from_json(&text).map_err(|error| failed(error.to_string()))
    }

    /// Whether the parts fit together.
    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is `{}`, not `{FORMAT}`", self.format));
        }
        let (k, vocabulary) = (self.classes.len(), &self.vocabulary);
        let n_buckets = vocabulary.buckets.len();
        let ascending = vocabulary.buckets.windows(2).all(|pair| pair[0] < pair[1]);
        let known = vocabulary.buckets.last().is_none_or(|&last| (last as usize) < BUCKETS);
        let offsets = self.offsets.as_ref().is_none_or(|offsets| {
            offsets.len() == k && offsets.iter().all(|offset| offset.is_finite())
        });
        let scales = vocabulary.numbers.iter();
        let fits = [
            (k >= 2, "there are fewer than two classes"),
            (self.classes.iter().collect::<BTreeSet<_>>().len() == k, "a class is named twice"),
            (ascending && known, "its features are not in order, or of another version"),
            (vocabulary.weights.len() == n_buckets, "a feature has no weight"),
            (
                scales.clone().all(|(mean, sd)| mean.is_finite() && sd.is_finite() && *sd > 0.0),
                "a number has no scale",
            ),
            (vocabulary.numbers.len() == self.inputs.n_numbers(), "a number has no scale"),
            (
                self.parameters.len() == (vocabulary.n_features() + 1).saturating_mul(k),
                "there are not as many parameters as features and classes",
            ),
            (
                self.parameters.iter().chain(&vocabulary.weights).all(|value| value.is_finite()),
                "a parameter is no number",
            ),
            (
                self.temperature.is_finite() && self.temperature > 0.0,
                "its temperature is not above 0",
            ),
            (
                self.shift.len() == k && self.shift.iter().all(|shift| shift.is_finite()),
                "it has not one shift a class",
            ),
            (offsets, "it has not one offset a class"),
        ];
        match fits.into_iter().find(|(fits, _)| !fits) {
            Some((_, message)) => Err(message.to_owned()),
            None => self.inputs.check().map_err(|error| error.to_string()),
        }
    }
}
