//! Naive Bayes over who voted what, anchored by priors that grow with the evidence.
//!
//! For each column c = (labeling function, what it voted) the model learns
//! R_c(y) = P(Y = y | c fired). The posterior of a row is
//! q(y) ∝ π(y) Π_c (R_c(y) / π(y))^κ_c: naive Bayes written with precisions instead of likelihoods,
//! so that an abstention is no evidence, tempered by κ_c where columns repeat each other. Three
//! things keep real, sparse, one-class labeling functions from the collapse that unsupervised
//! maximum likelihood (Dawid & Skene 1979, doi:10.2307/2346806; Ratner et al. 2016,
//! arXiv:1605.07723) suffers there: R_c is shrunk toward "mostly right" and toward what other
//! columns do (see [`super::priors`]), the shrinkage grows with the column's own count, and the plain
//! vote has a share of the answer.
//!
//! With π and the priors held, R maximizes a penalized likelihood (see [`super::objective`]), by
//! L-BFGS over softmax logits in steps that stay near, or by EM; π and the priors follow between
//! rounds.

use super::columns::{Columns, Discount};
use super::dependencies::{dependencies, learned_weights};
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::expectation::{Expected, expect_vote_shares};
use super::objective::{Objective, Round};
use super::optimize::minimize;
use super::priors::{Pool, prior};
use super::{Evidence, FitError, FittedModel, LabelModel, Member, Supervision, Trace};
use crate::Patterns;

/// The anchored model and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchored {
    /// Rows that the prior of a column is worth at least. Default 200.
    pub strength: f64,
    /// Further rows that the prior is worth, as a share of the column's own. Default 1.
    pub relative_strength: f64,
    /// What the prior takes for the precision of a vote, between 0 and 1. Default 0.9.
    pub precision: f64,
    /// How strongly to discount columns that fire together; 0 counts all in full. Default 0.25.
    pub redundancy: f64,
    /// The share of majority vote in the posterior, from 0 to 1. Default 0.15.
    pub majority_share: f64,
    /// What the prior of a column learns from the others. Default auto.
    pub pool: Pool,
    /// What tells that columns repeat each other. Default overlap.
    pub dependence: Dependence,
    /// How R is fitted. Default EM, which reaches the same posteriors several times faster.
    pub solver: Solver,
    /// Rounds at the most. Default 300.
    pub rounds: usize,
}

/// How the parameters are fitted; both reach the same posteriors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    /// Gradient optimization: limited-memory BFGS on the logits of R.
    Lbfgs,
    /// Expectation–maximization: one closed-form step a round.
    Em,
}

/// What tells how much of a column's evidence others repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependence {
    /// How far columns for the same class fire on the same rows, whatever the reason.
    Overlap,
    /// The same; and the pairs that agree beyond what the label explains, found after a first fit
    /// (see [`dependencies`]), count with the strength of that. Costs a second fit when there are any.
    Learned,
}

impl Default for Anchored {
    fn default() -> Self {
        Self {
            strength: 200.0,
            relative_strength: 1.0,
            precision: 0.9,
            redundancy: 0.25,
            majority_share: 0.15,
            pool: Pool::Auto,
            dependence: Dependence::Overlap,
            solver: Solver::Em,
            rounds: 300,
        }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "anchored",
    summary: "naive Bayes over votes, held in place by priors; robust on sparse, one-class LFs",
    uses_trust: true,
    settings: &[
        Setting {
            name: "strength",
            summary: "rows that the prior of an LF is worth at least (200)",
        },
        Setting {
            name: "relative_strength",
            summary: "further rows that it is worth, as a share of the LF's own (1)",
        },
        Setting {
            name: "precision",
            summary: "what the prior takes for the precision of a vote (0.9)",
        },
        Setting { name: "redundancy", summary: "discount for LFs that fire together (0.25)" },
        Setting {
            name: "majority_share",
            summary: "share of majority vote in the posterior (0.15)",
        },
        Setting {
            name: "pool",
            summary: "what an LF's prior learns from others: those with the same vote, all, or auto: all \
                      from votes alone, else those with the same vote (auto)",
        },
        Setting {
            name: "dependence",
            summary: "discount by overlap, or more where agreement is learned to be copied: overlap or \
                      learned (overlap)",
        },
        Setting { name: "solver", summary: "em or lbfgs (em)" },
        Setting { name: "rounds", summary: "rounds at the most (300)" },
    ],
    build: |values| Ok(Box::new(Anchored::from_settings(values)?)),
};

impl Anchored {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Anchored::default();
        let dependences = [("overlap", Dependence::Overlap), ("learned", Dependence::Learned)];
        let solvers = [("lbfgs", Solver::Lbfgs), ("em", Solver::Em)];
        Ok(Self {
            strength: values.positive("strength", default.strength)?,
            relative_strength: values
                .not_negative("relative_strength", default.relative_strength)?,
            precision: values.probability("precision", default.precision)?,
            redundancy: values.not_negative("redundancy", default.redundancy)?,
            majority_share: values.number(
                "majority_share",
                default.majority_share,
                "a number from 0 to 1",
                |value| (0.0..=1.0).contains(&value),
            )?,
            pool: values.word(
                "pool",
                default.pool,
                "auto, same or all",
                &[("auto", Pool::Auto), ("same", Pool::Same), ("all", Pool::All)],
            )?,
            dependence: values.word(
                "dependence",
                default.dependence,
                "overlap or learned",
                &dependences,
            )?,
            solver: values.word("solver", default.solver, "em or lbfgs", &solvers)?,
            rounds: values.rounds(default.rounds)?,
        })
    }
}

