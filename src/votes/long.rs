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
    /// A column of known labels: of the answers, or of the file with known labels.
    pub gold: Option<String>,
    /// A file with the known labels of items: the item in a column named as in the answers, and the
    /// label in the column [`gold`](Self::gold), or else in one named as in the answers.
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
        let in_table = options.gold.as_ref().filter(|_| options.gold_files.is_none());
        let mut fields = vec![
            Field::id(&options.row),
            Field::text(&options.annotator),
            Field::text(&options.label),
        ];
        fields.extend(in_table.map(Field::text));
        let mut source = files.open(&fields)?;
        let labels = Labels::new(options.labels.as_deref(), options.abstain.as_deref());
        let mut table = Table { labels, ..Table::new() };
        while let Some(batch) = source.next_batch()? {
            table.add(&batch, options, in_table)?;
        }
        let mut inputs = source.digests();
        if let Some(files) = &options.gold_files {
            let gold = options.gold.as_ref().unwrap_or(&options.label);
            let mut source = files.open(&[Field::id(&options.row), Field::text(gold)])?;
            while let Some(batch) = source.next_batch()? {
                for row in 0..batch.n_rows() {
                    let number = batch.start() + row as u64;
                    let item = Item::of(&batch, row);
                    // Items without an answer have no row.
                    let item = item.and_then(|item| table.items.get(&item.text()));
                    if let Some(item) = item {
                        table.known(
                            item,
                            field(1).and_then(|f| batch.text(f, row)),
                            number,
                            gold,
                        )?;
                    }
                }
            }
            inputs.extend(source.digests());
        }
        let has_gold = in_table.is_some() || options.gold_files.is_some();
        let mut file = table.finish(&path)?;
        file.gold = file.gold.filter(|_| has_gold);
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
        if let Some(Column::Integer(array)) = batch.column(FieldId::FIRST) {
            return array.iter().nth(row).flatten().map(Self::Number);
        }
        batch.text(FieldId::FIRST, row).filter(|text| !text.is_empty()).map(Self::Text)
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

/// The answers that were read.
struct Table {
    labels: Labels,
    items: Index,
    annotators: Index,
    answers: Vec<Answer>,
    /// The known label of each item; items without one may be left out at the end.
    gold: Vec<Option<u32>>,
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
            gold: Vec::new(),
            whole: true,
        }
    }

    fn add(
        &mut self,
        batch: &Batch,
        options: &LongOptions,
        gold: Option<&String>,
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
            if let Some(gold) = gold {
                self.known(item, text(3, row), number, gold)?;
            }
        }
        Ok(())
    }

    fn known(
        &mut self,
        item: u32,
        cell: Option<&str>,
        row: u64,
        column: &str,
    ) -> Result<(), ReadError> {
        let label = self.labels.known(cell, row, || column.to_owned())?;
        let at = item as usize;
        if self.gold.len() <= at {
            self.gold.resize(at + 1, None);
        }
        match (self.gold[at], label) {
            (Some(before), Some(now)) if before != now => Err(ReadError::TwoLabels {
                row,
                column: column.to_owned(),
                item: self.items.names[at].clone(),
                value: cell.unwrap_or_default().to_owned(),
            }),
            (before, now) => {
                self.gold[at] = before.or(now);
                Ok(())
            }
        }
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
        let mut gold: Vec<_> = self.gold.into_iter().collect();
        gold.resize(self.items.names.len(), None);
        let class = |label: u32| meaning.choices[label as usize].single();
        let gold = gold.into_iter().map(|label| label.and_then(class)).collect();
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
            inputs: Vec::new(),
            guessed: meaning.guessed,
            contradictions,
            repeated,
        })
    }
}
