//! `matches`: a condition that is named under `utils`.

use crate::input::Batch;
use crate::lf::answers::{Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::decode::decode;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, LfKind, Says, Voter};
use crate::lf::place::Located;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matches(Located<String>);

impl LfKind for Matches {
    const NAME: &'static str = "matches";
    const SUMMARY: &'static str = "a condition named under `utils` holds";

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        decode(node, problems).map(Self)
    }

    fn refers_to(&self) -> Option<&Located<String>> {
        Some(&self.0)
    }

    fn says(&self, parts: &[Says], _: &CompileCx<'_>) -> Says {
        parts.first().copied().unwrap_or(Says::Truth)
    }

    fn compile(group: &[Declared<'_, Self>], _: &mut CompileCx<'_>) -> Box<dyn Voter> {
        let pairs = group.iter().filter_map(|one| Some((one.slot, *one.parts.first()?)));
        Box::new(Compiled(pairs.collect()))
    }
}

struct Compiled(Vec<(Slot, Slot)>);

impl Voter for Compiled {
    fn vote(&self, batch: &Batch, answers: &mut Answers) {
        for &(slot, part) in &self.0 {
            for row in 0..batch.n_rows() {
                answers.set(slot, row, answers.get(part, row));
            }
        }
    }
}
