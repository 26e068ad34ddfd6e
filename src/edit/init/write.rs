//! The proposed spec as text, with what speaks for each line in a comment beside it.

use super::super::quote::{list, scalar};
use super::profile::Profile;
use super::roles::{numbers, words};
use super::{Draft, PLACEHOLDERS, Words};

/// Labels, columns and values that are listed in a comment, at the most.
const LISTED: usize = 12;

impl Draft<'_> {
    /// What was found, a sentence each.
    pub(super) fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        let more = if self.sample.cut { "the first " } else { "" };
        found.push(format!(
            "{more}{} rows, {} columns",
            count(self.sample.rows),
            self.profiles.len()
        ));
        let role = |what: &str, at: Option<usize>, none: &str| match at {
            Some(at) => format!("{what}: {} ({})", scalar(&self.profiles[at].name), self.about(at)),
            None => format!("{what}: {none}"),
        };
        found.push(role("text", self.roles.text, "no column has words; say --text COLUMN"));
        found.push(role("identifier", self.roles.id, "no column is different in every row"));
        found.push(role(
            "known labels",
            self.roles.gold,
            "none found; say --gold COLUMN if there are",
        ));
        if !self.strange.is_empty() {
            let strange = list(&self.strange[..self.strange.len().min(LISTED)]);
            found.push(format!(
                "known labels are not scored against: they also hold {strange}, which are no labels"
            ));
        }
        if self.supervised && !self.words.is_empty() {
            found.push(
                "words were chosen by the known labels, so that scores on the same rows flatter"
                    .into(),
            );
        }
        if let Some(at) = self.roles.time {
            found.push(role("time", Some(at), ""));
        }
        if !self.vectors.is_empty() {
            let vectors = list(&self.vectors[..self.vectors.len().min(LISTED)]);
            found.push(format!("vectors, to be compared with `similar`: {vectors}"));
        }
        if !self.left_out.is_empty() {
            found.push(format!(
                "left out, as they hold neither text nor numbers, stand there twice or have no short name: {}",
                list(&self.left_out[..self.left_out.len().min(LISTED)])
            ));
        }
        let keywords: usize = self.words.iter().map(|words| words.terms.len()).sum();
        let unsorted = match self.unsorted.len() {
            0 => String::new(),
            n => format!(", and {n} words to sort by hand"),
        };
        found.push(match keywords {
            0 => "no words stand out; the labeling function in it only shows the form".to_owned(),
            n => format!(
                "proposed {n} keywords in {} labeling functions{unsorted}",
                self.words.len()
            ),
        });
        found
    }

    /// What a column looks like, in a few words.
    fn about(&self, at: usize) -> String {
        let column: &Profile = &self.profiles[at];
        let known = match (&self.sample.labels, self.roles.gold == Some(at)) {
            (Some(labels), true) => Some(labels.len()),
            _ => None,
        };
        let values = known.or(column.values.as_ref().map(|values| values.len()));
        let missing = match column.missing {
            0 => String::new(),
            n => format!(", {} missing", percent(n, n + column.cells)),
        };
        let what = match values {
            _ if column.cells == 0 => "empty".to_owned(),
            Some(n) if Some(at) == self.roles.gold => format!("{n} values"),
            _ if Some(at) == self.roles.id => match column.n_distinct() == column.cells {
                true => "every cell once".to_owned(),
                false => format!(
                    "{} of {} cells differ",
                    count(column.n_distinct()),
                    count(column.cells)
                ),
            },
            _ if column.is_time() => "dates or times".to_owned(),
            _ if column.is_probability() => "numbers from 0 to 1".to_owned(),
            _ if column.is_numeric() && !column.has_letters() => "numbers".to_owned(),
            _ if column.n_distinct() == column.cells && column.mean_words() < 2.0 => {
                "every cell once".to_owned()
            }
            Some(1) => "1 value".to_owned(),
            Some(n) if n < 30 && column.mean_words() < 4.0 => format!("{n} values"),
            _ if column.mean_words() < 1.5 => "single words or codes".to_owned(),
            _ => format!("{:.0} words on average", column.mean_words()),
        };
        what + &missing
    }

    /// The whole text; it is formatted afterwards.
    pub(super) fn write(&self) -> String {
        let mut out: Vec<String> = Vec::new();
        if let Some(schema) = &self.wishes.schema {
            out.push(format!("# yaml-language-server: $schema={schema}"));
        }
        let rows = match self.sample.cut {
            true => format!("its first {} rows", count(self.sample.rows)),
            false => format!("{} rows", count(self.sample.rows)),
        };
        out.extend([
            format!("# A first spec for {} ({rows}), made by `jurat init`.", scalar(&self.data)),
            "# It is a start for somebody who knows the data: delete what is there by chance, add what only".into(),
            "# an expert knows. Keys behind a `#` are choices; take the mark away to make use of one.".into(),
            String::new(),
            "spec: 1".into(),
            String::new(),
        ]);
        self.write_labels(&mut out);
        self.write_input(&mut out);
        self.write_lookups(&mut out);
        out.push("lfs:".into());
        if self.words.is_empty() {
            self.write_fallback(&mut out);
        }
        for words in &self.words {
            self.write_words(words, &mut out);
        }
        self.write_columns(&mut out);
        self.write_end(&mut out);
        out.join("\n") + "\n"
    }

    fn write_labels(&self, out: &mut Vec<String>) {
        let known = self.sample.labels.as_deref().unwrap_or_default();
        let renamed = self.labels.iter().any(|label| PLACEHOLDERS.contains(&label.as_str()));
        out.push(match (renamed, self.supervised) {
            (true, _) => "# TO DO: write the names of your labels here, and further down where they are used.".into(),
            (_, true) => "# The labels, in the order used everywhere.".to_owned(),
            _ => "# The labels, in the order used everywhere. No row has a known one yet.".into(),
        });
        out.push("labels:".into());
        let width =
            self.labels.iter().map(|label| scalar(label).chars().count()).max().unwrap_or(0);
        for label in &self.labels {
            let rows = known.iter().find(|(known, _)| known == label).map(|(_, rows)| *rows);
            let label = scalar(label);
            out.push(match rows {
                Some(rows) => format!("  - {label:width$}   # {} rows", count(rows)),
                None => format!("  - {label}"),
            });
        }
        out.push(String::new());
    }

    fn write_input(&self, out: &mut Vec<String>) {
        out.push("# The columns. Known labels (`gold`) are only used to score.".into());
        if self.supervised {
            out.push(
                "# The words below were chosen by them, too: a score on the same rows flatters."
                    .into(),
            );
        }
        out.push("input:".into());
        let roles = &self.roles;
        let mut lines = Vec::new();
        let scores = roles.gold.filter(|_| self.strange.is_empty());
        let used = [("text", roles.text), ("id", roles.id), ("gold", scores), ("time", roles.time)];
        for (key, at) in used {
            if let Some(at) = at {
                lines.push((
                    format!("  {key}: {}", scalar(&self.profiles[at].name)),
                    self.about(at),
                ));
            }
        }
        // An empty map needs something to stand for it.
        if lines.is_empty() {
            let name = self.profiles.first().map_or("text", |column| &column.name);
            lines.push((format!("  text: {}", scalar(name)), "the first column".to_owned()));
        }
        let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
        out.extend(lines.iter().map(|(line, about)| format!("{line:width$}   # {about}")));
        if let (Some(at), false) = (roles.gold, self.strange.is_empty()) {
            let name = scalar(&self.profiles[at].name);
            let strange = list(&self.strange[..self.strange.len().min(LISTED)]);
            out.push(format!(
                "  # gold: {name}   # it also holds {strange}, which are no labels here"
            ));
        }
        if roles.gold.is_none() {
            for at in roles.few_values.iter().take(LISTED) {
                let name = scalar(&self.profiles[*at].name);
                out.push(format!(
                    "  # gold: {name}   # if these are known labels: {}",
                    self.values(*at)
                ));
            }
        }
        let taken = [roles.text, roles.id, roles.gold, roles.time];
        let others: Vec<usize> =
            (0..self.profiles.len()).filter(|at| !taken.contains(&Some(*at))).collect();
        if !others.is_empty() {
            out.push("  # Other columns:".into());
            for at in others.iter().take(LISTED) {
                out.push(format!(
                    "  #   {}: {}",
                    scalar(&self.profiles[*at].name),
                    self.about(*at)
                ));
            }
            if others.len() > LISTED {
                out.push(format!("  #   and {} more", others.len() - LISTED));
            }
        }
        out.push(String::new());
    }

    /// The first values of a column.
    fn values(&self, at: usize) -> String {
        let values = self.profiles[at].values.iter().flatten().map(|(value, _)| value.as_str());
        let all: Vec<&str> = values.collect();
        let more = if all.len() > 6 { ", …" } else { "" };
        list(&all[..all.len().min(6)]) + more
    }

    fn write_lookups(&self, out: &mut Vec<String>) {
        out.extend([
            "# Long lists of words or codes belong into tables (CSV with a header) that grow by themselves.".into(),
            "# lookups:".into(),
            "#   my-terms: {file: my-terms.csv, key: term}".into(),
            "# and in a labeling function: `when: {lookup: {table: my-terms, match: occurs}}`".into(),
            String::new(),
        ]);
    }

    fn write_words(&self, words: &Words, out: &mut Vec<String>) {
        let label = scalar(&self.labels[words.label]);
        if self.supervised {
            out.push(format!(
                "  # Words that are more common in rows with the label {label} than in others, the surest first:"
            ));
            out.push(format!(
                "  # rows with the word, and how many of these are {label} ({} of all are).",
                self.share(words.label)
            ));
        } else if words.label == 0 {
            out.push("  # Nobody has sorted these words yet. One stands under each label, so that the spec runs; the".into());
            out.push("  # others are common words and phrases, which say most about what a row is about, with the".into());
            out.push(format!(
                "  # rows of {} that have them.",
                count(self.sample.documents.len() as u64)
            ));
        }
        out.extend([
            format!("  - name: {}", scalar(&words.name)),
            format!("    label: {label}"),
            "    when:".into(),
            "      keyword:".into(),
            "        any:".into(),
        ]);
        let width = words.terms.iter().map(|term| scalar(&term.text).chars().count()).max();
        let width = width.unwrap_or(0);
        for term in &words.terms {
            let share = match self.supervised {
                true => format!(", {}", percent(term.own, term.all)),
                false => String::new(),
            };
            let text = scalar(&term.text);
            out.push(format!("          - {text:width$}   # {} rows{share}", count(term.all)));
        }
        if words.label == 0 && !self.unsorted.is_empty() {
            out.push("          # Take the mark away where a word speaks for this label, and move those for others:".into());
            let width = self.unsorted.iter().map(|term| scalar(&term.text).chars().count()).max();
            let width = width.unwrap_or(0);
            for term in &self.unsorted {
                let text = scalar(&term.text);
                out.push(format!("          # - {text:width$}   # {} rows", count(term.all)));
            }
        }
        let example = words.terms.first().map_or("", |term| &term.text);
        out.push(format!(
            "    # unless: {{keyword: [{}]}}   # where it abstains all the same",
            scalar(&format!("not {example}"))
        ));
        out.push(match self.supervised {
            true => "    why: Chosen by counts among known labels; nobody has read it yet".into(),
            false => "    why: Only here so that the spec runs".to_owned(),
        });
        if words.matching.is_empty() && words.not_matching.is_empty() {
            out.push(format!(
                "    # examples: {{match: [{}], no_match: [a text it must not vote on]}}",
                scalar(&format!("a text with {example}"))
            ));
        } else {
            out.push("    examples:   # tests, which `jurat check` runs".into());
            for (key, texts) in [("match", &words.matching), ("no_match", &words.not_matching)] {
                if !texts.is_empty() {
                    out.push(format!("      {key}:"));
                    out.extend(texts.iter().map(|text| format!("        - {}", scalar(text))));
                }
            }
        }
        out.push(String::new());
    }

    /// The share of a label among rows with a known one.
    fn share(&self, label: usize) -> String {
        let known = self.sample.labels.as_deref().unwrap_or_default();
        let all = known.iter().map(|(_, rows)| rows).sum();
        let own = known.iter().find(|(known, _)| *known == self.labels[label]);
        percent(own.map_or(0, |(_, rows)| *rows), all)
    }

    /// A labeling function that shows the form where no words were found.
    fn write_fallback(&self, out: &mut Vec<String>) {
        let label = scalar(&self.labels[0]);
        out.push(
            "  # No words stand out. This one only shows the form; write your own in its place."
                .into(),
        );
        out.push("  - name: first-rule".into());
        out.push(format!("    label: {label}"));
        let number = numbers(&self.profiles, &self.roles);
        out.push(match (self.roles.text, number) {
            (None, Some(at)) => {
                let name = scalar(&self.profiles[at].name);
                format!(
                    "    when: {{model: {{column: {name}, at_least: {}}}}}",
                    self.profiles[at].middle()
                )
            }
            _ => {
                "    when: {regex: '\\S'}   # any text at all; or {keyword: [a word, another one]}"
                    .to_owned()
            }
        });
        out.push(String::new());
    }

    /// Columns with something that a labeling function could make use of.
    fn write_columns(&self, out: &mut Vec<String>) {
        for at in self.roles.probabilities.iter().take(LISTED) {
            let column = &self.profiles[*at].name;
            let in_name = words(column);
            let label = self
                .labels
                .iter()
                .find(|label| words(label).iter().any(|word| in_name.contains(word)));
            let label = scalar(label.unwrap_or(&self.labels[0]));
            out.extend([
                format!("  # The column {} has numbers from 0 to 1. If it is what a model thinks of {label}:", scalar(column)),
                format!("  # - name: {}", scalar(&format!("{}-is-high", in_name.join("-")))),
                format!("  #   label: {label}"),
                format!("  #   when: {{model: {{column: {}, at_least: 0.9}}}}", scalar(column)),
                String::new(),
            ]);
        }
        for at in &self.roles.few_values {
            let column = &self.profiles[*at];
            let mut values = column.values.iter().flatten().map(|(value, _)| value);
            if self.supervised && values.all(|value| self.labels.contains(value)) {
                let name = scalar(&column.name);
                out.extend([
                    format!("  # The column {name} holds labels. If an earlier system or a person gave them:"),
                    format!("  # - name: {}", scalar(&format!("{}-says", words(&column.name).join("-")))),
                    format!("  #   when: {{model: {{column: {name}}}}}"),
                    String::new(),
                ]);
            }
        }
    }

    fn write_end(&self, out: &mut Vec<String>) {
        let slice = self.roles.few_values.iter().find_map(|at| {
            let column = &self.profiles[*at];
            let common = column.values.iter().flatten().max_by_key(|(_, count)| **count)?;
            let name = words(common.0).join("-");
            let name: String = name.chars().take(40).collect();
            (!name.is_empty()).then(|| {
                format!(
                    "#   {}: {{keyword: {{any: {}, field: {}}}}}",
                    scalar(&name),
                    list(&[common.0]),
                    scalar(&column.name)
                )
            })
        });
        if let Some(slice) = slice {
            out.extend([
                "# Rows that the report looks at apart:".into(),
                "# slices:".into(),
                slice,
                String::new(),
            ]);
        }
        let shares = self.shares();
        let (balance, why) = match &shares {
            Some(shares) => {
                (shares.clone(), "as among the known labels, if these are a fair sample")
            }
            None => {
                let labels: Vec<String> =
                    self.labels.iter().take(2).map(|label| scalar(label)).collect();
                (format!("{{{}: 0.3, {}: 0.7}}", labels[0], labels[1]), "all labels, together 1")
            }
        };
        out.extend([
            "# How common each label is, if you know it; this helps more than any other setting."
                .into(),
            format!("# model: {{class_balance: {balance}}}   # {why}"),
            String::new(),
            "# What a run must reach; `jurat gates --from RUN` proposes limits.".into(),
            format!(
                "# gates: {{coverage: '>= 60%'{}}}",
                if self.supervised { ", precision: '>= 80%'" } else { "" }
            ),
        ]);
    }

    /// The shares of the known labels, as a map; none where one is too rare, or has none.
    fn shares(&self) -> Option<String> {
        let known = self.sample.labels.as_deref().filter(|_| self.supervised)?;
        let count =
            |label: &String| known.iter().find(|(known, _)| known == label).map(|(_, n)| *n);
        let counts: Vec<u64> = self.labels.iter().map(count).collect::<Option<_>>()?;
        let all: u64 = counts.iter().sum();
        let mut shares: Vec<u64> =
            counts.iter().map(|n| (1000 * n + all / 2) / all.max(1)).collect();
        let (first, rest) = shares.split_first_mut()?;
        *first = 1000_u64.checked_sub(rest.iter().sum())?;
        let texts = self
            .labels
            .iter()
            .zip(&shares)
            .map(|(label, share)| format!("{}: 0.{share:03}", scalar(label)));
        let texts = texts.collect::<Vec<_>>();
        (shares.iter().all(|share| (1..1000).contains(share)) && shares.len() <= LISTED)
            .then(|| format!("{{{}}}", texts.join(", ")))
    }
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.0} %", 100.0 * part as f64 / of.max(1) as f64)
}

/// A number with its thousands apart.
fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
