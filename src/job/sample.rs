//! Which rows to look at: some of each stratum, some of each labeling function, some of pairs of them.
//!
//! Rows are chosen by their patterns and by a hash of their numbers, in one pass over the log of rows, so
//! that the same votes always show the same rows, wherever they are in the data and however many there
//! are.

use crate::model::{Decision, ProbLabels};
use crate::random::mix;
use crate::report::{Report, Stratum, disagree};
use crate::votes::{KnownLabels, RowLog, RowPiece};
use crate::{ClassId, LfId, Patterns};
use std::collections::{BTreeMap, BinaryHeap};
use std::io;

/// Rows of a stratum that are shown.
const OF_STRATUM: usize = 8;
/// Rows of a stratum with the same votes, at the most.
const ALIKE: usize = 2;
/// Rows of which some are looked for that are wrong: only the data say which.
const OF_WRONG: usize = 200;
/// Rows of a labeling function that are shown as proof.
pub(super) const PROOF: usize = 3;
/// Rows that are shown as proof, of all labeling functions together.
const MOST_PROOF: usize = 900;
/// Rows of a labeling function that terms are counted in, and those of all of them together.
const OF_LF: usize = 200;
const MOST_OF_LFS: usize = 20_000;
/// Bytes that those rows take together, more or less: long documents are read by the hundred, not by the
/// ten thousand.
const MOST_BYTES: u64 = 64 << 20;
/// Pairs of labeling functions of which rows are shown.
const PAIRS: usize = 60;

/// The rows to look at.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Their numbers, ascending, with what the log says of them.
    pub(super) rows: BTreeMap<u64, Logged>,
    /// Rows of each stratum, in random order; of wrong ones candidates.
    pub(super) strata: Vec<(Stratum, Vec<u64>)>,
    /// For each labeling function rows of its most doubtful votes, and rows of its most frequent ones.
    pub(super) doubtful: Vec<Vec<u64>>,
    pub(super) usual: Vec<Vec<u64>>,
    /// For each labeling function a random sample of its rows.
    pub(super) sample: Vec<Vec<u64>>,
    /// The hard labels of patterns.
    pub(super) hard: Vec<Option<ClassId>>,
    /// For some cells of the matrix of pairs, by their position, a row that shows them.
    pub(super) pairs: Vec<(usize, u64)>,
}

/// What rows are chosen from.
#[derive(Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) votes: &'a Patterns,
    pub(super) labels: &'a ProbLabels,
    pub(super) decision: &'a Decision,
    pub(super) known: &'a KnownLabels,
    pub(super) report: &'a Report,
    /// Bytes of the input by its rows, as far as that is known.
    pub(super) bytes_a_row: u64,
}

/// What is known of a row that was voted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Logged {
    pub(super) pattern: u32,
    /// The hash of its cells, to tell whether it is still there when it is read again.
    pub(super) fingerprint: u32,
}

impl RowPiece {
    /// What there is of each row.
    pub(super) fn logged(&self) -> impl Iterator<Item = Logged> {
        let rows = self.patterns.iter().zip(&self.fingerprints);
        rows.map(|(&pattern, &fingerprint)| Logged { pattern, fingerprint })
    }
}

/// Keeps the rows with the smallest hashes.
pub(super) struct Smallest {
    most: usize,
    heap: BinaryHeap<(u64, u64, Logged)>,
}

impl Smallest {
    pub(super) fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new() }
    }

    pub(super) fn offer(&mut self, hash: u64, row: u64, logged: Logged) {
        if self.heap.len() < self.most {
            self.heap.push((hash, row, logged));
        } else if let Some(mut largest) = self.heap.peek_mut()
            && hash < largest.0
        {
            *largest = (hash, row, logged);
        }
    }

    /// The rows, in random order.
    pub(super) fn rows(self) -> Vec<(u64, Logged)> {
        self.heap.into_sorted_vec().into_iter().map(|(_, row, logged)| (row, logged)).collect()
    }
}

/// Hands out all rows in order, each with the hash of its number.
pub(super) fn each(rows: &mut RowLog, mut take: impl FnMut(u64, u64, Logged)) -> io::Result<()> {
    let mut row = 0;
    let mut reader = rows.read()?;
    while let Some(piece) = reader.next(1 << 16)? {
        for logged in piece.logged() {
            take(mix(row), row, logged);
            row += 1;
        }
    }
    Ok(())
}

