//! Data with columns that come from elsewhere: known labels that are kept in a file of their own.

use super::{Batch, Column, Field, Files, Pick, Picked, ReadError, Source};
use arrow_array::{Array, StringArray};
use std::collections::HashMap;
use std::sync::Arc;

/// Texts for some of the rows, by identifier or by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// By identifier; goes before the number.
    pub by_id: HashMap<String, String>,
    /// By the number of the row, from 0.
    pub by_row: HashMap<u64, String>,
}

impl Cells {
    fn get(&self, id: Option<&str>, row: u64) -> Option<&str> {
        let by_id = id.and_then(|id| self.by_id.get(id));
        by_id.or_else(|| self.by_row.get(&row)).map(String::as_str)
    }
}

/// A column that is filled from elsewhere.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Its position among the fields to read.
    pub field: usize,
    /// The texts, which go before those of the data.
    pub cells: Arc<Cells>,
    /// Whether the data have the column as well.
    pub in_data: bool,
}

/// Files with some columns filled from elsewhere.
///
/// It is opened with one list of fields: positions are those in that list.
#[derive(Debug, Clone)]
pub struct Overlay<'a> {
    files: &'a Files,
    id: Option<usize>,
    filled: Vec<Filled>,
}

impl<'a> Overlay<'a> {
    /// These files; `id` is the position of the column of identifiers. Without anything filled they are what they are.
    #[must_use]
    pub fn new(files: &'a Files, id: Option<usize>, filled: Vec<Filled>) -> Self {
        Self { files, id, filled }
    }

    /// Opens the files for reading these columns, filled ones included.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn open(&self, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
        let inner = self.files.open(&self.of_data(fields))?;
        if self.filled.is_empty() {
            return Ok(inner);
        }
        Ok(Box::new(Filling {
            inner,
            id: self.id,
            filled: self.filled.clone(),
            columns: fields.len(),
        }))
    }

    /// The fields that the data have.
    fn of_data(&self, fields: &[Field]) -> Vec<Field> {
        let elsewhere =
            |at: usize| self.filled.iter().any(|filled| filled.field == at && !filled.in_data);
        let kept = fields.iter().enumerate().filter(|(at, _)| !elsewhere(*at));
        kept.map(|(_, field)| field.clone()).collect()
    }
}

impl Pick for Overlay<'_> {
    fn pick(&self, fields: &[Field], rows: &[u64]) -> Result<Picked, ReadError> {
        let picked = self.files.pick(&self.of_data(fields), rows)?;
        let Picked { rows, batch, left_out } = picked;
        let batch = fill(&batch, &self.filled, self.id, fields.len(), |at| rows[at]);
        Ok(Picked { rows, batch, left_out })
    }
}

struct Filling {
    inner: Box<dyn Source>,
    id: Option<usize>,
    filled: Vec<Filled>,
    columns: usize,
}

impl Source for Filling {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let Some(batch) = self.inner.next_batch()? else { return Ok(None) };
        let start = batch.start();
        let number = |at| start + at as u64;
        Ok(Some(fill(&batch, &self.filled, self.id, self.columns, number)))
    }

    fn columns(&self) -> Vec<String> {
        self.inner.columns()
    }

    fn digests(&self) -> Vec<super::Digest> {
        self.inner.digests()
    }
}

/// The batch with the filled columns; `number` is the number of the row at a place.
fn fill(
    batch: &Batch,
    filled: &[Filled],
    id: Option<usize>,
    n_columns: usize,
    number: impl Fn(usize) -> u64,
) -> Batch {
    let mut of_data = batch.columns().iter();
    let mut columns: Vec<Option<Column>> = (0..n_columns)
        .map(|at| match filled.iter().find(|filled| filled.field == at) {
            Some(filled) if !filled.in_data => None,
            _ => of_data.next().cloned(),
        })
        .collect();
    for Filled { field, cells, .. } in filled {
        let ids = id.and_then(|id| columns.get(id)).and_then(Option::as_ref);
        let before = columns.get(*field).and_then(Option::as_ref);
        let texts: StringArray = (0..batch.n_rows())
            .map(|at| {
                let id = ids.and_then(|ids| ids.as_text(at));
                let own = match before {
                    Some(Column::Text(texts)) if texts.is_valid(at) => Some(texts.value(at)),
                    _ => None,
                };
                cells.get(id.as_deref(), number(at)).or(own)
            })
            .collect();
        if let Some(column) = columns.get_mut(*field) {
            *column = Some(Column::Text(texts));
        }
    }
    let columns = columns.into_iter().flatten().collect();
    Batch::new(batch.start(), batch.n_rows(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldId;

    #[test]
    fn rows_are_found_by_identifier_then_by_number() {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), "id,text,old\na,x,spam\nb,y,\n\"c,1\",z,ham\n")
            .expect("written");
        let files = Files::new([file.path().to_string_lossy()]).expect("there");
        let text = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let cells = Arc::new(Cells {
            by_id: text(&[("c,1", "spam")]),
            by_row: [(1, "ham".to_owned())].into(),
        });
        for (in_data, wanted) in [
            (true, [Some("spam"), Some("ham"), Some("spam")]),
            (false, [None, Some("ham"), Some("spam")]),
        ] {
            let name = if in_data { "old" } else { "new" };
            let fields = [Field::text("text"), Field::id("id"), Field::text(name)];
            let filled = Filled { field: 2, cells: cells.clone(), in_data };
            let overlay = Overlay::new(&files, Some(1), vec![filled]);
            let read = |batch: &Batch, row| {
                let field = FieldId::new(2).expect("small");
                batch.text(field, row).map(str::to_owned)
            };
            let batch = overlay.open(&fields).expect("opens").next_batch();
            let batch = batch.expect("read").expect("rows");
            let got: Vec<_> = (0..3).map(|row| read(&batch, row)).collect();
            assert_eq!(got, wanted.map(|label| label.map(str::to_owned)));
            let picked = overlay.pick(&fields, &[0, 1, 2]).expect("read");
            let got: Vec<_> = (0..3).map(|row| read(&picked.batch, row)).collect();
            assert_eq!(got, wanted.map(|label| label.map(str::to_owned)), "picked");
        }
    }
}
