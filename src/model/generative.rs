//! The generative model of data programming, by exact marginal likelihood.
//!
//! Ratner, De Sa, Wu, Selsam & Ré (2016), "Data programming: creating large training sets, quickly",
//! arXiv:1605.07723: P(votes, Y) = π(Y) Π_j P(vote or abstention of j | Y), the labels summed out,
//! with P(j votes | y) and P(j votes l | y, j votes) free for every labeling function, class and
//! choice. An abstention's factor is raised to a weight: 1 is the model as it stands, 0 ignores
//! abstentions. On patterns the likelihood is a finite sum, so that it is maximized exactly, by L-BFGS
//! over the logits of all probabilities from the vote shares; no sampling is needed.
//! Each distribution has a Dirichlet prior worth a few rows, around what a labeling function of one
//! accuracy would do.
//!
//! Where labeling functions are independent given the class, and the rows many, nothing is better.
//! Where they are not, and with labeling functions that vote for one class, the likelihood prefers
//! to explain what fires together, not what is true: see [`Anchored`](super::Anchored).

use super::columns::Columns;
use super::confusion::{Abstain, Estimator, Tables};
use super::draft::Draft;
use super::entry::{ModelEntry, Setting, SettingError, Values};
use super::expectation::Expected;
use super::numeric::log_sum_exp;
use super::optimize::{Smooth, minimize};
use super::{FitError, FittedModel, LabelModel, Supervision, Trace};
use crate::Patterns;

/// The generative model and its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Generative {
    /// What an abstention says. Default: as much as a vote.
    pub abstain: Abstain,
    /// Rows that the prior of each distribution is worth. Default 5.
    pub strength: f64,
    /// Steps of L-BFGS at the most. Default 500.
    pub rounds: usize,
}

impl Default for Generative {
    fn default() -> Self {
        Self { abstain: Abstain::Symbol, strength: 5.0, rounds: 500 }
    }
}

/// How specs and the command line name this model.
pub(super) static ENTRY: ModelEntry = ModelEntry {
    name: "generative",
    summary: "data programming: exact marginal likelihood; for independent LFs and many rows",
    uses_trust: true,
    settings: &[
        Setting { name: "abstain", summary: "missing, symbol or tempered (symbol)" },
        Setting { name: "abstain_weight", summary: "weight of an abstention if tempered (0.25)" },
        Setting { name: "strength", summary: "rows that the prior is worth (5)" },
        Setting { name: "rounds", summary: "steps at the most (500)" },
    ],
    build: |values| Ok(Box::new(Generative::from_settings(values)?)),
};

impl Generative {
    fn from_settings(values: &Values<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            abstain: Abstain::from_settings(values, default.abstain)?,
            strength: values.positive("strength", default.strength)?,
            rounds: values.rounds(default.rounds)?,
        })
    }

    /// The tables that maximize the penalized likelihood.
    pub(super) fn tables(&self, estimator: &Estimator<'_>) -> Result<(Tables, Trace), FitError> {
        let start = estimator.start();
        let prior = estimator.prior(&start);
        let likelihood = Likelihood::new(estimator, &prior, self.strength);
        let at = likelihood.point(&estimator.maximize(&start, &prior));
        let found = minimize(&likelihood, at, 1e-9, self.rounds as u64);
        let found = found.map_err(FitError::Optimizer)?;
        let mut slope = vec![0.0; found.len()];
        let cost = likelihood.evaluate(&found, &mut slope);
        let steepest = slope.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
        let trace =
            Trace { rounds: 1, converged: steepest < 1e-5, objective: vec![-cost * likelihood.n] };
        Ok((likelihood.tables(&found), trace))
    }

    /// An estimator with the priors of this model.
    pub(super) fn estimator<'a>(&self, columns: &'a Columns, known: &Supervision) -> Estimator<'a> {
        Estimator::new(columns, self.strength, self.strength, self.abstain.weight(), known)
    }
}

