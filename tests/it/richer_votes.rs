//! Partial, negative and scored votes, from matrices through models and reports to files.

use crate::models::Random;
use jurat::input::{Field, Files, Table};
use jurat::model::{Decision, FittedModel, LabelModel, ProbLabels, Supervision, by_name, models};
use jurat::output::{Rows, format_named, write_votes};
use jurat::report::{Evidence, LfReport, Report, Share};
use jurat::votes::KnownLabels;
use jurat::votes::{Bucket, VotesFile, VotesOptions};
use jurat::{Choice, ClassId, LabelMatrix, LfId, LfSet, Names, Patterns, Spec};
use proptest::prelude::*;
use std::sync::Arc;

fn class(index: usize) -> ClassId {
    ClassId::new(index).expect("in range")
}

fn lf(index: usize) -> LfId {
    LfId::new(index).expect("in range")
}

fn names(n_lfs: usize, n_classes: usize) -> Arc<Names> {
    let lfs = (0..n_lfs).map(|j| format!("lf{j}"));
    Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique names")
}

/// One vote an LF, `None` to abstain.
type Row = Vec<Option<Choice>>;

fn matrix(rows: &[Row], n_classes: usize) -> LabelMatrix {
    let names = names(rows.first().map_or(0, Vec::len), n_classes);
    let votes = |row: &Row| {
        let votes = row.iter().enumerate();
        votes.filter_map(|(j, choice)| Some((lf(j), choice.clone()?))).collect()
    };
    let rows: Vec<Vec<(LfId, Choice)>> = rows.iter().map(votes).collect();
    LabelMatrix::from_votes(&names, &rows).expect("valid votes")
}

fn every_model(check: impl Fn(&str, &dyn LabelModel)) {
    for entry in models() {
        let model = by_name(entry.name, &[]).expect("defaults are valid");
        check(entry.name, model.as_ref());
    }
}

fn label(model: &dyn LabelModel, matrix: &LabelMatrix) -> (FittedModel, ProbLabels) {
    let votes = Patterns::count(matrix);
    let fitted = model.fit(&votes, &Supervision::default()).expect("fits");
    let labels = fitted.label(&votes);
    (fitted, labels)
}

/// LFs over four classes: plain ones, then partial and negative ones that are right nine times in
/// ten. The truth comes with the rows.
fn planted(n_rows: usize) -> (Vec<Row>, Vec<usize>) {
    let mut random = Random(5);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        let y = random.below(4);
        let other = (y + 1 + random.below(3)) % 4;
        let mut row = Row::new();
        for precision in [0.8, 0.7, 0.75] {
            let voted = if random.next() < precision { y } else { other };
            row.push((random.next() < 0.4).then(|| Choice::class(class(voted))));
        }
        for pair in [[0, 1], [1, 2], [0, 3]] {
            let right = pair.contains(&y) == (random.next() < 0.9);
            row.push((right && random.next() < 0.8).then(|| Choice::one_of(pair.map(class))));
        }
        for wrong in [2, 3] {
            let right = (wrong != y) == (random.next() < 0.9);
            let vote = || Choice::none_of([class(wrong)], 4);
            row.push((right && random.next() < 0.5).then(vote));
        }
        rows.push(row);
        truth.push(y);
    }
    (rows, truth)
}

/// Accuracy, classes that tie sharing a row, and mean log loss.
fn scores(labels: &ProbLabels, truth: &[usize]) -> (f64, f64) {
    let (mut right, mut loss) = (0.0, 0.0);
    for (i, &y) in truth.iter().enumerate() {
        let row = labels.probabilities(i);
        let most = row.iter().copied().fold(0.0, f64::max);
        let tied = row.iter().filter(|p| **p >= most - 1e-9).count();
        right += if row[y] >= most - 1e-9 { 1.0 / tied as f64 } else { 0.0 };
        loss -= row[y].max(1e-6).ln();
    }
    (right / truth.len() as f64, loss / truth.len() as f64)
}

