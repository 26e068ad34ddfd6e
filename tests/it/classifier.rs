//! The discriminative model: planted words, rows that nobody votes on, calibration, files.

use crate::models::Random;
use jurat::ClassId;
use jurat::classifier::{
    Bags, Classifier, InputColumn, Inputs, Kind, Score, Targets, Trained, Trainer,
};
use jurat::input::{Table, Vectors};
use ndarray::{Array2, Axis};

/// Texts of ten words, of which each class uses 20 of 200 more often.
fn texts(n: usize, seed: u64) -> (Vec<String>, Vec<usize>) {
    let mut draws = Random(seed);
    let mut texts = Vec::new();
    let mut classes = Vec::new();
    for _ in 0..n {
        let class = draws.below(2);
        let words = (0..10).map(|_| match draws.below(4) {
            0 => format!("w{}", 20 * class + draws.below(20)),
            _ => format!("w{}", draws.below(200)),
        });
        texts.push(words.collect::<Vec<_>>().join(" "));
        classes.push(class);
    }
    (texts, classes)
}

fn bags(texts: &[String], inputs: &Inputs) -> Bags {
    let table = Table::new().text("text", texts.iter().map(|text| Some(text.as_str())));
    Bags::read(table.open(&inputs.fields()).expect("rows").as_mut(), inputs).expect("bags")
}

fn names() -> Vec<String> {
    vec!["ham".to_owned(), "spam".to_owned()]
}

fn gold(classes: &[usize]) -> Vec<Option<ClassId>> {
    classes.iter().map(|&class| ClassId::new(class)).collect()
}

fn accuracy(table: &Array2<f64>, classes: &[usize]) -> f64 {
    Score::new(table, &gold(classes), None).expect("rows").accuracy
}

/// Targets that are right with this probability, and say so.
fn noisy(classes: &[usize], right: f64, seed: u64) -> Array2<f64> {
    let mut draws = Random(seed);
    let mut table = Array2::zeros((classes.len(), 2));
    for (mut row, &class) in table.rows_mut().into_iter().zip(classes) {
        let said = if draws.next() < right { class } else { 1 - class };
        row[said] = right;
        row[1 - said] = 1.0 - right;
    }
    table
}

fn fit(texts: &[String], targets: &Array2<f64>, weights: &[f64], trainer: &Trainer) -> Trained {
    let inputs = Inputs::text(["text"]).expect("inputs");
    let targets = Targets { probabilities: targets, weights, balance: None };
    trainer.fit(&bags(texts, &inputs), &inputs, &names(), &targets).expect("trained")
}

#[test]
fn rows_that_nobody_labels_are_predicted_from_noisy_labels_of_others() {
    let (texts, classes) = texts(3000, 1);
    let targets = noisy(&classes, 0.75, 2);
    // The last thousand rows have no label.
    let weights: Vec<f64> = (0..3000).map(|row| if row < 2000 { 1.0 } else { 0.0 }).collect();
    let trained = fit(&texts, &targets, &weights, &Trainer::default());
    assert_eq!(trained.course.rows, 2000);
    let unlabeled = trained.out_of_fold.select(Axis(0), &(2000..3000).collect::<Vec<_>>());
    let found = accuracy(&unlabeled, &classes[2000..]);
    assert!(found > 0.8, "{found}");
    // Its labels are right on more rows than those that it learned from.
    let found = accuracy(&trained.out_of_fold, &classes);
    assert!(found > 0.8 && accuracy(&targets, &classes) < 0.78, "{found}");
    let losses = &trained.course.losses;
    assert!(losses.len() > 1 && losses.last() < losses.first(), "{losses:?}");
}

