//! One labeling function while it is being written, as people see it.

use super::explanation::mark_up;
use super::findings::{percent, rows};
use super::portrait::{numbers, terms};
use super::terminal::Paint;
use super::{Example, LfReport, Share};
use crate::visible::{line, screen};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "jurat-preview-1";

/// Where one labeling function votes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Preview {
    /// `jurat-preview-1`.
    pub format: String,
    /// Its numbers; nothing that takes a label model.
    pub lf: LfReport,
    /// The others on its rows, those with the most rows in common first.
    pub others: Vec<OtherLf>,
    /// The classes.
    pub classes: Vec<String>,
    /// Some rows that it votes on.
    pub rows: Vec<Example>,
    /// Some where another contradicts it.
    pub conflicts: Vec<Example>,
    /// Words that stand in its rows far more often than in others, the strongest first.
    pub words: Vec<String>,
    /// Rows that it does not vote on and that have several of these words, which are marked.
    pub missed: Vec<Example>,
}

/// Another labeling function on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OtherLf {
    /// Its name.
    pub name: String,
    /// Rows where both vote.
    pub both: u64,
    /// Of these, rows where they contradict each other.
    pub conflict: Share,
}

impl OtherLf {
    /// `conflict` of `both` rows.
    pub(crate) fn new(name: String, both: u64, conflict: u64) -> Self {
        Self { name, both, conflict: Share::new(conflict, both) }
    }
}

/// Others that are shown.
const OTHERS: usize = 8;
/// Words that are shown.
const WORDS: usize = 12;

impl Preview {
    pub(crate) fn new(lf: LfReport, others: Vec<OtherLf>, classes: Vec<String>) -> Self {
        let format = FORMAT.to_owned();
        let (rows, conflicts, missed) = (Vec::new(), Vec::new(), Vec::new());
        Self { format, lf, others, classes, rows, conflicts, words: Vec::new(), missed }
    }

    /// The preview as a JSON document.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Draws it for a terminal.
    #[must_use]
    pub fn terminal(&self, color: bool) -> String {
        let painter = Paint(color);
        let paint = |code: &str, text: &str| painter.wrap(code, text);
        let bold = |text: &str| paint("1", text);
        let lf = &self.lf;
        let share = lf.coverage.share.map_or("—".to_owned(), percent);
        let mut out = format!(
            "{} votes on {} of {} rows ({share})\n",
            bold(&lf.name),
            rows(lf.coverage.count),
            rows(lf.coverage.of)
        );
        out += &numbers(lf);
        if let Some((row, message)) = lf.first_failures.first() {
            let n = rows(lf.failures);
            out += &format!("  ! failed on {n} rows, first on row {row}: {}\n", line(message));
        }
        if !self.others.is_empty() {
            out += &format!("\n{}\n", bold("Others on its rows"));
            for other in self.others.iter().take(OTHERS) {
                out += &format!(
                    "  {:<30} on {:>8}, contradicts it on {:>8} ({})\n",
                    line(&other.name),
                    rows(other.both),
                    rows(other.conflict.count),
                    other.conflict.share.map_or("—".to_owned(), percent)
                );
            }
            let more = self.others.len().saturating_sub(OTHERS);
            out += &if more > 0 { format!("  … and {more} more\n") } else { String::new() };
        }
        out += &terms(lf, &bold);
        let of_lf = |example: &Example| {
            example.ledger.votes.iter().find(|vote| vote.name == lf.name).map(|vote| vote.lf)
        };
        for (title, list) in [
            ("Rows it votes on", &self.rows),
            ("Rows where another contradicts it", &self.conflicts),
        ] {
            if list.is_empty() {
                continue;
            }
            out += &format!("\n{}\n", bold(title));
            for example in list {
                let others = example.ledger.votes.iter().filter(|vote| vote.name != lf.name);
                let votes: Vec<String> =
                    others.map(|vote| format!("{}={}", vote.name, vote.vote)).collect();
                out += &shown(example, of_lf(example), &paint);
                if !votes.is_empty() {
                    out += &format!("      others: {}\n", line(&votes.join(" · ")));
                }
            }
        }
        if !self.missed.is_empty() {
            out += &format!("\n{}\n", bold("Rows it misses that look alike"));
            let words: Vec<&str> = self.words.iter().take(WORDS).map(String::as_str).collect();
            out += &format!("  by words of its rows: {}\n", line(&words.join(", ")));
            for example in &self.missed {
                let label = example.label.as_deref().unwrap_or("none");
                out += &shown(example, None, &paint);
                out += &format!("      majority of the others: {}\n", line(label));
            }
        }
        screen(&out, color)
    }
}

/// A row with what one labeling function found, or everything that is marked.
fn shown(example: &Example, lf: Option<usize>, paint: &dyn Fn(&str, &str) -> String) -> String {
    let name = example.id.clone().unwrap_or_else(|| example.row.to_string());
    let gold = example.gold.as_ref().map_or_else(String::new, |gold| format!(" (gold {gold})"));
    let mut out = format!("  {}\n", line(&(name + &gold)));
    for cell in &example.cells {
        let Some(text) = &cell.text else { continue };
        let marks: Vec<_> =
            cell.marks.iter().filter(|mark| lf.is_none_or(|lf| mark.lf == lf)).cloned().collect();
        // Cells in which nothing was found are left out, unless it is the only one.
        if marks.is_empty() && example.cells.len() > 1 && text.len() < 30 {
            continue;
        }
        let (before, after) =
            (if cell.cut_before { "…" } else { "" }, if cell.cut_after { "…" } else { "" });
        out += &format!(
            "      {}: {before}{}{after}\n",
            line(&cell.column),
            mark_up(text, &marks, &|_| None, paint)
        );
    }
    out
}
