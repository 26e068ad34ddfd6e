//! `explain`, `preview` and `watch`, and what may not be shown.

use super::cli::{Folder, ready};
use serde_json::Value;

fn run(folder: &Folder, more: &[&str]) {
    let arguments = ["run", "spec.yaml", "data.csv", "-o", "out", "--gold", "gold", "--overwrite"];
    folder.run(&[&arguments, more].concat()).code(0);
}

#[test]
fn a_row_is_explained_by_identifier_and_by_number() {
    let folder = ready();
    run(&folder, &[]);
    let by_id = folder.run(&["explain", "out", "c"]).code(0);
    for part in ["row 2 · c", "gold   ham", "[thanks]", "[https://]", "together", "Without thanks"]
    {
        assert!(by_id.out.contains(part), "no `{part}` in\n{}", by_id.out);
    }
    assert_eq!(folder.run(&["explain", "out", "2"]).code(0).out, by_id.out);
    let json = folder.run(&["explain", "out", "c", "--format", "json"]).code(0);
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    let ledger = &json["example"]["ledger"];
    let sum = |class: usize| -> f64 {
        let votes = ledger["votes"].as_array().expect("votes");
        let added = votes.iter().map(|vote| vote["scores"][class].as_f64().expect("a number"));
        added.sum::<f64>() + ledger["start"][class].as_f64().expect("a number")
    };
    let p = |class: usize| ledger["posterior"][class].as_f64().expect("a number");
    assert!((sum(0) - sum(1) - (p(0) / p(1)).ln()).abs() < 1e-9, "{ledger}");
    let page = folder.run(&["explain", "out", "c", "--format", "html"]).code(0);
    assert!(page.out.starts_with("<!doctype html>") && page.out.contains("thanks<sup>"));
    let uncovered = folder.run(&["explain", "out", "e"]).code(0);
    assert!(uncovered.out.contains("No labeling function votes"), "{}", uncovered.out);
}

#[test]
fn a_labeling_function_is_explained() {
    let folder = ready();
    run(&folder, &[]);
    let about = folder.run(&["explain", "out", "--lf", "link"]).code(0);
    for part in ["link", "others contradict", "1 of 1 rows", "https://", "right on gold"] {
        assert!(about.out.contains(part), "no `{part}` in\n{}", about.out);
    }
}

#[test]
fn what_is_not_there_is_said() {
    let folder = ready();
    run(&folder, &[]);
    folder.run(&["explain", "out", "zzz"]).code(2).says(&["no row `zzz`", "`id`", "from 0 to 4"]);
    folder
        .run(&["explain", "out", "--lf", "lnik"])
        .code(2)
        .says(&["`lnik`", "did you mean `link`"]);
    folder.run(&["explain", "spec.yaml", "a"]).code(2).says(&["not a run directory"]);
    folder.run(&["preview", "spec.yaml", "data.csv", "--lf", "promos"]).code(2).says(&["`promo`"]);
    std::fs::remove_file(folder.path("data.csv")).expect("removed");
    folder.run(&["explain", "out", "a"]).code(3).says(&["data.csv"]);
}

#[test]
fn a_row_that_changed_since_is_said_to_have_changed() {
    let folder = ready();
    run(&folder, &[]);
    let data = std::fs::read_to_string(folder.path("data.csv")).expect("data");
    folder.write("data.csv", &data.replace("many thanks", "many regrets"));
    let explained = folder.run(&["explain", "out", "b"]).code(0);
    assert!(
        explained.out.contains("no longer") && explained.out.contains("thanks voted otherwise")
    );
    // Also where all votes are as they were: it may be another row.
    folder.write("data.csv", &data.replace("many thanks", "no thanks"));
    let explained = folder.run(&["explain", "out", "b"]).code(0);
    assert!(explained.out.contains("its cells are other ones"), "{}", explained.out);
    let elsewhere = folder.path("old.csv");
    std::fs::write(&elsewhere, &data).expect("written");
    let explained = folder.run(&["explain", "out", "b", "--data", "old.csv"]).code(0);
    assert!(explained.out.contains("[thanks]") && !explained.out.contains("no longer"));
}

