//! The program as a user drives it: outputs, messages, exit codes.
#![cfg(feature = "cli")]
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    /// Runs the program in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().expect("it starts");
        Ran::new(arguments, &output)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jurat"));
        self.complete(command.args(arguments));
        command
    }

    /// Lets a command run in this folder.
    pub(crate) fn complete(&self, command: &mut Command) {
        command.current_dir(self.0.path()).stdin(Stdio::null());
        command.env("JURAT_CACHE", self.0.path().join(CACHE));
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("readable").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(|name| name != CACHE).collect();
        names.sort();
        names
    }
}

/// Where programs that are run in a folder keep votes.
const CACHE: &str = "votes-of-earlier-runs";

pub(crate) struct Ran {
    what: String,
    code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn new(arguments: &[&str], output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            what: arguments.join(" "),
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}\n{}", self.what, self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}: {}", self.what, self.err);
        self
    }

    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "{}: no `{part}` in\n{}", self.what, self.err);
        }
        self
    }
}

pub(crate) const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
lfs:
  - name: promo
    label: spam
    when: {keyword: [subscribe, giveaway]}
    examples: {match: [Subscribe now], no_match: [a subscription]}
  - name: thanks
    label: ham
    when: {keyword: [thanks]}
  - name: link
    label: spam
    when: {regex: 'https?://'}
";

const DATA: &str = "id,body,gold
a,Subscribe to my giveaway,spam
b,many thanks,ham
c,thanks for https://example.com,ham
d,,spam
e,nothing here,ham
";

pub(crate) fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("data.csv", DATA);
    folder
}

