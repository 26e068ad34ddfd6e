//! Slices and periods: what the report says of them is what counting the rows one by one gives,
//! whatever the threads, the batches and the cache.

use jurat::input::{Source, Table};
use jurat::job::Outcome;
use jurat::lf::{Unwatched, VoteCache};
use jurat::model::Effort;
use jurat::report::{GroupReport, Report};
use jurat::votes::Scratch;
use jurat::{Grain, Job, Spec};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: text, gold: gold, learn: learn, time: at}
utils:
  polite: {keyword: [thanks]}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe]}}
  - {name: thanks, label: ham, when: {matches: polite}}
  - {name: link, label: spam, when: {regex: 'https?'}, unless: {keyword: [nice]}}
slices:
  polite: {matches: polite}
  night: {any: [{keyword: {any: [night], field: place}}, {regex: 'late'}]}
  model-says: {model: {column: old}}
  nowhere: {keyword: [never]}
model: {use: majority}
";

const WORDS: [&str; 5] = ["subscribe", "thanks", "https", "nice", "late"];

#[derive(Debug, Clone)]
struct Row {
    words: usize,
    night: bool,
    old: Option<usize>,
    gold: Option<usize>,
    learn: Option<usize>,
    at: usize,
}

/// Times in February and March of a leap year; some cells are none.
const TIMES: [Option<&str>; 6] = [
    Some("2024-02-28"),
    Some("2024-02-29T23:15:00Z"),
    Some("2024-03-01 00:10+01:00"),
    Some("2024-02-30"),
    None,
    Some("soon"),
];

/// As the periods name them.
const TIMES_IN_UTC: [&str; 6] =
    ["2024-02-28 00:00", "2024-02-29 23:00", "2024-02-29 23:00", "", "", ""];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let class = || prop::option::weighted(0.4, 0..2_usize);
    let row = (0..32_usize, any::<bool>(), class(), class(), class(), 0..TIMES.len());
    let row = row.prop_map(|(words, night, old, gold, learn, at)| Row {
        words,
        night,
        old,
        gold,
        learn,
        at,
    });
    // Without any vote there is nothing to learn from.
    prop::collection::vec(row, 1..60).prop_map(|mut rows| {
        rows[0].words |= 1;
        rows
    })
}

fn table(rows: &[Row]) -> Table {
    let text = |row: &Row| {
        let words = (0..5).filter(|bit| row.words >> bit & 1 == 1).map(|bit| WORDS[bit]);
        Some(words.collect::<Vec<_>>().join(" "))
    };
    let label = |class: Option<usize>| class.map(|class| ["spam", "ham"][class]);
    Table::new()
        .text("text", rows.iter().map(text))
        .text("place", rows.iter().map(|row| Some(if row.night { "night" } else { "day" })))
        .text("old", rows.iter().map(|row| label(row.old)))
        .text("gold", rows.iter().map(|row| label(row.gold)))
        .text("learn", rows.iter().map(|row| label(row.learn)))
        .text("at", rows.iter().map(|row| TIMES[row.at]))
}

fn job() -> Job {
    let mut job = Job::new(&Spec::from_yaml(SPEC, "spec.yaml").expect("valid")).expect("compiles");
    job.effort = Effort::Off;
    job
}

fn run(job: &Job, source: &mut dyn Source, threads: usize, cache: Option<&VoteCache>) -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| job.run_with(source, &Unwatched, &Scratch::memory(), cache)).expect("runs")
}

