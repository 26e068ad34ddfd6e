//! Data that is in memory already.

use super::error::CellPlace;
use super::vector::VectorBuilder;
use super::{BATCH_ROWS, Batch, Column, Field, FieldKind, ReadError, Source, Vectors};
use arrow_array::{Float64Array, Int64Array, StringArray};

/// Named columns in memory, all of the same length.
///
/// ```
/// use jurat::input::Table;
/// let table = Table::new()
///     .text("note", [Some("chest pain"), None])
///     .number("age", [Some(71.0), Some(9.0)]);
/// assert_eq!(table.n_rows(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

impl Table {
    /// A table without columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of text.
    #[must_use]
    pub fn text<T: AsRef<str>>(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = Option<T>>,
    ) -> Self {
        let values: StringArray = values.into_iter().collect();
        self.column(name, Column::Text(values))
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn number(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = Option<f64>>,
    ) -> Self {
        let values: Float64Array = values.into_iter().collect();
        self.column(name, Column::Number(values))
    }

    /// Adds a column of whole numbers.
    #[must_use]
    pub fn integer(
        self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = Option<i64>>,
    ) -> Self {
        let values: Int64Array = values.into_iter().collect();
        self.column(name, Column::Integer(values))
    }

    /// Adds a column of vectors.
    #[must_use]
    pub fn vectors(self, name: impl Into<String>, values: Vectors) -> Self {
        self.column(name, Column::Vector(values))
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, column: Column) -> Self {
        self.columns.push((name.into(), column));
        self
    }

    /// Number of rows: that of the shortest column.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.len()).min().unwrap_or(0)
    }

    /// Opens the table for reading these columns.
    ///
    /// # Errors
    /// [`ReadError`] when a column is missing, of the wrong type, or of another length.
    pub fn open(&self, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
        let path = || "table".to_owned();
        let n_rows = self.n_rows();
        if let Some((name, column)) = self.columns.iter().find(|(_, c)| c.len() != n_rows) {
            let message =
                format!("column `{name}` has {} values, another one {n_rows}", column.len());
            return Err(ReadError::Syntax { path: path(), line: None, message });
        }
        let mut columns = Vec::new();
        for field in fields {
            if field.kind == FieldKind::Row {
                columns.push(Column::Text(StringArray::new_null(n_rows)));
                continue;
            }
            let Some((_, column)) = self.columns.iter().find(|(name, _)| *name == field.name)
            else {
                let available = self.columns.iter().map(|(name, _)| name.clone()).collect();
                let column = field.name.clone();
                return Err(ReadError::MissingColumn { path: path(), column, available });
            };
            columns.push(convert(column, field)?);
        }
        let names = self.columns.iter().map(|(name, _)| name.clone()).collect();
        Ok(Box::new(Slices { names, columns, n_rows, at: 0 }))
    }
}

fn convert(column: &Column, field: &Field) -> Result<Column, ReadError> {
    let wrong = |found: &str, expected| ReadError::WrongType {
        path: "table".to_owned(),
        line: None,
        column: field.name.clone(),
        found: found.to_owned(),
        expected,
    };
    let fault_at = |row: usize, fault| ReadError::Vector {
        path: "table".to_owned(),
        place: CellPlace::Row(row as u64),
        column: field.name.clone(),
        fault,
    };
    match (field.kind, column) {
        (FieldKind::Text | FieldKind::Id, Column::Text(_))
        | (FieldKind::Number, Column::Number(_))
        | (FieldKind::Id, Column::Integer(_)) => Ok(column.clone()),
        (FieldKind::Text, Column::Integer(array)) => {
            let text: StringArray = array.iter().map(|v| v.map(|v| v.to_string())).collect();
            Ok(Column::Text(text))
        }
        (FieldKind::Number, Column::Integer(array)) => {
            Ok(Column::Number(array.iter().map(|v| v.map(|v| v as f64)).collect()))
        }
        (FieldKind::Number, Column::Text(array)) => {
            let parsed: Option<Vec<Option<f64>>> = array
                .iter()
                .map(|v| v.map_or(Some(None), |v| v.trim().parse().ok().map(Some)))
                .collect();
            let numbers = parsed.ok_or_else(|| wrong("text", "a number"))?;
            Ok(Column::Number(numbers.into_iter().collect()))
        }
        (FieldKind::Row, _) => Ok(column.clone()),
        (FieldKind::Vector { dimension }, Column::Vector(vectors)) => {
            match dimension.and_then(|dimension| vectors.misfit(dimension as usize)) {
                Some((row, fault)) => Err(fault_at(row, fault)),
                None => Ok(column.clone()),
            }
        }
        (FieldKind::Vector { dimension }, Column::Text(texts)) => {
            let mut builder = VectorBuilder::new(dimension);
            for (row, text) in texts.iter().enumerate() {
                let pushed = builder.push_json(text.unwrap_or("null"));
                pushed.map_err(|fault| fault_at(row, fault))?;
            }
            Ok(Column::Vector(builder.finish()))
        }
        (FieldKind::Vector { .. }, _) => Err(wrong("numbers", field.kind.wanted())),
        (FieldKind::Number, Column::Vector(_)) => Err(wrong("vectors", "a number")),
        (_, Column::Vector(_)) => Err(wrong("vectors", "text")),
        (_, Column::Number(_)) => Err(wrong("numbers with fractions", "text")),
    }
}

struct Slices {
    names: Vec<String>,
    columns: Vec<Column>,
    n_rows: usize,
    at: usize,
}

impl Source for Slices {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let n = (self.n_rows - self.at).min(BATCH_ROWS);
        if n == 0 {
            return Ok(None);
        }
        let columns = self.columns.iter().map(|column| column.slice(self.at, n)).collect();
        let batch = Batch::new(self.at as u64, n, columns);
        self.at += n;
        Ok(Some(batch))
    }

    fn columns(&self) -> Vec<String> {
        self.names.clone()
    }
}
