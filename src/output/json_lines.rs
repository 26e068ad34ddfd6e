//! Tables as JSON Lines: one object a row; a missing value is `null`.

use super::registry::{Format, Pieces};
use crate::input::Column;
use arrow_array::Array;
use serde_json::{Map, Value};
use std::io::Write;

pub(super) static FORMAT: Format = Format { name: "jsonl", write };

fn write(
    names: &[String],
    pieces: Pieces<'_>,
    out: &mut (dyn Write + Send),
) -> std::io::Result<()> {
    while let Some(columns) = pieces() {
        let n_rows = columns.first().map_or(0, Column::len);
        for row in 0..n_rows {
            let cells = names.iter().zip(&columns).map(|(name, column)| {
                let value = match column {
                    Column::Text(array) if array.is_valid(row) => Value::from(array.value(row)),
                    Column::Number(array) if array.is_valid(row) => Value::from(array.value(row)),
                    Column::Integer(array) if array.is_valid(row) => Value::from(array.value(row)),
                    _ => Value::Null,
                };
                (name.clone(), value)
            });
            let object: Map<String, Value> = cells.collect();
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
