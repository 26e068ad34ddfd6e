//! Counts of parts of the data: they add up to those of the whole, travel as bytes, and give the same model,
//! labels and report as all rows in one place.

use jurat::input::{Field, Table};
use jurat::lf::{CountsError, PatternCounts, Unwatched};
use jurat::model::Effort;
use jurat::votes::Scratch;
use jurat::{Job, LfSet, Spec};
use proptest::prelude::*;

const SPEC: &str = "spec: 1
labels: [spam, ham, other]
input: {text: text, gold: gold, learn: learn, time: at}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
  - {name: link, label: [spam, other], when: {regex: 'https?'}}
  - {name: nice, label: ham, when: {keyword: [nice]}}
  - {name: score, when: {model: {scores: {spam: p, ham: q}, buckets: [0.5, 0.7]}}}
slices:
  late: {keyword: [late]}
  polite: {any: [{keyword: [thanks]}, {keyword: [nice]}]}
model: {use: anchored}
";

const WORDS: [&str; 5] = ["subscribe", "thanks", "https", "nice", "late"];
const LABELS: [Option<&str>; 4] = [Some("spam"), Some("ham"), Some("other"), None];

#[derive(Debug, Clone)]
struct Row {
    words: usize,
    score: Option<u8>,
    gold: usize,
    learn: usize,
    hours: Option<u32>,
}

fn row() -> impl Strategy<Value = Row> {
    let hours = prop::option::of(prop_oneof![0..20_u32, 0..4000_u32, 0..400_000_u32]);
    let score = prop::option::of(0..10_u8);
    (0..32_usize, score, 0..4_usize, 0..4_usize, hours)
        .prop_map(|(words, score, gold, learn, hours)| Row { words, score, gold, learn, hours })
}

fn table(rows: &[Row]) -> Table {
    let text = rows.iter().map(|row| {
        let words = WORDS.iter().enumerate().filter(|(bit, _)| row.words >> bit & 1 == 1);
        Some(words.map(|(_, word)| *word).collect::<Vec<_>>().join(" "))
    });
    let at = rows.iter().map(|row| {
        row.hours.map(|hours| {
            let (day, hour) = (hours / 24, hours % 24);
            format!(
                "{}-{:02}-{:02}T{hour:02}:00",
                2000 + day / 360,
                day / 30 % 12 + 1,
                day % 28 + 1
            )
        })
    });
    Table::new()
        .text("text", text)
        .number("p", rows.iter().map(|row| row.score.map(|score| f64::from(score) / 10.0)))
        .number("q", rows.iter().map(|row| row.score.map(|score| 1.0 - f64::from(score) / 10.0)))
        .text("gold", rows.iter().map(|row| LABELS[row.gold]))
        .text("learn", rows.iter().map(|row| LABELS[row.learn]))
        .text("at", at)
}

/// The job of the spec, with a closure that fails on some rows.
fn job(spec: &str) -> Job {
    let spec = spec.replace("tables:\n", "");
    let mut job =
        Job::new(&Spec::from_yaml(&spec, "spec.yaml").expect("a spec")).expect("compiles");
    job.lfs = job
        .lfs
        .with("shouts", &[Field::text("text")], |row| {
            // The second is none of the labels: a failure.
            let text = row.text("text")?;
            if text.is_empty() { Some("other") } else { text.contains("late").then_some("late") }
        })
        .expect("a closure");
    job
}

fn count(lfs: &LfSet, rows: &[Row]) -> PatternCounts {
    let table = table(rows);
    let mut source = table.open(&lfs.fields()).expect("columns");
    lfs.count(source.as_mut(), &Unwatched, None).expect("counts")
}

fn travel(counts: &PatternCounts) -> PatternCounts {
    let bytes = counts.to_bytes().expect("bytes");
    let back = PatternCounts::from_bytes(&bytes).expect("counts");
    assert_eq!(&back, counts);
    back
}