/// What counting the rows one by one gives for those that `is_in`.
fn check(outcome: &Outcome, rows: &[Row], numbers: &GroupReport, is_in: impl Fn(&Row) -> bool) {
    let hard = outcome.labels.decide(&outcome.decision);
    let (mut n, mut covered, mut conflict, mut labeled) = (0, 0, 0, 0);
    let (mut of_class, mut given, mut right) = ([0, 0], 0, 0);
    for (i, row) in rows.iter().enumerate().filter(|(_, row)| is_in(row)) {
        let has = |bit: usize| row.words >> bit & 1 == 1;
        let spam = has(0) || has(2) && !has(3);
        n += 1;
        covered += u64::from(spam || has(1));
        conflict += u64::from(spam && has(1));
        let label = hard[outcome.votes.of_row()[i] as usize].map(jurat::ClassId::index);
        labeled += u64::from(label.is_some());
        if let Some(label) = label {
            of_class[label] += 1;
            if let (Some(gold), None) = (row.gold, row.learn) {
                given += 1;
                right += u64::from(gold == label);
            }
        }
    }
    let counts = [numbers.coverage, numbers.conflict, numbers.labeled].map(|s| (s.count, s.of));
    assert_eq!((numbers.rows.count, numbers.rows.of), (n, rows.len() as u64));
    assert_eq!(counts, [(covered, n), (conflict, n), (labeled, n)]);
    let classes: Vec<_> = numbers.classes.iter().map(|c| (c.hard.count, c.hard.of)).collect();
    assert_eq!(classes, of_class.map(|count| (count, labeled)));
    assert_eq!(numbers.precision.map_or((0, 0), |p| (p.correct, p.n)), (right, given));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn groups_are_what_counting_gives(rows in rows(), times in 1..200_usize, threads in 1..4_usize) {
        let job = job();
        let all: Vec<Row> = rows.iter().cycle().take(rows.len() * times).cloned().collect();
        let table = table(&all);
        let outcome = run(&job, table.open(&job.lfs.fields()).expect("columns").as_mut(), threads, None);
        let report = &outcome.report;
        let names: Vec<&str> = report.slices.iter().map(|slice| slice.name.as_str()).collect();
        prop_assert_eq!(names, ["polite", "night", "model-says", "nowhere"]);
        check(&outcome, &all, &report.slices[0].numbers, |row| row.words >> 1 & 1 == 1);
        check(&outcome, &all, &report.slices[1].numbers, |row| row.night || row.words >> 4 & 1 == 1);
        check(&outcome, &all, &report.slices[2].numbers, |row| row.old.is_some());
        check(&outcome, &all, &report.slices[3].numbers, |_| false);
        check(&outcome, &all, &report.whole(), |_| true);

        let periods = report.periods.as_ref().expect("times");
        let without = all.iter().filter(|row| row.at > 2).count() as u64;
        prop_assert_eq!((periods.without_time.count, periods.without_time.of), (without, all.len() as u64));
        for (at, period) in periods.periods.iter().enumerate() {
            // With a time of day in it the periods are hours, else days.
            let is_in = |row: &Row| TIMES_IN_UTC[row.at].starts_with(&period.name) && row.at < 3;
            check(&outcome, &all, &period.numbers, is_in);
            let has = |row: &Row, bit: usize| row.words >> bit & 1 == 1;
            let count = |holds: &dyn Fn(&Row) -> bool| {
                all.iter().filter(|row| is_in(row) && holds(row)).count() as u64
            };
            let thanks = &periods.lfs[1];
            prop_assert_eq!(thanks.votes[at], count(&|row| has(row, 1)));
            let contradicted = count(&|row| has(row, 1) && (has(row, 0) || has(row, 2) && !has(row, 3)));
            prop_assert_eq!(thanks.conflicts[at], contradicted);
        }
        let dated: u64 = periods.periods.iter().map(|period| period.numbers.rows.count).sum();
        prop_assert_eq!(dated + without, all.len() as u64);

        // The same report with a cache, empty and full, and on one thread.
        let folder = tempfile::tempdir().expect("a folder");
        for (threads, cached) in [(1, false), (2, true), (3, true)] {
            let cache = cached.then(|| VoteCache::open(folder.path().join("votes")).expect("opens"));
            let source = table.open(&job.lfs.fields());
            let again = run(&job, source.expect("columns").as_mut(), threads, cache.as_ref());
            prop_assert_eq!(&again.report, report);
            prop_assert_eq!(&again.groups, &outcome.groups);
        }
    }
}

/// Batches of other sizes, as other formats deliver them.
#[test]
fn batches_do_not_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let job = job();
    let lines: String = (0..30_000)
        .map(|i| {
            let word = WORDS[i % 5];
            format!("{word},{},,,,2024-0{}-01\n", ["day", "night"][i % 2], i % 3 + 1)
        })
        .collect();
    let header = "text,place,old,gold,learn,at\n";
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("all.csv"), format!("{header}{lines}")).expect("written");
    let (first, second) =
        lines.split_at(lines.len() / 3 + lines[lines.len() / 3..].find('\n').expect("a line") + 1);
    std::fs::write(path("a.csv"), format!("{header}{first}")).expect("written");
    std::fs::write(path("b.csv"), format!("{header}{second}")).expect("written");
    let report = |names: &[&str]| -> Report {
        let files = jurat::input::Files::new(names.iter().map(|name| path(name))).expect("files");
        let mut source = files.open(&job.lfs.fields()).expect("opens");
        run(&job, source.as_mut(), 2, None).report
    };
    let whole = report(&["all.csv"]);
    assert_eq!(whole, report(&["a.csv", "b.csv"]));
    assert_eq!(whole.slices[1].numbers.rows.count, 30_000 / 2 + 3_000);
}