impl LabelModel for Generative {
    fn fit(&self, votes: &Patterns, known: &Supervision) -> Result<FittedModel, FitError> {
        super::check(votes, known)?;
        let columns = Columns::new(votes);
        let estimator = self.estimator(&columns, known);
        let (tables, trace) = self.tables(&estimator)?;
        let weights = vec![1.0; columns.len()];
        Draft::new(ENTRY.name, estimator.member(&tables, &weights), trace)
            .with_uncovered(estimator.uncovered(&tables, &weights))
            .finish(votes, known)
    }
}

/// The negative penalized log-likelihood per row, over logits: of π, of the columns of each labeling
/// function given the class, and, where abstentions count, of voting at all given the class.
struct Likelihood<'a> {
    estimator: &'a Estimator<'a>,
    weights: Vec<f64>,
    /// Pseudo-rows of each column and class: they sum to the strength within a labeling function.
    pseudo: Vec<f64>,
    /// Pseudo-rows of voting and abstaining of each labeling function.
    pseudo_fires: Vec<(f64, f64)>,
    n: f64,
}

impl<'a> Likelihood<'a> {
    fn new(estimator: &'a Estimator<'a>, prior: &[f64], strength: f64) -> Self {
        let columns = estimator.columns;
        let k = columns.n_classes;
        let mut pseudo = prior.to_vec();
        for range in estimator.ranges() {
            for y in 0..k {
                let sum: f64 = range.clone().map(|c| prior[c * k + y]).sum();
                range.clone().for_each(|c| pseudo[c * k + y] *= strength / sum);
            }
        }
        let n = columns.n_rows() + columns.uncovered;
        let fires = estimator.by_voter(|c| columns.counts[c]);
        let pseudo_fires = fires
            .iter()
            .map(|fires| (strength * fires / n, strength * (1.0 - fires / n)))
            .collect();
        Self { estimator, weights: vec![1.0; columns.len()], pseudo, pseudo_fires, n }
    }

    /// The logits that stand for tables.
    fn point(&self, tables: &Tables) -> Vec<f64> {
        let mut point = tables.log_shares.clone();
        point.extend_from_slice(&tables.log_votes);
        let fires = tables.log_fires.iter().zip(&tables.log_abstains);
        point.extend(fires.map(|(fires, abstains)| fires - abstains));
        point
    }

    /// The tables at a point.
    fn tables(&self, at: &[f64]) -> Tables {
        let k = self.estimator.columns.n_classes;
        let n_cells = self.estimator.columns.len() * k;
        let mut log_shares = at[..k].to_vec();
        let total = log_sum_exp(&log_shares);
        log_shares.iter_mut().for_each(|value| *value -= total);
        let mut log_votes = at[k..k + n_cells].to_vec();
        let mut cells = Vec::new();
        for range in self.estimator.ranges() {
            for y in 0..k {
                cells.clear();
                cells.extend(range.clone().map(|c| log_votes[c * k + y]));
                let total = log_sum_exp(&cells);
                range.clone().for_each(|c| log_votes[c * k + y] -= total);
            }
        }
        let fires = &at[k + n_cells..];
        let log_fires = fires.iter().map(|&logit| -log_sum_exp(&[0.0, -logit])).collect();
        let log_abstains = fires.iter().map(|&logit| -log_sum_exp(&[0.0, logit])).collect();
        Tables { log_shares, log_votes, log_abstains, log_fires }
    }

    /// log-likelihood and log prior.
    fn value(&self, tables: &Tables, expected: &Expected) -> f64 {
        let k = tables.log_shares.len();
        let cells = self.pseudo.iter().zip(&tables.log_votes).map(|(pseudo, log)| pseudo * log);
        let fires = tables.log_fires.iter().zip(&tables.log_abstains).enumerate();
        let fires = fires.map(|(i, (fires, abstains))| {
            let (voting, abstaining) = self.pseudo_fires[i / k];
            self.estimator.abstain * (voting * fires + abstaining * abstains)
        });
        expected.log_likelihood
            + tables.log_shares.iter().sum::<f64>()
            + cells.sum::<f64>()
            + fires.sum::<f64>()
    }
}

