//! `matches`: a condition that is named under `utils`.

use crate::lf::answers::Answer;
use crate::lf::compile::CompileCx;
use crate::lf::decode::decode;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, Joined, LfKind, Says, Voter};
use crate::lf::place::Located;
use crate::lf::schema;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matches(Located<String>);

impl LfKind for Matches {
    const NAME: &'static str = "matches";
    const SUMMARY: &'static str = "a condition named under `utils` holds";

    fn schema() -> serde_json::Value {
        schema::util("A condition under `utils`.")
    }

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
        Joined::compile(group, |parts| parts.next().unwrap_or(Answer::MISSING))
    }
}
