//! Long tables of answers: one row for each answer of an annotator to an item.
//!
//! Every annotator becomes a labeling function and every item a row, both in the order in which they
//! first come up. An annotator who gives an item the same label twice votes once; one who gives it
//! different labels abstains on it, and that is counted.

use super::file::bad_names;
use super::labels::Labels;
use super::{LabelMatrix, Names, Vote, VotesFile};
use crate::input::{Batch, Column, Field, Files, ReadError};
use crate::{FieldId, LfId};
use std::collections::HashMap;

/// What is known about a table of answers.
///
/// ```
/// use jurat::votes::LongOptions;
/// let options = LongOptions::new("task", "worker", "label");
/// assert_eq!(options.gold, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongOptions {
    /// The column that says which item an answer is about.
    pub row: String,
    /// The column that says who gave it.
    pub annotator: String,
    /// The column with the answer: a class, or a richer vote as in a label matrix.
    pub label: String,
    /// The classes in order; `None` takes those that occur, in the order of their names.
    pub labels: Option<Vec<String>>,
    /// What stands for no answer, besides nothing.
    pub abstain: Option<String>,
    /// A column of known labels to score against: of the answers, or of the file with known labels.
    pub gold: Option<String>,
    /// A column of known labels to learn from, in the same place; it may be the same column.
    pub learn: Option<String>,
    /// A file with the known labels of items: the item in a column named as in the answers, and the
    /// labels in the columns [`gold`](Self::gold) and [`learn`](Self::learn). Without either, labels to
    /// score against are in the column named as that of the answers.
    pub gold_files: Option<Files>,
}

impl LongOptions {
    /// Answers in these columns, without known labels.
    #[must_use]
    pub fn new(
        row: impl Into<String>,
        annotator: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            row: row.into(),
            annotator: annotator.into(),
            label: label.into(),
            labels: None,
            abstain: None,
            gold: None,
            learn: None,
            gold_files: None,
        }
    }
}

/// An annotator who gave an item different labels, and so abstains on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The item: a row of the label matrix.
    pub row: usize,
    /// The annotator.
    pub lf: LfId,
    /// The first label.
    pub first: String,
    /// The first one that differs.
    pub second: String,
}

/// Items of one piece of the identifiers that are handed on.
const PIECE: usize = 1 << 16;

impl VotesFile {
    /// Reads answers: an item, an annotator and a label in each row, in any order.
    ///
    /// The label matrix has a row for each item; `ids` names the items.
    ///
    /// # Errors
    /// [`ReadError`] when a column is missing, a row names no item or no annotator, a cell holds none
    /// of the given labels, an item has two known labels, or there are more annotators than
    /// [`LfId::LIMIT`].
    pub fn read_long(files: &Files, options: &LongOptions) -> Result<Self, ReadError> {
        let path = files.paths().first().cloned().unwrap_or_default();
        // Columns of gold labels and of those to learn from, in the answers or in the file.
        let mut known = [options.gold.as_ref(), options.learn.as_ref()];
        if options.gold_files.is_some() && known == [None, None] {
            known[0] = Some(&options.label);
        }
        let in_table = if options.gold_files.is_some() { [None, None] } else { known };
        let mut fields = vec![
            Field::id(&options.row),
            Field::text(&options.annotator),
            Field::text(&options.label),
        ];
        fields.extend(in_table.into_iter().flatten().map(Field::text));
        let mut source = files.open(&fields)?;
        let labels = Labels::new(options.labels.as_deref(), options.abstain.as_deref());
        let mut table = Table { labels, ..Table::new() };
        while let Some(batch) = source.next_batch()? {
            table.add(&batch, options, in_table)?;
        }
        let mut inputs = source.digests();
        if let Some(files) = &options.gold_files {
            let mut fields = vec![Field::id(&options.row)];
            fields.extend(known.into_iter().flatten().map(Field::text));
            let mut source = files.open(&fields)?;
            while let Some(batch) = source.next_batch()? {
                for row in 0..batch.n_rows() {
                    let item = Item::of(&batch, row);
                    // Items without an answer have no row.
                    let item = item.and_then(|item| table.items.get(&item.text()));
                    if let Some(item) = item {
                        table.known(item, &batch, row, 1, known)?;
                    }
                }
            }
            inputs.extend(source.digests());
        }
        let mut file = table.finish(&path)?;
        file.gold = file.gold.filter(|_| known[0].is_some());
        file.learn = file.learn.filter(|_| known[1].is_some());
        file.inputs = inputs;
        Ok(file)
    }
}

fn field(index: usize) -> Option<FieldId> {
    FieldId::new(index)
}

/// An identifier as it stands in the data.
enum Item<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> Item<'a> {
    fn of(batch: &'a Batch, row: usize) -> Option<Self> {
        let text = batch.text(FieldId::FIRST, row).filter(|text| !text.is_empty());
        text.map(Self::Text).or_else(|| batch.integer(FieldId::FIRST, row).map(Self::Number))
    }

    fn text(&self) -> std::borrow::Cow<'a, str> {
        match self {
            Self::Text(text) => (*text).into(),
            Self::Number(number) => number.to_string().into(),
        }
    }
}

/// Names numbered in the order in which they come up.
#[derive(Default)]
struct Index {
    names: Vec<String>,
    number: HashMap<String, u32>,
}

impl Index {
    fn get(&self, name: &str) -> Option<u32> {
        self.number.get(name).copied()
    }

    fn add(&mut self, name: &str) -> u32 {
        self.get(name).unwrap_or_else(|| {
            let number = self.names.len() as u32;
            self.names.push(name.to_owned());
            self.number.insert(name.to_owned(), number);
            number
        })
    }
}

