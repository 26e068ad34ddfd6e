//! What the votes of a labeling function depend on, so that votes can be kept for later runs.

use super::closure::Closure;
use super::digest::References;
use super::spec::{Condition, Declaration, Spec};
use crate::FieldId;
use crate::input::{Digest, Field};
use std::collections::{BTreeMap, BTreeSet};
use twox_hash::XxHash3_128;

/// A hash that stands for some content.
pub(super) type Key = u128;

/// The key of bytes that come in pieces.
#[derive(Default)]
pub(super) struct KeyHasher(XxHash3_128);

impl KeyHasher {
    /// Adds bytes, with their length, so that pieces cannot run together.
    pub(super) fn add(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.write(&(bytes.len() as u64).to_le_bytes());
        self.0.write(bytes);
        self
    }

    pub(super) fn key(&self) -> Key {
        self.0.finish_128()
    }
}

/// A labeling function by what it does: two with the same key vote the same on the same cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) key: Key,
    /// The columns it reads, ascending.
    pub(super) fields: Vec<FieldId>,
    /// Whether it sees the number of the row.
    pub(super) numbered: bool,
    /// What it refers to, for the record; none for closures.
    pub(super) references: Option<References>,
}

/// To be changed whenever a kind of condition votes otherwise than before on the same cells.
const GENERATION: &str = "1";

impl Identity {
    /// The identity of a closure, which is what its author says.
    pub(super) fn of_closure(
        name: &str,
        version: &str,
        classes: &[String],
        closure: &Closure,
    ) -> Self {
        let mut hasher = KeyHasher::default();
        hasher.add(b"closure").add(name.as_bytes()).add(version.as_bytes());
        classes.iter().for_each(|class| {
            hasher.add(class.as_bytes());
        });
        let fields: BTreeSet<FieldId> = closure.fields().collect();
        let fields = fields.into_iter().collect();
        Self { key: hasher.key(), fields, numbered: true, references: None }
    }

    /// The identity of a labeling function of a spec: what it says, with the conditions and the
    /// contents of the tables that it refers to, directly or not. Its name is no part of it.
    pub(super) fn of_declaration(
        declaration: &Declaration,
        spec: &Spec,
        fields: &[Field],
        tables: &BTreeMap<String, Vec<Digest>>,
    ) -> Self {
        let reach = Reach::of(spec, std::slice::from_ref(declaration));
        let mut hasher = KeyHasher::default();
        hasher.add(GENERATION.as_bytes()).add(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.add(declaration.hash.as_bytes());
        for label in &spec.labels {
            hasher.add(label.as_bytes());
        }
        hasher.add(default_text(spec).as_bytes());
        for (name, hash) in &reach.utils {
            hasher.add(b"util").add(name.as_bytes()).add(hash.as_slice());
        }
        for name in &reach.tables {
            let Some((_, table)) = spec.lookups.iter().find(|(known, _)| known.value == *name)
            else {
                continue;
            };
            hasher.add(b"table").add(name.as_bytes()).add(table.key.as_bytes());
            let label = table.label.as_ref().map_or("", |label| label.as_str());
            hasher.add(label.as_bytes()).add(format!("{:?}", table.duplicates).as_bytes());
            if let Some(vector) = &table.vector {
                hasher.add(b"vector").add(vector.as_bytes());
            }
            for digest in tables.get(*name).into_iter().flatten() {
                hasher.add(digest.sha256.as_bytes());
            }
        }
        let read = fields.iter().zip(FieldId::first(fields.len()));
        let read = read.filter(|(field, _)| reach.columns.contains(field.name.as_str()));
        let (key, fields) = (hasher.key(), read.map(|(_, id)| id).collect());
        Self { key, fields, numbered: false, references: Some(reach.references()) }
    }
}

fn default_text(spec: &Spec) -> &str {
    spec.input.text.as_ref().map_or("text", |text| text.as_str())
}

/// What conditions refer to.
pub(super) struct Reach<'a> {
    spec: &'a Spec,
    utils: BTreeMap<&'a str, &'a [u8; 32]>,
    tables: BTreeSet<&'a str>,
    columns: BTreeSet<&'a str>,
}

impl<'a> Reach<'a> {
    /// What labeling functions refer to, directly or not.
    pub(super) fn of(spec: &'a Spec, lfs: &'a [Declaration]) -> Self {
        let (utils, tables, columns) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        let mut reach = Self { spec, utils, tables, columns };
        for lf in lfs {
            let conditions = lf.votes.iter().map(|(_, when)| when);
            conditions.chain(&lf.unless).for_each(|when| reach.visit(when));
        }
        reach
    }

    /// The names of utils and tables.
    pub(super) fn names(&self) -> (BTreeSet<&'a str>, &BTreeSet<&'a str>) {
        (self.utils.keys().copied().collect(), &self.tables)
    }

    /// What is kept of it for the record.
    fn references(&self) -> References {
        let mut hasher = KeyHasher::default();
        for (name, hash) in &self.utils {
            hasher.add(b"util").add(name.as_bytes()).add(hash.as_slice());
        }
        // The column that conditions read unless they name one stands elsewhere in the spec.
        for column in &self.columns {
            hasher.add(b"column").add(column.as_bytes());
        }
        let tables = self.tables.iter().map(|&name| name.to_owned()).collect();
        References { utils: format!("{:032x}", hasher.key()), tables }
    }

    fn visit(&mut self, condition: &'a Condition) {
        let body = &condition.body;
        for column in body.columns() {
            self.columns.insert(column.map_or(default_text(self.spec), |column| column.as_str()));
        }
        self.tables.extend(body.table().map(|table| table.as_str()));
        body.parts().iter().for_each(|part| self.visit(part));
        let Some(name) = body.refers_to() else { return };
        let util = self.spec.utils.iter().find(|(known, _)| known.value == name.value);
        if let Some((name, condition)) = util
            && self.utils.insert(name, &condition.hash).is_none()
        {
            self.visit(condition);
        }
    }
}
