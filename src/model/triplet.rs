//! Triplets: the precision of each vote in closed form, from how three labeling functions agree.
//!
//! Fu, Chen, Sala, Hooper, Fatahalian & Ré (2020), "Fast and three-rious: speeding up weak
//! supervision with triplet methods" (FlyingSquid), arXiv:2002.11955. One class, or the classes of a
//! partial vote, against the rest: a vote λ is 1 for the class, −1 for another, 0 for an abstention,
//! and Y is 1 or −1. If three labeling functions are independent given Y, the moment of any two is the
//! product of what each shares with Y, a_i a_j = M_ij, so that a_i = √(M_ij M_ik / M_jk): nothing is
//! searched. What all pairs j, k say together is the estimate. Posteriors are naive Bayes with these
//! precisions, and with the known class balance as the prior, else the uniform one.
//!
//! With `moments: raw`, as in the paper, M_ij = E[λ_i λ_j] and a_i = E[λ_i Y] ≥ 0; the joint
//! distribution of λ_i and Y follows if the rate of abstention is the same for all classes.
//! `average: mean` with it gives the numbers of FlyingSquid. For labeling functions that vote one class
//! neither premise holds: two of the same class only ever agree. So the default is
//! `moments: centered`: with the covariances Cov(x_i, λ_j) of x_i = 1 where i votes for the class, and
//! Cov(λ_j, λ_k), the root is Cov(x_i, Y) / sd(Y), whatever the polarity and the rate of abstention.
//! Then the sign is recovered too: it is that of the sum of an LF's covariances with all others, on
//! the premise that they are mostly better than chance. And the default is `average: pooled`, the least
//! squares solution a_i² = Σ M_ij M_ik M_jk / Σ M_jk², to which pairs that share little add little.
//! Both defaults were chosen on 18 real label matrices, with their scores in sight: single triplets of
//! sparse labeling functions are mostly noise, and so are their median and mean.
//!
//! What guards the closed form:
//!
//! * The class balance counts once in the posterior; FlyingSquid 0.0.0a0 counts it twice, as it divides
//!   by P(Y) one time too few.
//! * A triplet with M_jk = 0 is left out; FlyingSquid counts it as a 0.
//! * A precision stays in [1 / (v + 2), 1 − 1 / (v + 2)] for v votes; with raw moments a negative joint
//!   probability counts by its absolute value, as in FlyingSquid.
//! * A labeling function that votes together with fewer than two others, has no triplet, or whose
//!   square is negative so that there is no root, gets the precision assumed by the setting
//!   `precision`. So do all when there are fewer than three.
//! * With more than 64 labeling functions, pairs j, k are taken from the 64 that most often vote
//!   together with others (the first ones among equals), so that the cost grows with the number of
//!   labeling functions, not with its cube.

use super::columns::Columns;
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::{BalanceUse, Evidence, FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::{ClassId, Patterns};
use rayon::prelude::*;

/// The triplet model and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Triplet {
    /// Which moments to use. Default: centered.
    pub moments: Moments,
    /// How to join triplets. Default: pooled.
    pub average: Average,
    /// Precision of the votes of an LF without triplets, between 0 and 1. Default 0.7.
    pub precision: f64,
    /// What to do with a known class balance besides using it as the prior. Default: match it.
    pub balance: BalanceUse,
}

/// Moments that triplets are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// Covariances, which fit labeling functions that vote one class.
    Centered,
    /// Products, as in the paper and in FlyingSquid.
    Raw,
}

/// How many estimates become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// The least squares solution of all.
    Pooled,
    /// The middle one.
    Median,
    /// The mean, which a single small M_jk can ruin; FlyingSquid's default.
    Mean,
}

