//! Slices against all rows, and periods one after the other: how votes and labels fare there, and which
//! labeling functions break or drift.

use super::bars::{Bar, chart, legend};
use super::escape::escape;
use super::lines::{Line, Value, columns, lines};
use super::numbers::{
    Sheet, cell, count, count_cell, markup, of, percent, precision_of, share as share_of,
    share_cell, words,
};
use super::view::View;
use crate::lf::Measure;
use crate::model::Interval;
use crate::report::{Change, Difference, GroupReport, PeriodsReport, Precision, Share};

/// Classes that have a line or a column of their own.
const CLASSES: usize = 7;
/// Slices that are drawn.
const SLICES: usize = 25;
/// Labeling functions that are drawn from period to period.
const DRIFTING: usize = 30;

/// A number of a group: what it is in the words of the page, and of what it is a part.
struct Number {
    measure: Measure,
    name: &'static str,
    whole: &'static str,
    color: &'static str,
}

const NUMBERS: [Number; 4] = [
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

fn ends(precision: Precision) -> Interval {
    Interval { low: precision.low, high: precision.high }
}

/// What a number of a group comes from.
fn title(numbers: &GroupReport, number: &Number, share: Share) -> String {
    match numbers.precision.filter(|_| number.measure == Measure::Precision) {
        Some(precision) => precision_of(precision),
        None => of(share, number.whole),
    }
}

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

/// Of what a share of a difference is a part.
fn whole_of(difference: &Difference) -> &'static str {
    match (difference.measure, difference.lf.is_some()) {
        (Measure::Conflict, true) => "of its votes",
        (Measure::Precision, true) => "votes on rows with a gold label",
        (Measure::Precision, false) => "labels on rows with a gold label",
        _ => "rows",
    }
}

/// Whom a difference is about, as a cell.
fn who(view: &View<'_>, difference: &Difference) -> String {
    match &difference.lf {
        Some(lf) => markup(lf, &view.link_name(lf)),
        None => words("all labeling functions together"),
    }
}

/// The numbers of groups: those of the JSON, with both counts in the tooltip.
fn sheet<'a>(
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

/// Votes and labels from period to period, and what drifts.
pub(super) fn time(view: &View<'_>) -> Option<String> {
    let report = view.report.periods.as_ref()?;
    let whole = view.report.whole();
    let grain = report.grain.name();
    let mut out = format!(
        "<p class=lede>By {grain} of <code>{}</code>. A step in a line means that the data changed, or how \
         they are written: read rows from before and after it.</p>\n",
        escape(&report.column)
    );
    if report.without_time.count > 0 {
        out += &format!("<p class=quiet>{} have no time.</p>\n", of(report.without_time, "rows"));
    }
    if report.periods.is_empty() {
        return Some(out + "<p class=none>No row has a time.</p>\n");
    }
    let names: Vec<String> = report.periods.iter().map(|period| escape(&period.name)).collect();
    out += &overview(report, &names, &whole);
    out += &labels(view, report, &names, &whole);
    let named = report.periods.iter().map(|period| (period.name.as_str(), &period.numbers));
    out += &sheet(view, "Table: periods", "Period", &whole, named);
    Some(out + &drifting(view, report, &names))
}

/// Coverage, conflict and precision.
fn overview(report: &PeriodsReport, names: &[String], whole: &GroupReport) -> String {
    let drawn = NUMBERS.iter().filter(|number| match number.measure {
        Measure::Labeled => false,
        Measure::Precision => whole.precision.is_some(),
        _ => true,
    });
    let drawn: Vec<&Number> = drawn.collect();
    let line = |number: &&Number| Line {
        color: number.color.to_owned(),
        values: report
            .periods
            .iter()
            .map(|period| {
                let share = period.numbers.share(number.measure)?;
                let said = title(&period.numbers, number, share);
                let value = share.share?;
                let is_gold = number.measure == Measure::Precision;
                Some(Value {
                    share: value,
                    ends: period.numbers.precision.filter(|_| is_gold).map(ends),
                    title: escape(&format!(
                        "{}, {}: {} ({said})",
                        period.name,
                        number.name,
                        percent(value)
                    )),
                })
            })
            .collect(),
    };
    let parts: Vec<(&str, &str)> = drawn.iter().map(|number| (number.color, number.name)).collect();
    let series: Vec<Line> = drawn.iter().map(line).collect();
    legend(&parts) + &lines("votes and labels from period to period", names, &series)
}

/// The shares of the labels.
fn labels(
    view: &View<'_>,
    report: &PeriodsReport,
    names: &[String],
    whole: &GroupReport,
) -> String {
    let n = whole.classes.len().min(CLASSES);
    if n < 2 {
        return String::new();
    }
    let line = |place: usize| Line {
        color: View::color_of(place),
        values: report
            .periods
            .iter()
            .map(|period| {
                let class = period.numbers.classes.get(place)?;
                let share = class.hard.share?;
                Some(Value {
                    share,
                    ends: None,
                    title: escape(&format!(
                        "{}, {}: {} ({})",
                        period.name,
                        class.name,
                        percent(share),
                        of(class.hard, "labels")
                    )),
                })
            })
            .collect(),
    };
    let chips: String =
        whole.classes[..n].iter().map(|class| format!("<li>{}", view.chip(&class.name))).collect();
    let mut out = format!("<h3>Shares of the labels</h3>\n<ul class=legend>{chips}</ul>\n");
    out += &lines(
        "shares of the labels from period to period",
        names,
        &(0..n).map(line).collect::<Vec<Line>>(),
    );
    if whole.classes.len() > n {
        out += &format!("<p class=quiet>The first {n} labels are drawn.</p>\n");
    }
    out
}

