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
pub(crate) struct Target {
    path: PathBuf,
    place: Place,
    /// The files that were begun, and what is in them.
    files: RefCell<Vec<(String, String)>>,
}

/// What was claimed.
enum Place {
    Folder(Staged),
    /// Until a format takes it.
    File(RefCell<Option<StagedFile>>),
}

impl Target {
    /// Claims the place for an export.
    ///
    /// # Errors
    /// [`OutputError`] when something is there, or nothing can be written.
    pub(crate) fn new(path: &Path, format: &Format, overwrite: bool) -> Result<Self, OutputError> {
        let place = if format.folder {
            let record = Record { file: RECORD, format: RECORD_FORMAT };
            Place::Folder(Staged::with_record(path, overwrite, record)?)
        } else {
            if path.symlink_metadata().is_ok() && !overwrite {
                return Err(OutputError::Exists { path: path.display().to_string() });
            }
            Place::File(RefCell::new(Some(StagedFile::new(path)?)))
        };
        Ok(Self { path: path.to_owned(), place, files: RefCell::default() })
    }

    /// Its temporary name, to be removed when the program must stop at once.
    #[cfg(feature = "cli")]
    pub(crate) fn temporary(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(staged) => Some(staged.folder().to_owned()),
            Place::File(file) => file.borrow().as_ref().map(|file| file.temporary().to_owned()),
        }
    }

    /// Begins a file of the folder, or the file itself; `about` says what is in it.
    pub(super) fn file(&self, name: &str, about: &str) -> Result<Out, OutputError> {
        match &self.place {
            Place::Folder(staged) => {
                self.files.borrow_mut().push((name.to_owned(), about.to_owned()));
                let path = staged.path(name);
                Ok(Out { file: StagedFile::new(&path)?, path })
            }
            Place::File(file) => {
                let path = self.path.clone();
                let file = file.take().map_or_else(|| StagedFile::new(&path), Ok)?;
                Ok(Out { file, path })
            }
        }
    }

    /// Writes into a folder what its files are; gives their names.
    pub(super) fn describe(
        &self,
        rows: &Rows<'_>,
        format: &Format,
    ) -> Result<Vec<String>, OutputError> {
        let files = self.files.take();
        if format.folder {
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
        match &self.place {
            Place::Folder(staged) => error.unstaged(staged),
            Place::File(_) => error,
        }
    }

    /// Lets the folder appear; a file is there already.
    pub(super) fn publish(self) -> Result<(), OutputError> {
        match self.place {
            Place::Folder(staged) => staged.publish(),
            Place::File(_) => Ok(()),
        }
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
