//! Labeling functions and votes that never vote, or vote on every row.

use super::super::error::Problem;
use super::super::spec::{Declaration, Spec};
use super::Lint;
use super::logic::Logic;

pub(super) fn lint(spec: &Spec, logic: &Logic<'_>, found: &mut Vec<Lint>) {
    for lf in &spec.lfs {
        let constants: Vec<Option<bool>> =
            lf.votes.iter().map(|(_, when)| logic.constant(when)).collect();
        if let Some(why) = dead(lf, &constants, logic) {
            let message = format!("`{}` never votes: {why}", lf.name);
            let problem = Problem::new("dead-lf", lf.name.place, message);
            found.push(Lint::new(problem.help("mend its condition, or remove it")));
            continue;
        }
        if let ([Some(true)], None) = (constants.as_slice(), &lf.unless) {
            let message = format!("`{}` votes on every row: its condition always holds", lf.name);
            let problem = Problem::new("always-true", lf.name.place, message);
            let help = "a vote on every row says how common a label is, which is what \
                        `model: {class_balance: …}` is for; narrow the condition";
            found.push(Lint::new(problem.help(help)));
        }
        for (at, (_, when)) in lf.votes.iter().enumerate() {
            let before = &lf.votes[..at];
            let shadow = before.iter().zip(&constants).position(|((_, earlier), constant)| {
                *constant == Some(true) || logic.implies(when, earlier)
            });
            let message = match (shadow, constants[at]) {
                (Some(shadow), _) => {
                    format!("this vote is never given: vote {} holds wherever it does", shadow + 1)
                }
                (None, Some(false)) => "this vote is never given: its condition never holds".into(),
                _ => continue,
            };
            let problem = Problem::new("unreachable-vote", when.place, message);
            found.push(Lint::new(
                problem.help("the first vote that holds is given: put narrow ones first"),
            ));
        }
    }
}

/// Why a labeling function never votes, if that is so.
fn dead(lf: &Declaration, constants: &[Option<bool>], logic: &Logic<'_>) -> Option<&'static str> {
    if constants.iter().all(|constant| *constant == Some(false)) {
        return Some("its condition never holds");
    }
    let unless = lf.unless.as_ref()?;
    if logic.constant(unless) == Some(true) {
        return Some("its `unless` always holds");
    }
    let stopped = lf.votes.iter().all(|(_, when)| logic.implies(when, unless));
    stopped.then_some("its `unless` holds wherever its condition does")
}
