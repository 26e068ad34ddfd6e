//! Vectors at work: votes by neighbors, kept votes, closures, the classifier, and the program.

use crate::input::Folder;
use jurat::classifier::{Bags, Classifier, InputColumn, Inputs, Kind, Targets, Trainer};
use jurat::input::{Field, Table, Vectors};
use jurat::lf::{Unwatched, VoteCache};
use jurat::{LfId, LfSet, Spec};
use ndarray::Array2;

fn compile(text: &str, folder: &Folder) -> LfSet {
    let spec = Spec::from_yaml(text, &folder.path("spec.yaml").to_string_lossy());
    LfSet::compile(&spec.expect("a spec")).expect("a set")
}

const NEAR: &str = "spec: 1
labels: [spam, ham]
lookups: {known: {file: known.csv, key: name, vector: e, label: kind}}
lfs: [{name: near, when: {similar: {column: e, to: known, at_least: 0.9}}}]
";

/// What was voted is kept by the numbers of the vectors, and of the exemplars.
#[test]
fn kept_votes_are_those_of_the_same_vectors() {
    let folder = Folder::new().with("known.csv", "name,kind,e\na,spam,\"[1, 0]\"\n");
    let cache = VoteCache::open(folder.path("votes")).expect("a cache");
    let votes = |vectors: [Option<[f32; 2]>; 3]| {
        let lfs = compile(NEAR, &folder);
        let table = Table::new().vectors("e", Vectors::new(vectors).expect("vectors"));
        let mut source = table.open(&lfs.fields()).expect("the column is there");
        let applied = lfs.apply_cached(source.as_mut(), &Unwatched, Some(&cache)).expect("votes");
        let lf = LfId::new(0).expect("the first");
        let cast: Vec<bool> = (0..3).map(|row| applied.matrix.vote(row, lf).is_some()).collect();
        (cast, applied.notes[0].missing)
    };
    let (east, north) = (Some([1.0, 0.0]), Some([0.0, 1.0]));
    for _ in 0..2 {
        assert_eq!(votes([east, north, None]), (vec![true, false, false], 1));
    }
    assert_eq!(votes([north, east, None]), (vec![false, true, false], 1));
    assert_eq!(votes([east, None, north]), (vec![true, false, false], 1));
    let folder = folder.with("known.csv", "name,kind,e\na,spam,\"[0, 1]\"\n");
    let lfs = compile(NEAR, &folder);
    let table = Table::new().vectors("e", Vectors::new([east, north]).expect("vectors"));
    let mut source = table.open(&lfs.fields()).expect("the column is there");
    let applied = lfs.apply_cached(source.as_mut(), &Unwatched, Some(&cache)).expect("votes");
    assert!(applied.matrix.row(0).is_empty() && !applied.matrix.row(1).is_empty());
}

/// A fingerprint says whether a vector is another one.
#[test]
fn fingerprints_see_every_number() {
    let folder = Folder::new().with("known.csv", "name,kind,e\na,spam,\"[1, 0]\"\n");
    let lfs = compile(NEAR, &folder);
    let rows = [Some([1.0, 0.0]), Some([1.0, 0.5]), Some([0.0, 1.0]), None, Some([1.0, 0.0])];
    let table = Table::new().vectors("e", Vectors::new(rows).expect("vectors"));
    let mut source = table.open(&lfs.fields()).expect("the column is there");
    let batch = source.next_batch().expect("in memory").expect("rows");
    let mut marks = lfs.fingerprints(&batch);
    assert_eq!(marks[0], marks[4]);
    marks.pop();
    marks.sort_unstable();
    marks.dedup();
    assert_eq!(marks.len(), 4);
    // People read which exemplar it is like, and see that the cell was looked at.
    let evidence = lfs.evidence(&batch).expect("evidence");
    let lf = LfId::new(0).expect("the first");
    let wanted = (lf, "`e` is like `a`, cosine similarity 1.000".to_owned());
    assert_eq!(evidence.remarks[0], [wanted]);
    assert_eq!((evidence.hits[0].len(), evidence.hits[2].len()), (1, 0));
    assert_eq!(evidence.hits[0][0].place, None);
}

