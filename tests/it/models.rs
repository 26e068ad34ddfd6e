//! What every registered label model must satisfy, on planted label matrices.

use jurat::model::{Decision, FittedModel, LabelModel, Supervision, by_name, models};
use jurat::{LabelMatrix, Names, Patterns};

/// A small generator of our own, so that matrices are the same everywhere: SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }

    /// A whole number from 0 to n − 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }

    pub(crate) fn class(&mut self, shares: &[f64]) -> usize {
        let mut left = self.next();
        for (class, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return class;
            }
        }
        shares.len() - 1
    }
}

/// Rows of votes with their true classes.
struct Planted {
    rows: Vec<Vec<Option<usize>>>,
    truth: Vec<usize>,
    n_classes: usize,
}

/// One-class LFs as people write them: LF j votes class j mod K with the given precision, and fires
/// on about `coverage` of the rows.
fn planted(n_rows: usize, precisions: &[f64], shares: &[f64], coverage: f64, seed: u64) -> Planted {
    let mut random = Random(seed);
    let k = shares.len();
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let class = random.class(shares);
        let votes = precisions.iter().enumerate().map(|(j, precision)| {
            let votes = j % k;
            // P(fires | class) such that a vote is right with the planted precision.
            let right = coverage * precision / shares[votes];
            let wrong = coverage * (1.0 - precision) / (1.0 - shares[votes]);
            let fires = if class == votes { right } else { wrong };
            (random.next() < fires).then_some(votes)
        });
        rows.push(votes.collect());
        truth.push(class);
    }
    Planted { rows, truth, n_classes: k }
}

fn typical() -> Planted {
    planted(4000, &[0.9, 0.8, 0.85, 0.6, 0.95, 0.7, 0.75, 0.8, 0.9], &[0.3, 0.5, 0.2], 0.12, 7)
}

fn matrix(rows: &[Vec<Option<usize>>], n_classes: usize) -> LabelMatrix {
    let lfs = (0..rows.first().map_or(0, Vec::len)).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique names");
    LabelMatrix::from_dense(names, rows).expect("valid rows")
}

fn every_model(check: impl Fn(&str, &dyn LabelModel)) {
    for entry in models() {
        let model = by_name(entry.name, &[]).expect("defaults are valid");
        check(entry.name, model.as_ref());
    }
}

fn fit(model: &dyn LabelModel, rows: &[Vec<Option<usize>>], k: usize) -> (FittedModel, Patterns) {
    let votes = Patterns::count(&matrix(rows, k));
    (model.fit(&votes, &Supervision::default()).expect("fits"), votes)
}

/// P(class) of every row.
fn probabilities(model: &dyn LabelModel, rows: &[Vec<Option<usize>>], k: usize) -> Vec<Vec<f64>> {
    let (fitted, votes) = fit(model, rows, k);
    let labels = fitted.label(&votes);
    (0..rows.len()).map(|i| labels.probabilities(i).to_vec()).collect()
}

