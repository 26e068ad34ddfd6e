//! What can be wrong with answers.

/// Why answers could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file as a whole is not what is wanted.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// Some of its answers cannot be used; then none is.
    #[error("{}", list(path, problems))]
    Problems {
        /// The file.
        path: String,
        /// What is wrong, in the order of the file.
        problems: Vec<Problem>,
    },
}

/// What is wrong with one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands: a line from 1, a row of a sheet, or a task.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

impl AnswerError {
    pub(super) fn file(path: &str, message: impl std::fmt::Display) -> Self {
        Self::File { path: path.to_owned(), message: message.to_string() }
    }

    /// `answers` unless something is wrong with some of them.
    pub(super) fn unless<T>(
        path: &str,
        problems: Vec<Problem>,
        answers: T,
    ) -> Result<T, AnswerError> {
        if problems.is_empty() {
            Ok(answers)
        } else {
            Err(Self::Problems { path: path.to_owned(), problems })
        }
    }
}

/// Problems that are shown.
const MOST: usize = 20;

fn list(path: &str, problems: &[Problem]) -> String {
    let mut lines: Vec<String> = problems
        .iter()
        .take(MOST)
        .map(|problem| format!("{path}, {}: {}", problem.place, problem.message))
        .collect();
    if problems.len() > MOST {
        lines.push(format!("and {} more", problems.len() - MOST));
    }
    lines.join("\n")
}

/// What to say of a label that is none, with the nearest one.
pub(super) fn no_label(label: &str, labels: &[String]) -> String {
    let names: Vec<String> = labels.iter().map(|name| format!("`{name}`")).collect();
    let near = crate::names::nearest(label, labels.iter().map(String::as_str));
    let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
    format!("`{label}` is none of the labels {}{near}", names.join(", "))
}
