//! Slices against all rows: how votes and labels fare there, and which labeling functions break.

use super::bars::{Bar, chart};
use super::escape::escape;
use super::groups::{NUMBERS, ends, sheet, title, who, whole_of};
use super::numbers::{Sheet, count_cell, percent, share_cell, words};
use super::view::View;
use crate::lf::Measure;
use crate::report::Difference;

/// Slices that are drawn.
const SLICES: usize = 25;

/// Each slice against all rows, and what is worse there.
pub(super) fn slices(view: &View<'_>) -> Option<String> {
    let slices = &view.report.slices;
    if slices.is_empty() {
        return None;
    }
    let whole = view.report.whole();
    let worse = slices.iter().any(|slice| !slice.worse.is_empty());
    let mut out = format!(
        "<p class=lede>Rules that are good in general may fail where it matters. {}</p>\n",
        if worse {
            "What is marked ▲ is worse in a slice than elsewhere, clearly and beyond chance."
        } else {
            "Nothing is clearly worse in a slice than elsewhere."
        }
    );
    out += "<div class=multiples>\n";
    for number in &NUMBERS {
        if number.measure == Measure::Precision && whole.precision.is_none() {
            continue;
        }
        let all = std::iter::once((None, &whole));
        let drawn = slices.iter().take(SLICES).map(|slice| (Some(slice), &slice.numbers));
        let bars = all.chain(drawn).map(|(slice, numbers)| {
            let share = numbers.share(number.measure);
            let is = |d: &&Difference| d.lf.is_none() && d.measure == number.measure;
            let marked = slice.is_some_and(|slice| slice.worse.iter().any(|d| is(&d)));
            let name = slice.map_or("all rows", |slice| slice.name.as_str());
            let value = share.and_then(|share| share.share);
            let precision = numbers.precision.filter(|_| number.measure == Measure::Precision);
            let said = share.map_or_else(
                || "no such label on a row with a gold label".to_owned(),
                |share| title(numbers, number, share),
            );
            let color = if slice.is_none() { "all" } else { number.color };
            Bar {
                name: escape(name),
                parts: vec![(value.unwrap_or(0.0), color.to_owned())],
                ends: precision.map(ends),
                value: format!(
                    "{}{}",
                    if marked { "<b>▲</b> " } else { "" },
                    value.map_or_else(|| "—".to_owned(), percent)
                ),
                title: escape(&format!("{name}, {}: {said}", number.name)),
            }
        });
        let bars: Vec<Bar> = bars.collect();
        out += &format!("<div><h3>{}</h3>\n{}</div>\n", number.name, chart(&bars));
    }
    out += "</div>\n";
    if slices.len() > SLICES {
        out += &format!("<p class=quiet>The first {SLICES} are drawn.</p>\n");
    }
    let all = std::iter::once(("all rows", &whole));
    let named = slices.iter().map(|slice| (slice.name.as_str(), &slice.numbers));
    out += &sheet(view, "Table: slices", "Slice", &whole, all.chain(named));
    out += &view.rest(slices.len() + 1);
    Some(out + &breaking(view))
}

/// What is worse in a slice, as a table.
fn breaking(view: &View<'_>) -> String {
    let slices = &view.report.slices;
    let all: Vec<(&str, &Difference)> = slices
        .iter()
        .flat_map(|slice| slice.worse.iter().map(|worse| (slice.name.as_str(), worse)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let heads =
        ["Slice", "What is worse there", "Number", "#there", "#elsewhere", "#rows it makes"];
    let mut sheet = Sheet::shown("Table: what is worse in slices", &heads);
    for (slice, worse) in all.iter().take(view.room.lines) {
        let whole = whole_of(worse);
        sheet.row(&[
            words(slice),
            who(view, worse),
            words(worse.measure.name()),
            share_cell(worse.inside, whole),
            share_cell(worse.elsewhere, whole),
            count_cell(worse.rows(), "rows that would be otherwise with the share elsewhere"),
        ]);
    }
    sheet.end() + &view.rest(all.len())
}
