//! Which rows are chosen for labeling by hand, and how they are written.

use jurat::model::{Supervision, by_name};
use jurat::review::{
    Basis, Best, Chosen, Committee, Plan, Rated, Strategy, Taught, choose, conflict, disagreement,
    entropy, information, mutual_information, uncertainty,
};
use jurat::{ClassId, LabelMatrix, LfId, Names, Patterns};
use ndarray::{ArrayView1, arr1};
use std::collections::BTreeMap;
use std::f64::consts::LN_2;

fn votes(n_lfs: usize, rows: &[(usize, Vec<Option<usize>>)]) -> Patterns {
    let names = (0..n_lfs).map(|lf| format!("lf{lf}"));
    let names = Names::new(names, ["a", "b"]).expect("names");
    let rows: Vec<_> =
        rows.iter().flat_map(|(n, row)| std::iter::repeat_n(row.clone(), *n)).collect();
    Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("votes"))
}

fn plan(n: usize, by: &[Strategy], seed: u64) -> Plan {
    Plan { n, by: by.to_vec(), lfs: Vec::new(), seed }
}

/// Patterns: three that agree or are alone, one tie, one without votes.
fn planted() -> Patterns {
    let (a, b) = (Some(0), Some(1));
    votes(
        3,
        &[
            (400, vec![a, a, a]),
            (300, vec![b, b, b]),
            (40, vec![a, b, None]),
            (30, vec![a, a, b]),
            (100, vec![None, None, None]),
        ],
    )
}

fn of_pattern(votes: &Patterns, wanted: &[Option<usize>]) -> usize {
    let is = |u: &usize| {
        let row = votes.votes(*u);
        (0..votes.n_lfs()).all(|lf| {
            let lf_id = LfId::new(lf).expect("small");
            let vote = row.iter().find(|vote| vote.lf == lf_id).map(|vote| vote.choice.index());
            vote == wanted[lf]
        })
    };
    (0..votes.len()).find(is).expect("a pattern")
}

#[test]
fn the_most_uncertain_and_the_most_contradictory_votes_come_first() {
    let votes = planted();
    let (a, b) = (Some(0), Some(1));
    let model = by_name("majority", &[]).expect("there");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let table = model.label(&votes);
    let uncertainty = uncertainty(&votes, table.table());
    let conflict = conflict(&votes, &model);
    let basis = Basis {
        votes: &votes,
        labeled: &[],
        uncertainty: &uncertainty,
        conflict: &conflict,
        disagreement: &[],
        check: &[],
        table: None,
        taught: &Taught::default(),
    };
    let tie = of_pattern(&votes, &[a, b, None]);
    let chosen = choose(&basis, &plan(10, &[Strategy::Uncertain], 0));
    assert!(!chosen.is_empty() && chosen[0].pattern == tie, "{chosen:?}");
    assert!(chosen.len() <= 3, "rows with the same votes are few: {chosen:?}");
    let two = of_pattern(&votes, &[a, a, b]);
    let chosen = choose(&basis, &plan(10, &[Strategy::Conflicting], 0));
    assert_eq!(chosen[0].pattern, two, "two against one");
    assert!(chosen.iter().all(|one| [two, tie].contains(&one.pattern)), "{chosen:?}");
    assert_eq!(chosen.len(), 6);
}

#[test]
fn the_committee_points_at_what_its_members_differ_about() {
    // LF 0 is contradicted by everybody: models that learn weights leave majority vote there.
    let (a, b) = (Some(0), Some(1));
    let votes = votes(
        5,
        &[
            (500, vec![None, a, a, a, None]),
            (500, vec![None, b, b, b, None]),
            (300, vec![a, b, b, b, a]),
            (300, vec![b, a, a, a, b]),
            (50, vec![a, None, None, b, a]),
        ],
    );
    let model = by_name("dawid-skene", &[]).expect("there");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let committee = Committee::new(&votes, &model, &Supervision::default());
    assert_eq!(committee.names, ["dawid-skene", "auto", "weighted", "majority"]);
    let disagreement = disagreement(&committee.tables);
    let basis = Basis {
        votes: &votes,
        labeled: &[],
        uncertainty: &[],
        conflict: &[],
        disagreement: &disagreement,
        check: &[],
        table: None,
        taught: &Taught::default(),
    };
    let chosen = choose(&basis, &plan(3, &[Strategy::Committee], 0));
    let planted = of_pattern(&votes, &[a, None, None, b, a]);
    assert_eq!(chosen[0].pattern, planted, "{disagreement:?}");
    // The members' mean is where they are all the same.
    let same =
        jurat::review::disagreement(&[committee.tables[0].clone(), committee.tables[0].clone()]);
    assert!(same.iter().all(|score| *score < 1e-12));
}