#[test]
fn nobody_is_predicted_by_who_saw_the_row() {
    let (texts, classes) = texts(1000, 3);
    let mut draws = Random(4);
    let lucky: Vec<usize> = classes.iter().map(|_| draws.below(2)).collect();
    let targets = noisy(&lucky, 1.0, 5);
    let loose = Trainer { strength: 1e4, ..Trainer::default() };
    let trained = fit(&texts, &targets, &[1.0; 1000], &loose);
    let inputs = Inputs::text(["text"]).expect("inputs");
    let seen = accuracy(&trained.classifier.predict(&bags(&texts, &inputs)), &lucky);
    let unseen = accuracy(&trained.out_of_fold, &lucky);
    assert!(seen > 0.8, "{seen}");
    assert!((unseen - 0.5).abs() < 0.08, "{unseen}");
    // Copies of a row are in one fold, so that a row does not learn from its copy.
    let (twice, lucky) = ([&texts[..], &texts[..]].concat(), [&lucky[..], &lucky[..]].concat());
    let trained = fit(&twice, &noisy(&lucky, 1.0, 5), &[1.0; 2000], &loose);
    let unseen = accuracy(&trained.out_of_fold, &lucky);
    assert!((unseen - 0.5).abs() < 0.08, "{unseen}");
}

/// Among rows with a predicted probability near p, a share of about p have the class.
#[test]
fn probabilities_mean_what_they_say() {
    let (texts, classes) = texts(6000, 7);
    let trained = fit(&texts, &noisy(&classes, 1.0, 8), &vec![1.0; 6000], &Trainer::default());
    for low in [0.1, 0.3, 0.5, 0.7] {
        let rows = trained.out_of_fold.column(1).to_vec().into_iter().zip(&classes);
        let near: Vec<(f64, &usize)> = rows.filter(|(p, _)| (low..low + 0.2).contains(p)).collect();
        let n = near.len() as f64;
        let said = near.iter().map(|(p, _)| p).sum::<f64>() / n;
        let is = near.iter().filter(|(_, class)| **class == 1).count() as f64 / n;
        assert!((said - is).abs() < 0.08, "{low}: {said} {is} of {n}");
    }
}

#[test]
fn a_known_balance_moves_probabilities_and_labels() {
    let (texts, classes) = texts(2000, 9);
    let inputs = Inputs::text(["text"]).expect("inputs");
    let targets = noisy(&classes, 0.8, 10);
    let balance = [0.8, 0.2];
    let weights = vec![1.0; 2000];
    let known =
        Targets { probabilities: &targets, weights: &weights, balance: Some(balance.as_slice()) };
    let bags = bags(&texts, &inputs);
    let trained = Trainer::default().fit(&bags, &inputs, &names(), &known).expect("trained");
    let mean = trained.out_of_fold.column(1).sum() / 2000.0;
    assert!((mean - 0.2).abs() < 1e-6, "{mean}");
    let offsets = trained.classifier.offsets().expect("offsets").to_vec();
    let spam = trained
        .out_of_fold
        .rows()
        .into_iter()
        .filter(|row| row[1].ln() + offsets[1] > row[0].ln() + offsets[0]);
    let share = spam.count() as f64 / 2000.0;
    assert!((share - 0.2).abs() < 0.005, "{share}");
}

#[test]
fn rare_classes_may_weigh_as_much_as_common_ones() {
    let (texts, mut classes) = texts(4000, 11);
    let mut draws = Random(12);
    // One in twenty rows of the second class stays.
    let kept: Vec<usize> =
        (0..4000).filter(|&row| classes[row] == 0 || draws.below(20) == 0).collect();
    let texts: Vec<String> = kept.iter().map(|&row| texts[row].clone()).collect();
    classes = kept.iter().map(|&row| classes[row]).collect();
    let targets = noisy(&classes, 0.9, 13);
    let recall = |balanced| {
        let trainer = Trainer { balanced, ..Trainer::default() };
        let trained = fit(&texts, &targets, &vec![1.0; texts.len()], &trainer);
        let rows = trained.out_of_fold.rows().into_iter().zip(&classes);
        let of_rare: Vec<bool> =
            rows.filter(|(_, class)| **class == 1).map(|(row, _)| row[1] > 0.5).collect();
        of_rare.iter().filter(|found| **found).count() as f64 / of_rare.len() as f64
    };
    let (plain, balanced) = (recall(false), recall(true));
    assert!(balanced > plain + 0.2, "{plain} {balanced}");
}

