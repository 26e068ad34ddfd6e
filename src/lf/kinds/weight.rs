//! How much memory a pattern takes once it is compiled, told before it is.
//!
//! The crate `regex` limits each pattern by itself. Thousands of patterns that are just within that limit
//! would still take all memory there is, so what they come to is estimated from their parts and bounded
//! for all patterns of a spec together.

use crate::bounded::MEGABYTE;
use crate::lf::compile::CompileCx;
use crate::lf::error::Problem;
use crate::lf::place::Located;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The most that one pattern compiles to, in bytes, as `regex` counts.
pub(super) const MOST: usize = 10 * MEGABYTE;
/// The most that all patterns of a spec come to, in bytes, as estimated here.
const MOST_TOGETHER: usize = 256 * MEGABYTE;
/// What the caches of all patterns of one kind and field may take, in bytes and for each thread.
const CACHES: usize = 256 * MEGABYTE;
/// The largest cache of a pattern, which is that of `regex`, and the smallest that is of use.
const CACHE: (usize, usize) = (128 << 10, 2 * MEGABYTE);

/// Bytes of a state, of a range of ASCII characters, and of one of other characters, which takes up to four
/// states, most of them shared.
const STATE: usize = 32;
const RANGE: usize = 8;
const WIDE_RANGE: usize = 32;

/// The bytes that a pattern compiles to, more or less.
pub(super) fn weight(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(weight).fold(STATE, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => STATE.saturating_mul(literal.0.len()),
        HirKind::Class(Class::Bytes(bytes)) => STATE + RANGE * bytes.ranges().len(),
        HirKind::Class(Class::Unicode(letters)) => {
            let range = |range: &regex_syntax::hir::ClassUnicodeRange| {
                if range.end().is_ascii() { RANGE } else { WIDE_RANGE }
            };
            letters.iter().map(range).fold(STATE, usize::saturating_add)
        }
        HirKind::Repetition(times) => {
            let copies = times.max.unwrap_or(times.min.saturating_add(1)).max(1);
            weight(&times.sub).saturating_add(STATE).saturating_mul(copies as usize)
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2 * STATE),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

/// How large the cache of each of so many patterns may be.
pub(super) fn cache(n_patterns: usize) -> usize {
    (CACHES / n_patterns.max(1)).clamp(CACHE.0, CACHE.1)
}

/// Makes room for a pattern beside those before it; of those for which there is none the first is a
/// problem.
pub(super) fn fit(
    pattern: &Located<String>,
    hir: &Hir,
    cx: &mut CompileCx<'_>,
) -> Result<(), Option<Box<Problem>>> {
    let before = cx.pattern_bytes;
    cx.pattern_bytes = before.saturating_add(weight(hir));
    if cx.pattern_bytes <= MOST_TOGETHER {
        return Ok(());
    }
    if before <= MOST_TOGETHER {
        let shown: String = pattern.chars().take(40).collect();
        let message = format!(
            "with `{shown}` the patterns of the spec take more than {} megabytes together",
            MOST_TOGETHER / MEGABYTE
        );
        let help = "shorten repetitions such as {1,50}, write [a-z] instead of \\w inside them, or use keyword or lookup";
        let problem = Problem::new("too-large", pattern.place, message).help(help);
        return Err(Some(Box::new(problem)));
    }
    Err(None)
}