#[test]
fn closures_read_vectors() {
    let lfs = LfSet::new(["a", "b"]).expect("classes");
    let lfs = lfs.with("first", &[Field::vector("e")], |row| {
        (row.vector("e")?.first()? > &0.5).then_some("a")
    });
    let lfs = lfs.expect("a set");
    let vectors = Vectors::new([Some([1.0]), Some([0.0]), None]).expect("vectors");
    let table = Table::new().vectors("e", vectors);
    let applied = lfs.apply(table.open(&lfs.fields()).expect("opens").as_mut()).expect("votes");
    assert_eq!(applied.matrix.n_votes(), 1);
}

/// Two clouds of vectors that a plane divides, and a number that says nothing.
#[test]
fn a_classifier_learns_from_vectors() {
    let n = 400;
    let noise = |row: usize, at: usize| ((row * 37 + at * 101) % 199) as f32 / 199.0 - 0.5;
    let class = |row: usize| row % 2;
    let vector = |row: usize| {
        let sign = if class(row) == 0 { 1.0 } else { -1.0 };
        let mut vector: Vec<f32> = (0..16).map(|at| noise(row, at)).collect();
        vector[3] += 0.7 * sign;
        // Their length says nothing.
        vector.iter_mut().for_each(|number| *number *= 1.0 + (row % 5) as f32);
        vector
    };
    // Until the first vector nobody knows how long they are.
    let missing = |row: usize| row < 10 || row % 50 == 7;
    let vectors = |n: usize| {
        let rows = (0..n).map(|row| (!missing(row)).then(|| vector(row)));
        Vectors::new(rows).expect("vectors")
    };
    let table = |n: usize| {
        let numbers = (0..n).map(|row| Some(f64::from(noise(row, 99))));
        Table::new().vectors("e", vectors(n)).number("n", numbers)
    };
    let column = |name: &str, kind| InputColumn { name: name.to_owned(), kind };
    let inputs = Inputs::new(vec![column("e", Kind::Vector), column("n", Kind::Number)]);
    let inputs = inputs.expect("columns");
    let read = |table: &Table, inputs: &Inputs| {
        let mut source = table.open(&inputs.fields())?;
        Bags::read(source.as_mut(), inputs)
    };
    let all = table(n);
    let mut source = all.open(&inputs.fields()).expect("the columns are there");
    let batch = source.next_batch().expect("in memory").expect("rows");
    // The same rows in two batches, of which the first has no vectors.
    let mut bags = Bags::some(&batch.head(10), &inputs, 0, &(0..10).collect::<Vec<_>>());
    bags.append(Bags::some(&batch, &inputs, 0, &(10..n).collect::<Vec<_>>()));
    // NaN stands for what is missing, and is not equal to itself.
    let whole = read(&all, &inputs).expect("rows");
    assert!(format!("{bags:?}") == format!("{whole:?}"));

    let inputs = inputs.fixed(&bags);
    let mut probabilities = Array2::zeros((n, 2));
    (0..n).for_each(|row| probabilities[[row, class(row)]] = 1.0);
    let targets = Targets { probabilities: &probabilities, weights: &vec![1.0; n], balance: None };
    let classes = ["a".to_owned(), "b".to_owned()];
    let trained = Trainer::default().fit(&bags, &inputs, &classes, &targets).expect("trained");
    let right = |table: &Array2<f64>| {
        let known: Vec<usize> = (0..n).filter(|row| !missing(*row)).collect();
        let right = known.iter().filter(|row| table[[**row, class(**row)]] > 0.5).count();
        right as f64 / known.len() as f64
    };
    assert!(right(&trained.out_of_fold) > 0.95, "{}", right(&trained.out_of_fold));
    let classifier = trained.classifier;
    // A missing vector counts as the mean: the classifier is not sure then.
    let predicted = classifier.predict(&bags);
    assert!((0.2..0.8).contains(&predicted[[0, 0]]), "{}", predicted[[0, 0]]);

    // It comes back as it was, knows how long vectors are, and refuses others.
    let text = serde_json::to_string(&classifier).expect("JSON");
    let again: Classifier = serde_json::from_str(&text).expect("read");
    assert_eq!(again, classifier);
    let short = Vectors::new([None, Some([1.0, 2.0])]).expect("vectors");
    let short = Table::new().vectors("e", short).number("n", [None, None]);
    let error = read(&short, again.inputs()).expect_err("another length").to_string();
    assert!(
        error
            .starts_with("table, data row 2: column `e` holds a vector of length 2, but length 16")
    );
    let none = Vectors::new(vec![None::<Vec<f32>>; 2]).expect("vectors");
    let none = Table::new().vectors("e", none).number("n", [Some(0.1), None]);
    let none = again.predict(&read(&none, again.inputs()).expect("rows"));
    assert_eq!(none.dim(), (2, 2));
}

