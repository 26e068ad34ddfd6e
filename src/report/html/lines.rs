//! Lines from period to period, as SVG.

use super::plot::Axis;
use crate::model::Interval;

/// The size of a chart in its own units.
const WIDE: f64 = 640.0;
const HIGH: f64 = 300.0;
/// Room for the axes.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;
/// Names of periods that have room below a chart.
const NAMED: usize = 7;

/// A line.
pub(super) struct Line {
    /// Its color, as a class of the style sheet.
    pub(super) color: String,
    /// For each period its value, where there is one.
    pub(super) values: Vec<Option<Value>>,
}

/// A point of a line.
pub(super) struct Value {
    /// As a share.
    pub(super) share: f64,
    /// An interval to draw around it.
    pub(super) ends: Option<Interval>,
    /// What it says in a sentence, escaped.
    pub(super) title: String,
}

/// The chart; `periods` are names, escaped.
pub(super) fn lines(what: &str, periods: &[String], lines: &[Line]) -> String {
    let last = periods.len().saturating_sub(1).max(1) as f64;
    let (right, bottom) = (WIDE - RIGHT, HIGH - BOTTOM);
    let at_x = |place: usize| LEFT + 12.0 + place as f64 / last * (right - LEFT - 24.0);
    let axis = Axis::whole("");
    let at_y = |share: f64| bottom - axis.place(share) * (bottom - TOP);
    let mut out = format!(
        "<figure><svg class=plot viewBox=\"0 0 {WIDE} {HIGH}\" role=group aria-label=\"{what}\">\n"
    );
    for tick in axis.ticks() {
        let at = at_y(tick);
        out += &format!("<path class=grid d=\"M{LEFT} {at:.1}H{right}\"/>");
        let (left, low) = (LEFT - 8.0, at + 4.5);
        out += &format!("<text x={left} y={low:.1} text-anchor=end>{}</text>\n", axis.label(tick));
    }
    let step = periods.len().div_ceil(NAMED).max(1);
    for (place, period) in periods.iter().enumerate().step_by(step) {
        let (at, low) = (at_x(place), HIGH - 10.0);
        out += &format!("<text x={at:.1} y={low} text-anchor=middle>{period}</text>\n");
    }
    for (nth, line) in lines.iter().enumerate() {
        out += &format!("<g class={}>", line.color);
        let mut path = String::new();
        let mut drawn = false;
        for (place, value) in line.values.iter().enumerate() {
            if let Some(value) = value {
                let pen = if drawn { 'L' } else { 'M' };
                path += &format!("{pen}{:.1} {:.1}", at_x(place), at_y(value.share));
            }
            drawn = value.is_some();
        }
        out += &format!("<path class=line d=\"{path}\"/>\n");
        for (place, value) in line.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let (x, y) = (at_x(place), at_y(value.share));
            out += &format!("<g><title>{}</title>", value.title);
            if let Some(ends) = value.ends {
                let (low, high) = (at_y(ends.low), at_y(ends.high));
                out += &format!("<path class=whisker d=\"M{x:.1} {low:.1}V{high:.1}\"/>");
            }
            out += &shape(nth, x, y);
            out += "</g>\n";
        }
        out += "</g>\n";
    }
    out + "</svg></figure>\n"
}

/// A sign of the nth line, so that color alone tells nothing.
fn shape(nth: usize, x: f64, y: f64) -> String {
    let d = match nth % 3 {
        0 => return format!("<circle cx={x:.1} cy={y:.1} r=4 />"),
        1 => format!("M{:.1} {:.1}h7v7h-7z", x - 3.5, y - 3.5),
        _ => format!("M{x:.1} {:.1}l5 5-5 5-5-5z", y - 5.0),
    };
    format!("<path class=spot d=\"{d}\"/>")
}

/// A column a period, as high as its share of the highest; those from `marked` stand out.
pub(super) fn columns(values: &[(Option<f64>, String)], marked: std::ops::Range<usize>) -> String {
    let most = values.iter().filter_map(|(value, _)| *value).fold(0.0, f64::max);
    let n = values.len().max(1);
    let mut out = format!(
        "<svg viewBox=\"0 0 {} 30\" preserveAspectRatio=none role=img aria-label=\"from period to period\">",
        10 * n
    );
    for (place, (value, title)) in values.iter().enumerate() {
        let share = value.filter(|_| most > 0.0).map_or(0.0, |value| value / most);
        let high = if value.is_some() { (28.0 * share).max(1.0) } else { 0.0 };
        let color = if marked.contains(&place) { "differ" } else { "agree" };
        out += &format!(
            "<g><title>{title}</title><rect class=alone x={x} width=9 height=30 opacity=.12 />\
             <rect class={color} x={x} y={:.1} width=9 height={high:.1} /></g>",
            30.0 - high,
            x = 10 * place
        );
    }
    out + "</svg>"
}
