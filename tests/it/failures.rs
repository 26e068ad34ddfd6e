//! What goes wrong with labeling functions in practice, planted: each mistake gets the finding that
//! names it, and the verdict that says what to do.

use super::models::Random;
use jurat::input::Table;
use jurat::lf::Unwatched;
use jurat::report::{Action, Finding, Privacy, Report, html};
use jurat::{Job, Spec};

/// Rows whose words tell their class, more or less, and known labels of them.
struct Rows {
    texts: Vec<String>,
    gold: Vec<&'static str>,
}

/// Spam has the words `s0` … `s5`, ham `h0` … `h5`; each stands in 35 % of the rows of its class and in
/// 3 % of the others. Besides: `half` in half of the rows, `late` in 4 % of spam and 30 % of ham, and `t0 t1
/// t2`, which mostly come together, in a tenth of both.
fn rows(n: usize) -> Rows {
    let mut random = Random(7);
    let (mut texts, mut gold) = (Vec::new(), Vec::new());
    for row in 0..n {
        let spam = row % 2 == 0;
        let mut words = vec!["text".to_owned()];
        for at in 0..6 {
            for (letter, own) in [("s", spam), ("h", !spam)] {
                if random.next() < if own { 0.35 } else { 0.03 } {
                    words.push(format!("{letter}{at}"));
                }
            }
        }
        if random.next() < 0.5 {
            words.push("half".to_owned());
        }
        if random.next() < if spam { 0.04 } else { 0.3 } {
            words.push("late".to_owned());
        }
        if random.next() < 0.1 {
            for at in 0..3 {
                if random.next() < 0.75 {
                    words.push(format!("t{at}"));
                }
            }
        }
        texts.push(words.join(" "));
        gold.push(if spam { "spam" } else { "ham" });
    }
    Rows { texts, gold }
}

/// Six honest labeling functions, and what a case adds.
fn spec(labels: &str, gold: bool, more: &str) -> String {
    let mut spec = format!("spec: 1\nlabels: [{labels}]\ninput: {{text: text");
    spec += if gold { ", gold: gold}\nlfs:\n" } else { "}\nlfs:\n" };
    for at in 0..3 {
        for (letter, label) in [("s", "spam"), ("h", "ham")] {
            spec += &format!(
                "  - {{name: {label}-{at}, label: {label}, when: {{keyword: [{letter}{at}]}}}}\n"
            );
        }
    }
    spec + more
}

fn report(labels: &str, gold: bool, more: &str, rows: &Rows) -> Report {
    let spec = Spec::from_yaml(&spec(labels, gold, more), "spec.yaml").expect("a spec");
    let job = Job::new(&spec).expect("it compiles");
    let table = Table::new()
        .text("text", rows.texts.iter().map(|text| Some(text.as_str())))
        .text("gold", rows.gold.iter().map(|label| Some(*label)));
    let mut source = table.open(&job.lfs.fields()).expect("the columns are there");
    let mut outcome = job.run(source.as_mut(), &Unwatched).expect("it runs");
    job.illustrate(&mut outcome, &table, Privacy::Full).expect("it can be read again");
    outcome.report
}

fn found<'a>(report: &'a Report, code: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

fn action(report: &Report, lf: &str) -> Action {
    let lf = report.lfs.iter().find(|known| known.name == lf).expect("it is there");
    lf.verdict.as_ref().expect("a verdict").action
}

const SPAM: &str = "spam, ham";

#[test]
fn honest_labeling_functions_are_kept() {
    let report = report(SPAM, true, "", &rows(4000));
    for lf in &report.lfs {
        let verdict = lf.verdict.as_ref().expect("a verdict");
        assert_eq!(verdict.action, Action::Keep, "{}: {}", lf.name, verdict.reason);
        assert_eq!(verdict.proof.len(), 3, "{}", lf.name);
        for &place in &verdict.proof {
            let votes = &report.examples.rows[place].ledger.votes;
            assert!(votes.iter().any(|vote| vote.name == lf.name), "{}", lf.name);
        }
    }
    for code in ["duplicate", "subsumed", "always-votes", "doubtful-term", "dependent-group"] {
        assert!(found(&report, code).is_empty(), "{:?}", found(&report, code));
    }
}

