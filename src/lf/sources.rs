//! The texts that a spec is made of: the file that was named, and the parts that it includes.
//!
//! A part is a file of its own that starts with `part: 1` and holds variables, tables, conditions,
//! slices and labeling functions. Nothing is merged in secret: whatever has a name stands once in
//! all files, and a part sees what the others declare.

use super::decode::decode;
use super::error::{Problem, Problems, SpecErrors};
use super::place::{Located, Place};
use super::reach::Reach;
use super::yaml::{Node, Value, parse};
use crate::bounded::{self, MEGABYTE};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// One file of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecText {
    /// Its name: as it was given, or for parts where it was found from there.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl SpecText {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, SpecErrors> {
        let name = path.to_string_lossy().into_owned();
        let text = read(path).map_err(|(code, message)| SpecErrors::whole(&name, code, message))?;
        Ok(Self { path: name, text })
    }

    /// The file without what is in it: enough to find what it names.
    pub(super) fn without_text(&self) -> Self {
        Self { path: self.path.clone(), text: String::new() }
    }

    /// A file named in this one, which is relative to its folder.
    pub(super) fn resolve(&self, file: &str) -> PathBuf {
        folder(Path::new(&self.path)).join(file)
    }
}

/// The longest file, in bytes: more than the most nodes that one may have.
const MOST_OF_ONE: usize = 16 * MEGABYTE;

fn read(path: &Path) -> Result<String, (&'static str, String)> {
    let bytes = bounded::read(path, MOST_OF_ONE).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            ("too-large", format!("{error}; put long lists into tables under `lookups`"))
        }
        _ => ("io", error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        ("encoding", format!("line {} is not valid UTF-8; save the file as UTF-8", line + 1))
    })
}

/// The folder of a file.
pub(super) fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Where parts come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Store<'a> {
    /// From the disk.
    Disk,
    /// From texts that were kept.
    Kept(&'a [SpecText]),
}

/// A file as nodes.
pub(super) struct Document {
    pub(super) node: Node,
    /// Whether it was included.
    pub(super) part: bool,
}

/// The files of a spec as they were read.
pub(super) struct Loaded {
    /// The texts; the first is the one that was named.
    pub(super) sources: Vec<SpecText>,
    /// Those that are YAML, such that what is included stands before what includes it.
    pub(super) documents: Vec<Document>,
}

/// Files of one spec: more than people keep apart, and a bound for files that include others.
const MOST_FILES: usize = 1_000;
/// Bytes of all files of a spec.
const MOST_BYTES: usize = 64 * MEGABYTE;

/// Reads what a spec includes, and what that includes.
pub(super) fn load(
    main: SpecText,
    store: Store<'_>,
    reach: Reach,
    problems: &mut Problems,
) -> Loaded {
    let mut loader = Loader {
        store,
        reach,
        loaded: Loaded { sources: vec![main], documents: Vec::new() },
        paths: Vec::new(),
        open: Vec::new(),
        bytes: 0,
    };
    loader.enter(0, problems);
    loader.loaded
}

struct Loader<'a> {
    store: Store<'a>,
    reach: Reach,
    loaded: Loaded,
    /// The normal form of the path of each source.
    paths: Vec<PathBuf>,
    /// The sources that are being read, each included by the one before.
    open: Vec<usize>,
    bytes: usize,
}

