//! What needs attention: the state of things in words, findings, and what to do with each labeling
//! function.

use super::escape::escape;
use super::gates;
use super::numbers::{count, share};
use super::rows::snippet;
use super::view::{View, unbroken};
use crate::report::{Action, Finding, GateStatus, Health, Stratum, Verdict};

/// Findings that are open to the eye.
const OPEN: usize = 8;
/// Labels that a card names.
const CHIPS: usize = 4;
/// Labeling functions of an action that are named.
const NAMED: usize = 200;

/// The headline with its light.
pub(super) fn headline(view: &View<'_>) -> String {
    let report = view.report;
    let (class, word, light) = match report.health {
        Health::Good => (
            "good",
            "The labels look good",
            "<circle cx=20 cy=20 r=18 /><path d=\"M11 21l6 6 12-13\"/>",
        ),
        Health::Attention => (
            "attention",
            "The labels need attention",
            "<path d=\"M20 3 38 36H2z\"/><path d=\"M20 15v10m0 4v2\"/>",
        ),
        Health::Poor => (
            "poor",
            "The labels should not be used as they are",
            "<path d=\"M13 2h14l11 11v14L27 38H13L2 27V13z\"/><path d=\"M13 13l14 14m0-14L13 27\"/>",
        ),
    };
    let mut out = format!(
        "<header class=\"head {class}\"><svg class=light viewBox=\"0 0 40 40\" role=img aria-label=\"health: {class}\">{light}</svg>\n<div><h1>{word}</h1>\n"
    );
    for line in &report.headline {
        out += &format!("<p>{}</p>\n", unbroken(line));
    }
    out += "</div></header>\n";
    out += &next(view);
    out += "<ul class=figures>\n";
    let mut figure = |value: String, what: &str| {
        out += &format!("<li><b>{value}</b><span>{what}</span>\n");
    };
    let rows = &report.rows;
    figure(count(rows.rows), "rows");
    figure(share(rows.coverage, "rows"), "have a vote");
    figure(share(rows.conflict, "rows"), "have votes that contradict");
    figure(share(rows.labeled, "rows"), "got a label");
    if let Some(gold) = &report.gold {
        figure(
            share(gold.labels.labeled, "labels of rows with a gold label"),
            "of checked labels are right",
        );
    }
    if let Some((value, what)) = gates::figure(view) {
        figure(value, what);
    }
    out + "</ul>\n"
}

/// What to do now, in a few steps that lead to their sections.
fn next(view: &View<'_>) -> String {
    let report = view.report;
    let n = |n: usize| count(n as u64);
    let mut steps = Vec::new();
    let failed = report.gates.iter().filter(|gate| gate.status == GateStatus::Failed).count();
    if failed > 0 {
        steps.push(format!(
            "See <a href=\"#gates\">what was asked and does not hold</a>: {} of {}.",
            n(failed),
            n(report.gates.len())
        ));
    }
    let with = |action: Action| view.with(action).len();
    let change = [Action::Retire, Action::Narrow, Action::Split];
    let change: Vec<(usize, &str)> = change
        .into_iter()
        .map(|action| (with(action), action.name()))
        .filter(|(n, _)| *n > 0)
        .collect();
    if !change.is_empty() {
        let all: usize = change.iter().map(|(n, _)| n).sum();
        let parts: Vec<String> =
            change.iter().map(|(with, name)| format!("{name} {}", n(*with))).collect();
        steps.push(format!(
            "<a href=\"#verdicts\">Change {} of the {} labeling functions</a>: {}. Each has its reason{}.",
            n(all),
            n(report.lfs.len()),
            parts.join(", "),
            if view.all_rows().next().is_some() { " and rows that show it" } else { "" }
        ));
    } else if !report.findings.is_empty() {
        steps.push(
            "Go through <a href=\"#findings\">what needs attention</a>, from the top.".to_owned(),
        );
    }
    let rows =
        |stratum: Stratum| view.all_rows().filter(|row| row.strata.contains(&stratum)).count();
    for (stratum, what) in [
        (Stratum::Wrong, "rows with a wrong label"),
        (Stratum::Conflicting, "rows whose votes contradict"),
        (Stratum::Uncovered, "rows without a vote"),
    ] {
        let n_rows = rows(stratum);
        if n_rows > 0 {
            steps.push(format!(
                "<a href=\"#examples\">Read {} {what}</a>, and ask which rule would have known.",
                n(n_rows)
            ));
            break;
        }
    }
    if report.gold.is_none() {
        let labels = match with(Action::NeedsLabels) {
            0 => String::new(),
            1 => {
                " Begin with rows of the <a href=\"#verdicts\">one that needs them</a>.".to_owned()
            }
            needs => format!(
                " Begin with rows of the <a href=\"#verdicts\">{} that need them</a>.",
                n(needs)
            ),
        };
        steps.push(format!(
            "Label some rows by hand: no row has a gold label, so nobody knows how often the labels are \
             right.{labels}"
        ));
    }
    if steps.is_empty() {
        return String::new();
    }
    let steps: String = steps.iter().map(|step| format!("<li>{step}\n")).collect();
    format!("<div class=next><b>What to do next</b><ol>\n{steps}</ol></div>\n")
}