#[test]
fn numbers_and_categories_are_features() {
    let mut draws = Random(14);
    let classes: Vec<usize> = (0..600).map(|_| draws.below(2)).collect();
    let number = |class: usize, draws: &mut Random| {
        (draws.below(10) > 0).then(|| 1e6 + 1e3 * (draws.next() + class as f64))
    };
    let numbers: Vec<Option<f64>> =
        classes.iter().map(|&class| number(class, &mut draws)).collect();
    let wards: Vec<Option<&str>> = classes
        .iter()
        .map(|&class| match draws.below(10) {
            0 => None,
            1 => Some("other"),
            _ => Some(["north", "south"][class]),
        })
        .collect();
    let column = |name: &str, kind| InputColumn { name: name.to_owned(), kind };
    for (columns, least) in [
        (vec![column("n", Kind::Number)], 0.85),
        (vec![column("ward", Kind::Category)], 0.85),
        (vec![column("n", Kind::Number), column("ward", Kind::Category)], 0.95),
    ] {
        let inputs = Inputs::new(columns).expect("inputs");
        let table = Table::new().number("n", numbers.clone()).text("ward", wards.clone());
        let mut source = table.open(&inputs.fields()).expect("rows");
        let bags = Bags::read(source.as_mut(), &inputs).expect("bags");
        let targets = noisy(&classes, 0.95, 15);
        let weights = vec![1.0; 600];
        let known = Targets { probabilities: &targets, weights: &weights, balance: None };
        let trained = Trainer::default().fit(&bags, &inputs, &names(), &known).expect("trained");
        let found = accuracy(&trained.out_of_fold, &classes);
        assert!(found > least, "{found} {inputs:?}");
    }
}

/// Few texts, which say nothing, and vectors that do.
#[test]
fn vectors_tell_rows_of_equal_texts_apart() {
    let mut draws = Random(20);
    let classes: Vec<usize> = (0..400).map(|_| draws.below(2)).collect();
    let mut vector = |class: usize| -> Vec<f32> {
        (0..6).map(|_| (draws.next() + class as f64 - 1.0) as f32).collect()
    };
    let vectors: Vec<Option<Vec<f32>>> = classes.iter().map(|&class| Some(vector(class))).collect();
    let texts = classes.iter().enumerate().map(|(row, _)| Some(["a b", "c d"][row % 2]));
    let table = Table::new().text("t", texts).vectors("e", Vectors::new(vectors).expect("vectors"));
    let column = |name: &str, kind| InputColumn { name: name.to_owned(), kind };
    let inputs = Inputs::new(vec![column("t", Kind::Text), column("e", Kind::Vector)]);
    let inputs = inputs.expect("inputs");
    let mut source = table.open(&inputs.fields()).expect("rows");
    let bags = Bags::read(source.as_mut(), &inputs).expect("bags");
    let (targets, weights) = (noisy(&classes, 0.8, 21), vec![1.0; 400]);
    let known = Targets { probabilities: &targets, weights: &weights, balance: None };
    let trained = Trainer::default().fit(&bags, &inputs, &names(), &known).expect("trained");
    let found = accuracy(&trained.out_of_fold, &classes);
    assert!(found > 0.9, "{found}");
    // A classifier reads vectors of the length that it learned from.
    let json = trained.classifier.to_json().expect("JSON");
    let read = Classifier::from_json(&json).expect("a classifier");
    assert_eq!(read.predict(&bags), trained.classifier.predict(&bags));
    let five = Vectors::new([Some([1.0_f32; 5])]).expect("a vector");
    let short = Table::new().text("t", [Some("a")]).vectors("e", five);
    let error = short.open(&read.inputs().fields()).map(|_| ()).expect_err("5");
    assert!(error.to_string().contains("length 6 is wanted"), "{error}");
}

