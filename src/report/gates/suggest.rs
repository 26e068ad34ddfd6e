//! Gates that a good run passes, with room for what another sample of the same kind would do.

use super::super::Report;
use super::super::findings::ENOUGH;
use super::super::groups::GroupReport;
use super::super::stats::{Precision, Share};

/// The section `gates` of a spec, as YAML, from a run that is as it should be.
///
/// Limits are the ends of the 95 % Wilson interval of the number, and for precision, whose gates are
/// about the lower end already, the lower end of the interval around that; rounded outwards to whole
/// percents, or tenths below 5 %, so that the run itself passes. Labeling functions and slices with
/// fewer than 20 rows get none.
#[must_use]
pub fn suggest(report: &Report) -> String {
    let whole = report.whole();
    let mut out = "gates:\n".to_owned();
    out += &group(&whole, "  ");
    let shares = whole.classes.iter().filter_map(|class| class.hard.share);
    out += &drift(shares, whole.labeled.count).map_or_else(String::new, |d| format!("  {d}\n"));
    let mut section = |name: &str, lines: String| {
        if !lines.is_empty() {
            out += &format!("  {name}:\n{lines}");
        }
    };
    let lfs = report.lfs.iter().filter(|lf| lf.coverage.count >= ENOUGH).map(|lf| {
        let precision = lf.precision.filter(|precision| precision.n >= ENOUGH);
        let bounds = [at_least("coverage", lf.coverage), precise(precision)];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        if bounds.is_empty() {
            return String::new();
        }
        format!("    {}: {{{}}}\n", key(&lf.name), bounds.join(", "))
    });
    section("lfs", lfs.collect());
    let slices = report.slices.iter().filter(|slice| slice.numbers.rows.count >= ENOUGH);
    let slices = slices.map(|slice| (key(&slice.name), group(&slice.numbers, "      ")));
    let slices = slices.filter(|(_, lines)| !lines.is_empty());
    section("slices", slices.map(|(name, lines)| format!("    {name}:\n{lines}")).collect());
    // Without any, YAML would read nothing instead of a map.
    if out == "gates:\n" { "gates: {}\n".to_owned() } else { out }
}

fn group(numbers: &GroupReport, indent: &str) -> String {
    let bounds = [
        at_least("coverage", numbers.coverage),
        at_most("conflict", numbers.conflict),
        at_least("labeled", numbers.labeled),
        precise(numbers.precision.filter(|precision| precision.n >= ENOUGH)),
    ];
    bounds.into_iter().flatten().map(|bound| format!("{indent}{bound}\n")).collect()
}

/// The interval of a share.
fn interval(share: Share) -> Option<Precision> {
    Precision::new(share.count, share.of)
}

/// None where it would be a bound of nothing.
fn at_least(name: &str, share: Share) -> Option<String> {
    let limit = down(interval(share)?.low);
    (limit > 0.0).then(|| format!("{name}: \">= {}\"", written(limit)))
}

fn at_most(name: &str, share: Share) -> Option<String> {
    let limit = up(interval(share)?.high);
    (limit < 100.0).then(|| format!("{name}: \"<= {}\"", written(limit)))
}

fn precise(precision: Option<Precision>) -> Option<String> {
    let precision = precision?;
    let right = (precision.low * precision.n as f64).floor() as u64;
    at_least("precision", Share::new(right, precision.n))
}

/// Three times what the distance of two samples of this size from the same shares is expected to be,
/// and no less than 2 %. The mean of |x| of a normal distribution is σ √(2 / π), and the variance of
/// the difference of two shares 2 p (1 − p) / n.
fn drift(shares: impl Iterator<Item = f64>, n: u64) -> Option<String> {
    if n < ENOUGH {
        return None;
    }
    let sum: f64 = shares.map(|p| (2.0 * p * (1.0 - p) / n as f64).sqrt()).sum();
    let expected = sum / 2.0 * (2.0 / std::f64::consts::PI).sqrt();
    let limit = up((3.0 * expected).max(0.02));
    (limit < 100.0).then(|| format!("drift: \"<= {}\"", written(limit)))
}

/// Percents below which tenths matter.
const FINE: f64 = 5.0;

/// A share rounded down, in percent.
fn down(share: f64) -> f64 {
    let percent = 100.0 * share;
    if percent < FINE { (10.0 * percent).floor() / 10.0 } else { percent.floor() }
}

/// A share rounded up, in percent.
fn up(share: f64) -> f64 {
    let percent = 100.0 * share;
    if percent < FINE { (10.0 * percent).ceil() / 10.0 } else { percent.ceil().min(100.0) }
}

fn written(percent: f64) -> String {
    format!("{percent}%")
}

/// A name as a key of YAML: as it is where that can only be a name, else quoted as in JSON.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    // What YAML may take for a truth value or for nothing.
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let word = words.iter().any(|word| name.eq_ignore_ascii_case(word));
    if begins && !word && name.chars().all(plain) {
        name.to_owned()
    } else {
        serde_json::Value::from(name).to_string()
    }
}
