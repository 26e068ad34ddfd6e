//! The table of labeling functions: a line each, and behind it everything that is known of it.

use super::attention::{badge, reason};
use super::bars;
use super::escape::escape;
use super::numbers::{
    Sheet, cell, count, count_cell, ends_of, interval, markup, of, percent, precision_of, share,
    share_cell, words,
};
use super::view::View;
use crate::report::{Action, LfReport, Precision, TermsReport};

/// The table with its controls.
pub(super) fn table(view: &View<'_>) -> Option<String> {
    let report = view.report;
    let mut out = controls(view);
    let verdicts = report.lfs.iter().any(|lf| lf.verdict.is_some());
    let gold = report.lfs.iter().any(|lf| lf.precision.is_some());
    let contributions = report.lfs.iter().any(|lf| lf.contribution.is_some());
    out += "<div class=scroll tabindex=0><table id=lf-table class=sortable><thead><tr>";
    let mut columns = 0;
    let mut head = |shown: bool, title: &str, name: &str| {
        if shown {
            columns += 1;
            out += &format!("<th scope=col title=\"{title}\">{name}");
        }
    };
    head(true, "labeling function", "Name");
    head(true, "what it votes, and on how many rows", "Votes for");
    head(verdicts, "what to do with it", "What to do");
    head(true, "rows it votes on / all rows", "Coverage");
    head(true, "its rows where another votes / its rows", "Overlap");
    head(true, "its rows where another contradicts it / its rows", "Conflict");
    head(true, "mean probability of what it voted, over its rows", "Learned accuracy");
    head(gold, "right votes / its votes on rows with a gold label", "Right on gold");
    head(contributions, "rows whose label changes without it", "Changes without it");
    head(true, "how many findings are about it", "Findings");
    let known = known(view);
    for (lf, of_lf) in report.lfs.iter().enumerate() {
        out += &line(view, lf, of_lf, [verdicts, gold, contributions]);
        out += &format!(
            "<tr class=more><td colspan={columns}><details><summary>More</summary>{}</details>\n",
            known[lf]
        );
    }
    Some(out + "</table></div>\n")
}

/// Search and filters; they need the script.
fn controls(view: &View<'_>) -> String {
    let mut out = "<div class=\"controls js\"><label>Search <input type=search id=lf-search \
                   placeholder=\"name, why, owner, tag\"></label>\n<label>Label <select id=lf-label><option value=\"\">any"
        .to_owned();
    for (place, class) in view.report.classes.iter().enumerate() {
        out += &format!("<option value={place}>{}", escape(&class.name));
    }
    out += "</select></label>\n";
    if view.report.lfs.iter().any(|lf| lf.verdict.is_some()) {
        out += "<label>What to do <select id=lf-verdict><option value=\"\">any";
        for action in Action::ALL {
            out += &format!("<option>{}", action.name());
        }
        out += "</select></label>\n";
    }
    out + "<label class=check><input type=checkbox id=lf-found> only with findings</label>\n\
           <output id=lf-count aria-live=polite></output></div>\n"
}

fn line(view: &View<'_>, lf: usize, of_lf: &LfReport, columns: [bool; 3]) -> String {
    let [verdicts, gold, contributions] = columns;
    let classes: Vec<String> = view
        .report
        .classes
        .iter()
        .enumerate()
        .filter(|(_, class)| of_lf.votes.iter().any(|vote| vote.label == class.name))
        .map(|(place, _)| place.to_string())
        .collect();
    let action = of_lf.verdict.as_ref().map(|verdict| verdict.action);
    let mut out = format!(
        "<tbody id=\"{}\" data-l=\"{}\" data-a=\"{}\" data-f={}><tr><th scope=row>{name}",
        view.anchor(lf),
        classes.join(" "),
        action.map_or("", Action::name),
        view.findings[lf].len(),
        name = escape(&of_lf.name),
    );
    let votes: Vec<String> = of_lf.votes.iter().map(|vote| view.chip(&vote.label)).collect();
    let key = of_lf.votes.first().map_or("", |vote| vote.label.as_str());
    out += &markup(key, &if votes.is_empty() { "—".to_owned() } else { votes.join(" ") });
    if verdicts {
        let place = action.and_then(|a| Action::ALL.iter().position(|other| *other == a));
        // Numbers are sorted from the largest on, so that the most urgent comes first.
        let key = place.map_or_else(String::new, |place| (Action::ALL.len() - place).to_string());
        out += &markup(&key, &action.map_or_else(|| "—".to_owned(), badge));
    }
    out += &share_cell(of_lf.coverage, "");
    if view.room.details {
        out += &parts(of_lf);
    }
    out += &share_cell(of_lf.overlap, "");
    out += &share_cell(of_lf.conflict, "");
    let mut learned = format!("mean of {} rows", count(of_lf.coverage.count));
    if let Some(ends) = of_lf.learned_interval {
        learned += &format!("; {}", interval(ends));
    }
    out += &cell(of_lf.learned_accuracy, percent, &learned);
    if gold {
        let title = |p: Precision| {
            format!("{} of {}; {}", count(p.correct), count(p.n), ends_of(p.low, p.high))
        };
        let title = of_lf.precision.map(title).unwrap_or_default();
        out += &cell(of_lf.precision.map(|p| p.value), percent, &title);
    }
    if contributions {
        match of_lf.contribution {
            Some(c) => {
                let rows = c.rows();
                let title = format!(
                    "{} changed, {} lost, {} gained, of {}",
                    count(c.flipped),
                    count(c.lost),
                    count(c.gained),
                    count(view.report.rows.rows)
                );
                out += &count_cell(rows, &title);
            }
            None => out += &cell(None, percent, ""),
        }
    }
    out + &count_cell(view.findings[lf].len() as u64, "findings about it") + "\n"
}

