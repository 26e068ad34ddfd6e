//! How the labels fall: classes, how sure the model is of them, and which are mixed up.

use super::bars::{Bar, chart};
use super::escape::escape;
use super::numbers::{Sheet, cell, count, count_cell, markup, of, percent};
use super::plot::{Axis, Point, plot};
use super::view::View;
use crate::model::Interval;
use crate::report::{ClassReport, ConfidenceBin, Share};

/// Classes that are drawn.
const DRAWN: usize = 30;

/// Hard, expected, gold and prior shares of each class.
pub(super) fn classes(view: &View<'_>) -> Option<String> {
    let report = view.report;
    let mut out = "<p class=lede>The shares should be near to each other and to what you know of your \
                   data. A class with far fewer labels than expected lacks labeling functions.</p>\n"
        .to_owned();
    for (place, class) in report.classes.iter().enumerate().take(DRAWN) {
        out += &format!("<h3>{}</h3>\n", view.chip(&class.name));
        out += &chart(&lines(view, place, class));
    }
    if report.classes.len() > DRAWN {
        out += &format!("<p class=quiet>{DRAWN} classes are drawn.</p>\n");
    }
    let mut sheet = Sheet::new(
        "Table: classes",
        &["Class", "#labels", "#expected rows", "#from", "#to", "#gold", "#prior"],
    );
    for class in report.classes.iter().take(view.room.lines) {
        let ends = class.expected_interval;
        let rows = |value: f64| format!("{value:.1}");
        let covered = format!("of {} rows with a vote", count(report.rows.coverage.count));
        sheet.row(&[
            markup(&class.name, &view.chip(&class.name)),
            count_cell(
                class.hard,
                &of(Share::new(class.hard, report.rows.labeled.count), "labels"),
            ),
            cell(Some(class.expected), rows, &covered),
            cell(ends.map(|ends| ends.low), rows, &covered),
            cell(ends.map(|ends| ends.high), rows, &covered),
            match class.gold {
                Some(rows) => count_cell(rows, &gold_of(view)),
                None => cell(None, percent, ""),
            },
            cell(class.balance, percent, "of all rows, as it was given"),
        ]);
    }
    out += &sheet.end();
    out += &view.rest(report.classes.len());
    if !report.decision.is_empty() {
        out +=
            &format!("<p class=quiet>How labels are decided: {}</p>\n", escape(&report.decision));
    }
    Some(out)
}

fn gold_of(view: &View<'_>) -> String {
    let rows = view.report.gold.as_ref().map_or(0, |gold| gold.rows);
    format!("of {} rows with a gold label", count(rows))
}

fn lines(view: &View<'_>, place: usize, class: &ClassReport) -> Vec<Bar> {
    let report = view.report;
    let color = View::color_of(place);
    let mut bars = Vec::new();
    let mut line = |name: &str, share: f64, ends: Option<Interval>, title: String| {
        bars.push(Bar {
            name: name.to_owned(),
            parts: vec![(share, color.clone())],
            ends,
            value: percent(share),
            title: escape(&format!("{}, {name}: {title}", class.name)),
        });
    };
    let hard = Share::new(class.hard, report.rows.labeled.count);
    line("labels", hard.share.unwrap_or(0.0), None, of(hard, "labels"));
    let covered = report.rows.coverage.count.max(1) as f64;
    let ends = class
        .expected_interval
        .map(|ends| Interval { low: ends.low / covered, high: ends.high / covered });
    let title = format!(
        "{:.1} of {} rows with a vote{}",
        class.expected,
        count(report.rows.coverage.count),
        class.expected_interval.map_or_else(String::new, |ends| {
            format!(" (95 % interval {:.1}–{:.1})", ends.low, ends.high)
        })
    );
    line("expected", class.expected / covered, ends, title);
    if let (Some(rows), Some(gold)) = (class.gold, &report.gold) {
        let share = Share::new(rows, gold.rows);
        line("gold", share.share.unwrap_or(0.0), None, of(share, "rows with a gold label"));
    }
    if let Some(balance) = class.balance {
        line("prior", balance, None, "of all rows, as it was given".to_owned());
    }
    bars
}

/// How many rows have which confidence; with gold labels, how often such rows are right.
pub(super) fn confidence(view: &View<'_>) -> Option<String> {
    let bins = &view.report.confidence;
    let all: u64 = bins.iter().map(|bin| bin.rows).sum();
    if all == 0 {
        return Some(
            "<p class=none>No row has a vote, or the report is an older one.</p>".to_owned(),
        );
    }
    let mut out =
        "<p class=lede>The model is surest of the rows at the bottom. Where many are unsure, use \
         probabilities, or write labeling functions that tell them apart.</p>\n"
            .to_owned();
    let most = bins.iter().map(|bin| bin.rows).max().unwrap_or(1).max(1) as f64;
    // Nothing can be less sure than an even chance among all classes.
    let least = bins.iter().position(|bin| bin.rows > 0).unwrap_or(0);
    let bar = |bin: &ConfidenceBin| {
        let share = Share::new(bin.rows, all);
        Bar {
            name: name(bin),
            parts: vec![(bin.rows as f64 / most, "agree".to_owned())],
            ends: None,
            value: share.share.map_or_else(String::new, percent),
            title: format!("{} sure: {}", name(bin), of(share, "rows with a vote")),
        }
    };
    out += &chart(&bins[least..].iter().map(bar).collect::<Vec<Bar>>());
    let mut sheet =
        Sheet::new("Table: confidence", &["#from", "#to", "#rows", "#of rows with a vote"]);
    for bin in bins {
        let share = Share::new(bin.rows, all);
        sheet.row(&[
            cell(Some(bin.low), percent, BOUND),
            cell(Some(bin.high), percent, BOUND),
            count_cell(bin.rows, &of(share, "rows with a vote")),
            cell(share.share, percent, &of(share, "rows with a vote")),
        ]);
    }
    out += &sheet.end();
    Some(out + &calibration(view))
}

