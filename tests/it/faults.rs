//! Faults of the machine: disks that are full, folders that cannot be written, input that is cut off, programs
//! that are killed, two that want the same. Each is injected, and counted.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::print_stdout, reason = "what was tried, and how often")]

use crate::cli::{Folder, Ran, SPEC, ready};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs the program under a shell that takes something from it first.
fn under(folder: &Folder, bounds: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new("bash");
    command.args(["-c", &format!("{bounds}; exec \"$@\""), "-", env!("CARGO_BIN_EXE_jurat")]);
    folder.complete(command.args(arguments));
    Ran::new(arguments, &command.output().expect("it starts"))
}

/// The files of a folder with their bytes, but for the times in the manifest and what names the folder.
fn content(folder: &Path) -> Vec<(String, String)> {
    let timed = |line: &&str| !line.contains("\"started\"") && !line.contains("\"finished\"");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("readable")
        .flatten()
        .map(|entry| {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path()).expect("readable"))
                .into_owned();
            let kept: Vec<&str> = text.lines().filter(timed).collect();
            (entry.file_name().to_string_lossy().into_owned(), kept.join("\n"))
        })
        .collect();
    files.sort();
    files
}

/// A folder with a spec and so many rows.
fn rows(n: usize) -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    let texts =
        ["Subscribe to my giveaway", "many thanks", "thanks for https://example.com", "nothing"];
    let lines: String =
        (0..n).map(|row| format!("r{row},{}\n", texts[(row * row / 3) % 4])).collect();
    folder.write("data.csv", &format!("id,body\n{lines}"));
    folder
}

const RUN: [&str; 7] = ["run", "spec.yaml", "data.csv", "-o", "out", "--format", "csv"];

/// What may be left besides the two files that were there.
fn assert_clean(folder: &Folder, also: &[&str]) {
    let left: Vec<String> =
        folder.names().into_iter().filter(|name| !also.contains(&name.as_str())).collect();
    assert_eq!(left, ["data.csv", "spec.yaml"]);
}

#[test]
fn a_disk_that_is_full_leaves_nothing_behind() {
    let folder = rows(20_000);
    let mut faults = 0;
    // Files may grow to so many blocks of a kilobyte; the signal would end the program without a word.
    for blocks in [0, 1, 2, 4, 8, 16, 24, 32, 64, 128] {
        let bounds = format!("trap '' XFSZ; ulimit -f {blocks}");
        under(&folder, &bounds, &RUN).code(2).says(&["error: cannot write", "out"]);
        assert_clean(&folder, &[]);
        let apply = ["apply", "spec.yaml", "data.csv", "-o", "votes.csv"];
        under(&folder, &bounds, &apply).code(2).says(&["error: cannot write", "votes.csv"]);
        assert_clean(&folder, &[]);
        faults += 2;
    }
    // The results go to a pipe or a device that takes nothing.
    folder.run(&RUN).code(0);
    for arguments in
        [&["report", "out"][..], &["report", "out", "--report", "json"], &["check", "spec.yaml"]]
    {
        under(&folder, "exec >/dev/full", arguments).code(2).says(&["error: ", "No space left"]);
        faults += 1;
    }
    println!("{faults} faults injected");
    assert_eq!(faults, 23);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_the_work() {
    let folder = ready();
    folder.write("file", "");
    let mut faults = 0;
    // Not even root can write there.
    for target in ["file/out", "/proc/out", "/dev/null/out", "no/such/folder/out"] {
        for arguments in [
            vec!["run", "spec.yaml", "data.csv", "-o", target],
            vec!["apply", "spec.yaml", "data.csv", "-o", &format!("{target}.csv")],
        ] {
            folder.run(&arguments).code(2).says(&["error: cannot write", target]);
            faults += 1;
        }
    }
    // A cache that cannot be written is no reason to stop.
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out", "--cache", "file/cache"]).code(0);
    println!("{} faults injected", faults + 1);
    assert_eq!(faults + 1, 9);
}

#[test]
fn input_that_is_cut_off_is_an_error_or_says_so() {
    let whole = rows(3000);
    let text = std::fs::read(whole.path("data.csv")).expect("data");
    let pack = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("memory");
    let zip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, bytes).expect("memory");
        packed.finish().expect("memory")
    };
    let folder = ready();
    let mut faults = 0;
    for (name, bytes) in [("cut.csv.zst", pack(&text)), ("cut.csv.gz", zip(&text))] {
        for part in 1..12 {
            let cut = &bytes[..bytes.len() * part / 12];
            std::fs::write(folder.path(name), cut).expect("written");
            folder.run(&["run", "spec.yaml", name, "-o", "out"]).code(3).says(&[name]);
            assert!(!folder.path("out").exists());
            faults += 1;
        }
    }
    // While it is read: the writer goes away in the middle of a quoted cell.
    let mut command = folder.command(&["apply", "spec.yaml", "-", "-o", "votes.csv"]);
    let mut child =
        command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut pipe, b"id,body\n1,thanks\n2,\"many tha").expect("taken");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard input, line 3"));
    println!("{} faults injected", faults + 1);
    assert_eq!(faults + 1, 23);
}

