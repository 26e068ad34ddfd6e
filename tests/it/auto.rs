//! The automatic choice of the label model, and what is learned from gold labels and trust.

use crate::models::Random;
use jurat::model::{Auto, FittedModel, Gold, LabelModel, Majority, Supervision};
use jurat::{ClassId, LabelMatrix, LfId, Names, Patterns};

type Row = Vec<Option<usize>>;

/// Ten labeling functions that are independent given the class, each with a random table
/// P(answer | class) that favors the right class, abstaining included; rows, classes, and how often
/// the best possible rule is right.
fn independent(seed: u64, shares: &[f64], n_rows: usize) -> (Vec<Row>, Vec<usize>, f64) {
    let mut random = Random(seed);
    let k = shares.len();
    // tables[j][y][answer], answer 0 to abstain.
    let tables: Vec<Vec<Vec<f64>>> = (0..10)
        .map(|_| {
            let class = |y: usize, random: &mut Random| {
                let mut table: Vec<f64> = (0..=k).map(|_| random.next()).collect();
                table[y + 1] += (k - 1) as f64;
                let sum: f64 = table.iter().sum();
                table.iter().map(|p| p / sum).collect()
            };
            (0..k).map(|y| class(y, &mut random)).collect()
        })
        .collect();
    let (mut rows, mut truth, mut best) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..n_rows {
        let y = random.class(shares);
        let answers: Vec<usize> = tables.iter().map(|table| random.class(&table[y])).collect();
        let score = |y: usize| {
            let votes = tables.iter().zip(&answers).map(|(table, &a)| table[y][a].ln());
            shares[y].ln() + votes.sum::<f64>()
        };
        let top = (0..k).max_by(|&a, &b| score(a).total_cmp(&score(b)));
        best += f64::from(u8::from(top == Some(y)));
        rows.push(answers.iter().map(|&answer| answer.checked_sub(1)).collect());
        truth.push(y);
    }
    (rows, truth, best / n_rows as f64)
}

/// One-class labeling functions of these precisions, j for class j mod K, firing on `coverage` of
/// the rows.
fn rules(
    seed: u64,
    n_rows: usize,
    precisions: &[f64],
    shares: &[f64],
    coverage: f64,
) -> (Vec<Row>, Vec<usize>) {
    let mut random = Random(seed);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let y = random.class(shares);
        let votes = precisions.iter().enumerate().map(|(j, precision)| {
            let class = j % shares.len();
            let right = coverage * precision / shares[class];
            let wrong = coverage * (1.0 - precision) / (1.0 - shares[class]);
            (random.next() < if y == class { right } else { wrong }).then_some(class)
        });
        rows.push(votes.collect());
        truth.push(y);
    }
    (rows, truth)
}

fn patterns(rows: &[Row], k: usize) -> Patterns {
    let lfs = (0..rows[0].len()).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..k).map(|y| format!("c{y}"))).expect("unique names");
    Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid rows"))
}

fn fit(votes: &Patterns, known: &Supervision) -> FittedModel {
    Auto.fit(votes, known).expect("fits")
}

/// Share of all rows whose most probable class is the true one; classes that tie share a row.
fn accuracy(model: &FittedModel, votes: &Patterns, truth: &[usize]) -> f64 {
    let labels = model.label(votes);
    let right = truth.iter().enumerate().map(|(i, &y)| {
        let row = labels.probabilities(i);
        let most = row.iter().copied().fold(0.0, f64::max);
        let tied = row.iter().filter(|p| **p >= most - 1e-9).count();
        if row[y] >= most - 1e-9 { 1.0 / tied as f64 } else { 0.0 }
    });
    right.sum::<f64>() / truth.len() as f64
}

/// Mean of −ln P(true class).
fn loss(model: &FittedModel, votes: &Patterns, truth: &[usize]) -> f64 {
    let labels = model.label(votes);
    let losses = truth.iter().enumerate().map(|(i, &y)| -labels.probabilities(i)[y].max(1e-6).ln());
    losses.sum::<f64>() / truth.len() as f64
}

