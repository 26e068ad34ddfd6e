//! Runs for what comes next: training frameworks, other label models, and annotation tools.
//!
//! A format is a file here and a line in the [registry](formats). What all of them need of a run, and how rows come,
//! is in `rows.rs`: votes, labels and probabilities are functions of the distinct rows of votes, and the cells of
//! the data are read again, row by row, so that no text stays in memory.
//!
//! ```no_run
//! use jurat::export::{Options, export, format_named};
//! use jurat::job::Run;
//! let format = format_named("snorkel").expect("there is one");
//! let run = Run::open("run")?;
//! let summary = export(&run, format, "matrices".as_ref(), &Options::default())?;
//! println!("{} rows in {:?}", summary.rows, summary.files);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod argilla;
mod arrays;
mod cleanlab;
#[cfg(feature = "parquet")]
mod huggingface;
mod label_studio;
mod registry;
mod rows;
mod scipy;
mod sklearn;
mod snorkel;
mod target;
mod triplets;
mod wrench;
mod zip;

pub use registry::{Format, format_named, formats};
pub(crate) use target::Target;

use crate::Error;
use crate::job::Run;
use crate::report::Privacy;
use rows::Rows;
use std::path::Path;

/// What to export of a run, and where its data are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The data, if they are not where they were.
    pub data: Vec<String>,
    /// The columns of the data to export; `None` takes those that labeling functions read.
    pub columns: Option<Vec<String>>,
    /// The column that says to which split a row belongs; `None` takes `split` where there is one.
    pub split: Option<String>,
    /// Whether rows without a label stay where a format would leave them out.
    pub keep_unlabeled: bool,
    /// Whether a row stands once for each class, weighted by its probability, where a format can do that.
    pub soft: bool,
    /// Whether known labels are left out.
    pub no_known: bool,
    /// How much of the rows may be shown, beside what the run says of that.
    pub privacy: Privacy,
    /// Whether an earlier export may be replaced.
    pub overwrite: bool,
}

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows that were written, each counted once.
    pub rows: u64,
    /// Rows that were left out because they have no label.
    pub unlabeled: u64,
    /// Rows that were left out because no labeling function votes on them, or none for a single class.
    pub uncovered: u64,
    /// Votes for or against several classes, which were written as abstentions.
    pub partial_votes: u64,
    /// Votes with a score, which were written as votes for their class.
    pub scored_votes: u64,
    /// Labeling functions that were left out because they have no vote on the rows that were written.
    pub idle_lfs: Vec<String>,
    /// Rows with a known label; `None` where the format or the run has none.
    pub known: Option<u64>,
    /// The columns of the data that were written.
    pub columns: Vec<String>,
    /// Whether texts and identifiers were left out because they may not be shown.
    pub hidden: bool,
    /// The files of a folder, in the order in which they were begun.
    pub files: Vec<String>,
}

/// Writes a run in another format, to a file or a folder that appears when it is complete.
///
/// # Errors
/// [`Error::Run`] when the run is damaged, or its data are no longer what was voted on; [`Error::Read`] and
/// [`Error::Spec`] when the data, or the tables of its spec, cannot be read; [`Error::Output`] when the output
/// is there already, or cannot be written.
pub fn export(
    run: &Run,
    format: &Format,
    path: &Path,
    options: &Options,
) -> Result<Summary, Error> {
    let target = Target::new(path, format, options.overwrite)?;
    export_to(run, format, target, options)
}

/// The same with a target that was claimed before.
pub(crate) fn export_to(
    run: &Run,
    format: &Format,
    target: Target,
    options: &Options,
) -> Result<Summary, Error> {
    let privacy = options.privacy.or(run.manifest().privacy);
    let written = Rows::open(run, format, options, privacy).and_then(|rows| {
        let mut summary = Summary { hidden: rows.hidden(), ..Summary::default() };
        summary.columns = rows.columns.iter().map(|column| column.name.clone()).collect();
        (format.write)(&rows, &target, &mut summary)?;
        summary.files = target.describe(&rows, format)?;
        Ok(summary)
    });
    let summary = written.map_err(|error| target.placed(error).within(privacy))?;
    target.publish()?;
    Ok(summary)
}
