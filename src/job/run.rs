//! A finished run directory, read again: to show it, to explain it, to compare it.

use super::{GOLD, Job, LEARN, MODEL, Manifest, REPORT, Use, resolve, spec_file};
use crate::bounded::{self, WHOLE_FILE};
use crate::input::Files;
use crate::lf::{Reach, Spec, SpecOptions, SpecText};
use crate::model::{Decision, FittedModel, Policy};
use crate::names::nearest;
use crate::output::{MANIFEST, MANIFEST_FORMAT};
use crate::votes::{VotesFile, VotesOptions};
use crate::{Error, Report};
use std::path::{Path, PathBuf};

/// A finished run.
///
/// Its parts are read when they are asked for.
#[derive(Debug, Clone)]
pub struct Run {
    folder: PathBuf,
    manifest: Manifest,
}

/// Why a run directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is no manifest.
    #[error(
        "{folder} is not a run directory: {message}; give the folder that `jurat run -o` wrote"
    )]
    NotARun {
        /// The folder.
        folder: String,
        /// What the system said of its manifest.
        message: String,
    },
    /// No such row.
    #[error(
        "there is no row `{row}`: give {identifiers}the number of a row, from 0 to {}",
        rows.saturating_sub(1)
    )]
    NoRow {
        /// What was asked for.
        row: String,
        /// What else names a row.
        identifiers: String,
        /// Rows of the run.
        rows: u64,
    },
    /// No such labeling function.
    #[error(
        "the run has no labeling function `{name}`{}",
        nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
    )]
    NoLf {
        /// What was asked for.
        name: String,
        /// The one with the nearest name.
        nearest: Option<String>,
    },
    /// Rows of the data are no longer what was voted on.
    #[error(
        "{changed} of {rows} rows of the data are no longer what was voted on, the first of them row {first}, \
         counted from 0; make the run again, or name the data as they were (--data)"
    )]
    Changed {
        /// Rows that are others now.
        changed: u64,
        /// Rows of the run.
        rows: u64,
        /// The first of them, from 0.
        first: u64,
    },
    /// The data have more or fewer rows than the run.
    #[error(
        "the data have {found} rows, the run has {rows}; make the run again, or name the data as they were (--data)"
    )]
    OtherRows {
        /// Rows of the data.
        found: u64,
        /// Rows of the run.
        rows: u64,
    },
    /// A table was changed since.
    #[error(
        "the table `{name}` was changed since the run, so that labeling functions vote otherwise now; put it back as it \
         was, or make the run again"
    )]
    OtherTable {
        /// Its name.
        name: String,
    },
    /// A run that was fitted on counts.
    #[error(
        "{folder} was fitted on counts of patterns and holds no rows; label them where they are with `jurat label`"
    )]
    NoRows {
        /// The folder.
        folder: String,
    },
    /// A file in it is missing or cannot be understood.
    #[error("{path} is damaged or of another version: {message}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
}

impl RunError {
    /// No labeling function of this name among those that there are.
    pub(crate) fn no_lf<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> Self {
        let known = known.into_iter().map(String::as_str);
        let nearest = nearest(name, known).map(str::to_owned);
        Self::NoLf { name: name.to_owned(), nearest }
    }
}

