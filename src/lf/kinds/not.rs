//! `not`: true where its part is false, missing where its part is.

use crate::input::Batch;
use crate::lf::answers::{Answer, Answers, Slot};
use crate::lf::compile::CompileCx;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, LfKind, Voter};
use crate::lf::spec::Condition;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Not(Box<[Condition; 1]>);

impl LfKind for Not {
    const NAME: &'static str = "not";
    const SUMMARY: &'static str = "the part does not hold";

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        Condition::decode(node, problems).map(|part| Self(Box::new([part])))
    }

    fn parts(&self) -> &[Condition] {
        self.0.as_slice()
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
                let answer = match answers.get(part, row) {
                    Answer::MISSING => Answer::MISSING,
                    other => Answer::from_truth(!other.holds()),
                };
                answers.set(slot, row, answer);
            }
        }
    }
}
