//! What is kept of every row of a job: its identifier, the number of its pattern and its fingerprint.
//!
//! They are written to a log as the rows come and read from it in the same order, so that they need
//! not stay in memory: beyond a size the log goes to a file without a name, which the system removes
//! when the program ends, however it ends.

use super::Counted;
use crate::input::Column;
use arrow_array::Array;
use arrow_array::builder::StringBuilder;
use std::borrow::Cow;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::SpooledTempFile;

/// Where rows wait for their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scratch {
    folder: Option<PathBuf>,
    kept: usize,
}

/// Bytes that stay in memory: some millions of rows.
const KEPT: usize = 64 << 20;

impl Scratch {
    /// In memory, all of them.
    #[must_use]
    pub fn memory() -> Self {
        Self { folder: None, kept: usize::MAX }
    }

    /// In memory up to 64 MB, beyond that in a file without a name on the disk of this folder.
    #[must_use]
    pub fn folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), kept: KEPT }
    }

    /// The same in the folder of a file that is to be written.
    #[must_use]
    pub fn beside(file: &Path) -> Self {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self::folder(folder.unwrap_or(Path::new(".")))
    }

    /// With so many bytes in memory, at the most.
    #[must_use]
    pub fn keeping(self, bytes: usize) -> Self {
        Self { kept: bytes, ..self }
    }

    /// Whether no row ever leaves the memory.
    pub(crate) fn in_memory(&self) -> bool {
        self.folder.is_none()
    }

    /// The folder, for messages.
    pub(crate) fn place(&self) -> &Path {
        self.folder.as_deref().unwrap_or(Path::new("memory"))
    }

    fn file(&self) -> SpooledTempFile {
        match &self.folder {
            Some(folder) => SpooledTempFile::new_in(self.kept, folder),
            None => SpooledTempFile::new(usize::MAX),
        }
    }
}

/// The identifiers of all rows, the numbers of their patterns and their fingerprints, in input order.
///
/// Eight bytes a row, and the identifiers: in memory or on disk, as [`Scratch`] says.
#[derive(Debug)]
pub struct RowLog {
    file: SpooledTempFile,
    place: PathBuf,
    n_rows: u64,
    /// Whether identifiers are there, and whether one of them is text.
    ids: Option<Ids>,
    /// For each table that counted rows, the patterns of its numbers.
    patterns: Vec<Vec<u32>>,
    record: Vec<u8>,
}

/// Whole numbers stay numbers unless other identifiers are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ids {
    Integers,
    Texts,
}

/// How identifiers stand in a record.
const INTEGERS: usize = 1;
const TEXTS: usize = 2;

impl RowLog {
    /// No rows yet.
    #[must_use]
    pub fn new(scratch: &Scratch) -> Self {
        Self {
            file: scratch.file(),
            place: scratch.place().to_owned(),
            n_rows: 0,
            ids: None,
            patterns: Vec::new(),
            record: Vec::new(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Where rows go that do not stay in memory, for messages.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Adds rows.
    pub(crate) fn push(
        &mut self,
        counted: &Counted,
        fingerprints: &[u32],
        ids: Option<&Column>,
    ) -> io::Result<()> {
        let n_rows = counted.numbers.len();
        self.n_rows += n_rows as u64;
        let (kind, wanted) = match ids {
            None => (0, None),
            Some(Column::Integer(_)) => (INTEGERS, Some(self.ids.unwrap_or(Ids::Integers))),
            Some(Column::Text(_) | Column::Number(_) | Column::Vector(_)) => {
                (TEXTS, Some(Ids::Texts))
            }
        };
        self.ids = wanted.or(self.ids);
        let record = &mut self.record;
        record.clear();
        for word in [counted.table, n_rows, kind] {
            record.extend((word as u32).to_le_bytes());
        }
        record.extend(counted.numbers.iter().flat_map(|number| number.to_le_bytes()));
        record.extend(fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes()));
        match ids {
            None => {}
            Some(Column::Integer(ids)) => {
                record.extend((0..n_rows).map(|row| u8::from(ids.is_valid(row))));
                record.extend(ids.values().iter().flat_map(|id| id.to_le_bytes()));
            }
            Some(Column::Text(ids)) => {
                record.extend((0..n_rows).map(|row| u8::from(ids.is_valid(row))));
                let offsets = ids.value_offsets();
                let lengths = offsets.windows(2).map(|ends| (ends[1] - ends[0]) as u32);
                record.extend(lengths.flat_map(u32::to_le_bytes));
                record.extend(&ids.value_data()[offsets[0] as usize..offsets[n_rows] as usize]);
            }
            // Numbers with fractions and vectors identify nothing, and no source gives them: all are missing.
            Some(Column::Number(_) | Column::Vector(_)) => {
                record.extend(std::iter::repeat_n(0, 5 * n_rows));
            }
        }
        self.file.write_all(record)
    }

    /// All rows are there; for each table that counted them, the patterns of its numbers.
    pub(crate) fn finish(&mut self, patterns: Vec<Vec<u32>>) {
        self.patterns = patterns;
        self.record = Vec::new();
    }

    /// Reads the rows from the beginning.
    ///
    /// # Errors
    /// What the system says of the file that the rows are in.
    pub fn read(&mut self) -> io::Result<RowReader<'_>> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(RowReader {
            file: BufReader::with_capacity(1 << 18, &mut self.file),
            patterns: &self.patterns,
            ids: self.ids,
            left: self.n_rows,
            record: Record::default(),
        })
    }

    /// The pattern of every row, in input order.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of_row(&mut self) -> io::Result<Vec<u32>> {
        let mut all = Vec::with_capacity(self.n_rows as usize);
        let mut reader = self.read()?;
        while let Some(piece) = reader.next(1 << 16)? {
            all.extend(piece.patterns);
        }
        Ok(all)
    }
}