fn largest_difference(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn posteriors_are_distributions() {
    every_model(|name, model| {
        let planted = typical();
        for row in probabilities(model, &planted.rows, planted.n_classes) {
            let sum: f64 = row.iter().sum();
            assert!(
                (sum - 1.0).abs() < 1e-9 && row.iter().all(|p| (0.0..=1.0).contains(p)),
                "{name}"
            );
        }
    });
}

/// The share of the covered rows whose most probable class is the true one.
fn accuracy(model: &dyn LabelModel, planted: &Planted) -> f64 {
    let labels = probabilities(model, &planted.rows, planted.n_classes);
    let (mut right, mut covered) = (0_u32, 0_u32);
    for ((row, votes), &truth) in labels.iter().zip(&planted.rows).zip(&planted.truth) {
        if votes.iter().any(Option::is_some) {
            covered += 1;
            let best = (0..row.len()).all(|y| y == truth || row[y] < row[truth]);
            right += u32::from(best);
        }
    }
    f64::from(right) / f64::from(covered)
}

#[test]
fn a_planted_truth_is_recovered() {
    every_model(|name, model| {
        // Where abstentions say nothing, labeling functions that vote for one class do not identify
        // these two: a vote that is always the same says nothing either, or one class takes all.
        if !["dawid-skene", "one-coin"].contains(&name) {
            let accuracy = accuracy(model, &typical());
            assert!(accuracy > 0.73, "{name}: {accuracy}");
        }
    });
}

/// Annotators who label three rows in ten, some well and some badly, with classes that they mix up.
fn annotators(n_rows: usize, seed: u64) -> Planted {
    let mut random = Random(seed);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let class = random.class(&[0.5, 0.3, 0.2]);
        let votes = (0..12).map(|j| {
            let precision = [0.9, 0.8, 0.6, 0.45][j % 4];
            let right = random.next() < precision;
            let wrong = if random.next() < 0.8 { (class + 1) % 3 } else { (class + 2) % 3 };
            (random.next() < 0.3).then_some(if right { class } else { wrong })
        });
        rows.push(votes.collect());
        truth.push(class);
    }
    Planted { rows, truth, n_classes: 3 }
}

#[test]
fn annotators_are_weighed() {
    let planted = annotators(3000, 5);
    let majority = by_name("majority", &[]).expect("a model");
    let plain = accuracy(majority.as_ref(), &planted);
    every_model(|name, model| {
        // The vote shares of `majority` tie often, and a tie counts as wrong here.
        let accuracy = accuracy(model, &planted);
        assert!(name == "majority" || accuracy > plain + 0.05, "{name}: {accuracy}, {plain}");
    });
}

/// The anchored model must find out which LFs are better, not only which labels are likely.
#[test]
fn planted_precisions_are_recovered() {
    let precisions = [0.95, 0.9, 0.6, 0.55, 0.8, 0.75, 0.9, 0.6];
    let planted = planted(60_000, &precisions, &[0.4, 0.6], 0.25, 11);
    let model = by_name("anchored", &[]).expect("defaults");
    let votes = Patterns::count(&matrix(&planted.rows, 2));
    // One-class LFs alone do not say how common the classes are.
    let known = Supervision::default().with_class_balance(vec![0.4, 0.6]);
    let labels = model.fit(&votes, &known).expect("fits").label(&votes);
    let mut learned = Vec::new();
    for j in 0..precisions.len() {
        let rows = planted.rows.iter().enumerate().filter_map(|(i, row)| row[j].map(|y| (i, y)));
        let (sum, n) =
            rows.fold((0.0, 0.0), |(sum, n), (i, y)| (sum + labels.probabilities(i)[y], n + 1.0));
        learned.push(sum / n);
    }
    for (one, p) in precisions.iter().enumerate() {
        for (other, q) in precisions.iter().enumerate() {
            // Order is recovered wherever the planted precisions are clearly apart.
            if one % 2 == other % 2 && p - q > 0.12 {
                assert!(learned[one] > learned[other], "{one} {other}: {learned:?}");
            }
        }
    }
    // The priors and the average with majority vote make the model cautious: it stays nearer to the
    // middle than these independent LFs would allow.
    let apart: f64 = precisions.iter().zip(&learned).map(|(p, l)| (p - l).abs()).sum();
    assert!(apart / 8.0 < 0.1, "{learned:?}");
}

#[test]
fn the_order_of_rows_does_not_matter() {
    every_model(|name, model| {
        let planted = typical();
        let n = planted.rows.len();
        let order: Vec<usize> = (0..n).map(|i| (i * 1_237) % n).collect();
        let shuffled: Vec<_> = order.iter().map(|&i| planted.rows[i].clone()).collect();
        let straight = probabilities(model, &planted.rows, 3);
        let other = probabilities(model, &shuffled, 3);
        for (at, &i) in order.iter().enumerate() {
            assert_eq!(other[at], straight[i], "{name}: the same bits for row {i}");
        }
    });
}

