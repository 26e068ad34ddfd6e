//! What the tests of all designs share.

/// Samples that are drawn to compare how often a row is in one with what is said.
pub(super) const DRAWS: u64 = 1_000_000;

/// Whether a row that is in a sample with probability `p` was in so many of [`DRAWS`] samples, within four
/// standard errors.
pub(super) fn within_four_errors(count: u64, p: f64) {
    let draws = DRAWS as f64;
    let error = (draws * p * (1.0 - p)).sqrt();
    let off = count as f64 - draws * p;
    // A row that is certain is in every sample.
    assert!(off.abs() <= 4.0 * error + 1e-6, "{count} times, not {}: {off} off", draws * p);
}
