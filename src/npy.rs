//! Arrays in NumPy's format `.npy`, written and read.
//!
//! The form is that of `numpy.lib.format`: the bytes `\x93NUMPY`, a version, the length of a header, the
//! header, which is a Python dictionary of `descr`, `fortran_order` and `shape`, and the values without
//! anything between them. Version 1.0 is written; 1.0 to 3.0 are read. A file from a stranger is read value by
//! value, so that what its header claims costs nothing.

use std::io::{self, ErrorKind, Read};

/// How every file begins.
pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, in bytes: as much as NumPy reads unless it is told to trust the file.
const LONGEST_HEADER: usize = 10_000;

/// The most axes that a shape may have.
const MOST_AXES: usize = 32;

/// A type of values that is written, little-endian.
pub(crate) trait Item: Copy {
    /// Its name in the header.
    const DESCR: &'static str;

    /// Its bytes.
    fn put(self, out: &mut Vec<u8>);
}

macro_rules! item {
    ($($kind:ty: $descr:literal),*) => {$(
        impl Item for $kind {
            const DESCR: &'static str = $descr;

            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

item!(i8: "|i1", i16: "<i2", i32: "<i4", i64: "<i8", f64: "<f8");

/// The beginning of a file of values of a type that is [named](Item::DESCR) so, in C order: everything before the
/// values.
pub(crate) fn begin(descr: &str, shape: &[u64]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    let axes = match axes.as_slice() {
        [one] => format!("{one},"),
        several => several.join(", "),
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({axes}), }}");
    // Values begin at a multiple of 64 bytes; before them are ten bytes and the end of the line.
    let length = (MAGIC.len() + 4 + text.len() + 1).next_multiple_of(64);
    let padding = length - (MAGIC.len() + 4 + text.len() + 1);
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    out
}

/// A value that was read, as the number of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// A whole number.
    Whole(i64),
    /// Not a number, which stands for a missing one.
    Missing,
    /// A number that is not whole, or beyond all that can be counted.
    Other,
}

/// An array that is read value by value, in the order in which they stand.
pub(crate) struct Array<R> {
    reader: R,
    kind: Kind,
    big: bool,
    /// Whether the first axis runs fastest.
    pub(crate) fortran: bool,
    /// The lengths of its axes.
    pub(crate) shape: Vec<u64>,
}

/// Types of values that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Signed(usize),
    Unsigned(usize),
    Float(usize),
}

fn wrong(message: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message.into())
}

impl<R: Read> Array<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// What the system says, and [`ErrorKind::InvalidData`] for what is no array of numbers.
    pub(crate) fn open(mut reader: R) -> io::Result<Self> {
        let mut start = [0; 8];
        fill(&mut reader, &mut start)?;
        if !start.starts_with(MAGIC) {
            return Err(wrong("the first bytes are not those of a .npy file"));
        }
        let length = match start[6] {
            1 => {
                let mut bytes = [0; 2];
                fill(&mut reader, &mut bytes)?;
                usize::from(u16::from_le_bytes(bytes))
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                fill(&mut reader, &mut bytes)?;
                u32::from_le_bytes(bytes) as usize
            }
            version => return Err(wrong(format!("version {version} of the format is not known"))),
        };
        if length > LONGEST_HEADER {
            return Err(wrong(format!(
                "its header is longer than {LONGEST_HEADER} bytes, which no matrix needs"
            )));
        }
        let mut text = vec![0; length];
        fill(&mut reader, &mut text)?;
        let text = String::from_utf8(text).map_err(|_| wrong("its header is no text"))?;
        let header =
            Header::parse(&text).ok_or_else(|| wrong("its header cannot be understood"))?;
        let (kind, big) = kind(&header.descr).ok_or_else(|| {
            wrong(format!(
                "its values are of the type `{}`; whole numbers are wanted, such as those of \
                 L.astype(\"int64\")",
                crate::names::brief(&header.descr)
            ))
        })?;
        Ok(Self { reader, kind, big, fortran: header.fortran, shape: header.shape })
    }

    /// The next value.
    ///
    /// # Errors
    /// What the system says, and [`ErrorKind::InvalidData`] at the end of the file.
    pub(crate) fn value(&mut self) -> io::Result<Value> {
        let mut bytes = [0; 8];
        let width = match self.kind {
            Kind::Signed(width) | Kind::Unsigned(width) | Kind::Float(width) => width,
        };
        fill(&mut self.reader, &mut bytes[..width])?;
        if self.big {
            bytes[..width].reverse();
        }
        let unsigned = u64::from_le_bytes(bytes);
        Ok(match self.kind {
            Kind::Unsigned(_) => i64::try_from(unsigned).map_or(Value::Other, Value::Whole),
            Kind::Signed(width) => {
                // The sign is that of the highest byte that is there.
                let shift = 64 - 8 * width as u32;
                Value::Whole((unsigned << shift) as i64 >> shift)
            }
            Kind::Float(4) => float(f64::from(f32::from_bits(unsigned as u32))),
            Kind::Float(_) => float(f64::from_bits(unsigned)),
        })
    }

    /// Whether nothing follows.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn ends(&mut self) -> io::Result<bool> {
        let mut byte = [0];
        loop {
            match self.reader.read(&mut byte) {
                Ok(n) => return Ok(n == 0),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn float(value: f64) -> Value {
    if value.is_nan() {
        Value::Missing
    } else if value.fract() == 0.0 && value.abs() < 1e15 {
        Value::Whole(value as i64)
    } else {
        Value::Other
    }
}

fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<()> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => wrong("the file ends too early; was it copied in full?"),
        _ => error,
    })
}