#[test]
fn the_order_of_labeling_functions_does_not_matter() {
    every_model(|name, model| {
        let planted = typical();
        let turned: Vec<Vec<_>> =
            planted.rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
        let straight = probabilities(model, &planted.rows, 3);
        let apart = largest_difference(&straight, &probabilities(model, &turned, 3));
        assert!(apart < 1e-4, "{name}: {apart}");
    });
}

#[test]
fn the_order_of_classes_does_not_matter() {
    every_model(|name, model| {
        let planted = typical();
        let turn = |class: usize| (class + 1) % 3;
        let turned: Vec<Vec<_>> = planted
            .rows
            .iter()
            .map(|row| row.iter().map(|vote| vote.map(turn)).collect())
            .collect();
        let straight = probabilities(model, &planted.rows, 3);
        let turned = probabilities(model, &turned, 3);
        let back: Vec<Vec<f64>> =
            turned.iter().map(|row| (0..3).map(|class| row[turn(class)]).collect()).collect();
        let apart = largest_difference(&straight, &back);
        assert!(apart < 1e-4, "{name}: {apart}");
    });
}

#[test]
fn doubling_the_rows_equals_doubling_the_counts() {
    every_model(|name, model| {
        let planted = typical();
        let once = Patterns::count(&matrix(&planted.rows, 3));
        let merged = once.clone().merge(once).expect("same names");
        let twice: Vec<_> = planted.rows.iter().chain(&planted.rows).cloned().collect();
        let doubled = Patterns::count(&matrix(&twice, 3));
        let known = Supervision::default();
        let one = model.fit(&merged, &known).expect("fits");
        let other = model.fit(&doubled, &known).expect("fits");
        assert_eq!(one, other, "{name}");
    });
}

#[test]
fn threads_do_not_matter() {
    every_model(|name, model| {
        let planted = typical();
        let run = |threads: usize| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| fit(model, &planted.rows, 3).0)
        };
        assert_eq!(run(1), run(8), "{name}: the same bits");
    });
}

#[test]
fn a_known_class_balance_is_met() {
    every_model(|name, model| {
        // Snorkel's model takes the balance as its prior and leaves it at that, unless it is told to
        // match it; to be comparable it does the same by default.
        let matching = [("balance".to_owned(), jurat::SettingValue::Word("match".to_owned()))];
        let snorkel = by_name("snorkel", &matching).expect("its setting");
        let model = if name == "snorkel" { snorkel.as_ref() } else { model };
        let planted = typical();
        let votes = Patterns::count(&matrix(&planted.rows, 3));
        let balance = [0.2, 0.3, 0.5];
        let known = Supervision::default().with_class_balance(balance.to_vec());
        let labels = model.fit(&votes, &known).expect("fits").label(&votes);
        for (y, share) in balance.iter().enumerate() {
            let sum: f64 = (0..labels.n_rows()).map(|i| labels.probabilities(i)[y]).sum();
            let mean = sum / labels.n_rows() as f64;
            assert!((mean - share).abs() < 1e-6, "{name}: class {y} has {mean}");
        }
    });
}

#[test]
fn degenerate_votes_give_an_error_or_the_prior() {
    every_model(|name, model| {
        let known = Supervision::default();
        for rows in [vec![], vec![vec![None, None]; 5]] {
            let empty = Patterns::count(&matrix(&rows, 2));
            assert!(model.fit(&empty, &known).is_err(), "{name}");
        }
        let one_class = Patterns::count(&matrix(&[vec![Some(0)]], 1));
        assert!(model.fit(&one_class, &known).is_err(), "{name}");
        for rows in [
            vec![vec![Some(0)]],
            vec![vec![Some(1)], vec![None], vec![Some(1)]],
            vec![vec![Some(0), Some(1)]; 3],
            vec![vec![Some(0); 40]; 2],
        ] {
            let labels = probabilities(model, &rows, 2);
            assert!(labels.iter().flatten().all(|p| p.is_finite()), "{name}: {labels:?}");
            for (row, votes) in labels.iter().zip(&rows) {
                if votes.iter().all(Option::is_none) {
                    assert!((row[0] - 0.5).abs() < 1e-6, "{name}: the prior without votes");
                }
            }
        }
        for wrong in [vec![0.5], vec![0.5, 0.6], vec![1.0, 0.0], vec![f64::NAN, 1.0]] {
            let votes = Patterns::count(&matrix(&[vec![Some(0)]], 2));
            let known = Supervision::default().with_class_balance(wrong);
            assert!(model.fit(&votes, &known).is_err(), "{name}");
        }
    });
}

