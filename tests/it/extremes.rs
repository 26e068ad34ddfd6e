//! What every registered label model must stand: shapes of label matrices that nobody plans for.
//!
//! Nothing is timed here; what ended in hours would show all the same.

use crate::models::Random;
use jurat::model::{FitError, LabelModel, Supervision, by_name, models};
use jurat::{LabelMatrix, Names, Patterns};

type Rows = Vec<Vec<Option<usize>>>;

fn patterns(rows: &Rows, n_classes: usize) -> Patterns {
    let lfs = (0..rows.first().map_or(0, Vec::len)).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique names");
    Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid rows"))
}

fn every_model(check: impl Fn(&str, &dyn LabelModel)) {
    for entry in models() {
        let model = by_name(entry.name, &[]).expect("defaults are valid");
        check(entry.name, model.as_ref());
    }
}

/// Fits and labels; every row has a distribution. Returns them.
fn labels(name: &str, model: &dyn LabelModel, rows: &Rows, n_classes: usize) -> Vec<Vec<f64>> {
    let votes = patterns(rows, n_classes);
    let known = Supervision::default();
    let fitted = model.fit(&votes, &known).unwrap_or_else(|error| panic!("{name}: {error}"));
    let labels = fitted.label(&votes);
    for u in 0..votes.len() {
        let row = labels.table().row(u);
        assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{name}: {row}");
        assert!((row.sum() - 1.0).abs() < 1e-9, "{name}: {row}");
    }
    assert!(fitted.to_json().is_ok(), "{name}: all numbers are finite");
    (0..rows.len()).map(|i| labels.probabilities(i).to_vec()).collect()
}

#[test]
fn a_single_row_of_a_single_labeling_function() {
    every_model(|name, model| {
        for n_classes in [2, 3, 200] {
            let found = labels(name, model, &vec![vec![Some(1)]], n_classes);
            assert!(found[0][1] > 1.0 / n_classes as f64 - 1e-6, "{name}: {found:?}");
        }
    });
}

#[test]
fn a_single_row_of_many_labeling_functions() {
    every_model(|name, model| {
        labels(name, model, &vec![(0..300).map(|j| Some(j % 3)).collect()], 3);
        let found = labels(name, model, &vec![vec![Some(1); 300]], 2);
        // A vote that is always the same may as well say nothing.
        assert!(found[0][1] > 0.5 - 1e-6, "{name}: {found:?}");
    });
}

#[test]
fn a_single_labeling_function_on_many_rows() {
    every_model(|name, model| {
        let rows = (0..500_usize).map(|i| vec![(!i.is_multiple_of(3)).then_some(i % 2)]).collect();
        labels(name, model, &rows, 2);
        labels(name, model, &vec![vec![Some(1)]; 500], 2);
    });
}

#[test]
fn nothing_to_learn_from_is_an_error() {
    every_model(|name, model| {
        let fit = |rows: &Rows, n_classes: usize| {
            model.fit(&patterns(rows, n_classes), &Supervision::default()).err()
        };
        assert_eq!(fit(&vec![], 2), Some(FitError::NoRows), "{name}");
        let silent = fit(&vec![vec![None; 3]; 4], 2);
        assert_eq!(silent, Some(FitError::NoVotes { n_rows: 4 }), "{name}");
        let one_class = fit(&vec![vec![Some(0)]; 4], 1);
        assert_eq!(one_class, Some(FitError::TooFewClasses { n_classes: 1 }), "{name}");
    });
}

#[test]
fn labeling_functions_that_always_agree_are_believed() {
    every_model(|name, model| {
        for n_classes in [2, 5] {
            let rows: Rows = (0..200).map(|i| vec![Some(i % n_classes); 6]).collect();
            for (i, row) in labels(name, model, &rows, n_classes).iter().enumerate() {
                let others = (0..n_classes).filter(|&y| y != i % n_classes);
                for y in others {
                    assert!(row[i % n_classes] > row[y], "{name}: row {i} has {row:?}");
                }
            }
        }
    });
}

/// Sparse votes that have nothing to do with each other.
fn noise(n_rows: usize, n_lfs: usize, n_classes: usize) -> Rows {
    let vote = |i: usize, j: usize| ((i * 31 + j * 17) % 97 < 9).then_some((i + j % 3) % n_classes);
    (0..n_rows).map(|i| (0..n_lfs).map(|j| vote(i, j)).collect()).collect()
}

#[test]
fn a_thousand_labeling_functions_on_a_few_rows() {
    every_model(|name, model| {
        labels(name, model, &noise(20, 1000, 2), 2);
    });
}

/// Hundreds of dense votes a row make rounds swing around the solution.
#[test]
fn dense_votes_of_many_labeling_functions_do_not_swing() {
    let mut random = Random(9);
    let mut rows = Rows::new();
    for _ in 0..20 {
        let vote = |_| {
            let (votes, class) = (random.next() < 0.5, random.class(&[0.5, 0.5]));
            votes.then_some(class)
        };
        rows.push((0..300).map(vote).collect());
    }
    let votes = patterns(&rows, 2);
    let model = by_name("anchored", &[]).expect("defaults");
    let fitted = model.fit(&votes, &Supervision::default()).expect("fits");
    let trace = fitted.trace();
    assert!(trace.converged && trace.rounds < 30, "{} rounds", trace.rounds);
}

#[test]
fn ten_thousand_labeling_functions_on_two_rows() {
    every_model(|name, model| {
        // The search of `snorkel` takes its time without optimization; it has a thousand above.
        if name != "snorkel" {
            labels(name, model, &vec![vec![Some(1); 10_000]; 2], 2);
        }
    });
}

/// One labeling function a class, and two that vote all classes, not well.
#[test]
fn two_hundred_classes() {
    const K: usize = 200;
    let mut random = Random(3);
    let shares = [1.0 / K as f64; K];
    let mut rows = Rows::new();
    for _ in 0..3 {
        let class = random.class(&shares);
        let rules = (0..K).map(|y| {
            let fires = if y == class { 0.5 } else { 0.002 };
            (random.next() < fires).then_some(y)
        });
        let mut row: Vec<Option<usize>> = rules.collect();
        for _ in 0..2 {
            let right = random.next() < 0.6;
            let vote = if right { class } else { random.class(&shares) };
            row.push((random.next() < 0.5).then_some(vote));
        }
        rows.push(row);
    }
    every_model(|name, model| {
        labels(name, model, &rows, K);
    });
}
