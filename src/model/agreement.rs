//! Pairs of labeling functions that agree more often than the label explains.
//!
//! Given the label Y = y, independent labeling functions a and b would vote class c together on
//! N(y) P(a votes c | y) P(b votes c | y) rows. The posteriors q_u of a fitted model say how many rows
//! N(y) of each class there are, and how many of them each labeling function found. Two corrections
//! keep this honest on real votes:
//!
//! * One-class labeling functions hardly say how common their class is, and when a model takes it
//!   for too common, all pairs of that class seem to agree too much. Most pairs are taken to be
//!   independent, so expectations for a class are scaled up to its weighted median pair. A class with
//!   a single pair thus never shows one: nothing could tell its dependence from its label.
//! * Where people or models vote one of several classes, they meet on the rows they were given.
//!   Such pairs are judged by how often they agree on the rows where both vote.

use super::columns::Columns;
use ndarray::ArrayView1;

/// Two labeling functions that agree beyond what the label explains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspect {
    /// Their positions, ascending.
    pub(super) lfs: (usize, usize),
    /// Rows on which both vote the same class.
    pub(super) agree: f64,
    /// Rows on which they would if they were independent given the label.
    pub(super) expected: f64,
    /// (agree − expected) / (possible − expected).
    pub(super) strength: f64,
}

/// Weaker dependences change few labels: two such votes still count as 1.5 or more.
const STRENGTH: f64 = 1.0 / 3.0;
/// The probability of naming any pair among independent ones (Bonferroni over the pairs).
const ERROR: f64 = 0.01;
/// Votes below this share for its most frequent class make a labeling function multi-class.
const ONE_CLASS: f64 = 0.9;
/// Numbers to keep for pairs, and to add up for patterns; beyond, labeling functions that vote
/// least are left out.
const MOST_PLACES: usize = 2_000_000;
const MOST_WORK: f64 = 2e8;

/// The suspicious pairs, in ascending order. `posterior(u)` is q of covered pattern u, `uncovered`
/// the expected rows of each class without votes.
pub(super) fn suspects<'a>(
    columns: &Columns,
    posterior: impl Fn(usize) -> ArrayView1<'a, f64>,
    uncovered: &[f64],
) -> Vec<Suspect> {
    let lfs = Lfs::new(columns);
    if lfs.len() < 2 {
        return Vec::new();
    }
    let tally = Tally::new(columns, &lfs, posterior, uncovered);
    let scale = tally.scale(columns, &lfs);
    let mut found = Vec::new();
    let mut n_tests: f64 = 0.0;
    for b in 1..lfs.len() {
        for a in 0..b {
            let agree: f64 = tally.agree(a, b).iter().sum();
            if agree <= 0.0 {
                continue;
            }
            n_tests += 1.0;
            let one_class = !(lfs.several[a] || lfs.several[b]);
            let (expected, possible) = if one_class {
                let expected = tally.expected_firing(columns, &lfs, a, b);
                let expected = expected.map(|(c, at_most, rows)| (scale[c] * rows).min(at_most));
                (expected.sum::<f64>(), lfs.votes[a].min(lfs.votes[b]))
            } else {
                tally.expected_agreement(columns, &lfs, a, b)
            };
            let strength = (agree - expected) / (possible - expected).max(1e-9);
            if strength >= STRENGTH {
                let log_p = if one_class {
                    poisson_tail(agree, expected)
                } else {
                    binomial_tail(agree, possible, expected / possible)
                };
                let lfs = (lfs.id[a], lfs.id[b]);
                let strength = strength.min(1.0);
                found.push((log_p, Suspect { lfs, agree, expected, strength }));
            }
        }
    }
    found.retain(|(log_p, _)| log_p + n_tests.ln() <= ERROR.ln());
    found.sort_unstable_by_key(|(_, suspect)| suspect.lfs);
    found.into_iter().map(|(_, suspect)| suspect).collect()
}

/// The labeling functions looked at, by ascending id; all lists run over them.
struct Lfs {
    id: Vec<usize>,
    /// Its columns, as a range.
    columns: Vec<std::ops::Range<usize>>,
    /// Its votes.
    votes: Vec<f64>,
    /// Whether it is judged as one that votes several classes.
    several: Vec<bool>,
    /// The place of each column's labeling function in these lists.
    of_column: Vec<Option<usize>>,
}

