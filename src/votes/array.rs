//! Label matrices from Snorkel and other programs in Python: arrays in NumPy's format `.npy`.
//!
//! A row of the array is a row of the data and a column a labeling function; a value is the number of a class,
//! from 0, or −1 to abstain. Where 0 stands for abstaining, as in some programs, classes count from 1. In
//! arrays of floating-point numbers NaN abstains as well.

use super::file::bad_names;
use super::{LabelMatrix, Names, Vote, VotesFile};
use crate::input::{Raw, ReadError};
use crate::npy::{Array, Value};
use crate::{ClassId, LfId};

/// What is known about an array of votes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrayOptions {
    /// The classes in order; `None` names them by their numbers, up to the highest that occurs.
    pub labels: Option<Vec<String>>,
    /// The labeling functions in order; `None` calls them `lf-0`, `lf-1` and so on.
    pub lfs: Option<Vec<String>>,
    /// Whether 0 abstains and classes count from 1; else −1 abstains and they count from 0.
    pub from_one: bool,
    /// A file with a vector of known labels to score against, numbered in the same way.
    pub gold: Option<String>,
    /// A file with a vector of known labels to learn from; it may be the same.
    pub learn: Option<String>,
}

/// The most rows of an array, and the most votes in it: with these a matrix takes five gigabytes of memory.
const MOST: usize = 1 << 28;

/// Arrays, as far as they are read; labels by number.
struct Numbers {
    from_one: bool,
    /// How many classes there are; none where nobody has said.
    given: Option<usize>,
    /// The highest number that came up.
    highest: Option<usize>,
}

impl Numbers {
    /// The class that a value stands for; none for one that abstains.
    fn class(&mut self, value: Value) -> Result<Option<ClassId>, String> {
        let abstains = if self.from_one { 0 } else { -1 };
        let number = match value {
            Value::Missing => return Ok(None),
            Value::Whole(number) if number == abstains => return Ok(None),
            Value::Whole(number) => number,
            Value::Other => return Err("a number that is not whole".to_owned()),
        };
        let index = number - i64::from(self.from_one);
        let index = usize::try_from(index).ok();
        let class = index.filter(|&at| self.given.is_none_or(|n| at < n)).and_then(ClassId::new);
        match class {
            Some(class) => {
                self.highest = self.highest.max(Some(class.index()));
                Ok(Some(class))
            }
            None => Err(number.to_string()),
        }
    }

    /// What may stand in a cell.
    fn allowed(&self) -> String {
        let n = self.given.unwrap_or(ClassId::LIMIT);
        if self.from_one {
            format!("0 to abstain and classes from 1 to {n} are allowed")
        } else {
            format!(
                "-1 to abstain and classes from 0 to {} are allowed; where 0 abstains say so (--abstain 0)",
                n.saturating_sub(1)
            )
        }
    }
}

fn failed(path: &str) -> impl Fn(std::io::Error) -> ReadError + '_ {
    move |source| match source.kind() {
        std::io::ErrorKind::InvalidData => wrong(path, source.to_string()),
        _ => ReadError::Io { path: path.to_owned(), source },
    }
}

fn wrong(path: &str, message: String) -> ReadError {
    ReadError::Syntax { path: path.to_owned(), line: None, message }
}