impl Loader<'_> {
    fn enter(&mut self, file: usize, problems: &mut Problems) {
        let source = &self.loaded.sources[file];
        self.paths.push(normal(Path::new(&source.path)));
        self.bytes = self.bytes.saturating_add(source.text.len());
        let node = match parse(&source.text, file) {
            Ok(node) => node,
            Err(problem) => return problems.push(*problem),
        };
        self.open.push(file);
        if let Value::Map(entries) = &node.value
            && let Some((_, included)) = entries.iter().find(|(key, _)| key.value == "include")
        {
            let patterns: Vec<Located<String>> = match &included.value {
                Value::List(nodes) => {
                    nodes.iter().filter_map(|node| decode(node, problems)).collect()
                }
                _ => decode(included, problems).into_iter().collect(),
            };
            for pattern in &patterns {
                self.include(pattern, file, problems);
            }
        }
        self.open.pop();
        self.loaded.documents.push(Document { node, part: file > 0 });
    }

    fn include(&mut self, pattern: &Located<String>, from: usize, problems: &mut Problems) {
        let joined = self.loaded.sources[from].resolve(pattern);
        let found = match self.matching(&joined) {
            Ok(found) if found.is_empty() => {
                let message = format!("there is no file `{pattern}`");
                let help = "files are relative to the folder of the file that includes them";
                return problems.push(Problem::new("include", pattern.place, message).help(help));
            }
            Ok(found) => found,
            Err(message) => return problems.push(Problem::new("include", pattern.place, message)),
        };
        for path in found {
            let known = normal(Path::new(&path));
            let seen = self.paths.iter().position(|path| *path == known);
            match seen {
                Some(file) if self.open.contains(&file) => {
                    let message = format!("`{pattern}` includes itself");
                    let way = self.open.iter().map(|&file| self.loaded.sources[file].path.as_str());
                    let way: Vec<&str> = way.chain([path.as_str()]).collect();
                    let help = format!("the way round is {}", way.join(" → "));
                    problems.push(Problem::new("circular", pattern.place, message).help(help));
                    continue;
                }
                // Two parts may both need a third one.
                Some(_) => continue,
                None => {}
            }
            if self.loaded.sources.len() >= MOST_FILES || self.bytes > MOST_BYTES {
                let message = format!(
                    "a spec has at most {MOST_FILES} files and {} MB",
                    MOST_BYTES / MEGABYTE
                );
                return problems.push(Problem::new("too-large", pattern.place, message));
            }
            // What was kept was allowed when it was read.
            if let Store::Disk = self.store {
                let folder = folder(Path::new(&self.loaded.sources[0].path));
                if let Err(problem) = self.reach.allows(folder, Path::new(&path), pattern.place) {
                    problems.push(*problem);
                    continue;
                }
            }
            match self.text(&path) {
                Ok(text) => {
                    self.loaded.sources.push(SpecText { path, text });
                    self.enter(self.loaded.sources.len() - 1, problems);
                }
                Err((code, message)) => {
                    let message = format!("{path}: {message}");
                    problems.push(Problem::new(code, pattern.place, message));
                }
            }
        }
    }

    fn text(&self, path: &str) -> Result<String, (&'static str, String)> {
        match self.store {
            Store::Disk => read(Path::new(path)),
            Store::Kept(texts) => texts
                .iter()
                .find(|kept| kept.path == path)
                .map(|kept| kept.text.clone())
                .ok_or_else(|| ("io", "it was not kept".to_owned())),
        }
    }

    /// The files that a path or pattern means, sorted.
    fn matching(&self, path: &Path) -> Result<Vec<String>, String> {
        let text = path.to_string_lossy();
        let pattern = |error: glob::PatternError| format!("`{text}` is no pattern: {error}");
        match self.store {
            Store::Disk if path.exists() => Ok(vec![text.into_owned()]),
            Store::Disk => {
                let found = glob::glob(&text).map_err(pattern)?;
                let mut found: Vec<String> =
                    found.flatten().map(|path| path.to_string_lossy().into_owned()).collect();
                found.sort();
                Ok(found)
            }
            Store::Kept(texts) => {
                let exact = texts.iter().any(|kept| kept.path == text);
                let pattern = glob::Pattern::new(&text).map_err(pattern)?;
                let options = glob::MatchOptions {
                    require_literal_separator: true,
                    ..glob::MatchOptions::default()
                };
                let found = texts.iter().filter(|kept| match exact {
                    true => kept.path == text,
                    false => pattern.matches_with(&kept.path, options),
                });
                let mut found: Vec<String> = found.map(|kept| kept.path.clone()).collect();
                found.sort();
                Ok(found)
            }
        }
    }
}

/// A path without `.` and, where that is possible, without `..`: two names of one file, mostly.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Where the whole of the file that was named stands.
pub(super) const WHOLE: Place = Place { file: 0, start: 0, end: 0 };
