//! How much of the data may be shown, and how the rest is masked.

use super::Report;
use super::findings::failed;
use serde::{Deserialize, Serialize};

/// How much of the data may be shown in reports and on screens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// Rows as they are.
    #[default]
    Full,
    /// Rows with letters and digits masked, but for words of the spec; no identifiers.
    Redacted,
    /// No rows.
    NoExamples,
}

impl Privacy {
    /// Whether rows are shown as they are.
    #[must_use]
    pub fn is_full(&self) -> bool {
        *self == Self::Full
    }

    /// The stricter of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// A text as it may be shown; pieces that are `open` stay as they are, by their first bytes and the
    /// bytes after their last ones.
    ///
    /// Letters become `x`, digits `0`, so that lengths, spaces and signs still tell what kind of text it
    /// is; the length in characters stays the same, that in bytes need not.
    #[must_use]
    pub fn text(self, text: &str, open: &[(usize, usize)]) -> String {
        if self.is_full() {
            return text.to_owned();
        }
        let shown = |at: usize| open.iter().any(|(start, end)| (*start..*end).contains(&at));
        let mask = |(at, letter): (usize, char)| match letter {
            _ if shown(at) => letter,
            _ if letter.is_numeric() => '0',
            _ if letter.is_alphabetic() || !letter.is_ascii() && !letter.is_whitespace() => 'x',
            _ => letter,
        };
        text.char_indices().map(mask).collect()
    }
}

impl Report {
    /// Takes from a finished report what may not be shown, if that is more than was when it was made.
    pub fn restrict(&mut self, privacy: Privacy) {
        if privacy <= self.examples.privacy {
            return;
        }
        self.mask(privacy);
        // It may say what is wrong with a cell, in the words of that.
        self.examples.note = None;
        for example in &mut self.examples.rows {
            example.id = None;
            example.ledger.votes.iter_mut().for_each(|vote| vote.remarks.clear());
            for cell in &mut example.cells {
                // Which of the marks are words of the spec is not known any more.
                cell.marks.clear();
                cell.text = cell.text.as_ref().map(|text| privacy.text(text, &[]));
            }
        }
        let terms = self.lfs.iter_mut().flat_map(|lf| &mut lf.terms).flat_map(|lf| &mut lf.terms);
        terms.for_each(|term| term.term = privacy.text(&term.term, &[]));
        if privacy == Privacy::NoExamples {
            self.examples.rows.clear();
            self.lfs.iter_mut().flat_map(|lf| &mut lf.verdict).for_each(|verdict| {
                verdict.proof.clear();
            });
            self.matrix.cells.iter_mut().for_each(|cell| cell.examples.clear());
        }
        // Verdicts and findings name terms.
        let proofs: Vec<Vec<usize>> = self
            .lfs
            .iter()
            .map(|lf| lf.verdict.as_ref().map_or(Vec::new(), |v| v.proof.clone()))
            .collect();
        self.judge(|lf, _| proofs[lf].clone());
    }

    /// Masks what failed labeling functions said, which may quote rows, and notes what may be shown.
    pub(crate) fn mask(&mut self, privacy: Privacy) {
        self.examples.privacy = privacy;
        if privacy.is_full() {
            return;
        }
        for lf in &mut self.lfs {
            lf.first_failures
                .iter_mut()
                .for_each(|(_, message)| *message = privacy.text(message, &[]));
        }
        for finding in self.findings.iter_mut().filter(|finding| finding.code == "failures") {
            if let Some(lf) = self.lfs.iter().find(|lf| finding.lf.as_ref() == Some(&lf.name)) {
                finding.message = failed(lf, privacy);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lf::Unwatched;
    use crate::{Job, Spec, input::Table};

    #[test]
    fn a_report_without_rows_does_not_quote_them_in_its_note() {
        let spec = "spec: 1\nlabels: [a, b]\nlfs: [{name: x, label: a, when: {keyword: [x]}}]\n";
        let job = Job::new(&Spec::from_yaml(spec, "s.yaml").expect("a spec")).expect("it compiles");
        let table = Table::new().text("text", [Some("x"), Some("y")]);
        let mut source = table.open(&job.lfs.fields()).expect("the column is there");
        let mut report = job.run(source.as_mut(), &Unwatched).expect("it runs").report;
        report.examples.note = Some("data row 7: column `gold` holds `Ann Smith`".to_owned());
        report.restrict(Privacy::NoExamples);
        assert!(!report.to_json().expect("numbers").contains("Ann Smith"));
    }

    #[test]
    fn only_the_open_pieces_can_be_read() {
        let text = "Ann Müller, 84 y/o: chest pain 🚑";
        let start = text.find("chest").expect("there");
        let masked = Privacy::Redacted.text(text, &[(start, start + "chest pain".len())]);
        assert_eq!(masked, "xxx xxxxxx, 00 x/x: chest pain x");
        assert_eq!(Privacy::Full.text(text, &[]), text);
        assert_eq!(Privacy::Full.or(Privacy::NoExamples), Privacy::NoExamples);
    }
}