/// What a closure says of rows is numbered within its part.
fn without_failures(mut report: serde_json::Value) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.remove("first_failures");
                map.values_mut().for_each(strip);
            }
            serde_json::Value::Array(values) => {
                values.retain(|value| value["code"] != "failures");
                values.iter_mut().for_each(strip);
            }
            _ => {}
        }
    }
    strip(&mut report);
    report
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 30, ..ProptestConfig::default() })]
    #[test]
    fn parts_in_any_order_are_the_whole(
        rows in prop::collection::vec(row(), 1..150),
        cuts in prop::collection::vec(0..150_usize, 0..5),
        order in any::<u64>(),
    ) {
        let job = job(SPEC);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|cut| travel(&count(&job.lfs, &rows[cut[0]..cut[1]])));
        let mut parts: Vec<PatternCounts> = parts.collect();

        // All at once, and two by two in another order.
        let at_once = PatternCounts::merge(parts.clone()).expect("merges");
        let mut random = order;
        while parts.len() > 1 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let one = parts.swap_remove((random >> 33) as usize % parts.len());
            let other = parts.swap_remove((random >> 13) as usize % parts.len());
            parts.push(PatternCounts::merge([one, travel(&other)]).expect("merges"));
        }
        prop_assert_eq!(&parts[0], &at_once);
        prop_assert_eq!(parts[0].to_bytes().expect("bytes"), at_once.to_bytes().expect("bytes"));

        let whole = count(&job.lfs, &rows);
        prop_assert_eq!(whole.patterns(), at_once.patterns());
        prop_assert_eq!(whole.known(), at_once.known());

        let source = table(&rows);
        let open = || source.open(&job.lfs.fields()).expect("columns");
        let outcome = job.run(open().as_mut(), &Unwatched).expect("runs");
        let fitted = job.fit(at_once, &Unwatched).expect("fits");
        prop_assert!(!fitted.has_rows() && outcome.has_rows());
        prop_assert_eq!(&fitted.model, &outcome.model);
        prop_assert_eq!(&fitted.groups, &outcome.groups);
        prop_assert_eq!(&fitted.decision, &outcome.decision);
        let json = |report: &jurat::Report| {
            let json = report.to_json().expect("JSON");
            without_failures(serde_json::from_str(&json).expect("JSON"))
        };
        prop_assert_eq!(json(&fitted.report), json(&outcome.report));

        // Rows get their labels in whatever company they are labeled.
        let labeled = job.label(&fitted.model, open().as_mut(), &Unwatched, &Scratch::memory(), None);
        let labeled = labeled.expect("labels");
        for row in 0..rows.len() {
            prop_assert_eq!(labeled.labels.probabilities(row), outcome.labels.probabilities(row));
        }
        let last = table(&rows[rows.len() - 1..]);
        let mut alone = last.open(&job.lfs.fields()).expect("columns");
        let alone = job.label(&fitted.model, alone.as_mut(), &Unwatched, &Scratch::memory(), None);
        let alone = alone.expect("labels");
        prop_assert_eq!(alone.labels.probabilities(0), outcome.labels.probabilities(rows.len() - 1));
        let decided = job.decision(fitted.decision.offsets().map(<[f64]>::to_vec));
        prop_assert_eq!(decided, outcome.decision);
    }
}

#[test]
fn parts_of_other_sets_are_refused() {
    let rows = [Row { words: 3, score: None, gold: 0, learn: 3, hours: Some(1) }];
    let one = count(&job(SPEC).lfs, &rows);
    for (from, to, says) in [
        ("[subscribe]", "[subscribe, win]", "the labeling function `promo` is not the same"),
        ("name: nice", "name: kind", "only some of the parts have the labeling function `nice`"),
        (
            "labels: [spam, ham, other]",
            "labels: [ham, spam, other]",
            "the labels are `spam`, `ham`",
        ),
        ("late: {keyword: [late]}", "late: {keyword: [later]}", "the slices are not the same"),
        (", time: at", "", "the columns with times are not the same"),
        ("text: text", "text: at", "the labeling function `promo` is not the same"),
    ] {
        assert!(SPEC.contains(from), "{from}");
        let other = job(&SPEC.replace(from, to));
        let counts = count(&other.lfs, &rows);
        let error = PatternCounts::merge([one.clone(), counts]).expect_err(from).to_string();
        assert!(error.starts_with(says) && error.contains("count every part"), "{error}");
        let error = other.fit(one.clone(), &Unwatched).expect_err(from).to_string();
        assert!(error.contains("count every part"), "{error}");
    }
    let none = PatternCounts::merge([]).expect_err("nothing");
    assert!(matches!(none, CountsError::Nothing), "{none}");
}

