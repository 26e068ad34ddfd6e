//! `any`: true where at least one part is.

use crate::lf::answers::Answer;
use crate::lf::compile::CompileCx;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, Join, Joined, LfKind, Says, Voter};
use crate::lf::schema;
use crate::lf::spec::Condition;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Any(Vec<Condition>);

impl LfKind for Any {
    const NAME: &'static str = "any";
    const SUMMARY: &'static str = "at least one part holds";

    fn schema() -> serde_json::Value {
        schema::conditions("Conditions of which one holds.")
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        Condition::decode_list(node, problems).map(Self)
    }

    fn join(&self) -> Join {
        Join::Any
    }

    fn parts(&self) -> &[Condition] {
        &self.0
    }

    fn says(&self, parts: &[Says], _: &CompileCx<'_>) -> Says {
        match parts.first() {
            _ if parts.contains(&Says::Unknown) => Says::Unknown,
            Some(&first) if parts.iter().all(|&part| part == first) => first,
            _ => Says::Mixed,
        }
    }

    fn compile(group: &[Declared<'_, Self>], _: &mut CompileCx<'_>) -> Box<dyn Voter> {
        Joined::compile(group, join)
    }
}

/// The first part that holds; missing when none does and one is missing.
fn join(parts: &mut dyn Iterator<Item = Answer>) -> Answer {
    let mut joined = Answer::NO;
    for part in parts {
        if part.holds() {
            return part;
        }
        if part == Answer::MISSING {
            joined = Answer::MISSING;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClassId;

    #[test]
    fn truth_table() {
        let label = |index| Answer::label(ClassId::new(index).expect("in range"));
        let (no, missing, yes) = (Answer::NO, Answer::MISSING, Answer::YES);
        for (parts, joined) in [
            (vec![no, no], no),
            (vec![no, yes], yes),
            (vec![missing, no], missing),
            (vec![missing, yes], yes),
            (vec![no, label(1), label(0)], label(1)),
        ] {
            assert!(join(&mut parts.iter().copied()) == joined);
        }
    }
}
