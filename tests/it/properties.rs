//! What holds for all inputs.

use super::spec_files::specs_in;
use jurat::input::{Column, Table};
use jurat::lf::Applied;
use jurat::{ChoiceId, LfSet, Spec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

/// Letters with a history: case, composition, several capitals, no word characters at all.
fn letters() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a",
        "A",
        "b",
        "B",
        "s",
        "S",
        "ss",
        "ß",
        "ẞ",
        "é",
        "e\u{301}",
        "E",
        "É",
        "\u{301}",
        "σ",
        "ς",
        "Σ",
        "ж",
        "Ж",
        "İ",
        "i",
        "I",
        "ı",
        "ǰ",
        "J\u{30c}",
        "ﬁ",
        "ΐ",
        "Ϊ\u{301}",
        "免",
        "한",
        "1",
        "_",
        " ",
        " ",
        "-",
        "+",
        ".",
        "\n",
        "🙂",
    ])
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(letters(), 0..most).prop_map(|letters| letters.concat())
}

fn keyword() -> impl Strategy<Value = String> {
    text(4).prop_filter("keywords are not blank", |text| !text.trim().is_empty())
}

/// Full folding, the slow and obvious way.
fn fold(text: &str, sensitive: bool) -> String {
    let text: String = text.nfc().collect();
    if sensitive {
        return text;
    }
    let once: String = text.to_lowercase_of_uppercase();
    once.to_lowercase_of_uppercase().nfc().collect()
}

trait Folding {
    fn to_lowercase_of_uppercase(&self) -> String;
}

impl Folding for str {
    fn to_lowercase_of_uppercase(&self) -> String {
        // `ẞ` is its own capital; its small letter has another one.
        let capitals = self.replace('ẞ', "ß").to_uppercase();
        capitals.chars().flat_map(char::to_lowercase).collect()
    }
}

/// How often a keyword stands in a text, at every place it can start.
fn count(text: &str, keyword: &str, word: bool, is_word: &regex::Regex) -> usize {
    let is_word = |letter: Option<char>| {
        letter.is_some_and(|letter| is_word.is_match(letter.encode_utf8(&mut [0; 4])))
    };
    let whole = |start: usize| {
        let (before, after) = (&text[..start], &text[start + keyword.len()..]);
        let left = is_word(keyword.chars().next()) && is_word(before.chars().next_back());
        let right = is_word(keyword.chars().next_back()) && is_word(after.chars().next());
        !left && !right
    };
    let starts = text.char_indices().map(|(start, _)| start);
    starts.filter(|&start| text[start..].starts_with(keyword) && (!word || whole(start))).count()
}

fn apply(lfs: &LfSet, table: &Table) -> Applied {
    let mut source = table.open(&lfs.fields()).expect("the columns are there");
    lfs.apply(source.as_mut()).expect("memory can be read")
}

proptest! {
    #[test]
    fn keywords_are_counted_as_they_stand(
        texts in prop::collection::vec(prop::option::weighted(0.95, text(14)), 1..12),
        keywords in prop::collection::vec(keyword(), 1..4),
        (word, sensitive, every) in any::<(bool, bool, bool)>(),
        min_count in 1_usize..4,
    ) {
        let mut body = json!({
            if every { "all" } else { "any" }: keywords,
            "word": word,
            "case": if sensitive { "sensitive" } else { "insensitive" },
        });
        if !every {
            body["min_count"] = json!(min_count);
        }
        // Another list with the same keywords shares the automaton and must not disturb.
        let spec = json!({
            "spec": 1,
            "labels": ["a", "b"],
            "lfs": [
                {"name": "lf", "label": "a", "when": {"keyword": body}},
                {"name": "other", "label": "b", "when": {"keyword": {
                    "any": keywords, "word": !word, "case": body["case"],
                }}},
            ],
        });
        let spec = Spec::from_yaml(&spec.to_string(), "inline.yaml").expect("a spec");
        let lfs = LfSet::compile(&spec).expect("a set");
        let applied = apply(&lfs, &Table::new().text("text", texts.clone()));
        let is_word = regex::Regex::new(r"^\w$").expect("a pattern");
        let mut folded: Vec<String> = keywords.iter().map(|one| fold(one, sensitive)).collect();
        folded.sort();
        folded.dedup();
        for (row, text) in texts.iter().enumerate() {
            let counts: Vec<usize> = match text {
                Some(text) => {
                    let text = fold(text, sensitive);
                    folded.iter().map(|one| count(&text, one, word, &is_word)).collect()
                }
                None => vec![0; folded.len()],
            };
            let holds = if every {
                counts.iter().all(|&count| count > 0)
            } else {
                counts.iter().sum::<usize>() >= min_count
            };
            let lf = jurat::LfId::new(0).expect("an id");
            let voted = applied.matrix.vote(row, lf).map(ChoiceId::index);
            prop_assert_eq!(voted, holds.then_some(0), "{:?} in {:?}", keywords, text);
        }
    }

    #[test]
    fn broken_specs_are_errors_and_never_a_panic(
        file in any::<Index>(),
        cuts in prop::collection::vec((any::<Index>(), 0_usize..30, pieces()), 1..5),
    ) {
        let files = specs_in(&["lf_specs", "tests/data/errors"]);
        let (path, text) = file.get(&files);
        let mut text = text.clone();
        for (at, length, piece) in cuts {
            let start = boundary(&text, at.index(text.len() + 1));
            let end = boundary(&text, (start + length).min(text.len()));
            text.replace_range(start..end, piece);
        }
        match Spec::from_yaml(&text, path).and_then(|spec| LfSet::compile(&spec)) {
            Ok(lfs) => prop_assert!(!lfs.names().lfs.is_empty()),
            Err(errors) => {
                prop_assert!(!errors.problems().is_empty());
                prop_assert!(errors.render(true).len() > errors.render(false).len());
            }
        }
    }
}

