//! Rows that wait on disk for their labels get the same ones as rows in memory.

use jurat::input::{Source, Table};
use jurat::job::{DataRecord, SaveSettings};
use jurat::lf::{PackError, Unwatched, Watch};
use jurat::output::{LabelTable, Rows, Staged, formats, write_labels, write_votes};
use jurat::votes::{KnownLabels, Scratch};
use jurat::{Error, Job, LabelMatrix, Names, Patterns, Spec};
use proptest::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const SPEC: &str = "spec: 1
labels: [spam, ham]
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe, giveaway]}}
  - {name: thanks, label: ham, when: {keyword: [thanks, friend]}}
  - {name: link, label: spam, when: {regex: 'https?://'}}
  - {name: nice, label: {not: spam}, when: {keyword: [nice]}}
";

const WORDS: [&str; 6] = ["subscribe", "thanks", "https://x", "nice", "friend", "well"];

/// Identifiers, and known labels, of which there may be none.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ids {
    None,
    Integers,
    Texts,
}

#[derive(Debug, Clone)]
struct Data {
    ids: Ids,
    rows: Vec<(usize, Option<usize>, Option<usize>)>,
    /// How often they come.
    times: usize,
}

fn data() -> impl Strategy<Value = Data> {
    let row = (0..64_usize, prop::option::of(0..2_usize), prop::option::of(0..2_usize));
    let ids = prop_oneof![Just(Ids::None), Just(Ids::Integers), Just(Ids::Texts)];
    // Some come in several batches and make more than one page of Parquet.
    let times = prop_oneof![3 => Just(1_usize), 1 => Just(2500)];
    (ids, prop::collection::vec(row, 1..40), times).prop_map(|(ids, rows, times)| Data {
        ids,
        rows,
        times,
    })
}

impl Data {
    fn job(&self) -> Job {
        let id = if self.ids == Ids::None { "" } else { ", id: id" };
        let input = format!("input: {{text: text, gold: gold, learn: learn{id}}}\n");
        let spec = SPEC.replacen("lfs:\n", &format!("{input}lfs:\n"), 1);
        let mut job = Job::new(&Spec::from_yaml(&spec, "inline").expect("a spec")).expect("a job");
        job.effort = jurat::model::Effort::Off;
        job
    }

    fn table(&self) -> Table {
        let n = self.rows.len() * self.times;
        let row = |i: usize| self.rows[i % self.rows.len()];
        let text = |i: usize| {
            let words = (0..6).filter(|bit| row(i).0 >> bit & 1 == 1).map(|bit| WORDS[bit]);
            let text = words.collect::<Vec<_>>().join(" ");
            (!text.is_empty()).then_some(text)
        };
        let label = |class: Option<usize>| class.map(|class| ["spam", "ham"][class]);
        let table = Table::new()
            .text("text", (0..n).map(text))
            .text("gold", (0..n).map(|i| label(row(i).1)))
            .text("learn", (0..n).map(|i| label(row(i).2)));
        match self.ids {
            Ids::None => table,
            Ids::Integers => {
                table.integer("id", (0..n).map(|i| (i % 7 != 3).then_some(i as i64 * 3)))
            }
            Ids::Texts => table.text("id", (0..n).map(|i| (i % 7 != 3).then(|| format!("r{i}")))),
        }
    }

    fn source(&self, job: &Job) -> Box<dyn Source> {
        self.table().open(&job.lfs.fields()).expect("it has the columns")
    }

    fn id(&self) -> &'static str {
        if self.ids == Ids::None { "row" } else { "id" }
    }
}

