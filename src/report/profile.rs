//! What took how long.

use super::findings::rows;
use serde::{Deserialize, Serialize};

/// What took how long: by stage, and by labeling function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// Stages by name with seconds, summed over threads: several run at a time.
    pub stages: Vec<(String, f64)>,
    /// Seconds from start to end of these stages.
    pub elapsed: f64,
    /// Rows on which labeling functions were timed.
    pub sample: u64,
    /// Labeling functions by name with microseconds a row when they vote alone, the slowest first. What
    /// several share, such as splitting a text into words, counts for each.
    pub lfs: Vec<(String, f64)>,
}

/// Labeling functions that are shown.
const SHOWN: usize = 10;

/// A time as people read it.
fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", 1e3 * seconds) } else { format!("{seconds:.2} s") }
}

impl Profile {
    /// The stages in a sentence, and a line for each of the slowest labeling functions.
    pub(super) fn lines(&self) -> (String, Vec<String>) {
        let all: f64 = self.stages.iter().map(|(_, seconds)| seconds).sum();
        let share = |seconds: f64| if all > 0.0 { 100.0 * seconds / all } else { 0.0 };
        let stages = self.stages.iter();
        let stages: Vec<String> = stages
            .map(|(name, seconds)| format!("{name} {} ({:.0} %)", time(*seconds), share(*seconds)))
            .collect();
        let stages =
            format!("{}; together {all:.2} s of work in {:.2} s", stages.join(" · "), self.elapsed);
        let lfs = self.lfs.iter().take(SHOWN);
        (stages, lfs.map(|(name, micros)| format!("{micros:9.3} µs a row  {name}")).collect())
    }

    /// What the times of labeling functions mean; nothing when none was timed.
    pub(super) fn legend(&self) -> Option<String> {
        let more = self.lfs.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("; {more} more are faster") } else { String::new() };
        (!self.lfs.is_empty()).then(|| {
            format!(
                "each alone, on the first {} rows: together they share work, such as splitting texts into \
                 words{more}",
                rows(self.sample)
            )
        })
    }
}