/// More labeling functions than rows, for the models of pairs and triplets of them: the cost stays bounded
/// and all numbers finite.
#[test]
fn a_thousand_labeling_functions_on_a_few_rows() {
    let vote = |i: usize, j: usize| ((i * 31 + j * 17) % 97 < 9).then_some((i + j % 3) % 2);
    let sparse: Vec<Vec<_>> = (0..20).map(|i| (0..1000).map(|j| vote(i, j)).collect()).collect();
    let agreed = vec![vec![Some(1); 1000]];
    for name in ["snorkel", "triplet"] {
        let model = by_name(name, &[]).expect("defaults");
        for rows in [&sparse, &agreed] {
            let labels = probabilities(model.as_ref(), rows, 2);
            assert!(labels.iter().flatten().all(|p| p.is_finite()), "{name}");
        }
    }
}

#[test]
fn a_saved_model_labels_as_the_fitted_one() {
    every_model(|name, model| {
        let planted = typical();
        let (fitted, votes) = fit(model, &planted.rows, 3);
        let json = fitted.to_json().expect("finite");
        let read = FittedModel::from_json(&json).expect("valid");
        assert_eq!(read, fitted, "{name}");
        assert_eq!(read.label(&votes), fitted.label(&votes), "{name}");
        assert!(FittedModel::from_json(&json.replace("jurat-model-2", "other")).is_err());
        if json.contains("\"class\": 2") {
            let damaged = json.replace("\"class\": 2", "\"class\": 9");
            assert!(FittedModel::from_json(&damaged).is_err(), "{name}");
        }
        assert!(FittedModel::from_json("{}").is_err());
    });
}

/// A partial vote is one side of a question with two answers: with every combination as often as
/// independence demands, its precision comes out exactly.
#[test]
fn triplets_read_partial_votes() {
    use jurat::votes::Choice;
    use jurat::{ClassId, LfId};
    let class = |y: usize| ClassId::new(y).expect("an id");
    let names = Names::new(["a", "b", "c"], ["x", "y", "z"]).expect("unique names");
    // P(votes x | Y), P(votes "y or z" | Y) in tenths, for Y = x and for both others.
    let lfs: [[(u16, u16); 2]; 3] = [[(6, 1), (1, 5)], [(0, 2), (0, 7)], [(5, 3), (2, 6)]];
    let mut rows = Vec::new();
    for truth in [0, 1, 1] {
        for combination in 0..27_usize {
            let (mut row, mut times) = (Vec::new(), 1_usize);
            for (j, lf) in lfs.iter().enumerate() {
                let (first, others) = lf[truth];
                let choices = [Choice::class(class(0)), Choice::none_of([class(0)], 3)];
                let vote = combination / 3_usize.pow(j as u32) % 3;
                times *= usize::from([first, others, 10 - first - others][vote]);
                let id = LfId::new(j).expect("an id");
                row.extend(choices.into_iter().nth(vote).map(|choice| (id, choice)));
            }
            rows.extend(std::iter::repeat_n(row, times));
        }
    }
    let votes = Patterns::count(&LabelMatrix::from_votes(&names, &rows).expect("valid rows"));
    let model = by_name("triplet", &[]).expect("defaults");
    let labels = model.fit(&votes, &Supervision::default()).expect("fits").label(&votes);
    for (i, row) in rows.iter().enumerate().filter(|(_, row)| row.len() == 1) {
        let (lf, choice) = &row[0];
        let [x, not_x] = lfs[lf.index()];
        let expected = if choice.allows(class(0)) {
            f64::from(x.0) / f64::from(x.0 + 2 * not_x.0)
        } else {
            f64::from(x.1) / f64::from(x.1 + 2 * not_x.1)
        };
        assert!((labels.probabilities(i)[0] - expected).abs() < 1e-9, "{row:?}");
    }
}

