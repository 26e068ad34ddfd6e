//! Samples and splits: some rows of data with the probability that each was drawn, and rows shared out for
//! development, validation, test and training.
//!
//! A [`Plan`] draws in one pass over a [`Source`](crate::input::Source), with memory for the sample and not for the
//! data. Its designs are a file each: at random ([`Reservoir`], or a share of all rows), in strata
//! ([`Strata`]), by weight ([`VarOpt`]), by importance ([`Importance`]). Each says the inclusion probability π of every
//! row that it draws, so that Σ y/π over the sample estimates Σ y over the data without bias
//! (D. G. Horvitz and D. J. Thompson, "A generalization of sampling without replacement from a finite universe",
//! Journal of the American Statistical Association 47, 1952, doi:10.1080/01621459.1952.10483446).
//!
//! ```
//! use jurat::input::Table;
//! use jurat::lf::Unwatched;
//! use jurat::sample::{Design, Plan, SampleError};
//!
//! let table = Table::new().number("size", (1..=100).map(|size| Some(f64::from(size))));
//! let plan = Plan { design: Design::Weighted { n: 10, by: "size".into() }, seed: 7 };
//! let mut source = table.open(&plan.fields())?;
//! let mut rows = 0.0;
//! let drawn = plan.draw(source.as_mut(), &Unwatched, &mut |row| {
//!     rows += 1.0 / row.inclusion;
//!     Ok::<(), SampleError>(())
//! })?;
//! assert_eq!((drawn.rows, drawn.drawn), (100, 10));
//! assert!(rows > 10.0, "an estimate of 100");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`SplitPlan`] gives every row a [`Part`] by a hash of its group, or by time; [`Duplicates`] counts texts that
//! are in more than one part.

#[cfg(test)]
mod check;
mod draw;
mod duplicates;
mod error;
mod families;
mod importance;
mod reservoir;
mod split;
mod stratified;
mod threshold;
mod weighted;

pub use draw::{Design, Drawn, Plan, SampledRow};
pub use duplicates::{Alike, DuplicatePair, DuplicateReport, Duplicates};
pub use error::SampleError;
pub use importance::Importance;
pub use reservoir::Reservoir;
pub use split::{Amount, Part, SplitPlan, SplitReport, SplitRow, Splitter};
pub use stratified::{Allocation, Strata, Stratum};
pub use weighted::VarOpt;

/// Rows with the probabilities with which they are in a sample.
pub type Included<T> = Vec<(T, f64)>;
