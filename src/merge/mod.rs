//! Labels of several runs and of people, merged into one table: a row each, with who said so and who else says
//! something else.
//!
//! Rows are told apart by identifier, or by number where no source has identifiers. Of several labels of a row
//! one is kept by a [`Rule`], or their probabilities are averaged. A hand label has the probability 1. A source
//! without a label for a row counts only where none has one. Rows come in the order in which sources name them.

mod error;
mod hand;
mod rule;
mod set;
mod table;

pub use error::MergeError;
pub use hand::HandLabels;
pub use rule::Rule;
pub use set::LabelSet;
pub use table::Merged;

use crate::Error;
use crate::answers::Answers;
use crate::input::Files;
use crate::job::Run;
use hand::HandLabel;
use rule::Claim;
use std::collections::HashMap;
use std::path::Path;

/// Where labels come from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LabelSource {
    /// A run, or a file of labels.
    Labels(LabelSet),
    /// People.
    Hand(HandLabels),
}

impl LabelSource {
    /// Opens a run directory, a file of labels (CSV, Parquet, JSON Lines), or a gold file, whichever it is.
    /// `id` is the column of identifiers of files of labels.
    ///
    /// # Errors
    /// [`Error`] when it cannot be read, or is none of these.
    pub fn open(path: &str, id: Option<&str>) -> Result<Self, Error> {
        if Path::new(path).is_dir() {
            return Ok(Self::Labels(LabelSet::of_run(&Run::open(path)?)?));
        }
        let files = Files::new([path])?;
        let columns = files.open(&[])?.columns();
        if !set::is_labels(&columns) && columns.iter().any(|column| column == "gold") {
            let answers = Answers::read(Path::new(path))?;
            return Ok(Self::Hand(HandLabels { name: path.to_owned(), answers }));
        }
        Ok(Self::Labels(LabelSet::of_file(&files, id)?))
    }

    /// The run directory or file, as it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Labels(set) => &set.name,
            Self::Hand(hand) => &hand.name,
        }
    }
}

/// Merges labels by a rule; sources are in the order in which they were named.
///
/// # Errors
/// [`Error::Merge`] when sources name rows in different ways, or have other labels; [`Error::Answers`] for hand
/// labels that are none of the labels of the others.
pub fn merge(mut sources: Vec<LabelSource>, rule: Rule) -> Result<Merged, Error> {
    let Some(first) = sources.first() else { return Err(MergeError::Nothing.into()) };
    for (at, source) in sources.iter().enumerate() {
        if sources[..at].iter().any(|before| before.name() == source.name()) {
            return Err(MergeError::Twice { path: source.name().to_owned() }.into());
        }
    }
    let ids = by_id(&sources)?;
    let id = sources.iter().find_map(|source| match source {
        LabelSource::Labels(set) => Some(set.id.clone()),
        LabelSource::Hand(_) => None,
    });
    let id = id.unwrap_or_else(|| if ids { "id" } else { set::ROW }.to_owned());
    let classes = classes(&sources, first.name())?;
    let mut all = Vec::new();
    let mut tied = 0;
    for source in &mut sources {
        let part = match source {
            LabelSource::Labels(set) => {
                set.reorder(&classes);
                Part::of_set(set)?
            }
            LabelSource::Hand(hand) => {
                hand.answers.check(&classes, &hand.name)?;
                let (labels, ties) = hand.decided(ids)?;
                tied += ties;
                Part::of_people(labels, &classes)
            }
        };
        all.push(part);
    }
    let mut rows = Rows::default();
    for (source, part) in all.iter().enumerate() {
        rows.add(source, part, &sources)?;
    }
    let whole = sources.iter().all(|source| match source {
        LabelSource::Labels(set) => set.whole || !ids,
        LabelSource::Hand(_) => !ids,
    }) || whole_numbers(&sources, &rows.keys);
    let sides = table::Sides { sources: &sources, parts: &all, rows: &rows, classes: &classes };
    let mut merged = sides.merge(rule);
    (merged.id, merged.whole, merged.classes, merged.tied) = (id, whole, classes, tied);
    merged.keys = rows.keys;
    Ok(merged)
}

/// Whether rows are named by identifier.
fn by_id(sources: &[LabelSource]) -> Result<bool, MergeError> {
    let sets = || {
        sources.iter().filter_map(|source| match source {
            LabelSource::Labels(set) => Some(set),
            LabelSource::Hand(_) => None,
        })
    };
    let (with, without) = (sets().find(|set| set.has_ids), sets().find(|set| !set.has_ids));
    match (with, without) {
        (Some(with), Some(without)) => {
            Err(MergeError::Keys { by_id: with.name.clone(), by_number: without.name.clone() })
        }
        (Some(_), None) => Ok(true),
        (None, Some(_)) => Ok(false),
        // Only people: as all of them name their rows.
        (None, None) => Ok(sources.iter().all(|source| match source {
            LabelSource::Hand(hand) => hand.has(true),
            LabelSource::Labels(_) => true,
        })),
    }
}