#[test]
fn input_that_changes_between_runs_gets_its_own_votes() {
    let folder = ready();
    let votes =
        |out: &str| std::fs::read_to_string(folder.path(out).join("votes.csv")).expect("votes");
    let run = |out: &str| {
        folder.run(&["run", "spec.yaml", "data.csv", "-o", out, "--format", "csv"]).code(0)
    };
    let text = std::fs::read_to_string(folder.path("data.csv")).expect("data");
    run("first");
    let meta = std::fs::metadata(folder.path("data.csv")).expect("there");
    let mut faults = 0;
    // The same length and, so that only the content can tell, the same time: even one of the past.
    for (at, (old, new)) in [
        ("many thanks", "many things"),
        ("Subscribe to my giveaway", "Sobscribe to my takeaway"),
        ("nothing here", "thanks a lot"),
    ]
    .into_iter()
    .enumerate()
    {
        folder.write("data.csv", &text.replace(old, new));
        let times = [
            meta.modified().expect("a time"),
            std::time::UNIX_EPOCH,
            std::time::UNIX_EPOCH + Duration::from_secs(1 << 33),
        ];
        let file =
            std::fs::File::options().write(true).open(folder.path("data.csv")).expect("there");
        file.set_modified(times[at]).expect("set");
        run(&format!("changed{at}"));
        folder
            .run(&[
                "run",
                "spec.yaml",
                "data.csv",
                "-o",
                &format!("alone{at}"),
                "--format",
                "csv",
                "--no-cache",
            ])
            .code(0);
        assert_ne!(votes(&format!("changed{at}")), votes("first"));
        assert_eq!(votes(&format!("changed{at}")), votes(&format!("alone{at}")));
        faults += 1;
    }
    println!("{faults} faults injected");
    assert_eq!(faults, 3);
}

