//! A comparison for a terminal.

use super::words::{
    around, changes, counts, ends, figures, happened_to, label, noun, row, share, vote_counts,
    votes,
};
use super::{Diff, LfDelta};
use crate::report::{Paint, Style, cell, fill, new_table, right, rows};
use crate::visible::{line, screen};

/// Labeling functions that are shown; the others are in the JSON.
const MOST_LFS: usize = 100;

/// Draws a comparison.
#[must_use]
pub fn terminal(diff: &Diff, style: Style) -> String {
    let (paint, width) = (Paint(style.color), style.width);
    let mut out = String::new();
    for (i, text) in diff.headline.iter().enumerate() {
        let text = fill(&line(text), width, "", "  ");
        out += &if i == 0 {
            text.trim_end().split('\n').map(|part| paint.bold(part) + "\n").collect()
        } else {
            text
        };
    }
    diff.notes.iter().for_each(|note| out += &fill(&line(note), width, "  note: ", "        "));
    for limit in &diff.limits {
        let met = if limit.met { paint.red("beyond") } else { paint.green("within") };
        out += &format!("  {met} {}: it is {}\n", line(&limit.limit), line(&limit.value));
    }
    if !diff.causes.is_empty() {
        out += &format!("\n{}\n", paint.bold("Why labels changed"));
        let mut table = new_table(width);
        table.set_header(["cause", "labels", "of common rows", "how"]);
        for cause in &diff.causes {
            table.add_row([
                cell(noun(diff, &cause.cause)),
                right(rows(cause.rows.count)),
                right(share(cause.rows)),
                cell(changes(diff, &cause.cause)),
            ]);
        }
        out += &format!("{table}\n");
    }
    let lfs: Vec<&LfDelta> = diff.lfs.iter().filter(|lf| lf.differs()).collect();
    if !lfs.is_empty() {
        out += &format!("\n{}\n", paint.bold("Labeling functions"));
        let mut table = new_table(width);
        table.set_header(["LF", "what", "coverage", "conflict", "learned", "votes"]);
        for lf in lfs.iter().take(MOST_LFS) {
            let [coverage, conflict, learned] = figures(lf);
            let mut cells = vec![cell(&lf.name), cell(happened_to(lf))];
            cells.extend([coverage, conflict, learned].map(right));
            cells.push(right(vote_counts(lf)));
            table.add_row(cells);
        }
        out += &format!("{table}\n");
        if lfs.len() > MOST_LFS {
            out += &format!("  … and {} more in the JSON\n", lfs.len() - MOST_LFS);
        }
        let legend = "coverage, conflict, learned: over all rows of each run · votes: gained (+), lost (−) and other ones on \
                      the rows of both runs";
        out += &fill(legend, width, "  ", "  ");
    }
    if diff.classes.iter().any(|class| class.before != class.after) {
        out += &format!("\n{}\n", paint.bold("Labels"));
        let mut table = new_table(width);
        table.set_header(["label", "rows", "share"]);
        for class in &diff.classes {
            let part = |share: Option<crate::report::Share>| share.and_then(|share| share.share);
            table.add_row([
                cell(label(class.name.as_ref())),
                right(counts(class.before, class.after)),
                right(ends(part(class.before), part(class.after))),
            ]);
        }
        out += &format!("{table}\n");
    }
    let around = around(diff);
    if !around.is_empty() {
        out += &format!("\n{}\n", paint.bold("Settings, inputs and tables"));
        around.iter().for_each(|text| out += &fill(&line(text), width, "  ", "    "));
    }
    if diff.causes.iter().any(|cause| !cause.examples.is_empty()) {
        out += &format!("\n{}\n", paint.bold("Some of the rows"));
        let mut table = new_table(width);
        table.set_header(["row", "label", "votes", "cause"]);
        for cause in &diff.causes {
            for example in &cause.examples {
                let (was, is) = (label(example.before.as_ref()), label(example.after.as_ref()));
                table.add_row([
                    cell(row(example)),
                    cell(format!("{was} → {is}")),
                    cell(votes(&example.votes)),
                    cell(cause.cause.to_string()),
                ]);
            }
        }
        out += &format!("{table}\n");
    }
    screen(&out, style.color)
}