/// Some consecutive rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RowPiece {
    /// The number of each row's pattern.
    pub patterns: Vec<u32>,
    /// The hash of what the labeling functions read of each row.
    pub fingerprints: Vec<u32>,
    /// The identifiers, if the rows have any.
    pub ids: Option<Column>,
}

/// Reads the rows of a [`RowLog`] in input order.
pub struct RowReader<'a> {
    file: BufReader<&'a mut SpooledTempFile>,
    patterns: &'a [Vec<u32>],
    ids: Option<Ids>,
    left: u64,
    record: Record,
}

/// Bytes of identifiers in a piece, at the most: an array of text has room for two gigabytes.
const MOST_BYTES: usize = 1 << 30;

impl RowReader<'_> {
    /// The next rows, `most` of them unless fewer are left or their identifiers are very long;
    /// `None` after the last one. In what pieces the rows came in has no influence on it.
    ///
    /// # Errors
    /// What the system says of the file that the rows are in.
    pub fn next(&mut self, most: usize) -> io::Result<Option<RowPiece>> {
        let most = most.min(usize::try_from(self.left).unwrap_or(most));
        if most == 0 {
            return Ok(None);
        }
        let mut patterns = Vec::with_capacity(most);
        let mut fingerprints = Vec::with_capacity(most);
        let mut integers = Vec::new();
        let mut texts = StringBuilder::new();
        let mut bytes = 0;
        while patterns.len() < most {
            if self.record.at == self.record.numbers.len() {
                self.record.read(&mut self.file)?;
            }
            let record = &mut self.record;
            let mut rows = record.at..record.numbers.len().min(record.at + most - patterns.len());
            match self.ids {
                None => {}
                Some(Ids::Integers) => integers.extend(rows.clone().map(|row| record.integer(row))),
                Some(Ids::Texts) => {
                    for row in rows.clone() {
                        let text = record.text(row);
                        bytes += text.as_ref().map_or(0, |text| text.len());
                        if bytes > MOST_BYTES && row + patterns.len() > record.at {
                            rows.end = row;
                            break;
                        }
                        texts.append_option(text);
                    }
                }
            }
            let pattern_of = self.patterns.get(record.table).map_or(&[][..], Vec::as_slice);
            for &number in &record.numbers[rows.clone()] {
                patterns.push(*pattern_of.get(number as usize).ok_or_else(damaged)?);
            }
            fingerprints.extend_from_slice(&record.fingerprints[rows.clone()]);
            record.at = rows.end;
            if bytes > MOST_BYTES {
                break;
            }
        }
        self.left -= patterns.len() as u64;
        let ids = self.ids.map(|ids| match ids {
            Ids::Integers => Column::Integer(integers.into()),
            Ids::Texts => Column::Text(texts.finish()),
        });
        Ok(Some(RowPiece { patterns, fingerprints, ids }))
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a temporary file is not as it was written")
}

/// Rows that came in together.
#[derive(Default)]
struct Record {
    table: usize,
    numbers: Vec<u32>,
    fingerprints: Vec<u32>,
    valid: Vec<u8>,
    integers: Vec<i64>,
    /// Where the text of each row ends, empty for other identifiers.
    ends: Vec<usize>,
    texts: String,
    /// The next row.
    at: usize,
}

impl Record {
    fn integer(&self, row: usize) -> Option<i64> {
        (self.valid.get(row) == Some(&1)).then(|| self.integers.get(row).copied()).flatten()
    }

    fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        if self.ends.is_empty() {
            return self.integer(row).map(|id| id.to_string().into());
        }
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        (self.valid[row] == 1).then(|| self.texts[start..self.ends[row]].into())
    }

    fn read(&mut self, file: &mut impl Read) -> io::Result<()> {
        let mut word = || -> io::Result<usize> {
            let mut bytes = [0; 4];
            file.read_exact(&mut bytes)?;
            Ok(u32::from_le_bytes(bytes) as usize)
        };
        (self.table, self.at) = (word()?, 0);
        let n_rows = word()?;
        let kind = word()?;
        self.numbers = words(file, n_rows, u32::from_le_bytes)?;
        self.fingerprints = words(file, n_rows, u32::from_le_bytes)?;
        self.valid = if kind == 0 { Vec::new() } else { words(file, n_rows, |[byte]| byte)? };
        self.integers =
            if kind == INTEGERS { words(file, n_rows, i64::from_le_bytes)? } else { Vec::new() };
        (self.ends, self.texts) = (Vec::new(), String::new());
        if kind == TEXTS {
            let mut end = 0;
            self.ends = words(file, n_rows, u32::from_le_bytes)?
                .into_iter()
                .map(|length| {
                    end += length as usize;
                    end
                })
                .collect();
            let mut texts = vec![0; end];
            file.read_exact(&mut texts)?;
            self.texts = String::from_utf8(texts).map_err(|_| damaged())?;
            if !self.ends.iter().all(|&end| self.texts.is_char_boundary(end)) {
                return Err(damaged());
            }
        }
        Ok(())
    }
}

fn words<const N: usize, T>(
    file: &mut impl Read,
    n: usize,
    word: impl Fn([u8; N]) -> T,
) -> io::Result<Vec<T>> {
    let mut bytes = vec![0; n * N];
    file.read_exact(&mut bytes)?;
    let (words, _) = bytes.as_chunks::<N>();
    Ok(words.iter().map(|bytes| word(*bytes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows that come in together: the table that counted them, their numbers and identifiers.
    #[derive(Debug, Clone)]
    enum Given {
        Integers(Vec<(u32, Option<i64>)>),
        Texts(Vec<(u32, Option<String>)>),
    }

    fn given() -> impl Strategy<Value = Vec<(usize, Given)>> {
        let integers = prop::collection::vec((0..9_u32, any::<Option<i64>>()), 0..20);
        let texts = prop::collection::vec((0..9_u32, prop::option::of("\\PC{0,4}")), 0..20);
        let rows = prop_oneof![integers.prop_map(Given::Integers), texts.prop_map(Given::Texts)];
        prop::collection::vec((0..3_usize, rows), 0..8)
    }

    proptest! {
        #[test]
        fn rows_are_read_as_they_came(given in given(), most in 1..40_usize, kept in 0..400_usize) {
            let folder = tempfile::tempdir().expect("a folder");
            let patterns: Vec<Vec<u32>> =
                (0..3).map(|table| (0..9).map(|number| 100 * table + number).collect()).collect();
            let mut log = RowLog::new(&Scratch::folder(folder.path()).keeping(kept));
            let (mut wanted, mut ids, mut fingerprints) = (Vec::new(), Vec::new(), Vec::new());
            for (table, rows) in &given {
                let (numbers, column): (Vec<u32>, _) = match rows {
                    Given::Integers(rows) => {
                        ids.extend(rows.iter().map(|row| row.1.map(|id| id.to_string())));
                        let ids = rows.iter().map(|row| row.1).collect();
                        (rows.iter().map(|row| row.0).collect(), Column::Integer(ids))
                    }
                    Given::Texts(rows) => {
                        ids.extend(rows.iter().map(|row| row.1.clone()));
                        let ids = rows.iter().map(|row| row.1.as_deref()).collect();
                        (rows.iter().map(|row| row.0).collect(), Column::Text(ids))
                    }
                };
                wanted.extend(numbers.iter().map(|&number| patterns[*table][number as usize]));
                let own: Vec<u32> = numbers.iter().map(|number| number + 7).collect();
                fingerprints.extend(&own);
                log.push(&Counted { table: *table, numbers }, &own, Some(&column)).expect("written");
            }
            log.finish(patterns);
            let files = std::fs::read_dir(folder.path()).expect("readable").count();
            prop_assert_eq!(files, 0, "the file has no name");
            prop_assert_eq!(log.of_row().expect("read"), wanted.clone());
            let mut reader = log.read().expect("read again");
            let (mut found, mut found_ids, mut marks) = (Vec::new(), Vec::new(), Vec::new());
            while let Some(piece) = reader.next(most).expect("read") {
                prop_assert!(piece.patterns.len() == most || found.len() + most > wanted.len());
                found.extend(piece.patterns);
                marks.extend(piece.fingerprints);
                let numbers = given.iter().all(|(_, rows)| matches!(rows, Given::Integers(_)));
                match piece.ids.expect("identifiers") {
                    Column::Integer(ids) if numbers => {
                        found_ids.extend(ids.iter().map(|id| id.map(|id| id.to_string())));
                    }
                    Column::Text(ids) if !numbers => {
                        found_ids.extend(ids.iter().map(|id| id.map(str::to_owned)));
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            prop_assert_eq!((found, found_ids, marks), (wanted, ids, fingerprints));
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_an_error() {
        let mut log = RowLog::new(&Scratch::folder(Path::new("no/such/folder")).keeping(0));
        assert!(log.push(&Counted { table: 0, numbers: vec![0] }, &[1], None).is_err());
        let mut log = RowLog::new(&Scratch::memory().keeping(0));
        assert!(
            log.push(&Counted { table: 0, numbers: vec![0] }, &[1], None).is_ok(),
            "it has no place"
        );
    }
}