#[test]
fn closures_that_panic_and_votes_that_cannot_be_are_abstentions() {
    use jurat::input::{Field, Table};
    use jurat::{ClassId, LabelMatrix, LfSet, Names, Patterns};
    const ROWS: usize = 10_000;
    let text = [Field::text("text")];
    let rows = Table::new().text("text", (0..ROWS).map(|row| Some(row.to_string())));
    let lfs = LfSet::new(["a", "b"])
        .expect("labels")
        .with("panics", &text, |row| {
            assert!(!row.index().is_multiple_of(100), "on purpose");
            Some("a")
        })
        .and_then(|lfs| {
            lfs.with("far", &text, |row| {
                row.index().is_multiple_of(50).then(|| ClassId::new(60_000).expect("an id"))
            })
        })
        .and_then(|lfs| {
            lfs.with("unknown", &text, |row| {
                row.index().is_multiple_of(1000).then_some("no such label")
            })
        })
        .expect("labeling functions");
    std::panic::set_hook(Box::new(|_| {}));
    let votes = lfs.apply(rows.open(&lfs.fields()).expect("opens").as_mut());
    drop(std::panic::take_hook());
    let votes = votes.expect("voting cannot fail");
    let failures: Vec<u64> = votes.notes.iter().map(|notes| notes.failures).collect();
    assert_eq!(failures, [100, 200, 10]);
    assert_eq!(Patterns::count(&votes.matrix).n_rows(), ROWS as u64);
    // Numbers that no matrix can hold.
    let names = || Names::new(["x", "y"], ["a", "b"]).expect("names");
    let mut faults: u64 = failures.iter().sum();
    for dense in [
        vec![vec![Some(2), None]],
        vec![vec![Some(usize::MAX), None]],
        vec![vec![Some(0)]],
        vec![vec![None; 3]],
    ] {
        assert!(LabelMatrix::from_dense(names(), &dense).is_err(), "{dense:?}");
        faults += 1;
    }
    let vote = |lf, class| {
        let class = ClassId::new(class).expect("an id");
        (jurat::LfId::new(lf).expect("an id"), jurat::Choice::class(class))
    };
    for row in [
        vec![vote(2, 0)],
        vec![vote(0, 2)],
        vec![vote(60_000, 60_000)],
        vec![vote(0, 0), vote(0, 1)],
    ] {
        let names = Names::new(["x", "y"], ["a", "b"]).expect("names");
        assert!(LabelMatrix::from_votes(&names, std::slice::from_ref(&row)).is_err(), "{row:?}");
        faults += 1;
    }
    println!("{faults} faults injected");
    assert_eq!(faults, 318);
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_all_or_nothing() {
    let folder = rows(6000);
    folder
        .run(&["run", "spec.yaml", "data.csv", "-o", "whole", "--format", "csv", "--no-cache"])
        .code(0);
    let wanted = content(&folder.path("whole"));
    let started = std::time::Instant::now();
    folder.run(&RUN).code(0);
    let whole = started.elapsed();
    std::fs::remove_dir_all(folder.path("out")).expect("removed");
    let (mut complete, mut absent) = (0, 0);
    for fault in 0..50_u32 {
        let mut child = folder
            .command(&RUN)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // Spread over the run, and a little beyond; the end, where files are written, is the most critical.
        std::thread::sleep(whole.mul_f64(1.1 * (f64::from(fault) / 50.0).sqrt()));
        child.kill().expect("killed, or ended already");
        child.wait().expect("it ends");
        if folder.path("out").exists() {
            assert_eq!(content(&folder.path("out")), wanted, "{fault}");
            std::fs::remove_dir_all(folder.path("out")).expect("removed");
            complete += 1;
        } else {
            absent += 1;
        }
        if fault % 10 == 9 {
            folder.run(&[&RUN[..], &["--resume"]].concat()).code(0);
            assert_eq!(content(&folder.path("out")), wanted, "resumed after {fault}");
            std::fs::remove_dir_all(folder.path("out")).expect("removed");
            assert_clean(&folder, &["whole"]);
        }
    }
    println!("50 faults injected: {complete} times all was there, {absent} times nothing");
    assert!(absent > 5, "{absent}");
}

#[test]
fn of_two_runs_into_one_folder_one_wins() {
    let folder = rows(2000);
    let mut faults = 0;
    for _ in 0..5 {
        let start = || {
            folder
                .command(&RUN)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts")
        };
        let both = [start(), start()].map(|child| child.wait_with_output().expect("it ends"));
        let codes = both.each_ref().map(|output| output.status.code());
        let lost = both.iter().find(|output| output.status.code() != Some(0));
        let lost = lost.expect("only one of them can win");
        assert!(codes.contains(&Some(0)) && codes.contains(&Some(2)), "{codes:?}");
        let message = String::from_utf8_lossy(&lost.stderr).into_owned();
        assert!(message.contains("out") && message.contains("exists"), "{message}");
        folder.run(&["report", "out"]).code(0);
        std::fs::remove_dir_all(folder.path("out")).expect("removed");
        assert_clean(&folder, &[]);
        // With leave to replace, the later one does, and never a mixture of both.
        let replace = [&RUN[..], &["--overwrite"]].concat();
        let start = || {
            folder
                .command(&replace)
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts")
        };
        let both = [start(), start()].map(|child| child.wait_with_output().expect("it ends"));
        assert!(both.iter().any(|output| output.status.success()));
        folder.run(&["report", "out"]).code(0);
        std::fs::remove_dir_all(folder.path("out")).expect("removed");
        assert_clean(&folder, &[]);
        faults += 2;
    }
    println!("{faults} faults injected");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_that_is_cut_or_damaged_is_an_error_or_other_data() {
    let folder = rows(500);
    folder.run(&["apply", "spec.yaml", "data.csv", "-o", "votes.parquet"]).code(0);
    let good = std::fs::read(folder.path("votes.parquet")).expect("there");
    let path = folder.path("damaged.parquet").display().to_string();
    let fields = [jurat::input::Field::id("id"), jurat::input::Field::text("lf:promo")];
    std::panic::set_hook(Box::new(|_| {}));
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("written");
        let mut source = jurat::input::Files::new([&path])?.open(&fields)?;
        while source.next_batch()?.is_some() {}
        Ok::<(), jurat::input::ReadError>(())
    };
    let (mut faults, mut errors) = (0, 0);
    for at in (0..good.len()).step_by((good.len() / 250).max(1)) {
        assert!(read(&good[..at]).is_err(), "cut at {at}");
        for flip in [0xff, 0x80, 0x01] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            errors += usize::from(read(&bytes).is_err());
        }
        faults += 4;
    }
    drop(std::panic::take_hook());
    println!("{faults} faults injected, {errors} of the damaged files are errors");
    assert!(faults > 1000 && errors > 100);
}
