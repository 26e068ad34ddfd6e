//! The sizes of Parquet pages, before any is decoded.
//!
//! A page says how large it is once it is decompressed, and the decoder makes room for that at once. A few
//! bytes may so ask for gigabytes; so the headers are walked first. They are structs of Thrift's
//! compact protocol, of which only few numbers matter here
//! (<https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>, `PageHeader`).

use super::super::vector::MOST_NUMBERS;
use crate::bounded::MEGABYTE;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::ChunkReader;

/// The largest page, in bytes, decompressed.
const LARGEST: usize = 256 * MEGABYTE;
/// The most numbers of vectors in a page: a run of equal ones takes a few bytes.
const MOST_VALUES: usize = 64 << 20;
/// The longest header: it may hold the smallest and the largest value.
const HEADER: usize = 64 * MEGABYTE;
/// Structs and lists inside each other.
const DEPTH: usize = 16;

/// Checks the pages of some columns, of which some are to hold vectors.
pub(super) fn check<C: ChunkReader>(
    content: &C,
    metadata: &ParquetMetaData,
    columns: &[usize],
    vectors: &[usize],
) -> Result<()> {
    let roots = metadata.file_metadata().schema_descr_ptr();
    for group in metadata.row_groups() {
        for (leaf, chunk) in group.columns().iter().enumerate() {
            let root = roots.get_column_root_idx(leaf);
            if !columns.contains(&root) {
                continue;
            }
            let values = walk(content, chunk)?;
            let rows = usize::try_from(group.num_rows()).unwrap_or(0);
            if vectors.contains(&root) && values > rows.saturating_mul(MOST_NUMBERS) {
                let what = format!("vectors of more than {MOST_NUMBERS} numbers");
                return Err(damaged(&what));
            }
        }
    }
    Ok(())
}

/// Checks the pages of a column, and counts their values.
fn walk<C: ChunkReader>(content: &C, chunk: &ColumnChunkMetaData) -> Result<usize> {
    let first = chunk.dictionary_page_offset().unwrap_or(i64::MAX).min(chunk.data_page_offset());
    let (Ok(mut at), Ok(length)) = (u64::try_from(first), u64::try_from(chunk.compressed_size()))
    else {
        return Err(damaged("a place is below zero"));
    };
    let end = at.saturating_add(length).min(content.len());
    let mut values = 0_usize;
    while at < end {
        let header = header(content, at, end)?;
        if header.decompressed > LARGEST {
            let most = LARGEST / MEGABYTE;
            return Err(damaged(&format!("a page of more than {most} megabytes")));
        }
        // What is not repeated has no more values than there are rows, which are counted elsewhere.
        if chunk.column_descr().max_rep_level() > 0 && header.values > MOST_VALUES {
            return Err(damaged(&format!("a page of more than {MOST_VALUES} numbers")));
        }
        values = values.saturating_add(header.values);
        at = at.saturating_add((header.length + header.compressed) as u64);
    }
    Ok(values)
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

struct Header {
    length: usize,
    decompressed: usize,
    compressed: usize,
    /// Values of a page with data, missing ones included.
    values: usize,
}

fn header<C: ChunkReader>(content: &C, at: u64, end: u64) -> Result<Header> {
    let mut room = 512;
    loop {
        let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(room);
        let bytes = content.get_bytes(at, most)?;
        if let Some(header) = read(&bytes) {
            return Ok(header);
        }
        if most < room || room >= HEADER {
            return Err(damaged("a page without a header"));
        }
        room *= 8;
    }
}

/// Reads a header; `None` where it goes on beyond these bytes, or is none.
fn read(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader { bytes, at: 0 };
    let (mut decompressed, mut compressed, mut values) = (None, None, 0);
    let mut field = 0;
    loop {
        let head = reader.byte()?;
        let kind = head & 15;
        if kind == 0 {
            break;
        }
        field = match head >> 4 {
            0 => reader.zigzag()?,
            more => field + i64::from(more),
        };
        match (field, kind) {
            (2, 5) => decompressed = usize::try_from(reader.zigzag()?).ok(),
            (3, 5) => compressed = usize::try_from(reader.zigzag()?).ok(),
            // The header of a page with data, in version 1 and 2, begins with their number.
            (5 | 8, 12) if reader.peek() == Some(0x15) => {
                reader.byte()?;
                values = usize::try_from(reader.zigzag()?).ok()?;
                reader.skip(kind, DEPTH)?;
            }
            _ => reader.skip(kind, DEPTH)?,
        }
    }
    let (decompressed, compressed) = (decompressed?, compressed?);
    Some(Header { length: reader.at, decompressed, compressed, values })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn leave_out(&mut self, n: u64) -> Option<()> {
        self.at = self.at.checked_add(usize::try_from(n).ok()?)?;
        (self.at <= self.bytes.len()).then_some(())
    }

    /// Leaves out a value of a kind that the protocol numbers so.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.leave_out(1),
            4..=6 => self.number().map(drop),
            7 => self.leave_out(8),
            8 => {
                let n = self.number()?;
                self.leave_out(n)
            }
            9 | 10 => {
                let head = self.byte()?;
                let n = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
                let kind = head & 15;
                // In lists truth values take a byte.
                (0..n).try_for_each(|_| self.skip(if kind < 3 { 3 } else { kind }, depth))
            }
            12 => loop {
                let head = self.byte()?;
                match (head & 15, head >> 4) {
                    (0, _) => return Some(()),
                    (kind, 0) => {
                        self.zigzag()?;
                        self.skip(kind, depth)?;
                    }
                    (kind, _) => self.skip(kind, depth)?,
                }
            },
            _ => None,
        }
    }
}
