//! Compiling a spec as a whole, with its slices, and parts of it once more.

use super::compile::compile_from;
use super::error::{Problem, SpecErrors};
use super::identity::Reach;
use super::set::LfSet;
use super::slices;
use super::spec::{Declaration, Spec};
use super::table::KeyTable;
use crate::input::{Digest, Field};
use crate::{Choice, LfId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tables by name, as far as they have been read.
#[derive(Clone, Default)]
pub(super) struct Tables {
    /// Their keys; none where a table cannot be used.
    pub(super) keys: BTreeMap<String, Option<Arc<KeyTable>>>,
    /// The content of their files.
    pub(super) digests: BTreeMap<String, Vec<Digest>>,
}

/// What is known before a spec is compiled.
#[derive(Clone, Default)]
pub(super) struct Before {
    /// Columns and choices that have ids.
    pub(super) fields: Vec<Field>,
    pub(super) choices: Vec<Choice>,
    /// Tables that have been read.
    pub(super) tables: Tables,
    /// Whether the labeling functions stand for slices, of which it matters only where they vote.
    pub(super) slices: bool,
}

/// What a set was compiled from: enough to compile a part of it once more.
pub(super) struct Recipe {
    /// The spec without text and labeling functions.
    spec: Spec,
    lfs: Vec<Declaration>,
    before: Before,
}

impl Tables {
    /// Those that can be used, by name, with the content of their files.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, (&KeyTable, &[Digest]))> {
        self.keys.iter().filter_map(|(name, table)| {
            let files = self.digests.get(name).map_or(&[][..], Vec::as_slice);
            Some((name.as_str(), (table.as_deref()?, files)))
        })
    }
}

impl Recipe {
    /// The tables of the spec.
    pub(super) fn tables(&self) -> &Tables {
        &self.before.tables
    }

    /// A set of some of the labeling functions, with the same ids of columns and choices.
    pub(super) fn part(&self, wanted: &[LfId]) -> Option<LfSet> {
        let mut spec = self.spec.clone();
        spec.lfs = wanted.iter().filter_map(|lf| self.lfs.get(lf.index()).cloned()).collect();
        let reach = Reach::of(&self.spec, &spec.lfs);
        let (utils, tables) = reach.names();
        spec.utils.retain(|(name, _)| utils.contains(name.as_str()));
        spec.lookups.retain(|(name, _)| tables.contains(name.as_str()));
        compile_from(&spec, self.before.clone()).ok().map(|(set, _)| set)
    }
}

/// Compiles a spec with its slices, given tables that were read before; all problems are found before any
/// is reported.
pub(super) fn compile(spec: &Spec, tables: Tables) -> Result<LfSet, SpecErrors> {
    let compiled = compile_whole(spec, Before { tables, ..Before::default() });
    let before = match &compiled {
        Ok((set, tables)) => {
            Before { fields: set.fields.clone(), tables: tables.clone(), ..Before::default() }
        }
        Err(_) => Before::default(),
    };
    match (compiled, slices::compile(spec, before)) {
        (Ok((set, _)), Ok(slices)) => Ok(slices::join(set, slices)),
        (compiled, slices) => {
            let errors = [compiled.err(), slices.err()];
            let mut problems: Vec<Problem> = Vec::new();
            for problem in errors.iter().flatten().flat_map(SpecErrors::problems) {
                // What both refer to is found wrong twice.
                if !problems.contains(problem) {
                    problems.push(problem.clone());
                }
            }
            Err(spec.errors(problems))
        }
    }
}

/// Compiles a spec such that parts of it can be compiled once more.
pub(super) fn compile_whole(spec: &Spec, before: Before) -> Result<(LfSet, Tables), SpecErrors> {
    let slices = before.slices;
    let (mut set, tables) = compile_from(spec, before)?;
    set.recipe = Some(Arc::new(Recipe {
        spec: spec.without_lfs(),
        lfs: spec.lfs.clone(),
        before: Before {
            fields: set.fields.clone(),
            choices: set.names.rich_choices().to_vec(),
            tables: tables.clone(),
            slices,
        },
    }));
    Ok((set, tables))
}
