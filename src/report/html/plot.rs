//! Points and curves in two dimensions, with error bars and labels, as SVG.

use crate::model::Interval;

/// The size of a plot in its own units.
const WIDE: f64 = 640.0;
const HIGH: f64 = 420.0;
/// Room for the axes.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 56.0;

/// A point.
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Error bars, in either direction.
    pub(super) of_x: Option<Interval>,
    pub(super) of_y: Option<Interval>,
    /// The name beside it, escaped; it is left out where there is no room.
    pub(super) name: String,
    /// Where it leads to, if anywhere.
    pub(super) href: Option<String>,
    /// What it says in a sentence, escaped.
    pub(super) title: String,
    /// A square rather than a circle, for the second of two series.
    pub(super) square: bool,
}

/// An axis from `low` to `high`, both as shares.
pub(super) struct Axis {
    pub(super) name: &'static str,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Axis {
    /// From 0 to a round share that has room for all values.
    pub(super) fn from_zero(name: &'static str, values: impl Iterator<Item = f64>) -> Self {
        let most = values.fold(0.0, f64::max);
        let high = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8];
        Self { name, low: 0.0, high: high.into_iter().find(|&h| most <= h).unwrap_or(1.0) }
    }

    /// From 0 to 1.
    pub(super) fn whole(name: &'static str) -> Self {
        Self { name, low: 0.0, high: 1.0 }
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let (low, step) = (self.low, (self.high - self.low) / 5.0);
        (0..=5).map(move |i| low + step * f64::from(i))
    }

    pub(super) fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    pub(super) fn label(&self, value: f64) -> String {
        let digits = if self.high - self.low < 0.05 { 1 } else { 0 };
        format!("{:.digits$} %", 100.0 * value)
    }
}

/// A curve.
pub(super) struct Curve {
    /// Its color, as a class of the style sheet.
    pub(super) color: String,
    pub(super) points: Vec<(f64, f64)>,
    /// What it says in a sentence, escaped.
    pub(super) title: String,
    /// A place to mark, near the curve, and what that says, escaped.
    pub(super) mark: Option<(f64, f64, String)>,
}

/// How the nth of several curves is drawn, so that color alone tells nothing.
pub(super) fn stroke(nth: usize) -> &'static str {
    ["", " dashed", " dotted"][nth % 3]
}

/// Where values lie.
struct Frame<'a> {
    x: &'a Axis,
    y: &'a Axis,
}

impl Frame<'_> {
    fn at_x(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (WIDE - LEFT - RIGHT)
    }

    fn at_y(&self, value: f64) -> f64 {
        HIGH - BOTTOM - self.y.place(value) * (HIGH - TOP - BOTTOM)
    }

    /// The start of a plot: its axes, and where both values are equal.
    fn open(&self, what: &str, diagonal: bool) -> String {
        let (x, y) = (self.x, self.y);
        let mut out = format!(
            "<figure><svg class=plot viewBox=\"0 0 {WIDE} {HIGH}\" role=group aria-label=\"{what}\">\n"
        );
        let (right, bottom) = (WIDE - RIGHT, HIGH - BOTTOM);
        for tick in x.ticks() {
            let at = self.at_x(tick);
            out += &format!("<path class=grid d=\"M{at:.1} {TOP}V{bottom}\"/>");
            let (low, label) = (bottom + 18.0, x.label(tick));
            out += &format!("<text x={at:.1} y={low} text-anchor=middle>{label}</text>\n");
        }
        for tick in y.ticks() {
            let at = self.at_y(tick);
            out += &format!("<path class=grid d=\"M{LEFT} {at:.1}H{right}\"/>");
            let (left, low) = (LEFT - 8.0, at + 4.5);
            out += &format!("<text x={left} y={low:.1} text-anchor=end>{}</text>\n", y.label(tick));
        }
        // Names of axes are read as texts are: from left to right.
        let low = HIGH - 8.0;
        out += &format!("<text class=axis x={right} y={low} text-anchor=end>{} →</text>", x.name);
        out += &format!("<text class=axis x=2 y=18>↑ {}</text>\n", y.name);
        if diagonal {
            let (low, high) = (x.low.max(y.low), x.high.min(y.high));
            out += &format!(
                "<path class=diagonal d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>\n",
                self.at_x(low),
                self.at_y(low),
                self.at_x(high),
                self.at_y(high)
            );
        }
        out
    }
}

