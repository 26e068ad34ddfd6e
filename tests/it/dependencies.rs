//! Planted dependences are found, and independent labeling functions are left alone.

use super::models::Random;
use jurat::model::{Supervision, by_name, dependencies};
use jurat::report::{Evidence, Report};
use jurat::{LabelMatrix, Names, Patterns, SettingValue};
use std::collections::BTreeSet;

type Rows = Vec<Vec<Option<usize>>>;

/// How labeling functions vote.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// LF j votes class j mod K or abstains; coverage 3–20 %, precision 60–95 %.
    OneClass,
    /// Every LF votes all classes; coverage 40–100 %, accuracy 60–90 %.
    SeveralClasses,
    /// The same on every row.
    EveryRow,
}

/// Votes that are independent given the class, and the classes.
fn independent(
    kind: Kind,
    n_rows: usize,
    n_lfs: usize,
    shares: &[f64],
    seed: u64,
) -> (Rows, Vec<usize>) {
    let mut random = Random(seed);
    let k = shares.len();
    let between = |random: &mut Random, low: f64, high: f64| low + (high - low) * random.next();
    let lfs: Vec<(f64, f64)> = (0..n_lfs)
        .map(|j| match kind {
            Kind::OneClass => {
                let coverage = between(&mut random, 0.03, 0.2).min(0.8 * shares[j % k]);
                (coverage, between(&mut random, 0.6, 0.95))
            }
            Kind::SeveralClasses => {
                (between(&mut random, 0.4, 1.0), between(&mut random, 0.6, 0.9))
            }
            Kind::EveryRow => (1.0, between(&mut random, 0.6, 0.9)),
        })
        .collect();
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let class = random.class(shares);
        let votes = lfs.iter().enumerate().map(|(j, &(coverage, precision))| match kind {
            Kind::OneClass => {
                let votes = j % k;
                let right = coverage * precision / shares[votes];
                let wrong = coverage * (1.0 - precision) / (1.0 - shares[votes]);
                (random.next() < if class == votes { right } else { wrong }).then_some(votes)
            }
            _ => (random.next() < coverage).then(|| {
                let other = (class + 1 + (random.next() * (k - 1) as f64) as usize) % k;
                if random.next() < precision { class } else { other }
            }),
        });
        rows.push(votes.collect());
        truth.push(class);
    }
    (rows, truth)
}

/// LF `to` votes what LF `from` votes on this share of the rows where `from` votes.
fn copy(rows: &mut Rows, from: usize, to: usize, share: f64, seed: u64) {
    let mut random = Random(seed);
    for row in rows {
        if row[from].is_some() && random.next() < share {
            row[to] = row[from];
        }
    }
}

fn patterns(rows: &Rows, n_classes: usize) -> Patterns {
    let lfs = (0..rows[0].len()).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique names");
    Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid rows"))
}

fn found(rows: &Rows, n_classes: usize) -> BTreeSet<(usize, usize)> {
    let votes = patterns(rows, n_classes);
    let em = [("solver".to_owned(), SettingValue::Word("em".to_owned()))];
    let model = by_name("anchored", &em).expect("a setting");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let found = dependencies(&votes, &model);
    assert!(found.is_sorted_by(|a, b| a.strength >= b.strength));
    for pair in &found {
        assert!(pair.agree as f64 > pair.expected && (1.0 / 3.0..=1.0).contains(&pair.strength));
    }
    found.iter().map(|pair| (pair.lfs.0.index(), pair.lfs.1.index())).collect()
}

/// Class balances with the number of labeling functions to look at.
const CASES: &[(Kind, &[f64], usize, usize)] = &[
    (Kind::OneClass, &[0.5, 0.5], 12, 4000),
    (Kind::OneClass, &[0.2, 0.8], 16, 4000),
    (Kind::OneClass, &[0.4, 0.3, 0.2, 0.1], 20, 4000),
    (Kind::OneClass, &[0.3, 0.7], 60, 4000),
    (Kind::SeveralClasses, &[0.5, 0.5], 8, 1500),
    (Kind::SeveralClasses, &[0.1, 0.9], 8, 1500),
    (Kind::SeveralClasses, &[0.5, 0.3, 0.2], 10, 1500),
    (Kind::EveryRow, &[0.4, 0.6], 8, 1500),
    (Kind::EveryRow, &[0.5, 0.3, 0.2], 8, 1500),
];