/// An LF that is right elsewhere and wrong in one slice is named there, with numbers.
#[test]
fn what_breaks_in_a_slice_is_named() {
    let job = job();
    let row = |i: usize| {
        let night = i.is_multiple_of(4);
        let words = if i.is_multiple_of(2) { 1 } else { 2 };
        // At night `promo` votes on ham, and nobody else contradicts it.
        let gold = if night { 1 } else { 1 - words % 2 };
        Row { words, night, old: None, gold: Some(gold), learn: None, at: 0 }
    };
    let rows: Vec<Row> = (0..400).map(row).collect();
    let table = table(&rows);
    let outcome = run(&job, table.open(&job.lfs.fields()).expect("columns").as_mut(), 1, None);
    let night = &outcome.report.slices[1];
    let worse: BTreeMap<_, _> = night
        .worse
        .iter()
        .map(|worse| ((worse.lf.clone().unwrap_or_default(), worse.measure.name()), worse))
        .collect();
    let promo = worse[&("promo".to_owned(), "precision")];
    assert_eq!((promo.inside.count, promo.inside.of), (0, 100));
    assert_eq!((promo.elsewhere.count, promo.elsewhere.of), (100, 100));
    assert!(worse.contains_key(&(String::new(), "precision")), "{worse:?}");
    let finding = outcome.report.findings.iter().find(|finding| {
        finding.code == "slice-precision" && finding.lf.as_deref() == Some("promo")
    });
    let message = &finding.expect("a finding").message;
    assert!(message.contains("`night`: 0.0 % of its 100 votes"), "{message}");
    assert!(message.contains("100.0 % elsewhere"), "{message}");
    // Drawn, and read again.
    let text = jurat::report::markdown(&outcome.report);
    assert!(text.contains("## Slices") && text.contains("| night | 100 |"), "{text}");
    let json = outcome.report.to_json().expect("JSON");
    assert_eq!(Report::from_json(&json).expect("a report"), outcome.report);
}

/// A slice of which the table has changed is another slice, for the cache too.
#[test]
fn tables_of_slices_are_looked_at_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = SPEC
        .replace("utils:", "lookups: {t: {file: t.csv, key: k}}\nutils:")
        .replace("{keyword: [never]}", "{lookup: {table: t, field: place}}");
    let rows = (0..50).map(|i| (i % 2 == 0).then_some("night").or(Some("day")));
    let table = Table::new().text("place", rows);
    let table = ["text", "old", "gold", "learn", "at"]
        .iter()
        .fold(table, |table, name| table.text(*name, vec![Some("spam"); 50]));
    std::fs::write(folder.path().join("spec.yaml"), spec).expect("written");
    let rows = |keys: &str| {
        std::fs::write(folder.path().join("t.csv"), keys).expect("written");
        let spec = Spec::from_path(folder.path().join("spec.yaml")).expect("valid");
        let job = Job::new(&spec).expect("compiles");
        let cache = VoteCache::open(folder.path().join("votes")).expect("opens");
        let mut source = table.open(&job.lfs.fields()).expect("columns");
        let packed = job.lfs.pack(source.as_mut(), &Unwatched, &Scratch::memory(), Some(&cache));
        let groups = packed.expect("votes").groups;
        groups.slices[3].patterns().map(|(_, rows)| rows).sum::<u64>()
    };
    assert_eq!((rows("k\nnight\n"), rows("k\nnight\nday\n"), rows("k\nnoon\n")), (25, 50, 0));
}

/// The report of rows with these times, and texts on which `promo` votes or not.
fn timed(times: impl Iterator<Item = (String, bool)>) -> Report {
    let job = job();
    let (times, votes): (Vec<_>, Vec<_>) = times.unzip();
    let text = |vote: &bool| Some(if *vote { "subscribe" } else { "nothing" });
    let table =
        Table::new().text("text", votes.iter().map(text)).text("at", times.iter().map(Some));
    let table = ["place", "old", "gold", "learn"]
        .iter()
        .fold(table, |table, name| table.text(*name, vec![None::<&str>; votes.len()]));
    run(&job, table.open(&job.lfs.fields()).expect("columns").as_mut(), 2, None).report
}

