//! The statistics of a matrix small enough to check by hand.

use jurat::input::{Files, ReadError};
use jurat::model::{Decision, Supervision, by_name};
use jurat::report::{Evidence, Report, Share};
use jurat::votes::KnownLabels;
use jurat::votes::{VotesFile, VotesOptions};
use jurat::{ClassId, LabelMatrix, Names, Patterns};

/// Rows by six LFs over three classes, with gold labels 0, 1, 2, 0, 1, 2.
const ROWS: [[&str; 6]; 6] = [
    ["-", "-", "0", "-", "-", "0"],
    ["-", "-", "-", "2", "-", "-"],
    ["2", "-", "-", "-", "-", "0"],
    ["1", "-", "2", "-", "0", "0"],
    ["-", "-", "-", "-", "-", "-"],
    ["1", "-", "0", "2", "1", "0"],
];

fn report() -> Report {
    let rows: Vec<Vec<Option<usize>>> =
        ROWS.iter().map(|row| row.iter().map(|vote| vote.parse().ok()).collect()).collect();
    let names = Names::new((0..6).map(|j| format!("lf{j}")), ["a", "b", "c"]).expect("names");
    let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("valid"));
    let model = by_name("majority", &[]).expect("defaults");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let labels = model.label(&votes);
    let gold: Vec<Option<ClassId>> = [0, 1, 2, 0, 1, 2].map(ClassId::new).to_vec();
    Report::new(&Evidence {
        votes: &votes,
        model: &model,
        labels: &labels,
        decision: &Decision::default(),
        balance: None,
        known: &KnownLabels::count(&votes, Some(&gold), None),
        groups: None,
        uncertainty: None,
        notes: &[],
        about: &[],
    })
}

#[test]
fn rows_and_labeling_functions() {
    let report = report();
    let rows = &report.rows;
    assert_eq!(
        [rows.coverage, rows.overlap, rows.conflict],
        [Share::new(5, 6), Share::new(4, 6), Share::new(3, 6)]
    );
    let of_lfs = |pick: &dyn Fn(&jurat::report::LfReport) -> Share| -> Vec<(u64, u64)> {
        report.lfs.iter().map(pick).map(|share| (share.count, share.of)).collect()
    };
    assert_eq!(of_lfs(&|lf| lf.coverage), [(3, 6), (0, 6), (3, 6), (2, 6), (2, 6), (4, 6)]);
    assert_eq!(of_lfs(&|lf| lf.overlap), [(3, 3), (0, 0), (3, 3), (1, 2), (2, 2), (4, 4)]);
    assert_eq!(of_lfs(&|lf| lf.overlap_of_rows), [3, 0, 3, 1, 2, 4].map(|n| (n, 6)));
    assert_eq!(of_lfs(&|lf| lf.conflict), [(3, 3), (0, 0), (2, 3), (1, 2), (2, 2), (3, 4)]);
    assert_eq!(of_lfs(&|lf| lf.conflict_of_rows), [3, 0, 2, 1, 2, 3].map(|n| (n, 6)));
    let precision: Vec<_> =
        report.lfs.iter().map(|lf| lf.precision.map(|p| (p.correct, p.n))).collect();
    assert_eq!(
        precision,
        [Some((1, 3)), None, Some((1, 3)), Some((1, 2)), Some((1, 2)), Some((2, 4))]
    );
    assert_eq!(report.votes_per_row, [1, 1, 2, 0, 1, 1]);
}

#[test]
fn an_lf_without_votes_shows_no_number() {
    let report = report();
    let silent = &report.lfs[1];
    assert_eq!(
        (silent.learned_accuracy, silent.precision, silent.overlap.share),
        (None, None, None)
    );
    let style = jurat::report::Style {
        width: 100,
        color: false,
        denominator: jurat::report::Denominator::Votes,
    };
    let text = jurat::report::terminal(&report, style);
    let line = text.lines().find(|line| line.contains("│ lf1")).expect("a line for lf1");
    assert!(line.matches('—').count() >= 4 && !line.contains("NaN"), "{line}");
    assert!(
        report.findings.iter().any(|f| f.code == "never-votes" && f.lf.as_deref() == Some("lf1"))
    );
}

/// By hand: majority vote gives a, c, tie of c and a, a, nothing, tie of b and a over c.
#[test]
fn scores_against_gold() {
    let gold = report().gold.expect("gold");
    assert_eq!(gold.rows, 6);
    // Right: row 0 in full, row 1 not at all, row 2 half, row 3 in full, row 4 one in three, row 5
    // not at all (b and a tie).
    assert!((gold.majority.accuracy - (1.0 + 0.5 + 1.0 + 1.0 / 3.0) / 6.0).abs() < 1e-12);
    assert!((gold.majority.accuracy_covered.expect("covered") - 2.5 / 5.0).abs() < 1e-12);
    assert_eq!(gold.majority.labeled, Share::new(2, 3));
    assert_eq!(gold.labels, gold.majority, "the model is majority vote");
}

#[test]
fn a_report_survives_json_and_shows_both_denominators() {
    let report = report();
    let json = report.to_json().expect("finite");
    assert_eq!(Report::from_json(&json).expect("valid"), report);
    for key in ["overlap", "overlap_of_rows", "conflict", "conflict_of_rows"] {
        assert!(json.contains(&format!("\"{key}\"")), "{key}");
    }
    let markdown = jurat::report::markdown(&report);
    assert!(
        markdown.contains("| lf3 | c | 33.3 % | 50.0 % | 16.7 % | 50.0 % | 16.7 % |"),
        "{markdown}"
    );
}

#[test]
fn votes_from_a_file_become_the_same_matrix() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("votes.csv");
    let mut text = String::from("id,lf:one,lf:two,gold,other\n");
    text += "x,spam,,ham,1\ny,,ham,,2\nz,,,spam,3\n";
    std::fs::write(&path, text).expect("written");
    let files = Files::new([path.to_string_lossy()]).expect("a file");
    let options = VotesOptions {
        id: Some("id".to_owned()),
        gold: Some("gold".to_owned()),
        ..VotesOptions::default()
    };
    let votes = VotesFile::read(&files, &options).expect("valid");
    assert_eq!(votes.matrix.names().classes, ["ham", "spam"]);
    assert_eq!(votes.matrix.names().lfs, ["one", "two"]);
    let class = ClassId::new;
    assert_eq!(votes.gold, Some(vec![class(0), None, class(1)]));
    assert_eq!(
        (votes.matrix.row(0)[0].choice, votes.matrix.row(1)[0].choice),
        (class(1).expect("in range").into(), class(0).expect("in range").into())
    );
    assert!(votes.matrix.row(2).is_empty());
    let fixed = VotesOptions { labels: Some(vec!["spam".into(), "eggs".into()]), ..options };
    let error = VotesFile::read(&files, &fixed).expect_err("ham is not a label");
    assert!(
        matches!(&error, ReadError::UnknownLabel { row: 0, value, .. } if value == "ham"),
        "{error}"
    );
    let none = VotesOptions { prefix: "vote_".to_owned(), ..VotesOptions::default() };
    assert!(VotesFile::read(&files, &none).is_err());
}