/// A case: what is added to the spec, the finding, whom it is about, what it says, and what to do.
type Case = (&'static str, &'static str, &'static str, &'static str, Option<Action>);

#[test]
fn each_mistake_has_its_name() {
    let cases: [Case; 7] = [
        (
            "  - {name: again, label: spam, when: {regex: '\\bs0\\b'}}\n",
            "duplicate",
            "again",
            "`spam-0`",
            Some(Action::Retire),
        ),
        (
            "  - {name: part, label: spam, when: {all: [{keyword: [s0]}, {keyword: [half]}]}}\n",
            "subsumed",
            "part",
            "only where `spam-0` votes the same",
            None,
        ),
        (
            "  - {name: turned, label: ham, when: {keyword: [s4]}}\n",
            "inverted",
            "turned",
            "check its label",
            Some(Action::Retire),
        ),
        (
            "  - {name: silent, label: spam, when: {keyword: [no such word]}}\n",
            "never-votes",
            "silent",
            "spelling",
            Some(Action::Retire),
        ),
        (
            "  - {name: loud, label: spam, when: {regex: 'text'}}\n",
            "always-votes",
            "loud",
            "class_balance",
            Some(Action::Narrow),
        ),
        (
            "  - {name: one, label: spam, when: {keyword: [t0]}}\n  - {name: two, label: spam, when: {keyword: \
             [t1]}}\n  - {name: three, label: spam, when: {keyword: [t2]}}\n",
            "dependent-group",
            "one",
            "`three` and `two`",
            None,
        ),
        (
            "  - {name: list, label: spam, when: {keyword: [s3, s4, late]}}\n",
            "doubtful-term",
            "list",
            "“late”",
            Some(Action::Split),
        ),
    ];
    let rows = rows(4000);
    for (more, code, lf, says, todo) in cases {
        let report = report(SPAM, false, more, &rows);
        let all = found(&report, code);
        let Some(finding) = all.first() else {
            panic!("{code} is not found for {more}: {:#?}", report.findings);
        };
        assert_eq!(finding.lf.as_deref(), Some(lf), "{finding:?}");
        assert!(finding.message.contains(says), "{finding:?}");
        assert_eq!(all.len(), 1, "{all:?}");
        if let Some(todo) = todo {
            assert_eq!(action(&report, lf), todo, "{:?}", report.lfs.last().map(|lf| &lf.verdict));
        }
        for honest in ["ham-0", "ham-1", "ham-2"].iter().filter(|name| **name != lf) {
            assert_eq!(action(&report, honest), Action::Keep, "{honest} beside {lf}");
        }
    }
}

#[test]
fn the_bad_term_is_the_only_doubtful_one() {
    let more = "  - {name: list, label: spam, when: {keyword: [s3, s4, late]}}\n";
    for gold in [false, true] {
        let report = report(SPAM, gold, more, &rows(4000));
        let terms = report.lfs.last().and_then(|lf| lf.terms.as_ref()).expect("terms");
        let doubtful =
            terms.terms.iter().filter(|term| term.doubtful).map(|term| term.term.as_str());
        assert_eq!(doubtful.collect::<Vec<_>>(), ["late"], "{terms:?}");
        let verdict = report.lfs.last().and_then(|lf| lf.verdict.as_ref()).expect("a verdict");
        assert_eq!(verdict.terms, ["late"]);
    }
}

#[test]
fn a_class_without_labeling_functions_is_named() {
    let report = report("spam, ham, phishing", false, "", &rows(2000));
    let found = found(&report, "label-without-votes");
    assert!(found.len() == 1 && found[0].message.contains("`phishing`"), "{found:?}");
}

