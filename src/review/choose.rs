//! Rows are chosen by patterns and random numbers that belong to rows.
//!
//! Every strategy makes a list, and rows are taken from the lists in turn. The lists of `random`, and of each
//! labeling function for `precision`, are orders drawn at random of all rows in question, and are gone
//! through from the start without leaving any row out: also one that another strategy chose counts, and
//! gets a second reason. So the rows with such a reason are a simple random sample of those without a
//! known label, whatever else is chosen. The other lists hold a few rows of each pattern, or, where a classifier
//! rates each row for itself, the best rows with different cells.

use super::best::Rated;
use super::strategy::{Plan, Strategy};
use super::taught::Taught;
use crate::random::Random;
use crate::report::{Action, Report};
use crate::{LfId, Patterns};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt;

/// Rows with the same votes, at the most, of those that are chosen by a score.
const ALIKE: usize = 3;
/// What the next row with the same votes is worth, of what this one is.
pub(super) const AGAIN: f64 = 0.8;
/// Rows of a labeling function whose precision is checked, at the least.
const EACH: usize = 5;
/// A gold interval this wide asks for more labels.
const WIDE: f64 = 0.2;

/// What rows are chosen from.
pub struct Basis<'a> {
    /// The votes, with the pattern of every row.
    pub votes: &'a Patterns,
    /// For each row whether it is left out, since its label is known.
    pub labeled: &'a [bool],
    /// How [uncertain](super::uncertainty) each pattern is; the other two may be empty where they are not asked for.
    pub uncertainty: &'a [f64],
    /// How strong its [conflicts](super::conflict) are.
    pub conflict: &'a [f64],
    /// How far a [committee](super::disagreement) differs about it.
    pub disagreement: &'a [f64],
    /// The labeling functions whose precision is to be checked, the most urgent first.
    pub check: &'a [LfId],
    /// What the label model makes of each pattern, n_patterns × n_classes; only for what is said of `taught`.
    pub table: Option<&'a Array2<f64>>,
    /// The best rows by what a classifier says of them, where it is asked; none of them has a known label.
    pub taught: &'a Taught,
}

/// Why a row was chosen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Why {
    /// By what.
    pub strategy: Strategy,
    /// The labeling function whose precision it checks.
    pub lf: Option<String>,
    /// Its score, or that of its votes; none for a draw.
    pub score: Option<f64>,
    /// What votes and classifier say of it, where a classifier was asked.
    pub opinions: Option<String>,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.strategy)?;
        if let Some(lf) = &self.lf {
            write!(f, " of {lf}")?;
        }
        if let Some(score) = self.score {
            write!(f, " {score:.2}")?;
        }
        if let Some(opinions) = &self.opinions {
            write!(f, ": {opinions}")?;
        }
        Ok(())
    }
}

/// A row that was chosen.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Chosen {
    /// Its number, from 0.
    pub row: u64,
    /// Its pattern.
    pub pattern: usize,
    /// Why.
    pub why: Vec<Why>,
}