/// Whether hand labels came to files whose identifiers are whole numbers, so that all of them are.
fn whole_numbers(sources: &[LabelSource], keys: &[Box<str>]) -> bool {
    let whole = |source: &LabelSource| match source {
        LabelSource::Labels(set) => set.whole,
        LabelSource::Hand(_) => true,
    };
    let typed = sources.iter().any(|source| matches!(source, LabelSource::Labels(_)));
    let number = |key: &str| key.parse::<i64>().is_ok_and(|number| number.to_string() == *key);
    typed && sources.iter().all(whole) && keys.iter().all(|key| number(key))
}

/// The classes of all sources, in the order of the first set of labels; those of people alone in the order of
/// their names.
fn classes(sources: &[LabelSource], first: &str) -> Result<Vec<String>, MergeError> {
    let mut known: Option<(&str, &Vec<String>)> = None;
    for source in sources {
        let LabelSource::Labels(set) = source else { continue };
        let Some((name, classes)) = known else {
            known = Some((&set.name, &set.classes));
            continue;
        };
        let only = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|class| !others.contains(class)).cloned().collect()
        };
        let (here, there) = (only(classes, &set.classes), only(&set.classes, classes));
        if !here.is_empty() || !there.is_empty() {
            return Err(MergeError::Classes {
                first: name.to_owned(),
                other: set.name.clone(),
                only_first: here,
                only_other: there,
            });
        }
    }
    if let Some((_, classes)) = known {
        return Ok(classes.clone());
    }
    let mut classes: Vec<String> = sources
        .iter()
        .flat_map(|source| match source {
            LabelSource::Hand(hand) => hand.answers.all.as_slice(),
            LabelSource::Labels(_) => &[],
        })
        .map(|answer| answer.gold.clone())
        .collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.is_empty() {
        return Err(MergeError::NoLabels { path: first.to_owned(), columns: Vec::new() });
    }
    Ok(classes)
}

/// What a source says, row by row.
struct Part {
    keys: Vec<Box<str>>,
    labels: Vec<Option<u32>>,
    /// Of people: who, and when.
    by_hand: Vec<HandLabel>,
}

impl Part {
    fn of_set(set: &mut LabelSet) -> Result<Self, MergeError> {
        let missing = |row: usize| MergeError::NoId { path: set.name.clone(), row: row as u64 };
        let mut keys = Vec::with_capacity(set.ids.len());
        // Identifiers are as large as the rest; they are not kept twice.
        for (row, id) in std::mem::take(&mut set.ids).into_iter().enumerate() {
            keys.push(id.ok_or_else(|| missing(row))?);
        }
        Ok(Self { keys, labels: std::mem::take(&mut set.labels), by_hand: Vec::new() })
    }

    fn of_people(labels: Vec<HandLabel>, classes: &[String]) -> Self {
        let place = |label: &HandLabel| {
            classes.iter().position(|class| *class == label.label).map(|place| place as u32)
        };
        Self {
            keys: labels.iter().map(|label| label.key.as_str().into()).collect(),
            labels: labels.iter().map(place).collect(),
            by_hand: labels,
        }
    }
}

/// The rows of all sources.
#[derive(Default)]
struct Rows {
    keys: Vec<Box<str>>,
    of_key: HashMap<Box<str>, u32>,
    /// For each source and row the row of that source, or [`NONE`].
    places: Vec<Vec<u32>>,
}

const NONE: u32 = u32::MAX;

impl Rows {
    fn add(
        &mut self,
        source: usize,
        part: &Part,
        sources: &[LabelSource],
    ) -> Result<(), MergeError> {
        let mut places = vec![NONE; self.keys.len()];
        for (row, key) in part.keys.iter().enumerate() {
            let next = self.keys.len();
            let at = *self.of_key.entry(key.clone()).or_insert(next as u32) as usize;
            if at == next {
                if next == NONE as usize {
                    return Err(MergeError::TooManyRows);
                }
                self.keys.push(key.clone());
                places.push(NONE);
            }
            if places[at] != NONE {
                return Err(MergeError::SameId {
                    path: sources[source].name().to_owned(),
                    id: key.to_string(),
                    first: u64::from(places[at]),
                    second: row as u64,
                });
            }
            places[at] = row as u32;
        }
        self.places.push(places);
        Ok(())
    }

    /// What each source says about a row, those without it left out.
    fn places(&self, row: usize) -> impl Iterator<Item = (usize, usize)> {
        let place = move |(source, places): (usize, &Vec<u32>)| {
            let place = *places.get(row)?;
            (place != NONE).then_some((source, place as usize))
        };
        self.places.iter().enumerate().filter_map(place)
    }
}
