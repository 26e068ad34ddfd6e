//! `not`: true where its part is false, missing where its part is.

use crate::lf::answers::Answer;
use crate::lf::compile::CompileCx;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, Join, Joined, LfKind, Voter};
use crate::lf::schema;
use crate::lf::spec::Condition;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Not(Box<[Condition; 1]>);

impl LfKind for Not {
    const NAME: &'static str = "not";
    const SUMMARY: &'static str = "the part does not hold";

    fn schema() -> serde_json::Value {
        schema::condition("A condition that does not hold.")
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        Condition::decode(node, problems).map(|part| Self(Box::new([part])))
    }

    fn join(&self) -> Join {
        Join::Not
    }

    fn parts(&self) -> &[Condition] {
        self.0.as_slice()
    }

    fn compile(group: &[Declared<'_, Self>], _: &mut CompileCx<'_>) -> Box<dyn Voter> {
        Joined::compile(group, |parts| match parts.next() {
            None | Some(Answer::MISSING) => Answer::MISSING,
            Some(part) => Answer::from_truth(!part.holds()),
        })
    }
}
