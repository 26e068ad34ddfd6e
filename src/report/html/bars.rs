//! Horizontal bars: a name, a bar that fills the space there is, a number. Only the bar is stretched, so
//! that letters keep their size on narrow screens.

use crate::model::Interval;

/// Units from the left to the right end of a bar.
const WIDE: f64 = 1000.0;

/// One line of a chart.
pub(super) struct Bar {
    /// What it is, as HTML.
    pub(super) name: String,
    /// Its parts from the left with their color, as shares of the whole width.
    pub(super) parts: Vec<(f64, String)>,
    /// An interval to draw over it.
    pub(super) ends: Option<Interval>,
    /// The number, as HTML.
    pub(super) value: String,
    /// What the bar says in a sentence, escaped.
    pub(super) title: String,
}

/// A chart of bars.
pub(super) fn chart(bars: &[Bar]) -> String {
    let mut out = "<div class=bars>\n".to_owned();
    for bar in bars {
        out += &format!(
            "<div class=bar title=\"{}\"><span class=name>{}</span>{}<span class=value>{}</span></div>\n",
            bar.title,
            bar.name,
            svg(&bar.parts, bar.ends),
            bar.value
        );
    }
    out + "</div>\n"
}

/// Parts beside each other.
pub(super) fn svg(parts: &[(f64, String)], ends: Option<Interval>) -> String {
    let mut out =
        format!("<svg viewBox=\"0 0 {WIDE} 12\" preserveAspectRatio=none aria-hidden=true>");
    let mut from = 0.0;
    for (part, color) in parts {
        let wide = (part.clamp(0.0, 1.0) * WIDE).min(WIDE - from);
        // What is there is to be seen.
        let wide = if *part > 0.0 { wide.max(1.5) } else { continue };
        out += &format!("<rect x={from:.1} width={wide:.1} height=12 class={color} />");
        from += wide;
    }
    if let Some(ends) = ends {
        let (low, high) = (ends.low.clamp(0.0, 1.0) * WIDE, ends.high.clamp(0.0, 1.0) * WIDE);
        out +=
            &format!("<path class=ends d=\"M{low:.1} 6H{high:.1}M{low:.1} 3v6M{high:.1} 3v6\"/>");
    }
    out + "</svg>"
}

/// What the colors mean.
pub(super) fn legend(parts: &[(&str, &str)]) -> String {
    let parts: String =
        parts.iter().map(|(color, what)| format!("<li><i class=\"{color}\"></i>{what}")).collect();
    format!("<ul class=legend>{parts}</ul>\n")
}