#[test]
fn periods_are_as_short_as_can_be_shown() {
    let day = |i: usize| format!("{:04}-{:02}-{:02}", 2000 + i / 336, i / 28 % 12 + 1, i % 28 + 1);
    for (n, step, hours, wanted) in [
        (40, 1, false, (Grain::Day, 40, "2000-01-01")),
        (2, 1, true, (Grain::Hour, 40, "2000-01-01 00:00")),
        (3, 1, true, (Grain::Day, 3, "2000-01-01")),
        (41, 1, false, (Grain::Week, 7, "1999-W52")),
        (250, 1, false, (Grain::Week, 40, "1999-W52")),
        (300, 1, false, (Grain::Month, 11, "2000-01")),
        // Months are written as their first day, years as their first month.
        (39, 28, false, (Grain::Month, 39, "2000-01")),
        (30, 336, false, (Grain::Year, 30, "2000")),
        (50, 336, false, (Grain::Decade, 5, "2000s")),
        (20_000, 1, false, (Grain::Decade, 6, "2000s")),
        (1, 1, false, (Grain::Day, 1, "2000-01-01")),
    ] {
        let rows = (0..n).flat_map(|i| {
            let times = if hours { 20 } else { 1 };
            let suffix = move |hour| if hours { format!("T{hour:02}:30") } else { String::new() };
            (0..times).map(move |hour| (day(i * step) + &suffix(hour), i == 0))
        });
        let periods = timed(rows).periods.expect("times");
        let first = periods.periods[0].name.as_str();
        assert_eq!((periods.grain, periods.periods.len(), first), wanted, "{n} × {step}");
        assert_eq!(periods.without_time.count, 0);
    }
}

#[test]
fn the_labeling_function_that_broke_is_named_with_the_month() {
    let rows = (0..2400).map(|i| {
        let month = i / 200 + 1;
        let every = if month < 9 { 5 } else { 100 };
        (format!("2024-{month:02}-{:02}", i % 28 + 1), i % every == 0)
    });
    let report = timed(rows);
    let periods = report.periods.as_ref().expect("times");
    assert_eq!((periods.grain, periods.periods.len()), (Grain::Month, 12));
    assert_eq!(periods.lfs[0].votes, [40, 40, 40, 40, 40, 40, 40, 40, 2, 2, 2, 2]);
    let change = &periods.changes[0];
    assert_eq!((change.period.as_str(), change.lasting), ("2024-09", true));
    let of_promo =
        |code: &str, lf: &Option<String>| code == "drifting" && lf.as_deref() == Some("promo");
    let finding = report.findings.iter().find(|finding| of_promo(&finding.code, &finding.lf));
    let finding = finding.expect("a finding");
    assert!(
        finding.message.contains("since 2024-09 it votes on 1.0 % of the rows, before on 20.0 %"),
        "{}",
        finding.message
    );
}

/// Slices and times are looked at and nothing else: votes, model and labels are those without them.
#[test]
fn looking_changes_nothing() {
    let plain = SPEC.replace(", time: at", "");
    let (start, end) =
        (plain.find("slices:").expect("there"), plain.find("\nmodel:").expect("there") + 1);
    let plain = format!("{}{}", &plain[..start], &plain[end..]);
    let plain = Job::new(&Spec::from_yaml(&plain, "spec.yaml").expect("valid")).expect("compiles");
    let job = job();
    assert_eq!((plain.lfs.fields().len(), job.lfs.fields().len()), (3, 6));
    let row = |i: usize| Row {
        words: i % 32,
        night: i.is_multiple_of(3),
        old: None,
        gold: None,
        learn: None,
        at: i % 6,
    };
    let table = table(&(0..200).map(row).collect::<Vec<_>>());
    let run =
        |job: &Job| run(job, table.open(&job.lfs.fields()).expect("columns").as_mut(), 2, None);
    let (one, other) = (run(&plain), run(&job));
    assert_eq!((&one.votes, &one.model, &one.known), (&other.votes, &other.model, &other.known));
    assert_eq!(one.labels.table(), other.labels.table());
    assert!(one.groups.is_empty() && one.report.slices.is_empty() && one.report.periods.is_none());
    let json = one.report.to_json().expect("JSON");
    assert!(!json.contains("slices") && !json.contains("periods") && !json.contains("gates"));
}