impl Lfs {
    fn new(columns: &Columns) -> Self {
        let lf = |c: usize| columns.votes[c].lf.index();
        let mut all: Vec<(usize, std::ops::Range<usize>, f64)> = Vec::new();
        for c in 0..columns.len() {
            match all.last_mut().filter(|last| last.0 == lf(c)) {
                Some(last) => {
                    last.1.end = c + 1;
                    last.2 += columns.counts[c];
                }
                None => all.push((lf(c), c..c + 1, columns.counts[c])),
            }
        }
        // Half of them, those that vote most, until places and work are bounded.
        all.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        while all.len() > 2 && too_many(columns, &all) {
            all.truncate(all.len().div_ceil(2));
        }
        all.sort_unstable_by_key(|(id, ..)| *id);
        let mut of_column = vec![None; columns.len()];
        for (place, (_, range, _)) in all.iter().enumerate() {
            of_column[range.clone()].fill(Some(place));
        }
        let mut several: Vec<bool> = all
            .iter()
            .map(|(_, range, votes)| {
                let most = columns.counts[range.clone()].iter().copied().fold(0.0, f64::max);
                most < ONE_CLASS * votes
            })
            .collect();
        let votes: Vec<f64> = all.iter().map(|(_, _, votes)| *votes).collect();
        let of_several: f64 =
            votes.iter().zip(&several).filter(|(_, several)| **several).map(|(n, _)| n).sum();
        if of_several > 0.5 * votes.iter().sum::<f64>() {
            several.fill(true);
        }
        let (id, columns) = all.into_iter().map(|(id, range, _)| (id, range)).unzip();
        Self { id, columns, votes, several, of_column }
    }

    fn len(&self) -> usize {
        self.id.len()
    }

    /// The columns of two labeling functions for the same class.
    fn same_class<'a>(
        &'a self,
        columns: &'a Columns,
        a: usize,
        b: usize,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.columns[a].clone().filter_map(move |i| {
            let choice = columns.votes[i].choice;
            self.columns[b].clone().find(|&j| columns.votes[j].choice == choice).map(|j| (i, j))
        })
    }
}

fn too_many(columns: &Columns, kept: &[(usize, std::ops::Range<usize>, f64)]) -> bool {
    let k = columns.n_classes;
    if kept.len() * kept.len() / 2 * k > MOST_PLACES {
        return true;
    }
    let mut keeps = vec![false; columns.len()];
    kept.iter().for_each(|(_, range, _)| keeps[range.clone()].fill(true));
    let work = (0..columns.n_patterns()).map(|u| {
        let fired = columns.fired(u).filter(|&c| keeps[c]).count() as f64;
        fired * fired / 2.0 * k as f64
    });
    work.sum::<f64>() > MOST_WORK
}

/// Rows of pairs and columns, by class.
struct Tally {
    n_classes: usize,
    n_choices: usize,
    /// Rows of a pair that voted the same, by the class they voted.
    agree: Vec<f64>,
    /// Expected rows of each class where both of a pair vote; empty when no pair needs it.
    both: Vec<f64>,
    /// Expected rows of each class in a column.
    of_column: Vec<f64>,
    /// Expected rows of each class.
    shares: Vec<f64>,
}