#[test]
fn settings_are_checked() {
    use jurat::SettingValue::{Number, Word};
    for (name, value) in [
        ("strength", Number(-1.0)),
        ("precision", Number(1.0)),
        ("rounds", Number(2.5)),
        ("solver", Word("newton".to_owned())),
        ("strength", Word("high".to_owned())),
        ("strenght", Number(1.0)),
    ] {
        assert!(by_name("anchored", &[(name.to_owned(), value)]).is_err(), "{name}");
    }
    for (model, name, value) in [
        ("snorkel", "l2", Number(-0.1)),
        ("snorkel", "prec_init", Number(1.0)),
        ("snorkel", "mu_eps", Number(0.5)),
        ("snorkel", "n_epochs", Number(1.5)),
        ("snorkel", "solver", Word("sgd".to_owned())),
        ("triplet", "moments", Word("cooked".to_owned())),
        ("triplet", "average", Word("mode".to_owned())),
        ("triplet", "precision", Number(0.0)),
    ] {
        assert!(by_name(model, &[(name.to_owned(), value)]).is_err(), "{model} {name}");
    }
    assert!(by_name("anchord", &[]).is_err());
    assert!(by_name("anchored", &[("solver".to_owned(), Word("em".to_owned()))]).is_ok());
}

#[test]
fn ties_and_uncovered_rows_follow_the_decision() {
    use jurat::ClassId;
    use jurat::model::{Policy, Ties, Uncovered};
    let rows = [vec![Some(0), Some(1)], vec![Some(1), None], vec![None, None]];
    let model = by_name("majority", &[]).expect("defaults");
    let (fitted, votes) = fit(model.as_ref(), &rows, 2);
    let labels = fitted.label(&votes);
    let hard = |decision: &Decision| -> Vec<Option<usize>> {
        let hard = labels.decide(decision);
        labels.of_row().iter().map(|&u| hard[u as usize].map(ClassId::index)).collect()
    };
    assert_eq!(hard(&Decision::default()), [None, Some(1), None]);
    let uncovered = Uncovered::Label(ClassId::new(1).expect("small"));
    let policy = Policy { ties: Ties::First, uncovered, ..Policy::default() };
    let decision = policy.prepare(&labels, &votes, &Supervision::default()).expect("possible");
    assert_eq!(hard(&decision), [Some(0), Some(1), Some(1)]);
}

proptest::proptest! {
    /// On a handful of rows rounding hides which of two points is better: a fit must end all the same.
    #[test]
    fn tiny_matrices_end_with_probabilities(
        rows in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(0..2_usize), 3),
            1..8,
        )
    ) {
        every_model(|name, model| {
            let votes = Patterns::count(&matrix(&rows, 2));
            if let Ok(fitted) = model.fit(&votes, &Supervision::default()) {
                let labels = fitted.label(&votes);
                assert!(labels.table().iter().all(|p| (0.0..=1.0).contains(p)), "{name}");
            }
        });
    }
}

#[test]
fn models_say_whether_they_use_trust() {
    let rows = [[Some(0), Some(0)], [Some(1), Some(1)], [Some(0), Some(1)], [Some(1), Some(0)]];
    let names = Names::new(["a", "b"], ["x", "y"]).expect("names");
    let rows: Vec<Vec<Option<usize>>> =
        rows.iter().cycle().take(40).map(|row| row.to_vec()).collect();
    let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
    let lf = jurat::LfId::new(0).expect("small");
    for entry in models() {
        let model = by_name(entry.name, &[]).expect("defaults");
        let labels = |known| model.fit(&votes, &known).expect("fits").label(&votes);
        let trusting = labels(Supervision::default().with_trust(lf, 0.99));
        let same = trusting.table() == labels(Supervision::default()).table();
        assert_eq!(same, !entry.uses_trust, "{}", entry.name);
    }
}
