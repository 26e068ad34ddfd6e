//! The ledger of a row: from what was expected before any vote, over what each vote adds, to the label.

use super::escape::escape;
use super::numbers::percent;
use super::view::View;
use crate::report::Example;

/// Units from the left to the right end of the waterfall.
const WIDE: f64 = 1000.0;

/// The two classes that a row is about, as positions: its label, or else the most probable class, against
/// the gold label, or else the next one.
fn rivals(view: &View<'_>, example: &Example) -> Option<(usize, usize)> {
    let posterior = &example.ledger.posterior;
    let of = |label: &Option<String>| {
        let label = label.as_deref()?;
        let place = view.report.classes.iter().position(|class| class.name == label);
        place.filter(|place| *place < posterior.len())
    };
    let mut order: Vec<usize> = (0..posterior.len()).collect();
    order.sort_by(|&one, &other| posterior[other].total_cmp(&posterior[one]).then(one.cmp(&other)));
    let one = of(&example.label).or_else(|| order.first().copied())?;
    let gold = of(&example.gold).filter(|gold| *gold != one);
    Some((one, gold.or_else(|| order.into_iter().find(|class| *class != one))?))
}

/// A step of the waterfall, in log-odds of the first class against the second.
struct Step {
    from: f64,
    to: f64,
}

/// The ledger as a table with a small waterfall.
pub(super) fn ledger(view: &View<'_>, example: &Example) -> String {
    let ledger = &example.ledger;
    let classes = &view.report.classes;
    let Some((one, other)) = rivals(view, example) else { return String::new() };
    let name = |class: usize| classes.get(class).map_or("?", |class| class.name.as_str());
    let odds = |scores: &[f64]| match (scores.get(one), scores.get(other)) {
        (Some(one), Some(other)) => one - other,
        _ => 0.0,
    };
    // Where not all votes have a line, those that say most do; the others are taken together.
    let adds = |place: usize| odds(&ledger.votes[place].scores);
    let mut lines: Vec<usize> = (0..ledger.votes.len()).collect();
    lines.sort_by(|&one, &other| {
        adds(other).abs().total_cmp(&adds(one).abs()).then(one.cmp(&other))
    });
    let others = lines.split_off(lines.len().min(view.room.votes));
    lines.sort_unstable();
    let mut steps = vec![Step { from: 0.0, to: odds(&ledger.start) }];
    let mut add = |adds: f64| {
        let from = steps.last().map_or(0.0, |step| step.to);
        steps.push(Step { from, to: from + adds });
    };
    lines.iter().for_each(|&place| add(adds(place)));
    if !others.is_empty() {
        add(others.iter().map(|&place| adds(place)).sum());
    }
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    let low = steps.iter().map(|step| finite(step.to)).fold(-1.0, f64::min);
    let high = steps.iter().map(|step| finite(step.to)).fold(1.0, f64::max);
    let at = |value: f64| (finite(value) - low) / (high - low) * WIDE;
    let bar = |step: &Step| {
        let (from, to) = (at(step.from), at(step.to));
        let color = View::color_of(if step.to >= step.from { one } else { other });
        format!(
            "<svg viewBox=\"0 0 {WIDE} 12\" preserveAspectRatio=none aria-hidden=true><path class=even d=\"M{0:.0} 0V12\"/><rect x={1:.0} width={2:.0} height=12 class={color} /></svg>",
            at(0.0),
            from.min(to),
            (from - to).abs().max(4.0)
        )
    };
    let chance = |p: &[f64]| p.get(one).copied().unwrap_or_default();
    let mut out = format!(
        "<table class=ledger><caption>For {} against {}</caption><tbody>\n",
        view.chip(name(one)),
        view.chip(name(other))
    );
    let prior = chance(&ledger.prior);
    out += &format!(
        "<tr><th scope=row colspan=2>before any vote<td>{}<td class=n title=\"log-odds {:+.2}\">{} {}\n",
        bar(&steps[0]),
        steps[0].to,
        percent(prior),
        escape(name(one))
    );
    for (&place, step) in lines.iter().zip(&steps[1..]) {
        let reason = &ledger.votes[place];
        let adds = step.to - step.from;
        let toward = name(if adds >= 0.0 { one } else { other });
        let flips = match reason.flips_to.as_ref().map(|flip| &flip.label) {
            Some(Some(label)) => {
                format!(" <em class=flips>decides: else {}</em>", escape(label))
            }
            Some(None) => " <em class=flips>decides: else no label</em>".to_owned(),
            None => String::new(),
        };
        let remarks: String = reason
            .remarks
            .iter()
            .map(|remark| format!("<br><small class=quiet>{}</small>", escape(remark)))
            .collect();
        let lf = reason.lf;
        out += &format!(
            "<tr data-lf={lf}><th scope=row><i class=no>{}</i> {}{flips}{remarks}<td>{}<td>{}<td class=n data-v={adds} title=\"adds {adds:+.2} to the log-odds\">{}\n",
            place + 1,
            if view.report.lfs.get(lf).is_some_and(|known| known.name == reason.name) {
                view.link(lf)
            } else {
                escape(&reason.name)
            },
            view.chip(&reason.vote),
            bar(step),
            times(adds, toward),
        );
    }
    if let (Some(step), false) = (steps.last(), others.is_empty()) {
        let adds = step.to - step.from;
        let toward = name(if adds >= 0.0 { one } else { other });
        let votes = match others.len() {
            1 => "1 more vote".to_owned(),
            n => format!("{n} more votes, each of which says less"),
        };
        out += &format!(
            "<tr><th scope=row colspan=2 class=quiet>{votes}<td>{}<td class=n data-v={adds} title=\"they add \
             {adds:+.2} to the log-odds\">{}\n",
            bar(step),
            times(adds, toward),
        );
    }
    let last = steps.last().map_or(0.0, |step| step.to);
    out += &format!(
        "<tr class=sum><th scope=row colspan=2>{}<td>{}<td class=n title=\"log-odds {last:+.2}\">{} {}\n",
        if ledger.votes.is_empty() { "no vote" } else { "together" },
        bar(&Step { from: 0.0, to: last }),
        percent(chance(&ledger.posterior)),
        escape(name(one))
    );
    out + "</table>\n"
}

/// How many times more likely a vote makes a class, against the other.
fn times(adds: f64, toward: &str) -> String {
    let factor = adds.abs().exp();
    let shown = match factor {
        f if f < 1.05 => return "hardly matters".to_owned(),
        f if f < 9.95 => format!("{f:.1}"),
        f if f < 1e4 => format!("{f:.0}"),
        _ => "&gt; 10,000".to_owned(),
    };
    format!("×{shown} {}", escape(toward))
}
