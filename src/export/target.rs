//! Where an export goes: a file, or a folder that says what is in it.

use super::registry::Format;
use super::rows::Rows;
use crate::Error;
use crate::output::{OutputError, Record, Staged, StagedFile};
use serde_json::{Map, json};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// The file of a folder that says what the others are.
const RECORD: &str = "export.json";

/// The form of that file.
const RECORD_FORMAT: &str = "jurat-export-1";

/// A file or a folder that appears when it is complete.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
    staged: Option<Staged>,
    /// The files that were begun, and what is in them.
    files: RefCell<Vec<(String, String)>>,
}

impl Target {
    /// Claims the place for an export.
    ///
    /// # Errors
    /// [`OutputError`] when something is there, or nothing can be written.
    pub(crate) fn new(path: &Path, format: &Format, overwrite: bool) -> Result<Self, OutputError> {
        let staged = if format.folder {
            let record = Record { file: RECORD, format: RECORD_FORMAT };
            Some(Staged::with_record(path, overwrite, record)?)
        } else {
            if path.symlink_metadata().is_ok() && !overwrite {
                return Err(OutputError::Exists { path: path.display().to_string() });
            }
            crate::output::probe(path)?;
            None
        };
        Ok(Self { path: path.to_owned(), staged, files: RefCell::default() })
    }

    /// The folder under its temporary name, if it is one.
    #[cfg(feature = "cli")]
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.staged.as_ref().map(Staged::folder)
    }

    /// Begins a file of the folder, or the file itself; `about` says what is in it.
    pub(super) fn file(&self, name: &str, about: &str) -> Result<Out, OutputError> {
        let path = match &self.staged {
            Some(staged) => {
                self.files.borrow_mut().push((name.to_owned(), about.to_owned()));
                staged.path(name)
            }
            None => self.path.clone(),
        };
        Ok(Out { file: StagedFile::new(&path)?, path })
    }

    /// Writes into a folder what its files are; gives their names.
    pub(super) fn describe(
        &self,
        rows: &Rows<'_>,
        format: &Format,
    ) -> Result<Vec<String>, OutputError> {
        let files = self.files.take();
        if self.staged.is_some() {
            let about = files.iter().map(|(name, about)| (name.clone(), about.clone().into()));
            let record = json!({
                "format": RECORD_FORMAT,
                "to": format.name,
                "jurat": env!("CARGO_PKG_VERSION"),
                "labels": rows.names.classes,
                "lfs": rows.names.lfs,
                "files": about.collect::<Map<_, _>>(),
            });
            let mut out = self.file(RECORD, "")?;
            // `{:#}` draws JSON over several lines.
            out.put(format!("{record:#}\n").as_bytes())?;
            out.finish()?;
        }
        Ok(files.into_iter().map(|(name, _)| name).collect())
    }

    /// An error of a file by the name that it will have.
    pub(super) fn placed(&self, error: Error) -> Error {
        match &self.staged {
            Some(staged) => error.unstaged(staged),
            None => error,
        }
    }

    /// Lets the folder appear; a file is there already.
    pub(super) fn publish(self) -> Result<(), OutputError> {
        self.staged.map_or(Ok(()), Staged::publish)
    }
}

/// A file that is written.
pub(super) struct Out {
    file: StagedFile,
    path: PathBuf,
}

impl Out {
    /// Adds bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.file.writer().write_all(bytes).map_err(OutputError::io(&self.path))
    }

    /// Why it cannot be written.
    pub(super) fn failed(&self, error: std::io::Error) -> OutputError {
        OutputError::io(&self.path)(error)
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), OutputError> {
        self.file.publish()
    }

    /// What writes to it.
    #[cfg(feature = "parquet")]
    pub(super) fn writer(&mut self) -> &mut (dyn std::io::Write + Send) {
        self.file.writer()
    }
}

/// A value as JSON, without line breaks.
pub(super) fn json_line(value: &impl serde::Serialize) -> Result<Vec<u8>, OutputError> {
    serde_json::to_vec(value).map_err(|error| OutputError::Format {
        path: "JSON".to_owned(),
        message: error.to_string(),
    })
}
