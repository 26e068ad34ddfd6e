//! A sample of a source: what is wanted, drawn in one pass.

use super::{Allocation, Importance, Reservoir, SampleError, Strata, Stratum, VarOpt};
use crate::FieldId;
use crate::input::{Batch, Field, ReadError, Source};
use crate::lf::Watch;
use crate::random::{mix, unit};

/// Which rows are drawn.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Design {
    /// `n` rows, each subset as likely as every other.
    Simple {
        /// How many.
        n: usize,
    },
    /// Each row with this probability, independently of the others (a Bernoulli sample). No row waits in memory.
    Share {
        /// The probability.
        share: f64,
    },
    /// `n` rows, at random within strata.
    Stratified {
        /// How many.
        n: usize,
        /// The column whose values are the strata.
        by: String,
        /// How the places are given to strata.
        allocation: Allocation,
    },
    /// `n` rows, with probabilities proportional to a weight as far as none is above 1.
    Weighted {
        /// How many.
        n: usize,
        /// The column of weights.
        by: String,
    },
    /// Up to `n` rows, most by a score and some at random.
    Importance {
        /// How many, at the most.
        n: usize,
        /// The column of scores.
        by: String,
        /// The share of the places that is drawn at random.
        uniform: f64,
    },
}

/// A wish for a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Which rows are drawn.
    pub design: Design,
    /// Another number draws other rows; the same data and number always the same ones.
    pub seed: u64,
}

/// A row of a sample.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampledRow {
    /// Its number in the data, from 0.
    pub row: u64,
    /// The probability with which it is in the sample, in (0, 1].
    pub inclusion: f64,
    /// All of it as JSON, as [`Field::row`] gives it; `None` where rows are looked up by number.
    pub whole: Option<Box<str>>,
}

/// What was drawn, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drawn {
    /// Rows of the data.
    pub rows: u64,
    /// Rows of the sample.
    pub drawn: u64,
    /// Rows of the sample that are in it for certain.
    pub certain: u64,
    /// Rows of the data that can never be drawn, since their weight is 0.
    pub never: u64,
    /// The strata, by their values.
    pub strata: Vec<Stratum>,
}

/// What is kept of a row.
#[derive(Clone)]
struct Kept {
    row: u64,
    whole: Option<Box<str>>,
}

/// A row that is offered.
struct Offered<'a> {
    row: u64,
    text: Option<&'a str>,
}

impl Offered<'_> {
    fn keep(&self) -> Kept {
        Kept { row: self.row, whole: self.text.map(Into::into) }
    }
}

/// Where the field of the design and that of whole rows stand.
const BY: usize = 0;

