//! The names behind the ids of a label matrix.

use super::cell::{self, Cell};
use super::{Choice, MatrixError};
use crate::{ChoiceId, ClassId, LfId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// The names behind the ids of a label matrix: its labeling functions and its classes, in order, and
/// what beyond a plain class its labeling functions vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Names {
    /// Names of the labeling functions; [`LfId`] is a position here.
    pub lfs: Vec<String>,
    /// Names of the classes; [`ClassId`] is a position here.
    pub classes: Vec<String>,
    /// One for each class, then the richer ones in ascending order; [`ChoiceId`] is a position here.
    choices: Vec<Choice>,
}

/// The form in files: without the choices that are just classes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    lfs: Vec<String>,
    classes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Choice>,
}

impl From<Names> for Stored {
    fn from(names: Names) -> Self {
        let choices = names.rich_choices().to_vec();
        Self { lfs: names.lfs, classes: names.classes, choices }
    }
}

impl TryFrom<Stored> for Names {
    type Error = MatrixError;

    fn try_from(stored: Stored) -> Result<Self, MatrixError> {
        let given = stored.choices.clone();
        let names = Self::build(stored.lfs, stored.classes, stored.choices)?;
        if names.rich_choices() != given || !given.iter().all(Choice::is_in_order) {
            return Err(MatrixError::Choices);
        }
        Ok(names)
    }
}

impl Names {
    /// Names for `lfs` labeling functions and `classes` classes, each vote for one class.
    ///
    /// # Errors
    /// [`MatrixError::TooMany`] when there are more of either than ids can count,
    /// [`MatrixError::Duplicate`] when a name stands twice.
    pub fn new(
        lfs: impl IntoIterator<Item = impl Into<String>>,
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Arc<Self>, MatrixError> {
        Self::with_choices(lfs, classes, [])
    }

    /// Names with what the labeling functions vote beyond plain classes, in any order.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`MatrixError::UnknownChoice`] for a choice of a class that does not
    /// exist, of no class or of all classes.
    pub fn with_choices(
        lfs: impl IntoIterator<Item = impl Into<String>>,
        classes: impl IntoIterator<Item = impl Into<String>>,
        choices: impl IntoIterator<Item = Choice>,
    ) -> Result<Arc<Self>, MatrixError> {
        let lfs = lfs.into_iter().map(Into::into).collect();
        let classes = classes.into_iter().map(Into::into).collect();
        Self::build(lfs, classes, choices.into_iter().collect()).map(Arc::new)
    }

    /// These names with further choices.
    ///
    /// # Errors
    /// As [`with_choices`](Self::with_choices).
    pub fn and_choices(
        &self,
        choices: impl IntoIterator<Item = Choice>,
    ) -> Result<Arc<Self>, MatrixError> {
        let choices = self.rich_choices().iter().cloned().chain(choices);
        Self::with_choices(self.lfs.clone(), self.classes.clone(), choices)
    }

    fn build(
        lfs: Vec<String>,
        classes: Vec<String>,
        mut rich: Vec<Choice>,
    ) -> Result<Self, MatrixError> {
        for (what, list) in [("labeling functions", &lfs), ("classes", &classes)] {
            if list.len() > LfId::LIMIT {
                return Err(MatrixError::TooMany { what, count: list.len(), limit: LfId::LIMIT });
            }
            let mut sorted: Vec<&String> = list.iter().collect();
            sorted.sort_unstable();
            if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(MatrixError::Duplicate { what, name: pair[0].clone() });
            }
        }
        let n_classes = classes.len();
        let known = |choice: &Choice| {
            choice.classes().last().is_some_and(|last| last.index() < n_classes)
                && (choice.plain().is_some() || choice.classes().len() < n_classes)
        };
        if let Some(choice) = rich.iter().find(|choice| !known(choice)) {
            let classes = choice.classes().iter().map(|class| class.index()).collect();
            return Err(MatrixError::UnknownChoice { classes, n_classes });
        }
        rich.retain(|choice| choice.plain().is_none());
        rich.sort_unstable();
        rich.dedup();
        let mut choices: Vec<Choice> = ClassId::first(n_classes).map(Choice::class).collect();
        choices.append(&mut rich);
        if choices.len() > ChoiceId::LIMIT {
            let (what, count) = ("different votes", choices.len());
            return Err(MatrixError::TooMany { what, count, limit: ChoiceId::LIMIT });
        }
        Ok(Self { lfs, classes, choices })
    }

