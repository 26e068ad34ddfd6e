//! `jurat new lf`: one more labeling function at the end of a spec, and nothing else changed.

use super::layout::{Below, Block, layout};
use super::quote::{list, quoted, scalar};
use super::{EditError, Edits};
use crate::lf::{LfSet, Problem, Spec};

/// A labeling function to add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewLf {
    /// Its name, which no other may have.
    pub name: String,
    /// What it votes; by default the first label of the spec.
    pub label: Option<String>,
    /// What it looks for; without them and a pattern, the words of its name.
    pub keywords: Vec<String>,
    /// A pattern to look for instead.
    pub regex: Option<String>,
}

/// Labels that are named as choices, at the most.
const CHOICES: usize = 12;

impl NewLf {
    /// The edit that adds it at the end of `lfs`, with further choices as comments.
    ///
    /// # Errors
    /// [`EditError::Spec`] when the spec is wrong, has such a name or lacks the label, or would be wrong,
    /// and [`EditError::Unusual`] when `lfs` is written in brackets.
    pub fn add_to(&self, text: &str, path: &str) -> Result<Edits, EditError> {
        let spec = Spec::from_yaml(text, path)?;
        LfSet::compile(&spec)?;
        let label = self.label(&spec)?;
        let edits = self.edits(&spec, label)?;
        // What is wrong with the name, a keyword or the pattern is said as it is of any spec.
        let after = edits.apply(text).ok_or_else(|| unusual(path, 1, "this text"))?;
        LfSet::compile(&Spec::from_yaml(&after, path)?)?;
        Ok(edits)
    }

    /// The label that it votes, unless there is none such or its name is taken.
    fn label<'a>(&'a self, spec: &'a Spec) -> Result<&'a str, EditError> {
        let refuse = |problem: Problem| Err(spec.errors(vec![problem]).into());
        if let Some(other) = spec.lfs.iter().find(|lf| lf.name.value == self.name) {
            let message = format!("there is a labeling function `{}` already", self.name);
            return refuse(
                Problem::new("duplicate-name", other.name.place, message)
                    .label("here")
                    .help("choose another name, or change this one"),
            );
        }
        let names = || spec.labels.iter().map(|label| label.value.as_str());
        let first = spec.labels.first();
        match (&self.label, first) {
            (Some(label), Some(first)) if !names().any(|name| name == label) => {
                let message = format!("`{label}` is not a label of this spec");
                refuse(Problem::new("unknown-label", first.place, message).choices(label, names()))
            }
            (Some(label), _) => Ok(label),
            (None, first) => Ok(first.map_or("", |first| &first.value)),
        }
    }

    fn edits(&self, spec: &Spec, label: &str) -> Result<Edits, EditError> {
        let end = if spec.text().contains("\r\n") { "\r\n" } else { "\n" };
        // Lines are the same with other ends.
        let plain = spec.text().replace("\r\n", "\n");
        let layout = layout(plain.strip_prefix('\u{feff}').unwrap_or(&plain))
            .map_err(|found| unusual(&spec.path, found.line, found.what))?;
        let lfs = layout.root.entries.iter().find(|entry| entry.key == "lfs");
        let list = match lfs.map(|entry| (&entry.value.below, entry.first_line)) {
            Some((Below::Block(list), _)) if list.list => list,
            found => {
                let line = found.map_or(1, |(_, line)| line + 1);
                return Err(unusual(&spec.path, line, "a list in brackets"));
            }
        };
        let mut lines = self.lines(spec, label);
        if has_blanks(list) {
            lines.insert(0, String::new());
        }
        let margin = " ".repeat(list.column);
        let mut added = String::new();
        let at = match spec.text().split_inclusive('\n').take(list.end).map(str::len).sum() {
            at if at == spec.text().len() && !spec.text().ends_with('\n') => {
                added += end;
                at
            }
            at => at,
        };
        for line in lines {
            if !line.is_empty() {
                added += &margin;
            }
            added += &line;
            added += end;
        }
        Ok(Edits::new().insert(at, added))
    }

    fn lines(&self, spec: &Spec, label: &str) -> Vec<String> {
        let others = spec.labels.iter().filter(|other| other.value != label);
        let shown: Vec<String> = others.take(CHOICES).map(|other| scalar(other)).collect();
        let more = if spec.labels.len() > CHOICES + 1 { ", …" } else { "" };
        let or = match &self.label {
            Some(_) => String::new(),
            None => format!("   # or: {}{more}", shown.join(", ")),
        };
        let own: Vec<String>;
        let keywords = match self.keywords.as_slice() {
            [] => {
                own = vec![self.name.replace(['-', '_', '.'], " ").trim().to_owned()];
                &own
            }
            keywords => keywords,
        };
        let keyword = format!("when: {{keyword: {}}}", list(keywords));
        let mut lines = vec![
            format!("- name: {}", scalar(&self.name)),
            format!("  label: {}{or}", scalar(label)),
        ];
        match &self.regex {
            Some(pattern) => lines.push(format!("  when: {{regex: {}}}", quoted(pattern))),
            None => {
                lines.push(format!("  {keyword}"));
                let words = keywords.first().map(String::as_str).unwrap_or_default();
                let pattern = regex::escape(words).replace(' ', r"\s+");
                lines
                    .push(format!("  # when: {{regex: {}}}", quoted(&format!(r"(?i)\b{pattern}"))));
            }
        }
        lines.extend(
            [
                "  # unless: {keyword: [words that show that it is something else]}",
                "  # why: In a sentence, why this should work",
                "  # examples:",
                "  #   match: [a text on which it must vote]",
                "  #   no_match: [a text on which it must not]",
            ]
            .map(str::to_owned),
        );
        lines
    }
}

/// Whether blank lines stand between the entries.
fn has_blanks(list: &Block<'_>) -> bool {
    list.entries.iter().skip(1).any(|entry| entry.above.iter().any(|line| line.is_empty()))
}

fn unusual(path: &str, line: usize, what: &'static str) -> EditError {
    EditError::Unusual { path: path.to_owned(), line, what }
}
