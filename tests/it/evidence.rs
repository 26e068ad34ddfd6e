//! What labeling functions found in a row: places in the text as it is, whatever was folded.

use jurat::input::{Field, Files, Pick, Table};
use jurat::{LfSet, Spec};
use proptest::prelude::*;

fn set(when: &str) -> LfSet {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("t.csv"), "key,label\nyork,a\nnaïve,b\n").expect("written");
    let text = format!(
        "spec: 1\nlabels: [a, b]\nlookups: {{places: {{file: t.csv, key: key, label: label}}}}\n\
         utils: {{x: {{keyword: [x-ray]}}}}\nlfs: [{{name: one, {when}}}]\n"
    );
    let spec = Spec::from_yaml(&text, &folder.path().join("s.yaml").to_string_lossy());
    LfSet::compile(&spec.expect("a spec")).expect("it compiles")
}

/// The text with brackets around what was found.
fn marked(lfs: &LfSet, text: &str) -> String {
    let table = Table::new().text("text", [Some(text)]).number("p", [Some(0.9)]);
    let mut source = table.open(&lfs.fields()).expect("the columns are there");
    let batch = source.next_batch().expect("readable").expect("a row");
    let evidence = lfs.evidence(&batch).expect("no labels are known");
    let mut out = String::new();
    let mut at = 0;
    for hit in &evidence.hits[0] {
        let (start, end) = hit.place.unwrap_or((0, text.len()));
        out += &text[at..start];
        out += &format!("[{}]", &text[start..end]);
        at = end;
    }
    out + &text[at..]
}

#[test]
fn what_was_found_is_marked_where_it_stands() {
    for (when, text, wanted) in [
        ("label: a, when: {keyword: [cat]}", "A CAT and a concat", "A [CAT] and a concat"),
        ("label: a, when: {keyword: [strasse]}", "die Straße, STRASSE", "die [Straße], [STRASSE]"),
        ("label: a, when: {keyword: [new york]}", "ünder NEW YORK!", "ünder [NEW YORK]!"),
        ("label: a, when: {keyword: [é]}", "e\u{301} xé é", "[e\u{301}] xé [é]"),
        ("label: a, when: {keyword: {any: [at], word: false}}", "that Ünd at", "th[at] Ünd [at]"),
        ("label: a, when: {regex: 'c+'}", "abccd c", "ab[cc]d [c]"),
        ("label: a, when: {regex: {fails_to_match: 'z'}}", "abc", "abc"),
        ("label: a, when: {not: {keyword: [z]}}", "abc", "abc"),
        ("label: a, when: {matches: x}", "an X-ray", "an [X-ray]"),
        ("label: a, when: {all: [{keyword: [b]}, {regex: 'd'}]}", "a b c d", "a [b] c [d]"),
        ("label: a, when: {keyword: [b]}, unless: {keyword: [c]}", "a b c", "a b c"),
        ("votes: [{label: a, when: {keyword: [b]}}, {label: b, when: {keyword: [c]}}]", "c", "[c]"),
        ("label: a, when: {model: {column: p, at_least: 0.5}}", "abc", "[abc]"),
        ("label: a, when: {model: {column: p, at_least: 0.95}}", "abc", "abc"),
        ("label: a, when: {expr: 'length(text) > 2'}", "abc", "[abc]"),
        ("label: a, when: {expr: 'length(text) > 3'}", "abc", "abc"),
    ] {
        assert_eq!(marked(&set(when), text), wanted, "{when}");
    }
}

/// What stands in no cell is said in words.
#[test]
fn what_was_found_is_said() {
    let lfs = set(
        "when: {feedback: {event: sold, outcome: returned, within: 30d, as_of: 2026-06-30, labels: {came: a, absent: b}}}",
    );
    for (returned, wanted) in [
        (Some("2026-05-13"), Some("`returned` is 12 days after `sold`, within 30 days")),
        (
            Some("2026-06-10 12:00"),
            Some("`returned` is 40.5 days after `sold`, not within 30 days"),
        ),
        (None, Some("no `returned` within 30 days after `sold`, as known on 2026-06-30")),
        (Some("2026-04-01"), None),
    ] {
        let table = Table::new()
            .text("sold", [Some("2026-05-01")])
            .text("returned", [returned])
            .text("text", [None::<&str>]);
        let mut source = table.open(&lfs.fields()).expect("the columns are there");
        let batch = source.next_batch().expect("readable").expect("a row");
        let evidence = lfs.evidence(&batch).expect("no labels are known");
        let said: Vec<&str> =
            evidence.remarks[0].iter().map(|(_, remark)| remark.as_str()).collect();
        assert_eq!(said, wanted.into_iter().collect::<Vec<_>>(), "{returned:?}");
        // A date that was compared is no term to count.
        assert!(evidence.hits[0].iter().all(|hit| hit.term.is_none()), "{returned:?}");
    }
}

