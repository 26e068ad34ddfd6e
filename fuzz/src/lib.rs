//! What several targets share: bytes as a file, rows for a compiled spec, what may panic.

use jurat::input::{Field, FieldKind, Files, ReadError, Table};
use jurat::{FieldId, LfSet};
use std::panic::{set_hook, take_hook};
use std::path::PathBuf;
use std::sync::Once;

/// A file of this process: where `TMPDIR` says, or else in memory, where there is such a place.
#[must_use]
pub fn file(ending: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let set = std::env::var_os("TMPDIR").is_some();
    let folder = if !set && memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("jurat-fuzz-{}.{ending}", std::process::id()))
}

/// Writes bytes to a file of this process.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn written(bytes: &[u8], ending: &str) -> PathBuf {
    let path = file(ending);
    std::fs::write(&path, bytes).expect("written");
    path
}

/// The name of a spec in a folder where nothing is, so that it finds nothing to include or look up.
#[must_use]
pub fn spec_name() -> String {
    file("none").join("spec.yaml").to_string_lossy().into_owned()
}

/// Reads bytes as a file with this ending: an error that can be shown, or batches of one length.
///
/// # Panics
/// When something else comes out.
pub fn read(bytes: &[u8], ending: &str) {
    let path = written(bytes, ending);
    let read = |fields: &[Field]| batches(&path.to_string_lossy(), fields);
    let (n_rows, columns) = match read(&[]) {
        Ok(found) => found,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let kinds = [FieldKind::Text, FieldKind::Number, FieldKind::Id, FieldKind::Row].into_iter().cycle();
    let columns = || columns.iter().take(6);
    let one_each = columns().zip(kinds).map(|(name, kind)| Field { name: name.clone(), kind });
    let wishes: [Vec<Field>; 2] = [one_each.collect(), columns().map(Field::text).collect()];
    for fields in wishes {
        match read(&fields) {
            Ok((found, _)) => assert_eq!(found, n_rows, "{fields:?}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn batches(path: &str, fields: &[Field]) -> Result<(u64, Vec<String>), ReadError> {
    let mut source = Files::new([path])?.open(fields)?;
    let mut n_rows = 0;
    while let Some(batch) = source.next_batch()? {
        assert_eq!(batch.start(), n_rows);
        n_rows += batch.n_rows() as u64;
        for field in (0..fields.len()).filter_map(FieldId::new) {
            let column = batch.column(field).expect("a column that was asked for");
            assert_eq!(column.len(), batch.n_rows());
            for row in 0..batch.n_rows() {
                let _ = (batch.text(field, row), batch.number(field, row), column.as_text(row));
            }
        }
    }
    Ok((n_rows, source.columns()))
}

/// Texts that conditions often read wrong.
const TEXTS: [&str; 12] = [
    "",
    "please win b",
    "\u{130}stanbul ﬁ ß \u{301}e",
    "true",
    "3",
    "-0.5e308",
    "2024-02-29",
    "2026-01-31 23:15",
    "9999-12-31T23:59:59.999+14:00",
    "a\n\r\nb\0",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "https://a.b/c?d=e",
];

/// Rows with odd cells in these columns; none where some are to hold vectors.
#[must_use]
pub fn table(fields: &[Field]) -> Option<Table> {
    let texts = || TEXTS.into_iter().map(Some).chain([None]);
    let numbers = [0.0, -0.0, 1.0, -1.5, 1e308, f64::NAN, f64::INFINITY, 9e15, 253402300799.0];
    let mut table = Table::new();
    for (at, field) in fields.iter().enumerate() {
        table = match field.kind {
            FieldKind::Number => {
                let mut values: Vec<_> = numbers.into_iter().map(Some).chain([None; 4]).collect();
                values.rotate_left(at % 13);
                table.number(&field.name, values)
            }
            FieldKind::Vector { .. } => return None,
            _ => {
                let mut values: Vec<_> = texts().collect();
                values.rotate_left(at % 13);
                table.text(&field.name, values)
            }
        };
    }
    Some(table)
}

/// Votes on some rows: whatever was compiled has to take them.
///
/// # Panics
/// When it does not.
pub fn vote(lfs: &LfSet) {
    let fields = lfs.fields();
    let Some(table) = table(&fields) else { return };
    let mut source = table.open(&fields).expect("every field is there");
    let applied = lfs.apply(source.as_mut()).expect("rows in memory can be read");
    assert_eq!(applied.matrix.n_rows(), table.n_rows());
}

/// Lets the decoder of Parquet panic, which jurat catches; any other panic ends the process, as before.
pub fn readers_may_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let abort = take_hook();
        set_hook(Box::new(move |panic| {
            let file = panic.location().map_or("", std::panic::Location::file);
            if !["/parquet-", "/arrow-"].iter().any(|reader| file.contains(reader)) {
                abort(panic);
            }
        }));
    });
}
