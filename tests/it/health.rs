//! Every finding about the health of a fit, on votes that provoke it and on votes that do not.

use super::models::Random;
use super::uncertainty::{annotators, patterns};
use jurat::model::{Decision, Effort, LabelModel, Supervision, Uncertainty, by_name};
use jurat::report::{Denominator, Evidence, Finding, Health, Report, Style, markdown, terminal};
use jurat::votes::KnownLabels;
use jurat::{ClassId, Patterns};

type Rows = Vec<Vec<Option<usize>>>;

/// The checks of this file.
const CODES: [&str; 8] = [
    "majority-as-good",
    "inverted",
    "never-overlaps",
    "few-overlaps",
    "unstable",
    "overrated",
    "underrated",
    "class-share",
];

struct Case<'a> {
    rows: &'a Rows,
    model: &'a str,
    balance: Option<[f64; 2]>,
    gold: Option<&'a [usize]>,
    effort: Effort,
}

impl<'a> Case<'a> {
    fn new(rows: &'a Rows) -> Self {
        Self { rows, model: "auto", balance: None, gold: None, effort: Effort::Off }
    }

    fn report(&self) -> Report {
        let votes: Patterns = patterns(self.rows, 2);
        let model: Box<dyn LabelModel> = by_name(self.model, &[]).expect("defaults");
        let mut known = Supervision::default();
        known.class_balance = self.balance.map(Vec::from);
        let fitted = model.fit(&votes, &known).expect("fits");
        let labels = fitted.label(&votes);
        let decision = Decision::default();
        let gold: Option<Vec<Option<ClassId>>> =
            self.gold.map(|gold| gold.iter().map(|&class| ClassId::new(class)).collect());
        let gold = KnownLabels::count(&votes, gold.as_deref(), None);
        let uncertainty = Uncertainty::new(
            &fitted,
            model.as_ref(),
            &votes,
            &known,
            &decision,
            &gold,
            self.effort,
        )
        .expect("fits");
        Report::new(&Evidence {
            votes: &votes,
            model: &fitted,
            labels: &labels,
            decision: &decision,
            balance: known.class_balance.as_deref(),
            known: &gold,
            groups: None,
            uncertainty: Some(&uncertainty),
            notes: &[],
            about: &[],
        })
    }
}

fn found<'a>(report: &'a Report, code: &str) -> Vec<&'a Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

/// Annotators of different accuracy, whom a model weighs better than a majority does.
fn healthy() -> (Rows, Vec<usize>) {
    annotators(800, &[0.95, 0.9, 0.65, 0.6, 0.7], 0.5, 21)
}

#[test]
fn a_healthy_matrix_is_left_alone() {
    let (rows, truth) = healthy();
    for gold in [None, Some(truth.as_slice())] {
        for effort in [Effort::Off, Effort::Full] {
            let case = Case { gold, effort, balance: Some([0.5, 0.5]), ..Case::new(&rows) };
            let report = case.report();
            let mentioned: Vec<&Finding> =
                report.findings.iter().filter(|f| CODES.contains(&f.code.as_str())).collect();
            assert!(mentioned.is_empty(), "{mentioned:?}");
        }
    }
}

#[test]
fn majority_vote_may_be_as_good() {
    // All are equally good, so that there is nothing to weigh.
    let (rows, truth) = annotators(800, &[0.8, 0.8, 0.8], 0.5, 22);
    let report = Case { model: "anchored", ..Case::new(&rows) }.report();
    assert!(found(&report, "majority-as-good")[0].message.contains("same label on"));
    let last = report.findings.last().expect("one");
    assert_eq!(last.code, "majority-as-good", "a remark comes last");
    assert_eq!(report.health, Health::Good, "and is nothing bad: {:?}", report.findings);
    let gold = Case { model: "anchored", gold: Some(&truth), ..Case::new(&rows) }.report();
    let ours = gold.gold.as_ref().expect("gold");
    let as_good = ours.labels.accuracy_covered <= ours.majority.accuracy_covered;
    assert_eq!(!found(&gold, "majority-as-good").is_empty(), as_good);
    let itself = Case { model: "majority", ..Case::new(&rows) }.report();
    assert!(found(&itself, "majority-as-good").is_empty());
}

