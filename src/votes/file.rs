//! Label matrices from elsewhere: a table with one column a labeling function, of class names or of
//! richer votes (see [`Names::cell`]).

use super::labels::Labels;
use super::{Contradiction, LabelMatrix, MatrixError, Names, Vote};
use crate::input::{Column, Digest, Field, Files, ReadError};
use crate::{ClassId, FieldId, LfId};

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
    /// A column of known labels to score against.
    pub gold: Option<String>,
    /// A column of known labels to learn from; it may be the same.
    pub learn: Option<String>,
}

impl Default for VotesOptions {
    fn default() -> Self {
        Self {
            prefix: "lf:".to_owned(),
            labels: None,
            abstain: None,
            id: None,
            gold: None,
            learn: None,
        }
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
    /// Known labels to score against, one a row, if there is a column of them.
    pub gold: Option<Vec<Option<ClassId>>>,
    /// Known labels to learn from, one a row, if there is a column of them.
    pub learn: Option<Vec<Option<ClassId>>>,
    /// The content of the files.
    pub inputs: Vec<Digest>,
    /// Cells such as `a|b` that were read as more than a class while the classes were not given. If
    /// one is the name of a class, the classes must be given.
    pub guessed: Vec<String>,
    /// Who gave a row different labels in a [long table](Self::read_long).
    pub contradictions: Vec<Contradiction>,
    /// Answers in a long table that say again what the same annotator said before.
    pub repeated: u64,
}

impl VotesFile {
    /// Reads votes: class names or richer votes, a missing cell to abstain. A cell that is the name of a
    /// class stands for that class, whatever characters it has.
    ///
    /// # Errors
    /// [`ReadError`] when no column has the prefix, or a cell holds none of the given labels.
    pub fn read(files: &Files, options: &VotesOptions) -> Result<Self, ReadError> {
        let columns = files.open(&[])?.columns();
        let path = files.paths().first().cloned().unwrap_or_default();
        let other = |name: &String| {
            ![&options.gold, &options.learn, &options.id].contains(&&Some(name.clone()))
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
        fields.extend(options.gold.iter().chain(&options.learn).map(Field::text));
        fields.extend(options.id.iter().map(Field::id));
        let mut labels = Labels::new(options.labels.as_deref(), options.abstain.as_deref());
        let mut source = files.open(&fields)?;
        let mut rows: Vec<Vec<(LfId, u32)>> = Vec::new();
        // Gold labels, then those to learn from, each with its column.
        let mut known: Vec<(FieldId, Vec<Option<u32>>)> = FieldId::first(fields.len())
            .skip(lfs.len())
            .take(options.gold.iter().chain(&options.learn).count())
            .map(|field| (field, Vec::new()))
            .collect();
        let mut ids = Vec::new();
        while let Some(batch) = source.next_batch()? {
            let id_field = FieldId::new(lfs.len() + known.len());
            for row in 0..batch.n_rows() {
                let number = batch.start() + row as u64;
                let mut votes = Vec::new();
                for (lf, field) in LfId::first(lfs.len()).zip(FieldId::first(lfs.len())) {
                    let cell = batch.text(field, row);
                    let name = || fields[field.index()].name.clone();
                    votes.extend(labels.vote(cell, number, name)?.map(|label| (lf, label)));
                }
                rows.push(votes);
                for (field, of_row) in &mut known {
                    let name = || fields[field.index()].name.clone();
                    of_row.push(labels.known(batch.text(*field, row), number, name)?);
                }
            }
            if options.id.is_some() {
                ids.extend(id_field.and_then(|id| batch.column(id)).cloned());
            }
        }
        let meaning = labels.finish()?;
        let choices = meaning.choices.iter().cloned();
        let names = Names::with_choices(lfs, meaning.classes, choices)
            .map_err(|error| bad_names(&path, &error))?;
        let choice_of: Vec<_> =
            meaning.choices.iter().map(|choice| names.choice_id(choice)).collect();
        let mut matrix = LabelMatrix::new(names);
        for votes in rows {
            let votes = votes.into_iter();
            matrix.push_row(votes.filter_map(|(lf, label)| {
                choice_of[label as usize].map(|choice| Vote { lf, choice })
            }));
        }
        let class = |label: u32| meaning.choices[label as usize].single();
        let mut known = known.into_iter().map(|(_, labels)| -> Vec<Option<ClassId>> {
            labels.into_iter().map(|label| label.and_then(class)).collect()
        });
        let gold = options.gold.as_ref().and_then(|_| known.next());
        let learn = options.learn.as_ref().and_then(|_| known.next());
        Ok(Self {
            matrix,
            ids,
            gold,
            learn,
            inputs: source.digests(),
            guessed: meaning.guessed,
            contradictions: Vec::new(),
            repeated: 0,
        })
    }
}

/// Names that cannot be, as an error of the file they come from.
pub(super) fn bad_names(path: &str, error: &MatrixError) -> ReadError {
    ReadError::Syntax { path: path.to_owned(), line: None, message: error.to_string() }
}