#[cfg(feature = "cli")]
mod program {
    use crate::cli::Folder;

    const SPEC: &str = "spec: 1
labels: [scam, fine]
input: {id: id, gold: gold}
lookups:
  known: {file: known.jsonl, key: name, vector: embedding, label: kind}
lfs:
  - name: like-known
    when: {similar: {column: embedding, to: known, at_least: 0.7, margin: 0.05}}
    examples:
      match: {scam: [{embedding: [2, 0.1]}], fine: [{embedding: '[0, 1]'}]}
      no_match: [{embedding: [-1, -1]}, {embedding: null}]
  - name: like-gift-cards
    label: scam
    when: {similar: {column: embedding, to: [{name: gift cards, vector: [0.8, 0.6]}], at_least: 0.95}}
  - {name: pays, label: scam, when: {keyword: [wire, pay]}}
  - {name: thanks, label: fine, when: {keyword: [thanks]}}
";

    fn folder() -> Folder {
        let folder = Folder::new();
        folder.write("spec.yaml", SPEC);
        folder.write(
            "known.jsonl",
            "{\"name\": \"wire\", \"kind\": \"scam\", \"embedding\": [1, 0]}\n{\"name\": \"news\", \"kind\": \"fine\", \"embedding\": [0, 1]}\n",
        );
        let rows = (0..60).map(|row| {
            let scam = row % 3 == 0;
            let (x, y) = if scam { (1.0, f64::from(row % 7) / 10.0) } else { (0.1, 1.0) };
            let text = if scam { "please wire it" } else { "many thanks" };
            let gold = if scam { "scam" } else { "fine" };
            let embedding = if row == 5 { "null".to_owned() } else { format!("[{x}, {y}]") };
            format!(
                "{{\"id\": {row}, \"text\": \"{text}\", \"gold\": \"{gold}\", \"embedding\": {embedding}}}\n"
            )
        });
        folder.write("data.jsonl", &rows.collect::<String>());
        folder
    }