/// What was found, the most important first.
pub(super) fn findings(view: &View<'_>) -> Option<String> {
    let findings = &view.report.findings;
    if findings.is_empty() {
        let nothing =
            "Nothing stands out. Look at a few <a href=\"#examples\">rows</a> all the same.";
        return Some(format!("<p>{nothing}</p>"));
    }
    let mut out =
        "<p class=lede>Start at the top: the first points cost most rows or hide the others.</p>\n"
            .to_owned();
    let (open, more) = findings.split_at(findings.len().min(OPEN));
    let list = |out: &mut String, from: usize, findings: &[Finding]| {
        *out += &format!("<ol class=findings start={from}>\n");
        for finding in findings {
            let lf = finding.lf.as_ref().map_or_else(String::new, |lf| view.link_name(lf) + " ");
            let rows = format!(
                "<span class=quiet title=\"rows concerned, of {} in all\">· {} rows</span>",
                count(view.report.rows.rows),
                count(finding.rows)
            );
            let message = view.prose(&finding.message);
            let code = escape(&finding.code);
            *out += &format!("<li data-code=\"{code}\">{lf}{message} {rows}\n");
        }
        *out += "</ol>\n";
    };
    list(&mut out, 1, open);
    if !more.is_empty() {
        let points = if more.len() == 1 { "point" } else { "points" };
        let n = count(more.len() as u64);
        out += &format!("<details><summary>{n} more {points}</summary>\n");
        list(&mut out, OPEN + 1, &more[..more.len().min(view.room.findings)]);
        let left = more.len().saturating_sub(view.room.findings);
        if left > 0 {
            out += &format!("<p class=quiet>{} more are in report.json.</p>", count(left as u64));
        }
        out += "</details>\n";
    }
    Some(out)
}

/// An action with its sign: never color alone.
pub(super) fn badge(action: Action) -> String {
    let (class, sign) = match action {
        Action::Retire => ("retire", "✕"),
        Action::Narrow => ("narrow", "▽"),
        Action::Split => ("split", "÷"),
        Action::NeedsLabels => ("needs", "?"),
        Action::Keep => ("keep", "✓"),
    };
    format!("<span class=\"badge {class}\"><i>{sign}</i> {}</span>", action.name())
}

/// What an action asks for, in a sentence.
fn ask(action: Action) -> &'static str {
    match action {
        Action::Retire => {
            "Remove these: they say nothing, nothing new, or the contrary of what is right. Read the rows first."
        }
        Action::Narrow => {
            "Let these vote on fewer rows, those where they are right: take out a word, add an exception \
             (unless), or ask for a second sign."
        }
        Action::Split => {
            "Make two of each of these: give the doubtful words a labeling function of their own, so that \
             the good part is not believed less because of them."
        }
        Action::NeedsLabels => "Label some rows of these by hand: until then nobody can tell.",
        Action::Keep => "These are fine as they are.",
    }
}

/// What to do with each labeling function.
pub(super) fn verdicts(view: &View<'_>) -> Option<String> {
    let lfs = &view.report.lfs;
    if lfs.iter().all(|lf| lf.verdict.is_none()) {
        return None;
    }
    let mut out = String::new();
    for action in Action::ALL {
        let about = view.with(action);
        if about.is_empty() {
            continue;
        }
        let open = if action == Action::Keep { "" } else { " open" };
        out += &format!(
            "<details class=action{open}><summary>{} <b>{}</b></summary><p>{}</p>\n",
            badge(action),
            count(about.len() as u64),
            ask(action)
        );
        let mut plain = Vec::new();
        out += "<div class=cards>\n";
        for (place, &lf) in about.iter().enumerate() {
            let Some(verdict) = &lfs[lf].verdict else { continue };
            if action == Action::Keep || place >= view.room.cards {
                plain.push(view.link(lf));
            } else {
                out += &card(view, lf, verdict);
            }
        }
        out += "</div>\n";
        let left = plain.len().saturating_sub(NAMED);
        plain.truncate(NAMED);
        if !plain.is_empty() {
            let left = match left {
                0 => String::new(),
                _ => format!(" and {} more, in the table below", count(left as u64)),
            };
            out += &format!("<p class=names>{}{left}</p>\n", plain.join(" "));
        }
        out += "</details>\n";
    }
    Some(out)
}

fn card(view: &View<'_>, lf: usize, verdict: &Verdict) -> String {
    let votes: Vec<String> =
        view.lf(lf).votes.iter().take(CHIPS).map(|vote| view.chip(&vote.label)).collect();
    let mut out = format!("<article class=card><h4>{}</h4>", view.link(lf));
    if !votes.is_empty() {
        out += &format!(
            "<p class=quiet>votes {} on {} of the rows</p>",
            votes.join(", "),
            share(view.lf(lf).coverage, "rows")
        );
    }
    out += &reason(view, verdict);
    out += &proof(view, lf, verdict);
    out + "</article>\n"
}

/// Why, with the terms it is about.
pub(super) fn reason(view: &View<'_>, verdict: &Verdict) -> String {
    let mut out = format!("<p>{}</p>", view.prose(&verdict.reason));
    if !verdict.terms.is_empty() {
        let terms: String =
            verdict.terms.iter().map(|term| format!("<code>{}</code> ", escape(term))).collect();
        out += &format!("<p class=quiet>It is about: {terms}</p>");
    }
    out
}

/// The rows that prove it.
fn proof(view: &View<'_>, lf: usize, verdict: &Verdict) -> String {
    let rows = view.rows(&verdict.proof);
    if rows.is_empty() {
        return String::new();
    }
    let rows: String = rows.into_iter().take(3).map(|row| snippet(view, row, Some(lf))).collect();
    format!("<ul class=proofs>{rows}</ul>")
}