#[test]
fn partial_and_negative_votes_help() {
    let (rows, truth) = planted(4000);
    let plain: Vec<Row> = rows.iter().map(|row| row[..3].to_vec()).collect();
    every_model(|name, model| {
        let (accuracy, loss) = scores(&label(model, &matrix(&rows, 4)).1, &truth);
        let without = scores(&label(model, &matrix(&plain, 4)).1, &truth);
        // Where abstentions say nothing, these cannot learn from votes that are always the same.
        if ["dawid-skene", "one-coin"].contains(&name) {
            return;
        }
        assert!(accuracy > without.0 + 0.05, "{name}: {accuracy} against {}", without.0);
        assert!(loss < without.1, "{name}: {loss} against {}", without.1);
    });
}

#[test]
fn the_order_of_classes_does_not_matter() {
    let (rows, _) = planted(1500);
    let turn = |y: ClassId| class((y.index() + 3) % 4);
    let turned = |choice: &Choice| Choice::one_of(choice.classes().iter().map(|&y| turn(y)));
    let other: Vec<Row> =
        rows.iter().map(|row| row.iter().map(|v| v.as_ref().map(turned)).collect()).collect();
    every_model(|name, model| {
        let (one, other) = (label(model, &matrix(&rows, 4)).1, label(model, &matrix(&other, 4)).1);
        for i in 0..rows.len() {
            for y in 0..4 {
                let apart =
                    one.probabilities(i)[y] - other.probabilities(i)[turn(class(y)).index()];
                assert!(apart.abs() < 1e-4, "{name}, row {i}: {apart}");
            }
        }
    });
}

#[test]
fn a_saved_model_keeps_what_was_voted() {
    let (mut rows, _) = planted(600);
    let bucket = |low, high| Bucket::new(low, high).expect("a range");
    for (i, row) in rows.iter_mut().enumerate() {
        let bucket = if i % 2 == 0 { bucket(0.5, 0.9) } else { bucket(0.9, 1.0) };
        row[0] = row[0].as_ref().and_then(Choice::single).map(|y| Choice::scored(y, bucket));
    }
    let matrix = matrix(&rows, 4);
    every_model(|name, model| {
        let (fitted, labels) = label(model, &matrix);
        let json = fitted.to_json().expect("finite");
        let read = FittedModel::from_json(&json).expect("valid");
        assert_eq!(read, fitted, "{name}");
        // A matrix in which other votes occur has other ids for the same ones.
        let (part, rest) = rows.split_at(7);
        let part = self::matrix(part, 4);
        assert_ne!(part.names(), fitted.names());
        let again = fitted.label(&Patterns::count(&part));
        for i in 0..7 {
            assert_eq!(again.probabilities(i), labels.probabilities(i), "{name}, row {i}");
        }
        assert!(!rest.is_empty());
    });
}

/// A model file from before there were richer votes.
#[test]
fn an_old_model_file_is_read() {
    let json = r#"{
  "format": "jurat-model-1",
  "model": "anchored",
  "names": {"lfs": ["a"], "classes": ["x", "y"]},
  "members": [
    {"evidence": {"bias": [-0.5, -1.0], "evidence": [
      {"vote": {"lf": 0, "class": 1}, "scores": [-1.0, 1.0]}
    ]}},
    "majority_vote"
  ],
  "uncovered": [0.5, 0.5],
  "shift": [0.0, 0.0],
  "trace": {"rounds": 1, "converged": true, "objective": [-1.0]}
}"#;
    let model = FittedModel::from_json(json).expect("valid");
    let written: serde_json::Value =
        serde_json::from_str(&model.to_json().expect("finite")).expect("JSON");
    let mut old: serde_json::Value = serde_json::from_str(json).expect("JSON");
    // What has been added since has its defaults.
    old["format"] = "jurat-model-2".into();
    old["weights"] = vec![0.5, 0.5].into();
    old["notes"] = serde_json::Value::Array(Vec::new());
    assert_eq!(written, old);
    assert!(FittedModel::from_json(&json.replace("\"class\": 1", "\"class\": 2")).is_err());
}

