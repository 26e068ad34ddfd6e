//! `all`: true where every part is.

use crate::lf::answers::Answer;
use crate::lf::compile::CompileCx;
use crate::lf::error::Problems;
use crate::lf::kind::{Declared, Join, Joined, LfKind, Says, Voter};
use crate::lf::schema;
use crate::lf::spec::Condition;
use crate::lf::yaml::Node;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct All(Vec<Condition>);

impl LfKind for All {
    const NAME: &'static str = "all";
    const SUMMARY: &'static str = "every part holds";

    fn schema() -> serde_json::Value {
        schema::conditions("Conditions that all hold.")
    }

    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        Condition::decode_list(node, problems).map(Self)
    }

    fn join(&self) -> Join {
        Join::All
    }

    fn parts(&self) -> &[Condition] {
        &self.0
    }

    fn says(&self, parts: &[Says], _: &CompileCx<'_>) -> Says {
        if parts.contains(&Says::Unknown) {
            Says::Unknown
        } else if parts.contains(&Says::Mixed) {
            Says::Mixed
        } else if parts.contains(&Says::Label) {
            Says::Label
        } else {
            Says::Truth
        }
    }

    fn compile(group: &[Declared<'_, Self>], _: &mut CompileCx<'_>) -> Box<dyn Voter> {
        Joined::compile(group, join)
    }
}

/// False as soon as a part is, else missing as soon as one is. Parts that name different labels do
/// not hold together.
fn join(parts: &mut dyn Iterator<Item = Answer>) -> Answer {
    let mut joined = Answer::YES;
    for part in parts {
        if part == Answer::NO {
            return Answer::NO;
        }
        if part == Answer::MISSING || joined == Answer::MISSING {
            joined = Answer::MISSING;
        } else if joined == Answer::YES {
            joined = part;
        } else if part != Answer::YES && part != joined {
            return Answer::NO;
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
            (vec![yes, yes], yes),
            (vec![yes, no], no),
            (vec![missing, no], no),
            (vec![missing, yes], missing),
            (vec![yes, label(1)], label(1)),
            (vec![label(1), yes, label(1)], label(1)),
            (vec![label(1), label(0)], no),
            (vec![label(1), missing], missing),
        ] {
            assert!(join(&mut parts.iter().copied()) == joined);
        }
    }
}