impl VotesFile {
    /// Reads votes of other programs: a two-dimensional array of whole numbers in NumPy's format, in any
    /// order of its axes, and vectors of known labels.
    ///
    /// Takes memory for the votes that are there, whatever the header claims.
    ///
    /// # Errors
    /// [`ReadError`] when a file is no such array, is cut off or longer than it says, when a value is none of
    /// the classes, or when vectors and names are not as long as the matrix.
    pub fn read_array(path: &str, options: &ArrayOptions) -> Result<Self, ReadError> {
        let given = options.labels.as_ref().map(Vec::len);
        let mut numbers = Numbers { from_one: options.from_one, given, highest: None };
        let io = failed(path);
        let mut file = Raw::open(path)?;
        let mut array = Array::open(&mut file).map_err(&io)?;
        let [n_rows, n_lfs] = *array.shape else {
            let message = format!(
                "it has {} axes; a label matrix has two, rows and labeling functions",
                array.shape.len()
            );
            return Err(wrong(path, message));
        };
        let n_lfs = usize::try_from(n_lfs).ok().filter(|n| (1..=LfId::LIMIT).contains(n));
        let (Some(n_lfs), true) = (n_lfs, n_rows <= MOST as u64) else {
            let message = format!(
                "it has {n_rows} rows and {} columns; {MOST} rows and from 1 to {} columns can be read",
                array.shape[1],
                LfId::LIMIT
            );
            return Err(wrong(path, message));
        };
        let mut cast: Vec<(u32, Vote)> = Vec::new();
        let mut take = |row: u64, lf: LfId, value: Value| -> Result<(), ReadError> {
            let class = numbers.class(value).map_err(|found| {
                let allowed = numbers.allowed();
                let place = format!("row {row}, column {lf}, counted from 0, holds {found}");
                wrong(path, format!("{place}; {allowed}"))
            })?;
            if cast.len() == MOST && class.is_some() {
                let message =
                    format!("there are more than {MOST} votes in it; fit a sample of its rows");
                return Err(wrong(path, message));
            }
            cast.extend(class.map(|class| (row as u32, Vote { lf, choice: class.into() })));
            Ok(())
        };
        if array.fortran {
            for lf in LfId::first(n_lfs) {
                for row in 0..n_rows {
                    take(row, lf, array.value().map_err(&io)?)?;
                }
            }
        } else {
            for row in 0..n_rows {
                for lf in LfId::first(n_lfs) {
                    take(row, lf, array.value().map_err(&io)?)?;
                }
            }
        }
        if !array.ends().map_err(&io)? {
            return Err(wrong(path, "something follows after its values".to_owned()));
        }
        let mut inputs = vec![file.digest()];
        let mut vector = |path: &String| known(path, n_rows, &mut numbers, &mut inputs);
        let gold = options.gold.as_ref().map(&mut vector).transpose()?;
        let learn = options.learn.as_ref().map(&mut vector).transpose()?;
        let classes = match &options.labels {
            Some(labels) => labels.clone(),
            None => {
                let first = usize::from(options.from_one);
                // A label model needs two.
                let n = numbers.highest.map_or(0, |highest| highest + 1).max(2);
                (first..first + n).map(|number| number.to_string()).collect()
            }
        };
        let lfs = match &options.lfs {
            Some(lfs) if lfs.len() != n_lfs => {
                let message = format!("it has {n_lfs} columns, but {} names are given", lfs.len());
                return Err(wrong(path, message));
            }
            Some(lfs) => lfs.clone(),
            None => (0..n_lfs).map(|lf| format!("lf-{lf}")).collect(),
        };
        let names = Names::new(lfs, classes).map_err(|error| bad_names(path, &error))?;
        Ok(Self {
            matrix: LabelMatrix::from_cast(names, n_rows as usize, &cast),
            ids: Vec::new(),
            gold,
            learn,
            inputs,
            guessed: Vec::new(),
            contradictions: Vec::new(),
            repeated: 0,
        })
    }
}

/// A vector of known labels, one a row.
fn known(
    path: &str,
    n_rows: u64,
    numbers: &mut Numbers,
    inputs: &mut Vec<crate::input::Digest>,
) -> Result<Vec<Option<ClassId>>, ReadError> {
    let io = failed(path);
    let mut file = Raw::open(path)?;
    let mut array = Array::open(&mut file).map_err(&io)?;
    // A column is a vector too.
    if !matches!(*array.shape, [n] | [n, 1] if n == n_rows) {
        let axes: Vec<String> = array.shape.iter().map(u64::to_string).collect();
        let message = format!(
            "its shape is ({}); known labels are a vector with one value for each of the {n_rows} rows",
            axes.join(", ")
        );
        return Err(wrong(path, message));
    }
    let mut labels = Vec::new();
    for row in 0..n_rows {
        let value = array.value().map_err(&io)?;
        labels.push(numbers.class(value).map_err(|found| {
            let allowed = numbers.allowed();
            wrong(path, format!("row {row}, counted from 0, holds {found}; {allowed}"))
        })?);
    }
    if !array.ends().map_err(&io)? {
        return Err(wrong(path, "something follows after its values".to_owned()));
    }
    inputs.push(file.digest());
    Ok(labels)
}