impl Smooth for Likelihood<'_> {
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
        let estimator = self.estimator;
        let k = estimator.columns.n_classes;
        let tables = self.tables(at);
        let expected = estimator.expect(&tables, &self.weights);
        let total: f64 = expected.shares.iter().sum::<f64>() + k as f64;
        for (y, slope) in gradient[..k].iter_mut().enumerate() {
            *slope = total * tables.log_shares[y].exp() - expected.shares[y] - 1.0;
        }
        for (j, range) in estimator.ranges().into_iter().enumerate() {
            for y in 0..k {
                let rows = |c: usize| expected.counts[c * k + y] + self.pseudo[c * k + y];
                let total: f64 = range.clone().map(rows).sum();
                let mut fires = 0.0;
                for c in range.clone() {
                    fires += expected.counts[c * k + y];
                    gradient[k + c * k + y] = total * tables.log_votes[c * k + y].exp() - rows(c);
                }
                if estimator.abstain > 0.0 {
                    let (voting, abstaining) = self.pseudo_fires[j];
                    let votes = fires + voting;
                    let all = expected.shares[y] + voting + abstaining;
                    let i = j * k + y;
                    let slope = all * tables.log_fires[i].exp() - votes;
                    gradient[k + self.pseudo.len() + i] = estimator.abstain * slope;
                }
            }
        }
        gradient.iter_mut().for_each(|slope| *slope /= self.n);
        -self.value(&tables, &expected) / self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelMatrix, Names};

    fn small() -> Patterns {
        let names = Names::new(["a", "b", "c", "d"], ["x", "y", "z"]).expect("names");
        let rows: Vec<Vec<Option<usize>>> = (0..150_usize)
            .map(|i| {
                let truth = (i / 7) % 3;
                let vote = |seen: bool, right: bool| {
                    seen.then_some(if right { truth } else { (truth + 1 + i % 2) % 3 })
                };
                vec![
                    vote(i % 3 > 0, i % 5 > 0),
                    vote(i % 4 > 0, i % 7 > 0),
                    vote(i % 2 > 0, i % 3 > 0),
                    (truth == 1 && i % 3 > 0).then_some(1),
                ]
            })
            .collect();
        Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"))
    }

    #[test]
    fn the_gradient_equals_finite_differences() {
        let columns = Columns::new(&small());
        for abstain in [Abstain::Symbol, Abstain::Missing, Abstain::Tempered(0.3)] {
            let model = Generative { abstain, ..Generative::default() };
            let estimator = model.estimator(&columns, &Supervision::default());
            let start = estimator.start();
            let prior = estimator.prior(&start);
            let likelihood = Likelihood::new(&estimator, &prior, 5.0);
            let mut at = likelihood.point(&estimator.maximize(&start, &prior));
            for (i, value) in at.iter_mut().enumerate() {
                *value += ((i * 37 % 11) as f64 - 5.0) / 20.0;
            }
            let mut gradient = vec![0.0; at.len()];
            likelihood.evaluate(&at, &mut gradient);
            let mut unused = vec![0.0; at.len()];
            for i in 0..at.len() {
                let step = 1e-5;
                let mut moved = at.clone();
                moved[i] += step;
                let above = likelihood.evaluate(&moved, &mut unused);
                moved[i] -= 2.0 * step;
                let below = likelihood.evaluate(&moved, &mut unused);
                let slope = (above - below) / (2.0 * step);
                let apart = (slope - gradient[i]).abs();
                assert!(apart < 1e-8, "{abstain:?} {i}: {slope} against {}", gradient[i]);
            }
        }
    }

    /// EM climbs the same likelihood; it must not find a higher place.
    #[test]
    fn no_round_of_em_finds_a_better_place() {
        let columns = Columns::new(&small());
        let model = Generative::default();
        let estimator = model.estimator(&columns, &Supervision::default());
        let prior = estimator.prior(&estimator.start());
        let likelihood = Likelihood::new(&estimator, &prior, model.strength);
        let (found, trace) = model.tables(&estimator).expect("fits");
        assert!(trace.converged);
        let value = |tables: &Tables| {
            likelihood.value(tables, &estimator.expect(tables, &likelihood.weights))
        };
        let next = estimator.maximize(&estimator.expect(&found, &likelihood.weights), &prior);
        let renormalized = likelihood.tables(&likelihood.point(&next));
        assert!(value(&renormalized) <= value(&found) + 1e-6);
    }
}
