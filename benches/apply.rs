//! Rows a second by kind of condition and number of labeling functions (LFs), and bytes a second by
//! length of text.
//!
//! ```sh
//! cargo bench --bench apply
//! ```
//!
//! The texts are the made-up notes of the embedded example; keywords, patterns and keys are words
//! that occur in them. Every LF has one condition with [`TERMS`] words where its kind takes several.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use jurat::input::{Field, Table};
use jurat::{LfSet, Spec, demo};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

const ROWS: usize = 20_000;
const SEED: u64 = 42;
const TERMS: usize = 5;

/// How many LFs, shown with the number of rows.
#[derive(Clone, Copy)]
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lfs={} rows={ROWS}", self.0)
    }
}

const SIZES: [Size; 3] = [Size(1), Size(10), Size(100)];

/// The notes as columns, and the words in them.
struct Notes {
    table: Table,
    words: Vec<String>,
}

static NOTES: LazyLock<Notes> = LazyLock::new(|| {
    let notes = demo::notes(ROWS, SEED);
    let words: BTreeSet<String> = notes
        .iter()
        .flat_map(|note| note.note.split(|letter: char| !letter.is_ascii_alphabetic()))
        .filter(|word| word.len() > 3)
        .map(str::to_ascii_lowercase)
        .collect();
    let table = Table::new()
        .text("text", notes.iter().map(|note| Some(&note.note)))
        .text("arrival", notes.iter().map(|note| Some(&note.arrival)))
        .number("age", notes.iter().map(|note| Some(f64::from(note.age))));
    Notes { table, words: words.into_iter().collect() }
});

/// `TERMS` words for LF `number`, spread over the alphabet.
fn terms(number: usize) -> Vec<&'static str> {
    let words = &NOTES.words;
    (0..TERMS).map(|term| words[(number * TERMS + term) * 97 % words.len()].as_str()).collect()
}

fn keywords(number: usize) -> Value {
    json!({"keyword": terms(number)})
}

fn pattern(number: usize) -> Value {
    json!({"regex": format!(r"(?i)\b(?:{})\b", terms(number).join("|"))})
}

/// Compiles a spec of as many LFs as `size` says.
fn lfs(size: Size, lookups: &Value, condition: impl Fn(usize) -> Value) -> LfSet {
    let lf = |number| {
        let label = ["urgent", "routine"][number % 2];
        json!({"name": format!("lf-{number}"), "label": label, "when": condition(number)})
    };
    let lfs: Vec<Value> = (0..size.0).map(lf).collect();
    let mut spec = json!({"spec": 1, "labels": ["urgent", "routine"], "lfs": lfs});
    if !lookups.is_null() {
        spec["lookups"] = lookups.clone();
    }
    // JSON is YAML, too.
    let spec = Spec::from_yaml(&spec.to_string(), "bench.yaml").expect("a valid spec");
    LfSet::compile(&spec).expect("a spec that compiles")
}

fn run(bencher: Bencher<'_, '_>, lfs: &LfSet) {
    let fields = lfs.fields();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let mut rows = NOTES.table.open(&fields).expect("the columns are there");
        lfs.apply(rows.as_mut()).expect("rows in memory")
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn keyword(bencher: Bencher<'_, '_>, size: Size) {
    run(bencher, &lfs(size, &Value::Null, keywords));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn keyword_substring(bencher: Bencher<'_, '_>, size: Size) {
    let condition = |number| json!({"keyword": {"any": terms(number), "word": false}});
    run(bencher, &lfs(size, &Value::Null, condition));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn regex(bencher: Bencher<'_, '_>, size: Size) {
    run(bencher, &lfs(size, &Value::Null, pattern));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn all_of_keyword_and_regex(bencher: Bencher<'_, '_>, size: Size) {
    let condition = |number| json!({"all": [keywords(number), pattern(number + 1)]});
    run(bencher, &lfs(size, &Value::Null, condition));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn model_threshold(bencher: Bencher<'_, '_>, size: Size) {
    let condition = |number| json!({"model": {"column": "age", "at_least": number % 100}});
    run(bencher, &lfs(size, &Value::Null, condition));
}

/// All LFs look for the keys of the same table, which is done once.
#[divan::bench(args = SIZES, sample_count = 20)]
fn lookup_occurs(bencher: Bencher<'_, '_>, size: Size) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("words.csv");
    let words: Vec<&str> = NOTES.words.iter().step_by(10).map(String::as_str).collect();
    std::fs::write(&path, format!("word\n{}\n", words.join("\n"))).expect("a table");
    let lookups = json!({"words": {"file": path, "key": "word"}});
    let condition = |_| json!({"lookup": {"table": "words", "match": "occurs"}});
    run(bencher, &lfs(size, &lookups, condition));
}

/// How many notes make one text.
#[divan::bench(args = [1, 4, 16], sample_count = 10)]
fn keyword_by_text_length(bencher: Bencher<'_, '_>, notes: usize) {
    run_long(bencher, &lfs(Size(100), &Value::Null, keywords), notes);
}

#[divan::bench(args = [1, 4, 16], sample_count = 10)]
fn regex_by_text_length(bencher: Bencher<'_, '_>, notes: usize) {
    run_long(bencher, &lfs(Size(100), &Value::Null, pattern), notes);
}

/// Texts of several notes each, so many that there are as many notes as in the others.
fn run_long(bencher: Bencher<'_, '_>, lfs: &LfSet, notes: usize) {
    let all = demo::notes(ROWS, SEED);
    let texts = all.chunks(notes).map(|some| {
        let some: Vec<&str> = some.iter().map(|note| note.note.as_str()).collect();
        Some(some.join(" "))
    });
    let table = Table::new().text("text", texts);
    let bytes: usize = all.iter().map(|note| note.note.len()).sum();
    let fields = lfs.fields();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let mut rows = table.open(&fields).expect("the columns are there");
        lfs.apply(rows.as_mut()).expect("rows in memory")
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn closure(bencher: Bencher<'_, '_>, size: Size) {
    let set = LfSet::new(["urgent", "routine"]).expect("two classes");
    let set = (0..size.0).fold(set, |set, number| {
        let fields = [Field::text("arrival"), Field::number("age")];
        set.with(&format!("lf-{number}"), &fields, move |row| {
            let old = row.number("age")? > (number % 100) as f64;
            (old && row.text("arrival")? == "ambulance").then_some("urgent")
        })
        .expect("a new name")
    });
    run(bencher, &set);
}
