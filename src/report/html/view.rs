//! What the sections of a page share: names of anchors, who is where, and which rows are shown.

use super::escape::{anchors, escape};
use super::numbers::count;
use crate::report::{Action, Change, Difference, Example, Finding, LfReport, Report};
use std::collections::BTreeMap;

/// A report with what is looked up often.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    /// For each labeling function what stands after `lf-` in its anchor.
    anchors: Vec<String>,
    by_name: BTreeMap<&'a str, usize>,
    /// For each labeling function what was found about it.
    pub(super) findings: Vec<Vec<&'a Finding>>,
    /// For each labeling function the slices where it is worse, and how.
    pub(super) worse: Vec<Vec<(&'a str, &'a Difference)>>,
    /// For each labeling function where it drifts.
    pub(super) changes: Vec<Vec<&'a Change>>,
    /// For each labeling function the examples it votes on, by position.
    pub(super) examples: Vec<Vec<usize>>,
    /// For each example whether it has a place on the page.
    pub(super) shown: Vec<bool>,
    /// How much of everything is shown.
    pub(super) room: Room,
}

/// How much of everything is shown, so that a page stays small.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// Bars of a chart.
    pub(super) bars: usize,
    /// Points of a plot.
    pub(super) points: usize,
    /// Lines of a table behind a chart: what the chart draws, at least.
    pub(super) lines: usize,
    /// Labeling functions of an action that have a card of their own.
    pub(super) cards: usize,
    /// Findings.
    pub(super) findings: usize,
    /// Votes of a row that have a line in its ledger.
    pub(super) votes: usize,
    /// Whether there is room for details that can be read elsewhere too.
    pub(super) details: bool,
    /// Bytes for everything that is known of each labeling function.
    pub(super) known: usize,
}

impl Room {
    fn for_lfs(n: usize) -> Self {
        match n {
            0..=250 => Self {
                bars: 60,
                points: 200,
                lines: 250,
                cards: 30,
                findings: 300,
                votes: 30,
                details: true,
                known: 700_000,
            },
            _ => Self {
                bars: 40,
                points: 100,
                lines: 100,
                cards: 8,
                findings: 150,
                votes: 8,
                details: false,
                known: 150_000,
            },
        }
    }
}

