//! Scores against gold labels on skewed classes: by hand, and against what scikit-learn says
//! (`tests/data/peers/record_scores.py` recorded it).

use jurat::model::{Decision, FittedModel, Supervision, by_name};
use jurat::report::{Confusion, Denominator, Evidence, Ranking, Report, Style};
use jurat::report::{html, markdown, terminal};
use jurat::votes::KnownLabels;
use jurat::{ClassId, LabelMatrix, Names, Patterns};
use serde_json::{Value, json};

/// The report of a model in which the vote of the labeling function with number j adds 1 + j / 4 to the
/// logarithm of its class.
fn report(n_classes: usize, rows: &[Vec<Option<usize>>], gold: &[Option<ClassId>]) -> Report {
    let n_lfs = rows.first().map_or(0, Vec::len);
    let lfs = (0..n_lfs).map(|j| format!("lf{j}"));
    let names = Names::new(lfs, (0..n_classes).map(|y| format!("c{y}"))).expect("unique");
    let votes = Patterns::count(&LabelMatrix::from_dense(names, rows).expect("valid rows"));
    let vote = |place: usize| {
        let (lf, class) = (place / n_classes, place % n_classes);
        let score = |y: usize| if y == class { 1.0 + lf as f64 / 4.0 } else { 0.0 };
        let scores: Vec<f64> = (0..n_classes).map(score).collect();
        json!({"vote": {"lf": lf, "class": class}, "scores": scores})
    };
    let evidence: Vec<Value> = (0..n_lfs * n_classes).map(vote).collect();
    let majority = by_name("majority", &[]).expect("defaults");
    let model = majority.fit(&votes, &Supervision::default()).expect("fits");
    let mut json: Value = serde_json::from_str(&model.to_json().expect("JSON")).expect("JSON");
    json["model"] = json!("by hand");
    let bias = vec![0.0; n_classes];
    json["members"] = json!([{"evidence": {"bias": bias, "evidence": evidence}}]);
    let model = FittedModel::from_json(&json.to_string()).expect("a model");
    Report::new(&Evidence {
        votes: &votes,
        labels: &model.label(&votes),
        model: &model,
        decision: &Decision::default(),
        balance: None,
        known: &KnownLabels::count(&votes, Some(gold), None),
        groups: None,
        uncertainty: None,
        notes: &[],
        about: &[],
    })
}

fn recorded() -> Vec<(Report, Value)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/peers/scikit_learn.json");
    let text = std::fs::read_to_string(path).expect("a recorded file");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let cases = file["matrices"].as_object().expect("matrices");
    let case = |case: &Value| {
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let vote = |vote: &Value| vote.as_u64().map(|y| y as usize);
        let rows: Vec<Vec<_>> =
            list(&case["rows"]).iter().map(|row| list(row).iter().map(vote).collect()).collect();
        let gold: Vec<_> =
            list(&case["gold"]).iter().map(|y| ClassId::new(vote(y).expect("a class"))).collect();
        let n_classes = vote(&case["n_classes"]).expect("a number");
        (report(n_classes, &rows, &gold), case.clone())
    };
    cases.values().map(case).collect()
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let near = |value: f64, wanted: &Value, what: &str| {
        let wanted = wanted.as_f64().expect("a number");
        assert!((value - wanted).abs() < 1e-11, "{what}: {value} instead of {wanted}");
    };
    let mut curves = 0;
    for (report, wanted) in recorded() {
        let scores = &report.gold.as_ref().expect("gold").labels;
        near(scores.balanced_accuracy.expect("rows"), &wanted["balanced_accuracy"], "balanced");
        near(scores.correlation.expect("rows"), &wanted["correlation"], "correlation");
        for (y, wanted) in wanted["classes"].as_array().expect("classes").iter().enumerate() {
            let (class, ranking) = (&scores.classes[y], &scores.rankings[y]);
            assert_eq!(class.recall.of, wanted["support"]);
            assert_eq!(ranking.positives, wanted["support"]);
            near(class.precision.share.expect("labels"), &wanted["precision"], "precision");
            near(class.recall.share.expect("rows"), &wanted["recall"], "recall");
            near(class.f1.expect("rows"), &wanted["f1"], "F1");
            near(ranking.roc_auc.expect("rows"), &wanted["roc_auc"], "ROC AUC");
            near(ranking.average_precision.expect("rows"), &wanted["average_precision"], "AP");
            if !ranking.has_curve() {
                assert!(ranking.positives < Ranking::LEAST && ranking.points.is_empty());
                continue;
            }
            curves += 1;
            let roc = wanted["roc"].as_array().expect("points");
            assert_eq!(ranking.points.len(), roc.len());
            for (at, point) in ranking.points.iter().enumerate() {
                let (recall, wrong) = ranking.roc(point);
                near(wrong, &roc[at][0], "false positives");
                near(recall, &roc[at][1], "recall");
                near(point.threshold, &wanted["thresholds"][at], "threshold");
                let found = point.true_positives + point.false_positives;
                let precision = point.true_positives as f64 / found as f64;
                near(precision, &wanted["precision_recall"][at][0], "precision");
                near(recall, &wanted["precision_recall"][at][1], "recall");
            }
        }
    }
    assert_eq!(curves, 4, "one class of three is too rare");
}

