//! Gates: what passes and what fails, in the library and as a user sees it.

use crate::cli::Folder;
use jurat::input::Table;
use jurat::lf::{Gate, Measure, Side, Subject, Unwatched};
use jurat::report::gates::{check, github, junit};
use jurat::report::{GateResult, GateStatus, Report};
use jurat::{Job, Spec};

/// Ten rows: seven with a vote, one of them with a conflict; `night` has the last four.
const SPEC: &str = "spec: 1
labels: [spam, ham]
input: {text: body, gold: gold}
lfs:
  - {name: promo, label: spam, when: {keyword: [subscribe]}}
  - {name: thanks, label: ham, when: {keyword: [thanks]}}
slices:
  night: {keyword: [night]}
model: {use: majority}
";

const ROWS: [(&str, &str); 10] = [
    ("subscribe", "spam"),
    ("subscribe", "spam"),
    ("subscribe", "ham"),
    ("thanks", "ham"),
    ("nothing", "ham"),
    ("nothing", "ham"),
    ("subscribe thanks night", "ham"),
    ("thanks night", "ham"),
    ("thanks night", "ham"),
    ("night", "ham"),
];

fn data(times: usize, gold: bool) -> String {
    let header = if gold { "body,gold\n" } else { "body\n" };
    let row = |(body, label): &(&str, &str)| {
        if gold { format!("{body},{label}\n") } else { format!("{body}\n") }
    };
    let rows = ROWS.iter().cycle().take(ROWS.len() * times);
    header.to_owned() + &rows.map(row).collect::<String>()
}

fn report(rows: &[(&str, &str)], gold: bool) -> Report {
    let spec = Spec::from_yaml(SPEC, "spec.yaml").expect("valid");
    let mut job = Job::new(&spec).expect("compiles");
    if !gold {
        job.lfs = job.lfs.with_gold(None);
    }
    let table = Table::new()
        .text("body", rows.iter().map(|(body, _)| Some(body)))
        .text("gold", rows.iter().map(|(_, gold)| Some(gold)));
    let mut source = table.open(&job.lfs.fields()).expect("columns");
    job.run(source.as_mut(), &Unwatched).expect("runs").report
}

fn gate(subject: Subject, measure: Measure, side: Side, limit: f64) -> Gate {
    Gate { subject, measure, side, limit }
}

#[test]
fn gates_are_about_the_numbers_of_the_report() {
    let report = report(&ROWS, true);
    // Earlier, `promo` found nothing and all labels were ham.
    let earlier = ROWS.iter().map(|(body, gold)| (body.trim_start_matches("subscribe"), *gold));
    let earlier: Vec<_> = earlier.collect();
    let earlier = self::report(&earlier, true);
    let (all, lf) = (|| Subject::All, |name: &str| Subject::Lf(name.to_owned()));
    let night = || Subject::Slice("night".to_owned());
    let wilson = |right, n| jurat::report::Precision::new(right, n).expect("some").low;
    // Labels: three spam, three ham; the conflict is a tie. One of the six is wrong.
    for (subject, measure, wanted) in [
        (all(), Measure::Coverage, Some(0.7)),
        (all(), Measure::Conflict, Some(0.1)),
        (all(), Measure::Labeled, Some(0.6)),
        (all(), Measure::Precision, Some(wilson(5, 6))),
        (all(), Measure::Drift, Some(0.5)),
        (lf("promo"), Measure::Coverage, Some(0.4)),
        (lf("promo"), Measure::Conflict, Some(0.25)),
        (lf("promo"), Measure::Precision, Some(wilson(2, 4))),
        (lf("promo"), Measure::Drift, Some(0.4)),
        (lf("nobody"), Measure::Coverage, None),
        (night(), Measure::Coverage, Some(0.75)),
        (night(), Measure::Conflict, Some(0.25)),
        (night(), Measure::Labeled, Some(0.5)),
        (night(), Measure::Precision, Some(wilson(2, 2))),
        (night(), Measure::Drift, Some(0.0)),
        (Subject::Slice("day".to_owned()), Measure::Coverage, None),
    ] {
        for side in [Side::AtLeast, Side::AtMost] {
            for limit in [0.0, wanted.unwrap_or(0.5), 1.0] {
                let gate = gate(subject.clone(), measure, side, limit);
                let [result] = &check(&report, &[gate], Some(&earlier))[..] else { panic!() };
                let wanted_status = wanted.map_or(GateStatus::NotChecked, |value| {
                    let holds = if side == Side::AtLeast { value >= limit } else { value <= limit };
                    if holds { GateStatus::Passed } else { GateStatus::Failed }
                });
                let apart = (result.value.unwrap_or(-1.0) - wanted.unwrap_or(-1.0)).abs();
                assert!(apart < 1e-12, "{result:?}");
                assert_eq!(result.status, wanted_status, "{result:?}");
                assert!(!result.reason.is_empty());
            }
        }
    }
}