impl Plan {
    /// What has to be read: the column of the design if it has one, and whole rows.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let by = match &self.design {
            Design::Simple { .. } | Design::Share { .. } => None,
            Design::Stratified { by, .. } => Some(Field::text(by)),
            Design::Weighted { by, .. } | Design::Importance { by, .. } => Some(Field::number(by)),
        };
        by.into_iter().chain([Field::row()]).collect()
    }

    /// Whether the wish can be met by any data.
    ///
    /// # Errors
    /// [`SampleError::NoRows`], [`SampleError::Share`].
    pub fn check(&self) -> Result<(), SampleError> {
        let share = |what, found: f64, least: bool| {
            let fits = found <= 1.0 && (found > 0.0 || (least && found == 0.0));
            let found = format!("{} %", 100.0 * found);
            if fits { Ok(()) } else { Err(SampleError::Share { what, found }) }
        };
        match &self.design {
            Design::Share { share: wanted } => share("the share of rows", *wanted, false),
            Design::Importance { n, uniform, .. } if *n > 0 => {
                share("the share that is drawn at random", *uniform, true)
            }
            Design::Simple { n: 0 }
            | Design::Stratified { n: 0, .. }
            | Design::Weighted { n: 0, .. }
            | Design::Importance { n: 0, .. } => Err(SampleError::NoRows),
            _ => Ok(()),
        }
    }

    /// Draws the sample of a source that was opened with [`fields`](Self::fields), and hands its rows out in the
    /// order of the data.
    ///
    /// # Errors
    /// [`SampleError`] when the wish cannot be met; what `take` says.
    pub fn draw<E: From<SampleError>>(
        &self,
        source: &mut dyn Source,
        watch: &dyn Watch,
        take: &mut dyn FnMut(SampledRow) -> Result<(), E>,
    ) -> Result<Drawn, E> {
        self.check()?;
        let mut drawn = Drawn::default();
        let seed = self.seed;
        let mut sample = match &self.design {
            Design::Simple { n } => {
                let mut reservoir = Reservoir::with_seed(*n, seed);
                drawn.rows = each(source, watch, false, |_, offered| {
                    reservoir.offer(|| offered.keep());
                    Ok::<(), E>(())
                })?;
                enough(*n, drawn.rows, "")?;
                let inclusion = reservoir.inclusion();
                reservoir.into_kept().into_iter().map(|row| (row, inclusion)).collect()
            }
            Design::Share { share } => {
                drawn.rows = each(source, watch, false, |_, offered| {
                    if unit(mix(mix(seed) ^ offered.row)) < *share {
                        drawn.drawn += 1;
                        return take(sampled(offered.keep(), *share));
                    }
                    Ok(())
                })?;
                drawn.certain = if *share >= 1.0 { drawn.drawn } else { 0 };
                return Ok(drawn);
            }
            Design::Stratified { n, allocation, .. } => {
                let mut strata = Strata::new(*n, *allocation, seed);
                let field = field(BY);
                drawn.rows = each(source, watch, true, |(batch, at), offered| {
                    let value = field.and_then(|field| batch.text(field, at));
                    strata.offer(value, || offered.keep()).map_err(E::from)
                })?;
                let (sample, strata) = strata.finish()?;
                drawn.strata = strata;
                sample
            }
            Design::Weighted { n, by } => {
                let mut sample = VarOpt::with_seed(*n, seed);
                drawn.rows = each(source, watch, true, |(batch, at), offered| {
                    let weight = weight(batch, at, by)?;
                    drawn.never += u64::from(weight == 0.0);
                    sample.offer(weight, || offered.keep());
                    Ok::<(), E>(())
                })?;
                enough(*n, drawn.rows - drawn.never, WEIGHTED)?;
                sample.into_kept()
            }
            Design::Importance { n, by, uniform } => {
                let mut sample = Importance::new(*n, *uniform, seed);
                let mut unscored = 0;
                drawn.rows = each(source, watch, true, |(batch, at), offered| {
                    let score = weight(batch, at, by)?;
                    unscored += u64::from(score == 0.0);
                    sample.offer(score, || offered.keep());
                    Ok::<(), E>(())
                })?;
                enough(*n, drawn.rows, "")?;
                enough(sample.n_by_score(*n), drawn.rows - unscored, WEIGHTED)?;
                drawn.never = if *uniform > 0.0 { 0 } else { unscored };
                sample.finish()
            }
        };
        sample.sort_by_key(|(kept, _)| kept.row);
        drawn.drawn = sample.len() as u64;
        drawn.certain = sample.iter().filter(|(_, inclusion)| *inclusion >= 1.0).count() as u64;
        sample.into_iter().try_for_each(|(kept, inclusion)| take(sampled(kept, inclusion)))?;
        Ok(drawn)
    }
}

const WEIGHTED: &str = " with a weight above 0";

fn field(at: usize) -> Option<FieldId> {
    FieldId::new(at)
}

fn sampled(kept: Kept, inclusion: f64) -> SampledRow {
    SampledRow { row: kept.row, inclusion, whole: kept.whole }
}

fn enough(n: usize, rows: u64, of: &'static str) -> Result<(), SampleError> {
    let asked = n as u64;
    if asked > rows { Err(SampleError::TooFew { asked, rows, of }) } else { Ok(()) }
}

