//! What took how long, how the report was made, and what its words mean.

use super::escape::escape;
use super::numbers::{Sheet, cell, count, markup, words};
use super::view::View;
use crate::report::{Privacy, sentence};

/// Seconds of stages and microseconds of labeling functions, where they were measured.
pub(super) fn profile(view: &View<'_>) -> Option<String> {
    /// Labeling functions that are listed.
    const SHOWN: usize = 50;
    let profile = view.report.profile.as_ref()?;
    let mut out = format!(
        "<p class=lede>{:.2} s from start to end; stages are summed over threads.</p>\n",
        profile.elapsed
    );
    let mut sheet = Sheet::plain(&["Stage", "#seconds"]);
    for (name, seconds) in &profile.stages {
        sheet.row(&[
            words(name),
            cell(Some(*seconds), |s| format!("{s:.3}"), "summed over threads"),
        ]);
    }
    out += &sheet.end();
    if profile.lfs.is_empty() {
        return Some(out);
    }
    let sample = format!("alone, on the first {} rows", count(profile.sample));
    let mut sheet = Sheet::plain(&["Labeling function", "#µs a row"]);
    for (name, micros) in profile.lfs.iter().take(SHOWN) {
        sheet.row(&[
            markup(name, &view.link_name(name)),
            cell(Some(*micros), |micros| format!("{micros:.3}"), &sample),
        ]);
    }
    Some(
        out + &sheet.end()
            + &format!("<p class=quiet>Each {sample}; the slowest {SHOWN} at most.</p>\n"),
    )
}

/// The model, files and their hashes.
pub(super) fn made(view: &View<'_>) -> Option<String> {
    let report = view.report;
    let model = &report.model;
    let mut out = format!(
        "<p>The label model <code>{}</code> learned from {} distinct rows of votes{}, in {} rounds{}.</p>\n",
        escape(&model.name),
        count(model.patterns as u64),
        match model.known {
            0 => String::new(),
            known => format!(" and {} known labels", count(known)),
        },
        model.rounds,
        if model.converged { "" } else { ", and had not settled then" },
    );
    for note in &model.notes {
        out += &format!("<p>{}</p>\n", view.prose(&sentence(note)));
    }
    if let (Some(replicates), Some(changed)) = (model.replicates, model.changed) {
        out += &format!(
            "<p>Intervals are from {replicates} fits on resampled rows; these give {:.1} % of the covered \
             rows another label.</p>\n",
            100.0 * changed
        );
    }
    if report.gold_left_out > 0 {
        out += &format!(
            "<p>{} rows with a gold label are left out of the scores, because the model learned from \
             them.</p>\n",
            count(report.gold_left_out)
        );
    }
    let Some(made) = &report.made else {
        return Some(
            out + "<p class=none>Files and times are in manifest.json beside this page.</p>\n",
        );
    };
    let mut line = format!("jurat {}", escape(&made.jurat));
    line += " · when it ran is in manifest.json beside this page";
    line += match made.privacy {
        Privacy::Full => "",
        Privacy::Redacted => " · rows are masked",
        Privacy::NoExamples => " · without rows",
    };
    out += &format!("<p>{line}</p>\n");
    if !made.files.is_empty() {
        let mut sheet = Sheet::plain(&["What", "File", "SHA-256"]);
        for file in &made.files {
            sheet.row(&[
                words(&file.what),
                words(&file.path),
                format!("<td><code class=hash>{}</code>", escape(&file.sha256)),
            ]);
        }
        out += &sheet.end();
    }
    Some(out)
}

/// Every word with its definition and its denominator.
pub(super) fn glossary(_: &View<'_>) -> Option<String> {
    let mut out = "<dl class=glossary>\n".to_owned();
    for (word, meaning) in [
        (
            "labeling function",
            "a rule that looks at a row and votes for a label, or says nothing. It may be wrong.",
        ),
        ("coverage", "rows it votes on / all rows."),
        ("alone", "its rows where no other votes / its rows."),
        ("agreeing", "its rows where others vote and none contradicts it / its rows."),
        (
            "overlap",
            "its rows where another votes / its rows. For a pair: rows where both vote / rows where at \
             least one does.",
        ),
        (
            "conflict",
            "its rows where another contradicts it / its rows: the two votes cannot both be right. For a \
             pair: rows where they contradict / rows where at least one votes.",
        ),
        (
            "agreement beyond chance (kappa)",
            "(agreement − agreement by chance) / (1 − agreement by chance), on the rows where both vote; 1 \
             always agrees, 0 is chance, below 0 is less than chance (Cohen 1960).",
        ),
        (
            "learned accuracy",
            "the mean probability, over its rows, of what it voted. The model learns it from agreement; it \
             has none where nothing else votes.",
        ),
        (
            "right on gold, precision",
            "its right votes / its votes on rows with a gold label, with a 95 % interval (Wilson 1927); a dash \
             where there are no such rows, never 0.",
        ),
        (
            "gold label",
            "a label that is known, from a person. The model does not see it unless it was told to.",
        ),
        ("interval", "where the number would be in 95 of 100 fits on resampled rows."),
        (
            "changes without it (contribution)",
            "rows whose label is another, or is lost or gained, when the model is fitted without it.",
        ),
        ("labels (hard)", "rows that got this label / rows that got a label."),
        (
            "expected",
            "the sum of the probability of the label over the rows with a vote / these rows.",
        ),
        ("prior", "the share of a label among all rows, as somebody gave it."),
        ("confidence", "the probability of the most probable label of a row."),
        (
            "calibration",
            "of rows with some confidence and a gold label, the share that is right: as much as the \
             confidence says, if it is deserved.",
        ),
        (
            "recall",
            "right labels of a kind / gold rows of this kind; a row without a label counts as missed.",
        ),
        (
            "ROC AUC",
            "of all pairs of a gold row of a label and one of others, the share in which the first has the \
             higher probability of it, ties half: 1 is a perfect order, ½ is none.",
        ),
        (
            "average precision",
            "the precision at each threshold, weighted by the gold rows that are found there: near the share \
             of the label where probabilities say nothing, 1 at best.",
        ),
        (
            "strength (of a pair)",
            "(agree − expected) / (possible − expected): rows where both vote the same, those where the \
             label alone would make them, and those where they could.",
        ),
        (
            "retire, narrow, split",
            "what to do with a labeling function: remove it; let it vote on fewer rows; make two of it, since \
             a part of what it looks for is good and another is not.",
        ),
        (
            "needs labels",
            "nothing speaks for or against it: label some of its rows by hand, and put them into the gold \
             column.",
        ),
        ("slice", "rows that the spec gives a name, to look at apart; it changes no label."),
        (
            "gate",
            "a bound on a number of this report that the spec sets; a run that misses it fails.",
        ),
        (
            "drift",
            "between two runs, half the sum of the differences of the shares of the labels, or the \
             difference of the coverage of a labeling function; over time, a number that departs in some \
             periods beyond chance.",
        ),
        (
            "×8 in a ledger",
            "the vote makes the one label eight times more likely, against the other, than it was before.",
        ),
    ] {
        out += &format!("<dt>{word}<dd>{meaning}\n");
    }
    Some(out + "</dl>\n")
}