/// The type that a header names, and whether its highest byte comes first.
fn kind(descr: &str) -> Option<(Kind, bool)> {
    let mut letters = descr.chars();
    let big = match letters.next()? {
        '<' | '|' | '=' => false,
        '>' => true,
        _ => return None,
    };
    let kind = match letters.as_str() {
        "i1" => Kind::Signed(1),
        "i2" => Kind::Signed(2),
        "i4" => Kind::Signed(4),
        "i8" => Kind::Signed(8),
        "u1" => Kind::Unsigned(1),
        "u2" => Kind::Unsigned(2),
        "u4" => Kind::Unsigned(4),
        "u8" => Kind::Unsigned(8),
        "f4" => Kind::Float(4),
        "f8" => Kind::Float(8),
        _ => return None,
    };
    Some((kind, big))
}

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    descr: String,
    fortran: bool,
    shape: Vec<u64>,
}

impl Header {
    /// Reads the dictionary: three keys in any order, with a text, a truth value and a tuple.
    fn parse(text: &str) -> Option<Self> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        let mut rest = text.trim().strip_prefix('{')?;
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                let header = Self { descr: descr?, fortran: fortran?, shape: shape? };
                return after.is_empty().then_some(header);
            }
            let (key, after) = quoted(rest)?;
            let value = after.trim_start().strip_prefix(':')?.trim_start();
            rest = match key {
                "descr" if descr.is_none() => {
                    // A list describes several fields, which no matrix has.
                    let (text, after) = match quoted(value) {
                        Some(found) => found,
                        None => ("a record", &value[value.rfind(']')? + 1..]),
                    };
                    descr = Some(text.to_owned());
                    after
                }
                "fortran_order" if fortran.is_none() => {
                    let (truth, after) = match value.strip_prefix("True") {
                        Some(after) => (true, after),
                        None => (false, value.strip_prefix("False")?),
                    };
                    fortran = Some(truth);
                    after
                }
                "shape" if shape.is_none() => {
                    let (axes, after) = value.strip_prefix('(')?.split_once(')')?;
                    shape = Some(tuple(axes)?);
                    after
                }
                _ => return None,
            };
            rest = rest.trim_start();
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None if rest.starts_with('}') => {}
                None => return None,
            }
        }
    }
}

/// A text in quotes, without escapes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|letter| ['\'', '"'].contains(letter))?;
    text[1..].split_once(quote)
}

