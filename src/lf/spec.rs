//! The spec: what the user wrote, as plain data that keeps its places.

use super::choice::{ModelChoice, OutputChoice};
use super::document::decode_spec;
use super::error::{Problem, Problems, SpecErrors};
use super::gate::Gate;
use super::kinds::Body;
use super::label::Label;
use super::lint::LintPolicy;
use super::place::{Located, Place};
use super::reach::Reach;
use super::set::LfSet;
use super::sources::{Loaded, SpecText, Store, folder, load};
use super::variables::{Variable, fill};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A spec file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Spec {
    /// The file's name, for messages.
    pub path: String,
    /// The texts that it is made of: the file's own first, then those of the parts that it includes.
    pub sources: Vec<SpecText>,
    /// The variables.
    pub vars: Vec<Variable>,
    /// The labels, in order.
    pub labels: Vec<Located<String>>,
    /// The columns.
    pub input: Input,
    /// The tables.
    pub lookups: Vec<(Located<String>, LookupTable)>,
    /// The named conditions.
    pub utils: Vec<(Located<String>, Condition)>,
    /// The labeling functions.
    pub lfs: Vec<Declaration>,
    /// The slices: named conditions for rows to look at.
    pub slices: Vec<(Located<String>, Condition)>,
    /// The label model.
    pub model: ModelChoice,
    /// How hard labels are made.
    pub output: OutputChoice,
    /// What a run must reach.
    pub gates: Vec<Located<Gate>>,
    /// Where its tables and parts may be.
    pub reach: Reach,
    /// What is found fault with.
    pub lint: LintPolicy,
    /// Tables and named conditions that are there but could not be understood.
    pub(super) unreadable: Vec<String>,
    /// Labeling functions of which the same is true.
    pub(crate) unreadable_lfs: Vec<String>,
    /// Slices of which the same is true.
    pub(crate) unreadable_slices: Vec<String>,
}

/// Which columns there are, and where the data are.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Input {
    /// The column that text conditions read.
    #[serde(default)]
    pub text: Option<Located<String>>,
    /// The column with identifiers.
    #[serde(default)]
    pub id: Option<Located<String>>,
    /// The column with known labels to score against.
    #[serde(default)]
    pub gold: Option<Located<String>>,
    /// The column with known labels to learn from.
    #[serde(default)]
    pub learn: Option<Located<String>>,
    /// The column with times.
    #[serde(default)]
    pub time: Option<Located<String>>,
    /// The data, relative to the spec.
    #[serde(skip)]
    pub path: Vec<Located<String>>,
}

/// A table of keys.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LookupTable {
    /// The file, relative to the spec.
    pub file: Located<String>,
    /// The column with the keys.
    pub key: Located<String>,
    /// The column with labels, if the table names labels.
    #[serde(default)]
    pub label: Option<Located<String>>,
    /// The column with vectors, if the rows are exemplars to be similar to.
    #[serde(default)]
    pub vector: Option<Located<String>>,
    /// What to do with keys that stand there twice.
    #[serde(default)]
    pub duplicates: DuplicateKeys,
}

/// What to do with keys that stand in a table twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateKeys {
    /// They are an error.
    #[default]
    Error,
    /// The first counts.
    First,
    /// None counts.
    Abstain,
}

/// A condition: a kind and its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(crate) body: Body,
    /// SHA-256 of what it says.
    pub(crate) hash: [u8; 32],
    /// Where its kind is named.
    pub place: Place,
}

/// A labeling function as it was written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Declaration {
    /// Its name.
    pub name: Located<String>,
    /// What it votes and when; the label is `None` where the condition names it.
    pub votes: Vec<(Option<Label>, Condition)>,
    /// Where it abstains nevertheless.
    pub unless: Option<Condition>,
    /// What people should know.
    pub about: About,
    /// Its inline examples.
    pub examples: Examples,
    /// SHA-256 of what decides its votes: name, comments and layout aside.
    pub hash: String,
}

/// What people should know about a labeling function.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[non_exhaustive]
pub struct About {
    /// Why it should work.
    pub why: Option<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// Inline examples.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Examples {
    /// Rows it must vote on.
    pub matching: Vec<Example>,
    /// Rows it must abstain on.
    pub not_matching: Vec<Example>,
    /// Rows it should vote on one day.
    pub todo_matching: Vec<Example>,
}

/// One example row.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Example {
    /// Cells by column; a single text stands for the text column and has no name here.
    pub cells: Vec<(Option<Located<String>>, Option<String>)>,
    /// The label it should get, where the LF has several.
    pub label: Option<Located<String>>,
    /// Where it stands.
    pub place: Place,
}

impl Declaration {
    /// Its conditions, the exception last.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.votes.iter().map(|(_, when)| when).chain(&self.unless)
    }
}

