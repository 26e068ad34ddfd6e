//! The spec: what the user wrote, as plain data that keeps its places.

use super::choice::{ModelChoice, OutputChoice, model, output};
use super::condition::conditions;
use super::declaration::declaration;
use super::decode::{Keys, decode};
use super::error::{Problem, Problems, SpecErrors};
use super::gate::{Gate, gates};
use super::kinds::Body;
use super::label::Label;
use super::place::{Located, Place};
use super::reach::{Denied, Reach};
use super::set::LfSet;
use super::yaml::{Node, Value, parse};
use crate::bounded::{self, MEGABYTE};
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A spec file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Spec {
    /// The file's name, for messages.
    pub path: String,
    /// Its text.
    pub text: String,
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
    /// Where its tables may be.
    pub reach: Reach,
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
    pub path: Vec<String>,
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

const TOP: [&str; 10] =
    ["spec", "labels", "input", "lookups", "utils", "lfs", "slices", "model", "output", "gates"];

const EXAMPLE: &str =
    "for example `lfs: [{name: greeting, label: ham, when: {keyword: [hello, hi]}}]`";

impl Spec {
    /// Reads and parses a spec file.
    ///
    /// # Errors
    /// [`SpecErrors`] with everything that is wrong with its form, and then with its names as well.
    /// The names of a spec of good form are resolved by [`LfSet::compile`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, SpecErrors> {
        let (text, name) = read(path.as_ref())?;
        Self::from_yaml(&text, &name)
    }

    /// Parses the text of a spec; `path` is its name in messages, and what its files are relative to.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path).
    pub fn from_yaml(text: &str, path: &str) -> Result<Self, SpecErrors> {
        let (spec, mut problems) = Self::parse(text, path);
        // All problems come in one run: names are resolved even where the form is wrong.
        if let Some(spec) = spec.as_ref().filter(|_| !problems.is_empty()) {
            let errors = LfSet::compile(spec).err();
            problems.extend(errors.iter().flat_map(SpecErrors::problems).cloned());
        }
        spec.filter(|_| problems.is_empty()).ok_or_else(|| SpecErrors::new(path, text, problems))
    }

    /// The spec as far as its form is right, and what is wrong with its form.
    pub(crate) fn parse(text: &str, path: &str) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Problems::default();
        let spec = match parse(text) {
            Ok(node) => decode_spec(&node, text, path, &mut problems),
            Err(problem) => {
                problems.push(*problem);
                None
            }
        };
        (spec, problems.found)
    }

    /// Problems that were found after compiling, as errors of this spec.
    pub(crate) fn errors(&self, problems: Vec<Problem>) -> SpecErrors {
        SpecErrors::new(&self.path, &self.text, problems)
    }

    /// A file named in the spec, relative to the folder of the spec.
    #[must_use]
    pub fn resolve(&self, file: &str) -> PathBuf {
        self.folder().join(file)
    }

    /// The folder of the spec.
    fn folder(&self) -> &Path {
        Path::new(&self.path).parent().unwrap_or(Path::new(""))
    }

    /// Checks that a file that is named at `place` may be read; see [`Reach`].
    pub(super) fn check_reach(&self, file: &Path, place: Place) -> Result<(), Box<Problem>> {
        let shown = file.display();
        let (message, help) = match self.reach.check(self.folder(), file) {
            Ok(()) => return Ok(()),
            Err(Denied::Special) => {
                let message = format!("{shown} is standard input, a pipe or a device");
                (message, "write what it gives to a file in the folder of the spec")
            }
            Err(Denied::Outside { real }) => {
                let real = real
                    .map_or_else(String::new, |real| format!(": it leads to {}", real.display()));
                let message = format!("{shown} is outside of the folder of the spec{real}");
                (message, "move it there, or allow it for a spec that you trust: --allow-outside")
            }
        };
        Err(Box::new(Problem::new("outside", place, message).help(help)))
    }
}

/// The longest spec, in bytes: more than the most nodes that one may have.
const MOST_BYTES: usize = 16 * MEGABYTE;

/// The text of a spec file, and its name.
pub(crate) fn read(path: &Path) -> Result<(String, String), SpecErrors> {
    let name = path.to_string_lossy().into_owned();
    let bytes = bounded::read(path, MOST_BYTES).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            let message = format!("{error}; put long lists into tables under `lookups`");
            SpecErrors::whole(&name, "too-large", message)
        }
        _ => SpecErrors::whole(&name, "io", error.to_string()),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        let message = format!("line {} is not valid UTF-8; save the file as UTF-8", line + 1);
        SpecErrors::whole(&name, "encoding", message)
    })?;
    Ok((text, name))
}