#[test]
fn an_inverted_labeling_function_is_named() {
    let (rows, truth) = annotators(800, &[0.9, 0.85, 0.2, 0.8, 0.85], 0.5, 23);
    for model in ["auto", "anchored", "dawid-skene"] {
        let report = Case { model, effort: Effort::Full, ..Case::new(&rows) }.report();
        let named = found(&report, "inverted");
        assert_eq!(named.len(), 1, "{model}: {:?}", report.findings);
        assert_eq!(named[0].lf.as_deref(), Some("lf2"), "{model}");
        assert!(found(&report, "doubted").is_empty() && found(&report, "conflicts").is_empty());
    }
    // With gold it is known to be wrong, and not said twice.
    let report = Case { gold: Some(&truth), ..Case::new(&rows) }.report();
    assert_eq!(found(&report, "wrong-on-gold")[0].lf.as_deref(), Some("lf2"));
    assert!(found(&report, "inverted").is_empty());
}

/// A labeling function that speaks for the rare class is not inverted because it is mostly wrong.
#[test]
fn a_vote_for_a_rare_class_is_not_inverted() {
    let mut random = Random(24);
    let (mut rows, _) = annotators(2000, &[0.9, 0.9, 0.85], 0.9, 24);
    for row in &mut rows {
        let rare = row.iter().flatten().filter(|&&class| class == 1).count() >= 2;
        let fires = random.next() < if rare { 0.6 } else { 0.1 };
        row.push(fires.then_some(1));
    }
    let report = Case::new(&rows).report();
    assert!(found(&report, "inverted").is_empty(), "{:?}", report.findings);
}

#[test]
fn labeling_functions_without_company_are_named() {
    let (mut rows, _) = healthy();
    for (i, row) in rows.iter_mut().enumerate() {
        // Two that only meet each other, and one that meets nobody.
        row.extend([None, None, None]);
        if i % 10 == 0 {
            *row = vec![None; 8];
            row[5] = Some(0);
            row[6] = Some(usize::from(i % 20 == 0));
        } else if i % 10 == 1 {
            *row = vec![None; 8];
            row[7] = Some(0);
        }
    }
    let report = Case::new(&rows).report();
    let alone = found(&report, "never-overlaps");
    assert_eq!(alone.iter().map(|f| f.lf.as_deref()).collect::<Vec<_>>(), [Some("lf7")]);
    let few = &found(&report, "few-overlaps")[0].message;
    assert!(few.starts_with("2 labeling functions (`lf5`, `lf6`) overlap"), "{few}");
    assert!(!few.contains("nobody else"), "{few}");
}

/// Two labeling functions, so that nobody knows who is right.
#[test]
fn two_labeling_functions_are_too_few() {
    let (rows, _) = annotators(400, &[0.9, 0.6], 0.5, 25);
    let report = Case::new(&rows).report();
    let few = &found(&report, "few-overlaps")[0].message;
    assert!(few.ends_with("nobody else votes `c0`, `c1`"), "{few}");
}

#[test]
fn an_unstable_fit_is_named() {
    // Few rows and hardly any signal.
    let (rows, _) = annotators(30, &[0.55, 0.5, 0.52, 0.5, 0.48, 0.5, 0.5], 0.5, 26);
    let report = Case { model: "dawid-skene", effort: Effort::Full, ..Case::new(&rows) }.report();
    assert!(report.model.changed.expect("intervals") > 0.05);
    assert_eq!(found(&report, "unstable").len(), 1, "{:?}", report.findings);
}

