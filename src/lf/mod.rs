//! Labeling functions: what the user writes, and what runs.
//!
//! A [`Spec`] is the YAML as plain data with places; [`LfSet::compile`] turns it into an immutable
//! [`LfSet`] that votes on batches in parallel. Rust closures join with [`LfSet::with`].

mod answers;
mod apply;
mod bundle;
mod cache;
mod choice;
mod closure;
mod compile;
mod condition;
mod counts;
mod declaration;
mod decode;
mod deserializer;
mod digest;
mod document;
mod error;
mod evidence;
mod examples;
mod fingerprint;
mod gate;
mod identity;
mod keys;
mod kind;
mod kinds;
mod label;
mod lint;
mod pack;
mod place;
mod reach;
mod recipe;
mod schema;
mod set;
mod slices;
mod sources;
mod spec;
mod stream;
mod table;
mod tally;
mod terms;
mod text;
mod variables;
mod words;
mod yaml;

pub(crate) use apply::timed;
pub use apply::{Applied, Notes, Stage, Unwatched, Watch};
pub use bundle::{Bundle, BundleError};
pub use cache::{CacheSize, VoteCache};
pub use choice::{DecideChoice, ModelChoice, Numbers, OutputChoice, Shares};
pub use closure::{Cast, Row, RowBatch, RowVotes};
pub use counts::{CountsError, PatternCounts};
pub use digest::TableDigest;
pub use error::{Problem, SpecErrors};
pub use evidence::{Evidence, Hit};
pub use examples::{ExampleOutcome, ExampleResult, Expectation};
pub use gate::{Gate, Measure, Side, Subject};
pub use kinds::kinds;
pub use label::Label;
pub use lint::{Fix, LINTS, Lint, LintPolicy, Need, render as render_lints};
pub use pack::{PackError, Packed};
pub use place::{Located, Place};
pub use reach::Reach;
pub(crate) use schema::{ModelSchema, schema};
pub use set::LfSet;
pub use sources::SpecText;
pub(crate) use spec::Parsed;
pub use spec::{
    About, Condition, Declaration, DuplicateKeys, Example, Examples, Input, LookupTable, Spec,
    SpecOptions,
};
pub(crate) use text::{Case, fold, is_word};
pub use variables::Variable;
pub(crate) use variables::literal;
#[cfg(test)]
pub(crate) use yaml::Scalar;
pub(crate) use yaml::{Node, Value, parse as parse_yaml};
