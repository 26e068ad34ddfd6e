//! Fingerprints of rows: whether what the labeling functions read of a row is the same in two runs.
//!
//! 32 bits a row: of the rows that did change, one in four billion goes unnoticed. They are made of the
//! cells alone, column by column in the order of their names, so that neither batches, threads, the
//! order of the labeling functions nor the kind of file has an influence.

use super::set::LfSet;
use crate::FieldId;
use crate::input::{Batch, Column, Field, FieldKind};
use crate::random;
use arrow_array::Array;
use twox_hash::XxHash3_64;

impl LfSet {
    /// A fingerprint of what labeling functions read of each row of a batch, as in the table `rows` of a
    /// run. A batch has the columns of [`fields`](Self::fields).
    #[must_use]
    pub fn fingerprints(&self, batch: &Batch) -> Vec<u32> {
        Fingerprints::new(&self.fields).of(batch)
    }
}

/// The columns that fingerprints are made of.
pub(super) struct Fingerprints {
    /// Each with a number that stands for its name, in the order of the names.
    columns: Vec<(FieldId, u64)>,
}

/// Columns in the order in which they go into fingerprints.
pub(super) fn in_order(fields: &[Field]) -> Vec<(FieldId, &Field)> {
    let mut columns: Vec<_> = FieldId::first(fields.len()).zip(fields).collect();
    columns.sort_by_key(|(_, field)| (&field.name, kind(field)));
    columns
}

/// A number for what a column is read as.
fn kind(field: &Field) -> u64 {
    match field.kind {
        FieldKind::Text | FieldKind::Id | FieldKind::Row => 0,
        FieldKind::Number => 1,
        FieldKind::Vector { .. } => 2,
    }
}

impl Fingerprints {
    /// Those of these columns, which are the first ones of every batch.
    pub(super) fn new(fields: &[Field]) -> Self {
        let name = |field: &Field| XxHash3_64::oneshot(field.name.as_bytes()) ^ kind(field);
        let columns = in_order(fields).into_iter().map(|(id, field)| (id, name(field)));
        Self { columns: columns.collect() }
    }

    /// One for each row.
    pub(super) fn of(&self, batch: &Batch) -> Vec<u32> {
        let mut rows = vec![0_u64; batch.n_rows()];
        for &(field, name) in &self.columns {
            let missing = mix(name, MISSING);
            match batch.column(field) {
                Some(Column::Text(cells)) => {
                    for (at, row) in rows.iter_mut().enumerate() {
                        let cell = cells.is_valid(at).then(|| cells.value(at).as_bytes());
                        let cell = cell.map(|text| mix(name, XxHash3_64::oneshot(text)));
                        *row = mix(*row, cell.unwrap_or(missing));
                    }
                }
                Some(Column::Number(_)) => {
                    for (at, row) in rows.iter_mut().enumerate() {
                        let cell = batch.number(field, at).map(|cell| mix(name, cell.to_bits()));
                        *row = mix(*row, cell.unwrap_or(missing));
                    }
                }
                Some(Column::Vector(vectors)) => {
                    for (at, row) in rows.iter_mut().enumerate() {
                        let cell = vectors.get(at).map(|vector| {
                            let bytes: Vec<u8> =
                                vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                            mix(name, XxHash3_64::oneshot(&bytes))
                        });
                        *row = mix(*row, cell.unwrap_or(missing));
                    }
                }
                // No labeling function reads identifiers.
                Some(Column::Integer(_)) | None => {
                    rows.iter_mut().for_each(|row| *row = mix(*row, missing));
                }
            }
        }
        rows.into_iter().map(|row| (row >> 32) as u32).collect()
    }
}

const MISSING: u64 = 0x2545_f491_4f6c_dd1d;

/// Two numbers as one, the order of which counts: the finalizer of SplitMix64 over both.
fn mix(one: u64, other: u64) -> u64 {
    random::mix(one.rotate_left(23) ^ other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Table;

    fn of(table: Table, fields: &[Field]) -> Vec<u32> {
        let mut source = table.open(fields).expect("it has the columns");
        let fingerprints = Fingerprints::new(fields);
        let mut all = Vec::new();
        while let Some(batch) = source.next_batch().expect("in memory") {
            all.extend(fingerprints.of(&batch));
        }
        all
    }

    fn table(title: &[Option<&str>], body: &[Option<&str>], score: &[Option<f64>]) -> Table {
        Table::new()
            .text("title", title.iter().copied())
            .text("body", body.iter().copied())
            .number("score", score.iter().copied())
    }

    #[test]
    fn every_cell_and_its_column_count_and_nothing_else_does() {
        let (a, b) = (Some("a"), Some("b"));
        let fields = [Field::text("title"), Field::text("body"), Field::number("score")];
        let titles = [a, b, a, None, Some(""), a];
        let bodies = [b, a, b, b, b, b];
        let scores = [Some(1.0), Some(1.0), Some(2.0), Some(1.0), Some(1.0), None];
        let all = of(table(&titles, &bodies, &scores), &fields);
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
        // The order of the columns, which is that of the LFs, has no influence; where NaN is missing.
        let turned = [Field::number("score"), Field::text("body"), Field::text("title")];
        let scores = [Some(1.0), Some(1.0), Some(2.0), Some(1.0), Some(1.0), Some(f64::NAN)];
        assert_eq!(of(table(&titles, &bodies, &scores), &turned), all);
        assert_ne!(of(table(&titles, &bodies, &scores), &fields[..2]), all);
    }
}