#[test]
fn files_are_read_to_the_same_and_checked() {
    let (texts, classes) = texts(200, 16);
    let trained = fit(&texts, &noisy(&classes, 0.9, 17), &[1.0; 200], &Trainer::default());
    let json = trained.classifier.to_json().expect("JSON");
    assert_eq!(Classifier::from_json(&json).expect("a classifier"), trained.classifier);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let changed = |pointer: &str, to: serde_json::Value| {
        let mut value = value.clone();
        *value.pointer_mut(pointer).expect(pointer) = to;
        Classifier::from_json(&value.to_string()).map(|_| ()).expect_err(pointer).to_string()
    };
    use serde_json::json;
    for (pointer, to, says) in [
        ("/format", json!("jurat-classifier-9"), "its format is `jurat-classifier-9`"),
        ("/classes", json!(["ham"]), "fewer than two classes"),
        ("/classes/1", json!("ham"), "a class is named twice"),
        ("/classes", json!(["a", "b", "c"]), "as many parameters"),
        ("/vocabulary/buckets/0", json!(4_000_000_000_u32), "not in order"),
        ("/vocabulary/weights", json!([]), "a feature has no weight"),
        ("/vocabulary/numbers", json!([[0, 1]]), "a number has no scale"),
        ("/parameters/0", json!(1e300), "number out of range"),
        ("/parameters", json!([]), "as many parameters"),
        ("/temperature", json!(0), "its temperature is not above 0"),
        ("/shift", json!([0]), "one shift a class"),
        ("/offsets", json!([1.0]), "one offset a class"),
        ("/inputs/columns", json!([]), "no columns to learn from"),
        ("/inputs/columns/0/kind", json!("picture"), "unknown variant `picture`"),
    ] {
        let error = changed(pointer, to);
        assert!(error.contains(says), "{pointer}: {error}");
    }
    for text in ["", "{}", "[]", "null", &json[..json.len() / 2]] {
        assert!(Classifier::from_json(text).is_err(), "{text}");
    }
}

#[test]
fn what_cannot_be_learned_from_is_an_error() {
    let inputs = Inputs::text(["text"]).expect("inputs");
    let (texts, classes) = texts(10, 18);
    let bags = bags(&texts, &inputs);
    let targets = noisy(&classes, 0.9, 19);
    let fit = |trainer: Trainer, weights: &[f64], targets: &Array2<f64>| {
        let known = Targets { probabilities: targets, weights, balance: None };
        let fitted = trainer.fit(&bags, &inputs, &names(), &known);
        fitted.map(|_| ()).expect_err("an error").to_string()
    };
    let with = |change: &dyn Fn(&mut Trainer)| {
        let mut trainer = Trainer::default();
        change(&mut trainer);
        trainer
    };
    let ones = [1.0; 10];
    let mut odd = targets.clone();
    odd[[3, 1]] = f64::NAN;
    for (error, says) in [
        (fit(Trainer::default(), &[0.0; 10], &targets), "there are 0 rows with a label"),
        (fit(Trainer::default(), &ones[..9], &targets), "there are 10 rows and 10 targets"),
        (fit(Trainer::default(), &ones, &odd), "must be numbers from 0 on"),
        (
            fit(Trainer::default(), &ones, &Array2::zeros((10, 3))),
            "a classifier needs at least two",
        ),
        (fit(with(&|trainer| trainer.folds = 1), &ones, &targets), "folds from 2 to 20"),
        (fit(with(&|trainer| trainer.strength = 0.0), &ones, &targets), "must be above 0"),
    ] {
        assert!(error.contains(says), "{error}");
    }
    assert!(Inputs::text(["a", "a"]).is_err());
}

#[cfg(feature = "cli")]
mod program {
    use crate::cli::Folder;

