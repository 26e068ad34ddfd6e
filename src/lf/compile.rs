//! From a spec to what runs: names are resolved, conditions get slots, kinds compile together.

use super::answers::Slot;
use super::error::{Problem, Problems, SpecErrors};
use super::kind::{Declared, LfKind, Says, Voter};
use super::kinds::{self, Body};
use super::place::{Located, Place};
use super::set::{Lf, LfSet, Rule};
use super::spec::{Condition, DuplicateKeys, LookupTable, Spec};
use crate::input::{Digest, Field, FieldKind, Files};
use crate::{ClassId, FieldId, LfId, Names};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The keys of a table, with their classes where it names labels.
pub(crate) struct KeyTable {
    pub(crate) keys: Vec<(String, Option<ClassId>)>,
}

/// What compiling conditions needs and collects.
pub(crate) struct CompileCx<'a> {
    spec: &'a Spec,
    labels: Vec<String>,
    fields: Vec<Field>,
    tables: BTreeMap<String, Option<Arc<KeyTable>>>,
    digests: Vec<Digest>,
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

    /// The labels of the spec, in order.
    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The class of a label; notes a problem when there is none.
    pub(crate) fn label(&mut self, label: &Located<String>) -> Option<ClassId> {
        let index = self.labels.iter().position(|known| *known == label.value);
        if index.is_none() {
            let message = format!("`{label}` is not one of the labels");
            let allowed = self.labels.iter().map(String::as_str);
            self.problems
                .push(Problem::new("unknown-label", label.place, message).choices(label, allowed));
        }
        index.and_then(ClassId::new)
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

    fn declared_table(&self, name: &str) -> Option<&'a LookupTable> {
        self.spec.lookups.iter().find(|(known, _)| known.value == name).map(|(_, table)| table)
    }

    /// Whether a table has a label column.
    pub(crate) fn table_names_labels(&self, name: &str) -> bool {
        self.declared_table(name).is_some_and(|table| table.label.is_some())
    }

    /// The keys of a table; notes a problem when there is no such table or it cannot be read.
    pub(crate) fn table(&mut self, name: &Located<String>) -> Option<Arc<KeyTable>> {
        let Some(declared) = self.declared_table(name) else {
            let message = format!("there is no table `{name}` under `lookups`");
            let known = self.spec.lookups.iter().map(|(name, _)| name.as_str());
            let problem = Problem::new("unknown-name", name.place, message).choices(name, known);
            self.problems.push(problem);
            return None;
        };
        if let Some(table) = self.tables.get(&name.value) {
            return table.clone();
        }
        let table = self.load(declared).map(Arc::new);
        self.tables.insert(name.value.clone(), table.clone());
        table
    }

    fn load(&mut self, declared: &LookupTable) -> Option<KeyTable> {
        let path = self.spec.resolve(&declared.file).to_string_lossy().into_owned();
        let mut fields = vec![Field::text(declared.key.value.clone())];
        fields.extend(declared.label.as_ref().map(|label| Field::text(label.value.clone())));
        let mut keys: Vec<(String, Option<ClassId>)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut dropped = Vec::new();
        let problems_before = self.problems.found.len();
        let mut source = match Files::new([&path]).and_then(|files| files.open(&fields)) {
            Ok(source) => source,
            Err(error) => {
                self.problem(Problem::new("lookup-file", declared.file.place, error.to_string()));
                return None;
            }
        };
        loop {
            let batch = match source.next_batch() {
                Ok(Some(batch)) => batch,
                Ok(None) => break,
                Err(error) => {
                    self.problem(Problem::new(
                        "lookup-file",
                        declared.file.place,
                        error.to_string(),
                    ));
                    return None;
                }
            };
            for row in 0..batch.n_rows() {
                let Some(key) =
                    batch.text(FieldId::FIRST, row).map(str::trim).filter(|key| !key.is_empty())
                else {
                    continue;
                };
                let number = batch.start() + row as u64 + 1;
                let label = FieldId::new(1).and_then(|label| batch.text(label, row));
                let class = match (&declared.label, label) {
                    (None, _) => None,
                    (Some(_), None) => {
                        self.bad_row(
                            declared,
                            &path,
                            number,
                            format!("the key `{key}` has no label"),
                        );
                        continue;
                    }
                    (Some(_), Some(label)) => {
                        match self.labels.iter().position(|known| known == label.trim()) {
                            Some(index) => ClassId::new(index),
                            None => {
                                let what = format!("`{label}` is not one of the labels");
                                self.bad_row(declared, &path, number, what);
                                continue;
                            }
                        }
                    }
                };
                match seen.get(key) {
                    None => {
                        seen.insert(key.to_owned(), keys.len());
                        keys.push((key.to_owned(), class));
                    }
                    Some(&at) => match declared.duplicates {
                        DuplicateKeys::First => {}
                        DuplicateKeys::Abstain => dropped.push(at),
                        DuplicateKeys::Error => {
                            let what = format!("the key `{key}` stands there twice");
                            self.bad_row(declared, &path, number, what);
                        }
                    },
                }
            }
        }
        self.digests.extend(source.digests());
        dropped.sort_unstable();
        dropped.dedup();
        dropped.into_iter().rev().for_each(|at| drop(keys.remove(at)));
        if keys.is_empty() && self.problems.found.len() == problems_before {
            let message = format!("{path}: the table has no keys");
            self.problem(Problem::new("lookup-file", declared.file.place, message));
        }
        Some(KeyTable::new(keys))
    }

    fn bad_row(&mut self, declared: &LookupTable, path: &str, number: u64, what: String) {
        let message = format!("{path}, row {number}: {what}");
        let problem = Problem::new("lookup-row", declared.file.place, message);
        self.problems.push(if what.contains("twice") {
            problem.help("say what to do with `duplicates: first` or `duplicates: abstain`")
        } else {
            problem.help(format!("the labels are {}", self.labels.join(", ")))
        });
    }
}

