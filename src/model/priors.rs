//! The priors of the anchored model: what is thought of a column before its own votes are counted.

use super::Supervision;
use super::columns::Columns;
use super::expectation::Expected;

/// What the prior of a column learns from other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// `All` when nothing but the votes is known, else `Same`.
    Auto,
    /// How those that vote the same fare, class by class. Tells classes with weak labeling functions
    /// from others, but from votes alone a class whose labeling functions often fire together wins the
    /// rows of the others: their precision falls, all of them are trusted less, and so on. A known class
    /// balance or gold labels put that right.
    Same,
    /// How precise all of them are together: no class can gain on another.
    All,
}

/// P_c, n_columns × n_classes: half "precise as assumed" (ρ), half the pool of other columns; as the
/// user expects where they said so.
pub(super) fn prior(
    columns: &Columns,
    expected: &Expected,
    precision: f64,
    pool: Pool,
    known: &Supervision,
) -> Vec<f64> {
    let k = columns.n_classes;
    let by_choice = match pool {
        Pool::Same => true,
        Pool::All => false,
        Pool::Auto => known.knows_classes(),
    };
    let mut of_choice = vec![0.0; columns.n_choices() * k];
    let (mut right, mut total) = (0.0, 0.0);
    for (c, vote) in columns.votes.iter().enumerate() {
        let row = &expected.counts[c * k..(c + 1) * k];
        for (y, rows) in row.iter().enumerate() {
            of_choice[vote.choice.index() * k + y] += rows;
        }
        // A partial vote is right too easily to tell how precise others are.
        if let [class] = columns.classes(c) {
            right += row[class.index()];
            total += columns.counts[c];
        }
    }
    let pooled_precision = if total > 0.0 { right / total } else { precision };
    let mut prior = Vec::with_capacity(columns.len() * k);
    for (c, vote) in columns.votes.iter().enumerate() {
        // What the user expects of a labeling function does not mix with what others do.
        let (own, share) = match known.trust_in(vote.lf) {
            Some(trust) => (trust, 1.0),
            None => (precision, 0.5),
        };
        let assumed = assumed(columns, c, own);
        if by_choice {
            let row = &of_choice[vote.choice.index() * k..(vote.choice.index() + 1) * k];
            let total: f64 = row.iter().sum();
            let pooled = row.iter().map(|rows| rows / total);
            prior.extend(assumed.iter().zip(pooled).map(|(a, b)| share * a + (1.0 - share) * b));
        } else {
            let pooled = self::assumed(columns, c, pooled_precision);
            prior.extend(assumed.iter().zip(pooled).map(|(a, b)| share * a + (1.0 - share) * b));
        }
    }
    prior
}

/// What a precision means for each class, for a column.
///
/// A class voted for alone has ρ, the precision, and each other one (1 − ρ) / (K − 1). A partial vote
/// rules a class out as firmly, and its own classes share the rest: with ρ on all of them
/// together, a vote against one class of twenty would speak for it. In the column of a bucket of scores
/// with the middle m, ρ m + (1 − ρ) / K stands for ρ: with probability ρ the score means what it
/// says, else nothing.
fn assumed(columns: &Columns, c: usize, precision: f64) -> Vec<f64> {
    let (k, n) = (columns.n_classes, columns.classes(c).len());
    let precision = columns
        .choice(c)
        .bucket()
        .map_or(precision, |bucket| precision * bucket.middle() + (1.0 - precision) / k as f64);
    let wrong = (1.0 - precision) / (k - 1) as f64;
    let right = match n {
        1 => precision,
        _ => (1.0 - (k - n) as f64 * wrong) / n as f64,
    };
    let mut row = vec![wrong; k];
    columns.classes(c).iter().for_each(|class| row[class.index()] = right);
    row
}
