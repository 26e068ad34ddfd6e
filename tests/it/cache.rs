//! Votes kept from run to run: an edit costs one labeling function, a killed run goes on, and the
//! results are those of a run without.

use jurat::input::{Field, Table};
use jurat::lf::{Unwatched, VoteCache};
use jurat::{LabelMatrix, LfSet, Spec};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LFS: [&str; 6] = [
    "{name: a, label: x, when: {keyword: [one, two words]}}",
    "{name: b, label: y, when: {all: [{matches: short}, {regex: 'o+'}]}}",
    "{name: c, label: 'not z', when: {lookup: {table: t}}}",
    "{name: d, when: {lookup: {table: t2, match: occurs, field: other}}}",
    "{name: e, votes: [{label: x, when: {keyword: [three]}}, {label: y, when: {keyword: [four]}}], unless: {keyword: [five]}}",
    "{name: f, when: {model: {scores: {x: p, y: q}, buckets: [0.5, 0.8]}}}",
];

fn spec(folder: &std::path::Path, lfs: &[&str], util: &str) -> Spec {
    let lfs: String =
        lfs.iter().map(|lf| format!("  - {}\n", lf.replace("'not z'", "{not: z}"))).collect();
    let text = format!(
        "spec: 1
labels: [x, y, z]
lookups:
  t: {{file: t.csv, key: k}}
  t2: {{file: t2.csv, key: k, label: l}}
utils:
  short: {{regex: '{util}'}}
  unused: {{keyword: [zero]}}
lfs:
{lfs}"
    );
    let path = folder.join("spec.yaml");
    std::fs::write(&path, text).expect("written");
    std::fs::write(folder.join("t.csv"), "k\none\nfive\n").expect("written");
    let t2 = folder.join("t2.csv");
    if !t2.exists() {
        std::fs::write(t2, "k,l\nalpha,x\nbeta,y\n").expect("written");
    }
    Spec::from_path(&path).expect("valid")
}

const WORDS: [&str; 8] = ["one", "two words", "three", "four", "five", "alpha", "beta", "zero"];

fn rows(n: usize) -> Table {
    let text = |i: usize, step: usize| {
        let words = [WORDS[i % 8], WORDS[i * step % 8]].join(" ");
        (!i.is_multiple_of(11)).then_some(words)
    };
    let number =
        |i: usize, step: usize| (!i.is_multiple_of(7)).then_some((i * step % 10) as f64 / 10.0);
    Table::new()
        .text("text", (0..n).map(|i| text(i, 3)))
        .text("other", (0..n).map(|i| text(i, 5)))
        .number("p", (0..n).map(|i| number(i, 3)))
        .number("q", (0..n).map(|i| number(i, 7)))
}

/// The votes without a cache and with one, which must be the same; and what share of them was kept.
fn votes(lfs: &LfSet, rows: &Table, folder: &std::path::Path) -> (LabelMatrix, u64) {
    let source = || rows.open(&lfs.fields()).expect("has the columns");
    let plain = lfs.apply(source().as_mut()).expect("votes");
    let cache = VoteCache::open(folder.join("votes")).expect("readable");
    let cached = lfs.apply_cached(source().as_mut(), &Unwatched, Some(&cache)).expect("votes");
    assert_eq!(plain.matrix, cached.matrix);
    assert_eq!(plain.notes, cached.notes);
    let (kept, asked) = cache.reused();
    (cached.matrix, kept * 600 / asked)
}

#[test]
fn an_edit_costs_one_labeling_function() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rows = rows(20_000);
    let run = |lfs: &[&str], util: &str| {
        let lfs = LfSet::compile(&spec(folder, lfs, util)).expect("valid");
        votes(&lfs, &rows, folder).1 / 100
    };
    assert_eq!(run(&LFS, "^.{1,9}$"), 0);
    assert_eq!(run(&LFS, "^.{1,9}$"), 6);
    // Another keyword; then the same again.
    let edited = LFS[0].replace("one", "zero");
    let mut lfs = LFS;
    lfs[0] = &edited;
    assert_eq!(run(&lfs, "^.{1,9}$"), 5);
    assert_eq!(run(&lfs, "^.{1,9}$"), 6);
    // Renamed, in another order.
    let renamed = LFS[0].replace("name: a", "name: renamed");
    lfs[0] = &renamed;
    lfs.reverse();
    assert_eq!(run(&lfs, "^.{1,9}$"), 6);
    // What one of them refers to.
    assert_eq!(run(&LFS, "^.{1,5}$"), 5);
    std::fs::write(folder.join("t2.csv"), "k,l\nalpha,y\nbeta,y\n").expect("written");
    assert_eq!(run(&LFS, "^.{1,5}$"), 5);
    // A labeling function less, and one more.
    assert_eq!(run(&LFS[..3], "^.{1,5}$"), 6);
    let more = "{name: g, label: z, when: {not: {keyword: [one]}}}";
    assert_eq!(run(&[LFS[0], more], "^.{1,5}$"), 3);
}

