//! Which rows are chosen for labeling by hand, and how they are written.

use jurat::model::{Supervision, by_name};
use jurat::review::{
    Basis, Chosen, Committee, Plan, Strategy, choose, conflict, disagreement, uncertainty,
};
use jurat::{LabelMatrix, LfId, Names, Patterns};

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
    };
    let chosen = choose(&basis, &plan(40, &Strategy::ALL, 7));
    assert_eq!(chosen.len(), 40);
    assert!(chosen.iter().all(|one| one.row % 2 == 1));
    let mut rows: Vec<u64> = chosen.iter().map(|one| one.row).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), 40, "no row twice");
    for strategy in Strategy::ALL {
        let n =
            chosen.iter().filter(|one| one.why.iter().any(|why| why.strategy == strategy)).count();
        assert!(n >= 3, "{strategy}: {n}");
    }
    let checked: Vec<&str> =
        chosen.iter().flat_map(|one| &one.why).filter_map(|why| why.lf.as_deref()).collect();
    for lf in ["lf0", "lf1", "lf2"] {
        assert!(checked.iter().filter(|name| **name == lf).count() >= 4, "{checked:?}");
    }
    assert!(choose(&basis, &plan(0, &Strategy::ALL, 7)).is_empty());
    let all = choose(&basis, &plan(1000, &[Strategy::Random], 7));
    assert_eq!(all.len(), 435, "all that are left");
}

#[test]
fn a_misspelled_strategy_is_named() {
    let error = "comittee".parse::<Strategy>().expect_err("unknown");
    assert!(error.contains("did you mean `committee`?"), "{error}");
}
