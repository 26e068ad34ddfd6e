//! The part of an expert: fills the column `gold` of a sheet with the labels of the corpus.

use csv::{ReaderBuilder, StringRecord, Writer};
use serde_json::Value;
use std::collections::HashMap;
use std::error::Error;
use std::fs;

/// Fills every line of `sheet`, as `jurat review` writes it, with the known label of that e-mail in `table`, and
/// returns how many there are.
pub(crate) fn fill(sheet: &str, table: &str) -> Result<usize, Box<dyn Error>> {
    let table = fs::read_to_string(table).map_err(|error| format!("{table}: {error}"))?;
    let known = table.lines().map(|line| {
        let row: Value = serde_json::from_str(line)?;
        Ok((cell(&row, "id")?, cell(&row, "gold")?))
    });
    let known: HashMap<String, String> = known.collect::<Result<_, Box<dyn Error>>>()?;
    let mut reader =
        ReaderBuilder::new().from_path(sheet).map_err(|error| format!("{sheet}: {error}"))?;
    let names = reader.headers()?.clone();
    let column = |name: &str| {
        let at = names.iter().position(|other| other == name);
        at.ok_or_else(|| format!("{sheet}: no column `{name}`"))
    };
    let (id, gold) = (column("id")?, column("gold")?);
    let mut out = Writer::from_writer(Vec::new());
    out.write_record(&names)?;
    let mut filled = 0;
    for record in reader.records() {
        let record = record?;
        let id = record.get(id).unwrap_or_default();
        let label = known.get(id).ok_or_else(|| format!("{sheet}: no e-mail is `{id}`"))?;
        let cells = record.iter().enumerate();
        let cells = cells.map(|(at, cell)| if at == gold { label.as_str() } else { cell });
        out.write_record(&cells.collect::<StringRecord>())?;
        filled += 1;
    }
    fs::write(sheet, out.into_inner()?)?;
    Ok(filled)
}

/// A text of a row.
fn cell(row: &Value, name: &str) -> Result<String, String> {
    let text = row[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("the table has a row without `{name}`"))
}