#[test]
fn rows_that_were_there_before_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let lfs = LfSet::compile(&spec(folder, &LFS, "^.{1,9}$")).expect("valid");
    votes(&lfs, &rows(3 * 8192), folder);
    // More rows after them: whole batches stay the same.
    let (_, kept) = votes(&lfs, &rows(4 * 8192), folder);
    assert_eq!(kept, 450);
    // A cell that changes, or goes missing, is another batch.
    let mut texts: Vec<Option<&str>> = vec![Some("one"); 100];
    let few = |texts: &[Option<&str>]| {
        let set = spec(folder, &LFS[..1], "^.{1,9}$");
        let rows = Table::new().text("text", texts.to_vec());
        votes(&LfSet::compile(&set).expect("valid"), &rows, folder).1
    };
    assert_eq!((few(&texts), few(&texts)), (0, 600));
    texts[50] = None;
    assert_eq!(few(&texts), 0);
    texts[50] = Some("");
    assert_eq!(few(&texts), 0);
}

#[test]
fn closures_are_kept_by_their_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let calls = Arc::new(AtomicUsize::new(0));
    let run = |version: Option<&str>, panics: bool| {
        let before = calls.load(Ordering::Relaxed);
        let counted = calls.clone();
        let lfs = LfSet::compile(&spec(folder, &LFS[..2], "^.{1,9}$")).expect("valid");
        let fields = [Field::text("text")];
        let lfs = lfs.may_vote(["x|y"]).expect("a vote").with("closure", &fields, move |row| {
            counted.fetch_add(1, Ordering::Relaxed);
            assert!(!panics || row.index() != 5, "five");
            row.text("text").filter(|text| text.len() > 9).map(|_| "x|y")
        });
        let lfs = lfs.expect("added");
        let lfs = match version {
            Some(version) => lfs.versioned(version),
            None => lfs,
        };
        votes(&lfs, &rows(1000), folder);
        // Half of the calls are those of the run without a cache.
        calls.load(Ordering::Relaxed) - before - 1000
    };
    assert_eq!((run(None, false), run(None, false)), (1000, 1000));
    assert_eq!((run(Some("1"), false), run(Some("1"), false)), (1000, 0));
    assert_eq!(run(Some("2"), false), 1000);
    // Failures are found again.
    assert_eq!((run(Some("3"), true), run(Some("3"), true)), (1000, 1000));
}

#[test]
fn a_damaged_cache_is_as_good_as_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let lfs = LfSet::compile(&spec(folder, &LFS, "^.{1,9}$")).expect("valid");
    let rows = rows(500);
    votes(&lfs, &rows, folder);
    let file = folder.join("votes/000000.votes");
    let whole = std::fs::read(&file).expect("readable");
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] = damaged[at].wrapping_add(1);
        std::fs::write(&file, &damaged).expect("written");
        votes(&lfs, &rows, folder);
        for more in VoteCacheFiles(folder).filter(|path| *path != file) {
            std::fs::remove_file(more).expect("removed");
        }
        std::fs::write(&file, &whole[..at]).expect("written");
        votes(&lfs, &rows, folder);
    }
}

/// The files of the cache in a folder.
struct VoteCacheFiles<'a>(&'a std::path::Path);

impl VoteCacheFiles<'_> {
    fn filter(self, keep: impl Fn(&std::path::PathBuf) -> bool) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(self.0.join("votes")).expect("readable").flatten();
        entries.map(|entry| entry.path()).filter(keep).collect()
    }
}

#[cfg(feature = "cli")]
mod program {
    use crate::cli::{Folder, SPEC, ready};
    use std::process::Stdio;

