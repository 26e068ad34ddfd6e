//! A comparison in short, for the report of the later run.

use super::words::{changes, happened_to, noun};
use super::{Diff, LfDelta};
use crate::report::{ChangeCause, ChangedLf, Changes};

/// Labeling functions that a report shows.
const MOST_LFS: usize = 50;

impl Diff {
    /// What a report says of it.
    #[must_use]
    pub fn summary(&self) -> Changes {
        let cause = |cause: &super::CauseReport| ChangeCause {
            cause: noun(self, &cause.cause),
            rows: cause.rows,
            how: changes(self, &cause.cause),
        };
        let lf = |lf: &LfDelta| ChangedLf {
            name: lf.name.clone(),
            what: happened_to(lf),
            coverage_before: lf.before.map(|figures| figures.coverage),
            coverage: lf.after.map(|figures| figures.coverage),
            gained: lf.gained,
            lost: lf.lost,
            changed: lf.changed,
        };
        Changes {
            since: self.before.folder.clone(),
            headline: self.headline.clone(),
            changed: Some(self.changed),
            causes: self.causes.iter().map(cause).collect(),
            lfs: self.lfs.iter().filter(|lf| lf.differs()).take(MOST_LFS).map(lf).collect(),
        }
    }
}
