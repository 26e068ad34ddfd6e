//! The report for a terminal.

use super::findings::{Health, percent, rows};
use super::stats::{LfReport, Share};
use super::tables::{TextTable, gates, precision, tables};
use super::verdict::wanted;
use super::{GoldReport, Report, sentence, with_interval};
use crate::visible::{line, screen};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

/// How to draw for a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: u16,
    /// Whether to use color.
    pub color: bool,
    /// What overlap and conflict are divided by.
    pub denominator: Denominator,
}

/// What the overlap and conflict of an LF are divided by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Denominator {
    /// The rows it votes on.
    #[default]
    Votes,
    /// All rows.
    Rows,
}

/// LFs that a terminal shows; the others are in the JSON report.
const MOST_LFS: usize = 100;
/// Rows of tables of gates, slices and periods.
const MOST_ROWS: usize = 20;
/// LFs that are shown with what to do with them.
const MOST_VERDICTS: usize = 8;
/// Findings that a terminal shows.
const MOST_FINDINGS: usize = 8;

/// Draws the report.
#[must_use]
pub fn terminal(report: &Report, style: Style) -> String {
    let paint = Paint(style.color);
    let mut out = String::new();
    let (light, word) = match report.health {
        Health::Good => (paint.green("●"), "good"),
        Health::Attention => (paint.yellow("●"), "needs attention"),
        Health::Poor => (paint.red("●"), "poor"),
    };
    out += &format!("{light} {}\n", paint.bold(word));
    let notes = report.model.notes.iter().map(|note| sentence(note));
    for text in report.headline.iter().cloned().chain(notes) {
        out += &fill(&line(&text), style.width, "  ", "  ");
    }
    if !report.findings.is_empty() {
        out += &format!("\n{}\n", paint.bold("What to look at next"));
        for (i, finding) in report.findings.iter().take(MOST_FINDINGS).enumerate() {
            let lf = finding.lf.as_ref().map_or_else(String::new, |lf| format!("{lf} "));
            let text = line(&format!("{}. {lf}{}", i + 1, finding.message));
            out += &fill(&text, style.width, "  ", "     ");
        }
        let more = report.findings.len().saturating_sub(MOST_FINDINGS);
        if more > 0 {
            out += &format!("  … and {more} more in the JSON report\n");
        }
    }
    let wanted = wanted(report);
    if !wanted.is_empty() {
        out += &format!("\n{}\n", paint.bold("What to do with them"));
        for (lf, verdict) in wanted.iter().take(MOST_VERDICTS) {
            let what = paint.yellow(verdict.action.name());
            let text = format!("{what} {}: {}", paint.bold(&lf.name), line(&verdict.reason));
            out += &fill(&text, style.width, "  ", "     ");
        }
        let more = wanted.len().saturating_sub(MOST_VERDICTS);
        if more > 0 {
            out += &format!("  … and {more} more in the JSON report\n");
        }
    }
    out += &format!("\n{}\n", paint.bold("Labeling functions"));
    out += &lf_table(report, style);
    let denominator = match style.denominator {
        Denominator::Votes => "the rows the LF votes on",
        Denominator::Rows => "all rows",
    };
    let wide = style.width >= WIDE;
    let interval = if wide { "; 95 % interval" } else { "" };
    let learned = match report.model.replicates {
        Some(replicates) if wide => format!(" (95 % interval from {replicates} refits)"),
        _ => String::new(),
    };
    let legend = format!(
        "coverage: of all rows · overlap, conflict: of {denominator} · learned: mean probability of its \
         votes under the model `{}`{learned} · gold: right votes (n{interval}) · —: no evidence",
        line(&report.model.name)
    );
    out += &fill(&legend, style.width, "  ", "  ");
    out += &format!("\n{}\n", paint.bold("Classes"));
    out += &class_table(report, style);
    let legend =
        "share: of the rows with a label · expected: of the covered rows · gold: of the gold rows";
    out += &fill(legend, style.width, "  ", "  ");
    if !report.decision.is_empty() {
        out += &fill(&format!("label: {}", line(&report.decision)), style.width, "  ", "  ");
    }
    out += &format!("\n{}\n", paint.bold("Votes per row"));
    out += &bars(&report.votes_per_row, style.width);
    if !report.conflicts.is_empty() {
        out += &format!("\n{}\n", paint.bold("Most conflicts between"));
        for pair in &report.conflicts {
            out += &format!(
                "  {:>8} of {:>8} rows  {} × {}\n",
                rows(pair.conflict),
                rows(pair.both),
                line(&pair.first),
                line(&pair.second)
            );
        }
    }
    let most = most_changes(report);
    if !most.is_empty() {
        out += &format!("\n{}\n", paint.bold("Labels that change without"));
        out += &most;
    }
    if report.gold.is_some() || report.gold_left_out > 0 {
        out += &format!("\n{}\n", paint.bold("Against the gold labels"));
        if let Some(gold) = &report.gold {
            out += &gold_table(gold, &report.model.name, style);
        }
        out +=
            &left_out(report).map_or_else(String::new, |line| fill(&line, style.width, "  ", "  "));
    }
    for table in tables(report) {
        out += &format!("\n{}\n", paint.bold(&table.title));
        out += &text_table(&table, style);
    }
    if let Some(profile) = &report.profile {
        out += &format!("\n{}\n", paint.bold("What took how long"));
        let (stages, lfs) = profile.lines();
        out += &fill(&line(&stages), style.width, "  ", "  ");
        lfs.iter().for_each(|lf| out += &format!("{}\n", line(lf)));
        out +=
            &profile.legend().map_or_else(String::new, |line| fill(&line, style.width, "  ", "  "));
    }
    screen(&out, style.color)
}

