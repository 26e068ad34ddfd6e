//! A whole run of the embedded example, from a file to a run directory: without kept votes, where nothing
//! has changed since the last run, and where one labeling function was edited.
//!
//! ```sh
//! cargo bench --bench run
//! ```

use divan::Bencher;
use divan::counter::ItemsCount;
use jurat::input::Files;
use jurat::job::{DataRecord, SaveSettings};
use jurat::lf::{Unwatched, VoteCache};
use jurat::output::{Staged, default_format};
use jurat::votes::Scratch;
use jurat::{Job, demo};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    divan::main();
}

const ROWS: usize = 50_000;
const SEED: u64 = 42;

/// Runs a spec on the notes in a folder.
fn run(job: &Job, folder: &Path, cache: Option<&VoteCache>) {
    let notes = folder.join("notes.csv").to_string_lossy().into_owned();
    let files = Files::new([notes]).expect("it is there");
    let mut source = files.open(&job.lfs.fields()).expect("readable");
    let staged = Staged::new(&folder.join("run"), true).expect("writable");
    let scratch = Scratch::folder(staged.folder());
    let outcome = job.run_with(source.as_mut(), &Unwatched, &scratch, cache);
    let settings = SaveSettings {
        data: DataRecord::default(),
        changes: None,
        format: default_format(),
        id: "id",
        with_votes: false,
        with_why: false,
        weights: None,
        sheet: false,
        started: None,
        finished: None,
        model_settings: serde_json::Map::new(),
    };
    job.save(&mut outcome.expect("it runs"), staged, &settings).expect("written");
}

/// The example in a folder, and the job of its spec.
fn ready() -> (tempfile::TempDir, Job) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    demo::write(folder.path(), ROWS, SEED).expect("written");
    let (_, job) = Job::load(folder.path().join("triage.yaml")).expect("a valid spec");
    (folder, job)
}

#[divan::bench(sample_count = 10)]
fn without_kept_votes(bencher: Bencher<'_, '_>) {
    let (folder, job) = ready();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| run(&job, folder.path(), None));
}

#[divan::bench(sample_count = 10)]
fn nothing_changed(bencher: Bencher<'_, '_>) {
    let (folder, job) = ready();
    let votes = folder.path().join("votes");
    run(&job, folder.path(), Some(&VoteCache::open(&votes).expect("readable")));
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| VoteCache::open(&votes).expect("readable"))
        .bench_values(|cache| run(&job, folder.path(), Some(&cache)));
}

#[divan::bench(sample_count = 10)]
fn one_edited(bencher: Bencher<'_, '_>) {
    let (folder, job) = ready();
    let votes = folder.path().join("votes");
    run(&job, folder.path(), Some(&VoteCache::open(&votes).expect("readable")));
    let path = folder.path().join("triage.yaml");
    let spec = std::fs::read_to_string(&path).expect("readable");
    let edits = AtomicUsize::new(0);
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| {
            // The first list of keywords has a new word each time.
            let edit = edits.fetch_add(1, Ordering::Relaxed);
            let edited = spec.replacen("keyword: [", &format!("keyword: [edit{edit}, "), 1);
            assert_ne!(edited, spec, "the example has a list of keywords");
            std::fs::write(&path, edited).expect("written");
            let (_, job) = Job::load(&path).expect("a valid spec");
            (job, VoteCache::open(&votes).expect("readable"))
        })
        .bench_values(|(job, cache)| run(&job, folder.path(), Some(&cache)));
}
