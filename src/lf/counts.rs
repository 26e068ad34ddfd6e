//! What a part of the data comes to: distinct vote rows with their counts, and what goes with them.
//!
//! Everything that fitting, scoring and reporting need is a count by pattern. Counts of parts add up, in
//! any order and grouping, to the counts of the whole; so rows can stay on the machines that have them.

mod file;

use super::apply::Notes;
use super::pack::Packed;
use super::set::LfSet;
use super::tally::{Place, Tally};
use crate::input::Digest;
use crate::votes::{KnownLabels, RowLog};
use crate::{Names, Patterns};
use std::sync::Arc;

/// Counts of the votes on some rows: patterns, known labels, slices and periods by pattern, and what happened
/// to each labeling function.
///
/// [`LfSet::count`] makes it of a part of the data, [`merge`](Self::merge) adds parts, and
/// [`Job::fit`](crate::Job::fit) learns from it. Memory grows with the patterns, not with the rows.
///
/// ```
/// use jurat::input::Table;
/// use jurat::lf::{PatternCounts, Unwatched};
/// use jurat::{Job, Spec};
///
/// let job = Job::new(&Spec::from_yaml(
///     "spec: 1
/// labels: [spam, ham]
/// lfs:
///   - {name: promo, label: spam, when: {keyword: [subscribe]}}
///   - {name: thanks, label: ham, when: {keyword: [thanks]}}
/// ",
///     "inline.yaml",
/// )?)?;
/// let count = |text: &str| {
///     let rows = Table::new().text("text", [Some(text), None]);
///     job.lfs.count(rows.open(&job.lfs.fields())?.as_mut(), &Unwatched, None)
/// };
/// let there = PatternCounts::from_bytes(&count("subscribe")?.to_bytes()?)?;
/// let all = PatternCounts::merge([count("many thanks")?, there])?;
/// assert_eq!((all.n_rows(), all.patterns().len()), (4, 3));
/// let outcome = job.fit(all, &Unwatched)?;
/// assert_eq!(outcome.report.rows.coverage.count, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternCounts {
    pub(super) votes: Patterns,
    pub(super) known: KnownLabels,
    pub(super) tally: Tally<Place>,
    pub(super) notes: Vec<Notes>,
    pub(super) inputs: Vec<Digest>,
    pub(super) made_by: MadeBy,
}

/// What counted: parts are added only where it was the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MadeBy {
    /// For each labeling function a hash of what its votes depend on, and the columns it reads; empty for
    /// closures without a version, of which nobody knows.
    lfs: Vec<String>,
    /// Name and hash of each slice.
    slices: Vec<(String, String)>,
    /// The column with times.
    time: Option<String>,
}

/// Why counts cannot be read or added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountsError {
    /// Nothing to add.
    #[error("there are no counts to merge; give the files that `jurat patterns count` wrote")]
    Nothing,
    /// Parts that were counted by different sets.
    #[error("{what}; count every part with the same spec, tables and version of jurat")]
    Different {
        /// What is different.
        what: String,
    },
    /// The same file was counted twice.
    #[error(
        "{path} was counted in two of the parts, which would count its rows twice; leave one of them out"
    )]
    Twice {
        /// The file of rows.
        path: String,
    },
    /// More rows than can be counted exactly.
    #[error("the parts have more than 2^53 rows together")]
    TooMany,
    /// Not the form of counts.
    #[error("{}not a file of counts, as `jurat patterns count` writes them: {message}", name(path))]
    Damaged {
        /// The file; empty for bytes.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// Counts of another version.
    #[error(
        "{}counts of the format `{found}`, this version reads `{}`; count again with this version",
        name(path),
        file::FORMAT
    )]
    Format {
        /// The file; empty for bytes.
        path: String,
        /// The format that it names.
        found: String,
    },
}

