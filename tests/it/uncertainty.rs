//! Intervals hold what they promise on planted votes, and leaving a labeling function out is exact.

use super::models::Random;
use jurat::model::{
    Contribution, Decision, Effort, FittedModel, Interval, LabelModel, Resampling, Supervision,
    Uncertainty, by_name, contributions, intervals,
};
use jurat::votes::KnownLabels;
use jurat::{ClassId, LabelMatrix, LfId, Names, Patterns};
use proptest::prelude::*;

type Rows = Vec<Vec<Option<usize>>>;

/// Annotators with these accuracies who answer on seven rows in ten; two classes.
pub(crate) fn annotators(
    n_rows: usize,
    accuracies: &[f64],
    share: f64,
    seed: u64,
) -> (Rows, Vec<usize>) {
    let mut random = Random(seed);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let class = random.class(&[share, 1.0 - share]);
        let votes = accuracies.iter().map(|accuracy| {
            let right = random.next() < *accuracy;
            (random.next() < 0.7).then_some(if right { class } else { 1 - class })
        });
        rows.push(votes.collect());
        truth.push(class);
    }
    (rows, truth)
}

pub(crate) fn patterns(rows: &Rows, n_classes: usize) -> Patterns {
    let lfs = (0..rows[0].len()).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique names");
    Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid rows"))
}

fn model(name: &str) -> Box<dyn LabelModel> {
    by_name(name, &[]).expect("defaults")
}

fn holds(interval: Interval, value: f64) -> bool {
    (interval.low..=interval.high).contains(&value)
}

/// Where the model is right, the true accuracies and shares are within, about 95 times of 100.
#[test]
fn intervals_hold_the_planted_truth() {
    let accuracies = [0.9, 0.8, 0.7, 0.85, 0.6];
    let (mut held, mut all, mut counts_held, mut width) = (0, 0, 0, 0.0);
    let n_sets = 8;
    for seed in 1..=n_sets {
        let (rows, _) = annotators(400, &accuracies, 0.4, seed);
        let votes = patterns(&rows, 2);
        let settings = Resampling { replicates: 60, seed };
        let found =
            intervals(model("dawid-skene").as_ref(), &votes, &Supervision::default(), &settings)
                .expect("fits");
        for (interval, accuracy) in found.accuracies.iter().zip(accuracies) {
            let interval = interval.expect("they all vote");
            held += u32::from(holds(interval, accuracy));
            width += interval.high - interval.low;
            all += 1;
        }
        let covered = votes.n_covered() as f64;
        counts_held += u32::from(holds(found.counts[0], 0.4 * covered));
    }
    let (share, width) = (f64::from(held) / f64::from(all), width / f64::from(all));
    assert!((0.85..=1.0).contains(&share), "{share} of the accuracies are within");
    assert!((0.03..=0.15).contains(&width), "they are {width} wide");
    assert!(counts_held >= 6, "{counts_held} of {n_sets} class counts are within");
}

#[test]
fn intervals_do_not_depend_on_threads() {
    let (rows, _) = annotators(150, &[0.9, 0.8, 0.7], 0.3, 3);
    let votes = patterns(&rows, 2);
    let known = Supervision::default();
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let settings = Resampling { replicates: 20, seed };
        pool.install(|| intervals(model("auto").as_ref(), &votes, &known, &settings).expect("fits"))
    };
    assert_eq!(on(1, 5), on(4, 5));
    assert_ne!(on(1, 5), on(1, 6));
}

/// Fewer rows, wider intervals; and a labeling function that never votes has none.
#[test]
fn intervals_follow_the_number_of_rows() {
    let width = |n_rows: usize| {
        let (mut rows, _) = annotators(n_rows, &[0.9, 0.8, 0.7, 0.6], 0.3, 4);
        rows.iter_mut().for_each(|row| row.push(None));
        let votes = patterns(&rows, 2);
        let known = Supervision::default();
        let found =
            intervals(model("dawid-skene").as_ref(), &votes, &known, &Resampling::default());
        let found = found.expect("fits");
        assert_eq!((found.replicates, found.accuracies[4]), (100, None));
        let of = found.accuracies[1].expect("it votes");
        of.high - of.low
    };
    let (few, many) = (width(100), width(1600));
    assert!(few > 2.0 * many && few < 8.0 * many, "{few} {many}");
}