/// Nothing but the votes is known, not even that one class is rare: the best possible rule is reached
/// to within a third of a point.
#[test]
fn independent_labeling_functions_are_weighed_as_well_as_can_be() {
    for shares in [[0.9, 0.1], [0.97, 0.03]] {
        for seed in [1, 2] {
            let (rows, truth, best) = independent(seed, &shares, 10_000);
            let votes = patterns(&rows, 2);
            let model = fit(&votes, &Supervision::default());
            assert!(model.notes()[0].starts_with("model: generative"), "{:?}", model.notes());
            let accuracy = accuracy(&model, &votes, &truth);
            assert!(accuracy > best - 0.003, "{shares:?} {seed}: {accuracy} of {best}");
        }
    }
}

#[test]
fn repeating_every_labeling_function_changes_nothing() {
    let (rows, _) = rules(3, 3000, &[0.9, 0.7, 0.8, 0.6, 0.95, 0.75], &[0.4, 0.35, 0.25], 0.15);
    let thrice: Vec<Row> = rows.iter().map(|row| row.repeat(3)).collect();
    let (votes, more) = (patterns(&rows, 3), patterns(&thrice, 3));
    let labels = fit(&votes, &Supervision::default()).label(&votes);
    let repeated = fit(&more, &Supervision::default()).label(&more);
    for i in 0..rows.len() {
        for (p, q) in labels.probabilities(i).iter().zip(repeated.probabilities(i)) {
            assert!((p - q).abs() < 1e-4, "row {i}: {p} and {q}");
        }
    }
}

#[test]
fn the_choice_is_explained() {
    let (rows, _) = rules(5, 2000, &[0.9, 0.7, 0.8, 0.6], &[0.5, 0.5], 0.2);
    let votes = patterns(&rows, 2);
    let notes = fit(&votes, &Supervision::default()).notes().join("\n");
    assert!(notes.contains("anchored averaged with majority vote"), "{notes}");
    assert!(notes.contains("0 % of the votes"), "{notes}");
    // The same votes by people who copy one another: several classes, and dependent.
    let mut random = Random(8);
    let copied: Vec<Row> = (0..2000)
        .map(|i: usize| {
            let truth = i.is_multiple_of(2);
            let first = truth == (random.next() < 0.75);
            let mut vote = |of: bool, p: f64| Some(usize::from(of == (random.next() < p)));
            vec![
                vote(first, 0.95),
                vote(first, 0.95),
                vote(first, 0.95),
                vote(truth, 0.8),
                vote(truth, 0.8),
                vote(truth, 0.8),
            ]
        })
        .collect();
    let votes = patterns(&copied, 2);
    let notes = fit(&votes, &Supervision::default()).notes().join("\n");
    assert!(notes.contains("dawid-skene averaged"), "{notes}");
}

/// Some labeling functions are much worse than anyone would think: gold labels tell.
#[test]
fn gold_labels_help_and_none_change_nothing() {
    let precisions = [0.95, 0.3, 0.9, 0.35, 0.9, 0.4];
    let (rows, truth) = rules(11, 6000, &precisions, &[0.8, 0.2], 0.15);
    let votes = patterns(&rows, 2);
    let alone = fit(&votes, &Supervision::default());
    let known = |n: usize| -> Supervision {
        let gold = truth.iter().enumerate().map(|(i, &y)| ClassId::new(y).filter(|_| i < n));
        Supervision::default().with_gold(Gold::count(&votes, &gold.collect::<Vec<_>>()))
    };
    let taught = fit(&votes, &known(150));
    assert!(loss(&taught, &votes, &truth) < loss(&alone, &votes, &truth) - 0.05);
    assert!(accuracy(&taught, &votes, &truth) >= accuracy(&alone, &votes, &truth));
    assert!(taught.correction().is_some());
    let untaught = fit(&votes, &known(0));
    assert!(untaught.correction().is_none());
    let (one, other) = (alone.label(&votes), untaught.label(&votes));
    for (i, row) in rows.iter().enumerate() {
        if row.iter().any(Option::is_some) {
            assert_eq!(one.probabilities(i), other.probabilities(i));
        }
    }
    let read = FittedModel::from_json(&taught.to_json().expect("finite")).expect("valid");
    assert_eq!(read, taught);
}

