//! The report as a page for domain experts: one HTML file without network or framework, in the order of
//! what it is worth to them.
//!
//! The page can be read without its script, which sorts, filters and leads along anchors. A policy in its
//! head lets nothing run or load but the style and the script that are hashed there, so that even text of
//! a row that slipped through could do nothing; style attributes are shut out by it as well.

mod accuracy;
mod attention;
mod bars;
mod changes;
mod classes;
mod contribution;
mod coverage;
mod curves;
mod escape;
mod gates;
mod groups;
mod ledger;
mod lfs;
mod lines;
mod made;
mod matrix;
mod numbers;
mod plot;
mod rows;
mod slices;
mod time;
mod view;

use super::{Explanation, Report};
use escape::{base64, escape};
use sha2::{Digest as _, Sha256};
use view::View;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What draws a section; none leaves it out.
type Draw = fn(&View<'_>) -> Option<String>;

/// The sections before the rows: anchor, heading and what draws them.
const BEFORE: &[(&str, &str, Draw)] = &[
    ("findings", "What needs attention", attention::findings),
    ("verdicts", "What to do with each", attention::verdicts),
    ("gates", "What had to be reached", gates::gates),
    ("lfs", "All labeling functions", lfs::table),
    ("coverage", "Where they vote", coverage::coverage),
    ("votes", "Votes per row", coverage::votes_per_row),
    ("matrix", "Who disagrees with whom", matrix::matrix),
    ("precision", "How often they are right", accuracy::precision),
    ("learned", "What the model believes", accuracy::learned),
    ("classes", "How the labels fall", classes::classes),
    ("confidence", "How sure the labels are", classes::confidence),
    ("confusion", "Which labels are mixed up", classes::confusion),
    ("curves", "How well each label is told apart", curves::curves),
    ("slices", "How slices of the rows fare", slices::slices),
    ("time", "How it goes over time", time::time),
    ("contribution", "What hangs on each", contribution::contributions),
];

/// The sections after them.
const AFTER: &[(&str, &str, Draw)] = &[
    ("terms", "What they found", contribution::terms),
    ("pairs", "Who repeats whom", contribution::pairs),
    ("changes", "What changed since", changes::changes),
    ("profile", "What took how long", made::profile),
    ("made", "How it was made", made::made),
    ("glossary", "What the words mean", made::glossary),
];

/// Bytes that a page is kept below, if its tables allow.
const PAGE: usize = 1_900_000;
/// Bytes that rows take at most, and at least where the page is large.
const ROWS: [usize; 2] = [1_000_000, 150_000];

/// Draws the report as one HTML file.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut view = View::new(report);
    let draw = |view: &View<'_>, sections: &[(&'static str, &'static str, Draw)]| {
        let drawn = sections.iter().filter_map(|&(id, title, draw)| Some((id, title, draw(view)?)));
        drawn.collect::<Vec<_>>()
    };
    // What the others leave is for rows; those that have no room are linked to by nobody.
    let others = |view: &View<'_>| [draw(view, BEFORE), draw(view, AFTER)];
    let length = |parts: &[Vec<(&str, &str, String)>]| -> usize {
        parts.iter().flatten().map(|(_, _, html)| html.len()).sum()
    };
    let drawn = others(&view);
    let used = length(&drawn) + STYLE.len() + SCRIPT.len();
    let budget = PAGE.saturating_sub(used).clamp(ROWS[1], ROWS[0]);
    let (articles, shown) = rows::articles(&view, budget);
    // Sections are drawn as if all rows were there.
    let all = shown == view.shown;
    view.shown = shown;
    let [mut sections, after] = if all { drawn } else { others(&view) };
    if let Some(rows) = rows::section(&view, &articles) {
        sections.push(("examples", "Rows to look at", rows));
    }
    sections.extend(after);
    page(&view, &attention::headline(&view), &sections)
}

/// Draws one row of a run as an HTML file, with the labeling functions that its marks lead to.
#[must_use]
pub fn html_row(report: &Report, explanation: &Explanation) -> String {
    let mut report = report.clone();
    report.examples.rows = vec![explanation.example.clone()];
    report.lfs.iter_mut().filter_map(|lf| lf.verdict.as_mut()).for_each(|verdict| {
        verdict.proof.clear();
    });
    let mut view = View::new(&report);
    let (article, shown) = rows::articles(&view, usize::MAX);
    view.shown = shown;
    let mut row = article;
    for note in &explanation.notes {
        row += &format!("<p class=none>{}</p>\n", escape(note.trim()));
    }
    let mut sections = vec![("row", "What was found and how it adds up", row)];
    sections.extend(lfs::table(&view).map(|lfs| ("lfs", "All labeling functions", lfs)));
    sections.extend(made::glossary(&view).map(|words| ("glossary", "What the words mean", words)));
    page(&view, "<header><h1>Why a row has its label</h1></header>\n", &sections)
}

fn page(view: &View<'_>, headline: &str, sections: &[(&str, &str, String)]) -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())));
    let mut out = format!(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; \
         script-src {}; base-uri 'none'; form-action 'none'\">\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <meta name=referrer content=no-referrer><meta name=robots content=noindex>\n\
         <title>Labeling report</title>\n<style>{STYLE}</style>\n<script>{SCRIPT}</script>\n<body>\n\
         <a class=skip href=\"#{}\">Skip to the contents</a>\n",
        hash(STYLE),
        hash(SCRIPT),
        sections.first().map_or("", |(id, ..)| id)
    );
    out += "<nav id=nav aria-label=sections><b>Labeling report</b>\n<ul>\n";
    for (id, title, _) in sections {
        out += &format!("<li><a href=\"#{id}\">{title}</a>\n");
    }
    out += "</ul>\n<button type=button id=theme class=js aria-pressed=false>Dark</button></nav>\n<main>\n";
    out += headline;
    for (id, title, html) in sections {
        out +=
            &format!("<section id={id}><h2><a href=\"#{id}\">{title}</a></h2>\n{html}</section>\n");
    }
    out += "</main>\n<footer><p>";
    if let Some(made) = &view.report.made {
        out += &format!("jurat {}. ", escape(&made.jurat));
    }
    out + "This page holds all it shows and loads nothing. Every number has its whole as a tooltip; the same \
           numbers are in report.json.</p></footer>\n</body></html>\n"
}