/// Pearson's statistic of how often each row came, where `n` of `rows` are drawn without replacement: it
/// has rows − 1 degrees of freedom.
fn chi_square(counts: &[u64], n: usize, rounds: u64) -> f64 {
    let rows = counts.len() as f64;
    let expected = rounds as f64 * n as f64 / rows;
    let variance = expected * (1.0 - n as f64 / rows) * rows / (rows - 1.0);
    counts.iter().map(|&count| (count as f64 - expected).powi(2) / variance).sum()
}

#[test]
fn draws_are_uniform_whatever_else_is_chosen() {
    // The rows of LF 0: 4 with one pattern, 26 with others; 30 rows of others.
    let (a, b) = (Some(0), Some(1));
    let votes =
        votes(2, &[(4, vec![a, a]), (16, vec![a, None]), (10, vec![a, b]), (30, vec![None, b])]);
    let uncertainty: Vec<f64> = (0..votes.len()).map(|u| 1.0 / (u + 1) as f64).collect();
    let check = [LfId::new(0).expect("small")];
    // One row has a label already.
    let mut labeled = vec![false; 60];
    labeled[7] = true;
    let basis = Basis {
        votes: &votes,
        labeled: &labeled,
        uncertainty: &uncertainty,
        conflict: &[],
        disagreement: &[],
        check: &check,
        table: None,
        taught: &Taught::default(),
    };
    let has = |chosen: &Chosen, strategy| chosen.why.iter().any(|why| why.strategy == strategy);
    for by in [
        vec![Strategy::Precision],
        vec![Strategy::Uncertain, Strategy::Precision],
        vec![Strategy::Random],
    ] {
        let strategy = *by.last().expect("one");
        let n_rows = if strategy == Strategy::Random { 60 } else { 30 };
        let mut counts = vec![0_u64; n_rows];
        let mut drawn = 0;
        let rounds = 3000;
        for seed in 0..rounds {
            let chosen = choose(&basis, &plan(6 * by.len(), &by, seed));
            assert_eq!(chosen, choose(&basis, &plan(6 * by.len(), &by, seed)), "the same again");
            for one in chosen.iter().filter(|one| has(one, strategy)) {
                counts[one.row as usize] += 1;
                drawn += 1;
            }
        }
        assert_eq!(counts.remove(7), 0, "it has a label");
        // Draws that another strategy had chosen count too, so that their number varies a little.
        let n = (f64::from(drawn) / rounds as f64).round() as usize;
        let statistic = chi_square(&counts, n, rounds);
        let df = counts.len() as f64 - 1.0;
        // Beyond four standard deviations.
        assert!(statistic < df + 4.0 * (2.0 * df).sqrt(), "{by:?}: {statistic} for {df}");
    }
}

