//! How large a zip archive is once it is unpacked, found out without keeping any of it.
//!
//! The reader of spreadsheets unpacks parts of a file to memory, whatever they come to: a megabyte may come
//! to a gigabyte. What the archive says of itself is no help, since it may say anything. The form is that of
//! PKWARE's APPNOTE, sections 4.3.7 to 4.3.16.

use flate2::read::DeflateDecoder;
use std::io::Read;

/// Whether all parts together unpack to at most `most` bytes; `None` where this is no archive that can be
/// looked through.
pub(super) fn fits(bytes: &[u8], most: usize) -> Option<bool> {
    const END: [u8; 4] = *b"PK\x05\x06";
    let end = bytes.windows(END.len()).rposition(|window| window == END)?;
    let (n_parts, mut at) = (short(bytes, end + 10)?, long(bytes, end + 16)?);
    let mut left = most as u64;
    for _ in 0..n_parts {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let (method, packed) = (short(bytes, at + 10)?, long(bytes, at + 20)?);
        let place = long(bytes, at + 42)?;
        at += 46 + short(bytes, at + 28)? + short(bytes, at + 30)? + short(bytes, at + 32)?;
        let start = place + 30 + short(bytes, place + 26)? + short(bytes, place + 28)?;
        let part = bytes.get(start..start.checked_add(packed)?)?;
        let unpacked = match method {
            0 => packed as u64,
            8 => {
                let mut reader = DeflateDecoder::new(part).take(left + 1);
                std::io::copy(&mut reader, &mut std::io::sink()).ok()?
            }
            _ => return None,
        };
        match left.checked_sub(unpacked) {
            Some(rest) => left = rest,
            None => return Some(false),
        }
    }
    Some(true)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(number.try_into().ok()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(number.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_archive_cannot_be_looked_through() {
        for bytes in
            [&b""[..], b"PK\x05\x06", b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0"]
        {
            assert_eq!(fits(bytes, 10), None);
        }
    }
}