/// Alone, agreeing and conflicting rows as a strip below the number before it.
fn parts(lf: &LfReport) -> String {
    let part = |share: Option<f64>, color: &str| (share.unwrap_or(0.0), color.to_owned());
    let parts = [
        part(lf.alone.share, "alone"),
        part(lf.agreement.share, "agree"),
        part(lf.conflict.share, "differ"),
    ];
    format!("<span class=strip>{}</span>", bars::svg(&parts, None))
}

/// What is known of each: of all in short, where all does not fit of those that need it least.
fn known(view: &View<'_>) -> Vec<String> {
    let lfs = &view.report.lfs;
    let mut known: Vec<String> =
        lfs.iter().enumerate().map(|(lf, of_lf)| details(view, lf, of_lf)).collect();
    let needs = |lf: usize| {
        let verdict = lfs[lf].verdict.as_ref();
        let fine = verdict.is_none_or(|verdict| verdict.action == Action::Keep);
        (view.findings[lf].is_empty(), fine, std::cmp::Reverse(lfs[lf].coverage.count), lf)
    };
    let mut order: Vec<usize> = (0..lfs.len()).collect();
    order.sort_by_key(|&lf| needs(lf));
    let mut used = 0;
    for lf in order {
        used += known[lf].len();
        if used > view.room.known {
            known[lf] = format!(
                "{}<p class=quiet>More is in report.json: this page is kept small.</p>",
                about(&lfs[lf])
            );
        }
    }
    known
}

/// Why it should work, who looks after it, and words to find it by.
fn about(lf: &LfReport) -> String {
    let mut out = String::new();
    let about = &lf.about;
    if let Some(why) = &about.why {
        out += &format!("<p class=why dir=auto>{}</p>", escape(why));
    }
    if about.owner.is_some() || !about.tags.is_empty() {
        let owner = about.owner.as_ref();
        let owner = owner.map_or_else(String::new, |who| format!("owner {} ", escape(who)));
        let tags: String = about
            .tags
            .iter()
            .map(|tag| format!("<span class=tag>{}</span> ", escape(tag)))
            .collect();
        out += &format!("<p class=\"by quiet\">{owner}{tags}</p>");
    }
    out
}

/// Everything that is known of one.
fn details(view: &View<'_>, lf: usize, of_lf: &LfReport) -> String {
    let mut out = about(of_lf);
    if let Some(verdict) = &of_lf.verdict {
        out += &format!("<div class=verdict>{} {}", badge(verdict.action), reason(view, verdict));
        let links = view.row_links(&verdict.proof);
        if !links.is_empty() {
            out += &format!("<p>Rows that show it: {links}</p>");
        }
        out += "</div>";
    }
    if !view.findings[lf].is_empty() {
        out += "<ul class=found>";
        for finding in &view.findings[lf] {
            out += &format!("<li>{}", view.prose(&finding.message));
        }
        out += "</ul>";
    }
    out += &facts(view, lf, of_lf);
    if let Some(found) = &of_lf.terms {
        out += &terms(view, found);
    }
    let examples = &view.examples[lf];
    if !examples.is_empty() {
        let some = &examples[..examples.len().min(12)];
        out += &format!("<p>Rows to look at: {}</p>", view.row_links(some));
    }
    out
}

