//! Periods one after the other: how votes and labels go, and which labeling functions drift.

use super::bars::legend;
use super::escape::escape;
use super::groups::{CLASSES, NUMBERS, Number, ends, sheet, title, who, whole_of};
use super::lines::{Line, Value, columns, lines};
use super::numbers::{
    Sheet, count, count_cell, markup, of, percent, share as share_of, share_cell, words,
};
use super::view::View;
use crate::lf::Measure;
use crate::report::{Change, GroupReport, PeriodsReport, Share};

/// Labeling functions that are drawn from period to period.
const DRIFTING: usize = 30;

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