#[test]
fn what_the_model_thinks_is_held_against_gold() {
    let (mut rows, truth) = annotators(1000, &[0.8, 0.8, 0.8, 0.9], 0.5, 27);
    // Three that copy each other look better than they are, and the one that does not, worse.
    for row in &mut rows {
        row[1] = row[0];
        row[2] = row[0];
    }
    let report =
        Case { model: "dawid-skene", gold: Some(&truth), effort: Effort::Full, ..Case::new(&rows) }
            .report();
    let named = |code| -> Vec<_> {
        found(&report, code).into_iter().filter_map(|finding| finding.lf.clone()).collect()
    };
    assert_eq!(named("overrated"), ["lf0", "lf1", "lf2"], "{:?}", report.findings);
    assert_eq!(named("underrated"), ["lf3"], "{:?}", report.findings);
}

#[test]
fn a_class_share_that_cannot_be_is_named() {
    // A third labeling function votes the first class everywhere, and so do others too often.
    let (mut rows, truth) = annotators(1000, &[0.9, 0.85, 0.8], 0.3, 28);
    let mut random = Random(29);
    for row in &mut rows {
        for vote in row.iter_mut() {
            if random.next() < 0.6 {
                *vote = Some(0);
            }
        }
    }
    let report = Case { gold: Some(&truth), ..Case::new(&rows) }.report();
    let named = found(&report, "class-share");
    assert!(named[0].message.contains("of the gold rows with votes"), "{named:?}");
    // Told the balance, models match it; one that ignores it is caught.
    let told = Case { balance: Some([0.3, 0.7]), ..Case::new(&rows) }.report();
    assert!(found(&told, "class-share").is_empty(), "{:?}", told.findings);
}

#[test]
fn intervals_and_notes_are_shown() {
    let (rows, truth) = healthy();
    let report = Case { gold: Some(&truth), effort: Effort::Full, ..Case::new(&rows) }.report();
    let lf = &report.lfs[1];
    let (learned, interval) = (lf.learned_accuracy, lf.learned_interval.expect("computed"));
    assert!(learned.is_some_and(|learned| interval.low <= learned && learned <= interval.high));
    let class = &report.classes[0];
    let interval = class.expected_interval.expect("computed");
    assert!(interval.low <= class.expected && class.expected <= interval.high);
    assert!(lf.contribution.expect("computed").accuracy.is_some_and(|points| points > 0.0));
    assert!(!report.model.notes.is_empty() && report.model.replicates == Some(100));
    assert_eq!(Report::from_json(&report.to_json().expect("finite")).expect("valid"), report);
    let note = "Model: ";
    let wide = Style { width: 120, color: false, denominator: Denominator::Votes };
    let text = terminal(&report, wide);
    for part in
        [note, "95 % interval from 100 refits", "Labels that change without", "points on gold"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let narrow = terminal(&report, Style { width: 80, ..wide });
    assert!(!narrow.contains("refits"), "{narrow}");
    let text = markdown(&report);
    assert!(text.contains(note) && text.contains("changes without it"), "{text}");
    let off = Case::new(&rows).report();
    assert!(!off.to_json().expect("finite").contains("interval"));
}

#[cfg(feature = "cli")]
#[test]
fn the_command_line_says_how_much_to_spend() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (rows, _) = annotators(60, &[0.9, 0.8, 0.7], 0.5, 30);
    let mut text = String::from("lf:a,lf:b,lf:c\n");
    for row in &rows {
        let cells = row.iter().map(|vote| vote.map_or("", |class| ["x", "y"][class]));
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(path("votes.csv"), text).expect("written");
    for (effort, replicates) in [("off", None), ("full", Some(100))] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_jurat"))
            .args(["fit", &path("votes.csv"), "-o", &path("out.csv"), "--report", "json"])
            .args(["--labels", "x,y", "--uncertainty", effort])
            .output()
            .expect("it starts");
        let json = String::from_utf8(output.stdout).expect("UTF-8");
        let report = Report::from_json(&json).expect("a report");
        assert_eq!(report.model.replicates, replicates, "{effort}");
        assert_eq!(report.lfs[0].contribution.is_some(), replicates.is_some(), "{effort}");
    }
}
