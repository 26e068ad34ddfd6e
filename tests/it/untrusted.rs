//! Names and texts that steer terminals, turn text around and are markup, wherever they can come from: they
//! are shown, and do nothing.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::print_stdout, reason = "what was tried, and how often")]

use crate::cli::Folder;
use crate::hostile::limited;

/// What nobody should see as it is: it steers terminals, turns text around, and is markup everywhere.
const EVIL: &str = "x\u{1b}]0;t\u{7}\u{1b}[32m\u{9b}2J\u{202e}\u{200b}<script>alert(1)</script>|`@ann`[a](http://b)&\"' %0A::error::e ]]>";

/// What must not be in anything that is shown on a terminal.
fn assert_shown(what: &str, text: &str) {
    let hidden = |c: char| c.is_control() && !"\n\t".contains(c) || "\u{202e}\u{200b}".contains(c);
    let at = text.find(hidden);
    assert!(
        at.is_none(),
        "{what}: {:?}",
        at.map(|at| text[at.saturating_sub(60)..].chars().take(120).collect::<String>())
    );
}

/// The text as a scalar of YAML.
fn quoted(text: &str) -> String {
    let escape = |c: char| {
        if c.is_ascii_graphic() && !"\"\\".contains(c) || c == ' ' {
            c.to_string()
        } else {
            format!("\\U{:08X}", u32::from(c))
        }
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// A folder where every name is evil: columns, identifiers, labels, labeling functions, files.
fn evil() -> Folder {
    let folder = Folder::new();
    let q = |name: &str| quoted(&format!("{name}{EVIL}"));
    let spec = format!(
        "spec: 1\nlabels: [{spam}, {ham}]\ninput: {{text: {body}, id: {id}, gold: {gold}}}\n\
         lfs:\n- {{name: promo, label: {spam}, when: {{keyword: [{ham}, subscribe]}}, why: {why}, \
         owner: {why}, tags: [{why}], examples: {{match: [{why}]}}}}\n\
         - {{name: thanks, label: {ham}, when: {{keyword: [thanks, {spam}]}}}}\n\
         - {{name: odd, label: {ham}, when: {{regex: 'scr.pt'}}}}\n\
         slices: {{odd: {{keyword: [thanks]}}}}\n\
         gates: {{coverage: \">= 99%\", conflict: \"<= 0%\"}}\n",
        spam = q("spam"),
        ham = q("ham"),
        body = q("body"),
        id = q("id"),
        gold = q("gold"),
        why = q("why"),
    );
    folder.write(SPEC_FILE, &spec);
    let cell = |text: &str| format!("\"{}\"", format!("{text}{EVIL}").replace('"', "\"\""));
    let mut data = [cell("id"), cell("body"), cell("gold")].join(",") + "\n";
    for row in 0..40 {
        let (text, gold) =
            if row % 2 == 0 { ("subscribe ", "spam") } else { ("many thanks ", "ham") };
        data += &([cell(&row.to_string()), cell(text), cell(gold)].join(",") + "\n");
    }
    folder.write(DATA_FILE, &data);
    folder
}

const SPEC_FILE: &str = "sp\u{1b}[2J\u{202e}ec.yaml";
const DATA_FILE: &str = "da\u{1b}[2J\u{202e}ta.csv";

/// Gives a labeling function and a slice of a run evil names, as whoever hands over a run directory may.
fn taint(folder: &Folder, out: &str) {
    let path = folder.path(out).join("report.json");
    let report = std::fs::read_to_string(&path).expect("a report");
    let named = |name: &str| serde_json::to_string(&format!("{name}{EVIL}")).expect("text");
    let report = report.replace("\"promo\"", &named("promo")).replace("\"odd\"", &named("odd"));
    std::fs::write(path, report).expect("written");
}

#[test]
fn terminals_show_what_is_hidden() {
    let folder = evil();
    let row = format!("7{EVIL}");
    let lf = "promo";
    let evil_lf = format!("promo{EVIL}");
    let run = |arguments: &[&str], code: i32| {
        let ran = limited(&folder, arguments);
        println!("{}\n{}", ran.out, ran.err);
        let what = arguments.join(" ");
        let ran = ran.code(code);
        assert_shown(&what, &ran.out);
        assert_shown(&what, &ran.err);
    };
    run(&["run", SPEC_FILE, DATA_FILE, "-o", "out\u{1b}[2J"], 1);
    let out = "out\u{1b}[2J";
    run(
        &[
            "run",
            SPEC_FILE,
            DATA_FILE,
            "-o",
            "two",
            "--profile",
            "--uncertainty",
            "full",
            "--against",
            out,
        ],
        1,
    );
    run(&["check", SPEC_FILE, DATA_FILE], 2);
    run(&["preview", SPEC_FILE, DATA_FILE, "--lf", lf], 0);
    run(&["preview", SPEC_FILE, DATA_FILE, "--lf", lf, "--format", "json"], 0);
    run(&["preview", SPEC_FILE, DATA_FILE, "--lf", "nix\u{1b}[2J"], 2);
    for format in ["table", "markdown", "json", "html"] {
        run(&["report", out, "--report", format], 0);
    }
    for format in ["table", "json", "html"] {
        run(&["explain", out, &row, "--format", format], 0);
        run(&["explain", out, "--lf", lf, "--format", format], 0);
    }
    for format in ["table", "json", "markdown"] {
        run(&["diff", out, "two", "--format", format], 0);
    }
    for format in ["table", "json", "junit", "github"] {
        run(&["gates", out, "--format", format], 1);
    }
    run(&["gates", "--from", out], 0);
    taint(&folder, "two");
    for format in ["table", "markdown", "json", "html"] {
        run(&["report", "two", "--report", format], 0);
    }
    for format in ["table", "json", "html"] {
        run(&["explain", "two", "--lf", &evil_lf, "--format", format], 0);
    }
    run(&["explain", "two", "--lf", "x"], 2);
    run(&["gates", "--from", "two"], 0);
    run(&["explain", out, "no\u{1b}[2J"], 2);
    run(&["report", "no\u{1b}[2J"], 2);
    run(&["check", "--no\u{1b}[2J"], 2);
    run(&["run", SPEC_FILE, "no\u{1b}[2J.csv", "-o", "no"], 3);
    folder.write(
        "wrong.csv",
        &std::fs::read_to_string(folder.path(DATA_FILE))
            .expect("there")
            .replace("ham", "\u{1b}[2Jhma"),
    );
    run(&["run", SPEC_FILE, "wrong.csv", "-o", "no"], 3);
    folder.write("gold.csv", "row,id,gold,who,when\n1,,x\u{1b}[2J,ann\u{202e},\u{7}\n");
    run(&["gold", "gold.csv", "--run", out], 3);
    run(&["fit", DATA_FILE, "--out", "labels.csv"], 3);
}

/// In color nothing but our own colors are escapes.
#[test]
fn colors_come_from_nobody_else() {
    use jurat::job::Run;
    let folder = evil();
    for out in ["one", "two"] {
        limited(&folder, &["run", SPEC_FILE, DATA_FILE, "-o", out]).code(1);
        taint(&folder, out);
    }
    let [one, two] = ["one", "two"].map(|out| Run::open(folder.path(out)).expect("a run"));
    let report = one.report().expect("a report");
    let style = jurat::report::Style { width: 120, color: true, denominator: Default::default() };
    let data = [folder.path(DATA_FILE).display().to_string()];
    let explained = one
        .explain("7", &data, Default::default())
        .or_else(|_| one.explain(&format!("7{EVIL}"), &data, Default::default()));
    let diff = jurat::diff::Diff::new(&one, &two).expect("comparable");
    for (what, drawn) in [
        ("report", jurat::report::terminal(&report, style)),
        ("gates", jurat::report::terminal_gates(&report, style)),
        ("portrait", report.portrait(0, true)),
        ("explanation", explained.expect("a row").terminal(true)),
        ("diff", jurat::diff::terminal(&diff, style)),
    ] {
        assert!(drawn.contains("\u{1b}[") || what == "gates", "{what}");
        let ours = drawn.split('\u{1b}').skip(1).all(|code| {
            code.starts_with('[') && !code.starts_with("[32mx") && !code.starts_with("[32m⟨")
        });
        assert!(ours && !drawn.contains("\u{1b}]"), "{what}: {drawn:?}");
        let plain: String = drawn
            .split('\u{1b}')
            .enumerate()
            .map(
                |(at, part)| {
                    if at == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) }
                },
            )
            .collect();
        assert_shown(what, &plain);
    }
}

