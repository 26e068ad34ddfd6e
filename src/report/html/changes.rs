//! What changed since an earlier run.

use super::escape::escape;
use super::numbers::{Sheet, count_cell, share_cell, words};
use super::view::View;

pub(super) fn changes(view: &View<'_>) -> Option<String> {
    let changes = view.report.changes.as_ref()?;
    let mut out = format!("<p class=lede>Since the run in {}.</p>\n", escape(&changes.since));
    for line in &changes.headline {
        out += &format!("<p>{}</p>\n", view.prose(line));
    }
    if !changes.causes.is_empty() {
        let mut sheet =
            Sheet::plain(&["Why labels changed", "labels", "of the rows in both runs", "how"]);
        for cause in &changes.causes {
            sheet.row(&[
                words(&cause.cause),
                count_cell(cause.rows.count, "labels that changed for this reason"),
                share_cell(cause.rows, "rows in both runs"),
                words(&cause.how),
            ]);
        }
        out += &sheet.end();
    }
    if !changes.lfs.is_empty() {
        let heads = [
            "Labeling function",
            "what",
            "covered before",
            "covered now",
            "gained",
            "lost",
            "changed",
        ];
        let mut sheet = Sheet::plain(&heads);
        let none = || "<td class=n title=\"it was not there\">—".to_owned();
        for lf in &changes.lfs {
            let coverage =
                |share: Option<_>| share.map_or_else(none, |share| share_cell(share, "rows"));
            sheet.row(&[
                format!("<td>{}", view.link_name(&lf.name)),
                words(&lf.what),
                coverage(lf.coverage_before),
                coverage(lf.coverage),
                count_cell(lf.gained, "rows of both runs that it votes on now and did not before"),
                count_cell(lf.lost, "rows of both runs that it votes on no longer"),
                count_cell(lf.changed, "rows of both runs that it votes something else on"),
            ]);
        }
        out += &sheet.end();
    }
    Some(out)
}