    /// The name of a labeling function.
    #[must_use]
    pub fn lf(&self, lf: LfId) -> &str {
        self.lfs.get(lf.index()).map_or("?", String::as_str)
    }

    /// The name of a class.
    #[must_use]
    pub fn class(&self, class: ClassId) -> &str {
        self.classes.get(class.index()).map_or("?", String::as_str)
    }

    /// The class of that name.
    #[must_use]
    pub fn class_named(&self, name: &str) -> Option<ClassId> {
        self.classes.iter().position(|class| class == name).and_then(ClassId::new)
    }

    /// All choices: one for each class, then the richer ones.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The choices that are more than a class.
    #[must_use]
    pub fn rich_choices(&self) -> &[Choice] {
        self.choices.get(self.classes.len()..).unwrap_or_default()
    }

    /// Number of choices; the first ones are the classes.
    #[must_use]
    pub fn n_choices(&self) -> usize {
        self.choices.len()
    }

    /// The id of a choice, `None` when it is none of these.
    #[must_use]
    pub fn choice_id(&self, choice: &Choice) -> Option<ChoiceId> {
        match choice.plain() {
            Some(class) => Some(class.into()).filter(|_| class.index() < self.classes.len()),
            None => {
                let at = self.rich_choices().binary_search(choice).ok()?;
                ChoiceId::new(self.classes.len() + at)
            }
        }
    }

    /// The classes that a choice says are possible, ascending.
    #[must_use]
    pub fn classes_of(&self, choice: ChoiceId) -> &[ClassId] {
        self.choices.get(choice.index()).map_or(&[], Choice::classes)
    }

    /// The only class that a choice says is possible, scored or not.
    #[must_use]
    pub fn single(&self, choice: ChoiceId) -> Option<ClassId> {
        self.choices.get(choice.index()).and_then(Choice::single)
    }

    /// Whether a choice says that a class is possible.
    #[must_use]
    pub fn allows(&self, choice: ChoiceId, class: ClassId) -> bool {
        self.choices.get(choice.index()).is_some_and(|choice| choice.allows(class))
    }

    /// Whether two choices cannot both be right: no class is possible for both.
    #[must_use]
    pub fn conflict(&self, one: ChoiceId, other: ChoiceId) -> bool {
        // Of two classes this needs no look at sets.
        let n = self.classes.len();
        if one.index() < n && other.index() < n {
            return one != other;
        }
        !self.classes_of(one).iter().any(|&class| self.allows(other, class))
    }

    /// What a choice says, for people: `a`, `a or b`, `not a`, `neither a nor b`, `a (0.7-0.9)`.
    #[must_use]
    pub fn choice_name(&self, choice: ChoiceId) -> Cow<'_, str> {
        if choice.index() < self.classes.len() {
            return self.class(ClassId::from_choice(choice)).into();
        }
        self.choices.get(choice.index()).map_or("?".into(), |choice| self.describe(choice).into())
    }

    /// What a choice of these classes says, for people.
    pub(crate) fn describe(&self, choice: &Choice) -> String {
        let (negative, named) = cell::shorter(choice, self.classes.len());
        let names: Vec<&str> = named.into_iter().map(|class| self.class(class)).collect();
        match (choice.bucket(), negative, names.as_slice()) {
            (Some(bucket), _, _) => {
                let class = choice.single().map_or("?", |class| self.class(class));
                format!("{class} ({}-{})", bucket.low(), bucket.high())
            }
            (None, true, [name]) if choice.plain().is_none() => format!("not {name}"),
            (None, true, names) if choice.plain().is_none() => {
                format!("neither {}", names.join(" nor "))
            }
            (None, _, _) if choice.plain().is_some() => {
                choice.single().map_or("?", |class| self.class(class)).to_owned()
            }
            (None, _, names) => names.join(" or "),
        }
    }

    /// A choice as the cell of a label matrix: `a`, `a|b`, `!a`, `a@0.7-0.9`.
    ///
    /// A backslash before `|`, `!`, `@` and itself keeps them apart from those in the names of
    /// classes; a cell that is the name of a class stands for that class.
    #[must_use]
    pub fn cell(&self, choice: ChoiceId) -> Cow<'_, str> {
        if choice.index() < self.classes.len() {
            return self.class(ClassId::from_choice(choice)).into();
        }
        let taken = |text: &str| self.class_named(text).is_some();
        self.choices
            .get(choice.index())
            .map_or("?".into(), |choice| cell::write(choice, &self.classes, taken).into())
    }

    /// The choice that a cell stands for, `None` when it names no class of these.
    #[must_use]
    pub fn parse_cell(&self, text: &str) -> Option<Choice> {
        parse_cell(text, self.classes.len(), |name| self.class_named(name))
    }
}