/// Draws the gates of a report alone; nothing without any.
#[must_use]
pub fn terminal_gates(report: &Report, style: Style) -> String {
    gates(report).map_or_else(String::new, |table| screen(&text_table(&table, style), style.color))
}

/// What is said of gold rows that the model learned from.
pub(super) fn left_out(report: &Report) -> Option<String> {
    let n = rows(report.gold_left_out);
    match (report.gold_left_out, &report.gold) {
        (0, _) => None,
        (_, Some(_)) => {
            Some(format!("{n} gold rows more are left out, the model learned from them"))
        }
        (_, None) => {
            Some(format!("the model learned from all {n} gold rows: none is left to score"))
        }
    }
}

pub(crate) fn new_table(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED.with_rounded_corners())
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

pub(crate) fn right(text: impl AsRef<str>) -> Cell {
    cell(text).set_alignment(CellAlignment::Right)
}

/// A cell with text that may be anybody's.
pub(crate) fn cell(text: impl AsRef<str>) -> Cell {
    Cell::new(line(text.as_ref()))
}

fn share(share: Share) -> Cell {
    right(share.share.map_or_else(|| "—".to_owned(), percent))
}

fn text_table(text: &TextTable, style: Style) -> String {
    let mut table = new_table(style.width);
    table.set_header(text.header.iter().map(cell));
    let more = text.rows.len().saturating_sub(MOST_ROWS);
    let (start, which) = if text.last { (more, "before") } else { (0, "more") };
    for row in text.rows.iter().skip(start).take(MOST_ROWS) {
        let cells = row.iter().enumerate();
        table.add_row(cells.map(|(at, text)| if at == 0 { cell(text) } else { right(text) }));
    }
    let mut out = format!("{table}\n");
    if more > 0 {
        out += &format!("  … and {more} {which} in the JSON report\n");
    }
    out + &fill(&line(&text.note), style.width, "  ", "  ")
}

/// Narrower than this, the interval is left out; narrower than the second, overlap as well.
const WIDE: u16 = 110;
const MEDIUM: u16 = 90;

fn lf_table(report: &Report, style: Style) -> String {
    let mut table = new_table(style.width);
    let (wide, medium) = (style.width >= WIDE, style.width >= MEDIUM);
    let mut header = vec!["LF", "votes", "coverage"];
    header.extend(medium.then_some("overlap"));
    header.extend(["conflict", "learned", "gold"]);
    table.set_header(header);
    for lf in report.lfs.iter().take(MOST_LFS) {
        let (overlap, conflict) = match style.denominator {
            Denominator::Votes => (lf.overlap, lf.conflict),
            Denominator::Rows => (lf.overlap_of_rows, lf.conflict_of_rows),
        };
        let gold = precision(lf.precision, wide);
        let mut cells = vec![cell(&lf.name), cell(polarity(lf)), share(lf.coverage)];
        cells.extend(medium.then(|| share(overlap)));
        cells.push(share(conflict));
        cells.push(right(lf.learned_accuracy.map_or_else(
            || "—".to_owned(),
            |learned| with_interval(learned, lf.learned_interval.filter(|_| wide), 1.0),
        )));
        cells.push(right(gold));
        table.add_row(cells);
    }
    let more = report.lfs.len().saturating_sub(MOST_LFS);
    let mut out = format!("{table}\n");
    if more > 0 {
        out += &format!("  … and {more} more in the JSON report\n");
    }
    out
}

/// LFs that are shown with what would change without them.
const MOST_CHANGES: usize = 10;