    #[test]
    fn the_second_run_keeps_the_votes_of_the_first() {
        let folder = ready();
        folder.run(&["run", "spec.yaml", "data.csv", "-o", "one"]).code(0);
        let again = ["run", "spec.yaml", "data.csv", "-o", "two"];
        folder.run(&again).code(0).says(&["100 % of the votes were kept from earlier runs"]);
        let size = folder.run(&["cache"]).code(0).out;
        assert!(size.contains("1 file, 0.0 MB"), "{size}");
        let cleaned = folder.run(&["cache", "clean"]).code(0).out;
        assert!(cleaned.contains("removed 1 file"), "{cleaned}");
        let without = ["run", "spec.yaml", "data.csv", "-o", "three", "--no-cache"];
        folder.run(&without).code(0);
        assert!(folder.run(&["cache"]).code(0).out.contains("0 files"));
        for file in ["labels.parquet", "votes.parquet", "report.json", "report.html", "model.json"]
        {
            let read = |run: &str| std::fs::read(folder.path(run).join(file)).ok();
            assert!(read("one") == read("two") && read("one") == read("three"), "{file}");
        }
        // A cache that is no folder does not stop a run.
        folder.write("file", "");
        let file = ["run", "spec.yaml", "data.csv", "-o", "four", "--cache", "file"];
        folder.run(&file).code(0);
    }

    #[test]
    fn a_profile_names_stages_and_labeling_functions() {
        let folder = ready();
        let run = ["run", "spec.yaml", "data.csv", "-o", "out", "--profile"];
        let shown = folder.run(&run).code(0).out;
        for part in ["What took how long", "vote ", "µs a row  link", "first 5 rows"] {
            assert!(shown.contains(part), "no {part} in\n{shown}");
        }
        let json = std::fs::read_to_string(folder.path("out/report.json")).expect("written");
        let report = jurat::report::Report::from_json(&json).expect("a report");
        let profile = report.profile.expect("asked for");
        assert_eq!(profile.lfs.len(), 3);
        assert!(profile.lfs.is_sorted_by(|one, next| one.1 >= next.1));
        assert!(profile.stages.iter().any(|(name, seconds)| name == "vote" && *seconds > 0.0));
        let shown = folder.run(&["report", "out", "--report", "markdown"]).code(0).out;
        assert!(shown.contains("## What took how long"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn a_profile_of_a_pipe_is_one_without_labeling_functions() {
        let folder = ready();
        let pipe =
            "cat data.csv | \"$0\" run spec.yaml /dev/stdin --input-format csv -o out --profile";
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", pipe, env!("CARGO_BIN_EXE_jurat")]).current_dir(folder.path("."));
        let ran = shell.env("JURAT_CACHE", folder.path("cache")).output().expect("a shell");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let shown = String::from_utf8_lossy(&ran.stdout);
        assert!(shown.contains("What took how long") && !shown.contains("µs a row"), "{shown}");
    }

    fn bytes(folder: &Folder, run: &str) -> Vec<Vec<u8>> {
        let files = ["labels.csv", "votes.csv", "report.json", "report.html", "model.json"];
        let read = |file: &str| std::fs::read(folder.path(run).join(file)).expect("written");
        files.iter().map(|file| read(file)).collect()
    }

    #[cfg(unix)]
    #[test]
    fn a_killed_run_goes_on_and_ends_with_the_same_bytes() {
        let folder = Folder::new();
        folder.write("spec.yaml", SPEC);
        let rows: Vec<String> = (0..60_000_u64)
            .map(|i| {
                let word =
                    ["subscribe", "thanks", "https://x", "nothing"][(i * i % 7 % 4) as usize];
                format!("{i},{word} {}", i % 13)
            })
            .collect();
        folder.write("data.csv", &format!("id,body\n{}\n", rows.join("\n")));
        let options = ["spec.yaml", "data.csv", "--format", "csv"];
        let whole = [&["run", "-o", "whole", "--no-cache"], &options[..]].concat();
        folder.run(&whole).code(0);
        let whole = bytes(&folder, "whole");
        let resumed = [&["run", "-o", "out", "--resume"], &options[..]].concat();
        let mut left = 0;
        for wait in [5, 20, 40, 60, 80, 120, 160, 240, 320, 500] {
            let mut child = folder.command(&resumed);
            let child = child.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = child.spawn().expect("it starts");
            std::thread::sleep(std::time::Duration::from_millis(wait));
            child.kill().expect("killed");
            child.wait().expect("it ends");
            left += folder.names().iter().filter(|name| name.starts_with(".jurat")).count();
            folder.run(&resumed).code(0);
            assert!(bytes(&folder, "out") == whole, "killed after {wait} ms");
            // What killed runs left behind is gone.
            assert_eq!(folder.names(), ["data.csv", "out", "spec.yaml", "whole"]);
        }
        assert!(left > 0, "no run was killed at work");
    }
}