/// ρ, how near to its start a round of L-BFGS stays (see [`Round`]). Measured on 18 real label
/// matrices: from 0.7 on all of them converge, to within 2·10⁻⁵ of the posteriors of EM; at 0.5 one
/// oscillates, because π and the priors no longer keep up.
const NEARNESS: f64 = 0.75;

/// How near two columns must come to count as one (see [`Discount`]): half as
/// repeats at a Jaccard index of 0.84.
const REPEAT_POWER: i32 = 4;

/// Steps of L-BFGS in a round; more were slower and no better.
const STEPS: u64 = 10;

/// A fit has converged when no entry of R and π moved by more than this.
const TOLERANCE: f64 = 1e-6;

impl Anchored {
    /// Fits naive Bayes over precisions, without the average with majority vote.
    pub(super) fn member(
        &self,
        columns: &Columns,
        known: &Supervision,
    ) -> Result<(Member, Trace), FitError> {
        let [weights] = columns.redundancy_weights([self.discount()]);
        self.weighted_member(columns, known, weights)
    }

    /// How much columns that fire together repeat each other.
    pub(super) fn discount(&self) -> Discount {
        Discount { lambda: self.redundancy, power: REPEAT_POWER }
    }

    /// Fits naive Bayes over precisions, without the average with majority vote, with these weights
    /// of the columns.
    pub(super) fn weighted_member(
        &self,
        columns: &Columns,
        known: &Supervision,
        weights: Vec<f64>,
    ) -> Result<(Member, Trace), FitError> {
        let state = self.run(columns, known, weights)?;
        let k = columns.n_classes;
        let objective = Objective {
            columns,
            weights: &state.weights,
            shares: &state.shares,
            prior: &[],
            strength: &[],
        };
        let evidence = objective.evidence(&state.log_r);
        let evidence = Evidence::of_votes(&columns.votes, &evidence, k);
        let bias = state.shares.iter().map(|share| share.ln()).collect();
        Ok((Member::Evidence { bias, evidence }, state.trace))
    }
}

impl LabelModel for Anchored {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let finish = |(member, trace)| {
            let share = self.majority_share;
            let members = vec![(1.0 - share, member), (share, Member::MajorityVote)];
            Draft::average(ENTRY.name, members, trace).finish(votes, known)
        };
        let fitted = finish(self.member(&columns, known)?)?;
        if self.dependence == Dependence::Overlap {
            return Ok(fitted);
        }
        let found = dependencies(votes, &fitted);
        if found.is_empty() {
            return Ok(fitted);
        }
        let weights = learned_weights(&columns, self.discount(), &found);
        finish(self.weighted_member(&columns, known, weights)?)
    }
}

/// Where the iteration stands.
struct State {
    weights: Vec<f64>,
    shares: Vec<f64>,
    log_r: Vec<f64>,
    trace: Trace,
}