/// Chooses rows; `rows` is read once.
pub(super) fn choose(basis: Basis<'_>, rows: &mut RowLog) -> io::Result<Chosen> {
    let votes = basis.votes;
    let hard = basis.labels.decide(basis.decision);
    let strata = strata(basis, &hard);
    let n_lfs = votes.n_lfs();
    let room = MOST_BYTES / basis.bytes_a_row.max(1);
    let most = MOST_OF_LFS.min(usize::try_from(room).unwrap_or(MOST_OF_LFS));
    let of_lf = (most / n_lfs.max(1)).clamp(PROOF, OF_LF);
    let targets = Targets::new(basis);
    let wanted =
        |stratum: Stratum| if stratum == Stratum::Wrong { OF_WRONG } else { 8 * OF_STRATUM };
    let mut of_strata: Vec<Smallest> =
        strata.iter().map(|(stratum, _)| Smallest::new(wanted(*stratum))).collect();
    let mut of_lfs: Vec<Smallest> = (0..n_lfs).map(|_| Smallest::new(of_lf)).collect();
    let mut of_targets: Vec<Smallest> =
        targets.patterns.iter().map(|_| Smallest::new(PROOF)).collect();
    each(rows, |hash, row, logged| {
        let u = logged.pattern as usize;
        for ((_, member), smallest) in strata.iter().zip(&mut of_strata) {
            if member[u] {
                smallest.offer(hash, row, logged);
            }
        }
        if let Some(target) = targets.of_pattern[u] {
            of_targets[target as usize].offer(hash, row, logged);
        }
        for vote in votes.votes(u) {
            of_lfs[vote.lf.index()].offer(hash, row, logged);
        }
    })?;
    let mut chosen = Chosen { hard, ..Chosen::default() };
    for ((stratum, _), smallest) in strata.into_iter().zip(of_strata) {
        let rows = smallest.rows();
        let rows = if stratum == Stratum::Wrong { rows } else { apart(rows) };
        chosen.keep(&rows);
        chosen.strata.push((stratum, rows.into_iter().map(|(row, _)| row).collect()));
    }
    for smallest in of_lfs {
        let rows = smallest.rows();
        chosen.keep(&rows);
        chosen.sample.push(rows.into_iter().map(|(row, _)| row).collect());
    }
    let found: Vec<Vec<(u64, Logged)>> = of_targets.into_iter().map(Smallest::rows).collect();
    let mut rows_of = |wanted: &[u32]| {
        let lists = wanted.iter().map(|&target| &found[target as usize]);
        let rows = in_turn(lists, PROOF);
        chosen.keep(&rows);
        rows.into_iter().map(|(row, _)| row).collect::<Vec<u64>>()
    };
    let doubtful = targets.doubtful.iter().map(|wanted| rows_of(wanted)).collect();
    let usual = targets.usual.iter().map(|wanted| rows_of(wanted)).collect();
    let pairs = targets.pairs.iter();
    let pairs = pairs.filter_map(|&(cell, target)| Some((cell, *rows_of(&[target]).first()?)));
    let pairs = pairs.collect();
    (chosen.doubtful, chosen.usual, chosen.pairs) = (doubtful, usual, pairs);
    Ok(chosen)
}

impl Chosen {
    fn keep(&mut self, rows: &[(u64, Logged)]) {
        self.rows.extend(rows.iter().copied());
    }
}

/// One row of each list, then a second one, until there are enough.
fn in_turn<'a>(
    lists: impl Iterator<Item = &'a Vec<(u64, Logged)>> + Clone,
    most: usize,
) -> Vec<(u64, Logged)> {
    let longest = lists.clone().map(Vec::len).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| lists.clone().filter_map(move |list| list.get(turn)));
    turns.take(most).copied().collect()
}

/// Rows of which few have the same votes.
fn apart(rows: Vec<(u64, Logged)>) -> Vec<(u64, Logged)> {
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    let mut alike = |pattern: u32| {
        let seen = seen.entry(pattern).or_default();
        *seen += 1;
        *seen
    };
    // Where all rows have the same votes they are better than none.
    let (mut first, rest): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|&(_, logged)| alike(logged.pattern) <= ALIKE);
    first.extend(rest);
    first.truncate(OF_STRATUM);
    first
}

/// Which patterns belong to each stratum.
fn strata(basis: Basis<'_>, hard: &[Option<ClassId>]) -> Vec<(Stratum, Vec<bool>)> {
    let Basis { votes, labels, .. } = basis;
    let n = votes.len();
    let covered = |u: usize| !votes.votes(u).is_empty();
    let of = |holds: &dyn Fn(usize) -> bool| (0..n).map(holds).collect::<Vec<bool>>();
    let mut wrong = vec![false; n];
    for (u, class, _) in basis.known.held_out() {
        wrong[u] |= hard[u].is_some_and(|label| label != class);
    }
    vec![
        (Stratum::Wrong, wrong),
        (Stratum::Conflicting, of(&|u| disagree(votes, u))),
        (Stratum::Uncertain, unsure(votes, labels)),
        (Stratum::Uncovered, of(&|u| !covered(u))),
        (Stratum::Random, vec![true; n]),
    ]
}