fn pieces() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        "",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "\t",
        "\n",
        "\n  ",
        "é",
        "免",
        "\u{feff}",
        "*a",
        "&a ",
        "|",
        ">\n",
        "#",
        "!!int ",
        "!x ",
        "~",
        "...\n",
        "---\n",
        "%",
        "\r",
        "\0",
        "<<: ",
        "? ",
        ",",
        "spam",
        "lfs:\n",
        "1e999",
        "-0x7",
        "99999999999999999999999",
        "\\",
    ])
}

/// Specs to break, by path: small ones, right and wrong, and the one that says most.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

const ROWS: usize = 25_000;

/// Labeling functions of all sorts, a closure that fails now and then among them.
fn lfs() -> LfSet {
    let text = "spec: 1
labels: [spam, ham]
input: {id: id, gold: gold}
lfs:
  - {name: word, label: spam, when: {keyword: [seven]}, unless: {regex: three}}
  - {name: piece, label: ham, when: {keyword: {any: [e], word: false, min_count: 2}}}
  - {name: score, label: spam, when: {model: {column: p, at_least: 0.5}}}
";
    let spec = Spec::from_yaml(text, "inline.yaml").expect("a spec");
    let lfs = LfSet::compile(&spec).expect("a set");
    let field = jurat::input::Field::text("text");
    let lfs = lfs.with("closure", &[field], |row| {
        let text = row.text("text")?;
        match text {
            "six six" => Some("nobody"),
            _ => (text.len() > 8).then_some("spam"),
        }
    });
    lfs.expect("a new name")
}

/// Rows that say who they are: the words are the digits of the seed and the row.
fn rows(seed: u64, range: std::ops::Range<usize>) -> Table {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let mixed = |row: usize| (row as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let text = |row: usize| {
        let (first, second) = (mixed(row) as usize % 9, mixed(row) as usize / 9 % 10);
        words.get(second).map(|second| format!("{} {second}", words[first]))
    };
    Table::new()
        .text("text", range.clone().map(text))
        .number("p", range.clone().map(|row| (row % 7 != 0).then(|| (row % 10) as f64 / 10.0)))
        .integer("id", range.clone().map(|row| Some(row as i64)))
        .text("gold", range.map(|row| (row % 3 == 0).then_some("ham")))
}

fn with_threads(n: usize, lfs: &LfSet, table: &Table) -> Applied {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
    pool.install(|| apply(lfs, table))
}

fn ids(applied: &Applied) -> Vec<Option<i64>> {
    let integers = applied.ids.iter().flat_map(|piece| match piece {
        Column::Integer(array) => array.iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    integers.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn votes_depend_on_the_row_alone(seed in any::<u64>(), cut in 1..ROWS) {
        let lfs = lfs();
        let whole = with_threads(1, &lfs, &rows(seed, 0..ROWS));
        let parallel = with_threads(8, &lfs, &rows(seed, 0..ROWS));
        prop_assert_eq!(&whole.matrix, &parallel.matrix);
        prop_assert_eq!(&whole.notes, &parallel.notes);
        prop_assert_eq!(&whole.gold, &parallel.gold);
        let wanted: Vec<Option<i64>> = (0..ROWS as i64).map(Some).collect();
        prop_assert_eq!(ids(&whole), &*wanted);
        prop_assert_eq!(ids(&parallel), &*wanted);
        // Cut anywhere, the two parts together are the whole.
        let first = apply(&lfs, &rows(seed, 0..cut));
        let second = apply(&lfs, &rows(seed, cut..ROWS));
        let parts = first.matrix.rows().chain(second.matrix.rows());
        prop_assert!(parts.eq(whole.matrix.rows()));
        for ((first, second), whole) in first.notes.iter().zip(&second.notes).zip(&whole.notes) {
            prop_assert_eq!(first.missing + second.missing, whole.missing);
            prop_assert_eq!(first.failures + second.failures, whole.failures);
        }
    }
}