/// Scores say how far to trust a model: the higher bucket speaks more strongly.
#[test]
fn higher_buckets_are_trusted_more() {
    let bucket = |low, high| Bucket::new(low, high).expect("a range");
    let (low, high) = (bucket(0.5, 0.7), bucket(0.9, 1.0));
    let mut random = Random(3);
    let rows: Vec<Row> = (0..3000)
        .map(|_| {
            let y = random.below(2);
            let bucket = if random.next() < 0.5 { low } else { high };
            let voted = if random.next() < bucket.middle() { y } else { 1 - y };
            let mut row = vec![Some(Choice::scored(class(voted), bucket))];
            for _ in 0..3 {
                let voted = if random.next() < 0.8 { y } else { 1 - y };
                row.push((random.next() < 0.5).then(|| Choice::class(class(voted))));
            }
            row
        })
        .collect();
    let model = by_name("anchored", &[]).expect("defaults");
    let (_, labels) = label(model.as_ref(), &matrix(&rows, 2));
    let p = |bucket: Bucket| {
        let alone = |row: &Row| {
            row[0] == Some(Choice::scored(class(0), bucket)) && row[1..].iter().all(Option::is_none)
        };
        let row = rows.iter().position(alone).expect("such a row");
        labels.probabilities(row)[0]
    };
    assert!(p(high) > p(low) + 0.1, "{} and {}", p(high), p(low));
}

/// One class of many is ruled out: chance alone would do so in nineteen of twenty cases.
#[test]
fn a_vote_against_one_of_many_is_no_vote_for_it() {
    let mut random = Random(9);
    let rows: Vec<Row> = (0..2000)
        .map(|_| {
            let y = random.below(20);
            let plain = |random: &mut Random| {
                let voted = if random.next() < 0.7 { y } else { random.below(20) };
                (random.next() < 0.3).then(|| Choice::class(class(voted)))
            };
            let mut row = vec![plain(&mut random), plain(&mut random)];
            let against = y != 0 && random.next() < 0.5;
            row.push(against.then(|| Choice::none_of([class(0)], 20)));
            row
        })
        .collect();
    let alone = rows.iter().position(|row| row[..2] == [None, None] && row[2].is_some());
    every_model(|name, model| {
        // See `partial_and_negative_votes_help`.
        if name == "dawid-skene" {
            return;
        }
        let (_, labels) = label(model, &matrix(&rows, 20));
        let p = labels.probabilities(alone.expect("such a row"));
        assert!((1..20).all(|y| p[0] < 0.5 * p[y]), "{name}: {p}");
    });
}