/// The patterns with the smallest lead of one class over the next, that have a twentieth of the covered
/// rows together, or a hundred; none whose lead is clear.
fn unsure(votes: &Patterns, labels: &ProbLabels) -> Vec<bool> {
    const CLEAR: f64 = 0.6;
    let mut leads: Vec<(f64, usize)> = (0..votes.len())
        .filter(|&u| !votes.votes(u).is_empty())
        .map(|u| {
            let mut row = labels.table().row(u).to_vec();
            row.sort_unstable_by(|a, b| b.total_cmp(a));
            (row.first().unwrap_or(&0.0) - row.get(1).unwrap_or(&0.0), u)
        })
        .filter(|(lead, _)| *lead < CLEAR)
        .collect();
    leads.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let enough = (votes.n_covered() / 20).max(100);
    let mut unsure = vec![false; votes.len()];
    let mut rows = 0;
    for (_, u) in leads {
        if rows >= enough {
            break;
        }
        rows += votes.row_count(u);
        unsure[u] = true;
    }
    unsure
}

/// Patterns of which rows are wanted.
struct Targets {
    patterns: Vec<u32>,
    /// For each pattern its place above.
    of_pattern: Vec<Option<u32>>,
    /// For each labeling function the places of those patterns.
    doubtful: Vec<Vec<u32>>,
    usual: Vec<Vec<u32>>,
    /// For cells of the matrix of pairs.
    pairs: Vec<(usize, u32)>,
}

impl Targets {
    fn new(basis: Basis<'_>) -> Self {
        let Basis { votes, labels, report, .. } = basis;
        let names = votes.names();
        let n_lfs = votes.n_lfs();
        let mut targets = Self {
            patterns: Vec::new(),
            of_pattern: vec![None; votes.len()],
            doubtful: vec![Vec::new(); n_lfs],
            usual: vec![Vec::new(); n_lfs],
            pairs: Vec::new(),
        };
        let mut of_lf: Vec<Vec<(f64, u64, u32)>> = vec![Vec::new(); n_lfs];
        for (u, (row, count)) in votes.iter().enumerate() {
            for vote in row {
                let classes = names.classes_of(vote.choice);
                let p: f64 = classes.iter().map(|class| labels.table()[[u, class.index()]]).sum();
                of_lf[vote.lf.index()].push((p, count, u as u32));
            }
        }
        let each = (MOST_PROOF / n_lfs.max(1)).clamp(1, PROOF);
        for (lf, mut patterns) in LfId::first(n_lfs).zip(of_lf) {
            patterns.sort_unstable_by(|a, b| {
                a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2))
            });
            for &(_, _, u) in patterns.iter().take(each) {
                let target = targets.of(u);
                targets.doubtful[lf.index()].push(target);
            }
            patterns.sort_unstable_by_key(|&(_, count, u)| (std::cmp::Reverse(count), u));
            for &(_, _, u) in patterns.iter().take(each) {
                let target = targets.of(u);
                targets.usual[lf.index()].push(target);
            }
        }
        targets.pairs(votes, report);
        targets
    }

    fn of(&mut self, pattern: u32) -> u32 {
        *self.of_pattern[pattern as usize].get_or_insert_with(|| {
            self.patterns.push(pattern);
            self.patterns.len() as u32 - 1
        })
    }

    /// For the cells with the most rows in conflict, then in common, the most frequent pattern.
    fn pairs(&mut self, votes: &Patterns, report: &Report) {
        let matrix = &report.matrix;
        let mut cells: Vec<usize> = (0..matrix.cells.len()).collect();
        cells.sort_by_key(|&at| {
            let cell = &matrix.cells[at];
            (std::cmp::Reverse((cell.conflict, cell.both)), at)
        });
        let names = votes.names();
        let mut place = vec![None; votes.n_lfs()];
        matrix.lfs.iter().enumerate().for_each(|(at, &lf)| place[lf] = Some(at));
        let side = matrix.lfs.len();
        let mut wanted = vec![None; side * side];
        for at in cells.into_iter().take(PAIRS) {
            wanted[matrix.cells[at].first * side + matrix.cells[at].second] = Some(at);
        }
        let mut best: BTreeMap<usize, (bool, u64, u32)> = BTreeMap::new();
        for (u, (row, count)) in votes.iter().enumerate() {
            let shown: Vec<_> =
                row.iter().filter_map(|vote| Some((place[vote.lf.index()]?, vote))).collect();
            for (i, (one, vote)) in shown.iter().enumerate() {
                for (other, its) in &shown[i + 1..] {
                    let pair = one.min(other) * side + one.max(other);
                    let Some(cell) = wanted[pair] else { continue };
                    let rank = (names.conflict(vote.choice, its.choice), count, u as u32);
                    let best = best.entry(cell).or_insert(rank);
                    if (rank.0, rank.1) > (best.0, best.1) {
                        *best = rank;
                    }
                }
            }
        }
        for (cell, (_, _, u)) in best {
            let target = self.of(u);
            self.pairs.push((cell, target));
        }
    }
}