/// Colors that classes have; further ones share a gray.
const COLORS: usize = 7;

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let names: Vec<&str> = report.lfs.iter().map(|lf| lf.name.as_str()).collect();
        let by_name: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(lf, name)| (*name, lf)).collect();
        let mut findings = vec![Vec::new(); names.len()];
        for finding in &report.findings {
            if let Some(&lf) = finding.lf.as_deref().and_then(|name| by_name.get(name)) {
                findings[lf].push(finding);
            }
        }
        let at = |difference: &Difference| {
            difference.lf.as_deref().and_then(|name| by_name.get(name)).copied()
        };
        let mut worse = vec![Vec::new(); names.len()];
        for slice in &report.slices {
            for one in &slice.worse {
                if let Some(lf) = at(one) {
                    worse[lf].push((slice.name.as_str(), one));
                }
            }
        }
        let mut changes = vec![Vec::new(); names.len()];
        for change in report.periods.iter().flat_map(|periods| &periods.changes) {
            if let Some(lf) = at(&change.difference) {
                changes[lf].push(change);
            }
        }
        let mut examples = vec![Vec::new(); names.len()];
        for (place, example) in report.examples.rows.iter().enumerate() {
            for reason in &example.ledger.votes {
                if let Some(places) = examples.get_mut(reason.lf) {
                    places.push(place);
                }
            }
        }
        Self {
            report,
            anchors: anchors(&names),
            by_name,
            findings,
            worse,
            changes,
            examples,
            shown: vec![true; report.examples.rows.len()],
            room: Room::for_lfs(names.len()),
        }
    }

    /// The anchor of a labeling function.
    pub(super) fn anchor(&self, lf: usize) -> String {
        format!("lf-{}", self.anchors[lf])
    }

    /// The name of a labeling function with a link to its place in the table.
    pub(super) fn link(&self, lf: usize) -> String {
        let Some(report) = self.report.lfs.get(lf) else { return "?".to_owned() };
        format!("<a class=lf href=\"#{}\">{}</a>", self.anchor(lf), escape(&report.name))
    }

    /// The same by its name.
    pub(super) fn link_name(&self, name: &str) -> String {
        self.by_name.get(name).map_or_else(|| escape(name), |&lf| self.link(lf))
    }

    /// A class, or what else was voted, with its color.
    pub(super) fn chip(&self, label: &str) -> String {
        format!("<span class=\"chip {}\">{}</span>", self.color(label), escape(label))
    }

    /// The color of a class, as a class of the style sheet.
    pub(super) fn color(&self, label: &str) -> String {
        // A class with a bucket of scores: `spam (0.7-0.9)`.
        let bare = label.rsplit_once(" (").map(|(class, _)| class);
        let is = |name: &str| self.report.classes.iter().position(|class| class.name == name);
        let place = is(label).or_else(|| is(bare?));
        place.map_or_else(|| "kn".to_owned(), Self::color_of)
    }

    /// The same by its position.
    pub(super) fn color_of(class: usize) -> String {
        if class < COLORS { format!("k{class}") } else { "kn".to_owned() }
    }

    /// Labeling functions that vote, those on most rows first.
    pub(super) fn by_rows(&self) -> Vec<usize> {
        let lfs = &self.report.lfs;
        let mut order: Vec<usize> =
            (0..lfs.len()).filter(|&lf| lfs[lf].coverage.count > 0).collect();
        order.sort_by_key(|&lf| (std::cmp::Reverse(lfs[lf].coverage.count), lf));
        order
    }

    /// That not all labeling functions are drawn or listed, if that is so.
    pub(super) fn note(&self, all: usize, drawn: usize, by: &str) -> String {
        let mut note = String::new();
        if all > drawn {
            note += &format!("The {drawn} with the most {by} are drawn. ");
        }
        if all > self.room.lines {
            let lines = self.room.lines;
            note += &format!(
                "The table here has {lines} of {}; <a href=\"#lfs\">that of all labeling functions</a> and \
                 report.json have every one.",
                count(all as u64)
            );
        } else if all > drawn {
            note += "The table has all.";
        }
        if note.is_empty() { note } else { format!("<p class=quiet>{note}</p>\n") }
    }

    /// How many lines of a table are left to report.json, if any are.
    pub(super) fn rest(&self, all: usize) -> String {
        match all.saturating_sub(self.room.lines) {
            0 => String::new(),
            left => format!("<p class=quiet>{} more are in report.json.</p>\n", count(left as u64)),
        }
    }

    /// A labeling function by its position.
    pub(super) fn lf(&self, lf: usize) -> &'a LfReport {
        &self.report.lfs[lf]
    }

    /// The examples at these positions that have a place on the page.
    pub(super) fn rows(&self, places: &[usize]) -> Vec<&'a Example> {
        let shown = places.iter().filter(|&&place| self.shown.get(place) == Some(&true));
        shown.filter_map(|&place| self.report.examples.rows.get(place)).collect()
    }

    /// All examples that have a place on the page.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = &'a Example> {
        let rows = self.report.examples.rows.iter().zip(&self.shown);
        rows.filter(|(_, shown)| **shown).map(|(row, _)| row)
    }

    /// Labeling functions with this verdict.
    pub(super) fn with(&self, action: Action) -> Vec<usize> {
        let lfs = self.report.lfs.iter().enumerate();
        let with = |lf: &LfReport| lf.verdict.as_ref().is_some_and(|v| v.action == action);
        lfs.filter(|(_, lf)| with(lf)).map(|(lf, _)| lf).collect()
    }

    /// Links to such examples.
    pub(super) fn row_links(&self, places: &[usize]) -> String {
        let links = self.rows(places).into_iter().map(|example| {
            format!("<a href=\"#row-{0}\">{1}</a>", example.row, count(example.row))
        });
        links.collect::<Vec<String>>().join(" ")
    }
}

/// A text, the percentages of which are not broken at the end of a line.
pub(super) fn unbroken(text: &str) -> String {
    escape(text).replace(" %", "\u{a0}%")
}

/// A text with names in backticks: those of labeling functions become links.
impl View<'_> {
    /// A message as HTML.
    pub(super) fn prose(&self, text: &str) -> String {
        let pieces: Vec<&str> = text.split('`').collect();
        // An odd backtick is a text like any other.
        if pieces.len().is_multiple_of(2) {
            return unbroken(text);
        }
        let mut out = String::new();
        for (place, piece) in pieces.into_iter().enumerate() {
            if place % 2 == 0 {
                out += &unbroken(piece);
            } else if self.by_name.contains_key(piece) {
                out += &self.link_name(piece);
            } else {
                out += &format!("<code>{}</code>", escape(piece));
            }
        }
        out
    }
}
