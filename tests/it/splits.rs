//! Splits by `jurat sample`: nobody and nothing is in two parts.
#![cfg(feature = "cli")]

use crate::cli::Folder;
use crate::sample::{read, ready, table, visits};
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a split, with the rows of each.
fn parts(text: &str) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut parts: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in table(text) {
        parts.entry(row["split"].clone()).or_default().push(row);
    }
    parts
}

#[test]
fn a_split_keeps_groups_together() {
    let folder = ready();
    let split = |more: &[&str]| {
        let base = [
            "sample",
            "visits.csv",
            "--dev",
            "6",
            "--valid",
            "20%",
            "--test",
            "20%",
            "--group",
            "person",
        ];
        let arguments: Vec<&str> = base.iter().chain(more).copied().collect();
        folder.run(&arguments).code(0).out
    };
    let whole = split(&[]);
    let by_part = parts(&whole);
    let people = |part: &str| -> BTreeSet<String> {
        by_part[part].iter().map(|row| row["person"].clone()).collect()
    };
    assert_eq!(by_part["dev"].len(), 6, "two people with three visits each");
    let n_people: usize = by_part.keys().map(|part| people(part).len()).sum();
    assert_eq!(n_people, 20, "nobody is in two parts");
    assert_eq!(by_part.values().map(Vec::len).sum::<usize>(), 60);
    // Whole groups may leave nothing for a part, which is said.
    folder
        .run(&["sample", "visits.csv", "--valid", "1%", "--test", "40%", "--group", "ward"])
        .code(0)
        .says(&["valid has no rows: the rows are few, or their groups are large"]);
    // A part in a file each has the same rows.
    split(&["-o", "v-{split}.csv"]);
    assert_eq!(
        folder.names(),
        ["v-dev.csv", "v-test.csv", "v-train.csv", "v-valid.csv", "visits.csv"]
    );
    for (part, rows) in &by_part {
        let of_file = table(&read(&folder, &format!("v-{part}.csv")));
        let ids = |rows: &[BTreeMap<String, String>]| -> Vec<String> {
            rows.iter().map(|row| row["id"].clone()).collect()
        };
        assert_eq!(ids(&of_file), ids(rows));
        assert!(of_file.iter().all(|row| !row.contains_key("split")));
    }
}

#[test]
fn a_group_stays_where_it_is_when_rows_are_added() {
    let folder = ready();
    let of_person = |data: &str| -> BTreeMap<String, String> {
        let ran = folder
            .run(&["sample", data, "--valid", "25%", "--test", "25%", "--group", "person"])
            .code(0);
        table(&ran.out)
            .into_iter()
            .map(|row| (row["person"].clone(), row["split"].clone()))
            .collect()
    };
    let before = of_person("visits.csv");
    let mut more: Vec<String> = visits().lines().map(str::to_owned).collect();
    more[1..].reverse();
    more.extend((0..40).map(|row| format!("w{row},q{row},a,2025-01-01,1,new")));
    folder.write("more.csv", &(more.join("\n") + "\n"));
    let after = of_person("more.csv");
    assert!(before.iter().all(|(person, part)| after[person] == *part));
    assert_eq!(after.len(), 60);
    let n_parts = before.values().collect::<BTreeSet<_>>().len();
    assert_eq!(n_parts, 3);
}

#[test]
fn later_rows_are_for_test_and_nothing_leaks() {
    let folder = ready();
    let ran = folder
        .run(&["sample", "visits.csv", "--valid", "10%", "--test", "20%", "--time", "day"])
        .code(0);
    let by_part = parts(&ran.out);
    let days = |part: &str| by_part[part].iter().map(|row| row["day"].as_str());
    assert_eq!(
        (by_part["train"].len(), by_part["valid"].len(), by_part["test"].len()),
        (42, 6, 12)
    );
    assert!(days("train").max() < days("valid").min() && days("valid").max() < days("test").min());
    // Every person comes at three times; whoever comes in the last period is in it with all visits.
    let ran = folder
        .run(&["sample", "visits.csv", "--test", "10%", "--time", "day", "--group", "person"])
        .code(0)
        .says(&["rows are in a later part than their time says, with later rows of their group"]);
    let by_part = parts(&ran.out);
    let people = |part: &str| -> BTreeSet<&str> {
        by_part[part].iter().map(|row| row["person"].as_str()).collect()
    };
    assert!(people("train").is_disjoint(&people("test")));
    let latest = |part: &str| {
        let mut latest = BTreeMap::new();
        for row in &by_part[part] {
            let day = latest.entry(row["person"].as_str()).or_insert("");
            *day = row["day"].as_str().max(*day);
        }
        latest
    };
    assert!(latest("train").values().max() < latest("test").values().min());
    // Rows of one day stay together, in the later part.
    folder.write("ties.csv", "d\n2024-01-01\n2024-01-01\n2024-01-02\n2024-01-02\n2024-01-02\n");
    let ran = folder.run(&["sample", "ties.csv", "--test", "1", "--time", "d"]).code(0);
    assert_eq!(parts(&ran.out)["test"].len(), 3);
    folder
        .run(&["sample", "ties.csv", "--valid", "1", "--test", "1", "--time", "d"])
        .code(3)
        .says(&["no rows are left for valid", "rows with the same time stay together"]);
}

#[test]
fn texts_in_two_parts_are_found_or_kept_together() {
    let folder = Folder::new();
    let mut csv = "who,text\n".to_owned();
    for row in 0..200 {
        let word: String =
            (0..3).map(|at| char::from(b'a' + ((row / 4) / [1, 7, 49][at] % 7) as u8)).collect();
        let text = [
            format!("Case {word}"),
            format!("case  {word}"),
            format!("case {word}!"),
            format!("other {word} {row}"),
        ];
        csv.push_str(&format!("{},{}\n", row / 2, text[row % 4]));
    }
    folder.write("texts.csv", &csv);
    let base = ["sample", "texts.csv", "--test", "30%", "--text", "text", "-o", "out.csv"];
    let split = |more: &[&str]| {
        let arguments: Vec<&str> = base.iter().chain(more).copied().collect();
        folder.run(&arguments)
    };
    split(&[]).code(0).says(&["in more than one part: ", ": equal", "say --keep-together exact"]);
    split(&["--fail-on-duplicates"]).code(1);
    assert_eq!(table(&read(&folder, "out.csv")).len(), 200, "written all the same");
    split(&["--keep-together", "exact", "--fail-on-duplicates"])
        .code(0)
        .says(&["say --keep-together near"]);
    split(&["--keep-together", "exact", "--fail-on-duplicates=near"])
        .code(1)
        .says(&["the same letters"]);
    split(&["--keep-together", "near", "--fail-on-duplicates=near"])
        .code(0)
        .says(&["no text is in more than one part"]);
    // Groups besides: rows 4k and 4k + 1 have one text and one person, 4k + 2 another person and nearly the text.
    let both = ["--keep-together", "near", "--group", "who", "--fail-on-duplicates=near"];
    split(&both).code(0);
    let by_part = parts(&read(&folder, "out.csv"));
    let who = |part: &str| -> BTreeSet<&str> {
        by_part[part].iter().map(|row| row["who"].as_str()).collect()
    };
    assert!(who("train").is_disjoint(&who("test")));
    assert!(by_part["test"].len() > 10);
}
