//! A compiled set of labeling functions: immutable, and shared by threads.

use super::answers::{Reader, Slot};
use super::closure::{Cast, Closure, Row, RowBatch, RowVotes};
use super::digest::TableDigest;
use super::error::SpecErrors;
use super::fingerprint;
use super::identity::Identity;
use super::kind::Voter;
use super::recipe::{self, Recipe, Tables};
use super::spec::{About, Spec};
use crate::input::{Digest, Field};
use crate::{ChoiceId, FieldId, MatrixError, Names};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Labeling functions that can vote: those of a spec, Rust closures, or both.
///
/// ```
/// use jurat::input::{Field, Table};
/// use jurat::{LfSet, Spec};
///
/// let spec = Spec::from_yaml(
///     "spec: 1
/// labels: [spam, ham]
/// lfs:
///   - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
/// ",
///     "inline.yaml",
/// )?;
/// let lfs = LfSet::compile(&spec)?
///     .with("short", &[Field::text("text")], |row| {
///         (row.text("text")?.len() < 10).then_some("ham")
///     })?;
/// let rows = Table::new().text("text", [Some("Subscribe!"), Some("nice")]);
/// let applied = lfs.apply(rows.open(&lfs.fields())?.as_mut())?;
/// assert_eq!(applied.matrix.n_votes(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A clone shares what was compiled.
#[derive(Clone)]
pub struct LfSet {
    pub(super) names: Arc<Names>,
    /// The id of each choice that the conditions know.
    pub(super) known: Vec<ChoiceId>,
    pub(super) text: String,
    pub(super) fields: Vec<Field>,
    pub(super) id: Option<String>,
    pub(super) gold: Option<String>,
    pub(super) learn: Option<String>,
    /// The column with times.
    pub(super) time: Option<String>,
    /// A set in which to vote is to be in a slice; its columns are the first of `fields`.
    pub(super) slices: Option<Arc<LfSet>>,
    pub(super) lfs: Vec<Lf>,
    pub(super) levels: Arc<Vec<Vec<Box<dyn Voter>>>>,
    /// Who reads each slot.
    pub(super) readers: Vec<Reader>,
    /// The parts of the condition of each slot.
    pub(super) parts: Vec<Vec<Slot>>,
    pub(super) lookups: Vec<Digest>,
    pub(super) tables: Vec<TableDigest>,
    /// What the set was compiled from.
    pub(super) recipe: Option<Arc<Recipe>>,
}

/// One labeling function.
#[derive(Clone)]
pub(super) struct Lf {
    pub(super) rule: Rule,
    pub(super) about: About,
    pub(super) hash: String,
    /// What its votes depend on; none for a closure without a version.
    pub(super) identity: Option<Identity>,
}

/// How a labeling function comes to its vote.
#[derive(Clone)]
pub(super) enum Rule {
    /// One condition, whose answers are the votes.
    Alone(Slot),
    /// The first condition that holds gives the label, where `unless` does not hold.
    Conditions { votes: Vec<(Option<ChoiceId>, Slot)>, unless: Option<Slot> },
    /// Rust code.
    Closure(Closure),
}

impl LfSet {
    /// Compiles the labeling functions of a spec, and reads its tables.
    ///
    /// # Errors
    /// [`SpecErrors`] with every name that resolves to nothing, every bad pattern and every table
    /// that cannot be used.
    pub fn compile(spec: &Spec) -> Result<Self, SpecErrors> {
        recipe::compile(spec, Tables::default())
    }

