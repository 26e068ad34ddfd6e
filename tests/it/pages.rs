//! Reports as one would meet them, in any size, to draw pages of: made from a formula, so that they are
//! always the same.

use jurat::Report;
use serde_json::{Value, json};

const CLASSES: [&str; 3] = ["urgent", "routine", "no show"];
const ROWS: u64 = 10_000;

/// Numbers that look random and are not.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn share(&mut self) -> f64 {
        self.below(1000) as f64 / 1000.0
    }
}

fn share(count: u64, of: u64) -> Value {
    json!({"count": count, "of": of, "share": (of > 0).then(|| count as f64 / of as f64)})
}

fn precision(correct: u64, n: u64) -> Value {
    let p = correct as f64 / n as f64;
    json!({"correct": correct, "n": n, "value": p, "low": (p - 0.1).max(0.0), "high": (p + 0.08).min(1.0)})
}

/// The numbers of so many rows.
fn group(dice: &mut Dice, rows: u64) -> Value {
    let covered = rows - dice.below(rows / 5 + 1);
    let labeled = covered - dice.below(covered / 9 + 1);
    let mut left = labeled;
    let classes: Vec<Value> = CLASSES
        .iter()
        .map(|name| {
            let n = dice.below(left + 1);
            left -= n;
            json!({"name": name, "hard": share(n, labeled), "expected": (covered > 0).then(|| dice.share())})
        })
        .collect();
    let n = rows / 20;
    let right = n - dice.below(n / 2 + 1);
    json!({"rows": share(rows, ROWS), "coverage": share(covered, rows),
        "conflict": share(dice.below(covered + 1), rows), "labeled": share(labeled, rows), "classes": classes,
        "precision": (n > 0).then(|| precision(right, n))})
}

