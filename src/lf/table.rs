//! Tables of keys: reading and checking them.

use super::error::Problem;
use super::keys::Keys;
use super::spec::{DuplicateKeys, LookupTable, Spec};
use crate::bounded::MEGABYTE;
use crate::input::{Batch, Digest, Field, Files, ReadError};
use crate::votes::parse_cell;
use crate::{Choice, ClassId, FieldId};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The keys of a table, with what to vote for them where it names labels.
pub(crate) struct KeyTable {
    keys: Keys,
    /// For each key a position in `choices`.
    choice: Vec<u16>,
    choices: Vec<Option<Choice>>,
    /// Positions of keys that are not to be used, ascending.
    dropped: Vec<usize>,
    /// Their vectors, one after the other, if the table has them, and how long each is.
    numbers: Vec<f32>,
    dimension: usize,
}

impl KeyTable {
    /// The keys, in the order of the table, each with a position in [`choices`](Self::choices).
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, usize)> {
        let mut dropped = self.dropped.iter().peekable();
        self.keys.iter().zip(&self.choice).enumerate().filter_map(move |(at, (key, &choice))| {
            dropped.next_if_eq(&&at).is_none().then_some((key, usize::from(choice)))
        })
    }

    /// The same with their vectors; nothing where the table has none.
    pub(crate) fn exemplars(&self) -> impl Iterator<Item = (&str, usize, &[f32])> {
        let vectors = self.numbers.chunks_exact(self.dimension.max(1)).enumerate();
        let dropped = |at: &usize| self.dropped.binary_search(at).is_ok();
        let vectors = vectors.filter(move |(at, _)| !dropped(at));
        vectors.map(|(at, vector)| (self.keys.key(at), usize::from(self.choice[at]), vector))
    }

    /// Numbers of each vector; 0 where the table has none.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Bytes of its keys and vectors, more or less.
    fn n_bytes(&self) -> usize {
        self.keys.n_bytes() + size_of::<f32>() * self.numbers.len()
    }

    /// What its keys name, each once; `None` where the table names no labels.
    pub(crate) fn choices(&self) -> &[Option<Choice>] {
        &self.choices
    }
}

/// A table in a form for files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredTable {
    keys: Vec<String>,
    choice: Vec<u16>,
    choices: Vec<Option<Choice>>,
    dropped: Vec<usize>,
    numbers: Vec<f32>,
    dimension: usize,
}

impl KeyTable {
    /// The table in a form for files.
    pub(super) fn stored(&self) -> StoredTable {
        StoredTable {
            keys: self.keys.iter().map(str::to_owned).collect(),
            choice: self.choice.clone(),
            choices: self.choices.clone(),
            dropped: self.dropped.clone(),
            numbers: self.numbers.clone(),
            dimension: self.dimension,
        }
    }

    /// The table that was stored, if it can be one.
    pub(super) fn restore(stored: StoredTable) -> Option<Self> {
        let StoredTable { keys: texts, choice, choices, dropped, numbers, dimension } = stored;
        let n = texts.len();
        let known = choice.iter().all(|&choice| usize::from(choice) < choices.len());
        let ascending = dropped.is_sorted_by(|one, other| one < other);
        let sound = known
            && choice.len() == n
            && ascending
            && dropped.last().is_none_or(|&last| last < n)
            && n.checked_mul(dimension) == Some(numbers.len())
            && numbers.iter().all(|number| number.is_finite())
            && choices.iter().flatten().all(|choice| choice.is_in_order());
        let mut keys = Keys::default();
        let unique = texts.iter().all(|key| keys.insert(key).1);
        (sound && unique).then_some(Self { keys, choice, choices, dropped, numbers, dimension })
    }
}

/// The most that the keys and vectors of a table may take, in bytes: beside them there are indexes of them.
const MOST_BYTES: usize = 512 * MEGABYTE;

/// Bad rows of a table that are shown.
const SHOWN: usize = 5;

/// Reads a table of a spec, or says everything that is wrong with it.
pub(super) fn load(
    spec: &Spec,
    declared: &LookupTable,
    labels: &[String],
) -> Result<(KeyTable, Vec<Digest>), Vec<Problem>> {
    let mut fields = vec![Field::text(declared.key.value.clone())];
    fields.extend(declared.label.as_ref().map(|label| Field::text(label.value.clone())));
    fields.extend(declared.vector.as_ref().map(|vector| Field::vector(vector.value.clone())));
    let mut reader = Reader::new(declared, labels);
    let unreadable = |error: ReadError| vec![unreadable(declared, &error)];
    let allowed =
        |path: &Path| spec.check_reach(path, declared.file.place).map_err(|problem| vec![*problem]);
    let path = spec.resolve(&declared.file);
    // Before anything is looked up, so that nobody learns which files there are elsewhere; and then what
    // a pattern finds, one by one.
    allowed(&path)?;
    let path = &*path.to_string_lossy();
    let files = Files::new([path]).map_err(unreadable)?;
    files.paths().iter().try_for_each(|path| allowed(Path::new(path)))?;
    let mut source = files.open(&fields).map_err(unreadable)?;
    while let Some(batch) = source.next_batch().map_err(unreadable)? {
        reader.add(&batch);
        if reader.table.n_bytes() > MOST_BYTES {
            let most = MOST_BYTES / MEGABYTE;
            let message = format!("{path}: the keys and vectors take more than {most} megabytes");
            let help = "leave out keys that no text has, or split the data and the table alike";
            return Err(vec![Problem::new("too-large", declared.file.place, message).help(help)]);
        }
    }
    let digests = source.digests();
    reader.finish(path).map(|table| (table, digests))
}