impl Anchored {
    fn run(
        &self,
        columns: &Columns,
        known: &Supervision,
        weights: Vec<f64>,
    ) -> Result<State, FitError> {
        let k = columns.n_classes;
        let strength: Vec<f64> =
            columns.counts.iter().map(|n| self.strength + self.relative_strength * n).collect();
        let mut expected = expect_vote_shares(columns);
        let mut log_r: Option<Vec<f64>> = None;
        let mut shares = vec![1.0 / k as f64; k];
        let mut pace = Pace::default();
        let mut leap = Leap::new(columns);
        let mut trace = Trace::default();
        for round in 1..=self.rounds.max(1) {
            let previous = (log_r.clone(), shares);
            shares = self.shares(columns, &expected);
            pace.watch(&previous.1, &shares);
            let prior = prior(columns, &expected, self.precision, self.pool, known);
            let objective = Objective {
                columns,
                weights: &weights,
                shares: &shares,
                prior: &prior,
                strength: &strength,
            };
            let next = match (&log_r, self.solver) {
                (Some(log_r), Solver::Lbfgs) if pace.share == 1.0 => {
                    let step = Round::new(&objective, &expected, NEARNESS);
                    let found = minimize(&step, step.point(log_r), 1e-9, STEPS);
                    step.log_r(&found.map_err(FitError::Optimizer)?)
                }
                _ => objective.maximize_step(&expected),
            };
            let found = objective.expect_counts(&next);
            trace.rounds = round;
            let moved = previous.0.as_ref().map_or(f64::INFINITY, |old| {
                let r = old.iter().zip(&next).map(|(a, b)| (a.exp() - b.exp()).abs());
                let pi = previous.1.iter().zip(&shares).map(|(a, b)| (a - b).abs());
                r.chain(pi).fold(0.0, f64::max)
            });
            trace.converged = moved < TOLERANCE;
            if trace.converged || round == self.rounds.max(1) {
                trace.objective.push(objective.value(&next, &objective.expect(&next)));
                log_r = Some(next);
                break;
            }
            log_r = Some(next);
            expected = if pace.share < 1.0 {
                expected.toward(&found, pace.share)
            } else if self.solver == Solver::Em && moved < NEAR {
                leap.from(&expected, found)
            } else {
                found
            };
        }
        Ok(State { weights, shares, log_r: log_r.unwrap_or_default(), trace })
    }

    /// π: the mean posterior of the covered rows, with one row more for each class.
    fn shares(&self, columns: &Columns, expected: &Expected) -> Vec<f64> {
        let total = columns.n_rows() + columns.n_classes as f64;
        expected.shares.iter().map(|sum| (sum + 1.0) / total).collect()
    }
}

/// Steps of EM that see where it goes.
///
/// Near a fixed point each step of EM leaves a share of the distance to it. Of two steps from x, r
/// and r + v long, x + 2 a r + a² v with a = |r| / |v| is about where many more would lead (SQUAREM:
/// Varadhan & Roland 2008, doi:10.1111/j.1467-9469.2007.00585.x). Expectations are compared as shares of
/// the rows of their column.
struct Leap {
    scale: Vec<f64>,
    /// The expectations before the first of two steps.
    start: Option<Vec<f64>>,
    /// How long the first step of the last leap was; no step after it may be longer.
    length: f64,
}

/// Moves of R and π below which steps of EM are taken to be near a fixed point.
const NEAR: f64 = 1e-2;

/// The longest leap, in first steps.
const LONGEST: f64 = 16.0;

impl Leap {
    fn new(columns: &Columns) -> Self {
        let k = columns.n_classes;
        let rows = columns.counts.iter().flat_map(|&rows| std::iter::repeat_n(rows, k));
        let scale = rows.chain(std::iter::repeat_n(columns.n_rows(), k)).map(f64::recip).collect();
        Self { scale, start: None, length: f64::INFINITY }
    }

    /// Where to go on after a step of EM from one expectation to the next.
    fn from(&mut self, before: &Expected, mut after: Expected) -> Expected {
        let (x1, x2) = (before.flat(), after.flat());
        let Some(x0) = self.start.take() else {
            self.start = Some(x1);
            return after;
        };
        let norm =
            |x: &[f64]| x.iter().zip(&self.scale).map(|(x, s)| (x * s).powi(2)).sum::<f64>().sqrt();
        let r: Vec<f64> = x1.iter().zip(&x0).map(|(b, a)| b - a).collect();
        let v: Vec<f64> = x2.iter().zip(&x1).zip(&r).map(|((c, b), r)| c - b - r).collect();
        let (first, curve) = (norm(&r), norm(&v));
        if first > self.length {
            return after;
        }
        self.length = first;
        let a = (first / curve).clamp(1.0, LONGEST);
        let far = x0.iter().zip(&r).zip(&v).map(|((x, r), v)| x + 2.0 * a * r + a * a * v);
        let far: Vec<f64> = far.collect();
        if far.iter().all(|rows| *rows >= 0.0) {
            after.set(&far);
        }
        after
    }
}

