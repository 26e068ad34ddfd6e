//! Bundles: a spec and its tables in one text, which votes the same where the files are not.

use jurat::input::Table;
use jurat::lf::{Bundle, BundleError, Reach, SpecOptions};
use jurat::{Job, LfSet, Spec};
use std::path::Path;

/// The votes of a set on some rows, with whatever it reads.
fn votes(lfs: &LfSet) -> jurat::LabelMatrix {
    let notes =
        ["MI ruled out", "took warfarin and fell", "needs a refill", "arrived by helicopter"];
    let lfs = &lfs.clone().with_gold(None).with_learn(None).with_time(None);
    let mut table = Table::new();
    for field in lfs.fields() {
        let wanted = field.name.clone();
        if table.n_rows() > 0 && wanted == "note" {
            continue;
        }
        table = match field.kind {
            jurat::input::FieldKind::Number => {
                table.number(wanted, (0..4).map(|n| Some(f64::from(n) * 20.0)))
            }
            jurat::input::FieldKind::Vector { .. } => continue,
            _ => table.text(wanted, notes.map(Some)),
        };
    }
    lfs.apply(table.open(&lfs.fields()).expect("the columns").as_mut()).expect("votes").matrix
}

#[test]
fn shipped_specs_are_the_same_without_their_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lf_specs");
    for name in ["triage", "email_spam", "returns", "support_tickets"] {
        let (spec, job) = Job::load(folder.join(format!("{name}.yaml"))).expect("a spec");
        let text = Bundle::new(&spec, &job.lfs).to_json().expect("JSON");
        let moved = text.replace(&*folder.to_string_lossy(), "/nowhere");
        let bundle = Bundle::from_json(&moved).expect("a bundle");
        let (again, same) = Job::from_bundle(&bundle).expect("a job");
        assert_eq!(same.lfs.identities(), job.lfs.identities(), "{name}");
        assert_eq!(votes(&same.lfs), votes(&job.lfs), "{name}");
        assert_eq!(same.policy, job.policy, "{name}");
        // A bundle of a bundle is the bundle.
        assert_eq!(Bundle::new(&again, &same.lfs), bundle, "{name}");
    }
}

/// Parts, variables that were set, and every form of a table: labels, vectors, keys that are dropped.
#[test]
fn parts_variables_and_tables_come_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("keys.csv", "word,label\nwin,spam\nthanks,ham\nwin,ham\nfree|cheap,spam\n");
    write("vectors.csv", "name,v,label\na,\"[1, 0.25]\",spam\nb,\"[0, 1]\",ham\n");
    write(
        "part.yaml",
        "part: 1\nlookups:\n  words: {file: keys.csv, key: word, label: label, duplicates: abstain}\n",
    );
    write(
        "spec.yaml",
        "spec: 1\nlabels: [spam, ham]\ninclude: part.yaml\nvars: {word: subscribe}\nlookups:\n  \
         near: {file: vectors.csv, key: name, vector: v, label: label}\nlfs:\n  \
         - {name: set, label: spam, when: {keyword: ['${word}']}}\n  \
         - {name: table, when: {lookup: {table: words, match: occurs}}}\n  \
         - {name: similar, when: {similar: {column: v, to: near, at_least: 0.5}}}\n",
    );
    let options =
        SpecOptions { set: vec![("word".into(), "prize".into())], reach: Reach::Anywhere };
    let (spec, job) = Job::load_with(folder.path().join("spec.yaml"), &options).expect("a spec");
    let bundle = Bundle::new(&spec, &job.lfs);
    drop(folder);
    let text = bundle.to_json().expect("JSON");
    let (again, lfs) = Bundle::from_json(&text).expect("a bundle").compile().expect("a set");
    assert_eq!((again.reach, lfs.identities()), (Reach::Anywhere, job.lfs.identities()));
    let rows = || {
        let vectors = jurat::input::Vectors::new([Some([1.0_f32, 0.0]), Some([0.1, 1.0]), None]);
        Table::new()
            .text("text", [Some("a prize to win"), Some("thanks"), Some("subscribe")])
            .vectors("v", vectors.expect("vectors"))
    };
    let votes = |lfs: &LfSet| {
        lfs.apply(rows().open(&lfs.fields()).expect("columns").as_mut()).expect("votes").matrix
    };
    assert_eq!(votes(&lfs), votes(&job.lfs));
    assert_eq!(votes(&lfs).n_votes(), 4, "the keyword that was set, `thanks`, and two vectors");
}

/// A bundle as it was written when the format was new.
#[test]
fn earlier_bundles_are_read() {
    let bundle = Bundle::from_json(include_str!("../data/earlier/bundle-1.json"));
    let (spec, lfs) = bundle.expect("a bundle").compile().expect("a set");
    assert_eq!((spec.sources.len(), lfs.tables().len()), (1, 1));
    let rows = Table::new().text("text", [Some("you win"), Some("a prize"), Some("thanks")]);
    let votes = lfs.apply(rows.open(&lfs.fields()).expect("columns").as_mut()).expect("votes");
    let classes = votes.matrix.rows().map(|votes| votes.first().map(|vote| vote.choice.index()));
    assert_eq!(classes.collect::<Vec<_>>(), [Some(0), Some(0), Some(1)]);
}

#[test]
fn what_is_no_bundle_is_said() {
    let spec = Spec::from_yaml(
        "spec: 1\nlabels: [a, b]\nlfs: [{name: f, label: a, when: {keyword: [x]}}]\n",
        "inline.yaml",
    )
    .expect("a spec");
    let text = Bundle::new(&spec, &LfSet::compile(&spec).expect("a set")).to_json().expect("JSON");
    let table = |table: &str| {
        let tables = format!("\"tables\":{{\"t\":{{\"table\":{table},\"files\":[]}}}}");
        text.replace("\"tables\":{}", &tables)
    };
    let stored = |choice: &str, dropped: &str, dimension: u32| {
        table(&format!(
            "{{\"keys\":[\"x\"],\"choice\":[{choice}],\"choices\":[null],\"dropped\":[{dropped}],\
             \"numbers\":[],\"dimension\":{dimension}}}"
        ))
    };
    assert!(Bundle::from_json(&stored("0", "", 0)).is_ok());
    for (text, wanted) in [
        ("{}".to_owned(), "not a bundle"),
        (text.replace("jurat-bundle-1", "jurat-bundle-9"), "`jurat-bundle-9`"),
        (stored("1", "", 0), "the table `t`"),
        (stored("", "", 0), "the table `t`"),
        (stored("0", "1", 0), "the table `t`"),
        (stored("0", "", 2), "the table `t`"),
    ] {
        let error: BundleError = Bundle::from_json(&text).expect_err("no bundle");
        assert!(error.to_string().contains(wanted), "{error}");
    }
}
