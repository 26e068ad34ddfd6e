//! The label matrix as `scipy.sparse.load_npz` reads it, with probabilities and labels as arrays.
//!
//! A sparse matrix stores what is not zero, so that a stored value is the number of a class plus one, and
//! zero abstains. The form is that of `scipy.sparse.save_npz` for compressed sparse rows: an archive of the
//! arrays `indices`, `indptr`, `data`, `shape` and `format`.

use super::Summary;
use super::arrays::{GivenFiles, Width};
use super::registry::Format;
use super::rows::{Keep, Rows};
use super::target::Target;
use super::zip::Zip;
use crate::Error;
use crate::npy::{self, Item};

pub(super) static FORMAT: Format = Format {
    name: "scipy",
    about: "sparse label matrix as .npz, label + 1, with probabilities and labels",
    folder: true,
    cells: false,
    known: true,
    soft: false,
    splits: false,
    write,
};

/// Bytes that are compressed at once.
const BUFFER: usize = 1 << 16;

fn write(rows: &Rows<'_>, target: &Target, summary: &mut Summary) -> Result<(), Error> {
    let kept = rows.kept(Keep::All, summary);
    rows.count_rich(&kept, summary);
    let n = summary.rows;
    let width = Width::of(rows.names.classes.len());
    let about = format!(
        "compressed sparse rows, rows × LFs, {}: the number of a label from 0, plus 1; 0 abstains",
        width.name()
    );
    let mut out = target.file("votes.npz", &about)?;
    matrix(rows, width, &mut Zip::new(&mut out))?;
    out.finish()?;
    let mut given = GivenFiles::new(rows, target, "probs.npy", n)?;
    rows.each(&kept, |row| given.put(rows, row))?;
    given.finish(summary)
}

/// Writes the archive: each array is a pass over the patterns of the rows.
fn matrix(rows: &Rows<'_>, width: Width, zip: &mut Zip<'_>) -> Result<(), Error> {
    let n_votes: Vec<u64> = (0..rows.votes.len()).map(|u| rows.single(u).count() as u64).collect();
    let stored: u64 = (0..rows.votes.len()).map(|u| n_votes[u] * rows.votes.row_count(u)).sum();
    let (n, n_lfs) = (rows.n_rows(), rows.names.lfs.len() as u64);
    // As SciPy chooses: 32 bits where all positions fit.
    let short = i32::try_from(stored.max(n).max(n_lfs)).is_ok();
    let index = |value: u64, out: &mut Vec<u8>| match short {
        true => (value as i32).put(out),
        false => (value as i64).put(out),
    };
    let kind = if short { i32::DESCR } else { i64::DESCR };
    let of_row = || rows.votes.of_row().iter().map(|&pattern| pattern as usize);

    let mut array = Member::begin(zip, "indices", kind, &[stored])?;
    for u in of_row() {
        for (lf, _) in rows.single(u) {
            index(lf.index() as u64, array.buffer());
        }
        array.flush()?;
    }
    array.finish()?;
    let mut array = Member::begin(zip, "indptr", kind, &[n + 1])?;
    let mut end = 0;
    index(end, array.buffer());
    for u in of_row() {
        end += n_votes[u];
        index(end, array.buffer());
        array.flush()?;
    }
    array.finish()?;
    let mut array = Member::begin(zip, "format", "|S3", &[])?;
    array.buffer().extend_from_slice(b"csr");
    array.finish()?;
    let mut array = Member::begin(zip, "shape", i64::DESCR, &[2])?;
    (n as i64).put(array.buffer());
    (n_lfs as i64).put(array.buffer());
    array.finish()?;
    let mut array = Member::begin(zip, "data", width.descr(), &[stored])?;
    for u in of_row() {
        for (_, class) in rows.single(u) {
            width.put(class.index() as i32 + 1, array.buffer());
        }
        array.flush()?;
    }
    array.finish()?;
    Ok(zip.finish()?)
}

/// An array of an archive.
struct Member<'z, 'a> {
    zip: &'z mut Zip<'a>,
    buffer: Vec<u8>,
}

impl<'z, 'a> Member<'z, 'a> {
    fn begin(zip: &'z mut Zip<'a>, name: &str, descr: &str, shape: &[u64]) -> Result<Self, Error> {
        zip.begin(&format!("{name}.npy"))?;
        Ok(Self { zip, buffer: npy::begin(descr, shape) })
    }

    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.buffer.len() >= BUFFER {
            self.zip.put(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        self.zip.put(&self.buffer)?;
        Ok(self.zip.end()?)
    }
}