/// A report with everything in it, as JSON.
pub(super) fn report(n_lfs: usize) -> Value {
    let mut dice = Dice(n_lfs as u64);
    let lfs: Vec<Value> = (0..n_lfs).map(|lf| labeling_function(&mut dice, lf, n_lfs)).collect();
    let examples: Vec<Value> = (0..120).map(|row| example(&mut dice, row, n_lfs)).collect();
    let findings: Vec<Value> = (0..n_lfs / 3)
        .map(|i| {
            json!({"code": "conflicts", "lf": name(3 * i), "rows": 900 - i.min(800),
                "message": format!("disagrees with others on 61.0 % of its rows, most often with `{}` (203 rows)", name(i))})
        })
        .collect();
    let shown = n_lfs.min(40);
    let mut cells = Vec::new();
    for first in 0..shown {
        for second in first + 1..shown {
            let both = dice.below(400);
            if both < 60 {
                continue;
            }
            let conflict = if dice.below(3) == 0 { dice.below(both) } else { 0 };
            let examples = if cells.is_empty() { json!([3, 5]) } else { json!([]) };
            cells.push(json!({"first": first, "second": second, "both": both, "conflict": conflict,
                "either": both + dice.below(900), "kappa": 2.0 * dice.share() - 1.0, "examples": examples}));
        }
    }
    let bins = |dice: &mut Dice| -> Vec<Value> {
        (0..10)
            .map(|bin| {
                let gold = if bin < 3 { 0 } else { dice.below(90) };
                let low = f64::from(bin) / 10.0;
                json!({"low": low, "high": f64::from(bin + 1) / 10.0, "rows": if bin < 3 { 0 } else { dice.below(3000) },
                    "gold": gold, "correct": gold as f64 * (low - 0.02), "confidence": gold as f64 * (low + 0.04)})
            })
            .collect()
    };
    let metrics = |dice: &mut Dice| {
        let class = |name: &str| json!({"name": name, "precision": share(70, 90), "recall": share(70, 100), "f1": 0.75});
        let ranking = |positives: u64| {
            let points: Vec<Value> = (1..=20)
                .map(|i| json!({"threshold": 1.0 - i as f64 / 20.0, "true_positives": positives * i.min(15) / 15,
                    "false_positives": (300 - positives) * i / 20}))
                .collect();
            json!({"positives": positives, "negatives": 300 - positives, "roc_auc": 0.61,
                "average_precision": 0.44, "points": points})
        };
        json!({"accuracy": 0.81, "accuracy_covered": 0.86, "labeled": share(258, 300),
            "balanced_accuracy": 0.8, "correlation": 0.62, "rankings": ([100, 121, 79].map(ranking)),
            "classes": CLASSES.map(class), "macro_f1": 0.75, "log_loss": 0.41,
            "confusion": {"counts": [[91, 5, 1, 3], [14, 101, 4, 2], [2, 9, 66, 2]]}, "calibration": bins(dice)})
    };
    let classes: Vec<Value> = CLASSES
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let expected = [1811.7, 5102.2, 2086.1][i];
            json!({"name": name, "hard": ([1702, 5590, 1508][i]), "expected": expected,
                "expected_interval": {"low": expected - 150.0, "high": expected + 140.5},
                "gold": ([100, 121, 79][i]), "balance": ([0.2, 0.55, 0.25][i])})
        })
        .collect();
    let slices: Vec<Value> = ["night", "from abroad", "nobody"]
        .iter()
        .enumerate()
        .map(|(i, slice)| {
            let numbers = group(&mut dice, [1200, 300, 0][i]);
            let difference = |lf: Value, measure: &str| {
                json!({"lf": lf, "measure": measure,
                "inside": share(90, 200), "elsewhere": share(120, 1500)})
            };
            let worse = if i == 0 {
                json!([
                    difference(Value::Null, "coverage"),
                    difference(json!(name(0)), "conflict"),
                    difference(json!(name(n_lfs - 1)), "precision")
                ])
            } else {
                json!([])
            };
            json!({"name": slice, "numbers": numbers, "worse": worse})
        })
        .collect();
    let gate = |subject: Value, measure: &str, limit: f64, status: &str, value: Option<f64>| {
        json!({"gate": {"subject": subject, "measure": measure, "side": ">=", "limit": limit},
            "status": status, "value": value, "reason": "9,000 of 10,000 rows"})
    };
    let gates = [
        gate(json!("all"), "coverage", 0.6, "passed", Some(0.9)),
        gate(json!("all"), "drift", 0.05, "not_checked", None),
        gate(json!({"lf": name(0)}), "precision", 0.805, "failed", Some(0.4125)),
        gate(json!({"slice": "night"}), "labeled", 0.9, "failed", Some(0.5)),
    ];
    let periods: Vec<Value> = (1..=12)
        .map(|month| json!({"name": format!("2025-{month:02}"), "numbers": group(&mut dice, 500 + month)}))
        .collect();
    let of_periods: Vec<Value> = (0..n_lfs)
        .map(|lf| {
            let votes: Vec<u64> = (0..12).map(|_| dice.below(400)).collect();
            let conflicts: Vec<u64> = votes.iter().map(|&n| dice.below(n + 1)).collect();
            json!({"name": name(lf), "votes": votes, "conflicts": conflicts})
        })
        .collect();
    let change = |lf: Value, measure: &str, period: &str, lasting: bool| {
        json!({"difference": {"lf": lf, "measure": measure, "inside": share(30, 900), "elsewhere": share(400, 4000)},
            "period": period, "lasting": lasting})
    };
    let changes = [
        change(json!(name(n_lfs - 1)), "coverage", "2025-07", true),
        change(json!(name(0)), "conflict", "2025-03", false),
        change(Value::Null, "coverage", "2025-11", true),
    ];
    json!({
        "format": "jurat-report-1",
        "headline": [format!("10,000 rows, {n_lfs} labeling functions, 3 labels. 90.0 % of the rows have a vote, 22.1 % have votes that disagree."),
            "8,800 rows have a label; 1,200 have none: 1,000 without votes, 200 tied or unsure."],
        "health": "attention",
        "findings": findings,
        "rows": {"rows": ROWS, "coverage": share(9000, ROWS), "overlap": share(6100, ROWS),
            "conflict": share(2210, ROWS), "labeled": share(8800, ROWS), "tied": share(200, ROWS)},
        "lfs": lfs,
        "votes_per_row": [1000, 2900, 3100, 1800, 800, 300, 90, 10],
        "classes": classes,
        "conflicts": [],
        "dependencies": [{"first": name(1), "second": name(0), "agree": 222, "expected": 49.4, "strength": 0.83, "partial_correlation": 0.41}],
        "matrix": {"lfs": (0..shown).collect::<Vec<_>>(), "left_out": n_lfs - shown, "cells": cells},
        "confidence": bins(&mut dice),
        "gold": {"rows": 300, "labels": metrics(&mut dice), "majority": metrics(&mut dice)},
        "gold_left_out": 12,
        "decision": "the most probable class, at least 50 % sure",
        "model": {"name": "anchored", "rounds": 41, "converged": true, "patterns": 812, "known": 12,
            "notes": ["anchored: accuracies near what `majority` says"], "replicates": 100, "changed": 0.021},
        "examples": {"rows": examples, "privacy": "full"},
        "slices": slices,
        "gates": gates,
        "periods": {"column": "seen_at", "grain": "month", "without_time": share(12, ROWS), "periods": periods,
            "lfs": of_periods, "changes": changes},
        "made": {"jurat": "0.1.0", "started": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:04:09Z", "privacy": "full",
            "files": [{"what": "spec", "path": "triage.yaml", "sha256": "a".repeat(64)}]},
        "profile": {"stages": [["read", 0.21], ["vote", 1.5], ["fit", 0.4]], "elapsed": 1.2, "sample": 1000,
            "lfs": [[name(0), 3.25], [name(1), 0.125]]},
    })
}

