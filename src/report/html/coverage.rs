//! Where labeling functions vote, and how many on a row.

use super::bars::{Bar, chart, legend};
use super::escape::escape;
use super::numbers::{Sheet, count, count_cell, markup, of, percent, share_cell};
use super::view::View;
use crate::report::Share;

/// Alone, agreeing, conflicting.
pub(super) fn coverage(view: &View<'_>) -> Option<String> {
    let order = view.by_rows();
    let Some(&first) = order.first() else {
        return Some("<p class=none>No labeling function votes on any row.</p>".to_owned());
    };
    let most = view.lf(first).coverage.count as f64;
    let mut out =
        "<p class=lede>Conflicts are where the labels are decided: look at long orange ends \
                   first. A bar that is all gray has nobody to check it.</p>\n"
            .to_owned();
    out += &legend(&[
        ("alone", "alone"),
        ("agree", "others agree"),
        ("differ", "another contradicts"),
    ]);
    let bar = |&lf: &usize| {
        let of_lf = view.lf(lf);
        let part = |part: Share, color: &str| (part.count as f64 / most, color.to_owned());
        let title = format!(
            "{}: {}; {} alone, {} agreeing, {} conflicting",
            of_lf.name,
            of(of_lf.coverage, "rows"),
            count(of_lf.alone.count),
            count(of_lf.agreement.count),
            count(of_lf.conflict.count)
        );
        Bar {
            name: view.link(lf),
            parts: vec![
                part(of_lf.alone, "alone"),
                part(of_lf.agreement, "agree"),
                part(of_lf.conflict, "differ"),
            ],
            ends: None,
            value: percent(of_lf.coverage.share.unwrap_or(0.0)),
            title: escape(&title),
        }
    };
    let bars: Vec<Bar> = order.iter().take(view.room.bars).map(bar).collect();
    out += &chart(&bars);
    out += &view.note(order.len(), view.room.bars, "rows");
    let heads = ["Name", "#rows", "#coverage", "#alone", "#agreeing", "#conflicting"];
    let mut sheet = Sheet::new("Table: where they vote", &heads);
    for &lf in order.iter().take(view.room.lines) {
        let of_lf = view.lf(lf);
        let its = |part: Share| count_cell(part.count, &of(part, "of its rows"));
        sheet.row(&[
            markup(&of_lf.name, &view.link(lf)),
            count_cell(of_lf.coverage.count, &of(of_lf.coverage, "rows")),
            share_cell(of_lf.coverage, "rows"),
            its(of_lf.alone),
            its(of_lf.agreement),
            its(of_lf.conflict),
        ]);
    }
    Some(out + &sheet.end())
}

/// Numbers of votes that have a bar of their own.
const DEPTHS: usize = 16;

/// How many rows have 0, 1, 2 … votes.
pub(super) fn votes_per_row(view: &View<'_>) -> Option<String> {
    let all = &view.report.votes_per_row;
    let rows = view.report.rows.rows;
    let most = all.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut out =
        "<p class=lede>Rows with one vote rest on one opinion; rows with none have no label of \
                   their own. Write labeling functions for these first.</p>\n"
            .to_owned();
    let bar = |(votes, &n): (usize, &u64)| {
        let share = Share::new(n, rows);
        let name = match votes {
            0 => "no vote".to_owned(),
            1 => "1 vote".to_owned(),
            _ => format!("{votes} votes"),
        };
        let color = if votes == 0 { "alone" } else { "agree" };
        Bar {
            title: format!("{}: {}", name, of(share, "rows")),
            name,
            parts: vec![(n as f64 / most, color.to_owned())],
            ends: None,
            value: share.share.map_or_else(|| "—".to_owned(), percent),
        }
    };
    out += &chart(&all.iter().enumerate().take(DEPTHS).map(bar).collect::<Vec<Bar>>());
    if all.len() > DEPTHS {
        out += &format!("<p class=quiet>Up to {} votes; more are in the table.</p>", DEPTHS - 1);
    }
    let mut sheet = Sheet::new("Table: votes per row", &["#votes", "#rows", "#of all rows"]);
    for (votes, &n) in all.iter().enumerate().take(view.room.lines) {
        let share = Share::new(n, rows);
        sheet.row(&[
            count_cell(votes as u64, "votes on a row"),
            count_cell(n, &of(share, "rows")),
            share_cell(share, "rows"),
        ]);
    }
    Some(out + &sheet.end() + &view.rest(all.len()))
}