impl Spec {
    /// Reads and parses a spec file, and the parts that it includes.
    ///
    /// # Errors
    /// [`SpecErrors`] with everything that is wrong with its form, and then with its names as well.
    /// The names of a spec of good form are resolved by [`LfSet::compile`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, SpecErrors> {
        Self::load(Parsed::read(path.as_ref(), &SpecOptions::default())?)
    }

    /// Parses the text of a spec; `path` is its name in messages, and what its files are relative to.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path).
    pub fn from_yaml(text: &str, path: &str) -> Result<Self, SpecErrors> {
        let main = SpecText { path: path.to_owned(), text: text.to_owned() };
        Self::load(Parsed::new(main, Store::Disk, &SpecOptions::default()))
    }

    /// Parses a spec whose texts were kept: the first is the spec, the others are its parts.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path).
    pub fn from_texts(texts: &[SpecText], options: &SpecOptions) -> Result<Self, SpecErrors> {
        match texts {
            [] => Err(SpecErrors::whole("", "io", "there is no text")),
            [main, ..] => Self::load(Parsed::new(main.clone(), Store::Kept(texts), options)),
        }
    }

    /// Reads a spec as far as its form is right, whatever else is wrong with it: enough for its names.
    ///
    /// # Errors
    /// [`SpecErrors`] when there is nothing to go on with, as when it is no YAML.
    pub fn sketch(path: impl AsRef<Path>) -> Result<Self, SpecErrors> {
        let Parsed { spec, problems, sources } =
            Parsed::read(path.as_ref(), &SpecOptions::default())?;
        spec.ok_or_else(|| SpecErrors::new(&sources, problems))
    }

    fn load(parsed: Parsed) -> Result<Self, SpecErrors> {
        let Parsed { spec, mut problems, sources } = parsed;
        // All problems come in one run: names are resolved even where the form is wrong.
        if let Some(spec) = spec.as_ref().filter(|_| !problems.is_empty()) {
            let errors = LfSet::compile(spec).err();
            problems.extend(errors.iter().flat_map(SpecErrors::problems).cloned());
        }
        spec.filter(|_| problems.is_empty()).ok_or_else(|| SpecErrors::new(&sources, problems))
    }

    /// Problems that were found after compiling, as errors of this spec.
    pub(crate) fn errors(&self, problems: Vec<Problem>) -> SpecErrors {
        SpecErrors::new(&self.sources, problems)
    }

    /// The text of the file that was named.
    pub(crate) fn text(&self) -> &str {
        self.sources.first().map_or("", |source| &source.text)
    }

    /// The line of a place, from 1, and the file that it is in.
    pub(super) fn line(&self, place: Place) -> (&str, usize) {
        let Some(source) = self.sources.get(place.file) else { return (&self.path, 1) };
        let before = source.text.get(..place.start).unwrap_or_default();
        (&source.path, before.matches('\n').count() + 1)
    }

    /// The files that it is made of: its own, those of its parts and its tables.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let sources = self.sources.iter().map(|source| PathBuf::from(&source.path));
        sources.chain(self.lookups.iter().map(|(_, table)| self.resolve(&table.file))).collect()
    }

    /// Checks that a file that is named at `place` may be read; see [`Reach`].
    pub(super) fn check_reach(&self, file: &Path, place: Place) -> Result<(), Box<Problem>> {
        self.reach.allows(folder(Path::new(&self.path)), file, place)
    }

    /// A file named in the spec, relative to the folder of the file that names it.
    #[must_use]
    pub fn resolve(&self, file: &Located<String>) -> PathBuf {
        match self.sources.get(file.place.file) {
            Some(source) => source.resolve(file),
            None => folder(Path::new(&self.path)).join(&file.value),
        }
    }
}

/// How a spec is loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpecOptions {
    /// Values of variables, by name, instead of those under `vars`.
    pub set: Vec<(String, String)>,
    /// Where its tables and parts may be.
    pub reach: Reach,
}

/// A spec as far as its form is right, and what is wrong with its form.
pub(crate) struct Parsed {
    pub(crate) spec: Option<Spec>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) sources: Vec<SpecText>,
}

impl Parsed {
    /// Reads a spec file and its parts.
    pub(crate) fn read(path: &Path, options: &SpecOptions) -> Result<Self, SpecErrors> {
        Ok(Self::new(SpecText::read(path)?, Store::Disk, options))
    }

    fn new(main: SpecText, store: Store<'_>, options: &SpecOptions) -> Self {
        let mut problems = Problems::default();
        let Loaded { sources, mut documents } = load(main, store, options.reach, &mut problems);
        let vars = fill(&mut documents, &options.set, &mut problems);
        let mut spec = decode_spec(&documents, &sources, vars, &mut problems);
        spec.iter_mut().for_each(|spec| spec.reach = options.reach);
        Self { spec, problems: problems.found, sources }
    }
}

impl Spec {
    /// A spec of these files that says nothing yet.
    pub(super) fn empty(sources: &[SpecText], vars: Vec<Variable>) -> Self {
        Self {
            path: sources.first().map(|source| source.path.clone()).unwrap_or_default(),
            sources: sources.to_vec(),
            vars,
            labels: Vec::new(),
            input: Input::default(),
            lookups: Vec::new(),
            utils: Vec::new(),
            lfs: Vec::new(),
            slices: Vec::new(),
            model: ModelChoice::default(),
            output: OutputChoice::default(),
            gates: Vec::new(),
            reach: Reach::default(),
            lint: LintPolicy::default(),
            unreadable: Vec::new(),
            unreadable_lfs: Vec::new(),
            unreadable_slices: Vec::new(),
        }
    }

    /// A copy without its texts, its labeling functions and its slices.
    pub(super) fn without_lfs(&self) -> Self {
        Self {
            path: self.path.clone(),
            sources: self.sources.iter().map(SpecText::without_text).collect(),
            vars: self.vars.clone(),
            labels: self.labels.clone(),
            input: self.input.clone(),
            lookups: self.lookups.clone(),
            utils: self.utils.clone(),
            lfs: Vec::new(),
            slices: Vec::new(),
            model: self.model.clone(),
            output: self.output.clone(),
            gates: Vec::new(),
            reach: self.reach,
            lint: LintPolicy::default(),
            unreadable: self.unreadable.clone(),
            unreadable_lfs: self.unreadable_lfs.clone(),
            unreadable_slices: self.unreadable_slices.clone(),
        }
    }
}