/// All files of a run, by name; nothing when the model cannot be fitted.
fn run(data: &Data, format: usize, scratch: &Scratch, threads: usize) -> Vec<(String, Vec<u8>)> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| {
        let above = tempfile::tempdir().expect("a folder");
        let job = data.job();
        let outcome = job.run_with(data.source(&job).as_mut(), &Unwatched, scratch, None);
        let mut outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Error::Fit(_)) => return Vec::new(),
            Err(error) => panic!("{error}"),
        };
        let settings = SaveSettings {
            data: DataRecord::default(),
            changes: None,
            format: formats()[format % formats().len()],
            id: data.id(),
            with_votes: true,
            with_why: false,
            weights: None,
            sheet: false,
            started: None,
            finished: None,
            model_settings: serde_json::Map::new(),
        };
        let staged = Staged::new(&above.path().join("run"), false).expect("staged");
        job.save(&mut outcome, staged, &settings).expect("saved");
        files(&above.path().join("run"))
    })
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("readable").flatten();
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("readable"))
        })
        .collect();
    files.sort();
    files
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn rows_on_disk_get_the_same_files(data in data(), format in 0..3_usize, kept in 0..3000_usize) {
        let folder = tempfile::tempdir().expect("a folder");
        let on_disk = Scratch::folder(folder.path()).keeping(kept);
        let wanted = run(&data, format, &Scratch::memory(), 1);
        prop_assert!(wanted == run(&data, format, &on_disk, 3), "bytes differ");
        prop_assert!(files(folder.path()).is_empty());
    }

    #[test]
    fn packing_equals_counting_the_matrix(data in data(), format in 0..3_usize) {
        let job = data.job();
        let folder = tempfile::tempdir().expect("a folder");
        let applied = job.lfs.apply(data.source(&job).as_mut()).expect("votes");
        let patterns = Patterns::count(&applied.matrix);
        let in_memory = job.lfs.pack(data.source(&job).as_mut(), &Unwatched, &Scratch::memory(), None);
        let in_memory = in_memory.expect("votes");
        prop_assert_eq!(&in_memory.votes, &patterns);
        let scratch = Scratch::folder(folder.path()).keeping(0);
        let mut packed =
            job.lfs.pack(data.source(&job).as_mut(), &Unwatched, &scratch, None).expect("votes");
        prop_assert!(packed.votes.of_row().is_empty());
        prop_assert!(packed.votes.iter().eq(patterns.iter()));
        prop_assert_eq!(packed.rows.of_row().expect("read"), patterns.of_row());
        let known =
            KnownLabels::count(&patterns, applied.gold.as_deref(), applied.learn.as_deref());
        prop_assert_eq!((&packed.known, &packed.notes), (&known, &applied.notes));

        // Files from the matrix are those of a run.
        let Ok(outcome) = job.run(data.source(&job).as_mut(), &Unwatched) else { return Ok(()) };
        let format = formats()[format % formats().len()];
        let rows = Rows { name: data.id(), ids: &applied.ids };
        let path = |name: &str| folder.path().join(format!("{name}.{}", format.name));
        let votes = Some(&patterns);
        let labels = LabelTable { rows, labels: &outcome.labels, decision: &outcome.decision, more: &[], votes };
        write_labels(&path("labels"), format, &labels).expect("written");
        write_votes(&path("votes"), format, rows, &applied.matrix).expect("written");
        let number = formats().iter().position(|other| other.name == format.name).expect("known");
        let wanted = run(&data, number, &scratch, 2);
        for (name, bytes) in files(folder.path()) {
            prop_assert!(wanted.contains(&(name.clone(), bytes)), "{} differs", name);
        }
    }
}

#[test]
fn a_source_without_rows_has_columns() {
    let data = Data { ids: Ids::None, rows: vec![(0, None, None)], times: 0 };
    let job = data.job();
    let folder = tempfile::tempdir().expect("a folder");
    let scratch = Scratch::folder(folder.path()).keeping(0);
    let packed =
        job.lfs.pack(data.source(&job).as_mut(), &Unwatched, &scratch, None).expect("no votes");
    let mut rows = packed.rows;
    for format in formats() {
        let path = folder.path().join(format!("votes.{}", format.name));
        let sheets = jurat::output::Sheets { rows: &mut rows, id: "row", votes: &packed.votes };
        sheets.write_votes(&path, format).expect("written");
        let text = std::fs::read(&path).expect("written");
        match format.name {
            "csv" => assert_eq!(text, b"row,lf:promo,lf:thanks,lf:link,lf:nice\n"),
            "jsonl" => assert!(text.is_empty()),
            _ => assert!(text.ends_with(b"PAR1")),
        }
    }
}

/// Stops after some batches, and looks at the folder on the way.
struct Impatient<'a> {
    folder: &'a Path,
    batches: AtomicUsize,
}

impl Watch for Impatient<'_> {
    fn voted(&self, _rows: usize) {
        self.batches.fetch_add(1, Ordering::SeqCst);
        assert!(files(self.folder).is_empty(), "the temporary file has no name");
    }

    fn stopped(&self) -> bool {
        self.batches.load(Ordering::SeqCst) > 20
    }
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let rows = (0..40).map(|i| (i, None, None)).collect();
    let data = Data { ids: Ids::Texts, rows, times: 10_000 };
    let job = data.job();
    let folder = tempfile::tempdir().expect("a folder");
    let scratch = Scratch::folder(folder.path()).keeping(100);
    let watch = Impatient { folder: folder.path(), batches: AtomicUsize::new(0) };
    let ended = job.lfs.pack(data.source(&job).as_mut(), &watch, &scratch, None);
    assert!(matches!(ended, Err(PackError::Read(jurat::input::ReadError::Interrupted))));
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_disk_that_takes_nothing_is_named() {
    let data = Data { ids: Ids::None, rows: vec![(1, None, None)], times: 10 };
    let job = data.job();
    let scratch = Scratch::folder(Path::new("no/such/folder")).keeping(0);
    let ended = job.run_with(data.source(&job).as_mut(), &Unwatched, &scratch, None);
    let message = ended.expect_err("nowhere to write").to_string();
    assert!(message.starts_with("cannot write no/such/folder"), "{message}");
}

#[test]
fn a_table_without_rows_is_written() {
    let folder = tempfile::tempdir().expect("writable");
    let names = Names::new(["a"], ["x", "y"]).expect("names");
    for format in formats() {
        let path = folder.path().join(format!("votes.{}", format.name));
        let rows = Rows { name: "row", ids: &[] };
        write_votes(&path, format, rows, &LabelMatrix::new(names.clone())).expect("written");
        assert!(path.exists());
    }
}