/// Chooses rows, the most urgent first.
#[must_use]
pub fn choose(basis: &Basis<'_>, plan: &Plan) -> Vec<Chosen> {
    let mut strategies: Vec<Strategy> = Vec::new();
    for strategy in &plan.by {
        if !strategies.contains(strategy) {
            strategies.push(*strategy);
        }
    }
    let mut lists: Vec<Vec<List>> = strategies
        .iter()
        .map(|strategy| match strategy {
            Strategy::Uncertain => vec![ranked(basis, plan, *strategy, basis.uncertainty)],
            Strategy::Conflicting => vec![ranked(basis, plan, *strategy, basis.conflict)],
            Strategy::Committee => vec![ranked(basis, plan, *strategy, basis.disagreement)],
            Strategy::Information => {
                vec![rated(basis, *strategy, &basis.taught.information)]
            }
            // Divergences and entropies are different things.
            Strategy::Disagreement => vec![
                rated(basis, *strategy, &basis.taught.contradicted),
                rated(basis, *strategy, &basis.taught.unsure),
            ],
            Strategy::Precision => {
                let check: Vec<Option<LfId>> = basis.check.iter().copied().map(Some).collect();
                drawn(basis, plan, &check)
            }
            Strategy::Random => drawn(basis, plan, &[None]),
        })
        .collect();
    let mut chosen: Vec<Chosen> = Vec::new();
    let mut places = Places::default();
    let mut turn = 0;
    while chosen.len() < plan.n {
        let before = chosen.len();
        for lists in &mut lists {
            // Labeling functions take turns among themselves.
            let n_lists = lists.len();
            for attempt in 0..n_lists {
                if lists[(turn + attempt) % n_lists].take(&mut chosen, &mut places, plan.n) {
                    break;
                }
            }
        }
        turn += 1;
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

/// What has been chosen so far.
#[derive(Default)]
struct Places {
    /// Where each row is among those that were chosen.
    of_row: BTreeMap<u64, usize>,
    /// Patterns and cells of those that a classifier rated.
    cells: BTreeSet<(u32, u64)>,
}

/// A row that a strategy wants.
struct Wanted {
    row: u64,
    pattern: u32,
    score: Option<f64>,
    /// A hash of its cells, where rows that say the same are not wanted.
    cells: Option<u64>,
    opinions: Option<String>,
}

/// Rows in the order in which one strategy wants them.
struct List {
    rows: std::vec::IntoIter<Wanted>,
    strategy: Strategy,
    lf: Option<String>,
}

impl List {
    /// Takes the next row that nobody has taken, if there is one; those before it get a reason more.
    fn take(&mut self, chosen: &mut Vec<Chosen>, places: &mut Places, most: usize) -> bool {
        if chosen.len() >= most {
            return false;
        }
        for Wanted { row, pattern, score, cells, opinions } in self.rows.by_ref() {
            let why = Why { strategy: self.strategy, lf: self.lf.clone(), score, opinions };
            let seen = cells.is_some_and(|cells| !places.cells.insert((pattern, cells)));
            match places.of_row.get(&row) {
                Some(&at) => chosen[at].why.push(why),
                None if seen => {}
                None => {
                    places.of_row.insert(row, chosen.len());
                    chosen.push(Chosen { row, pattern: pattern as usize, why: vec![why] });
                    return true;
                }
            }
        }
        false
    }
}

/// The random number of a row, for one purpose.
pub(super) fn lot(seed: u64, purpose: u64, row: u64) -> u64 {
    let mut random = Random::stream(seed, purpose);
    Random::stream(random.bits(), row).bits()
}

/// Rows without a known label, with their patterns.
fn open<'a>(basis: &'a Basis<'_>) -> impl Iterator<Item = (u64, u32)> + 'a {
    let known = |row: usize| basis.labeled.get(row).copied().unwrap_or(false);
    let rows = basis.votes.of_row().iter().enumerate();
    rows.filter(move |(row, _)| !known(*row)).map(|(row, pattern)| (row as u64, *pattern))
}

/// A few rows of each pattern, those with the highest scores first; of equal ones the most frequent.
fn ranked(basis: &Basis<'_>, plan: &Plan, strategy: Strategy, scores: &[f64]) -> List {
    let score = |u: u32| scores.get(u as usize).copied().unwrap_or(0.0);
    let mut of_pattern: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    for (row, pattern) in open(basis) {
        if score(pattern) > 1e-9 {
            let lot = lot(plan.seed, 1, row);
            let rows = of_pattern.entry(pattern).or_default();
            rows.push((lot, row));
            if rows.len() > ALIKE {
                rows.sort_unstable();
                rows.truncate(ALIKE);
            }
        }
    }
    let mut rows: Vec<(f64, u64, u32, u64)> = Vec::new();
    for (pattern, mut alike) in of_pattern {
        alike.sort_unstable();
        let count = u64::MAX - basis.votes.row_count(pattern as usize);
        let mut worth = score(pattern);
        for (_, row) in alike {
            rows.push((worth, count, pattern, row));
            worth *= AGAIN;
        }
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2, a.3).cmp(&(b.1, b.2, b.3))));
    rows.truncate(plan.n);
    let wanted = |(_, _, pattern, row): (f64, u64, u32, u64)| Wanted {
        row,
        pattern,
        score: Some(score(pattern)),
        cells: None,
        opinions: None,
    };
    let rows: Vec<Wanted> = rows.into_iter().map(wanted).collect();
    List { rows: rows.into_iter(), strategy, lf: None }
}

/// The rows that a classifier rates highest.
fn rated(basis: &Basis<'_>, strategy: Strategy, rows: &[Rated]) -> List {
    let wanted = |row: &Rated| Wanted {
        row: row.row,
        pattern: row.pattern,
        score: Some(row.score),
        cells: Some(row.fingerprint),
        opinions: Some(opinions(basis, row)),
    };
    let rows: Vec<Wanted> = rows.iter().map(wanted).collect();
    List { rows: rows.into_iter(), strategy, lf: None }
}

