//! Weak supervision: labeling functions vote, a label model weighs the votes, every row gets a
//! probabilistic label, and a report says what to fix next.
//!
//! The whole line is a [`Job`]: what a [`Spec`] asks for, run on a source of rows. Its parts can be used
//! one by one:
//!
//! 1. [`LfSet`]: labeling functions, compiled from YAML ([`LfSet::compile`]) or written in Rust
//!    ([`LfSet::with`]), applied in parallel to batches of rows ([`input`]);
//! 2. [`LabelMatrix`] and [`Patterns`]: the votes, and the distinct vote rows with their counts
//!    ([`votes`]);
//! 3. [`model::LabelModel`]: learns how far to trust whom, and gives probabilities
//!    ([`model::FittedModel`], [`model::ProbLabels`]);
//! 4. [`Report`]: coverage, conflict, accuracy, and what to look at next ([`report`]);
//! 5. [`output`]: labels and votes as files;
//! 6. [`diff::Diff`]: what changed between two runs, and why each label that changed did;
//! 7. [`review::Review`]: the rows whose hand labels would teach most, and [`answers`]: those labels;
//! 8. [`sample`]: random samples whose inclusion probabilities are known, and splits;
//! 9. [`export::export`]: a run for what comes next, a training framework or an annotation tool;
//! 10. [`classifier::Classifier`]: the discriminative model, for rows that nobody votes on.
//!
//! ```
//! use jurat::input::Table;
//! use jurat::lf::Unwatched;
//! use jurat::{Job, Spec};
//!
//! let spec = Spec::from_yaml(
//!     "spec: 1
//! labels: [urgent, routine]
//! input: {text: note}
//! lfs:
//!   - {name: pain, label: urgent, when: {keyword: [chest pain, short of breath]}}
//!   - {name: old, label: urgent, when: {regex: '\\b(?:[89]\\d) y/o'}}
//!   - {name: refill, label: routine, when: {keyword: [refill, work note]}}
//! ",
//!     "inline.yaml",
//! )?;
//! let job = Job::new(&spec)?;
//! let rows = Table::new().text("note", [Some("91 y/o, chest pain"), Some("needs refill")]);
//! let outcome = job.run(rows.open(&job.lfs.fields())?.as_mut(), &Unwatched)?;
//! assert!(outcome.labels.probabilities(0)[0] > 0.5);
//! assert_eq!(outcome.report.rows.coverage.count, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Features: `cli` (the program) and `parquet` by default; `polars` for DataFrames; `lapack` for
//! LAPACK instead of pure Rust; `xlsx`, on by default, for spreadsheets of rows to label. The library is useful without any of them.

// The program does not panic: what cannot be is ruled out by types, or is an error. Tests may.
#![cfg_attr(not(test), warn(clippy::expect_used, clippy::panic, clippy::unreachable))]

pub mod answers;
mod bounded;
pub mod classifier;
#[cfg(feature = "cli")]
pub mod cli;
pub mod demo;
pub mod diff;
pub mod edit;
mod error;
pub mod export;
mod id;
pub mod input;
pub mod job;
pub mod lf;
pub mod merge;
pub mod model;
mod names;
mod neutral;
mod npy;
pub mod output;
#[cfg(feature = "polars")]
pub mod polars;
mod random;
pub mod report;
pub mod resample;
pub mod review;
pub mod rules;
pub mod sample;
mod setting;
mod time;
mod visible;
pub mod votes;

pub use error::Error;
pub use id::{ChoiceId, ClassId, FieldId, LfId};
pub use job::Job;
pub use lf::{LfSet, Spec};
pub use report::Report;
pub use setting::SettingValue;
pub use time::Grain;
pub use votes::{Choice, LabelMatrix, MatrixError, Names, Patterns, PatternsError, Vote};

/// The examples in README.md, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
