//! Labeling functions against each other: half a matrix, each pair once, with names on the diagonal.

use super::escape::escape;
use super::numbers::{Sheet, cell, count, count_cell, of, percent, words};
use super::view::View;
use crate::report::{PairCell, Share};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Where each step of a color scale begins: most pairs share few of their rows.
const SHARES: [f64; 5] = [0.0, 0.03, 0.08, 0.2, 0.4];
const KAPPAS: [f64; 5] = [0.0, 0.2, 0.4, 0.6, 0.8];

/// Pairs that are listed.
const PAIRS: usize = 800;

/// The matrix, what it shows to be chosen, and the rows of a pair.
pub(super) fn matrix(view: &View<'_>) -> Option<String> {
    let matrix = &view.report.matrix;
    if matrix.cells.is_empty() {
        let why = "<p class=none>No two labeling functions vote on the same row.</p>";
        return Some(why.to_owned());
    }
    let mut out =
        "<p class=lede>Strong colors under <em>contradict</em> are pairs of which one is wrong: open one and \
         read its rows. Under <em>agreement beyond chance</em>, they are pairs that may say the same \
         thing twice.</p>\n"
            .to_owned();
    out += "<fieldset class=choice><legend>Show</legend>";
    for (key, what, title) in [
        ("a", "contradict", "rows where they contradict / rows where at least one votes"),
        ("k", "agreement beyond chance", "Cohen’s kappa on the rows where both vote, −1 to 1"),
        ("o", "overlap", "rows where both vote / rows where at least one votes"),
    ] {
        let checked = if key == "a" { " checked" } else { "" };
        out += &format!(
            "<label title=\"{title}\"><input type=radio name=show id=show-{key}{checked}> {what}</label>\n"
        );
    }
    out += "</fieldset>\n";
    let cells: BTreeMap<(usize, usize), &PairCell> =
        matrix.cells.iter().map(|cell| ((cell.second, cell.first), cell)).collect();
    out += "<div class=scroll><table class=matrix role=grid aria-label=\"pairs of labeling functions\"><tbody>\n";
    for (row, &lf) in matrix.lfs.iter().enumerate() {
        out += "<tr>";
        for column in 0..row {
            out += &match cells.get(&(row, column)) {
                Some(cell) => square(view, cell),
                None => "<td>".to_owned(),
            };
        }
        let span = matrix.lfs.len() - row;
        out += &format!("<th scope=row colspan={span}>{}\n", view.link(lf));
    }
    out += "</table></div>\n";
    out += "<p class=quiet>A row reads to the left of its name, a column below it. Neighbors vote alike. \
            Numbers are percentages, under agreement hundredths of kappa.";
    if matrix.left_out > 0 {
        out += &format!(
            " {} labeling functions with fewer rows in conflict or overlap are not shown.",
            count(matrix.left_out as u64)
        );
    }
    out += "</p>\n<div id=pair class=panel aria-live=polite hidden></div>\n";
    Some(out + &sheet(view))
}

/// What a pair comes to.
struct Shares {
    conflict: Share,
    overlap: Share,
}

fn shares(cell: &PairCell) -> Shares {
    Shares {
        conflict: Share::new(cell.conflict, cell.either),
        overlap: Share::new(cell.both, cell.either),
    }
}

/// One cell, with all that can be shown in it. The style sheet chooses.
fn square(view: &View<'_>, cell: &PairCell) -> String {
    let lfs = &view.report.matrix.lfs;
    let shares = shares(cell);
    let hundredths = |value: f64| (100.0 * value).round() as i64;
    let step = |value: f64, steps: [f64; 5]| steps.iter().filter(|from| value > **from).count();
    let (conflict, overlap) = (shares.conflict.share, shares.overlap.share);
    let name = |place: usize| &view.lf(lfs[place]).name;
    let kappa = cell.kappa.map_or_else(|| "—".to_owned(), |kappa| format!("{kappa:.2}"));
    let title = format!(
        "{} × {}: contradict on {} of {} rows with both; both vote on {}; kappa {kappa}",
        name(cell.first),
        name(cell.second),
        count(cell.conflict),
        count(cell.both),
        of(shares.overlap, "rows with either"),
    );
    let rows = view.rows(&cell.examples);
    let rows: Vec<String> = rows.iter().map(|example| example.row.to_string()).collect();
    let rows = match rows.len() {
        0 => String::new(),
        _ => format!(" data-rows=\"{}\"", rows.join(" ")),
    };
    let kappa = match cell.kappa {
        // Less agreement than by chance is on the other side of the scale.
        Some(kappa) if kappa < 0.0 => {
            (format!("m{}", step(-kappa, KAPPAS)), hundredths(kappa).to_string())
        }
        Some(kappa) => (format!("k{}", step(kappa, KAPPAS)), hundredths(kappa).to_string()),
        None => ("k0".to_owned(), "–".to_owned()),
    };
    format!(
        "<td tabindex=-1 class=\"a{} {} o{}\" data-a={} data-k=\"{}\" data-o={}{rows} title=\"{}\">",
        step(conflict.unwrap_or(0.0), SHARES),
        kappa.0,
        step(overlap.unwrap_or(0.0), SHARES),
        hundredths(conflict.unwrap_or(0.0)),
        kappa.1,
        hundredths(overlap.unwrap_or(0.0)),
        escape(&title)
    )
}

fn sheet(view: &View<'_>) -> String {
    let matrix = &view.report.matrix;
    let of_rows = format!("of {} rows", count(view.report.rows.rows));
    let heads = [
        ("One", ""),
        ("The other", ""),
        ("#both vote", of_rows.as_str()),
        ("#contradict", of_rows.as_str()),
        ("#at least one votes", of_rows.as_str()),
        ("#contradict, of rows with either", "contradict / at least one votes"),
        ("#kappa", "of the rows where both vote, −1 to 1"),
        ("#both, of rows with either", "both vote / at least one votes"),
        ("Rows", ""),
    ];
    let heads = heads.map(|(head, title)| (head.to_owned(), title.to_owned()));
    let mut sheet = Sheet::titled("Table: pairs", &heads);
    let mut pairs: Vec<&PairCell> = matrix.cells.iter().collect();
    pairs.sort_by_key(|pair| (Reverse(pair.conflict), Reverse(pair.both)));
    let lines = if view.room.details { PAIRS } else { view.room.lines };
    for pair in pairs.iter().take(lines) {
        let shares = shares(pair);
        let link = |place: usize| {
            let lf = matrix.lfs[place];
            words(&view.lf(lf).name)
        };
        sheet.row(&[
            link(pair.first),
            link(pair.second),
            count_cell(pair.both, ""),
            count_cell(pair.conflict, ""),
            count_cell(pair.either, ""),
            cell(shares.conflict.share, percent, ""),
            cell(pair.kappa, |kappa| format!("{kappa:.2}"), ""),
            cell(shares.overlap.share, percent, ""),
            format!("<td>{}", view.row_links(&pair.examples)),
        ]);
    }
    let left = pairs.len().saturating_sub(lines);
    if left == 0 {
        return sheet.end();
    }
    let left = count(left as u64);
    sheet.end()
        + &format!("<p class=quiet>{left} pairs with fewer conflicts are in report.json.</p>\n")
}