#[test]
fn a_preview_counts_marks_and_finds_what_is_missed() {
    let folder = Folder::new();
    folder.write(
        "spec.yaml",
        "spec: 1\nlabels: [a, b]\nlfs:\n  - {name: chest, label: a, when: {keyword: [chest pain]}}\n  - {name: \
         mild, label: b, when: {keyword: [mild]}}\n",
    );
    let mut data = "text\n".to_owned();
    for row in 0..400 {
        data += match row % 20 {
            0..4 => "chest pain radiating to arm sweating\n",
            9 => "mild cough since monday\n",
            4..8 => "mild chest pain sweating\n",
            8 => "thoracic pressure radiating to arm sweating\n",
            _ => "sprained ankle in the garden\n",
        };
    }
    folder.write("data.csv", &data);
    let preview = folder
        .run(&["preview", "spec.yaml", "data.csv", "--lf", "chest", "--format", "json"])
        .code(0);
    let preview: Value = serde_json::from_str(&preview.out).expect("JSON");
    assert_eq!(preview["lf"]["coverage"]["count"], 160);
    assert_eq!(preview["others"][0]["name"], "mild");
    assert_eq!(
        (&preview["others"][0]["both"], &preview["others"][0]["conflict"]["count"]),
        (&80.into(), &80.into())
    );
    assert_eq!(preview["conflicts"].as_array().map(Vec::len), Some(4));
    let term = &preview["lf"]["terms"]["terms"][0];
    assert_eq!((&term["rows"]["count"], &term["learned_accuracy"]), (&160.into(), &Value::Null));
    let missed = preview["missed"].as_array().expect("a list");
    assert!(!missed.is_empty());
    for row in missed {
        let text = row["cells"][0]["text"].as_str().expect("a text");
        assert_eq!(text, "thoracic pressure radiating to arm sweating");
        assert!(row["cells"][0]["marks"].as_array().is_some_and(|marks| marks.len() >= 2));
    }
    let drawn = folder.run(&["preview", "spec.yaml", "data.csv", "--lf", "chest"]).code(0);
    for part in [
        "votes on 160 of 400 rows (40.0 %)",
        "[chest pain]",
        "misses that look alike",
        "[sweating]",
    ] {
        assert!(drawn.out.contains(part), "no `{part}` in\n{}", drawn.out);
    }
    // A first labeling function that does not vote yet is where one wants to look.
    for (rows, said) in [("ankle\nwrist\n", "votes on 0 of 2 rows"), ("", "votes on 0 of 0 rows")] {
        folder.write("other.csv", &format!("text\n{rows}"));
        let drawn = folder.run(&["preview", "spec.yaml", "other.csv", "--lf", "chest"]).code(0);
        assert!(drawn.out.contains(said), "{}", drawn.out);
    }
}

/// Names and numbers that stand in rows and nowhere in the spec.
const SECRETS: [&str; 3] = ["Zanzibar", "zanzibar", "4711"];

fn private() -> Folder {
    let folder = Folder::new();
    folder.write(
        "spec.yaml",
        "spec: 1\nlabels: [spam, ham]\ninput: {text: body, id: id}\nlfs:\n  - {name: promo, label: spam, when: \
         {keyword: [subscribe, giveaway]}}\n  - {name: number, label: ham, when: {regex: '\\d+'}}\n  - {name: name, \
         label: ham, when: {regex: '(?i)zan\\w+'}}\n",
    );
    let mut data = "id,body,gold\n".to_owned();
    for row in 0..60 {
        let (body, gold) = match row % 3 {
            0 => ("Subscribe now says Zanzibar", "spam"),
            1 => ("call Zanzibar at 4711 about the giveaway", "ham"),
            _ => ("Zanzibar has nothing", "ham"),
        };
        data += &format!("Zanzibar-{row},{body},{gold}\n");
    }
    folder.write("data.csv", &data);
    folder
}

