//! One row in full: what was found in it, how its votes add up to its label, and what would change that.

use super::terminal::Paint;
use super::{Example, Mark};
use crate::model::rivals;
use crate::visible::{line, screen};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT: &str = "jurat-explanation-1";

/// Why a row has its label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// `jurat-explanation-1`.
    pub format: String,
    /// The classes, in the order of the scores.
    pub classes: Vec<String>,
    /// The row.
    pub example: Example,
    /// What else one should know, in sentences.
    pub notes: Vec<String>,
}

/// A line of the waterfall: number, name, vote and score.
type Line = (String, String, String, f64);

/// Columns of a bar, on each side of its middle.
const SIDE: usize = 16;

impl Explanation {
    /// Explains a row.
    pub(crate) fn new(classes: Vec<String>, example: Example, notes: Vec<String>) -> Self {
        Self { format: FORMAT.to_owned(), classes, example, notes }
    }

    /// The explanation as a JSON document.
    ///
    /// # Errors
    /// When a number is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The class that the row is about, and its rival: the label, or else the most probable class, and
    /// the most probable one besides.
    fn rivals(&self) -> Option<(usize, usize)> {
        let posterior = &self.example.ledger.posterior;
        let label = self.example.label.as_ref();
        let label = label.and_then(|label| self.classes.iter().position(|class| class == label));
        rivals(posterior, label)
    }

    /// Draws it for a terminal: text with what was found in it, then from what was expected before any
    /// vote, over what each vote adds, to the label.
    #[must_use]
    pub fn terminal(&self, color: bool) -> String {
        let painter = Paint(color);
        let paint = |code: &str, text: &str| painter.wrap(code, text);
        let example = &self.example;
        let ledger = &example.ledger;
        let mut out = paint("1", &format!("row {}", example.row));
        if let Some(id) = &example.id {
            out += &format!(" · {}", line(id));
        }
        let label = example.label.as_deref().unwrap_or("no label");
        out += &format!("\n  label  {}", paint("1", label));
        let chances = self.classes.iter().zip(&ledger.posterior);
        let chances: Vec<String> =
            chances.map(|(class, p)| format!("{class} {:.1} %", 100.0 * p)).collect();
        out += &format!("   ({})\n", line(&chances.join(" · ")));
        if let Some(gold) = &example.gold {
            let right = if Some(gold) == example.label.as_ref() { "" } else { "  ✗" };
            out += &format!("  gold   {}{right}\n", line(gold));
        }
        out.push('\n');
        out += &self.cells(&paint);
        out += &self.waterfall(&paint);
        for note in self.flips().iter().chain(&self.notes) {
            out += &format!("{}\n", line(note));
        }
        screen(&out, color)
    }

    fn cells(&self, paint: &dyn Fn(&str, &str) -> String) -> String {
        let cells = &self.example.cells;
        let wide = cells.iter().map(|cell| cell.column.chars().count()).max().unwrap_or(0);
        let mut out = String::new();
        for cell in cells {
            out += &format!("  {:wide$}  ", line(&cell.column));
            match &cell.text {
                None => out += &paint("2", "—"),
                Some(text) => {
                    out += if cell.cut_before { "… " } else { "" };
                    let votes = &self.example.ledger.votes;
                    let number = |lf: usize| votes.iter().position(|vote| vote.lf == lf);
                    out += &mark_up(text, &cell.marks, &number, paint);
                    out += if cell.cut_after { " …" } else { "" };
                }
            }
            out.push('\n');
        }
        out + "\n"
    }

