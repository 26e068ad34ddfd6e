//! Arrays that several formats share: what each row was given, a file an array.

use super::Summary;
use super::rows::{Row, Rows};
use super::target::{Out, Target};
use crate::Error;
use crate::npy::{self, Item};

/// A file of NumPy that is written value by value.
pub(super) struct ArrayFile {
    out: Out,
    buffer: Vec<u8>,
}

/// Bytes that are written at once.
const BUFFER: usize = 1 << 16;

impl ArrayFile {
    /// Begins an array of values of type `T`.
    pub(super) fn new<T: Item>(
        target: &Target,
        name: &str,
        about: &str,
        shape: &[u64],
    ) -> Result<Self, Error> {
        Self::of(T::DESCR, target, name, about, shape)
    }

    /// Begins an array of a type that is named as in the header.
    pub(super) fn of(
        descr: &str,
        target: &Target,
        name: &str,
        about: &str,
        shape: &[u64],
    ) -> Result<Self, Error> {
        let out = target.file(name, about)?;
        Ok(Self { out, buffer: npy::begin(descr, shape) })
    }

    /// Adds a value.
    pub(super) fn put<T: Item>(&mut self, value: T) -> Result<(), Error> {
        value.put(&mut self.buffer);
        self.flush(BUFFER)
    }

    /// Adds a class, or −1.
    pub(super) fn put_class(&mut self, width: Width, value: i32) -> Result<(), Error> {
        width.put(value, &mut self.buffer);
        self.flush(BUFFER)
    }

    fn flush(&mut self, least: usize) -> Result<(), Error> {
        if self.buffer.len() >= least {
            self.out.put(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush(0)?;
        Ok(self.out.finish()?)
    }
}

/// The shortest signed integers that hold classes, one more than there are, and −1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Two,
    Four,
}

impl Width {
    pub(super) fn of(n_classes: usize) -> Self {
        if i8::try_from(n_classes).is_ok() {
            Self::One
        } else if i16::try_from(n_classes).is_ok() {
            Self::Two
        } else {
            Self::Four
        }
    }

    /// How NumPy's headers name the type.
    pub(super) fn descr(self) -> &'static str {
        match self {
            Self::One => i8::DESCR,
            Self::Two => i16::DESCR,
            Self::Four => i32::DESCR,
        }
    }

    /// How people name the type.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One => "int8",
            Self::Two => "int16",
            Self::Four => "int32",
        }
    }

    pub(super) fn put(self, value: i32, out: &mut Vec<u8>) {
        match self {
            Self::One => (value as i8).put(out),
            Self::Two => (value as i16).put(out),
            Self::Four => value.put(out),
        }
    }
}

/// What each row was given: probabilities, label, and known label if there are some.
pub(super) struct GivenFiles {
    probabilities: ArrayFile,
    labels: ArrayFile,
    known: Option<ArrayFile>,
    n_known: u64,
}

impl GivenFiles {
    /// Begins the files of so many rows; `probabilities` is the name of their file.
    pub(super) fn new(
        rows: &Rows<'_>,
        target: &Target,
        probabilities: &str,
        n: u64,
    ) -> Result<Self, Error> {
        let n_classes = rows.names.classes.len() as u64;
        let about = "float64, rows × labels: the probability of each label";
        let probabilities = ArrayFile::new::<f64>(target, probabilities, about, &[n, n_classes])?;
        let about = "int64, a value a row: the label, -1 for none";
        let labels = ArrayFile::new::<i64>(target, "labels.npy", about, &[n])?;
        let about = "int64, a value a row: the label that was known, -1 for none";
        let known = rows.has_known.then(|| ArrayFile::new::<i64>(target, "gold.npy", about, &[n]));
        Ok(Self { probabilities, labels, known: known.transpose()?, n_known: 0 })
    }

    /// Adds a row.
    pub(super) fn put(&mut self, rows: &Rows<'_>, row: &Row<'_>) -> Result<(), Error> {
        for p in rows.probabilities(row.pattern) {
            self.probabilities.put(p)?;
        }
        let number = |class: Option<crate::ClassId>| class.map_or(-1, |class| class.index() as i64);
        self.labels.put(number(rows.given.labels[row.pattern]))?;
        if let Some(known) = &mut self.known {
            known.put(number(row.known))?;
            self.n_known += u64::from(row.known.is_some());
        }
        Ok(())
    }

    /// Ends the files, and counts known labels.
    pub(super) fn finish(self, summary: &mut Summary) -> Result<(), Error> {
        self.probabilities.finish()?;
        self.labels.finish()?;
        if let Some(known) = self.known {
            known.finish()?;
            summary.known = Some(self.n_known);
        }
        Ok(())
    }
}
