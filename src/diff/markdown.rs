//! A comparison as Markdown, for a comment on a pull request: no text of rows, only their names.

use super::words::{
    around, changes, counts, ends, figures, happened_to, label, noun, row, share, votes,
};
use super::{Diff, LfDelta};
use crate::report::{code, escape, rows};

/// Labeling functions that are shown; the others are in the JSON.
const MOST_LFS: usize = 30;

/// Writes a comparison as Markdown.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    let mut out = String::from("## What changed in the labels\n\n");
    out += &diff.headline.iter().map(|line| escape(line)).collect::<Vec<_>>().join(" ");
    out += "\n";
    for note in &diff.notes {
        out += &format!("\n> {}\n", escape(note));
    }
    if !diff.limits.is_empty() {
        out += "\n| limit | it is | |\n| --- | --: | --- |\n";
        for limit in &diff.limits {
            let met = if limit.met { "**beyond**" } else { "within" };
            out += &format!("| {} | {} | {met} |\n", code(&limit.limit), limit.value);
        }
    }
    if !diff.causes.is_empty() {
        out += "\n### Why labels changed\n\n| cause | labels | of common rows | how |\n";
        out += "| --- | --: | --: | --- |\n";
        for cause in &diff.causes {
            out += &format!(
                "| {} | {} | {} | {} |\n",
                escape(&noun(diff, &cause.cause)),
                rows(cause.rows.count),
                share(cause.rows),
                escape(&changes(diff, &cause.cause)),
            );
        }
    }
    let lfs: Vec<&LfDelta> = diff.lfs.iter().filter(|lf| lf.differs()).collect();
    if !lfs.is_empty() {
        out += "\n### Labeling functions\n\n| LF | what | coverage | conflict | learned accuracy | votes gained | lost | changed |\n";
        out += "| --- | --- | --: | --: | --: | --: | --: | --: |\n";
        for lf in lfs.iter().take(MOST_LFS) {
            let [coverage, conflict, learned] = figures(lf);
            out += &format!(
                "| {} | {} | {coverage} | {conflict} | {learned} | {} | {} | {} |\n",
                code(&lf.name),
                escape(&happened_to(lf)),
                rows(lf.gained),
                rows(lf.lost),
                rows(lf.changed),
            );
        }
        if lfs.len() > MOST_LFS {
            out += &format!("\n… and {} more in the JSON.\n", lfs.len() - MOST_LFS);
        }
    }
    if diff.classes.iter().any(|class| class.before != class.after) {
        out += "\n### Labels\n\n| label | rows | share |\n| --- | --: | --: |\n";
        for class in &diff.classes {
            let part = |share: Option<crate::report::Share>| share.and_then(|share| share.share);
            out += &format!(
                "| {} | {} | {} |\n",
                class.name.as_ref().map_or_else(|| "no label".to_owned(), |name| code(name)),
                counts(class.before, class.after),
                ends(part(class.before), part(class.after)),
            );
        }
    }
    let around = around(diff);
    if !around.is_empty() {
        out += "\n### Settings, inputs and tables\n\n";
        around.iter().for_each(|line| out += &format!("* {}\n", escape(line)));
    }
    if diff.causes.iter().any(|cause| !cause.examples.is_empty()) {
        out += "\n<details><summary>Some of the rows</summary>\n\n";
        out += "| row | label | votes | cause |\n| --- | --- | --- | --- |\n";
        for cause in &diff.causes {
            for example in &cause.examples {
                let (was, is) = (label(example.before.as_ref()), label(example.after.as_ref()));
                out += &format!(
                    "| {} | {} → {} | {} | {} |\n",
                    code(&row(example)),
                    escape(was),
                    escape(is),
                    escape(&votes(&example.votes)),
                    code(&cause.cause.to_string()),
                );
            }
        }
        out += "\n</details>\n";
    }
    let (before, after) = (code(&diff.before.folder), code(&diff.after.folder));
    out + &format!("\nBefore: {before}. After: {after}.\n")
}