/// Points at what the file was asked for, where that is what it lacks.
fn unreadable(declared: &LookupTable, error: &ReadError) -> Problem {
    let place = match &error {
        ReadError::MissingColumn { column, .. } | ReadError::DuplicateColumn { column, .. } => {
            let label = declared.label.as_ref().filter(|label| label.value == *column);
            let vector = declared.vector.as_ref().filter(|vector| vector.value == *column);
            label.or(vector).unwrap_or(&declared.key).place
        }
        ReadError::Vector { .. } => declared.vector.as_ref().unwrap_or(&declared.file).place,
        _ => declared.file.place,
    };
    Problem::new("lookup-file", place, error.to_string())
}

struct Reader<'a> {
    declared: &'a LookupTable,
    labels: &'a [String],
    table: KeyTable,
    /// Row number from 1, what is wrong, what to try, of the first bad rows.
    bad: Vec<(u64, String, String)>,
    n_bad: usize,
}

impl<'a> Reader<'a> {
    fn new(declared: &'a LookupTable, labels: &'a [String]) -> Self {
        let table = KeyTable {
            keys: Keys::default(),
            choice: Vec::new(),
            choices: Vec::new(),
            dropped: Vec::new(),
            numbers: Vec::new(),
            dimension: 0,
        };
        Self { declared, labels, table, bad: Vec::new(), n_bad: 0 }
    }

    fn add(&mut self, batch: &Batch) {
        for row in 0..batch.n_rows() {
            let key = batch.text(FieldId::FIRST, row).map(str::trim);
            let Some(key) = key.filter(|key| !key.is_empty()) else { continue };
            let label = FieldId::new(1).and_then(|label| batch.text(label, row));
            let vector = FieldId::new(1 + usize::from(self.declared.label.is_some()));
            let vector = vector.and_then(|vector| batch.vector(vector, row));
            let added = self.check_vector(key, vector).and_then(|vector| {
                let choice = self.choice(key, label)?;
                self.insert(key, choice, vector)
            });
            if let Err((what, help)) = added {
                self.n_bad += 1;
                if self.bad.len() == SHOWN {
                    continue;
                }
                self.bad.push((batch.start() + row as u64 + 1, what, help));
            }
        }
    }

    fn choice(&self, key: &str, label: Option<&str>) -> Result<Option<Choice>, (String, String)> {
        // Without labels something is wrong with all of them, which has been said.
        if self.declared.label.is_none() || self.labels.is_empty() {
            return Ok(None);
        }
        let help = || format!("the labels are {}", self.labels.join(", "));
        let Some(label) = label.map(str::trim) else {
            return Err((format!("the key `{key}` has no label"), help()));
        };
        let class_named =
            |name: &str| self.labels.iter().position(|known| known == name).and_then(ClassId::new);
        let choice = parse_cell(label, self.labels.len(), class_named)
            .ok_or_else(|| (format!("`{label}` is not one of the labels"), help()))?;
        let n = choice.classes().len();
        if choice.plain().is_none() && (n == 0 || n == self.labels.len()) {
            let message = format!("`{label}` is a vote for all labels or for none");
            return Err((message, help()));
        }
        Ok(Some(choice))
    }

    /// The vector of an exemplar, which must have a direction; none where the table has none.
    fn check_vector<'v>(
        &self,
        key: &str,
        vector: Option<&'v [f32]>,
    ) -> Result<&'v [f32], (String, String)> {
        let help = || "leave the row out, or give it the vector of an exemplar".to_owned();
        match vector {
            _ if self.declared.vector.is_none() => Ok(&[]),
            None => Err((format!("the key `{key}` has no vector"), help())),
            Some(vector) if vector.iter().all(|number| *number == 0.0) => {
                Err((format!("the vector of `{key}` is all zeros, and similar to nothing"), help()))
            }
            Some(vector) => Ok(vector),
        }
    }

    fn insert(
        &mut self,
        key: &str,
        choice: Option<Choice>,
        vector: &[f32],
    ) -> Result<(), (String, String)> {
        let table = &mut self.table;
        let (at, new) = table.keys.insert(key);
        if new {
            let known = table.choices.iter().position(|known| *known == choice);
            let position = known.unwrap_or(table.choices.len());
            if known.is_none() {
                table.choices.push(choice);
            }
            let position = u16::try_from(position);
            let position = position.map_err(|_| {
                let help = "name fewer different labels".to_owned();
                ("the table names too many different things to vote".to_owned(), help)
            })?;
            table.choice.push(position);
            table.numbers.extend_from_slice(vector);
            table.dimension = vector.len();
            return Ok(());
        }
        match self.declared.duplicates {
            DuplicateKeys::First => {}
            DuplicateKeys::Abstain => table.dropped.push(at),
            DuplicateKeys::Error => {
                let help = "say what to do with `duplicates: first` or `duplicates: abstain`";
                return Err((format!("the key `{key}` stands there twice"), help.to_owned()));
            }
        }
        Ok(())
    }

    fn finish(mut self, path: &str) -> Result<KeyTable, Vec<Problem>> {
        let place = self.declared.file.place;
        let problem = |message: String| Problem::new("lookup-row", place, message);
        if !self.bad.is_empty() {
            let more = self.n_bad - self.bad.len();
            let shown = self.bad.into_iter().map(|(row, what, help)| {
                problem(format!("{path}, data row {row}: {what}")).help(help)
            });
            let more = (more > 0).then(|| problem(format!("{path}: {more} more rows are wrong")));
            return Err(shown.chain(more).collect());
        }
        if self.table.keys.is_empty() {
            let message = format!("{path}: the table has no keys");
            return Err(vec![Problem::new("lookup-file", place, message)]);
        }
        self.table.dropped.sort_unstable();
        self.table.dropped.dedup();
        Ok(self.table)
    }
}
