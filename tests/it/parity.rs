//! Other label models on the same small matrices: `tests/data/peers/record.py` recorded what they say.

use jurat::SettingValue::{self, Number, Word};
use jurat::model::{FittedModel, Member, Supervision, by_name};
use jurat::{LabelMatrix, Names, Patterns};
use serde_json::Value;

fn recorded(file: &str) -> Value {
    let path = format!("{}/tests/data/peers/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a recorded file");
    serde_json::from_str(&text).expect("JSON")
}

fn items(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn numbers(value: &Value) -> Vec<f64> {
    items(value).iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// A recorded matrix; the distinct rows stand in the order in which all numbers are recorded.
struct Matrix {
    name: String,
    votes: Patterns,
    /// For each distinct row its pattern.
    pattern: Vec<usize>,
}

fn matrices() -> Vec<Matrix> {
    let file = recorded("matrices.json");
    let all = file["matrices"].as_object().expect("matrices by name");
    let read = |(name, value): (&String, &Value)| {
        let n_classes = number(&value["n_classes"]) as usize;
        let distinct: Vec<Vec<Option<usize>>> = items(&value["rows"])
            .iter()
            .map(|row| items(row).iter().map(|vote| vote.as_u64().map(|y| y as usize)).collect())
            .collect();
        let counts = numbers(&value["counts"]);
        let times = |row: usize| std::iter::repeat_n(row, counts[row] as usize);
        let of_row: Vec<usize> = (0..distinct.len()).flat_map(times).collect();
        let rows: Vec<_> = of_row.iter().map(|&row| distinct[row].clone()).collect();
        let lfs = (0..distinct[0].len()).map(|j| format!("lf{j}"));
        let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique");
        let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid rows"));
        let mut pattern = vec![0; distinct.len()];
        for (i, &row) in of_row.iter().enumerate() {
            pattern[row] = votes.of_row()[i] as usize;
        }
        Matrix { name: name.clone(), votes, pattern }
    };
    all.iter().map(read).collect()
}

impl Matrix {
    fn fit(&self, model: &str, balance: &Value, settings: &[(&str, SettingValue)]) -> FittedModel {
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let known = match balance {
            Value::Null => Supervision::default(),
            shares => Supervision::default().with_class_balance(numbers(shares)),
        };
        let model = by_name(model, &settings).expect("known settings");
        model.fit(&self.votes, &known).expect("fits")
    }

    /// The largest difference of a probability of any row from the recorded one.
    fn apart(&self, fitted: &FittedModel, recorded: &Value) -> f64 {
        self.apart_after(fitted, &vec![1.0; self.votes.n_classes()], recorded)
    }

    /// The same when our probabilities are first multiplied by `factors` and made to sum to 1 again.
    fn apart_after(&self, fitted: &FittedModel, factors: &[f64], recorded: &Value) -> f64 {
        let labels = fitted.label(&self.votes);
        let mut apart = 0.0_f64;
        for (row, &pattern) in items(recorded).iter().zip(&self.pattern) {
            let ours = labels.table().row(pattern);
            let ours: Vec<f64> = ours.iter().zip(factors).map(|(p, factor)| p * factor).collect();
            let sum: f64 = ours.iter().sum();
            for (p, q) in ours.iter().zip(numbers(row)) {
                apart = apart.max((p / sum - q).abs());
            }
        }
        assert_eq!(items(recorded).len(), self.pattern.len());
        apart
    }
}

/// Rows without votes are a tie of all classes for both.
#[test]
fn majority_is_snorkels_majority_label_voter() {
    let peer = recorded("snorkel.json");
    for matrix in matrices() {
        let fitted = matrix.fit("majority", &Value::Null, &[]);
        let recorded = &peer["matrices"][&matrix.name]["majority_label_voter"];
        let apart = matrix.apart(&fitted, recorded);
        assert!(apart < 1e-12, "{}: {apart}", matrix.name);
    }
}

/// Snorkel made 8,000 steps, after which it had converged, in single precision.
///
/// The loss may exceed the recorded one by what is lost in single precision. Probabilities are recorded
/// to five places, so that a difference of 5·10⁻⁶ is rounding. With three classes and without `l2` the
/// minimum is not one point but a circle (see the model's documentation), and two searches from one
/// start end near each other on it, not in the same place.
#[test]
fn the_minimum_is_snorkels() {
    let peer = recorded("snorkel.json");
    let mut n_fits = 0;
    for matrix in matrices() {
        for fit in items(&peer["matrices"][&matrix.name]["label_model"]) {
            let l2 = number(&fit["l2"]);
            let start_scale = number(&fit["start_scale"]);
            // Its optimizer decays by the same number.
            let settings =
                [("l2", Number(l2)), ("decay", Number(l2)), ("start_scale", Number(start_scale))];
            let fitted = matrix.fit("snorkel", &fit["class_balance"], &settings);
            let trace = fitted.trace();
            let case = format!("{} balance {} l2 {l2}", matrix.name, fit["class_balance"]);
            assert!(trace.converged, "{case}");
            let loss = trace.objective.last().copied().unwrap_or(f64::NAN);
            let theirs = number(&fit["loss_before_clamping"]) + number(&fit["loss_of_decay"]);
            assert!(loss <= theirs * (1.0 + 1e-6) + 2e-9, "{case}: loss {loss} against {theirs}");
            let circle = matrix.votes.n_classes() > 2 && l2 == 0.0;
            let allowed = if circle { 0.03 } else { 2e-5 };
            let apart = matrix.apart(&fitted, &fit["probabilities"]);
            assert!(apart < allowed, "{case}: probabilities differ by {apart}");
            n_fits += 1;
        }
    }
    assert_eq!(n_fits, 18);
}

/// The largest difference of P(vote | class) of any labeling function from the recorded one; both keep it
/// away from 0 and 1 by the same ε.
fn conditional_apart(fitted: &FittedModel, recorded: &Value) -> f64 {
    let [Member::Evidence { evidence, .. }] = fitted.members() else {
        panic!("one member with evidence");
    };
    let mut apart = 0.0_f64;
    for entry in evidence {
        // The first row of each LF is its abstention.
        let row = &recorded[entry.vote.lf.index()][entry.vote.choice.index() + 1];
        for (score, p) in entry.scores.iter().zip(numbers(row)) {
            apart = apart.max((score.exp() - p).abs());
        }
    }
    apart
}

/// The parameters at the minimum; the circle of the test above is left out.
#[test]
fn conditional_probabilities_are_snorkels() {
    let peer = recorded("snorkel.json");
    for matrix in matrices() {
        for fit in items(&peer["matrices"][&matrix.name]["label_model"]) {
            let l2 = number(&fit["l2"]);
            if matrix.votes.n_classes() > 2 && l2 == 0.0 {
                continue;
            }
            let settings = [
                ("l2", Number(l2)),
                ("decay", Number(l2)),
                ("start_scale", Number(number(&fit["start_scale"]))),
            ];
            let fitted = matrix.fit("snorkel", &fit["class_balance"], &settings);
            let apart = conditional_apart(&fitted, &fit["conditional"]);
            assert!(apart < 2e-5, "{} l2 {l2}: {apart}", matrix.name);
        }
    }
}

/// Step by step the same, far from the minimum, with three classes too: what remains is the rounding of
/// the record to five places.
#[test]
fn the_descent_is_snorkels() {
    let peer = recorded("snorkel.json");
    for matrix in matrices() {
        for fit in items(&peer["matrices"][&matrix.name]["label_model_short"]) {
            let l2 = number(&fit["l2"]);
            let settings = [
                ("solver", Word("descent".to_owned())),
                ("l2", Number(l2)),
                ("decay", Number(l2)),
                ("start_scale", Number(number(&fit["start_scale"]))),
            ];
            let fitted = matrix.fit("snorkel", &fit["class_balance"], &settings);
            let apart = conditional_apart(&fitted, &fit["conditional"]);
            assert!(apart < 2e-5, "{} l2 {l2}: {apart}", matrix.name);
        }
    }
}

/// FlyingSquid takes the mean (its default) or the median over all triplets, no random ones, so that
/// the numbers are the same but for the eight places that are recorded.
///
/// Its posterior is Π_i P(λ_i, Y) / P(Y)^(m − 2) for m labeling functions, one factor short of the
/// m − 1 of the paper's formula: it counts the class balance twice. We count it once, and
/// multiply by it once more to compare.
#[test]
fn raw_triplets_are_flying_squids() {
    let peer = recorded("flyingsquid.json");
    let mut n_fits = 0;
    for matrix in matrices() {
        let fits =
            peer["matrices"].get(&matrix.name).map_or(&[][..], |fits| items(fits).as_slice());
        for fit in fits {
            let word = |word: &str| Word(word.to_owned());
            let average = if fit["solve_method"] == "triplet_mean" { "mean" } else { "median" };
            let settings =
                [("moments", word("raw")), ("average", word(average)), ("balance", word("prior"))];
            let balance = &fit["class_balance"];
            let fitted = matrix.fit("triplet", balance, &settings);
            let twice = if balance.is_null() { vec![0.5; 2] } else { numbers(balance) };
            let apart = matrix.apart_after(&fitted, &twice, &fit["probabilities"]);
            assert!(apart < 1e-8, "{} {average} balance {balance}: {apart}", matrix.name);
            n_fits += 1;
        }
    }
    assert_eq!(n_fits, 16);
}

/// crowd-kit made 300 rounds without a stopping rule and without priors; here the search stops when no
/// probability moves by more than 10⁻⁶, which is near the same point where rounds still gain.
/// Rows without votes are not predicted there.
#[test]
fn dawid_skene_and_one_coin_are_those_of_crowd_kit() {
    let peer = recorded("crowd_kit.json");
    let none = |name| (name, Number(0.0));
    let common = [
        none("pool_strength"),
        none("class_strength"),
        ("repeats", Word("all".into())),
        ("rounds", Number(300.0)),
    ];
    for matrix in matrices() {
        for (ours, theirs, own) in [
            ("dawid-skene", "dawid_skene", vec![none("cell_strength"), none("redundancy")]),
            ("one-coin", "one_coin", vec![]),
        ] {
            let settings: Vec<_> = common.iter().cloned().chain(own).collect();
            let labels = matrix.fit(ours, &Value::Null, &settings).label(&matrix.votes);
            let recorded = items(&peer["matrices"][&matrix.name][theirs]["probabilities"]);
            let (mut apart, mut compared) = (0.0_f64, 0);
            for (row, &pattern) in recorded.iter().zip(&matrix.pattern) {
                if !row.is_null() {
                    let ours = labels.table().row(pattern);
                    let pairs = ours.iter().zip(numbers(row));
                    apart = pairs.fold(apart, |most, (p, q)| most.max((p - q).abs()));
                    compared += 1;
                }
            }
            assert!(compared > 10 && apart < 1e-4, "{} {ours}: {apart}", matrix.name);
        }
    }
}