/// The LFs without which most labels would change.
fn most_changes(report: &Report) -> String {
    let changed = |lf: &LfReport| lf.contribution.map_or(0, |of| of.rows());
    let mut lfs: Vec<&LfReport> = report.lfs.iter().filter(|lf| changed(lf) > 0).collect();
    lfs.sort_by_key(|lf| std::cmp::Reverse(changed(lf)));
    let mut out = String::new();
    for lf in lfs.into_iter().take(MOST_CHANGES) {
        let Some(of) = lf.contribution else { continue };
        let gold = of.accuracy.map_or_else(String::new, |accuracy| {
            format!("  {:>+5.1} points on gold", 100.0 * accuracy)
        });
        let (other, none, new) = (rows(of.flipped), rows(of.lost), rows(of.gained));
        out += &format!(
            "  {other:>8} to another {none:>8} to none {new:>8} from none{gold}  {}\n",
            line(&lf.name)
        );
    }
    out
}

/// Rows that an LF gives another label, and the points of accuracy on gold that it adds.
pub(super) fn changes(lf: &LfReport) -> String {
    let Some(of) = lf.contribution else { return "—".to_owned() };
    let changed = rows(of.rows());
    match of.accuracy {
        Some(accuracy) => format!("{changed} ({:+.1})", 100.0 * accuracy),
        None => changed,
    }
}

/// The classes an LF voted.
pub(super) fn polarity(lf: &LfReport) -> String {
    match lf.votes.as_slice() {
        [] => "—".to_owned(),
        votes => votes.iter().map(|v| v.label.as_str()).collect::<Vec<_>>().join(", "),
    }
}

fn class_table(report: &Report, style: Style) -> String {
    let mut table = new_table(style.width);
    let gold = report.gold.is_some();
    let balance = report.classes.iter().any(|class| class.balance.is_some());
    let mut header = vec!["class", "labels", "share", "expected"];
    header.extend(gold.then_some("gold"));
    header.extend(balance.then_some("given balance"));
    table.set_header(header);
    let labeled = report.rows.labeled.count;
    let covered = report.rows.coverage.count as f64;
    for class in &report.classes {
        let of = |part: f64, whole: f64| {
            if whole > 0.0 { percent(part / whole) } else { "—".to_owned() }
        };
        let mut cells = vec![
            cell(&class.name),
            right(rows(class.hard)),
            right(of(class.hard as f64, labeled as f64)),
            right(if covered > 0.0 {
                let interval = class.expected_interval.filter(|_| style.width >= MEDIUM);
                with_interval(class.expected, interval, covered)
            } else {
                "—".to_owned()
            }),
        ];
        if let (true, Some(report)) = (gold, &report.gold) {
            let count = class.gold.unwrap_or(0);
            cells.push(right(of(count as f64, report.rows as f64)));
        }
        if balance {
            cells.push(right(class.balance.map_or_else(|| "—".to_owned(), percent)));
        }
        table.add_row(cells);
    }
    format!("{table}\n")
}

fn bars(counts: &[u64], width: u16) -> String {
    const SHOWN: usize = 9;
    let mut lines: Vec<(String, u64)> =
        counts.iter().take(SHOWN).enumerate().map(|(votes, &n)| (votes.to_string(), n)).collect();
    if counts.len() > SHOWN {
        lines.push((format!("{SHOWN}+"), counts[SHOWN..].iter().sum()));
    }
    let most = lines.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let room = usize::from(width.saturating_sub(20)).clamp(10, 60);
    let mut out = String::new();
    for (votes, n) in lines {
        let eighths = (n as f64 / most as f64 * room as f64 * 8.0).round() as usize;
        let mut bar = "█".repeat(eighths / 8);
        bar += ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
        out += &format!("  {votes:>3} {:>10} {bar}\n", rows(n));
    }
    out
}

fn gold_table(gold: &GoldReport, model: &str, style: Style) -> String {
    let mut table = new_table(style.width);
    table.set_header(["", model, "majority vote"].map(cell));
    let number =
        |value: Option<f64>| right(value.map_or_else(|| "—".to_owned(), |v| format!("{v:.3}")));
    for (name, ours, majority) in gold.lines() {
        table.add_row([cell(name), number(ours), number(majority)]);
    }
    let note = format!(
        "  {} gold rows; a row without a label counts as missed in recall and F1\n",
        rows(gold.rows)
    );
    format!("{table}\n{note}")
}

/// Breaks a text into lines of the given width.
pub(crate) fn fill(text: &str, width: u16, first: &str, rest: &str) -> String {
    let width = usize::from(width).max(40);
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            out += &line;
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out + &line + "\n"
}

pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(super) fn wrap(&self, code: &str, text: &str) -> String {
        let text = line(text);
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn green(&self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn yellow(&self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub(crate) fn red(&self, text: &str) -> String {
        self.wrap("31", text)
    }
}
