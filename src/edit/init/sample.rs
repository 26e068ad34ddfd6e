//! A random sample of the rows of a table, and how common the values of one column are.

use super::terms::Document;
use crate::FieldId;
use crate::input::{Column, Field, Files, ReadError};
use crate::random::Random;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Rows that are looked at, and rows of the sample.
const ROWS: u64 = 1_000_000;
const SAMPLE: usize = 20_000;
/// The same table always gives the same sample.
const SEED: u64 = 42;
/// Bytes of a text that are kept.
const TEXT_BYTES: usize = 2_000;
/// Different labels, at the most, and bytes of one.
const LABELS: usize = 1_000;
const LABEL_BYTES: usize = 200;

/// What was found in the rows.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) rows: u64,
    /// Whether there are more rows.
    pub(super) cut: bool,
    /// Known labels with the rows that have them, the most common first; `None` where there are too many
    /// for labels.
    pub(super) labels: Option<Vec<(String, u64)>>,
    /// A cell among the known labels that is there and cannot be a label.
    pub(super) no_label: Option<String>,
    /// Rows of the sample, in an order without a meaning, with places in `labels`.
    pub(super) documents: Vec<Document>,
}

/// Reads the text column and the column of known labels, where there are such.
pub(super) fn sample(
    files: &Files,
    text: Option<&str>,
    gold: Option<&str>,
) -> Result<Sample, ReadError> {
    let fields: Vec<Field> = [text, gold].into_iter().flatten().map(Field::text).collect();
    let mut source = files.open(&fields)?;
    let mut random = Random::stream(SEED, 0);
    // Labels get numbers as they come.
    let mut numbers: Option<BTreeMap<String, usize>> = Some(BTreeMap::new());
    let mut counts: Vec<u64> = Vec::new();
    let mut sample = Sample::default();
    while let Some(batch) = source.next_batch()? {
        if sample.rows >= ROWS {
            sample.cut = true;
            break;
        }
        let column = |field: usize| FieldId::new(field).and_then(|field| batch.column(field));
        let texts = text.and_then(|_| column(0));
        let labels = gold.and_then(|_| column(usize::from(text.is_some())));
        for row in 0..batch.n_rows() {
            let cell = |column: Option<&'_ Column>| {
                column.and_then(|column| column.as_text(row)).map(Cow::into_owned)
            };
            let class = cell(labels).and_then(|label| {
                let known = numbers.as_mut()?;
                // Blanks around a known label do not count, and blanks alone are none.
                let label = label.trim().to_owned();
                if label == "abstain" {
                    sample.no_label.get_or_insert(label);
                    return None;
                }
                if label.is_empty() {
                    return None;
                }
                let number = match known.get(&label) {
                    Some(number) => *number,
                    None if known.len() == LABELS || label.len() > LABEL_BYTES => {
                        numbers = None;
                        return None;
                    }
                    None => {
                        known.insert(label, counts.len());
                        counts.push(0);
                        counts.len() - 1
                    }
                };
                counts[number] += 1;
                Some(number)
            });
            // Algorithm R: row i takes a place with the probability SAMPLE / i.
            let seen = u128::from(sample.rows) + 1;
            sample.rows += 1;
            let place = ((u128::from(random.bits()) * seen) >> 64) as usize;
            let free = sample.documents.len() < SAMPLE;
            if free || place < SAMPLE {
                let text = texts.and_then(|column| match column {
                    Column::Text(texts) if column.is_valid(row) => {
                        Some(beginning(texts.value(row)))
                    }
                    _ => None,
                });
                let document = Document { class, text: text.unwrap_or_default().to_owned() };
                if free {
                    sample.documents.push(document);
                } else {
                    sample.documents[place] = document;
                }
            }
        }
    }
    sample.labels = numbers.map(|numbers| {
        let mut labels: Vec<(String, u64, usize)> =
            numbers.into_iter().map(|(label, at)| (label, counts[at], at)).collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut places = vec![0; labels.len()];
        labels.iter().enumerate().for_each(|(place, (.., at))| places[*at] = place);
        for document in &mut sample.documents {
            document.class = document.class.map(|at| places[at]);
        }
        labels.into_iter().map(|(label, count, _)| (label, count)).collect()
    });
    Ok(sample)
}

/// The beginning of a text.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES)]
}