/// Curves, each with a stroke of its own; `diagonal` is where both values are equal.
pub(super) fn curves(what: &str, x: &Axis, y: &Axis, diagonal: bool, curves: &[Curve]) -> String {
    let frame = Frame { x, y };
    let mut out = frame.open(what, diagonal);
    for (nth, curve) in curves.iter().enumerate() {
        out += &format!("<g class={}><title>{}</title>", curve.color, curve.title);
        out += &format!("<path class=\"line{}\" d=\"", stroke(nth));
        for (place, &(px, py)) in curve.points.iter().enumerate() {
            let pen = if place == 0 { 'M' } else { 'L' };
            out += &format!("{pen}{:.1} {:.1}", frame.at_x(px), frame.at_y(py));
        }
        out += "\"/></g>\n";
    }
    // Marks lie above all curves.
    for curve in curves {
        let Some((px, py, title)) = &curve.mark else { continue };
        let (px, py) = (frame.at_x(*px), frame.at_y(*py));
        out += &format!(
            "<g class={}><title>{title}</title><circle cx={px:.1} cy={py:.1} r=5 /></g>\n",
            curve.color
        );
    }
    out + "</svg></figure>\n"
}

/// The plot; `diagonal` is where both values are equal.
pub(super) fn plot(what: &str, x: &Axis, y: &Axis, diagonal: bool, points: &[Point]) -> String {
    let frame = Frame { x, y };
    let (at_x, at_y) = (|value| frame.at_x(value), |value| frame.at_y(value));
    let mut out = frame.open(what, diagonal);
    // Labels keep away from points and from each other.
    let mut taken: Vec<[f64; 4]> = points
        .iter()
        .map(|p| (at_x(p.x), at_y(p.y)))
        .map(|(x, y)| [x - 5.0, y - 5.0, x + 5.0, y + 5.0])
        .collect();
    for point in points {
        let (px, py) = (at_x(point.x), at_y(point.y));
        if let Some(href) = &point.href {
            out += &format!("<a href=\"#{href}\">");
        } else {
            out += "<g>";
        }
        out += &format!("<title>{}</title>", point.title);
        let class = if point.square { "second" } else { "first" };
        let mut bars = String::new();
        if let Some(ends) = point.of_y {
            bars += &format!("M{px:.1} {:.1}V{:.1}", at_y(ends.low), at_y(ends.high));
        }
        if let Some(ends) = point.of_x {
            bars += &format!("M{:.1} {py:.1}H{:.1}", at_x(ends.low), at_x(ends.high));
        }
        if !bars.is_empty() {
            out += &format!("<path class=\"error {class}\" d=\"{bars}\"/>");
        }
        out += &if point.square {
            let (x, y) = (px - 4.5, py - 4.5);
            format!("<rect class=\"point {class}\" x={x:.1} y={y:.1} width=9 height=9 />")
        } else {
            format!("<circle class=\"point {class}\" cx={px:.1} cy={py:.1} r=5 />")
        };
        if let Some((x, y, anchor)) = room(&mut taken, point, px, py) {
            out += &format!("<text x={x:.1} y={y:.1}{anchor}>{}</text>", point.name);
        }
        out += if point.href.is_some() { "</a>\n" } else { "</g>\n" };
    }
    out + "</svg></figure>\n"
}

/// Where the name of a point has room: right, left, above or below.
fn room(
    taken: &mut Vec<[f64; 4]>,
    point: &Point,
    px: f64,
    py: f64,
) -> Option<(f64, f64, &'static str)> {
    let wide = point.name.chars().count() as f64 * 7.0;
    if wide == 0.0 {
        return None;
    }
    let (start, end, middle) = ("", " text-anchor=end", " text-anchor=middle");
    for (x, y, anchor, left) in [
        (px + 8.0, py + 4.5, start, px + 8.0),
        (px - 8.0, py + 4.5, end, px - 8.0 - wide),
        (px, py - 9.0, middle, px - wide / 2.0),
        (px, py + 18.0, middle, px - wide / 2.0),
    ] {
        let label = [left, y - 11.0, left + wide, y + 3.0];
        let inside =
            left > LEFT && left + wide < WIDE && label[1] > 0.0 && label[3] < HIGH - BOTTOM + 4.0;
        let meets = |other: &[f64; 4]| {
            label[0] < other[2] && other[0] < label[2] && label[1] < other[3] && other[1] < label[3]
        };
        if inside && !taken.iter().any(meets) {
            taken.push(label);
            return Some((x, y, anchor));
        }
    }
    None
}