#[test]
fn independent_labeling_functions_are_left_alone() {
    let mut named = Vec::new();
    for &(kind, shares, n_lfs, n_rows) in CASES {
        for seed in 1..=4 {
            let (rows, _) = independent(kind, n_rows, n_lfs, shares, seed);
            let pairs = found(&rows, shares.len());
            named.extend(pairs.into_iter().map(|pair| (kind, shares, seed, pair)));
        }
    }
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn copies_are_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for &(kind, shares, n_lfs, n_rows) in CASES {
        for seed in 1..=4 {
            let (mut rows, _) = independent(kind, n_rows, n_lfs, shares, seed);
            let k = shares.len();
            // For one-class LFs: the next LF of the same class.
            copy(&mut rows, 0, k, 0.65, seed + 100);
            copy(&mut rows, 1, 1 + k, 0.9, seed + 200);
            let planted = BTreeSet::from([(0, k), (1, 1 + k)]);
            let pairs = found(&rows, k);
            if pairs != planted {
                wrong.push((kind, shares, seed, pairs));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Three labeling functions fire together on a fifth of the rows, whatever the class.
#[test]
fn shared_noise_is_found() {
    for (shares, seed) in [([0.5, 0.5], 1), ([0.5, 0.5], 2), ([0.3, 0.7], 3), ([0.3, 0.7], 4)] {
        let (mut rows, _) = independent(Kind::OneClass, 4000, 16, &shares, seed);
        let mut random = Random(seed + 300);
        for row in &mut rows {
            if random.next() < 0.2 {
                for lf in [1, 5, 9] {
                    row[lf] = (random.next() < 0.9).then_some(1).or(row[lf]);
                }
            }
        }
        assert_eq!(found(&rows, 2), BTreeSet::from([(1, 5), (1, 9), (5, 9)]), "{shares:?} {seed}");
    }
}

/// Neither constant columns nor exact copies nor hundreds of labeling functions break it.
#[test]
fn odd_matrices_are_survived() {
    let (mut rows, _) = independent(Kind::OneClass, 600, 600, &[0.5, 0.5], 5);
    copy(&mut rows, 0, 2, 1.0, 6);
    for row in &mut rows {
        row[2] = row[0];
        row[4] = Some(0);
        row[6] = None;
    }
    assert!(found(&rows, 2).contains(&(0, 2)));
    for rows in [vec![vec![Some(0)]], vec![vec![Some(0), Some(0)]; 50], vec![vec![Some(1), None]]] {
        assert!(found(&rows, 2).is_empty(), "{rows:?}");
    }
}

/// The report says it in words, and the model can be told to heed it.
#[test]
fn dependence_is_reported_and_discounted() {
    let (mut rows, truth) = independent(Kind::OneClass, 4000, 12, &[0.5, 0.5], 9);
    copy(&mut rows, 0, 2, 0.7, 10);
    copy(&mut rows, 0, 4, 0.7, 11);
    let votes = patterns(&rows, 2);
    let fit = |dependence: &str| {
        let setting = ("dependence".to_owned(), SettingValue::Word(dependence.to_owned()));
        let model = by_name("anchored", &[setting]).expect("a setting");
        model.fit(&votes, &Supervision::default()).expect("fits")
    };
    let (overlap, learned) = (fit("overlap"), fit("learned"));
    let default = by_name("anchored", &[]).expect("defaults");
    assert_eq!(overlap, default.fit(&votes, &Supervision::default()).expect("fits"));
    // The mean log loss where two of the three vote: a copy is not a second opinion.
    let loss = |model: &jurat::model::FittedModel| {
        let labels = model.label(&votes);
        let copied =
            |row: &[Option<usize>]| [0, 2, 4].iter().filter(|&&j| row[j].is_some()).count();
        let chosen = rows.iter().zip(&truth).enumerate().filter(|(_, (row, _))| copied(row) > 1);
        let losses = chosen.map(|(i, (_, &truth))| -labels.probabilities(i)[truth].ln());
        losses.sum::<f64>()
    };
    assert!(loss(&learned) < loss(&overlap), "{} {}", loss(&learned), loss(&overlap));
    let labels = overlap.label(&votes);
    let report = Report::new(&Evidence {
        votes: &votes,
        model: &overlap,
        labels: &labels,
        decision: &jurat::model::Decision::default(),
        balance: None,
        known: &jurat::votes::KnownLabels::default(),
        groups: None,
        uncertainty: None,
        notes: &[],
        about: &[],
    });
    let finding = report.findings.iter().find(|finding| finding.code == "dependent");
    let message = &finding.expect("a finding").message;
    assert!(message.contains("beyond what the label explains") && message.contains("expected"));
    assert!(report.dependencies.iter().any(|pair| (&*pair.first, &*pair.second) == ("lf0", "lf2")));
    assert_eq!(Report::from_json(&report.to_json().expect("finite")).expect("valid"), report);
    assert!(by_name("anchored", &[("dependence".to_owned(), SettingValue::Number(1.0))]).is_err());
}