#[test]
fn strategies_take_turns_and_labeled_rows_stay_out() {
    let votes = planted();
    let model = by_name("majority", &[]).expect("there");
    let model = model.fit(&votes, &Supervision::default()).expect("fits");
    let uncertainty = uncertainty(&votes, model.label(&votes).table());
    let conflict = conflict(&votes, &model);
    let labeled: Vec<bool> = (0..870).map(|row| row % 2 == 0).collect();
    let check: Vec<LfId> = (0..3).filter_map(LfId::new).collect();
    let basis = Basis {
        votes: &votes,
        labeled: &labeled,
        uncertainty: &uncertainty,
        conflict: &conflict,
        disagreement: &uncertainty,
        check: &check,
        table: None,
        taught: &Taught::default(),
    };
    let chosen = choose(&basis, &plan(40, &Strategy::usual(false), 7));
    assert_eq!(chosen.len(), 40);
    assert!(chosen.iter().all(|one| one.row % 2 == 1));
    let mut rows: Vec<u64> = chosen.iter().map(|one| one.row).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 40, "no row twice");
    for strategy in Strategy::usual(false) {
        let n =
            chosen.iter().filter(|one| one.why.iter().any(|why| why.strategy == strategy)).count();
        assert!(n >= 3, "{strategy}: {n}");
    }
    let checked: Vec<&str> =
        chosen.iter().flat_map(|one| &one.why).filter_map(|why| why.lf.as_deref()).collect();
    for lf in ["lf0", "lf1", "lf2"] {
        assert!(checked.iter().filter(|name| **name == lf).count() >= 4, "{checked:?}");
    }
    assert!(choose(&basis, &plan(0, &Strategy::usual(false), 7)).is_empty());
    let all = choose(&basis, &plan(1000, &[Strategy::Random], 7));
    assert_eq!(all.len(), 435, "all that are left");
}

#[test]
fn a_misspelled_strategy_is_named() {
    let error = "comittee".parse::<Strategy>().expect_err("unknown");
    assert!(error.contains("did you mean `committee`?"), "{error}");
}

/// By hand, with ln 2 = 0.693147 and H(0.9) = 0.325083.
#[test]
fn information_is_what_members_say_together_beyond_what_each_says() {
    let row = |p: &'static [f64]| ArrayView1::from(p);
    let (spam, ham, open) = (row(&[0.9, 0.1]), row(&[0.1, 0.9]), row(&[0.5, 0.5]));
    let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-6, "{found}");
    near(entropy(spam), 0.325_083);
    near(entropy(open), LN_2);
    near(mutual_information(&[(0.5, spam), (0.5, ham)]), 0.368_064);
    // Nobody knows, and nobody will be right.
    near(mutual_information(&[(0.5, open), (0.5, open)]), 0.0);
    near(mutual_information(&[]), 0.0);
    // Members of 1/2, 1/4 and 1/4: H(0.625) − ln 2 / 4.
    let (sure, other) = (row(&[1.0, 0.0]), row(&[0.0, 1.0]));
    near(information(&[sure], &[other, open]), 0.488_276);
    // Without votes the copies are alone; without copies the label models.
    near(information(&[], &[sure, other]), LN_2);
    near(information(&[spam, ham], &[]), 0.368_064);
    near(information(&[], &[open, open]), 0.0);
}