/// How far the expectations move in a round: all the way, unless π swings.
///
/// Where hundreds of votes meet on a row, π(y) comes with a high negative power in its posterior, and
/// a round can overshoot by about as much as it was off before. Steps of EM that go half the way end
/// that, and have the same fixed points.
#[derive(Debug)]
struct Pace {
    share: f64,
    moves: Vec<f64>,
    swings: u32,
}

/// Moves in a row that must turn back most of the way of the one before.
const SWINGS: u32 = 4;

impl Default for Pace {
    fn default() -> Self {
        Self { share: 1.0, moves: Vec::new(), swings: 0 }
    }
}

impl Pace {
    /// Takes note of the move of π in a round.
    fn watch(&mut self, before: &[f64], now: &[f64]) {
        let moves: Vec<f64> = now.iter().zip(before).map(|(new, old)| new - old).collect();
        let turned: f64 = moves.iter().zip(&self.moves).map(|(a, b)| a * b).sum();
        let furthest = moves.iter().fold(0.0_f64, |most, moved| most.max(moved.abs()));
        let last: f64 = self.moves.iter().map(|moved| moved * moved).sum();
        // Below the tolerance it does not matter which way.
        let turns = furthest > TOLERANCE && turned < -0.5 * last;
        self.swings = if turns { self.swings + 1 } else { 0 };
        if self.swings == SWINGS {
            self.share /= 2.0;
            self.swings = 0;
        }
        self.moves = moves;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::optimize::Smooth;
    use crate::{LabelMatrix, Names};

    fn small() -> Patterns {
        let names = Names::new(["a", "b", "c"], ["x", "y", "z"]).expect("names");
        let not_every = |i: usize, n: usize| !i.is_multiple_of(n);
        let rows: Vec<Vec<Option<usize>>> = (0..120)
            .map(|i: usize| {
                let truth = (i / 7) % 3;
                let wrong = (truth + 1 + i % 2) % 3;
                let vote =
                    |seen: bool, right: bool| seen.then_some(if right { truth } else { wrong });
                vec![
                    vote(not_every(i, 3), not_every(i, 5)),
                    vote(not_every(i + 3, 4), not_every(i, 7)),
                    vote(not_every(i + 1, 2), not_every(i, 3)),
                ]
            })
            .collect();
        Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"))
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let columns = Columns::new(&small());
        let k = columns.n_classes;
        let [weights] = columns.redundancy_weights([Anchored::default().discount()]);
        let prior: Vec<f64> =
            (0..columns.len() * k).map(|i| [0.5, 0.3, 0.2][(i + i / k) % 3]).collect();
        let strength: Vec<f64> = (0..columns.len()).map(|c| 3.0 + c as f64).collect();
        let objective = Objective {
            columns: &columns,
            weights: &weights,
            shares: &[0.2, 0.5, 0.3],
            prior: &prior,
            strength: &strength,
        };
        let before = objective.expect(&vec![(1.0_f64 / 3.0).ln(); prior.len()]);
        let over = Round::new(&objective, &before, 0.4);
        let at: Vec<f64> = (0..prior.len()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 9.0).collect();
        let mut gradient = vec![0.0; at.len()];
        over.evaluate(&at, &mut gradient);
        let mut unused = vec![0.0; at.len()];
        for i in 0..at.len() {
            let step = 1e-5;
            let mut moved = at.clone();
            moved[i] += step;
            let above = over.evaluate(&moved, &mut unused);
            moved[i] -= 2.0 * step;
            let below = over.evaluate(&moved, &mut unused);
            let slope = (above - below) / (2.0 * step);
            assert!((slope - gradient[i]).abs() < 1e-8, "{i}: {slope} against {}", gradient[i]);
        }
    }

    #[test]
    fn both_solvers_reach_the_same_posteriors() {
        let patterns = small();
        let fit = |solver| {
            let model = Anchored { solver, rounds: 2000, strength: 5.0, ..Anchored::default() };
            model.fit(&patterns, &Supervision::default()).expect("fits").label(&patterns)
        };
        let (lbfgs, em) = (fit(Solver::Lbfgs), fit(Solver::Em));
        let apart = (lbfgs.table() - em.table()).mapv(f64::abs).fold(0.0, |a: f64, &b| a.max(b));
        assert!(apart < 1e-4, "posteriors differ by {apart}");
    }
}