fn is_clean(text: &str, what: &str) {
    for secret in SECRETS {
        if let Some(at) = text.find(secret) {
            let start = text[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            panic!("{secret} in {what}: …{}", &text[start..at + secret.len()]);
        }
    }
}

#[test]
fn what_may_not_be_shown_is_in_no_output() {
    for (flag, privacy) in [("--redact", "redacted"), ("--no-examples", "no-examples")] {
        let folder = private();
        let ran = folder
            .run(&[
                "run",
                "spec.yaml",
                "data.csv",
                "-o",
                "out",
                "--gold",
                "gold",
                "--format",
                "csv",
                flag,
            ])
            .code(0);
        is_clean(&(ran.out + &ran.err), "the report on standard output");
        for file in
            ["report.json", "report.html", "manifest.json", "model.json", "votes.csv", "rows.csv"]
        {
            let text = std::fs::read_to_string(folder.path("out").join(file)).expect("written");
            if file == "votes.csv" {
                assert!(text.contains("Zanzibar-7"), "rows keep their identifiers in the tables");
                continue;
            }
            is_clean(&text, file);
        }
        let manifest = std::fs::read_to_string(folder.path("out/manifest.json")).expect("written");
        assert!(manifest.contains(&format!("\"privacy\": \"{privacy}\"")), "{manifest}");
        folder
            .run(&["run", "spec.yaml", "data.csv", "-o", "more", "--trust", "promo=0.99", flag])
            .code(0);
        // Whoever comes back to the run is held to it without saying so again.
        for arguments in [
            &["explain", "out", "4"][..],
            &["explain", "out", "4", "--format", "json"],
            &["explain", "out", "4", "--format", "html"],
            &["explain", "out", "--lf", "name"],
            &["explain", "out", "--lf", "number", "--format", "json"],
            &["report", "out"],
            &["report", "out", "--report", "html"],
            &["report", "out", "--report", "markdown"],
            &["diff", "out", "more"],
            &["diff", "out", "more", "--format", "json"],
            &["preview", "spec.yaml", "data.csv", "--lf", "name", flag],
            &["preview", "spec.yaml", "data.csv", "--lf", "name", "--format", "json", flag],
        ] {
            let ran = folder.run(arguments).code(0);
            is_clean(&(ran.out + &ran.err), &arguments.join(" "));
        }
        let diff = folder.run(&["diff", "out", "more", "--format", "json"]).code(0);
        let diff: Value = serde_json::from_str(&diff.out).expect("JSON");
        let shown = diff["causes"][0]["examples"].as_array().expect("causes").len();
        assert_eq!(shown > 0, flag == "--redact", "{diff}");
    }
}

#[test]
fn a_cell_that_is_wrong_is_not_quoted_either() {
    let folder = private();
    let data = std::fs::read_to_string(folder.path("data.csv")).expect("data");
    folder.write("data.csv", &(data.clone() + "Zanzibar-60,Zanzibar,Zanzibar\n"));
    let run = ["run", "spec.yaml", "data.csv", "-o", "out", "--gold", "gold"];
    folder.run(&run).code(3).says(&["data row 61", "`gold`", "Zanzibar"]);
    for flag in ["--redact", "--no-examples"] {
        let ran =
            folder.run(&[&run[..], &[flag]].concat()).code(3).says(&["data row 61", "`gold`"]);
        is_clean(&ran.err, flag);
    }
    // Nor by those who come back to a run that shows no rows.
    folder.write("data.csv", &data);
    folder.run(&[&run[..], &["--redact"]].concat()).code(0);
    folder.write("data.csv", &data.replace("Zanzibar has nothing,ham", "nothing,Zanzibar"));
    let ran = folder.run(&["explain", "out", "2"]).code(3).says(&["`gold`"]);
    is_clean(&ran.err, "explain");
}

#[test]
fn a_run_with_rows_can_be_shown_without_them() {
    let folder = private();
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out", "--gold", "gold"]).code(0);
    let open = folder.run(&["report", "out", "--report", "html"]).code(0);
    assert!(open.out.contains("Zanzibar"));
    for flag in ["--redact", "--no-examples"] {
        for format in ["html", "json", "markdown", "table"] {
            let ran = folder.run(&["report", "out", "--report", format, flag]).code(0);
            is_clean(&ran.out, format);
        }
        is_clean(&folder.run(&["explain", "out", "1", flag]).code(0).out, "explain");
        is_clean(
            &folder.run(&["explain", "out", "--lf", "name", flag]).code(0).out,
            "explain --lf",
        );
        // The page of a row has all labeling functions on it, with what is to be done with them.
        for arguments in [&["1"][..], &["--lf", "name"]] {
            let page = [&["explain", "out", "--format", "html", flag], arguments].concat();
            is_clean(&folder.run(&page).code(0).out, "explain --format html");
        }
    }
    let redacted = folder.run(&["explain", "out", "1", "--redact"]).code(0);
    assert!(
        redacted.out.contains("[giveaway]") && redacted.out.contains("xxxx"),
        "{}",
        redacted.out
    );
}

/// What rows say is shown as text: it does not steer terminals, nor draw images in Markdown.
#[test]
fn rows_cannot_steer_those_who_look_at_them() {
    let folder = Folder::new();
    folder.write(
        "spec.yaml",
        "spec: 1\nlabels: [spam, ham]\ninput: {text: body, id: id}\nlfs:\n  - {name: call, label: spam, when: \
         {regex: '(?s)call \\S+'}}\n  - {name: promo, label: ham, when: {keyword: [promo]}}\n  - {name: sale, \
         label: ham, when: {keyword: [sale]}}\n",
    );
    let mut data = "id,body\n".to_owned();
    for row in 0..60 {
        let body = match row % 2 {
            0 => "call me",
            _ => "call \u{1b}[31m\u{202e}![x](https://example.com/x) promo sale",
        };
        data += &format!("\u{1b}[31m{row},{body}\n");
    }
    folder.write("data.csv", &data);
    let ran = folder.run(&["run", "spec.yaml", "data.csv", "-o", "out"]).code(0);
    assert!(ran.out.contains("doubtful") && ran.out.contains("␛[31m⟨U+202E⟩"), "{}", ran.out);
    folder.write(
        "other.yaml",
        &std::fs::read_to_string(folder.path("spec.yaml"))
            .expect("spec")
            .replace("promo]", "none]"),
    );
    folder.run(&["run", "other.yaml", "data.csv", "-o", "other"]).code(0);
    for arguments in [
        &["report", "out"][..],
        &["report", "out", "--report", "markdown"],
        &["explain", "out", "1"],
        &["explain", "out", "--lf", "call"],
        &["preview", "spec.yaml", "data.csv", "--lf", "call"],
        &["diff", "out", "other"],
        &["diff", "out", "other", "--format", "markdown"],
    ] {
        let shown = folder.run(arguments).code(0).out;
        let steers = |c: char| c == '\u{1b}' || c == '\u{202e}';
        assert!(!shown.contains(steers), "{arguments:?}: {shown:?}");
        assert!(!arguments.contains(&"markdown") || !shown.contains("![x]"), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn watch_previews_what_was_edited_and_says_what_is_wrong() {
    use std::io::Read;
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    let folder = ready();
    let mut command = folder.command(&["watch", "spec.yaml", "data.csv"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let listen = |mut pipe: Box<dyn Read + Send>| {
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                if send.send(String::from_utf8_lossy(&buffer[..n]).into_owned()).is_err() {
                    break;
                }
            }
        });
        receive
    };
    let out = listen(Box::new(child.stdout.take().expect("piped")));
    let err = listen(Box::new(child.stderr.take().expect("piped")));
    let wait = |from: &std::sync::mpsc::Receiver<String>, part: &str| {
        let (start, mut seen) = (Instant::now(), String::new());
        while !seen.contains(part) {
            assert!(start.elapsed() < Duration::from_mins(1), "no `{part}` in\n{seen}");
            seen += &from.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
        }
        seen
    };
    wait(&err, "watching");
    let spec = std::fs::read_to_string(folder.path("spec.yaml")).expect("a spec");
    folder.write("spec.yaml", &spec.replace("[thanks]", "[thanks, nothing]"));
    let shown = wait(&out, "[nothing]");
    assert!(shown.contains("thanks votes on 3 of 5 rows"), "{shown}");
    assert!(!shown.contains("promo votes on"), "only what was edited: {shown}");
    folder.write("spec.yaml", &spec.replace("keyword: [thanks]", "keywrd: [thanks]"));
    wait(&err, "did you mean `keyword`");
    // After many edits the first few are previewed.
    let more: String = (0..4)
        .map(|n| format!("  - {{name: new-{n}, label: ham, when: {{keyword: [many]}}}}\n"))
        .collect();
    folder.write("spec.yaml", &(spec.replace("[thanks]", "[thanks, nothing]") + &more));
    let shown = wait(&out, "new-2 votes on 1 of 5 rows");
    assert!(!shown.contains("new-3 votes on"), "{shown}");
    wait(&err, "1 more labeling functions changed");
    let stopped =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(stopped.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_report_says_what_changed_since_an_earlier_run() {
    let folder = ready();
    run(&folder, &[]);
    let spec = std::fs::read_to_string(folder.path("spec.yaml")).expect("a spec");
    folder.write("spec.yaml", &spec.replace("[thanks]", "[thanks, nothing]"));
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "new", "--against", "out"]).code(0);
    let changes =
        |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["changes"].clone();
    let written = std::fs::read_to_string(folder.path("new/report.json")).expect("written");
    let written = changes(&written);
    let thanks = &written["lfs"][0];
    assert_eq!((&thanks["name"], &thanks["gained"]), (&"thanks".into(), &1.into()));
    let diff = folder.run(&["diff", "out", "new", "--format", "json"]).code(0);
    let diff: Value = serde_json::from_str(&diff.out).expect("JSON");
    assert_eq!((&written["changed"], &written["headline"]), (&diff["changed"], &diff["headline"]));
    assert!(written["changed"]["count"].as_u64() > Some(0));
    let page = std::fs::read_to_string(folder.path("new/report.html")).expect("written");
    assert!(page.contains("id=changes") && page.contains("Since the run in out"));
    // Whether it is said at once or later is the same, and so for a run that is replaced.
    let later = folder.run(&["report", "new", "--report", "json", "--against", "out"]).code(0);
    assert_eq!(changes(&later.out), written);
    let replaced = ["run", "spec.yaml", "data.csv", "-o", "out", "--overwrite", "--against", "out"];
    folder.run(&replaced).code(0);
    let replaced = std::fs::read_to_string(folder.path("out/report.json")).expect("written");
    assert_eq!(changes(&replaced), written);
}