proptest::proptest! {
    /// The chain rule: between the halves, and within them.
    #[test]
    fn information_adds_up(cells in proptest::collection::vec(0.01_f64..1.0, 15)) {
        let rows: Vec<_> = cells
            .chunks(3)
            .map(|row| arr1(row) / row.iter().sum::<f64>())
            .collect();
        let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
        let (votes, copies) = views.split_at(2);
        let mean = |half: &[ArrayView1<'_, f64>]| {
            half.iter().fold(arr1(&[0.0; 3]), |sum, row| sum + row) / half.len() as f64
        };
        let (one, other) = (mean(votes), mean(copies));
        let between = mutual_information(&[(0.5, one.view()), (0.5, other.view())]);
        let within = f64::midpoint(information(votes, &[]), information(&[], copies));
        let all = information(votes, copies);
        proptest::prop_assert!((all - between - within).abs() < 1e-12);
        proptest::prop_assert!(all >= 0.0 && all <= 3.0_f64.ln());
    }

    /// What is kept of a stream is what sorting all of it gives, in any order of the rows.
    #[test]
    fn the_best_of_a_stream_are_the_best_of_all(
        n in 0_usize..12,
        turn in 0_usize..600,
        rows in proptest::collection::vec((0_u32..6, 0_u64..200, 0_u32..40), 0..600),
    ) {
        let rows: Vec<Rated> = rows
            .iter()
            .enumerate()
            .map(|(at, &(pattern, fingerprint, score))| rated(at as u64, pattern, fingerprint, f64::from(score) / 40.0))
            .collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn.min(rows.len()));
        let best = |rows: &[Rated]| {
            let mut best = Best::new(n, 3);
            rows.iter().for_each(|row| best.offer(*row));
            best.rows()
        };
        let found = best(&rows);
        proptest::prop_assert_eq!(&found, &best(&turned));
        // Of each text the best score, discounted by how many with the same votes come before.
        let mut of_text: BTreeMap<(u32, u64), f64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.score > 0.0) {
            let kept = of_text.entry((row.pattern, row.fingerprint)).or_insert(0.0);
            *kept = kept.max(row.score);
        }
        let mut worth = Vec::new();
        for pattern in 0..6 {
            let mut scores: Vec<f64> =
                of_text.iter().filter(|((of, _), _)| *of == pattern).map(|(_, s)| *s).collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            let again: f64 = if pattern == 0 { 1.0 } else { 0.8 };
            worth.extend(scores.iter().enumerate().map(|(at, s)| s * again.powi(at as i32)));
        }
        worth.sort_by(|a, b| b.total_cmp(a));
        worth.truncate(n);
        proptest::prop_assert_eq!(found.len(), worth.len());
        let mut before: BTreeMap<u32, i32> = BTreeMap::new();
        for (row, worth) in found.iter().zip(worth) {
            let at = before.entry(row.pattern).or_insert(0);
            let own = row.score * if row.covered { 0.8_f64.powi(*at) } else { 1.0 };
            *at += 1;
            proptest::prop_assert!((own - worth).abs() < 1e-9);
        }
    }
}

fn rated(row: u64, pattern: u32, fingerprint: u64, score: f64) -> Rated {
    let class = ClassId::new(1).expect("small");
    Rated { row, pattern, covered: pattern > 0, fingerprint, score, class, probability: 0.88 }
}

#[test]
fn reasons_say_who_thinks_what_and_equal_rows_come_once() {
    let names = Names::new(["lf0"], ["a; (b)", "c"]).expect("names");
    let rows: Vec<_> =
        [vec![None], vec![Some(0)]].into_iter().flat_map(|row| vec![row; 5]).collect();
    let votes = Patterns::count(&LabelMatrix::from_dense(names, &rows).expect("votes"));
    let of = |row: usize| votes.of_row()[row];
    let covered = of(9);
    let table = ndarray::Array2::from_shape_fn((2, 2), |(u, y)| match (u as u32 == covered, y) {
        (true, 0) => 0.75,
        (true, _) => 0.25,
        _ => 0.5,
    });
    let class = ClassId::new(1).expect("small");
    let rated = |row: u64, fingerprint, score| Rated {
        row,
        pattern: of(row as usize),
        covered: row > 4,
        fingerprint,
        score,
        class,
        probability: 0.88,
    };
    let taught = Taught {
        information: vec![rated(7, 70, 0.3), rated(8, 80, 0.2)],
        // Row 9 says what row 7 says.
        contradicted: vec![rated(9, 70, 0.4), rated(8, 80, 0.3)],
        unsure: vec![rated(2, 20, 0.6)],
    };
    let basis = Basis {
        votes: &votes,
        labeled: &[],
        uncertainty: &[],
        conflict: &[],
        disagreement: &[],
        check: &[],
        table: Some(&table),
        taught: &taught,
    };
    let chosen = choose(&basis, &plan(9, &[Strategy::Information, Strategy::Disagreement], 0));
    let why: Vec<(u64, Vec<String>)> = chosen
        .iter()
        .map(|one| (one.row, one.why.iter().map(ToString::to_string).collect()))
        .collect();
    let said = "votes say a, [b] 0.75, classifier says c 0.88";
    let wanted: [(u64, Vec<String>); 3] = [
        (7, vec![format!("information 0.30: {said}")]),
        (8, vec![format!("disagreement 0.30: {said}"), format!("information 0.20: {said}")]),
        (2, vec!["disagreement 0.60: no votes, classifier says c 0.88".to_owned()]),
    ];
    assert_eq!(why, wanted);
}