/// The numbers of a tuple; what Python 2 wrote as `3L` is a number as well.
fn tuple(text: &str) -> Option<Vec<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let axes = text.strip_suffix(',').unwrap_or(text).split(',');
    let axes: Option<Vec<u64>> =
        axes.map(|axis| axis.trim().trim_end_matches('L').parse().ok()).collect();
    axes.filter(|axes| axes.len() <= MOST_AXES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `numpy.save` 2.4 wrote for `numpy.array([[0, -1, 1], [1, 0, -1]], dtype="int8")`.
    const OF_NUMPY: &[u8] = b"\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }                                                          \n\x00\xff\x01\x01\x00\xff";

    #[test]
    fn bytes_are_those_of_numpy() {
        let mut bytes = begin(i8::DESCR, &[2, 3]);
        [0_i8, -1, 1, 1, 0, -1].into_iter().for_each(|value| value.put(&mut bytes));
        assert_eq!(bytes, OF_NUMPY);
        assert_eq!(begin(f64::DESCR, &[7]).len() % 64, 0);
        assert!(String::from_utf8_lossy(&begin(f64::DESCR, &[7])).contains("'shape': (7,), "));
    }

    #[test]
    fn headers_are_read_in_all_their_forms() {
        let of = |text: &str| {
            Header::parse(text).map(|header| (header.descr, header.fortran, header.shape))
        };
        for (text, wanted) in [
            (
                "{'descr': '<i8', 'fortran_order': True, 'shape': (3,), }\n",
                Some(("<i8", true, vec![3])),
            ),
            (
                "{\"shape\":(3L,4L),'descr':'>i2','fortran_order':False}",
                Some((">i2", false, vec![3, 4])),
            ),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': ()}", Some(("<i8", false, vec![]))),
            (
                "{'descr': [('a', '<i8'), ('b', '<f4')], 'fortran_order': False, 'shape': (3,), }",
                Some(("a record", false, vec![3])),
            ),
            ("{'descr': '<i8', 'fortran_order': False}", None),
            ("{'descr': '<i8', 'descr': '<i8', 'fortran_order': False, 'shape': (3,)}", None),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (-3,)}", None),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999999999,)}", None),
            ("{'descr': '<i8', 'fortran_order': 0, 'shape': (3,)}", None),
            ("{'descr': '<i8' 'fortran_order': False, 'shape': (3,)}", None),
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (3,)} x", None),
            ("{'ä", None),
            ("", None),
        ] {
            let wanted = wanted.map(|(descr, order, shape)| (descr.to_owned(), order, shape));
            assert_eq!(of(text), wanted, "{text}");
        }
    }

    #[test]
    fn values_of_every_type_are_whole_numbers_or_missing() {
        let read = |descr: &str, values: &[u8], n: usize| -> Vec<Value> {
            let bytes = [&begin(descr, &[n as u64]), values].concat();
            let mut array = Array::open(bytes.as_slice()).expect("a header");
            let all = (0..n).map(|_| array.value().expect("a value")).collect();
            assert!(array.ends().expect("in memory"));
            all
        };
        use Value::{Missing, Other, Whole};
        assert_eq!(read("|i1", &[0xff, 5], 2), [Whole(-1), Whole(5)]);
        assert_eq!(read("<i2", &[0xff, 0xff], 1), [Whole(-1)]);
        assert_eq!(read(">i2", &[1, 2], 1), [Whole(258)]);
        assert_eq!(read(">i4", &(-7_i32).to_be_bytes(), 1), [Whole(-7)]);
        assert_eq!(read("<i8", &i64::MIN.to_le_bytes(), 1), [Whole(i64::MIN)]);
        assert_eq!(read("|u1", &[0xff], 1), [Whole(255)]);
        assert_eq!(read("<u8", &u64::MAX.to_le_bytes(), 1), [Other]);
        assert_eq!(read("<f4", &f32::NAN.to_le_bytes(), 1), [Missing]);
        assert_eq!(read(">f8", &(-1_f64).to_be_bytes(), 1), [Whole(-1)]);
        assert_eq!(read("<f8", &0.5_f64.to_le_bytes(), 1), [Other]);
        assert_eq!(read("<f8", &f64::INFINITY.to_le_bytes(), 1), [Other]);
        for descr in ["|O", "<U3", "|b1", "<c16", "<i3", "i8", "", "?"] {
            assert!(Array::open(begin(descr, &[1]).as_slice()).is_err(), "{descr}");
        }
    }

    proptest! {
        /// Whatever stands in a file, it is numbers or an error.
        #[test]
        fn damaged_files_are_errors_and_no_panics(
            at in 0..OF_NUMPY.len(), byte in any::<u8>(), length in 0..=OF_NUMPY.len(),
        ) {
            let mut bytes = OF_NUMPY[..length].to_vec();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            if let Ok(mut array) = Array::open(bytes.as_slice()) {
                while array.value().is_ok() {}
            }
        }

        #[test]
        fn any_header_is_read_or_refused(text in "[{}()':, <i8a-z0-9ä\\[\\]]{0,80}") {
            let _ = Header::parse(&text);
        }
    }
}