/// By hand: three classes, gold a, b, c.
#[test]
fn reports_speak_of_sets() {
    let rows = [
        vec![Some(Choice::none_of([class(0)], 3)), Some(Choice::class(class(0))), None],
        vec![
            Some(Choice::none_of([class(0)], 3)),
            Some(Choice::class(class(1))),
            Some(Choice::one_of([class(0), class(1)])),
        ],
        vec![None, Some(Choice::class(class(1))), Some(Choice::one_of([class(0), class(1)]))],
    ];
    let votes = Patterns::count(&matrix(&rows, 3));
    let model = by_name("majority", &[]).expect("defaults");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let labels = model.label(&votes);
    let gold: Vec<Option<ClassId>> = [0, 1, 2].map(ClassId::new).to_vec();
    let report = Report::new(&Evidence {
        votes: &votes,
        model: &model,
        labels: &labels,
        decision: &Decision::default(),
        balance: None,
        known: &KnownLabels::count(&votes, Some(&gold), None),
        groups: None,
        uncertainty: None,
        notes: &[],
        about: &[],
    });
    assert_eq!(report.rows.conflict, Share::new(1, 3), "only row 0: not a, and a");
    let of_lfs: Vec<(u64, u64)> =
        report.lfs.iter().map(|lf| (lf.overlap.count, lf.conflict.count)).collect();
    assert_eq!(of_lfs, [(2, 1), (3, 1), (2, 0)]);
    let correct: Vec<_> =
        report.lfs.iter().map(|lf| lf.precision.map(|p| (p.correct, p.n))).collect();
    assert_eq!(correct, [Some((1, 2)), Some((2, 3)), Some((1, 2))]);
    let labels = |lf: &LfReport| lf.votes.iter().map(|v| v.label.clone()).collect::<Vec<_>>();
    let voted: Vec<_> = report.lfs.iter().map(labels).collect();
    assert_eq!(voted, [vec!["not c0"], vec!["c0", "c1"], vec!["not c2"]]);
    // Row 0 is a by majority vote, the others are b: sets have all that is on their classes.
    let learned: Vec<_> = report.lfs.iter().map(|lf| lf.learned_accuracy).collect();
    assert_eq!(learned, [Some(0.5), Some(1.0), Some(1.0)]);
    assert!(report.findings.iter().all(|f| f.code != "label-without-votes"), "c2 is not ruled out");
}