/// What the ends of a bin are.
const BOUND: &str = "probability of the most probable class of a row";

fn name(bin: &ConfidenceBin) -> String {
    format!("{:.0}–{:.0} %", 100.0 * bin.low, 100.0 * bin.high)
}

fn calibration(view: &View<'_>) -> String {
    let Some(gold) = &view.report.gold else {
        let why = "Whether this confidence is deserved takes rows with a gold label.";
        return format!("<p class=none>{why}</p>");
    };
    let mut points = Vec::new();
    let model = &view.report.model.name;
    let heads = ["Labels by", "#from", "#to", "#gold rows", "#right", "#sum of confidence"];
    let mut sheet = Sheet::new("Table: calibration", &heads);
    for (square, who, metrics) in
        [(false, model.as_str(), &gold.labels), (true, "majority vote", &gold.majority)]
    {
        for bin in metrics.calibration.iter().filter(|bin| bin.gold > 0) {
            let n = bin.gold as f64;
            let title = format!(
                "{who}, {} sure: {:.1} of {} gold rows are right, mean confidence {}",
                name(bin),
                bin.correct,
                count(bin.gold),
                percent(bin.confidence / n)
            );
            points.push(Point {
                x: bin.confidence / n,
                y: bin.correct / n,
                of_x: None,
                of_y: None,
                name: format!("{}", bin.gold),
                href: None,
                title: escape(&title),
                square,
            });
            let of_gold = format!("of {} such rows", count(bin.gold));
            sheet.row(&[
                format!("<td>{}", escape(who)),
                cell(Some(bin.low), percent, BOUND),
                cell(Some(bin.high), percent, BOUND),
                count_cell(bin.gold, "rows with a vote and a gold label, this sure"),
                cell(Some(bin.correct), |rows| format!("{rows:.1}"), &of_gold),
                cell(Some(bin.confidence), |sum| format!("{sum:.1}"), &of_gold),
            ]);
        }
    }
    if points.is_empty() {
        return "<p class=none>No row with a vote has a gold label.</p>".to_owned();
    }
    let x = Axis::whole("mean confidence");
    let y = Axis::whole("right, of the gold rows");
    format!(
        "<h3>Is the confidence deserved?</h3>\n<p class=lede>On the line, 80 % sure means right in 80 of \
         100. Below it, the labels are surer than they should be. Numbers at the points are gold rows.</p>\n\
         <ul class=legend><li><i class=dot></i>{}<li><i class=box></i>majority vote</ul>\n{}{}",
        escape(model),
        plot("confidence against accuracy", &x, &y, true, &points),
        sheet.end()
    )
}

/// Classes of a confusion that is drawn whole.
const CONFUSION: usize = 40;

/// Gold labels against hard labels.
pub(super) fn confusion(view: &View<'_>) -> Option<String> {
    let Some(gold) = &view.report.gold else {
        return Some("<p class=none>That takes rows with a gold label.</p>".to_owned());
    };
    let counts = &gold.labels.confusion.counts;
    let classes = &view.report.classes;
    if counts.is_empty() {
        return Some("<p class=none>The report is an older one, without it.</p>".to_owned());
    }
    let mut out =
        "<p class=lede>Off the diagonal are mistakes: read such rows, and ask which labeling \
                   function took the one for the other.</p>\n"
            .to_owned();
    let shown = classes.len().min(CONFUSION);
    out += "<div class=scroll tabindex=0><table class=confusion><thead><tr><th scope=col>gold ↓ label →";
    for class in &classes[..shown] {
        out += &format!("<th scope=col>{}", escape(&class.name));
    }
    out += "<th scope=col>no label<tbody>\n";
    for (row, (class, counts)) in classes.iter().zip(counts).enumerate().take(shown) {
        let total: u64 = counts.iter().sum();
        out += &format!("<tr><th scope=row>{}", escape(&class.name));
        let last = counts.len().saturating_sub(1);
        for (column, &n) in counts.iter().enumerate() {
            if column >= shown && column != last {
                continue;
            }
            let share = Share::new(n, total);
            let title = of(share, &format!("rows that are {}", class.name));
            let right = if row == column { "right" } else { "off" };
            let step = (5.0 * share.share.unwrap_or(0.0)).ceil();
            out += &format!(
                "<td class=\"n {right} h{step}\" data-v={n} title=\"{}\">{}",
                escape(&title),
                count(n)
            );
        }
        out.push('\n');
    }
    out += "</table></div>\n";
    if classes.len() > shown {
        out += &format!("<p class=quiet>The first {shown} classes are shown.</p>\n");
    }
    let mut sheet = Sheet::new(
        "Table: scores",
        &["Score", &format!("#{}", escape(&view.report.model.name)), "#majority vote"],
    );
    let lines = gold.lines();
    let n_lines = lines.len();
    for (name, ours, majority) in lines.into_iter().take(view.room.lines) {
        let of_rows = format!("{} rows with a gold label in all", count(gold.rows));
        let number = |value: f64| format!("{value:.4}");
        sheet.row(&[
            format!("<td>{}", escape(&name)),
            cell(ours, number, &of_rows),
            cell(majority, number, &of_rows),
        ]);
    }
    Some(out + &sheet.end() + &view.rest(n_lines))
}