#[test]
fn what_cannot_be_checked_says_why() {
    let report = report(&ROWS, false);
    for (subject, measure, why) in [
        (Subject::All, Measure::Precision, "there are no labels on gold"),
        (Subject::Lf("promo".to_owned()), Measure::Precision, "no votes on known labels"),
        (Subject::All, Measure::Drift, "no earlier run"),
        (Subject::Lf("promo".to_owned()), Measure::Drift, "no earlier run"),
        (Subject::Slice("night".to_owned()), Measure::Drift, "no earlier run"),
    ] {
        let gate = gate(subject, measure, Side::AtMost, 0.5);
        let [result] = &check(&report, &[gate], None)[..] else { panic!() };
        assert_eq!((result.status, result.value), (GateStatus::NotChecked, None));
        assert!(result.reason.contains(why), "{}", result.reason);
    }
}

/// Reads the XML as far as JUnit needs it, and fails on anything that is not well-formed: elements that
/// do not close, attributes without quotes, stray characters.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut rest =
        xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a head");
    let (mut open, mut found) = (Vec::new(), Vec::new());
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains(['>', '"']) && entities(text), "{text:?}");
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut pairs = Vec::new();
        while let Some((key, more)) = attributes.split_once("=\"") {
            let (value, more) = more.split_once('"').expect("a value ends");
            assert!(!value.contains('<') && entities(value), "{value}");
            pairs.push((key.trim().to_owned(), value.to_owned()));
            attributes = more;
        }
        assert_eq!(attributes.trim(), "");
        found.push((name.to_owned(), pairs));
        if !closed {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest:?}");
    found
}

/// Whether every `&` begins an entity.
fn entities(text: &str) -> bool {
    let control = |c: char| c.is_control() && c != '\n';
    !text.contains(control)
        && text.split('&').skip(1).all(|part| {
            let name = part.split(';').next().unwrap_or_default();
            ["amp", "lt", "gt", "quot", "apos"].contains(&name)
                || name.strip_prefix('#').is_some_and(|n| n.parse::<u32>().is_ok())
        })
}

#[test]
fn outputs_for_machines_cannot_be_broken_by_names() {
    let nasty = "a]]>\"'&amp;<x>%,:\r\n::error::\u{1b}";
    let report = report(&ROWS, false);
    let gates = [
        gate(Subject::Slice(nasty.to_owned()), Measure::Coverage, Side::AtLeast, 0.995),
        gate(Subject::All, Measure::Coverage, Side::AtLeast, 0.8),
        gate(Subject::All, Measure::Coverage, Side::AtLeast, 0.6),
    ];
    let results = check(&report, &gates, None);
    for strict in [false, true] {
        let found = elements(&junit(&results, strict));
        let count = |name: &str| found.iter().filter(|(found, _)| found == name).count();
        assert_eq!((count("testcase"), count("testsuite")), (3, 1));
        let failures = 1 + usize::from(strict);
        assert_eq!((count("failure"), count("skipped")), (failures, 2 - failures));
        let counts = &found[0].1;
        assert!(counts.contains(&("failures".to_owned(), failures.to_string())), "{counts:?}");
        let lines = github(&results, strict);
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(!lines.contains('\r') && lines.lines().all(|line| line.starts_with("::")));
        let first = if strict { "::error title=" } else { "::warning title=" };
        assert!(lines.starts_with(first), "{lines}");
        let wanted = "::error title=gate of labels%3A coverage >= 80%25::coverage is 70.0 %25 (7 of 10 rows)";
        assert_eq!(lines.lines().nth(1), Some(wanted));
    }
    let [_, failed, _] = &results[..] else { panic!() };
    let json = serde_json::to_string(failed).expect("JSON");
    assert_eq!(&serde_json::from_str::<GateResult>(&json).expect("JSON"), failed);
}