proptest! {
    /// A keyword or pattern that votes has found something, and what it found is what it looks for.
    #[test]
    fn a_vote_has_a_place(text in "[a-cé ßA-C]{0,20}", term in "[a-cé]{1,2}") {
        for when in [format!("keyword: ['{term}']"), format!("regex: '{term}'")] {
            let lfs = set(&format!("label: a, when: {{{when}}}"));
            let table = Table::new().text("text", [Some(text.as_str())]);
            let batch = table.open(&lfs.fields()).expect("opens").next_batch().expect("reads");
            let evidence = lfs.evidence(&batch.expect("a row")).expect("no labels are known");
            prop_assert_eq!(evidence.votes.n_votes() == 0, evidence.hits[0].is_empty());
            for hit in &evidence.hits[0] {
                let (start, end) = hit.place.expect("a place");
                prop_assert_eq!(text[start..end].to_lowercase(), term.clone());
                prop_assert_eq!(hit.term.as_deref(), Some(term.as_str()));
            }
        }
    }

    /// Rows that are picked are those that reading all of them gives, in every format.
    #[test]
    fn picked_rows_are_the_rows(cells in prop::collection::vec(prop::option::of("[a-zé,\"]{0,6}"), 1..40), picks in prop::collection::btree_set(0..60_u64, 0..12)) {
        let folder = tempfile::tempdir().expect("a folder");
        let half = cells.len() / 2;
        let json = |cells: &[Option<String>]| -> String {
            let line = |cell: &Option<String>| format!("{}\n", serde_json::json!({"text": cell, "n": 1.5}));
            cells.iter().map(line).collect()
        };
        let mut paths = Vec::new();
        for (name, part) in [("a.jsonl", &cells[..half]), ("b.jsonl", &cells[half..])] {
            if !part.is_empty() {
                let path = folder.path().join(name);
                std::fs::write(&path, json(part)).expect("written");
                paths.push(path.to_string_lossy().into_owned());
            }
        }
        let fields = [Field::text("text"), Field::number("n")];
        let picks: Vec<u64> = picks.into_iter().collect();
        let picked = Files::new(&paths).expect("files").pick(&fields, &picks).expect("picked");
        let wanted: Vec<u64> = picks.iter().copied().filter(|&row| row < cells.len() as u64).collect();
        prop_assert_eq!(&picked.rows, &wanted);
        let first = jurat::FieldId::new(0).expect("a field");
        for (at, row) in picked.rows.iter().enumerate() {
            prop_assert_eq!(picked.batch.text(first, at), cells[*row as usize].as_deref());
        }
    }
}

#[test]
fn an_exact_key_is_the_whole_cell_and_a_table_marks_its_keys() {
    let lookup = |form: &str| set(&format!("when: {{lookup: {{table: places, match: {form}}}}}"));
    assert_eq!(marked(&lookup("exact"), "York"), "[York]");
    assert_eq!(marked(&lookup("occurs"), "in NAI\u{308}VE, sir"), "in [NAI\u{308}VE], sir");
}

#[test]
fn a_pattern_that_is_everywhere_is_noted_some_times() {
    let lfs = set("label: a, when: {regex: 'a'}");
    let text = "a".repeat(100_000);
    let table = Table::new().text("text", [Some(text.as_str())]);
    let batch = table.open(&lfs.fields()).expect("opens").next_batch().expect("reads");
    let evidence = lfs.evidence(&batch.expect("a row")).expect("no labels are known");
    assert_eq!(evidence.hits[0].len(), 50);
}
