//! Times of work, for the examples that measure.

use std::time::Instant;

/// The result, and the seconds of the fastest of several runs.
pub(crate) fn timed<T>(repeats: usize, run: impl Fn() -> T) -> (T, f64) {
    let once = || {
        let start = Instant::now();
        let result = run();
        (result, start.elapsed().as_secs_f64())
    };
    (1..repeats).fold(once(), |fastest, _| {
        let next = once();
        if next.1 < fastest.1 { next } else { fastest }
    })
}