#[test]
fn a_run_that_fails_a_gate_is_written_and_exits_with_one() {
    let folder = Folder::new();
    folder.write("data.csv", &data(30, true));
    folder.write("bare.csv", &data(30, false));
    let gates = "gates:
  coverage: [\">= 60%\", \"<= 0.9\"]
  precision: \">= 70%\"
  drift: \"<= 5%\"
  lfs: {promo: {coverage: \">= 50%\"}}
";
    folder.write("spec.yaml", &format!("{SPEC}{gates}"));
    let ran = folder.run(&["run", "spec.yaml", "data.csv", "-o", "out"]).code(1).says(&[
        "error: gate of lf promo: coverage >= 50%: coverage is 40.0 % (120 of 300 rows)",
        "gates: 3 passed, 1 failed, 1 not checked",
        "wrote out",
    ]);
    assert!(ran.out.contains("FAILED") && ran.out.contains("not checked"), "{}", ran.out);
    let again = folder.run(&["gates", "out"]).code(1).says(&["1 failed"]);
    assert!(again.out.contains("lf promo"), "{}", again.out);
    let json = folder.run(&["gates", "out", "--format", "json", "--against", "out"]).code(1).out;
    let results: Vec<GateResult> = serde_json::from_str(&json).expect("JSON");
    let checked: Vec<_> = results.iter().map(|result| result.status).collect();
    let (passed, failed) = (GateStatus::Passed, GateStatus::Failed);
    assert_eq!(checked, [passed, passed, passed, passed, failed]);
    elements(&folder.run(&["gates", "out", "--format", "junit"]).code(1).out);

    folder.write("spec.yaml", &format!("{SPEC}{}", gates.replace("50%", "30%")));
    let run = ["run", "spec.yaml", "data.csv", "-o", "good"];
    folder.run(&[&run[..], &["--strict-gates"]].concat()).code(1).says(&["no earlier run"]);
    let again = [&run[..], &["--overwrite", "--against", "out", "--strict-gates"]].concat();
    folder.run(&again).code(0).says(&["gates: 5 passed, 0 failed, 0 not checked"]);
    // Without gold labels nothing is known of precision, which is no failure by itself.
    let bare = ["run", "spec.yaml", "bare.csv", "-o", "bare", "--no-gold"];
    folder.run(&bare).code(0).says(&["3 passed, 0 failed, 2 not checked"]);
    folder.run(&["gates", "bare", "--strict-gates", "-q"]).code(1).says(&["no labels on gold"]);
    assert_eq!(folder.run(&["gates", "bare", "--format", "github"]).code(0).out.lines().count(), 2);

    folder.run(&["gates"]).code(2);
    folder.run(&["gates", "--from", "good", "--against", "out"]).code(2);
    folder.run(&["gates", "nowhere"]).code(2).says(&["nowhere is not a run directory"]);
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "new", "--against", "nowhere"]).code(2);
    assert!(!folder.path("new").exists());
}

#[test]
fn gates_from_a_run_are_passed_by_it() {
    let folder = Folder::new();
    let odd = SPEC
        .replace("night:", "\"late: 'night' # 100%\":")
        .replace("thanks, label", "'1.5', label");
    for (times, spec) in [(1, SPEC), (30, SPEC), (30, &odd), (400, SPEC)] {
        folder.write("data.csv", &data(times, true));
        folder.write("spec.yaml", spec);
        folder.run(&["run", "spec.yaml", "data.csv", "-o", "good", "--overwrite"]).code(0);
        let gates = folder.run(&["gates", "--from", "good"]).code(0).out;
        assert!(gates.starts_with("gates:\n  coverage: \">= "), "{gates}");
        folder.write("spec.yaml", &format!("{spec}{gates}"));
        let pasted = ["run", "spec.yaml", "data.csv", "-o", "again", "--against", "good"];
        folder.run(&[&pasted[..], &["--strict-gates", "--overwrite"]].concat()).code(0);
        if times == 30 {
            assert!(
                gates.contains("slices:") && gates.contains("promo: {coverage: \">= 3"),
                "{gates}"
            );
        }
    }
}
