//! From a spec to what runs: names are resolved, conditions get slots, kinds compile together.

use super::answers::{Reader, Slot};
use super::digest::TableDigest;
use super::document::unique;
use super::error::{Problem, Problems, SpecErrors};
use super::identity::Identity;
use super::kind::{Declared, LfKind, Says, Voter};
use super::kinds::{self, Body};
use super::label::Label;
use super::place::{Located, Place};
use super::recipe::{Before, Tables};
use super::set::{Lf, LfSet, Rule};
use super::spec::{Condition, LookupTable, Spec};
use super::table::{self, KeyTable};
use crate::input::{Field, FieldKind};
use crate::votes::parse_cell;
use crate::{Choice, ChoiceId, ClassId, FieldId, LfId, MatrixError, Names};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What compiling conditions needs and collects.
pub(crate) struct CompileCx<'a> {
    spec: &'a Spec,
    labels: Vec<String>,
    fields: Vec<Field>,
    /// The tables that were read so far.
    read: Tables,
    /// What may be voted beyond plain labels; all of it is known before kinds compile.
    choices: Vec<Choice>,
    names: Option<Arc<Names>>,
    /// What the patterns so far come to.
    pub(crate) pattern_bytes: usize,
    problems: Problems,
}

/// A condition with its slot.
pub(crate) struct Plan<'a> {
    pub(crate) body: &'a Body,
    place: Place,
    slot: Slot,
    parts: Vec<Slot>,
}

/// Conditions whose parts are all in earlier levels.
#[derive(Default)]
pub(crate) struct Level<'a>(Vec<Plan<'a>>);

impl<'a> Level<'a> {
    /// The conditions of one kind.
    pub(crate) fn of_kind<K: LfKind>(
        &self,
        pick: impl Fn(&Plan<'a>) -> Option<&'a K>,
    ) -> Vec<Declared<'a, K>> {
        let declared = self.0.iter().filter_map(|plan| {
            let (place, slot, parts) = (plan.place, plan.slot, plan.parts.clone());
            Some(Declared { body: pick(plan)?, place, slot, parts })
        });
        declared.collect()
    }
}

impl<'a> CompileCx<'a> {
    pub(crate) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes a problem in a part of a scalar, with its place in there.
    pub(crate) fn problem_in(&mut self, scalar: &Located<String>, mut problem: Problem) {
        let source = self.spec.sources.get(scalar.place.file);
        problem.place = scalar.part(problem.place, source.map_or("", |source| &source.text));
        self.problems.push(problem);
    }

    /// The labels of the spec, in order.
    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The class of a label; notes a problem when there is none.
    pub(crate) fn label(&mut self, label: &Located<String>) -> Option<ClassId> {
        let index = self.labels.iter().position(|known| *known == label.value);
        // Without labels something is wrong with all of them, which has been said.
        if index.is_none() && !self.labels.is_empty() {
            let message = format!("`{label}` is not one of the labels");
            let allowed = self.labels.iter().map(String::as_str);
            self.problems
                .push(Problem::new("unknown-label", label.place, message).choices(label, allowed));
        }
        index.and_then(ClassId::new)
    }

    /// The id of something to vote that was announced while planning.
    pub(crate) fn choice_id(&self, choice: &Choice) -> Option<ChoiceId> {
        self.names.as_ref().and_then(|names| names.choice_id(choice))
    }

    /// Gives everything that may be voted its id.
    fn name_choices(&mut self) {
        // Labels and labeling functions that stand twice have been said.
        let choices = std::mem::take(&mut self.choices);
        let named = Names::with_choices(Vec::<String>::new(), self.labels.clone(), choices);
        if let Err(MatrixError::TooMany { .. }) = &named {
            let message = "the labeling functions have too many different things to vote";
            self.problem(Problem::new("too-large", Place::default(), message));
        }
        self.names = named.ok();
    }

    /// The id of a column that is read as text: the one named, or the text column of the spec.
    pub(crate) fn text_field(&mut self, name: Option<&Located<String>>) -> FieldId {
        let default = self.spec.input.text.as_ref().map_or("text", |text| text.as_str());
        let name = name.map_or(default, |name| name.as_str()).to_owned();
        self.intern(Field { name, kind: FieldKind::Text })
    }

    /// The id of a column.
    pub(crate) fn field(&mut self, name: &Located<String>, kind: FieldKind) -> FieldId {
        self.intern(Field { name: name.value.clone(), kind })
    }