#[test]
fn label_matrices_of_all_votes_survive_files() {
    let (mut rows, _) = planted(300);
    let bucket = Bucket::new(0.25, 0.5).expect("a range");
    for row in &mut rows {
        row[1] = row[1].as_ref().and_then(Choice::single).map(|y| Choice::scored(y, bucket));
    }
    // Names that look like votes.
    let odd = Names::new((0..8).map(|j| format!("lf{j}")), ["!a", "a|b", "b@0.25-0.5", r"c\"]);
    let votes = rows.iter().map(|row| {
        let votes = row.iter().enumerate();
        votes.filter_map(|(j, choice)| Some((lf(j), choice.clone()?))).collect()
    });
    let votes: Vec<Vec<_>> = votes.collect();
    let matrix = LabelMatrix::from_votes(&odd.expect("names"), &votes).expect("valid");
    let folder = tempfile::tempdir().expect("a folder");
    for format in ["csv", "jsonl"] {
        let path = folder.path().join(format!("votes.{format}"));
        let writer = format_named(format).expect("a format");
        write_votes(&path, writer, Rows { name: "row", ids: &[] }, &matrix).expect("written");
        let files = Files::new([path.to_string_lossy()]).expect("a file");
        let labels = Some(matrix.names().classes.clone());
        let options = VotesOptions { labels, ..VotesOptions::default() };
        let read = VotesFile::read(&files, &options).expect("valid");
        assert_eq!(read.matrix, matrix, "{format}");
        assert!(read.guessed.is_empty());
    }
}

#[test]
fn cells_are_read_without_a_list_of_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("votes.csv");
    let text = "lf:a,lf:b,gold\nx|y,!z,x\nz,x|w,x|w\nx@0.5-1,me@home,y\n";
    std::fs::write(&path, text).expect("written");
    let files = Files::new([path.to_string_lossy()]).expect("a file");
    let options = VotesOptions { gold: Some("gold".to_owned()), ..VotesOptions::default() };
    let read = VotesFile::read(&files, &options).expect("valid");
    let names = read.matrix.names();
    // A gold label is one class, whatever it looks like.
    assert_eq!(names.classes, ["me@home", "x", "x|w", "y", "z"]);
    assert_eq!(read.guessed, ["x|y", "!z", "x@0.5-1"]);
    let shown: Vec<_> = names.rich_choices().iter().map(|one| one.classes().len()).collect();
    assert_eq!(shown, [4, 1, 2]);
}

/// Declaring further votes gives those of a spec other ids, and must not change them.
#[test]
fn specs_and_closures_mix() {
    let text = "spec: 1
labels: [cat, dog, fox, owl]
lfs:
  - {name: not-owl, label: {not: owl}, when: {keyword: [paw]}}
  - {name: score, when: {model: {scores: {cat: p}, buckets: [0.5, 0.75]}}}
  - {name: fox, label: fox, when: {keyword: [paw]}}
";
    let spec = Spec::from_yaml(text, "inline.yaml").expect("a spec");
    let lfs = LfSet::compile(&spec).expect("a set").may_vote(["cat|dog", "!cat"]).expect("votes");
    let lfs = lfs.with("closure", &[Field::text("text")], |row| match row.text("text")? {
        "a paw" => Some("dog|cat"),
        "b" => Some("cat|owl"),
        "c" => Some("cat|bird"),
        _ => Some("owl"),
    });
    let lfs = lfs.expect("a new name");
    let rows = Table::new()
        .text("text", [Some("a paw"), Some("b"), Some("c"), Some("d")])
        .number("p", [Some(0.6), Some(0.8), None, Some(0.1)]);
    let mut source = rows.open(&lfs.fields()).expect("a source");
    let applied = lfs.apply(source.as_mut()).expect("votes");
    let names = applied.matrix.names();
    let cells = |row: usize| {
        applied.matrix.row(row).iter().map(|vote| names.cell(vote.choice)).collect::<Vec<_>>()
    };
    assert_eq!(cells(0), ["!owl", "cat@0.5-0.75", "fox", "cat|dog"]);
    assert_eq!((cells(1), cells(2)), (vec!["cat@0.75-1".into()], vec![]));
    assert_eq!(cells(3), ["owl"]);
    let failures: Vec<&str> =
        applied.notes[3].first_failures.iter().map(|(_, what)| what.as_str()).collect();
    assert!(failures[0].contains("`cat|owl`, which was not declared"), "{failures:?}");
    assert!(failures[1].contains("`cat|bird`, which is not one"), "{failures:?}");
    let again = LfSet::compile(&spec).expect("a set");
    assert!(again.may_vote(["cat|bird"]).is_err());
}

fn choices(n_classes: usize) -> impl Strategy<Value = Option<Choice>> {
    let sets = prop::collection::btree_set(0..n_classes, 1..n_classes);
    prop::option::of(sets.prop_map(|set| Choice::one_of(set.into_iter().map(class))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_vote_for_one_of_one_is_a_plain_vote(
        rows in prop::collection::vec(prop::collection::vec(prop::option::of(0..3_usize), 3), 1..20),
        negative in any::<bool>(),
    ) {
        // Of two classes a negative vote is the plain vote for the other one.
        let k = if negative { 2 } else { 3 };
        let rows: Vec<Vec<Option<usize>>> =
            rows.into_iter().map(|row| row.into_iter().map(|v| v.map(|y| y % k)).collect()).collect();
        let rich = |y: usize| match negative {
            true => Choice::none_of([class(1 - y)], 2),
            false => Choice::one_of([class(y)]),
        };
        let votes: Vec<Row> =
            rows.iter().map(|row| row.iter().map(|vote| vote.map(rich)).collect()).collect();
        let plain = LabelMatrix::from_dense(names(3, k), &rows).expect("valid");
        prop_assert_eq!(matrix(&votes, k), plain);
    }

    #[test]
    fn any_votes_give_distributions(
        rows in prop::collection::vec(prop::collection::vec(choices(3), 3), 1..12)
    ) {
        let matrix = matrix(&rows, 3);
        let votes = Patterns::count(&matrix);
        every_model(|name, model| {
            let Ok(fitted) = model.fit(&votes, &Supervision::default()) else { return };
            for row in fitted.label(&votes).table().rows() {
                let sum: f64 = row.iter().sum();
                assert!((sum - 1.0).abs() < 1e-9 && row.iter().all(|p| *p >= 0.0), "{name}: {row}");
            }
        });
    }
}
