//! What the run had to reach, and what became of it.

use super::escape::escape;
use super::numbers::{Sheet, cell, count, markup, percent, words};
use super::view::View;
use crate::lf::{Measure, Side, Subject};
use crate::report::{GateResult, GateStatus};

/// The gates, those that do not hold first.
pub(super) fn gates(view: &View<'_>) -> Option<String> {
    let gates = &view.report.gates;
    if gates.is_empty() {
        return None;
    }
    let with = |status| gates.iter().filter(move |gate| gate.status == status);
    let [failed, unknown, held] = ORDER.map(|status| with(status).count());
    let mut out = format!("<p class=lede>{}", headline(failed, held));
    if unknown > 0 {
        let were = if unknown == 1 { "was" } else { "were" };
        out += &format!(" {} {were} not checked: the table says why.", count(unknown as u64));
    }
    out += "</p>\n";
    let heads = ["Result", "Of", "Number", "#must\u{a0}be", "#is", "Made of"];
    let mut sheet = Sheet::plain(&heads);
    let order = ORDER.into_iter().flat_map(with);
    let all = gates.len();
    for gate in order.take(view.room.lines) {
        sheet.row(&line(view, gate));
    }
    Some(out + &sheet.end() + &view.rest(all))
}

/// In which order results are listed.
const ORDER: [GateStatus; 3] = [GateStatus::Failed, GateStatus::NotChecked, GateStatus::Passed];

fn headline(failed: usize, held: usize) -> String {
    match (failed, held) {
        (0, 0) => "Nothing could be checked.".to_owned(),
        (0, _) => "What was asked of this run holds.".to_owned(),
        (1, _) => "One thing that was asked of this run does not hold: begin with it.".to_owned(),
        _ => format!(
            "{} things that were asked of this run do not hold: begin with them.",
            count(failed as u64)
        ),
    }
}

fn line(view: &View<'_>, result: &GateResult) -> [String; 6] {
    let gate = &result.gate;
    let (class, sign, word) = match result.status {
        GateStatus::Failed => ("retire", "✕", "failed"),
        GateStatus::NotChecked => ("unknown", "?", "not checked"),
        GateStatus::Passed => ("keep", "✓", "passed"),
    };
    let (key, subject) = match &gate.subject {
        Subject::All => ("", "all labels".to_owned()),
        Subject::Lf(name) => (name.as_str(), view.link_name(name)),
        Subject::Slice(name) => {
            (name.as_str(), format!("slice <a href=\"#slices\">{}</a>", escape(name)))
        }
    };
    let sign_of = match gate.side {
        Side::AtLeast => "≥",
        Side::AtMost => "≤",
    };
    let shown = |limit: f64| format!("{sign_of} {}", limit_of(limit));
    [
        markup(word, &format!("<span class=\"badge {class}\"><i>{sign}</i> {word}</span>")),
        markup(key, &subject),
        words(number_of(gate.measure)),
        cell(Some(gate.limit), shown, &result.condition()),
        cell(result.value, percent, &result.outcome()),
        words(&result.reason),
    ]
}

/// A limit with no more digits than it needs.
fn limit_of(limit: f64) -> String {
    let text = format!("{:.4}", 100.0 * limit);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// What a gate is about, in the words of the page.
fn number_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Precision => "precision, lower end of its interval",
        Measure::Drift => "drift since an earlier run",
        _ => measure.name(),
    }
}

/// How many gates hold, for the head of the page; none without gates.
pub(super) fn figure(view: &View<'_>) -> Option<(String, &'static str)> {
    let gates = &view.report.gates;
    let n = |status| gates.iter().filter(|gate| gate.status == status).count() as u64;
    let (held, failed) = (n(GateStatus::Passed), n(GateStatus::Failed));
    let unknown = n(GateStatus::NotChecked);
    let title = format!("{held} passed, {failed} failed, {unknown} not checked");
    let value = format!(
        "<data value={held} title=\"{title}\">{} of {}</data>",
        count(held),
        count(gates.len() as u64)
    );
    (!gates.is_empty()).then_some((value, "<a href=\"#gates\">gates hold</a>"))
}