impl Run {
    /// Opens a run directory.
    ///
    /// # Errors
    /// [`RunError`] when it is none.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, RunError> {
        let folder = folder.as_ref().to_owned();
        let path = folder.join(MANIFEST);
        let text = bounded::read_text(&path, WHOLE_FILE).map_err(|error| RunError::NotARun {
            folder: folder.display().to_string(),
            message: format!("{}: {error}", path.display()),
        })?;
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| damaged(&path, &error))?;
        if manifest.format != MANIFEST_FORMAT {
            let message = format!("its format is `{}`, not `{MANIFEST_FORMAT}`", manifest.format);
            return Err(damaged(&path, &message));
        }
        Ok(Self { folder, manifest })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it was made.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its report.
    ///
    /// # Errors
    /// [`RunError::Damaged`].
    pub fn report(&self) -> Result<Report, RunError> {
        let path = self.folder.join(REPORT);
        Report::from_json(&read(&path)?).map_err(|error| damaged(&path, &error))
    }

    /// Its fitted label model.
    ///
    /// # Errors
    /// [`RunError::Damaged`].
    pub fn model(&self) -> Result<FittedModel, RunError> {
        let path = self.folder.join(MODEL);
        FittedModel::from_json(&read(&path)?).map_err(|error| damaged(&path, &error))
    }

    /// The spec as it was, and what it asks for, with the gold files of the run; its tables are read as
    /// they are now.
    ///
    /// # Errors
    /// [`Error::Run`] when its text is gone, [`Error::Spec`] when a table is.
    pub fn job(&self) -> Result<(Spec, Job), Error> {
        let spec = self.spec()?;
        let mut job = Job::new(&spec)?;
        let columns = &self.manifest.columns;
        job.lfs = job
            .lfs
            .with_id(columns.id.clone())
            .with_gold(columns.gold.clone())
            .with_learn(columns.learn.clone());
        for (record, name, what) in [
            (&self.manifest.gold_file, GOLD, Use::Gold),
            (&self.manifest.learn_file, LEARN, Use::Learn),
        ] {
            if record.is_some() {
                job = job.with_gold_file(&self.folder.join(name), what)?;
            }
        }
        Ok((spec, job))
    }

    /// How its hard labels were chosen from probabilities.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Spec`] when the text of the spec is gone or cannot be understood.
    pub fn decision(&self) -> Result<Decision, Error> {
        let spec = self.spec()?;
        let mut problems = Vec::new();
        let policy = resolve::policy(&spec, &mut problems);
        if !problems.is_empty() {
            return Err(spec.errors(problems).into());
        }
        Ok(self.decided(policy))
    }

    /// The decision that a policy came to.
    pub(crate) fn decided(&self, policy: Policy) -> Decision {
        Decision::restored(policy, self.manifest.offsets.clone())
    }

    /// The spec as it was.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Spec`] when its text is gone or cannot be understood.
    pub fn spec(&self) -> Result<Spec, Error> {
        let Manifest { spec, parts, set, outside, .. } = &self.manifest;
        let mut texts = Vec::new();
        for (source, file) in std::iter::once(spec).chain(parts).enumerate() {
            let text = read(&self.folder.join(spec_file(source)))?;
            texts.push(SpecText { path: file.path.clone(), text });
        }
        let set =
            set.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let reach = if *outside { Reach::Anywhere } else { Reach::Folder };
        Ok(Spec::from_texts(&texts, &SpecOptions { set: set.collect(), reach })?)
    }

    /// The data that it was made from, where they were, or `elsewhere` if that is not empty.
    ///
    /// # Errors
    /// [`Error::Read`] for a pattern that matches nothing.
    pub fn data(&self, elsewhere: &[String]) -> Result<Files, Error> {
        let files = if elsewhere.is_empty() {
            Files::new(self.manifest.inputs.iter().map(|input| &input.path))?
        } else {
            Files::new(elsewhere)?
        };
        Ok(match &self.manifest.data.format {
            Some(format) => files.with_format(format),
            None => files,
        })
    }

    /// Refuses runs that were fitted on counts.
    pub(super) fn with_rows(&self) -> Result<(), RunError> {
        if self.manifest.output_format.is_empty() {
            return Err(RunError::NoRows { folder: self.folder.display().to_string() });
        }
        Ok(())
    }

    /// A table of the run directory, `labels`, `votes` or `rows`, as a file to read.
    ///
    /// # Errors
    /// [`Error::Run`] when it is not there.
    pub fn table(&self, stem: &str) -> Result<Files, Error> {
        self.with_rows()?;
        let path = self.folder.join(format!("{stem}.{}", self.manifest.output_format));
        if let Err(error) = std::fs::metadata(&path) {
            return Err(damaged(&path, &error).into());
        }
        Ok(Files::new([path.to_string_lossy()])?)
    }

    /// The votes on all rows, with their identifiers.
    ///
    /// # Errors
    /// [`Error::Run`] or [`Error::Read`] when they cannot be read.
    pub fn votes(&self) -> Result<VotesFile, Error> {
        let options = VotesOptions {
            labels: Some(self.manifest.labels.clone()),
            id: Some(self.manifest.id.clone()),
            ..VotesOptions::default()
        };
        Ok(VotesFile::read(&self.table("votes")?, &options)?)
    }
}

fn read(path: &Path) -> Result<String, RunError> {
    bounded::read_text(path, WHOLE_FILE).map_err(|error| damaged(path, &error))
}

fn damaged(path: &Path, message: &dyn std::fmt::Display) -> RunError {
    RunError::Damaged { path: path.display().to_string(), message: message.to_string() }
}