/// One answer, twelve bytes.
struct Answer {
    item: u32,
    lf: LfId,
    label: u32,
}

/// The columns of labels to score against and to learn from.
type Known<'a> = [Option<&'a String>; 2];

/// The answers that were read.
struct Table {
    labels: Labels,
    items: Index,
    annotators: Index,
    answers: Vec<Answer>,
    /// The known labels of each item, to score against and to learn from; items without one may be left
    /// out at the end.
    known: [Vec<Option<u32>>; 2],
    /// Whether all items so far are whole numbers in a typed column.
    whole: bool,
}

impl Table {
    fn new() -> Self {
        Self {
            labels: Labels::new(None, None),
            items: Index::default(),
            annotators: Index::default(),
            answers: Vec::new(),
            known: [Vec::new(), Vec::new()],
            whole: true,
        }
    }

    fn add(
        &mut self,
        batch: &Batch,
        options: &LongOptions,
        known: Known<'_>,
    ) -> Result<(), ReadError> {
        let text = |index: usize, row| {
            field(index).and_then(|f| batch.text(f, row)).filter(|text| !text.is_empty())
        };
        for row in 0..batch.n_rows() {
            let number = batch.start() + row as u64;
            let missing =
                |column: &str| ReadError::MissingCell { row: number, column: column.to_owned() };
            let item = Item::of(batch, row).ok_or_else(|| missing(&options.row))?;
            self.whole &= matches!(item, Item::Number(_));
            let item = self.items.add(&item.text());
            let annotator = text(1, row).ok_or_else(|| missing(&options.annotator))?;
            let lf = LfId::new(self.annotators.add(annotator) as usize).ok_or_else(|| {
                let (what, limit) = ("annotators", LfId::LIMIT);
                ReadError::TooMany { row: number, what, limit }
            })?;
            let column = || options.label.clone();
            if let Some(label) = self.labels.vote(text(2, row), number, column)? {
                self.answers.push(Answer { item, lf, label });
            }
            self.known(item, batch, row, 3, known)?;
        }
        Ok(())
    }

    /// Takes the known labels of an item, whose columns begin at `first`.
    fn known(
        &mut self,
        item: u32,
        batch: &Batch,
        row: usize,
        first: usize,
        columns: Known<'_>,
    ) -> Result<(), ReadError> {
        let number = batch.start() + row as u64;
        let at = item as usize;
        let mut fields = (first..).map(field);
        for (known, column) in self.known.iter_mut().zip(columns) {
            let Some(column) = column else { continue };
            let cell = fields.next().flatten().and_then(|field| batch.text(field, row));
            let label = self.labels.known(cell, number, || column.clone())?;
            if known.len() <= at {
                known.resize(at + 1, None);
            }
            known[at] = match (known[at], label) {
                (Some(before), Some(now)) if before != now => {
                    return Err(ReadError::TwoLabels {
                        row: number,
                        column: column.clone(),
                        item: self.items.names[at].clone(),
                        value: cell.unwrap_or_default().to_owned(),
                    });
                }
                (before, now) => before.or(now),
            };
        }
        Ok(())
    }

    fn finish(mut self, path: &str) -> Result<VotesFile, ReadError> {
        let meaning = self.labels.finish()?;
        let choices = meaning.choices.iter().cloned();
        let names = Names::with_choices(self.annotators.names, meaning.classes, choices);
        let names = names.map_err(|error| bad_names(path, &error))?;
        let ids: Vec<_> = meaning.choices.iter().map(|choice| names.choice_id(choice)).collect();
        self.answers.sort_by_key(|answer| (answer.item, answer.lf));
        let mut matrix = LabelMatrix::new(names.clone());
        let (mut contradictions, mut repeated) = (Vec::new(), 0);
        let mut answers = self.answers.chunk_by(|a, b| a.item == b.item).peekable();
        for item in 0..self.items.names.len() {
            let Some(of_item) = answers.next_if(|answers| answers[0].item as usize == item) else {
                matrix.push_row([]);
                continue;
            };
            let mut votes = Vec::new();
            for same in of_item.chunk_by(|a, b| a.lf == b.lf) {
                let (lf, Some(choice)) = (same[0].lf, ids[same[0].label as usize]) else {
                    continue;
                };
                let other = same
                    .iter()
                    .find_map(|answer| ids[answer.label as usize].filter(|other| *other != choice));
                match other {
                    None => {
                        repeated += same.len() as u64 - 1;
                        votes.push(Vote { lf, choice });
                    }
                    Some(other) => contradictions.push(Contradiction {
                        row: item,
                        lf,
                        first: names.choice_name(choice).into_owned(),
                        second: names.choice_name(other).into_owned(),
                    }),
                }
            }
            matrix.push_row(votes);
        }
        let class = |label: u32| meaning.choices[label as usize].single();
        let [gold, learn] = self.known.map(|mut known| -> Vec<_> {
            known.resize(self.items.names.len(), None);
            known.into_iter().map(|label| label.and_then(class)).collect()
        });
        let whole = self.whole;
        let ids = self.items.names.chunks(PIECE).map(|names| {
            if whole {
                Column::Integer(names.iter().map(|name| name.parse().ok()).collect())
            } else {
                Column::Text(names.iter().map(Some).collect())
            }
        });
        Ok(VotesFile {
            matrix,
            ids: ids.collect(),
            gold: Some(gold),
            learn: Some(learn),
            inputs: Vec::new(),
            guessed: meaning.guessed,
            contradictions,
            repeated,
        })
    }
}
