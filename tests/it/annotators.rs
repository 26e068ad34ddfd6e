//! Tables of answers, one row an answer: annotators as labeling functions.

use jurat::input::{Column, Files, ReadError};
use jurat::model::{Supervision, by_name};
use jurat::votes::{LongOptions, VotesFile};
use jurat::{ClassId, LfId, Patterns};
use std::fmt::Write;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, text: &str) -> Files {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("written");
        Files::new([path.to_string_lossy()]).expect("a file")
    }
}

fn options() -> LongOptions {
    LongOptions::new("task", "worker", "label")
}

fn read(text: &str, options: &LongOptions) -> Result<VotesFile, ReadError> {
    VotesFile::read_long(&Folder::new().file("answers.csv", text), options)
}

fn items(votes: &VotesFile) -> Vec<String> {
    let pieces = votes.ids.iter().flat_map(|piece| match piece {
        Column::Text(texts) => texts.iter().flatten().map(str::to_owned).collect::<Vec<_>>(),
        Column::Integer(numbers) => numbers.iter().flatten().map(|n| n.to_string()).collect(),
        Column::Number(_) | Column::Vector(_) => Vec::new(),
    });
    pieces.collect()
}

/// The cells of the label matrix, `-` to abstain.
fn cells(votes: &VotesFile) -> Vec<Vec<String>> {
    let names = votes.matrix.names();
    let cell = |row: usize, lf: usize| {
        let choice = votes.matrix.vote(row, LfId::new(lf).expect("in range"));
        choice.map_or("-".to_owned(), |choice| names.cell(choice).into_owned())
    };
    let row = |row| (0..names.lfs.len()).map(|lf| cell(row, lf)).collect();
    (0..votes.matrix.n_rows()).map(row).collect()
}

#[test]
fn answers_become_a_label_matrix() {
    let text = "worker,task,label,time
ann,t2,cat,1
bob,t1,dog,2
ann,t1,dog,3
cy,t2,cat|fox,4
bob,t2,,5
cy,t3,,6
ann,t2,cat,7
bob,t4,cat,8
ann,t4,dog,9
bob,t4,fox,10
bob,t4,cat,11
";
    let votes = read(text, &options()).expect("valid");
    assert_eq!(items(&votes), ["t2", "t1", "t3", "t4"], "in order of first occurrence");
    assert_eq!(votes.matrix.names().lfs, ["ann", "bob", "cy"]);
    assert_eq!(votes.matrix.names().classes, ["cat", "dog", "fox"]);
    assert_eq!(
        cells(&votes),
        [["cat", "-", "!dog"], ["dog", "dog", "-"], ["-", "-", "-"], ["dog", "-", "-"]]
    );
    assert_eq!((votes.repeated, votes.gold), (1, None));
    assert_eq!(votes.guessed, ["cat|fox"]);
    let [one] = votes.contradictions.as_slice() else {
        panic!("one contradiction, not {:?}", votes.contradictions);
    };
    assert_eq!((one.row, one.lf.index()), (3, 1));
    assert_eq!((one.first.as_str(), one.second.as_str()), ("cat", "fox"));
}

#[test]
fn known_labels_come_with_the_answers_or_from_a_file() {
    let answers = "task,worker,label,truth\n7,a,x,x\n8,a,y,\n7,b,y,x\n9,b,x,\n8,b,x,y\n";
    let with = LongOptions { gold: Some("truth".to_owned()), ..options() };
    let gold = |votes: VotesFile| {
        votes
            .gold
            .map(|gold| gold.into_iter().map(|class| class.map(ClassId::index)).collect::<Vec<_>>())
    };
    let votes = read(answers, &with).expect("valid");
    assert_eq!(gold(votes), Some(vec![Some(0), Some(1), None]));
    let error = read(&answers.replace("8,b,x,y", "7,b,x,y"), &with).expect_err("two labels");
    assert!(matches!(&error, ReadError::TwoLabels { row: 4, item, .. } if item == "7"), "{error}");
    let folder = Folder::new();
    let truth = folder.file("truth.csv", "task,label\n9,z\n5,x\n7,y\n");
    let options = LongOptions { gold_files: Some(truth), ..options() };
    let votes = read(answers, &options).expect("valid");
    assert_eq!(votes.matrix.names().classes, ["x", "y", "z"], "z is known only from the truth");
    assert_eq!(votes.inputs.len(), 2);
    assert_eq!(gold(votes), Some(vec![Some(1), None, Some(2)]));
}

