//! What sections on slices and periods share: the numbers of some of the rows, and what is not the same in
//! them as in the others.

use super::escape::escape;
use super::numbers::{
    Sheet, cell, count, count_cell, markup, of, percent, precision_of, share_cell, words,
};
use super::view::View;
use crate::lf::Measure;
use crate::model::Interval;
use crate::report::{Difference, GroupReport, Precision, Share};

/// Classes that have a line or a column of their own.
pub(super) const CLASSES: usize = 7;

/// A number of a group: what it is in the words of the page, and of what it is a part.
pub(super) struct Number {
    pub(super) measure: Measure,
    pub(super) name: &'static str,
    pub(super) whole: &'static str,
    pub(super) color: &'static str,
}

/// In the order in which they are shown.
pub(super) const NUMBERS: [Number; 4] = [
    Number {
        measure: Measure::Coverage,
        name: "have a vote",
        whole: "of its rows",
        color: "agree",
    },
    Number {
        measure: Measure::Conflict,
        name: "have votes that contradict",
        whole: "of its rows",
        color: "differ",
    },
    Number { measure: Measure::Labeled, name: "got a label", whole: "of its rows", color: "agree" },
    Number {
        measure: Measure::Precision,
        name: "right on gold",
        whole: "of its labels on rows with a gold label",
        color: "k0",
    },
];

/// The interval of a precision.
pub(super) fn ends(precision: Precision) -> Interval {
    Interval { low: precision.low, high: precision.high }
}

/// What a number of a group comes from.
pub(super) fn title(numbers: &GroupReport, number: &Number, share: Share) -> String {
    match numbers.precision.filter(|_| number.measure == Measure::Precision) {
        Some(precision) => precision_of(precision),
        None => of(share, number.whole),
    }
}

/// Of what a share of a difference is a part.
pub(super) fn whole_of(difference: &Difference) -> &'static str {
    match (difference.measure, difference.lf.is_some()) {
        (Measure::Conflict, true) => "of its votes",
        (Measure::Precision, true) => "votes on rows with a gold label",
        (Measure::Precision, false) => "labels on rows with a gold label",
        _ => "rows",
    }
}

/// Whom a difference is about, as a cell.
pub(super) fn who(view: &View<'_>, difference: &Difference) -> String {
    match &difference.lf {
        Some(lf) => markup(lf, &view.link_name(lf)),
        None => words("all labeling functions together"),
    }
}

/// The numbers of groups: those of the JSON, with both counts in the tooltip.
pub(super) fn sheet<'a>(
    view: &View<'_>,
    summary: &str,
    first: &str,
    whole: &GroupReport,
    groups: impl Iterator<Item = (&'a str, &'a GroupReport)>,
) -> String {
    let mut heads: Vec<String> = [
        first,
        "#rows",
        "#have a vote",
        "#share",
        "#contradict",
        "#share",
        "#got a label",
        "#share",
    ]
    .map(str::to_owned)
    .into();
    if whole.precision.is_some() {
        heads.extend(["#right", "#gold rows", "#precision", "#from", "#to"].map(str::to_owned));
    }
    let classes = whole.classes.iter().take(CLASSES);
    heads.extend(classes.map(|class| format!("#{}", escape(&class.name))));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut sheet = Sheet::new(summary, &heads);
    for (name, numbers) in groups.take(view.room.lines) {
        let mut cells =
            vec![words(name), count_cell(numbers.rows.count, &of(numbers.rows, "rows"))];
        for share in [numbers.coverage, numbers.conflict, numbers.labeled] {
            cells.push(count_cell(share.count, &of(share, "of its rows")));
            cells.push(share_cell(share, "of its rows"));
        }
        if whole.precision.is_some() {
            match numbers.precision {
                Some(p) => cells.extend([
                    count_cell(p.correct, &format!("of {} labels on gold rows", count(p.n))),
                    count_cell(p.n, "its rows with a gold label that got a label"),
                    cell(Some(p.value), percent, &precision_of(p)),
                    cell(Some(p.low), percent, "95 % interval (Wilson)"),
                    cell(Some(p.high), percent, "95 % interval (Wilson)"),
                ]),
                None => cells.extend((0..5).map(|_| cell(None, percent, ""))),
            }
        }
        let classes = numbers.classes.iter().take(CLASSES);
        cells.extend(classes.map(|class| share_cell(class.hard, "of its labels")));
        sheet.row(&cells);
    }
    sheet.end()
}
