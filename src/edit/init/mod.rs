//! `jurat init`: a first spec for a table.
//!
//! The first rows say which column is what ([`profile`], [`roles`]), a random sample which words tell
//! labels apart ([`sample`], [`terms`]); what comes of it is written with its counts beside it
//! ([`write`]), so that an expert only has to delete lines. The proposal is checked like any spec, its
//! examples too.

mod examples;
mod profile;
mod roles;
mod sample;
mod terms;
mod write;

use super::{EditError, format};
use crate::input::{Files, ReadError};
use crate::lf::{ExampleOutcome, LfSet, Spec};
use profile::{Profile, Profiles, profiles};
use roles::{Roles, roles};
use sample::{Sample, sample};
use std::path::Path;
use terms::{Index, Term};

/// What is wanted of a first spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// The column with the text; by default the one with the most to read.
    pub text: Option<String>,
    /// The column with identifiers; by default one that is different in every row, and short.
    pub id: Option<String>,
    /// The column with known labels; by default one with few values and a name such as `label`.
    pub gold: Option<String>,
    /// The labels; by default those in the column with known labels.
    pub labels: Vec<String>,
    /// Whether rows may be quoted as examples.
    pub examples: bool,
    /// The JSON Schema that the first line names, for editors; relative to the spec.
    pub schema: Option<String>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { text: None, id: None, gold: None, labels: Vec::new(), examples: true, schema: None }
    }
}

/// A first spec.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// Its text.
    pub text: String,
    /// What was found in the data, a sentence each.
    pub found: Vec<String>,
}

/// A labeling function that looks for words.
struct Words {
    /// The place of its label.
    label: usize,
    name: String,
    terms: Vec<Term>,
    matching: Vec<String>,
    not_matching: Vec<String>,
}

/// Everything that is written down.
struct Draft<'a> {
    wishes: &'a Wishes,
    /// What the data are called.
    data: String,
    profiles: Vec<Profile>,
    /// Columns of vectors, and others that cannot be used.
    vectors: Vec<String>,
    left_out: Vec<String>,
    roles: Roles,
    sample: Sample,
    labels: Vec<String>,
    /// What stands among the known labels and is none of the labels: a run would stop there.
    strange: Vec<String>,
    /// Whether labels are known of some rows; otherwise nobody has sorted the words.
    supervised: bool,
    words: Vec<Words>,
    /// Words and phrases of all rows, where labels are not known.
    unsorted: Vec<Term>,
}

/// Labels that get words of their own, and words for each; words to sort by hand.
const MOST_LFS: usize = 30;
const MOST_WORDS: usize = 12;
const MOST_UNSORTED: usize = 40;

/// Labels of a spec that has none yet.
const PLACEHOLDERS: [&str; 2] = ["rename-me-1", "rename-me-2"];

impl Wishes {
    /// Looks at the data and proposes a spec; the path is that of the spec, for messages.
    ///
    /// Files are read twice, the second time the first million rows of two columns.
    ///
    /// # Errors
    /// [`EditError::Read`] for what is wrong with the data, [`EditError::NotLabels`] when a column that was
    /// named as gold does not hold labels.
    pub fn propose(&self, files: &Files, path: &str) -> Result<Proposal, EditError> {
        let mut draft = self.draft(files)?;
        let text = draft.checked(path)?;
        Ok(Proposal { text, found: draft.found() })
    }

