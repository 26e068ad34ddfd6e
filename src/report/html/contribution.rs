//! What each labeling function adds: leave-one-out, terms, and pairs that say the same twice.

use super::bars::{Bar, chart, legend};
use super::escape::escape;
use super::numbers::{
    Sheet, cell, count, count_cell, markup, of, percent, precision_of, share_cell, words,
};
use super::view::View;

/// Labels that change when one is left out.
pub(super) fn contributions(view: &View<'_>) -> Option<String> {
    let lfs = &view.report.lfs;
    let rows = |lf: usize| lfs[lf].contribution.map_or(0, |c| c.rows());
    let mut order: Vec<usize> =
        (0..lfs.len()).filter(|&lf| lfs[lf].contribution.is_some()).collect();
    if order.is_empty() {
        return Some(
            "<p class=none>That was not computed: run with <code>--uncertainty full</code>.</p>"
                .to_owned(),
        );
    }
    order.sort_by_key(|&lf| (std::cmp::Reverse(rows(lf)), lf));
    let most = rows(order[0]).max(1) as f64;
    let mut out =
        "<p class=lede>The labels hang on those at the top: check these with most care. Those at \
                   the bottom change nothing and can go, if nobody needs them as a reason.</p>\n"
            .to_owned();
    out += &legend(&[
        ("differ", "get another label"),
        ("alone", "lose their label"),
        ("agree", "gain one"),
    ]);
    let bar = |&lf: &usize| {
        let c = lfs[lf].contribution.unwrap_or_default();
        let part = |rows: u64, color: &str| (rows as f64 / most, color.to_owned());
        let title = format!(
            "without {}: {} rows get another label, {} lose theirs, {} gain one, of {}",
            lfs[lf].name,
            count(c.flipped),
            count(c.lost),
            count(c.gained),
            count(view.report.rows.rows)
        );
        Bar {
            name: view.link(lf),
            parts: vec![part(c.flipped, "differ"), part(c.lost, "alone"), part(c.gained, "agree")],
            ends: None,
            value: count(rows(lf)),
            title: escape(&title),
        }
    };
    out += &chart(&order.iter().take(view.room.bars).map(bar).collect::<Vec<Bar>>());
    out += &view.note(order.len(), view.room.bars, "changes");
    let heads = [
        "Without",
        "#get another label",
        "#lose theirs",
        "#gain one",
        "#no other vote",
        "#accuracy on gold, points",
    ];
    let of_rows = format!("of {} rows", count(view.report.rows.rows));
    let mut sheet = Sheet::new("Table: what changes without each", &heads);
    for &lf in order.iter().take(view.room.lines) {
        let Some(c) = lfs[lf].contribution else { continue };
        sheet.row(&[
            markup(&lfs[lf].name, &view.link(lf)),
            count_cell(c.flipped, &of_rows),
            count_cell(c.lost, &of_rows),
            count_cell(c.gained, &of_rows),
            count_cell(c.only_it, &of_rows),
            cell(
                c.accuracy,
                |points| format!("{:+.2}", 100.0 * points),
                "with it, minus without it",
            ),
        ]);
    }
    Some(out + &sheet.end())
}

/// Terms that are listed.
const TERMS: usize = 60;

/// Words of lists, keys of tables and texts of patterns: the doubtful ones first.
pub(super) fn terms(view: &View<'_>) -> Option<String> {
    let lfs = view.report.lfs.iter().enumerate();
    let mut terms: Vec<_> = lfs
        .filter_map(|(lf, of_lf)| Some((lf, of_lf.terms.as_ref()?)))
        .flat_map(|(lf, found)| found.terms.iter().map(move |term| (lf, term)))
        .collect();
    if terms.is_empty() {
        return Some("<p class=none>No terms were looked at for this report.</p>".to_owned());
    }
    terms.sort_by_key(|(lf, term)| (!term.doubtful, std::cmp::Reverse(term.rows.count), *lf));
    let mut out =
        "<p class=lede>One bad word can spoil a good list. Terms marked ▲ cause doubtful votes: \
                   take them out, or give them an exception.</p>\n"
            .to_owned();
    let heads = [
        "Found",
        "By",
        "",
        "#rows",
        "#of its sample",
        "#conflict",
        "#learned accuracy",
        "#right on gold",
    ];
    let mut sheet = Sheet::plain(&heads);
    for (lf, term) in terms.iter().take(TERMS) {
        sheet.row(&[
            words(&term.term),
            markup(&view.lf(*lf).name, &view.link(*lf)),
            words(if term.doubtful { "▲ doubtful" } else { "" }),
            count_cell(term.rows.count, &of(term.rows, "rows looked at")),
            share_cell(term.rows, "rows looked at"),
            share_cell(term.conflict, "rows with it have a vote that contradicts"),
            cell(term.learned_accuracy, percent, "mean over the rows with it"),
            cell(
                term.precision.map(|p| p.value),
                percent,
                &term.precision.map(precision_of).unwrap_or_default(),
            ),
        ]);
    }
    out += &sheet.end();
    if terms.len() > TERMS {
        out += &format!(
            "<p class=quiet>{} more stand with their labeling functions.</p>\n",
            count((terms.len() - TERMS) as u64)
        );
    }
    Some(out)
}

/// Pairs that agree beyond what the label explains.
pub(super) fn pairs(view: &View<'_>) -> Option<String> {
    let pairs = &view.report.dependencies;
    if pairs.is_empty() {
        return Some("<p class=none>No two agree more than the label explains.</p>".to_owned());
    }
    let mut out =
        "<p class=lede>Two that repeat each other count as two opinions and are one. Retire one, \
                   or join them.</p>\n"
            .to_owned();
    let heads =
        ["One", "The other", "#agree on rows", "#expected", "#strength", "#partial correlation"];
    let mut sheet = Sheet::plain(&heads);
    for pair in pairs {
        sheet.row(&[
            markup(&pair.first, &view.link_name(&pair.first)),
            markup(&pair.second, &view.link_name(&pair.second)),
            count_cell(pair.agree, "rows where both vote the same"),
            cell(
                Some(pair.expected),
                |rows| format!("{rows:.1}"),
                "were they independent given the label",
            ),
            cell(
                Some(pair.strength),
                |s| format!("{s:.2}"),
                "(agree − expected) / (possible − expected)",
            ),
            cell(
                Some(pair.partial_correlation),
                |c| format!("{c:.2}"),
                "that the label does not account for",
            ),
        ]);
    }
    out += &sheet.end();
    Some(out)
}
