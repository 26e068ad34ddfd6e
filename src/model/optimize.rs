//! The only file that knows argmin: minimization of a smooth function by L-BFGS.

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use std::cell::{Cell, RefCell};

/// A function whose cost and gradient come out of one pass.
pub(super) trait Smooth {
    /// The cost at `at`; fills `gradient`, which has the length of `at`.
    fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64;
}

/// Correction pairs that L-BFGS keeps (Nocedal & Wright 2006, section 7.2, suggest 3 to 20).
const MEMORY: usize = 10;

/// The point that minimizes `function`, searched from `start` by L-BFGS with a Moré–Thuente line search.
///
/// Stops when the gradient's norm is below `tolerance` or after `iterations`. A line search that
/// finds no better point ends the search at the best point so far: near the minimum, rounding
/// makes that the normal end.
pub(super) fn minimize(
    function: &impl Smooth,
    start: Vec<f64>,
    tolerance: f64,
    iterations: u64,
) -> Result<Vec<f64>, String> {
    let memo = Memo {
        function,
        last: RefCell::new(None),
        best: RefCell::new(None),
        calls: Cell::new(0),
        most: CALLS_A_STEP * (iterations + 1),
        mark: Cell::new(f64::INFINITY),
        idle: Cell::new(0),
    };
    let cost = memo.cost(&start).map_err(|error| error.to_string())?;
    if !cost.is_finite() {
        return Err(format!("the cost at the start is {cost}"));
    }
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
        .with_tolerance_grad(tolerance)
        .and_then(|solver| solver.with_tolerance_cost(GAIN))
        .map_err(|error| error.to_string())?;
    // How the run ended does not matter: a failed line search loses argmin's state, but the memo has
    // seen every point that argmin has, and remembers the best.
    let _ = Executor::new(&memo, solver)
        .configure(|state| state.param(start.clone()).max_iters(iterations))
        .timer(false)
        .run();
    let best = memo.best.into_inner();
    best.map(|(at, _)| at).ok_or_else(|| "no point with a finite cost".to_owned())
}

/// A step that lowers the cost by less is the last one.
const GAIN: f64 = 1e-14;

/// Points in a row that together do not lower the cost by [`GAIN`] end the search: where the minimum is at
/// infinity, the slope vanishes too slowly for the tolerance, and line searches go on for nothing.
const IDLE: u64 = 40;

/// How often the line search may ask in one step, on average. Its own loop has no end: where rounding
/// hides which of two points is better it can go on forever, and is stopped then.
const CALLS_A_STEP: u64 = 40;

/// Remembers the last evaluation, since argmin asks for the cost and the gradient of a point one
/// after the other, and the best one.
struct Memo<'a, F> {
    function: &'a F,
    last: RefCell<Option<Evaluation>>,
    best: RefCell<Option<(Vec<f64>, f64)>>,
    calls: Cell<u64>,
    most: u64,
    /// The cost from which a gain is reckoned, and the points since then.
    mark: Cell<f64>,
    idle: Cell<u64>,
}

struct Evaluation {
    at: Vec<f64>,
    cost: f64,
    gradient: Vec<f64>,
}

impl<F: Smooth> Memo<'_, F> {
    fn with<T>(&self, at: &[f64], take: impl FnOnce(&Evaluation) -> T) -> T {
        let mut last = self.last.borrow_mut();
        if let Some(evaluation) = last.as_ref().filter(|evaluation| evaluation.at == at) {
            return take(evaluation);
        }
        let mut gradient = vec![0.0; at.len()];
        let cost = self.function.evaluate(at, &mut gradient);
        if cost < self.mark.get() - GAIN {
            self.mark.set(cost);
            self.idle.set(0);
        } else {
            self.idle.set(self.idle.get() + 1);
        }
        let mut best = self.best.borrow_mut();
        if cost.is_finite() && best.as_ref().is_none_or(|(_, lowest)| cost < *lowest) {
            *best = Some((at.to_vec(), cost));
        }
        take(last.insert(Evaluation { at: at.to_vec(), cost, gradient }))
    }
}

impl<F: Smooth> CostFunction for &Memo<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Self::Param) -> Result<f64, Error> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() > self.most || self.idle.get() > IDLE {
            return Err(Error::msg("the line search makes no progress"));
        }
        Ok(self.with(at, |evaluation| evaluation.cost))
    }
}

impl<F: Smooth> Gradient for &Memo<'_, F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, at: &Self::Param) -> Result<Self::Gradient, Error> {
        Ok(self.with(at, |evaluation| evaluation.gradient.clone()))
    }
}

impl<F: Smooth> Memo<'_, F> {
    fn cost(&self, at: &Vec<f64>) -> Result<f64, Error> {
        CostFunction::cost(&self, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, minimum 0 at (1, 1).
    struct Valley;

    impl Smooth for Valley {
        fn evaluate(&self, at: &[f64], gradient: &mut [f64]) -> f64 {
            let (x, y) = (at[0], at[1]);
            gradient[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            gradient[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        }
    }

    #[test]
    fn finds_the_valley_floor() {
        let found = minimize(&Valley, vec![-1.2, 1.0], 1e-10, 200).expect("converges");
        assert!((found[0] - 1.0).abs() < 1e-7 && (found[1] - 1.0).abs() < 1e-7, "{found:?}");
    }

    #[test]
    fn a_start_at_the_minimum_stays_there() {
        let found = minimize(&Valley, vec![1.0, 1.0], 1e-10, 200).expect("converges");
        assert_eq!(found, [1.0, 1.0]);
    }
}