/// By hand. Of 10 rows, 8 of c0 and 2 of c1: a rule that says c0 to all has accuracy 0.8, balanced
/// accuracy 0.5 and no correlation; one that finds both rows of c1 and takes two more for it has 0.8, 0.875
/// and (6·2 − 2·0) / √(8·2·6·4).
#[test]
fn a_label_for_everybody_is_worth_nothing() {
    let class = |y: usize| ClassId::new(y);
    let gold: Vec<_> = (0..10).map(|row| class(usize::from(row >= 8))).collect();
    let everybody: Vec<_> = (0..10).map(|_| vec![Some(0)]).collect();
    let scores = report(2, &everybody, &gold).gold.expect("gold").labels;
    assert_eq!((scores.accuracy, scores.balanced_accuracy), (0.8, Some(0.5)));
    assert_eq!(scores.correlation, None);
    assert_eq!(scores.rankings[1].roc_auc, Some(0.5));
    assert_eq!(scores.rankings[1].average_precision, Some(0.2));
    let better: Vec<_> = (0..10).map(|row| vec![Some(usize::from(row >= 6))]).collect();
    let scores = report(2, &better, &gold).gold.expect("gold").labels;
    assert_eq!((scores.accuracy, scores.balanced_accuracy), (0.8, Some(0.875)));
    let by_hand = 12.0 / (8.0_f64 * 2.0 * 6.0 * 4.0).sqrt();
    assert!((scores.correlation.expect("two labels") - by_hand).abs() < 1e-12);
    // Rows without a label are missed.
    let silent: Vec<_> = (0..10).map(|row| vec![(row < 4).then_some(0)]).collect();
    let scores = report(2, &silent, &gold).gold.expect("gold").labels;
    assert_eq!(scores.balanced_accuracy, Some(0.25));
}

/// Counts of a confusion, and the correlation by the formula for two classes.
#[test]
fn the_correlation_of_two_classes_is_that_of_matthews() {
    let confusion = |counts: [[u64; 3]; 2]| {
        let counts = json!({"counts": counts});
        serde_json::from_value::<Confusion>(counts).expect("counts").correlation()
    };
    for [tp, miss, wrong, tn] in [[6_u64, 2, 1, 91], [50, 50, 50, 50], [1, 9, 9, 1]] {
        let [a, b, c, d] = [tp, miss, wrong, tn].map(|n| n as f64);
        let by_hand = (a * d - b * c) / ((a + c) * (a + b) * (d + c) * (d + b)).sqrt();
        let value = confusion([[tp, miss, 0], [wrong, tn, 0]]).expect("two of each");
        assert!((value - by_hand).abs() < 1e-12, "{value} instead of {by_hand}");
    }
    assert_eq!(confusion([[5, 0, 0], [5, 0, 0]]), None);
    assert_eq!(confusion([[5, 5, 0], [0, 0, 0]]), None);
    assert_eq!(confusion([[0, 0, 0], [0, 0, 0]]), None);
}

#[test]
fn every_rendering_shows_the_scores_of_each_class() {
    let (report, _) = recorded().pop().expect("cases");
    let (two, _) = recorded().remove(0);
    let style = Style { width: 100, color: false, denominator: Denominator::Votes };
    for text in [terminal(&two, style), markdown(&two)] {
        assert!(!text.contains("NaN"));
    }
    for text in [terminal(&report, style), markdown(&report)] {
        for words in ["Each class against gold", "ROC AUC", "balanced accuracy", "Matthews"] {
            assert!(text.contains(words), "no {words} in {text}");
        }
    }
    let page = html(&report);
    assert!(page.contains("<section id=curves>"));
    assert_eq!(page.matches("<path class=\"line").count(), 2 * 3, "two curves, and their legend");
    assert!(page.contains("Too few gold rows for a curve: "), "one class is rare");
    // Without gold there is nothing to say.
    let mut json: Value = serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON");
    json["gold"] = Value::Null;
    let without = Report::from_json(&json.to_string()).expect("a report");
    assert!(!html(&without).contains("id=curves"));
}

/// What a report cannot say, and what one of an earlier version does not.
#[test]
fn reports_that_cannot_be_are_refused() {
    let (report, _) = recorded().remove(0);
    let json: Value = serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON");
    let read = |json: &Value| Report::from_json(&json.to_string());
    assert_eq!(read(&json).expect("itself"), report);
    let ranking = "/gold/labels/rankings/0";
    for (path, value) in [
        ("/roc_auc", json!(1.5)),
        ("/average_precision", json!(-0.1)),
        ("/positives", json!(3)),
        ("/negatives", json!(3)),
        ("/points/1/true_positives", json!(1_000_000)),
        ("/points/1", json!({"threshold": 0.1, "true_positives": 0, "false_positives": 0})),
    ] {
        let mut wrong = json.clone();
        *wrong.pointer_mut(&format!("{ranking}{path}")).expect(path) = value;
        let error = read(&wrong).expect_err(path).to_string();
        assert!(error.contains("a curve is none"), "{path}: {error}");
    }
    let mut wrong = json.clone();
    wrong["gold"]["majority"]["rankings"].as_array_mut().expect("a list").pop();
    assert!(read(&wrong).expect_err("too few").to_string().contains("as many rankings"));
    let mut earlier = json;
    for who in ["labels", "majority"] {
        let scores = earlier["gold"][who].as_object_mut().expect("scores");
        for new in ["rankings", "balanced_accuracy", "correlation"] {
            scores.remove(new);
        }
    }
    let earlier = read(&earlier).expect("a report of an earlier version");
    let page = html(&earlier);
    assert!(page.contains("Table: each label against gold") && !page.contains("class=\"line"));
    let style = Style { width: 100, color: false, denominator: Denominator::Votes };
    let text = terminal(&earlier, style);
    assert!(text.contains("Each class against gold") && !text.contains("ROC AUC"), "{text}");
}