    fn draft(&self, files: &Files) -> Result<Draft<'_>, EditError> {
        let Profiles { columns, mut vectors, left_out } = profiles(files)?;
        let wanted = [&self.text, &self.id, &self.gold];
        let named = |name: &String| wanted.iter().any(|wish| wish.as_ref() == Some(name));
        let (of_vectors, profiles): (Vec<_>, Vec<_>) =
            columns.into_iter().partition(|column| column.is_vector() && !named(&column.name));
        vectors.extend(of_vectors.into_iter().map(|column| column.name));
        let data = files.paths().first().map_or("", String::as_str);
        if profiles.is_empty() {
            return Err(EditError::NoColumns { path: data.to_owned(), left_out });
        }
        let place = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => match profiles.iter().position(|column| column.name == *name) {
                Some(at) => Ok(Some(at)),
                None => Err(ReadError::MissingColumn {
                    path: data.to_owned(),
                    column: name.clone(),
                    available: profiles.iter().map(|column| column.name.clone()).collect(),
                }),
            },
        };
        let given = Roles {
            text: place(&self.text)?,
            id: place(&self.id)?,
            gold: place(&self.gold)?,
            ..Roles::default()
        };
        let mut roles = roles(&profiles, given);
        let name = |at: Option<usize>| at.map(|at| profiles[at].name.as_str());
        let mut sample = sample(files, name(roles.text), name(roles.gold))?;
        if sample.labels.is_none() {
            if let Some(column) = &self.gold {
                return Err(EditError::NotLabels { column: column.clone() });
            }
            roles.gold = None;
        }
        let mut labels = self.labels.clone();
        let known = sample.labels.clone().unwrap_or_default();
        if labels.is_empty() {
            labels = known.iter().map(|(label, _)| label.clone()).collect();
        }
        // The places of labels are those in the spec from here on.
        let places: Vec<Option<usize>> =
            known.iter().map(|(known, _)| labels.iter().position(|label| label == known)).collect();
        let strange = known.iter().zip(&places).filter(|(_, place)| place.is_none());
        let strange = strange.map(|((label, _), _)| label.clone()).chain(sample.no_label.clone());
        let strange = strange.collect();
        for document in &mut sample.documents {
            document.class = document.class.and_then(|at| places[at]);
        }
        let supervised = places.iter().flatten().count() >= 2;
        for name in PLACEHOLDERS {
            if labels.len() < 2 {
                labels.push(name.to_owned());
            }
        }
        let files = files.paths().iter().take(2).map(|path| {
            Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
        });
        let data = files.collect::<Vec<_>>().join(", ");
        let (words, unsorted) = (Vec::new(), Vec::new());
        let mut draft = Draft {
            wishes: self,
            data,
            profiles,
            vectors,
            left_out,
            roles,
            sample,
            labels,
            strange,
            supervised,
            words,
            unsorted,
        };
        draft.look_for_words();
        Ok(draft)
    }
}

impl Draft<'_> {
    fn look_for_words(&mut self) {
        let documents = &self.sample.documents;
        let index = Index::new(documents);
        if self.supervised {
            for label in 0..self.labels.len().min(MOST_LFS) {
                let terms = index.of_class(documents, label, MOST_WORDS);
                if !terms.is_empty() {
                    let name = self.name(label);
                    self.words.push(Words::new(label, name, terms));
                }
            }
        } else {
            self.unsorted = index.of_all(MOST_UNSORTED);
            let mut seeds = self.unsorted.drain(..2.min(self.unsorted.len())).collect::<Vec<_>>();
            seeds.reverse();
            for label in 0..2 {
                let Some(term) = seeds.pop() else { break };
                let name = self.name(label);
                self.words.push(Words::new(label, name, vec![term]));
            }
        }
        if self.wishes.examples && self.supervised {
            for words in &mut self.words {
                (words.matching, words.not_matching) =
                    examples::of(&self.sample.documents, words.label, &words.terms);
            }
        }
    }

    /// The name of the labeling function for a label, which no other has.
    fn name(&self, label: usize) -> String {
        let words = roles::words(&self.labels[label]).join("-");
        let short: String = words.chars().take(40).collect();
        let name = if short.is_empty() { format!("label-{}", label + 1) } else { short };
        let taken = |name: &str| self.words.iter().any(|words| words.name == name);
        let plain = format!("{name}-words");
        if taken(&plain) { format!("{name}-{}-words", label + 1) } else { plain }
    }

    /// The text, which compiles and of which all examples hold.
    fn checked(&mut self, path: &str) -> Result<String, EditError> {
        let mut text = format(&self.write(), path)?;
        let failed = |text: &str| -> Result<bool, EditError> {
            let spec = Spec::from_yaml(text, path)?;
            let results = LfSet::compile(&spec)?.run_examples(&spec)?;
            Ok(results.iter().any(|result| result.outcome == ExampleOutcome::Failed))
        };
        if failed(&text)? {
            // A word was found that is none for keywords, as in scripts without blanks.
            for words in &mut self.words {
                (words.matching, words.not_matching) = Default::default();
            }
            text = format(&self.write(), path)?;
            failed(&text)?;
        }
        Ok(text)
    }
}

impl Words {
    fn new(label: usize, name: String, terms: Vec<Term>) -> Self {
        Self { label, name, terms, matching: Vec::new(), not_matching: Vec::new() }
    }
}
