//! Exports when something is wrong: rows that may not be shown or are others now, outputs that are there, runs that
//! are damaged or odd.
#![cfg(feature = "cli")]

use crate::cli::Folder;
use crate::training::{DATA, SPEC, checked, export, ready, text};

#[test]
fn what_may_not_be_shown_is_in_no_export() {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("data.csv", &DATA.replace("\na,", "\nid-secret,").replace("many", "secret"));
    for (privacy, of_run) in [("--redact", true), ("--no-examples", true), ("--redact", false)] {
        let mut run = vec!["run", "spec.yaml", "data.csv", "-o", "run", "--overwrite"];
        if of_run {
            run.push(privacy);
        }
        folder.run(&run).code(0);
        for format in jurat::export::formats() {
            let out = format!("{}-out", format.name);
            let mut arguments =
                vec!["export", "run", "--to", format.name, "-o", &out, "--overwrite"];
            if !of_run {
                arguments.push(privacy);
            }
            let ran = folder.run(&arguments).code(0);
            assert_eq!(
                ran.err.contains("texts and identifiers are left out"),
                format.cells,
                "{}",
                ran.err
            );
            let files = match std::fs::read_dir(folder.path(&out)) {
                Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
                Err(_) => vec![folder.path(&out)],
            };
            for file in files {
                let bytes = std::fs::read(&file).expect("readable");
                let leaks = bytes.windows(6).any(|window| window == b"secret");
                assert!(!leaks, "{}", file.display());
                assert!(!bytes.is_empty());
            }
        }
        assert!(text(&folder, "argilla-out").contains(r#"{"id":"1","fields":{"row":"1"}"#));
        assert!(text(&folder, "sklearn-out").starts_with("row,label,weight,"));
    }
    // A label that is none is not quoted either.
    folder.write("wrong.csv", &text(&folder, "data.csv").replace(",ham,", ",top secret,"));
    let arguments =
        ["export", "run", "--to", "snorkel", "-o", "s", "--data", "wrong.csv", "--redact"];
    let ran = folder.run(&arguments).code(3);
    assert!(ran.err.contains("data row 2") && !ran.err.contains("secret"), "{}", ran.err);
}

#[test]
fn rows_must_be_those_that_were_voted_on() {
    let folder = ready();
    let changed = DATA.replace("many thanks", "no thanks").replace("nothing", "anything");
    folder.write("changed.csv", &changed);
    folder.write(
        "short.csv",
        &DATA.lines().take(4).map(|line| format!("{line}\n")).collect::<String>(),
    );
    for (data, code, says) in [
        (
            "changed.csv",
            2,
            "2 of 5 rows of the data are no longer what was voted on, the first of them row 1",
        ),
        ("short.csv", 2, "the data have 3 rows, the run has 5"),
        ("gone.csv", 3, "gone.csv"),
    ] {
        for to in ["sklearn", "snorkel"] {
            let arguments = ["export", "run", "--to", to, "-o", "out", "--data", data];
            folder.run(&arguments).code(code).says(&[says]);
            assert!(!folder.path("out").exists());
        }
    }
    // Data that moved are named; matrices need none without known labels.
    std::fs::rename(folder.path("data.csv"), folder.path("moved.csv")).expect("moved");
    folder.run(&["export", "run", "--to", "snorkel", "-o", "out"]).code(3).says(&["data.csv"]);
    export(&folder, "snorkel", "out", &["--no-gold"]);
    export(&folder, "argilla", "records.json", &["--data", "moved.csv"]);
    export(&folder, "triplets", "votes.csv", &[]);
}

#[test]
fn outputs_are_replaced_only_when_they_are_exports() {
    let folder = ready();
    let snorkel = ["export", "run", "--to", "snorkel", "-o", "out"];
    folder.run(&snorkel).code(0);
    folder.run(&snorkel).code(2).says(&["out exists", "--overwrite"]);
    folder.run(&[&snorkel[..], &["--overwrite"]].concat()).code(0);
    let table = ["export", "run", "--to", "triplets", "-o", "votes.csv"];
    folder.run(&table).code(0);
    folder.run(&table).code(2).says(&["votes.csv exists"]);
    std::fs::create_dir(folder.path("mine")).expect("made");
    folder.write("mine/thesis.txt", "years of work");
    let mine = ["export", "run", "--to", "scipy", "-o", "mine", "--overwrite"];
    folder.run(&mine).code(2).says(&["mine is not a run directory, or not an export"]);
    let run = ["export", "run", "--to", "scipy", "-o", "run", "--overwrite"];
    folder.run(&run).code(2).says(&["run is not a run directory, or not an export"]);
    let input = ["export", "run", "--to", "triplets", "-o", "data.csv", "--overwrite"];
    folder.run(&input).code(2).says(&["data.csv is read"]);
    for (more, says) in [
        (&["--to", "snorkel", "--soft"][..], "--soft is for sklearn"),
        (&["--to", "snorkel", "--columns", "x"], "--columns is for formats with texts"),
        (&["--to", "argilla", "--split", "x"], "--split is for wrench"),
        (
            &["--to", "argilla", "--columns", "bod"],
            "there is no column `bod` (did you mean `body`?)",
        ),
        (&["--to", "numpy"], "invalid value 'numpy'"),
    ] {
        let ran = folder.run(&[&["export", "run", "-o", "new"], more].concat());
        assert!(ran.err.contains(says), "{}", ran.err);
        assert!(!folder.path("new").exists());
    }
    folder
        .run(&["export", "nowhere", "--to", "scipy", "-o", "x"])
        .code(2)
        .says(&["not a run directory"]);
}

#[test]
fn damaged_runs_are_errors() {
    let folder = ready();
    folder.write("nothing.csv", "id,body,truth\n");
    for (file, from, to, code, says) in [
        ("labels", "a,spam,1,", "a,spma,1,", 2, "`spma` is no label of the run"),
        ("labels", "a,spam,1,", "a,spam,7,", 2, "column `confidence` holds no probability"),
        ("labels", ",0.5,0.5,0.5", ",0.5,,0.5", 2, "column `prob:spam` holds no probability"),
        ("labels", "e,,0.5,0.5,0.5\n", "", 2, "fewer rows than the votes"),
        ("labels", "e,,", "e,,0.5,0.5,0.5\nf,,", 2, "more rows than the votes"),
        ("labels", "prob:ham", "prob:eggs", 3, "no column `prob:ham`"),
        ("votes", "b,,ham,", "b,,eggs,", 2, "`eggs` is no vote of the run"),
        ("votes", "e,,,\n", "", 2, "it has 4 rows, the manifest says 5"),
        ("rows", "\n", "\n0.5\n", 2, "a fingerprint is missing"),
        ("rows", "fingerprint\n", "fingerprint\n7\n", 2, "not as many rows"),
    ] {
        let name = format!("run/{file}.csv");
        let kept = text(&folder, &name);
        assert!(kept.contains(from), "{kept}");
        folder.write(&name, &kept.replacen(from, to, 1));
        folder.run(&["export", "run", "--to", "argilla", "-o", "out"]).code(code).says(&[says]);
        assert!(!folder.path("out").exists());
        folder.write(&name, &kept);
    }
    let no_rows = ["export", "run", "--to", "argilla", "-o", "out", "--data", "nothing.csv"];
    folder.run(&no_rows).code(2).says(&["the data have 0 rows, the run has 5"]);
    // What came through a pipe is gone, and must be named.
    let manifest = text(&folder, "run/manifest.json");
    folder.write("run/manifest.json", &manifest.replace("\"data.csv\"", "\"-\""));
    let piped = ["export", "run", "--to", "argilla", "-o", "out"];
    folder.run(&piped).code(3).says(&["standard input cannot be read a second time", "--data"]);
    export(&folder, "argilla", "out", &["--data", "data.csv"]);
    assert_eq!(folder.names().iter().filter(|name| name.starts_with('.')).count(), 0);
}

/// A run without labels is exported without rows where they need one, and names that other columns have are
/// changed.
#[test]
fn a_run_without_labels_is_exported() {
    let folder = Folder::new();
    folder.write("spec.yaml", &SPEC.replace("body", "label"));
    folder.write("data.csv", "id,label,truth\n,nothing,\nb,thanks https://x.org,\n");
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "run"]).code(0);
    for format in jurat::export::formats() {
        export(&folder, format.name, &format!("{}-out", format.name), &[]);
    }
    assert_eq!(text(&folder, "sklearn-out"), "row,id,data:label,label,weight,prob:spam,prob:ham\n");
    let record = r#"{"id":"0","fields":{"label":"nothing"},"suggestions":{}}"#;
    assert!(text(&folder, "argilla-out").starts_with(&format!("[\n{record},\n")));
    checked(&folder, "snorkel-out/L.npy", "|i1", "2, 3", &[-1., -1., -1., -1., 1., 0.]);
    checked(&folder, "cleanlab-out/votes.npy", "<f8", "0, 0", &[]);
}
