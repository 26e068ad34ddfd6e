//! Archives in the format ZIP, written in one go, compressed.
//!
//! The form is that of PKWARE's APPNOTE: sizes stand behind each member (4.3.9), since they are not known before,
//! and in the directory at the end, in 64 bits (4.5.3), so that members may have more than four gigabytes.
//! Times are those of 1980, so that the same content has the same bytes.

use super::target::Out;
use crate::output::OutputError;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// An archive that is written.
pub(super) struct Zip<'a> {
    out: &'a mut Out,
    /// Bytes that were written so far.
    at: u64,
    done: Vec<Entry>,
    open: Option<Open>,
}

/// A member that is complete.
struct Entry {
    name: String,
    place: u64,
    crc: u32,
    packed: u64,
    unpacked: u64,
}

/// A member that is written; what is compressed waits in the encoder's buffer until it is taken.
struct Open {
    name: String,
    place: u64,
    crc: Crc,
    unpacked: u64,
    packed: u64,
    encoder: DeflateEncoder<Vec<u8>>,
}

/// Version 4.5, the first with sizes of 64 bits; bits for sizes that follow and names in UTF-8; deflated; on the
/// first day that the format knows.
const VERSION: u16 = 45;
const FLAGS: u16 = 1 << 3 | 1 << 11;
const DEFLATED: u16 = 8;
const DATE: u16 = 1 << 5 | 1;

/// In place of sizes that stand elsewhere.
const ELSEWHERE: u32 = u32::MAX;

impl<'a> Zip<'a> {
    pub(super) fn new(out: &'a mut Out) -> Self {
        Self { out, at: 0, done: Vec::new(), open: None }
    }

    /// Begins a member.
    pub(super) fn begin(&mut self, name: &str) -> Result<(), OutputError> {
        let mut bytes = b"PK\x03\x04".to_vec();
        common(&mut bytes, 0);
        for size in [ELSEWHERE, ELSEWHERE] {
            bytes.extend_from_slice(&size.to_le_bytes());
        }
        short(&mut bytes, name.len() as u16);
        short(&mut bytes, 20);
        bytes.extend_from_slice(name.as_bytes());
        // Both sizes in 64 bits, which follow the member.
        short(&mut bytes, 1);
        short(&mut bytes, 16);
        bytes.extend_from_slice(&[0; 16]);
        self.open = Some(Open {
            name: name.to_owned(),
            place: self.at,
            crc: Crc::new(),
            unpacked: 0,
            packed: 0,
            encoder: DeflateEncoder::new(Vec::new(), Compression::fast()),
        });
        self.write(&bytes)
    }

    /// Adds bytes to the member that was begun.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.crc.update(bytes);
        open.unpacked += bytes.len() as u64;
        open.encoder.write_all(bytes).map_err(|error| self.out.failed(error))?;
        let packed = std::mem::take(open.encoder.get_mut());
        open.packed += packed.len() as u64;
        self.write(&packed)
    }

    /// Ends the member.
    pub(super) fn end(&mut self) -> Result<(), OutputError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let rest = open.encoder.finish().map_err(|error| self.out.failed(error))?;
        let entry = Entry {
            name: open.name,
            place: open.place,
            crc: open.crc.sum(),
            packed: open.packed + rest.len() as u64,
            unpacked: open.unpacked,
        };
        self.write(&rest)?;
        let mut bytes = b"PK\x07\x08".to_vec();
        bytes.extend_from_slice(&entry.crc.to_le_bytes());
        bytes.extend_from_slice(&entry.packed.to_le_bytes());
        bytes.extend_from_slice(&entry.unpacked.to_le_bytes());
        self.done.push(entry);
        self.write(&bytes)
    }

    /// Writes the directory.
    pub(super) fn finish(&mut self) -> Result<(), OutputError> {
        let start = self.at;
        let mut bytes = Vec::new();
        for entry in &self.done {
            bytes.extend_from_slice(b"PK\x01\x02");
            short(&mut bytes, VERSION);
            common(&mut bytes, entry.crc);
            for size in [ELSEWHERE, ELSEWHERE] {
                bytes.extend_from_slice(&size.to_le_bytes());
            }
            short(&mut bytes, entry.name.len() as u16);
            short(&mut bytes, 28);
            // No comment, the first disk, no attributes.
            bytes.extend_from_slice(&[0; 10]);
            bytes.extend_from_slice(&ELSEWHERE.to_le_bytes());
            bytes.extend_from_slice(entry.name.as_bytes());
            short(&mut bytes, 1);
            short(&mut bytes, 24);
            for size in [entry.unpacked, entry.packed, entry.place] {
                bytes.extend_from_slice(&size.to_le_bytes());
            }
        }
        let (length, n) = (bytes.len() as u64, self.done.len() as u64);
        let end = start + length;
        // The end of the directory in 64 bits, where that stands, and the end for readers of old.
        bytes.extend_from_slice(b"PK\x06\x06");
        bytes.extend_from_slice(&44_u64.to_le_bytes());
        short(&mut bytes, VERSION);
        short(&mut bytes, VERSION);
        bytes.extend_from_slice(&[0; 8]);
        for number in [n, n, length, start] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        bytes.extend_from_slice(&end.to_le_bytes());
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        short(&mut bytes, n as u16);
        short(&mut bytes, n as u16);
        bytes.extend_from_slice(&[0xff; 8]);
        short(&mut bytes, 0);
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.at += bytes.len() as u64;
        self.out.put(bytes)
    }
}

fn short(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// What headers before members and in the directory have in common.
fn common(bytes: &mut Vec<u8>, crc: u32) {
    for number in [VERSION, FLAGS, DEFLATED, 0, DATE] {
        short(bytes, number);
    }
    bytes.extend_from_slice(&crc.to_le_bytes());
}
