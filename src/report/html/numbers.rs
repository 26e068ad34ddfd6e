//! Numbers as people read them, each with what it is a part of as a tooltip, and tables of them.

use super::escape::escape;
use crate::model::Interval;
use crate::report::findings;
use crate::report::{Precision, Share};

pub(super) use findings::{percent, rows as count};

/// What a share is a part of: `12 of 34 rows`.
pub(super) fn of(share: Share, what: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!(" {what}") };
    format!("{} of {}{what}", count(share.count), count(share.of))
}

/// A share as a percentage; `what` is counted.
pub(super) fn share(share: Share, what: &str) -> String {
    let title = escape(&of(share, what));
    match share.share {
        Some(value) => format!("<data value={value} title=\"{title}\">{}</data>", percent(value)),
        None => format!("<span class=none title=\"{title}\">—</span>"),
    }
}

/// Both ends as percentages.
pub(super) fn interval(ends: Interval) -> String {
    ends_of(ends.low, ends.high)
}

/// Both ends as percentages.
pub(super) fn ends_of(low: f64, high: f64) -> String {
    let digits = if high - low < 0.02 { 1 } else { 0 };
    format!("{:.digits$}–{:.digits$} %", 100.0 * low, 100.0 * high)
}

/// What a precision on gold comes from.
pub(super) fn precision_of(precision: Precision) -> String {
    format!(
        "{} right of {} votes on rows with a gold label; 95 % interval {}",
        count(precision.correct),
        count(precision.n),
        ends_of(precision.low, precision.high)
    )
}

/// A cell with a text.
pub(super) fn words(text: &str) -> String {
    format!("<td>{}", escape(text))
}

/// A cell with markup that sorts as `key`.
pub(super) fn markup(key: &str, html: &str) -> String {
    format!("<td data-v=\"{}\">{html}", escape(key))
}

/// A cell with a number; `title` says of what. The value is exactly that of the JSON report.
pub(super) fn cell(value: Option<f64>, shown: impl FnOnce(f64) -> String, title: &str) -> String {
    match value {
        Some(value) => {
            let title = if title.is_empty() {
                String::new()
            } else {
                format!(" title=\"{}\"", escape(title))
            };
            format!("<td class=n data-v={value}{title}>{}", shown(value))
        }
        None => "<td class=\"n none\" data-v=\"\">—".to_owned(),
    }
}

/// A cell with a count.
pub(super) fn count_cell(value: u64, title: &str) -> String {
    let title =
        if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape(title)) };
    format!("<td class=n data-v={value}{title}>{}", count(value))
}

/// A cell with a share, as a percentage.
pub(super) fn share_cell(share: Share, what: &str) -> String {
    cell(share.share, percent, &of(share, what))
}

/// A table of numbers behind a click.
pub(super) struct Sheet {
    html: String,
}

impl Sheet {
    /// A table that opens with `summary`.
    pub(super) fn new(summary: &str, heads: &[&str]) -> Self {
        Self { html: format!("<details class=sheet><summary>{summary}</summary>{}", open(heads)) }
    }

    /// The same, open from the start.
    pub(super) fn shown(summary: &str, heads: &[&str]) -> Self {
        let heads = open(heads);
        Self { html: format!("<details class=sheet open><summary>{summary}</summary>{heads}") }
    }

    /// A table that opens with `summary`; heads come with what their numbers are a part of, escaped.
    pub(super) fn titled(summary: &str, heads: &[(String, String)]) -> Self {
        let heads = open_titled(heads);
        Self { html: format!("<details class=sheet><summary>{summary}</summary>{heads}") }
    }

    /// A table that is always there.
    pub(super) fn plain(heads: &[&str]) -> Self {
        Self { html: format!("<div class=sheet>{}", open(heads)) }
    }

    /// Adds a row of cells.
    pub(super) fn row(&mut self, cells: &[String]) {
        self.html += "<tr>";
        cells.iter().for_each(|cell| self.html += cell);
        self.html.push('\n');
    }

    /// The whole table.
    pub(super) fn end(self) -> String {
        let end = if self.html.starts_with("<details") { "</details>" } else { "</div>" };
        self.html + "</table></div>" + end
    }
}

/// The start of a table: heads that begin with `#` are of numbers.
fn open(heads: &[&str]) -> String {
    let heads = heads.iter().map(|head| ((*head).to_owned(), String::new()));
    open_titled(&heads.collect::<Vec<_>>())
}

/// The same, with tooltips.
fn open_titled(heads: &[(String, String)]) -> String {
    let heads = heads.iter().map(|(head, title)| {
        let title = if title.is_empty() { String::new() } else { format!(" title=\"{title}\"") };
        match head.strip_prefix('#') {
            Some(head) => format!("<th class=n scope=col{title}>{head}"),
            None => format!("<th scope=col{title}>{head}"),
        }
    });
    let heads: String = heads.collect();
    format!("<div class=scroll tabindex=0><table class=sortable><thead><tr>{heads}<tbody>\n")
}