    /// A set without labeling functions, to which closures are added.
    ///
    /// # Errors
    /// [`MatrixError`] when a class stands twice.
    pub fn new(classes: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, MatrixError> {
        Ok(Self {
            names: Names::new(Vec::<String>::new(), classes)?,
            known: Vec::new(),
            text: "text".to_owned(),
            fields: Vec::new(),
            id: None,
            gold: None,
            learn: None,
            time: None,
            slices: None,
            lfs: Vec::new(),
            levels: Arc::default(),
            readers: Vec::new(),
            parts: Vec::new(),
            lookups: Vec::new(),
            tables: Vec::new(),
            recipe: None,
        })
    }

    /// Adds a labeling function written in Rust; it reads only the columns in `fields`.
    ///
    /// The closure gets a [`Row`] and gives a class, its name, or `None` to abstain; or another vote that
    /// was declared with [`may_vote`](Self::may_vote). If it panics, or
    /// names a class that does not exist, it abstains on that row and the failure is recorded with
    /// row and message in [`Notes`](super::Notes).
    ///
    /// # Errors
    /// [`MatrixError`] when the name is taken or there are too many labeling functions or columns.
    pub fn with<C: Into<Cast>>(
        self,
        name: &str,
        fields: &[Field],
        vote: impl Fn(&Row<'_>) -> Option<C> + Send + Sync + 'static,
    ) -> Result<Self, MatrixError> {
        self.closure(name, fields, |columns| {
            Closure::new(columns, move |row| vote(row).map(Into::into))
        })
    }

    /// Adds a labeling function that votes on many rows at a time, for those to whom every call is dear:
    /// interpreters, models, other machines. How many rows come together is not for it to choose, and its
    /// votes must not depend on it.
    ///
    /// The closure gives, for each row of a [`RowBatch`] in order, what one of [`with`](Self::with) gives, or
    /// what went wrong: then it abstains on the row, and this is recorded in [`Notes`](super::Notes).
    ///
    /// ```
    /// use jurat::LfSet;
    /// use jurat::input::{Column, Field, Table};
    ///
    /// let lfs = LfSet::new(["long", "short"])?;
    /// let lfs = lfs.with_batches("length", &[Field::text("text")], |rows| {
    ///     let Some((_, Some(Column::Text(texts)))) = rows.columns().next() else { return Vec::new() };
    ///     texts.iter().map(|text| Ok(text.map(|t| if t.len() > 5 { "long" } else { "short" }))).collect()
    /// })?;
    /// let rows = Table::new().text("text", [Some("nice"), None, Some("Subscribe!")]);
    /// assert_eq!(lfs.apply(rows.open(&lfs.fields())?.as_mut())?.matrix.n_votes(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn with_batches<C: Into<Cast>>(
        self,
        name: &str,
        fields: &[Field],
        vote: impl Fn(&RowBatch<'_>) -> RowVotes<C> + Send + Sync + 'static,
    ) -> Result<Self, MatrixError> {
        self.closure(name, fields, |columns| {
            Closure::of_batches(columns, move |rows| {
                vote(rows).into_iter().map(|cast| cast.map(|cast| cast.map(Into::into))).collect()
            })
        })
    }

    fn closure(
        mut self,
        name: &str,
        fields: &[Field],
        make: impl FnOnce(Vec<(String, FieldId)>) -> Closure,
    ) -> Result<Self, MatrixError> {
        let lfs = self.names.lfs.iter().map(String::as_str).chain([name]);
        let classes = self.names.classes.iter().map(String::as_str);
        let choices = self.names.rich_choices().iter().cloned();
        self.names = Names::with_choices(lfs, classes, choices)?;
        let mut columns = Vec::new();
        for field in fields {
            let known = self.fields.iter().position(|known| known == field);
            let index = known.unwrap_or_else(|| {
                self.fields.push(field.clone());
                self.fields.len() - 1
            });
            let id = FieldId::new(index).ok_or(MatrixError::TooMany {
                what: "columns",
                count: index,
                limit: FieldId::LIMIT,
            })?;
            columns.push((field.name.clone(), id));
        }
        let closure = make(columns);
        let (about, hash) = (About::default(), String::new());
        self.lfs.push(Lf { rule: Rule::Closure(closure), about, hash, identity: None });
        Ok(self)
    }

    /// Gives the closure that was added last a version, so that its votes may be kept in a
    /// [`VoteCache`](super::VoteCache). Change it whenever what the closure votes changes: nothing else
    /// tells.
    ///
    /// A closure whose votes depend on anything but the cells of its columns and the number of the row,
    /// such as a file or a clock, must not have one.
    #[must_use]
    pub fn versioned(mut self, version: &str) -> Self {
        if let (Some(lf), Some(name)) = (self.lfs.last_mut(), self.names.lfs.last())
            && let Rule::Closure(closure) = &lf.rule
        {
            let identity = Identity::of_closure(name, version, &self.names.classes, closure);
            lf.hash = format!("{:032x}", identity.key);
            lf.identity = Some(identity);
        }
        self
    }

    /// Declares what closures vote beyond plain classes: `a|b` for one of several, `!a` for any other,
    /// `a@0.7-0.9` for a class with a score, as [`Names::cell`] writes them. Closures name them so.
    ///
    /// ```
    /// use jurat::LfSet;
    /// use jurat::input::{Field, Table};
    ///
    /// let lfs = LfSet::new(["cat", "dog", "fox"])?.may_vote(["cat|dog", "!cat"])?;
    /// let lfs = lfs.with("pet", &[Field::text("text")], |row| {
    ///     row.text("text")?.contains("collar").then_some("cat|dog")
    /// })?;
    /// let rows = Table::new().text("text", [Some("a blue collar"), Some("a tail")]);
    /// let votes = lfs.apply(rows.open(&lfs.fields())?.as_mut())?.matrix;
    /// assert_eq!(votes.names().choice_name(votes.row(0)[0].choice), "not fox");
    /// assert!(votes.row(1).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MatrixError`] for a vote that names no class, all classes, or one that does not exist.
    pub fn may_vote(
        mut self,
        votes: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, MatrixError> {
        let mut choices = Vec::new();
        for vote in votes {
            let vote = vote.as_ref();
            let unknown = || MatrixError::UnknownVote { vote: vote.to_owned() };
            choices.push(self.names.parse_cell(vote).ok_or_else(unknown)?);
        }
        let names = self.names.and_choices(choices)?;
        // What the conditions vote may have another id now.
        let id = |old: ChoiceId| {
            let choice = self.names.choices().get(old.index());
            choice.and_then(|choice| names.choice_id(choice)).unwrap_or(old)
        };
        self.known = self.known.iter().map(|&old| id(old)).collect();
        self.names = names;
        Ok(self)
    }

    /// Reads identifiers from this column, or from none.
    #[must_use]
    pub fn with_id(mut self, column: Option<String>) -> Self {
        self.id = column;
        self
    }

    /// Reads known labels to score against from this column, or from none: data to be labeled often have
    /// none.
    #[must_use]
    pub fn with_gold(mut self, column: Option<String>) -> Self {
        self.gold = column;
        self
    }

    /// Reads known labels to learn from, for some of the rows, from this column, or from none. It may be
    /// the column to score against.
    #[must_use]
    pub fn with_learn(mut self, column: Option<String>) -> Self {
        self.learn = column;
        self
    }

    /// The column with identifiers.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The column with known labels to score against.
    #[must_use]
    pub fn gold(&self) -> Option<&str> {
        self.gold.as_deref()
    }

    /// Reads times from this column, or from none.
    #[must_use]
    pub fn with_time(mut self, column: Option<String>) -> Self {
        self.time = column;
        self
    }

    /// The same without its slices.
    #[must_use]
    pub fn without_slices(mut self) -> Self {
        self.slices = None;
        self
    }

    /// The same without columns of known labels and times, and without slices: what is needed for votes.
    #[must_use]
    pub fn votes_only(self) -> Self {
        self.with_gold(None).with_learn(None).with_time(None).without_slices()
    }

    /// The names of the slices, in order.
    #[must_use]
    pub fn slices(&self) -> &[String] {
        self.slices.as_ref().map_or(&[], |slices| &slices.names.lfs)
    }

    /// The column with known labels to learn from.
    #[must_use]
    pub fn learn(&self) -> Option<&str> {
        self.learn.as_deref()
    }

    /// The names of labeling functions and classes.
    #[must_use]
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// The columns to read, in the order in which a source must be opened with them: those of the
    /// labeling functions, then identifiers, then known labels to score against and to learn from, then times.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let id = self.id.iter().map(Field::id);
        let known = self.gold.iter().chain(&self.learn).chain(&self.time).map(Field::text);
        self.fields.iter().cloned().chain(id).chain(known).collect()
    }

    /// The columns that labeling functions read: the first ones of [`fields`](Self::fields).
    #[must_use]
    pub fn lf_fields(&self) -> &[Field] {
        &self.fields
    }

    /// Where identifiers, known labels, to score against and to learn from, and times stand among
    /// [`fields`](Self::fields).
    pub(crate) fn extra_fields(&self) -> [Option<FieldId>; 4] {
        let mut next = self.fields.len();
        [&self.id, &self.gold, &self.learn, &self.time].map(|column| {
            column.as_ref().and_then(|_| {
                next += 1;
                FieldId::new(next - 1)
            })
        })
    }

    /// What people should know about each labeling function, in order.
    #[must_use]
    pub fn about(&self) -> impl ExactSizeIterator<Item = &About> {
        self.lfs.iter().map(|lf| &lf.about)
    }

    /// The hash of what decides each labeling function's votes in its own text, in order; empty for
    /// closures without a [version](Self::versioned).
    #[must_use]
    pub fn hashes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lfs.iter().map(|lf| lf.hash.as_str())
    }

    /// What the votes of each labeling function depend on, as a hash by name: conditions, named ones that
    /// it refers to, and the contents of tables. Without an entry for closures that have no version.
    #[must_use]
    pub fn identities(&self) -> BTreeMap<String, String> {
        let names = self.names.lfs.iter().zip(&self.lfs);
        let key = |lf: &Lf| lf.identity.as_ref().map(|identity| format!("{:032x}", identity.key));
        names.filter_map(|(name, lf)| Some((name.clone(), key(lf)?))).collect()
    }

    /// What each labeling function refers to beyond its own text, in order: the hash of the named
    /// conditions and columns, and the names of the tables; none for closures.
    pub(crate) fn references(&self) -> impl Iterator<Item = Option<(&str, &[String])>> {
        self.lfs.iter().map(|lf| {
            let references = lf.identity.as_ref()?.references.as_ref()?;
            Some((references.utils.as_str(), references.tables.as_slice()))
        })
    }

    /// The columns that the labeling functions read, in the order of their names: what the fingerprint
    /// of a row is made of.
    #[must_use]
    pub fn columns(&self) -> Vec<Field> {
        fingerprint::in_order(&self.fields).into_iter().map(|(_, field)| field.clone()).collect()
    }

    /// The files of the tables that were read.
    #[must_use]
    pub fn lookups(&self) -> &[Digest] {
        &self.lookups
    }

    /// The tables that were read, in the order of the spec.
    #[must_use]
    pub fn tables(&self) -> &[TableDigest] {
        &self.tables
    }
}

impl std::fmt::Debug for LfSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LfSet")
            .field("names", &self.names)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