/// The choice that a cell stands for, given how to find a class by its name.
pub(crate) fn parse_cell(
    text: &str,
    n_classes: usize,
    class_named: impl Fn(&str) -> Option<ClassId>,
) -> Option<Choice> {
    if let Some(class) = class_named(text) {
        return Some(Choice::class(class));
    }
    let cell = Cell::parse(text)?;
    let classes: Option<Vec<ClassId>> = cell.names.iter().map(|name| class_named(name)).collect();
    Some(cell.choice(&classes?, n_classes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::votes::Bucket;

    fn class(index: usize) -> ClassId {
        ClassId::new(index).expect("in range")
    }

    fn names() -> Arc<Names> {
        let bucket = Bucket::new(0.7, 0.9).expect("a range");
        let rich = [
            Choice::scored(class(2), bucket),
            Choice::none_of([class(0)], 4),
            Choice::one_of([class(0), class(3)]),
            Choice::none_of([class(0)], 4),
            Choice::class(class(1)),
        ];
        Names::with_choices(["lf"], ["a", "b", "c", "d"], rich).expect("names")
    }

    #[test]
    fn choices_have_names_and_ids_in_order() {
        let names = names();
        let ids = ChoiceId::first(names.n_choices());
        let shown: Vec<_> = ids.clone().map(|id| names.choice_name(id)).collect();
        assert_eq!(shown, ["a", "b", "c", "d", "a or d", "not a", "c (0.7-0.9)"]);
        let cells: Vec<_> = ids.clone().map(|id| names.cell(id)).collect();
        assert_eq!(cells, ["a", "b", "c", "d", "a|d", "!a", "c@0.7-0.9"]);
        for (id, choice) in ids.zip(names.choices()) {
            assert_eq!(names.choice_id(choice), Some(id));
        }
    }

    #[test]
    fn votes_conflict_when_no_class_suits_both() {
        let names = names();
        let id = |index: usize| ChoiceId::new(index).expect("in range");
        for (one, other, conflict) in
            [(0, 1, true), (0, 0, false), (4, 5, false), (0, 5, true), (2, 6, false), (4, 6, true)]
        {
            assert_eq!(names.conflict(id(one), id(other)), conflict, "{one} {other}");
            assert_eq!(names.conflict(id(other), id(one)), conflict, "{one} {other}");
        }
    }

    #[test]
    fn choices_are_checked_and_stored_only_where_there_are_some() {
        let with = |choice| Names::with_choices(["lf"], ["a", "b", "c"], [choice]);
        assert!(with(Choice::one_of([class(3), class(1)])).is_err());
        assert!(with(Choice::one_of([])).is_err());
        assert!(with(Choice::none_of([], 3)).is_err());
        let plain = Names::new(["lf"], ["a", "b"]).expect("names");
        let json = serde_json::to_string(&*plain).expect("JSON");
        assert_eq!(json, r#"{"lfs":["lf"],"classes":["a","b"]}"#);
        let rich = names();
        let json = serde_json::to_string(&*rich).expect("JSON");
        assert_eq!(serde_json::from_str::<Names>(&json).expect("names"), *rich);
        for (from, to) in [("0.9", "0.6"), ("[0,3]", "[3,0]"), ("[0,3]", "[0,4]"), ("[2]", "[1,2]")]
        {
            assert!(serde_json::from_str::<Names>(&json.replace(from, to)).is_err(), "{to}");
        }
    }
}
