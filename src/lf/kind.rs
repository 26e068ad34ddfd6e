//! What the file of a condition kind implements.

use super::answers::{Answer, Answers, Slot};
use super::compile::CompileCx;
use super::decode::Keys;
use super::error::{Problem, Problems};
use super::lint::Lint;
use super::place::{Located, Place};
use super::spec::Condition;
use super::yaml::Node;
use crate::input::Batch;
use crate::{Choice, FieldId};
use serde_json::Value;
use std::fmt::Debug;

/// A kind of condition: how its YAML is decoded, and how all conditions of the kind are compiled.
pub(crate) trait LfKind: Debug + Clone + PartialEq + Sized + Send + Sync {
    /// The key in YAML.
    const NAME: &'static str;
    /// What it does, in one sentence.
    const SUMMARY: &'static str;

    /// The JSON Schema of the value of the key, for editors: what [`decode`](Self::decode) takes, as far as a
    /// schema can say it.
    fn schema() -> Value;

    /// Decodes the value of the key; notes what is wrong and gives `None`.
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// The conditions it is made of.
    fn parts(&self) -> &[Condition] {
        &[]
    }

    /// The named condition it refers to, which then is its only part.
    fn refers_to(&self) -> Option<&Located<String>> {
        None
    }

    /// The columns that it reads; `None` stands for the text column of the spec.
    fn columns(&self) -> Vec<Option<&Located<String>>> {
        Vec::new()
    }

    /// The table that it looks up.
    fn table(&self) -> Option<&Located<String>> {
        None
    }

    /// How it follows from its parts.
    fn join(&self) -> Join {
        Join::Own
    }

    /// Whether it holds on every row where no cell is missing, or on none, as far as that is known without
    /// data.
    fn constant(&self) -> Option<bool> {
        None
    }

    /// Whether `other` is known to hold wherever this does.
    fn implies(&self, other: &Self) -> bool {
        let _ = other;
        false
    }

    /// The terms that it looks for, and whether it wants all of them: what conditions of its kind that imply
    /// each other have in common.
    fn terms(&self) -> (Vec<String>, bool) {
        (Vec::new(), false)
    }

    /// Finds what was probably not meant.
    fn lint(&self, found: &mut Vec<Lint>) {
        let _ = found;
    }

    /// Whether its answers name labels, given whether those of its parts do.
    fn says(&self, parts: &[Says], cx: &CompileCx<'_>) -> Says {
        let _ = (parts, cx);
        Says::Truth
    }

    /// What beyond plain labels its answers may name.
    fn choices(&self, cx: &mut CompileCx<'_>) -> Vec<Choice> {
        let _ = cx;
        Vec::new()
    }

    /// Compiles all conditions of this kind at once, so that they can share work.
    ///
    /// Problems go to `cx`; after one, the voter is not used.
    fn compile(group: &[Declared<'_, Self>], cx: &mut CompileCx<'_>) -> Box<dyn Voter>;
}

/// How a condition follows from its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// It has none, or follows in a way of its own.
    Own,
    /// It holds where all do.
    All,
    /// It holds where one does.
    Any,
    /// It holds where its part is false.
    Not,
}

/// What the answers of a condition say when it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// That it holds.
    Truth,
    /// A label.
    Label,
    /// One or the other.
    Mixed,
    /// Not known, since a name resolves to nothing, which is reported there.
    Unknown,
}

/// A condition to compile.
pub(crate) struct Declared<'a, K> {
    pub(crate) body: &'a K,
    pub(crate) place: Place,
    /// Where its answers go.
    pub(crate) slot: Slot,
    /// Where the answers of its parts are.
    pub(crate) parts: Vec<Slot>,
}

/// Conditions that have been compiled. Voting cannot fail.
pub(crate) trait Voter: Send + Sync {
    /// Writes the answers for a batch; those of the parts are there already.
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>);

    /// Hands out where conditions found what they look for on a row; for people, not for speed.
    ///
    /// Conditions that found nothing say nothing, and so do those that hold because something is not
    /// there.
    fn find(&self, batch: &Batch, row: usize, found: &mut dyn FnMut(Slot, Finding)) {
        let _ = (batch, row, found);
    }

    /// Hands out in words what conditions found on a row, where that is more than what stands in its cells.
    fn tell(&self, batch: &Batch, row: usize, told: &mut dyn FnMut(Slot, String)) {
        let _ = (batch, row, told);
    }
}

/// Something that a condition found in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) field: FieldId,
    /// Its first byte in the text and the byte after its last one; none for the whole cell.
    pub(crate) place: Option<(usize, usize)>,
    /// Whether it stands word for word in the spec.
    pub(crate) in_spec: bool,
    /// Whether it is worth counting by what it says; a cell that was merely compared is not.
    pub(crate) is_term: bool,
}

/// Notes a problem where a kind that takes a map has something shorter; `right` is what to write.
pub(crate) fn not_a_map(node: &Node, what: &str, right: String, problems: &mut Problems) {
    let message = format!("{what} must be a map, this is {}", node.describe());
    problems.push(Problem::new("type", node.place, message).help(right));
}

/// Checks that exactly one of two keys is there; used by kinds with two forms.
pub(crate) fn exactly_one(
    keys: &Keys<'_>,
    what: &str,
    choices: [&str; 2],
    problems: &mut Problems,
) -> Option<usize> {
    let [first, second] = choices;
    match (keys.get(first), keys.get(second)) {
        (Some(_), None) => Some(0),
        (None, Some(_)) => Some(1),
        (Some(_), Some((key, _))) => {
            let message = format!("{what} takes `{first}` or `{second}`, not both");
            problems.push(Problem::new("conflicting-keys", key.place, message));
            None
        }
        (None, None) => {
            let message = format!("{what} needs `{first}` or `{second}`");
            problems.push(Problem::new("missing-key", keys.place(), message));
            None
        }
    }
}

/// Conditions that say, row by row, what their parts say together.
pub(crate) struct Joined {
    conditions: Vec<(Slot, Vec<Slot>)>,
    join: fn(&mut dyn Iterator<Item = Answer>) -> Answer,
}

impl Joined {
    /// A voter for a group whose answers are the `join` of the answers of their parts.
    pub(crate) fn compile<K>(
        group: &[Declared<'_, K>],
        join: fn(&mut dyn Iterator<Item = Answer>) -> Answer,
    ) -> Box<dyn Voter> {
        let conditions = group.iter().map(|one| (one.slot, one.parts.clone())).collect();
        Box::new(Self { conditions, join })
    }
}

impl Voter for Joined {
    fn vote(&self, batch: &Batch, answers: &mut Answers<'_>) {
        for (slot, parts) in &self.conditions {
            for row in 0..batch.n_rows() {
                let answer = (self.join)(&mut parts.iter().map(|&part| answers.get(part, row)));
                if answer != Answer::NO {
                    answers.set(*slot, row, answer);
                }
            }
        }
    }
}
