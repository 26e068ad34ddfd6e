//! Rows of rare labels several times, or fewer rows of common ones: for training that has no use for weights.
//!
//! With nₖ rows of class k and tₖ rows wanted of it, every row of the class is there ⌊tₖ / nₖ⌋ times, and
//! tₖ mod nₖ of them, drawn at random without replacement, once more: no row is left out before another
//! one is repeated. Rows keep their order. A row stands for nₖ / tₖ rows of the labels, which is its weight:
//! sums with these weights are those of the labels as they were. Rows without a label are left out.

use crate::random::Random;

/// How many rows of each class are wanted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Balance {
    /// As many as of the most common class.
    Over,
    /// As many as of the least common class that has rows.
    Under,
    /// These shares, one a class, of as many rows in all, or of as many as have a label.
    Shares {
        /// The share of each class; they sum to 1.
        shares: Vec<f64>,
        /// Rows in all.
        rows: Option<u64>,
    },
}

/// Rows that were drawn.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Resampled {
    /// The number of each row that was drawn, in ascending order; one may come several times.
    pub rows: Vec<u32>,
    /// Of each class, rows that there are.
    pub before: Vec<u64>,
    /// Of each class, rows that were drawn.
    pub after: Vec<u64>,
}

impl Resampled {
    /// How many rows of the labels a row of this class stands for; 0 where none was drawn.
    #[must_use]
    pub fn weight(&self, class: u32) -> f64 {
        let at = class as usize;
        match (self.before.get(at), self.after.get(at)) {
            (Some(&before), Some(&after)) if after > 0 => before as f64 / after as f64,
            _ => 0.0,
        }
    }
}

/// Why rows cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// No row has a label.
    #[error("no row has a label, so that there is nothing to draw from")]
    NoLabels,
    /// Rows of a class are wanted, and there are none.
    #[error(
        "{wanted} rows with the label `{class}` are wanted, but no row has it; give it the share 0, or label some"
    )]
    NoRows {
        /// The class.
        class: String,
        /// Rows that are wanted.
        wanted: u64,
    },
    /// Shares that are none.
    #[error("the shares must be from 0 to 1 and sum to 1, one for every label; they sum to {sum}")]
    Shares {
        /// What they sum to.
        sum: f64,
    },
    /// More rows than there are numbers for.
    #[error("{rows} rows would be drawn; the most are {}", MOST_ROWS)]
    TooManyRows {
        /// Rows that are wanted.
        rows: u64,
    },
}

/// The most rows that are drawn.
const MOST_ROWS: u64 = u32::MAX as u64;

/// Draws rows by their labels, which are positions among `classes`; the same seed draws the same rows.
///
/// ```
/// use jurat::resample::{Balance, resample};
/// let classes = ["ham".to_owned(), "spam".to_owned()];
/// let labels = [Some(0), Some(0), Some(1), Some(0), None];
/// let drawn = resample(&labels, &classes, &Balance::Over, 1)?;
/// assert_eq!(drawn.rows, [0, 1, 2, 2, 2, 3]);
/// assert_eq!(drawn.weight(1), 1.0 / 3.0);
/// # Ok::<(), jurat::resample::ResampleError>(())
/// ```
///
/// # Errors
/// [`ResampleError`] when there are no rows to draw from, or shares are none.
pub fn resample(
    labels: &[Option<u32>],
    classes: &[String],
    balance: &Balance,
    seed: u64,
) -> Result<Resampled, ResampleError> {
    let mut of_class: Vec<Vec<u32>> = vec![Vec::new(); classes.len()];
    for (row, label) in (0_u32..).zip(labels) {
        if let Some(rows) = label.and_then(|label| of_class.get_mut(label as usize)) {
            rows.push(row);
        }
    }
    let before: Vec<u64> = of_class.iter().map(|rows| rows.len() as u64).collect();
    let after = wanted(&before, balance)?;
    let all: u64 = after.iter().fold(0, |sum, &rows| sum.saturating_add(rows));
    if all > MOST_ROWS {
        return Err(ResampleError::TooManyRows { rows: all });
    }
    let mut rows = Vec::with_capacity(all as usize);
    for (class, mut from) in of_class.into_iter().enumerate() {
        let wanted = after[class];
        if from.is_empty() {
            if wanted > 0 {
                return Err(ResampleError::NoRows { class: classes[class].clone(), wanted });
            }
            continue;
        }
        let n = from.len() as u64;
        for _ in 0..wanted / n {
            rows.extend_from_slice(&from);
        }
        // Fisher and Yates, as far as is needed.
        let mut random = Random::stream(seed, class as u64);
        for drawn in 0..wanted % n {
            let other = drawn + below(&mut random, n - drawn);
            from.swap(drawn as usize, other as usize);
            rows.push(from[drawn as usize]);
        }
    }
    rows.sort_unstable();
    Ok(Resampled { rows, before, after })
}

/// A number below `n`: of 128 bits the higher ones, so near to uniform that no draw could tell.
fn below(random: &mut Random, n: u64) -> u64 {
    ((u128::from(random.bits()) * u128::from(n)) >> 64) as u64
}

