//! Everything about one labeling function, for a terminal.

use super::findings::{percent, rows};
use super::terminal::Paint;
use super::{Example, LfReport, Report, Share, TermReport, with_interval};
use crate::visible::{line, screen};

/// Rows that are shown.
const ROWS: usize = 10;
/// Characters of a row on either side of the first thing that was found.
const AROUND: usize = 60;

impl Report {
    /// Draws everything about the labeling function at a position: what to do with it, its numbers, its
    /// terms, and those of the report's rows that it votes on, the most doubtful first.
    #[must_use]
    pub fn portrait(&self, at: usize, color: bool) -> String {
        let paint = Paint(color);
        let bold = |text: &str| paint.bold(text);
        let Some(lf) = self.lfs.get(at) else { return String::new() };
        let mut out = bold(&lf.name);
        if let Some(verdict) = &lf.verdict {
            out += &format!(" · {}\n  {}", verdict.action.name(), line(&verdict.reason));
        }
        out.push('\n');
        let about = [("why", lf.about.why.as_deref()), ("owner", lf.about.owner.as_deref())];
        for (what, text) in about {
            out += &text.map_or_else(String::new, |text| format!("  {what:<6} {}\n", line(text)));
        }
        for finding in self.findings.iter().filter(|finding| finding.lf.as_ref() == Some(&lf.name))
        {
            out += &format!("  ! {}\n", line(&finding.message));
        }
        out += &format!("\n{}\n{}", bold("Votes"), numbers(lf));
        out += &terms(lf, &bold);
        out += &self.doubtful_rows(at, &bold);
        screen(&out, color)
    }

    fn doubtful_rows(&self, at: usize, bold: &dyn Fn(&str) -> String) -> String {
        let class = |name: &str| self.classes.iter().position(|class| class.name == name);
        let mut found: Vec<(f64, &Example, &str)> = Vec::new();
        for example in &self.examples.rows {
            let Some(vote) = example.ledger.votes.iter().find(|vote| vote.lf == at) else {
                continue;
            };
            // Of a vote for several classes the model's word is in the ledger only.
            let posterior = &example.ledger.posterior;
            let p =
                class(&vote.vote).and_then(|class| posterior.get(class).copied()).unwrap_or(0.5);
            found.push((p, example, &vote.vote));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.row.cmp(&b.1.row)));
        if found.is_empty() {
            return String::new();
        }
        let mut out = format!("\n{}\n", bold("Rows it votes on, the most doubtful first"));
        for (p, example, vote) in found.into_iter().take(ROWS) {
            let name = example.id.clone().unwrap_or_else(|| example.row.to_string());
            let label = example.label.as_deref().unwrap_or("no label");
            let gold =
                example.gold.as_ref().map_or_else(String::new, |gold| format!(", gold {gold}"));
            out += &format!(
                "  {} · votes {} ({}), label {}\n    {}\n",
                line(&name),
                line(vote),
                percent(p),
                line(&format!("{label}{gold}")),
                around(example, at)
            );
        }
        out
    }
}

pub(super) fn numbers(lf: &LfReport) -> String {
    let of = |what: &str, share: Share| {
        let percent = share.share.map_or("—".to_owned(), percent);
        format!("  {what:<22} {percent:>8}   {} of {} rows\n", rows(share.count), rows(share.of))
    };
    let mut out = String::new();
    for votes in &lf.votes {
        out +=
            &of(&format!("votes {}", line(&votes.label)), Share::new(votes.rows, lf.coverage.of));
    }
    out += &of("alone", lf.alone);
    out += &of("others agree", lf.agreement);
    out += &of("others contradict", lf.conflict);
    if let Some((with, count)) = &lf.conflicts_most_with {
        out +=
            &format!("  {:<22} {:>8}   most often, on {} rows\n", "  by", line(with), rows(*count));
    }
    if let Some(learned) = lf.learned_accuracy {
        let value = with_interval(learned, lf.learned_interval, 1.0);
        out +=
            &format!("  {:<22} {value:>8}   mean probability of its votes\n", "learned accuracy");
    }
    if let Some(gold) = lf.precision {
        let ends = format!("{:.0}–{:.0} %", 100.0 * gold.low, 100.0 * gold.high);
        out += &format!(
            "  {:<22} {:>8}   {} of {} votes on gold rows, 95 % interval {ends}\n",
            "right on gold",
            percent(gold.value),
            rows(gold.correct),
            rows(gold.n)
        );
    }
    if let Some(c) = lf.contribution {
        out += &format!(
            "  {:<22} {:>8}   rows without it: {} another label, {} none, {} only then\n",
            "labels that change",
            rows(c.rows()),
            rows(c.flipped),
            rows(c.lost),
            rows(c.gained)
        );
    }
    if lf.missing > 0 {
        out += &format!("  {:<22} {:>8}   rows\n", "cell is missing", rows(lf.missing));
    }
    out
}

pub(super) fn terms(lf: &LfReport, bold: &dyn Fn(&str) -> String) -> String {
    let Some(terms) = &lf.terms else { return String::new() };
    let sampled = terms.sampled.map_or_else(String::new, |sampled| {
        format!(" in {} of its {} rows", rows(sampled.count), rows(sampled.of))
    });
    let mut out = format!("\n{}\n", bold(&format!("What it found{sampled}")));
    let wide = terms.terms.iter().map(|term| term.term.chars().count()).max().unwrap_or(0).min(40);
    let draw = |term: &TermReport| {
        let gold = term.precision.map_or_else(String::new, |gold| {
            format!(" · gold {} of {}", rows(gold.correct), rows(gold.n))
        });
        let learned = term.learned_accuracy.filter(|_| lf.learned_accuracy.is_some());
        let learned = learned.map_or_else(String::new, |p| format!(" · learned {}", percent(p)));
        format!(
            "  {} {:wide$}  {:>6} rows · contradicted on {}{learned}{gold}\n",
            if term.doubtful { "!" } else { " " },
            line(&term.term),
            rows(term.rows.count),
            term.conflict.share.map_or("—".to_owned(), percent),
        )
    };
    terms.terms.iter().for_each(|term| out += &draw(term));
    if terms.others > 0 {
        out += &format!("    … and {} more, each in fewer rows\n", rows(terms.others));
    }
    out
}

/// The part of a row around the first thing that the labeling function found.
fn around(example: &Example, at: usize) -> String {
    let marked = example.cells.iter().filter_map(|cell| {
        let mark = cell.marks.iter().find(|mark| mark.lf == at)?;
        Some((cell.text.as_deref()?, mark.start, mark.end))
    });
    let whole = || {
        let texts = example.cells.iter().filter_map(|cell| cell.text.as_deref());
        texts.max_by_key(|text| text.len()).map(|text| (text, 0, 0))
    };
    let Some((text, start, end)) = marked.min_by_key(|(_, start, _)| *start).or_else(whole) else {
        return "—".to_owned();
    };
    let parts = (text.get(..start), text.get(start..end), text.get(end..));
    let (Some(before), Some(found), Some(after)) = parts else { return line(text) };
    let head: Vec<char> = before.chars().rev().take(AROUND).collect();
    let tail: String = after.chars().take(2 * AROUND).collect();
    let more = |whole: &str, shown: usize| if whole.chars().count() > shown { "…" } else { "" };
    let found = if found.is_empty() { String::new() } else { format!("[{}]", line(found)) };
    format!(
        "{}{}{found}{}{}",
        more(before, AROUND),
        line(&head.into_iter().rev().collect::<String>()),
        line(&tail),
        more(after, 2 * AROUND)
    )
}