#[test]
fn gold_labels_that_contradict_a_labeling_function_are_said() {
    let more = "  - {name: guess, label: spam, when: {keyword: [late]}}\n";
    let report = report(SPAM, true, more, &rows(4000));
    let found = found(&report, "wrong-on-gold");
    assert!(found.len() == 1 && found[0].lf.as_deref() == Some("guess"), "{found:?}");
    assert_eq!(action(&report, "guess"), Action::Retire);
    let proof = &report.lfs.last().and_then(|lf| lf.verdict.as_ref()).expect("a verdict").proof;
    assert!(proof.iter().any(|&at| report.examples.rows[at].gold.as_deref() == Some("ham")));
}

#[test]
fn nothing_known_asks_for_hand_labels() {
    let mut spec = "spec: 1\nlabels: [spam, ham]\nlfs:\n".to_owned();
    spec += "  - {name: lone, label: spam, when: {keyword: [lonely]}}\n";
    spec += "  - {name: ham, label: ham, when: {keyword: [h0]}}\n";
    let rows: Vec<String> =
        (0..400).map(|row| if row % 4 == 0 { "lonely" } else { "h0" }.to_owned()).collect();
    let job = Job::new(&Spec::from_yaml(&spec, "spec.yaml").expect("a spec")).expect("compiles");
    let table = Table::new().text("text", rows.iter().map(|text| Some(text.as_str())));
    let mut source = table.open(&job.lfs.fields()).expect("opens");
    let outcome = job.run(source.as_mut(), &Unwatched).expect("it runs");
    let verdict = outcome.report.lfs[0].verdict.as_ref().expect("a verdict");
    assert_eq!(verdict.action, Action::NeedsLabels, "{verdict:?}");
    // 96 for ± 10 points at one half, of 100 rows: 96 / (1 + 95 / 100).
    assert_eq!(verdict.labels, Some(50));
}

#[test]
fn a_thousand_labeling_functions_and_hostile_rows_make_a_small_safe_page() {
    let mut rows = rows(600);
    for (at, text) in rows.texts.iter_mut().enumerate() {
        *text += " <script>alert(1)</script><img src=x onerror=alert(1)> \u{202e}\u{1b}[31m";
        *text += &format!(" w{} w{}", at % 500, (at * 7) % 500);
    }
    let more: String = (0..994)
        .map(|at| {
            let label = if at % 2 == 0 { "spam" } else { "ham" };
            format!(
                "  - {{name: lf-{at}, label: {label}, when: {{keyword: [w{}, s{}]}}}}\n",
                at / 2,
                at % 6
            )
        })
        .collect();
    let report = report(SPAM, false, &more, &rows);
    assert_eq!(report.lfs.len(), 1000);
    assert!(report.lfs.iter().all(|lf| lf.verdict.is_some()));
    let page = html(&report);
    assert!(page.len() <= 2_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<script").count(), 1, "our own");
    assert!(!page.contains("<img") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

/// Rows that are others when they are read again are not shown, whatever their votes are.
#[test]
fn rows_that_were_edited_between_the_passes_are_not_shown() {
    let spec = "spec: 1\nlabels: [a, b]\nlfs:\n  - {name: one, label: a, when: {keyword: [x]}}\n  \
                - {name: two, label: b, when: {keyword: [y]}}\n";
    let job = Job::new(&Spec::from_yaml(spec, "spec.yaml").expect("a spec")).expect("it compiles");
    let table = |word: &str| {
        let text = |row: usize| format!("{} {word}", ["x", "y", "z"][row % 3]);
        Table::new().text("text", (0..30).map(|row| Some(text(row))))
    };
    let mut source = table("then").open(&job.lfs.fields()).expect("the column is there");
    let mut outcome = job.run(source.as_mut(), &Unwatched).expect("it runs");
    job.illustrate(&mut outcome, &table("now"), Privacy::Full).expect("it can be read");
    let examples = &outcome.report.examples;
    assert!(examples.rows.is_empty(), "{:?}", examples.rows.first());
    assert!(
        examples.note.as_ref().is_some_and(|note| note.contains("no longer what had been")),
        "{examples:?}"
    );
    job.illustrate(&mut outcome, &table("then"), Privacy::Full).expect("it can be read");
    assert!(!outcome.report.examples.rows.is_empty());
}