#[test]
fn the_main_job_writes_a_complete_run_directory() {
    let folder = ready();
    let ran = folder
        .run(&["run", "spec.yaml", "data.csv", "-o", "out", "--format", "csv", "--gold", "gold"])
        .code(0);
    assert!(ran.out.contains("5 rows, 3 labeling functions, 2 labels"), "{}", ran.out);
    assert!(ran.out.contains("macro F1"), "{}", ran.out);
    let mut names: Vec<_> = std::fs::read_dir(folder.path("out"))
        .expect("the run directory")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "labels.csv",
            "manifest.json",
            "model.json",
            "report.html",
            "report.json",
            "rows.csv",
            "spec.yaml",
            "votes.csv"
        ]
    );
    let labels = std::fs::read_to_string(folder.path("out/labels.csv")).expect("labels");
    let lines: Vec<&str> = labels.lines().collect();
    assert_eq!(lines[0], "id,label,confidence,prob:spam,prob:ham");
    assert!(lines[1].starts_with("a,spam,") && lines[2].starts_with("b,ham,"), "{labels}");
    assert_eq!(lines[4], "d,,0.5,0.5,0.5");
    let votes = std::fs::read_to_string(folder.path("out/votes.csv")).expect("votes");
    assert_eq!(votes.lines().nth(3), Some("c,,ham,spam"));
    let manifest = std::fs::read_to_string(folder.path("out/manifest.json")).expect("manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["rows"], 5);
    assert_eq!(manifest["inputs"][0]["bytes"], DATA.len());
    assert_eq!(manifest["inputs"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(manifest["lfs"][0]["name"], "promo");
    let again = folder.run(&["report", "out", "--report", "markdown"]).code(0);
    assert!(again.out.starts_with("# Labeling report"), "{}", again.out);
}

#[test]
fn an_existing_run_is_kept_unless_told_otherwise() {
    let folder = ready();
    let arguments = ["run", "spec.yaml", "data.csv", "-o", "out", "--quiet"];
    folder.run(&arguments).code(0);
    folder.write("out/mine.txt", "keep");
    folder.run(&arguments).code(2).says(&["out exists", "--overwrite"]);
    assert!(folder.path("out/mine.txt").exists());
    let mut overwrite = arguments.to_vec();
    overwrite.push("--overwrite");
    folder.run(&overwrite).code(0);
    assert!(!folder.path("out/mine.txt").exists());
    assert_eq!(folder.names(), ["data.csv", "out", "spec.yaml"]);
}

#[test]
fn votes_travel_from_apply_to_fit() {
    let folder = ready();
    folder.run(&["apply", "spec.yaml", "data.csv", "-o", "votes.jsonl"]).code(0);
    let fit = [
        "fit",
        "votes.jsonl",
        "--votes",
        "lf:",
        "--out",
        "labels.jsonl",
        "--id",
        "id",
        "--save-model",
        "model.json",
        "--report",
        "json",
        "--quiet",
    ];
    let ran = folder.run(&fit).code(0);
    let report: serde_json::Value =
        serde_json::from_str(&ran.out).expect("JSON on standard output");
    assert_eq!(report["rows"]["coverage"]["count"], 3);
    assert_eq!(ran.err, "", "--quiet says nothing");
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out", "--format", "jsonl"]).code(0);
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).expect("readable");
    let parse = |text: String| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let (one, other) = (parse(read("labels.jsonl")), parse(read("out/labels.jsonl")));
    assert_eq!(one.len(), 5);
    for (one, other) in one.iter().zip(&other) {
        // The classes of `fit` stand in the order of their names, those of the spec as written.
        for key in ["id", "label"] {
            assert_eq!(one[key], other[key], "{key}");
        }
        let (p, q) = (one["prob:spam"].as_f64(), other["prob:spam"].as_f64());
        let apart = (p.expect("number") - q.expect("number")).abs();
        assert!(apart < 1e-4, "{one} {other}");
    }
    assert!(folder.path("model.json").exists());
}

/// Partial, negative and scored votes stand in the label matrix, and are read from it.
#[test]
fn richer_votes_travel_as_well() {
    let folder = ready();
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/lf_specs/support_tickets.yaml");
    let mut rows = String::from("ticket,body,p_billing,p_bug\n");
    for i in 0..40 {
        let body = ["it crashes", "cannot open v1.2.3", "my invoice", "could you sort? $5", "-"];
        rows += &format!("t{i},{},0.{},0.{}\n", body[i % 5], i % 10, 95 - 2 * i);
    }
    folder.write("tickets.csv", &rows);
    folder.run(&["run", spec, "tickets.csv", "-o", "out", "--format", "csv"]).code(0);
    folder.run(&["apply", spec, "tickets.csv", "-o", "votes.csv"]).code(0);
    let votes = std::fs::read_to_string(folder.path("votes.csv")).expect("votes");
    for cell in ["bug|how-to", "!billing", "billing|feature", "bug@0.9-1", "billing@0.5-0.7"] {
        assert!(votes.contains(cell), "no {cell} in\n{votes}");
    }
    let labels = "billing,bug,how-to,feature";
    let fit = ["fit", "votes.csv", "--id", "ticket", "--labels", labels, "-o", "labels.csv"];
    folder.run(&fit).code(0);
    let read = |name: &str| std::fs::read_to_string(folder.path(name)).expect("readable");
    assert_eq!(read("labels.csv"), read("out/labels.csv"));
    let guess = ["fit", "votes.csv", "--id", "ticket", "-o", "guessed.csv"];
    folder.run(&guess).code(0).says(&["`bug|how-to`", "--labels"]);
}

#[test]
fn fit_takes_classes_balance_and_standard_input() {
    let folder = ready();
    folder.write("votes.csv", "lf:a,lf:b\n\"x, y\",\n,z\n\"x, y\",z\n,\n");
    let ran = folder
        .run(&[
            "fit",
            "votes.csv",
            "-o",
            "l.csv",
            "--labels",
            r#"["z","x, y","w"]"#,
            "--balance",
            r#"{"x, y": 0.5, "z": 0.3, "w": 0.2}"#,
        ])
        .code(0);
    assert!(ran.out.contains("no labeling function voted `w`"), "{}", ran.out);
    let labels = std::fs::read_to_string(folder.path("l.csv")).expect("labels");
    assert!(labels.starts_with("row,label,confidence,prob:z,\"prob:x, y\",prob:w\n0,"), "{labels}");
    let mut child = folder
        .command(&["fit", "-", "-o", "piped.csv", "--labels", "x,y", "--model", "majority"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), b"lf:a\nx\ny\n\nx\n")
        .expect("written");
    assert!(child.wait().expect("it ends").success());
    assert!(folder.path("piped.csv").exists());
    for (arguments, parts) in [
        (vec!["--labels", "x"], vec!["at least two"]),
        (vec!["--balance", "a=0.5,b"], vec!["name=share"]),
        (vec!["--balance", "z=0.5,w=0.2"], vec!["sum to 0.7"]),
        (vec!["--labels", "z,w,x", "--balance", "z=0.5,w=0.5"], vec![]),
        (vec!["--model", "anchored", "--setting", "strenght=3"], vec!["strenght", "strength"]),
        (vec!["--setting", "strength=3"], vec!["`auto`", "strength", "choose a model"]),
    ] {
        let mut all = vec!["fit", "votes.csv", "-o", "bad.csv"];
        all.extend(arguments);
        let ran = folder.run(&all);
        assert!(matches!(ran.code, Some(2 | 3)), "{}: {:?}", ran.what, ran.code);
        ran.says(&parts);
        assert!(!folder.path("bad.csv").exists());
    }
}

#[test]
fn fit_takes_answers_of_annotators() {
    let folder = Folder::new();
    let answers = "task,worker,answer\n\
        7,ann,x\n5,ann,y\n7,bob,x\n5,bob,y\n6,bob,x\n6,ann,y\n6,ann,x\n5,cy,!x\n7,cy,x\n7,cy,x\n";
    folder.write("answers.csv", answers);
    folder.write("truth.csv", "task,answer\n5,y\n7,x\n");
    let long = "row=task,annotator=worker,label=answer";
    let fit = ["fit", "answers.csv", "--long", long, "-o", "labels.csv", "--report", "json"];
    let mut with_gold = fit.to_vec();
    with_gold.extend(["--gold-file", "truth.csv"]);
    let ran = folder.run(&with_gold).code(0);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["gold"]["rows"], 2);
    assert_eq!(report["gold"]["labels"]["accuracy"], 1.0);
    assert_eq!(report["lfs"][0]["failures"], 1, "ann contradicts herself");
    ran.says(&["an annotator gave an item different labels", "`ann`", "1 answers repeat", "`!x`"]);
    let labels = std::fs::read_to_string(folder.path("labels.csv")).expect("labels");
    let items: Vec<&str> = labels.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(items, ["task", "7", "5", "6"]);
    let json = r#"{"row": "task", "annotator": "worker", "label": "answer"}"#;
    folder.run(&["fit", "answers.csv", "--long", json, "-o", "again.csv"]).code(0);
    assert_eq!(std::fs::read_to_string(folder.path("again.csv")).expect("labels"), labels);
    for (long, parts) in [
        ("row=task,annotator=worker", vec!["three columns"]),
        ("row=task,worker=worker,label=answer", vec!["no `worker`", "annotator=worker"]),
        ("task,worker,label", vec!["key=column"]),
        ("row=task,annotator=wrker,label=answer", vec!["`wrker`", "did you mean `worker`?"]),
    ] {
        let ran = folder.run(&["fit", "answers.csv", "--long", long, "-o", "bad.csv"]);
        assert!(matches!(ran.code, Some(2 | 3)), "{}: {:?}", ran.what, ran.code);
        ran.says(&parts);
    }
    folder.run(&["fit", "answers.csv", "--gold-file", "truth.csv", "-o", "bad.csv"]).code(2);
}

