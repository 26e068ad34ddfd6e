//! Specs of several files, and variables: as a user drives them.
#![cfg(feature = "cli")]

use super::cli::Folder;

const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, id: id}
vars: {times: 1}
include: [lfs/*.yaml]
lfs:
  - name: last
    label: ham
    when: {matches: polite}
";

const PROMOTION: &str = "part: 1
include: ../shared.yaml
lookups: {shops: {file: shops.csv, key: shop}}
lfs:
  - name: first
    label: spam
    when: {keyword: {any: [\"${word}\"], min_count: \"${times}\"}}
  - name: second
    label: spam
    when: {lookup: {table: shops, match: occurs}}
    examples: {match: [come to grubbo]}
";

const SHARED: &str = "part: 1
vars: {word: subscribe}
utils: {polite: {keyword: [please, thanks]}}
";

const DATA: &str = "id,body
1,please subscribe
2,subscribe and subscribe
3,thanks for the video
4,at grubbo we sell
5,nothing
";

fn ready() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("lfs")).expect("made");
    for (name, text) in [
        ("spec.yaml", SPEC),
        ("lfs/promotion.yaml", PROMOTION),
        ("lfs/more.yaml", "part: 1\ninclude: [../shared.yaml]\nvars: {unused: 1}\n"),
        ("lfs/shops.csv", "shop\ngrubbo\n"),
        ("shared.yaml", SHARED),
        ("data.csv", DATA),
    ] {
        folder.write(name, text);
    }
    folder
}

fn votes(folder: &Folder, arguments: &[&str]) -> String {
    let mut all = vec!["apply", "spec.yaml", "data.csv", "-o", "votes.csv"];
    all.extend(arguments);
    folder.run(&all).code(0);
    std::fs::read_to_string(folder.path("votes.csv")).expect("written")
}

#[test]
fn what_is_included_comes_first_and_sees_everything() {
    let folder = ready();
    let all = "id,lf:first,lf:second,lf:last\n1,spam,,ham\n2,spam,,\n3,,,ham\n4,,spam,\n5,,,\n";
    assert_eq!(votes(&folder, &[]), all);
    let ran = folder.run(&["check", "spec.yaml"]).code(0);
    assert!(ran.out.contains("3 labeling functions, 2 labels; examples: 1 passed"), "{}", ran.out);
    // A part in another order, in a file of another name, means the same.
    std::fs::rename(folder.path("lfs/more.yaml"), folder.path("lfs/zz.yaml")).expect("renamed");
    assert_eq!(votes(&folder, &[]), all);
}

#[test]
fn variables_are_set_for_one_run() {
    let folder = ready();
    let twice = votes(&folder, &["--set", "times=2"]);
    assert_eq!(twice.matches("spam").count(), 2, "{twice}");
    let video = votes(&folder, &["--set", "word=video", "--set", "times=1"]);
    assert!(video.contains("3,spam,,ham"), "{video}");
    folder
        .run(&["apply", "spec.yaml", "data.csv", "-o", "x.csv", "--set", "wrod=video"])
        .code(2)
        .says(&["`wrod` is set", "did you mean `word`?"]);
    folder
        .run(&["check", "spec.yaml", "--set", "times=often"])
        .code(2)
        .says(&["lfs/promotion.yaml:7", "expected a whole number"]);
}

#[test]
fn a_failed_example_is_shown_where_it_stands() {
    let folder = ready();
    folder.write("lfs/promotion.yaml", &PROMOTION.replace("come to grubbo", "come here"));
    let ran = folder.run(&["check", "spec.yaml"]).code(1);
    assert!(ran.out.contains("lfs/promotion.yaml:11: second abstains"), "{}", ran.out);
}

#[test]
fn a_run_keeps_all_files_and_values() {
    let folder = ready();
    let run = ["run", "spec.yaml", "data.csv", "-o", "run", "--set", "times=2"];
    folder.run(&run).code(0);
    let manifest = std::fs::read_to_string(folder.path("run/manifest.json")).expect("written");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    assert_eq!(manifest["set"], serde_json::json!({"times": "2"}));
    let parts = manifest["parts"].as_array().expect("parts");
    let parts: Vec<_> = parts.iter().map(|part| part["path"].as_str().expect("a path")).collect();
    assert_eq!(parts, ["lfs/more.yaml", "lfs/../shared.yaml", "lfs/promotion.yaml"]);
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "other", "--set", "times=1"]).code(0);
    let diff = folder.run(&["diff", "run", "other"]).code(0).out;
    assert!(diff.contains("variable times"), "{diff}");
    // What the run was made from is explained by what it kept.
    let before = folder.run(&["explain", "run", "2"]).code(0).out;
    assert!(before.contains("first"), "{before}");
    std::fs::remove_file(folder.path("shared.yaml")).expect("removed");
    folder.write(
        "lfs/promotion.yaml",
        "part: 1\nlfs: [{name: other, label: ham, when: {keyword: [x]}}]\n",
    );
    assert_eq!(folder.run(&["explain", "run", "2"]).code(0).out, before);
}

#[test]
fn outputs_over_parts_are_refused() {
    let folder = ready();
    for output in ["shared.yaml", "lfs/shops.csv"] {
        let format = ["apply", "spec.yaml", "data.csv", "-o", output];
        let ran = folder.run(&format);
        assert_ne!(ran.err, "", "{output}");
        let kept = std::fs::read_to_string(folder.path(output)).expect("still there");
        assert!(kept == SHARED || kept == "shop\ngrubbo\n", "{kept}");
    }
}
