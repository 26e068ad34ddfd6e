//! Options that no other test needs: what they change, and what is said about those that make no sense.

use crate::cli::{Folder, SPEC, ready};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).expect("readable")
}

#[test]
fn options_of_fit_that_make_no_sense() {
    let folder = Folder::new();
    folder.write("votes.csv", "lf:a,lf:b\nx,\n,y\nx,y\n");
    for (arguments, message) in [
        (&["--labels", "[x"][..], "--labels is not a JSON array of names"),
        (&["--labels", "x,"], "--labels needs at least two names"),
        (&["--setting", "strength"], "`strength` is not of the form name=value"),
        (&["--balance", "x=half,y=0.5"], "--balance: `half` is not a number"),
        (&["--balance", "{x"], "--balance is not a JSON object of shares"),
        (&["--balance", r#"{"x": "half", "y": 0.5}"#], "the share of `x` is not a number"),
        (&["--labels", "x,y", "--balance", "x=0.5,z=0.5"], "names `z`, which is not one of"),
        (&["--labels", "x,y,z", "--balance", "x=0.5,y=0.5"], "--balance has no share for `z`"),
        (&["--long", "row=a,row=b,label=c"], "--long needs one column for `row`"),
        (&["--long", "row=,annotator=b,label=c"], "--long needs one column for `row`"),
        (&["--long", "{row"], "--long is not a JSON object of column names"),
        (&["--input-format", "parquet"], "this is not a Parquet file"),
    ] {
        let mut all = vec!["fit", "votes.csv", "-o", "labels.csv"];
        all.extend(arguments);
        let code = if arguments[0] == "--input-format" { 3 } else { 2 };
        folder.run(&all).code(code).says(&[message]);
        assert_eq!(folder.names(), ["votes.csv"], "{arguments:?}");
    }
    // The balance names the labels where nothing else does.
    folder.run(&["fit", "votes.csv", "-o", "labels.csv", "--balance", "y=0.4,x=0.4,z=0.2"]).code(0);
    let header = read(&folder, "labels.csv");
    assert!(header.starts_with("row,label,confidence,prob:y,prob:x,prob:z\n"), "{header}");
}

#[test]
fn the_schema_knows_the_names_of_a_spec() {
    let folder = ready();
    let general = folder.run(&["schema"]).code(0);
    assert_eq!(general.out, jurat::job::schema(None));
    let own = folder.run(&["schema", "--spec", "spec.yaml"]).code(0);
    assert!(own.out.contains("\"ham\"") && !general.out.contains("\"ham\""), "{}", own.out);
    json(&own.out);
    // What is wrong with the spec does not matter, unless it is no YAML.
    folder.write("half.yaml", "spec: 1\nlabels: [spam, ham]\nlfs:\n  - {name: a, label: sp}\n");
    assert!(folder.run(&["schema", "--spec", "half.yaml"]).code(0).out.contains("\"ham\""));
    folder.write("broken.yaml", "labels: [spam");
    folder.run(&["schema", "--spec", "broken.yaml"]).code(2).says(&["broken.yaml:1"]);
    folder.run(&["schema", "--spec", "gone.yaml"]).code(2).says(&["gone.yaml"]);
}

#[test]
fn a_spec_may_say_where_its_data_are_and_what_its_model_is() {
    let folder = ready();
    std::fs::create_dir(folder.path("specs")).expect("a folder");
    let input = SPEC.replace("text: body", "path: ../data.csv, text: body");
    let model = "model: {use: anchored, strength: 50, solver: em}\n";
    folder.write("specs/spec.yaml", &(input + model));
    folder.run(&["run", "specs/spec.yaml", "-o", "out", "--id", "body"]).code(0);
    let manifest = json(&read(&folder, "out/manifest.json"));
    assert_eq!(manifest["rows"], 5);
    assert_eq!(manifest["settings"]["strength"], 50.0, "{manifest}");
    assert_eq!(manifest["settings"]["solver"], "em");
    // The identifier of the command line goes before that of the spec.
    let csv = ["run", "specs/spec.yaml", "-o", "csv", "--id", "body", "--format", "csv"];
    folder.run(&csv).code(0);
    let labels = read(&folder, "csv/labels.csv");
    assert!(labels.starts_with("body,") && labels.contains("\nmany thanks,"), "{labels}");
}

#[test]
fn shares_in_the_table_are_of_votes_or_of_all_rows() {
    let folder = ready();
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out"]).code(0);
    let of = |what: &str| folder.run(&["report", "out", "--denominator", what]).code(0).out;
    let line = |text: &str| {
        let line = text.lines().find(|line| line.starts_with('│') && line.contains("thanks"));
        line.unwrap_or_else(|| panic!("no line about it in\n{text}")).to_owned()
    };
    let (votes, rows) = (of("votes"), of("rows"));
    assert!(votes.contains("overlap, conflict: of the rows the LF votes on"), "{votes}");
    assert!(rows.contains("overlap, conflict: of all rows"), "{rows}");
    // `thanks` votes on 2 of 5 rows, and on one of them against `link`.
    assert!(line(&votes).contains("50.0 %"), "{votes}");
    assert!(line(&rows).contains("20.0 %"), "{rows}");
}

#[test]
fn effort_for_intervals_can_be_chosen() {
    let folder = ready();
    for (effort, contributions) in [("off", false), ("leave-one-out", true), ("full", true)] {
        let run = ["run", "spec.yaml", "data.csv", "-o", effort, "--uncertainty", effort];
        folder.run(&run).code(0);
        let report = json(&read(&folder, &format!("{effort}/report.json")));
        let text = report.to_string();
        assert_eq!(text.contains("\"contribution\":{"), contributions, "{effort}: {text}");
    }
}

#[test]
fn known_gaps_are_told_and_never_failures() {
    let folder = ready();
    let gaps = "todo_match: [join our newsletter, Subscribe here]";
    folder.write("gaps.yaml", &SPEC.replace("match: [Subscribe now]", gaps));
    let ran = folder.run(&["check", "gaps.yaml"]).code(0);
    for part in [
        "todo gaps.yaml:8: promo abstains on \"join our newsletter\"; a known gap",
        "done gaps.yaml:8: promo votes spam on \"Subscribe here\"; the gap is closed",
    ] {
        assert!(ran.out.contains(part), "{}", ran.out);
    }
}

#[test]
fn kept_votes_are_where_the_system_keeps_such_things() {
    let folder = ready();
    let home = folder.path("home");
    let show = |variables: &[(&str, &std::path::Path)]| {
        let mut command = folder.command(&["cache"]);
        for name in ["JURAT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        crate::cli::Ran::new(&["cache"], &command.output().expect("it starts"))
    };
    for (variables, wanted) in [
        (&[("HOME", home.as_path())][..], home.join(".cache/jurat")),
        (&[("HOME", home.as_path()), ("XDG_CACHE_HOME", &home)], home.join("jurat")),
        (&[("XDG_CACHE_HOME", home.as_path()), ("JURAT_CACHE", &home)], home.clone()),
    ] {
        let ran = show(variables).code(0);
        assert_eq!(ran.out, format!("{}: 0 files, 0.0 MB\n", wanted.display()));
    }
    show(&[]).code(2).says(&["there is no folder for caches; name one with --cache"]);
}

#[test]
fn labels_of_gold_files_are_held_to_a_spec() {
    let folder = ready();
    folder.write("sheet.csv", "row,gold\n0,spam\n");
    folder.write("wrong.csv", "row,gold\n0,spma\n");
    let add = |sheet: &str, spec: &str| {
        folder.run(&["gold", "gold.csv", sheet, "--spec", spec, "--who", "ann"])
    };
    add("sheet.csv", "spec.yaml").code(0).says(&["1 new answers"]);
    add("wrong.csv", "spec.yaml").code(3).says(&["wrong.csv", "spma"]);
    folder.write("other.yaml", &SPEC.replace("spam", "junk"));
    add("sheet.csv", "other.yaml").code(3).says(&["spam"]);
    assert!(!read(&folder, "gold.csv").contains("spma"));
}

#[test]
fn rows_for_a_precision_are_not_drawn_by_other_means() {
    let folder = ready();
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out"]).code(0);
    let review = ["review", "out", "--lf", "promo", "--by", "random"];
    folder.run(&review).code(2).says(&["say --by precision"]);
    folder.run(&["review", "out", "--lf", "promo", "--by", "precision"]).code(0);
    // Where people know everything there is nothing to review.
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "known", "--gold", "gold"]).code(0);
    folder.run(&["review", "known"]).code(1).says(&["all 5 rows have a known label", "--no-gold"]);
}

#[test]
fn names_of_files_in_mistakes_steer_no_terminal() {
    let folder = ready();
    let ran = folder.run(&["run", "spec.yaml", "--\u{1b}[2J"]).code(2);
    assert!(ran.err.contains("unexpected argument") && !ran.err.contains('\u{1b}'), "{}", ran.err);
}

#[test]
fn settings_of_models_are_held_to_their_range() {
    let folder = Folder::new();
    folder.write("votes.csv", "lf:a,lf:b,lf:c\nx,,x\n,y,y\nx,y,x\nx,x,\n");
    let fit = |model: &str, settings: &[&str], out: &str| {
        let mut all = vec!["fit", "votes.csv", "--model", model, "-o", out];
        settings.iter().for_each(|setting| all.extend(["--setting", setting]));
        folder.run(&all)
    };
    for (model, setting, message) in [
        ("snorkel", "start_scale=2", "a number above 0, and at most 1"),
        ("snorkel", "lr=0", "a number above 0, and at most 1"),
        ("snorkel", "solver=newton", "lbfgs or descent"),
        ("snorkel", "abstains=never", "dropped or evidence"),
        ("anchored", "redundancy=-1", "a number from 0 on"),
        ("anchored", "majority_share=2", "a number from 0 to 1"),
        ("anchored", "pool=some", "auto, same or all"),
        ("dawid-skene", "abstain=maybe", "missing, symbol or tempered"),
        ("weighted", "strength=many", "a number above 0"),
    ] {
        fit(model, &[setting], "bad.csv").code(2).says(&[message]);
        assert!(!folder.path("bad.csv").exists(), "{setting}");
    }
    // What is not voted counts where it is said to.
    for abstains in ["abstains=dropped", "abstains=evidence"] {
        fit("snorkel", &[abstains], &format!("{abstains}.csv")).code(0);
    }
    assert_ne!(read(&folder, "abstains=dropped.csv"), read(&folder, "abstains=evidence.csv"));
}

#[test]
fn a_run_that_cannot_be_compared_is_written_and_says_so() {
    let folder = ready();
    let run = |out: &str, more: &[&str]| {
        let mut all = vec!["run", "spec.yaml", "data.csv", "-o", out, "--format", "csv"];
        all.extend(more);
        folder.run(&all).code(0)
    };
    run("out", &[]);
    std::fs::remove_file(folder.path("out/labels.csv")).expect("removed");
    run("new", &["--against", "out"]);
    let report = json(&read(&folder, "new/report.json"));
    let headline = report["changes"]["headline"][0].as_str().unwrap_or_default();
    assert!(headline.starts_with("The runs could not be compared: "), "{headline}");
    assert!(headline.contains("out/labels.csv"), "{headline}");
    assert_eq!(report["changes"]["since"], "out");
}

#[test]
fn labels_for_rows_that_are_not_there_are_told() {
    let folder = ready();
    folder.write("sheet.csv", "row,gold\n0,spam\n99,ham\n");
    folder.run(&["gold", "gold.csv", "sheet.csv", "--spec", "spec.yaml", "--who", "ann"]).code(0);
    let run = ["run", "spec.yaml", "data.csv", "-o", "out", "--gold-file", "gold.csv"];
    folder.run(&run).code(0).says(&["gold.csv: 1 of its 2 labels are for rows that are not there"]);
}
