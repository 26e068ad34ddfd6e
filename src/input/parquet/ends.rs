//! Reading beyond the end is an error.
//!
//! The decoder leaves out what it does not know of a page's header by copying it to nowhere, which never
//! fails where a file is over: a list of billions would be left out in full, for hours. Sound files are never
//! read beyond their end.

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{ErrorKind, Read};

/// A content whose end is an error.
pub(super) struct Ends<C>(pub(super) C);

impl<C: Length> Length for Ends<C> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<C: ChunkReader> ChunkReader for Ends<C> {
    type T = Reader<C::T>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.0.get_read(start).map(Reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.0.get_bytes(start, length)
    }
}

/// A reader of such a content.
pub(super) struct Reader<R>(R);

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(room)? {
            0 if !room.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            n => Ok(n),
        }
    }
}