#[test]
fn check_reports_failures_with_exit_code_1_and_problems_with_2() {
    let folder = ready();
    let ran = folder.run(&["check", "spec.yaml"]).code(0);
    assert!(ran.out.contains("examples: 2 passed, 0 failed"), "{}", ran.out);
    folder.write("failing.yaml", &SPEC.replace("[a subscription]", "[subscribe]"));
    let ran = folder.run(&["check", "failing.yaml"]).code(1);
    assert!(ran.out.contains("FAIL failing.yaml:8: promo votes spam"), "{}", ran.out);
    folder.write("wrong.yaml", &SPEC.replace("keyword", "keywrd"));
    let ran = folder.run(&["check", "wrong.yaml", "spec.yaml", "missing.yaml"]).code(2);
    assert!(ran.out.contains("spec.yaml: 3 labeling functions"), "the good one is checked");
    ran.says(&["wrong.yaml:7:", "did you mean `keyword`?", "missing.yaml"]);
}

#[test]
fn bad_data_end_with_exit_code_3_and_nothing_written() {
    let folder = ready();
    folder.write("ragged.csv", "id,body\n1,a\n2,b,c\n");
    folder.write("text.parquet", "id,body\n1,a\n");
    folder.write("empty.csv", "");
    folder.write("columns.csv", "id,bdy\n1,a\n");
    for (data, parts) in [
        ("ragged.csv", vec!["ragged.csv, line 3", "3 fields", "2"]),
        ("text.parquet", vec!["text.parquet", "not a Parquet file"]),
        ("empty.csv", vec!["empty"]),
        ("columns.csv", vec!["`body`", "did you mean `bdy`?"]),
        ("missing.csv", vec!["missing.csv"]),
        ("*.tsv", vec!["*.tsv"]),
        ("data.xyz", vec![]),
    ] {
        let ran = folder.run(&["run", "spec.yaml", data, "-o", "out"]).code(3);
        ran.says(&parts).says(&["error: "]);
        assert!(!folder.path("out").exists(), "{data}");
    }
    assert!(folder.names().iter().all(|name| !name.starts_with(".jurat")), "{:?}", folder.names());
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_the_work() {
    let folder = ready();
    let ran = folder.run(&["run", "spec.yaml", "data.csv", "-o", "no/such/folder"]).code(2);
    ran.says(&["no/such/folder", "create the folder"]);
    folder.run(&["apply", "spec.yaml", "data.csv", "-o", "votes.xyz"]).code(2).says(&["parquet"]);
    if Path::new("/dev/full").exists() {
        let ran = folder.command(&["run", "spec.yaml", "data.csv", "-o", "out"]);
        let mut ran = ran;
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("opened");
        let status = ran.stdout(full).stderr(Stdio::null()).status().expect("it runs");
        assert_ne!(status.code(), Some(101), "no panic when standard output is full");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let folder = ready();
    let mut rows = String::from("id,body,gold\n");
    for i in 0..30_000 {
        let body = ["subscribe", "thanks", "http://x.y", "giveaway thanks", "plain"][i * 7 % 5];
        rows += &format!("{i},{body} {},{}\n", i % 13, if i % 3 == 0 { "spam" } else { "ham" });
    }
    folder.write("many.csv", &rows);
    for (threads, out) in [("1", "one"), ("8", "eight")] {
        folder
            .run(&[
                "run",
                "spec.yaml",
                "many.csv",
                "-o",
                out,
                "--threads",
                threads,
                "--gold",
                "gold",
                "--with-votes",
            ])
            .code(0);
    }
    let names = std::fs::read_dir(folder.path("one")).expect("a run").flatten();
    let mut compared = 0;
    for name in names.map(|entry| entry.file_name()) {
        let read = |run: &str| std::fs::read(folder.path(run).join(&name)).expect("readable");
        if name == "manifest.json" {
            let parse = |bytes: Vec<u8>| -> serde_json::Value {
                let mut value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
                value["started"] = serde_json::Value::Null;
                value["finished"] = serde_json::Value::Null;
                value
            };
            assert_eq!(parse(read("one")), parse(read("eight")));
        } else {
            assert!(read("one") == read("eight"), "{name:?} differs");
        }
        compared += 1;
    }
    assert!(compared >= 6, "{compared} files");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = ready();
    // Standard input that never ends: the program waits for rows.
    let mut child = folder
        .command(&["run", "spec.yaml", "-", "-o", "out", "--input-format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut pipe, b"id,body\n1,a\n").expect("written");
    for _ in 0..200 {
        if folder.names().iter().any(|name| name.starts_with(".jurat")) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(pipe);
    assert_eq!(folder.names(), ["data.csv", "spec.yaml"]);
}

#[test]
fn the_demo_runs_twice_and_keeps_what_the_user_changed() {
    let folder = Folder::new();
    let first = folder.run(&["demo", "d"]).code(0);
    assert!(first.out.contains("5,000 rows"), "{}", first.out);
    let spec = std::fs::read_to_string(folder.path("d/triage.yaml")).expect("the spec");
    folder.write("d/triage.yaml", &format!("# mine\n{spec}"));
    let second = folder.run(&["demo", "d"]).code(0);
    assert_eq!(first.out, second.out, "the same report");
    let kept = std::fs::read_to_string(folder.path("d/triage.yaml")).expect("the spec");
    assert!(kept.starts_with("# mine"));
}

#[test]
fn only_run_directories_are_replaced_and_inputs_are_kept() {
    let folder = ready();
    std::fs::create_dir(folder.path("mine")).expect("made");
    folder.write("mine/thesis.txt", "years of work");
    let ran = folder.run(&["run", "spec.yaml", "data.csv", "-o", "mine", "--overwrite"]).code(2);
    ran.says(&["mine is not a run directory"]);
    assert!(folder.path("mine/thesis.txt").exists());
    folder.run(&["run", "spec.yaml", "data.csv", "-o", ".", "--overwrite"]).code(2);
    folder.run(&["apply", "spec.yaml", "data.csv", "-o", "data.csv"]).code(2).says(&["is read"]);
    assert_eq!(std::fs::read_to_string(folder.path("data.csv")).expect("kept"), DATA);
    folder.write("votes.csv", "lf:a\nspam\nham\n");
    folder.run(&["fit", "votes.csv", "-o", "votes.csv"]).code(2).says(&["is read"]);
    let same = ["fit", "votes.csv", "-o", "x.csv", "--save-model", "x.csv"];
    folder.run(&same).code(2).says(&["written twice"]);
}

#[test]
fn votes_of_other_tools_are_read_with_care() {
    let folder = Folder::new();
    folder.write("votes.csv", "id,a,b,gold\n1,1,-1,1\n2,0,0,0\n3,-1,-1,1\n");
    let arguments =
        ["fit", "votes.csv", "--votes", "", "--id", "id", "--gold", "gold", "-o", "l.csv"];
    folder.run(&arguments).code(3).says(&["`-1`", "--abstain -1"]);
    let mut abstain = arguments.to_vec();
    abstain.extend(["--abstain", "-1", "--report", "json"]);
    let ran = folder.run(&abstain).code(0);
    let report: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let lfs: Vec<_> = report["lfs"].as_array().expect("LFs").iter().map(|lf| &lf["name"]).collect();
    assert_eq!(lfs, ["a", "b"], "gold and identifiers do not vote");
    assert_eq!(report["rows"]["coverage"]["count"], 2);
    folder.write("more.csv", "id,a,b,c,gold\n1,1,,0,1\n");
    let ran = folder.run(&["fit", "votes.csv", "more.csv", "--votes", "", "-o", "l.csv"]);
    ran.code(3).says(&["votes.csv: there is no column `c`"]);
    for name in ["label", "prob:x", "lf:a"] {
        folder.write("named.csv", &format!("{name},lf:z\n1,x\n2,y\n"));
        folder.run(&["fit", "named.csv", "--id", name, "-o", "l.csv"]).code(2).says(&[name]);
    }
}
