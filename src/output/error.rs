//! What can go wrong while writing.

/// Why a file could not be written. Nothing stands under its final name then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The file system said no.
    #[error("cannot write {path}: {source}{}", advise(source))]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The format could not be written.
    #[error("cannot write {path}: {message}")]
    Format {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// The ending of the name is that of no format.
    #[error("{path}: cannot tell the format from the name; use one of {}", endings.join(", "))]
    UnknownFormat {
        /// The file.
        path: String,
        /// Endings that are known.
        endings: Vec<&'static str>,
    },
    /// Something is there that is not ours to replace.
    #[error(
        "{path} is not a run directory, or not an export; only what the command wrote before, and empty folders, can be replaced"
    )]
    NotReplaceable {
        /// The file or folder.
        path: String,
    },
    /// A column of the table would have the name of another one.
    #[error(
        "the identifier column `{column}` has the name of an output column; name another one, or none"
    )]
    ReservedColumn {
        /// The column.
        column: String,
    },
    /// A column that is added has the name of a column of the data.
    #[error(
        "the data have a column `{column}` already; say --prefix to put a text before the names of added columns"
    )]
    AddedColumn {
        /// The column.
        column: String,
    },
    /// The output is one of the files that are read.
    #[error(
        "{path} is read, or written twice, by this command; choose another name for the output"
    )]
    IsInput {
        /// The file.
        path: String,
    },
    /// Something is there already.
    #[error("{path} exists; choose another name, or say --overwrite")]
    Exists {
        /// The file or folder.
        path: String,
    },
}

impl OutputError {
    pub(crate) fn io(path: &std::path::Path) -> impl Fn(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.display().to_string(), source }
    }

    /// The same error for a file that was staged in one folder on its way to another.
    pub(crate) fn unstaged(self, from: &std::path::Path, to: &std::path::Path) -> Self {
        let (from, to) = (from.display().to_string(), to.display().to_string());
        match self {
            Self::Io { path, source } => Self::Io { path: path.replace(&from, &to), source },
            Self::Format { path, message } => {
                Self::Format { path: path.replace(&from, &to), message }
            }
            other => other,
        }
    }
}

fn advise(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::StorageFull => "; free some space and run again",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to"
        }
        std::io::ErrorKind::NotFound => "; create the folder first",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::path::Path;

    #[test]
    fn files_on_their_way_are_named_by_where_they_go() {
        let unstaged = |error: OutputError| {
            error.unstaged(Path::new(".jurat-x"), Path::new("out")).to_string()
        };
        let path = || ".jurat-x/labels.csv".to_owned();
        for (kind, advice) in [
            (ErrorKind::StorageFull, "free some space and run again"),
            (ErrorKind::PermissionDenied, "choose a folder that you may write to"),
            (ErrorKind::ReadOnlyFilesystem, "choose a folder that you may write to"),
            (ErrorKind::NotFound, "create the folder first"),
            (ErrorKind::Other, ""),
        ] {
            let message = unstaged(OutputError::Io { path: path(), source: kind.into() });
            assert!(message.starts_with("cannot write out/labels.csv: "), "{message}");
            assert!(message.ends_with(advice), "{message}");
        }
        let format = OutputError::Format { path: path(), message: "too wide".to_owned() };
        assert_eq!(unstaged(format), "cannot write out/labels.csv: too wide");
        let exists = OutputError::Exists { path: "out".to_owned() };
        assert_eq!(unstaged(exists), "out exists; choose another name, or say --overwrite");
    }
}
