//! What stands in the cells of a table of votes, and which classes and choices that makes.

use super::cell::Cell;
use super::{Choice, parse_cell};
use crate::ClassId;
use crate::input::ReadError;
use std::collections::{HashMap, HashSet};

/// Different cells, numbered in the order in which they come up.
pub(super) struct Labels {
    /// The classes that were given.
    given: Option<Vec<String>>,
    class: HashMap<String, ClassId>,
    cells: Vec<String>,
    number: HashMap<String, u32>,
    /// Whether a cell of that number is the name of a class for sure.
    is_class: Vec<bool>,
    /// Cells that are more than a class: their number, and the row and column of the first one.
    rich: Vec<(u32, u64, String)>,
    abstain: Option<String>,
}

/// What the cells of a table turned out to mean.
pub(super) struct Meaning {
    /// The classes in order.
    pub(super) classes: Vec<String>,
    /// What each number stands for.
    pub(super) choices: Vec<Choice>,
    /// Cells that were read as more than a class while the classes were not given.
    pub(super) guessed: Vec<String>,
}

impl Labels {
    pub(super) fn new(given: Option<&[String]>, abstain: Option<&str>) -> Self {
        let names = given.unwrap_or_default().iter().cloned();
        Self {
            given: given.map(<[String]>::to_vec),
            class: names.zip(ClassId::first(ClassId::LIMIT)).collect(),
            cells: Vec::new(),
            number: HashMap::new(),
            is_class: Vec::new(),
            rich: Vec::new(),
            abstain: abstain.map(str::to_owned),
        }
    }

    /// The number of a vote; `None` for a cell that abstains.
    pub(super) fn vote(
        &mut self,
        cell: Option<&str>,
        row: u64,
        column: impl Fn() -> String,
    ) -> Result<Option<u32>, ReadError> {
        let Some(label) = self.label(cell) else { return Ok(None) };
        if let Some(&number) = self.number.get(label) {
            return Ok(Some(number));
        }
        let class = self.class.contains_key(label);
        let rich = if class { None } else { Cell::parse(label) };
        if self.given.is_some() {
            let names = rich.iter().flat_map(|cell| &cell.names);
            let known =
                class || rich.is_some() && names.clone().all(|n| self.class.contains_key(n));
            if !known {
                return Err(self.unknown(label, row, column()));
            }
        } else if rich.is_none() {
            self.check_new(label, row, &column)?;
        }
        let number = self.add(label, class);
        if rich.is_some() {
            self.rich.push((number, row, column()));
        }
        Ok(Some(number))
    }

    /// The number of a known label, which is a class.
    pub(super) fn known(
        &mut self,
        cell: Option<&str>,
        row: u64,
        column: impl Fn() -> String,
    ) -> Result<Option<u32>, ReadError> {
        let Some(label) = self.label(cell) else { return Ok(None) };
        if self.given.is_some() && !self.class.contains_key(label) {
            return Err(self.unknown(label, row, column()));
        }
        if let Some(&number) = self.number.get(label) {
            self.is_class[number as usize] = true;
            return Ok(Some(number));
        }
        self.check_new(label, row, &column)?;
        Ok(Some(self.add(label, true)))
    }

    fn label<'a>(&self, cell: Option<&'a str>) -> Option<&'a str> {
        cell.filter(|label| !label.is_empty() && self.abstain.as_deref() != Some(label))
    }

    fn add(&mut self, label: &str, is_class: bool) -> u32 {
        let number = self.cells.len() as u32;
        self.cells.push(label.to_owned());
        self.is_class.push(is_class);
        self.number.insert(label.to_owned(), number);
        number
    }

    fn unknown(&self, label: &str, row: u64, column: String) -> ReadError {
        let labels = self.given.clone().unwrap_or_else(|| self.cells.clone());
        ReadError::UnknownLabel { row, column, value: label.to_owned(), labels }
    }

    /// Whether a label that nobody named may be a class.
    fn check_new(
        &self,
        label: &str,
        row: u64,
        column: &impl Fn() -> String,
    ) -> Result<(), ReadError> {
        if self.given.is_some() {
            return Ok(());
        }
        if self.cells.len() >= ClassId::LIMIT {
            return Err(self.unknown(label, row, column()));
        }
        if label == "-1" || label.eq_ignore_ascii_case("abstain") {
            let (column, value) = (column(), label.to_owned());
            return Err(ReadError::LooksAbstained { row, column, value });
        }
        Ok(())
    }

    /// The classes in order, and what each number stands for.
    pub(super) fn finish(self) -> Result<Meaning, ReadError> {
        let mut guessed = Vec::new();
        let classes = match self.given {
            Some(given) => given,
            None => {
                let is_rich: HashSet<u32> = self.rich.iter().map(|(number, ..)| *number).collect();
                let mut classes = Vec::new();
                for ((cell, &is_class), number) in self.cells.iter().zip(&self.is_class).zip(0..) {
                    match Cell::parse(cell) {
                        Some(rich) if !is_class && is_rich.contains(&number) => {
                            classes.extend(rich.names);
                            guessed.push(cell.clone());
                        }
                        _ => classes.push(cell.clone()),
                    }
                }
                classes.sort_unstable();
                classes.dedup();
                classes
            }
        };
        let ids: HashMap<&str, ClassId> =
            classes.iter().map(String::as_str).zip(ClassId::first(ClassId::LIMIT)).collect();
        let class = |name: &str| ids.get(name).copied();
        let choices = self.cells.iter().map(|cell| parse_cell(cell, classes.len(), class));
        let choices: Vec<Choice> =
            choices.map(|choice| choice.unwrap_or_else(|| Choice::one_of([]))).collect();
        for (number, row, column) in self.rich {
            let choice = &choices[number as usize];
            let n = choice.classes().len();
            if choice.plain().is_none() && (n == 0 || n == classes.len()) {
                let value = self.cells[number as usize].clone();
                return Err(ReadError::EmptyVote { row, column, value, labels: classes });
            }
        }
        Ok(Meaning { classes, choices, guessed })
    }
}
