//! What a classifier looks at: the n-grams that speak most for each class.
//!
//! Buckets have no names, so that texts are read once more, and each bucket is called after the n-gram
//! that it held most often.

use super::tokens::{category, walk};
use super::{Classifier, Kind};
use crate::FieldId;
use crate::input::{ReadError, Source};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The n-grams that speak for a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassTerms {
    /// The class.
    pub class: String,
    /// The n-grams, the strongest first.
    pub terms: Vec<Term>,
}

/// An n-gram that speaks for a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// What it looks like, in lower case.
    pub text: String,
    /// Its column, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What it adds to the log odds of the class against the mean of all, for a row that has nothing else.
    pub weight: f64,
}

/// Rows that are looked at for names.
const ROWS: u64 = 20_000;

impl Classifier {
    /// The `n` n-grams that speak most for each class, called after what they are in the first 20,000 rows of a
    /// source that was opened with [`Inputs::fields`](super::Inputs::fields).
    ///
    /// # Errors
    /// Those of the source.
    pub fn terms(&self, source: &mut dyn Source, n: usize) -> Result<Vec<ClassTerms>, ReadError> {
        let k = self.classes.len();
        let strongest: Vec<Vec<(u32, f64)>> = (0..k).map(|y| self.strongest(y, n)).collect();
        let mut names: HashMap<u32, HashMap<(usize, String), u32>> =
            strongest.iter().flatten().map(|(bucket, _)| (*bucket, HashMap::new())).collect();
        while let Some(batch) = source.next_batch()? {
            if batch.start() >= ROWS {
                break;
            }
            for row in 0..batch.n_rows() {
                for (place, column) in self.inputs.columns().iter().enumerate() {
                    let text = FieldId::new(place).and_then(|field| batch.text(field, row));
                    let mut name = |bucket: u32, text: String| {
                        if let Some(names) = names.get_mut(&bucket) {
                            *names.entry((place, text)).or_default() += 1;
                        }
                    };
                    match column.kind {
                        Kind::Text => {
                            let characters = self.inputs.characters;
                            walk(
                                text.unwrap_or_default(),
                                place as u32,
                                characters,
                                |at, parts| {
                                    name(at, parts.join(" "));
                                },
                            );
                        }
                        Kind::Category => {
                            let value = text.unwrap_or_default();
                            name(category(value, place as u32), value.to_owned());
                        }
                        Kind::Number | Kind::Vector => {}
                    }
                }
            }
        }
        let several = self.inputs.columns().len() > 1;
        let of_class = |(class, strongest): (&String, Vec<(u32, f64)>)| {
            let named = strongest.into_iter().filter_map(|(bucket, weight)| {
                let names = names.get(&bucket)?;
                // The first in order, of several that are as common.
                let mut sorted: Vec<_> = names.iter().collect();
                sorted.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
                let ((place, text), _) = sorted.first()?;
                let column = several.then(|| self.inputs.columns()[*place].name.clone());
                Some(Term { text: text.clone(), column, weight })
            });
            ClassTerms { class: class.clone(), terms: named.take(n).collect() }
        };
        Ok(self.classes.iter().zip(strongest).map(of_class).collect())
    }

    /// The features that speak most for a class, and how much.
    fn strongest(&self, class: usize, n: usize) -> Vec<(u32, f64)> {
        let k = self.classes.len();
        let buckets = self.vocabulary.buckets.iter();
        let mut all: Vec<(u32, f64)> = buckets
            .zip(self.parameters.chunks_exact(k))
            .map(|(&bucket, weights)| {
                let mean = weights.iter().sum::<f32>() / k as f32;
                (bucket, f64::from((weights[class] - mean) / self.temperature))
            })
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        all.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(a.cmp(b)));
        all.truncate(2 * n);
        all
    }
}
