//! Label matrices from elsewhere: a table with one column of class names a labeling function.

use super::{LabelMatrix, Names, Vote};
use crate::input::{Column, Digest, Field, Files, ReadError};
use crate::{ClassId, FieldId, LfId};
use std::collections::HashMap;

/// What is known about a table of votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VotesOptions {
    /// Columns whose names start so are labeling functions; the rest of the name is the LF's.
    pub prefix: String,
    /// The classes in order; `None` takes those that occur, in the order of their names.
    pub labels: Option<Vec<String>>,
    /// What stands in a cell of an LF that abstained, besides nothing.
    pub abstain: Option<String>,
    /// A column of identifiers.
    pub id: Option<String>,
    /// A column of known labels.
    pub gold: Option<String>,
}

impl Default for VotesOptions {
    fn default() -> Self {
        Self { prefix: "lf:".to_owned(), labels: None, abstain: None, id: None, gold: None }
    }
}

/// A table of votes that was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VotesFile {
    /// The votes, in input order.
    pub matrix: LabelMatrix,
    /// Identifiers in pieces, in input order; empty without a column of them.
    pub ids: Vec<Column>,
    /// Known labels, one a row, if there is a column of them.
    pub gold: Option<Vec<Option<ClassId>>>,
    /// The content of the files.
    pub inputs: Vec<Digest>,
}

impl VotesFile {
    /// Reads votes: class names, a missing cell to abstain.
    ///
    /// # Errors
    /// [`ReadError`] when no column has the prefix, or a cell holds none of the given labels.
    pub fn read(files: &Files, options: &VotesOptions) -> Result<Self, ReadError> {
        let columns = files.open(&[])?.columns();
        let path = files.paths().first().cloned().unwrap_or_default();
        let other = |name: &String| {
            Some(name) != options.gold.as_ref() && Some(name) != options.id.as_ref()
        };
        let votes_of = |columns: &[String]| -> Vec<String> {
            let columns = columns.iter().filter(|name| other(name));
            columns
                .filter_map(|name| name.strip_prefix(&options.prefix))
                .map(str::to_owned)
                .collect()
        };
        let lfs = votes_of(&columns);
        for path in files.paths().iter().skip(1) {
            let more = votes_of(&files.only(path).open(&[])?.columns());
            if let Some(extra) = more.iter().find(|lf| !lfs.contains(lf)) {
                let column = format!("{}{extra}", options.prefix);
                let path = files.paths().first().cloned().unwrap_or_default();
                return Err(ReadError::MissingColumn { path, column, available: columns });
            }
        }
        if lfs.is_empty() {
            let column = format!("{}…", options.prefix);
            return Err(ReadError::MissingColumn { path, column, available: columns });
        }
        let mut fields: Vec<Field> =
            lfs.iter().map(|lf| Field::text(format!("{}{lf}", options.prefix))).collect();
        fields.extend(options.gold.iter().map(Field::text));
        fields.extend(options.id.iter().map(Field::id));
        let mut labels = Labels::new(options);
        let mut source = files.open(&fields)?;
        let mut rows: Vec<Vec<(LfId, u32)>> = Vec::new();
        let mut gold = options.gold.as_ref().map(|_| Vec::new());
        let mut ids = Vec::new();
        while let Some(batch) = source.next_batch()? {
            let gold_field = FieldId::new(lfs.len());
            let id_field = FieldId::new(lfs.len() + options.gold.iter().len());
            for row in 0..batch.n_rows() {
                let number = batch.start() + row as u64;
                let mut votes = Vec::new();
                for (lf, field) in LfId::first(lfs.len()).zip(FieldId::first(lfs.len())) {
                    let cell = batch.text(field, row);
                    let name = || fields[field.index()].name.clone();
                    votes.extend(labels.number(cell, number, name)?.map(|label| (lf, label)));
                }
                rows.push(votes);
                if let (Some(gold), Some(field)) = (&mut gold, gold_field) {
                    let name = || fields[field.index()].name.clone();
                    gold.push(labels.number(batch.text(field, row), number, name)?);
                }
            }
            if options.id.is_some() {
                ids.extend(id_field.and_then(|id| batch.column(id)).cloned());
            }
        }
        let (names, classes) = labels.finish();
        let bad = |error: super::MatrixError| ReadError::Syntax {
            path: path.clone(),
            line: None,
            message: error.to_string(),
        };
        let mut matrix = LabelMatrix::new(Names::new(lfs, names).map_err(bad)?);
        for votes in rows {
            let votes = votes.into_iter();
            matrix.push_row(
                votes.filter_map(|(lf, label)| {
                    classes[label as usize].map(|class| Vote { lf, class })
                }),
            );
        }
        let gold = gold
            .map(|gold| gold.into_iter().map(|label| classes[label? as usize]).collect::<Vec<_>>());
        Ok(Self { matrix, ids, gold, inputs: source.digests() })
    }
}

/// Labels numbered in the order in which they come up.
struct Labels {
    names: Vec<String>,
    number: HashMap<String, u32>,
    fixed: bool,
    abstain: Option<String>,
}

impl Labels {
    fn new(options: &VotesOptions) -> Self {
        let given = options.labels.as_deref();
        let names = given.unwrap_or_default().to_vec();
        let number = names.iter().zip(0..).map(|(name, number)| (name.clone(), number)).collect();
        Self { names, number, fixed: given.is_some(), abstain: options.abstain.clone() }
    }

    fn number(
        &mut self,
        cell: Option<&str>,
        row: u64,
        column: impl Fn() -> String,
    ) -> Result<Option<u32>, ReadError> {
        let abstains = |label: &str| label.is_empty() || self.abstain.as_deref() == Some(label);
        let Some(label) = cell.filter(|label| !abstains(label)) else { return Ok(None) };
        if let Some(&number) = self.number.get(label) {
            return Ok(Some(number));
        }
        if self.fixed || self.names.len() >= ClassId::LIMIT {
            let (value, labels) = (label.to_owned(), self.names.clone());
            return Err(ReadError::UnknownLabel { row, column: column(), value, labels });
        }
        if label == "-1" || label.eq_ignore_ascii_case("abstain") {
            return Err(ReadError::LooksAbstained {
                row,
                column: column(),
                value: label.to_owned(),
            });
        }
        let number = self.names.len() as u32;
        self.names.push(label.to_owned());
        self.number.insert(label.to_owned(), number);
        Ok(Some(number))
    }

    /// The names of the classes in order, and the class of each number.
    fn finish(self) -> (Vec<String>, Vec<Option<ClassId>>) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        if !self.fixed {
            order.sort_unstable_by(|&a, &b| self.names[a].cmp(&self.names[b]));
        }
        let mut classes = vec![None; order.len()];
        for (class, &number) in order.iter().enumerate() {
            classes[number] = ClassId::new(class);
        }
        (order.into_iter().map(|number| self.names[number].clone()).collect(), classes)
    }
}