/// Row by row what differs between two fits, with the accuracy on gold of the first minus the other.
fn compare(
    with: &FittedModel,
    votes: &Patterns,
    without: &FittedModel,
    others: &Patterns,
    gold: &[Option<ClassId>],
) -> (u64, u64, u64, f64) {
    let (one, other) = (with.label(votes), without.label(others));
    let decision = Decision::default();
    let (hard, hard_without) = (one.decide(&decision), other.decide(&decision));
    let (mut flipped, mut lost, mut gained) = (0, 0, 0);
    let (mut right, mut known) = (0.0, 0.0);
    for i in 0..one.n_rows() {
        let pair = (hard[one.of_row()[i] as usize], hard_without[other.of_row()[i] as usize]);
        flipped += u64::from(matches!(pair, (Some(a), Some(b)) if a != b));
        lost += u64::from(matches!(pair, (Some(_), None)));
        gained += u64::from(matches!(pair, (None, Some(_))));
        if let Some(class) = gold[i] {
            known += 1.0;
            for (labels, sign) in [(&one, 1.0), (&other, -1.0)] {
                let row = labels.probabilities(i);
                let most = row.iter().copied().fold(0.0, f64::max) - 1e-9;
                let tied = row.iter().filter(|p| **p >= most).count() as f64;
                right += if row[class.index()] >= most { sign / tied } else { 0.0 };
            }
        }
    }
    (flipped, lost, gained, right / known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn leaving_out_equals_fitting_without(
        rows in prop::collection::vec(prop::collection::vec(prop::option::of(0..3_usize), 4), 3..40),
        which in 0..4_usize,
    ) {
        let votes = patterns(&rows, 3);
        let kept = |row: &Vec<Option<usize>>| -> Vec<Option<usize>> {
            row.iter().enumerate().filter(|(j, _)| *j != which).map(|(_, vote)| *vote).collect()
        };
        let left: Rows = rows.iter().map(kept).collect();
        prop_assume!(left.iter().flatten().any(Option::is_some));
        let names = Names::new(
            (0..4).filter(|j| *j != which).map(|j| format!("lf{j}")),
            ["c0", "c1", "c2"],
        ).expect("names");
        let others = Patterns::count(&LabelMatrix::from_dense(names, &left).expect("valid"));
        let gold: Vec<Option<ClassId>> = (0..rows.len()).map(|i| ClassId::new(i % 3)).collect();
        let only_it = rows.iter().zip(&left).filter(|(row, left)| {
            row[which].is_some() && left.iter().all(Option::is_none)
        }).count() as u64;
        for name in ["auto", "anchored", "dawid-skene", "triplet"] {
            let model = model(name);
            // Trust in the labeling functions around it must follow them.
            let trust = |ids: [usize; 2]| {
                let mut known = Supervision::default().with_class_balance(vec![0.5, 0.3, 0.2]);
                for (id, accuracy) in ids.into_iter().zip([0.8, 0.7]) {
                    known = known.with_trust(LfId::new(id).expect("in range"), accuracy);
                }
                known
            };
            let here = [(which + 1) % 4, (which + 2) % 4];
            let known = trust(here);
            let known_without = trust(here.map(|j| if j > which { j - 1 } else { j }));
            let Ok(with) = model.fit(&votes, &known) else { continue };
            let Ok(without) = model.fit(&others, &known_without) else { continue };
            let decision = Decision::default();
            let labeled = KnownLabels::count(&votes, Some(&gold), None);
            let found = contributions(model.as_ref(), &votes, &known, &decision, &labeled);
            let found = found.expect("fits")[which];
            let (flipped, lost, gained, accuracy) = compare(&with, &votes, &without, &others, &gold);
            prop_assert_eq!(
                (found.flipped, found.lost, found.gained, found.only_it),
                (flipped, lost, gained, only_it),
                "{}", name
            );
            prop_assert!((found.accuracy.expect("gold") - accuracy).abs() < 1e-9, "{}", name);
        }
    }
}

/// By hand, with majority vote: rows aa, ab, b-, -- of two labeling functions.
#[test]
fn contributions_by_hand() {
    let rows =
        vec![vec![Some(0), Some(0)], vec![Some(0), Some(1)], vec![Some(1), None], vec![None, None]];
    let votes = patterns(&rows, 2);
    let gold: Vec<Option<ClassId>> = [0, 0, 1, 1].map(ClassId::new).to_vec();
    let of = |gold: &KnownLabels| {
        contributions(
            model("majority").as_ref(),
            &votes,
            &Supervision::default(),
            &Decision::default(),
            gold,
        )
        .expect("fits")
    };
    // Right with both: 1, a half, 1, a half; without the first 1, 0, a half, a half; without the
    // second 1, 1, 1, a half.
    let found = of(&KnownLabels::count(&votes, Some(&gold), None));
    let counts = |one: &Contribution| (one.flipped, one.lost, one.gained, one.only_it);
    assert_eq!(found.iter().map(counts).collect::<Vec<_>>(), [(0, 1, 1, 1), (0, 0, 1, 0)]);
    assert_eq!([found[0].accuracy, found[1].accuracy], [Some(0.25), Some(-0.125)]);
    assert_eq!(of(&KnownLabels::default())[0].accuracy, None);
}

#[test]
fn the_last_labeling_function_can_be_left_out() {
    let votes = patterns(&vec![vec![Some(0)], vec![Some(1)], vec![None]], 2);
    let (known, none) = (Supervision::default(), KnownLabels::default());
    let found = contributions(model("auto").as_ref(), &votes, &known, &Decision::default(), &none);
    let found = found.expect("fits");
    assert_eq!((found[0].lost, found[0].only_it), (2, 2));
}

#[test]
fn effort_is_spent_by_size() {
    let (known, none) = (Supervision::default(), KnownLabels::default());
    let spent = |rows: &Rows, effort: Effort| {
        let votes = patterns(rows, 2);
        let model = model("majority");
        let fitted = model.fit(&votes, &known).expect("fits");
        let decision = Decision::default();
        let made =
            Uncertainty::new(&fitted, model.as_ref(), &votes, &known, &decision, &none, effort);
        let made = made.expect("fits");
        (made.intervals.map(|i| i.replicates), made.contributions.map(|all| all.len()))
    };
    let (small, _) = annotators(200, &[0.9, 0.8, 0.7], 0.5, 1);
    assert_eq!(spent(&small, Effort::Off), (None, None));
    assert_eq!(spent(&small, Effort::Auto), (Some(100), Some(3)));
    assert_eq!(spent(&small, Effort::Full), (Some(100), Some(3)));
    assert_eq!(spent(&small, Effort::Contributions), (None, Some(3)));
    let (large, _) = annotators(3000, &[0.8; 14], 0.5, 1);
    assert_eq!(spent(&large, Effort::Auto), (None, None));
}