    const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: text, id: id, gold: gold, learn: checked}
lfs:
  - {name: win, label: spam, when: {keyword: [win, prize]}}
  - {name: meet, label: ham, when: {keyword: [meeting, lunch]}}
model: {class_balance: {spam: 0.5, ham: 0.5}}
";

    /// Rows of which a third have none of the keywords, but words that go with them.
    fn folder() -> Folder {
        let folder = Folder::new();
        let mut data = "id,text,gold,checked\n".to_owned();
        let (spam, ham) = (
            [["win", "cash", "click"], ["prize", "click", "offer"], ["cash", "offer", "now"]],
            [
                ["meeting", "agenda", "room"],
                ["lunch", "room", "friend"],
                ["agenda", "friend", "at"],
            ],
        );
        for row in 0..240 {
            let of = if row % 2 == 0 { spam } else { ham };
            let words = of[row / 2 % 3];
            let label = ["spam", "ham"][row % 2];
            let checked = if row < 4 { label } else { "" };
            data += &format!(
                "r{row},{} {} {} x{}y,{label},{checked}\n",
                words[0],
                words[1],
                words[2],
                row % 7
            );
        }
        folder.write("data.csv", &data);
        folder.write("spec.yaml", SPEC);
        folder.run(&["run", "spec.yaml", "data.csv", "-o", "run", "--format", "csv"]).code(0);
        folder
    }

    #[test]
    fn train_and_predict_label_what_no_labeling_function_covers() {
        let folder = folder();
        let ran = folder
            .run(&["train", "run", "-o", "c.json", "--labels", "labels.csv"])
            .code(0)
            .says(&["wrote c.json", "wrote labels.csv"]);
        for part in ["240 rows (160 with votes, 4 with a known label)", "without votes", "\nspam\n"]
        {
            assert!(ran.out.contains(part), "{part}\n{}", ran.out);
        }
        let labels = std::fs::read_to_string(folder.path("labels.csv")).expect("labels");
        assert_eq!(labels.lines().count(), 241);
        assert!(labels.starts_with("id,label,confidence,prob:spam,prob:ham\nr0,spam,"), "{labels}");
        let right = |labels: &str| {
            let row =
                |(at, line): (usize, &str)| line.split(',').nth(1) == Some(["spam", "ham"][at % 2]);
            labels.lines().skip(1).enumerate().filter(|line| row(*line)).count()
        };
        assert_eq!(right(&labels), 240, "{labels}");
        let scored =
            ["predict", "c.json", "data.csv", "--id", "id", "-o", "p.csv", "--gold", "gold"];
        let scored = folder.run(&scored).code(0);
        let wanted = "240 rows with a known label: accuracy 1.0000, macro F1 1.0000, log loss 0.";
        assert!(scored.out.starts_with(wanted), "{}", scored.out);
        let predicted = std::fs::read_to_string(folder.path("p.csv")).expect("labels");
        assert_eq!(right(&predicted), 240, "{predicted}");
        let again = folder.run(&["train", "run", "-o", "c.json"]).code(2);
        assert!(again.err.contains("c.json exists; choose another name"), "{}", again.err);
        let json = folder.run(&["train", "run", "-o", "c.json", "--overwrite", "--report", "json"]);
        let report: serde_json::Value = serde_json::from_str(&json.code(0).out).expect("JSON");
        assert_eq!(report["scores"]["uncovered"]["combined"]["accuracy"], 1.0, "{report:#}");
        assert_eq!(report["learned"], 4);
    }

    #[test]
    fn threads_do_not_change_a_byte() {
        let folder = folder();
        for threads in ["1", "2", "3"] {
            let (c, l) = (format!("c{threads}.json"), format!("l{threads}.csv"));
            let arguments = ["train", "run", "-o", &c, "--labels", &l, "--threads", threads];
            folder.run(&[&arguments[..], &["--rounds", "2"]].concat()).code(0);
        }
        for (one, other) in [
            ("c1.json", "c2.json"),
            ("c1.json", "c3.json"),
            ("l1.csv", "l2.csv"),
            ("l1.csv", "l3.csv"),
        ] {
            let read = |name| std::fs::read(folder.path(name)).expect("a file");
            assert!(read(one) == read(other), "{one} {other}");
        }
    }

    #[test]
    fn what_may_not_be_shown_is_not() {
        let folder = folder();
        for option in ["--redact", "--no-examples"] {
            let ran = folder.run(&["train", "run", "-o", "c.json", "--overwrite", option]).code(0);
            assert!(!ran.out.contains("click") && ran.out.contains("together"), "{}", ran.out);
        }
        let file = std::fs::read_to_string(folder.path("c.json")).expect("a classifier");
        assert!(!file.contains("click"));
    }

    #[test]
    fn mistakes_are_said() {
        let folder = folder();
        folder.run(&["train", "run", "-o", "c.json"]).code(0);
        folder.write("odd.csv", "id,body\n1,x\n");
        let data = std::fs::read_to_string(folder.path("data.csv")).expect("data");
        folder.write("changed.csv", &data.replacen("cash", "gold", 3));
        folder.write("short.csv", &data.lines().take(100).collect::<Vec<_>>().join("\n"));
        folder.write("no.json", "{\"format\": \"jurat-classifier-1\"}");
        let train: &[&str] = &["train", "run", "-o", "d.json"];
        let predict: &[&str] = &["predict", "c.json", "data.csv", "-o", "p.csv"];
        for (command, more, code, says) in [
            (train, &["--data", "changed.csv"][..], 3, "rows are no longer what was voted on"),
            (train, &["--data", "short.csv"], 3, "there are 99 rows, and 240 were voted on"),
            (train, &["--text", "body"], 3, "there is no column `body`"),
            (train, &["--text", "text", "--category", "text"], 3, "`text` is named twice"),
            (train, &["--number", "text"], 3, "but a number is wanted"),
            (train, &["--folds", "500"], 3, "folds from 2 to 20"),
            (train, &["--visits", "0"], 3, "visits at least 1"),
            (train, &["--uncovered", "2"], 2, "--uncovered must be from 0 to 1"),
            (train, &["--strength", "0"], 3, "must be above 0"),
            (train, &["--labels", "data.csv"], 2, "data.csv exists"),
            (train, &["--labels", "x.txt"], 2, "x.txt"),
            (train, &["--labels", "l.csv", "--decide", "f1"], 3, "--decide prevalence"),
            (train, &["--labels", "l.csv", "--decide", "luck"], 2, "`luck` is no way to decide"),
            (&["train", "nowhere", "-o", "d.json"], &[], 2, "nowhere is not a run directory"),
            (&["predict", "c.json", "odd.csv", "-o", "p.csv"], &[], 3, "there is no column `text`"),
            (&["predict", "no.json", "data.csv", "-o", "p.csv"], &[], 3, "no.json: "),
            (
                &["predict", "data.csv", "data.csv", "-o", "p.csv"],
                &[],
                3,
                "that `jurat train` wrote",
            ),
            (&["predict", "gone.json", "data.csv", "-o", "p.csv"], &[], 3, "gone.json: "),
            (predict, &["--min-confidence", "7"], 2, "--min-confidence must be from 0 to 1"),
            (predict, &["--id", "label"], 2, "`label`"),
            (predict, &["--decide", "f1"], 3, "--decide prevalence"),
            (&["predict", "c.json", "-", "-o", "p.csv"], &["--gold", "gold"], 2, "a second time"),
        ] {
            let ran = folder.run(&[command, more].concat()).code(code);
            assert!(ran.err.contains(says), "{command:?} {more:?}: {}", ran.err);
            assert!(!folder.path("d.json").exists() && !folder.path("p.csv").exists());
        }
    }
}
