//! What several targets share: bytes as a file, read to its end.

use jurat::input::{Field, FieldKind, Files, ReadError};
use std::path::PathBuf;

/// A file of this process in memory, where there is such a place.
#[must_use]
pub fn file(ending: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("jurat-fuzz-{}.{ending}", std::process::id()))
}

/// Reads bytes as a file with this ending: an error that can be shown, or batches of one length.
pub fn read(bytes: &[u8], ending: &str) {
    let path = file(ending);
    std::fs::write(&path, bytes).expect("written");
    let fields = [
        Field::text("a".to_owned()),
        Field { name: "n".to_owned(), kind: FieldKind::Number },
    ];
    for fields in [&fields[..], &fields[..1], &[]] {
        if let Err(error) = batches(&path.to_string_lossy(), fields) {
            assert!(!error.to_string().is_empty());
        }
    }
}

fn batches(path: &str, fields: &[Field]) -> Result<(), ReadError> {
    let mut source = Files::new([path])?.open(fields)?;
    while let Some(batch) = source.next_batch()? {
        for row in 0..batch.n_rows() {
            for field in jurat::FieldId::first(fields.len()) {
                let _ = batch.text(field, row);
            }
        }
    }
    Ok(())
}
