//! How often labeling functions are right: on rows with a gold label, and as the model has it.

use super::escape::escape;
use super::numbers::{
    Sheet, cell, count, count_cell, ends_of, interval, markup, of, percent, precision_of,
    share_cell,
};
use super::plot::{Axis, Point, plot};
use super::view::View;
use crate::model::Interval;

const NO_GOLD: &str = "<p class=none>No row on which they vote has a gold label, so nobody knows. Label \
                       some rows by hand, in a column that the spec names as <code>input.gold</code>.</p>";

/// Precision on gold rows against coverage.
pub(super) fn precision(view: &View<'_>) -> Option<String> {
    let order: Vec<usize> =
        view.by_rows().into_iter().filter(|&lf| view.lf(lf).precision.is_some()).collect();
    if order.is_empty() {
        return Some(NO_GOLD.to_owned());
    }
    let mut out = "<p class=lede>Top right is what you want: right, and on many rows. What is low and far \
                   to the right does most harm; long bars mean that too few rows were checked to tell.</p>\n"
        .to_owned();
    let point = |&lf: &usize| {
        let of_lf = view.lf(lf);
        let precision = of_lf.precision?;
        let title = format!(
            "{}: {}; votes on {}",
            of_lf.name,
            precision_of(precision),
            of(of_lf.coverage, "rows")
        );
        Some(Point {
            x: of_lf.coverage.share?,
            y: precision.value,
            of_x: None,
            of_y: Some(Interval { low: precision.low, high: precision.high }),
            name: escape(&of_lf.name),
            href: Some(view.anchor(lf)),
            title: escape(&title),
            square: false,
        })
    };
    let points: Vec<Point> = order.iter().take(view.room.points).filter_map(point).collect();
    let x = Axis::from_zero("coverage: rows it votes on, of all rows", points.iter().map(|p| p.x));
    let y = Axis::whole("right, of its votes on gold rows");
    out += &plot("precision against coverage", &x, &y, false, &points);
    out += &view.note(order.len(), view.room.points, "rows");
    let heads =
        ["Name", "#coverage", "#right", "#votes on gold rows", "#precision", "#from", "#to"];
    let mut sheet = Sheet::new("Table: precision and coverage", &heads);
    for &lf in order.iter().take(view.room.lines) {
        let of_lf = view.lf(lf);
        let Some(p) = of_lf.precision else { continue };
        sheet.row(&[
            markup(&of_lf.name, &view.link(lf)),
            share_cell(of_lf.coverage, "rows"),
            count_cell(p.correct, &format!("of {} votes on gold rows", count(p.n))),
            count_cell(p.n, &format!("of its votes on {} rows", count(of_lf.coverage.count))),
            cell(Some(p.value), percent, &format!("{} of {}", count(p.correct), count(p.n))),
            cell(Some(p.low), percent, "95 % interval (Wilson)"),
            cell(Some(p.high), percent, "95 % interval (Wilson)"),
        ]);
    }
    Some(out + &sheet.end())
}

/// Learned accuracy against precision on gold.
pub(super) fn learned(view: &View<'_>) -> Option<String> {
    let both =
        |lf: &usize| view.lf(*lf).precision.is_some() && view.lf(*lf).learned_accuracy.is_some();
    let order: Vec<usize> = view.by_rows().into_iter().filter(both).collect();
    if order.is_empty() {
        return Some(
            "<p class=none>No labeling function has both a learned accuracy and votes on rows with a gold \
             label.</p>"
                .to_owned(),
        );
    }
    let mut out =
        "<p class=lede>On the line, the model believes what is known. Below it, it believes a \
                   labeling function too much: look at its wrong rows. Above it, too little.</p>\n"
            .to_owned();
    let point = |&lf: &usize| {
        let of_lf = view.lf(lf);
        let (precision, learned) = (of_lf.precision?, of_lf.learned_accuracy?);
        let ends = of_lf.learned_interval;
        let title = format!(
            "{}: learned {}{} over {} rows; {}",
            of_lf.name,
            percent(learned),
            ends.map_or_else(String::new, |ends| format!(" ({})", interval(ends))),
            count(of_lf.coverage.count),
            precision_of(precision)
        );
        Some(Point {
            x: learned,
            y: precision.value,
            of_x: ends,
            of_y: Some(Interval { low: precision.low, high: precision.high }),
            name: escape(&of_lf.name),
            href: Some(view.anchor(lf)),
            title: escape(&title),
            square: false,
        })
    };
    let points: Vec<Point> = order.iter().take(view.room.points).filter_map(point).collect();
    let x = Axis::whole("learned accuracy: what the model believes");
    let y = Axis::whole("right, of its votes on gold rows");
    out += &plot("learned accuracy against precision on gold", &x, &y, true, &points);
    out += &view.note(order.len(), view.room.points, "rows");
    let heads = ["Name", "#learned", "#from", "#to", "#on gold", "#right", "#votes on gold rows"];
    let mut sheet = Sheet::new("Table: learned and known", &heads);
    for &lf in order.iter().take(view.room.lines) {
        let of_lf = view.lf(lf);
        let Some(p) = of_lf.precision else { continue };
        let ends = of_lf.learned_interval;
        let mean = format!("mean over its {} rows", count(of_lf.coverage.count));
        sheet.row(&[
            markup(&of_lf.name, &view.link(lf)),
            cell(of_lf.learned_accuracy, percent, &mean),
            cell(ends.map(|ends| ends.low), percent, "95 % interval"),
            cell(ends.map(|ends| ends.high), percent, "95 % interval"),
            cell(Some(p.value), percent, &format!("95 % interval {}", ends_of(p.low, p.high))),
            count_cell(p.correct, &format!("of {} votes on gold rows", count(p.n))),
            count_cell(p.n, &format!("of its votes on {} rows", count(of_lf.coverage.count))),
        ]);
    }
    Some(out + &sheet.end())
}
