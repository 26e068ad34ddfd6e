//! The hybrid of run lengths and bit packing that Parquet has for levels and numbers of values.
//!
//! See "Run Length Encoding / Bit-Packing Hybrid" in the format's description of its encodings.

/// Which of `n` rows have a value: one bit each, the first row in the lowest bit.
pub(super) struct Present {
    bits: Vec<u8>,
    n: usize,
}

impl Present {
    /// None of them.
    pub(super) fn none(n: usize) -> Self {
        Self { bits: vec![0; n.div_ceil(8)], n }
    }

    /// All of them.
    pub(super) fn all(n: usize) -> Self {
        let mut bits = vec![0xff; n.div_ceil(8)];
        if let (Some(last), 1..) = (bits.last_mut(), n % 8) {
            *last = (1 << (n % 8)) - 1;
        }
        Self { bits, n }
    }

    pub(super) fn set(&mut self, row: usize) {
        self.bits[row / 8] |= 1 << (row % 8);
    }

    /// Writes them as levels of one bit.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut start = 0;
        // Bytes from here on are packed.
        let mut packed = 0;
        while start < self.bits.len() {
            let byte = self.bits[start];
            let mut end = start + 1;
            if byte == 0 || byte == 0xff {
                end += leading(&self.bits[end..], byte);
            }
            // A shorter run takes more bytes than it saves.
            if end - start >= 4 {
                pack_bytes(&self.bits[packed..start], out);
                varint(((8 * end).min(self.n) - 8 * start) << 1, out);
                out.push(byte & 1);
                packed = end;
            }
            start = end;
        }
        pack_bytes(&self.bits[packed..], out);
    }
}

/// How many bytes at the start are this one.
fn leading(bytes: &[u8], byte: u8) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let whole = 8 * words.iter().take_while(|word| **word == [byte; 8]).count();
    whole + bytes[whole..].iter().take_while(|&&other| other == byte).count()
}

fn pack_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    if !bytes.is_empty() {
        varint(bytes.len() << 1 | 1, out);
        out.extend(bytes);
    }
}

/// Writes the width that numbers below `n` need, and numbers in that width.
pub(super) fn write_codes(
    codes: impl ExactSizeIterator<Item = u32> + Clone,
    n: usize,
    out: &mut Vec<u8>,
) {
    let width = (usize::BITS - n.saturating_sub(1).leading_zeros()).max(1);
    out.push(width as u8);
    let count = codes.len();
    let Some(first) = codes.clone().next() else { return };
    if codes.clone().all(|code| code == first) {
        varint(count << 1, out);
        out.extend(&first.to_le_bytes()[..width.div_ceil(8) as usize]);
        return;
    }
    let groups = count.div_ceil(8);
    varint(groups << 1 | 1, out);
    let end = out.len() + groups * width as usize;
    let (mut pending, mut bits) = (0_u64, 0);
    for code in codes {
        pending |= u64::from(code) << bits;
        bits += width;
        if bits >= 32 {
            out.extend((pending as u32).to_le_bytes());
            pending >>= 32;
            bits -= 32;
        }
    }
    out.extend(pending.to_le_bytes());
    out.resize(end, 0);
}

fn varint(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads `n` numbers of `width` bits back.
    fn read(mut bytes: &[u8], width: usize, n: usize) -> Vec<u32> {
        let mut numbers = Vec::new();
        while numbers.len() < n {
            let (mut header, mut shift) = (0, 0);
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                header |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            let count = header >> 1;
            if header & 1 == 0 {
                let (value, rest) = bytes.split_at(width.div_ceil(8));
                let value = value.iter().rev().fold(0, |all, &byte| all << 8 | u32::from(byte));
                numbers.extend(std::iter::repeat_n(value, count));
                bytes = rest;
            } else {
                let bit = |at: usize| u32::from(bytes[at / 8] >> (at % 8) & 1);
                let value = |at: usize| (0..width).map(|i| bit(at * width + i) << i).sum::<u32>();
                numbers.extend((0..8 * count).map(value));
                bytes = &bytes[count * width..];
            }
        }
        assert!(bytes.is_empty(), "nothing is left over");
        numbers.truncate(n);
        numbers
    }

    proptest! {
        #[test]
        fn levels_are_read_back(runs in prop::collection::vec((any::<bool>(), 1..90_usize), 0..20)) {
            let rows: Vec<bool> =
                runs.iter().flat_map(|&(is, n)| std::iter::repeat_n(is, n)).collect();
            let mut present = Present::none(rows.len());
            (0..rows.len()).filter(|&row| rows[row]).for_each(|row| present.set(row));
            let mut out = Vec::new();
            present.write(&mut out);
            let wanted: Vec<u32> = rows.iter().map(|&is| u32::from(is)).collect();
            prop_assert_eq!(read(&out, 1, rows.len()), wanted);
            let mut out = Vec::new();
            Present::all(rows.len()).write(&mut out);
            prop_assert_eq!(read(&out, 1, rows.len()), vec![1; rows.len()]);
        }

        #[test]
        fn codes_are_read_back(n in 1..100_000_usize, seeds in prop::collection::vec(any::<u32>(), 0..80)) {
            let codes: Vec<u32> = seeds.iter().map(|seed| seed % n as u32).collect();
            let mut out = Vec::new();
            write_codes(codes.iter().copied(), n, &mut out);
            prop_assert_eq!(read(&out[1..], out[0].into(), codes.len()), codes);
        }
    }
}