    /// The id of a column of vectors with so many numbers; notes a problem where it is compared with vectors
    /// of another length elsewhere.
    pub(crate) fn vector_field(&mut self, name: &Located<String>, length: usize) -> FieldId {
        let other = self.fields.iter().find_map(|field| match field.kind {
            FieldKind::Vector { dimension: Some(other) } if field.name == name.value => Some(other),
            _ => None,
        });
        if let Some(other) = other.filter(|other| *other as usize != length) {
            let message = format!(
                "`{name}` is compared with vectors of length {length} here, and of length {other} elsewhere"
            );
            let help =
                "vectors of a column have one length: make the exemplars with the same model";
            self.problem(Problem::new("value", name.place, message).help(help));
        }
        self.field(name, FieldKind::Vector { dimension: u32::try_from(length).ok() })
    }

    fn intern(&mut self, field: Field) -> FieldId {
        let known = self.fields.iter().position(|known| *known == field);
        let index = known.unwrap_or_else(|| {
            self.fields.push(field);
            self.fields.len() - 1
        });
        FieldId::new(index).unwrap_or_else(|| {
            self.problem(Problem::new("too-large", Place::default(), "too many columns"));
            FieldId::FIRST
        })
    }

    /// What an example is to be voted: a label, or something richer as in a label matrix.
    pub(crate) fn example_label(&self, label: &str) -> Option<Choice> {
        let position = |name: &str| self.labels.iter().position(|known| known == name);
        let class_named = |name: &str| position(name).and_then(ClassId::new);
        parse_cell(label, self.labels.len(), class_named)
    }

    fn declared_table(&self, name: &str) -> Option<&'a LookupTable> {
        self.spec.lookups.iter().find(|(known, _)| known.value == name).map(|(_, table)| table)
    }

    /// Whether a table has a label column; `None` when there is no such table.
    pub(crate) fn table_names_labels(&self, name: &str) -> Option<bool> {
        self.declared_table(name).map(|table| table.label.is_some())
    }

    /// The keys of a table; notes a problem when there is no such table or it cannot be read.
    pub(crate) fn table(&mut self, name: &Located<String>) -> Option<Arc<KeyTable>> {
        let Some(declared) = self.declared_table(name) else {
            if self.spec.unreadable.contains(&name.value) {
                return None;
            }
            let message = format!("there is no table `{name}` under `lookups`");
            let known = self.spec.lookups.iter().map(|(name, _)| name.as_str());
            let problem = Problem::new("unknown-name", name.place, message).choices(name, known);
            self.problems.push(problem);
            return None;
        };
        if let Some(table) = self.read.keys.get(&name.value) {
            return table.clone();
        }
        let table = match table::load(self.spec, declared, &self.labels) {
            Ok((table, digests)) => {
                self.read.digests.insert(name.value.clone(), digests);
                Some(Arc::new(table))
            }
            Err(problems) => {
                self.problems.found.extend(problems);
                None
            }
        };
        self.read.keys.insert(name.value.clone(), table.clone());
        table
    }
}

/// Slots for the conditions of a spec, in levels.
struct Planner<'a> {
    levels: Vec<Level<'a>>,
    n_slots: usize,
    /// Utils that have slots; `None` for those that cannot be used, which has been said.
    utils: BTreeMap<&'a str, Option<Planned>>,
    /// Utils that are being planned, each referred to by the one before, to find circles.
    open: Vec<&'a str>,
}

/// How many utils may refer to each other in a row: little enough for any stack.
const MOST_OPEN: usize = 100;

#[derive(Clone, Copy)]
struct Planned {
    slot: Slot,
    level: usize,
    says: Says,
}