fn decode_spec(node: &Node, text: &str, path: &str, problems: &mut Problems) -> Option<Spec> {
    if node.value == Value::Null {
        let problem = Problem::new("missing-key", node.place, "there is nothing in the file");
        problems.push(problem.help("a spec starts with the line `spec: 1`"));
        return None;
    }
    let keys = Keys::of(node, "a spec", &TOP, problems)?;
    if keys.get("spec").is_none() {
        let problem = Problem::new("missing-key", keys.place(), "the file has no `spec`");
        problems.push(problem.help("a spec starts with the line `spec: 1`"));
    }
    let version: Option<Located<u64>> = keys.decode("spec", problems);
    if let Some(version) = version.filter(|version| version.value != 1) {
        let message = format!("version {version} of the spec language is not known");
        problems.push(
            Problem::new("version", version.place, message).help("this jurat reads `spec: 1`"),
        );
    }
    let labels = match keys.get("labels") {
        Some((_, node)) => labels(node, problems),
        None => {
            let message = "the file has no `labels`";
            problems.push(
                Problem::new("missing-key", keys.place(), message)
                    .help("for example `labels: [spam, ham]`"),
            );
            Vec::new()
        }
    };
    let input = keys.get("input").map_or_else(Input::default, |(_, node)| input(node, problems));
    let mut unreadable = Vec::new();
    let mut lookups = Vec::new();
    if let Some((_, node)) = keys.get("lookups") {
        for (name, node) in entries(node, "`lookups`", problems) {
            match decode(node, problems) {
                Some(table) => lookups.push((name.clone(), table)),
                None => unreadable.push(name.value.clone()),
            }
        }
    }
    let utils = conditions(&keys, "utils", &mut unreadable, problems);
    let mut unreadable_slices = Vec::new();
    let slices = conditions(&keys, "slices", &mut unreadable_slices, problems);
    let (mut lfs, mut unreadable_lfs) = (Vec::new(), Vec::new());
    match keys.get("lfs") {
        Some((_, Node { value: Value::List(nodes), .. })) if !nodes.is_empty() => {
            for node in nodes {
                match declaration(node, problems) {
                    Some(lf) => lfs.push(lf),
                    None => unreadable_lfs.extend(node.name().map(str::to_owned)),
                }
            }
        }
        Some((_, node)) => {
            let message = format!(
                "`lfs` must be a list with at least one labeling function, this is {}",
                node.describe()
            );
            problems.push(Problem::new("empty-list", node.place, message).help(EXAMPLE));
        }
        None => {
            let message = "the file has no `lfs`";
            problems.push(Problem::new("missing-key", keys.place(), message).help(EXAMPLE));
        }
    }
    let model = keys.get("model").map(|(_, node)| model(node, problems)).unwrap_or_default();
    let output = keys.get("output").map(|(_, node)| output(node, problems)).unwrap_or_default();
    let gates = keys.get("gates").map(|(_, node)| gates(node, problems)).unwrap_or_default();
    let (path, text) = (path.to_owned(), text.to_owned());
    Some(Spec {
        path,
        text,
        labels,
        input,
        lookups,
        utils,
        lfs,
        slices,
        model,
        output,
        gates,
        reach: Reach::default(),
        unreadable,
        unreadable_lfs,
        unreadable_slices,
    })
}

/// The entries of a map with free keys.
pub(super) fn entries<'a>(
    node: &'a Node,
    what: &str,
    problems: &mut Problems,
) -> &'a [(Located<String>, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => {
            let message = format!("{what} must be a map, this is {}", node.describe());
            problems.push(Problem::new("type", node.place, message));
            &[]
        }
    }
}

fn labels(node: &Node, problems: &mut Problems) -> Vec<Located<String>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Details {
        #[serde(default, rename = "description")]
        _description: Option<String>,
    }
    let before = problems.found.len();
    let labels: Vec<Located<String>> = match &node.value {
        Value::Map(entries) => {
            for (_, node) in entries.iter().filter(|(_, node)| node.value != Value::Null) {
                decode::<Details>(node, problems);
            }
            entries.iter().map(|(name, _)| name.clone()).collect()
        }
        _ => decode(node, problems).unwrap_or_default(),
    };
    for (i, label) in labels.iter().enumerate() {
        if label.trim().is_empty() {
            let message = "a label must not be empty or white space only";
            problems.push(Problem::new("reserved-label", label.place, message));
        } else if label.value == "abstain" {
            let message = format!("`{label}` cannot be a label");
            problems.push(
                Problem::new("reserved-label", label.place, message)
                    .help("to abstain is to give no vote; it needs no label"),
            );
        }
        if labels[..i].contains(label) {
            let message = format!("the label `{label}` stands twice");
            problems.push(Problem::new("duplicate-name", label.place, message));
        }
    }
    if labels.len() < 2 && problems.found.len() == before {
        let message = "there must be at least two labels";
        problems.push(Problem::new("too-few-labels", node.place, message));
    }
    labels
}

fn input(node: &Node, problems: &mut Problems) -> Input {
    const KEYS: [&str; 6] = ["text", "id", "gold", "learn", "time", "path"];
    let Some(keys) = Keys::of(node, "`input`", &KEYS, problems) else {
        return Input::default();
    };
    let path = match keys.get("path") {
        Some((_, node)) if matches!(node.value, Value::List(_)) => decode(node, problems),
        Some((_, node)) => decode(node, problems).map(|path| vec![path]),
        None => None,
    };
    Input {
        text: keys.decode("text", problems),
        id: keys.decode("id", problems),
        gold: keys.decode("gold", problems),
        learn: keys.decode("learn", problems),
        time: keys.decode("time", problems),
        path: path.unwrap_or_default(),
    }
}

impl Spec {
    /// A copy without its text, its labeling functions and its slices.
    pub(super) fn without_lfs(&self) -> Self {
        Self {
            path: self.path.clone(),
            text: String::new(),
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
            unreadable: self.unreadable.clone(),
            unreadable_lfs: self.unreadable_lfs.clone(),
            unreadable_slices: self.unreadable_slices.clone(),
        }
    }
}