/// Every change of a character or a value is an error, or gives counts that can be merged and fitted.
#[test]
fn tampered_counts_are_refused_or_sound() {
    let mut job = job(SPEC);
    job.effort = Effort::Off;
    let rows: Vec<Row> = (0..40_usize)
        .map(|i| Row {
            words: i * 7 % 32,
            score: Some(i as u8 % 10),
            gold: i % 4,
            learn: i / 4 % 4,
            hours: Some(i as u32),
        })
        .collect();
    let packed = count(&job.lfs, &rows).to_bytes().expect("bytes");
    let json = zstd::decode_all(packed.as_slice()).expect("Zstandard");
    let text = String::from_utf8(json).expect("UTF-8");
    assert_eq!(
        PatternCounts::from_bytes(text.as_bytes()).expect("plain JSON"),
        count(&job.lfs, &rows)
    );
    let mut refused = 0;
    let mut tried = 0;
    let mut attempt = |bytes: &[u8]| {
        tried += 1;
        match PatternCounts::from_bytes(bytes) {
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 400, "{error}");
            }
            Ok(counts) => {
                let merged = PatternCounts::merge([counts.clone(), counts]);
                if let Ok(merged) = merged {
                    drop(job.fit(merged, &Unwatched));
                }
            }
        }
    };
    for at in (0..text.len()).step_by(61) {
        for with in ["", "0", "-1", "99999999999999999999", "[", "null"] {
            let mut tampered = text.clone();
            tampered.replace_range(at..=at, with);
            attempt(tampered.as_bytes());
        }
        attempt(&text.as_bytes()[..at]);
    }
    for at in (0..packed.len()).step_by(11) {
        let mut tampered = packed.clone();
        tampered[at] ^= 0x55;
        attempt(&tampered);
        attempt(&packed[..at]);
    }
    assert!(refused > tried / 2, "{refused} of {tried}");

    let other = text.replace("jurat-patterns-1", "jurat-patterns-9");
    let error = PatternCounts::from_bytes(other.as_bytes()).expect_err("another version");
    assert!(
        error.to_string().contains("`jurat-patterns-9`, this version reads `jurat-patterns-1`")
    );
}

#[cfg(feature = "cli")]
mod program {
    use crate::cli::{Folder, SPEC};

    /// Three shards with 3,000 rows each.
    fn ready() -> Folder {
        let folder = Folder::new();
        folder.write("spec.yaml", &(SPEC.to_owned() + "slices: {long: {keyword: [thanks]}}\n"));
        let text = |i: usize| {
            ["Subscribe now", "many thanks", "see https://x.org", "", "thanks for the giveaway"]
                [i * 7 % 5]
        };
        let gold = |i: usize| ["spam", "ham", ""][i * 5 % 3];
        let rows = |shard: usize| {
            let rows = (shard * 3000..(shard + 1) * 3000).filter(|i| i % 13 != shard);
            rows.map(|i| format!("r{i},{},{}\n", text(i), gold(i))).collect::<String>()
        };
        let head = "id,body,gold\n";
        (0..3).for_each(|shard| {
            folder.write(&format!("s{shard}.csv"), &(head.to_owned() + &rows(shard)));
        });
        folder.write("all.csv", &(head.to_owned() + &rows(0) + &rows(1) + &rows(2)));
        folder
    }