/// Rows of each class that are wanted.
fn wanted(before: &[u64], balance: &Balance) -> Result<Vec<u64>, ResampleError> {
    let there = || before.iter().copied().filter(|&rows| rows > 0);
    let same = |rows: u64| before.iter().map(|&n| if n > 0 { rows } else { 0 }).collect();
    let (Some(most), Some(least)) = (there().max(), there().min()) else {
        return Err(ResampleError::NoLabels);
    };
    match balance {
        Balance::Over => Ok(same(most)),
        Balance::Under => Ok(same(least)),
        Balance::Shares { shares, rows } => {
            let sum: f64 = shares.iter().sum();
            let sound = shares.iter().all(|share| (0.0..=1.0).contains(share));
            if !sound || shares.len() != before.len() || (sum - 1.0).abs() > 1e-6 {
                return Err(ResampleError::Shares { sum });
            }
            let rows = rows.unwrap_or_else(|| there().sum());
            if rows > MOST_ROWS {
                return Err(ResampleError::TooManyRows { rows });
            }
            Ok(apportion(shares, rows))
        }
    }
}

/// Whole numbers that sum to `rows`, as near to the shares as can be: the largest remainders are rounded up.
fn apportion(shares: &[f64], rows: u64) -> Vec<u64> {
    let exact: Vec<f64> = shares.iter().map(|share| share * rows as f64).collect();
    let mut whole: Vec<u64> = exact.iter().map(|part| part.floor() as u64).collect();
    let mut order: Vec<usize> = (0..shares.len()).filter(|&class| shares[class] > 0.0).collect();
    let remainder = |class: &usize| exact[*class] - exact[*class].floor();
    order.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    let left = rows.saturating_sub(whole.iter().sum());
    for class in order.into_iter().take(left as usize) {
        whole[class] += 1;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Vec<String> {
        ["a", "b", "c"].map(str::to_owned).into()
    }

    /// 60 rows of a, 30 of b, 10 of c, mixed, and some without a label.
    fn labels() -> Vec<Option<u32>> {
        let label = |row: u32| match row % 11 {
            10 => None,
            0..=5 => Some(0),
            6..=8 => Some(1),
            _ => Some(2),
        };
        (0..110).map(label).collect()
    }

    #[test]
    fn classes_are_as_common_as_wanted_and_weights_undo_it() {
        let shares = |shares: &[f64], rows| Balance::Shares { shares: shares.to_vec(), rows };
        for (balance, wanted) in [
            (Balance::Over, [60, 60, 60]),
            (Balance::Under, [10, 10, 10]),
            (shares(&[0.5, 0.25, 0.25], None), [50, 25, 25]),
            (shares(&[0.5, 0.25, 0.25], Some(1000)), [500, 250, 250]),
            (shares(&[0.0, 0.5, 0.5], Some(7)), [0, 4, 3]),
            (shares(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], Some(100)), [34, 33, 33]),
        ] {
            let labels = labels();
            let drawn = resample(&labels, &classes(), &balance, 3).expect("rows");
            assert_eq!(
                (drawn.before.as_slice(), drawn.after.as_slice()),
                (&[60, 30, 10][..], &wanted[..])
            );
            let mut times = vec![0_u64; labels.len()];
            drawn.rows.iter().for_each(|&row| times[row as usize] += 1);
            assert!(drawn.rows.is_sorted());
            for (class, (&n, &t)) in drawn.before.iter().zip(&wanted).enumerate() {
                let of_class =
                    labels.iter().zip(&times).filter(|(label, _)| **label == Some(class as u32));
                let of_class: Vec<u64> = of_class.map(|(_, &times)| times).collect();
                assert_eq!(of_class.iter().sum::<u64>(), t);
                // No row is left out before another is repeated.
                assert!(of_class.iter().all(|&times| times == t / n || times == t / n + 1));
                let weight = drawn.weight(class as u32) * t as f64;
                assert!(t == 0 || (weight - n as f64).abs() < 1e-9);
            }
            assert!(labels.iter().zip(&times).all(|(label, &n)| label.is_some() || n == 0));
        }
    }

    #[test]
    fn the_seed_draws() {
        let draw =
            |seed| resample(&labels(), &classes(), &Balance::Under, seed).expect("rows").rows;
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        // Every row has its chance: of 60 rows 10 are drawn.
        let mut times = [0; 110];
        (0..600).flat_map(draw).for_each(|row| times[row as usize] += 1);
        let of_a = labels()
            .iter()
            .zip(times)
            .filter(|(label, _)| **label == Some(0))
            .map(|(_, n)| n)
            .collect::<Vec<_>>();
        assert!(of_a.iter().all(|n| (60..150).contains(n)), "{of_a:?}");
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let draw = |labels: &[Option<u32>], balance| resample(labels, &classes(), &balance, 1);
        let shares = |shares: [f64; 3], rows| Balance::Shares { shares: shares.into(), rows };
        for (labels, balance, wanted) in [
            (vec![None, None], Balance::Over, "no row has a label"),
            (
                vec![Some(0)],
                shares([0.5, 0.5, 0.0], Some(4)),
                "2 rows with the label `b` are wanted",
            ),
            (vec![Some(0)], shares([0.5, 0.5, 0.5], None), "they sum to 1.5"),
            (vec![Some(0)], shares([2.0, -1.0, 0.0], None), "from 0 to 1"),
            (vec![Some(0)], shares([1.0, 0.0, 0.0], Some(u64::MAX)), "the most are 4294967295"),
        ] {
            let message = draw(&labels, balance).expect_err(wanted).to_string();
            assert!(message.contains(wanted), "{message}");
        }
        // A class that nobody has is left out, unless it is asked for.
        let drawn = draw(&[Some(0), Some(1)], Balance::Over).expect("rows");
        assert_eq!(drawn.after, [1, 1, 0]);
    }
}