fn name(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

/// Rows up to which counts are exact in JSON.
const MOST_ROWS: u64 = 1 << 53;

impl PatternCounts {
    /// Adds the counts of several parts.
    ///
    /// The result does not depend on their order, nor on which were added before.
    ///
    /// # Errors
    /// [`CountsError::Different`] when parts were counted by different labeling functions,
    /// [`CountsError::Twice`] when two have counted the same file, [`CountsError::Nothing`] without parts.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Result<Self, CountsError> {
        let parts: Vec<Self> = parts.into_iter().collect();
        let Some(first) = parts.first() else { return Err(CountsError::Nothing) };
        for part in &parts[1..] {
            first.made_by.check(&part.made_by, first.names(), part.names())?;
        }
        let rows = parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.n_rows()));
        if rows.is_none_or(|rows| rows > MOST_ROWS) {
            return Err(CountsError::TooMany);
        }
        let (names, made_by) = (first.names().clone(), first.made_by.clone());
        let (tally, notes) = (first.tally.emptied(), vec![Notes::default(); first.notes.len()]);
        let (patterns, rest): (Vec<Patterns>, Vec<_>) = parts
            .into_iter()
            .map(|part| (part.votes, (part.known, part.tally, part.notes, part.inputs)))
            .unzip();
        let (votes, numbers) = Patterns::merge_all(names, &patterns);
        let (known, inputs) = (KnownLabels::default(), Vec::new());
        let mut merged = Self { votes, known, tally, notes, inputs, made_by };
        for ((known, tally, notes, inputs), numbers) in rest.into_iter().zip(&numbers) {
            for (pattern, labels, rows) in known.iter() {
                merged.known.add(numbers[pattern], labels, rows);
            }
            merged.tally.join(tally.map(|(pattern, known)| (numbers[pattern as usize], known)));
            Notes::join(&mut merged.notes, notes);
            merged.inputs.extend(inputs);
        }
        let named = |input: &Digest| (input.path.clone(), input.sha256.clone());
        merged.inputs.sort_by_cached_key(named);
        match merged.inputs.windows(2).find(|pair| named(&pair[0]) == named(&pair[1])) {
            Some(pair) => Err(CountsError::Twice { path: pair[0].path.clone() }),
            None => Ok(merged),
        }
    }

    /// Refuses counts that this set would not have made.
    pub(crate) fn check(&self, set: &LfSet) -> Result<(), CountsError> {
        MadeBy::new(set).check(&self.made_by, set.names(), self.names())
    }

    /// The distinct vote rows with their counts.
    #[must_use]
    pub fn patterns(&self) -> &Patterns {
        &self.votes
    }

    /// The names of labeling functions and classes.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        self.votes.names()
    }

    /// Rows that were counted.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.votes.n_rows()
    }

    /// Known labels by pattern.
    #[must_use]
    pub fn known(&self) -> &KnownLabels {
        &self.known
    }

    /// The files that were counted, ordered by name where parts were merged; none for rows in memory.
    #[must_use]
    pub fn inputs(&self) -> &[Digest] {
        &self.inputs
    }

    /// What packing all these rows would have given, with `rows` for what there is of each.
    pub(crate) fn packed(self, set: &LfSet, rows: RowLog) -> Packed {
        let groups = self.tally.groups(set.slices());
        let Self { votes, known, notes, inputs, .. } = self;
        Packed { votes, rows, known, groups, notes, inputs }
    }
}

impl MadeBy {
    pub(super) fn new(set: &LfSet) -> Self {
        let of = |set: &LfSet| -> Vec<String> {
            let lf = |lf: &super::set::Lf| {
                let Some(identity) = &lf.identity else { return String::new() };
                let mut hash = super::identity::KeyHasher::default();
                hash.add(&identity.key.to_le_bytes());
                for field in &identity.fields {
                    hash.add(set.fields[field.index()].name.as_bytes());
                }
                format!("{:032x}", hash.key())
            };
            set.lfs.iter().map(lf).collect()
        };
        let slices = set
            .slices
            .as_deref()
            .map(|slices| slices.names().lfs.iter().cloned().zip(of(slices)).collect());
        Self { lfs: of(set), slices: slices.unwrap_or_default(), time: set.time.clone() }
    }

    /// Says what is different, the most telling thing first.
    fn check(&self, other: &Self, ours: &Names, theirs: &Names) -> Result<(), CountsError> {
        let different = |what: String| Err(CountsError::Different { what });
        let list = |names: &[String]| format!("`{}`", names.join("`, `"));
        if ours.classes != theirs.classes {
            let (one, other) = (list(&ours.classes), list(&theirs.classes));
            return different(format!("the labels are {one} in one part and {other} in another"));
        }
        let missing = |these: &[String], those: &[String]| {
            these.iter().find(|name| !those.contains(name)).cloned()
        };
        let alone = missing(&ours.lfs, &theirs.lfs).or_else(|| missing(&theirs.lfs, &ours.lfs));
        if let Some(lf) = alone {
            return different(format!("only some of the parts have the labeling function `{lf}`"));
        }
        if ours.lfs != theirs.lfs {
            return different("the labeling functions stand in another order".to_owned());
        }
        let mut pairs = ours.lfs.iter().zip(self.lfs.iter().zip(&other.lfs));
        let changed =
            |(one, other): (&String, &String)| one != other && !one.is_empty() && !other.is_empty();
        if let Some((lf, _)) = pairs.find(|(_, pair)| changed(*pair)) {
            return different(format!("the labeling function `{lf}` is not the same in all parts"));
        }
        if self.slices != other.slices {
            return different("the slices are not the same in all parts".to_owned());
        }
        if self.time != other.time {
            return different("the columns with times are not the same in all parts".to_owned());
        }
        if ours != theirs {
            return different("the parts know different votes".to_owned());
        }
        Ok(())
    }

    /// Whether it could have counted with these names and groups.
    fn fits(&self, n_lfs: usize, tally: &Tally<Place>) -> bool {
        let columns = (self.time.as_ref(), tally.times.as_ref().map(|times| &times.column));
        self.lfs.len() == n_lfs && self.slices.len() == tally.slices.len() && columns.0 == columns.1
    }
}
