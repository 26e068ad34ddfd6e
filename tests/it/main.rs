//! The integration tests: one binary, so that everything is linked once.

mod annotators;
#[cfg(feature = "cli")]
mod arguments;
mod arrow;
mod auto;
mod browser;
mod bundles;
mod cache;
mod classifier;
mod cli;
mod closures;
mod column_types;
mod decisions;
mod dependencies;
mod diff;
mod diff_cases;
mod edit;
mod editor;
mod errors;
mod evidence;
#[cfg(feature = "cli")]
mod explain;
mod exports;
mod expressions;
mod extremes;
mod failures;
mod faults;
mod fixes;
mod fuzzed;
mod garbled;
#[cfg(feature = "cli")]
mod gates;
mod health;
mod hostile;
mod html;
mod html_numbers;
mod imbalance;
mod input;
mod kinds;
mod language_server;
mod licenses;
mod lints;
mod merge;
/// Its tests run here, so that the example can be built as a program.
#[path = "../../examples/spam_assassin/emails/mime.rs"]
mod mime;
mod models;
mod mutations;
mod numpy;
mod pages;
mod parity;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod properties;
mod propose;
mod review;
mod review_classifier;
#[cfg(feature = "cli")]
mod review_files;
mod richer_votes;
mod rules;
mod sample;
mod schema;
mod scores;
mod shards;
mod similar;
mod slices;
mod spec_files;
mod splits;
mod statistics;
mod streaming;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod terminals;
mod tidy;
mod training;
mod training_faults;
#[cfg(all(feature = "cli", feature = "parquet", unix))]
mod training_page;
mod uncertainty;
mod untrusted;
mod vectors;
mod verify;
mod webdriver;