/// Hands out each row, and says how many there are.
fn each<E: From<SampleError>>(
    source: &mut dyn Source,
    watch: &dyn Watch,
    by: bool,
    mut offer: impl FnMut((&Batch, usize), &Offered<'_>) -> Result<(), E>,
) -> Result<u64, E> {
    let whole = field(usize::from(by));
    let mut rows = 0;
    while let Some(batch) = source.next_batch().map_err(SampleError::from)? {
        if watch.stopped() {
            return Err(SampleError::from(ReadError::Interrupted).into());
        }
        for at in 0..batch.n_rows() {
            let text = whole.and_then(|whole| batch.text(whole, at));
            offer((&batch, at), &Offered { row: batch.start() + at as u64, text })?;
        }
        rows += batch.n_rows() as u64;
        watch.voted(batch.n_rows());
    }
    Ok(rows)
}

/// The weight of a row.
fn weight(batch: &Batch, at: usize, column: &str) -> Result<f64, SampleError> {
    let wrong = |found: String| SampleError::Weight {
        row: batch.start() + at as u64,
        column: column.to_owned(),
        found,
    };
    let cells = field(BY).and_then(|field| batch.column(field));
    match cells {
        Some(crate::input::Column::Number(_)) => {}
        _ => return Err(wrong("no numbers".to_owned())),
    }
    match field(BY).and_then(|field| batch.number(field, at)) {
        Some(weight) if weight >= 0.0 && weight.is_finite() => Ok(weight),
        Some(other) => Err(wrong(other.to_string())),
        None if cells.is_some_and(|cells| cells.is_valid(at)) => Err(wrong("NaN".to_owned())),
        None => Err(wrong("nothing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{DRAWS, within_four_errors};
    use super::*;
    use crate::input::Table;
    use crate::lf::Unwatched;

    fn draw(
        design: Design,
        seed: u64,
        table: &Table,
    ) -> Result<(Vec<(u64, f64)>, Drawn), SampleError> {
        let plan = Plan { design, seed };
        let mut rows = Vec::new();
        let mut source = table.open(&plan.fields())?;
        let drawn = plan.draw(source.as_mut(), &Unwatched, &mut |row| {
            rows.push((row.row, row.inclusion));
            Ok::<(), SampleError>(())
        })?;
        Ok((rows, drawn))
    }

    /// One sample of a million rows: each is drawn by a decision of its own.
    #[test]
    fn a_share_of_rows_is_drawn_as_often_as_is_said() {
        let table = Table::new().integer("row", (0..DRAWS as i64).map(Some));
        for (seed, share) in [(0, 0.3), (1, 0.3), (2, 0.01), (3, 0.9)] {
            let (rows, drawn) = draw(Design::Share { share }, seed, &table).expect("drawn");
            assert_eq!((drawn.rows, drawn.drawn), (DRAWS, rows.len() as u64));
            assert!(rows.iter().all(|(_, inclusion)| *inclusion == share));
            within_four_errors(drawn.drawn, share);
            let even = rows.iter().filter(|(row, _)| row % 2 == 0).count() as f64;
            let half = rows.len() as f64 / 2.0;
            assert!((even - half).abs() < 4.0 * (half / 2.0).sqrt(), "{even} of {half}");
        }
    }

    #[test]
    fn rows_come_in_the_order_of_the_data_and_the_same_for_a_seed() {
        let weights = (0..500).map(|row| Some(f64::from(row % 7)));
        let table = Table::new()
            .number("w", weights)
            .text("s", (0..500).map(|r| Some(format!("{}", r % 3))));
        let by = || "w".to_owned();
        for design in [
            Design::Simple { n: 20 },
            Design::Share { share: 0.1 },
            Design::Stratified { n: 20, by: "s".into(), allocation: Allocation::Equal },
            Design::Weighted { n: 20, by: by() },
            Design::Importance { n: 20, by: by(), uniform: 0.2 },
        ] {
            let (rows, drawn) = draw(design.clone(), 3, &table).expect("drawn");
            assert!(rows.is_sorted_by(|one, next| one.0 < next.0), "{rows:?}");
            assert!(rows.iter().all(|(_, p)| *p > 0.0 && *p <= 1.0), "{rows:?}");
            assert_eq!((drawn.rows, drawn.drawn), (500, rows.len() as u64));
            assert_eq!(draw(design.clone(), 3, &table).expect("drawn").0, rows);
            assert_ne!(draw(design, 4, &table).expect("drawn").0, rows);
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let table = |weights: [Option<f64>; 3]| Table::new().number("w", weights);
        let by = || "w".to_owned();
        let (one, none) = (Some(1.0), Some(0.0));
        for (design, weights, message) in [
            (Design::Simple { n: 0 }, [one; 3], "at least one row"),
            (
                Design::Simple { n: 4 },
                [one; 3],
                "4 rows are wanted, but the data have only 3; ask for 3 or fewer",
            ),
            (Design::Share { share: 1.5 }, [one; 3], "the share of rows is 150 %"),
            (Design::Share { share: 0.0 }, [one; 3], "above 0 %"),
            (Design::Share { share: f64::NAN }, [one; 3], "NaN %"),
            (
                Design::Weighted { n: 2, by: by() },
                [one, none, none],
                "only 1 with a weight above 0",
            ),
            (
                Design::Weighted { n: 2, by: by() },
                [one, Some(-1.0), one],
                "data row 2: column `w` holds -1",
            ),
            (
                Design::Weighted { n: 2, by: by() },
                [one, one, None],
                "data row 3: column `w` holds nothing",
            ),
            (
                Design::Weighted { n: 2, by: by() },
                [Some(f64::NAN), one, one],
                "data row 1: column `w` holds NaN",
            ),
            (Design::Weighted { n: 2, by: by() }, [Some(f64::INFINITY), one, one], "holds inf"),
            (Design::Weighted { n: 2, by: "ww".into() }, [one; 3], "did you mean `w`?"),
            (
                Design::Importance { n: 2, by: by(), uniform: -0.1 },
                [one; 3],
                "drawn at random is -10 %",
            ),
        ] {
            let error = draw(design, 0, &table(weights)).expect_err(message).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
