//! polars DataFrames in, votes and labels out as DataFrames (feature `polars`).
//!
//! The only file that knows polars. Columns are copied into Arrow arrays: polars keeps text in an
//! Arrow layout of its own.
//!
//! ```
//! use ::polars::prelude::*;
//! use jurat::{LfSet, Patterns, Spec, model, polars};
//!
//! let spec = Spec::from_yaml(
//!     "spec: 1
//! labels: [spam, ham]
//! lfs:
//!   - {name: promo, label: spam, when: {keyword: [subscribe]}}
//!   - {name: thanks, label: ham, when: {keyword: [thanks]}}
//! ",
//!     "inline.yaml",
//! )?;
//! let lfs = LfSet::compile(&spec)?;
//! let rows = df!["text" => ["Subscribe now", "many thanks", "nothing"]]?;
//! let applied = lfs.apply(polars::table(&rows, &lfs.fields())?.open(&lfs.fields())?.as_mut())?;
//! let votes = Patterns::count(&applied.matrix);
//! let model = model::by_name("anchored", &[])?.fit(&votes, &model::Supervision::default())?;
//! let labels = polars::labels(&model.label(&votes), &model::Decision::default())?;
//! assert_eq!(labels.shape(), (3, 4));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::input::{
    CellPlace, Column, Field, FieldKind, ReadError, Table, VectorBuilder, VectorFault,
};
use crate::model::{Decision, ProbLabels};
use crate::{ChoiceId, ClassId, LabelMatrix};
use ::polars::prelude::{Column as Series, DataFrame, DataType, PolarsResult};

/// Copies the columns that are wanted out of a DataFrame.
///
/// # Errors
/// [`ReadError`] for a column that is missing or of the wrong type.
pub fn table(frame: &DataFrame, fields: &[Field]) -> Result<Table, ReadError> {
    let mut table = Table::new();
    for field in fields {
        let Ok(column) = frame.column(&field.name) else {
            let available = frame.get_column_names().iter().map(|name| name.to_string()).collect();
            let (path, column) = (PATH.to_owned(), field.name.clone());
            return Err(ReadError::MissingColumn { path, column, available });
        };
        let found = column.dtype().clone();
        let converted = match field.kind {
            FieldKind::Vector { dimension } => vectors(column, field, dimension)?,
            kind => convert(column, kind),
        };
        let converted = converted.ok_or_else(|| ReadError::WrongType {
            path: PATH.to_owned(),
            line: None,
            column: field.name.clone(),
            found: format!("values of the type {found}"),
            expected: field.kind.wanted(),
        })?;
        table = table.column(field.name.clone(), converted);
    }
    Ok(table)
}

const PATH: &str = "DataFrame";

fn convert(column: &Series, kind: FieldKind) -> Option<Column> {
    let cast = |to: &DataType| column.strict_cast(to).ok();
    let data_type = column.dtype();
    let whole = data_type.is_integer();
    match kind {
        FieldKind::Number if data_type.is_primitive_numeric() => {
            let numbers = cast(&DataType::Float64)?;
            Some(Column::Number(numbers.f64().ok()?.iter().collect()))
        }
        FieldKind::Number | FieldKind::Row => None,
        FieldKind::Id if whole => {
            let numbers = cast(&DataType::Int64)?;
            Some(Column::Integer(numbers.i64().ok()?.iter().collect()))
        }
        FieldKind::Text | FieldKind::Id => {
            let text = whole || matches!(data_type, DataType::String | DataType::Boolean);
            let texts = if text { cast(&DataType::String)? } else { return None };
            Some(Column::Text(texts.str().ok()?.iter().collect()))
        }
        FieldKind::Vector { .. } => None,
    }
}

/// A column of lists as vectors; `None` where it is something else.
fn vectors(
    column: &Series,
    field: &Field,
    dimension: Option<u32>,
) -> Result<Option<Column>, ReadError> {
    let DataType::List(inner) = column.dtype() else { return Ok(None) };
    let lists = column.list().ok().filter(|_| inner.is_primitive_numeric());
    let Some(lists) = lists else { return Ok(None) };
    let mut builder = VectorBuilder::new(dimension);
    for row in 0..lists.len() {
        let Some(list) = lists.get_as_series(row) else {
            builder.push_missing();
            continue;
        };
        let Ok(list) = list.strict_cast(&DataType::Float32) else { return Ok(None) };
        let Ok(numbers) = list.f32() else { return Ok(None) };
        let numbers: Vec<Option<f32>> = numbers.iter().collect();
        let pushed = match numbers.iter().position(Option::is_none) {
            Some(at) => Err(VectorFault::Missing { at }),
            None => builder.push(&numbers.into_iter().flatten().collect::<Vec<f32>>()),
        };
        pushed.map_err(|fault| ReadError::Vector {
            path: PATH.to_owned(),
            place: CellPlace::Row(row as u64),
            column: field.name.clone(),
            fault,
        })?;
    }
    Ok(Some(Column::Vector(builder.finish())))
}

/// A label matrix as a DataFrame: a column `lf:<name>` of class names for each labeling function,
/// null where it abstained. Richer votes stand as [`Names::cell`](crate::Names::cell) writes them.
///
/// # Errors
/// What polars says when it cannot build the frame.
pub fn votes(matrix: &LabelMatrix) -> PolarsResult<DataFrame> {
    let names = matrix.names();
    let texts: Vec<std::borrow::Cow<'_, str>> =
        (0..names.n_choices()).filter_map(ChoiceId::new).map(|choice| names.cell(choice)).collect();
    let mut cells: Vec<Vec<Option<&str>>> = vec![vec![None; matrix.n_rows()]; matrix.n_lfs()];
    for (row, votes) in matrix.rows().enumerate() {
        for vote in votes {
            cells[vote.lf.index()][row] = Some(&texts[vote.choice.index()]);
        }
    }
    let columns = names.lfs.iter().zip(cells);
    let columns = columns.map(|(lf, cells)| Series::new(format!("lf:{lf}").into(), cells));
    DataFrame::new(matrix.n_rows(), columns.collect())
}

/// Labels as a DataFrame: `label` (null where there is none), `confidence` and `prob:<class>`, a row
/// for every row that was counted.
///
/// # Errors
/// What polars says when it cannot build the frame.
pub fn labels(labels: &ProbLabels, decision: &Decision) -> PolarsResult<DataFrame> {
    let names = labels.names();
    let hard = labels.decide(decision);
    let rows = labels.of_row();
    let label: Vec<Option<&str>> =
        rows.iter().map(|&u| hard[u as usize].map(|class| names.class(class))).collect();
    let confidence = labels.confidence(&hard);
    let confidence: Vec<f64> = rows.iter().map(|&u| confidence[u as usize]).collect();
    let mut columns =
        vec![Series::new("label".into(), label), Series::new("confidence".into(), confidence)];
    for class in ClassId::first(names.classes.len()) {
        let column = labels.table().column(class.index());
        let values: Vec<f64> = rows.iter().map(|&u| column[u as usize]).collect();
        columns.push(Series::new(format!("prob:{}", names.class(class)).into(), values));
    }
    DataFrame::new(labels.n_rows(), columns)
}