#[test]
fn pages_comments_and_annotations_hold_no_markup_of_others() {
    let folder = evil();
    limited(&folder, &["run", SPEC_FILE, DATA_FILE, "-o", "one"]).code(1);
    limited(&folder, &["run", SPEC_FILE, DATA_FILE, "-o", "two", "--against", "one"]).code(1);
    let row = format!("7{EVIL}");
    let page = std::fs::read_to_string(folder.path("two/report.html")).expect("a page");
    let explained = limited(&folder, &["explain", "two", &row, "--format", "html"]).code(0).out;
    for page in [page, explained] {
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
        // The only scripts are the ones that the policy names by their hashes.
        assert!(page.matches("<script").count() <= 2, "{}", page.matches("<script").count());
        assert!(!page.contains("href=\"http://b") && !page.contains("]]>"));
    }
    for arguments in [
        &["report", "two", "--report", "markdown"][..],
        &["diff", "one", "two", "--format", "markdown"],
    ] {
        let text = limited(&folder, arguments).code(0).out;
        let plain: String = text.split('`').step_by(2).collect();
        assert!(text.split('`').count() % 2 == 1, "{text}");
        for markup in ["<script", "@ann", "http://", "[a]("] {
            let escaped = plain.replace("\\[a](", "");
            assert!(!escaped.contains(markup), "{markup}: {text}");
        }
        for line in text.lines().filter(|line| line.starts_with("| ---")) {
            let columns = line.matches('|').count();
            let before = text.lines().take_while(|other| *other != line).last().unwrap_or_default();
            assert_eq!(before.replace("\\|", "").matches('|').count(), columns, "{before}");
        }
    }
    let github = limited(&folder, &["gates", "two", "--format", "github"]).code(1).out;
    assert!(github.lines().count() > 0);
    for line in github.lines() {
        assert!(line.starts_with("::error title="), "{line}");
        assert!(!line.contains(" %0A"), "{line}");
    }
    let junit = limited(&folder, &["gates", "two", "--format", "junit"]).code(1).out;
    assert!(!junit.contains("<script") && !junit.contains("]]>"), "{junit}");
}