pub(super) fn name(lf: usize) -> String {
    const WORDS: [&str; 8] = [
        "chest-pain",
        "refill",
        "old-score",
        "fall-when-old",
        "errand",
        "arrival",
        "long-standing",
        "belly",
    ];
    match lf {
        0..=7 => WORDS[lf].to_owned(),
        _ => format!("{}-{lf}", WORDS[lf % 8]),
    }
}

fn labeling_function(dice: &mut Dice, lf: usize, n_lfs: usize) -> Value {
    let rows = 5 + dice.below(2000);
    let (alone, conflict) = (dice.below(rows / 2 + 1), dice.below(rows / 2 + 1));
    let overlap = rows - alone;
    let n = 20 + dice.below(60);
    let right = dice.below(n);
    let class = CLASSES[lf % 3];
    let term = |dice: &mut Dice, i: usize| {
        let rows = 1 + dice.below(80);
        json!({"term": format!("{} {i}", ["chest pain", "sob", "refill"][i % 3]), "rows": share(rows, 200),
            "conflict": share(dice.below(rows), rows), "learned_accuracy": dice.share(),
            "precision": precision(3, 9), "doubtful": i % 5 == 4})
    };
    let terms: Vec<Value> = (0..lf % 9).map(|i| term(dice, i)).collect();
    let action = ["keep", "narrow", "keep", "split", "retire", "keep", "needs-labels"][lf % 7];
    let learned = dice.share();
    json!({
        "name": name(lf),
        "about": {"why": "Whoever writes so is in pain now", "owner": "dr. meyer", "tags": ["symptoms", "heart"]},
        "votes": [{"label": class, "rows": rows}],
        "coverage": share(rows, ROWS), "alone": share(alone, rows), "agreement": share(overlap - conflict.min(overlap), rows),
        "overlap": share(overlap, rows), "overlap_of_rows": share(overlap, ROWS),
        "conflict": share(conflict.min(overlap), rows), "conflict_of_rows": share(conflict.min(overlap), ROWS),
        "conflicts_most_with": [name((lf + 1) % n_lfs), 3],
        "learned_accuracy": learned, "learned_interval": {"low": learned * 0.9, "high": (learned * 1.1).min(1.0)},
        "contribution": {"flipped": dice.below(90), "lost": dice.below(20), "gained": dice.below(9), "only_it": alone, "accuracy": 0.0125},
        "precision": precision(right, n),
        "missing": 3, "failures": 0, "first_failures": [],
        "terms": {"sampled": share(200.min(rows), rows), "terms": terms, "others": 4},
        "verdict": {"action": action, "reason": format!("it contradicts `{}` on 41.2 % of its rows, and gold labels say that it errs there", name((lf + 2) % n_lfs)),
            "labels": (action == "needs-labels").then_some(30), "terms": ["sob"], "proof": [lf % 100, lf % 100 + 7, lf % 100 + 9]},
    })
}