impl<'a> Planner<'a> {
    fn plan(&mut self, condition: &'a Condition, cx: &mut CompileCx<'a>) -> Option<Planned> {
        let mut parts = Vec::new();
        // All parts are looked at, even after one that cannot be used.
        for part in
            condition.body.parts().iter().map(|part| self.plan(part, cx)).collect::<Vec<_>>()
        {
            parts.push(part?);
        }
        if let Some(name) = condition.body.refers_to() {
            parts.push(self.util(name, cx)?);
        }
        let level = parts.iter().map(|part| part.level + 1).max().unwrap_or(0);
        let says: Vec<Says> = parts.iter().map(|part| part.says).collect();
        let says = condition.body.says(&says, cx);
        let choices = condition.body.choices(cx);
        cx.choices.extend(choices);
        let slot = Slot(self.n_slots);
        self.n_slots += 1;
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Level::default);
        }
        let parts = parts.iter().map(|part| part.slot).collect();
        let plan = Plan { body: &condition.body, place: condition.place, slot, parts };
        self.levels[level].0.push(plan);
        Some(Planned { slot, level, says })
    }

    fn util(&mut self, name: &Located<String>, cx: &mut CompileCx<'a>) -> Option<Planned> {
        let spec = cx.spec;
        if let Some(at) = self.open.iter().position(|open| *open == name.value) {
            let circle: Vec<&str> =
                self.open[at..].iter().copied().chain([name.as_str()]).collect();
            let message = format!("the condition `{name}` refers to itself");
            let problem = Problem::new("circular", name.place, message);
            cx.problem(problem.help(format!("the way round is {}", circle.join(" → "))));
            return None;
        }
        if let Some(planned) = self.utils.get(name.as_str()) {
            return *planned;
        }
        if self.open.len() >= MOST_OPEN {
            let message = format!("conditions refer to each other more than {MOST_OPEN} deep");
            cx.problem(Problem::new("too-large", name.place, message));
            return None;
        }
        let Some((key, condition)) = spec.utils.iter().find(|(known, _)| known.value == name.value)
        else {
            if !spec.unreadable.contains(&name.value) {
                let message = format!("there is no condition `{name}` under `utils`");
                let known = spec.utils.iter().map(|(name, _)| name.as_str());
                cx.problem(Problem::new("unknown-name", name.place, message).choices(name, known));
            }
            return None;
        };
        self.open.push(key);
        let planned = self.plan(condition, cx);
        self.open.pop();
        self.utils.insert(key, planned);
        planned
    }
}

impl Planner<'_> {
    /// Who reads each slot, given what each labeling function votes and its exception.
    fn readers<'v>(
        &self,
        lfs: impl Iterator<Item = (&'v [(Option<ChoiceId>, Slot)], Option<Slot>)> + Clone,
    ) -> Vec<Reader> {
        let mut uses = vec![0_usize; self.n_slots];
        let parts = self.levels.iter().flat_map(|level| &level.0).flat_map(|plan| &plan.parts);
        let votes = lfs
            .clone()
            .flat_map(|(votes, unless)| votes.iter().map(|(_, slot)| *slot).chain(unless));
        parts.copied().chain(votes).for_each(|slot| uses[slot.0] += 1);
        let mut readers = vec![Reader::Nobody; self.n_slots];
        for (lf, (votes, unless)) in LfId::first(LfId::LIMIT).zip(lfs) {
            if let ([(label, slot)], None) = (votes, unless)
                && uses[slot.0] == 1
            {
                readers[slot.0] = Reader::Lf(lf, *label);
            }
        }
        let others = readers.iter_mut().zip(&uses);
        let others = others.filter(|(reader, uses)| **reader == Reader::Nobody && **uses > 0);
        for (column, (reader, _)) in others.enumerate() {
            *reader = Reader::Column(column);
        }
        readers
    }
}

impl Planner<'_> {
    /// The slots of the parts of each condition.
    fn parts(&self) -> Vec<Vec<Slot>> {
        let mut parts = vec![Vec::new(); self.n_slots];
        for plan in self.levels.iter().flat_map(|level| &level.0) {
            parts[plan.slot.0].clone_from(&plan.parts);
        }
        parts
    }
}