    #[test]
    fn shards_are_labeled_as_the_whole() {
        let folder = ready();
        let whole =
            ["run", "spec.yaml", "all.csv", "-o", "whole", "--gold", "gold", "--format", "csv"];
        folder.run(&whole).code(0);
        for shard in ["0", "1", "2"] {
            let (data, out) = (format!("s{shard}.csv"), format!("s{shard}.counts"));
            let count = ["patterns", "count", "spec.yaml", &data, "-o", &out, "--gold", "gold"];
            folder.run(&count).code(0).says(&[" rows, ", " patterns)"]);
        }
        let merge = ["patterns", "merge", "s2.counts", "s0.counts", "-o", "some.counts"];
        folder.run(&merge).code(0);
        let fit = ["patterns", "fit", "spec.yaml", "some.counts", "s1.counts", "-o", "fitted"];
        folder.run(&fit).code(0).says(&["jurat label fitted SHARD"]);
        let read = |name: &str| std::fs::read_to_string(folder.path(name)).expect(name);
        assert_eq!(read("whole/model.json"), read("fitted/model.json"));
        let mut labels = String::new();
        for shard in ["0", "1", "2"] {
            let (data, out) = (format!("s{shard}.csv"), format!("l{shard}.csv"));
            folder.run(&["label", "fitted", &data, "-o", &out]).code(0);
            let text = read(&out);
            let from = if shard == "0" { 0 } else { text.find('\n').expect("a line") + 1 };
            labels.push_str(&text[from..]);
        }
        assert_eq!(labels, read("whole/labels.csv"));

        // A run with rows labels others as well.
        folder.run(&["label", "whole", "all.csv", "-o", "again.csv"]).code(0);
        assert_eq!(read("again.csv"), labels);
        let with = ["label", "whole", "s1.csv", "-o", "v.csv", "--with-votes"];
        folder.run(&with).code(0);
        assert!(read("v.csv").starts_with("id,label,confidence,prob:spam,prob:ham,lf:promo,"));
    }

    #[test]
    fn mistakes_are_named() {
        let folder = ready();
        let count = |spec: &str, data: &str, out: &str| {
            folder.run(&["patterns", "count", spec, data, "-o", out]).code(0);
        };
        count("spec.yaml", "s0.csv", "s0.counts");
        count("spec.yaml", "s1.csv", "s1.counts");
        folder.write("other.yaml", &SPEC.replace("giveaway", "prize"));
        count("other.yaml", "s1.csv", "other.counts");
        let fitted = ["patterns", "fit", "spec.yaml", "s0.counts", "s1.counts", "-o", "fitted"];
        folder.run(&fitted).code(0);
        let merge = |parts: &[&str], says: &[&str]| {
            let arguments = [&["patterns", "merge", "-o", "out.counts"], parts].concat();
            folder.run(&arguments).code(3).says(says);
            assert!(!folder.path("out.counts").exists());
        };
        merge(&["s0.counts", "other.counts"], &["`promo` is not the same", "same spec"]);
        merge(
            &["s0.counts", "s1.counts", "s0.counts"],
            &["s0.csv was counted in two of the parts"],
        );
        merge(&["s0.csv"], &["s0.csv: not a file of counts", "jurat patterns count"]);
        merge(&["none.counts"], &["none.counts", "No such file"]);
        for command in
            [&["explain", "fitted", "3"][..], &["diff", "fitted", "fitted"], &["verify", "fitted"]]
        {
            folder.run(command).code(2).says(&["holds no rows", "jurat label"]);
        }
        let onto = ["patterns", "count", "spec.yaml", "s0.csv", "-o", "s0.csv"];
        folder.run(&onto).code(2).says(&["s0.csv"]);
        let missing = ["label", "fitted", "s0.csv", "-o", "l.csv", "--id", "nope"];
        folder.run(&missing).code(3).says(&["`nope`"]);
        let reserved = ["label", "fitted", "s0.csv", "-o", "l.csv", "--id", "label"];
        folder.run(&reserved).code(2).says(&["`label`"]);
    }

    /// A table that was changed since the run would make its labeling functions vote otherwise.
    #[test]
    fn tables_must_be_those_of_the_run() {
        let folder = ready();
        let tables = "lookups: {words: {file: words.csv, key: word}}\n";
        let lf = "  - {name: known, label: spam, when: {lookup: {table: words, match: occurs}}}\n";
        folder.write("spec.yaml", &(SPEC.to_owned() + lf + tables));
        folder.write("words.csv", "word\nnow\n");
        let ran = folder.run(&["run", "spec.yaml", "s0.csv", "-o", "run"]);
        ran.code(0);
        folder.write("words.csv", "word\nnow\nmany\n");
        let label = ["label", "run", "s1.csv", "-o", "l.csv"];
        folder.run(&label).code(2).says(&["the table `words` was changed since the run"]);
        folder.write("words.csv", "word\nnow\n");
        folder.run(&label).code(0);
    }
}