impl Tally {
    fn new<'a>(
        columns: &Columns,
        lfs: &Lfs,
        posterior: impl Fn(usize) -> ArrayView1<'a, f64>,
        uncovered: &[f64],
    ) -> Self {
        let k = columns.n_classes;
        let pairs = lfs.len() * (lfs.len() - 1) / 2;
        let n_choices = columns.n_choices();
        let conditional = lfs.several.iter().any(|several| *several);
        let mut tally = Self {
            n_classes: k,
            n_choices,
            agree: vec![0.0; pairs * n_choices],
            both: vec![0.0; if conditional { pairs * k } else { 0 }],
            of_column: vec![0.0; columns.len() * k],
            shares: uncovered.to_vec(),
        };
        let mut expected = vec![0.0; k];
        let mut kept = Vec::new();
        for u in 0..columns.n_patterns() {
            let rows = columns.rows[u];
            expected.iter_mut().zip(posterior(u)).for_each(|(e, q)| *e = rows * q);
            tally.shares.iter_mut().zip(&expected).for_each(|(sum, e)| *sum += e);
            kept.clear();
            for c in columns.fired(u) {
                let of_column = &mut tally.of_column[c * k..(c + 1) * k];
                of_column.iter_mut().zip(&expected).for_each(|(sum, e)| *sum += e);
                kept.extend(lfs.of_column[c].map(|lf| (lf, columns.votes[c].choice)));
            }
            for (j, &(b, choice)) in kept.iter().enumerate() {
                for &(a, other) in &kept[..j] {
                    if choice == other {
                        tally.agree[place(a, b) * n_choices + choice.index()] += rows;
                    }
                    if conditional {
                        let at = place(a, b) * k;
                        let both = &mut tally.both[at..at + k];
                        both.iter_mut().zip(&expected).for_each(|(sum, e)| *sum += e);
                    }
                }
            }
        }
        tally
    }

    fn agree(&self, a: usize, b: usize) -> &[f64] {
        &self.agree[place(a, b) * self.n_choices..(place(a, b) + 1) * self.n_choices]
    }

    fn of_column(&self, c: usize) -> &[f64] {
        &self.of_column[c * self.n_classes..(c + 1) * self.n_classes]
    }

    /// For each class that both vote: the class, the most rows on which they could, and
    /// Σ_y N_a(y) N_b(y) / N(y), the rows on which they would by the label alone.
    fn expected_firing<'a>(
        &'a self,
        columns: &'a Columns,
        lfs: &'a Lfs,
        a: usize,
        b: usize,
    ) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        lfs.same_class(columns, a, b).map(|(i, j)| {
            let found = self.of_column(i).iter().zip(self.of_column(j)).zip(&self.shares);
            let rows = found.map(|((one, other), all)| one * other / all.max(1e-9)).sum();
            let at_most = columns.counts[i].min(columns.counts[j]);
            (columns.votes[i].choice.index(), at_most, rows)
        })
    }

    /// The rows on which two agree by the label alone, given the rows where both vote; and these.
    fn expected_agreement(&self, columns: &Columns, lfs: &Lfs, a: usize, b: usize) -> (f64, f64) {
        let k = self.n_classes;
        let both = &self.both[place(a, b) * k..(place(a, b) + 1) * k];
        let votes_in = |lf: usize, y: usize| -> f64 {
            lfs.columns[lf].clone().map(|c| self.of_column(c)[y]).sum::<f64>().max(1e-9)
        };
        let per_row: Vec<f64> =
            (0..k).map(|y| both[y] / (votes_in(a, y) * votes_in(b, y))).collect();
        let agree = lfs.same_class(columns, a, b).map(|(i, j)| {
            let votes = self.of_column(i).iter().zip(self.of_column(j)).zip(&per_row);
            votes.map(|((one, other), per_row)| one * other * per_row).sum::<f64>()
        });
        (agree.sum(), both.iter().sum())
    }

    /// How much more often than expected the median pair of each class agrees, weighted by what is
    /// expected; at least 1.
    fn scale(&self, columns: &Columns, lfs: &Lfs) -> Vec<f64> {
        let mut ratios: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.n_choices];
        for b in 1..lfs.len() {
            for a in (0..b).filter(|&a| !(lfs.several[a] || lfs.several[b])) {
                for (choice, _, expected) in self.expected_firing(columns, lfs, a, b) {
                    if expected > 0.0 {
                        ratios[choice].push((self.agree(a, b)[choice] / expected, expected));
                    }
                }
            }
        }
        ratios.into_iter().map(|ratios| weighted_median(ratios).max(1.0)).collect()
    }
}

/// Where the pair a < b stands.
fn place(a: usize, b: usize) -> usize {
    b * (b - 1) / 2 + a
}

/// The smallest value such that values up to it have half of the weight; 0 of nothing.
fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    let reached = values.iter().find(|(_, weight)| {
        below += weight;
        below >= half
    });
    reached.map_or(0.0, |(value, _)| *value)
}

/// Chernoff's bound on log P(X ≥ n) for a Poisson X with that mean.
fn poisson_tail(n: f64, mean: f64) -> f64 {
    if n <= mean { 0.0 } else { n - mean - n * (n / mean.max(1e-9)).ln() }
}

/// Chernoff's bound on log P(X ≥ n) for `of` trials with that probability.
fn binomial_tail(n: f64, of: f64, probability: f64) -> f64 {
    let (p, share) = (probability.clamp(1e-9, 1.0 - 1e-9), n / of);
    if share <= p {
        return 0.0;
    }
    let term = |x: f64, y: f64| if x > 0.0 { x * (x / y).ln() } else { 0.0 };
    -of * (term(share, p) + term(1.0 - share, 1.0 - p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_weighted() {
        assert_eq!(weighted_median(vec![(3.0, 1.0), (1.0, 1.0), (2.0, 5.0)]), 2.0);
        assert_eq!(weighted_median(vec![]), 0.0);
    }

    /// P(X ≥ 10) is 3.2·10⁻² for a Poisson mean of 5, and 2.0·10⁻² for 20 trials of ¼… bounds are
    /// above them, and not by much.
    #[test]
    fn tails_are_bounds() {
        let poisson = poisson_tail(10.0, 5.0).exp();
        assert!((0.032..0.2).contains(&poisson), "{poisson}");
        let binomial = binomial_tail(10.0, 20.0, 0.25).exp();
        assert!((0.0139..0.1).contains(&binomial), "{binomial}");
        assert_eq!((poisson_tail(3.0, 5.0), binomial_tail(1.0, 20.0, 0.25)), (0.0, 0.0));
    }
}