/// Parquet says that identifiers are numbers, and so do the labels then.
#[cfg(feature = "parquet")]
#[test]
fn whole_numbers_stay_numbers() {
    use jurat::output::{Rows, format_named, write_votes};
    let folder = Folder::new();
    let path = folder.0.path().join("answers.parquet");
    let names = jurat::Names::new(["worker", "label"], ["x", "y"]).expect("names");
    let rows = [[0, 0], [1, 1], [1, 0]].map(|row| row.map(Some).to_vec());
    let table = jurat::LabelMatrix::from_dense(names, &rows).expect("valid");
    let ids = [Column::Integer([Some(7), Some(5), Some(7)].into_iter().collect())];
    let format = format_named("parquet").expect("a format");
    write_votes(&path, format, Rows { name: "task", ids: &ids }, &table).expect("written");
    let files = Files::new([path.to_string_lossy()]).expect("a file");
    let options = LongOptions::new("task", "lf:worker", "lf:label");
    let votes = VotesFile::read_long(&files, &options).expect("valid");
    assert_eq!(items(&votes), ["7", "5"]);
    assert!(votes.ids.iter().all(|piece| matches!(piece, Column::Integer(_))));
    assert_eq!(cells(&votes), [["x", "x"], ["-", "y"]]);
}

#[test]
fn wrong_answers_are_named() {
    let given = LongOptions { labels: Some(vec!["x".into(), "y".into()]), ..options() };
    let gold =
        LongOptions { gold: Some("label".into()), labels: given.labels.clone(), ..options() };
    for (text, options, parts) in [
        ("task,worker\na,b\n", &options(), vec!["`label`", "`task`, `worker`"]),
        ("task,worker,label\nt,w,x\n,w,x\n", &options(), vec!["data row 2", "`task` is empty"]),
        ("task,worker,label\nt,,x\n", &options(), vec!["data row 1", "`worker` is empty"]),
        ("task,worker,label\nt,w,z\n", &given, vec!["data row 1", "`z`", "`x`, `y`"]),
        ("task,worker,label\nt,w,x|z\n", &given, vec!["`x|z`"]),
        ("task,worker,label\nt,w,x|y\n", &given, vec!["data row 1", "`x|y`", "all of the labels"]),
        ("task,worker,label\nt,w,!x|y\n", &options(), vec!["data row 1", "`!x|y`"]),
        ("task,worker,label\nt,w,-1\n", &options(), vec!["--abstain -1"]),
        ("task,worker,label\nt,w,!x\n", &gold, vec!["`!x`", "none of the labels"]),
    ] {
        let error = read(text, options).expect_err(text).to_string();
        for part in parts {
            assert!(error.contains(part), "no `{part}` in {error}");
        }
    }
}

#[test]
fn there_are_at_most_as_many_annotators_as_ids() {
    let mut text = String::from("task,worker,label\n");
    for annotator in 0..=LfId::LIMIT {
        let _ = writeln!(text, "t,w{annotator},x{}", annotator % 2);
    }
    let error = read(&text, &options()).expect_err("one too many");
    assert!(matches!(error, ReadError::TooMany { row: 65_000, .. }), "{error}");
    let most = text.trim_end().rsplit_once('\n').expect("lines").0;
    assert_eq!(read(most, &options()).expect("valid").matrix.row(0).len(), LfId::LIMIT);
}

/// Each answer costs a few bytes: 5,000 columns of cells would not.
#[test]
fn thousands_of_annotators() {
    const ANNOTATORS: usize = 5_000;
    const ITEMS: usize = 20_000;
    let mut text = String::from("task,worker,label\n");
    let mut state = 1_u64;
    let mut random = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut truth = Vec::new();
    for item in 0..ITEMS {
        truth.push(random(3));
        let first = random(ANNOTATORS);
        for answer in 0..4 {
            let right = random(10) < 7;
            let label = if right { truth[item] } else { random(3) };
            let annotator = (first + answer * 977) % ANNOTATORS;
            let _ = writeln!(text, "item-{item},w{annotator},c{label}");
        }
    }
    let votes = read(&text, &options()).expect("valid");
    assert_eq!((votes.matrix.n_rows(), votes.matrix.n_lfs()), (ITEMS, ANNOTATORS));
    assert_eq!(votes.matrix.n_votes(), 4 * ITEMS);
    let mut seen = 0;
    let lfs = &votes.matrix.names().lfs;
    for (line, (item, row)) in
        text.lines().skip(1).step_by(4).zip(items(&votes).iter().zip(votes.matrix.rows()))
    {
        let parts: Vec<&str> = line.split(',').collect();
        assert_eq!(item, parts[0]);
        let vote = row.iter().find(|vote| lfs[vote.lf.index()] == parts[1]).expect("it is there");
        assert_eq!(votes.matrix.names().choice_name(vote.choice), parts[2]);
        seen += 1;
    }
    assert_eq!(seen, ITEMS);
    let patterns = Patterns::count(&votes.matrix);
    let model = by_name("anchored", &[("rounds".to_owned(), jurat::SettingValue::Number(2.0))]);
    let fitted = model.expect("settings").fit(&patterns, &Supervision::default()).expect("fits");
    let labels = fitted.label(&patterns);
    let right = truth.iter().enumerate().filter(|&(i, &y)| {
        let p = labels.probabilities(i);
        (0..3).all(|other| other == y || p[other] < p[y])
    });
    let accuracy = right.count() as f64 / ITEMS as f64;
    assert!(accuracy > 0.85, "{accuracy}");
}
