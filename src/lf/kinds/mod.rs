//! The registry of condition kinds: a `mod` line and a line in the table for each.

mod all;
mod any;
mod automaton;
mod expr;
mod feedback;
mod keyword;
mod lookup;
mod matches;
mod model;
mod not;
mod patterns;
mod prefilter;
mod regex;
mod required;
mod scan;
mod similar;
mod weight;

use super::compile::{CompileCx, Level, Plan};
use super::error::Problems;
use super::kind::{Join, LfKind, Says, Voter};
use super::lint::Lint;
use super::place::Located;
use super::yaml::Node;

macro_rules! kinds {
    ($($variant:ident: $kind:ty,)*) => {
        /// The body of a condition, by kind.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum Body {
            $($variant($kind),)*
        }

        /// The name of each kind and what it does, in one sentence.
        #[must_use]
        pub fn kinds() -> &'static [(&'static str, &'static str)] {
            &[$((<$kind>::NAME, <$kind>::SUMMARY),)*]
        }

        /// The name of each kind, what it does, and the JSON Schema of its body.
        pub(crate) fn schemas() -> Vec<(&'static str, &'static str, serde_json::Value)> {
            vec![$((<$kind>::NAME, <$kind>::SUMMARY, <$kind>::schema()),)*]
        }

        impl Body {
            /// Decodes the body of the kind `name`; `None` for the kind when there is no such one.
            pub(crate) fn decode(
                name: &str,
                node: &Node,
                problems: &mut Problems,
            ) -> Option<Option<Self>> {
                $(if name == <$kind>::NAME {
                    return Some(<$kind>::decode(node, problems).map(Self::$variant));
                })*
                None
            }

            pub(crate) fn parts(&self) -> &[super::spec::Condition] {
                match self { $(Self::$variant(body) => body.parts(),)* }
            }

            pub(crate) fn refers_to(&self) -> Option<&Located<String>> {
                match self { $(Self::$variant(body) => body.refers_to(),)* }
            }

            pub(crate) fn columns(&self) -> Vec<Option<&Located<String>>> {
                match self { $(Self::$variant(body) => body.columns(),)* }
            }

            pub(crate) fn table(&self) -> Option<&Located<String>> {
                match self { $(Self::$variant(body) => body.table(),)* }
            }

            pub(crate) fn join(&self) -> Join {
                match self { $(Self::$variant(body) => body.join(),)* }
            }

            pub(crate) fn constant(&self) -> Option<bool> {
                match self { $(Self::$variant(body) => body.constant(),)* }
            }

            /// Whether `other` is known to hold wherever this does.
            pub(crate) fn implies(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$variant(one), Self::$variant(other)) => one.implies(other),)*
                    #[allow(unreachable_patterns, reason = "with a single kind")]
                    _ => false,
                }
            }

            pub(crate) fn terms(&self) -> (Vec<String>, bool) {
                match self { $(Self::$variant(body) => body.terms(),)* }
            }

            pub(crate) fn lint(&self, found: &mut Vec<Lint>) {
                match self { $(Self::$variant(body) => body.lint(found),)* }
            }

            pub(crate) fn choices(&self, cx: &mut CompileCx<'_>) -> Vec<crate::Choice> {
                match self { $(Self::$variant(body) => body.choices(cx),)* }
            }

            pub(crate) fn says(&self, parts: &[Says], cx: &CompileCx<'_>) -> Says {
                match self { $(Self::$variant(body) => body.says(parts, cx),)* }
            }
        }

        /// Compiles the conditions of one level: one voter a kind.
        pub(crate) fn compile(level: &Level<'_>, cx: &mut CompileCx<'_>) -> Vec<Box<dyn Voter>> {
            let mut voters = Vec::new();
            $({
                let group = level.of_kind(|plan: &Plan<'_>| match plan.body {
                    Body::$variant(body) => Some(body),
                    #[allow(unreachable_patterns, reason = "with a single kind")]
                    _ => None,
                });
                if !group.is_empty() {
                    voters.push(<$kind>::compile(&group, cx));
                }
            })*
            voters
        }
    };
}

kinds! {
    Keyword: keyword::Keyword,
    Regex: regex::Regex,
    Lookup: lookup::Lookup,
    Model: model::Model,
    Similar: similar::Similar,
    Expr: expr::Expr,
    Feedback: feedback::Feedback,
    All: all::All,
    Any: any::Any,
    Not: not::Not,
    Matches: matches::Matches,
}