    fn waterfall(&self, paint: &dyn Fn(&str, &str) -> String) -> String {
        let ledger = &self.example.ledger;
        let Some((one, other)) = self.rivals() else { return String::new() };
        let odds = |scores: &[f64]| scores[one] - scores[other];
        let start = odds(&ledger.start);
        let votes = ledger.votes.iter();
        let mut lines: Vec<Line> =
            vec![(String::new(), "before any vote".to_owned(), String::new(), start)];
        lines.extend(votes.enumerate().map(|(at, vote)| {
            (superscript(at + 1), line(&vote.name), line(&vote.vote), odds(&vote.scores))
        }));
        let total: f64 = lines.iter().map(|(.., score)| score).sum();
        lines.push((String::new(), "together".to_owned(), String::new(), total));
        let most = lines.iter().map(|(.., score)| score.abs()).fold(1.0, f64::max);
        let wide = |pick: &dyn Fn(&Line) -> &str| {
            lines.iter().map(|line| pick(line).chars().count()).max().unwrap_or(0)
        };
        let (numbers, names, what) =
            (wide(&|line| &line.0), wide(&|line| &line.1), wide(&|line| &line.2));
        let heading = format!(
            "For {} (right) against {} (left), in log-odds",
            self.classes[one], self.classes[other]
        );
        let mut out = format!("  {}\n", paint("1", &heading));
        for (at, (number, name, vote, score)) in lines.iter().enumerate() {
            let length = (score.abs() / most * SIDE as f64).round() as usize;
            let (left, right) = if *score < 0.0 { (length, 0) } else { (0, length) };
            let bar = format!(
                "{}{}│{}{}",
                " ".repeat(SIDE - left),
                paint("35", &"█".repeat(left)),
                paint("36", &"█".repeat(right)),
                " ".repeat(SIDE - right)
            );
            let text = format!("{number:>numbers$} {name:names$}  {vote:what$}");
            out += &format!("  {text}  {bar} {score:+.2}\n");
            // The first line is none of a vote, nor is the last.
            let vote = at.checked_sub(1).and_then(|at| ledger.votes.get(at));
            for remark in vote.iter().flat_map(|vote| &vote.remarks) {
                let remark = line(remark);
                out += &format!("  {:numbers$} {}\n", "", paint("2", &remark));
            }
        }
        out + "\n"
    }

    /// What would change the label.
    fn flips(&self) -> Vec<String> {
        let votes = &self.example.ledger.votes;
        if votes.is_empty() {
            return vec!["  No labeling function votes on this row.".to_owned()];
        }
        let flips: Vec<String> = votes
            .iter()
            .filter_map(|vote| {
                let to = vote.flips_to.as_ref()?;
                let to = to
                    .label
                    .as_ref()
                    .map_or("there would be no label".to_owned(), |to| format!("it would be {to}"));
                Some(format!("  Without {} {to}.", vote.name))
            })
            .collect();
        if flips.is_empty() {
            return vec![
                "  No single vote decides: without any one of them the label stays.".to_owned(),
            ];
        }
        flips
    }
}

/// The text in pieces; those that were found in brackets, with the numbers of who found them, from 0,
/// where they have one.
pub(super) fn mark_up(
    text: &str,
    marks: &[Mark],
    number: &dyn Fn(usize) -> Option<usize>,
    paint: &dyn Fn(&str, &str) -> String,
) -> String {
    let borders = marks.iter().flat_map(|mark| [mark.start, mark.end]);
    let borders: BTreeSet<usize> =
        borders.chain([0, text.len()]).filter(|at| text.is_char_boundary(*at)).collect();
    let borders: Vec<usize> = borders.into_iter().collect();
    let mut out = String::new();
    for ends in borders.windows(2) {
        let (start, end) = (ends[0], ends[1]);
        let piece = line(text.get(start..end).unwrap_or_default());
        let by: BTreeSet<Option<usize>> = marks
            .iter()
            .filter(|mark| mark.start <= start && end <= mark.end)
            .map(|mark| number(mark.lf))
            .collect();
        if by.is_empty() {
            out += &piece;
            continue;
        }
        let by: Vec<String> = by.into_iter().flatten().map(|at| superscript(at + 1)).collect();
        out += &format!("{}{}", paint("1;33", &format!("[{piece}]")), by.join("·"));
    }
    out
}

fn superscript(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = number.to_string();
    digits.chars().filter_map(|digit| DIGITS.get(digit.to_digit(10)? as usize)).collect()
}
