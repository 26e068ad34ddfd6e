//! Runs that are made once more, and files of earlier versions.
#![cfg(feature = "cli")]

use super::cli::Folder;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
vars: {word: win}
lookups: {sites: {file: sites.csv, key: site}}
lfs:
  - {name: wins, label: spam, when: {keyword: [\"${word}\"]}}
  - {name: site, label: spam, when: {lookup: {table: sites, match: occurs}}}
  - {name: polite, label: ham, when: {keyword: [please]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
";

fn ready() -> Folder {
    let folder = Folder::new();
    folder.write("spec.yaml", SPEC);
    folder.write("sites.csv", "site\ngrubbo\n");
    let words = ["you win", "please call", "see grubbo", "win please", "thanks", "hello"];
    let rows: String = (0..60).map(|i| format!("{i},{}\n", words[i % words.len()])).collect();
    folder.write("data.csv", &format!("id,body\n{rows}"));
    folder
}

fn run(folder: &Folder, more: &[&str]) {
    let mut arguments = vec!["run", "spec.yaml", "data.csv", "-o", "run"];
    arguments.extend(more);
    folder.run(&arguments).code(0);
}

#[test]
fn a_run_comes_out_the_same() {
    for more in [
        &[][..],
        &["--format", "csv", "--with-votes"],
        &["--format", "jsonl", "--set", "word=call", "--trust", "wins=0.9"],
    ] {
        let folder = ready();
        run(&folder, more);
        let ran = folder.run(&["verify", "run"]).code(0);
        assert!(ran.out.lines().all(|line| line.ends_with(": the same")), "{}", ran.out);
        for what in ["spec.yaml", "table sites", "data data.csv", "labels.", "votes.", "model.json"]
        {
            assert!(ran.out.contains(what), "no {what} in {}", ran.out);
        }
        assert_eq!(folder.names(), ["data.csv", "run", "sites.csv", "spec.yaml"]);
    }
}

#[test]
fn what_changed_is_named() {
    let folder = ready();
    run(&folder, &["--format", "csv"]);
    folder.write("sites.csv", "site\nhello\n");
    let ran = folder.run(&["verify", "run", "--keep", "again"]).code(1);
    let changed = |out: &str| -> Vec<String> {
        let lines = out.lines().filter(|line| !line.ends_with(": the same"));
        lines.filter_map(|line| line.split(':').next()).map(str::to_owned).collect()
    };
    assert_eq!(changed(&ran.out), ["table sites", "labels.csv", "votes.csv"]);
    let diff = folder.run(&["diff", "run", "again"]).code(0).out;
    assert!(diff.contains("sites"), "{diff}");
    folder.run(&["verify", "run", "--keep", "again"]).code(2);

    let folder = ready();
    run(&folder, &["--format", "csv"]);
    let data = std::fs::read_to_string(folder.path("data.csv")).expect("there");
    folder.write("moved.csv", &data.replace("hello", "goodbye"));
    std::fs::remove_file(folder.path("data.csv")).expect("removed");
    folder.run(&["verify", "run"]).code(3).says(&["data.csv"]);
    // No labeling function sees the word, but the text of the rows is another one.
    let ran = folder.run(&["verify", "run", "moved.csv"]).code(1);
    assert_eq!(changed(&ran.out), ["data data.csv", "rows.csv"]);

    let folder = ready();
    run(&folder, &["--format", "csv"]);
    let labels = std::fs::read_to_string(folder.path("run/labels.csv")).expect("there");
    folder.write("run/labels.csv", &labels.replacen("spam", "ham", 1));
    let ran = folder.run(&["verify", "run"]).code(1);
    assert_eq!(changed(&ran.out), ["labels.csv"]);
    let spec = std::fs::read_to_string(folder.path("run/spec.yaml")).expect("there");
    folder.write("run/spec.yaml", &spec.replace("thanks]", "thanx]"));
    let ran = folder.run(&["verify", "run"]).code(1);
    assert!(ran.out.starts_with("spec.yaml: it was changed after the run\n"), "{}", ran.out);
}

/// What jurat 0.1.0 wrote is read by all that come after it: the files of a run (formats `jurat-manifest-1`,
/// `jurat-report-1`, `jurat-model-2`), and a model of format 1. A new format gets its own folder here, and
/// the old ones stay.
#[test]
fn files_of_earlier_versions_are_read() {
    let folder = Folder::new();
    let earlier = format!("{}/tests/data/earlier", env!("CARGO_MANIFEST_DIR"));
    for name in ["spec.yaml", "sites.csv", "data.csv"] {
        let text = std::fs::read_to_string(format!("{earlier}/{name}")).expect("a file");
        folder.write(name, &text);
    }
    std::fs::create_dir(folder.path("run")).expect("made");
    for entry in std::fs::read_dir(format!("{earlier}/run-1")).expect("a folder").flatten() {
        let to = folder.path("run").join(entry.file_name());
        std::fs::copy(entry.path(), to).expect("copied");
    }
    let report = folder.run(&["report", "run"]).code(0).out;
    assert!(report.contains("60 rows, 4 labeling functions"), "{report}");
    assert!(folder.run(&["explain", "run", "3"]).code(0).out.contains("wins"));
    folder.run(&["gates", "run"]).code(0);
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "now", "--format", "csv"]).code(0);
    let diff = folder.run(&["diff", "run", "now"]).code(0).out;
    assert!(diff.contains("None of 60 labels changed"), "{diff}");
    let model = |text: &str| jurat::model::FittedModel::from_json(text);
    for name in ["model-1.json", "run-1/model.json"] {
        let text = std::fs::read_to_string(format!("{earlier}/{name}")).expect("a file");
        let read = model(&text).expect("a model");
        let again = model(&read.to_json().expect("JSON")).expect("a model");
        assert_eq!(read, again, "{name}");
    }
    // A classifier of 60 short texts, which it still knows.
    folder.write("texts.csv", "text\nwin cash\nlunch friend\n");
    let classifier = format!("{earlier}/classifier-1.json");
    folder.run(&["predict", &classifier, "texts.csv", "-o", "predicted.csv"]).code(0);
    let labels = std::fs::read_to_string(folder.path("predicted.csv")).expect("labels");
    assert!(labels.contains("\n0,spam,") && labels.contains("\n1,ham,"), "{labels}");
    // Counts of the same rows, which add up with those of now.
    let counts = format!("{earlier}/patterns-1.json");
    folder.run(&["patterns", "fit", "spec.yaml", &counts, "-o", "fitted"]).code(0);
    let model = |run: &str| std::fs::read_to_string(folder.path(run).join("model.json"));
    assert_eq!(model("fitted").expect("a model"), model("now").expect("a model"));
    // What later versions write is refused, and says so.
    for (name, format) in [
        ("manifest.json", "jurat-manifest"),
        ("report.json", "jurat-report"),
        ("model.json", "jurat-model"),
    ] {
        let path = folder.path("run").join(name);
        let text = std::fs::read_to_string(&path).expect("a file");
        let at = text.find(format).expect("its format") + format.len();
        let later = format!("{}-9{}", &text[..at], &text[at + 2..]);
        std::fs::write(&path, later).expect("written");
        let command = if name == "model.json" { "explain" } else { "report" };
        let mut arguments = vec![command, "run"];
        arguments.extend((command == "explain").then_some("3"));
        folder.run(&arguments).code(2).says(&["damaged or of another version", name]);
        std::fs::write(&path, text).expect("written");
    }
}