/// What votes and classifier say of a row, in words. Reasons are told apart by semicolons and stand in parentheses
/// in gold files, so that names have none here.
fn opinions(basis: &Basis<'_>, row: &Rated) -> String {
    let classes = &basis.votes.names().classes;
    let named = |class: usize, p: f64| {
        let name = classes.get(class).map_or("", String::as_str);
        format!("{} {p:.2}", name.replace(';', ",").replace('(', "[").replace(')', "]"))
    };
    let of_votes = || {
        let of_row = basis.table?.rows().into_iter().nth(row.pattern as usize)?;
        let best = of_row.iter().copied().enumerate().reduce(|a, b| if b.1 > a.1 { b } else { a });
        best.map(|(class, p)| named(class, p))
    };
    let votes = match of_votes() {
        Some(said) if row.covered => format!("votes say {said}"),
        _ => "no votes".to_owned(),
    };
    format!("{votes}, classifier says {}", named(row.class.index(), row.probability))
}

/// The beginnings of random orders of the rows of each of these labeling functions, or of all rows. Of an
/// order no more than so many rows are ever gone through as are wanted: each of them is chosen, by one
/// strategy or another.
fn drawn(basis: &Basis<'_>, plan: &Plan, of: &[Option<LfId>]) -> Vec<List> {
    let votes = basis.votes;
    let purpose = |lf: &Option<LfId>| lf.map_or(2, |lf| 3 + lf.index() as u64);
    let mut lists: Vec<BinaryHeap<(u64, u64, u32)>> = vec![BinaryHeap::new(); of.len()];
    let mut of_lf: Vec<Vec<usize>> = vec![Vec::new(); votes.n_lfs()];
    let mut of_all = Vec::new();
    for (at, lf) in of.iter().enumerate() {
        match lf {
            Some(lf) => of_lf[lf.index()].push(at),
            None => of_all.push(at),
        }
    }
    for (row, pattern) in open(basis) {
        let own = votes.votes(pattern as usize).iter().flat_map(|vote| &of_lf[vote.lf.index()]);
        for &at in own.chain(&of_all) {
            let list = &mut lists[at];
            list.push((lot(plan.seed, purpose(&of[at]), row), row, pattern));
            if list.len() > plan.n {
                list.pop();
            }
        }
    }
    let list = |(list, lf): (BinaryHeap<(u64, u64, u32)>, &Option<LfId>)| {
        let wanted =
            |(_, row, pattern)| Wanted { row, pattern, score: None, cells: None, opinions: None };
        let rows = list.into_sorted_vec().into_iter().map(wanted);
        let strategy = if lf.is_some() { Strategy::Precision } else { Strategy::Random };
        let lf = lf.map(|lf| votes.names().lf(lf).to_owned());
        List { rows: rows.collect::<Vec<_>>().into_iter(), strategy, lf }
    };
    lists.into_iter().zip(of).map(list).collect()
}

/// The labeling functions whose precision to check, the most urgent first: those that the report says need
/// labels, then those to narrow, then those with a wide interval; so many that each gets some rows.
pub(super) fn to_check(report: &Report, votes: &Patterns, plan: &Plan) -> Vec<LfId> {
    let urgency = |at: usize| -> Option<u8> {
        let lf = report.lfs.get(at)?;
        let wide = lf.precision.is_some_and(|gold| gold.high - gold.low > WIDE);
        match lf.verdict.as_ref().map(|verdict| verdict.action) {
            _ if lf.coverage.count == 0 => None,
            Some(Action::NeedsLabels) => Some(0),
            Some(Action::Narrow) => Some(1),
            _ if wide => Some(2),
            _ => None,
        }
    };
    let n = |at: usize| report.lfs.get(at).map_or(0, |lf| lf.coverage.count);
    let mut lfs: Vec<(u8, u64, LfId)> = LfId::first(votes.n_lfs())
        .filter_map(|lf| Some((urgency(lf.index())?, u64::MAX - n(lf.index()), lf)))
        .collect();
    lfs.sort_unstable();
    let rows = plan.n / plan.by.len().max(1);
    lfs.into_iter().map(|(_, _, lf)| lf).take((rows / EACH).max(1)).collect()
}