impl Default for Triplet {
    fn default() -> Self {
        Self {
            moments: Moments::Centered,
            average: Average::Pooled,
            precision: 0.7,
            balance: BalanceUse::Match,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "triplet",
    summary: "precisions in closed form from agreements of three LFs, as FlyingSquid",
    uses_trust: false,
    settings: &[
        Setting { name: "moments", summary: "centered, or raw as in FlyingSquid (centered)" },
        Setting { name: "average", summary: "pooled, median or mean of the triplets (pooled)" },
        Setting { name: "precision", summary: "precision of an LF without triplets (0.7)" },
        Setting { name: "balance", summary: "a known one is the prior, or match it (match)" },
    ],
    build: |values| Ok(Box::new(Triplet::from_settings(values)?)),
};

impl Triplet {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            moments: values.word(
                "moments",
                default.moments,
                "centered or raw",
                &[("centered", Moments::Centered), ("raw", Moments::Raw)],
            )?,
            average: values.word(
                "average",
                default.average,
                "pooled, median or mean",
                &[
                    ("pooled", Average::Pooled),
                    ("median", Average::Median),
                    ("mean", Average::Mean),
                ],
            )?,
            precision: values.probability("precision", default.precision)?,
            balance: values.balance(default.balance)?,
        })
    }
}

impl LabelModel for Triplet {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let shares = known.shares(votes.n_classes());
        let precisions = self.precisions(&columns, votes.n_rows() as f64, &shares);
        let evidence = columns.votes.iter().zip(precisions).enumerate();
        let evidence = evidence
            .map(|(c, (&vote, precision))| Evidence {
                vote,
                scores: scores(columns.classes(c), precision, &shares),
            })
            .collect();
        let bias = shares.iter().map(|share| share.ln()).collect();
        let member = Member::Evidence { bias, evidence };
        let trace = Trace { rounds: 1, converged: true, objective: Vec::new() };
        Draft::new(ENTRY.name, member, trace).finish_by(self.balance, votes, known)
    }
}

/// log P(vote | Y = y) up to a constant: one value for the classes of the vote and one for all others.
fn scores(classes: &[ClassId], precision: f64, shares: &[f64]) -> Vec<f64> {
    let share = together(classes, shares);
    let mut scores = vec![((1.0 - precision) / (1.0 - share)).ln(); shares.len()];
    classes.iter().for_each(|class| scores[class.index()] = (precision / share).ln());
    scores
}

/// The share of several classes.
fn together(classes: &[ClassId], shares: &[f64]) -> f64 {
    classes.iter().map(|class| shares[class.index()]).sum()
}

/// The most labeling functions that pairs j, k are taken from.
const PARTNERS: usize = 64;

/// Moments below this are rounding errors.
const NOTHING: f64 = 1e-12;

impl Triplet {
    /// P(Y is of the column's classes | the column fired) for each column.
    fn precisions(&self, columns: &Columns, n_rows: f64, shares: &[f64]) -> Vec<f64> {
        let lfs = Lfs::new(columns);
        let mut sides: Vec<&[ClassId]> = (0..columns.len()).map(|c| columns.classes(c)).collect();
        sides.sort_unstable();
        sides.dedup();
        let of_side: Vec<Vec<(usize, f64)>> = sides
            .into_par_iter()
            .map(|side| {
                let view = View::new(columns, &lfs, side, n_rows, self.moments);
                let share = together(side, shares);
                let estimate = |c: usize| self.precision_of(c, columns, &lfs, &view, share);
                view.own.par_iter().map(|&c| (c, estimate(c))).collect()
            })
            .collect();
        let mut precisions = vec![0.5; columns.len()];
        for (c, precision) in of_side.into_iter().flatten() {
            let least = 1.0 / (columns.counts[c] + 2.0);
            precisions[c] = precision.clamp(least, 1.0 - least);
        }
        precisions
    }