/// Compiles a spec where some things are known before.
pub(super) fn compile_from(spec: &Spec, before: Before) -> Result<(LfSet, Tables), SpecErrors> {
    let Before { fields, choices, tables: read, slices } = before;
    let mut cx = CompileCx {
        spec,
        labels: spec.labels.iter().map(|label| label.value.clone()).collect(),
        fields,
        read,
        choices,
        names: None,
        pattern_bytes: 0,
        problems: Problems::default(),
    };
    let mut planner =
        Planner { levels: Vec::new(), n_slots: 0, utils: BTreeMap::new(), open: Vec::new() };
    unique("labeling function", spec.lfs.iter().map(|lf| &lf.name), &mut cx.problems);
    // Utils that nobody uses are checked as well.
    for (name, _) in &spec.utils {
        planner.util(name, &mut cx);
    }
    let mut lfs = Vec::new();
    for declaration in &spec.lfs {
        let mut votes = Vec::new();
        for (label, when) in &declaration.votes {
            let choice = label.as_ref().and_then(|label| label.choice(&mut cx));
            let Some(planned) = planner.plan(when, &mut cx) else { continue };
            if !slices {
                check_label(label.as_ref(), when, planned.says, &mut cx);
            }
            cx.choices.extend(choice.clone());
            votes.push((choice, planned.slot));
        }
        let unless = declaration.unless.as_ref();
        let unless = unless.and_then(|unless| planner.plan(unless, &mut cx)).map(|p| p.slot);
        let examples = &declaration.examples;
        for example in examples.matching.iter().chain(&examples.todo_matching) {
            if let Some(label) = &example.label
                && cx.example_label(label).is_none()
            {
                cx.label(label);
            }
        }
        lfs.push((votes, unless, declaration));
    }
    cx.name_choices();
    let lfs: Vec<_> = lfs
        .into_iter()
        .map(|(votes, unless, declaration)| {
            let votes = votes.into_iter();
            let votes = votes.map(|(choice, slot)| (choice.and_then(|c| cx.choice_id(&c)), slot));
            (votes.collect::<Vec<_>>(), unless, declaration)
        })
        .collect();
    let readers = planner.readers(lfs.iter().map(|(votes, unless, _)| (votes.as_slice(), *unless)));
    let levels: Vec<Vec<Box<dyn Voter>>> =
        planner.levels.iter().map(|level| kinds::compile(level, &mut cx)).collect();
    // Tables that nobody uses are read all the same, so that their problems are known.
    for (name, _) in &spec.lookups {
        cx.table(name);
    }
    if spec.lfs.len() > LfId::LIMIT {
        cx.problem(Problem::new("too-large", Place::default(), "too many labeling functions"));
    }
    let lf_names = spec.lfs.iter().map(|lf| lf.name.value.clone());
    let rich = cx.names.as_ref().map_or(&[][..], |names| names.rich_choices());
    // Without names something is wrong with them, which has been said.
    let names = Names::with_choices(lf_names, cx.labels.clone(), rich.iter().cloned());
    let CompileCx { fields, read, problems, .. } = cx;
    let lfs = lfs.into_iter().map(|(votes, unless, declaration)| {
        let alone = match votes.as_slice() {
            [(_, slot)] if matches!(readers[slot.0], Reader::Lf(..)) => Some(*slot),
            _ => None,
        };
        Lf {
            rule: alone.map_or(Rule::Conditions { votes, unless }, Rule::Alone),
            about: declaration.about.clone(),
            hash: declaration.hash.clone(),
            identity: Some(Identity::of_declaration(declaration, spec, &fields, &read.digests)),
        }
    });
    let lfs = lfs.collect();
    let set = names.ok().map(|names| LfSet {
        known: ChoiceId::first(names.n_choices()).collect(),
        names,
        text: spec.input.text.as_ref().map_or_else(|| "text".to_owned(), |t| t.value.clone()),
        fields,
        id: spec.input.id.as_ref().map(|id| id.value.clone()),
        gold: spec.input.gold.as_ref().map(|gold| gold.value.clone()),
        learn: spec.input.learn.as_ref().map(|learn| learn.value.clone()),
        time: spec.input.time.as_ref().map(|time| time.value.clone()),
        slices: None,
        lfs,
        parts: planner.parts(),
        levels: levels.into(),
        readers,
        tables: TableDigest::all(spec, &read.digests),
        lookups: read.digests.values().flatten().cloned().collect(),
        recipe: None,
    });
    problems.finish(set.map(|set| (set, read)), &spec.sources)
}

fn check_label(label: Option<&Label>, when: &Condition, says: Says, cx: &mut CompileCx<'_>) {
    match (label, says) {
        (_, Says::Unknown) | (Some(_), Says::Truth) | (None, Says::Label) => {}
        (_, Says::Mixed) => cx.problem(
            Problem::new("mixed-labels", when.place, "some parts name a label, others do not")
                .help("let every part of `any` name a label, or none"),
        ),
        (Some(label), Says::Label) => cx.problem(
            Problem::new("two-labels", label.place(), "the condition names a label itself").help(
                "remove `label`; or, for a table, declare it once more without its `label` column",
            ),
        ),
        (None, Says::Truth) => cx.problem(
            Problem::new("missing-label", when.place, "nothing says which label this votes for")
                .help("give the labeling function a `label`"),
        ),
    }
}
