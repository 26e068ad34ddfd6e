//! The report as Markdown, with both denominators.

use super::Report;
use super::findings::{percent, rows};
use super::stats::Share;
use super::tables::{TextTable, precision, tables};
use super::terminal::{changes, left_out, polarity};
use super::verdict::wanted;
use super::{sentence, with_interval};
use crate::visible::line;

/// Writes the report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("# Labeling report\n\n");
    out += &escape(&report.headline.join(" "));
    out += "\n";
    for note in &report.model.notes {
        out += &format!("\n{}\n", escape(&sentence(note)));
    }
    if !report.findings.is_empty() {
        out += "\n## What to look at next\n\n";
        for finding in &report.findings {
            let lf = finding.lf.as_ref().map_or_else(String::new, |lf| code(lf) + " ");
            out += &format!("1. {lf}{}\n", escape(&finding.message));
        }
    }
    let wanted = wanted(report);
    if !wanted.is_empty() {
        out += "\n## What to do with them\n\n| LF | do | because |\n| --- | --- | --- |\n";
        for (lf, verdict) in wanted {
            let (name, reason) = (escape(&lf.name), escape(&verdict.reason));
            out += &format!("| {name} | {} | {reason} |\n", verdict.action.name());
        }
    }
    out += "\n## Labeling functions\n\n";
    out += "| LF | votes | coverage | overlap of its rows | of all rows | conflict of its rows | of all rows | learned accuracy | changes without it (points on gold) | precision on gold (n) |\n";
    out += "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |\n";
    for lf in &report.lfs {
        let learned = lf.learned_accuracy.map_or_else(
            || "—".to_owned(),
            |learned| with_interval(learned, lf.learned_interval, 1.0),
        );
        let changes = changes(lf);
        let gold = precision(lf.precision, true);
        out += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {learned} | {changes} | {gold} |\n",
            escape(&lf.name),
            escape(&polarity(lf)),
            share(lf.coverage),
            share(lf.overlap),
            share(lf.overlap_of_rows),
            share(lf.conflict),
            share(lf.conflict_of_rows),
        );
    }
    out += "\n## Classes\n\n| class | labels | expected rows | gold |\n| --- | --: | --: | --: |\n";
    for class in &report.classes {
        let gold = class.gold.map_or_else(|| "—".to_owned(), rows);
        let (name, hard) = (escape(&class.name), rows(class.hard));
        let interval = class.expected_interval.map_or_else(String::new, |interval| {
            format!(" ({:.1}–{:.1})", interval.low, interval.high)
        });
        out += &format!("| {name} | {hard} | {:.1}{interval} | {gold} |\n", class.expected);
    }
    if !report.decision.is_empty() {
        out += &format!("\nLabel: {}\n", escape(&report.decision));
    }
    out += "\n## Votes per row\n\n| votes | rows |\n| --: | --: |\n";
    for (votes, &n) in report.votes_per_row.iter().enumerate() {
        out += &format!("| {votes} | {} |\n", rows(n));
    }
    if !report.conflicts.is_empty() {
        out += "\n## Most conflicts\n\n| LF | and | rows in conflict | rows of both |\n| --- | --- | --: | --: |\n";
        for pair in &report.conflicts {
            let (first, second) = (escape(&pair.first), escape(&pair.second));
            out += &format!(
                "| {first} | {second} | {} | {} |\n",
                rows(pair.conflict),
                rows(pair.both)
            );
        }
    }
    if let Some(gold) = &report.gold {
        out += &format!("\n## Against {} gold labels\n\n", rows(gold.rows));
        out +=
            &format!("| | {} | majority vote |\n| --- | --: | --: |\n", escape(&report.model.name));
        let number =
            |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |v| format!("{v:.4}"));
        for (name, ours, majority) in gold.lines() {
            let (ours, majority) = (number(ours), number(majority));
            out += &format!("| {} | {ours} | {majority} |\n", escape(&name));
        }
    }
    if let Some(line) = left_out(report) {
        out += &format!("\n{line}\n");
    }
    for table in tables(report) {
        out += &text_table(&table);
    }
    if let Some(profile) = &report.profile {
        let (stages, lfs) = profile.lines();
        out += &format!("\n## What took how long\n\n{}\n", escape(&stages));
        if let Some(legend) = profile.legend() {
            out += &format!("\nLabeling functions, {legend}.\n\n");
            lfs.iter().for_each(|line| out += &format!("* {}\n", escape(line.trim())));
        }
    }
    out
}

fn text_table(table: &TextTable) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut out = format!("\n## {}\n\n{}", escape(&table.title), row(&table.header));
    out += &format!("| --- |{}\n", " --: |".repeat(table.header.len().saturating_sub(1)));
    table.rows.iter().for_each(|cells| out += &row(cells));
    out + &format!("\n{}\n", escape(&table.note))
}

fn share(share: Share) -> String {
    share.share.map_or_else(|| "—".to_owned(), percent)
}

/// Names and messages must not end a cell, start markup or a link, or call anybody.
///
/// Messages have names between backticks, which stay code; a name that holds one opens or closes code
/// earlier, and does no more.
pub(crate) fn escape(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape_plain(text).replace('`', "\\`");
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        1 if !part.is_empty() => code(part),
        _ => escape_plain(part),
    };
    parts.iter().enumerate().map(part).collect()
}

fn escape_plain(text: &str) -> String {
    let text = line(text).replace('&', "&amp;").replace('\\', "\\\\").replace('|', "\\|");
    // Links, and images that tell somebody who reads.
    let text = text.replace('<', "&lt;").replace('*', "\\*").replace('[', "\\[");
    let text = text.replace("://", ":&#8203;//").replace("www.", "www&#8203;.");
    // What stands between does not show: mentions of people, and of issues.
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        out.push(letter);
        let before_digit = || text[at + 1..].starts_with(|next: char| next.is_ascii_digit());
        let of_entity = text[..at].ends_with('&');
        if letter == '@' || (letter == '#' && before_digit() && !of_entity) {
            out += "&#8203;";
        }
    }
    out
}

/// A name as it is: in it nothing is markup, a mention or the number of an issue.
pub(crate) fn code(text: &str) -> String {
    format!("`{}`", line(text).replace('`', "'").replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_and_nothing_is_marked_up() {
        for (text, wanted) in [
            ("a|b", "a\\|b"),
            ("<img src=x>", "&lt;img src=x>"),
            ("@ann #12 #x", "@&#8203;ann #&#8203;12 #x"),
            ("![x](https://a.b)", "!\\[x](https:&#8203;//a.b)"),
            ("`*&lt;", "\\`\\*&amp;lt;"),
            ("table `a|*b` @ann", "table `a\\|*b` @&#8203;ann"),
            ("`x` @ann `y`", "`x` @&#8203;ann `y`"),
            ("a\nb\u{202e}", "a b⟨U+202E⟩"),
        ] {
            assert_eq!(escape(text), wanted);
        }
        assert_eq!(code("a`b|c\nd @ann"), "`a'b\\|c d @ann`");
    }
}