/// Slots for the conditions of a spec, in levels.
struct Planner<'a> {
    levels: Vec<Level<'a>>,
    n_slots: usize,
    /// Utils that have slots, and those that are being planned, to find circles.
    utils: BTreeMap<&'a str, Option<Planned>>,
}

#[derive(Clone, Copy)]
struct Planned {
    slot: Slot,
    level: usize,
    says: Says,
}

impl<'a> Planner<'a> {
    fn plan(&mut self, condition: &'a Condition, cx: &mut CompileCx<'a>) -> Option<Planned> {
        let mut parts = Vec::new();
        for part in condition.body.parts() {
            parts.push(self.plan(part, cx)?);
        }
        if let Some(name) = condition.body.refers_to() {
            parts.push(self.util(name, cx)?);
        }
        let level = parts.iter().map(|part| part.level + 1).max().unwrap_or(0);
        let says: Vec<Says> = parts.iter().map(|part| part.says).collect();
        let says = condition.body.says(&says, cx);
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
        let Some((key, condition)) = spec.utils.iter().find(|(known, _)| known.value == name.value)
        else {
            let message = format!("there is no condition `{name}` under `utils`");
            let known = spec.utils.iter().map(|(name, _)| name.as_str());
            let problem = Problem::new("unknown-name", name.place, message).choices(name, known);
            cx.problems.push(problem);
            return None;
        };
        match self.utils.get(key.as_str()) {
            Some(Some(planned)) => return Some(*planned),
            Some(None) => {
                let message = format!("the condition `{name}` refers to itself");
                cx.problems.push(Problem::new("circular", name.place, message));
                return None;
            }
            None => {}
        }
        self.utils.insert(key, None);
        let planned = self.plan(condition, cx);
        match planned {
            Some(planned) => self.utils.insert(key, Some(planned)),
            None => self.utils.remove(key.as_str()),
        };
        planned
    }
}

/// Compiles a spec; all problems are found before any is reported.
pub(super) fn compile(spec: &Spec) -> Result<LfSet, SpecErrors> {
    let mut cx = CompileCx {
        spec,
        labels: spec.labels.iter().map(|label| label.value.clone()).collect(),
        fields: Vec::new(),
        tables: BTreeMap::new(),
        digests: Vec::new(),
        problems: Problems::default(),
    };
    let mut planner = Planner { levels: Vec::new(), n_slots: 0, utils: BTreeMap::new() };
    duplicates("labeling function", spec.lfs.iter().map(|lf| &lf.name), &mut cx);
    // Utils that nobody uses are checked as well.
    for (name, _) in &spec.utils {
        planner.util(name, &mut cx);
    }
    let mut lfs = Vec::new();
    for declaration in &spec.lfs {
        let mut votes = Vec::new();
        for (label, when) in &declaration.votes {
            let class = label.as_ref().map(|label| (label, cx.label(label)));
            let Some(planned) = planner.plan(when, &mut cx) else { continue };
            check_label(label.as_ref(), when, planned.says, &mut cx);
            votes.push((class.and_then(|(_, class)| class), planned.slot));
        }
        let unless = declaration.unless.as_ref();
        let unless = unless.and_then(|unless| planner.plan(unless, &mut cx)).map(|p| p.slot);
        lfs.push(Lf {
            rule: Rule::Conditions { votes, unless },
            about: declaration.about.clone(),
            hash: declaration.hash.clone(),
        });
    }
    let levels: Vec<Vec<Box<dyn Voter>>> =
        planner.levels.iter().map(|level| kinds::compile(level, &mut cx)).collect();
    // Tables that nobody uses are read all the same, so that their problems are known.
    for (name, _) in &spec.lookups {
        cx.table(name);
    }
    if spec.lfs.len() > LfId::LIMIT {
        cx.problem(Problem::new("too-large", Place::default(), "too many labeling functions"));
    }
    let names = Names {
        lfs: spec.lfs.iter().map(|lf| lf.name.value.clone()).collect(),
        classes: cx.labels.clone(),
    };
    let CompileCx { fields, digests, problems, .. } = cx;
    let set = LfSet {
        names: Arc::new(names),
        text: spec.input.text.as_ref().map_or_else(|| "text".to_owned(), |t| t.value.clone()),
        fields,
        id: spec.input.id.as_ref().map(|id| id.value.clone()),
        gold: spec.input.gold.as_ref().map(|gold| gold.value.clone()),
        lfs,
        levels,
        n_slots: planner.n_slots,
        lookups: digests,
    };
    problems.finish(Some(set), &spec.path, &spec.text)
}

fn duplicates<'a>(
    what: &str,
    names: impl Iterator<Item = &'a Located<String>>,
    cx: &mut CompileCx<'_>,
) {
    let mut seen = BTreeMap::new();
    for name in names {
        if seen.insert(name.as_str(), ()).is_some() {
            let message = format!("two {what}s are named `{name}`");
            cx.problem(Problem::new("duplicate-name", name.place, message).label("the second one"));
        }
    }
}

fn check_label(
    label: Option<&Located<String>>,
    when: &Condition,
    says: Says,
    cx: &mut CompileCx<'_>,
) {
    match (label, says) {
        (Some(_), Says::Truth) | (None, Says::Label) => {}
        (Some(label), _) => cx.problem(
            Problem::new("two-labels", label.place, "the condition names a label itself").help(
                "remove `label`; or, for a table, declare it once more without its `label` column",
            ),
        ),
        (None, _) => cx.problem(
            Problem::new("missing-label", when.place, "nothing says which label this votes for")
                .help("give the labeling function a `label`"),
        ),
    }
}