/// What the user expects of a labeling function moves its weight in that direction.
#[test]
fn trust_is_heard() {
    let (rows, _) = rules(13, 2000, &[0.8; 6], &[0.5, 0.5], 0.1);
    let votes = patterns(&rows, 2);
    let lf = LfId::new(0).expect("an id");
    let alone = |row: &Row| row[0].is_some() && row[1..].iter().all(Option::is_none);
    let row = rows.iter().position(alone).expect("such a row");
    let p = |known: &Supervision| fit(&votes, known).label(&votes).probabilities(row)[0];
    let plain = p(&Supervision::default());
    assert!(p(&Supervision::default().with_trust(lf, 0.99)) > plain + 0.01);
    assert!(p(&Supervision::default().with_trust(lf, 0.55)) < plain - 0.05);
    let wrong = Supervision::default().with_trust(lf, 1.5);
    assert!(Auto.fit(&votes, &wrong).expect_err("no probability").to_string().contains("lf0"));
    let foreign = Gold::count(&patterns(&[vec![Some(2); 9]], 3), &[ClassId::new(2)]);
    assert!(Auto.fit(&votes, &Supervision::default().with_gold(foreign)).is_err());
}

/// Rows of a rare and a common class with topics inside them; each labeling function prefers some
/// topics, so that those for the same class fire together more often than by chance.
fn topical(seed: u64, rare: f64) -> (Vec<Row>, Vec<usize>) {
    let mut random = Random(seed);
    let shares = [1.0 - rare, rare];
    let topics = 12;
    // affinity[j][topic], with a long tail.
    let lfs: Vec<(usize, f64, f64, Vec<f64>)> = (0..36)
        .map(|j| {
            let affinity = (0..topics).map(|_| random.next().max(1e-9).ln().powi(2)).collect();
            let coverage = 0.01 * 25_f64.powf(random.next());
            (j % 2, coverage, 0.55 + 0.4 * random.next(), affinity)
        })
        .collect();
    // Each class has a few frequent topics.
    let frequent: Vec<Vec<f64>> = (0..2)
        .map(|_| {
            let weights: Vec<f64> = (0..topics).map(|_| random.next().powi(4)).collect();
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        })
        .collect();
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..2000 {
        let y = random.class(&shares);
        let topic = random.class(&frequent[y]);
        let votes = lfs.iter().map(|(class, coverage, precision, affinity)| {
            let fires = if *class == y {
                precision / shares[*class]
            } else {
                (1.0 - precision) / (1.0 - shares[*class])
            };
            // The mean of the affinities is 2.
            (random.next() < coverage * fires * affinity[topic] / 2.0).then_some(*class)
        });
        rows.push(votes.collect());
        truth.push(y);
    }
    (rows, truth)
}

/// The collapse of unsupervised label models: the class whose labeling functions fire together takes
/// the rows of the other.
#[test]
fn no_class_takes_the_rows_of_another() {
    let mut gains = Vec::new();
    for (seed, rare) in (20..32).zip([0.5, 0.2, 0.1, 0.06].into_iter().cycle()) {
        let (rows, truth) = topical(seed, rare);
        let votes = patterns(&rows, 2);
        let majority = Majority.fit(&votes, &Supervision::default()).expect("fits");
        let gain = accuracy(&fit(&votes, &Supervision::default()), &votes, &truth)
            - accuracy(&majority, &votes, &truth);
        assert!(gain > -0.01, "seed {seed}, {rare} rare: {gain}");
        gains.push(gain);
    }
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(mean > 0.08, "{gains:?}");
}