    fn precision_of(&self, c: usize, columns: &Columns, lfs: &Lfs, view: &View, share: f64) -> f64 {
        let lf = lfs.of_column[c];
        let strength =
            (lfs.n_overlapping[lf] >= 2).then(|| self.strength(c, lf, lfs, view)).flatten();
        let Some(strength) = strength else {
            // As an accuracy of that size would change a balance of one half, and at least the precision.
            let right = self.precision * share;
            return self.precision.max(right / (right + (1.0 - self.precision) * (1.0 - share)));
        };
        match self.moments {
            Moments::Centered => {
                let fired = columns.counts[c] / view.n_rows;
                share + strength * (share * (1.0 - share)).sqrt() / fired
            }
            Moments::Raw => {
                // From P(λ = 1), P(λ = 0 | Y) = P(λ = 0) and P(λ = Y): P(λ = 1, Y = 1).
                let (fired, silent) = (view.sides[lf].0, 1.0 - view.sides[lf].0 - view.sides[lf].1);
                let equal = (1.0 + strength - silent) / 2.0;
                let right = (share + fired + equal + (1.0 - share) * silent - 1.0) / 2.0;
                right.abs() / (right.abs() + (fired - right).abs())
            }
        }
    }

    /// What the pairs of partners say together; `None` when they give no root.
    fn strength(&self, c: usize, lf: usize, lfs: &Lfs, view: &View) -> Option<f64> {
        let n = lfs.partners.len();
        let with = view.with_partners(c);
        let partners: Vec<usize> = (0..n).filter(|&p| lfs.partners[p] != lf).collect();
        let pairs = partners.iter().enumerate().flat_map(|(at, &j)| {
            partners[..at].iter().map(move |&k| (with[j] * with[k], view.between[j * n + k]))
        });
        let pairs = pairs.filter(|(_, between)| between.abs() > NOTHING);
        let root = |square: f64| match self.moments {
            Moments::Raw => square.abs().sqrt(),
            // What is noise has squares of both signs, and an average near 0.
            Moments::Centered => square.abs().sqrt().copysign(square),
        };
        let roots = || pairs.clone().map(|(product, between)| root(product / between));
        let average = match self.average {
            Average::Pooled => {
                let (above, below) = pairs
                    .clone()
                    .fold((0.0, 0.0), |(above, below), (p, m)| (above + p * m, below + m * m));
                (below > 0.0).then(|| (above / below).max(0.0).sqrt())
            }
            Average::Median => median(&mut roots().collect::<Vec<_>>()),
            Average::Mean => {
                let (sum, count) = roots().fold((0.0, 0.0), |(sum, n), root| (sum + root, n + 1.0));
                (count > 0.0).then(|| sum / count)
            }
        }?;
        match self.moments {
            Moments::Raw => Some(average),
            Moments::Centered => {
                let agreement: f64 = partners.iter().map(|&j| with[j]).sum();
                (average > 0.0).then(|| average.copysign(agreement))
            }
        }
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(values: &mut [f64]) -> Option<f64> {
    let half = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if odd {
        return Some(*upper);
    }
    below.iter().copied().max_by(f64::total_cmp).map(|lower| f64::midpoint(lower, *upper))
}

/// The labeling functions that vote, numbered in their order.
struct Lfs {
    of_column: Vec<usize>,
    n: usize,
    /// With how many others each votes on some row, counted up to 2.
    n_overlapping: Vec<usize>,
    /// Those that pairs are taken from, ascending.
    partners: Vec<usize>,
    /// For each its place among the partners.
    place: Vec<Option<usize>>,
}

impl Lfs {
    fn new(columns: &Columns) -> Self {
        let mut of_column: Vec<usize> = Vec::with_capacity(columns.len());
        for (c, vote) in columns.votes.iter().enumerate() {
            let next = of_column.last().map_or(0, |lf| lf + 1);
            let same = c > 0 && columns.votes[c - 1].lf == vote.lf;
            of_column.push(if same { next - 1 } else { next });
        }
        let n = of_column.last().map_or(0, |lf| lf + 1);
        let mut together = vec![0.0; n];
        let mut first_other: Vec<Option<usize>> = vec![None; n];
        let mut n_overlapping = vec![0; n];
        for u in 0..columns.n_patterns() {
            let voters: Vec<usize> = columns.fired(u).map(|c| of_column[c]).collect();
            for &lf in voters.iter().filter(|_| voters.len() > 1) {
                together[lf] += columns.rows[u];
                // Where there are three voters, the first two others are enough.
                for &other in voters.iter().filter(|&&other| other != lf).take(2) {
                    match first_other[lf] {
                        None => (first_other[lf], n_overlapping[lf]) = (Some(other), 1),
                        Some(first) if first != other => n_overlapping[lf] = 2,
                        Some(_) => {}
                    }
                }
            }
        }
        let mut partners: Vec<usize> = (0..n).collect();
        partners.sort_by(|&i, &j| together[j].total_cmp(&together[i]));
        partners.truncate(PARTNERS);
        partners.sort_unstable();
        let mut place = vec![None; n];
        partners.iter().enumerate().for_each(|(at, &lf)| place[lf] = Some(at));
        Self { of_column, n, n_overlapping, partners, place }
    }
}

/// The moments when one class, or the classes of a partial vote, are held against the rest.
struct View {
    n_rows: f64,
    /// The columns that vote just these classes, ascending.
    own: Vec<usize>,
    /// For each of them its moments with the partners.
    with: Vec<f64>,
    /// The moments of the partners with each other.
    between: Vec<f64>,
    /// For each labeling function the shares of rows in which it votes for and against.
    sides: Vec<(f64, f64)>,
}

impl View {
    fn new(columns: &Columns, lfs: &Lfs, side: &[ClassId], n_rows: f64, moments: Moments) -> Self {
        let n = lfs.partners.len();
        // For, against, or neither, when a vote leaves both possible.
        let sign = |c: usize| {
            let classes = columns.classes(c);
            let within = classes.iter().filter(|&class| side.contains(class)).count();
            match within {
                0 => -1.0,
                _ if within == classes.len() => 1.0,
                _ => 0.0,
            }
        };
        let signs: Vec<f64> = (0..columns.len()).map(sign).collect();
        let own: Vec<usize> = (0..columns.len()).filter(|&c| columns.classes(c) == side).collect();
        // The own columns of each LF: several when it votes with scores.
        let mut of_lf: Vec<Vec<usize>> = vec![Vec::new(); lfs.n];
        own.iter().enumerate().for_each(|(at, &c)| of_lf[lfs.of_column[c]].push(at));
        let mut sides = vec![(0.0, 0.0); lfs.n];
        for (c, sign) in signs.iter().enumerate() {
            let (above, below) = &mut sides[lfs.of_column[c]];
            *above += sign.max(0.0) * columns.counts[c] / n_rows;
            *below += (-sign).max(0.0) * columns.counts[c] / n_rows;
        }
        let mut with = vec![0.0; own.len() * n];
        let mut between = vec![0.0; n * n];
        for u in 0..columns.n_patterns() {
            let share = columns.rows[u] / n_rows;
            let partners: Vec<(usize, f64)> = columns
                .fired(u)
                .filter_map(|c| Some((lfs.place[lfs.of_column[c]]?, share * signs[c])))
                .collect();
            for c in columns.fired(u) {
                let lf = lfs.of_column[c];
                if let Some(j) = lfs.place[lf] {
                    partners.iter().for_each(|&(k, vote)| between[j * n + k] += signs[c] * vote);
                }
                for &at in &of_lf[lf] {
                    let counted = match moments {
                        Moments::Centered => f64::from(own[at] == c),
                        Moments::Raw => signs[c],
                    };
                    partners.iter().for_each(|&(j, vote)| with[at * n + j] += counted * vote);
                }
            }
        }
        if moments == Moments::Centered {
            let mean = |lf: usize| sides[lf].0 - sides[lf].1;
            for (j, &lf) in lfs.partners.iter().enumerate() {
                for (k, &other) in lfs.partners.iter().enumerate() {
                    between[j * n + k] -= mean(lf) * mean(other);
                }
                for (at, &c) in own.iter().enumerate() {
                    with[at * n + j] -= columns.counts[c] / n_rows * mean(lf);
                }
            }
        }
        Self { n_rows, own, with, between, sides }
    }

    fn with_partners(&self, c: usize) -> &[f64] {
        let n = self.with.len() / self.own.len().max(1);
        let at = self.own.partition_point(|&own| own < c);
        &self.with[at * n..(at + 1) * n]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names};

    fn patterns(rows: &[Vec<Option<usize>>], n_classes: usize) -> Patterns {
        let lfs = (0..rows[0].len()).map(|j| format!("lf{j}"));
        let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("names");
        Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid"))
    }

    /// Every combination of votes as often as independence demands, so that the moments are exact:
    /// the precisions come out exactly, of one-class LFs too, and of one that is worse than chance.
    #[test]
    fn exact_moments_give_exact_precisions() {
        // P(votes 0 | Y), P(votes 1 | Y) of each LF in tenths, for Y = 0 and Y = 1.
        let lfs =
            [[(6_usize, 2_usize), (1, 5)], [(5, 0), (2, 0)], [(0, 2), (0, 7)], [(2, 6), (5, 4)]];
        let mut rows = Vec::new();
        for truth in 0..2 {
            for combination in 0..81_usize {
                let (mut row, mut times) = (Vec::new(), 1);
                for (j, lf) in lfs.iter().enumerate() {
                    let vote = combination / 3_usize.pow(j as u32) % 3;
                    let (zero, one) = lf[truth];
                    times *= [zero, one, 10 - zero - one][vote];
                    row.push((vote < 2).then_some(vote));
                }
                rows.extend(std::iter::repeat_n(row, times));
            }
        }
        let votes = patterns(&rows, 2);
        let columns = Columns::new(&votes);
        for average in [Average::Pooled, Average::Median, Average::Mean] {
            let model = Triplet { average, ..Triplet::default() };
            let found = model.precisions(&columns, votes.n_rows() as f64, &[0.5, 0.5]);
            for (vote, found) in columns.votes.iter().zip(found) {
                let of = |truth: usize| {
                    let (zero, one) = lfs[vote.lf.index()][truth];
                    [zero, one][vote.choice.index()] as f64
                };
                let expected = of(vote.choice.index()) / (of(0) + of(1));
                assert!((found - expected).abs() < 1e-9, "{vote:?}: {found}, {expected} planted");
            }
        }
    }

    #[test]
    fn without_triplets_the_assumed_precision_stays() {
        let rows: Vec<_> =
            [[Some(0), None], [Some(1), Some(1)]].repeat(20).into_iter().map(Vec::from).collect();
        let votes = patterns(&rows, 2);
        let columns = Columns::new(&votes);
        let model = Triplet { precision: 0.6, ..Triplet::default() };
        assert_eq!(model.precisions(&columns, 40.0, &[0.5, 0.5]), [0.6; 3]);
        let skewed = model.precisions(&columns, 40.0, &[0.1, 0.9]);
        assert!(
            skewed[0] == 0.6 && skewed[1] > 0.9,
            "more than the share of the class: {skewed:?}"
        );
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 9.0]), Some(3.0));
    }

    #[test]
    fn ten_thousand_labeling_functions_are_no_cube() {
        let vote = |i: usize, j: usize| ((i * 31 + j * 17) % 97 < 8).then_some((i + j % 3) % 2);
        for (moments, n_lfs) in [(Moments::Centered, 10_000), (Moments::Raw, 1_000)] {
            let rows: Vec<Vec<_>> =
                (0..30).map(|i| (0..n_lfs).map(|j| vote(i, j)).collect()).collect();
            let votes = patterns(&rows, 2);
            let model = Triplet { moments, ..Triplet::default() };
            let labels = model.fit(&votes, &Supervision::default()).expect("fits").label(&votes);
            assert!(labels.table().iter().all(|p| p.is_finite()));
        }
    }
}