fn facts(view: &View<'_>, at: usize, lf: &LfReport) -> String {
    let mut out = "<dl class=facts>".to_owned();
    let mut fact = |what: &str, value: &str| out += &format!("<div><dt>{what}<dd>{value}</div>");
    let votes: Vec<String> = lf
        .votes
        .iter()
        .map(|vote| format!("{} on {} rows", view.chip(&vote.label), count(vote.rows)))
        .collect();
    fact("votes", &if votes.is_empty() { "none".to_owned() } else { votes.join(", ") });
    if let Some((with, rows)) = &lf.conflicts_most_with {
        fact("contradicts most", &format!("{}, {} rows", view.link_name(with), count(*rows)));
    }
    if view.room.details {
        fact("alone", &of(lf.alone, "rows"));
        fact("agreeing", &of(lf.agreement, "rows"));
        fact("conflicting", &of(lf.conflict, "rows"));
        if let Some(learned) = lf.learned_accuracy {
            let ends =
                lf.learned_interval.map_or_else(String::new, |i| format!(" ({})", interval(i)));
            fact("learned accuracy", &format!("{}{ends}", percent(learned)));
        }
        if let Some(p) = lf.precision {
            fact("on gold", &precision_of(p));
        }
        if let Some(c) = lf.contribution {
            let mut text = format!(
                "{} labels change, {} are lost, {} gained; {} rows have no other vote",
                count(c.flipped),
                count(c.lost),
                count(c.gained),
                count(c.only_it)
            );
            if let Some(points) = c.accuracy {
                text += &format!("; accuracy on gold {:+.2} points with it", 100.0 * points);
            }
            fact("without it", &text);
        }
    }
    if lf.missing > 0 {
        fact("cell missing", &format!("on {} rows", count(lf.missing)));
    }
    if lf.failures > 0 {
        let first: String = lf
            .first_failures
            .iter()
            .map(|(row, message)| format!("<li>row {}: {}", count(*row), escape(message)))
            .collect();
        fact("failures", &format!("on {} rows<ul>{first}</ul>", count(lf.failures)));
    }
    for (slice, worse) in &view.worse[at] {
        let (here, there) = (share(worse.inside, ""), share(worse.elsewhere, ""));
        let name = escape(slice);
        let what = worse.measure.name();
        fact("worse in a slice", &format!("{name}: {what} {here}, elsewhere {there}"));
    }
    for change in &view.changes[at] {
        let difference = &change.difference;
        let (here, there) = (share(difference.inside, ""), share(difference.elsewhere, ""));
        let (when, before) = if change.lasting { ("since", "before") } else { ("in", "otherwise") };
        let (what, period) = (difference.measure.name(), escape(&change.period));
        fact("drifts", &format!("{what} {here} {when} {period}, {before} {there}"));
    }
    out + "</dl>"
}

/// What it found in its rows.
fn terms(view: &View<'_>, found: &TermsReport) -> String {
    /// Terms of one labeling function that are listed.
    const SHOWN: usize = 25;
    /// Those that are named where there is little room.
    const NAMED: usize = 3;
    if !view.room.details {
        let named = found.terms.iter().take(NAMED).map(|term| {
            format!(
                "{}<code>{}</code> {}",
                if term.doubtful { "▲ " } else { "" },
                escape(&term.term),
                of(term.rows, "")
            )
        });
        let named: Vec<String> = named.collect();
        return if named.is_empty() {
            String::new()
        } else {
            format!("<p class=quiet>Found: {}</p>", named.join(", "))
        };
    }
    if found.terms.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::plain(&["Found", "#rows", "#conflict", "#learned", "#right on gold"]);
    for term in found.terms.iter().take(SHOWN) {
        let mark = if term.doubtful { " ▲ doubtful" } else { "" };
        sheet.row(&[
            words(&format!("{}{mark}", term.term)),
            count_cell(term.rows.count, &of(term.rows, "rows looked at")),
            share_cell(term.conflict, "of its rows have a vote that contradicts"),
            cell(term.learned_accuracy, percent, "mean over these rows"),
            cell(
                term.precision.map(|p| p.value),
                percent,
                &term.precision.map(precision_of).unwrap_or_default(),
            ),
        ]);
    }
    let left = found.others + found.terms.len().saturating_sub(SHOWN) as u64;
    let mut note = found
        .sampled
        .map_or_else(String::new, |of_rows| format!("From {}. ", of(of_rows, "rows it votes on")));
    if left > 0 {
        note += &format!("{} more are not listed.", count(left));
    }
    format!("{}<p class=quiet>{note}</p>", sheet.end())
}