    #[test]
    fn runs_explains_and_says_what_is_wrong() {
        let folder = folder();
        folder.run(&["check", "spec.yaml"]).code(0);
        folder.run(&["check", "spec.yaml", "--data", "data.jsonl"]).code(0);
        folder.run(&["run", "spec.yaml", "data.jsonl", "-o", "out", "--format", "csv"]).code(0);
        let labels = std::fs::read_to_string(folder.path("out/labels.csv")).expect("labels");
        assert!(labels.contains("\n0,scam,") && labels.contains("\n1,fine,"), "{labels}");
        let told = folder.run(&["explain", "out", "0"]).code(0).out;
        assert!(told.contains("`embedding` is like `wire`, cosine similarity 1.000"), "{told}");
        assert!(told.contains("[1, 0]"), "{told}");
        let html = std::fs::read_to_string(folder.path("out/report.html")).expect("a page");
        assert!(html.contains("like-gift-cards"));
        folder.run(&["verify", "out"]).code(0);
        // Other vectors, and none.
        folder.write(
            "data.jsonl",
            "{\"text\": \"x\", \"id\": 1, \"gold\": null, \"embedding\": [1, 2, 3]}\n",
        );
        folder.run(&["run", "spec.yaml", "data.jsonl", "-o", "other"]).code(3).says(&[
            "data.jsonl, line 1: column `embedding` holds a vector of length 3, but length 2",
        ]);
        folder.write(
            "data.jsonl",
            "{\"text\": \"x\", \"id\": 1, \"gold\": null, \"embedding\": \"y\"}\n",
        );
        folder
            .run(&["run", "spec.yaml", "data.jsonl", "-o", "other"])
            .code(3)
            .says(&["line 1: column `embedding` holds `\"y\"`, but a list of numbers"]);
        assert!(!folder.path("other").exists());
    }

    #[test]
    fn a_proposal_names_columns_of_vectors_and_leaves_them_out() {
        let folder = folder();
        let rows: String = (0..50)
            .map(|row| format!("{row},\"[0.{row}, 1, 2, 3]\",thanks for the {row} notes\n"))
            .collect();
        folder.write("data.csv", &format!("id,embedding,body\n{rows}"));
        for (data, text) in [("data.csv", "body"), ("data.jsonl", "text")] {
            let ran = folder.run(&["init", data, "-o", &format!("{data}.yaml")]).code(0);
            let told = ran.out + &ran.err;
            assert!(told.contains("vectors, to be compared with `similar`: [embedding]"), "{told}");
            let spec =
                std::fs::read_to_string(folder.path(&format!("{data}.yaml"))).expect("a spec");
            assert!(spec.contains(&format!("text: {text}")), "{spec}");
        }
    }

    /// The same rows as Parquet give the same labels.
    #[cfg(feature = "parquet")]
    #[test]
    fn parquet_and_json_lines_give_the_same_labels() {
        use arrow_array as a;
        use arrow_array::builder as b;
        use std::sync::Arc;

        let folder = folder();
        let text = std::fs::read_to_string(folder.path("data.jsonl")).expect("rows");
        let rows: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let texts = |name: &str| -> a::ArrayRef {
            Arc::new(rows.iter().map(|row| row[name].as_str()).collect::<a::StringArray>())
        };
        let mut list = b::FixedSizeListBuilder::new(b::Float32Builder::new(), 2);
        for row in &rows {
            for at in 0..2 {
                list.values().append_value(row["embedding"][at].as_f64().unwrap_or(0.0) as f32);
            }
            list.append(row["embedding"].is_array());
        }
        let ids: a::Int64Array = rows.iter().map(|row| row["id"].as_i64()).collect();
        let columns: Vec<(&str, a::ArrayRef)> = vec![
            ("id", Arc::new(ids)),
            ("text", texts("text")),
            ("gold", texts("gold")),
            ("embedding", Arc::new(list.finish())),
        ];
        let file = crate::column_types::parquet_file(columns);
        std::fs::write(folder.path("data.parquet"), file).expect("written");
        let mut all = Vec::new();
        for data in ["data.jsonl", "data.parquet"] {
            let out = format!("{data}.run");
            folder.run(&["run", "spec.yaml", data, "-o", &out, "--format", "csv"]).code(0);
            all.push(["labels.csv", "votes.csv"].map(|name| {
                std::fs::read_to_string(folder.path(&out).join(name)).expect("written")
            }));
        }
        assert_eq!(all[0], all[1]);
        assert!(all[0][1].contains("scam"), "{}", all[0][1]);
    }
}