/// The counts behind a change, period by period.
fn series(report: &PeriodsReport, change: &Change) -> Vec<Share> {
    let difference = &change.difference;
    let lf = difference.lf.as_ref();
    let lf = lf.and_then(|name| report.lfs.iter().find(|lf| lf.name == *name));
    let at = |counts: &[u64], place: usize| counts.get(place).copied().unwrap_or(0);
    let periods = report.periods.iter().enumerate();
    periods
        .map(|(place, period)| match (lf, difference.measure) {
            (Some(lf), Measure::Coverage) => {
                Share::new(at(&lf.votes, place), period.numbers.rows.count)
            }
            (Some(lf), _) => Share::new(at(&lf.conflicts, place), at(&lf.votes, place)),
            (None, measure) => period.numbers.share(measure).unwrap_or(Share::new(0, 0)),
        })
        .collect()
}

/// What drifts: a strip each, and tables.
fn drifting(view: &View<'_>, report: &PeriodsReport, names: &[String]) -> String {
    let mut out = "<h3>What drifts</h3>\n".to_owned();
    if report.changes.is_empty() {
        return out
            + "<p class=none>No labeling function votes or is contradicted clearly more or less often in \
               some periods than in others.</p>\n";
    }
    out += "<p class=lede>A column a period, as high as its share of the highest; those that depart are \
            orange. Does the rule look for something that was renamed, or that came and went?</p>\n";
    let shown = |share: Share| share.share.map_or_else(|| "—".to_owned(), percent);
    for change in report.changes.iter().take(DRIFTING) {
        let difference = &change.difference;
        let start = report.periods.iter().position(|period| period.name == change.period);
        let start = start.unwrap_or(names.len());
        let end = if change.lasting { names.len() } else { (start + 1).min(names.len()) };
        let (what, whole) = match (difference.measure, difference.lf.is_some()) {
            (Measure::Coverage, true) => ("votes on", "of the rows"),
            (Measure::Coverage, false) => ("there are votes on", "of the rows"),
            (_, true) => ("others contradict", "of its votes"),
            (_, false) => ("votes contradict on", "of the rows"),
        };
        let values = series(report, change).into_iter().zip(names).map(|(value, name)| {
            let said = format!("{name}: {} ({})", shown(value), of(value, whole_of(difference)));
            (value.share, said)
        });
        let values: Vec<(Option<f64>, String)> = values.collect();
        let name = difference
            .lf
            .as_ref()
            .map_or_else(|| "all together".to_owned(), |name| view.link_name(name));
        let (since, before) =
            if change.lasting { ("since", "before") } else { ("in", "otherwise") };
        out += &format!(
            "<div class=drift><span class=name>{name}</span>{}<span class=said>{what} {} {whole} {since} {}, \
             {before} {}</span></div>\n",
            columns(&values, start..end),
            share_of(difference.inside, whole_of(difference)),
            escape(&change.period),
            share_of(difference.elsewhere, whole_of(difference)),
        );
    }
    if report.changes.len() > DRIFTING {
        out += &format!("<p class=quiet>The {DRIFTING} clearest are drawn.</p>\n");
    }
    out + &changes(view, report) + &by_period(view, report, names)
}

fn changes(view: &View<'_>, report: &PeriodsReport) -> String {
    let heads =
        ["What", "Number", "When", "#count", "#of", "#share", "#otherwise", "#of", "#share"];
    let mut sheet = Sheet::new("Table: what drifts", &heads);
    for change in report.changes.iter().take(view.room.lines) {
        let difference = &change.difference;
        let whole = whole_of(difference);
        let mut cells = vec![
            who(view, difference),
            words(difference.measure.name()),
            markup(
                &change.period,
                &format!(
                    "{} {}",
                    if change.lasting { "since" } else { "in" },
                    escape(&change.period)
                ),
            ),
        ];
        for share in [difference.inside, difference.elsewhere] {
            cells.push(count_cell(share.count, &of(share, whole)));
            cells.push(count_cell(share.of, whole));
            cells.push(share_cell(share, whole));
        }
        sheet.row(&cells);
    }
    sheet.end() + &view.rest(report.changes.len())
}

/// The rows that drifting labeling functions vote on, and that others contradict, by period.
fn by_period(view: &View<'_>, report: &PeriodsReport, names: &[String]) -> String {
    let mut drifting: Vec<&str> = Vec::new();
    for lf in report.changes.iter().filter_map(|change| change.difference.lf.as_deref()) {
        if !drifting.contains(&lf) && drifting.len() < DRIFTING {
            drifting.push(lf);
        }
    }
    let lfs = drifting.iter().filter_map(|name| report.lfs.iter().find(|lf| lf.name == **name));
    let lfs: Vec<_> = lfs.collect();
    if lfs.is_empty() {
        return String::new();
    }
    let mut heads = vec![("Name".to_owned(), String::new()), (String::new(), String::new())];
    let periods = names.iter().zip(&report.periods);
    heads.extend(periods.map(|(name, period)| {
        let rows = count(period.numbers.rows.count);
        (format!("#{name}"), format!("of {rows} rows of {name}; contradicted: of its votes"))
    }));
    let mut sheet = Sheet::titled("Table: drifting labeling functions by period", &heads);
    for lf in lfs {
        for (what, counts) in [("votes on", &lf.votes), ("contradicted", &lf.conflicts)] {
            let mut cells = vec![markup(&lf.name, &view.link_name(&lf.name)), words(what)];
            cells.extend(counts.iter().map(|n| count_cell(*n, "")));
            sheet.row(&cells);
        }
    }
    sheet.end()
}