fn example(dice: &mut Dice, row: usize, n_lfs: usize) -> Value {
    let text = "55 yo man, chest pain since this morning, SOB on stairs; wants a refill of metoprolol, no fever. Señora, \
                she says — it hurts when breathing in. Wife will drive him.";
    let at = |needle: &str, lf: usize| {
        let start = text.find(needle).expect("a part of the text");
        json!({"start": start, "end": start + needle.len(), "lf": lf % n_lfs})
    };
    let first = dice.below(n_lfs as u64) as usize;
    let lfs = [first, first + 1, first + 2];
    let votes: Vec<Value> = if row % 6 == 3 {
        Vec::new()
    } else {
        lfs.iter()
            .map(|&lf| {
                let lf = lf % n_lfs;
                let mut scores = [-0.4, -0.4, -0.4];
                scores[lf % 3] += 0.6 + 2.0 * dice.share();
                json!({"lf": lf, "name": name(lf), "vote": CLASSES[lf % 3], "scores": scores, "flips_to": lf.is_multiple_of(4).then(|| json!({"label": CLASSES[0]}))})
            })
            .collect()
    };
    // What the ledger says adds up.
    let start = [-0.51, 0.5, 0.01];
    let sum = |class: usize| {
        let scores = votes.iter().filter_map(|vote| vote["scores"][class].as_f64());
        start[class] + scores.sum::<f64>()
    };
    let weights = [0, 1, 2].map(|class| sum(class).exp());
    let posterior = weights.map(|weight| weight / weights.iter().sum::<f64>());
    let top = (0..3).max_by(|&one, &other| posterior[one].total_cmp(&posterior[other]));
    let strata = [
        ["wrong", "conflicting"],
        ["conflicting", "proof"],
        ["uncertain", "random"],
        ["uncovered", "random"],
    ];
    json!({
        "row": 37 * row, "id": format!("note-{row:04}"), "strata": (strata[row % 4]), "alike": 1 + dice.below(40),
        "cells": [
            {"column": "text", "text": text, "cut_after": true,
                "marks": if votes.is_empty() { json!([]) } else { json!([at("chest pain since", lfs[0]), at("pain", lfs[1]), at("refill", lfs[2]), at("Señora", lfs[2])]) }},
            {"column": "age", "text": "55"},
            {"column": "unit", "text": null},
        ],
        "ledger": {"prior": [0.2, 0.55, 0.25], "start": start, "votes": votes, "posterior": posterior},
        "label": top.filter(|_| !row.is_multiple_of(5)).map(|top| CLASSES[top]), "gold": row.is_multiple_of(2).then_some(CLASSES[row % 3]),
    })
}

/// The report as a value.
pub(super) fn read(report: &Value) -> Report {
    Report::from_json(&report.to_string()).expect("a report")
}

/// A run of so many labeling functions through the program, with slices, times and gates, as a folder with
/// `out` in it.
#[cfg(feature = "cli")]
pub(super) fn run_of(n_lfs: usize, n_rows: u64) -> super::cli::Folder {
    const CLASS: u64 = 400;
    let mut dice = Dice(7);
    let word = |n: u64| {
        let part = |n: u64| {
            let (first, second) =
                (b"bcdfglmnprstvz"[(n % 14) as usize], b"aeiou"[(n / 14 % 5) as usize]);
            format!("{}{}", char::from(first), char::from(second))
        };
        format!("{}{}", part(n % 70), part(n / 70))
    };
    let mut spec = "spec: 1\nlabels: [urgent, routine, no show]\n\
                    input: {text: text, gold: gold, time: day}\nlfs:\n"
        .to_owned();
    for lf in 0..n_lfs {
        let class = lf as u64 % 3;
        let of = |dice: &mut Dice, class: u64| word(class % 3 * CLASS + dice.below(CLASS));
        let mut words: Vec<String> = (0..2 + lf % 5).map(|_| of(&mut dice, class)).collect();
        words.extend((0..lf % 3).map(|_| of(&mut dice, class + 1)));
        // Some names are as long as people make them.
        let name = match lf % 19 {
            18 => format!("whoever-writes-so-{}-{lf}", "is-in-need-of-help-".repeat(4)),
            _ => format!("{}-{lf}", words[0]),
        };
        spec += &format!(
            "  - {{name: {name}, label: {}, why: {}, when: {{keyword: [{}]}}}}\n",
            CLASSES[class as usize],
            "These words are said by people of this kind and seldom by others",
            words.join(", ")
        );
    }
    spec += "slices:\n  short: {not: {regex: '(?s).{110}'}}\ngates: {coverage: \">= 60%\"}\n";
    let mut data = "text,gold,day\n".to_owned();
    for row in 0..n_rows {
        let class = dice.below(3);
        let mut text: Vec<String> = (0..10 + dice.below(20))
            .map(|_| match dice.below(8) {
                0..=2 => word(class * CLASS + dice.below(CLASS)),
                3 => word((class + 1) % 3 * CLASS + dice.below(CLASS)),
                _ => word(3 * CLASS + dice.below(CLASS)),
            })
            .collect();
        if row % 50 == 0 {
            text.push("a".repeat(300));
        }
        let gold = if row % 5 == 0 { CLASSES[class as usize] } else { "" };
        let (month, day) = (1 + row * 12 / n_rows, 1 + row % 28);
        data += &format!("{},{gold},2025-{month:02}-{day:02}\n", text.join(" "));
    }
    let folder = super::cli::Folder::new();
    folder.write("spec.yaml", &spec);
    folder.write("data.csv", &data);
    folder.run(&["run", "spec.yaml", "data.csv", "-o", "out", "-q"]).code(0);
    folder
}
